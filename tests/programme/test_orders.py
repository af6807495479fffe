"""Orders and cohorts, each rule in a case small enough to solve by hand.

Unless a test says otherwise: one hall of 1 MW at PUE 1, one generation A (100 compute units, 100 kW, 1,000,000 USD a
unit), full utilisation, no discounting, nothing back at the end. Ten units fill the hall; one unit gives 100 compute
units on average over a year (``demand`` counts in that unit), that is 876,000 unit-hours.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from helpers import HOURS, best, make, solve

from procure.errors import InfeasibleError
from procure.solving.engine import Unbounded

M = 1_000_000.0


def test_a_cohort_sells_no_more_units_than_it_has() -> None:
    """Proves: two units of the fleet, 500,000 USD each on the used market, bring 1,000,000 and not a dollar more.

    Sensitivity: without the cohort's supply the sale would have no end (unbounded).
    """
    # opening book: 2 · 1,000,000 · 5/6 = 1,666,667 (one year old, six years' life); less 2 · 500,000
    result = best(
        generations=[{"available_from": "2040", "resale": 0.5}],
        settings={"objective": "cost"},
        fleet=[{"generation": "A", "site": "warehouse", "delivered": "2029", "units": 2, "price": M}],
    )
    assert result.cost == pytest.approx(10 * M / 6 - M)
    assert result.sales == {"2030": 2}


def test_a_sale_takes_the_cohort_that_is_worth_least_on_the_books() -> None:
    """Proves: with one unit to keep, the old one (no book value left) is sold and the young one kept.

    Sensitivity: if units had no delivery period the best cost would be that of selling either: 533,333, not −133,333.
    """
    # keep young: opening 833,333 − 300,000 (sale of the old) − 666,667 (book of the young at the end) = −133,333
    # keep old:   opening 833,333 − 300,000 (sale of the young) − 0 = 533,333
    result = best(
        generations=[{"available_from": "2040", "service_years": 20}],
        resale_prices={"A": 300_000},
        settings={"objective": "cost", "terminal_value": "book"},
        demand={("all", "minimum"): 100},
        fleet=[
            {"generation": "A", "site": "warehouse", "delivered": year, "units": 1, "price": M}
            for year in ("2024", "2029")
        ],
    )
    assert result.cost == pytest.approx(-133_333.33, abs=0.01)


def test_the_fleet_enters_at_book_value() -> None:
    """Proves: a unit of the fleet costs what the books still say, and gives back what they say at the end.

    Sensitivity: without its opening book value D would be −666,667, not 166,667 (one year's depreciation).
    """
    fleet = [{"generation": "A", "site": "Hall", "delivered": "2029", "units": 1, "price": M}]
    result = best(generations=[{"available_from": "2040"}], settings={"terminal_value": "book"}, fleet=fleet)
    assert result.cost == pytest.approx(M / 6)
    assert result.value == pytest.approx(100 * HOURS)


def test_service_life_ends_a_cohort() -> None:
    """Proves: units with two years of service must be replaced in the third.

    Sensitivity: without service life one purchase would do: 10,000,000, not 10,000,000 + 10,000,000 / 1.1².
    """
    result = best(
        periods=3,
        generations=[{"service_years": 2}],
        settings={"objective": "cost", "discount_rate": 0.1},
        demand={("all", "minimum"): 1000},
    )
    assert result.orders == {"2030": 10, "2032": 10}
    assert result.sales == {"2032": 10}
    assert result.cost == pytest.approx(10 * M + 10 * M / 1.21)


def test_a_fleet_beyond_its_service_life_leaves_at_once() -> None:
    """Proves: a unit of 2024 with six years of service is gone in 2030.

    Sensitivity: without service life it would still deliver 876,000 unit-hours, not 0.
    """
    result = best(
        generations=[{"available_from": "2040"}],
        fleet=[{"generation": "A", "site": "Hall", "delivered": "2024", "units": 1, "price": M}],
    )
    assert result.value == 0
    assert result.sales == {"2030": 1}


def test_a_service_life_shorter_than_a_period_is_none() -> None:
    """Proves: a unit that must be gone half a year after delivery serves no full year.

    Sensitivity: rounded up to one period the hall would deliver 8,760,000 unit-hours, not 0.
    """
    assert best(generations=[{"service_years": 0.5}]).value == 0


def test_committed_orders_come_at_their_price() -> None:
    """Proves: two committed units at 800,000 USD, due in 2031, are paid and run then.

    Sensitivity: without the committed cohort D and compute would be 0, not 1,454,545 (two at 800,000, a year's
    discount).
    """
    result = best(
        periods=2,
        generations=[{"available_from": "2040"}],
        settings={"discount_rate": 0.1},
        committed=[{"generation": "A", "delivery": "2031", "units": 2, "price": 800_000}],
    )
    assert result.cost == pytest.approx(2 * 800_000 / 1.1)
    assert result.running() == [0, 2]


def test_orders_come_in_lots() -> None:
    """Proves: 10,500,000 USD buy two lots of four.

    Sensitivity: unit by unit it would be ten units (8,760,000 unit-hours), not eight.
    """
    result = best(generations=[{"lot": 4}], budget={"capex": 10.5 * M})
    assert result.orders == {"2030": 8}
    assert result.value == pytest.approx(8 * 100 * HOURS)


def test_an_order_is_nothing_or_its_minimum() -> None:
    """Proves: with 4,000,000 USD a year that carry over, five units at least make the first order wait a year.

    Sensitivity: without the minimum four units would come each year: 12 unit-years, not 8.
    """
    result = best(periods=2, generations=[{"min_order": 5}], budget={"capex": 4 * M})
    assert result.orders == {"2031": 8}
    assert result.value == pytest.approx(8 * 100 * HOURS)


def test_the_minimum_is_reached_in_whole_lots() -> None:
    """Proves: with lots of four and a minimum of five the least order is eight units.

    Sensitivity: without the minimum one lot (400 compute units, 4,000,000 USD) would meet the demand, not 8,000,000.
    """
    result = best(
        generations=[{"lot": 4, "min_order": 5}], settings={"objective": "cost"}, demand={("all", "minimum"): 300}
    )
    assert result.orders == {"2030": 8}
    assert result.cost == pytest.approx(8 * M)


def test_allocation_caps_the_units_of_an_order_period() -> None:
    """Proves: three units in 2030 and two in 2031 are all that the vendor lets go.

    Sensitivity: without allocation both years would see ten units: 20 unit-years, not 3 + 5.
    """
    result = best(periods=2, allocation={"A": [3, 2]})
    assert result.orders == {"2030": 3, "2031": 2}
    assert result.value == pytest.approx(8 * 100 * HOURS)


def test_an_allocation_below_a_lot_lets_nothing_through() -> None:
    """Proves: three allocated units are no lot of four. Sensitivity: rounded up it would be 4 units, not none."""
    assert best(generations=[{"lot": 4}], allocation={"A": 3}).orders == {}


def test_orders_only_between_available_from_and_last_order() -> None:
    """Proves: a product sold in 2031 alone is ordered in 2031 alone.

    Sensitivity: without the window two units a year would give 2·3 + 2·2 + 2 = 12 unit-years, not 2·2.
    """
    result = best(
        periods=3,
        generations=[{"available_from": "2031", "last_order": "2031"}],
        budget={"capex": 2 * M},
        settings={"budget_carry_over": "no"},
    )
    assert result.orders == {"2031": 2}
    assert result.value == pytest.approx(4 * 100 * HOURS)


def test_lead_time_delays_delivery_and_ends_ordering() -> None:
    """Proves: ordered in 2030 with a year's lead time, units run in 2031; an order of 2031 would come too late.

    Sensitivity: without lead time the hall would be full for two years (17,520,000 unit-hours), not one.
    """
    result = best(periods=2, generations=[{"lead_time": 1}])
    assert result.orders == {"2030": 10}
    assert result.running() == [0, 10]


def test_deposit_is_paid_with_the_order() -> None:
    """Proves: 40 % of the price fall due with the order, 60 % a year later on delivery.

    Sensitivity: paid on delivery it would be 909,091; paid with the order 1,000,000; it is 945,455.
    """
    result = best(
        periods=2,
        generations=[{"lead_time": 1, "deposit": 0.4}],
        settings={"objective": "cost", "discount_rate": 0.1},
        demand={("all", "minimum"): [0, 100]},
    )
    assert result.cost == pytest.approx(400_000 + 600_000 / 1.1)


@pytest.mark.parametrize("order_cost", [0, 1])
def test_deposit_and_balance_draw_on_the_budgets_of_their_own_periods(order_cost: float) -> None:
    """Proves: 500,000 USD now and 500,000 next year buy two units between two budgets of 1,000,000.

    Sensitivity: with the whole price in one period (or an order limited to what one budget pays) it would be one unit.
    """
    result = best(
        periods=2,
        generations=[{"lead_time": 1, "deposit": 0.5, "order_cost": order_cost}],
        budget={"capex": M},
        settings={"budget_carry_over": "no"},
    )
    assert result.orders == {"2030": 2}


def test_a_fixed_cost_of_an_order_joins_orders() -> None:
    """Proves: 600,000 USD an order make one order of ten (10,600,000) better than 5 now and 5 next year at 900,000.

    Sensitivity: without the order cost the split would win at 9,500,000; it costs 10,700,000 with it.
    """
    parts = {
        "periods": 2,
        "prices": {"A": [M, 900_000]},
        "demand": {("all", "minimum"): [500, 1000]},
        "settings": {"objective": "cost"},
    }
    joined = best(generations=[{"order_cost": 600_000}], **parts)
    assert joined.orders == {"2030": 10}
    assert joined.cost == pytest.approx(10.6 * M)
    split = best(generations=[{"order_cost": 300_000}], **parts)  # 5.0 + 0.3 + 4.5 + 0.3
    assert split.orders == {"2030": 5, "2031": 5}
    assert split.cost == pytest.approx(10.1 * M)


def test_prices_override_price() -> None:
    """Proves: the table's 500,000 USD of 2031 count. Sensitivity: by the column ``price`` D would be 1,000,000."""
    result = best(
        periods=2, prices={"A": [M, 500_000]}, settings={"objective": "cost"}, demand={("all", "minimum"): [0, 100]}
    )
    assert result.cost == pytest.approx(500_000)


@pytest.mark.parametrize(("available", "price"), [(None, 810_000), ("2031", 900_000), ("2028", 656_100)])
def test_price_declines_from_availability_on(available: str | None, price: float) -> None:
    """Proves: 10 % a year from ``available_from`` (blank: the start) to the order's period, 2032.

    Sensitivity: without the decline D would be 1,000,000; it is 0.9² (blank), 0.9 (2031) and 0.9⁴ (2028) of it.
    """
    result = best(
        periods=3,
        generations=[{"price_decline": 0.1, "available_from": available}],
        settings={"objective": "cost"},
        demand={("all", "minimum"): [0, 0, 100]},
    )
    assert result.orders == {"2032": 1}
    assert result.cost == pytest.approx(price)


def test_a_unit_that_sells_for_more_than_it_costs_is_refused() -> None:
    """Proves: endless buying and selling is reported, not answered with some number.

    Sensitivity: with a limit on orders of the programme's own making a plan would come back.
    """
    case = make(periods=2, settings={"objective": "cost"})
    dear = replace(case.generations, resale_price=np.full((1, 3), 2 * M))  # the reader would not let it through
    with pytest.raises(Unbounded):
        solve(replace(case, generations=dear))


def test_committed_orders_beyond_the_budget_leave_no_plan() -> None:
    """Proves: given orders count in the budget even where nothing else can be bought.

    Sensitivity: without a row for them a plan would be found that breaks the budget by 500,000 USD.
    """
    case = make(
        periods=2,
        settings={"budget_carry_over": "no"},
        generations=[{"available_from": "2031"}],
        budget={"capex": 2 * M},
        committed=[{"generation": "A", "delivery": "2030", "units": 2, "price": M}],
    )
    assert solve(case).orders == {"2031": 2}
    with pytest.raises(InfeasibleError, match="budget"):
        solve(replace(case, budget=np.array([1.5 * M, 2 * M])))  # the reader would not let it through


def test_committed_orders_beyond_their_share_leave_no_plan() -> None:
    """Proves: one generation committed, no other to buy, and half as the most that one may take, is refused.

    Sensitivity: without a row for them a plan would be found with all of the capex on one.
    """
    case = make(
        generations=[{"available_from": "2040"}],
        committed=[{"generation": "A", "delivery": "2030", "units": 2, "price": M}],
    )
    with pytest.raises(InfeasibleError, match="share"):
        solve(case, max_generation_share=0.5)
