"""Whole numbers that hold their limits exactly, where a solver lets them through by a millionth.

HiGHS accepts a row that is over by up to 1e-6 of the row's unit (0.50 USD of a budget counted in millions, say). Rows
of whole numbers alone (budget, shares, space, minimum orders) can be checked for certain, so a plan that is over
by more than the rounding of a sum is solved again nearby, with those rows drawn in by more than the tolerance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.solving.neighbourhood import neighbourhood

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procure.solving.engine import Engine

    Floats = NDArray[np.float64]

__all__ = ["within_limits"]

ROUNDING = 1e-12  # of a sum, relative
TOLERANCE = 1e-6  # HiGHS' own, absolute
ROUNDS = 3


def within_limits(engine: Engine, x: Floats, objective: Mapping[str, float], seconds: float) -> Floats:
    """Return a plan near ``x`` whose rows of whole numbers hold exactly; ``x`` itself where they do or none is found."""
    point = x
    lower, upper = engine.row_lower.copy(), engine.row_upper.copy()
    try:
        for _ in range(ROUNDS):
            low, high = _broken(engine, point, lower, upper)
            if not (low.any() or high.any()):
                return point
            m = engine.m
            engine.row_lower[:m][low] = lower[:m][low] + 2 * TOLERANCE
            engine.row_upper[:m][high] = upper[:m][high] - 2 * TOLERANCE
            near = np.concatenate([point[: engine.n], np.zeros(len(engine.lower) - engine.n)])
            below, above = neighbourhood(engine, near, 1)
            result = engine.integer_step(objective, lower=below, upper=above, seconds=seconds)
            if result.x is None:
                return x
            point = result.x
        return point
    finally:
        engine.row_lower[:], engine.row_upper[:] = lower, upper


def _broken(engine: Engine, x: Floats, lower: Floats, upper: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows of whole numbers alone are below their lower or above their upper limit (shape m each)."""
    A, m = engine.matrix.A, engine.m
    whole = engine.integer[: engine.n]
    values = np.where(whole, np.round(x[: engine.n]), 0.0)
    pure = np.asarray(abs(A) @ (~whole).astype(float) == 0.0).ravel()
    activity, size = np.asarray(A @ values).ravel(), np.asarray(abs(A) @ np.abs(values)).ravel()
    hair = ROUNDING * np.maximum(1.0, size)
    return pure & (activity < lower[:m] - hair), pure & (activity > upper[:m] + hair)
