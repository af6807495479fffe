"""What a changed number of the input is worth: shadow prices of the programme, and true re-solves of the same matrix.

A change is a sparse step in limits (rows, column bounds) and in the constants of functionals: one more megawatt lifts a
power row, the energy available and the capacity charge together. Its price is the step times the dual values:

* at the relaxation, where every order and every site may react (an upper estimate, exact while the basis holds);
* with the plan's whole numbers fixed, where only running units, energy and rent react.

A re-solve applies the step to the live engine and optimises again; nothing is rebuilt.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from procure.solving.engine import THETA, Engine, Infeasible, OutOfTime
from procure.solving.highs import INF, new_highs
from procure.solving.job import Job, run_job
from procure.solving.live import with_plans_of
from procure.solving.matrix import Functional
from procure.solving.objectives import LINEAR, Hint, NotPositive, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procure.solving.found import Reporter
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]

__all__ = ["Change", "LevelJob", "Price", "PricesJob", "ResolveJob", "apply"]

ROUNDS = 40
CLOSED = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the input, in the programme's units.

    Upper limits of rows and columns, constants of functionals, lower limits of rows and columns, and coefficients
    (row, column, step) of big-M rows.
    """

    rows: tuple[tuple[int, float], ...] = ()
    columns: tuple[tuple[int, float], ...] = ()
    constants: tuple[tuple[str, float], ...] = ()
    least_rows: tuple[tuple[int, float], ...] = ()
    least_columns: tuple[tuple[int, float], ...] = ()
    coefficients: tuple[tuple[int, int, float], ...] = ()


@dataclass(slots=True)
class Price:
    """Gain of the objective for one step, relative to its value: at the relaxation, and with whole numbers fixed.

    ``steps`` is how many steps the relaxation's figure surely holds for, its basis being the same (inf: not limited,
    NaN: not known).
    """

    relaxed: float
    fixed: float
    steps: float


def apply(matrix: Matrix, change: Change) -> Matrix:
    """Return the matrix with a change applied (limits and functionals are copied, coefficients where they change)."""
    limits = {"row_upper": change.rows, "upper": change.columns, "row_lower": change.least_rows,
              "lower": change.least_columns}  # fmt: skip
    new: dict[str, Any] = {}
    for name, steps in limits.items():
        values = getattr(matrix, name).copy()
        for i, step in steps:
            values[i] += step
        new[name] = values
    if change.coefficients:
        rows, at, by = (list(part) for part in zip(*change.coefficients, strict=True))
        new["A"] = csr_array(matrix.A + csr_array((by, (rows, at)), shape=matrix.A.shape))
    functionals = dict(matrix.functionals)
    for name, step in change.constants:
        functionals[name] = Functional(functionals[name].coefficients, functionals[name].constant + step)
    return replace(matrix, functionals=functionals, **new)


@dataclass(slots=True)
class PricesJob:
    """Price changes by the duals around a plan; ``x`` is the plan's point, ``floor`` the least C_pv it was held to."""

    matrix: Matrix
    target: Target
    x: Floats
    normalisers: tuple[float, ...]
    floor: float
    changes: list[Change]
    seconds: float
    seed: int = 0
    _at: dict[str, Any] = field(default_factory=dict)

    def run(self, report: Reporter) -> list[Price]:
        """Return a price a change, in order."""
        report.stage("shadow prices")
        engine = self._engine()
        objective = self._optimum(engine)
        relaxed = self._duals(engine, objective, fixed=False)
        fixed = self._duals(engine, objective, fixed=True)
        definition = {name: engine.m + i for i, name in enumerate(engine.names[:-1])}
        size = self._at["size"]
        return [
            Price(
                self._gain(change, relaxed, definition) / size,
                self._gain(change, fixed, definition) / size,
                self._reach(change, relaxed, definition),
            )
            for change in self.changes
        ]

    def level(self) -> float:
        """Return the relaxation's optimum."""
        self._optimum(self._engine())
        return float(self._at["level"])

    def point(self) -> Floats:
        """Return the relaxation's best point (accounts included)."""
        engine = self._engine()
        return engine.relax(self._optimum(engine)).x

    def _engine(self) -> Engine:
        engine = Engine(self.matrix, self.target.accounts, deadline=time.monotonic() + self.seconds, seed=self.seed)
        if self.target.ratios and self.floor > 0:
            engine.bound("compute_pv", lower=self.floor)
        return engine

    def _gain(self, change: Change, duals: _Duals, definition: Mapping[str, int]) -> float:
        # only the side that binds is worth anything: a dual of the other sign belongs to the other limit
        total = sum(max(0.0, duals.rows[row]) * step for row, step in change.rows)
        total += sum(min(0.0, duals.rows[row]) * step for row, step in change.least_rows)
        total += sum(max(0.0, duals.columns[column]) * step for column, step in change.columns)
        total += sum(min(0.0, duals.columns[column]) * step for column, step in change.least_columns)
        # an account is defined by f(x) − z = −constant: its row's limit falls as the constant grows
        total -= sum(duals.rows[definition[name]] * step for name, step in change.constants if name in definition)
        total -= sum(duals.rows[row] * step * duals.x[column] for row, column, step in change.coefficients)
        return float(total)

    def _reach(self, change: Change, duals: _Duals, definition: Mapping[str, int]) -> float:
        """Return steps for which the basis stays: where limit i alone may move r_i, all together may 1 / Σ 1 / r_i."""
        if any(duals.rows[row] * duals.x[column] for row, column, _ in change.coefficients):
            return float("nan")
        shares = []
        limits = [(self._end(duals.row_range, row, step), step) for row, step in (*change.rows, *change.least_rows)]
        limits += [
            (self._end(duals.column_range, i, step), step) for i, step in (*change.columns, *change.least_columns)
        ]
        limits += [(self._end(duals.row_range, definition[name], -step), -step)
                   for name, step in change.constants if name in definition]  # fmt: skip
        for room, step in limits:
            if not np.isfinite(room):
                continue
            if room <= 0:
                return 0.0
            shares.append(abs(step) / room)
        return 1.0 / sum(shares) if sum(shares) > 0 else INF

    @staticmethod
    def _end(ranges: tuple[Floats, Floats], i: int, step: float) -> float:
        return float(ranges[1][i] if step > 0 else ranges[0][i])

    def _optimum(self, engine: Engine) -> dict[str, float]:
        """Set the parametric objective of the target at the relaxation's optimum; return it over accounts."""
        target = self.target
        if target.objective in LINEAR:
            objective = LINEAR[target.objective]
            value = engine.relax(objective).value
            self._at["level"], self._at["size"] = value, abs(value) or 1.0
            return objective
        if target.objective == "balanced":
            return self._balanced(engine)
        ((top, bottom),) = target.ratios
        q = 0.0
        for _ in range(ROUNDS):
            relaxed = engine.relax({top: 1.0, bottom: -q})
            n, d = (float(relaxed.x[engine.account[name]]) for name in (top, bottom))
            if relaxed.value <= CLOSED * n:
                break
            q = n / d
        self._at["level"], self._at["size"] = q, n  # a gain ε of N − qD lifts the ratio by the share ε / N
        return {top: 1.0, bottom: -q}

    def _balanced(self, engine: Engine) -> dict[str, float]:
        engine.bound(THETA)
        relaxed = engine.relax({"compute_pv": 1.0})
        for _ in range(ROUNDS):
            tops = [float(relaxed.x[engine.account[t]]) for t, _ in self.target.ratios]
            at = [r * float(relaxed.x[engine.account[b]]) for (_, b), r in
                  zip(self.target.ratios, self.normalisers, strict=True)]  # fmt: skip
            level = min(n / b for n, b in zip(tops, at, strict=True))
            for i, ((t, b), r) in enumerate(zip(self.target.ratios, self.normalisers, strict=True)):
                engine.spare_row(i, {t: 1.0 / at[i], b: -level * r / at[i], THETA: -1.0}, lower=0.0)
            relaxed = engine.relax({THETA: 1.0})
            if relaxed.value <= CLOSED * 10:
                break
        self._at["level"] = self._at["size"] = level  # θ is a step of the level
        return {THETA: 1.0}

    def _duals(self, engine: Engine, objective: Mapping[str, float], *, fixed: bool) -> _Duals:
        """Solve the parametric programme once more, for its duals and ranges."""
        lower, upper = engine.lower.copy(), engine.upper.copy()
        if fixed:
            whole = engine.integer
            plan = np.rint(np.concatenate([self.x, np.zeros(len(lower) - engine.n)])[whole])
            lower[whole] = upper[whole] = plan
            volume = engine.account["compute_pv"]
            reached = self.matrix.functionals["compute_pv"](self.x)
            lower[volume] = min(lower[volume], reached * (1 - 1e-6))
        highs = new_highs(random_seed=engine.seed, time_limit=engine.remaining())
        engine.load(highs, objective, lower, upper, integers=False)
        highs.run()
        solution = highs.getSolution()
        if not solution.dual_valid:
            raise OutOfTime
        x, rows = np.array(solution.col_value), np.array(solution.row_value)
        nothing = np.zeros(len(rows)), np.zeros(len(rows))
        result = _Duals(-np.array(solution.row_dual), -np.array(solution.col_dual), x, nothing, nothing)
        if not fixed:
            ranging = highs.getRanging()[1]
            if ranging.valid:
                result.row_range = _room(rows, ranging.row_bound_dn.value_, ranging.row_bound_up.value_)
                result.column_range = _room(x, ranging.col_bound_dn.value_, ranging.col_bound_up.value_)
        return result


@dataclass(slots=True)
class _Duals:
    """Gain of the objective a unit of each limit, the point, and how far each limit alone may fall or rise."""

    rows: Floats
    columns: Floats
    x: Floats
    row_range: tuple[Floats, Floats]
    column_range: tuple[Floats, Floats]


def _room(at: Floats, down: Any, up: Any) -> tuple[Floats, Floats]:
    """Distance that a limit may fall and rise; a limit that does not bind may move away from the point for ever."""
    return np.maximum(0.0, at - np.array(down)), np.maximum(0.0, np.array(up) - at)


@dataclass(slots=True)
class LevelJob:
    """The best of the relaxation for a programme (a changed case, say), relative to the value ``of`` another one."""

    matrix: Matrix
    target: Target
    seconds: float
    seed: int = 0

    def run(self, report: Reporter) -> float:
        """Return the relaxation's optimum in the programme's units."""
        report.stage("relaxation")
        held = self.target
        job = PricesJob(self.matrix, held, np.zeros(0), held.normalisers, held.volume, [], self.seconds, self.seed)
        return job.level()


@dataclass(slots=True)
class ResolveJob:
    """Optimise again after each change; gains are relative to ``value``, the plan's objective.

    The target holds the plan's own volume and normalisers, so that the figures compare. A ``None`` for the change
    takes the programme as it is (a rebuilt case).
    """

    matrix: Matrix
    target: Target
    changes: list[tuple[int, Change | None]]
    value: float
    seconds: float
    seed: int = 0

    def run(self, report: Any) -> int:
        """Stream (index, relative gain, relative gap left) for each change; stop when time is out."""
        deadline = time.monotonic() + self.seconds
        engine, hint = Engine(self.matrix, self.target.accounts, seed=self.seed), Hint()
        for index, change in self.changes:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            matrix = self.matrix if change is None else apply(self.matrix, change)
            engine.update(matrix)
            try:
                best = run_job(Job(matrix, self.target, left, self.seed), report, engine, hint)
            except (Infeasible, NotPositive, OutOfTime):
                continue
            hint = with_plans_of(hint, best)
            if best.x is None or any(step.get("stage") == "out of time" for step in best.trace):
                continue
            gap = (best.bound - best.value) / abs(best.value) if best.value else 0.0
            report.point((index, (best.value - self.value) / (abs(self.value) or 1.0), gap))
        return len(self.changes)
