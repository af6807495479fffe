"""Money: discounting, resale, terminal value, operating cost, budget and concentration, solved by hand.

Unless a test says otherwise: one hall of 1 MW at PUE 1, one generation A (100 compute units, 100 kW, 1,000,000 USD a
unit), full utilisation, no discounting, nothing back at the end.
"""

from __future__ import annotations

from typing import Any

import pytest
from helpers import HOURS, Result, best

M = 1_000_000.0
U = 100 * HOURS


def cheapest(units: list[float], settings: dict[str, Any] | None = None, **parts: Any) -> Result:
    """Least cost with the compute of so many units delivered in each period."""
    wanted = {("all", "minimum"): [100 * n for n in units]}
    return best(periods=len(units), settings={"objective": "cost"} | (settings or {}), demand=wanted, **parts)


def test_a_purchase_is_paid_at_the_start_of_its_period() -> None:
    """Proves: bought for 2031 it is discounted by one year, at 10 %. Sensitivity: at the period's end 826,446."""
    assert cheapest([0, 1], {"discount_rate": 0.1}).cost == pytest.approx(M / 1.1)


def test_quarters_discount_by_the_annual_rate() -> None:
    """Proves: a purchase in the third quarter is discounted by 1.21^−0.5. Sensitivity: at 5.25 % a quarter 902,730."""
    assert cheapest([0, 0, 1], {"discount_rate": 0.21}, length="quarter").cost == pytest.approx(M / 1.1)


def test_a_unit_no_longer_wanted_is_sold() -> None:
    """Proves: bought for 60 % resale less 20 % a year, wanted in two years, sold at the start of the third for 384,000.

    Sensitivity: without the sale D would be 1,000,000; aged from the horizon's end the sale would bring 307,200.
    """
    sale = {"generations": [{"resale": 0.6, "resale_decline": 0.2}]}
    result = cheapest([1, 1, 0], **sale)
    assert result.sales == {"2032": 1}
    assert result.cost == pytest.approx(616_000)
    assert cheapest([1, 1, 0], {"discount_rate": 0.1}, **sale).cost == pytest.approx(M - 384_000 / 1.21)


def test_resale_ages_from_delivery() -> None:
    """Proves: bought in 2031 and sold in 2032, one year old: 480,000 USD; a unit of 2028 sold in 2030: 384,000.

    Sensitivity: aged from the start of the plan it would be 384,000 and 600,000.
    """
    market = {"resale": 0.6, "resale_decline": 0.2}
    assert cheapest([0, 1, 0], generations=[market]).cost == pytest.approx(M - 480_000)
    old = [{"generation": "A", "site": "warehouse", "delivered": "2028", "units": 1, "price": M}]
    result = cheapest(
        [0], generations=[market | {"available_from": "2040", "depreciation_years": 2, "service_years": 9}], fleet=old
    )
    assert result.cost == pytest.approx(-384_000)  # off the books by then


def test_resale_prices_hold_whatever_the_cohort() -> None:
    """Proves: the table's 500,000 USD of 2032 count. Sensitivity: by the columns the sale would bring 384,000."""
    result = cheapest(
        [1, 1, 0],
        generations=[{"resale": 0.6, "resale_decline": 0.2}],
        resale_prices={"A": [900_000, 700_000, 500_000]},
    )
    assert result.cost == pytest.approx(500_000)


@pytest.mark.parametrize(("terminal", "credit"), [("book", 500_000), ("resale", 384_000), ("zero", 0)])
def test_terminal_value_is_credited_at_the_horizons_end(terminal: str, credit: float) -> None:
    """Proves: after two of four years the books say 500,000 USD, the used market 384,000, discounted by two years.

    Sensitivity: credited at the start of the last period it would be worth a tenth more.
    """
    result = cheapest(
        [1, 1],
        {"terminal_value": terminal, "discount_rate": 0.1},
        generations=[{"resale": 0.6, "resale_decline": 0.2, "depreciation_years": 4}],
    )
    assert result.cost == pytest.approx(M - credit / 1.21)


def test_the_last_resale_price_holds_at_the_horizons_end() -> None:
    """Proves: 400,000 USD of the last column, a year later. Sensitivity: by the columns 480,000 would be credited."""
    result = cheapest(
        [1],
        {"terminal_value": "resale", "discount_rate": 0.1},
        resale_prices={"A": 400_000},
        generations=[{"resale": 0.6, "resale_decline": 0.2}],
    )
    assert result.cost == pytest.approx(M - 400_000 / 1.1)


def test_a_fully_depreciated_unit_has_no_book_value() -> None:
    """Proves: two years' life in three years ends at 0, never below. Sensitivity: unclipped, D would be 1,500,000."""
    result = cheapest(
        [1, 1, 1], {"terminal_value": "book"}, generations=[{"depreciation_years": 2, "service_years": 9}]
    )
    assert result.cost == pytest.approx(M)


def test_operating_cost_grows_with_age() -> None:
    """Proves: 10,000 USD a year growing by half with each year of age: 10,000 + 15,000 + 22,500, and a year's delay.

    Sensitivity: without growth 30,000; aged from 2030 rather than from delivery the late unit would cost 37,500.
    """
    opex = {"generations": [{"opex_per_year": 10_000, "opex_growth": 0.5}]}
    assert cheapest([1, 1, 1], **opex).cost == pytest.approx(M + 47_500)
    assert cheapest([0, 1, 1], **opex).cost == pytest.approx(M + 25_000)
    discounted = cheapest([1, 1], {"discount_rate": 0.25}, **opex)
    assert discounted.cost == pytest.approx(M + 10_000 / 1.25 + 15_000 / 1.25**2)


def test_operating_cost_is_due_for_idle_units_until_they_are_sold() -> None:
    """Proves: an idle unit of the fleet, two years old, is scrapped at once, or costs 22,500 USD if it is wanted.

    Sensitivity: by running units alone an idle unit would stay in the warehouse for nothing.
    """
    parts = {
        "generations": [{"opex_per_year": 10_000, "opex_growth": 0.5, "available_from": "2040"}],
        "fleet": [{"generation": "A", "site": "warehouse", "delivered": "2028", "units": 1, "price": 0}],
    }
    idle = cheapest([0], **parts)
    assert (idle.cost, idle.sales) == (pytest.approx(0), {"2030": 1})
    assert cheapest([1], **parts).cost == pytest.approx(22_500)


@pytest.mark.parametrize(("carry_over", "orders"), [("no", {"2030": 2, "2031": 2}), ("yes", {"2030": 2, "2031": 3})])
def test_budget_with_and_without_carry_over(carry_over: str, orders: dict[str, int]) -> None:
    """Proves: 2,500,000 USD a year buy two and two units, and two and three where the rest carries over.

    Sensitivity: without a budget the hall would be full at once.
    """
    result = best(periods=2, budget={"capex": 2.5 * M}, settings={"budget_carry_over": carry_over})
    assert result.orders == orders


def test_the_budget_pays_for_options_as_well() -> None:
    """Proves: of 5,000,000 USD an option takes one, and five units of power with four units are worth more than
    five units
    of which one has no power.

    Sensitivity: if only hardware counted, five units and the option would be bought: 500 compute units, not 400.
    """
    result = best(
        power={"Hall": 0.1},
        budget={"capex": 5 * M},
        power_options=[{"option": "gas", "site": "Hall", "adds_mw": 0.4, "capex": M}],
    )
    assert result.value == pytest.approx(400 * HOURS)
    shells = best(
        space={"Hall": 1},
        budget={"capex": 5 * M},
        shell_options=[{"option": "annex", "site": "Hall", "adds_racks": 9, "capex": M}],
    )
    assert shells.value == pytest.approx(400 * HOURS)


def test_the_budget_does_not_pay_for_what_is_no_capex() -> None:
    """Proves: installing, the order's fixed cost and a project leave the budget of one unit alone.

    Sensitivity: if they counted, nothing could be bought.
    """
    result = best(
        generations=[{"install_cost": 50_000, "order_cost": 50_000}],
        budget={"capex": M},
        projects=[{"project": "p", "uplift": 0.1, "cost": 50_000, "workload": "*"}],
    )
    assert result.value == pytest.approx(110 * HOURS)
    assert result.cost == pytest.approx(1_150_000)


def test_committed_orders_use_up_budget_at_delivery() -> None:
    """Proves: 600,000 USD committed for 2031 leave too little of a million for another unit in that year.

    Sensitivity: if committed orders were free of the budget a unit could be ordered each year.
    """
    result = best(
        periods=2,
        budget={"capex": M},
        settings={"budget_carry_over": "no"},
        committed=[{"generation": "A", "delivery": "2031", "units": 1, "price": 600_000}],
    )
    assert result.orders == {"2030": 1}


def test_no_generation_takes_more_than_its_share() -> None:
    """Proves: at most 60 % on one: three of the good generation and two of the other, 5,000,000 USD in all.

    Sensitivity: without the share five of the good one: 500 compute units, not 400.
    """
    result = best(
        generations=[{}, {"generation": "B", "compute": 50}],
        budget={"capex": 5 * M},
        settings={"max_generation_share": 0.6},
    )
    assert (result.total("A"), result.total("B")) == (3, 2)
    assert result.value == pytest.approx(400 * HOURS)


def test_committed_orders_count_in_the_share() -> None:
    """Proves: with two of A committed at 1,000,000 USD and half as the most, six units are three and three.

    Sensitivity: if only new orders counted, two more of each could come: 2 + 2 and 2 units: 500, not 450.
    """
    # 4,000,000 of budget beside what is committed: A + B = 6, A ≤ 3: 3 · 100 + 3 · 50 = 450
    result = best(
        generations=[{}, {"generation": "B", "compute": 50}],
        budget={"capex": 6 * M},
        settings={"max_generation_share": 0.5},
        committed=[{"generation": "A", "delivery": "2030", "units": 2, "price": M}],
    )
    assert (result.total("A"), result.total("B")) == (1, 3)
    assert result.value == pytest.approx(450 * HOURS)


def test_installing_is_discounted_to_the_move() -> None:
    """Proves: power comes in 2031, so installing waits: 20,000 USD / 1.25.

    Sensitivity: at the purchase it would be 20,000.
    """
    result = cheapest(
        [0, 1],
        {"discount_rate": 0.25},
        generations=[{"install_cost": 20_000, "last_order": "2030"}],
        power={"Hall": [0, 1]},
    )
    assert result.cost == pytest.approx(M + 20_000 / 1.25)
