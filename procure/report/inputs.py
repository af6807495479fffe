"""The echo of the inputs in the plan: every value as it was understood, defaults filled in (sheet ``inputs``).

Rows are ordered by sheet, then column, then row, so that one column of one input table is one block of rows, which the
live checks look values up in. A limit that is not there reads ``unlimited``; a blank is no value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from procure.reading.tables import Tables

__all__ = ["KEYS", "UNLIMITED", "echo"]

UNLIMITED = "unlimited"

#: First and second key column of each table (a table not listed has one, its first column).
KEYS = {
    "modes": ("generation", "mode"),
    "demand": ("workload", "measure"),
    "fleet": ("generation", "site"),
    "committed": ("generation", "delivery"),
    "licences": ("generation", "site"),
    "power_options": ("option", "site"),
    "shell_options": ("option", "site"),
    "projects": ("project", "workload"),
}
_COLUMNS = ("sheet", "row", "key", "key2", "column", "value", "date", "cell")
_PERIOD_COLUMNS = {"available_from", "last_order", "earliest", "latest", "from", "delivered", "delivery"}


def echo(tables: Tables) -> pd.DataFrame:
    """Return the inputs as a table: sheet, row, key, key2, column, value, date (of a period), cell (in the input)."""
    parts = [_settings(tables)]
    parts += [_table(tables, name, frame) for name, frame in tables.frames.items() if len(frame)]
    result = pd.concat(parts, ignore_index=True)
    result["date"] = pd.to_datetime(result["date"]).dt.as_unit("us")
    return result[list(_COLUMNS)]


def _settings(tables: Tables) -> pd.DataFrame:
    items = list(tables.settings.items())
    return pd.DataFrame(
        {
            "sheet": "settings",
            "row": np.arange(1, len(items) + 1),
            "key": [key for key, _ in items],
            "key2": "",
            "column": "value",
            "value": pd.Series([_plain(value) for _, value in items], dtype=object),
            "date": pd.Series([pd.NaT] * len(items), dtype="datetime64[us]"),
            "cell": [_cell(tables, "settings", 0, key) for key, _ in items],
        }
    )


def _table(tables: Tables, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    first, second = KEYS.get(name, (str(frame.columns[0]), ""))
    n = len(frame)
    keys = [_text(tables, first, value) for value in frame[first]]
    keys2 = [_text(tables, second, value) for value in frame[second]] if second in frame.columns else [""] * n
    columns = [str(column) for column in frame.columns if column not in {first, second}] or [first]
    columns += [second] if second in _PERIOD_COLUMNS else []
    spread = {label: pd.Timestamp(tables.calendar.first_day(i)) for i, label in enumerate(tables.calendar.labels)}
    values: list[Any] = []
    dates: list[Any] = []
    for column in columns:
        for value in frame[column]:
            period = column in _PERIOD_COLUMNS and not _blank(value)
            values.append(_text(tables, column, value) if period else _plain(value))
            dates.append(pd.Timestamp(tables.calendar.first_day(int(value))) if period else spread.get(column, pd.NaT))
    return pd.DataFrame(
        {
            "sheet": name,
            "row": np.tile(np.arange(1, n + 1), len(columns)),
            "key": keys * len(columns),
            "key2": keys2 * len(columns),
            "column": np.repeat(np.array(columns, dtype=object), n),
            "value": pd.Series(values, dtype=object),
            "date": pd.Series(dates, dtype="datetime64[us]"),
            "cell": [_cell(tables, name, i, column) for column in columns for i in range(n)],
        }
    )


def _cell(tables: Tables, sheet: str, row: int, column: str) -> str:
    locate = getattr(tables.source, "cell", None)
    return str(locate(sheet, row, column) or "") if callable(locate) else ""


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _text(tables: Tables, column: str, value: Any) -> str:
    if column in _PERIOD_COLUMNS and not isinstance(value, str):
        return "" if _blank(value) else tables.calendar.label(int(value))
    return "" if _blank(value) else str(value)


def _plain(value: Any) -> Any:
    """Return what a cell can show: numbers, text, yes/no, ``unlimited``; None for no value."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(str(item) for item in value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if np.isnan(number):
            return None
        return UNLIMITED if np.isinf(number) else number
    if isinstance(value, (int, np.integer)):
        return int(value)
    return None if value is None or value is pd.NA else str(value)
