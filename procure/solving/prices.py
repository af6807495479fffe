"""What a changed number of the input is worth: shadow prices of the programme, and true re-solves of the same matrix.

A change is a sparse step in limits (rows, column bounds) and in the constants of functionals: one more megawatt lifts a
power row, the energy available and the capacity charge together. Its price is the step times the dual values:

* at the relaxation, where every order and every site may react (an upper estimate of the gain, exact while the basis holds);
* with the plan's whole numbers fixed, where only running units, energy and rent react.

A re-solve applies the step to the live engine and optimises again; nothing is rebuilt.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.solving.engine import INF, THETA, Engine, Infeasible, OutOfTime, new_highs
from procure.solving.objectives import LINEAR, NotPositive, Target, objective_value, optimise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procure.solving.matrix import Matrix
    from procure.solving.search import Reporter

    Floats = NDArray[np.float64]

__all__ = ["Change", "Price", "PricesJob", "ResolveJob", "apply"]

ROUNDS = 40
CLOSED = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the input, in the programme's units: rows' upper (and lower) limits, columns' upper bounds, constants."""

    rows: tuple[tuple[int, float], ...] = ()
    columns: tuple[tuple[int, float], ...] = ()
    constants: tuple[tuple[str, float], ...] = ()


@dataclass(slots=True)
class Price:
    """Gain of the objective for one step, relative to its value: at the relaxation, with whole numbers fixed, and how far.

    ``steps`` is how many steps the relaxation's figure holds for before its basis changes (inf: not limited).
    """

    relaxed: float
    fixed: float
    steps: float


def apply(matrix: Matrix, change: Change) -> Matrix:
    """Return the matrix with a change applied (rows and functionals are copied, the coefficients shared)."""
    from dataclasses import replace

    from procure.solving.matrix import Functional

    upper, columns = matrix.row_upper.copy(), matrix.upper.copy()
    for row, step in change.rows:
        upper[row] += step
    for column, step in change.columns:
        columns[column] += step
    functionals = dict(matrix.functionals)
    for name, step in change.constants:
        functionals[name] = Functional(functionals[name].coefficients, functionals[name].constant + step)
    return replace(matrix, row_upper=upper, upper=columns, functionals=functionals)


@dataclass(slots=True)
class PricesJob:
    """Price changes from the duals around a plan; ``x`` is the plan's point, ``floor`` the least C_pv it was held to."""

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
        engine = Engine(self.matrix, self.target.accounts, deadline=time.monotonic() + self.seconds, seed=self.seed)
        if self.target.ratios and self.floor > 0:
            engine.bound("compute_pv", lower=self.floor)
        objective = self._optimum(engine)
        relaxed_rows, relaxed_columns, up = self._duals(engine, objective, fixed=False)
        fixed_rows, fixed_columns, _ = self._duals(engine, objective, fixed=True)
        definition = {name: engine.m + i for i, name in enumerate(engine.names[:-1])}
        size = self._at["size"]
        prices = []
        for change in self.changes:
            relaxed = self._gain(change, relaxed_rows, relaxed_columns, definition) / size
            fixed = self._gain(change, fixed_rows, fixed_columns, definition) / size
            steps = min((float(up[row] / step) for row, step in change.rows if step > 0), default=INF)
            prices.append(Price(relaxed, fixed, steps))
        return prices

    def _gain(self, change: Change, rows: Floats, columns: Floats, definition: Mapping[str, int]) -> float:
        # only a limit that binds from above is worth anything: a dual of the other sign belongs to the lower side
        total = sum(max(0.0, rows[row]) * step for row, step in change.rows)
        total += sum(max(0.0, columns[column]) * step for column, step in change.columns)
        # an account is defined by f(x) − z = −constant: its row's limit falls as the constant grows
        total -= sum(rows[definition[name]] * step for name, step in change.constants if name in definition)
        return float(total)

    def _optimum(self, engine: Engine) -> dict[str, float]:
        """Set the parametric objective of the target at the relaxation's optimum; return it over accounts."""
        target = self.target
        if target.objective in LINEAR:
            objective = LINEAR[target.objective]
            value = engine.relax(objective).value
            self._at["size"] = abs(value) or 1.0
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
        self._at["size"] = n  # a gain ε of N − qD lifts the ratio by the share ε / N
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
        self._at["size"] = level  # θ is a step of the level
        self._at["rows"] = (level, at)
        return {THETA: 1.0}

    def _duals(self, engine: Engine, objective: Mapping[str, float], *, fixed: bool) -> tuple[Floats, Floats, Floats]:
        """Gain of the objective a unit of each row limit and column bound, and how far each row limit may rise."""
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
        up = np.full(len(engine.row_upper), INF)
        if not fixed:
            ranging = highs.getRanging()[1]
            if ranging.valid:
                limits = np.where(np.isfinite(engine.row_upper), engine.row_upper, 0.0)
                up = np.maximum(0.0, np.array(ranging.row_bound_up.value_) - limits)
        return -np.array(solution.row_dual), -np.array(solution.col_dual), up


@dataclass(slots=True)
class ResolveJob:
    """Optimise again after each change; ``value`` is the plan's objective, gains are relative to it."""

    matrix: Matrix
    target: Target
    changes: list[tuple[int, Change]]
    normalisers: tuple[float, ...]
    value: float
    seconds: float
    seed: int = 0

    def run(self, report: Any) -> int:
        """Stream (index, relative gain, relative gap left) for each change; stop when time is out."""
        deadline = time.monotonic() + self.seconds
        for index, change in self.changes:
            matrix = apply(self.matrix, change)
            engine = Engine(matrix, self.target.accounts, deadline=deadline, seed=self.seed)
            try:
                best = optimise(engine, self.target, report)
            except (Infeasible, NotPositive, OutOfTime):
                continue
            if best.x is None:
                continue
            value = objective_value(matrix, self.target, self.normalisers or best.normalisers, best.x)
            gap = (best.bound - best.value) / abs(best.value) if best.value else 0.0
            report.point((index, (value - self.value) / (abs(self.value) or 1.0), gap))
        return len(self.changes)
