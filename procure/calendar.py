"""The planning calendar: period labels ↔ period indices.

A label names a stretch of whole months: ``2027-03`` (month), ``2027Q1`` (quarter), ``2027H1`` (half year), ``2027``
(year). Period 0 is the one that contains the workbook's ``start``; indices may be negative (before the start) or at or
beyond the number of periods (after the horizon). Every period of one length counts as equally long, with
8,760 hours a year.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

__all__ = ["HOURS_PER_YEAR", "LENGTHS", "MONTHS", "Calendar", "example_label", "parse_label"]

HOURS_PER_YEAR = 8760.0
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
LENGTHS = tuple(MONTHS)

_YEARS = range(1990, 2101)
_EXAMPLES = {"month": "2027-03", "quarter": "2027Q1", "half": "2027H1", "year": "2027"}
_MONTH_NAMES = {"JAN": 0, "FEB": 1, "MAR": 2, "APR": 3, "MAY": 4, "JUN": 5, "JUL": 6, "AUG": 7, "SEP": 8, "OCT": 9}
_MONTH_NAMES |= {"NOV": 10, "DEC": 11}

_PART_LAST = re.compile(r"((?:19|20|21)\d\d)[ _/-]?(?:(Q)([1-4])|([HS])([12])|M?(0?[1-9]|1[0-2]))")
_PART_FIRST = re.compile(r"(?:(Q)([1-4])|([HS])([12]))[ _/-]?((?:19|20|21)\d\d)")
_NAMED_MONTH = re.compile(r"([A-Z]{3})[A-Z]*[ _/.-]?((?:19|20|21)\d\d)")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?")


def example_label(length: str) -> str:
    """Return a label of this period length to show in a message: ``2027Q1`` for quarters."""
    return _EXAMPLES[length]


def parse_label(label: Any) -> tuple[int, int]:
    """Read a label as a stretch of months: (index of its first month, number of months).

    The month index counts from year 0 (``12 * year + month - 1``). Accepted: the four canonical forms, the same with a
    space or dash (``2027 Q1``, ``Q1 2027``, ``2027-3``, ``Mar 2027``), a year as a whole number 1990..2100, an ISO
    date and any date, datetime or pandas Timestamp.

    Raises
    ------
    ValueError
        Where the label is none of these.

    Examples
    --------
    >>> parse_label("2027Q2") == (12 * 2027 + 3, 3)
    True
    """
    if isinstance(label, dt.date):  # datetime and pandas.Timestamp are dates, too; NaT has a NaN year
        if not isinstance(label.year, int):
            raise ValueError("not a date")  # noqa: TRY004 - one error for whatever is not a label
        return 12 * label.year + label.month - 1, 1
    if not isinstance(label, bool | str) and isinstance(label, Real):
        year = float(label)
        if not (math.isfinite(year) and year.is_integer() and int(year) in _YEARS):
            raise ValueError(f"{label!r} is not a period")
        return 12 * int(year), 12
    if not isinstance(label, str):
        raise ValueError(f"{label!r} is not a period")  # noqa: TRY004 - one error for whatever is not a label
    return _parse_text(label)


def _parse_text(label: str) -> tuple[int, int]:
    text = " ".join(label.split()).upper()
    year: int
    if re.fullmatch(r"(?:19|20|21)\d\d(?:\.0)?", text):
        year, first, months = int(text[:4]), 0, 12
    elif match := _PART_LAST.fullmatch(text):
        year = int(match[1])
        first, months = _part(match[3], match[5], match[6])
    elif match := _PART_FIRST.fullmatch(text):
        year = int(match[5])
        first, months = _part(match[2], match[4], None)
    elif (match := _NAMED_MONTH.fullmatch(text)) and match[1] in _MONTH_NAMES:
        year, first, months = int(match[2]), _MONTH_NAMES[match[1]], 1
    elif match := _DATE.fullmatch(text):
        day = dt.date(int(match[1]), int(match[2]), int(match[3]))  # ValueError for 2027-02-30
        year, first, months = day.year, day.month - 1, 1
    else:
        raise ValueError(f"{label!r} is not a period")
    if year not in _YEARS:
        raise ValueError(f"{label!r} is not between {_YEARS[0]} and {_YEARS[-1]}")
    return 12 * year + first, months


def _part(quarter: str | None, half: str | None, month: str | None) -> tuple[int, int]:
    """Return (first month within the year, months) of the part that is given."""
    if quarter:
        return 3 * (int(quarter) - 1), 3
    if half:
        return 6 * (int(half) - 1), 6
    return int(month or 1) - 1, 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """T equally long periods from ``start``; build it with :meth:`make`.

    Attributes
    ----------
    start
        Canonical label of period 0.
    length
        ``month``, ``quarter``, ``half`` or ``year``.
    periods
        T, the number of periods of the horizon.
    labels
        Canonical labels of periods 0..T-1.
    years_per_period, hours_per_period, months_per_period
        Y (1/12, 0.25, 0.5 or 1), H = 8760 Y and 12 Y.
    """

    start: str
    length: str
    periods: int
    labels: tuple[str, ...]
    years_per_period: float
    hours_per_period: float
    months_per_period: int

    @classmethod
    def make(cls, start: Any, length: str, periods: int) -> Calendar:
        """Build the calendar whose period 0 contains the first month of ``start``.

        Raises
        ------
        ValueError
            For an unknown length, fewer than one period or a start that is no label.

        Examples
        --------
        >>> Calendar.make("2027-02", "quarter", 3).labels
        ('2027Q1', '2027Q2', '2027Q3')
        """
        if length not in MONTHS:
            raise ValueError(f"period length must be one of {', '.join(LENGTHS)}, not {length!r}")
        if periods < 1:
            raise ValueError(f"periods must be 1 or more, not {periods}")
        months = MONTHS[length]
        first = parse_label(start)[0] // months
        labels = tuple(_label(first + i, length) for i in range(periods))
        return cls(labels[0], length, periods, labels, months / 12, HOURS_PER_YEAR * months / 12, months)

    @property
    def _first(self) -> int:
        return parse_label(self.start)[0] // self.months_per_period

    def index(self, label: Any, edge: Literal["first", "last"] = "first") -> int:
        """Return the index of the period that a label names; it may be negative or beyond the horizon.

        A coarser label (``2027`` in a calendar of quarters) gives the first or the last period in it, by ``edge``; a
        finer one (a month, a date) gives the period that contains it.

        Parameters
        ----------
        label
            A text label, a year as a whole number (1990..2100), a date, datetime or pandas Timestamp.
        edge
            ``first`` or ``last``: which period of a coarser label.

        Raises
        ------
        ValueError
            Where the label names no period.
        """
        month, months = parse_label(label)
        if edge == "last":
            month += months - 1
        return month // self.months_per_period - self._first

    def label(self, index: int) -> str:
        """Return the canonical label of a period, inside the horizon or not."""
        if 0 <= index < self.periods:
            return self.labels[int(index)]
        return _label(self._first + int(index), self.length)

    def first_day(self, index: int) -> dt.date:
        """Return the first day of a period, inside the horizon or not."""
        year, month = divmod((self._first + int(index)) * self.months_per_period, 12)
        return dt.date(year, month + 1, 1)

    def same_length(self, label: Any) -> bool:
        """Say whether a label names a stretch as long as one period; raises ValueError where it names none."""
        return parse_label(label)[1] == self.months_per_period


def _label(number: int, length: str) -> str:
    """Return the label of the ``number``-th period since year 0."""
    year, part = divmod(number, 12 // MONTHS[length])
    match length:
        case "month":
            return f"{year}-{part + 1:02d}"
        case "quarter":
            return f"{year}Q{part + 1}"
        case "half":
            return f"{year}H{part + 1}"
        case _:
            return f"{year}"
