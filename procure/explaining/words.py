"""Places and figures in the planner's words: cells, periods, amounts, and figures rounded up to what one types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procure.calendar import Calendar
    from procure.reading.tables import Tables

__all__ = ["amount", "cell_of", "money", "names", "nice_down", "nice_up", "periods", "place"]


def cell_of(tables: Tables, sheet: str, row: int, column: str) -> str | None:
    """Return the address of a value; a period without a column of its own stands in the one that it repeats.

    None where the value is a default or came from frames.
    """
    source = tables.source
    found = source.cell(sheet, row, column)
    labels = tables.calendar.labels
    if found is None and column in labels:
        for label in reversed(labels[: labels.index(column)]):
            found = source.cell(sheet, row, label)
            if found is not None:
                break
    return found


def place(tables: Tables, sheet: str, row: int, columns: Sequence[str]) -> str:
    """Return where a figure stands: ``power!F4:H4``, ``power row 2 (2027Q3)``, ``settings (carbon_cap_t)``."""
    title = tables.source.title(sheet)
    if columns:
        first, last = cell_of(tables, sheet, row, columns[0]), cell_of(tables, sheet, row, columns[-1])
        if first is not None:
            return f"{title}!{first}" if last in (None, first) else f"{title}!{first}:{last}"
    which = columns[0] if len(columns) == 1 else f"{columns[0]} to {columns[-1]}" if columns else ""
    spot = f" ({which})" if which else ""
    return f"{title}{spot}" if sheet in ("settings", "budget") else f"{title} row {row + 1}{spot}"


def periods(calendar: Calendar, first: int, last: int) -> str:
    """Return a stretch of periods in words: ``in 2027Q3``, ``in 2027Q3 to 2028Q1``, ``from 2027Q3`` to the end."""
    if first == last:
        return f"in {calendar.label(first)}"
    if last >= calendar.periods - 1:
        return f"from {calendar.label(first)}"
    return f"in {calendar.label(first)} to {calendar.label(last)}"


def amount(value: float) -> str:
    """Return a number with separators and at most four significant digits behind a point."""
    if not math.isfinite(value):
        return "unlimited"
    if abs(value) >= 1000 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{float(f'{value:.4g}'):,g}"


def money(value: float, currency: str) -> str:
    """Return an amount of money as one speaks of it: ``41 M USD``, ``1.25 bn EUR``, ``850,000 USD``."""
    for unit, word in ((1e9, "bn"), (1e6, "M")):
        if abs(value) >= unit:
            return f"{value / unit:,.4g} {word} {currency}"
    return f"{value:,.0f} {currency}"


def names(items: Sequence[str], most: int = 4) -> str:
    """Return a list of names in words, cut after a few."""
    if len(items) > most + 1:
        return ", ".join(items[:most]) + f" and {len(items) - most} more"
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else ""


def nice_up(value: float, *, whole: bool = False) -> float:
    """Round up to what one types: two significant digits, three below a leading 2; ``whole``: to a whole number.

    >>> nice_up(3.1416), nice_up(40_313_222.0), nice_up(1.234), nice_up(2.3, whole=True)
    (3.2, 41000000.0, 1.24, 3.0)
    """
    if value <= 0 or not math.isfinite(value):
        return max(0.0, value)
    if whole and value < 100:
        return float(math.ceil(value - 1e-9))
    exponent = math.floor(math.log10(value))
    digits = 2 if value / 10.0**exponent < 2 else 1
    decimals = digits - exponent
    step = 10.0**-decimals
    up = math.ceil(value / step - 1e-9) * step
    return float(math.ceil(up - 1e-9)) if whole else float(round(up, max(0, decimals)) if decimals > 0 else round(up))


def nice_down(value: float) -> float:
    """Round down to a figure of three significant digits.

    >>> nice_down(503.77), nice_down(8_123_456.0)
    (503.0, 8120000.0)
    """
    if value <= 0 or not math.isfinite(value):
        return max(0.0, value)
    decimals = 2 - math.floor(math.log10(value))
    step = 10.0**-decimals
    return float(round(math.floor(value / step + 1e-9) * step, max(0, decimals)))
