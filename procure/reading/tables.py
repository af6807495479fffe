"""``Tables``: what the reader gives to the rest of procure, and where each figure came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procure.reading.faults import column_letters
from procure.schema import PERIOD, load_schema

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from procure.calendar import Calendar
    from procure.reading.digest import Digest
    from procure.reading.faults import Fault
    from procure.reading.layout import Table
    from procure.schema import Column

__all__ = ["Source", "Tables", "build_tables"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where tables came from: a workbook (``path``, ``sha256`` of the bytes read) or frames (both None)."""

    path: Path | None = None
    sha256: str | None = None
    titles: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)
    value_column: int = 1

    def cell(self, sheet: str, row: int, column: str) -> str | None:
        """Return the address of a value: canonical sheet and column (or period label), row of the frame from 0.

        For ``settings`` the column is the key and the row is ignored. None where the value is a default, or came from
        frames.
        """
        rows, at = self.rows.get(sheet), self.columns.get(sheet, {}).get(column)
        if self.path is None or rows is None or at is None:
            return None
        if sheet == "settings":
            return f"{column_letters(self.value_column)}{rows[at]}" if at < len(rows) else None
        return f"{column_letters(at)}{rows[row]}" if 0 <= row < len(rows) and rows[row] else None

    def title(self, sheet: str) -> str:
        """Return the name of a sheet as the workbook spells it."""
        return self.titles.get(sheet, sheet)


@dataclass(frozen=True)
class Tables:
    """Validated input, every default filled.

    Attributes
    ----------
    settings
        Every key of the sheet ``settings``, typed.
    calendar
        The periods of the horizon.
    frames
        Every other table by canonical sheet name, empty where the workbook has none. Period columns hold period
        indices as floats (NaN: blank); wide tables have one float column a period label.
    source
        Where the tables came from.
    notices
        Warnings and notes.
    notes
        Columns that the data dictionary does not know, by sheet and header: a cell a row of the frame, as it stands.
    """

    settings: dict[str, Any]
    calendar: Calendar
    frames: dict[str, pd.DataFrame]
    source: Source
    notices: list[Fault]
    notes: dict[str, dict[str, list[Any]]] = field(default_factory=dict)


def build_tables(result: Digest, path: Path | None, sha256: str | None) -> Tables:
    """Build the tables of a digest without errors."""
    calendar = result.calendar
    if calendar is None:
        raise ValueError("the digest has errors")
    frames = {name: _frame(table, calendar) for name, table in result.tables.items() if name != "scenarios"}
    settings = result.settings
    rows = {name: table.rows for name, table in result.tables.items()}
    rows["settings"] = list(settings.rows.values())
    columns = {name: dict(table.at) for name, table in result.tables.items()}
    columns["settings"] = {key: i for i, key in enumerate(settings.rows)}
    titles = {name: table.title for name, table in result.tables.items()} | {"settings": settings.title}
    values = {key: settings.values[key] for key in (column.name for column in load_schema()["settings"].columns)}
    notices = [fault for fault in result.log.faults() if fault.severity != "error"]
    notes = {name: table.notes for name, table in result.tables.items() if table.notes}
    return Tables(values, calendar, frames, Source(path, sha256, titles, rows, columns, settings.at), notices, notes)


def _frame(table: Table, calendar: Calendar) -> pd.DataFrame:
    import pandas as pd

    data: dict[str, Any] = {}
    for column in table.sheet.fixed:
        values = table.values.get(column.name, [])
        data[column.name] = pd.Series(values, dtype=_dtype(column))
    spread = table.sheet.spread
    if spread is not None:
        labels = calendar.labels if spread.name == PERIOD else tuple(table.series)
        for label in labels:
            data[label] = pd.Series(table.series.get(label, []), dtype="float64")
    return pd.DataFrame(data)


def _dtype(column: Column) -> str:
    if column.type == "integer":
        return "int64"
    if column.numeric or column.is_period:
        return "float64"
    return "bool" if column.type == "yesno" else "object"
