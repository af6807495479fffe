"""Notes that a planner keeps in columns of their own beside an input table, and what they say about estimates.

A note says that figures are estimates in one of these ways, parts separated by semicolons: ``estimates: compute,
price`` (or ``estimate: opex_per_year, 2 % of price``, where the reason is left aside), ``resale, lead time:
estimates``, ``price: bank estimate``, or just ``estimate``, which means all of the row. In a column whose own name
speaks of estimates (``estimate_fields``) the cell lists them. Columns may be named by their first word: ``opex``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from procure import schema

if TYPE_CHECKING:
    from procure.reading.tables import Tables

__all__ = ["estimated_columns", "note_columns"]

_MARK = "estimat"
_NOT = {"", "no", "none", "false", "0", "0.0", "-", "n/a"}


def note_columns(tables: Tables, sheet: str) -> dict[str, list[str]]:
    """Return the text of a table's columns that the data dictionary does not know, by header; a cell a row."""
    rows = len(tables.frames[sheet])
    return {
        name: ["" if value is None or value != value else str(value) for value in values]
        for name, values in tables.notes.get(sheet, {}).items()
        if len(values) == rows
    }


def estimated_columns(header: str, note: str) -> frozenset[str]:
    """Return the columns of ``generations`` that a note calls estimates; all of them where it names none.

    >>> sorted(estimated_columns("note", "data sheet; price: press; opex, resale: estimates"))
    ['opex_per_year', 'resale']
    >>> sorted(estimated_columns("source", "estimates there: compute, power_kw; estimate: resale, a fifth of price"))
    ['compute', 'power_kw', 'resale']
    >>> sorted(estimated_columns("estimate_fields", "price")), estimated_columns("note", "measured")
    (['price'], frozenset())
    """
    text = note.strip().lower()
    if _MARK in header.lower():
        return frozenset() if text in _NOT else _named(re.split(r"[;,|]", text)) or _all()
    found: set[str] = set()
    for part in text.split(";"):
        if _MARK not in part:
            continue
        left, colon, right = part.partition(":")
        if not colon:
            found |= _named(re.split(r"[,\s]", part)) or _all()
        elif _MARK in left:
            found |= _leading(right.split(",")) or _all()
        else:
            found |= _named(left.split(",")) or _all()
    return frozenset(found)


def _all() -> frozenset[str]:
    return frozenset(column.name for column in schema.sheet("generations").columns)


def _column(item: str) -> str | None:
    """Return the column that an item names, in full or by its first words."""
    name = re.sub(r"\W+", "_", item.strip()).strip("_")
    known = [column.name for column in schema.sheet("generations").columns]
    return next((k for k in known if k == name), None) or next(
        (k for k in known if name and k.startswith(f"{name}_")), None
    )


def _named(items: list[str]) -> frozenset[str]:
    return frozenset(column for column in map(_column, items) if column)


def _leading(items: list[str]) -> frozenset[str]:
    """Return the columns that a list names before its first item that is none (a reason)."""
    result: list[str] = []
    for item in items:
        column = _column(item)
        if column is None:
            break
        result.append(column)
    return frozenset(result)
