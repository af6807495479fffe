"""DataFrames → rows of sheet XML, by column instead of by cell: what makes large plans quick to write.

openpyxl lays out workbook, styles, widths, charts and headers; the rows of the data sheets are streamed into its XML
(``package``). Text goes to the shared string table, so a text that looks like a formula stays text.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter

from procure.report.look import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ColumnStyle", "SharedStrings", "is_formula_like", "plain", "rows_xml"]

CHUNK = 4096
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no time zones
_FORMULA_LIKE = ("=", "+", "-", "@")


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula when somebody edits its cell."""
    return text.startswith(_FORMULA_LIKE)


class ColumnStyle:
    """Style indices of a column: its cells, text that looks like a formula, and (optionally) one index a row."""

    __slots__ = ("cell", "quoted", "rows")

    def __init__(self, cell: int, quoted: int, rows: Sequence[int] | None = None) -> None:
        self.cell = cell
        self.quoted = quoted
        self.rows = rows


class SharedStrings:
    """The workbook's table of texts: index by text, and its XML."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self.count = 0

    def index(self, text: str) -> int:
        """Return the index of a text, adding it when new; control characters are dropped."""
        return self._index.setdefault(clean(text), len(self._index))

    def xml(self) -> Iterator[bytes]:
        """Yield the XML of the table."""
        yield (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'count="{max(self.count, len(self._index))}" uniqueCount="{len(self._index)}">'
        ).encode()
        for text in self._index:
            space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
            yield f"<si><t{space}>{escape(text)}</t></si>".encode()
        yield b"</sst>"


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in plain numpy types: extension types may hold NA, which is neither a number nor text."""
    changed: dict[Any, Any] = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, np.dtype):
            continue
        if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
            changed[name] = column.to_numpy(dtype=float, na_value=np.nan)
        else:
            values = column.astype(object)
            changed[name] = values.where(values.notna(), None)
    return frame.assign(**changed) if changed else frame


def rows_xml(
    frame: pd.DataFrame,
    styles: Sequence[ColumnStyle],
    strings: SharedStrings,
    heights: Sequence[float] | None = None,
    first_row: int = 2,
) -> Iterator[bytes]:
    """Yield the ``<row>`` elements of a DataFrame in chunks; no value (None, NaN, not finite) is a blank cell.

    ``heights`` (points, one a row) are for sheets whose text wraps; without them rows have the default height.
    """
    columns = [_plain(frame.iloc[:, i]) for i in range(frame.shape[1])]
    for start in range(0, len(frame), CHUNK):
        numbers = range(first_row + start, first_row + min(len(frame), start + CHUNK))
        cells = [
            _cells(column.iloc[start : start + CHUNK], get_column_letter(i + 1), style, numbers, strings, start=start)
            for i, (column, style) in enumerate(zip(columns, styles, strict=True))
        ]
        attributes = [""] * len(numbers)
        if heights is not None:
            attributes = [f' ht="{h:g}" customHeight="1"' for h in heights[start : start + CHUNK]]
        rows = (
            f'<row r="{r}"{more}>{"".join(row)}</row>'
            for r, more, row in zip(numbers, attributes, zip(*cells, strict=True), strict=True)
        )
        yield "".join(rows).encode()


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of pandas' nullable types as plain objects with None where there is no value."""
    nullable = pd.api.types.is_extension_array_dtype(column.dtype) and column.dtype.kind in "iufb"
    return column.astype(object).where(column.notna(), None) if nullable else column


def _cells(
    column: pd.Series[Any], letter: str, style: ColumnStyle, numbers: range, strings: SharedStrings, *, start: int
) -> list[str]:
    s = style.cell
    values: list[Any]
    if column.dtype.kind in "iu" and style.rows is None:
        values = column.tolist()
        return [f'<c r="{letter}{r}" s="{s}"><v>{v}</v></c>' for r, v in zip(numbers, values, strict=True)]
    if column.dtype.kind == "f" and style.rows is None:
        finite = np.isfinite(column.to_numpy())
        values = column.to_numpy(dtype=float).tolist()
        if finite.all():
            return [f'<c r="{letter}{r}" s="{s}"><v>{v!r}</v></c>' for r, v in zip(numbers, values, strict=True)]
        kept = finite.tolist()
        return [
            f'<c r="{letter}{r}" s="{s}"><v>{v!r}</v></c>' if ok else f'<c r="{letter}{r}" s="{s}"/>'
            for r, v, ok in zip(numbers, values, kept, strict=True)
        ]
    if column.dtype.kind == "M":
        days = (column - pd.Timestamp(_EPOCH)).dt.total_seconds() / 86400.0
        return [
            f'<c r="{letter}{r}" s="{s}"><v>{_number(v)}</v></c>' if v == v else f'<c r="{letter}{r}" s="{s}"/>'
            for r, v in zip(numbers, days.tolist(), strict=True)
        ]
    values = column.tolist()
    known: dict[Any, str] = {}
    if style.rows is None and all(isinstance(v, str) for v in values):
        for text in set(values):
            known[text] = _text(text, style, strings, s)
        strings.count += len(values)
        return [f'<c r="{letter}{r}"{known[v]}' for r, v in zip(numbers, values, strict=True)]
    rows = [s] * len(values) if style.rows is None else [int(x) for x in style.rows[start : start + len(values)]]
    return [_any(v, f"{letter}{r}", row, style, strings) for r, v, row in zip(numbers, values, rows, strict=True)]


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _text(text: str, style: ColumnStyle, strings: SharedStrings, s: int) -> str:
    """Return the part of a text cell after its address."""
    if not text:
        return f' s="{s}"/>'
    return f' s="{style.quoted if is_formula_like(text) else s}" t="s"><v>{strings.index(text)}</v></c>'


def _any(value: Any, address: str, s: int, style: ColumnStyle, strings: SharedStrings) -> str:
    """Return one cell of a column of mixed values."""
    if isinstance(value, str):
        strings.count += 1
        tail = _text(value, style, strings, s)
        return f'<c r="{address}"{tail}'
    if value is None or value is pd.NaT or value is pd.NA:
        return f'<c r="{address}" s="{s}"/>'
    if isinstance(value, (bool, np.bool_)):
        return f'<c r="{address}" s="{s}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (dt.datetime, dt.date)):
        stamp = pd.Timestamp(value)
        return (
            f'<c r="{address}" s="{s}"><v>{_number((stamp - pd.Timestamp(_EPOCH)).total_seconds() / 86400.0)}</v></c>'
        )
    if isinstance(value, (int, np.integer)):
        return f'<c r="{address}" s="{s}"><v>{int(value)}</v></c>'
    number = float(value)
    return f'<c r="{address}" s="{s}"><v>{number!r}</v></c>' if np.isfinite(number) else f'<c r="{address}" s="{s}"/>'
