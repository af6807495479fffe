"""Two plans side by side: figures, orders, sites, and which input cells differ.

``compare(a, b)`` takes plan workbooks (or ``Plan`` objects) and returns DataFrames; ``write_comparison`` writes them as
a workbook. Rows that are equal in both plans are left out of ``orders``, ``sites``, ``deployment`` and ``inputs``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from procure.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procure.plan import Plan

__all__ = ["compare", "write_comparison"]

#: Relative difference up to which two numbers are the same.
SAME = 1e-9

_ORDER_KEYS = ["generation", "order", "delivery", "committed"]


def compare(a: str | Path | Plan, b: str | Path | Plan) -> dict[str, pd.DataFrame]:
    """Return ``figures``, ``orders``, ``sites``, ``deployment`` and ``inputs`` of two plans side by side.

    ``figures``: key, unit, a, b, difference (b − a), relative (to a). ``orders``: lines that differ, by generation,
    order and delivery, with what changed in words. ``sites``: available and used MW by site and period.
    ``deployment``: installed units by site, generation and period. ``inputs``: values that differ, with their cells in
    the input workbooks. A table is left out where a plan lacks its sheet.

    Raises
    ------
    InputError
        Where a file is no plan workbook.
    OSError
        Where a file cannot be opened.
    """
    left, right = _frames(a), _frames(b)
    result = {"figures": _figures(left["summary"], right["summary"])}
    if _both(left, right, "orders"):
        result["orders"] = _orders(left["orders"], right["orders"])
    if _both(left, right, "power"):
        values = [name for name in ("available_mw", "used_mw") if name in left["power"] and name in right["power"]]
        result["sites"] = _side_by_side(left["power"], right["power"], ["site", "period"], values)
    if _both(left, right, "deployment"):
        keys = ["site", "generation", "period"]
        result["deployment"] = _side_by_side(left["deployment"], right["deployment"], keys, ["installed_total"])
    if _both(left, right, "inputs"):
        result["inputs"] = _inputs(left["inputs"], right["inputs"])
    return result


def write_comparison(frames: Mapping[str, pd.DataFrame], path: str | Path, title: str = "Comparison of plans") -> None:
    """Write the result of ``compare`` as a workbook; raises ``procure.OutputError`` where it cannot be written."""
    from procure.report.tables import write_tables

    write_tables(frames, path, title)


def _frames(plan: str | Path | Plan) -> dict[str, pd.DataFrame]:
    if not isinstance(plan, (str, Path)):
        from procure.report.inputs import echo

        return {**plan.frames, "inputs": echo(plan.case.tables)}
    from procure.audit import read_plan

    try:
        frames = read_plan(plan)
    except ValueError as error:
        raise InputError([str(error)]) from error
    summary = frames.get("summary")
    if summary is None or not {"key", "value"} <= set(summary.columns):
        raise InputError([f"{plan} is not a plan workbook: it has no sheet `summary` with the columns key and value"])
    return frames


def _both(left: Mapping[str, pd.DataFrame], right: Mapping[str, pd.DataFrame], name: str) -> bool:
    return name in left and name in right and len(left[name].columns) > 0 and len(right[name].columns) > 0


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) else np.nan


def _same(x: Any, y: Any) -> bool:
    if _blank(x) or _blank(y):
        return _blank(x) and _blank(y)
    a, b = _number(x), _number(y)
    if np.isfinite(a) and np.isfinite(b):
        return abs(a - b) <= SAME * max(abs(a), abs(b))
    return str(x) == str(y)


def _blank(value: Any) -> bool:
    return value is None or value == "" or bool(pd.isna(value))


def _figures(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    a, b = (dict(zip(frame["key"].astype(str), frame["value"], strict=True)) for frame in (left, right))
    units: dict[str, Any] = {}
    for frame in (right, left):
        if "unit" in frame:
            units.update(zip(frame["key"].astype(str), frame["unit"], strict=True))
    keys = list(dict.fromkeys([*a, *b]))
    numbers = np.array([[_number(a.get(key)), _number(b.get(key))] for key in keys]).reshape(-1, 2)
    difference = numbers[:, 1] - numbers[:, 0]
    difference[np.abs(difference) <= SAME * np.abs(numbers).max(axis=1, initial=0.0)] = 0.0
    if a.get("objective") != b.get("objective"):  # measured in different things
        difference[[key in {"objective_value", "bound"} for key in keys]] = np.nan
    base = np.abs(numbers[:, 0])
    return pd.DataFrame(
        {
            "key": keys,
            "unit": ["" if _blank(units.get(key)) else units[key] for key in keys],
            "a": pd.Series([a.get(key) for key in keys], dtype=object),
            "b": pd.Series([b.get(key) for key in keys], dtype=object),
            "difference": difference,
            "relative": np.divide(difference, base, out=np.full(len(keys), np.nan), where=base > 0),
        }
    )


def _orders(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    keys = [key for key in _ORDER_KEYS if key in left and key in right]
    result = _side_by_side(left, right, keys, ["units", "total"])
    changes = []
    for a, b in zip(result["units_a"], result["units_b"], strict=True):
        if a == 0 or b == 0:
            changes.append("only in a" if b == 0 else "only in b")
        else:
            changes.append(f"{b - a:+,.0f} units" if a != b else "other price")
    return result.assign(change=changes)


def _side_by_side(left: pd.DataFrame, right: pd.DataFrame, keys: list[str], values: list[str]) -> pd.DataFrame:
    """Join the sums of values by key; keep rows that differ. A row that one plan lacks counts as 0."""
    sums = [frame.groupby(keys, sort=False)[values].sum() for frame in (left, right)]
    both = sums[0].add_suffix("_a").join(sums[1].add_suffix("_b"), how="outer").fillna(0).reset_index()
    columns = {key: both[key] for key in keys}
    differs = np.zeros(len(both), dtype=bool)
    for name in values:
        a, b = both[f"{name}_a"].to_numpy(dtype=float), both[f"{name}_b"].to_numpy(dtype=float)
        differs |= np.abs(b - a) > SAME * np.maximum(np.abs(a), np.abs(b))
        kind = np.int64 if all(frame[name].dtype.kind in "iu" for frame in (left, right)) else float
        values_of = {f"{name}_a": a, f"{name}_b": b, f"{name}_difference": b - a}
        columns |= {column: pd.Series(value).astype(kind) for column, value in values_of.items()}
    return pd.DataFrame(columns)[differs].sort_values(keys, kind="stable").reset_index(drop=True)


def _inputs(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Pair values by sheet, keys and column (rows with equal keys: in their order); keep those that differ."""
    a, b = _by_key(left), _by_key(right)
    rows = []
    for key in dict.fromkeys([*a, *b]):
        (x, cell_a), (y, cell_b) = a.get(key, (None, "")), b.get(key, (None, ""))
        only = "only in b" if key not in a else "only in a" if key not in b else ""
        if only or not _same(x, y):
            rows.append((*key[:4], x, y, _number(y) - _number(x), cell_a, cell_b, only))
    columns = ["sheet", "key", "key2", "column", "a", "b", "difference", "cell_a", "cell_b", "note"]
    return pd.DataFrame(rows, columns=columns).astype({"difference": float})


def _by_key(frame: pd.DataFrame) -> dict[tuple[str, str, str, str, int], tuple[Any, Any]]:
    names = ["sheet", "key", "key2", "column"]
    text = frame[names].astype(object).where(frame[names].notna(), "").astype(str)
    counter = text.groupby(names, sort=False).cumcount()
    cells = frame["cell"].where(frame["cell"].notna(), "") if "cell" in frame else [""] * len(frame)
    keys = zip(*(text[name] for name in names), counter, strict=True)
    return dict(zip(keys, zip(frame["value"], cells, strict=True), strict=True))
