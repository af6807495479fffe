"""The programme of an integer step, as small as its column bounds make it, in units that the solver's tolerances suit.

A neighbourhood fixes most columns: they leave here, before HiGHS sees them. Accounts leave, too: an objective or a row
over accounts is written over the columns themselves. Objectives come normalised to about 1, where a lot is worth 1e-6
and less: HiGHS takes reduced costs below 1e-7 for nothing, and its bound would be wrong by the sum of what it drops
(a bound 0.07 % too low was seen). So the objective is scaled up here, and results back down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from procure.solving.matrix import Functional, Matrix

    Floats = NDArray[np.float64]
    Row = tuple[dict[str, float], float, float]

__all__ = ["Reduced", "largest", "reduce"]

DEAREST = 64.0  # the largest cost coefficient after scaling
SMALL = 1e-9  # HiGHS drops smaller entries


@dataclass(slots=True)
class Reduced:
    """Minimise ``offset + cost·y`` over ``row_lower ≤ A y ≤ row_upper``, ``lower ≤ y ≤ upper`` (y: the free columns).

    ``scale`` times the caller's objective is −(offset + cost·y); ``free`` marks the columns kept, ``fixed`` holds the
    values of the others; ``rows`` marks the rows kept, of the programme's and then of those over accounts; the last entry of
    y is θ (in units of 1 / ``theta``) where the step has one.
    """

    A: csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    cost: Floats
    offset: float
    integer: NDArray[np.bool_]
    free: NDArray[np.bool_]
    fixed: Floats
    rows: NDArray[np.bool_]
    scale: float
    theta: float  # 0: none
    impossible: bool = False

    def expand(self, y: Floats) -> tuple[Floats, float]:
        """Return the point over all columns, and θ."""
        x = self.fixed.copy()
        count = int(np.count_nonzero(self.free))
        x[self.free] = y[:count]
        return x, (float(y[count]) / self.theta if self.theta else 0.0)

    def restrict(self, x: Floats, theta: float) -> Floats | None:
        """Return a point's free columns; None where it leaves the values that are fixed here."""
        if np.any(np.abs(x[~self.free] - self.fixed[~self.free]) > 1e-6):
            return None
        return np.append(x[self.free], theta * self.theta) if self.theta else x[self.free]


def largest(functionals: Mapping[str, Functional], terms: Mapping[str, float]) -> float:
    """Return a bound on the largest coefficient of Σ value · functional, θ left out (0: no functional)."""
    return max((abs(v) * float(np.abs(functionals[k].coefficients).max(initial=0.0))
                for k, v in terms.items() if k in functionals), default=0.0)  # fmt: skip


def reduce(
    matrix: Matrix, objective: Mapping[str, float], rows: Sequence[Row], bounds: tuple[Floats, Floats],
    limits: tuple[Floats, Floats], *, theta: str, range_of_theta: tuple[float, float], integer: NDArray[np.bool_],
    every: bool = False,
) -> Reduced:  # fmt: skip
    """Write a step over its free columns.

    Parameters
    ----------
    objective, rows
        Over accounts and ``theta``; a row is (terms, lower, upper).
    bounds, limits
        Column bounds and row bounds of the programme (shapes n and m).
    range_of_theta
        Bounds of θ; where they are equal (to 0) it is left out.
    integer
        Which columns are whole numbers (shape n).
    every
        Whether fixed columns stay, too: then programmes with other bounds have the same shape.
    """
    f, (lower, upper), (row_lower, row_upper) = matrix.functionals, bounds, limits
    free = (upper > lower) | every
    fixed = np.where(free, 0.0, lower)
    body = matrix.A[:, free]
    moved = np.asarray(matrix.A @ fixed).ravel()
    dense, dense_lower, dense_upper, weights = _dense(f, rows, free, fixed, theta)
    moves = range_of_theta[0] < range_of_theta[1]
    level = max((abs(w) for w in weights), default=0.0) if moves else 0.0
    parts = [body, csr_array(dense)] if len(weights) else [body]
    A = vstack(parts, format="csr") if len(parts) > 1 else csr_array(body)
    low = np.concatenate([row_lower - moved, dense_lower])
    high = np.concatenate([row_upper - moved, dense_upper])

    cost, offset = np.zeros(int(np.count_nonzero(free))), 0.0
    for name, value in objective.items():
        if name != theta:
            cost -= value * f[name].coefficients[free]
            offset -= value * (f[name].constant + float(f[name].coefficients @ fixed))
    scale = level if level and theta in objective else _power(DEAREST / float(np.abs(cost).max(initial=0.0) or DEAREST))
    cost, offset = cost * scale, offset * scale
    col_lower, col_upper, whole = lower[free], upper[free], integer[free]
    if level:
        column = csr_array(np.concatenate([np.zeros(body.shape[0]), np.array(weights) / level])[:, None])
        A = csr_array(_beside(A, column))
        cost = np.append(cost, -objective.get(theta, 0.0) * scale / level)
        col_lower, col_upper = np.append(col_lower, range_of_theta[0] * level), np.append(col_upper, range_of_theta[1] * level)
        whole = np.append(whole, False)

    empty = np.diff(A.indptr) == 0
    hair = 1e-6 * np.maximum(1.0, np.abs(np.concatenate([moved, np.zeros(len(weights))])))
    impossible = bool(np.any(empty & ((low > hair) | (high < -hair))))
    keep = ~empty & ((low > -np.inf) | (high < np.inf))
    return Reduced(
        A=csr_array(A[keep]), row_lower=low[keep], row_upper=high[keep], lower=col_lower, upper=col_upper, cost=cost,
        offset=offset, integer=whole, free=free, fixed=fixed, rows=keep, scale=scale, theta=level, impossible=impossible,
    )  # fmt: skip


def _dense(
    f: Mapping[str, Functional], rows: Sequence[Row], free: NDArray[np.bool_], fixed: Floats, theta: str
) -> tuple[Floats, Floats, Floats, list[float]]:
    """Rows over accounts as rows over free columns, each scaled to a largest entry of 1; and their weights of θ."""
    count = int(np.count_nonzero(free))
    dense, low, high, weights = np.zeros((len(rows), count)), np.zeros(len(rows)), np.zeros(len(rows)), []
    for i, (terms, lower, upper) in enumerate(rows):
        row, given = np.zeros(len(free)), 0.0
        for name, value in terms.items():
            if name != theta:
                row += value * f[name].coefficients
                given += value * f[name].constant
        size = 1.0 / (float(np.abs(row).max(initial=0.0)) or 1.0)
        given += float(row @ fixed)
        dense[i] = row[free] * size
        dense[i][np.abs(dense[i]) < SMALL] = 0.0
        low[i], high[i] = (lower - given) * size, (upper - given) * size
        weights.append(terms.get(theta, 0.0) * size)
    return dense, low, high, weights


def _beside(A: csr_array, column: csr_array) -> csr_array:
    from scipy.sparse import hstack

    return csr_array(hstack([A, column], format="csr"))


def _power(value: float) -> float:
    """Return the power of two at or below a value, so that scaling changes no digit."""
    return float(2.0 ** np.floor(np.log2(value)))
