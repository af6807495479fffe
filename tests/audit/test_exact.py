"""Limits that floats cannot decide are decided exactly, on the decimals that the planner typed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from procure.audit.exact import excess, fraction


def test_a_float_stands_for_its_decimals():
    assert fraction(0.1) == Fraction(1, 10)
    assert fraction(1e-7) == Fraction(1, 10**7)
    assert fraction(3.0) == 3


def test_only_doubtful_entries_are_recomputed():
    """0.1 + 0.2 is above 0.3 in floats, not in decimals; clear ones and those without a limit stay as they are."""
    asked = []

    def exactly(index):
        asked.append(index)
        return Fraction(1, 10) + Fraction(2, 10) - Fraction(3, 10)

    used = np.array([0.1 + 0.2, 0.4, 0.2, 7.0, 0.0])
    result = excess(used, np.array([0.3, 0.3, 0.3, np.inf, 0.0]), exactly)
    assert used[0] > 0.3
    assert result == pytest.approx([0.0, 0.1, -0.1, -np.inf, 0.0])
    assert result[0] == 0.0
    assert asked == [(0,)]


@pytest.mark.parametrize(("price", "budget", "over"), [(0.1, 0.3, 0), (250_000_000.1, 750_000_000.3, 0),
                                                       (250_000_000.1, 750_000_000.29, 0.01)])  # fmt: skip
def test_a_budget_is_kept_to_the_cent(bench, price, budget, over):
    """Three units at a price, one after the other, against their exact sum, and a cent less of 750 million."""
    case = {
        "settings": [{"key": "start", "value": "2027"}, {"key": "periods", "value": 3},
                     {"key": "period_length", "value": "year"}],
        "generations": [{"generation": "g", "compute": 1, "power_kw": 1, "price": price, "service_years": 9}],
        "sites": [{"site": "hall", "energy_per_mwh": 50}],
        "power": [{"site": "hall", "2027": 1}],
        "budget": [{"budget": "capex", "2027": budget, "2028": 0}],
    }  # fmt: skip
    plan = {
        "orders": bench.table("order delivery generation units", ("2027", "2027", "g", 1), ("2027", "2027", "g", 2)),
        "deployment": bench.table("period site generation installed removed installed_total"),
        "running": bench.table("period site generation mode workload running"),
    }
    report = bench.report(case, plan)
    assert report.failed == (["budget"] if over else [])
    assert bench.check(report, "budget")["largest_violation"] == pytest.approx(over, rel=1e-5, abs=0)
