"""What a quarter's earlier delivery is worth: the figure solved again against two fresh solves, and by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from helpers import HOURS, make

import procure

if TYPE_CHECKING:
    from procure.case import Case

QUARTER = HOURS / 4
THOUSAND = 1_000.0


@dataclass(frozen=True)
class Example:
    """An objective, what the case has besides, and its value by hand with a lead time of two quarters and of one."""

    objective: str
    before: float
    after: float
    price: float = 50 * THOUSAND  # of B
    sheets: dict[str, Any] = field(default_factory=dict)


COMPUTE = (2 * 600 + 2 * 920) * QUARTER, (600 + 3 * 920) * QUARTER
SPENT = (10 * 50 + 8 * 100) * THOUSAND
RENTED = (200 + 2 * 40) * QUARTER
EXAMPLES = [
    Example("compute", *COMPUTE),
    Example("npv", *(2.5 * units - SPENT for units in COMPUTE), sheets={"demand": {("all", "value"): 2.5}}),
    Example(
        "cost", -(10 * 50 + 4 * 100) * THOUSAND - RENTED, -8 * 100 * THOUSAND,
        sheets={"demand": {("all", "minimum"): [0, 800, 800, 800]}, "rental": {("all", 1.0, 0.0): 1000}},
    ),
    Example("compute_per_dollar", 2 * QUARTER / THOUSAND, 3 * QUARTER / THOUSAND, price=300 * THOUSAND),
]  # fmt: skip


def case(example: Example, lead_time: int) -> Case:
    """Four quarters of a hall for ten units: A comes late, 10 allocated in lots of 4; B, 60 to A's 100, at once."""
    a = {"lead_time": lead_time, "lot": 4, "price": 100 * THOUSAND}
    b = {"generation": "B", "compute": 60.0, "price": example.price}
    return make(
        periods=4, length="quarter", generations=[a, b], allocation={"A": [10, 0, 0, 0]},
        settings={"objective": example.objective}, **example.sheets,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.objective)
def test_the_figure_solved_again_is_the_difference_of_two_fresh_solves(example: Example) -> None:
    """Proves: "earlier delivery" of A is worth what the optimum gains when its lead time is a period shorter.

    By hand, 8 of A (two lots) beside 2 of B instead of 10 of B for a quarter longer: 8 × 40 compute units × 2,190 h;
    at 2.5 USD a unit-hour 1,752,000 USD. For least cost, 800 wanted from the second quarter on: 10 of B and 200
    rented, then 4 of A, 6 of B and 40 rented for two quarters, 1,513,200 USD; delivered sooner 8 of A alone, 800,000.
    Per dollar of A, three quarters instead of two.
    Sensitivity: for least cost the relaxation gains 723,981; a lead time that stays gives nothing.
    """
    plan = procure.solve(case(example, 2), bottlenecks=6, baselines=False)
    sooner = procure.solve(case(example, 1), baselines=False)
    assert plan.outcome.value == pytest.approx(example.before, rel=5e-6)
    assert sooner.outcome.value == pytest.approx(example.after, rel=1e-5)
    found = plan.bottlenecks[plan.bottlenecks["kind"] == "earlier delivery"]
    (row,) = found[found["name"] == "A"].to_dict("records")
    difference = sooner.outcome.value - plan.outcome.value
    reached = {
        "compute": row["resolved_compute"],
        "compute_per_dollar": row["resolved_compute"] / plan.figures["compute_pv"] * plan.outcome.value,
    }.get(example.objective, row["resolved_money"])
    assert reached == pytest.approx(difference, rel=1e-6)
    assert reached == pytest.approx(example.after - example.before, rel=1e-6)
    cost = {"npv": plan.outcome.value, "cost": -plan.outcome.value}.get(example.objective, plan.figures["cost_pv"])
    assert row["resolved_money"] == pytest.approx(difference / abs(plan.outcome.value) * cost, rel=1e-6)
    assert row["resolved_within"] <= 2e-5 * cost
