"""Energy, its sources, power options, carbon, and what sites charge, solved by hand.

Unless a test says otherwise: one hall at PUE 1, one generation A (100 compute units, 100 kW, 1,000,000 USD a unit),
full utilisation, no discounting, at least the compute of one unit wanted at least cost. One unit draws 876 MWh a year.
"""

from __future__ import annotations

from typing import Any

import pytest
from helpers import HOURS, Result, best

M = 1_000_000.0
U = 100 * HOURS
MWH = 876.0  # of one unit in a year


def cheapest(units: Any = 1, **parts: Any) -> Result:
    """Least cost with the compute of ``units`` (one number or one a period) delivered."""
    wanted = [100 * n for n in units] if isinstance(units, list) else 100 * units
    settings = {"objective": "cost"} | parts.pop("settings", {})
    return best(settings=settings, demand={("all", "minimum"): wanted}, **parts)


def test_energy_is_paid_at_the_end_of_the_period_for_the_average_draw() -> None:
    """Proves: 100 kW · 0.8 average draw · PUE 1.25 · 8,760 h = 876 MWh at 50 USD, a year after the purchase.

    Sensitivity: without the load factor 54,750 USD, without PUE 35,040, without discounting 43,800; it is 39,818.
    """
    result = cheapest(
        generations=[{"load_factor": 0.8}], sites=[{"pue": 1.25, "energy_per_mwh": 50}], settings={"discount_rate": 0.1}
    )
    assert result.cost == pytest.approx(M + 43_800 / 1.1)
    assert result.functional("energy_used") == pytest.approx(MWH)


def test_half_a_unit_running_draws_half_the_energy() -> None:
    """Proves: energy follows the running units, not the installed.

    Sensitivity: by installed units it would be 43,800.
    """
    assert cheapest(0.5, sites=[{"energy_per_mwh": 50}]).cost == pytest.approx(M + 21_900)


def option(**more: Any) -> list[dict[str, Any]]:
    return [{"option": "gas", "site": "Hall", "adds_mw": 1.0} | more]


def test_the_cheaper_source_comes_first_within_its_capacity() -> None:
    """Proves: half the energy from an option of 0.05 MW at 40 USD, the other half from the grid at 100.

    Sensitivity: without the option's capacity 35,040 USD, without the option 87,600; it is 61,320.
    """
    result = cheapest(sites=[{"energy_per_mwh": 100}], power_options=option(adds_mw=0.05, energy_per_mwh=40))
    assert result.cost == pytest.approx(M + 438 * 40 + 438 * 100)


def test_the_grid_gives_no_more_than_its_power_row() -> None:
    """Proves: with 0.05 MW of grid at 100 USD the other half comes from an option at 200.

    Sensitivity: without the grid's limit all of it would come from the grid: 87,600 USD, not 131,400.
    """
    result = cheapest(sites=[{"energy_per_mwh": 100}], power={"Hall": 0.05}, power_options=option(energy_per_mwh=200))
    assert result.cost == pytest.approx(M + 438 * 100 + 438 * 200)


def test_the_grid_of_a_campus_is_limited_as_well() -> None:
    """Proves: the same for a hall that has only its campus' row. Sensitivity: 87,600 USD of energy, not 131,400."""
    result = cheapest(
        sites=[{"campus": "C", "energy_per_mwh": 100}], power={"C": 0.05}, power_options=option(energy_per_mwh=200)
    )
    assert result.cost == pytest.approx(M + 438 * 100 + 438 * 200)


def test_energy_of_an_option_is_not_sold_on() -> None:
    """Proves: a free source of 1 MW gives no more than the hall draws.

    Sensitivity: else 10 · 87,600 USD would come back.
    """
    result = cheapest(sites=[{"energy_per_mwh": 100}], power_options=option())
    assert result.cost == pytest.approx(M)


def test_the_carbon_price_counts_in_the_merit_order() -> None:
    """Proves: gas at 40 USD with 1 t a MWh loses against a clean grid at 100 once a tonne costs 100.

    Sensitivity: ordered by cost alone, 140 USD a MWh would be paid for 438 MWh: 105,120, not 87,600.
    """
    result = cheapest(
        sites=[{"energy_per_mwh": 100}],
        settings={"carbon_price_per_t": 100},
        power_options=option(adds_mw=0.05, energy_per_mwh=40, carbon_kg_per_mwh=1000),
    )
    assert result.cost == pytest.approx(M + 87_600)


def test_the_carbon_price_is_part_of_the_energy_cost() -> None:
    """Proves: 876 MWh · 0.4 t · 50 USD = 17,520. Sensitivity: without the price the energy would be free."""
    result = cheapest(sites=[{"carbon_kg_per_mwh": 400}], settings={"carbon_price_per_t": 50})
    assert result.cost == pytest.approx(M + 17_520)


def test_the_carbon_cap_holds_over_the_horizon() -> None:
    """Proves: 1,051.2 t in two years let three unit-years run at 350.4 t each.

    Sensitivity: without the cap twenty would run, with a cap each year six.
    """
    result = best(periods=2, sites=[{"carbon_kg_per_mwh": 400}], settings={"carbon_cap_t": 1051.2})
    assert result.value == pytest.approx(3 * U)


def test_under_a_carbon_cap_a_dearer_clean_source_serves() -> None:
    """Proves: three units' worth of carbon from the grid, two more units on a clean option at 500 USD.

    Sensitivity: by merit order alone the option would stand idle: three units, not five.
    """
    result = best(
        sites=[{"carbon_kg_per_mwh": 400, "energy_per_mwh": 50}],
        settings={"carbon_cap_t": 1051.2},
        power_options=option(adds_mw=0.2, energy_per_mwh=500),
    )
    assert result.value == pytest.approx(5 * U)
    assert result.cost == pytest.approx(5 * M + 2 * MWH * 500 + 3 * MWH * 50)


def test_an_option_adds_its_firm_share_after_its_lead_time() -> None:
    """Proves: 1 MW at 50 % availability, ordered in 2030 with a year's lead: five units, then ten.

    Sensitivity: without availability 5 + 15, without lead 10 + 10, without the option 5 + 5.
    """
    result = best(periods=2, power={"Hall": 0.5}, power_options=option(availability=0.5, lead_time=1, capex=200_000))
    assert result.running() == [5, 10]
    assert result.builds() == {("gas", "2030"): 1}
    assert result.cost == pytest.approx(10 * M + 200_000)


def test_an_option_is_built_within_its_window() -> None:
    """Proves: not before 2031, with a year's lead: power in 2032. Sensitivity: from 2030 on it would be 5 + 15 + 15."""
    result = best(periods=3, power={"Hall": 0.5}, power_options=option(earliest="2031", lead_time=1))
    assert result.running() == [5, 5, 15]
    late = best(periods=3, power={"Hall": 0.5}, power_options=option(latest="2029"))
    assert late.running() == [5, 5, 5]


def test_an_option_is_built_no_more_often_than_allowed() -> None:
    """Proves: two builds of 0.2 MW. Sensitivity: without the limit, power would have no end."""
    result = best(power={"Hall": 0.5}, power_options=option(adds_mw=0.2, max_builds=2))
    assert result.running() == [9]
    assert result.builds() == {("gas", "2030"): 2}


def test_an_option_costs_its_yearly_charge_from_completion_on() -> None:
    """Proves: 200,000 USD at the start and 30,000 at the end of each of two years in service, discounted.

    Sensitivity: charged from the build on it would be three years: 74,606 USD of charges in value, not 47,332.
    """
    result = cheapest(
        [5, 10, 10],
        periods=3,
        power={"Hall": 0.5},
        settings={"discount_rate": 0.1},
        power_options=option(lead_time=1, capex=200_000, fixed_per_year=30_000),
    )
    units = 5 * M + 5 * M / 1.1
    assert result.cost == pytest.approx(units + 200_000 + 30_000 / 1.1**2 + 30_000 / 1.1**3)


def test_a_neighbours_option_raises_the_campus_limit() -> None:
    """Proves: 2 MW at H2 let 30 units at 30 % average draw stand at H1 behind a connection of 1 MW, lifted by a
    project.

    Sensitivity: without the option ten; if the project's limit forgot it, 21 million unit-hours, not 52.56 million.
    """
    result = best(
        generations=[{"load_factor": 0.3}],
        sites=[{"site": "H1", "campus": "C"}, {"site": "H2", "campus": "C", "utilisation": 0.1}],
        power={"C": 1.0},
        power_options=[{"option": "gas", "site": "H2", "adds_mw": 2.0}],
        projects=[{"project": "p", "workload": "*", "uplift": 1.0}],
    )
    assert result.value == pytest.approx(2 * 30 * U)


def test_rent_is_paid_for_installed_units_running_or_not() -> None:
    """Proves: a unit without power that would cost 50,000 USD to remove stays and pays 125 kW · 10 USD · 12.

    Sensitivity: rent on running units alone would be 0, not 15,000.
    """
    result = best(
        generations=[{"available_from": "2040", "remove_cost": 50_000}],
        sites=[{"pue": 1.25, "rent_per_kw_month": 10}],
        power={"Hall": 0.0},
        fleet=[{"generation": "A", "site": "Hall", "delivered": "2029", "units": 1, "price": 0}],
    )
    assert result.cost == pytest.approx(15_000)


def test_rent_falls_due_at_the_end_of_each_period() -> None:
    """Proves: two half years of 7,500 USD each at 21 % a year. Sensitivity: at the start it would be 14,318."""
    result = cheapest(
        length="half", periods=2, sites=[{"pue": 1.25, "rent_per_kw_month": 10}], settings={"discount_rate": 0.21}
    )
    assert result.cost == pytest.approx(M + 7_500 / 1.1 + 7_500 / 1.21)


def test_take_or_pay_is_due_whatever_is_used() -> None:
    """Proves: 1 MW at 5 USD a kW and month costs 60,000 a year, empty as it is; half a year costs half.

    Sensitivity: charged on use it would be 0.
    """
    assert cheapest(0, sites=[{"capacity_per_kw_month": 5}]).cost == pytest.approx(60_000)
    assert cheapest(0, length="half", sites=[{"capacity_per_kw_month": 5}]).cost == pytest.approx(30_000)


def test_take_or_pay_leaves_options_out_and_follows_the_ramp() -> None:
    """Proves: 0.4, then 1 MW of grid are charged, the option's megawatt is not.

    Sensitivity: with it 204,000, not 84,000.
    """
    result = cheapest(
        [0, 20], periods=2, sites=[{"capacity_per_kw_month": 5}], power={"Hall": [0.4, 1.0]}, power_options=option()
    )
    assert result.cost == pytest.approx(20 * M + 24_000 + 60_000)


def test_a_site_without_a_row_of_its_own_pays_for_the_rest_of_its_campus() -> None:
    """Proves: H1 pays for its 0.4 MW at 5 USD, H2 for the campus' other 0.6 MW at 10.

    Sensitivity: if H2 paid nothing 24,000 USD, if it paid for the whole campus 144,000; it is 96,000.
    """
    sites = [
        {"site": "H1", "campus": "C", "capacity_per_kw_month": 5},
        {"site": "H2", "campus": "C", "capacity_per_kw_month": 10},
    ]
    assert cheapest(0, sites=sites, power={"H1": 0.4, "C": 1.0}).cost == pytest.approx(24_000 + 72_000)
    shared = [site | {"capacity_per_kw_month": 10} for site in [*sites, {"site": "H3", "campus": "C"}]]
    assert cheapest(0, sites=shared, power={"H1": 0.4, "C": 1.0}).cost == pytest.approx(120_000)


def test_the_fixed_cost_of_a_site_is_a_share_of_its_year() -> None:
    """Proves: 250,000 USD a year are 62,500 a quarter, due at its end.

    Sensitivity: at the start 123,529, not 120,620.
    """
    result = cheapest(
        0, length="quarter", periods=2, sites=[{"fixed_per_year": 250_000}], settings={"discount_rate": 0.1}
    )
    assert result.cost == pytest.approx(62_500 * (1.1**-0.25 + 1.1**-0.5))
