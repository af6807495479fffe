"""What is wrong with an input, where, and what to do about it.

A ``Fault`` is one finding: an error (the case is not solved), a warning or a note. A ``Log`` collects all of them in
one pass, keeps at most ``PER_COLUMN`` a column and code family, counts the rest, and returns them in workbook order.
Codes are stable: E0xx the file, E1xx a cell, E2xx names and columns, E3xx what cannot hold together, W4xx warnings,
N5xx notes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from procure.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CODES", "PER_COLUMN", "Fault", "InputError", "Log", "column_letters", "listed", "shown", "split_address"]

Severity = Literal["error", "warning", "note"]

PER_COLUMN = 20
_SHOWN = 60

CODES: dict[str, str] = {
    "E001": "the file cannot be opened",
    "E002": "the file is not an .xlsx workbook",
    "E003": "the workbook is damaged",
    "E004": "the workbook is larger than any plan needs",
    "E005": "the workbook contains XML that is not safe to read",
    "E010": "a required sheet is missing",
    "E011": "two sheets hold the same table",
    "E012": "a required table has no rows",
    "E013": "the table is not supported yet",
    "E014": "a sheet holds a known table under a misspelt name",
    "E015": "a table of frames is of the wrong kind",
    "E020": "the header row is missing",
    "E021": "a required column is missing",
    "E022": "a column stands twice",
    "E023": "the table does not start in A1",
    "E024": "a column header cannot be read",
    "E101": "a number belongs here",
    "E102": "the number is out of range",
    "E103": "TRUE or FALSE where something else belongs",
    "E104": "an error cell",
    "E105": "a formula that was never calculated",
    "E106": "a whole number belongs here",
    "E107": "a number typed as text",
    "E108": "a period belongs here",
    "E109": "a date typed as a number",
    "E110": "not one of the choices",
    "E111": "yes or no belongs here",
    "E112": "a required cell is blank",
    "E113": "a text belongs here",
    "E114": "a date where a number belongs",
    "E115": "the text is too long or unreadable",
    "E116": "the number is not finite or far too large",
    "E201": "an unknown name",
    "E202": "a duplicate",
    "E203": "a reserved name",
    "E204": "an unknown setting",
    "E205": "the period column cannot be read",
    "E301": "fleet is delivered at or after the start",
    "E302": "a committed order was delivered before the start",
    "E303": "a hall has no power row",
    "E304": "committed orders exceed the budget",
    "E305": "demand exceeds anything that could be delivered",
    "E306": "minimum demand exceeds maximum demand",
    "E307": "the last period lies before the first",
    "E308": "buying and reselling pays without limit",
    "E309": "a generation has no compute",
    "E310": "a generation has no price",
    "E311": "a unit takes no rack and has no density",
    "W401": "hidden rows or columns are read",
    "W402": "a sheet is not read",
    "W403": "an unknown column that looks like a known one",
    "W404": "an unknown setting is not read",
    "W405": "a value without a column header",
    "W406": "an implausible value",
    "W407": "a name in other capitals",
    "W408": "period columns out of order",
    "W409": "values from other workbooks",
    "W410": "merged cells",
    "W411": "a coarser period column",
    "W412": "a budget row under another name",
    "W420": "fleet exceeds power on day one",
    "W421": "fleet exceeds space on day one",
    "W422": "fleet stands where it cannot stay",
    "W423": "fleet is past its service life",
    "W424": "an order can never be placed",
    "W425": "nothing drives the objective",
    "W426": "a committed order arrives after the horizon",
    "W427": "a cost left blank counts as nothing",
    "W428": "a campus and a hall share a name",
    "W429": "one generation only and a cap on its share",
    "N501": "further columns are kept as notes",
    "N502": "period columns outside the horizon are not read",
    "N503": "macros are not run",
    "N504": "workloads are taken from performance",
}


# Codes whose ``got`` is what stands in the cell; that of the others is a statement.
_VALUES = frozenset([
    *(f"E1{i:02d}" for i in range(1, 17) if i != 12), "E015", "E024", "E201", "E203", "E204", "E205", "E301", "E302",
    "E307", "W406", "W407", "W412", "W426",
])  # fmt: skip


def shown(value: Any) -> str:
    """Return a cell's value as a message shows it: texts in quotes and cut, whole numbers without ``.0``."""
    if value is None:
        return "an empty cell"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if hasattr(value, "strftime"):
        midnight = not (getattr(value, "hour", 0) or getattr(value, "minute", 0) or getattr(value, "second", 0))
        return f"{value:%Y-%m-%d}" if midnight else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        text = "".join(c if c.isprintable() else "�" for c in value[: _SHOWN + 1])
        return f"'{text[:_SHOWN]}…'" if len(value) > _SHOWN else f"'{text}'"
    return str(value)


def listed(names: Sequence[str], most: int = 6) -> str:
    """Return the first names in quotes and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more


def column_letters(index: int) -> str:
    """Return the letters of a zero-based column: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding.

    Attributes
    ----------
    code, severity
        A key of ``CODES``; ``error``, ``warning`` or ``note``.
    sheet, cell, row, column
        Where: sheet name as the workbook has it, address (``B7``), row number and column name; None where the
        finding is about more than a cell. Rows of DataFrames are counted from 1, without an address.
    got, expected, hint
        What stands there (or what is wrong, in words), what was expected, and what to do: a corrected value or the
        nearest known name.
    """

    code: str
    severity: Severity
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    column: str | None = None
    got: str | None = None
    expected: str | None = None
    hint: str | None = None

    @property
    def where(self) -> str:
        """The place in words: ``sites!C6 (pue)``, ``sites row 5 (pue)``, ``sites``."""
        place = self.sheet or "workbook"
        if self.cell:
            place += f"!{self.cell}"
        elif self.row is not None:
            place += f" row {self.row}"
        return f"{place} ({self.column})" if self.column and self.column != self.cell else place

    def __str__(self) -> str:
        """Return the one-line message."""
        text = f"{self.severity} {self.code} {self.where}: "
        got = f"got {self.got}" if self.got and self.code in _VALUES and self.row is not None else self.got
        text += "; ".join(part for part in (got, self.expected and f"expected {self.expected}") if part)
        return f"{text}. {self.hint}" if self.hint else text


@dataclass(slots=True)
class Log:
    """Collects faults; ``order`` is the order of sheets in the workbook, ``bad`` the sheets with an error."""

    order: dict[str, int] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    _faults: list[tuple[tuple[int, int, int, int], Fault]] = field(default_factory=list)
    _counts: dict[tuple[str | None, str | None, str], int] = field(default_factory=dict)

    def room(self, sheet: str | None, column: str | None, severity: Severity = "error") -> bool:
        """Whether one more finding of a column would be kept: if not, it need not be worded, only counted."""
        return self._counts.get((sheet, column, severity), 0) < PER_COLUMN

    def count(self, sheet: str, column: str) -> int:
        """Return how many errors a column has so far."""
        return self._counts.get((sheet, column, "error"), 0)

    def add(
        self,
        code: str,
        sheet: str | None = None,
        *,
        row: int | None = None,
        at: int | None = None,
        column: str | None = None,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
        addressed: bool = True,
    ) -> None:
        """Record a finding at (row, zero-based sheet column ``at``); ``addressed``: the sheet has cell addresses."""
        severity: Severity = {"E": "error", "W": "warning"}.get(code[0], "note")  # type: ignore[assignment]
        if severity == "error" and sheet is not None:
            self.bad.add(sheet)
        if column is not None and row is not None:
            roomy = self.room(sheet, column, severity)
            self._counts[sheet, column, severity] = self._counts.get((sheet, column, severity), 0) + 1
            if not roomy:
                return
        cell = f"{column_letters(at)}{row}" if addressed and row is not None and at is not None else None
        fault = Fault(code, severity, sheet, cell, row, column, got, expected, hint)
        place = self.order.get(sheet or "", -1 if sheet is None else len(self.order))
        self._faults.append(((place, row or 0, -1 if at is None else at, len(self._faults)), fault))

    @property
    def errors(self) -> bool:
        """Whether any finding is an error."""
        return any(fault.severity == "error" for _, fault in self._faults)

    def faults(self) -> list[Fault]:
        """Return all findings in workbook order, with a count after a column of more than ``PER_COLUMN``."""
        entries = list(self._faults)
        for (sheet, column, severity), count in self._counts.items():
            if count > PER_COLUMN:
                mine = [
                    e
                    for e in entries
                    if (e[1].sheet, e[1].column, e[1].severity) == (sheet, column, severity) and e[1].row is not None
                ]
                place, last = max(mine, key=lambda entry: entry[0])
                rest = count - len(mine)
                kind = {"error": "fault", "warning": "warning", "note": "note"}[severity]
                got = f"and {rest:,} more {kind}{'s' if rest != 1 else ''} in this column"
                entries.append(
                    ((*place[:3], len(entries)), Fault(last.code, last.severity, sheet, column=column, got=got))
                )
        return [fault for _, fault in sorted(entries, key=lambda entry: entry[0])]


_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def split_address(cell: str) -> tuple[int, int]:
    """Return (row, zero-based column) of an address like ``B7``."""
    match = _ADDRESS.fullmatch(cell)
    if match is None:
        raise ValueError(f"{cell!r} is not a cell address")
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - 64
    return int(match[2]), column - 1
