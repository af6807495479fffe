"""From raw cells to typed values, a column at a time, with a fault for each cell that does not fit.

A column whose cells are all of the right kind is converted whole; only a column with a misfit is looked at cell by
cell. A faulty cell gets a harmless value, so that the rest of the table can still be checked.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any

from procure.calendar import example_label
from procure.reading.cells import CellError, Uncalculated, nearest, serial_date, text_number
from procure.reading.faults import shown
from procure.reading.labels import corrected_label, period_hint
from procure.reading.layout import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.calendar import Calendar
    from procure.reading.faults import Log
    from procure.reading.layout import Table
    from procure.schema import Column

__all__ = ["Cell", "Converter", "expected"]

_LARGEST = 1e15
_LONGEST = 255
_YES = frozenset(["yes", "y", "true", "1", "ja", "oui"])
_NO = frozenset(["no", "n", "false", "0", "nein", "non"])
_NOTHING = frozenset(["n/a", "na", "none", "nil", "tbd", "tbc", "unknown", "blank", "", "?", "null", "nan"])
_UNLIMITED = frozenset(["unlimited", "inf", "infinite", "no limit", "none"])


def expected(column: Column, calendar: Calendar | None = None) -> str:
    """Say in words what belongs in a column."""
    match column.type:
        case "number" | "integer" | "fraction":
            kind = {"number": "a number", "integer": "a whole number", "fraction": "a fraction"}[column.type]
            unit = f" in {column.unit}" if column.unit and column.type != "fraction" else ""
            words = column.range.words() if column.range is not None else ""
            return f"{kind}{unit}{', ' if words and not words.startswith('between') else ' ' if words else ''}{words}"
        case "choice":
            return f"one of {', '.join(column.choices)}" if len(column.choices) > 1 else f"the word {column.choices[0]}"
        case "yesno":
            return "yes or no"
        case "period" | "period_last":
            return f"a period like {example_label(calendar.length if calendar else 'quarter')}"
        case "names":
            return "names, separated by commas"
        case "name":
            if column.references:
                return "one of the " + " or ".join(_declared(name) for name in column.references)
            return "a name"
        case _:
            return "a text"


def _declared(reference: str) -> str:
    return {"*": "*", "warehouse": "warehouse", "campus": "campuses"}.get(reference, reference)


class Cell:
    """A place for faults: one cell of a table, or of ``settings``."""

    __slots__ = ("_addressed", "_at", "_column", "_log", "_row", "_title")

    def __init__(self, log: Log, title: str, row: int, at: int | None, column: str, *, addressed: bool) -> None:
        self._log, self._title, self._row, self._at, self._column = log, title, row, at, column
        self._addressed = addressed

    def room(self) -> bool:
        """Whether a fault of this column would be kept, so that its hint is worth finding."""
        return self._log.room(self._title, self._column)

    def fault(self, code: str, got: Any, expected: str | None = None, hint: str | None = None) -> None:
        """Record a fault of this cell."""
        text = got if code in {"E112", "E202"} else shown(got)
        self._log.add(
            code,
            self._title,
            row=self._row,
            at=self._at,
            column=self._column,
            got=text,
            expected=expected,
            hint=hint,
            addressed=self._addressed,
        )


class Converter:
    """Converts the columns of the tables of one workbook; ``calendar`` is None where the settings are too broken."""

    def __init__(self, log: Log, calendar: Calendar | None) -> None:
        self.log, self.calendar = log, calendar
        self._periods: dict[tuple[Any, str], float | None] = {}

    def column(self, table: Table, column: Column) -> list[Any]:
        """Return the typed values of a column of a table, defaults filled."""
        raw = table.raw.get(column.name)
        if raw is None:
            return [self._blank(column)] * len(table)
        return self.values(column, raw, lambda i: self._cell(table, column.name, i))

    def series(self, table: Table, column: Column, name: str, at: int, raw: list[Any]) -> list[float | None]:
        """Return the numbers of one period or workload column; None where a cell is blank."""
        fast = _fast_numbers(column, raw, None)
        if fast is not None:
            return fast
        return [
            None
            if value is None
            else self._one(
                column, value, Cell(self.log, table.title, table.rows[i], at, name, addressed=table.addressed)
            )
            for i, value in enumerate(raw)
        ]

    def values(self, column: Column, raw: list[Any], cell: Callable[[int], Cell]) -> list[Any]:
        """Convert raw values; ``cell(i)`` makes the place of the i-th for a fault."""
        blank = self._blank(column)
        kinds = set(map(type, raw))
        required = column.required and blank is None
        if column.numeric and not (required and None in raw):
            fast = _fast_numbers(column, raw, blank)
            if fast is not None:
                return fast
        elif column.type in {"name", "text"} and kinds <= {str} and max(map(len, raw), default=0) <= _LONGEST:
            if all(map(str.isprintable, set(raw))):
                return raw
        elif column.type == "choice" and kinds <= {str, type(None)} and not (required and None in raw):
            known = {value: plain(value) for value in set(raw) - {None}}
            if set(known.values()) <= set(column.choices):
                return [blank if value is None else known[value] for value in raw]
        elif column.is_period and kinds <= {str, float, dt.datetime, type(None)} and self.calendar is not None:
            found = {value: self._period(column, value) for value in set(raw)}
            if None not in found.values() and not (required and None in raw):
                return [found[value] for value in raw]
        harmless = self.filler(column)
        result: list[Any] = []
        for i, value in enumerate(raw):
            if value is not None:
                result.append(self._one(column, value, cell(i)))
            elif required:
                cell(i).fault(
                    "E112", "the cell is blank", expected(column, self.calendar), "Fill it in or clear the row"
                )
                result.append(harmless)
            else:
                result.append(blank)
        return result

    def _cell(self, table: Table, name: str, i: int) -> Cell:
        return Cell(self.log, table.title, table.rows[i], table.at.get(name), name, addressed=table.addressed)

    def _blank(self, column: Column) -> Any:
        """Return what a blank cell means; None where it must be filled."""
        if column.required:
            return None
        value = column.default_value()
        if column.numeric:
            return math.nan if value is None else float(value)
        return () if column.type == "names" else value

    def filler(self, column: Column) -> Any:
        """Return a harmless value for a faulty cell."""
        if column.numeric:
            low = column.range.low if column.range is not None else 0.0
            return max(1.0, low) if column.type != "fraction" else 0.0
        if column.is_period:
            return math.nan
        if column.key:
            return ""  # a blank key is no duplicate of anything
        return {"yesno": True, "names": ()}.get(column.type, column.choices[0] if column.choices else "")

    def _one(self, column: Column, value: Any, cell: Cell) -> Any:
        """Convert one cell that is not blank."""
        want = expected(column, self.calendar)
        if isinstance(value, CellError):
            cell.fault("E104", str(value), want, "The formula in this cell failed; repair it or type the value")
        elif isinstance(value, Uncalculated):
            hint = "Open the workbook in Excel or LibreOffice, let it calculate, save it, and try again"
            cell.fault("E105", f"={value}", f"{want}, but the formula was never calculated", hint)
        elif column.numeric:
            return self._number(column, value, cell, want)
        elif column.is_period:
            index = self._period(column, value)
            if index is not None:
                return index
            if self.calendar is not None or not isinstance(value, str):
                self._period_fault(value, cell, want)
        elif column.type == "yesno":
            return self._yesno(value, cell, want)
        elif column.type == "choice":
            return self._choice(column, value, cell, want)
        elif column.type == "names":
            return self._names(column, value, cell, want)
        else:
            return self._text(column, value, cell, want)
        return self.filler(column)

    def _number(self, column: Column, value: Any, cell: Cell, want: str) -> float:
        if isinstance(value, bool):
            hint = "TRUE and FALSE are not numbers; type 1 or 0 if that is meant"
            cell.fault("E103", value, want, hint)
        elif isinstance(value, dt.date):
            cell.fault("E114", value, want, "The cell is formatted as a date; format it as a number and type it again")
        elif isinstance(value, str):
            if value.casefold() in _UNLIMITED and "unlimited" in (column.default, *re.split(r"[|=]", column.blank)):
                return math.inf
            return self._text_number(column, value, cell, want)
        elif math.isnan(value) or abs(value) > _LARGEST:
            if value == math.inf and "unlimited" in (column.default, *re.split(r"[|=]", column.blank)):
                return math.inf
            cell.fault("E116", value, want, "It is far too large to be meant")
        elif column.type == "integer" and not float(value).is_integer():
            low = math.floor(value)
            cell.fault("E106", value, want, f"Enter {low} or {low + 1}")
        elif column.range is not None and value not in column.range:
            cell.fault("E102", value, want, _range_hint(column, value))
        else:
            return float(value)
        return float(self.filler(column))

    def _text_number(self, column: Column, value: str, cell: Cell, want: str) -> float:
        found = text_number(value, unit=column.unit)
        if found is None:
            hint = None
            if plain(value).strip("_./") in _NOTHING and not column.required:
                wide = column.name.startswith("<")
                hint = "Leave the cell blank" + (" to repeat the one on its left" if wide else " for the default")
            cell.fault("E101", value, want, hint)
            return float(self.filler(column))
        number, odd = found
        plain_value = shown(number)
        hint = {
            "text": f"The number is stored as text; enter {plain_value} as a number",
            "comma": f"Looks like a decimal comma; enter {plain_value}",
            "grouping": f"Looks like separators of thousands; enter {plain_value}",
            "percent": f"Enter {plain_value}, or {shown(round(number * 100, 9))} % in a cell formatted as percent",
            "currency": f"Enter {plain_value} without a currency",
        }.get(odd, f"Enter {plain_value}: only the number belongs in the cell")
        if column.range is not None and number not in column.range:
            hint += f" ({plain_value} would be out of range)"
        cell.fault("E107", value, want, hint)
        return float(self.filler(column))

    def _period(self, column: Column, value: Any) -> float | None:
        """Return the period index of a label (NaN for a blank); None where it is none."""
        if value is None:
            return math.nan
        if self.calendar is None or isinstance(value, bool):
            return None
        edge = "last" if column.type == "period_last" else "first"
        key = (value, edge)
        if key not in self._periods:
            try:
                self._periods[key] = float(self.calendar.index(value, edge))  # type: ignore[arg-type]
            except ValueError:
                self._periods[key] = None
        return self._periods[key]

    def _period_fault(self, value: Any, cell: Cell, want: str) -> None:
        if isinstance(value, bool):
            cell.fault("E103", value, want)
            return
        if isinstance(value, float):
            date = serial_date(value)
            if date is not None:
                label = self.calendar.label(self.calendar.index(date)) if self.calendar else f"{date:%Y-%m}"
                hint = f"{shown(value)} is the date {date} as a number; enter {label} or format the cell as a date"
                cell.fault("E109", value, want, hint)
                return
            near: str | None = None
        else:
            near = corrected_label(str(value), self.calendar)
        cell.fault("E108", value, want, f"Enter {near}" if near else period_hint(str(value)))

    def _yesno(self, value: Any, cell: Cell, want: str) -> bool:
        if isinstance(value, bool):
            return value
        text = plain(value) if isinstance(value, str) else shown(value)
        if text in _YES or text in _NO:
            return text in _YES
        cell.fault("E111", value, want)
        return True

    def _choice(self, column: Column, value: Any, cell: Cell, want: str) -> str:
        if isinstance(value, str):
            text = plain(value)
            if text in column.choices:
                return text
            near = nearest(value, column.choices) if cell.room() else None
            cell.fault("E110", value, want, f"Did you mean {near}?" if near else None)
        else:
            cell.fault("E110", value, want)
        return str(self.filler(column))

    def _names(self, column: Column, value: Any, cell: Cell, want: str) -> tuple[str, ...]:
        if isinstance(value, list | tuple | set | frozenset):
            return tuple(str(item) for item in value)
        text = self._text(column, value, cell, want)
        names = tuple(dict.fromkeys(" ".join(part.split()) for part in re.split(r"[,;\n]", text) if part.strip()))
        return () if {"all", "*"} & {name.casefold() for name in names} else names

    def _text(self, column: Column, value: Any, cell: Cell, want: str) -> str:
        if isinstance(value, str):
            if len(value) <= _LONGEST or column.type == "text":
                bad = next((c for c in value if not c.isprintable()), None)
                if bad is None or column.type == "text":
                    return value
                cell.fault(
                    "E115", value, f"{want} without control characters", f"Retype it; it contains U+{ord(bad):04X}"
                )
            else:
                cell.fault(
                    "E115", value, f"{want} of at most {_LONGEST} characters", f"It has {len(value):,} characters"
                )
        elif isinstance(value, bool):
            cell.fault("E103", value, want, "Format the cell as text and type the name again")
        elif isinstance(value, dt.date):
            hint = "Names like MAR1 turn into dates; format the cell as text and type it again"
            cell.fault("E113", value, want, hint)
        elif math.isfinite(value):
            return shown(float(value))
        else:
            cell.fault("E113", value, want)
        return str(self.filler(column))


def _fast_numbers(column: Column, raw: list[Any], blank: float | None) -> list[Any] | None:
    """Return the column where every cell is blank or a number in range, else None (``blank`` fills blank cells)."""
    kinds = set(map(type, raw))
    if not kinds <= {float, type(None)}:
        return None
    present: Sequence[float] = raw if kinds == {float} else [value for value in raw if value is not None]
    if present:
        low, high = min(present), max(present)
        if not (low >= -_LARGEST and high <= _LARGEST) or math.isnan(sum(present)):
            return None
        if column.range is not None and not (low in column.range and high in column.range):
            return None
        if column.type == "integer" and not all(map(float.is_integer, present)):
            return None
    if len(present) == len(raw):
        return raw
    return raw if blank is None else [blank if value is None else value for value in raw]


def _range_hint(column: Column, value: float) -> str | None:
    share = column.type == "fraction" or (column.range is not None and 1 <= column.range.high <= 10)
    if column.name == "pue" and value < 1:
        hint = "PUE is facility power over IT power, never below 1"
        return f"{hint}; for {shown(100 * value)} % of overhead enter {shown(1 + value)}" if value > 0 else hint
    if value < 0:
        return (
            f"Enter {shown(-value)} if the sign is wrong"
            if column.range is not None and -value in column.range
            else None
        )
    if share and 1 < value <= 100 and column.range is not None and value / 100 in column.range:
        return f"For {shown(value)} % enter {shown(value / 100)}"
    return None
