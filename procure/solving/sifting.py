"""The optimal basis of a large condensed programme by way of two smaller ones: halls taken together, then columns that count.

Interior point pays for every column, and of a large programme's columns one in fifty is in the optimal basis. So:

1. *Together.* Halls that can house the same generations are made one: its units stand in each hall in proportion to the
   hall's power, its limits are the sum of theirs. Each hall then has the dual prices of the one that it is part of (aggregation
   and disaggregation; Zipkin 1980, Rogers, Plante, Wong and Evans 1991).
2. *Sifted.* At these prices the columns that count are known well: those of cells in use, and the cheapest of the others.
   Interior point solves the programme of these; what its prices say is missing comes in, and the simplex goes on (Bixby,
   Gregory, Lustig, Marsten and Shanno 1992, "Very large-scale linear programming"), until nothing is missing.

What comes out is a basis to begin from, proven nowhere: the simplex that begins there says itself what is optimal.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from scipy.sparse import csc_array, csr_array

from procure.solving.highs import BASIC, CHOOSE, LOWER, append, go_on, hand_over, new_highs, statuses
from procure.solving.matrix import cells_of_runs, houses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.condense import Condensed
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Limits = tuple[Floats, Floats]

__all__ = ["sifted"]

FEWER = 0.5  # share of the halls that may be left when they are taken together: with more it is not worth the while
CHEAPEST = 0.05  # share of the columns of cells that are kept for their price
MISSING = 1e-7  # reduced cost below which a column is missing: HiGHS's own tolerance
ROUNDS = 20  # that columns come in; the whole programme settles what is left
USED = 1e-7  # units, and MW: above it something is there


def sifted(small: Condensed, matrix: Matrix, seed: int, seconds: float) -> tuple[Ints, Ints] | None:
    """Return the statuses of an optimal basis' columns and rows, or of one near it; None where this way leads nowhere."""
    ends = time.monotonic() + seconds
    cells = _Cells(small, matrix)
    if cells.halls > FEWER * cells.all_halls:
        return None
    prices = cells.prices(seed, ends)
    if prices is None:
        return None
    duals, used = prices
    A = csc_array(small.A)
    keep = ~cells.of_cell | used | (small.lower != 0.0) | np.isfinite(small.upper)
    keep |= _cheapest(small.cost - A.T @ duals, cells.of_cell & ~keep)
    inside = np.flatnonzero(keep)
    highs = _solved(csr_array(A[:, inside]), small.cost[inside], (small.lower[inside], small.upper[inside]),
                    (small.row_lower, small.row_upper), seed, ends)  # fmt: skip
    for _ in range(ROUNDS):
        if highs is None:
            return None
        missing = ~keep & (small.cost - A.T @ np.array(highs.getSolution().row_dual) < -MISSING)
        new = np.flatnonzero(missing)
        if not len(new):
            break
        keep[new], inside = True, np.concatenate([inside, new])
        append(highs, csr_array(A[:, new]), small.cost[new])
        go_on(highs)
        highs = _run(highs, ends)
    if highs is None:
        return None
    basis = highs.getBasis()
    if not basis.valid:
        return None
    columns, (own, rows) = np.full(len(keep), LOWER), statuses(basis)
    columns[inside] = own
    return (columns, rows) if np.count_nonzero(columns == BASIC) + np.count_nonzero(rows == BASIC) == len(rows) else None


class _Cells:
    """Which columns are of a cell (generation, hall, period), and of which; and which halls are one."""

    def __init__(self, small: Condensed, matrix: Matrix) -> None:
        self.small = small
        installed = matrix.columns["installed"]
        _, S, self.T = installed.shape
        of = np.full(matrix.A.shape[1], -1, dtype=np.int64)
        of[installed[installed >= 0]] = np.flatnonzero(installed.ravel() >= 0)
        owner = cells_of_runs(matrix)
        of[owner >= 0] = of[owner[owner >= 0]]
        cell = np.append(of[small.step.free], -1)[: small.step.A.shape[1]][small.columns]  # behind them θ
        self.of_cell: Bools = cell >= 0
        self.generation, self.hall, self.period = cell // (S * self.T), cell // self.T % S, cell % self.T
        families = np.array(matrix.families)[small.step.rows[: len(matrix.families)]]
        self.families = np.append(families, np.full(len(small.rows) - len(families), ""))[small.rows]  # behind them accounts
        housed = houses(matrix)
        some = np.any(housed, axis=1)
        self.all_halls = int(np.count_nonzero(some))
        self.group: Ints = np.unique(housed, axis=0, return_inverse=True)[1].reshape(-1)
        self.halls = len(np.unique(self.group[some]))

    def prices(self, seed: int, ends: float) -> tuple[Floats, Bools] | None:
        """Return the rows' dual prices of the programme with halls taken together, and which columns are in use there."""
        small = self.small
        hall, period = self._where()
        row, column = self._rows(hall, period), self._columns()
        weights = self._weights(column, hall, period)
        down = csr_array((np.ones(len(row)), (row, np.arange(len(row)))))
        across = csr_array((weights, (np.arange(len(column)), column)))
        highs = _solved(csr_array(down @ small.A @ across), across.T @ small.cost, _sums(column, small.lower, small.upper),
                        _sums(row, small.row_lower, small.row_upper), seed, ends)  # fmt: skip
        if highs is None:
            return None
        solution = highs.getSolution()
        return np.array(solution.row_dual)[row], (np.array(solution.col_value) > USED)[column] & self.of_cell

    def _where(self) -> tuple[Ints, Ints]:
        """Return the one hall that each row has cells of (−1: none or several), and the last of their periods."""
        entries = self.small.A.tocoo()
        inside = self.of_cell[entries.col]
        rows, columns = entries.row[inside], entries.col[inside]
        count = self.small.A.shape[0]
        first, last, period = np.full(count, np.iinfo(np.int64).max), np.full(count, -1), np.full(count, -1)
        np.minimum.at(first, rows, self.hall[columns])
        np.maximum.at(last, rows, self.hall[columns])
        np.maximum.at(period, rows, self.period[columns])
        return np.where(first == last, last, -1), period

    def _rows(self, hall: Ints, period: Ints) -> Ints:
        """Return numbers of the rows, one for those of one family, group of halls and period."""
        family = np.unique(self.families, return_inverse=True)[1]
        return _numbered([family, self.group[hall], period], hall < 0)

    def _columns(self) -> Ints:
        """Return numbers of the columns, one for those of one generation, group of halls, period, workload and mode."""
        workload = self._workload()
        within = np.lexsort((workload, self.period, self.hall, self.generation))  # of those alike in a cell: modes, in order
        alike = np.stack([self.generation, self.hall, self.period, workload])[:, within]
        at, same = np.arange(len(within)), np.append(False, np.all(alike[:, 1:] == alike[:, :-1], axis=0))
        mode = np.empty_like(at)
        mode[within] = at - np.maximum.accumulate(np.where(same, 0, at))
        mode[~self.of_cell] = 0
        return _numbered([self.generation, self.group[self.hall], self.period, workload, mode], ~self.of_cell)

    def _workload(self) -> Ints:
        """Return the row of delivered compute that each column is in (−1: none)."""
        found = np.full(self.small.A.shape[1], -1, dtype=np.int64)
        rows = np.flatnonzero(self.families == "delivered_compute")
        part = csr_array(self.small.A[rows]).tocoo()
        found[part.col] = rows[part.row]
        return found

    def _weights(self, column: Ints, hall: Ints, period: Ints) -> Floats:
        """Return what each column has of the one that it is part of: in proportion to the power of its hall in its period."""
        power = np.zeros((len(self.group), self.T))
        rows = np.flatnonzero((self.families == "power") & (hall >= 0) & np.isfinite(self.small.row_upper))
        power[hall[rows], period[rows]] = np.maximum(self.small.row_upper[rows], 0.0)
        own = np.where(self.of_cell, power[self.hall, self.period] + USED, 1.0)
        return np.asarray(own / np.bincount(column, own)[column])


def _numbered(keys: list[Ints], alone: Bools) -> Ints:
    """Return numbers, one for what has the same keys (each −1 or more); ``alone``: what has a number of its own."""
    key = np.zeros(len(alone), dtype=np.int64)
    for part in keys:
        key = key * (int(part.max(initial=0)) + 2) + part + 1
    key[alone] = -1 - np.arange(np.count_nonzero(alone))
    return np.unique(key, return_inverse=True)[1].reshape(-1)


def _sums(number: Ints, lower: Floats, upper: Floats) -> Limits:
    """Return the sums of limits with the same number."""
    return np.bincount(number, lower).astype(float), np.bincount(number, upper).astype(float)


def _cheapest(price: Floats, among: Bools) -> Bools:
    """Mark the ``CHEAPEST`` share of these columns with the smallest prices."""
    columns = np.flatnonzero(among)
    chosen = np.zeros(len(price), dtype=bool)
    count = int(CHEAPEST * len(columns))
    if count:
        chosen[columns[np.argpartition(price[columns], count)[:count]]] = True
    return chosen


def _solved(A: csr_array, cost: Floats, columns: Limits, rows: Limits, seed: int, ends: float) -> Any:
    """Return a HiGHS object that has solved a programme by interior point; None where there is no optimum."""
    highs = new_highs(random_seed=seed, simplex_strategy=CHOOSE, solver="ipx")
    hand_over(highs, A, cost, columns, rows, np.zeros(len(cost), dtype=bool))
    return _run(highs, ends)


def _run(highs: Any, ends: float) -> Any:
    left = ends - time.monotonic()
    if left <= 0:
        return None
    highs.setOptionValue("time_limit", highs.getRunTime() + left)
    highs.run()
    return highs if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal else None
