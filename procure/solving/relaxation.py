"""The live relaxation: one HiGHS object whose numbers change and which is solved again and again, condensed where it is large.

Whoever uses it speaks of the programme's own columns and rows. A condensed one (``condense``) holds a fraction of the rows, so
that a step of the simplex costs a fraction, and leaves out what rarely binds: ``install`` ≥ 0 of cells that units leave. After
every solve the cells whose point breaks it come back, and the simplex goes on, until none does: then the point is the optimum
of the programme itself. Until then what is left out only raises the optimum, so that a bound, a cutoff reached or an
infeasibility said on the way is right, too. Where what they would cost is nothing to the objective (the trace of cost that
makes the cheaper of equal plans the better one), they need not come back: the point is corrected, and worth no less than the
optimum by more than that.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from scipy.sparse import csc_array

from procure.solving.condense import condense
from procure.solving.highs import BASIC, CHOOSE, LOWER, append, basis_with, extended, hand_over, new_highs, statuses
from procure.solving.reduced import Reduced

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from procure.solving.condense import Condensed
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Limits = tuple[Floats, Floats]

__all__ = ["Basis", "Relaxation"]

RETURNS = 20  # times that cells come back before all do
NOTHING = 1e-8  # of what the objective weighs: what correcting a point may cost


class Basis:
    """A basis of the programme, kept as the live relaxation has it until someone asks for all statuses.

    Parameters
    ----------
    whole
        Statuses of all columns and rows, where they are what is known.
    own, small, back, leaving
        HiGHS's basis; and of a condensed relaxation the programme, the cells that had come back, and which idle cells units left.
    """

    def __init__(self, whole: tuple[Ints, Ints] | None = None, own: Any = None, small: Condensed | None = None,
                 back: Ints | None = None, leaving: Bools | None = None) -> None:  # fmt: skip
        self._whole, self.own, self.small, self.back, self.leaving = whole, own, small, back, leaving

    @property
    def valid(self) -> bool:
        """Whether there is one."""
        return self._whole is not None or bool(self.own.valid)

    @property
    def whole(self) -> tuple[Ints, Ints]:
        """Statuses of all columns and all rows of the programme (``LOWER``, ``BASIC``, ``UPPER``)."""
        if self._whole is None:
            found = statuses(self.own)
            if self.small is not None and self.back is not None and self.leaving is not None:
                found = self.small.whole(*found, self.back, self.leaving)
            self._whole = found
        return self._whole


class Relaxation:
    """One HiGHS object over the programme: ``minimise cost·x``, ``lower ≤ x ≤ upper``, ``row_lower ≤ A x ≤ row_upper``.

    Parameters
    ----------
    matrix
        The programme that the first columns and rows of A are of. Columns of accounts and θ follow; rows that say what the
        accounts are, and rows over them.
    condensed
        Whether to leave out what ``condense`` does.
    """

    def __init__(self, matrix: Matrix, A: csr_array, cost: Floats, columns: Limits, rows: Limits, *, seed: int,
                 condensed: bool) -> None:  # fmt: skip
        m, n = A.shape
        self.highs = new_highs(random_seed=seed, simplex_strategy=CHOOSE)
        self.steps = 0
        self.small: Condensed | None = None
        self._column, self._row, self._shift = np.arange(n), np.arange(m), np.zeros(m)
        self._z: Floats = np.zeros(0)
        self._point: Floats = self._z
        self._leaving: Bools = np.zeros(0, dtype=bool)  # idle cells that the last optimum's units leave
        self._cost = cost
        if condensed:
            step = Reduced(A=A, row_lower=rows[0], row_upper=rows[1], lower=columns[0], upper=columns[1], cost=cost, offset=0.0,
                           integer=np.zeros(n, dtype=bool), free=np.ones(n, dtype=bool), fixed=np.zeros(n),
                           rows=np.ones(m, dtype=bool), scale=1.0, theta=0.0)  # fmt: skip
            small = self.small = condense(step, matrix)
            self._leaving = np.zeros(len(small.idle), dtype=bool)
            self._column = np.where(small.columns, np.cumsum(small.columns) - 1, -1)
            self._column[small.merged[1]] = -1  # another column in their place
            self._row = np.where(small.rows, np.cumsum(small.rows) - 1, -1)
            self._shift[small.rows] = small.shift
            rows_of, first, accounts = len(matrix.families), matrix.A.shape[1], n - matrix.A.shape[1] - 1
            self._per_install = csc_array(A[rows_of : rows_of + accounts])[:, small.rises[1]]
            self._alone = np.bincount(matrix.A.indices, minlength=first)[small.rises[1]] == 1
            A, cost, columns, rows = small.A, small.cost, (small.lower, small.upper), (small.row_lower, small.row_upper)
        hand_over(self.highs, A, cost, columns, rows, np.zeros(len(cost), dtype=bool))

    # -- changing numbers ----------------------------------------------------------------------------------------

    def costs(self, columns: Ints, cost: Floats) -> None:
        """Change the cost of columns."""
        self.highs.changeColsCost(len(columns), self._places(self._column, columns), cost)
        self._cost = self._cost.copy()
        self._cost[columns] = cost

    def bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Change the bounds of columns."""
        self.highs.changeColsBounds(len(columns), self._places(self._column, columns), lower, upper)

    def limits(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Change the limits of rows."""
        shift = self._shift[rows]
        self.highs.changeRowsBounds(len(rows), self._places(self._row, rows), lower - shift, upper - shift)

    def coefficient(self, row: int, column: int, value: float) -> None:
        """Change one entry."""
        place = self._places(self._row, np.array([row]))[0], self._places(self._column, np.array([column]))[0]
        self.highs.changeCoeff(int(place[0]), int(place[1]), value)

    @staticmethod
    def _places(places: Ints, which: Ints) -> NDArray[np.int32]:
        found = places[which]
        if np.any(found < 0):
            raise ValueError("a column or a row that a condensed relaxation leaves out cannot be changed")
        return found.astype(np.int32)

    # -- solving -------------------------------------------------------------------------------------------------

    def run(self, seconds: float, free: Bools | None = None) -> highspy.HighsModelStatus:
        """Solve, from the basis there is, and again with what has come back; ``steps`` counts those of the simplex.

        ``free`` marks the accounts (θ left out) that nothing limits: a point's may be corrected.
        """
        ends, self.steps = time.monotonic() + seconds, 0
        for more in range(RETURNS, -1, -1):
            # a time limit counts from the birth of the object
            self.highs.setOptionValue("time_limit", self.highs.getRunTime() + max(0.0, ends - time.monotonic()))
            self.highs.run()
            status: highspy.HighsModelStatus = self.highs.getModelStatus()
            self.steps += max(0, self.highs.getInfo().simplex_iteration_count)
            if status != highspy.HighsModelStatus.kOptimal:
                return status
            self._z = np.array(self.highs.getSolution().col_value)
            if self.small is None:
                self._point = self._z
                return status
            self._point, self._leaving = self.small.point(self._z), self.small.leaving(self._z)
            cells = self.small.returning(self._z)
            if not len(cells) or self._corrected(self.small, free):
                return status
            self._bring_back(cells if more > 1 else self._absent())
            self.highs.setOptionValue("solver", "choose")
        return status

    def _corrected(self, small: Condensed, free: Bools | None) -> bool:
        """Let accounts pay for the installs that a point is short of, where they may and it is nothing to the objective."""
        if free is None:
            return False
        short = small.short(self._z)
        cells = np.flatnonzero(short)
        owed = self._per_install[:, cells] @ short[cells]
        first = len(self._point) - 1 - len(owed)
        loss = float(self._cost[first:-1] @ owed)
        allowed = NOTHING * float(np.abs(self._cost) @ np.abs(self._point))  # what is weighed: a ratio's terms cancel out
        if not np.all(self._alone[cells]) or np.any(owed[~free] != 0.0) or not 0.0 <= loss <= allowed:
            return False
        self._point[first:-1] += owed
        return True

    @property
    def complete(self) -> bool:
        """Whether nothing that could matter is left out."""
        return not len(self._absent())

    def completed(self) -> None:
        """Let all come back."""
        self._bring_back(self._absent())

    def _absent(self) -> Ints:
        if self.small is None:
            return np.zeros(0, dtype=np.int64)
        away = ~self.small.idle
        away[self.small.back] = False
        return np.flatnonzero(away)

    def _bring_back(self, cells: Ints) -> None:
        if self.small is not None and len(cells):
            append(self.highs, *self.small.bring_back(cells))

    def point(self) -> Floats:
        """Return the last optimum, all columns."""
        return self._point

    def reduced_costs(self) -> Floats | None:
        """Return the size of the columns' reduced costs, 0 for those left out (None: there are none)."""
        solution = self.highs.getSolution()
        if not solution.dual_valid:
            return None
        found: Floats = np.abs(np.array(solution.col_dual))
        if self.small is None:
            return found
        full = np.zeros(len(self.small.columns))
        full[self.small.columns] = found[: self.small.A.shape[1]]
        full[self.small.merged[1]] = 0.0
        return full

    def price(self, row: int) -> float:
        """Return a row's dual price (0: there is none)."""
        solution = self.highs.getSolution()
        return float(solution.row_dual[int(self._row[row])]) if solution.dual_valid else 0.0

    # -- bases ---------------------------------------------------------------------------------------------------

    def basis(self) -> Basis:
        """Return the basis of the last solve, which need not have come to an optimum."""
        small, own = self.small, self.highs.getBasis()
        if small is None:
            return Basis(own=own)
        return Basis(own=own, small=small, back=small.back.copy(), leaving=self._leaving)

    def resume(self, basis: Basis) -> bool:
        """Start the next solve from a basis; False, and from where it would have, where it is none of this programme."""
        small = self.small
        if small is None and basis.own is not None and basis.small is None:
            self.highs.setBasis(basis.own)
            return True
        if small is None:
            return self._begin(*basis.whole)
        if basis.small is None or basis.back is None or not _same(basis.small, small):
            return self._begin(*small.condensed(*basis.whole, self._bring_back))
        self._bring_back(basis.back[~np.isin(basis.back, small.back)])
        more = len(small.back) - len(basis.back)  # what has come back since: as if it had not
        if np.array_equal(basis.back, small.back[: len(basis.back)]):
            self.highs.setBasis(extended(basis.own, more, more) if more else basis.own)
            return True
        columns, rows = statuses(basis.own)
        place = np.full(len(small.idle), -1)
        place[small.back] = np.arange(len(small.back))
        out, come = np.full(len(small.back), LOWER), np.full(len(small.back), BASIC)
        own, first = small.A.shape[1], small.A.shape[0]
        out[place[basis.back]], come[place[basis.back]] = columns[own:], rows[first:]
        return self._begin(np.concatenate([columns[:own], out]), np.concatenate([rows[:first], come]), sound=True)

    def _begin(self, columns: Ints, rows: Ints, *, sound: bool = False) -> bool:
        if np.count_nonzero(columns == BASIC) + np.count_nonzero(rows == BASIC) != len(rows):
            return False
        self.highs.setBasis(basis_with(columns, rows, sound=sound))
        return True


def _same(one: Condensed, other: Condensed) -> bool:
    """Say whether two condensed programmes leave out the same columns and rows, in the same order."""
    if one is other:
        return True
    pairs = ((one.columns, other.columns), (one.rows, other.rows), (one.rises[1], other.rises[1]), (one.idle, other.idle))
    return all(np.array_equal(a, b) for a, b in pairs)
