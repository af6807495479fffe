"""One number of a case changed, for what-if questions: the same checks of type and range as the reader's, no cross-checks."""

from __future__ import annotations

import difflib
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from procure.schema import load_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from procure.reading.tables import Tables
    from procure.schema import Column, Sheet

__all__ = ["with_value"]


def with_value(tables: Tables, sheet: str, row: int | str | Sequence[str], column: str, value: float) -> Tables:
    """Return tables with one number changed.

    Parameters
    ----------
    sheet, column
        Canonical names; ``column`` is a period label in a wide table.
    row
        Position of the record from 0, or its key: a name, or as many as the sheet has key columns.
    value
        The new number, in the column's unit.

    Raises
    ------
    ValueError
        The sheet, row or column does not exist, does not hold numbers, or the number is out of range; the text says what
        is there.
    """
    schema = load_schema()
    if sheet not in schema or sheet not in tables.frames:
        raise ValueError(f"there is no table {sheet!r}{_near(sheet, tables.frames)}")
    frame, form = tables.frames[sheet], schema[sheet]
    kind = _column(form, frame, sheet, column)
    at = _row(form, frame, sheet, row)
    number = float(value)
    if kind.type == "integer" and not number.is_integer():
        raise ValueError(f"{sheet}, {column}: {value!r}; expected a whole number")
    if math.isnan(number) or (kind.range is not None and number not in kind.range):
        words = kind.range.words() if kind.range is not None else ""
        raise ValueError(f"{sheet}, {column}: {value!r}; expected {words or 'a number'}")
    changed = frame.copy()
    values = changed[column].to_numpy().copy()
    values[at] = number
    changed[column] = values
    return replace(tables, frames={**tables.frames, sheet: changed})


def _column(form: Sheet, frame: pd.DataFrame, sheet: str, column: str) -> Column:
    if column not in frame.columns:
        raise ValueError(f"{sheet} has no column {column!r}{_near(column, frame.columns)}")
    named = [found for found in form.fixed if found.name == column]
    kind = named[0] if named else form.spread
    if kind is None or not (kind.numeric or not named):
        raise ValueError(f"{sheet}, {column} does not hold numbers")
    return kind


def _row(form: Sheet, frame: pd.DataFrame, sheet: str, row: int | str | Sequence[str]) -> int:
    if isinstance(row, int):
        if not 0 <= row < len(frame):
            raise ValueError(f"{sheet} has {len(frame)} records; there is none at {row}")
        return row
    key = (row,) if isinstance(row, str) else tuple(row)
    keys = form.keys or tuple(frame.columns[:1])
    records = [tuple(map(str, record)) for record in frame[list(keys)].itertuples(index=False)]
    hits = [i for i, record in enumerate(records) if record[: len(key)] == tuple(map(str, key))]
    if len(hits) == 1:
        return hits[0]
    names = [", ".join(record) for record in records]
    if hits:
        raise ValueError(f"{sheet}: {', '.join(key)} names {len(hits)} records; give all of {', '.join(keys)}, or the position")
    raise ValueError(f"{sheet} has no record {', '.join(map(str, key))!r}{_near(', '.join(map(str, key)), names)}")


def _near(word: str, known: object) -> str:
    """Return a hint: the nearest names, or a few of those there are."""
    names = [str(name) for name in known]  # type: ignore[attr-defined]
    near = difflib.get_close_matches(word, names, 3, 0.5) or names[:6]
    return f"; did you mean {' or '.join(near)}?" if near else ""
