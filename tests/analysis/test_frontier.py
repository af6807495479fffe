"""The frontier of tiny cases against every plan there is (see ``tests/programme/oracle.py``)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from enumerate_plans import Best, NoPlan, NoRatio, best_value
from helpers import solve
from oracle import FIGURES, Oracle, TooMany
from tiny_cases import tiny_frames
from tiny_plans import Kept

from procure.case import Case
from procure.solving import frontier
from procure.solving.engine import Engine, Infeasible
from procure.solving.found import Silent
from procure.solving.frontier import EPSILON_ROW, CurveJob, PointsJob, _Frontier, accounts, least_volume, spread
from procure.solving.highs import INF
from procure.solving.objectives import Target
from procure.solving.solve import compile_case

if TYPE_CHECKING:
    from procure.solving.frontier import Curve, Point

SEEDS = (1014, 1017, 1019, 1020, 1042, 1047, 1050, 1156)
POINTS = 4
AT = {name: i for i, name in enumerate(FIGURES)}
CLOSE = 3e-6  # what the solver and the drawn-in demand leave open, see procure.solving.finish
STEEP = 1e-5  # weight of a ratio that is to be held against one that is to rise


class All:
    """Best values over all plans of a case, with one ratio held."""

    def __init__(self, seed: int) -> None:
        self.frames = tiny_frames(seed)[0]
        self.best = Best(Oracle(self.frames, most=400))
        given = self.best.o.set
        self.watt = ("C", "A" if given["watt_basis"] == "available" else "E")
        self.dollar = ("C_pv", "D")
        self.ends = [best_value(self.best, name) for name in ("compute_per_watt", "compute_per_dollar")]
        self.attainable = self.best.maximum([{"C_pv": 1.0}])[0]
        self.best.floor = self.best.floor or 1e-4 * self.attainable

    def highest(self, pair: tuple[str, str], held: tuple[str, str], value: float) -> float:
        """Best ratio of a pair among plans whose other ratio is at least a value (0: no plan)."""
        terms = lambda q: [{held[0]: 1.0, held[1]: -value}, {pair[0]: 1.0, pair[1]: -q}]  # noqa: E731
        q, size = 0.0, self.attainable
        for _ in range(60):
            level, figures = self.best.maximum(terms(q), [size * STEEP, size])
            if level <= (1e-11 if q else -1e-4):
                return q
            new = float(figures[AT[pair[0]]] / figures[AT[pair[1]]])
            if new <= q * (1 + 1e-9):
                return q
            q = new
        return q


@cache
def traced(seed: int, gap: float | None = None, trees: bool = True) -> tuple[All, Any, Curve, list[Point], float, float]:
    """Every plan of a case, and the points found; ``trees`` only tells runs apart whose search was changed."""
    try:
        everything = All(seed)
    except (NoPlan, NoRatio, TooMany):
        pytest.skip("no frontier, or too many plans to enumerate")
    case = Case.from_frames(everything.frames)
    draft, matrix = compile_case(case)
    settings = case.settings
    target = Target("balanced", settings.watt_basis, settings.compute_floor, settings.mip_gap if gap is None else gap)
    floor = least_volume(target, everything.attainable / draft.scales.compute * (1 - 1e-9))
    curve = CurveJob(matrix, target, floor, 60.0).run(Silent())
    report = Kept()
    wanted = spread(curve, POINTS)
    PointsJob(matrix, target, floor, wanted, float(curve.watt[-1]), 120.0).run(report)
    scales = draft.scales
    return everything, case, curve, report.points, scales.compute / 1000.0, scales.compute / scales.money


@pytest.mark.parametrize("seed", SEEDS)
def test_each_point_is_the_best_of_all_plans_at_its_epsilon(seed: int) -> None:
    """Proves: at every ε asked for, the ratio per dollar is the best of all enumerated plans with at least ε per watt.

    Sensitivity: a point that is only near the curve is below it.
    """
    everything, _, _, points, per_watt, per_dollar = traced(seed)
    assert len(points) == POINTS
    for point in points:
        assert point.x is not None, point.problem
        if point.watt >= point.epsilon * (1 - 1e-6):
            expected = everything.highest(everything.dollar, everything.watt, point.epsilon * per_watt * (1 - 1e-7))
            assert point.dollar * per_dollar == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_dominates_a_point_and_its_bounds_hold(seed: int) -> None:
    """Proves: no enumerated plan is better in one ratio and as good in the other, and none is beyond a point's bounds.

    Sensitivity: without the second solve, points tie in one ratio and lose in the other (weak dominance).
    """
    everything, _, _, points, per_watt, per_dollar = traced(seed)
    for point in points:
        watt, dollar = point.watt * per_watt, point.dollar * per_dollar
        above = everything.highest(everything.dollar, everything.watt, watt * (1 - 1e-7))
        beside = everything.highest(everything.watt, everything.dollar, dollar * (1 - 1e-7))
        assert above == pytest.approx(dollar, rel=2e-5)
        assert beside == pytest.approx(watt, rel=2e-5)
        floor = min(watt, point.epsilon * per_watt) * (1 + 1e-7)
        reached = everything.highest(everything.dollar, everything.watt, floor)
        assert point.dollar_bound * per_dollar >= reached * (1 - CLOSE)
        inside = everything.highest(everything.watt, everything.dollar, dollar * (1 + 1e-7))
        assert point.watt_bound * per_watt >= inside * (1 - CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ends_are_the_best_of_each_ratio_and_the_curve_bounds_all(seed: int) -> None:
    """Proves: the first point has the best ratio per dollar and the last the best per watt; the curve lies above both.

    Sensitivity: an ε spread from anything but the ends misses them.
    """
    everything, case, curve, points, per_watt, per_dollar = traced(seed)
    by_index = {point.index: point for point in points}
    assert by_index[0].dollar * per_dollar == pytest.approx(everything.ends[1], rel=2e-5)
    assert by_index[POINTS - 1].watt * per_watt == pytest.approx(everything.ends[0], rel=2e-5)
    reached = {
        "compute_per_watt": by_index[POINTS - 1].watt * per_watt,
        "compute_per_dollar": by_index[0].dollar * per_dollar,
    }
    for name, end in reached.items():
        assert solve(case, objective=name).value == pytest.approx(end, rel=2e-5)
    assert curve.dollar[0] * per_dollar >= everything.ends[1] * (1 - CLOSE)
    assert curve.watt[-1] * per_watt >= everything.ends[0] * (1 - CLOSE)
    watt, dollar = curve.stairs(points)
    for point in points:
        here = watt <= point.watt * (1 - 1e-9)
        assert not here.any() or point.dollar <= dollar[here].min() * (1 + 1e-6)
    for w, d in zip(watt[1::2], dollar[1::2], strict=False):  # the far corner of each step, against every plan
        assert everything.highest(everything.dollar, everything.watt, w * per_watt * (1 + 1e-7)) <= d * per_dollar * (
            1 + CLOSE
        )


@pytest.mark.parametrize("trees", [True, False])
@pytest.mark.parametrize("gap", [1e-2, 1e-4])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_near_its_epsilon_is_within_the_gap_of_all_plans(
    seed: int, gap: float, trees: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves: where a point may miss its ε, the ratio it proves is within the gap of the best of all enumerated plans with
    at least its other ratio, and both its bounds hold; also where trees and dives prove nothing and branch and bound must.

    Sensitivity: without branch and bound at the end the bound stays open.
    """
    monkeypatch.setattr(frontier, "FINE", 0)
    if not trees:
        whole = _Frontier.whole
        monkeypatch.setattr(_Frontier, "proven", lambda *_: INF)
        monkeypatch.setattr(
            _Frontier, "whole", lambda *a, **k: whole(*a, **k) if k.get("thorough", True) else (None, INF)
        )
    everything, _, _, points, per_watt, per_dollar = traced(seed, gap, trees)
    for point in points:
        assert point.x is not None, point.problem
        watt, dollar = point.watt * per_watt, point.dollar * per_dollar
        above = everything.highest(everything.dollar, everything.watt, watt * (1 + 1e-7))
        beside = everything.highest(everything.watt, everything.dollar, dollar * (1 + 1e-7))
        assert point.dollar_bound * per_dollar >= above * (1 - CLOSE)
        assert point.watt_bound * per_watt >= beside * (1 - CLOSE)
        own, best, bound = (dollar, above, point.dollar_bound * per_dollar)
        if point.proven == "compute_per_watt":
            own, best, bound = (watt, beside, point.watt_bound * per_watt)
        assert own >= best * (1 - gap - CLOSE)
        assert bound <= own * (1 + gap + CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_trees_do_not_prove_a_plan_that_is_far_from_the_best(seed: int) -> None:
    """Proves: a poor plan's bound under a held ratio is not below the best plan that holds it; and the ratio held beside a
    plan is its own.

    Sensitivity: a bound taken from the level that the plan was hoped to be within is below the best plan.
    """
    _, case, curve, points, _, _ = traced(seed)
    _, matrix = compile_case(case)
    target = Target("balanced", case.settings.watt_basis, case.settings.compute_floor, 1e-3)
    model = _Frontier(Engine(matrix, accounts(target)), target, curve.floor, Silent())
    for good in points:
        for poor in points:
            if poor.watt < good.watt:
                continue
            model.hold(EPSILON_ROW, target.watt, good.watt, 1e-6)
            model.best(target.dollar)
            x = model.engine.whole_point(poor.x)
            bound = model.proven(target.dollar, x, float(x[model.engine.account["compute_pv"]]), 1e-3)
            assert bound >= good.dollar * (1 - CLOSE)
    for point in points[1:-1]:
        model.hold(EPSILON_ROW, target.watt, point.epsilon)
        centre, q, _ = model.best(target.dollar)
        near = model.near(point.epsilon, centre, q, 1e-2)
        if near is not None:
            held = target.watt if near.pair == target.dollar else target.dollar
            terms, _, _ = model.engine.spare_rows()[EPSILON_ROW]
            assert -terms[held[1]] / terms[held[0]] <= model.ratio(held, near.x) * (1 + 1e-6)


def test_no_plan_near_an_epsilon_is_not_no_plan_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where the box around ε holds no plan, the point is sought with the row alone, and every point is there.

    Sensitivity: an infeasible box told as an infeasible ε loses the point.
    """
    monkeypatch.setattr(frontier, "FINE", 0)
    search = frontier.find_plan

    def none_near(*args: Any, **options: Any) -> Any:
        if "bound" not in options:  # the search near ε
            raise Infeasible
        return search(*args, **options)

    monkeypatch.setattr(frontier, "find_plan", none_near)
    everything, _, _, points, per_watt, per_dollar = traced(SEEDS[0], 1e-5)
    for point in points:
        assert point.x is not None, point.problem
        if point.watt >= point.epsilon * (1 - 1e-6):
            expected = everything.highest(everything.dollar, everything.watt, point.epsilon * per_watt * (1 - 1e-7))
            assert point.dollar * per_dollar == pytest.approx(expected, rel=3e-5)


def test_the_seeds_have_frontiers_that_pull_apart() -> None:
    """Proves: in some of the cases the two ends differ, so that the tests above test something."""
    spans = []
    for seed in SEEDS:
        try:
            _, _, _, points, _, _ = traced(seed)
        except pytest.skip.Exception:
            continue
        spans.append(max(p.dollar for p in points) / min(p.dollar for p in points) - 1)
    assert sum(span > 1e-3 for span in spans) >= 2
