"""Column bounds around a relaxed point, to look for a plan near it (Berthold 2014, "RENS: the optimal rounding")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.solving.highs import INF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.engine import Engine

    Floats = NDArray[np.float64]

__all__ = ["INTEGRAL", "neighbourhood", "present", "rounding"]

INTEGRAL = 1e-6


def neighbourhood(engine: Engine, x: Floats, width: int) -> tuple[Floats, Floats]:
    """Return column bounds around a relaxed point for whole numbers, the programme's own for the rest.

    Whole numbers move within floor(x) − width .. ceil(x) + width, with what rounding needs on top: installed and sold
    units may always go down (a lot that rounds down takes its units with it), an order may move by one lot more and,
    where it is in use, up to its minimum or down to nothing; builds, project starts and order switches are free.
    """
    whole, columns = engine.integer, engine.matrix.columns
    low, high = np.floor(x + INTEGRAL) - width, np.ceil(x - INTEGRAL) + width
    for name in ("installed", "sell"):
        low[present(columns[name])] = -INF
    for name in ("build", "build_shell", "start", "ordered"):
        free = present(columns[name])
        low[free], high[free] = -INF, INF
    orders = columns["order_lots"]
    there = orders >= 0
    lots, least = orders[there], engine.matrix.order_least[there]
    used = x[lots] > INTEGRAL
    high[lots] = np.where(used, np.maximum(high[lots], least) + 1, high[lots] + 1)
    low[lots] = np.where(x[lots] < least, 0.0, low[lots] - 1)
    lower, upper = engine.lower.copy(), engine.upper.copy()
    lower[whole] = np.maximum(lower[whole], low[whole])
    upper[whole] = np.minimum(upper[whole], high[whole])
    return lower, np.maximum(lower, upper)


def rounding(engine: Engine, x: Floats, slack: int = 0) -> tuple[Floats, Floats]:
    """Return column bounds around a point with whole orders: units in halls and sales go down or up.

    ``slack`` lets units go up by that many more where there are any, and orders by as many lots.
    """
    columns, whole = engine.matrix.columns, engine.integer
    lower, upper = engine.lower.copy(), engine.upper.copy()
    low, high = np.floor(x + INTEGRAL), np.ceil(x - INTEGRAL)
    units = present(columns["installed"])
    low[units] -= slack
    high[units] += np.where(high[units] > 0, slack, 0)
    lots, sales = present(columns["order_lots"]), present(columns["sell"])
    high[lots] += np.where(high[lots] > 0, slack, 0)
    low[sales] -= slack
    high[sales] += np.where(high[sales] > 0, slack, 0)
    lower[whole] = np.maximum(lower[whole], low[whole])
    upper[whole] = np.minimum(upper[whole], high[whole])
    return lower, np.maximum(lower, upper)


def present(columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the columns that there are of a family."""
    return columns[columns >= 0]
