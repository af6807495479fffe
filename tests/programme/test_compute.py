"""Delivered compute, demand, projects and rental, solved by hand.

Unless a test says otherwise: one hall of 1 MW at PUE 1, one generation A (100 compute units, 100 kW, 1,000,000 USD a
unit), full utilisation, no discounting, a budget of one unit.
"""

from __future__ import annotations

from typing import Any

import pyomo.environ as pe
import pytest
from helpers import HOURS, best, make, solve

from procure.solving.engine import Infeasible

M = 1_000_000.0
HAIR = 2e-6  # demand is drawn in by a millionth so that it holds exactly after rounding
ONE = {"capex": [M, 0, 0]}
WORK = [{"workload": "train"}, {"workload": "serve"}]


def units(result: Any) -> float:
    """Compute units delivered on average, summed over the periods (years)."""
    return float(result.functional("compute_raw")) / HOURS


def test_obsolescence_counts_from_availability() -> None:
    """Proves: 100, 90 and 81 compute units in three years; two years older at the start: 81, 72.9, 65.61.

    Sensitivity: without obsolescence 300.
    """
    assert units(best(periods=3, budget=ONE, generations=[{"obsolescence": 0.1}])) == pytest.approx(271)
    older = best(periods=3, budget=ONE, generations=[{"obsolescence": 0.1, "available_from": "2028"}])
    assert units(older) == pytest.approx(81 + 72.9 + 65.61)


def test_the_compute_path_replaces_obsolescence() -> None:
    """Proves: 100, 150 and 120. Sensitivity: by obsolescence 271, with both 100 + 135 + 97.2."""
    result = best(periods=3, budget=ONE, generations=[{"obsolescence": 0.1}], compute_path={"A": [1, 1.5, 1.2]})
    assert units(result) == pytest.approx(370)


def test_performance_differs_by_workload() -> None:
    """Proves: 120 for training, of which 60 are wanted, the other half of the unit serves at the rated 100: 60 + 50.

    Sensitivity: without the table it would be 100, without the maximum 120.
    """
    result = best(
        budget={"capex": M},
        workloads=WORK,
        performance=[{"generation": "A", "train": 120.0, "serve": None}],
        demand={("train", "maximum"): 60},
    )
    assert units(result) == pytest.approx(110, rel=HAIR)
    assert result.running(workload="train") == [pytest.approx(0.5, abs=1e-4)]


@pytest.mark.parametrize(
    ("site", "workload", "expected"), [(0.8, 0.6, 80), (None, 0.6, 60), (None, None, 50), (0.8, None, 80)]
)
def test_the_sites_utilisation_beats_the_workloads_beats_the_setting(site: Any, workload: Any, expected: float) -> None:
    """Proves: 80 % at the site, else 60 % of the workload, else the setting's 50 %.

    Sensitivity: any other order shows.
    """
    result = best(
        budget={"capex": M},
        sites=[{"utilisation": site}],
        workloads=[{"workload": "train", "utilisation": workload}],
        settings={"utilisation": 0.5},
    )
    assert units(result) == pytest.approx(expected)


def test_a_site_runs_only_its_workloads() -> None:
    """Proves: a hall for serving gives 100. Sensitivity: open to training it would give 200."""
    performance = [{"generation": "A", "train": 200.0, "serve": 100.0}]
    assert units(
        best(budget={"capex": M}, sites=[{"workloads": "serve"}], workloads=WORK, performance=performance)
    ) == pytest.approx(100)
    assert units(best(budget={"capex": M}, workloads=WORK, performance=performance)) == pytest.approx(200)


def test_compute_is_worth_less_the_later_it_comes() -> None:
    """Proves: at 25 % a year, and 20 % less worth each year, 100 units count 80 in the first and 51.2 in the second.

    Sensitivity: without the decline 80 + 64, without discounting 100 + 80, discounted at the start 100 + 64.
    """
    result = best(periods=2, budget={"capex": [M, 0]}, settings={"discount_rate": 0.25, "compute_value_decline": 0.2})
    assert result.value == pytest.approx(131.2 * HOURS)
    assert units(result) == pytest.approx(200)  # raw compute is not discounted


def test_minimum_demand_is_met_at_least_cost() -> None:
    """Proves: 250 compute units need three units. Sensitivity: without the minimum nothing would be bought."""
    result = best(settings={"objective": "cost"}, demand={("all", "minimum"): 250})
    assert result.cost == pytest.approx(3 * M)
    assert units(result) == pytest.approx(250, abs=1e-3)  # the rest costs nothing and is not wanted, nor run


def test_maximum_demand_caps_what_is_delivered() -> None:
    """Proves: of a hall of 1,000 only 450 are wanted: five units, half of one idle.

    Sensitivity: without the maximum ten units would be bought.
    """
    result = best(demand={("all", "maximum"): 450})
    assert units(result) == pytest.approx(450, rel=HAIR)
    assert result.orders == {"2030": 5}


def test_value_counts_at_the_end_of_the_period() -> None:
    """Proves: 876,000 unit-hours at 0.2 USD are 175,200, and 140,160 in value at 25 %: a unit of 130,000 pays, of
    150,000 not.

    Sensitivity: valued at the start it would pay at both prices.
    """
    parts = {"demand": {("all", "value"): 0.2}, "settings": {"objective": "npv", "discount_rate": 0.25}}
    paying = best(generations=[{"price": 130_000}], **parts)
    assert paying.value == pytest.approx(10 * (175_200 / 1.25 - 130_000))
    assert best(generations=[{"price": 150_000}], **parts).value == pytest.approx(0)


def test_value_is_for_served_demand_alone() -> None:
    """Proves: with 450 compute units wanted four units pay (one more would earn half): 4 · (175,200 − 100,000).

    Sensitivity: without the maximum ten would be bought: 752,000 USD, not 300,800.
    """
    result = best(
        generations=[{"price": 100_000}],
        settings={"objective": "npv"},
        demand={("all", "value"): 0.2, ("all", "maximum"): 450},
    )
    assert result.value == pytest.approx(4 * 75_200)


def project(**more: Any) -> dict[str, Any]:
    return {"project": "p", "workload": "*", "uplift": 0.1} | more


def test_a_project_lifts_compute_from_completion_on() -> None:
    """Proves: started in 2030 with a year's lead: 100, then 110.

    Sensitivity: without the project 200, without lead 220.
    """
    result = best(periods=2, budget={"capex": [M, 0]}, projects=[project(lead_time=1)])
    assert units(result) == pytest.approx(210)
    assert result.builds("project") == {("p", "2030"): 1}


def test_a_project_starts_no_earlier_than_allowed() -> None:
    """Proves: from 2031 on: 100 + 110 + 110. Sensitivity: from 2030 on 330."""
    assert units(best(periods=3, budget=ONE, projects=[project(earliest="2031")])) == pytest.approx(320)


def test_uplifts_of_one_scope_add() -> None:
    """Proves: 10 % and 20 % make 30 %. Sensitivity: compounded they would make 32 %, the larger alone 20 %."""
    result = best(budget={"capex": M}, projects=[project(), project(project="q", uplift=0.2)])
    assert units(result) == pytest.approx(130)


def test_a_project_lifts_its_own_workload_alone() -> None:
    """Proves: training, lifted by 50 %, gives 75 of the 75 wanted from half a unit, serving 50 from the other half.

    Sensitivity: lifting both it would be 150, none 100; it is 125.
    """
    result = best(
        budget={"capex": M},
        workloads=WORK,
        demand={("train", "maximum"): 75},
        projects=[project(workload="train", uplift=0.5)],
    )
    assert units(result) == pytest.approx(125)


def test_a_project_costs_its_start_and_its_years() -> None:
    """Proves: 110 compute units from a hall of 0.1 MW need the project, started a year ahead: 50,000 + 20,000 / 1.21.

    Sensitivity: its yearly cost from the start on would add 20,000 / 1.1; without the project there is no plan.
    """
    result = best(
        periods=2,
        power={"Hall": 0.1},
        demand={("all", "minimum"): [0, 110]},
        settings={"objective": "cost", "discount_rate": 0.1},
        generations=[{"last_order": "2030"}],
        projects=[project(lead_time=1, cost=50_000, cost_per_year=20_000)],
    )
    assert result.cost == pytest.approx(M + 50_000 + 20_000 / 1.21)


def test_a_project_that_is_not_needed_is_not_started() -> None:
    """Proves: where 100 are wanted and a unit gives 100, a project for 1 USD is left out.

    Sensitivity: with a start that cost nothing it might be taken; D would read 1,000,001.
    """
    result = best(budget={"capex": M}, demand={("all", "maximum"): 100}, projects=[project(cost=1)])
    assert result.cost == pytest.approx(M)
    assert result.builds("project") == {}


def test_uplift_is_not_a_choice_once_the_project_is_complete() -> None:
    """Proves: a unit that must run, lifted to 110, does not fit under a maximum of 105.

    Sensitivity: without lift_full the plan would claim an uplift of 5 and a compute that its own figures contradict.
    """

    def lifted(model: Any) -> None:
        model.started = pe.Constraint(expr=model.start["p", 0] == 1)

    def busy(model: Any) -> None:
        model.busy = pe.Constraint(expr=model.run["A", "full", "Hall", 0, "all"] >= 1)

    case = make(projects=[project()], demand={("all", "maximum"): 105})
    assert units(solve(case, rules=(lifted,))) == pytest.approx(105, rel=HAIR)
    assert units(solve(case, rules=(busy,))) == pytest.approx(105, rel=HAIR)
    with pytest.raises(Infeasible):
        solve(case, rules=(lifted, busy))


def test_a_project_is_started_once() -> None:
    """Proves: no second start, not even where it would change nothing (no power in the second year).

    Sensitivity: without the row a rule that asks for two starts would find a plan.
    """

    def twice(model: Any) -> None:
        model.twice = pe.Constraint(expr=pe.quicksum(model.start.values()) >= 2)

    case = make(periods=2, projects=[project()], power={"Hall": [1, 0]})
    assert solve(case).builds("project") == {("p", "2030"): 1}
    with pytest.raises(Infeasible):
        solve(case, rules=(twice,))


def test_rented_compute_meets_demand_up_to_its_maximum() -> None:
    """Proves: 30 compute units rented at 0.5 USD an hour cost 131,400; 60, of which 50 can be rented, need a unit.

    Sensitivity: without the maximum 60 would be rented for 262,800; without rental both need a unit of 1,000,000.
    """
    rental = {("all", 0.5, 0.9): 50}
    wanted = {"objective": "cost", "discount_rate": 0.25}
    result = best(rental=rental, settings=wanted, demand={("all", "minimum"): 30})
    assert result.cost == pytest.approx(131_400 / 1.25, rel=HAIR)
    assert result.rented == [pytest.approx(30, rel=HAIR)]
    short = best(rental=rental, settings=wanted, demand={("all", "minimum"): 60})
    assert short.cost == pytest.approx(M)


def test_rented_compute_draws_power_elsewhere() -> None:
    """Proves: 50 compute units at 0.9 kW are 394.2 MWh in E and, beside the hall's 8,760, in A.

    Sensitivity: without it compute per watt would read 1,050 · 8,760 / 8,760 = 1,050, not 1,004.8.
    """
    result = best(rental={("all", 0.5, 0.9): 50}, settings={"objective": "compute"})
    assert result.functional("energy_used") == pytest.approx(8_760 + 394.2)
    assert result.functional("energy_available") == pytest.approx(8_760 + 394.2)


def test_projects_do_not_lift_rented_compute() -> None:
    """Proves: 100 · 1.1 + 50. Sensitivity: lifted as well it would be 165."""
    result = best(budget={"capex": M}, rental={("all", 0.5, 0.9): 50}, projects=[project()])
    assert units(result) == pytest.approx(160)
