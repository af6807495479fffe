"""The ``settings`` sheet: one key a row, typed by the data dictionary, and the calendar that follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procure.calendar import Calendar, parse_label
from procure.reading.cells import CellError, Uncalculated, nearest
from procure.reading.convert import Cell, Converter, expected
from procure.reading.faults import column_letters, shown
from procure.reading.layout import NOTES, plain

if TYPE_CHECKING:
    from procure.reading.cells import Grid
    from procure.reading.faults import Log
    from procure.schema import Column, Sheet

__all__ = ["SettingsTable", "read_settings"]

_KEY = frozenset(["key", "keys", "setting", "settings", "name", "parameter"])
_VALUE = frozenset(["value", "values"])


@dataclass(slots=True)
class SettingsTable:
    """Typed settings with every default filled, where each one stands, and the calendar (None where it is broken)."""

    title: str = "settings"
    values: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    at: int = 1
    addressed: bool = True
    calendar: Calendar | None = None


def read_settings(grid: Grid | None, sheet: Sheet, log: Log) -> SettingsTable:
    """Read the settings; faults go to the log, faulty or missing ones keep their default."""
    table = SettingsTable()
    raw: dict[str, Any] = {}
    if grid is not None:
        table.title, table.addressed = grid.name, grid.addressed
        if grid.rows:
            raw = _pairs(grid, sheet, table, log)
    converter = Converter(log, None)
    for column in sheet.columns:
        value = raw.get(column.name)
        default = column.default_value()
        table.values[column.name] = math.nan if default is None and column.numeric else default
        if value is not None and not column.is_period:
            cell = _cell(log, table, column.name)
            typed = converter.values(column, [value], lambda _, cell=cell: cell)[0]  # type: ignore[misc]
            table.values[column.name] = typed
        elif value is None and column.required and grid is not None:
            _required(column, table, log)
        if column.type == "integer" and math.isfinite(table.values[column.name]):
            table.values[column.name] = int(table.values[column.name])
    _calendar(table, sheet.column("start"), raw, log)
    return table


def _cell(log: Log, table: SettingsTable, name: str) -> Cell:
    return Cell(log, table.title, table.rows[name], table.at, name, addressed=table.addressed)


def _required(column: Column, table: SettingsTable, log: Log) -> None:
    want = expected(column)
    if column.name in table.rows:
        _cell(log, table, column.name).fault("E112", "the cell is blank", want, column.description)
    else:
        log.add(
            "E112",
            table.title,
            column=column.name,
            got=f"there is no setting {column.name}",
            expected=want,
            hint=f"Add a row with {column.name} under key and its value under value",
        )


def _calendar(table: SettingsTable, column: Column, raw: dict[str, Any], log: Log) -> None:
    """Build the calendar from start, periods and period_length, if all three are sound."""
    value, periods, length = raw.get("start"), table.values["periods"], table.values["period_length"]
    if value is None:
        return
    probe = Calendar.make("2027", length, 1)
    try:
        if isinstance(value, bool | CellError | Uncalculated):
            raise ValueError  # noqa: TRY004, TRY301 - the same fault as for any other text
        parse_label(value)
    except ValueError:
        broken = value if not isinstance(value, str) or isinstance(value, CellError | Uncalculated) else f"{value}"
        Converter(log, probe).values(column, [broken], lambda _: _cell(log, table, "start"))
        return
    if isinstance(periods, int) and periods >= 1 and not _faulty(log, table, "periods"):
        table.calendar = Calendar.make(value, length, periods)
        table.values["start"] = table.calendar.start


def _faulty(log: Log, table: SettingsTable, name: str) -> bool:
    return any(f.sheet == table.title and f.column == name and f.severity == "error" for f in log.faults())


def _pairs(grid: Grid, sheet: Sheet, table: SettingsTable, log: Log) -> dict[str, Any]:
    """Return the raw value of each known key."""
    place = _find(grid, sheet, table, log)
    if place is None:
        return {}
    top, key_at, value_at = place
    table.at = value_at
    names = {alias: column.name for column in sheet.columns for alias in map(plain, column.aliases)}
    names |= {column.name: column.name for column in sheet.columns}
    raw: dict[str, Any] = {}
    keys, values = grid.columns[key_at], grid.columns.get(value_at) or [None] * len(grid.rows)
    unknown: list[tuple[int, str]] = []
    for row, key, value in list(zip(grid.rows, keys, values, strict=True))[top + 1 :]:
        if key is None:
            if value is not None:
                log.add(
                    "E112",
                    grid.name,
                    row=row,
                    at=key_at,
                    column="key",
                    got="the cell is blank",
                    expected="the name of a setting",
                    hint=f"{shown(value)} beside it is not read",
                    addressed=grid.addressed,
                )
            continue
        name = names.get(plain(str(key)))
        if name is None:
            unknown.append((row, str(key)))
        elif name in table.rows:
            log.add(
                "E202",
                grid.name,
                row=row,
                at=key_at,
                column="key",
                got=f"{name} stands twice",
                expected="each setting once",
                hint=f"The first one is in row {table.rows[name]}",
                addressed=grid.addressed,
            )
        else:
            table.rows[name] = row
            raw[name] = value
    _unknown(grid, key_at, unknown, [name for name in names if names[name] not in table.rows], names, log)
    return raw


def _unknown(
    grid: Grid, at: int, unknown: list[tuple[int, str]], free: list[str], names: dict[str, str], log: Log
) -> None:
    for row, key in unknown:
        near = nearest(key, free, cutoff=0.75)
        if near is not None:
            log.add(
                "E204",
                grid.name,
                row=row,
                at=at,
                column="key",
                got=shown(key),
                expected="the name of a setting",
                hint=f"Did you mean {names[near]}?",
                addressed=grid.addressed,
            )
        else:
            log.add(
                "W404",
                grid.name,
                row=row,
                at=at,
                column="key",
                got=f"the setting {shown(key)} is not known",
                hint="It is not read",
                addressed=grid.addressed,
            )


def _find(grid: Grid, sheet: Sheet, table: SettingsTable, log: Log) -> tuple[int, int, int] | None:
    """Return (index of the header row, key column, value column); a missing header is a fault but read all the same."""
    for i in range(min(25, len(grid.rows))):
        header = {plain(values[i]): at for at, values in reversed(grid.columns.items()) if isinstance(values[i], str)}
        key = next((header[name] for name in header if name in _KEY), None)
        value = next((header[name] for name in header if name in _VALUE), None)
        if key is not None and value is not None:
            if grid.addressed and (grid.rows[i] != 1 or min(key, value) != 0):
                log.add(
                    "E023",
                    grid.name,
                    row=grid.rows[i],
                    at=min(key, value),
                    got=f"the table starts in {column_letters(min(key, value))}{grid.rows[i]}",
                    expected="key and value in row 1, from column A on",
                    hint="Delete the rows above and the columns on its left",
                )
            further = [name for name, at in header.items() if at not in (key, value) and name not in NOTES]
            if further:
                log.add(
                    "N501", grid.name, got=f"further columns are kept as notes: {', '.join(map(shown, further[:6]))}"
                )
            return i, key, value
    known = {column.name for column in sheet.columns}
    log.add("E020", grid.name, got="no header row was found", expected="the headers key and value in row 1")
    for at, values in grid.columns.items():
        if any(isinstance(value, str) and plain(value) in known for value in values):
            table.at = at + 1
            return -1, at, at + 1
    return None
