"""Sites: conservation, moves, running, power modes, power, space, density, cooling and licences, solved by hand.

Unless a test says otherwise: one hall of 1 MW at PUE 1, one generation A (100 compute units, 100 kW, 1,000,000 USD a
unit), full utilisation, no discounting. Ten units fill the hall; one gives 876,000 unit-hours a year.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from helpers import HOURS, best, make, solve

from procure.solving.engine import Infeasible

M = 1_000_000.0
U = 100 * HOURS  # unit-hours of one unit of A in a year
TWO = [{"site": "H1"}, {"site": "H2"}]


def test_a_unit_stands_at_one_site_at_a_time() -> None:
    """Proves: one unit bought for two empty halls runs once. Sensitivity: without conservation it would run in both."""
    assert best(sites=TWO, power={"H1": 1.0, "H2": 1.0}, budget={"capex": M}).value == pytest.approx(U)


def test_moving_a_unit_costs_removing_and_installing() -> None:
    """Proves: installed at H1 (20,000), taken out (5,000) and installed at H2 (20,000) as the power goes there.

    Sensitivity: without the moves' rows D would be 1,000,000, not 1,045,000; it is discounted at each move's start.
    """
    parts = {
        "periods": 2,
        "generations": [{"install_cost": 20_000, "remove_cost": 5_000}],
        "sites": TWO,
        "power": {"H1": [0.1, 0.0], "H2": [0.0, 0.1]},
        "demand": {("all", "minimum"): 100},
    }
    assert best(settings={"objective": "cost"}, **parts).cost == pytest.approx(1_045_000)
    later = best(settings={"objective": "cost", "discount_rate": 0.25}, **parts)
    assert later.cost == pytest.approx(1_020_000 + 25_000 / 1.25)


def test_leaving_for_good_is_a_removal_too() -> None:
    """Proves: a fleet unit at the end of its service life costs its removal, 5,000 USD.

    Sensitivity: if only units that stay somewhere were counted D would be 0.
    """
    result = best(
        generations=[{"available_from": "2040", "remove_cost": 5_000}],
        fleet=[{"generation": "A", "site": "Hall", "delivered": "2024", "units": 1, "price": M}],
    )
    assert result.cost == pytest.approx(5_000)


def test_the_fleet_is_installed_before_the_first_period() -> None:
    """Proves: units that already stand in the hall pay no installation, those in the warehouse do.

    Sensitivity: if both paid it would be 40,000 USD of installation, not 20,000.
    """
    rows = [
        {"generation": "A", "site": place, "delivered": "2029", "units": 1, "price": 0}
        for place in ("Hall", "warehouse")
    ]
    result = best(generations=[{"available_from": "2040", "install_cost": 20_000}], fleet=rows)
    assert result.value == pytest.approx(2 * U)
    assert result.cost == pytest.approx(20_000)


def test_a_unit_runs_only_where_it_is_installed() -> None:
    """Proves: one unit of 1,000,000 USD runs as one. Sensitivity: without running ≤ installed power would allow ten."""
    assert best(budget={"capex": M}).running() == [1]


def test_modes_trade_power_for_units() -> None:
    """Proves: at half power and 75 % of the compute, 20 units give 1,500 where ten at full power give 1,000.

    Sensitivity: without the table's mode the hall would deliver 8,760,000 unit-hours, not 13,140,000.
    """
    eco = [{"generation": "A", "mode": "eco", "power_factor": 0.5, "compute_factor": 0.75}]
    result = best(modes=eco)
    assert result.value == pytest.approx(1500 * HOURS)
    assert result.running(mode="eco") == [20]


def test_modes_mix_where_units_are_short_as_well() -> None:
    """Proves: 15 units in 1 MW run 5 full and 10 eco: 500 + 750 = 1,250; a mode for any generation is one for A.

    Sensitivity: with one mode for all units it would be 15 · 75 = 1,125 at best.
    """
    eco = [{"generation": "*", "mode": "eco", "power_factor": 0.5, "compute_factor": 0.75}]
    result = best(modes=eco, budget={"capex": 15 * M})
    assert result.value == pytest.approx(1250 * HOURS)
    assert (result.running(mode="full"), result.running(mode="eco")) == ([5], [10])


def test_a_row_named_full_replaces_full() -> None:
    """Proves: with full at 80 % of the power 12.5 units run. Sensitivity: with the built-in full it would be 10."""
    result = best(modes=[{"generation": "A", "mode": "full", "power_factor": 0.8, "compute_factor": 1.0}])
    assert result.value == pytest.approx(1250 * HOURS)


def test_a_mode_worse_than_a_mix_changes_nothing() -> None:
    """Proves: half power at 40 % of the compute is worse than running half the units, and left out.

    Sensitivity: a mode that was wrongly kept for efficient ones would change 1,000; one wrongly left out shows above.
    """
    poor = [{"generation": "A", "mode": "poor", "power_factor": 0.5, "compute_factor": 0.4}]
    assert best(modes=poor).value == pytest.approx(1000 * HOURS)


def test_power_counts_overhead_and_pue() -> None:
    """Proves: a unit of 100 kW with 10 % network and storage at PUE 1.25 draws 137.5 kW: eight in 1.1 MW.

    Sensitivity: without PUE ten would run, without overhead 8.8, without both 11.
    """
    result = best(sites=[{"pue": 1.25, "overhead": 0.1}], power={"Hall": 1.1})
    assert result.running() == [8]


def test_power_ramps_period_by_period() -> None:
    """Proves: 0.3 MW, then 0.7 MW run three, then seven.

    Sensitivity: with the last year's power it would be 14 in all.
    """
    assert best(periods=2, power={"Hall": [0.3, 0.7]}).running() == [3, 7]


def test_a_campus_caps_the_sum_of_its_sites() -> None:
    """Proves: halls of 0.6 MW each behind a 1 MW connection run ten units.

    Sensitivity: without the campus' row twelve.
    """
    result = best(
        sites=[{"site": "H1", "campus": "C"}, {"site": "H2", "campus": "C"}], power={"H1": 0.6, "H2": 0.6, "C": 1.0}
    )
    assert result.running() == [10]


def test_a_site_keeps_its_own_cap_within_a_campus() -> None:
    """Proves: 0.3 MW of the campus' 1 MW reach the good hall, the rest the one at half utilisation: 300 + 350 = 650.

    Sensitivity: without the hall's own row all would run in the good one: 1,000.
    """
    result = best(
        sites=[{"site": "H1", "campus": "C"}, {"site": "H2", "campus": "C", "utilisation": 0.5}],
        power={"H1": 0.3, "C": 1.0},
    )
    assert result.value == pytest.approx(650 * HOURS)


def test_racks_limit_installed_units() -> None:
    """Proves: ten positions hold five units of two racks; the sheet ``space`` overrides the column ``racks``.

    Sensitivity: without the space row ten units would stand; by the column alone it would be two.
    """
    result = best(generations=[{"racks": 2, "rack_kw": 50}], sites=[{"racks": 4}], space={"Hall": 10})
    assert result.installed("A", "Hall") == [5]
    assert best(generations=[{"racks": 2, "rack_kw": 50}], sites=[{"racks": 4}]).installed("A", "Hall") == [2]


def test_space_may_shrink() -> None:
    """Proves: as positions fall from ten to three, seven units go back to the warehouse.

    Sensitivity: without the second year's row twenty unit-years would be delivered, not thirteen.
    """
    assert best(periods=2, space={"Hall": [10, 3]}).installed("A", "Hall") == [10, 3]


def test_units_without_racks_need_no_space() -> None:
    """Proves: a unit that takes no rack position fits a full hall, also where a project must bound its compute.

    Sensitivity: if no racks meant no candidate the hall would deliver nothing, not 10 · 100 · 1.5.
    """
    result = best(
        generations=[{"racks": 0, "rack_kw": 100}],
        sites=[{"racks": 0}],
        projects=[{"project": "p", "uplift": 0.5, "workload": "*"}],
    )
    assert result.value == pytest.approx(1500 * HOURS)


def test_shells_add_racks_after_their_lead_time() -> None:
    """Proves: six positions ordered in 2030 serve in 2031: four units, then ten.

    Sensitivity: without the shell 8 unit-years, without its lead time 20; it is 14.
    """
    shell = {"option": "annex", "site": "Hall", "adds_racks": 6, "capex": 100_000, "lead_time": 1}
    result = best(periods=2, space={"Hall": 4}, shell_options=[shell])
    assert result.value == pytest.approx(14 * U)
    assert result.builds("shell") == {("annex", "2030"): 1}
    assert result.cost == pytest.approx(10 * M + 100_000)


def test_a_shell_is_built_within_its_window_and_no_more_often_than_allowed() -> None:
    """Proves: two annexes of two positions, not before 2031, make 4 + 8 + 8 unit-years.

    Sensitivity: from 2030 on it would be 24; with one build 16, with three 4 + 10 + 10.
    """
    shell = {"option": "annex", "site": "Hall", "adds_racks": 2, "earliest": "2031", "latest": "2031", "max_builds": 2}
    result = best(periods=3, space={"Hall": 4}, shell_options=[shell])
    assert result.value == pytest.approx(20 * U)
    assert result.builds("shell") == {("annex", "2031"): 2}


def test_density_decides_where_a_unit_can_stand() -> None:
    """Proves: a rack of 100 kW is no candidate in a hall of 50 kW a rack; it runs in the other, at half utilisation.

    Sensitivity: without the density rule the better hall would take all: 1,500, not 500.
    """
    result = best(
        sites=[{"site": "H1", "max_rack_kw": 50}, {"site": "H2", "utilisation": 0.5}], power={"H1": 1.0, "H2": 1.0}
    )
    assert result.value == pytest.approx(500 * HOURS)
    spread = best(generations=[{"racks": 2}], sites=[{"max_rack_kw": 50}])  # two racks of 50 kW: it fits
    assert spread.value == pytest.approx(1000 * HOURS)


@pytest.mark.parametrize(
    ("unit", "hall", "fits"),
    [
        ("air", "air", True),
        ("air", "liquid", False),
        ("air", "both", True),
        ("liquid", "air", False),
        ("liquid", "liquid", True),
        ("liquid", "both", True),
    ],
)
def test_cooling_decides_where_a_unit_can_stand(unit: str, hall: str, *, fits: bool) -> None:
    """Proves: a unit stands where the hall has its cooling. Sensitivity: without the rule all six would be full."""
    result = best(generations=[{"cooling": unit}], sites=[{"cooling": hall}])
    assert result.value == pytest.approx(1000 * HOURS if fits else 0.0)


def test_existing_units_leave_a_site_that_cannot_take_them() -> None:
    """Proves: an air-cooled unit standing in a liquid-cooled hall leaves at the start and runs in the other.

    Sensitivity: if it could stay in H1 there would be no move: 0 USD, not 5,000 + 20,000.
    """
    result = best(
        generations=[{"available_from": "2040", "install_cost": 20_000, "remove_cost": 5_000}],
        sites=[{"site": "H1", "cooling": "liquid"}, {"site": "H2"}],
        power={"H1": 1.0, "H2": 1.0},
        fleet=[{"generation": "A", "site": "H1", "delivered": "2029", "units": 1, "price": 0}],
    )
    assert result.installed("A", "H2") == [1]
    assert result.cost == pytest.approx(25_000)


def test_a_licence_opens_a_site_from_its_date_on() -> None:
    """Proves: licensed from 2031, the hall delivers one year of two. Sensitivity: without the date it would be two."""
    result = best(periods=2, licences=[{"generation": "A", "site": "Hall", "from": "2031"}])
    assert result.installed("A", "Hall") == [0, 10]


def test_a_licence_caps_installs_over_time_not_stock() -> None:
    """Proves: four installs in all; units that had to leave in 2031 (no positions) may not come back in 2032.

    Sensitivity: capped in stock alone they would come back: 8 unit-years, not 4.
    """
    licence = [{"generation": "A", "site": "Hall", "max_units": 4}]
    assert best(periods=3, space={"Hall": [4, 0, 4]}, licences=licence).value == pytest.approx(4 * U)
    assert best(periods=3, licences=licence).value == pytest.approx(12 * U)  # kept, four units serve every year


def test_a_licence_counts_the_fleet_that_stands_there() -> None:
    """Proves: three units there and a cap of four leave room for one. Sensitivity: uncounted it would be 7 units."""
    result = best(
        licences=[{"generation": "A", "site": "Hall", "max_units": 4}],
        fleet=[{"generation": "A", "site": "Hall", "delivered": "2029", "units": 3, "price": 0}],
    )
    assert result.value == pytest.approx(4 * U)


def test_a_licence_for_all_caps_the_sum_of_generations() -> None:
    """Proves: ``*`` with four units lets four in, whatever they are.

    Sensitivity: four of each would give 760, not 400.
    """
    result = best(
        generations=[{}, {"generation": "B", "compute": 90}],
        licences=[{"generation": "*", "site": "Hall", "max_units": 4}],
    )
    assert result.value == pytest.approx(400 * HOURS)


def test_a_row_of_its_own_beats_the_row_for_all() -> None:
    """Proves: nothing is allowed but A. Sensitivity: without the ``*`` row B (200) would fill the hall: 2,000, not
    1,000;

    without A's own row it would stay empty.
    """
    rows = [{"generation": "A", "site": "Hall", "allowed": "yes"}, {"generation": "*", "site": "Hall", "allowed": "no"}]
    result = best(generations=[{}, {"generation": "B", "compute": 200}], licences=rows)
    assert result.value == pytest.approx(1000 * HOURS)
    swapped = best(generations=[{}, {"generation": "B", "compute": 200}], licences=rows[::-1])
    assert swapped.value == pytest.approx(1000 * HOURS)


def test_a_unit_can_leave_a_site_that_would_be_over_full() -> None:
    """Proves: a fleet of five in a hall of three positions sends two to the warehouse, none is lost.

    Sensitivity: if units at the start could not leave there would be no plan.
    """
    result = best(
        generations=[{"available_from": "2040"}],
        space={"Hall": 3},
        fleet=[{"generation": "A", "site": "Hall", "delivered": "2029", "units": 5, "price": 0}],
    )
    assert result.installed("A", "Hall") == [3]
    assert result.solution.stored.tolist() == [[2]]


def test_a_demand_that_no_hall_can_meet_leaves_no_plan() -> None:
    """Proves: 1,001 compute units from a hall of 1,000 are refused.

    Sensitivity: as a wish, not a row, 1,000 would do.
    """
    case = make(settings={"objective": "cost"}, demand={("all", "minimum"): 1000})
    assert solve(case).orders == {"2030": 10}
    with pytest.raises(Infeasible):
        solve(replace(case, demand_min=np.array([[1001.0]])))  # the reader would not let it through
