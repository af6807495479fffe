"""The six objectives: linear ones, ratios by Dinkelbach, and the max-min of two ratios.

* One ratio N / D: Dinkelbach (1967). F(q) = max N − qD falls in q and is 0 at the best ratio R*. The rounds run on the
  relaxation, warm; whole numbers come after. A plan of ratio q is proven by a programme at a trial ratio q' a gap above
  it: where no plan has N − q'D > 0, R* ≤ q'. With the dual bound U > 0 of a programme at q, every plan has N − qD ≤ U,
  hence R* ≤ q / (1 − U / N_low) where N ≥ N_low > 0 on all plans (from (R* − q) D* ≤ U and D* = N* / R*), or
  R* ≤ q + U / D_low. Never from an incumbent.
* Two ratios, max min_i N_i / B_i with B_i = R_i D_i: generalised Dinkelbach in its second form, which divides row i by
  B_i at the last point and converges superlinearly (Crouzeix, Ferland and Schaible 1986; Crouzeix and Ferland 1991):
  max θ with N_i − λ B_i ≥ θ B_i(x_k). Bound: λ* ≤ λ where U ≤ 0 (so a trial level proves a plan as above), else
  λ* ≤ λ + U · max_i B_i(x_k) / N_low,i.
* Ties: a second solve with the first objective held as a row, for lower cost (for ``balanced``: for the other ratio), for
  half the time of the first relaxation. Dives carry a little cost in what they follow; no bound and no tie does.
* Hints: plans of nearly the same programme are solved again with their whole numbers fixed; the best is where the search
  begins, and its end where project starts prove it to the gap.

A ratio of sums never beats its best single line, so the ratios hold C_pv ≥ compute_floor × the C_pv of the plan that
maximises it; otherwise the best plan would shrink to a few units in the best hall.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.solving.engine import INF, LARGE, THETA, Engine, Infeasible, LpResult, MipResult, OutOfTime
from procure.solving.search import SMALL, STEP, Found, Reporter, engine_value, find_plan, near_plan, neighbourhood, prove
from procure.solving.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]

__all__ = ["NotPositive", "Optimum", "Target", "objective_value", "optimise"]

LINEAR: dict[str, dict[str, float]] = {
    "compute": {"compute_pv": 1.0},
    "cost": {"cost": -1.0},
    "npv": {"worth": 1.0, "cost": -1.0},
}
ROUNDS = 40
AHEAD = 1.25  # times the ratio of the most compute: where the rounds of a large programme begin, nearer to their end
MIXTURES = 33  # of the best points of two ratios, tried for a level to begin from
LEAN = 1e-4  # weight of relative cost in what dives follow: of equal plans the cheaper; bounds and ties never use it
ANCHOR_SHARE = 0.25  # of the time left, for the most compute: the ratio itself is what was asked for
TIE_SHARE = 0.5  # of the time of the first relaxation
TIE_LARGE, TIE_LARGE_LEAST = 0.05, 0.2  # the same in a large programme, and seconds beside it
CLOSED = 1e-9
MOST_HIDDEN = 1.1  # times what starts hid the last time
HIDDEN = 4.0  # times the gap: what a relaxation may hide behind project starts
CERTIFIED = 0.95  # of the gap: a level this much above the plan's that no plan reaches proves it
SMALLEST_GAP = 1e-7
HAIR = 1e-9
STRICT = {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}  # to tell 0 from a tolerance


class NotPositive(Exception):  # noqa: N818 - an outcome
    """A ratio's denominator can be 0 or negative, so that the ratio has no best value."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to optimise: objective, watt basis, volume floor (share), relative gap.

    ``volume`` > 0 holds the ratios to that C_pv (programme's units) instead of a share of the largest, and
    ``normalisers`` measure ``balanced`` against given ratios: both make a changed case comparable with the plan before.
    """

    objective: str
    watt_basis: str
    floor: float
    gap: float
    volume: float = 0.0
    normalisers: tuple[float, ...] = ()

    @property
    def dollar(self) -> tuple[str, str]:
        """Numerator and denominator of compute per dollar."""
        return "compute_pv", "cost"

    @property
    def watt(self) -> tuple[str, str]:
        """Numerator and denominator of compute per watt."""
        return "compute_raw", "energy_available" if self.watt_basis == "available" else "energy_used"

    @property
    def ratios(self) -> list[tuple[str, str]]:
        """The ratios that the objective is made of."""
        table = {
            "compute_per_dollar": [self.dollar],
            "compute_per_watt": [self.watt],
            "balanced": [self.watt, self.dollar],
        }
        return table.get(self.objective, [])

    @property
    def accounts(self) -> list[str]:
        """Functionals that need an account column."""
        wanted = {"compute_pv", "cost", *LINEAR.get(self.objective, {})}
        for pair in self.ratios:
            wanted.update(pair)
        return sorted(wanted)


@dataclass(frozen=True, slots=True)
class Hint:
    """What solves of nearly the same programme found: their plans, their plans of the most compute, and their searches' trails."""

    plans: tuple[Floats, ...] = ()
    anchors: tuple[Floats, ...] = ()
    trails: dict[str, Trail] = field(default_factory=dict)

    def trail(self, name: str) -> Trail:
        """Return the trail of a search, to read and to write on."""
        return self.trails.setdefault(name, Trail())


@dataclass(slots=True)
class Optimum:
    """The best plan found: point, objective value, valid bound, and what the ratios were measured against."""

    x: Floats | None = None
    value: float = -INF
    bound: float = INF
    attainable: float = float("nan")
    normalisers: tuple[float, ...] = ()
    floor_binds: bool = False
    anchor: Floats | None = None
    trace: list[dict[str, Any]] = field(default_factory=list)


def objective_value(matrix: Matrix, target: Target, normalisers: tuple[float, ...], x: Floats) -> float:
    """Return the objective of a point of the programme; −inf where a ratio has no meaning there."""
    f = matrix.functionals
    if target.objective in LINEAR:
        return sum(weight * f[name](x) for name, weight in LINEAR[target.objective].items())
    values = []
    for (top, bottom), best in zip(target.ratios, normalisers or (1.0,) * len(target.ratios), strict=True):
        below = f[bottom](x)
        values.append(f[top](x) / below / best if below > 0 else -INF)
    return min(values)


def optimise(engine: Engine, target: Target, report: Reporter, hint: Hint | None = None) -> Optimum:
    """Optimise the target; raises ``Infeasible``, ``Unbounded`` or ``NotPositive``; returns what it has out of time.

    ``hint``: plans to try first, with their whole numbers as they are.
    """
    run = _Run(engine, target, report, Optimum(), hint or Hint())
    try:
        if target.objective in LINEAR:
            run.linear()
        else:
            run.anchor()
            if target.objective == "balanced":
                run.balanced()
            else:
                run.ratio()
    except OutOfTime:
        run.optimum.trace.append({"stage": "out of time"})
    return run.optimum


@dataclass(slots=True)
class _Run:
    engine: Engine
    target: Target
    report: Reporter
    optimum: Optimum
    hint: Hint
    floor: float = 0.0
    excess: float = 1.0  # the most that a ratio can be of its normaliser (1: the normalisers are upper bounds)

    @property
    def gap(self) -> float:
        return max(SMALLEST_GAP, self.target.gap)

    @property
    def tie_seconds(self) -> float:
        """Return what a tie may take: its proof is worth nothing to the objective.

        A large programme's dive has looked for the cheaper of equal plans already: little is left to find.
        """
        if self.engine.n >= SMALL or self.hint.plans:
            return TIE_LARGE * self.engine.first_seconds + TIE_LARGE_LEAST
        return TIE_SHARE * self.engine.first_seconds + 0.5

    def again(self, plans: tuple[Floats, ...], objective: Mapping[str, float]) -> Floats | None:
        """Return the best plan with the whole numbers of one of these and the rest solved again; None where none is a plan."""
        whole = self.engine.integer
        best: MipResult | None = None
        for x in plans:
            lower, upper = self.engine.lower.copy(), self.engine.upper.copy()
            now = np.rint(x[whole[: self.engine.n]])
            if np.any(now < lower[whole] - CLOSED) or np.any(now > upper[whole] + CLOSED):
                continue
            lower[whole] = upper[whole] = now
            found = self.engine.integer_step(objective, lower=lower, upper=upper)
            if found.x is not None and (best is None or found.value > best.value):
                best = found
        return best.x if best is not None else None

    def ties_matter(self, x: Floats) -> bool:
        """Say whether to break a plan's ties: not again where it has the whole numbers of one of the hint's.

        Nor in a large programme where there are any: plans there are made after plans whose ties were broken.
        """
        if self.hint.plans and self.engine.n >= SMALL:
            return False
        whole = self.engine.integer[: self.engine.n]
        mine = np.rint(x[: self.engine.n][whole])
        return not any(np.array_equal(mine, np.rint(plan[whole])) for plan in self.hint.plans)

    def keep(self, x: Floats | None) -> None:
        """Keep a point if its objective beats the best so far."""
        if x is None:
            return
        point = x[: self.engine.n]
        value = objective_value(self.engine.matrix, self.target, self.optimum.normalisers, point)
        if self.optimum.x is None or value > self.optimum.value:
            self.optimum.x, self.optimum.value = point, value

    def prove(self) -> None:
        """Tell what is proven so far, in the objective's own unit."""
        self.report.bound((self.optimum.bound, self.optimum.normalisers, self.optimum.attainable))

    def note(self, stage: str, **facts: Any) -> None:
        self.optimum.trace.append({"stage": stage, **facts})

    # -- linear objectives ---------------------------------------------------------------------------------------

    def linear(self) -> None:
        """Compute, cost or npv: relaxation, cheapest point of it, integer step, ties."""
        objective = LINEAR[self.target.objective]
        self.report.stage("relaxation")
        self.engine.recall("relaxation")
        relaxed = self.engine.relax(objective)
        self.engine.remember("relaxation")
        self.note("relaxation", value=relaxed.value, iterations=relaxed.iterations, seconds=relaxed.seconds)
        size = abs(relaxed.value) or 1.0
        self.optimum.bound = relaxed.value + CLOSED * size
        self.prove()
        scaled = {name: value / size for name, value in objective.items()}
        trail, guide, above = self.hint.trail("relaxation"), self.lean(scaled, relaxed), self.optimum.bound / size
        start = self.again(self.hint.plans, scaled)
        if self.hint.plans and not self.near_enough(start, scaled, above, trail):
            made = near_plan(self.engine, scaled, guide, gap=self.gap, bound=above - (trail.hidden or 0.0), relative=True,
                             trail=trail, report=self.report)  # fmt: skip
            if made.x is not None and (start is None or made.value > engine_value(self.engine, scaled, start)):
                start = made.x
            self.note_steps(made)
        found = find_plan(self.engine, scaled, bound=above, gap=self.gap, relative=True, start=start, guide=guide, trail=trail,
                          report=self.report)  # fmt: skip
        trail.hidden = max(0.0, above - found.bound)
        self.take(found, size)
        if "cost" not in objective and found.x is not None and self.ties_matter(found.x):
            self.keep_exactly(self.break_tie(scaled, found))
        if self.target.objective == "compute":
            self.optimum.attainable = self.optimum.value
        else:
            self.report.stage("most attainable compute")
            self.engine.recall("compute")
            self.optimum.attainable = self.engine.relax(LINEAR["compute"], cold=not self.hint.plans).value
            self.engine.remember("compute")

    def near_enough(self, x: Floats | None, objective: Mapping[str, float], above: float, trail: Trail) -> bool:
        """Say whether a plan is within the gap if starts hide what they hid the last time (``above``: the relaxation's value)."""
        if x is None:
            return False
        value = engine_value(self.engine, objective, x)
        return above - MOST_HIDDEN * (trail.hidden or 0.0) <= value + self.gap * abs(value)

    def take(self, found: Found, size: float) -> None:
        """Take a search's plan and its bound in the objective's own unit."""
        self.keep(found.x)
        self.optimum.bound = max(min(self.optimum.bound, found.bound * size), self.optimum.value)
        self.note_steps(found)

    def note_steps(self, found: Found) -> None:
        """Add a search's steps to the trace."""
        self.optimum.trace.extend({"stage": "integer", **step} for step in found.steps)

    def keep_exactly(self, x: Floats | None) -> None:
        """Replace the plan by one that is no worse in the objective (a tie broken)."""
        if x is not None:
            point = x[: self.engine.n]
            self.optimum.x = point
            self.optimum.value = objective_value(self.engine.matrix, self.target, self.optimum.normalisers, point)

    def lean(self, objective: Mapping[str, float], relaxed: LpResult) -> dict[str, float]:
        """Return a normalised objective with a little cost in it, so that of equal plans the cheaper is found first."""
        if "cost" in objective:
            return dict(objective)
        size = max(abs(float(relaxed.x[self.engine.account["cost"]])), 1e-9)
        return {**objective, "cost": -min(LEAN, self.gap / 10) / size}

    def break_tie(self, hold: Mapping[str, float], found: Found) -> Floats | None:
        """Lower the cost among plans near the best one that are no worse in the held objective."""
        if found.x is None:
            return None
        self.report.stage("ties: lower cost")
        value = engine_value(self.engine, hold, found.x)
        self.engine.spare_row(0, hold, lower=value)
        try:
            return self._cheaper(found.x)
        finally:
            self.engine.spare_row(0, {})

    def _cheaper(self, x: Floats) -> Floats | None:
        lower, upper = neighbourhood(self.engine, x, 0)
        if self.engine.n < SMALL:  # in a large programme the dive has looked for the cheaper of equal plans
            self.widen(lower, upper)
        size = max(1.0, abs(x[self.engine.account["cost"]]))
        result = self.engine.integer_step(
            {"cost": -1.0 / size}, lower=lower, upper=upper, start=x, absolute_gap=self.gap / 4, relative_gap=0.0,
            seconds=self.tie_seconds, options=STEP,
        )  # fmt: skip
        self.note("ties", value=result.value * size, closed=result.closed)
        return result.x

    def widen(self, lower: Floats, upper: Floats) -> None:
        """Widen a neighbourhood (in place) to hold that of the cheapest relaxed point under the rows held."""
        try:
            cheapest = self.engine.relax({"cost": -1.0})
        except Infeasible:  # held to the last digit
            return
        below, above = neighbourhood(self.engine, cheapest.x, 0)
        np.minimum(lower, below, out=lower)
        np.maximum(upper, above, out=upper)

    # -- the anchor ----------------------------------------------------------------------------------------------

    def anchor(self) -> None:
        """Find the most compute there can be and hold the ratios to their share of it."""
        self.report.stage("largest attainable compute")
        self.engine.recall("compute")
        relaxed = self.engine.relax(LINEAR["compute"])
        self.engine.remember("compute")
        size = relaxed.value
        if size <= 0:
            raise NotPositive("no compute can be delivered")
        scaled, held = {"compute_pv": 1.0 / size}, self.target.volume
        if held > size * (1 + 1e-6):
            raise Infeasible
        close = max(self.gap, 0.9 * (1.0 - held / size)) if held else self.gap  # any plan of the volume held will do
        whole = self.engine.deadline
        self.engine.deadline = min(whole, time.monotonic() + ANCHOR_SHARE * self.engine.remaining())
        try:
            start = self.again(self.hint.anchors, scaled)
            found = find_plan(self.engine, scaled, bound=1.0, gap=close, start=start, trail=self.hint.trail("anchor"),
                              report=self.report)
        finally:
            self.engine.deadline = whole
        if found.x is None:
            found = find_plan(self.engine, scaled, bound=1.0, gap=close, report=self.report)
        self.optimum.trace.extend({"stage": "anchor", **step} for step in found.steps)
        self.note("anchor", value=found.value * size, bound=found.bound * size)
        if found.x is None:
            self.optimum.attainable = size
            raise OutOfTime
        self.optimum.anchor = found.x[: self.engine.n]
        self.optimum.attainable = found.value * size
        self.floor = held or self.target.floor * self.optimum.attainable
        self.keep(found.x)
        self.prove()
        if self.floor > 0:
            self.engine.bound("compute_pv", lower=self.floor)

    # -- one ratio -----------------------------------------------------------------------------------------------

    def dinkelbach(self, pair: tuple[str, str], q: float) -> tuple[LpResult, float, float]:
        """Best ratio of the relaxation from a start q: its point, the ratio, and a certified upper bound on it.

        Where a solve of nearly the same programme ended, this one begins.
        """
        trail = self.hint.trail(f"{pair[0]} / {pair[1]}")
        point, best, upper = self._dinkelbach(pair, trail.ratio or q)
        trail.ratio = best
        return point, best, upper

    def _dinkelbach(self, pair: tuple[str, str], q: float) -> tuple[LpResult, float, float]:
        top, bottom = pair
        N, D = self.engine.account[top], self.engine.account[bottom]
        upper, before = INF, None
        far = not self.engine.recall(f"{top} / {bottom}")
        if far:
            self.engine.recall("compute")
            q *= AHEAD if self.engine.n >= LARGE else 1.0
        for _ in range(ROUNDS):
            relaxed = self.engine.relax({top: 1.0, bottom: -q}, far=far)
            far = False
            self.engine.remember(f"{top} / {bottom}")
            n, d = float(relaxed.x[N]), float(relaxed.x[D])
            upper = min(upper, self.certify(pair, q, relaxed.value))
            self.note("dinkelbach", ratio=f"{top}/{bottom}", q=q, residual=relaxed.value, bound=upper, iterations=relaxed.iterations,
                      seconds=relaxed.seconds)  # fmt: skip
            if d > 0 and n / d < q * (1 - 1e-12) and relaxed.value < -CLOSED * max(n, self.plan(top)):
                q = n / d  # the guess was above the best: a bound, but no ratio
                continue
            if relaxed.value <= CLOSED * max(n, self.plan(top)):
                q = max(q, n / d) if d > 0 else q
                return (relaxed if d > 0 else before or self.point()), q, self.unanchored(pair, q, upper)
            if d <= 0:
                raise NotPositive(f"{bottom} can be 0 or less")
            if n / d <= q * (1 + 1e-12):
                return relaxed, q, self.unanchored(pair, q, upper)
            q, before = n / d, relaxed
        return relaxed, q, upper

    def plan(self, name: str) -> float:
        """Return a functional of the best plan so far."""
        if self.optimum.x is None:
            raise OutOfTime
        return self.engine.matrix.functionals[name](self.optimum.x)

    def point(self) -> LpResult:
        """Return the best plan so far as a point of the engine, accounts included."""
        if self.optimum.x is None:
            raise OutOfTime
        accounts = [self.plan(name) if name != THETA else 0.0 for name in self.engine.names]
        return LpResult(0.0, np.concatenate([self.optimum.x, accounts]), 0)

    def unanchored(self, pair: tuple[str, str], q: float, upper: float, *, integers: bool = False) -> float:
        """Bound a ratio without a volume floor: no point beats q' where max N − q'D is 0 (the plan that does nothing).

        Residual over least denominator says nothing there: the denominator of that plan is 0.
        """
        trial = q * (1 + self.gap / 4)
        if self.floor > 0 or upper <= trial:
            return upper
        top, bottom = pair
        size = max(abs(self.plan(top)), 1e-12)
        at = {top: 1.0 / size, bottom: -trial / size}
        beaten = self.engine.integer_step(at, relative_gap=0.0, options=STRICT) if integers else self.engine.relax(at)
        best = beaten.bound if isinstance(beaten, MipResult) else beaten.value
        return min(upper, trial) if best <= CLOSED else upper

    def certify(self, pair: tuple[str, str], q: float, residual: float) -> float:
        """Upper bound on the ratio from the dual bound of max N − qD at q."""
        residual = max(0.0, residual)
        if residual == 0.0:
            return q
        low = self.least_top(pair, q)
        return q / (1.0 - residual / low) if residual < low else INF

    def least_top(self, pair: tuple[str, str], q: float) -> float:
        """Least numerator of a best plan: the volume floor, or q times the least denominator with N − qD ≥ 0.

        C ≥ C_pv ≥ floor, because discount and decline weights are at most 1; without a floor a relaxation tells.
        """
        if self.floor > 0:
            return self.floor
        top, bottom = pair
        self.engine.spare_row(1, {top: 1.0, bottom: -q}, lower=0.0)
        try:
            value = -self.engine.relax({bottom: -1.0}).value
        finally:
            self.engine.spare_row(1, {})
        if value < -CLOSED * max(1.0, self.plan(bottom)):
            raise NotPositive(f"{bottom} can be 0 or less")
        return q * max(0.0, value)  # 0: the plan that does nothing is among them (see ``unanchored``)

    def first_ratio(self, pair: tuple[str, str]) -> float:
        """Ratio of the plan that the anchor found, to start from."""
        if self.optimum.x is None:
            raise OutOfTime
        f = self.engine.matrix.functionals
        below = f[pair[1]](self.optimum.x)
        if below <= 0:
            raise NotPositive(f"{pair[1]} can be 0 or less")
        return max(0.0, f[pair[0]](self.optimum.x) / below)

    def ratio(self) -> None:
        """Maximise one ratio: rounds on the relaxation, then the integer step at its best ratio, then branch and bound."""
        (pair,) = self.target.ratios
        top, bottom = pair
        self.report.stage("best ratio of the relaxation")
        relaxed, q, self.optimum.bound = self.dinkelbach(pair, self.first_ratio(pair))
        self.prove()
        size = max(abs(float(relaxed.x[self.engine.account[top]])), 1e-12)
        before = self.again(self.hint.plans, {top: 1.0 / size, bottom: -q / size})
        self.keep(before)
        trail, at = self.hint.trail("ratio"), {top: 1.0 / size, bottom: -q / size}
        if not self.likely(before, trail):
            before = self.near(at, self.lean(at, relaxed), trail)
        found = (self.still_best(pair, size) if self.likely(before, trail) else None) or self.round_ratio(pair, q, size, relaxed)
        self.hold_volume()
        if found.x is not None:
            best = engine_ratio(self.engine, pair, found.x)
            if self.ties_matter(found.x):
                self.keep_exactly(self.break_tie({top: 1.0 / size, bottom: -best / size}, found))
        self.floor_check()

    def hinted(self) -> Floats | None:
        """Return the best plan so far, accounts included, where it may be one of the hint's (else it is the anchor's)."""
        return self.point().x if self.hint.plans else None

    def near(self, aim: Mapping[str, float], guide: Mapping[str, float], trail: Trail, level: float = 1.0) -> Floats | None:
        """Return a plan made like the hint's for a normalised objective whose relaxation is worth 0 (shares of ``level``)."""
        if not self.hint.plans:
            return None
        hidden = (trail.hidden or 0.0) * level
        found = near_plan(self.engine, aim, guide, gap=self.gap * level, bound=-hidden, trail=trail, report=self.report)
        self.keep(found.x)
        self.note_steps(found)
        return found.x

    def likely(self, x: Floats | None, trail: Trail) -> bool:
        """Say whether the hint's plan ``x`` may still be within the gap.

        What starts hide is nearly what they hid the last time, and a few times the gap where that is not known.
        """
        if x is None:
            return False
        if trail.hidden is None:
            return self.optimum.bound <= self.optimum.value * (1 + HIDDEN * self.gap)
        return self.optimum.bound * (1 - MOST_HIDDEN * trail.hidden) <= self.optimum.value * (1 + self.gap)

    def still_best(self, pair: tuple[str, str], size: float) -> Found | None:
        """Return the best plan so far if project starts prove that it is within the gap."""
        trial = self.optimum.value * (1 + CERTIFIED * self.gap)
        at = {pair[0]: 1.0 / size, pair[1]: -trial / size}
        start = self.point().x
        above = prove(self.engine, at, start, max(-engine_value(self.engine, at, start), SMALLEST_GAP), self.report,
                      self.hint.trail("ratio"))  # fmt: skip
        self.optimum.bound = max(min(self.optimum.bound, self.certify(pair, trial, above * size)), self.optimum.value)
        return Found(x=start) if self.optimum.bound <= self.optimum.value * (1 + self.gap) else None

    def still_balanced(self, best: list[float], level: float, centre: LpResult) -> Found | None:
        """Return the hint's plan if project starts prove that its smaller share is within the gap."""
        _, at = self.levels(best, centre.x)
        self.rows(best, level, at)
        before = self.again(self.hint.plans, {THETA: 1.0})
        self.keep(before)
        trail = self.hint.trail("balance")
        if not self.likely(before, trail):
            before = self.near({THETA: 1.0}, self.lean({THETA: 1.0}, centre), trail, level)
        if not self.likely(before, trail):
            return None
        start = self.point().x
        _, at = self.levels(best, start)
        trial = self.optimum.value * (1 + CERTIFIED * self.gap)
        self.rows(best, trial, at)
        start[self.engine.account[THETA]] = self.theta(best, trial, at, start)
        close = max(-start[self.engine.account[THETA]], SMALLEST_GAP)
        above = prove(self.engine, {THETA: 1.0}, start, close, self.report, trail)
        bound = min(self.optimum.bound, trial + self.rise(above, best, trial, at))
        self.optimum.bound = max(bound, self.optimum.value)
        return Found(x=start) if self.optimum.bound <= self.optimum.value * (1 + self.gap) else None

    def round_ratio(self, pair: tuple[str, str], q: float, size: float, centre: LpResult) -> Found:
        """Turn the relaxation's ratio into a plan's, to the gap; Dinkelbach on whole numbers where that is not enough."""
        top, bottom = pair
        trail = self.hint.trail("ratio")
        start, exhaustive, trial = self.hinted(), False, q
        for _ in range(ROUNDS):
            at, first = {top: 1.0 / size, bottom: -trial / size}, trial == q
            close = self.gap if first or start is None else max(-engine_value(self.engine, at, start), SMALLEST_GAP)
            found = find_plan(self.engine, at, bound=HAIR if first else INF, gap=close, start=start,
                              guide=self.lean(at, centre), exhaustive=exhaustive, trail=trail, report=self.report)  # fmt: skip
            if first:
                trail.hidden = max(0.0, -found.bound)
            before = self.optimum.value
            self.keep(found.x)
            self.optimum.bound = min(self.optimum.bound, self.certify(pair, trial, found.bound * size))
            self.prove()
            self.note_steps(found)
            best = self.optimum.value
            if self.optimum.x is not None and self.optimum.bound <= best * (1 + self.gap):
                break
            stuck = found.x is None or (not first and best <= before * (1 + CLOSED))
            if stuck and exhaustive:
                break
            exhaustive = stuck  # the full search only where a dive finds nothing better
            if found.x is not None:  # the best plan so far, and the ratio that no other plan should reach
                start, trial = self.point().x, best * (1 + CERTIFIED * self.gap)
        none = start is None and found.x is None
        if self.optimum.value > 0 and self.optimum.bound > self.optimum.value * (1 + self.gap):
            self.optimum.bound = self.unanchored(pair, self.optimum.value, self.optimum.bound, integers=True)
        self.optimum.bound = max(self.optimum.bound, self.optimum.value)
        return Found(x=None if none else self.point().x)

    def hold_volume(self) -> None:
        """Without a volume floor, keep the plan's own compute: a cheaper plan of the same ratio would shrink to nothing."""
        if self.floor <= 0 and self.optimum.x is not None:
            self.engine.bound("compute_pv", lower=self.plan("compute_pv") * (1 - CLOSED))

    def floor_check(self) -> None:
        """Note whether the volume floor binds at the plan."""
        if self.optimum.x is not None and self.floor > 0:
            compute = self.engine.matrix.functionals["compute_pv"](self.optimum.x)
            self.optimum.floor_binds = bool(compute <= self.floor * (1 + 2 * self.gap))

    # -- the smaller of two ratios -------------------------------------------------------------------------------

    def balanced(self) -> None:
        """Maximise the smaller of the two ratios, each divided by the certified bound of its own best value."""
        best, points = [], []
        for pair in self.target.ratios:
            self.report.stage(f"best {pair[0]} / {pair[1]}")
            point, _, bound = self.dinkelbach(pair, self.first_ratio(pair))
            best.append(bound)
            points.append(point)
        if self.target.normalisers:
            given = list(self.target.normalisers)
            self.excess = max(1.0, *(b / r for b, r in zip(best, given, strict=True)))
            best = given
        anchor_plan = self.optimum.x
        self.optimum = Optimum(attainable=self.optimum.attainable, normalisers=tuple(best), trace=self.optimum.trace,
                               anchor=self.optimum.anchor)  # fmt: skip
        self.keep(anchor_plan)
        centre, level, self.optimum.bound = self.max_min(best, points)
        self.prove()
        found = self.still_balanced(best, level, centre) or self.round_max_min(best, level, centre)
        self.hold_volume()
        if found.x is not None and self.ties_matter(found.x):
            self.keep_exactly(self.other_ratio(best, found.x))
        self.floor_check()

    def rows(self, best: list[float], level: float, at: list[float]) -> None:
        """Hold N_i − λ R_i D_i ≥ θ B_i(x_k) for both ratios, each divided by B_i(x_k)."""
        for i, ((top, bottom), r) in enumerate(zip(self.target.ratios, best, strict=True)):
            terms = {top: 1.0 / at[i], bottom: -level * r / at[i], THETA: -1.0}
            self.engine.spare_row(i, terms, lower=0.0)

    def levels(self, best: list[float], x: Floats) -> tuple[list[float], list[float]]:
        """Normalised ratios (−inf where there is none) and denominators B_i at a point with accounts."""
        bottoms = [r * float(x[self.engine.account[b]]) for (_, b), r in zip(self.target.ratios, best, strict=True)]
        tops = [float(x[self.engine.account[t]]) for t, _ in self.target.ratios]
        return [n / b if b > 0 else -INF for n, b in zip(tops, bottoms, strict=True)], bottoms

    def max_min(self, best: list[float], points: list[LpResult]) -> tuple[LpResult, float, float]:
        """Generalised Dinkelbach on the relaxation, from the best mixture of ``points``: its best point, level, certified upper bound."""
        self.report.stage("best balance of the relaxation")
        self.engine.bound(THETA)
        relaxed = before = self.between(best, points)
        upper = self.excess
        far = not self.engine.recall("balance")
        for _ in range(ROUNDS):
            ratios, at = self.levels(best, relaxed.x)
            level = min(ratios)
            self.rows(best, level, at)
            relaxed = self.engine.relax({THETA: 1.0}, far=far)
            far = False
            self.engine.remember("balance")
            upper = min(upper, level + self.rise(relaxed.value, best, level, at))
            self.note("max-min", level=level, residual=relaxed.value, bound=upper, iterations=relaxed.iterations,
                      seconds=relaxed.seconds)  # fmt: skip
            if min(self.levels(best, relaxed.x)[1]) <= 0:
                relaxed = before  # the plan that does nothing: no volume is held, and nothing beats the level
                return relaxed, level, max(level, self.unanchored_level(best, level, upper, at))
            if relaxed.value <= CLOSED * 10:
                level = max(level, min(self.levels(best, relaxed.x)[0]))
                return relaxed, level, max(level, self.unanchored_level(best, level, upper, at))
            before = relaxed
        return relaxed, level, upper

    def between(self, best: list[float], points: list[LpResult]) -> LpResult:
        """Return the most balanced of the relaxation's points on the way from one of ``points`` to the other, or the best plan.

        Numerators and denominators are linear, so a mixture is a point of the relaxation with a level for nothing.
        """
        first, second = points
        mixtures = [LpResult(0.0, (1 - share) * first.x + share * second.x, 0) for share in np.linspace(0.0, 1.0, MIXTURES)]
        return max([self.point(), *mixtures], key=lambda point: min(self.levels(best, point.x)[0]))

    def unanchored_level(self, best: list[float], level: float, upper: float, at: list[float], *,
                         integers: bool = False) -> float:  # fmt: skip
        """Bound the smaller share without a volume floor: no point exceeds λ' where max θ is 0 (see ``unanchored``)."""
        trial = level * (1 + self.gap / 4)
        if self.floor > 0 or upper <= trial:
            return upper
        self.rows(best, trial, at)
        beaten = (
            self.engine.integer_step({THETA: 1.0}, relative_gap=0.0, options=STRICT)
            if integers
            else self.engine.relax({THETA: 1.0})
        )
        proven = beaten.bound if isinstance(beaten, MipResult) else beaten.value
        return min(upper, trial) if proven <= CLOSED else upper

    def rise(self, residual: float, best: list[float], level: float, at: list[float]) -> float:
        """Return the most that the level can rise, from the dual bound of max θ at ``level`` and ``at``."""
        return residual * self.worth(best, level, at) if residual > 0 else 0.0

    def worth(self, best: list[float], level: float, at: list[float]) -> float:
        """Return what a residual θ is worth in the level, at most: max_i B_i(x_k) / B_i(x*), with B_i ≥ N_i ≥ N_low,i.

        It holds for the denominators ``at`` that the rows were divided by, and for no others. Where a normaliser is no
        upper bound, B_i ≥ N_i / ``excess``.
        """
        if self.floor > 0:
            return max(at) / self.floor * self.excess
        ratio = []
        self.rows(best, level, at)
        self.engine.bound(THETA, 0.0, 0.0)
        for (top, _), b in zip(self.target.ratios, at, strict=True):
            low = -self.engine.relax({top: -1.0}).value
            ratio.append(b / low * self.excess if low > 0 else INF)
        self.engine.bound(THETA)
        return max(ratio)

    def round_max_min(self, best: list[float], level: float, centre: LpResult) -> Found:
        """Turn the relaxation's level into a plan's, to the gap; rounds on whole numbers where that is not enough."""
        _, at = self.levels(best, centre.x)
        trail = self.hint.trail("balance")
        aim, start, exhaustive, trial = {THETA: 1.0}, self.hinted(), False, level
        for _ in range(ROUNDS):
            self.rows(best, trial, at)
            first, close = trial == level, self.gap * level
            if start is not None:
                start[self.engine.account[THETA]] = self.theta(best, trial, at, start)
                close = close if first else max(-start[self.engine.account[THETA]], SMALLEST_GAP)
            found = find_plan(self.engine, aim, bound=HAIR if first else INF, gap=close, start=start,
                              guide=self.lean(aim, centre), exhaustive=exhaustive, trail=trail, report=self.report)  # fmt: skip
            if first:
                trail.hidden = max(0.0, -found.bound / level)
            before = self.optimum.value
            self.keep(found.x)
            self.optimum.bound = min(self.optimum.bound, trial + self.rise(found.bound, best, trial, at))
            self.prove()
            self.note_steps(found)
            reached = self.optimum.value
            if self.optimum.x is not None and self.optimum.bound <= reached * (1 + self.gap):
                break
            stuck = found.x is None or (not first and reached <= before * (1 + CLOSED))
            if stuck and exhaustive:
                break
            exhaustive = stuck
            if found.x is not None:
                start = self.point().x
                trial, at = reached * (1 + CERTIFIED * self.gap), self.levels(best, start)[1]
        none = start is None and found.x is None
        if self.optimum.bound > self.optimum.value * (1 + self.gap):
            at = self.levels(best, self.point().x)[1]
            self.optimum.bound = self.unanchored_level(best, self.optimum.value, self.optimum.bound, at, integers=True)
        self.optimum.bound = max(self.optimum.bound, self.optimum.value)
        return Found(x=None if none else self.point().x)

    def theta(self, best: list[float], level: float, at: list[float], x: Floats) -> float:
        """Return the largest θ that the rows of a level allow at a point."""
        tops = [float(x[self.engine.account[top]]) for top, _ in self.target.ratios]
        bottoms = self.levels(best, x)[1]
        return min((n - level * b) / a for n, b, a in zip(tops, bottoms, at, strict=True))

    def with_theta(self, x: Floats | None) -> Floats | None:
        """Return a start whose θ is 0: the level is the plan's own."""
        if x is None:
            return None
        start = x.copy()
        start[self.engine.account[THETA]] = 0.0
        return start

    def other_ratio(self, best: list[float], x: Floats) -> Floats | None:
        """Raise the ratio that does not bind, with the smaller one held."""
        self.report.stage("ties: the other ratio")
        ratios, _ = self.levels(best, x)
        level, other = min(ratios), int(np.argmax(ratios))
        top, bottom = self.target.ratios[other]
        for i, ((t, b), r) in enumerate(zip(self.target.ratios, best, strict=True)):
            self.engine.spare_row(i, {t: 1.0, b: -(level if i != other else ratios[i]) * r}, lower=0.0)
        self.engine.bound(THETA, 0.0, 0.0)
        size = float(x[self.engine.account[top]]) or 1.0
        lower, upper = neighbourhood(self.engine, x, 0)
        start = self.with_theta(x)
        result = self.engine.integer_step(
            {top: 1.0 / size, bottom: -ratios[other] * best[other] / size}, lower=lower, upper=upper, start=start,
            absolute_gap=self.gap / 4, relative_gap=0.0, seconds=self.tie_seconds, options=STEP,
        )  # fmt: skip
        for i in (0, 1):
            self.engine.spare_row(i, {})
        self.note("ties", value=result.value, closed=result.closed)
        return result.x


def engine_ratio(engine: Engine, pair: tuple[str, str], x: Floats) -> float:
    """Return the ratio of two accounts at a point."""
    return float(x[engine.account[pair[0]]]) / float(x[engine.account[pair[1]]])
