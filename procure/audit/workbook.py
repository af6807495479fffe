"""Read a plan workbook back into DataFrames, sheet by sheet, as it stands: nothing is corrected here."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import pandas as pd
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["read_plan"]

#: What openpyxl raises on files that are no workbooks or damaged ones.
_DAMAGED = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, EOFError, KeyError, IndexError, TypeError,
    ValueError, AttributeError,
)  # fmt: skip

#: Sheets for people, without a header in row 1.
SKIPPED = frozenset({"dashboard"})


def read_plan(path: str | Path) -> dict[str, pd.DataFrame]:
    """Return the sheets of a plan workbook by name.

    Headers are in row 1; columns without one are left out, as are rows that are wholly blank. Text stays text (a site
    called ``NA`` keeps its name), blank cells are None or NaN, a column of whole numbers is int64, one of numbers
    float64. Formulas count as their last calculated value.

    Raises
    ------
    FileNotFoundError, PermissionError, OSError
        Where the file cannot be opened.
    ValueError
        Where it is no Excel workbook (.xlsx).
    """
    path = Path(path)
    with path.open("rb"):
        pass  # a clear error of the system's own before openpyxl's
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl cannot keep of a workbook's looks is of no concern here
            return _read(path)
    except _DAMAGED as error:
        raise ValueError(f"{path} is not an Excel workbook (.xlsx), or it is damaged: {error}") from error


def _read(path: Path) -> dict[str, pd.DataFrame]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        frames = {}
        for sheet in book.worksheets:
            if sheet.title not in SKIPPED:
                sheet.reset_dimensions()  # the size that a file states may be wrong
                frames[sheet.title] = _frame(sheet.iter_rows(values_only=True))
        return frames
    finally:
        book.close()


def _frame(rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    cells = iter(rows)
    header = next(cells, ())
    named = [(i, str(name).strip()) for i, name in enumerate(header) if name is not None and str(name).strip()]
    body = [row for row in cells if any(value is not None for value in row)]
    columns = [_column([row[i] if i < len(row) else None for row in body]) for i, _ in named]
    if not columns:
        return pd.DataFrame()
    frame = pd.concat(columns, axis=1, ignore_index=True)
    return frame.set_axis([name for _, name in named], axis=1)


def _column(values: list[Any]) -> pd.Series[Any]:
    kinds = {type(value) for value in values}
    if values and kinds == {int}:
        return pd.Series(values, dtype="int64")
    if kinds - {type(None)} and kinds <= {int, float, type(None)}:
        numbers = pd.Series([float("nan") if value is None else float(value) for value in values], dtype="float64")
        whole = None not in values and all(float(value).is_integer() for value in values)
        return numbers.astype("int64") if whole and numbers.abs().max() < 2**53 else numbers
    return pd.Series(values, dtype=object)
