"""Names: each declared once, none reserved, and every reference to a declared one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procure.reading.cells import nearest
from procure.reading.faults import shown

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Set as AbstractSet

    from procure.reading.faults import Log
    from procure.reading.layout import Table

__all__ = ["check_names", "declared", "resolve_references"]

_RESERVED = {
    "generations": ("*",),
    "sites": ("*", "warehouse"),
    "workloads": ("*", "generation"),
}
_LITERALS = ("*", "warehouse")
_NOUNS = {
    "generations": "a generation",
    "sites": "a site",
    "campus": "a campus",
    "workloads": "a workload",
    "*": "*",
    "warehouse": "warehouse",
}


def declared(tables: dict[str, Table], reference: str) -> list[str]:
    """Return the names that a reference (``generations``, ``sites``, ``campus``, ``workloads``) may mean."""
    if reference in _LITERALS:
        return [reference]
    if reference == "campus":
        return [name for name in tables["sites"].values["campus"] if name]
    table = tables[reference]
    return [name for name in table.values[table.sheet.keys[0]] if name]


def check_names(tables: dict[str, Table], log: Log) -> None:
    """Find duplicate keys and reserved names in every table."""
    for sheet, table in tables.items():
        _duplicates(table, log)
        key = table.sheet.keys[0] if table.sheet.keys else ""
        for name in _RESERVED.get(sheet, ()):
            if name not in table.values.get(key, ()):
                continue
            i = table.values[key].index(name)
            if table.rows[i]:
                _cell(log, "E203", table, i, key, shown(name), "another name: this one has a meaning of its own")


def _cell(
    log: Log, code: str, table: Table, i: int, column: str, got: str, expected: str | None, hint: str | None = None
) -> None:
    log.add(
        code,
        table.title,
        row=table.rows[i],
        at=table.at.get(column),
        column=column,
        got=got,
        expected=expected,
        hint=hint,
        addressed=table.addressed,
    )


def _duplicates(table: Table, log: Log) -> None:
    keys = table.sheet.keys
    if not keys or not len(table):
        return
    if len(keys) == 1 and len(set(table.values[keys[0]])) == len(table):
        return
    rows = list(zip(*(table.values[key] for key in keys), strict=True))
    if len(set(rows)) == len(rows):
        return
    first: dict[tuple[str, ...], int] = {}
    for i, row in enumerate(rows):
        if not all(row):  # a blank key has been reported
            continue
        if row not in first:
            first[row] = i
            continue
        place = f"row {table.rows[first[row]]}"
        once = "one row" if table.sheet.name == "budget" else f"each {' and '.join(keys)} once"
        _cell(
            log,
            "E202",
            table,
            i,
            keys[0],
            f"{' and '.join(map(shown, row))} stand{'s' if len(row) == 1 else ''} twice",
            once,
            f"The first one is in {place}",
        )


def resolve_references(tables: dict[str, Table], log: Log, incomplete: AbstractSet[str]) -> None:
    """Check every reference; names that differ in capitals only are put right with a warning.

    ``incomplete`` tables have faulty names: what refers to them may well be right and is left alone.
    """
    for table in tables.values():
        for column in table.sheet.fixed:
            if not column.references or not len(table):
                continue
            known = [name for reference in column.references for name in declared(tables, reference)]
            if set(known) <= set(_LITERALS) or incomplete & set(column.references):
                continue
            if column.type == "names":
                _lists(table, column.name, known, log)
            else:
                _references(table, column.name, column.references, known, tables, log)


def _references(
    table: Table, name: str, references: tuple[str, ...], known: list[str], tables: dict[str, Table], log: Log
) -> None:
    values = table.values[name]
    allowed = set(known)
    any_workload = "workloads" in references
    if any_workload:
        workloads = declared(tables, "workloads")
        if table.sheet.name != "projects" and len(workloads) > 1:
            allowed.discard("*")  # demand and rental of which workload?
        elif "all" not in allowed:
            values = ["*" if str(value).casefold() == "all" else value for value in values]
    if set(values) - allowed - {""}:
        folded = {other.casefold(): other for other in known if other in allowed}
        result = list(values)
        for i, value in enumerate(values):
            if value in allowed or not value:
                continue
            other = folded.get(value.casefold())
            if other is not None:
                _cell(log, "W407", table, i, name, shown(value), None, f"Read as {shown(other)}")
                result[i] = other
            else:
                _unknown(table, i, name, references, allowed, value, log)
        values = result
    table.values[name] = values


def _unknown(
    table: Table, i: int, column: str, references: tuple[str, ...], allowed: Collection[str], value: str, log: Log
) -> None:
    if not log.room(table.title, column):  # only counted: the nearest name takes time to find
        _cell(log, "E201", table, i, column, "", None)
        return
    nouns = " or ".join(_NOUNS[reference] for reference in references if reference in allowed or reference != "*")
    names = sorted(allowed - set(_LITERALS)) if isinstance(allowed, set) else []
    near = nearest(value, [*names, *(literal for literal in _LITERALS if literal in allowed)])
    hint: str | None = f"Did you mean {near}?"
    if near is None:
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        hint = f"Known: {', '.join(names[:5])}{more}" if names else None
    _cell(log, "E201", table, i, column, shown(value), f"the name of {nouns}", hint)


def _lists(table: Table, name: str, known: list[str], log: Log) -> None:
    allowed = set(known)
    folded = {other.casefold(): other for other in known}
    for i, names in enumerate(table.values[name]):
        fixed: list[str] = []
        for value in names:
            if value in allowed or value.casefold() in folded:
                fixed.append(value if value in allowed else folded[value.casefold()])
            else:
                _unknown(table, i, name, ("workloads",), allowed, value, log)
        table.values[name][i] = tuple(fixed)
