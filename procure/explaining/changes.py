"""Changes of an input: new values of cells, as data that a person can type or a program apply."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from procure.explaining.words import cell_of, place
from procure.schema import load_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from procure.reading.tables import Tables

__all__ = ["Change", "anchored", "apply", "change"]


@dataclass(frozen=True, slots=True)
class Change:
    """One cell with its old and new value.

    ``sheet`` and ``column`` are canonical names (a period label in wide tables, the key for ``settings``), ``row``
    counts the records of the table from 0, ``cell`` is the address where the workbook has one. Values are typed as in
    ``Tables``: periods as indices from the start, unlimited as inf, blank as NaN; ``shown`` is
    old and new as one types them.
    """

    sheet: str
    row: int
    column: str
    cell: str | None
    old: Any
    new: Any
    where: str
    shown: tuple[str, str]

    def __str__(self) -> str:
        """Return the change in words: ``power!F4: 12 → 15.2``."""
        return f"{self.where}: {self.shown[0]} → {self.shown[1]}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if math.isnan(value):
            return "blank"
        return f"{value:.12g}" if math.isfinite(value) else "unlimited"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "all"
    return str(value)


def change(tables: Tables, sheet: str, row: int, column: str, new: Any) -> Change:
    """Return the change of one value to ``new``."""
    old = tables.settings[column] if sheet == "settings" else tables.frames[sheet][column].tolist()[row]
    kind = next((c for c in load_schema()[sheet].columns if c.name == column), None)
    words = _label(tables) if kind is not None and kind.is_period else _shown
    where, cell = place(tables, sheet, row, [column]), tables.source.cell(sheet, row, column)
    if cell is None and cell_of(tables, sheet, row, column) is not None:  # it repeats the period before
        where = f"{where.split(':')[0]} (in a new column {column})"
    return Change(sheet, row, column, cell, old, new, where, (words(old), words(new)))


def anchored(tables: Tables, changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes and, in a workbook, what must be typed after them so that later periods stay as they are.

    A blank cell of a wide table repeats the period before: after a changed period the old figure has to stand.
    """
    if tables.source.path is None:
        return tuple(changes)
    labels = tables.calendar.labels
    touched = {(item.sheet, item.row, item.column) for item in changes}
    held: list[Change] = []
    for item in changes:
        t = labels.index(item.column) + 1 if item.column in labels else len(labels)
        if t < len(labels) and (item.sheet, item.row, labels[t]) not in touched:
            after = tables.frames[item.sheet][labels[t]].tolist()[item.row]
            if after == item.old:  # it may well be a repeat
                held.append(change(tables, item.sheet, item.row, labels[t], after))
    return (*changes, *held)


def _label(tables: Tables) -> Callable[[Any], str]:
    return lambda value: "blank" if math.isnan(value) else tables.calendar.label(int(value))


def apply(tables: Tables, changes: Iterable[Change]) -> Tables:
    """Return the tables with the changes made; the given ones stay as they are."""
    settings, frames = dict(tables.settings), dict(tables.frames)
    by_column: dict[tuple[str, str], list[Change]] = {}
    for item in changes:
        if item.sheet == "settings":
            settings[item.column] = item.new
        else:
            by_column.setdefault((item.sheet, item.column), []).append(item)
    copied: set[str] = set()
    for (sheet, column), items in by_column.items():
        if sheet not in copied:
            frames[sheet] = frames[sheet].copy()
            copied.add(sheet)
        values = frames[sheet][column].tolist()
        for item in items:
            values[item.row] = item.new
        frames[sheet][column] = _series(values, frames[sheet][column])
    return replace(tables, settings=settings, frames=frames)


def _series(values: list[Any], like: Any) -> Any:
    import pandas as pd

    return pd.Series(values, index=like.index, dtype=like.dtype)
