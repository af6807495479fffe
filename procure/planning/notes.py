"""Notes that a planner keeps in columns of their own beside an input table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procure.reading.tables import Tables

__all__ = ["note_columns"]


def note_columns(tables: Tables, sheet: str) -> dict[str, list[str]]:
    """Return the text of a table's columns that the data dictionary does not know, by header; a cell a row."""
    rows = len(tables.frames[sheet])
    return {
        name: ["" if value is None or value != value else str(value) for value in values]
        for name, values in tables.notes.get(sheet, {}).items()
        if len(values) == rows
    }
