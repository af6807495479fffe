"""Limits lifted in the input tables, and feasibility by the programme that is solved: nothing of explaining."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.case import Case
from procure.solving.engine import Engine
from procure.solving.solve import compile_case

if TYPE_CHECKING:
    from collections.abc import Iterable

    from procure.explaining.limits import Member

INF = math.inf
NAN = math.nan
WIDE = {"power": 1e5, "space": INF, "allocation": INF, "rental": 1e9}
CELLS: dict[str, list[tuple[str, Any]]] = {
    "generations": [("available_from", NAN), ("last_order", NAN), ("lead_time", 0), ("lot", 1), ("min_order", 0),
                    ("service_years", 1000.0)],
    "sites": [("max_rack_kw", INF), ("cooling", "both"), ("workloads", ()), ("racks", INF)],
    "licences": [("allowed", True), ("from", NAN), ("max_units", INF)],
    "power_options": [("earliest", NAN), ("latest", NAN), ("lead_time", 0), ("max_builds", 99)],
    "shell_options": [("earliest", NAN), ("latest", NAN), ("lead_time", 0), ("max_builds", 99)],
    "committed": [("price", 0.0)],
}  # fmt: skip
STAND_IN = {("committed", "units"): "price"}  # the limit is that the order is paid for


def feasible(case: Case) -> bool:
    """Whether the programme that is solved has a whole-number point."""
    from procure.errors import InfeasibleError

    if (case.demand_min > case.demand_max).any():  # the reader refuses such a case: the programme never sees it
        return False
    try:
        _, matrix = compile_case(case)
    except InfeasibleError:
        return False
    return Engine(matrix, ["cost"]).integer_step({"cost": 0.0}, relative_gap=0.0).x is not None


def only(case: Case, members: Iterable[Member]) -> Case:
    """Return the case with every limit lifted but those of the members."""
    kept = list(members)
    tables = case.tables
    cells = {(m.sheet, m.row, STAND_IN.get((m.sheet, m.column), m.column)) for m in kept}
    periods = {(m.sheet, m.row, t) for m in kept if m.first >= 0 for t in range(m.first, m.last + 1)}
    labels = case.calendar.labels
    frames = {name: frame.copy() for name, frame in tables.frames.items()}
    for sheet, columns in CELLS.items():
        for column, value in columns:
            frame = frames[sheet]
            values = [old if (sheet, i, column) in cells else value for i, old in enumerate(frame[column].tolist())]
            frame[column] = _series(values, frame[column])
    for sheet, value in WIDE.items():
        _wide(frames, sheet, labels, periods, lambda _i, value=value: value)
    measures = frames["demand"]["measure"].tolist()
    lifted = {"minimum": 0.0, "maximum": INF}
    _wide(frames, "demand", labels, periods, lambda i: lifted.get(measures[i]))
    if len(frames["budget"]):
        _budget(case, frames["budget"], [t for t in range(case.T) if ("budget", 0, t) in periods])
    free = {"max_generation_share": 1.0, "carbon_cap_t": INF}
    settings = {key: value for key, value in free.items() if not any(m.column == key for m in kept)}
    return Case.from_tables(replace(tables, frames=frames, settings=tables.settings | settings))


def _series(values: list[Any], like: Any) -> Any:
    import pandas as pd

    return pd.Series(values, index=like.index, dtype=like.dtype)


def _wide(
    frames: dict[str, Any], sheet: str, labels: tuple[str, ...], periods: set[tuple[str, int, int]], lift: Any
) -> None:
    frame = frames[sheet]
    for t, label in enumerate(labels):
        values = []
        for i, old in enumerate(frame[label].tolist()):
            new = None if (sheet, i, t) in periods else lift(i)
            values.append(old if new is None else new)
        frame[label] = _series(values, frame[label])


def _budget(case: Case, frame: Any, kept: list[int]) -> None:
    """Keep the budget of some periods; with carry-over, what may have been spent by then, all of it from the start."""
    cells = np.full(case.T, INF)
    if not case.settings.budget_carry_over:
        cells[kept] = case.budget[kept]
    else:
        total, before = np.cumsum(case.budget), -1
        for t in kept:
            cells[before + 1 : t + 1] = 0.0
            cells[before + 1] = total[t] - (total[before] if before >= 0 else 0.0)
            before = t
    for label, value in zip(case.calendar.labels, cells.tolist(), strict=True):
        frame[label] = value
