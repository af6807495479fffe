"""DataFrames, lists of records and mappings as raw grids, so that they pass the same checks as a workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from procure.reading.cells import Grid
from procure.reading.decoding import clean
from procure.reading.faults import Log, shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["grid_of"]


def grid_of(name: str, table: Any, log: Log) -> Grid | None:
    """Return a DataFrame, a list of records or (for settings) a mapping as a grid; None after a fault.

    Row 1 of the grid holds the column names; the first record is row 1 of the messages.
    """
    if isinstance(table, Mapping) and name == "settings":
        records = [{"key": key, "value": value} for key, value in table.items()]
        return _of_records(name, records)
    if hasattr(table, "columns") and hasattr(table, "itertuples"):
        return _of_frame(name, table)
    if (
        isinstance(table, Sequence)
        and not isinstance(table, str | bytes)
        and all(isinstance(r, Mapping) for r in table)
    ):
        return _of_records(name, list(table))
    log.add(
        "E015",
        name,
        got=f"it is of the type {type(table).__name__}",
        expected="a DataFrame or a list of records (mappings)",
    )
    return None


def _of_records(name: str, records: Sequence[Mapping[Any, Any]]) -> Grid:
    headers = list(dict.fromkeys(key for record in records for key in record))
    return _grid(name, headers, [[record.get(header) for record in records] for header in headers], len(records))


def _of_frame(name: str, frame: pd.DataFrame) -> Grid:
    if any(level is not None for level in frame.index.names):
        frame = frame.reset_index()
    columns = [frame.iloc[:, i].tolist() for i in range(frame.shape[1])]
    return _grid(name, list(frame.columns), columns, len(frame))


def _grid(name: str, headers: list[Any], columns: list[list[Any]], size: int) -> Grid:
    values = {
        i: [_header(header), *map(_plain, column)]
        for i, (header, column) in enumerate(zip(headers, columns, strict=True))
    }
    if any(column[0] is not None for column in values.values()):
        keep = [0, *(i for i in range(1, size + 1) if any(column[i] is not None for column in values.values()))]
        rows = list(range(size + 1))
        if len(keep) <= size:
            values = {at: [column[i] for i in keep] for at, column in values.items()}
            rows = keep
        return Grid(name, rows, values, addressed=False)
    return Grid(name, [], {}, addressed=False)


def _header(value: Any) -> Any:
    if hasattr(value, "freq") and hasattr(value, "to_timestamp"):  # pandas.Period
        return str(value)
    return _plain(value)


def _plain(value: Any) -> Any:
    """Return a Python value as a grid holds it: NaN, NaT, NA and blank texts are None, numbers are floats."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return None if value != value else float(value)
    if isinstance(value, str):
        return clean(value) or None
    if isinstance(value, int):
        return float(value)
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(str(item) for item in value) or None
    return _other(value)


def _other(value: Any) -> Any:
    try:
        if value != value:
            return None
    except (TypeError, ValueError):  # pandas.NA has no truth value
        return None
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - dates of a plan have no time zone
    if hasattr(value, "to_timestamp"):  # pandas.Period
        return clean(str(value))
    if hasattr(value, "item"):
        return _plain(value.item())
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return shown(value)
