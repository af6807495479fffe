"""The Preinreich-Lücke theorem: cash and books give one cost.

PV(straight-line depreciation + capital charge at ρ on the opening book value + losses on disposal)
= PV(capex − resale − terminal book value), to 1e-9, for any cohorts, sales and rates. It is what lets D speak to a
controller (depreciation, cost of capital) and to a treasurer (cash) at once.

Sensitivity: a charge on the closing instead of the opening book value, or flows discounted one period off, break it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procure.audit import audit
from procure.finance import book_value, discount, period_rate
from procure.reading import read_frames


def books_and_cash(seed: int, rate: float, years: float, *, closing: bool = False) -> tuple[float, float]:
    """Both sides for random cohorts delivered before and in the horizon, sold bit by bit for random proceeds."""
    rng = np.random.default_rng(seed)
    T, cohorts = int(rng.integers(1, 30)), int(rng.integers(1, 12))
    delta = discount(rate, years, np.arange(T + 1))
    rho = period_rate(rate, years)
    books = cash = 0.0
    for _ in range(cohorts):
        v = int(rng.integers(-8, T))
        units, price, life = int(rng.integers(1, 500)), float(rng.uniform(1, 4e6)), float(rng.uniform(0.3, 8))
        book = book_value(price, years * np.maximum(0, np.arange(T + 1) - v), life)
        owned = units
        cash += units * (book[0] if v < 0 else price * delta[v])
        for t in range(max(v, 0), T):
            sold = int(rng.integers(0, owned + 1)) if rng.random() < 0.3 else 0
            proceeds = sold * float(rng.uniform(0, 1.2 * price))
            owned -= sold
            cash -= proceeds * delta[t]
            books += (sold * book[t] - proceeds) * delta[t]
            charged = book[t + 1] if closing else book[t]
            books += owned * (book[t] - book[t + 1] + rho * charged) * delta[t + 1]
        cash -= owned * book[T] * delta[T]
    return books, cash


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rate=st.floats(0.0, 0.5),
    years=st.sampled_from([1 / 12, 0.25, 0.5, 1.0]),
)
def test_books_equal_cash_on_random_cohorts(seed, rate, years):
    books, cash = books_and_cash(seed, rate, years)
    assert books == pytest.approx(cash, rel=1e-9, abs=1e-3)


def test_a_charge_on_the_closing_book_value_would_not_do():
    books, cash = books_and_cash(7, 0.08, 0.25, closing=True)
    assert abs(books / cash - 1) > 1e-4


def random_case_and_plan(seed: int) -> tuple[dict[str, list[dict[str, object]]], dict[str, pd.DataFrame]]:
    """One hall, three generations with deposits; orders, a fleet, committed units and sales at random."""
    rng = np.random.default_rng(seed)
    T = int(rng.integers(3, 14))
    labels = [f"{2027 + q // 4}Q{q % 4 + 1}" for q in range(-8, T)]
    generations = [
        {"generation": f"g{i}", "compute": 1, "power_kw": 1, "price": float(rng.uniform(1e3, 4e6)),
         "price_decline": float(rng.uniform(0, 0.4)), "lead_time": int(rng.integers(0, 3)),
         "deposit": float(rng.uniform(0, 1)), "depreciation_years": float(rng.uniform(0.5, 7)), "service_years": 20,
         "resale": float(rng.uniform(0, 1)), "resale_decline": float(rng.uniform(0, 0.6)),
         "opex_per_year": float(rng.uniform(0, 100)), "order_cost": 5}
        for i in range(3)
    ]  # fmt: skip
    owned: list[list[float | int | str]] = []  # generation, delivery, units, price
    fleet, committed, orders, sales = [], [], [], []
    for g in generations:
        for v in rng.integers(-8, 0, 2):
            row = {"generation": g["generation"], "site": "warehouse", "delivered": labels[int(v) + 8], "units": 5,
                   "price": float(rng.uniform(1e3, 1e6))}  # fmt: skip
            fleet.append(row)
            owned.append([str(g["generation"]), int(v), 5, float(row["price"])])
        v = int(rng.integers(0, T))
        committed.append({"generation": g["generation"], "delivery": labels[v + 8], "units": 3, "price": 1e5})
        owned.append([str(g["generation"]), v, 3, 1e5])
        for t in sorted(set(rng.integers(0, T, 3).tolist())):
            v = t + int(g["lead_time"])
            if v < T:
                units, price = int(rng.integers(1, 9)), float(g["price"]) * (1 - float(g["price_decline"])) ** (t / 4)
                orders.append([labels[t + 8], labels[v + 8], g["generation"], units, "no"])
                owned.append([str(g["generation"]), v, units, price])
    for name, v, units, price in owned:
        left = int(units)
        for t in range(max(int(v), 0), T):
            sold = int(rng.integers(0, left + 1)) if rng.random() < 0.15 else 0
            left -= sold
            if sold:
                sales.append([labels[t + 8], name, labels[int(v) + 8], sold, price])
    case = {
        "settings": [
            {"key": "start", "value": "2027Q1"}, {"key": "periods", "value": T},
            {"key": "discount_rate", "value": float(rng.uniform(0, 0.3))},
            {"key": "terminal_value", "value": str(rng.choice(["book", "resale", "zero"]))},
            {"key": "depreciation_start", "value": str(rng.choice(["delivery", "in_service"]))},
        ],
        "generations": generations,
        "sites": [{"site": "hall", "energy_per_mwh": 50}],
        "power": [{"site": "hall", labels[8]: 1}],
        "fleet": fleet, "committed": committed,
    }  # fmt: skip
    plan = {
        "orders": pd.DataFrame(orders, columns=["order", "delivery", "generation", "units", "committed"]),
        "deployment": pd.DataFrame(columns=["period", "site", "generation", "installed", "removed", "installed_total"]),
        "running": pd.DataFrame(columns=["period", "site", "generation", "mode", "workload", "running"]),
        "sales": pd.DataFrame(sales, columns=["period", "generation", "delivered", "units", "price_paid"]),
    }
    return case, plan


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_audit_finds_one_cost_in_both_ways(seed):
    """Proves: with deposits, committed orders, a fleet and any terminal value the audit's two costs are one."""
    case, plan = random_case_and_plan(seed)
    report = audit(read_frames(case), plan)
    assert set(report.failed) <= {"committed_orders"}  # the plan lists its own orders only
    assert report.figures["cost_pv"] == pytest.approx(report.figures["cost_pv_books"], rel=1e-9, abs=1e-3)
