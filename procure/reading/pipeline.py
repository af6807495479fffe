"""The way from a file or frames to a digest: which sheet holds which table, read, digested, cross-checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procure.garbage import without_collecting
from procure.reading.cells import nearest
from procure.reading.container import LIMITS, Limits, UnreadableError
from procure.reading.crosschecks import cross_check
from procure.reading.digest import Digest, digest
from procure.reading.faults import Log, column_letters, shown
from procure.reading.layout import plain
from procure.reading.workbook import SheetInfo, Workbook
from procure.schema import load_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from procure.reading.cells import Grid

__all__ = ["load", "load_frames", "sheet_table"]

IGNORED = frozenset(
    [
        "readme",
        "read_me",
        "start",
        "start_here",
        "lists",
        "list",
        "notes",
        "help",
        "instructions",
        "legend",
        "issues",
        "reference",
        "sources",
        "cover",
        "contents",
    ]
)


def sheet_table(name: str) -> str | None:
    """Return the table that a sheet of this name holds: exact, other capitals, an alias, singular or plural."""
    schema = load_schema()
    names = {alias: sheet.name for sheet in schema.values() for alias in sheet.aliases} | {key: key for key in schema}
    text = plain(name)
    return names.get(text) or names.get(f"{text}s") or (names.get(text[:-1]) if text.endswith("s") else None)


def load(path: Path, limits: Limits = LIMITS) -> tuple[Digest, str | None]:
    """Read and check a workbook: the digest (with its log) and the SHA-256 of the bytes read."""
    log = Log()
    try:
        workbook = Workbook(path, limits)
    except UnreadableError as fault:
        log.add(fault.code, got=fault.got, expected=fault.expected, hint=fault.hint)
        return _nothing(log), None
    log.order.update({info.name: i for i, info in enumerate(workbook.sheets)})
    if workbook.has_macros:
        log.add("N503", got="the workbook has macros; they are not run")
    if workbook.has_links:
        log.add(
            "W409",
            got="formulas of the workbook point into other workbooks",
            hint="Their values are read as last saved; paste them as values to be sure",
        )
    with without_collecting():
        grids, complete = _grids(workbook, log)
    if not complete:  # a sheet that cannot be read: what depends on it would only look wrong
        return _nothing(log), workbook.sha256
    result = digest(grids, log)
    cross_check(result)
    return result, workbook.sha256


def load_frames(frames: Mapping[str, Any]) -> Digest:
    """Check tables given by sheet name."""
    from procure.reading.frames import grid_of

    log = Log()
    log.order.update({str(name): i for i, name in enumerate(frames)})
    grids: dict[str, Grid] = {}
    for name, table in frames.items():
        canonical = sheet_table(str(name))
        if canonical is None:
            near = nearest(str(name), load_schema())
            log.add("W402", str(name), got="the table is not read", hint=f"Did you mean {near}?" if near else None)
        elif canonical in grids:
            log.add("E011", str(name), got=f"a second table {canonical}", expected="one table of each name")
        elif table is not None and (grid := grid_of(str(name), table, log)) is not None:
            grids[canonical] = grid
    result = digest(grids, log)
    cross_check(result)
    return result


def _nothing(log: Log) -> Digest:
    from procure.reading.settings import SettingsTable

    return Digest(log, SettingsTable())


def _grids(workbook: Workbook, log: Log) -> tuple[dict[str, Grid], bool]:
    """Read the sheets that hold a known table; False where one cannot be read."""
    grids: dict[str, Grid] = {}
    unknown: list[SheetInfo] = []
    complete = True
    for info in workbook.sheets:
        name = sheet_table(info.name)
        if name is None or not info.worksheet:
            unknown.append(info)
            continue
        if name in grids:
            log.add(
                "E011",
                info.name,
                got=f"a second sheet for the table {name}",
                expected=f"one sheet {name}; the first one is {shown(grids[name].name)}",
            )
            continue
        try:
            grid = workbook.grid(info)
        except UnreadableError as fault:
            log.add(fault.code, info.name, got=fault.got, expected=fault.expected, hint=fault.hint)
            complete = False
            continue
        grids[name] = grid
        _warn(info, grid, log)
    for info in unknown:
        _report_unknown(workbook, info, grids, log)
    return grids, complete


def _warn(info: SheetInfo, grid: Grid, log: Log) -> None:
    if info.hidden and grid.rows:
        log.add("W401", grid.name, got="the sheet is hidden; it is read all the same")
    if grid.hidden_rows:
        log.add(
            "W401",
            grid.name,
            got=f"{_listed(grid.hidden_rows, 'row')} hidden; hidden rows are read all the same",
            hint="Delete rows that should not count",
        )
    hidden = [column_letters(column) for column in grid.hidden_columns if column in grid.columns]
    if hidden:
        log.add("W401", grid.name, got=f"{_listed(hidden, 'column')} hidden; hidden columns are read all the same")
    if grid.merged:
        log.add(
            "W410",
            grid.name,
            got=f"merged cells ({', '.join(grid.merged[:4])}{' ...' if len(grid.merged) > 4 else ''})",
            hint="Only the first cell of a merged range has a value; the others count as blank",
        )


def _listed(items: list[Any], noun: str) -> str:
    text = ", ".join(map(str, items[:5])) + (f" and {len(items) - 5} more" if len(items) > 5 else "")
    return f"{noun} {text} is" if len(items) == 1 else f"{noun}s {text} are"


def _report_unknown(workbook: Workbook, info: SheetInfo, grids: dict[str, Grid], log: Log) -> None:
    """Report a sheet that is not read; one that holds a known table under a misspelt name is an error."""
    if plain(info.name) in IGNORED or not info.worksheet:
        return
    schema = load_schema()
    near = nearest(info.name, [name for name in schema if name not in grids], cutoff=0.7)
    if near is None:
        log.add("W402", info.name, got="the sheet is not read")
        return
    try:
        texts = {plain(text) for text in workbook.first_texts(info)}
    except UnreadableError:
        texts = set()
    wanted = {column.name for column in schema[near].fixed} if near != "settings" else {"key", "value"}
    if len(wanted & texts) * 2 >= len(wanted) or len(wanted & texts) >= 3:
        log.add(
            "E014",
            info.name,
            got=f"the sheet looks like the table {near} under another name",
            expected="the name of a table",
            hint=f"Rename it to {near}",
        )
    else:
        log.add("W402", info.name, got="the sheet is not read", hint=f"Did you mean {near}?")
