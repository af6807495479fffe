"""The limits of a case hold under every rule: hand-made cases, a limit each."""

from __future__ import annotations

import pytest
from helpers import make
from playing import play, play_all

from procure.baselines.table import shortfall

RULE = "best per dollar"


def test_lots_are_whole():
    assert play(RULE, generations=[{"lot": 4}]).orders("A") == {"2030": 8}


def test_a_least_order_that_does_not_fit_is_not_placed():
    assert play(RULE, generations=[{"min_order": 12}]).orders("A") == {}


def test_a_least_order_is_placed_where_demand_must_be_served_and_the_rest_waits():
    done = play(RULE, generations=[{"min_order": 12}], demand={("all", "minimum"): 500.0})
    assert done.orders("A") == {"2030": 12}
    assert done.installed("Hall") == [10]
    assert done.solution.stored.tolist() == [[2]]


def test_another_generation_is_bought_where_the_best_cannot_be():
    second = {"generation": "B", "compute": 90.0}
    assert play(RULE, generations=[{"min_order": 12}, second]).orders() == {("B", "2030"): 10}
    assert play(RULE, generations=[{}, second], allocation={"A": 7}).orders() == {("A", "2030"): 7, ("B", "2030"): 3}


@pytest.mark.parametrize("carry", ["yes", "no"])
def test_deposit_and_balance_each_meet_the_budget_of_their_period(carry):
    done = play(
        RULE, periods=3, generations=[{"lead_time": 1, "deposit": 0.5}], budget={"capex": [2.5e6, 1.5e6, 0.0]},
        settings={"budget_carry_over": carry},
    )  # fmt: skip
    assert done.orders("A") == ({"2030": 4} if carry == "yes" else {"2030": 3})


def test_committed_orders_take_their_budget_and_their_place_first():
    done = play(
        RULE, periods=2, committed=[{"generation": "A", "delivery": "2031", "units": 6, "price": 1e6}],
        budget={"capex": [4e6, 6e6]},
    )  # fmt: skip
    assert done.orders("A") == {"2030": 4}
    assert done.installed("Hall") == [4, 10]


def test_space_binds_before_power():
    assert play(RULE, space={"Hall": 6}).orders("A") == {"2030": 6}


def test_units_leave_where_positions_are_lost():
    done = play(RULE, periods=2, space={"Hall": [8, 5]})
    assert done.installed("Hall") == [8, 5]


def test_a_campus_shares_its_power():
    done = play(
        RULE, sites=[{"site": "North", "campus": "Park"}, {"site": "South", "campus": "Park"}],
        power={"North": 1.0, "South": 1.0, "Park": 1.5},
    )  # fmt: skip
    assert done.orders("A") == {"2030": 15}
    assert done.installed("North") == [10]


def test_licences_date_and_cap_what_comes_in():
    done = play(RULE, periods=3, licences=[{"generation": "A", "site": "Hall", "from": "2031", "max_units": 7}])
    assert done.orders("A") == {"2031": 7}


def test_a_cap_over_all_generations_counts_them_together():
    done = play(
        RULE, generations=[{}, {"generation": "B", "compute": 90.0}], allocation={"A": 4},
        licences=[{"generation": "*", "site": "Hall", "max_units": 6}],
    )  # fmt: skip
    assert done.orders() == {("A", "2030"): 4, ("B", "2030"): 2}


def test_no_generation_takes_more_than_its_share_of_capex():
    done = play_all(
        make(periods=2, generations=[{}, {"generation": "B", "compute": 90.0}], settings={"max_generation_share": 0.6})
    )
    for rule, played in done.items():
        spent = played.orders()
        assert sum(spent.values()) == 10, rule
        assert max(played.case.generations.names, key=lambda g: sum(played.orders(g).values())) == "A"
        assert sum(played.orders("A").values()) == 6, rule


def test_fleet_that_may_not_stay_goes_to_the_warehouse_and_on_to_another_site():
    done = play(
        RULE, sites=[{"site": "Hall"}, {"site": "Other"}], power={"Hall": 1.0, "Other": 1.0},
        fleet=[{"generation": "A", "site": "Hall", "delivered": "2029", "units": 5, "price": 1e6}],
        licences=[{"generation": "A", "site": "Hall", "allowed": "no"}],
    )  # fmt: skip
    assert done.installed("Hall") == [0]
    assert done.installed("Other") == [10]
    assert done.orders("A") == {"2030": 5}


def test_demand_caps_what_is_bought_and_what_runs():
    done = play(RULE, demand={("all", "maximum"): 450.0})
    assert done.orders("A") == {"2030": 5}
    assert done.delivered == [[450.0]]


def test_for_cost_no_more_is_bought_than_must_be_served():
    done = play_all(make(periods=2, demand={("all", "minimum"): [250.0, 420.0]}, settings={"objective": "cost"}))
    assert done["best per dollar"].orders("A") == {"2030": 3, "2031": 2}
    assert done["best per dollar"].delivered == [[250.0, 420.0]]


@pytest.mark.parametrize(("value", "units"), [(0.1, 0), (0.3, 10)])
def test_for_npv_nothing_is_bought_that_costs_more_than_it_earns(value, units):
    # a year of a unit: 1e6 / 6 over 100 × 8,760 unit-hours = 0.19 a unit-hour
    done = play(RULE, demand={("all", "value"): value}, settings={"objective": "npv"})
    assert sum(done.orders("A").values()) == units


def test_demand_that_a_rule_cannot_meet_is_said():
    done = play_all(make(periods=2, budget={"capex": [10e6, 0.0]}, demand={("all", "minimum"): [900.0, 0.0]}))
    assert (
        shortfall(done["even budget"].baseline.quantities)
        == "cannot meet the demand of all in 2030 (short by up to 44.4%)"
    )
    assert done["even budget"].baseline.report.failed == ["demand_minimum"]
    assert not shortfall(done["best per dollar"].baseline.quantities)


def test_minimum_demand_is_served_before_the_rule_has_its_way():
    sites = [{"site": "Cheap", "workloads": "train"}, {"site": "Dear", "energy_per_mwh": 500.0, "workloads": "serve"}]
    parts = {
        "sites": sites, "power": {"Cheap": 1.0, "Dear": 1.0}, "budget": {"capex": 10e6},
        "workloads": [{"workload": "train"}, {"workload": "serve"}],
    }  # fmt: skip
    assert play(RULE, **parts).installed("Cheap") == [10]
    done = play(RULE, **parts, demand={("serve", "minimum"): 350.0})
    assert done.installed("Dear") == [4]
    assert done.installed("Cheap") == [6]


def test_a_carbon_cap_is_spent_evenly():
    # 1 MW for a year is 8,760 MWh: 4,380 t at 500 kg; 4,380 t in all leave half of it each year
    done = play(
        RULE, periods=2, sites=[{"carbon_kg_per_mwh": 500.0}], settings={"carbon_cap_t": 4380.0},
    )  # fmt: skip
    assert done.delivered[0] == pytest.approx([500.0, 500.0], rel=1e-6)


def test_power_is_built_when_the_site_is_full_and_the_budget_allows():
    option = {"option": "gas", "site": "Hall", "adds_mw": 0.5, "capex": 1e6, "energy_per_mwh": 0.0, "lead_time": 1}
    done = play(RULE, periods=3, power_options=[option], budget={"capex": 20e6})
    assert done.builds() == {("gas", "2030"): 1}
    assert done.orders("A") == {"2030": 10, "2031": 5}
    poor = play(RULE, periods=3, power_options=[option], budget={"capex": [10e6, 0.0, 0.0]})
    assert poor.builds() == {}


def test_shells_are_built_when_racks_are_what_lacks():
    shell = {"option": "annex", "site": "Hall", "adds_racks": 4, "capex": 1e6, "lead_time": 1}
    done = play(RULE, periods=3, shell_options=[shell], space={"Hall": 6}, budget={"capex": 20e6})
    assert done.builds() == {("annex", "2030"): 1}
    assert done.orders("A") == {"2030": 6, "2031": 4}


@pytest.mark.parametrize(("cost", "started"), [(2_000_000.0, False), (100_000.0, True)])
def test_projects_start_where_they_are_cheaper_than_more_units(cost, started):
    project = {"project": "scheduler", "workload": "*", "uplift": 0.1, "cost": cost}
    done = play(
        RULE, periods=3, projects=[project], settings={"objective": "compute_per_dollar"},
        fleet=[{"generation": "A", "site": "Hall", "delivered": "2029", "units": 10, "price": 1e6}],
    )  # fmt: skip
    # three years of 10 % of 1,000 units for 100,000 (0.04 a unit-hour) or 2 million (0.76); a new unit: 0.19
    assert bool(done.builds()) is started


@pytest.mark.parametrize(("price", "rented"), [(0.5, 0.0), (0.1, 300.0)])
def test_compute_is_rented_where_that_is_cheaper_than_buying(price, rented):
    done = play(
        RULE, rental={("all", price, 0.5): 300.0}, settings={"objective": "compute_per_dollar"},
    )  # fmt: skip
    assert done.solution.rented.sum() == pytest.approx(rented)


def test_dear_compute_is_rented_where_demand_must_be_served():
    done = play(RULE, rental={("all", 5.0, 0.5): 300.0}, demand={("all", "minimum"): 1200.0},
                settings={"objective": "compute_per_dollar"})  # fmt: skip
    assert done.solution.rented.sum() == pytest.approx(200.0)


def test_for_npv_what_must_be_served_is_bought_even_at_a_loss():
    done = play(
        RULE, demand={("all", "minimum"): 250.0, ("all", "value"): [0.0]}, settings={"objective": "npv"},
    )  # fmt: skip
    assert done.orders("A") == {"2030": 3}
    assert done.delivered == [[250.0]]
