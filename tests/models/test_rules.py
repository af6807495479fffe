"""The example rules: each on a case that is solved by hand."""

from __future__ import annotations

from typing import Any

import pytest
from carbon_by_region import carbon_by_region
from two_generations import at_most, two_generations
from vendor_floor import vendor_floor

import procure


def solve(*rules: Any, **sheets: Any) -> procure.Plan:
    """Plan one quarter for two halls of 1 MW and four products of 10 kW, A the best and D the worst."""
    products = [
        {"generation": name, "vendor": vendor, "compute": compute, "power_kw": 10, "price": 1000, "load_factor": 1}
        for name, vendor, compute in (("A", "North", 8), ("B", "North", 6), ("C", "South", 4), ("D", "South", 1))
    ]
    frames = {
        "settings": [
            {"key": "start", "value": "2027Q1"},
            {"key": "periods", "value": 1},
            {"key": "objective", "value": "compute"},
            {"key": "utilisation", "value": 1},
            {"key": "mip_gap", "value": 0},
        ],
        "generations": products,
        "sites": [
            {"site": "Rome", "market": "Italy", "pue": 1, "energy_per_mwh": 50, "carbon_kg_per_mwh": 300},
            {"site": "Oslo", "market": "Norway", "pue": 1, "energy_per_mwh": 50, "carbon_kg_per_mwh": 20},
        ],
        "power": [{"site": "Rome", "2027Q1": 1}, {"site": "Oslo", "2027Q1": 1}],
    } | sheets
    import pandas as pd

    case = procure.Case.from_frames({name: pd.DataFrame(rows) for name, rows in frames.items()})
    plan = procure.solve(case, rules=rules, baselines=False)
    assert (plan.checks["verdict"] != "fail").all()
    return plan


def units(plan: procure.Plan) -> dict[str, float]:
    """Units that run, by product."""
    return plan.running.groupby("generation")["running"].sum().round(3).to_dict()


def test_vendor_floor() -> None:
    """Proves: of 200 running units 60 come from South, the better product of it. Sensitivity: without it all are A."""
    assert units(solve()) == {"A": 200}
    assert units(solve(vendor_floor(0.3, ["North", "South"]))) == {"A": 140, "C": 60}


def test_vendor_floor_refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="no generation is sold by West"):
        solve(vendor_floor(0.1, ["West"]))
    with pytest.raises(ValueError, match="more than all"):
        vendor_floor(0.6, ["North", "South"])


def test_carbon_by_region() -> None:
    """Proves: 1 MW for a quarter in Rome is 657 t; a cap of 219 t leaves a third of it, 33 units, and Oslo as it is.

    Sensitivity: without the rule 100 units run in Rome; a cap on the sum would be met by Oslo's small share first.
    """
    running = solve(carbon_by_region({"Italy": 219})).running
    by_site = running.groupby("site")["running"].sum()
    assert by_site["Rome"] == pytest.approx(100 / 3, rel=1e-6)
    assert by_site["Oslo"] == pytest.approx(100)
    assert solve().running.groupby("site")["running"].sum()["Rome"] == pytest.approx(100)


def test_carbon_by_region_refuses_an_unknown_region() -> None:
    with pytest.raises(ValueError, match="no site is in Spain"):
        solve(carbon_by_region({"Spain": 1}))


def test_carbon_by_region_counts_options() -> None:
    """Proves: a clean plant beside a dirty grid lets all 100 units run under a cap of 0 t.

    Sensitivity: counted at the grid's carbon its energy would leave none.
    """
    plant = [{"option": "Sun", "site": "Rome", "adds_mw": 1, "energy_per_mwh": 0, "carbon_kg_per_mwh": 0}]
    plan = solve(carbon_by_region({"Italy": 0}), power_options=plant)
    assert plan.running.groupby("site")["running"].sum()["Rome"] == pytest.approx(100)


def test_two_generations_in_a_hall() -> None:
    """Proves: with 60 units of each product to be had, a hall takes two: A and B where there are two halls for four.

    Without the rule 60 A, 60 B, 60 C and 20 D fill 200 places. With two a hall the best is {A 60, B 40} and {B 20,
    C 60}: 20 places stay empty (D would have to push out a better product). At most one a hall: 60 A and 60 B.
    """
    few = {"allocation": [{"generation": name, "2027Q1": 60} for name in "ABCD"]}
    assert units(solve(**few)) == {"A": 60, "B": 60, "C": 60, "D": 20}
    plan = solve(two_generations, **few)
    standing = plan.deployment[plan.deployment["installed_total"] > 0]
    assert standing.groupby("site")["generation"].nunique().max() == 2
    assert units(plan) == {"A": 60, "B": 60, "C": 60}
    assert units(solve(at_most(1), **few)) == {"A": 60, "B": 60}
