"""Where the simplex of a large relaxation begins: the optimal basis of a programme with a fraction of its rows.

Most rows of the programme are two for every cell (generation, hall, period), and interior point pays for each of them:

* ``running``, Σ run ≤ installed: ``installed`` is put in everywhere as Σ run + idle, with idle ≥ 0 in its place;
* ``moves``, install ≥ the rise of installed: ``install`` is put in everywhere as the rise. That leaves out install ≥ 0, which
  binds only where units leave a hall: few cells of any good plan. It comes back, and what leaves with it, where a point has
  broken it (``returning``; rows generated as needed, Dantzig, Fulkerson and Johnson 1954).

An opening takes only a basis from it (``opening``). The live relaxation of a large programme is one (``relaxation``): what is
left out only raises its optimum, so that a bound is right at any time; once nothing is broken, that is the optimum of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, diags_array, eye_array, hstack, vstack

from procure.solving.highs import BASIC, LOWER, UPPER

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from procure.solving.matrix import Matrix
    from procure.solving.reduced import Reduced

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

__all__ = ["Condensed", "condense"]

LEAVING = 1e-9  # units by which a hall's number must fall for them to be said to leave


@dataclass(slots=True)
class Condensed:
    """Minimise ``cost·z`` over ``row_lower ≤ A z ≤ row_upper`` and ``lower ≤ z ≤ upper``; the step's columns are ``P z + q``.

    ``columns`` and ``rows`` mark what stays of the step (shapes n and m). ``merged`` pairs a row left out with the column
    whose place its slack takes; ``rises`` pairs one with the column that follows from it. Of these, ``idle`` marks those
    that cost nothing and stand in no other row, ``line`` numbers the (generation, hall) they are of, and ``back`` lists
    those that have come back, in order: each with a column (what leaves) and a row (install ≥ 0) behind all others.
    ``shift`` is what the limits of the rows that stay are lower than the step's by.
    """

    step: Reduced
    A: csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    cost: Floats
    P: csr_array
    q: Floats
    columns: Bools
    rows: Bools
    merged: tuple[Ints, Ints]
    rises: tuple[Ints, Ints]
    idle: Bools
    line: Ints
    back: Ints
    shift: Floats

    def returning(self, z: Floats) -> Ints:
        """Return which cells are to come back: all that cost anything, of each generation in each hall that a point leaves."""
        fresh = ~self.idle
        fresh[self.back] = False
        broken = fresh & (self._installs(z) < -LEAVING)
        return np.flatnonzero(fresh & np.isin(self.line, self.line[broken]))

    def bring_back(self, cells: Ints) -> tuple[csr_array, Floats, csr_array, Floats]:
        """Let units leave these cells, at the cost of the install that the rise then is not.

        Returns new columns (over the rows as they stand), their cost, new rows (over the columns, new ones last), lower limits.
        """
        column, new, older = self.rises[1][cells], len(cells), len(self.back)
        entries = csr_array(csr_array(self.step.A[self.rows])[:, column])
        rows = hstack([csr_array(self.P[column]), csr_array((new, older)), eye_array(new)], format="csr")
        self.back = np.concatenate([self.back, cells])
        return csr_array(vstack([entries, csr_array((older, new))])), self.step.cost[column], csr_array(rows), -self.q[column]

    def basis(self, z: Floats, columns: Ints, rows: Ints) -> tuple[Ints, Ints]:
        """Return the statuses of the step's columns and rows, from a basic point and its statuses (shapes: as they stand)."""
        return self.whole(columns, rows, self.back, self.leaving(z))

    def leaving(self, z: Floats) -> Bools:
        """Mark the idle cells that a point's units leave."""
        leaves: Bools = self.idle & (self._installs(z) < -LEAVING)
        return leaves

    def short(self, z: Floats) -> Floats:
        """Return the installs that a point is short of in each cell that is not idle."""
        short: Floats = np.where(self.idle, 0.0, np.maximum(0.0, -self._installs(z)))
        return short

    def whole(self, columns: Ints, rows: Ints, back: Ints, leaving: Bools) -> tuple[Ints, Ints]:
        """Return the statuses of the step's columns and rows, from those of this with some cells back and some idle ones left."""
        col, row = np.full(len(self.columns), BASIC), np.full(len(self.rows), BASIC)
        own, first = self.A.shape[1], self.A.shape[0]
        col[self.columns], row[self.rows] = columns[:own], rows[:first]
        of_row, of_column = self.merged
        row[of_row], col[of_column] = np.where(col[of_column] == BASIC, BASIC, UPPER), BASIC
        of_row, of_column = self.rises
        row[of_row], col[of_column] = np.where(leaving, BASIC, LOWER), np.where(leaving, LOWER, BASIC)
        row[of_row[back]] = np.where(columns[own:] == BASIC, BASIC, LOWER)
        col[of_column[back]] = np.where(rows[first:] == BASIC, BASIC, LOWER)
        return col, row

    def condensed(self, col: Ints, row: Ints, bring_back: Callable[[Ints], None]) -> tuple[Ints, Ints]:
        """Return the statuses of this, from those of the step's columns and rows; cells that need it are brought back first."""
        of_row, of_column = self.rises
        gone = ~self.idle & ((row[of_row] == BASIC) | (col[of_column] != BASIC))
        gone[self.back] = False
        bring_back(np.flatnonzero(gone))
        merged = col.copy()
        of_row, of_column = self.merged
        merged[of_column] = np.where((row[of_row] == BASIC) & (col[of_column] == BASIC), BASIC, LOWER)
        of_row, of_column = self.rises[0][self.back], self.rises[1][self.back]
        return (np.concatenate([merged[self.columns], np.where(row[of_row] == BASIC, BASIC, LOWER)]),
                np.concatenate([row[self.rows], np.where(col[of_column] == BASIC, BASIC, LOWER)]))  # fmt: skip

    def point(self, z: Floats) -> Floats:
        """Return the step's columns at a point of this."""
        x: Floats = self.P @ z[: self.A.shape[1]] + self.q
        x[self.rises[1]] = np.maximum(self._installs(z), 0.0)
        return x

    def _installs(self, z: Floats) -> Floats:
        """Return the columns that follow from rises, with what leaves of those that have come back."""
        own = self.A.shape[1]
        installs: Floats = (self.P @ z[:own] + self.q)[self.rises[1]]
        installs[self.back] += z[own:]
        return installs


def condense(step: Reduced, matrix: Matrix) -> Condensed:
    """Put ``installed`` and ``install`` in as what follows for them, where they have no other bound than 0."""
    families = np.array(matrix.families)[step.rows[: len(matrix.families)]]
    rises = _defined(step, families, "moves", _unbounded(step, matrix.columns["install"]), upward=True)
    merged = _defined(step, families, "running", _unbounded(step, matrix.columns["installed"]), upward=False)
    P, q = _solved_for(step, *rises, step.row_lower)
    slack, moved = _solved_for(step, *merged, step.row_upper, slack=True)
    P, q = csr_array(P @ slack), P @ moved + q
    columns, rows = np.ones(step.A.shape[1], dtype=bool), np.ones(step.A.shape[0], dtype=bool)
    columns[rises[1]] = rows[rises[0]] = rows[merged[0]] = False
    P, body = csr_array(P[:, columns]), csr_array(step.A[rows])
    A = csr_array(body @ P)
    A.eliminate_zeros()
    shift = body @ q
    alone = np.bincount(step.A.indices, minlength=len(columns))[rises[1]] == 1
    return Condensed(
        step=step, A=A, row_lower=step.row_lower[rows] - shift, row_upper=step.row_upper[rows] - shift,
        lower=step.lower[columns], upper=step.upper[columns], cost=P.T @ step.cost, P=P, q=q, columns=columns, rows=rows,
        merged=merged, rises=rises, idle=alone & (step.cost[rises[1]] == 0.0),
        line=_lines(step, matrix.columns["install"])[rises[1]], back=np.zeros(0, dtype=np.int64), shift=shift,
    )  # fmt: skip


def _lines(step: Reduced, columns: Ints) -> Ints:
    """Return the number of the line (all axes but the last) of a family that each column of the step is in; −1: none."""
    line = np.full(len(step.free), -1, dtype=np.int64)
    of = np.broadcast_to(np.arange(columns[..., 0].size).reshape(*columns.shape[:-1], 1), columns.shape)
    line[columns[columns >= 0]] = of[columns >= 0]
    return np.append(line[step.free], -1)  # θ


def _unbounded(step: Reduced, columns: Ints) -> Bools:
    """Mark a family's columns among those of the step that are at least 0 and have no upper bound."""
    marked: Bools = _lines(step, columns)[: step.A.shape[1]] >= 0
    marked &= (step.lower == 0.0) & np.isinf(step.upper)
    return marked


def _defined(step: Reduced, families: NDArray[np.str_], family: str, columns: Bools, *, upward: bool) -> tuple[Ints, Ints]:
    """Pair each row of a family with the one column that it bounds from below (``upward``: the row has a lower limit)."""
    limit, other = (step.row_lower, step.row_upper) if upward else (step.row_upper, step.row_lower)
    rows = np.flatnonzero((families == family) & np.isfinite(limit[: len(families)]) & np.isinf(other[: len(families)]))
    part = csr_array(step.A[rows]).tocoo()
    its = columns[part.col] & ((part.data > 0) == upward)
    at, column = part.row[its], part.col[its].astype(np.int64)
    once = (np.bincount(at, minlength=len(rows))[at] == 1) & (np.bincount(column, minlength=step.A.shape[1])[column] == 1)
    return rows[at[once]], column[once]


def _solved_for(step: Reduced, rows: Ints, columns: Ints, limit: Floats, *, slack: bool = False) -> tuple[csr_array, Floats]:
    """Return x = P z + q with each row, at its limit, solved for its column (``slack``: which then is the row's slack)."""
    n = step.A.shape[1]
    part = csr_array(step.A[rows]).tocoo()
    own = part.col == columns[part.row]
    by = np.ones(len(rows))
    by[part.row[own]] = part.data[own]
    others = ~own
    put_in = csr_array((-part.data[others] / by[part.row[others]], (columns[part.row[others]], part.col[others])), shape=(n, n))
    stay = np.ones(n)
    stay[columns] = 1.0 if slack else 0.0
    q = np.zeros(n)
    q[columns] = limit[rows] / by
    return csr_array(diags_array(stay) + put_in), q
