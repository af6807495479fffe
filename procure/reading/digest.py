"""From raw grids to typed tables: settings, calendar, every column converted, names resolved, defaults derived.

Everything here is plain Python lists, so that a check needs neither numpy nor pandas. All faults of all tables are
found in one pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procure.reading.cells import CellError, Uncalculated, nearest
from procure.reading.convert import Converter
from procure.reading.faults import Log, column_letters, shown
from procure.reading.layout import Table, plain, read_table
from procure.reading.names import check_names, resolve_references
from procure.reading.settings import SettingsTable, read_settings
from procure.schema import PERIOD, load_schema

if TYPE_CHECKING:
    from collections.abc import Collection

    from procure.calendar import Calendar
    from procure.reading.cells import Grid

__all__ = ["UNSUPPORTED", "Digest", "digest"]

UNSUPPORTED = ("scenarios",)
ONLY_WORKLOAD = "all"


@dataclass(slots=True)
class Digest:
    """All that a check knows: typed settings, calendar and tables by canonical sheet name, and the log of faults."""

    log: Log
    settings: SettingsTable
    tables: dict[str, Table] = field(default_factory=dict)
    _places: dict[str, dict[str, int]] = field(default_factory=dict)

    def place(self, sheet: str) -> dict[str, int]:
        """Return the record of each name in a table's first key column (found once, after names are resolved)."""
        if sheet not in self._places:
            table = self.tables[sheet]
            self._places[sheet] = {name: i for i, name in enumerate(table.values[table.sheet.keys[0]])}
        return self._places[sheet]

    @property
    def calendar(self) -> Calendar | None:
        """The calendar; None where the settings are too broken for one."""
        return self.settings.calendar

    def flag(
        self,
        code: str,
        table: Table,
        i: int | None,
        column: str,
        got: str,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Record a finding at record ``i`` of a table and a column (None: about the whole column).

        A period without a column of its own is found at the column that it repeats.
        """
        row = table.rows[i] if i is not None and table.rows[i] else None
        at = table.at.get(column)
        if at is None and self.calendar is not None and column in self.calendar.labels:
            before = self.calendar.labels[: self.calendar.labels.index(column)]
            at = next((table.at[label] for label in reversed(before) if label in table.at), None)
        self.log.add(code, table.title, row=row, at=at, column=column, got=got, expected=expected, hint=hint,
                     addressed=table.addressed)  # fmt: skip

    def sound(self, *sheets: str, bad: Collection[str] | None = None) -> bool:
        """Whether settings and sheets are free of errors, so that figures across them mean something.

        ``bad`` are the titles of the sheets with errors (default: those known by now).
        """
        bad = self.log.bad if bad is None else bad
        tables = [self.tables[name] for name in sheets]
        if self.calendar is None or self.settings.title in bad:
            return False
        return not any(t.title in bad or (t.sheet.required and not len(t)) for t in tables)


def digest(grids: dict[str, Grid], log: Log) -> Digest:
    """Read every table from its grid (by canonical sheet name); faults go to the log."""
    schema = load_schema()
    result = Digest(log, read_settings(grids.get("settings"), schema["settings"], log))
    for name, sheet in schema.items():
        if sheet.required and name not in grids:
            log.add(
                "E010",
                got=f"there is no sheet {name}",
                expected=f"a sheet {name}: {sheet.description}".rstrip("."),
                hint="Add it, or start from a template: procure new CASE.xlsx",
            )
        if name == "settings":
            continue
        table = read_table(grids[name], sheet, log) if name in grids else Table(sheet, name)
        result.tables[name] = table
        if name in UNSUPPORTED:
            if len(table):
                log.add(
                    "E013",
                    table.title,
                    got=f"the table {name} is not supported yet, and it has rows",
                    hint="Delete the rows to plan without it",
                )
                table.rows, table.raw, table.spread = [], {}, []
        elif sheet.required and name in grids and not len(table) and table.title not in log.bad:
            log.add(
                "E012", table.title, got="the table has no rows", expected="at least one row", hint=sheet.description
            )
    converter = Converter(log, result.calendar)
    for name, table in result.tables.items():
        if name == "budget":
            _only_row(table, log)
        _convert(table, converter)
        if table.sheet.kind == "wide":
            _wide(table, converter, result.calendar, log)
    _performance(result, converter)
    incomplete = {
        name for name, table in result.tables.items() if any(log.count(table.title, key) for key in table.sheet.keys)
    }
    check_names(result.tables, log)
    resolve_references(result.tables, log, incomplete)
    _derive(result)
    return result


def _only_row(table: Table, log: Log) -> None:
    """Take the only row of ``budget`` for the capex budget, whatever it is called."""
    named = table.raw.get("budget")
    if (
        named is None
        or len(named) != 1
        or not isinstance(named[0], str)
        or isinstance(named[0], CellError | Uncalculated)
    ):
        return
    if plain(named[0]) != "capex":
        log.add("W412", table.title, row=table.rows[0], at=table.at["budget"], column="budget", got=shown(named[0]),
                hint="The only row is read as capex", addressed=table.addressed)  # fmt: skip
        table.raw["budget"] = ["capex"]


def _convert(table: Table, converter: Converter) -> None:
    for column in table.sheet.fixed:
        if column.name in table.at or not column.required or not len(table):
            table.values[column.name] = converter.column(table, column)
        else:  # the missing column has been reported; nothing more to say cell by cell
            table.values[column.name] = [converter.filler(column)] * len(table)


def _wide(table: Table, converter: Converter, calendar: Calendar | None, log: Log) -> None:
    """Convert the period columns and fill blank cells from the left."""
    column = table.sheet.spread
    if column is None or column.name != PERIOD:
        return
    if calendar is None:
        for spread in table.spread:
            converter.series(table, column, column_letters(spread.at), spread.at, spread.values)
        return
    found: dict[int, list[float | None]] = {}
    outside: list[str] = []
    first_at: dict[int, int] = {}
    for spread in table.spread:
        index = calendar.index(spread.header)
        name = calendar.label(index)
        if index in found:
            log.add(
                "E022",
                table.title,
                column=name,
                got=f"the period {name} has two columns, "
                f"{column_letters(first_at[index])} and {column_letters(spread.at)}",
                expected="one column a period",
                hint="Delete one of them",
            )
            continue
        if not calendar.same_length(spread.header) and not hasattr(spread.header, "year"):
            log.add(
                "W411",
                table.title,
                column=name,
                got=f"the column {shown(spread.header)} is read as {name} and holds until the next column",
                hint=f"Use period labels like {calendar.start}",
            )
        found[index] = converter.series(table, column, name, spread.at, spread.values)
        first_at[index] = spread.at
        if not 0 <= index < calendar.periods:
            outside.append(name)
        else:
            table.at[name] = spread.at
    order = sorted(found)
    if table.addressed and [first_at[i] for i in order] != sorted(first_at.values()):
        log.add(
            "W408",
            table.title,
            got="the period columns are not in order of time",
            hint="A blank cell repeats the period before, not the cell on its left",
        )
    if outside:
        shown_names = ", ".join(outside[:4]) + (f" and {len(outside) - 4} more" if len(outside) > 4 else "")
        log.add(
            "N502",
            table.title,
            got=f"period columns outside {calendar.labels[0]} to {calendar.labels[-1]} are not read: {shown_names}",
        )
    if table.present and len(table) and not found and table.title not in log.bad:
        log.add(
            "E021",
            table.title,
            got="there is no period column",
            expected=f"one column a period, the first one {calendar.labels[0]}",
        )
    measures = table.values.get("measure") or [""] * len(table)
    previous: list[float] = [column.blank_fill(measure) for measure in measures]
    for index in (i for i in order if i < 0):
        previous = _fill(found[index], previous)
    for t, label in enumerate(calendar.labels):
        if t in found:
            previous = _fill(found[t], previous)
        table.series[label] = previous


def _fill(values: list[float | None], left: list[float]) -> list[float]:
    if None not in values:
        return values  # type: ignore[return-value]
    return [before if value is None else value for value, before in zip(values, left, strict=True)]


def _performance(result: Digest, converter: Converter) -> None:
    """Take the workload columns of ``performance``; where no sheet declares workloads, these columns do."""
    table, workloads = result.tables["performance"], result.tables["workloads"]
    column = table.sheet.spread
    if not len(workloads):
        names = [str(spread.header) for spread in table.spread if _numbers(spread.values)] if len(table) else []
        declared = names or [ONLY_WORKLOAD]
        if names and names != [ONLY_WORKLOAD]:
            result.log.add(
                "N504",
                table.title,
                got=f"there is no sheet workloads; taken from the columns of performance: {', '.join(names[:8])}",
            )
        _declare(workloads, declared)
    declared_names = [str(name) for name in workloads.values["workload"]]
    by_name = {plain(name): name for name in declared_names}
    notes: list[str] = []
    for spread in table.spread:
        header = str(spread.header)
        name = header if header in declared_names else by_name.get(plain(header))
        if name is None:
            near = nearest(header, declared_names, cutoff=0.7)
            if near is not None or _numbers(spread.values):
                _unknown_workload(table, spread.at, header, near, result.log)
            else:
                notes.append(header)
        elif name in table.series:
            result.log.add(
                "E022",
                table.title,
                column=name,
                got=f"the column {shown(name)} stands twice",
                expected="one column a workload",
            )
        elif column is not None:
            values = converter.series(table, column, name, spread.at, spread.values)
            table.series[name] = [math.nan if value is None else value for value in values]
            table.at[name] = spread.at
    if notes:
        result.log.add(
            "N501", table.title, got=f"further columns are kept as notes: {', '.join(map(shown, notes[:6]))}"
        )
    for name in declared_names:
        table.series.setdefault(name, [math.nan] * len(table))


def _numbers(values: list[Any]) -> bool:
    filled = [value for value in values if value is not None]
    return bool(filled) and sum(isinstance(value, float) for value in filled) * 2 >= len(filled)


def _unknown_workload(table: Table, at: int, header: str, near: str | None, log: Log) -> None:
    hint = f"Did you mean {near}? " if near else "Declare it in the sheet workloads; "
    log.add(
        "W403",
        table.title,
        column=header[:60],
        got=f"the column {shown(header)} ({column_letters(at)}) is no workload",
        hint=f"{hint}it is kept as a note and not read",
    )


def _declare(workloads: Table, names: list[str]) -> None:
    workloads.rows = [0] * len(names)
    workloads.values = {"workload": list(names), "utilisation": [math.nan] * len(names)}


def _derive(result: Digest) -> None:
    """Fill the defaults that follow from other cells."""
    generations = result.tables["generations"].values
    life = result.settings.values["depreciation_years"]
    generations["depreciation_years"] = _default(
        generations["depreciation_years"], [life] * len(generations["generation"])
    )
    generations["service_years"] = _default(generations["service_years"], generations["depreciation_years"])
    density = [
        kw / racks if racks > 0 else math.nan
        for kw, racks in zip(generations["power_kw"], generations["racks"], strict=True)
    ]
    generations["rack_kw"] = _default(generations["rack_kw"], density)


def _default(values: list[float], defaults: list[float]) -> list[float]:
    return [default if math.isnan(value) else value for value, default in zip(values, defaults, strict=True)]
