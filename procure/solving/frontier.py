"""The exact trade-off between compute per watt and compute per dollar: points of the Pareto set, each a proven plan.

ε-constraint (Haimes; Mavrotas 2009) on two ratios: N_w ≥ ε D_w is a linear row, so for each ε the other ratio is one
Dinkelbach run; a second solve with the ratio reached held as a row then raises compute per watt, so that no point is
weakly dominated. ε is spread evenly along the curve of the relaxation, which is also the bound: no plan lies beyond it.

A job works on one live engine and streams each point; several jobs share the ε values between processes.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.solving.engine import Engine, Infeasible, LpResult, OutOfTime
from procure.solving.finish import finish
from procure.solving.found import STEP, engine_value
from procure.solving.highs import INF
from procure.solving.job import FINISH_SHARE
from procure.solving.neighbourhood import neighbourhood
from procure.solving.ratio import CERTIFIED
from procure.solving.run import tie_seconds
from procure.solving.search import SMALL, find_plan, prove

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.found import Reporter
    from procure.solving.matrix import Matrix
    from procure.solving.objectives import Target

    Floats = NDArray[np.float64]

__all__ = ["Curve", "CurveJob", "Point", "PointsJob", "least_volume", "spread"]

SAMPLES = 12  # relaxed points from which arc length is measured
ROUNDS = 40
CLOSED = 1e-9
SMALLEST = 1e-9
HELD = 1e-9
SLACK = (HELD, 1e-7, 1e-5)
EPSILON_ROW = 2
FINE = 1_000  # columns from which a unit is a small step, so that a plan near ε does as well as one at it
RAISE_SHARE, RAISE_LEAST = 10.0, 10.0  # of the first relaxation, and at least these seconds, to raise an end's other ratio
REACH = 3.0  # times the gap: how far from its ε a plan may be
NEGLIGIBLE = 1e-4  # share of the attainable compute below which no plan is looked at, without a compute_floor


@dataclass(slots=True)
class Point:
    """One plan of the frontier, in the programme's units.

    ``watt`` and ``dollar`` are its ratios; ``dollar_bound`` no plan with at least ``epsilon`` per watt exceeds it and
    ``watt_bound`` no plan with at least this plan's ratio per dollar exceeds it (relaxations, so valid for plans).
    ``proven`` is the ratio whose bound was closed to the gap; the other's is the relaxation's (inf: time ran out).
    """

    index: int
    epsilon: float
    x: Floats | None
    watt: float = float("nan")
    dollar: float = float("nan")
    dollar_bound: float = INF
    watt_bound: float = INF
    seconds: float = 0.0
    problem: str = ""
    proven: str = "compute_per_dollar"


@dataclass(slots=True)
class Curve:
    """The frontier of the relaxation, from the best per dollar to the best per watt (arrays of equal length).

    No plan with at least ``watt[i]`` has more than ``bound[i]`` per dollar.
    """

    watt: Floats
    dollar: Floats
    floor: float
    bound: Floats

    def stairs(self, points: list[Point]) -> tuple[Floats, Floats]:
        """Return the corners beyond which no plan lies: a step holds to the next ratio per watt that has a bound.

        A line between two bounds would cut plans off: the curve bulges.
        """
        at = [*zip(self.watt.tolist(), self.bound.tolist(), strict=True)]
        at += [(min(p.epsilon, p.watt), p.dollar_bound) for p in points if p.x is not None and p.dollar_bound < INF]
        at.sort()
        watt, bound = np.array(at).T
        bound = np.minimum.accumulate(bound)
        return np.repeat(watt, 2)[1:], np.repeat(bound, 2)[:-1]


@dataclass(frozen=True, slots=True)
class Near:
    """A plan near a point of the curve: ``bound`` on its ratio ``pair``, for all plans with at least its other ratio."""

    x: Floats
    pair: tuple[str, str]
    bound: float


@dataclass(slots=True)
class _Frontier:
    """One engine with the volume floor, and the two ratios."""

    engine: Engine
    target: Target
    floor: float
    report: Reporter
    trace: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.floor > 0:
            self.engine.bound("compute_pv", lower=self.floor)

    def ratio(self, pair: tuple[str, str], x: Floats) -> float:
        """Ratio of two accounts at a point."""
        return float(x[self.engine.account[pair[0]]]) / float(x[self.engine.account[pair[1]]])

    def hold(self, row: int, pair: tuple[str, str], value: float, slack: float = HELD) -> None:
        """Hold a ratio at a value at least (a hair below it, so that its own point stays feasible)."""
        top, bottom = pair
        self.engine.spare_row(row, {top: 1.0, bottom: -value * (1 - slack)}, lower=0.0)

    def best_beside(
        self, row: int, held: tuple[str, str], value: float, pair: tuple[str, str], q: float
    ) -> tuple[LpResult, float, float]:
        """Hold the ratio that a plan reached, and find the best other one.

        A plan may be feasible within the tolerance of the integer step only: then its own ratio is just out of reach.
        """
        for slack in SLACK:
            self.hold(row, held, value, slack)
            try:
                return self.best(pair, q)
            except Infeasible:
                continue
        raise Infeasible

    def best(self, pair: tuple[str, str], q: float = 0.0) -> tuple[LpResult, float, float]:
        """Dinkelbach on the relaxation under the rows held: point, best ratio, certified upper bound."""
        top, bottom = pair
        upper = INF
        for _ in range(ROUNDS):
            relaxed = self.engine.relax({top: 1.0, bottom: -q})
            residual = max(0.0, relaxed.value)
            if self.floor > 0 and residual < self.floor:
                upper = min(upper, q / (1.0 - residual / self.floor))
            n = float(relaxed.x[self.engine.account[top]])
            reached = self.ratio(pair, relaxed.x)
            if relaxed.value < -CLOSED * max(n, self.floor):  # the guess was above the best: a bound, but no ratio
                upper, q = min(upper, q), reached
                continue
            if residual <= CLOSED * max(n, self.floor):
                return relaxed, max(q, reached), max(upper, reached)
            q = reached
        return relaxed, q, upper

    def certify(self, q: float, residual: float) -> float:
        """Upper bound on a ratio from the dual bound of max N − qD at q (see ``procure.solving.ratio``)."""
        residual = max(0.0, residual)
        return q / (1.0 - residual / self.floor) if residual < self.floor else (q if residual == 0.0 else INF)

    def whole(
        self,
        pair: tuple[str, str],
        centre: LpResult,
        q: float,
        bound: float,
        gap: float,
        start: Floats | None = None,
        thorough: bool = True,
        trees: bool = True,
    ) -> tuple[Floats | None, float]:
        """Best whole-number plan of a ratio under the rows held, from the relaxation's best ratio; and the bound on it.

        A dive from the relaxation first; then rounds at the ratio that no plan should reach, if the best so far is within
        the gap: a dive again while that finds better plans, branch and bound where it does not (if ``thorough``). Returns
        (None, bound) where no plan satisfies the rows.
        """
        top, bottom = pair
        size = max(abs(float(centre.x[self.engine.account[top]])), 1e-12)
        x, trial, exhaustive = start, q, not trees
        if x is not None:
            if bound <= self.ratio(pair, x) * (1 + gap):
                return x, max(bound, self.ratio(pair, x))
            trial = min(q, self.ratio(pair, x) * (1 + CERTIFIED * gap))
        try:
            for _ in range(ROUNDS):
                at = {top: 1.0 / size, bottom: -trial / size}
                close = gap if x is None else max(-engine_value(self.engine, at, x), SMALLEST)
                found = find_plan(self.engine, at, bound=SMALLEST if trial == q else INF, gap=close, start=x,
                                  exhaustive=exhaustive, trees=trees, report=self.report)  # fmt: skip
                bound = min(bound, self.certify(trial, found.bound * size))
                before = self.ratio(pair, x) if x is not None else -INF
                better = found.x is not None and self.ratio(pair, found.x) > before * (1 + SMALLEST)
                x = found.x if better else x
                if x is not None and bound <= self.ratio(pair, x) * (1 + gap):
                    break
                if not better and (exhaustive or not thorough):
                    break
                exhaustive = not better
                trial = self.ratio(pair, x) * (1 + CERTIFIED * gap) if x is not None else trial
        except Infeasible:
            return x, bound
        if x is not None:
            bound = max(bound, self.ratio(pair, x))
        return x, bound

    def near(self, epsilon: float, centre: LpResult, q: float, gap: float) -> Near | None:
        """Best plan near a point of the relaxation's curve: a weighted sum finds it, an ε-constraint proves it.

        A dive that has to hold a ratio to the last digit fails where the last periods have nothing left to give. So the
        row may be missed a little, at its dual price (an elastic constraint; Ehrgott and Ryan 2002), and the plan's own
        ratio is then the value that the bound is proven for: per dollar where the curve is flat, per watt where it is
        steep. Where that leaves more than the gap, the row is held and dived with, and then branched on from the better plan.
        None where the weighted sum finds no plan. Call it right after ``best`` with the row held at ``epsilon``.
        """
        engine, (watt, dollar) = self.engine, (self.target.watt, self.target.dollar)
        size = {pair: max(abs(float(centre.x[engine.account[pair[0]]])), 1e-12) for pair in (watt, dollar)}
        price = engine.spare_price(EPSILON_ROW) * size[watt] / size[dollar]
        weight = {watt: min(price, 1.0), dollar: min(1.0, 1.0 / max(price, 1e-12))}
        aim: dict[str, float] = {}
        for (top, bottom), at in ((watt, epsilon), (dollar, q)):
            scale = weight[top, bottom] / size[top, bottom]
            aim[top], aim[bottom] = aim.get(top, 0.0) + scale, aim.get(bottom, 0.0) - scale * at
        self.hold(EPSILON_ROW, watt, epsilon, REACH * gap)
        engine.spare_row(1, {watt[0]: 1.0, watt[1]: -epsilon * (1 + REACH * gap)}, upper=0.0)
        try:
            x = find_plan(engine, aim, gap=gap * CERTIFIED, exhaustive=False, report=self.report).x
        except Infeasible:  # nothing is near: there may well be plans with more
            x = None
        finally:
            engine.spare_row(1, {})
            self.hold(EPSILON_ROW, watt, epsilon)
        if x is None:
            return None
        pair, held = (dollar, watt) if price <= 1.0 else (watt, dollar)
        self.hold(EPSILON_ROW, held, self.ratio(held, x))
        found = Near(x, pair, self.proven(pair, x, size[pair], gap))
        if self.gap(found) > gap:
            self.hold(EPSILON_ROW, watt, epsilon)
            exact, bound = self.whole(dollar, centre, q, INF, gap, thorough=False)
            if exact is not None and bound / self.ratio(dollar, exact) - 1 < self.gap(found):
                found, held = Near(exact, dollar, bound), watt
                self.hold(EPSILON_ROW, watt, epsilon)
            else:
                self.hold(EPSILON_ROW, held, self.ratio(held, x))
        if self.gap(found) > gap:
            better, bound = self.whole(found.pair, centre, found.bound, found.bound, gap, start=found.x, trees=False)
            found = Near(found.x if better is None else better, found.pair, bound)
        return found

    def gap(self, found: Near) -> float:
        """Return the relative gap of a plan's proven ratio."""
        return found.bound / self.ratio(found.pair, found.x) - 1

    def around(self, pair: tuple[str, str], x: Floats, gap: float) -> Floats:
        """Return the best plan of a ratio in the neighbourhood of a plan under the rows held, the plan itself at least."""
        top, bottom = pair
        size = max(abs(float(x[self.engine.account[top]])), 1e-12)
        at = {top: 1.0 / size, bottom: -self.ratio(pair, x) / size}
        lower, upper = neighbourhood(self.engine, x, 0)
        better = self.engine.integer_step(
            at, lower=lower, upper=upper, start=x, absolute_gap=gap / 4, relative_gap=0.0,
            seconds=tie_seconds(self.engine), options=STEP,
        ).x  # fmt: skip
        return x if better is None or self.ratio(pair, better) <= self.ratio(pair, x) else better

    def proven(self, pair: tuple[str, str], x: Floats, size: float, gap: float) -> float:
        """Bound a ratio under the rows held by trees at the level that no plan should reach if ``x`` is within the gap."""
        top, bottom = pair
        reached = self.ratio(pair, x)
        trial = reached * (1 + CERTIFIED * gap)
        at = {top: 1.0 / size, bottom: -trial / size}
        above = prove(self.engine, at, x, max(-engine_value(self.engine, at, x), SMALLEST), self.report)
        return max(self.certify(trial, above * size), reached)

    def exact(self, x: Floats) -> Floats:
        """Return the plan with whole numbers exact (columns without accounts) and both ratios kept to a hair."""
        f = self.engine.matrix.functionals
        holds = []
        for top, bottom in (self.target.watt, self.target.dollar):
            size = max(1.0, abs(f[top](x[: self.engine.n])))
            held = f[top](x[: self.engine.n]) / f[bottom](x[: self.engine.n])
            holds.append(({top: 1.0 / size, bottom: -held / size}, 0.0))
        aim = {"cost": -1.0 / max(1.0, abs(f["cost"](x[: self.engine.n])))}
        self.engine.spare_row(EPSILON_ROW, {})
        point = finish(self.engine, x, holds, aim, 30.0)
        for row in (0, 1):
            self.engine.spare_row(row, {})
        return x[: self.engine.n] if point is None else point


@dataclass(slots=True)
class CurveJob:
    """Trace the relaxation's frontier; ``floor`` is the least C_pv in the programme's units."""

    matrix: Matrix
    target: Target
    floor: float
    seconds: float
    seed: int = 0

    def run(self, report: Reporter) -> Curve:
        """Return the curve from the best per dollar (raised in compute per watt) to the best per watt (raised per dollar)."""
        engine = Engine(self.matrix, accounts(self.target), deadline=time.monotonic() + self.seconds, seed=self.seed)
        frontier = _Frontier(engine, self.target, self.floor, report)
        watt, dollar = self.target.watt, self.target.dollar
        report.stage("frontier: the two ends")
        _, best_dollar, dollar_bound = frontier.best(dollar)
        frontier.hold(0, dollar, best_dollar)
        _, low, _ = frontier.best(watt)
        engine.spare_row(0, {})
        _, high, _ = frontier.best(watt)
        points = [(low, best_dollar, dollar_bound)]
        report.stage("frontier: the relaxation's curve")
        for epsilon in np.linspace(low, high, SAMPLES)[1:]:
            frontier.hold(0, watt, float(epsilon))
            guess = 2.0 * points[-1][1] - points[-2][1] if len(points) > 1 else points[-1][1]
            _, value, bound = frontier.best(dollar, max(guess, 0.5 * points[-1][1]))
            points.append((float(epsilon), value, bound))
        engine.spare_row(0, {})
        curve = np.array(points)
        return Curve(curve[:, 0], np.minimum.accumulate(curve[:, 1]), self.floor, np.minimum.accumulate(curve[:, 2]))


@dataclass(slots=True)
class PointsJob:
    """Find the plans of some ε values, (index, ε, an estimate of the best ratio per dollar there)."""

    matrix: Matrix
    target: Target
    floor: float
    wanted: list[tuple[int, float, float]]
    best_watt: float
    seconds: float
    seed: int = 0
    basis: Any = None  # of the last point's relaxation, from which the next one's is near

    def run(self, report: Any) -> int:
        """Stream a ``Point`` for each value wanted; a value that fails streams its problem; return how many were tried."""
        deadline = time.monotonic() + self.seconds - min(5.0, FINISH_SHARE * self.seconds)
        engine = Engine(self.matrix, accounts(self.target), deadline=deadline, seed=self.seed)
        frontier = _Frontier(engine, self.target, self.floor, report)
        for index, epsilon, guess in self.wanted:
            started = time.monotonic()
            try:
                point = self._point(frontier, index, epsilon, guess)
            except OutOfTime:
                point = Point(index, epsilon, None, problem="not done: out of time")
            except Infeasible:
                point = Point(index, epsilon, None, problem="no whole-number plan reaches this ratio per watt")
            point.seconds = time.monotonic() - started
            report.point(point)
        return len(self.wanted)

    def _point(self, frontier: _Frontier, index: int, epsilon: float, guess: float) -> Point:
        engine, gap = frontier.engine, max(1e-7, self.target.gap)
        for row in (0, 1, EPSILON_ROW):
            engine.spare_row(row, {})
        if index and epsilon < self.best_watt * (1 - 1e-6):
            frontier.hold(EPSILON_ROW, self.target.watt, epsilon)
            if self.basis is not None:
                engine.resume(self.basis)
            centre, q, bound = frontier.best(self.target.dollar, guess)
            self.basis = engine.basis()
            near = frontier.near(epsilon, centre, q, gap) if engine.n >= FINE else None
            if near is not None:
                return self._beside(frontier, index, near)
            x, bound = frontier.whole(self.target.dollar, centre, q, bound, gap)
        elif not index:  # the best per dollar of all: it may have less per watt than the relaxation's
            centre, q, bound = frontier.best(self.target.dollar, guess)
            x, bound = frontier.whole(self.target.dollar, centre, q, bound, gap)
        else:
            x, bound = None, INF
        if x is not None:
            return self._raised(frontier, index, Near(x, self.target.dollar, bound), epsilon)
        engine.spare_row(EPSILON_ROW, {})  # the end of the curve, or more than whole numbers reach
        centre, q, bound = frontier.best(self.target.watt)
        x, bound = frontier.whole(self.target.watt, centre, q, bound, gap)
        if x is None:
            return Point(index, epsilon, None, problem="no whole-number plan was found")
        return self._raised(frontier, index, Near(x, self.target.watt, bound), epsilon)

    def _raised(self, frontier: _Frontier, index: int, found: Near, epsilon: float) -> Point:
        """Raise the other ratio of a plan as far as whole numbers go, with its own held."""
        x, pair, gap = found.x, found.pair, max(1e-7, self.target.gap)
        other, row = (self.target.watt, 1) if pair == self.target.dollar else (self.target.dollar, EPSILON_ROW)
        better, bound, engine = None, INF, frontier.engine
        deadline = engine.deadline
        with suppress(OutOfTime):  # the plan stands without it
            centre, q, bound = frontier.best_beside(row, pair, frontier.ratio(pair, x), other, frontier.ratio(other, x))
            if engine.n >= FINE:
                engine.deadline = min(deadline, time.monotonic() + max(RAISE_LEAST, RAISE_SHARE * engine.first_seconds))
            better, bound = frontier.whole(other, centre, q, bound, gap, start=x, thorough=engine.n < SMALL)
        engine.deadline = deadline
        return self._done(frontier, index, replace(found, x=x if better is None else better), bound, epsilon)

    def _beside(self, frontier: _Frontier, index: int, found: Near) -> Point:
        """Raise the other ratio of a plan that has been pulled towards it already: bounds, and a look around the plan."""
        x, pair = found.x, found.pair
        other = self.target.watt if pair == self.target.dollar else self.target.dollar
        epsilon = frontier.ratio(self.target.watt, x)
        frontier.engine.spare_row(EPSILON_ROW, {})
        bound = INF
        with suppress(OutOfTime):  # the plan stands without it
            _, _, bound = frontier.best_beside(EPSILON_ROW, pair, frontier.ratio(pair, x), other, frontier.ratio(other, x))
            found = replace(found, x=frontier.around(other, x, max(1e-7, self.target.gap)))
        return self._done(frontier, index, found, bound, epsilon)

    def _done(self, frontier: _Frontier, index: int, found: Near, bound: float, epsilon: float) -> Point:
        engine, f = frontier.engine, frontier.engine.matrix.functionals
        deadline, engine.deadline = engine.deadline, INF
        exact = frontier.exact(found.x)
        engine.deadline = deadline
        watt, dollar = (f[top](exact) / f[bottom](exact) for top, bottom in (self.target.watt, self.target.dollar))
        per_dollar = found.pair == self.target.dollar
        return Point(
            index,
            epsilon,
            exact,
            watt=watt,
            dollar=dollar,
            dollar_bound=max(found.bound if per_dollar else bound, dollar),
            watt_bound=max(bound if per_dollar else found.bound, watt),
            proven="compute_per_dollar" if per_dollar else "compute_per_watt",
        )


def accounts(target: Target) -> list[str]:
    """Functionals that both ratios and the floor need."""
    return sorted({"compute_pv", "cost", *target.watt, *target.dollar})


def least_volume(target: Target, attainable: float) -> float:
    """Return the C_pv that every point holds, from the most there can be; never 0, where a ratio has no meaning."""
    return max(target.floor, NEGLIGIBLE) * attainable


def spread(curve: Curve, points: int) -> list[tuple[int, float, float]]:
    """Spread ε evenly along the curve, ends included: (index, ε, ratio per dollar of the relaxation there)."""
    watt, dollar = curve.watt, curve.dollar
    span_w, span_d = max(np.ptp(watt), 1e-12), max(np.ptp(dollar), 1e-12)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(watt) / span_w, np.diff(dollar) / span_d))])
    marks = np.linspace(0.0, along[-1], points)
    return [
        (i, float(np.interp(mark, along, watt)), float(np.interp(mark, along, dollar))) for i, mark in enumerate(marks)
    ]
