"""The six objectives, the volume floor and ties, in cases solved by hand.

Unless a test says otherwise: one hall of 1 MW at PUE 1, full utilisation, one year, no discounting. Generations of 100
compute units and 100 kW: A at 1,000,000 USD, of which the vendor lets only some go, and B at 2,000,000.
"""

from __future__ import annotations

from typing import Any

import pytest
from helpers import HOURS, Result, best, make, solve

M = 1_000_000.0
B = {"generation": "B", "price": 2 * M}


def scarce(units: int, floor: float, objective: str, **more: Any) -> Result:
    settings = {"objective": objective, "compute_floor": floor} | more
    return best(generations=[{}, B], allocation={"A": units}, settings=settings)


@pytest.mark.parametrize(
    ("floor", "ratio", "binds"),
    [(0.0, 200 / 2, False), (0.2, 200 / 2, True), (0.5, 500 / 8, True), (1.0, 1000 / 18, True)],
)
def test_compute_per_dollar_shrinks_to_its_floor(floor: float, ratio: float, *, binds: bool) -> None:
    """Proves: two of A and as many of B as the floor asks: 200 per 2,000,000 USD, 500 per 8,000,000, 1,000 per
    18,000,000.

    Sensitivity: without the floor every case would read 100 compute units per million.
    """
    result = scarce(2, floor, "compute_per_dollar")
    assert result.value == pytest.approx(ratio * HOURS / M)
    assert result.bound == pytest.approx(result.value, rel=1e-6)
    assert result.outcome.attainable == pytest.approx(1000 * HOURS)
    assert result.outcome.floor_binds is binds


def test_compute_per_watt_available_counts_stranded_power() -> None:
    """Proves: six units in a hall of ten are 600 compute units per MW.

    Sensitivity: per MW consumed it would be 1,000.
    """
    result = best(settings={"objective": "compute_per_watt", "compute_floor": 0.5}, budget={"capex": 6 * M})
    assert result.value == pytest.approx(600)
    assert result.bound == pytest.approx(600, rel=1e-6)


def test_compute_per_watt_available_shuns_power_it_cannot_fill() -> None:
    """Proves: with a budget of six units an option of 1 MW would lower 600 to 300, so it is not built.

    Sensitivity: if options built did not count in A it would not matter.
    """
    option = [{"option": "gas", "site": "Hall", "adds_mw": 1.0}]
    parts = {"settings": {"objective": "compute_per_watt", "compute_floor": 0.5}, "power_options": option}
    few = best(budget={"capex": 6 * M}, **parts)
    assert (few.builds(), few.value) == ({}, pytest.approx(600))
    # without a budget 20 units fill 2 MW, and ten fill one: the same ratio; it is never better than 1,000
    assert best(**parts).value == pytest.approx(1000)


@pytest.mark.parametrize(("floor", "ratio"), [(0.5, 500 / 0.35), (0.0, 1500.0)])
def test_compute_per_watt_consumed_prefers_the_thrifty_generation(floor: float, ratio: float) -> None:
    """Proves: of 10,000,000 USD three units of C (150 compute units, 3,000,000 USD) run full, and half of one A.

    Sensitivity: without the floor C alone: 1,500 per MW; by available power the ten A would win.
    """
    # most compute: ten A = 1,000; half of it: 3 · 150 from C in 0.3 MW and 50 from A in 0.05 MW
    result = best(
        generations=[{}, {"generation": "C", "compute": 150, "price": 3 * M}],
        budget={"capex": 10 * M},
        settings={"objective": "compute_per_watt", "watt_basis": "consumed", "compute_floor": floor},
    )
    assert result.value == pytest.approx(ratio)
    assert result.bound == pytest.approx(ratio, rel=1e-6)


def test_balanced_is_the_best_smaller_share() -> None:
    """Proves: with n units, n/10 of the best per watt and n/(2n − 5) of the best per dollar: eight units, 72.7 %.

    Sensitivity: seven give 70 %, nine 69 %; the sum of both shares would choose five (150 %), not eight.
    """
    result = scarce(5, 0.5, "balanced")
    assert result.value == pytest.approx(8 / 11)
    assert result.bound == pytest.approx(8 / 11, rel=1e-6)
    assert result.outcome.best_watt == pytest.approx(1000)
    assert result.outcome.best_dollar == pytest.approx(100 * HOURS / M)
    assert sum(result.orders.values()) == 8


def test_balanced_raises_the_other_ratio_as_far_as_it_goes() -> None:
    """Proves: a budget of six units holds compute per watt to 600; of two equal generations the cheaper fills it.

    Sensitivity: without the second solve the dearer would do as well: 600 at 7,000,000 USD rather than 6,000,000.
    """
    case = make(
        generations=[{}, {"generation": "B", "price": 1.1 * M}],
        budget={"capex": 7 * M},
        demand={("all", "maximum"): 600},
        settings={"objective": "balanced", "compute_floor": 0.5},
    )
    result = solve(case)
    assert result.value == pytest.approx(1.0)
    assert result.cost == pytest.approx(6 * M)


def test_most_compute_buys_nothing_that_it_does_not_run() -> None:
    """Proves: of equal plans the cheapest: ten of the cheap generation, none idle.

    Sensitivity: without the tie's second solve any number of either would do.
    """
    result = best(generations=[B | {"generation": "Z"}, {}])
    assert result.value == pytest.approx(1000 * HOURS)
    assert result.cost == pytest.approx(10 * M)


def test_least_cost_without_demand_is_nothing() -> None:
    """Proves: nothing wanted, nothing bought. Sensitivity: a cost that rewarded a purchase would show here."""
    result = best(settings={"objective": "cost"})
    assert (result.value, result.orders) == (pytest.approx(0), {})


def test_npv_stops_where_the_next_unit_no_longer_pays() -> None:
    """Proves: at 0.15 USD an hour a unit earns 131,400: A at 100,000 pays, B at 200,000 does not.

    Sensitivity: most compute would buy both.
    """
    result = best(
        generations=[{"price": 100_000}, {"generation": "B", "price": 200_000}],
        allocation={"A": 4},
        settings={"objective": "npv"},
        demand={("all", "value"): 0.15},
    )
    assert (result.total("A"), result.total("B")) == (4, 0)
    assert result.value == pytest.approx(4 * 31_400)


def test_attainable_compute_is_the_most_there_is() -> None:
    """Proves: coverage refers to 1,000 compute units for every objective.

    Sensitivity: to the plan's own it would be 1.
    """
    for objective in ("compute", "compute_per_dollar", "compute_per_watt", "balanced", "cost", "npv"):
        result = scarce(2, 0.5, objective)
        assert result.outcome.attainable == pytest.approx(1000 * HOURS, rel=1e-6), objective
