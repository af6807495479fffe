"""Raw cells: the values a grid may hold, and what a person most likely meant by one that does not fit.

A grid cell is None (blank), str (spaces collapsed), float, bool, datetime, ``CellError`` or ``Uncalculated``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CellError", "Grid", "Uncalculated", "from_serial", "nearest", "serial_date", "text_number"]

_SERIALS = (36526, 73050)  # 2000-01-01 .. 2099-12-31
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's dates have no time zone


class CellError(str):
    """An error value of a spreadsheet: ``#N/A``, ``#DIV/0!``, ``#REF!`` ..."""

    __slots__ = ()


class Uncalculated(str):
    """A formula that no spreadsheet program has calculated; its text is the formula."""

    __slots__ = ()


@dataclass(slots=True)
class Grid:
    """The raw cells of one sheet or frame.

    ``rows`` are the numbers of the rows with any value, ascending; ``columns`` maps a zero-based sheet column to its
    values, aligned with ``rows``. ``addressed`` is False for frames, whose cells have no address.
    """

    name: str
    rows: list[int]
    columns: dict[int, list[Any]]
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    addressed: bool = True


def from_serial(serial: float, *, base_1904: bool = False) -> dt.datetime | float:
    """Return the date of a serial number in a cell formatted as date; the number itself where there is none."""
    days = serial + 1462 if base_1904 else serial
    if not 1 <= days < 2958466:
        return serial
    return _EPOCH + dt.timedelta(seconds=round(days * 86400))


def serial_date(value: float) -> dt.date | None:
    """Return the date that a bare number most likely is, if it lies between 2000 and 2099 as an Excel serial."""
    if float(value).is_integer() and _SERIALS[0] <= value <= _SERIALS[1]:
        return (_EPOCH + dt.timedelta(days=int(value))).date()
    return None


_NUMBER = re.compile(r"([-+]?)([$€£¥]?)\s*(\d[\d.,' ]*|[.,]\d+)((?:[eE][-+]?\d+)?)\s*(.*)", re.DOTALL)
_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}


def text_number(text: str, *, unit: str = "") -> tuple[float, str] | None:
    """Return the number that a text most likely means, and what was odd about it; None where it is no number.

    The odd part is one of ``text`` (a plain number stored as text), ``comma``, ``grouping``, ``percent``, ``scale``,
    ``currency`` or the unit found. ``unit`` is the column's unit: ``MW`` in a kW column is converted.

    Examples
    --------
    >>> text_number("15,5"), text_number("12 MW", unit="MW"), text_number("1.234,5")
    ((15.5, 'comma'), (12.0, 'MW'), (1234.5, 'comma'))
    """
    match = _NUMBER.fullmatch(text.strip()[:100])
    if match is None:
        return None
    sign, currency, digits, exponent, rest = match.groups()
    value, odd = _digits(digits.strip(" "))
    if value is None:
        return None
    value *= float(f"1{exponent}") if exponent else 1.0
    if sign == "-":
        value = -value
    rest = rest.strip()
    if rest == "%":
        return value / 100, "percent"
    if rest.lower() in _SCALES and not (rest == "m" and unit.startswith("M")):
        return value * _SCALES[rest.lower()], "scale"
    if rest:
        if not re.fullmatch(r"[A-Za-z€$£¥/·%\s.²³-]{1,20}", rest):
            return None
        factor = _unit_factor(rest, unit)
        return value * factor, rest
    return value, odd if odd != "text" or not currency else "currency"


def _digits(digits: str) -> tuple[float | None, str]:
    """Read digits with grouping or a decimal comma: (number, oddity)."""
    if re.fullmatch(r"\d*\.?\d+|\d+\.", digits):
        return float(digits), "text"
    plain = digits.replace("'", "").replace(" ", "")
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain) and not re.fullmatch(r"0,\d{3}", plain):
        return float(plain.replace(",", "")), "grouping"
    if re.fullmatch(r"\d*,\d+", plain) or re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", plain):
        return float(plain.replace(".", "").replace(",", ".")), "comma"
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", plain):
        return float(plain.replace(".", "")), "grouping"
    if re.fullmatch(r"\d*\.?\d+", plain) and re.fullmatch(r"\d{1,3}(?:[' ]\d{3})*(?:\.\d+)?", digits):
        return float(plain), "grouping"
    return None, ""


def _unit_factor(found: str, unit: str) -> float:
    """Return the factor between the unit typed and the column's (1 where the two are not of one family)."""
    scale = {"w": 1.0, "kw": 1e3, "mw": 1e6, "gw": 1e9}
    have, want = found.lower(), unit.lower().split("/")[0]
    return scale[have] / scale[want] if have in scale and want in scale else 1.0


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.7, short: bool = True) -> str | None:
    """Return the known name that a misspelt one most likely means, or None.

    ``short`` also takes a looser likeness to names of up to five letters (transposed or dropped letters). Compared
    without capitals, spaces, dashes and underscores. At most 2,000 known names are looked at, so that a hostile
    workbook costs no more time than an honest one.
    """
    from difflib import SequenceMatcher, get_close_matches  # slow to import; needed only where a name is wrong

    def plain(text: str) -> str:
        return re.sub(r"[\s_./-]+", "", text.casefold())[:80]

    candidates = {plain(other): other for other in list(known)[:2000] if len(other) <= 255}
    target = plain(name)
    if not target:
        return None
    if target in candidates:
        return candidates[target]
    found = get_close_matches(target, candidates, n=2, cutoff=cutoff)
    if not found and short and len(target) >= 3:
        found = [c for c in candidates if len(c) <= 5 and SequenceMatcher(None, target, c).ratio() >= 0.6][:1]
    return candidates[found[0]] if found else None
