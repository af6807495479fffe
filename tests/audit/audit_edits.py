"""Edits of the hand-made case and plan, in place."""

from __future__ import annotations

from typing import Any

import pandas as pd

NEW, OLD, NORTH, SOUTH = 1, 0, 0, 1
YEARS = ["2027", "2028", "2029", "2030"]


def at(frame: pd.DataFrame, **keys: Any) -> int:
    """Row of a sheet by its keys."""
    match = pd.Series(True, index=frame.index)
    for name, value in keys.items():
        match &= frame[name] == value
    (row,) = frame.index[match]
    return int(row)


def put(plan, sheet, column, value, **keys):
    if isinstance(value, float):
        plan[sheet][column] = plan[sheet][column].astype(float)
    plan[sheet].loc[at(plan[sheet], **keys), column] = value


def add(plan, sheet, **row):
    plan[sheet] = pd.concat([plan[sheet], pd.DataFrame([row])], ignore_index=True)


def setting(case, key, value):
    case["settings"] = [row for row in case["settings"] if row["key"] != key] + [{"key": key, "value": value}]


def limit(case, sheet, row, values):
    case[sheet][row] |= dict(zip(YEARS, values, strict=True))
