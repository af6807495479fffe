"""The smaller of two ratios, each divided by its best: generalised Dinkelbach.

max min_i N_i / B_i with B_i = R_i D_i, in the form that divides row i by B_i at the last point and converges superlinearly
(Crouzeix, Ferland and Schaible 1986; Crouzeix and Ferland 1991): max θ with N_i − λ B_i ≥ θ B_i(x_k). Bound: λ* ≤ λ where
the dual bound U ≤ 0 (so a trial level proves a plan as a trial ratio does), else λ* ≤ λ + U · max_i B_i(x_k) / N_low,i.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.solving.engine import LARGE, THETA, LpResult, MipResult
from procure.solving.found import STEP
from procure.solving.highs import INF
from procure.solving.neighbourhood import neighbourhood
from procure.solving.ratio import ROUNDS, STRICT, Ratio, Way
from procure.solving.run import CLOSED, tie_seconds
from procure.solving.target import Optimum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.ratio import Aim

    Floats = NDArray[np.float64]

__all__ = ["Balanced"]

MIXTURES = 33  # of the best points of two ratios, tried for a level to begin from


@dataclass(slots=True)
class Balanced(Ratio):
    """The smaller of two normalised ratios."""

    excess: float = 1.0  # the most that a ratio can be of its normaliser (1: the normalisers are upper bounds)

    def optimise(self) -> None:
        """Maximise the smaller of the two ratios, each divided by the certified bound of its own best value."""
        self.anchor()
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

        def aim(trial: float, start: Floats | None) -> Aim:
            _, at = self.levels(best, centre.x if start is None or trial == level else start)
            self.rows(best, trial, at)
            if start is not None:
                start[self.engine.account[THETA]] = self.theta(best, trial, at, start)
            return {THETA: 1.0}, lambda bound: trial + self.rise(bound, best, trial, at)

        def last() -> float:
            _, at = self.levels(best, self.point().x)
            return self.unanchored_level(best, self.optimum.value, self.optimum.bound, at, integers=True)

        found = self.whole(Way(level, centre, self.hint.trail("balance"), aim, last, unit=level))
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
        """Generalised Dinkelbach on the relaxation: point, level, certified bound.

        From the best mixture of ``points``, or from a guess (see ``first_level``): above the best level the residual is
        negative, which proves a bound, and the rounds go on from the level that the point has.
        """
        self.report.stage("best balance of the relaxation")
        self.engine.bound(THETA)
        before, upper = self.between(best, points), self.excess
        far, trail = not self.engine.recall("balance"), self.hint.trail("balance")
        ratios, at = self.levels(best, before.x)
        level = self.first_level(min(ratios), far=far, known=trail.ratio)
        for _ in range(ROUNDS):
            self.rows(best, level, at)
            relaxed = self.engine.relax({THETA: 1.0}, far=far)
            far = False
            self.engine.remember("balance")
            upper = min(upper, level + self.rise(relaxed.value, best, level, at))
            self.note("max-min", level=level, residual=relaxed.value, bound=upper, iterations=relaxed.iterations,
                      seconds=relaxed.seconds)  # fmt: skip
            reached, bottoms = self.levels(best, relaxed.x)
            if min(bottoms) <= 0:  # the plan that does nothing: no volume is held, and nothing beats the level
                return before, level, max(level, self.unanchored_level(best, level, upper, at))
            above = relaxed.value < -CLOSED * 10 and min(reached) < level * (1 - 1e-12)
            if relaxed.value <= CLOSED * 10 and not above:
                trail.ratio = level = max(level, min(reached))
                return relaxed, level, max(level, self.unanchored_level(best, level, upper, at))
            before, level, at = relaxed, min(reached), bottoms
        return relaxed, level, upper

    def first_level(self, mixed: float, *, far: bool, known: float | None) -> float:
        """Return the level at which the rounds begin: that of the last solve, or in a large programme a guess, or the mixture's.

        The best level lies between the mixture's and the least bound known (1): in between is nearer to it. Without a volume
        held no guess will do: the plan that does nothing is the best at every level above the best.
        """
        if self.floor <= 0:
            return mixed
        if known is not None:
            return known
        return 0.5 * (mixed + self.excess) if far and self.engine.n >= LARGE else mixed

    def between(self, best: list[float], points: list[LpResult]) -> LpResult:
        """Return the most balanced of the relaxation's points between the two of ``points``, or the best plan.

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

    def theta(self, best: list[float], level: float, at: list[float], x: Floats) -> float:
        """Return the largest θ that the rows of a level allow at a point."""
        tops = [float(x[self.engine.account[top]]) for top, _ in self.target.ratios]
        bottoms = self.levels(best, x)[1]
        return min((n - level * b) / a for n, b, a in zip(tops, bottoms, at, strict=True))

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
        start = x.copy()
        start[self.engine.account[THETA]] = 0.0  # the level is the plan's own
        result = self.engine.integer_step(
            {top: 1.0 / size, bottom: -ratios[other] * best[other] / size}, lower=lower, upper=upper, start=start,
            absolute_gap=self.gap / 4, relative_gap=0.0, seconds=tie_seconds(self.engine), options=STEP,
        )  # fmt: skip
        for i in (0, 1):
            self.engine.spare_row(i, {})
        self.note("ties", value=result.value, closed=result.closed)
        return result.x
