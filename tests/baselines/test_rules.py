"""Each rule on a case that a planner does in the head: 1 MW, units of 100 kW and 100 compute units, years."""

from __future__ import annotations

import pytest
from helpers import make
from playing import play, play_all

OLD = {"generation": "Old", "available_from": 2030}
NEW = {"generation": "New", "available_from": 2031, "compute": 150.0, "price": 4_000_000.0}


def test_newest_buys_what_has_just_shipped_and_replaces_what_is_older():
    done = play("newest", periods=3, generations=[OLD, NEW])
    assert done.orders() == {("Old", "2030"): 10, ("New", "2031"): 10}
    assert done.sold("Old") == {"2031": 10}
    assert done.delivered == [[1000.0, 1500.0, 1500.0]]


def test_newest_keeps_what_is_older_but_gives_more_per_mw():
    done = play("newest", periods=3, generations=[OLD, NEW | {"compute": 80.0}])
    assert done.orders() == {("Old", "2030"): 10}


def test_newest_replaces_only_as_far_as_the_budget_goes():
    done = play("newest", periods=3, generations=[OLD, NEW], budget={"capex": [10e6, 9e6, 0.0]})
    assert done.orders() == {("Old", "2030"): 10, ("New", "2031"): 2}
    assert done.installed("Hall", "Old") == [10, 8, 8]


def test_best_per_dollar_buys_the_cheapest_compute_whatever_is_newer():
    done = play("best per dollar", periods=3, generations=[OLD, NEW])
    assert done.orders() == {("Old", "2030"): 10}
    assert done.sold("Old") == {}


@pytest.mark.parametrize(("opex", "replaced"), [(600_000.0, True), (400_000.0, False)])
def test_best_per_dollar_replaces_what_costs_more_to_run_than_the_newer_to_own(opex, replaced):
    # New costs 4e6 / 6 years / 150 = 4,444 a unit of compute and year; Old, worth nothing second hand, 6,000 or 4,000
    done = play("best per dollar", periods=3, generations=[OLD | {"opex_per_year": opex}, NEW])
    assert done.orders("New") == ({"2031": 10} if replaced else {})


def test_best_per_dollar_counts_resale_value_against_keeping():
    # Old fetches half its price after a year: 0.5e6 / 5 years / 100 = 1,000 a unit, beside 3,900 to run: 4,900
    old = OLD | {"opex_per_year": 390_000.0, "resale": 0.5}
    assert play("best per dollar", periods=3, generations=[old, NEW]).orders("New") == {"2031": 10}
    assert play("best per dollar", periods=3, generations=[old | {"resale": 0.0}, NEW]).orders("New") == {}


def test_best_per_watt_pays_any_price_for_compute_per_mw():
    dear = {"generation": "Dense", "compute": 300.0, "price": 90_000_000.0, "power_kw": 250.0}
    done = play_all(make(periods=2, generations=[{}, dear]))
    assert done["best per watt"].orders() == {("Dense", "2030"): 4}
    assert done["best per dollar"].orders() == {("A", "2030"): 10}


def test_best_per_watt_sizes_for_the_thriftiest_mode():
    # capped: 60 % of the power, 80 % of the compute: 16 units of 60 kW give 1,280, 10 of 100 kW give 1,000
    modes = [{"generation": "A", "mode": "capped", "power_factor": 0.6, "compute_factor": 0.8}]
    done = play_all(make(periods=1, modes=modes))
    assert done["best per watt"].orders() == {("A", "2030"): 16}
    assert done["best per watt"].delivered == [[1300.0]]  # 40 kW are left: one of them runs at full power
    assert done["best per dollar"].orders() == {("A", "2030"): 10}


SITES = [{"site": "Cheap", "energy_per_mwh": 10.0}, {"site": "Early", "energy_per_mwh": 100.0}]


def test_first_site_fills_what_is_energised_first_and_the_cheaper_one_after_it():
    parts = {
        "periods": 4, "sites": SITES, "power": {"Cheap": [0.0, 1.0, 1.0, 1.0], "Early": [1.0, 1.0, 1.0, 1.0]},
        "generations": [{"lead_time": 1}], "allocation": {"A": 10},
    }  # fmt: skip
    done = play_all(make(**parts))
    assert done["first site"].installed("Early") == [0, 10, 10, 10]
    assert done["first site"].installed("Cheap") == [0, 0, 10, 10]
    assert done["best per dollar"].installed("Cheap") == [0, 10, 10, 10]
    assert done["best per dollar"].installed("Early") == [0, 0, 10, 10]


def test_even_budget_spends_the_same_each_period():
    done = play_all(make(periods=3, budget={"capex": [9e6, 0.0, 0.0]}))
    assert done["even budget"].orders("A") == {"2030": 3, "2031": 3, "2032": 3}
    assert done["best per dollar"].orders("A") == {"2030": 9}


def test_even_budget_without_a_limit_spreads_what_best_per_dollar_spends():
    done = play("even budget", periods=5)
    assert done.orders("A") == {"2030": 2, "2031": 2, "2032": 2, "2033": 2, "2034": 2}


def test_keep_lets_nothing_go_before_its_service_life_ends():
    old = OLD | {"opex_per_year": 600_000.0, "service_years": 3}
    done = play("keep", periods=4, generations=[old, NEW])
    assert done.orders() == {("Old", "2030"): 10, ("New", "2033"): 10}
    assert done.sold("Old") == {"2033": 10}
    assert "3 to 6 years" in done.baseline.statement


def test_orders_are_made_for_the_power_of_the_delivery():
    done = play("best per dollar", periods=4, generations=[{"lead_time": 2}], power={"Hall": [0.0, 0.0, 0.4, 1.0]})
    assert done.orders("A") == {"2030": 4, "2031": 6}
    assert sum(done.solution.stored.ravel()) == 0
