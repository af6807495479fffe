"""HiGHS on a ``Model``: the relaxation with its shortage and certificate, and whole-number feasibility.

The shortage of a set of active limits is the least weighted slack of its requirements: 0 exactly where they hold
together. Its dual values are a certificate: the limits with a dual value other than 0 cannot hold together by
themselves (weak duality: dropping the others leaves the dual solution feasible, and its value above 0).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from procure.explaining.limits import FAMILIES
from procure.explaining.model import Bounds
from procure.solving.engine import OutOfTime
from procure.solving.highs import new_highs

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from procure.explaining.model import Model

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["TOLERANCE", "Clock", "Relaxation", "Shortage", "around", "hold_together", "load", "whole_numbers"]

TOLERANCE = 1e-6  # share of a requirement below which it counts as met
NOTHING = 1e-9  # dual values below this count as 0
LARGE = 20_000  # columns from which interior point starts a relaxation
SEARCHED = 1_500  # columns from which whole numbers are first looked for near the relaxation


class Clock:
    """Seconds that may still be used."""

    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left; raises ``OutOfTime`` when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def part(self, seconds: float) -> Clock:
        """Return a clock of at most ``seconds`` within this one."""
        return Clock(min(seconds, self.left))


@dataclass(slots=True)
class Shortage:
    """Least shortage (0: the limits hold together), slack by column of ``Model.slack``, limits of the certificate."""

    value: float
    slack: Floats
    support: Bools

    @property
    def infeasible(self) -> bool:
        """Whether the active limits cannot hold together."""
        return self.value > TOLERANCE


def load(highs: Any, A: csr_array, bounds: Bounds, cost: Floats, integer: Bools | None = None) -> None:
    """Pass a programme to HiGHS; without ``integer`` its relaxation."""
    kinds = np.zeros(A.shape[1], dtype=np.int32) if integer is None else integer.astype(np.int32)
    status = highs.passModel(
        A.shape[1], A.shape[0], A.nnz, 2, 1, 0.0, cost, bounds.lower, bounds.upper, bounds.row_lower, bounds.row_upper,
        A.indptr.astype(np.int32), A.indices.astype(np.int32), A.data, kinds,
    )  # fmt: skip
    if status == highspy.HighsStatus.kError:
        raise RuntimeError("HiGHS refused the programme")


class Relaxation:
    """The linear relaxation of a model, kept warm while limits are lifted and put back."""

    def __init__(self, model: Model, clock: Clock) -> None:
        self.model, self.clock = model, clock
        self.cost = np.zeros(model.size[1])
        self.cost[model.slack.column] = model.slack.weight
        self._highs: Any = None
        self._now: Bounds | None = None
        family = np.array([FAMILIES.index(limit.kind) for limit in model.limits], dtype=np.int64)
        self._telling = family[model.items.limit] if model.limits else np.zeros(0, dtype=np.int64)

    def solve(self, active: Bools) -> Shortage:
        """Return the shortage of the active limits; raises ``OutOfTime``."""
        bounds = self.model.bounds(active, elastic=True)
        if self._highs is None:
            self._highs = new_highs()
            load(self._highs, self.model.A, bounds, self.cost)
            self._highs.setOptionValue("solver", "ipx" if self.model.size[1] >= LARGE else "choose")
        else:
            self._change(bounds)
            self._highs.setOptionValue("solver", "choose")
        self._now = bounds
        self._run()
        solution = self._highs.getSolution()
        x = np.array(solution.col_value)
        slack = x[self.model.slack.column]
        value = float(self.model.slack.weight @ slack)
        support = np.zeros(len(self.model.limits), dtype=bool)
        if value > TOLERANCE:
            support = self._support(active, bounds, np.array(solution.row_dual), np.array(solution.col_dual))
        return Shortage(value, slack, support)

    def _run(self) -> None:
        highs = self._highs
        highs.setOptionValue("time_limit", highs.getRunTime() + self.clock.left)
        highs.run()
        status = highs.getModelStatus()
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
            highs.clearSolver()  # always feasible and bounded: whatever else it says, it is to try again
            highs.setOptionValue("presolve", "off")
            highs.setOptionValue("solver", "simplex")
            highs.setOptionValue("time_limit", highs.getRunTime() + self.clock.left)
            highs.run()
            highs.setOptionValue("presolve", "choose")
            status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise OutOfTime
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS stopped the elastic relaxation with status {status}")

    def _change(self, bounds: Bounds) -> None:
        old = self._now
        if old is None:
            return
        columns = np.flatnonzero((bounds.lower != old.lower) | (bounds.upper != old.upper)).astype(np.int32)
        if columns.size:
            self._highs.changeColsBounds(columns.size, columns, bounds.lower[columns], bounds.upper[columns])
        rows = np.flatnonzero((bounds.row_lower != old.row_lower) | (bounds.row_upper != old.row_upper)).astype(
            np.int32
        )
        if rows.size:
            self._highs.changeRowsBounds(rows.size, rows, bounds.row_lower[rows], bounds.row_upper[rows])

    def _support(self, active: Bools, bounds: Bounds, row_dual: Floats, column_dual: Floats) -> Bools:
        """Mark the limits that give the bounds with a dual value; where several give the same, the most telling one."""
        items = self.model.items
        dual = np.where(items.is_row, row_dual[np.where(items.is_row, items.index, 0)],
                        column_dual[np.where(items.is_row, 0, items.index)])  # fmt: skip
        low = np.where(items.is_row, bounds.row_lower[np.where(items.is_row, items.index, 0)],
                       bounds.lower[np.where(items.is_row, 0, items.index)])  # fmt: skip
        high = np.where(items.is_row, bounds.row_upper[np.where(items.is_row, items.index, 0)],
                        bounds.upper[np.where(items.is_row, 0, items.index)])  # fmt: skip
        gives = ((dual > NOTHING) & (items.lower >= low)) | ((dual < -NOTHING) & (items.upper <= high))
        used = np.flatnonzero(gives & active[items.limit])
        order = used[np.lexsort((-self._telling[used], items.index[used], items.is_row[used]))]
        place = np.stack([items.is_row[order].astype(np.int64), items.index[order]])
        first = np.r_[True, (np.diff(place, axis=1) != 0).any(axis=0)] if order.size else np.zeros(0, dtype=bool)
        support = np.zeros(len(self.model.limits), dtype=bool)
        support[items.limit[order[first]]] = True
        return support


def whole_numbers(
    model: Model,
    active: Bools,
    clock: Clock,
    *,
    cost: Floats | None = None,
    bounds: Bounds | None = None,
    seconds: float = 1e9,
    gap: float = 0.0,
    patience: float = np.inf,
) -> tuple[str, Floats | None]:
    """Look for a whole-number point under the active limits, the cheapest by ``cost`` where one is given.

    ``patience``: seconds after which the first point found is good enough.

    Returns (``found``, point), (``none``, None) where there is none, (``unknown``, None) where time ran out first.
    """
    highs = new_highs(time_limit=min(seconds, clock.left), mip_rel_gap=gap, mip_abs_gap=1e-7)
    A = model.matrix(active)
    cost = np.zeros(A.shape[1]) if cost is None else cost
    load(highs, A, bounds or model.bounds(active, elastic=False), cost, model.integer)
    if np.isfinite(patience):
        _be_content(highs, patience)
    highs.run()
    status = highs.getModelStatus()
    if highs.getInfo().primal_solution_status == 2:
        return "found", np.array(highs.getSolution().col_value)
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return "none", None
    return "unknown", None


def _be_content(highs: Any, patience: float) -> None:
    """Stop a search some seconds after its start as soon as it has any point."""
    started, found = time.monotonic(), [False]
    highs.setOptionValue("output_flag", True)  # HiGHS calls back only while it logs
    highs.setOptionValue("log_to_console", False)
    highs.cbMipImprovingSolution += lambda _event: found.__setitem__(0, True)
    highs.cbMipInterrupt += lambda event: (
        event.interrupt() if found[0] and time.monotonic() - started > patience else None
    )


def hold_together(model: Model, active: Bools, clock: Clock, *, seconds: float = 1e9) -> bool | None:
    """Whether whole numbers satisfy the active limits; None where that is not known in time.

    A large programme is first searched near a point of its relaxation.
    """
    if model.size[1] >= SEARCHED:
        near = neighbourhood(model, active, clock)
        if near is None:
            return False
        verdict, _ = whole_numbers(model, active, clock, bounds=near, seconds=seconds / 2)
        if verdict == "found":
            return True
    verdict, _ = whole_numbers(model, active, clock, seconds=seconds)
    return {"found": True, "none": False}.get(verdict)


def neighbourhood(model: Model, active: Bools, clock: Clock) -> Bounds | None:
    """Return bounds around the point of the relaxation that spends least; None where the relaxation has none.

    Whole numbers stay within one above their relaxed value and, where units may be left out, free below.
    """
    bounds = model.bounds(active, elastic=False)
    highs = new_highs(time_limit=clock.left, solver="ipx" if model.size[1] >= LARGE else "choose")
    load(highs, model.matrix(active), bounds, model.spend * model.column_scale(active))
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        return bounds
    x = np.array(highs.getSolution().col_value)
    return around(model, bounds, x)


def around(model: Model, bounds: Bounds, x: Floats) -> Bounds:
    """Return bounds near a relaxed point."""
    whole = model.integer
    low, high = np.floor(x + 1e-6), np.ceil(x - 1e-6) + 1
    installed = model.columns["installed"]
    low[installed[installed >= 0]] = 0.0
    for family in ("build", "build_shell", "start", "ordered", "sell"):
        columns = model.columns[family]
        low[columns[columns >= 0]], high[columns[columns >= 0]] = 0.0, np.inf
    least = np.maximum(1, -(-model.case.generations.min_order // model.case.generations.lot))
    for family in ("order_lots", "lots_now"):
        columns = model.columns[family]
        g, t = np.nonzero(columns >= 0)
        at = columns[g, t]
        low[at] = np.where(x[at] < least[g], 0.0, low[at] - 1)
        high[at] = np.where(x[at] > 1e-6, np.maximum(high[at], least[g]) + 1, high[at])
    lower, upper = bounds.lower.copy(), bounds.upper.copy()
    lower[whole] = np.maximum(lower[whole], low[whole])
    upper[whole] = np.minimum(upper[whole], high[whole])
    return Bounds(bounds.row_lower, bounds.row_upper, lower, np.maximum(lower, upper))
