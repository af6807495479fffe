"""One ratio N / D by Dinkelbach's rounds, held to a share of the most compute.

Dinkelbach (1967): F(q) = max N − qD falls in q and is 0 at the best ratio R*. The rounds run on the relaxation, warm; whole
numbers come after. A plan of ratio q is proven by a programme at a trial ratio q' a gap above it: where no plan has
N − q'D > 0, R* ≤ q'. With the dual bound U > 0 of a programme at q, every plan has N − qD ≤ U, hence R* ≤ q / (1 − U / N_low)
where N ≥ N_low > 0 on all plans (from (R* − q) D* ≤ U and D* = N* / R*), or R* ≤ q + U / D_low. Never from an incumbent.

A ratio of sums never beats its best single line, so the ratios hold C_pv ≥ compute_floor × the C_pv of the plan that
maximises it; otherwise the best plan would shrink to a few units in the best hall.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procure.solving.engine import LARGE, Infeasible, LpResult, MipResult, OutOfTime
from procure.solving.found import Found, engine_value
from procure.solving.highs import INF
from procure.solving.run import CLOSED, SMALLEST_GAP, Run
from procure.solving.search import find_plan, prove
from procure.solving.target import LINEAR, NotPositive

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from procure.solving.engine import Engine
    from procure.solving.trail import Trail

    Floats = NDArray[np.float64]
    Aim = tuple[dict[str, float], Callable[[float], float]]  # an objective, and what its dual bound proves

__all__ = ["CERTIFIED", "ROUNDS", "STRICT", "Ratio", "Way"]

ROUNDS = 40
AHEAD = 1.45  # times the ratio of the most compute: where the rounds of a large programme begin, nearer to their end
ANCHOR_SHARE = 0.25  # of the time left, for the most compute: the ratio itself is what was asked for
CERTIFIED = 0.95  # of the gap: a level this much above the plan's that no plan reaches proves it
HAIR = 1e-9
STRICT = {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}  # to tell 0 from a tolerance


@dataclass(frozen=True, slots=True)
class Way:
    """How whole numbers are searched for, from the relaxation's best ratio (or level of two ratios) and its point ``centre``.

    ``aim(trial, start)`` sets the rows of a trial value and returns the objective that is at most 0 if no plan exceeds it,
    and the bound on the best value that a dual bound of that objective proves; a start is given its θ. ``last`` is the bound
    to try where the gap stays open. ``unit`` is what a share of the value is worth in the objective.
    """

    best: float
    centre: LpResult
    trail: Trail
    aim: Callable[[float, Floats | None], Aim]
    last: Callable[[], float]
    unit: float = 1.0


@dataclass(slots=True)
class Ratio(Run):
    """A ratio of two accounts."""

    floor: float = 0.0

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

    def dinkelbach(self, pair: tuple[str, str], q: float) -> tuple[LpResult, float, float]:
        """Best ratio of the relaxation from a start q: its point, the ratio, and a certified upper bound on it.

        Where a solve of nearly the same programme ended, this one begins, if a volume is held: without one the plan that does
        nothing is the best at a ratio above the best, and tells no ratio.
        """
        trail = self.hint.trail(f"{pair[0]} / {pair[1]}")
        point, best, upper = self._dinkelbach(pair, trail.ratio if trail.ratio and self.floor > 0 else q)
        trail.ratio = best
        return point, best, upper

    def _dinkelbach(self, pair: tuple[str, str], q: float) -> tuple[LpResult, float, float]:
        top, bottom = pair
        N, D = self.engine.account[top], self.engine.account[bottom]
        upper, before = INF, None
        far = not self.engine.recall(f"{top} / {bottom}")
        if far:
            self.engine.recall("compute")
            q *= AHEAD if self.engine.n >= LARGE and self.floor > 0 else 1.0
        for _ in range(ROUNDS):
            relaxed = self.engine.relax({top: 1.0, bottom: -q}, far=far)
            far = False
            self.engine.remember(f"{top} / {bottom}")
            n, d = float(relaxed.x[N]), float(relaxed.x[D])
            upper = min(upper, self.certify(pair, q, relaxed.value))
            self.note("dinkelbach", ratio=f"{top}/{bottom}", q=q, residual=relaxed.value, bound=upper,
                      iterations=relaxed.iterations, seconds=relaxed.seconds)  # fmt: skip
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

    def optimise(self) -> None:
        """Maximise the ratio: rounds on the relaxation, then the integer step at its best ratio, then branch and bound."""
        self.anchor()
        (pair,) = self.target.ratios
        top, bottom = pair
        self.report.stage("best ratio of the relaxation")
        relaxed, q, self.optimum.bound = self.dinkelbach(pair, self.first_ratio(pair))
        self.prove()
        size = max(abs(float(relaxed.x[self.engine.account[top]])), 1e-12)

        def aim(trial: float, _: Floats | None) -> Aim:
            return {top: 1.0 / size, bottom: -trial / size}, lambda bound: self.certify(pair, trial, bound * size)

        def last() -> float:
            return self.unanchored(pair, self.optimum.value, self.optimum.bound, integers=True)

        found = self.whole(Way(q, relaxed, self.hint.trail("ratio"), aim, last))
        self.hold_volume()
        if found.x is not None:
            best = engine_ratio(self.engine, pair, found.x)
            if self.ties_matter(found.x):
                self.keep_exactly(self.break_tie({top: 1.0 / size, bottom: -best / size}, found))
        self.floor_check()

    def whole(self, way: Way) -> Found:
        """Turn the best of the relaxation into a plan's, to the gap: a known plan if it is proven, else rounds."""
        at, _ = way.aim(way.best, None)
        known = self.again(self.hint.plans, at)
        self.keep(known)
        if self.hint.plans:
            self.note("plans known", value=self.optimum.value, bound=self.optimum.bound)
        if self.hint.plans and (known is None or not self.likely(self.optimum.value, self.optimum.bound, way.trail)):
            known = self.near(at, self.lean(at, way.centre), way.trail, unit=way.unit).x
        if known is not None and self.likely(self.optimum.value, self.optimum.bound, way.trail):
            found = self.still(way)
            if found is not None:
                return found
        return self.rounds(way)

    def still(self, way: Way) -> Found | None:
        """Return the best plan so far if project starts prove that it is within the gap."""
        start = self.point().x
        at, lift = way.aim(self.optimum.value * (1 + CERTIFIED * self.gap), start)
        close = max(-engine_value(self.engine, at, start), SMALLEST_GAP)
        above = prove(self.engine, at, start, close, self.report, way.trail)
        self.optimum.bound = max(min(self.optimum.bound, lift(above)), self.optimum.value)
        return Found(x=start) if self.optimum.bound <= self.optimum.value * (1 + self.gap) else None

    def rounds(self, way: Way) -> Found:
        """Search for whole numbers at the relaxation's best, then at what no plan should reach; branch where a dive is stuck."""
        start, exhaustive, trial = self.hinted(), False, way.best
        for _ in range(ROUNDS):
            (at, lift), first = way.aim(trial, start), trial == way.best
            close = self.gap * way.unit
            if start is not None and not first:
                close = max(-engine_value(self.engine, at, start), SMALLEST_GAP)
            found = find_plan(self.engine, at, bound=HAIR if first else INF, gap=close, start=start,
                              guide=self.lean(at, way.centre), exhaustive=exhaustive, trail=way.trail,
                              report=self.report)  # fmt: skip
            if first:
                way.trail.hidden = max(0.0, -found.bound / way.unit)
            before = self.optimum.value
            self.keep(found.x)
            self.optimum.bound = min(self.optimum.bound, lift(found.bound))
            self.prove()
            self.note_steps(found)
            reached = self.optimum.value
            if self.optimum.x is not None and self.optimum.bound <= reached * (1 + self.gap):
                break
            stuck = found.x is None or (not first and reached <= before * (1 + CLOSED))
            if stuck and exhaustive:
                break
            exhaustive = stuck  # the full search only where a dive finds nothing better
            if found.x is not None:  # the best plan so far, and what no other plan should reach
                start, trial = self.point().x, reached * (1 + CERTIFIED * self.gap)
        none = start is None and found.x is None
        if self.optimum.value > 0 and self.optimum.bound > self.optimum.value * (1 + self.gap):
            self.optimum.bound = way.last()
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


def engine_ratio(engine: Engine, pair: tuple[str, str], x: Floats) -> float:
    """Return the ratio of two accounts at a point."""
    return float(x[engine.account[pair[0]]]) / float(x[engine.account[pair[1]]])
