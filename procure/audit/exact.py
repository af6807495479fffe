"""Exact arithmetic for comparisons that floats cannot decide.

A sum of floats carries a rounding error; where it comes that close to its limit, "is it over?" is a question about the
rounding, not about the plan. Those rows, and only those, are summed again as fractions of the decimal text of the
figures (``repr``: 0.1 is one tenth, as the planner typed it, not 0.1000000000000000055).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["excess", "fraction"]

#: A difference below this share of the limit may be rounding alone (sums of up to thousands of terms).
DOUBT = 1e-11


@lru_cache(maxsize=200_000)
def fraction(value: float) -> Fraction:
    """Return the decimal text of a finite float as a fraction."""
    return Fraction(repr(float(value)))


def excess(used: Floats, limit: Floats, exactly: Callable[[tuple[int, ...]], Fraction]) -> Floats:
    """Return ``used - limit`` (same shapes; limit may be inf), doubtful entries replaced by an exact difference.

    ``exactly(index)`` returns the exact difference of one entry.
    """
    with np.errstate(invalid="ignore"):
        result = np.where(np.isinf(limit), -np.inf, used - limit)
    size = np.maximum(np.abs(used), np.where(np.isinf(limit), 0.0, np.abs(limit)))
    doubtful = np.isfinite(result) & (np.abs(result) <= DOUBT * size) & (used != 0)
    for index in zip(*np.nonzero(doubtful), strict=True):
        result[index] = float(exactly(tuple(int(i) for i in index)))
    return result
