"""The basis in which the simplex of a large relaxation begins: that of its condensed programme, kept for the next like it.

A condensed programme is solved by simplex: where only bounds have changed from where the last one of its shape ended, else from
the basis that smaller programmes lead to (``sifting``), or by interior point where they lead nowhere. A step there takes a
fraction of what it takes on the whole. What has come back stays.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from procure.solving.condense import condense
from procure.solving.highs import CHOOSE, append, basis_with, go_on, hand_over, new_highs, statuses
from procure.solving.sifting import sifted

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
        as_before = kept is not None and all(map(np.array_equal, kept.numbers, numbers))
        started = time.monotonic()
        begun = None if as_before else sifted(small, self._matrix, self._seed, seconds)
        left = max(0.0, seconds - (time.monotonic() - started))
        highs = new_highs(random_seed=self._seed, time_limit=left, simplex_strategy=CHOOSE)
        hand_over(highs, small.A, small.cost, (small.lower, small.upper), (small.row_lower, small.row_upper),
                  np.zeros(len(small.cost), dtype=bool))  # fmt: skip
        highs.setOptionValue("solver", "ipx")
        if begun is not None:
            highs.setBasis(basis_with(*begun))
            go_on(highs)
        if kept is not None:
            append(highs, *small.bring_back(kept.back))
            if as_before:
                highs.setBasis(kept.basis)
                go_on(highs)
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
        go_on(highs)
    return z
