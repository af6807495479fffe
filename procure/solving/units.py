"""Whole units in halls, from a relaxed point with whole orders and sales.

Largest remainders share them out at once (``apportion``). What that loses is power left over in a hall, or units throttled
there, where the shares do not fit, and nearly all of it is lost to the generations with the largest units. These are
therefore shared out last, with the others whole and the relaxation solved again; and where that is not enough, by an
integer step over their units alone, which has a fraction of the whole numbers and of the columns of one over all.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from procure.solving.apportion import apportion
from procure.solving.found import step, take
from procure.solving.highs import INF
from procure.solving.matrix import cells_of_runs
from procure.solving.neighbourhood import INTEGRAL, rounding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procure.solving.engine import Engine
    from procure.solving.found import Found, Reporter
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bounds = tuple[Floats, Floats]

__all__ = ["FINE", "FULL", "finely", "share_out"]

LARGEST = 2  # generations whose units are made whole last
# of what largest remainders lose, at least as much is lost by an integer step over the largest units, and over all units
FINE, FULL = 0.4, 0.25


def share_out(engine: Engine, objective: Mapping[str, float], found: Found, x: Floats, report: Reporter) -> float:
    """Share units out over halls by largest remainders, and solve the continuous part; return its value (−inf: no plan)."""
    began = time.monotonic()
    lower, upper = _whole(engine, x)
    for generous in (False, True):  # more units than the relaxation has, where rounding leaves a demand a little short
        columns, units = apportion(engine.matrix, x, engine.lower, engine.upper, generous=generous)
        lower[columns] = upper[columns] = units
        result = engine.integer_step(objective, lower=lower, upper=upper)
        if result.x is not None:
            break
    found.steps.append({"step": "units shared out", "seconds": time.monotonic() - began, "value": result.value})
    take(engine, found, result, report)
    return result.value if result.x is not None else -INF


def finely(engine: Engine, objective: Mapping[str, float], found: Found, gap: float, x: Floats, report: Reporter,
           patience: float) -> None:  # fmt: skip
    """Make the largest units whole last: by largest remainders, then by an integer step (``patience``: see ``step``)."""
    began = time.monotonic()
    lower, upper = _whole(engine, x)
    columns, units = apportion(engine.matrix, x, engine.lower, engine.upper)
    last = np.isin(columns, engine.matrix.columns["installed"][_largest(engine.matrix, x)])
    lower[columns], upper[columns] = np.where(last, engine.lower[columns], units), np.where(last, engine.upper[columns], units)
    relaxed = engine.integer_step(objective, lower=lower, upper=upper, integers=False)
    found.steps.append({"step": "smaller units", "seconds": time.monotonic() - began, "value": relaxed.value})
    if relaxed.x is None or relaxed.value + found.allowed(gap) < found.bound:
        return
    share_out(engine, objective, found, relaxed.x, report)
    if found.open(gap):
        low, high = rounding(engine, relaxed.x)
        bounds, name = (np.maximum(lower, low), np.minimum(upper, high)), "rounding, largest units"
        held = step(engine, objective, found, gap, _held_runs(engine, relaxed.x, *bounds), name, report, patience)
        if held.x is None and held.closed:  # a demand may be met to the last unit
            step(engine, objective, found, gap, bounds, name, report, patience)


def _held_runs(engine: Engine, x: Floats, lower: Floats, upper: Floats) -> Bounds:
    """Return column bounds with runs as they are in the halls and periods where a point's units are whole already."""
    installed = engine.matrix.columns["installed"]
    calm = np.zeros(engine.n, dtype=bool)
    calm[installed[(installed >= 0) & ~_fractions(engine.matrix, x).any(axis=0)]] = True
    owner = cells_of_runs(engine.matrix)
    runs = np.flatnonzero(owner >= 0)
    runs = runs[calm[owner[runs]]]
    lower, upper = lower.copy(), upper.copy()
    lower[runs] = upper[runs] = np.clip(x[runs], lower[runs], upper[runs])
    return lower, upper


def _whole(engine: Engine, x: Floats) -> Bounds:
    """Return column bounds with every whole number fixed at a point's, rounded."""
    lower, upper, whole = engine.lower.copy(), engine.upper.copy(), engine.integer
    lower[whole] = upper[whole] = np.clip(np.round(x[whole]), lower[whole], upper[whole])
    return lower, upper


def _largest(matrix: Matrix, x: Floats) -> Ints:
    """Return the generations (``LARGEST``) with the most at stake: power of a unit times the fractions to be made whole."""
    installed, owner = matrix.columns["installed"], cells_of_runs(matrix)
    there = installed >= 0
    of_cell = np.full(matrix.A.shape[1], -1)
    of_cell[installed[there]] = np.nonzero(there)[0]
    entries = matrix.A[np.flatnonzero(np.isin(matrix.families, ("power", "campus_power")))].tocoo()
    runs = owner[entries.col] >= 0
    power = np.zeros(len(installed))
    np.maximum.at(power, of_cell[owner[entries.col[runs]]], np.abs(entries.data[runs]))
    fractions = np.count_nonzero(_fractions(matrix, x), axis=(1, 2))
    return np.argsort(-power * fractions, kind="stable")[:LARGEST]


def _fractions(matrix: Matrix, x: Floats) -> NDArray[np.bool_]:
    """Mark the generations, halls and periods [G, S, T] with a fraction of a unit."""
    installed = matrix.columns["installed"]
    shares = np.where(installed >= 0, x[np.maximum(installed, 0)], 0.0)
    return np.asarray(np.abs(shares - np.round(shares)) > INTEGRAL)
