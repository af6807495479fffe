"""The basis in which the simplex of a large relaxation begins: that of its condensed programme, kept for the next like it.

A condensed programme is solved by interior point, which needs no basis, or where only bounds have changed by simplex from where
the last one of its shape ended: a step there takes a fraction of what it takes on the whole. What has come back stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from procure.solving.condense import condense
from procure.solving.highs import CHOOSE, append, hand_over, new_highs, perturb, statuses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.condense import Condensed
    from procure.solving.matrix import Matrix
    from procure.solving.reduced import Reduced

    Ints = NDArray[np.int64]

__all__ = ["Opening"]

RETURNS = 10  # times that rows come back; the whole programme settles what is left


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where the last condensed programme ended: its shape, cost and entries before rows came back, which did, its basis."""

    shape: tuple[int, ...]
    numbers: tuple[NDArray[np.float64], NDArray[np.float64]]
    back: Ints
    basis: Any


class Opening:
    """Condensed programmes of one matrix, one after the other."""

    def __init__(self, matrix: Matrix, seed: int) -> None:
        self._matrix, self._seed = matrix, seed
        self._kept: _Kept | None = None

    @property
    def known(self) -> bool:
        """Whether there is an end of another one, to begin the next like it from."""
        return self._kept is not None

    def statuses(self, step: Reduced, seconds: float, *, anew: bool) -> tuple[Ints, Ints] | None:
        """Return the statuses of a step's columns and rows to begin from; None where there is no such basis.

        ``anew``: whatever the last one was; else only for a programme of its shape.
        """
        small = condense(step, self._matrix)
        shape = (*small.A.shape, len(small.rises[0]), len(small.merged[0]))
        numbers = small.cost, small.A.data
        kept = self._kept if self._kept is not None and self._kept.shape == shape and not anew else None
        if kept is None and not anew:
            return None
        highs = new_highs(random_seed=self._seed, time_limit=seconds, simplex_strategy=CHOOSE)
        hand_over(highs, small.A, small.cost, (small.lower, small.upper), (small.row_lower, small.row_upper),
                  np.zeros(len(small.cost), dtype=bool))  # fmt: skip
        highs.setOptionValue("solver", "ipx")
        if kept is not None:
            append(highs, *small.bring_back(kept.back))
            if all(map(np.array_equal, kept.numbers, numbers)):
                highs.setBasis(kept.basis)
                _go_on(highs)
        z = _solve(highs, small)
        basis = highs.getBasis()
        if z is None or not basis.valid:
            return None
        self._kept = _Kept(shape, numbers, small.back, basis)
        return small.basis(z, *statuses(basis))


def _solve(highs: Any, small: Condensed) -> NDArray[np.float64] | None:
    """Solve, and again with what a point has broken brought back; return the last point."""
    for more in range(RETURNS, -1, -1):
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        z = np.array(highs.getSolution().col_value)
        cells = small.returning(z)
        if not len(cells) or not more:
            break
        append(highs, *small.bring_back(cells))
        _go_on(highs)
    return z


def _go_on(highs: Any) -> None:
    """Go on by simplex, from the basis there is, without perturbation: it would lead away from an optimum that is near."""
    highs.setOptionValue("solver", "choose")
    perturb(highs, 0.0)
