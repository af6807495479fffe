"""Make a plan exact: whole numbers rounded and fixed, the rest solved again within limits drawn in by a hair.

A solver's answer holds its rows only to 1e-6 or 1e-7. Here every whole number is rounded (and repaired, should rows of
whole numbers alone be over by that much: ``procure.solving.repair``), fixed, and the continuous
part (running units, energy, rented compute) is solved again with demand drawn in by more than the solver's tolerance,
so that the last rounding (``procure.solving.readback``) can go down and still meet every limit in exact arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from procure.solving.engine import Engine
from procure.solving.highs import CHOOSE, new_highs, perturb
from procure.solving.repair import within_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Hold = tuple[dict[str, float], float]

__all__ = ["finish"]

MARGINS = (1e-6, 0.0)
SLACK = (1e-8, 1e-6, 1e-4)
HAIR = 1e-9


def finish(engine: Engine, x: Floats, holds: Sequence[Hold], aim: dict[str, float], seconds: float) -> Floats | None:
    """Return the point with whole numbers exact and the continuous part re-solved; None if that cannot be done.

    Parameters
    ----------
    x
        A plan from the solver (columns, with or without accounts).
    holds
        Rows over accounts that the plan reached, (terms, value): kept to within a hair.
    aim
        Accounts to maximise once they are kept (lower cost).
    seconds
        Time limit of each attempt.
    """
    n, whole, f = engine.n, engine.integer, engine.matrix.functionals
    exact = within_limits(engine, x, _sum(holds) or aim, seconds)
    if exact is not x:
        x = exact
        holds = [(terms, min(v, sum(a * f[name](x[:n]) for name, a in terms.items()))) for terms, v in holds]
    lower, upper = engine.lower.copy(), engine.upper.copy()
    fixed = np.round(np.concatenate([x[:n], np.zeros(len(engine.lower) - n)])[whole])
    lower[whole] = upper[whole] = fixed
    volume = engine.account["compute_pv"]
    floor = float(engine.lower[volume])
    delivered = engine.matrix.columns["delivered"].ravel()
    delivered = delivered[delivered >= 0]
    for margin in MARGINS:
        low, high = lower.copy(), upper.copy()
        span = high[delivered] - low[delivered]
        draw = np.minimum(margin * np.maximum(1.0, np.abs(low[delivered])), span / 4)
        low[delivered] += np.where(low[delivered] > 0, draw, 0.0)
        high[delivered] -= np.where(np.isfinite(high[delivered]), draw, 0.0)
        for slack in SLACK:
            low[volume] = floor - slack * max(1.0, abs(floor)) if np.isfinite(floor) else floor
            point = _best(engine, low, high, holds, slack, aim, seconds)
            if point is not None:
                point = np.clip(point, lower, upper)
                point[: len(whole)][whole] = fixed
                return point[:n]
    return None


def _best(engine: Engine, lower: Floats, upper: Floats, holds: Sequence[Hold], slack: float, aim: dict[str, float],
          seconds: float) -> Floats | None:  # fmt: skip
    """Give up as little of what the plan reached as must be, then aim; the slack is room to move, not to spend."""
    _hold(engine, [(terms, value - slack * max(1.0, abs(value))) for terms, value in holds])
    highs = new_highs(random_seed=engine.seed, time_limit=seconds, simplex_strategy=CHOOSE)
    engine.load(highs, _sum(holds) if holds else aim, lower, upper, integers=False)
    point = _run(highs)
    if point is None or not holds:
        return point
    reached = [sum(weight * point[engine.account[name]] for name, weight in terms.items()) for terms, _ in holds]
    _hold(engine, [(terms, value - HAIR * max(1.0, abs(value))) for (terms, _), value in zip(holds, reached, strict=True)])
    engine.reload(highs, aim)
    perturb(highs, 0.0)
    highs.setOptionValue("time_limit", highs.getRunTime() + seconds)
    aimed = _run(highs)
    return point if aimed is None else aimed


def _hold(engine: Engine, rows: Sequence[Hold]) -> None:
    for which in (0, 1):
        terms, value = rows[which] if which < len(rows) else ({}, -np.inf)
        engine.spare_row(which, terms, lower=value)


def _sum(holds: Sequence[Hold]) -> dict[str, float]:
    total: dict[str, float] = {}
    for terms, _ in holds:
        for name, weight in terms.items():
            total[name] = total.get(name, 0.0) + weight
    return total


def _run(highs: Any) -> Floats | None:
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(highs.getSolution().col_value)
