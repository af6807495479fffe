"""The fixed-asset register: depreciation from delivery and in service, worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

COLUMNS = ["opening", "additions", "depreciation", "disposals", "closing"]


def register_case(start: str) -> dict[str, list[dict[str, object]]]:
    """Units of 400 over four years. Fleet of 2026: 2 in the hall, 1 in the warehouse. Orders come at once."""
    return {
        "settings": [
            {"key": "start", "value": "2027"}, {"key": "periods", "value": 4},
            {"key": "period_length", "value": "year"}, {"key": "depreciation_start", "value": start},
        ],
        "generations": [
            {"generation": "g", "compute": 1, "power_kw": 10, "price": 400, "depreciation_years": 4,
             "service_years": 9, "resale": 0.5},
        ],
        "sites": [{"site": "hall", "energy_per_mwh": 50}],
        "power": [{"site": "hall", "2027": 1}],
        "fleet": [
            {"generation": "g", "site": "hall", "delivered": "2026", "units": 2, "price": 400},
            {"generation": "g", "site": "warehouse", "delivered": "2026", "units": 1, "price": 400},
        ],
    }  # fmt: skip


def register_plan(bench, standing, sales, forward):
    """Two units ordered in 2027; ``standing`` by year, ``sales`` (year, delivered, units, book value)."""
    rows, before = [], 2
    for year, total in zip(["2027", "2028", "2029", "2030"], standing, strict=True):
        rows.append((year, "hall", "g", max(0, total - before), max(0, before - total), total))
        before = total
    return {
        "orders": bench.table("order delivery generation units", ("2027", "2027", "g", 2)),
        "deployment": bench.table("period site generation installed removed installed_total", *rows),
        "running": bench.table("period site generation mode workload running"),
        "sales": pd.DataFrame(
            [[t, "g", v, n, 200.0 * n, book, 200.0 * n - book] for t, v, n, book in sales],
            columns=["period", "generation", "delivered", "units", "proceeds", "book_value", "gain"],
        ),
        "depreciation": pd.DataFrame(
            [[str(2027 + t), "g", *row] for t, row in enumerate(forward)], columns=["period", "generation", *COLUMNS]
        ),
    }


#: 2027: 3 stand, so the unit that waited (carried at 400) goes into service; the 2 new ones wait at 400 each.
#: 2028: 1 is taken out and sold, of 2026: the oldest in service, two years old, 200. 2029: both new ones go in.
#: 2030: one new unit is taken out and sold after a year of service, 300.
IN_SERVICE = [
    (1000.0, 800.0, 300.0, 0.0, 1500.0),  # 2 × 300 + 400; 2 × 100 + 100
    (1500.0, 0.0, 200.0, 200.0, 1100.0),  # 2 of 2026 left: 100 each
    (1100.0, 0.0, 400.0, 0.0, 700.0),  # and the two new ones 100 each
    (700.0, 0.0, 200.0, 300.0, 200.0),  # the first is written off; 100 + 100
]
#: The same from delivery: all of 2026 age alike (300, 200, 100, 0), the new ones 400, 300, 200, 100.
FROM_DELIVERY = [
    (900.0, 800.0, 500.0, 0.0, 1200.0),
    (1200.0, 0.0, 400.0, 200.0, 600.0),
    (600.0, 0.0, 400.0, 0.0, 200.0),
    (200.0, 0.0, 100.0, 100.0, 0.0),
]


@pytest.mark.parametrize(
    ("start", "forward", "second_sale"),
    [("in_service", IN_SERVICE, 300.0), ("delivery", FROM_DELIVERY, 100.0)],
)
def test_roll_forward_by_hand(bench, start, forward, second_sale):
    """Proves: opening + additions − depreciation − disposals = closing under both start conventions, and sales' books.

    Sensitivity: the plan of one convention fails under the other in ``depreciation`` and in ``sales``.
    """
    sales = [("2028", "2026", 1, 200.0), ("2030", "2027", 1, second_sale)]
    plan = register_plan(bench, [3, 2, 4, 3], sales, forward)
    report = bench.report(register_case(start), plan)
    assert report.passed, report.checks[report.checks["verdict"] == "fail"].to_string()
    other = bench.report(register_case({"in_service": "delivery", "delivery": "in_service"}[start]), plan)
    assert other.failed == ["sheet_sales", "sheet_depreciation"]
    assert other.figures["cost_pv"] == report.figures["cost_pv"]  # the convention never changes the cost


def test_a_sale_takes_units_that_were_never_in_service_before_those_that_serve(bench):
    """Three stand throughout; one new unit is sold in 2028 while both wait: at cost, 400, nothing lost on age."""
    forward = [
        (1000.0, 800.0, 300.0, 0.0, 1500.0),
        (1500.0, 0.0, 300.0, 400.0, 800.0),  # 2 × 100 + 200 + 400 waiting
        (800.0, 0.0, 300.0, 0.0, 500.0),
        (500.0, 0.0, 100.0, 0.0, 400.0),  # 0 + 0 + 0 + 400 still waiting
    ]
    plan = register_plan(bench, [3, 3, 3, 3], [("2028", "2027", 1, 400.0)], forward)
    assert bench.report(register_case("in_service"), plan).failed == []


def test_a_unit_that_serves_is_replaced_by_one_that_waits(bench):
    """Three stand throughout; one of 2026 is sold in 2028 (200) and a new one takes its place, from 2028 on."""
    forward = [
        (1000.0, 800.0, 300.0, 0.0, 1500.0),
        (1500.0, 0.0, 300.0, 200.0, 1000.0),  # (100 + 200) + 300 + 400 waiting
        (1000.0, 0.0, 300.0, 0.0, 700.0),  # 0 + 100 + 200 + 400
        (700.0, 0.0, 200.0, 0.0, 500.0),  # 0 + 0 + 100 + 400
    ]
    plan = register_plan(bench, [3, 3, 3, 3], [("2028", "2026", 1, 200.0)], forward)
    assert bench.report(register_case("in_service"), plan).failed == []


def test_a_roll_forward_that_does_not_roll(bench):
    """Proves: an opening that is not the last closing is found, in money."""
    plan = register_plan(
        bench, [3, 2, 4, 3], [("2028", "2026", 1, 200.0), ("2030", "2027", 1, 300.0)],
        [*IN_SERVICE[:2], (1107.0, 0.0, 400.0, 0.0, 707.0), (707.0, 0.0, 200.0, 300.0, 207.0)],
    )  # fmt: skip
    report = bench.report(register_case("in_service"), plan)
    assert report.failed == ["sheet_depreciation", "roll_forward"]
    assert bench.check(report, "roll_forward")["largest_violation"] == pytest.approx(7.0)


def test_sales_without_a_price_take_the_dearest_units_first(bench):
    """Two cohorts of one delivery (400 and 300): three sold without a price are the two of 400 and one of 300."""
    case = register_case("delivery")
    case["fleet"][1] |= {"price": 300, "units": 2}
    plan = register_plan(bench, [2, 1, 1, 1], [("2028", "2026", 3, 2 * 200.0 + 150.0)], [])
    plan.pop("depreciation")
    plan["sales"][["proceeds", "gain"]] = [[2 * 200.0 + 150.0, 0.0]]  # half the price paid
    assert bench.report(case, plan).failed == []
    plan["sales"]["price_paid"] = 400.0  # three of them cannot have cost 400
    report = bench.report(case, plan)
    assert report.failed == ["cohort_balance", "sheet_sales"]
    assert bench.check(report, "cohort_balance")["largest_violation"] == 1.0
