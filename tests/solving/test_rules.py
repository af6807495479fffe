"""Rows of the user's own, options that are refused, and the whole way through a process of its own."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pe
import pytest
from helpers import HOURS, make, solve

import procure
from procure.errors import InfeasibleError, UnboundedError
from procure.solving.solve import solve_case

M = 1_000_000.0
HALLS = {
    "sites": [{"site": "H1"}, {"site": "H2", "energy_per_mwh": 10}],
    "power": {"H1": 1.0, "H2": 1.0},
    "budget": {"capex": 10 * M},
}


def test_a_rule_adds_a_row() -> None:
    """Proves: with at least four units asked for at H2 six are left for the cheaper hall, H1.

    Sensitivity: without the rule all ten stand at H1.
    """

    def spread(model: Any) -> None:
        model.spread = pe.Constraint(expr=model.installed["A", "H2", 0] >= 4)

    case = make(**HALLS)
    assert solve(case).installed("A", "H1") == [10]
    ruled = solve(case, rules=(spread,))
    assert (ruled.installed("A", "H1"), ruled.installed("A", "H2")) == ([6], [4])


def test_a_rule_sees_moves_and_units_even_where_moving_is_free() -> None:
    """Proves: ``install`` exists for every candidate once there are rules; ``order`` is in units, not in lots.

    Sensitivity: without the columns the rule would raise; in lots two orders of four would pass a cap of three.
    """

    def few(model: Any) -> None:
        model.few = pe.Constraint(expr=sum(model.install["A", "Hall", t] for t in (0, 1)) <= 3)
        model.small = pe.Constraint(expr=model.order["A", 0] <= 7)

    case = make(periods=2, generations=[{"lot": 4}], space={"Hall": [4, 8]})
    ruled = solve(case, rules=(few,))
    assert ruled.installed("A", "Hall") == [3, 3]
    assert ruled.orders["2030"] == 4
    assert solve(case).installed("A", "Hall") == [4, 8]


def test_a_rule_may_fix_a_decision() -> None:
    """Proves: three units fixed are three units in the plan. Sensitivity: folded away they would read as none."""

    def fixed(model: Any) -> None:
        model.order_lots["A", 0].fix(3)

    result = solve(make(), rules=(fixed,))
    assert result.orders == {"2030": 3}
    assert result.value == pytest.approx(3 * 100 * HOURS)


def test_rules_add_up_and_may_use_variables_of_their_own() -> None:
    """Proves: either H1 or H2, by a binary of the rule's, and no more than five units: five, in one hall.

    Sensitivity: with either rule alone ten units would stand, or five in two halls.
    """

    def one_hall(model: Any) -> None:
        model.pick = pe.Var(["H1", "H2"], domain=pe.Binary)
        model.one = pe.Constraint(expr=model.pick["H1"] + model.pick["H2"] == 1)
        model.only = pe.Constraint(["H1", "H2"], rule=lambda m, s: m.installed["A", s, 0] <= 10 * m.pick[s])

    def five(model: Any) -> None:
        model.five = pe.Constraint(expr=model.order["A", 0] == 5)

    result = solve(make(**HALLS), rules=(one_hall, five))
    assert sorted([result.installed("A", "H1"), result.installed("A", "H2")]) == [[0], [5]]


def test_rules_act_through_the_face_of_the_package() -> None:
    """Proves: ``procure.solve(case, rules=[fn])`` plans by the rule, in the solving process, and the audit passes.

    Sensitivity: a rule lost on the way to the process would leave ten units.
    """

    def four(model: Any) -> None:
        model.four = pe.Constraint(expr=model.order["A", 0] <= 4)

    plan = procure.solve(make(), objective="compute", rules=[four], baselines=False)
    assert plan.orders["units"].sum() == 4
    assert (plan.checks["verdict"] != "fail").all()


@pytest.mark.parametrize(
    ("objective", "value"),
    [
        ("compute", 1000 * HOURS),
        ("cost", -10 * M),
        ("npv", -10 * M + 1000 * HOURS * 2),
        ("compute_per_dollar", HOURS / 10_000),
        ("compute_per_watt", 1000),
        ("balanced", 1),
    ],
)
def test_every_objective_through_a_process_of_its_own(objective: str, value: float) -> None:
    """Proves: the child process gives what this process gives, in the planner's units, optimal and without a gap.

    Sensitivity: a unit or an outcome lost on the way back would show.
    """
    case = make(demand={("all", "minimum"): 1000, ("all", "value"): 2.0})
    told = []
    solution, outcome = solve_case(case.with_settings(objective=objective), (), told.append)
    assert outcome.value == pytest.approx(value, rel=3e-6)
    assert (outcome.status, outcome.stopped) == ("optimal", "")
    assert outcome.gap < 1e-5
    assert solution.ordered.tolist() == [10]
    assert told
    assert outcome.seconds["search"] > 0


def test_unknown_options_are_refused() -> None:
    """Proves: a misspelt option or setting is an error.

    Sensitivity: swallowed, the planner would trust another plan.
    """
    case = make()
    with pytest.raises(TypeError, match="objectve"):
        procure.solve(case, objectve="compute")
    with pytest.raises(TypeError, match="mip_gapp"):
        case.with_settings(mip_gapp=0.1)
    for wrong in (
        {"objective": "computes"},
        {"watt_basis": "used"},
        {"compute_floor": 1.5},
        {"time_limit": 0},
        {"gap": 1.0},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            procure.solve(case, **wrong)


def test_outcomes_reach_the_planner_as_errors() -> None:
    """Proves: infeasible, unbounded and a ratio without a best value come back from the process as what they are."""

    def too_many(model: Any) -> None:
        model.many = pe.Constraint(expr=model.installed["A", "Hall", 0] >= 11)

    def profit(model: Any) -> None:
        model.cost.expr = -1.0 * model.order_lots["A", 0]

    with pytest.raises(InfeasibleError):
        solve_case(make(space={"Hall": 10}), (too_many,))
    with pytest.raises(UnboundedError, match="without end"):
        solve_case(make(settings={"objective": "cost"}), (profit,))
    with pytest.raises(UnboundedError, match="no best value"):
        solve_case(make(power={"Hall": 0.0}, settings={"objective": "compute_per_watt"}))
