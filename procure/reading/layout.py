"""From a grid to a table: where its header stands, which column is which, which rows are records.

A table belongs in A1. Where it starts elsewhere that is a fault, but it is read from there all the same, so that the
other faults come out with it. Columns that the data dictionary does not know are notes: they are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procure.calendar import parse_label
from procure.reading.cells import CellError, Uncalculated, nearest, serial_date
from procure.reading.faults import column_letters, shown
from procure.schema import PERIOD, WORKLOAD

if TYPE_CHECKING:
    from procure.reading.cells import Grid
    from procure.reading.faults import Log
    from procure.schema import Sheet

__all__ = ["NOTES", "Spread", "Table", "plain", "read_table"]

NOTES = frozenset(
    ["note", "notes", "source", "sources", "comment", "comments", "remark", "remarks", "unit", "units", "description"]
)
_HEADER_ROWS = 25
_PERIOD_LIKE = re.compile(r"(?:19|20|21)\d\d|(?:^|\W)[QH][1-9]|[QH]\d\W?\d\d|\d\d\W?[QH]\d", re.IGNORECASE)


@dataclass(slots=True)
class Spread:
    """One period or workload column: its header as it stands, its sheet column and its raw values."""

    header: Any
    at: int
    values: list[Any]


@dataclass(slots=True)
class Table:
    """The records of one sheet.

    ``rows`` are sheet rows of the records; ``raw`` maps a canonical column to its raw cells and ``at`` to its sheet
    column; ``spread`` are the period or workload columns. ``values`` and ``series`` hold what the cells mean, all
    defaults filled, once ``procure.reading.convert`` has read them. ``ok``: no fault in the sheet so far.
    """

    sheet: Sheet
    title: str
    rows: list[int] = field(default_factory=list)
    raw: dict[str, list[Any]] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    spread: list[Spread] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    series: dict[str, list[float]] = field(default_factory=dict)
    present: bool = False
    addressed: bool = True

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)


def plain(text: str) -> str:
    """Return a header or sheet name as it is compared: lower case, words joined by underscores, no unit in brackets."""
    text = re.sub(r"\s*[(\[].*$", "", text) or text
    return re.sub(r"[\s\-]+", "_", text.strip().casefold())


def _known(sheet: Sheet) -> dict[str, str]:
    """Return the canonical name for each name and alias of a column."""
    names = {alias: column.name for column in sheet.fixed for alias in map(plain, column.aliases)}
    return names | {column.name: column.name for column in sheet.fixed}


def _is_period(value: Any) -> bool:
    if value is None or isinstance(value, bool | CellError | Uncalculated):
        return False
    try:
        parse_label(value)
    except ValueError:
        return False
    return True


def _header_index(grid: Grid, sheet: Sheet, known: dict[str, str]) -> int | None:
    """Return the index of the row that has most of the known headers, if any has one."""
    wide = sheet.spread is not None and sheet.spread.name == PERIOD
    best, best_score = None, 0.0
    for i in range(min(_HEADER_ROWS, len(grid.rows))):
        score = 0.0
        for values in grid.columns.values():
            value = values[i]
            if isinstance(value, str):
                score += plain(value) in known
            if wide and _is_period(value):
                score += 0.5
        if score > best_score:
            best, best_score = i, score
    return best


def read_table(grid: Grid, sheet: Sheet, log: Log) -> Table:
    """Find the header of a grid, assign its columns and take its records; faults go to the log."""
    table = Table(sheet, grid.name, present=True, addressed=grid.addressed)
    known = _known(sheet)
    if not grid.rows:
        return table
    top = _header_index(grid, sheet, known)
    if top is None:
        names = [column.name for column in sheet.fixed] + (["one column a period"] if sheet.kind == "wide" else [])
        expected = f"the headers {', '.join(names[:8])}{' ...' if len(names) > 8 else ''} in row 1"
        log.add("E020", grid.name, got="no header row was found", expected=expected)
        return table
    header = {column: values[top] for column, values in grid.columns.items()}
    body = {column: values[top + 1 :] for column, values in grid.columns.items()}
    unknown = _assign(table, grid, top, header, body, known, log)
    key = _key_without_name(table, header, body, unknown)
    _check_start(table, grid, top, header, key, log)
    _report_unknown(table, grid, top, header, body, unknown, known, log)
    _missing(table, grid, header, unknown, known, log)
    _records(table, grid.rows[top + 1 :])
    return table


def _assign(
    table: Table,
    grid: Grid,
    top: int,
    header: dict[int, Any],
    body: dict[int, list[Any]],
    known: dict[str, str],
    log: Log,
) -> list[int]:
    """Assign columns by their header; returns the sheet columns whose header is not known."""
    sheet, row = table.sheet, grid.rows[top]
    spread = sheet.spread.name if sheet.spread else ""
    unknown: list[int] = []
    for at, value in header.items():
        if value is None:
            continue
        name = known.get(plain(value)) if isinstance(value, str) else None
        if isinstance(value, CellError | Uncalculated):
            hint = "Type the header as plain text"
            log.add(
                "E024",
                grid.name,
                row=row,
                at=at,
                column=column_letters(at),
                got=f"got the header {shown(str(value))}",
                expected="the name of a column",
                hint=hint,
                addressed=grid.addressed,
            )
        elif name is not None and name in table.at:
            first = column_letters(table.at[name])
            log.add(
                "E022",
                grid.name,
                row=row,
                at=at,
                column=name,
                got=f"the header {shown(value)} stands twice",
                expected=f"one column {name}",
                hint=f"The first one is column {first}",
                addressed=grid.addressed,
            )
        elif name is not None:
            table.at[name] = at
            table.raw[name] = body[at]
        elif (spread == PERIOD and _is_period(value)) or (
            spread == WORKLOAD and isinstance(value, str) and plain(value) not in NOTES
        ):
            table.spread.append(Spread(value, at, body[at]))
        elif spread == PERIOD and (not isinstance(value, str) or _PERIOD_LIKE.search(value)):
            _bad_period_header(grid, row, at, value, log)
        else:
            unknown.append(at)
    return unknown


def _bad_period_header(grid: Grid, row: int, at: int, value: Any, log: Log) -> None:
    date = serial_date(value) if isinstance(value, float) else None
    if date is not None:
        hint = f"{shown(value)} is the date {date} as a number; format the cell as a date or type the period"
    elif isinstance(value, str) and re.search(r"Q\s*[05-9]", value, re.IGNORECASE):
        hint = "Quarters are Q1 to Q4"
    else:
        hint = "Type the period, or move the column behind a header that is a word"
    log.add(
        "E205",
        grid.name,
        row=row,
        at=at,
        column=column_letters(at),
        got=f"got the header {shown(value)}",
        expected="a period like 2027Q1, 2027-03, 2027H1 or 2027",
        hint=hint,
        addressed=grid.addressed,
    )


def _key_without_name(
    table: Table, header: dict[int, Any], body: dict[int, list[Any]], unknown: list[int]
) -> int | None:
    """In a wide table with one key, take the texts left of the periods as the key whatever their header says."""
    keys = table.sheet.keys
    if table.sheet.kind != "wide" or len(keys) != 1 or keys[0] in table.at or not table.spread:
        return None
    first = min(spread.at for spread in table.spread)
    for at in sorted(body):
        if at < first and (at in unknown or header[at] is None) and any(isinstance(v, str) for v in body[at]):
            table.at[keys[0]] = at
            table.raw[keys[0]] = body[at]
            if at in unknown:
                unknown.remove(at)
            return at
    return None


def _check_start(table: Table, grid: Grid, top: int, header: dict[int, Any], key: int | None, log: Log) -> None:
    if not grid.addressed:
        return
    filled = [at for at, value in header.items() if value is not None or at == key]
    first, row = min(filled), grid.rows[top]
    if row == 1 and first == 0:
        return
    above = f"{row - 1} row{'s' if row != 2 else ''} above" if row > 1 else ""
    left = f"{first} column{'s' if first != 1 else ''} on its left" if first else ""
    hint = f"Delete the {' and the '.join(part for part in (above, left) if part)}"
    log.add(
        "E023",
        grid.name,
        row=row,
        at=first,
        got=f"the table starts in {column_letters(first)}{row}",
        expected="the header in row 1 and the first column in A",
        hint=hint,
    )


def _report_unknown(
    table: Table,
    grid: Grid,
    top: int,
    header: dict[int, Any],
    body: dict[int, list[Any]],
    unknown: list[int],
    known: dict[str, str],
    log: Log,
) -> None:
    """Report once what is kept as notes; a header that looks like a misspelt column gets a warning of its own."""
    free = [name for name in known if known[name] not in table.at]
    row, notes = grid.rows[top], []
    for at in unknown:
        name = str(header[at])
        if plain(name) in NOTES:
            continue
        near = nearest(name, free, cutoff=0.75) if len(free) else None
        if near is not None:
            log.add(
                "W403",
                grid.name,
                row=row,
                at=at,
                column=name[:60],
                got=f"the column {shown(name)} is not known",
                hint=f"Did you mean {known[near]}? It is kept as a note and not read",
                addressed=grid.addressed,
            )
        else:
            notes.append(name)
    if notes:
        listed = ", ".join(shown(name) for name in notes[:6]) + (
            f" and {len(notes) - 6} more" if len(notes) > 6 else ""
        )
        log.add("N501", grid.name, got=f"further columns are kept as notes: {listed}")
    if not grid.addressed:
        return
    for at, values in body.items():
        if header[at] is None and at not in table.at.values():
            i = next((i for i, value in enumerate(values) if value is not None), None)
            if i is not None:
                log.add(
                    "W405",
                    grid.name,
                    row=grid.rows[top + 1 + i],
                    at=at,
                    got=f"got {shown(values[i])} under no header",
                    hint="It is not read; give the column a header or delete it",
                )


def _missing(
    table: Table, grid: Grid, header: dict[int, Any], unknown: list[int], known: dict[str, str], log: Log
) -> None:
    for column in table.sheet.fixed:
        if not column.required or column.name in table.at:
            continue
        near = nearest(column.name, [str(header[at]) for at in unknown], cutoff=0.6)
        hint = f"Rename the column {shown(near)} to {column.name}" if near else f"Add a column {column.name}"
        log.add(
            "E021",
            grid.name,
            column=column.name,
            got=f"there is no column {column.name}",
            expected=column.description.rstrip("."),
            hint=hint,
        )


def _records(table: Table, rows: list[int]) -> None:
    """Keep the rows in which a column that is read has a value."""
    read = [*table.raw.values(), *(spread.values for spread in table.spread)]
    if any(None not in values for values in read):
        table.rows = rows
        return
    keep = (
        [i for i, row in enumerate(zip(*read, strict=True)) if any(value is not None for value in row)] if read else []
    )
    table.rows = [rows[i] for i in keep]
    if len(keep) < len(rows):
        table.raw = {name: [values[i] for i in keep] for name, values in table.raw.items()}
        for spread in table.spread:
            spread.values = [spread.values[i] for i in keep]
