"""A live HiGHS model of one programme: linear relaxations re-solved warm, integer steps on tightened copies.

The programme gets an *account* column for every functional in use (``z = f(x)``, one defining row) and three spare
rows over accounts. Objectives, ratio rows and the volume floor are then changes of a handful of numbers; nothing is rebuilt.

What HiGHS is not trusted with: its objective value after a start (it is computed again from the point).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from procure.solving.highs import (
    BASIC,
    DEFAULTS,
    INF,
    LOWER,
    EngineError,
    hand_over,
    new_highs,
    perturb,
)
from procure.solving.opening import Opening
from procure.solving.reduced import Reduced, largest, reduce
from procure.solving.relaxation import Basis, Relaxation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]

__all__ = ["Engine", "Infeasible", "LpResult", "MipResult", "OutOfTime", "Unbounded"]

THETA = "theta"
SPARES = 3  # rows over accounts: two for ratios and ties, one for the frontier
FAILED = (
    highspy.HighsModelStatus.kSolveError, highspy.HighsModelStatus.kPresolveError, highspy.HighsModelStatus.kPostsolveError,
    highspy.HighsModelStatus.kModelError, highspy.HighsModelStatus.kLoadError, highspy.HighsModelStatus.kUnknown,
)  # fmt: skip
ENDLESS = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)
UNSURE = (*FAILED, highspy.HighsModelStatus.kUnboundedOrInfeasible)
# seconds that a warm re-solve may take, or this share of one from nothing: one was seen to stall for minutes
PATIENCE, PATIENCE_SHARE = 1.0, 1.5
# how a linear programme is tried again (solver, presolve, from nothing) where a warm re-solve ends in doubt
AGAIN = (("simplex", "off", False), ("ipx", "choose", True), ("simplex", "off", True), ("simplex", "choose", True))
CAUTION: tuple[dict[str, Any], ...] = (
    {}, {"mip_feasibility_tolerance": 1e-7}, {"mip_feasibility_tolerance": 1e-7, "presolve": "off"},
)  # fmt: skip
# steps of a re-solve without perturbation: where the optimum is near, perturbing only leads away from it; and this share of a
# programme's columns where its condensed one would be solved again after them, which takes as long as several times these steps
FEW, FEW_SHARE = 1000, 0.04
CONDENSED = 40_000  # columns from which the live relaxation is condensed: in smaller ones what comes back costs what is spared
LARGE = 12_000  # columns from which interior point beats simplex on a cold start (tests/bench/run.py measures both)


class Infeasible(Exception):  # noqa: N818 - an outcome, not an error
    """No plan satisfies the rows."""


class Unbounded(Exception):  # noqa: N818
    """The objective can grow without end."""


class OutOfTime(Exception):  # noqa: N818
    """The deadline passed before a result was there."""


@dataclass(slots=True)
class LpResult:
    """Optimum of a relaxation: objective, point (accounts included), simplex and interior-point iterations."""

    value: float
    x: Floats
    iterations: int
    seconds: float = 0.0


@dataclass(slots=True)
class MipResult:
    """Result of an integer step: incumbent (None if none), its objective, the step's own dual bound, whether it closed."""

    x: Floats | None
    value: float
    bound: float
    closed: bool
    nodes: int


class Engine:
    """The programme as arrays with accounts, a warm LP object, and integer steps.

    Parameters
    ----------
    matrix
        The compiled programme.
    accounts
        Names of the functionals to keep as account columns.
    deadline
        ``time.monotonic()`` value after which every call raises ``OutOfTime``.
    seed
        Random seed of HiGHS.
    """

    def __init__(self, matrix: Matrix, accounts: list[str], *, deadline: float = INF, seed: int = 0) -> None:
        self.matrix, self.deadline, self.seed = matrix, deadline, seed
        self.names = [*accounts, THETA]
        m, n = matrix.A.shape
        k = len(self.names)
        self.n, self.m = n, m
        self.account = {name: n + i for i, name in enumerate(self.names)}
        definitions = np.array([matrix.functionals[name].coefficients for name in accounts]).reshape(len(accounts), n)
        constants = np.array([matrix.functionals[name].constant for name in accounts])
        top = hstack([matrix.A, csr_array((m, k))], format="csr")
        minus = csr_array((-np.ones(k - 1), (np.arange(k - 1), np.arange(k - 1))), shape=(k - 1, k))
        middle = hstack([csr_array(definitions), minus], format="csr")
        self._body = vstack([top, middle], format="csr")
        self._spare: list[dict[int, float]] = [{} for _ in range(SPARES)]
        self.row_lower = np.concatenate([matrix.row_lower, -constants, np.full(SPARES, -INF)])
        self.row_upper = np.concatenate([matrix.row_upper, -constants, np.full(SPARES, INF)])
        self.lower = np.concatenate([matrix.lower, np.full(k, -INF)])
        self.upper = np.concatenate([matrix.upper, np.full(k, INF)])
        self.lower[-1] = self.upper[-1] = 0.0  # theta is idle until a max-min step uses it
        self.integer = np.concatenate([matrix.integer, np.zeros(k, dtype=bool)])
        self.lp_seconds = 0.0
        self.first_seconds = 0.0  # of the first relaxation: the yardstick for what a search may take
        self.from_nothing = 0.0  # seconds of a relaxation from nothing: the yardstick for what a warm one may take
        self.mip_seconds = 0.0
        self.steps = 0  # of the simplex in the last relaxation, also one that ended without a result
        self._cost = np.zeros(n + k)
        self._lp_scale = 1.0
        self._bases: dict[str, Basis] = {}
        self._pending: Basis | None = None  # the basis for a programme that has not been handed over yet
        self._lp: Relaxation | None = None
        self._live = self.lower, self.upper, self.row_lower, self.row_upper  # bounds and limits of the live relaxation
        self._opening = Opening(matrix, seed)
        self._solved = False

    # -- changing numbers ----------------------------------------------------------------------------------------

    def bound(self, name: str, lower: float = -INF, upper: float = INF) -> None:
        """Bound an account column."""
        column = self.account[name]
        self.lower[column], self.upper[column] = lower, upper
        self.live_bounds(np.array([column]), np.array([lower]), np.array([upper]))

    @property
    def live(self) -> bool:
        """Whether a relaxation has been solved, so that bounds can be drawn in on it."""
        return self._lp is not None

    def live_bounds(self, columns: NDArray[np.int64], lower: Floats, upper: Floats) -> None:
        """Bound columns of the live relaxation only; the programme's own bounds stay as they are."""
        if self._lp is not None and len(columns):
            self._lp.bounds(columns, lower, upper)
            self._live[0][columns], self._live[1][columns] = lower, upper

    def live_limits(self, rows: NDArray[np.int64], lower: Floats, upper: Floats) -> None:
        """Bound rows of the live relaxation only."""
        if self._lp is not None and len(rows):
            self._lp.limits(rows, lower, upper)
            self._live[2][rows], self._live[3][rows] = lower, upper

    def spare_row(self, which: int, terms: Mapping[str, float], lower: float = -INF, upper: float = INF) -> None:
        """Set a spare row (0 .. 2): lower ≤ Σ coefficient · account ≤ upper; without terms it is free."""
        row = self.m + len(self.names) - 1 + which
        wanted = {self.account[name]: value for name, value in terms.items()}
        if self._lp is not None:
            for column in set(self._spare[which]) | set(wanted):
                self._lp.coefficient(row, column, wanted.get(column, 0.0))
            self.live_limits(np.array([row]), np.array([lower]), np.array([upper]))
        self._spare[which] = wanted
        self.row_lower[row], self.row_upper[row] = lower, upper

    def spare_rows(self) -> list[tuple[dict[str, float], float, float]]:
        """Return the spare rows as they are set: (terms, lower, upper)."""
        names = {column: name for name, column in self.account.items()}
        first = self.m + len(self.names) - 1
        return [({names[c]: v for c, v in terms.items()}, float(self.row_lower[first + i]), float(self.row_upper[first + i]))
                for i, terms in enumerate(self._spare)]  # fmt: skip

    def spare_price(self, which: int) -> float:
        """Return what one unit of a spare row is worth in the last relaxation's objective (0: it has no duals)."""
        price = self._lp.price(self.m + len(self.names) - 1 + which) if self._lp is not None else 0.0
        return abs(price) / self._lp_scale

    def basis(self) -> Basis:
        """Return the basis of the last relaxation, for ``resume``."""
        if self._lp is None:
            raise ValueError("no relaxation has been solved")
        return self._lp.basis()

    def resume(self, basis: Basis) -> None:
        """Start the next relaxation from a basis."""
        if self._lp is not None and basis.valid:
            self._lp.resume(basis)

    def begin(self, basis: Basis) -> None:
        """Start the first relaxation from a basis."""
        self._pending = basis

    def remember(self, name: str) -> None:
        """Keep the basis of the last relaxation under a name."""
        self._bases[name] = self.basis()

    def recall(self, *names: str) -> bool:
        """Start the next relaxation from the first of these bases that is kept (False: from where the last one ended)."""
        for name in names:
            if name in self._bases:
                if self._lp is not None:
                    self.resume(self._bases[name])
                else:
                    self._pending = self._bases[name]
                return True
        return False

    def update(self, matrix: Matrix) -> bool:
        """Take over a programme of the same shape with other numbers; False where rows, columns or whole numbers differ.

        Bases are kept; accounts and spare rows are free again.
        """
        if matrix.A.shape != self.matrix.A.shape or not np.array_equal(matrix.integer, self.matrix.integer):
            return False
        bases, seconds = self._bases, (self.first_seconds, self.from_nothing)
        self.__init__(matrix, self.names[:-1], deadline=self.deadline, seed=self.seed)  # type: ignore[misc]
        self._bases, (self.first_seconds, self.from_nothing) = bases, seconds
        return True

    def reduced_costs(self) -> Floats | None:
        """Return the size of the reduced costs of the last relaxation (None: it has no duals)."""
        return self._lp.reduced_costs() if self._lp is not None else None

    def _matrix(self) -> csr_array:
        width = self.n + len(self.names)
        rows = [(i, c, v) for i, terms in enumerate(self._spare) for c, v in terms.items()]
        data = ([v for _, _, v in rows], ([i for i, _, _ in rows], [c for _, c, _ in rows]))
        return vstack([self._body, csr_array(data, shape=(SPARES, width))], format="csr")

    def _objective(self, objective: Mapping[str, float]) -> Floats:
        cost = np.zeros(self.n + len(self.names))
        for name, value in objective.items():
            cost[self.account[name]] = -value  # HiGHS minimises
        return cost

    def _scale(self, objective: Mapping[str, float]) -> float:
        """Return what makes an objective's largest coefficient 1: reduced costs below 1e-7 are nothing to HiGHS."""
        size = largest(self.matrix.functionals, objective)
        if THETA in objective:
            theta, names = self.account[THETA], dict(enumerate(self.names, self.n))
            for terms in self._spare:
                if theta in terms:  # θ is worth what its rows are
                    row = {names[c]: v * objective[THETA] / terms[theta] for c, v in terms.items()}
                    size = max(size, largest(self.matrix.functionals, row))
        return float(2.0 ** -np.floor(np.log2(size))) if size > 0 else 1.0

    def remaining(self) -> float:
        """Seconds left; raises ``OutOfTime`` when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def load(self, highs: Any, objective: Mapping[str, float], lower: Floats, upper: Floats, *, integers: bool) -> None:
        """Pass the programme with other column bounds to another HiGHS object."""
        self._pass(highs, self._objective(objective), lower, upper, integers=integers)

    def reload(self, highs: Any, objective: Mapping[str, float]) -> None:
        """Pass another objective, and other limits of the same spare rows, to an object loaded before."""
        cost, first = self._objective(objective), self.m + len(self.names) - 1
        highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        for row in range(first, first + SPARES):
            highs.changeRowBounds(row, float(self.row_lower[row]), float(self.row_upper[row]))

    def _pass(self, highs: Any, cost: Floats, lower: Floats, upper: Floats, *, integers: bool) -> None:
        kinds = self.integer if integers else np.zeros_like(self.integer)
        hand_over(highs, self._matrix(), cost, (lower, upper), (self.row_lower, self.row_upper), kinds)

    # -- linear relaxation ---------------------------------------------------------------------------------------

    def relax(
        self, objective: Mapping[str, float], *, cold: bool = False, far: bool = False, cutoff: float = -INF
    ) -> LpResult:
        """Maximise Σ value · account over the linear relaxation, warm after the first call.

        ``far``: the objective is another one than before, so that a large programme is solved anew (``cold``).

        Raises ``Infeasible``, also where nothing exceeds ``cutoff`` and the dual simplex says so early, ``Unbounded`` or
        ``OutOfTime``.
        """
        started = time.monotonic()
        cold = cold or (far and self.n >= LARGE)
        scale = self._scale(objective)
        cost = self._objective(objective) * scale
        if self._lp is None or cold:
            lp = self._lp = self._relaxation(cost)
            self._live = self.lower.copy(), self.upper.copy(), self.row_lower.copy(), self.row_upper.copy()
            begun, self._pending = self._pending, None
            if (cold or begun is None or not lp.resume(begun)) and self.n >= LARGE:
                begun = self._open(objective, anew=True)
                self._solved = begun is not None and lp.resume(begun)
            else:
                self._solved = begun is not None and not cold
            if self._solved:
                cold = False
            else:
                lp.highs.setOptionValue("solver", "ipx" if self.n >= LARGE else "choose")
        else:
            lp = self._lp
            changed = np.flatnonzero(cost != self._cost)
            lp.costs(changed, cost[changed])
            lp.highs.setOptionValue("solver", "choose")
        self._cost, self._lp_scale = cost, scale
        warm, opened = self._solved and not cold, time.monotonic() - started
        lp.highs.setOptionValue("objective_bound", -cutoff * scale if cutoff > -INF else INF)
        self.from_nothing = max(self.from_nothing, opened)
        status = self._settle(lp, objective, warm=warm)
        if status in ENDLESS and not lp.complete:
            lp.completed()
            status = self._settle(lp, objective, warm=False)
        self.steps = lp.steps
        self.lp_seconds += time.monotonic() - started
        self.first_seconds = self.first_seconds or self.lp_seconds
        self.from_nothing = self.from_nothing or self.first_seconds
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kObjectiveBound):
            raise Infeasible
        if status in ENDLESS:
            raise Unbounded
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise OutOfTime
        if status != highspy.HighsModelStatus.kOptimal:
            raise EngineError(f"HiGHS stopped a linear programme with status {status}")
        self._solved = True
        info = lp.highs.getInfo()
        iterations = lp.steps + info.ipm_iteration_count
        return LpResult(-info.objective_function_value / scale, lp.point(), iterations, time.monotonic() - started)

    def _relaxation(self, cost: Floats) -> Relaxation:
        columns, rows = (self.lower, self.upper), (self.row_lower, self.row_upper)
        return Relaxation(
            self.matrix, self._matrix(), cost, columns, rows, seed=self.seed, condensed=self.n >= CONDENSED
        )

    def _open(self, objective: Mapping[str, float], *, anew: bool) -> Basis | None:
        """Return a basis for the simplex of a large relaxation to begin in (None: there is none; see ``Opening``)."""
        bounds, limits = (self._live[0], self._live[1]), (self._live[2], self._live[3])
        step = self._reduced(objective, *bounds, limits, every=True)
        seconds = self.remaining() if anew else min(self.remaining(), self._patience)
        found = self._opening.statuses(step, seconds, anew=anew)
        return self._basis_from(step, *found) if found is not None else None

    def _basis_from(self, model: Reduced, columns: NDArray[np.int64], rows: NDArray[np.int64]) -> Basis:
        """Return a basis of a step over its free columns as one of the programme: what is fixed is nonbasic."""
        n, m, k = self.n, self.m, len(self.names)
        col, row = np.full(n + k, LOWER), np.full(m + k - 1 + SPARES, BASIC)
        count = int(np.count_nonzero(model.free))
        col[:n][model.free] = columns[:count]
        col[n:-1], row[m : m + k - 1] = BASIC, LOWER  # an account follows from its row
        col[-1] = columns[count] if model.theta else LOWER
        own = np.full(len(model.rows), BASIC)
        own[model.rows] = rows
        row[:m] = own[:m]
        spares = [m + k - 1 + which for which, terms in enumerate(self._spare) if terms]
        row[spares] = own[m : m + len(spares)]
        col[[c for _, c in self._bounded(self.lower, self.upper)]] = own[m + len(spares) :]
        return Basis(whole=(col, row))

    def _settle(self, lp: Relaxation, objective: Mapping[str, float], *, warm: bool) -> highspy.HighsModelStatus:
        """Run the live relaxation, and again in other ways where HiGHS is in doubt or does not come to an end."""
        status = self._warm(lp, objective) if warm else self._run(lp, INF)
        if warm and status in UNSURE:
            status = self._unscaled(lp)
        stalled = warm and status == highspy.HighsModelStatus.kTimeLimit
        if warm and self.n >= LARGE and (stalled or status in UNSURE):
            begun, stalled = self._open(objective, anew=True), False
            if begun is not None:
                lp.resume(begun)
            status = self._run(lp, INF)
        for solver, presolve, afresh in AGAIN[1:] if stalled else AGAIN:
            if not stalled and status not in UNSURE:
                break
            stalled = False
            if afresh:
                lp.highs.clearSolver()
            lp.highs.setOptionValue("presolve", presolve)
            lp.highs.setOptionValue("solver", solver)
            status = self._run(lp, INF)
        lp.highs.setOptionValue("presolve", DEFAULTS.get("presolve", "choose"))
        return status

    def _warm(self, lp: Relaxation, objective: Mapping[str, float]) -> highspy.HighsModelStatus:
        """Re-solve from the basis there is: a few steps without perturbation first, which is sooner where the optimum is near.

        Where it is far, a large programme's condensed one goes most of the way.
        """
        patience = self._patience
        perturb(lp.highs, 0.0)
        few = max(FEW, int(FEW_SHARE * self.n)) if self._opening.known else FEW
        lp.highs.setOptionValue("simplex_iteration_limit", few)
        status = self._run(lp, patience)
        perturb(lp.highs, 1.0)
        lp.highs.setOptionValue("simplex_iteration_limit", highspy.kHighsIInf)
        if status != highspy.HighsModelStatus.kIterationLimit:
            return status
        begun = self._open(objective, anew=False) if self.n >= LARGE else None
        if begun is not None:
            lp.resume(begun)
        return self._run(lp, patience)

    @property
    def _patience(self) -> float:
        """Seconds that a relaxation may take that begins near its optimum."""
        return max(PATIENCE, PATIENCE_SHARE * self.from_nothing)

    def _unscaled(self, lp: Relaxation) -> highspy.HighsModelStatus:
        """Re-solve from the basis there is without scaling: an optimum of the scaled numbers can break a row of the others."""
        basis = lp.basis()
        lp.highs.clearSolver()
        lp.resume(basis)
        lp.highs.setOptionValue("simplex_scale_strategy", 0)
        status = self._run(lp, self._patience)
        lp.highs.setOptionValue("simplex_scale_strategy", 2)
        return status

    def _run(self, lp: Relaxation, seconds: float) -> highspy.HighsModelStatus:
        limited = {name for terms, *_ in self.spare_rows() for name in terms}
        limited |= {name for name, _ in self._bounded(*self._live[:2])}
        return lp.run(min(seconds, self.remaining()), np.array([name not in limited for name in self.names[:-1]]))

    # -- integer step --------------------------------------------------------------------------------------------

    def integer_step(
        self,
        objective: Mapping[str, float],
        *,
        lower: Floats | None = None,
        upper: Floats | None = None,
        start: Floats | None = None,
        absolute_gap: float = 0.0,
        relative_gap: float = 1e-6,
        target: float | None = None,
        seconds: float = INF,
        on_incumbent: Callable[[Floats, float], None] | None = None,
        on_progress: Callable[[float, float, int], None] | None = None,
        options: Mapping[str, Any] | None = None,
        integers: bool = True,
    ) -> MipResult:
        """Maximise over whole numbers, within column bounds (default: the programme's own).

        Without ``integers``, over fractions too. ``target`` stops at the first incumbent at least that good. ``closed`` says
        that the step ended by its gap or by proof, not by time. Never raises for an infeasible step: then ``x`` is None and,
        if closed, bound is −inf.
        """
        limit = min(seconds, self.remaining())
        model = self._reduced(objective, self.lower if lower is None else lower, self.upper if upper is None else upper)
        if not integers:
            model.integer = np.zeros_like(model.integer)
        if model.impossible:
            return MipResult(None, -INF, -INF, closed=True, nodes=0)
        settings = {
            "mip_rel_gap": relative_gap,
            "mip_abs_gap": absolute_gap * model.scale,
            "time_limit": limit,
            **(options or {}),
        }
        if target is not None:
            settings["objective_target"] = -target * model.scale
        for caution in CAUTION:
            result, claimed = self._mip(model, objective, {**settings, **caution}, start, on_incumbent, on_progress)
            if result is None:
                continue  # a solve error, often a row that is over by a hair more than the tolerance
            if (
                start is not None
                and result.x is not None
                and abs(result.value - claimed) > 1e-6 * max(1.0, abs(claimed))
            ):
                # HiGHS 1.16 can hand back the start under the objective of a better point: ask without a start
                again, _ = self._mip(model, objective, settings, None, on_incumbent, on_progress)
                if again is not None and again.x is not None:
                    best = again if again.value > result.value else result
                    return replace(best, bound=min(result.bound, again.bound), closed=again.closed)
            return result
        return MipResult(None, -INF, INF, closed=False, nodes=0)

    def _reduced(self, objective: Mapping[str, float], lower: Floats, upper: Floats,
                 limits: tuple[Floats, Floats] | None = None, *, every: bool = False) -> Reduced:  # fmt: skip
        """Write a step without accounts, and without its fixed columns unless ``every`` column is to stay."""
        rows = [row for row in self.spare_rows() if row[0]]
        rows += [({name: 1.0}, lower[c], upper[c]) for name, c in self._bounded(lower, upper)]
        n, m, t = self.n, self.m, self.account[THETA]
        row_lower, row_upper = limits or (self.row_lower, self.row_upper)
        return reduce(
            self.matrix, objective, rows, (lower[:n], upper[:n]), (row_lower[:m], row_upper[:m]),
            theta=THETA, range_of_theta=(float(lower[t]), float(upper[t])), integer=self.integer[:n], every=every,
        )  # fmt: skip

    def _bounded(self, lower: Floats, upper: Floats) -> list[tuple[str, int]]:
        """Return the accounts that have a bound, θ left out, and their columns."""
        return [(name, c) for name, c in self.account.items() if name != THETA and (lower[c] > -INF or upper[c] < INF)]

    def whole_point(self, x: Floats, theta: float = 0.0) -> Floats:
        """Return a point of the programme with its accounts."""
        f = self.matrix.functionals
        return np.concatenate([x, [f[name](x) if name != THETA else theta for name in self.names]])

    def _mip(
        self, model: Reduced, objective: Mapping[str, float], settings: Mapping[str, Any], start: Floats | None,
        on_incumbent: Callable[[Floats, float], None] | None, on_progress: Callable[[float, float, int], None] | None,
    ) -> tuple[MipResult | None, float]:  # fmt: skip
        """Run HiGHS once; return the result (None where it failed) and the objective that HiGHS claims for its point."""
        started = time.monotonic()
        highs = new_highs(random_seed=self.seed, **settings)
        hand_over(highs, model.A, model.cost, (model.lower, model.upper), (model.row_lower, model.row_upper),
                   model.integer, model.offset)  # fmt: skip
        if start is not None:
            near = model.restrict(start[: self.n], float(start[self.account[THETA]]) if len(start) > self.n else 0.0)
            if near is not None:
                solution = highspy.HighsSolution()
                solution.col_value = list(near)
                highs.setSolution(solution)
        if on_incumbent is not None or on_progress is not None:
            highs.setOptionValue("output_flag", True)
            highs.setOptionValue("log_to_console", False)
            highs.setOptionValue("mip_min_logging_interval", 1.0)
        if on_incumbent is not None:
            found = on_incumbent
            highs.cbMipImprovingSolution += lambda e: found(
                model.expand(np.array(e.data_out.mip_solution))[0], -e.data_out.objective_function_value / model.scale
            )
        if on_progress is not None:
            tell = on_progress
            highs.cbMipLogging += lambda e: tell(
                -e.data_out.mip_primal_bound / model.scale,
                -e.data_out.mip_dual_bound / model.scale,
                e.data_out.mip_node_count,
            )
        highs.run()
        self.mip_seconds += time.monotonic() - started
        status, info = highs.getModelStatus(), highs.getInfo()
        if status in FAILED:
            return None, -INF
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return MipResult(None, -INF, -INF, closed=True, nodes=0), -INF
        bound = -info.mip_dual_bound / model.scale
        if info.primal_solution_status != 2:
            return MipResult(None, -INF, bound, closed=False, nodes=info.mip_node_count), -INF
        x = self.whole_point(*model.expand(np.array(highs.getSolution().col_value)))
        closed = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kObjectiveTarget)
        value = float(sum(v * x[self.account[name]] for name, v in objective.items()))
        return MipResult(x, value, bound, closed, info.mip_node_count), -info.objective_function_value / model.scale


