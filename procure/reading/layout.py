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
from procure.reading.faults import column_letters, listed, shown
from procure.reading.labels import corrected_label, period_hint
from procure.schema import PERIOD

if TYPE_CHECKING:
    from procure.reading.cells import Grid
    from procure.reading.faults import Log
    from procure.schema import Sheet

__all__ = ["NOTES", "Spread", "Table", "plain", "read_table"]

NOTES = frozenset(
    ["note", "notes", "source", "sources", "comment", "comments", "remark", "remarks", "unit", "units", "description"]
)
_HEADER_ROWS = 25
_PERIOD_LIKE = re.compile(
    r"(?:[FC]Y\W?)?(?:19|20|21)?\d\d[\W_]?[QHSM]?[\W_]?\d{0,2}|[QHSM]\W?\d{1,2}\W{0,2}(?:(?:19|20|21)?\d\d)?"
    r"|\d\W?[QHS]\W?\d{2,4}|\d{1,2}[/.-]\d{4}",
    re.IGNORECASE,
)


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
    defaults filled, once ``procure.reading.convert`` has read them. ``notes`` are the raw cells of columns that the
    data dictionary does not know, by header.
    """

    sheet: Sheet
    title: str
    rows: list[int] = field(default_factory=list)
    raw: dict[str, list[Any]] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    spread: list[Spread] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    series: dict[str, list[float]] = field(default_factory=dict)
    notes: dict[str, list[Any]] = field(default_factory=dict)
    present: bool = False
    addressed: bool = True

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)


def plain(text: str) -> str:
    """Return a header or sheet name as it is compared: lower case, words joined by underscores, no unit in brackets."""
    text = re.sub(r"\s*[(\[].*$", "", text) or text
    return re.sub(r"[\s\-]+", "_", text.strip().casefold())


def _is_period(value: Any) -> bool:
    if value is None or isinstance(value, bool | CellError | Uncalculated):
        return False
    try:
        parse_label(value)
    except ValueError:
        return False
    return True


def read_table(grid: Grid, sheet: Sheet, log: Log) -> Table:
    """Find the header of a grid, assign its columns and take its records; faults go to the log."""
    table = Table(sheet, grid.name, present=True, addressed=grid.addressed)
    if grid.rows:
        _Layout(table, grid, log).read()
    return table


class _Layout:
    """The steps from a grid to a table, with what they share: the header row and the columns still unknown."""

    def __init__(self, table: Table, grid: Grid, log: Log) -> None:
        self.table, self.grid, self.log = table, grid, log
        self.sheet = table.sheet
        self.wide = self.sheet.spread is not None and self.sheet.spread.name == PERIOD
        self.known = {alias: column.name for column in self.sheet.fixed for alias in map(plain, column.aliases)}
        self.known |= {column.name: column.name for column in self.sheet.fixed}
        self.header: dict[int, Any] = {}
        self.body: dict[int, list[Any]] = {}
        self.row = 0
        self.unknown: list[int] = []

    def read(self) -> None:
        top = self._header_index()
        if top is None:
            names = [column.name for column in self.sheet.fixed] + (["one column a period"] if self.wide else [])
            expected = f"the headers {', '.join(names[:8])}{' ...' if len(names) > 8 else ''} in row 1"
            self.log.add("E020", self.grid.name, got="no header row was found", expected=expected)
            return
        self.row = self.grid.rows[top]
        self.header = {at: values[top] for at, values in self.grid.columns.items()}
        self.body = {at: values[top + 1 :] for at, values in self.grid.columns.items()}
        for at, value in self.header.items():
            if value is not None:
                self._assign(at, value)
        key = self._key_without_name()
        self._check_start(key)
        missing = self._missing()
        self._report_unknown(missing)
        self.table.notes = {str(self.header[at]): self.body[at] for at in self.unknown}
        self._without_header(self.grid.rows[top + 1 :])
        self._records(self.grid.rows[top + 1 :])

    def _header_index(self) -> int | None:
        """Return the index of the row that has most of the known headers, if any has one."""
        best, best_score = None, 0.0
        for i in range(min(_HEADER_ROWS, len(self.grid.rows))):
            score = 0.0
            for values in self.grid.columns.values():
                value = values[i]
                if isinstance(value, str):
                    score += plain(value) in self.known
                if self.wide and _is_period(value):  # a bare number may be a year, but also a quantity
                    score += 0.25 if isinstance(value, float) else 0.5
            if score > best_score:
                best, best_score = i, score
        return best

    def _fault(self, code: str, at: int, column: str, got: str, expected: str | None = None, hint: str | None = None,
               *, row: int | None = None) -> None:  # fmt: skip
        self.log.add(code, self.grid.name, row=self.row if row is None else row, at=at, column=column, got=got,
                     expected=expected, hint=hint, addressed=self.grid.addressed)  # fmt: skip

    def _assign(self, at: int, value: Any) -> None:
        """Assign a column by its header."""
        table = self.table
        name = self.known.get(plain(value)) if isinstance(value, str) else None
        if isinstance(value, CellError | Uncalculated):
            self._fault("E024", at, column_letters(at), f"the header {shown(str(value))}", "the name of a column",
                        "Type the header as plain text")  # fmt: skip
        elif name is not None and name in table.at:
            self._fault("E022", at, name, f"the header {shown(value)} stands twice", f"one column {name}",
                        f"The first one is column {column_letters(table.at[name])}")  # fmt: skip
        elif name is not None:
            table.at[name] = at
            table.raw[name] = self.body[at]
        elif self._is_spread(value):
            table.spread.append(Spread(value, at, self.body[at]))
        elif self.wide and (not isinstance(value, str) or _PERIOD_LIKE.fullmatch(value)):
            self._bad_period_header(at, value)
        else:
            self.unknown.append(at)

    def _is_spread(self, value: Any) -> bool:
        """Whether a header names a period, or may name a workload."""
        if self.wide:
            return _is_period(value)
        return self.sheet.spread is not None and isinstance(value, str) and plain(value) not in NOTES

    def _bad_period_header(self, at: int, value: Any) -> None:
        date = serial_date(value) if isinstance(value, float) else None
        if date is not None:
            hint = f"{shown(value)} is the date {date} as a number; format the cell as a date or type the period"
        elif isinstance(value, str):
            near = corrected_label(value)
            hint = f"Enter {near}" if near else period_hint(value) or "A header that is no period must be a word"
        else:
            hint = "Type the period"
        self._fault("E205", at, column_letters(at), f"the header {shown(value)}",
                    "a period like 2027Q1, 2027-03, 2027H1 or 2027", hint)  # fmt: skip

    def _key_without_name(self) -> int | None:
        """In a wide table with one key, take the texts left of the periods as the key whatever their header says."""
        table, keys = self.table, self.sheet.keys
        if self.sheet.kind != "wide" or len(keys) != 1 or keys[0] in table.at or not table.spread:
            return None
        first = min(spread.at for spread in table.spread)
        for at, values in self.body.items():
            free = at in self.unknown or self.header[at] is None
            if at < first and free and any(isinstance(value, str) for value in values):
                table.at[keys[0]] = at
                table.raw[keys[0]] = values
                if at in self.unknown:
                    self.unknown.remove(at)
                return at
        return None

    def _check_start(self, key: int | None) -> None:
        filled = [at for at, value in self.header.items() if value is not None or at == key]
        first, row = min(filled), self.row
        if not self.grid.addressed or (row == 1 and first == 0):
            return
        above = f"{f'{row - 1} rows' if row != 2 else 'row'} above" if row > 1 else ""
        left = f"{f'{first} columns' if first != 1 else 'column'} on its left" if first else ""
        hint = f"Delete the {' and the '.join(part for part in (above, left) if part)}"
        self.log.add("E023", self.grid.name, row=row, at=first, got=f"the table starts in {column_letters(first)}{row}",
                     expected="the header in row 1 and the first column in A", hint=hint)  # fmt: skip

    def _missing(self) -> set[str]:
        """Report required columns that are missing; returns their names."""
        missing = {c.name for c in self.sheet.fixed if c.required and c.name not in self.table.at}
        for column in self.sheet.fixed:
            if column.name not in missing:
                continue
            near = nearest(column.name, [str(self.header[at]) for at in self.unknown], cutoff=0.6, short=False)
            hint = f"Rename the column {shown(near)} to {column.name}" if near else "Add it"
            self.log.add("E021", self.grid.name, column=column.name, got=f"there is no column {column.name}",
                         expected=f"a column {column.name}: {column.description}".rstrip("."), hint=hint)  # fmt: skip
        return missing

    def _report_unknown(self, missing: set[str]) -> None:
        """Report once what is kept as notes; a header that looks like a misspelt column gets its own warning."""
        free = [name for name, canonical in self.known.items() if canonical not in self.table.at]
        notes: list[str] = []
        for at in self.unknown:
            name = str(self.header[at])
            if plain(name) in NOTES:
                continue
            near = nearest(name, free, cutoff=0.8, short=False)
            if near is None:
                notes.append(name)
            elif self.known[near] not in missing:
                self._fault("W403", at, name[:60], f"the column {shown(name)} is not known", None,
                            f"Did you mean {self.known[near]}? It is kept as a note and not read")  # fmt: skip
        if notes:
            self.log.add("N501", self.grid.name, got=f"further columns are kept as notes: {listed(notes)}")

    def _without_header(self, rows: list[int]) -> None:
        used = set(self.table.at.values())
        for at, values in self.body.items():
            if self.header[at] is None and at not in used:
                i = next((i for i, value in enumerate(values) if value is not None), None)
                if i is not None:
                    self._fault("W405", at, column_letters(at), f"{shown(values[i])} stands under no header", None,
                                "It is not read; give the column a header or delete it", row=rows[i])  # fmt: skip

    def _records(self, rows: list[int]) -> None:
        """Keep the rows in which a column that is read has a value."""
        table = self.table
        read = [*table.raw.values(), *(spread.values for spread in table.spread)]
        if any(None not in values for values in read):
            table.rows = rows
            return
        keep = [i for i, row in enumerate(zip(*read, strict=True)) if any(v is not None for v in row)] if read else []
        table.rows = [rows[i] for i in keep]
        if len(keep) < len(rows):
            table.raw = {name: [values[i] for i in keep] for name, values in table.raw.items()}
            table.notes = {name: [values[i] for i in keep] for name, values in table.notes.items()}
            for spread in table.spread:
                spread.values = [spread.values[i] for i in keep]
