"""The frontier against published sets: bi-objective knapsacks whose non-dominated points are known (see ``data``).

A knapsack in the programme's form has a 0/1 column an item and one row; compute per watt and compute per dollar are its
two profits over constants. The columns of every other family are missing, as in a programme that does not use them.
"""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from tiny_plans import Kept

from procure.solving.engine import Engine
from procure.solving.found import Silent
from procure.solving.frontier import CurveJob, PointsJob, least_volume, spread
from procure.solving.matrix import Functional, Matrix
from procure.solving.objectives import Target, optimise

if TYPE_CHECKING:
    from procure.solving.frontier import Curve, Point

DATA = Path(__file__).parent / "data"
CAPACITY = {"2KP50-11": 187, "2KP50-50": 828, "2KP50-92": 1524}
SIZES = {"2KP50-11": (44, 43), "2KP50-50": (52, 51), "2KP50-92": (2, 2)}  # published: solutions, points
FAMILIES = {
    "order_lots": 2, "ordered": 2, "pool": 2, "sell": 2, "installed": 3, "install": 3, "run": 1, "build": 2,
    "build_shell": 2, "start": 2, "lift": 3, "energy": 2, "own": 2, "delivered": 2, "rent": 2,
}  # fmt: skip
WATT, DOLLAR = 4.0, 2.0  # the constants below the profits, powers of two: quarters and halves are exact
GAP = 1e-4  # less than one unit of any profit here, so that a point within it is the best
POINTS = 6
EVERY = [(name, mirrored) for name in CAPACITY for mirrored in (False, True)]


def rows(name: str) -> list[list[str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


@cache
def published(name: str, mirrored: bool = False) -> list[tuple[int, int]]:
    """The non-dominated points: the profit for compute per watt (the first; ``mirrored``: the second), the other."""
    points = {(int(first), int(second)) for first, second, _ in rows(name)}
    return sorted((b, a) if mirrored else (a, b) for a, b in points)


def knapsack(name: str, mirrored: bool = False) -> Matrix:
    """The knapsack as a programme."""
    first, second, weight = np.array([[float(v) for v in row[1:]] for row in rows("2KP50")]).T
    if mirrored:
        first, second = second, first
    n = len(weight)
    constant = lambda value: Functional(np.zeros(n), value)  # noqa: E731
    return Matrix(
        A=csr_array(weight[None, :]),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([float(CAPACITY[name])]),
        lower=np.zeros(n),
        upper=np.ones(n),
        integer=np.ones(n, dtype=bool),
        functionals={
            "compute_raw": Functional(first, 0.0), "compute_pv": Functional(second, 0.0), "cost": constant(DOLLAR),
            "energy_used": constant(WATT), "energy_available": constant(3.0 * WATT),
        },
        columns={family: np.zeros((0,) * axes, dtype=np.int64) for family, axes in FAMILIES.items()},
        order_least=np.zeros((0, 0), dtype=np.int64),
        families=["capacity"],
        row_keys=["capacity"],
    )  # fmt: skip


@dataclass(slots=True)
class Walker(Kept):
    """A reporter that asks for the next ε, one unit of profit above the point that came in, until none reaches it."""

    curve: Curve
    wanted: list[tuple[int, float, float]] = field(default_factory=list)
    points: list[Any] = field(default_factory=list)

    def ask(self, epsilon: float) -> None:
        guess = float(np.interp(epsilon, self.curve.watt, self.curve.dollar))
        self.wanted.append((len(self.wanted), epsilon, guess))

    def point(self, payload: Any) -> None:
        self.points.append(payload)
        if payload.x is not None and payload.watt >= payload.epsilon:
            self.ask(payload.watt + 1.0 / WATT)


def curve_of(name: str, mirrored: bool) -> tuple[Matrix, Target, Curve]:
    matrix, target = knapsack(name, mirrored), Target("balanced", "consumed", 0.0, GAP)
    floor = least_volume(target, max(second for _, second in published(name, mirrored)))
    return matrix, target, CurveJob(matrix, target, floor, 60.0).run(Silent())


@cache
def spread_points(name: str, mirrored: bool) -> tuple[Curve, list[Point]]:
    matrix, target, curve = curve_of(name, mirrored)
    report = Kept()
    PointsJob(matrix, target, curve.floor, spread(curve, POINTS), float(curve.watt[-1]), 120.0).run(report)
    return curve, report.points


def profits(point: Point) -> tuple[float, float]:
    return point.watt * WATT, point.dollar * DOLLAR


@pytest.mark.parametrize("name", CAPACITY)
def test_the_items_are_those_of_the_published_solutions(name: str) -> None:
    """Proves: every published solution fits into the knapsack and has its published point, and none is missing.

    Sensitivity: one wrong profit or weight of an item in use shows.
    """
    items = np.array([[int(v) for v in row[1:]] for row in rows("2KP50")])
    solutions = rows(name)
    assert (len(solutions), len(published(name))) == SIZES[name]
    for first, second, chosen in solutions:
        total = items[np.array(list(chosen)) == "1"].sum(axis=0)
        assert (total[0], total[1]) == (int(first), int(second))
        assert total[2] <= CAPACITY[name]
    points = published(name)
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(points))


@pytest.mark.parametrize(("name", "mirrored"), EVERY)
def test_a_point_at_any_epsilon_is_the_published_one(name: str, mirrored: bool) -> None:
    """Proves: each ε gives the published point with the most of one profit among those with at least ε of the other.

    An ε above them all gives the last. Both profits are exact, and both bounds are below the next whole number. (The
    first ε is for an end, see below.)
    Sensitivity: a search that ends where its dive finds nothing better is beside the set; without the second solve the
    first profit has no bound, and may be less than another plan's.
    """
    known = published(name, mirrored)
    curve, points = spread_points(name, mirrored)
    assert [point.index for point in points] == list(range(POINTS))
    for point in points:
        assert point.x is not None, point.problem
        first, second = profits(point)
        assert second <= point.dollar_bound * DOLLAR < second + 1
        assert first <= point.watt_bound * WATT < first + 1
    for point in points[1:]:
        assert profits(point) == next((pair for pair in known if pair[0] >= point.epsilon * WATT), known[-1])
    watt, dollar = curve.stairs(points)
    for first, second in known:  # no published point is beyond the bound drawn
        here = watt * WATT <= first
        assert not here.any() or second <= dollar[here].min() * DOLLAR * (1 + 1e-9)


@pytest.mark.parametrize(("name", "mirrored"), EVERY)
def test_the_last_point_is_the_end_of_the_published_set(name: str, mirrored: bool) -> None:
    """Proves: the last ε, which only the relaxation reaches, gives the best per watt and the most per dollar with it.

    Sensitivity: without the second solve the other profit is that of any plan with as much per watt.
    """
    points = spread_points(name, mirrored)[1]
    assert profits(points[-1]) == published(name, mirrored)[-1]


@pytest.mark.parametrize(("name", "mirrored"), EVERY)
def test_the_first_point_is_the_end_of_the_published_set(name: str, mirrored: bool) -> None:
    """Proves: the first point is the best per dollar of all plans, with the most per watt among those.

    Sensitivity: an ε above that plan's ratio per watt, though the relaxation's best per dollar has it, leaves it out.
    """
    points = spread_points(name, mirrored)[1]
    assert profits(points[0]) == published(name, mirrored)[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "mirrored"), [("2KP50-92", False), ("2KP50-92", True), ("2KP50-11", False), ("2KP50-50", True)]
)
def test_walking_by_the_exact_step_gives_the_whole_published_set(name: str, mirrored: bool) -> None:
    """Proves: with ε one unit above the last point each time, the points are the published set, each once, in order.

    Profits are whole numbers, so that no point lies between. Then one ε is left that no plan reaches, and it gives the
    last point again.
    Sensitivity: a point that is not the best at its ε, or is weakly dominated, is missing or too many.
    """
    matrix, target, curve = curve_of(name, mirrored)
    walker = Walker(curve)
    walker.ask(1.0 / WATT)
    PointsJob(matrix, target, curve.floor, walker.wanted, float(curve.watt[-1]), 300.0).run(walker)
    *found, beyond = [profits(point) for point in walker.points]
    assert found == published(name, mirrored)
    assert beyond == found[-1]


@pytest.mark.parametrize("objective", ["compute_per_dollar", "compute_per_watt", "balanced"])
@pytest.mark.parametrize(("name", "mirrored"), EVERY)
def test_the_objectives_find_points_of_the_published_set(name: str, mirrored: bool, objective: str) -> None:
    """Proves: each ratio alone reaches its end of the set, and the balanced plan the point with the best smaller share.

    Sensitivity: a max-min that stops at the relaxation's nearest plan is beside it.
    """
    matrix, target = knapsack(name, mirrored), Target(objective, "consumed", 0.1, GAP)
    known = [(first / WATT, second / DOLLAR) for first, second in published(name, mirrored)]
    optimum = optimise(Engine(matrix, target.accounts, deadline=time.monotonic() + 60.0), target, Silent())
    if objective == "balanced":
        per_watt, per_dollar = optimum.normalisers
        expected = max(min(first / per_watt, second / per_dollar) for first, second in known)
    else:
        expected = max(pair[objective == "compute_per_dollar"] for pair in known)
    assert optimum.value == pytest.approx(expected, rel=1e-12)
    assert expected * (1 - 1e-9) <= optimum.bound <= expected * (1 + GAP)
