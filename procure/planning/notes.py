"""Notes that a planner keeps in columns of their own beside an input table."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from procure import schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["note_columns"]


@functools.cache
def _known(sheet: str) -> frozenset[str]:
    return frozenset(column.name for column in schema.sheet(sheet).columns)


def note_columns(frame: pd.DataFrame, sheet: str = "generations") -> dict[str, list[str]]:
    """Return the text of the columns that the data dictionary does not know, by column name."""
    known = _known(sheet)
    return {
        str(column): ["" if value is None or value != value else str(value) for value in frame[column]]
        for column in frame.columns
        if str(column) not in known
    }
