"""The figures of the hand-solved plan, and each figure sheet with one wrong cell."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest


def test_hand_solved_plan_is_confirmed_in_every_figure(bench):
    """Proves: rules and figures as worked out by hand are what the audit finds. Sensitivity: below, cell by cell."""
    report = bench.report(bench.case(), bench.full_plan())
    assert report.failed == [], report.checks[report.checks["verdict"] == "fail"].to_string()
    assert report.passed
    assert list(report.checks.columns) == ["rule", "statement", "largest_violation", "unit", "verdict"]
    assert set(report.checks["verdict"]) == {"pass", "reported"}  # nothing left ungiven
    assert report.mismatches.empty
    for key, value in bench.hand_summary().items():
        if key in report.figures:
            assert report.figures[key] == pytest.approx(value, rel=1e-12), key
    assert report.figures["cost_pv_books"] == pytest.approx(bench.hand_summary()["cost_pv"], rel=1e-12)


def test_decisions_alone_are_audited_and_figures_recomputed(bench):
    """Proves: a plan of decisions alone gives the same figures; its figure sheets read 'not given'."""
    report = bench.report(bench.case(), bench.plan())
    assert report.passed
    verdicts = report.checks.set_index("rule")["verdict"]
    for sheet in ("orders", "running", "power", "energy", "rental", "compute", "cash_flow", "depreciation", "summary"):
        assert verdicts[f"sheet_{sheet}"] == "not given"
    assert verdicts["energy_balance"] == "not given"
    assert verdicts["energy_sources"] == "pass"
    assert report.figures["cost_pv"] == pytest.approx(bench.hand_summary()["cost_pv"], rel=1e-12)


FIGURES = {
    "orders": ["unit_price", "total", "deposit", "balance"],
    "running": ["compute_hours", "energy_mwh"],
    "sales": ["proceeds", "book_value", "gain", "unit_price", "price_paid"],
    "power": ["available_mw", "used_mw", "stranded_mw", "price_of_power"],
    "energy": ["cost", "carbon_t"],
    "rental": ["cost", "energy_mwh"],
    "compute": ["own_hours", "rented_hours", "delivered_hours", "average", "minimum", "maximum", "value"],
    "cash_flow": [
        "capex_orders", "deposits", "resale", "energy", "opex", "site_rent", "site_capacity", "site_fixed", "install",
        "remove", "order_cost", "builds", "build_fixed", "projects", "rental", "net", "discounted", "cumulative",
    ],
    "depreciation": ["opening", "additions", "depreciation", "disposals", "closing"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("sheet", "column"), [(sheet, column) for sheet, columns in FIGURES.items() for column in columns]
)
def test_one_wrong_figure_fails_its_sheet_alone(bench, sheet, column):
    """Proves: each figure is checked. Sensitivity: 1 % off in one cell; 1e-9 off is rounding and passes."""
    plan = bench.full_plan()
    frame = plan[sheet]
    row = int(
        np.nan_to_num(frame[column].to_numpy(dtype=float)).astype(bool).argmax()
    )  # the first figure that is not 0
    right = float(frame.loc[row, column])
    frame.loc[row, column] = right * 1.01
    report = bench.report(bench.case(), plan)
    # A roll-forward with a wrong figure does not add up, either; a wrong available MW makes stranded MW wrong.
    assert set(report.failed) == {f"sheet_{sheet}"} | ({"roll_forward"} if sheet == "depreciation" else set())
    wrong = report.mismatches[report.mismatches["column"] == column]
    assert set(wrong["sheet"]) == {sheet}
    assert right in [pytest.approx(value) for value in wrong["recomputed"]] or column == "available_mw"
    frame.loc[row, column] = right * (1 + 1e-9)
    assert bench.report(bench.case(), plan).passed


@pytest.mark.parametrize("column", ["order_by", "balance_due"])
def test_wrong_due_date_is_found(bench, column):
    plan = bench.full_plan()
    plan["orders"].loc[1, column] = pd.Timestamp("2029-06-01")
    report = bench.report(bench.case(), plan)
    assert report.failed == ["sheet_orders"]


@pytest.mark.parametrize(
    "key",
    [
        "objective_value", "compute_unit_hours", "compute_pv", "energy_mwh", "available_mwh", "cost_pv",
        "compute_per_dollar", "compute_per_watt_available", "compute_per_watt_consumed", "levelised_cost", "capex",
        "stranded_mwh", "idle_unit_periods", "opening_book", "terminal_value", "terminal_value_pv", "carbon_t",
        "value_pv",
    ],
)  # fmt: skip
def test_one_wrong_summary_figure_fails_the_summary(bench, key):
    plan = bench.full_plan()
    summary = plan["summary"]
    at = summary.index[summary["key"] == key][0]
    summary.loc[at, "value"] = summary["value"][at] * 1.001
    report = bench.report(bench.case(), plan)
    expected = {"sheet_summary"} | ({"bound_and_gap"} if key == "objective_value" else set())
    assert set(report.failed) == expected
    assert list(report.mismatches["column"]) == [key]
    assert report.mismatches["recomputed"].iloc[0] == pytest.approx(bench.hand_summary()[key], rel=1e-9)


def test_a_missing_figure_of_the_summary_is_wrong(bench):
    plan = bench.full_plan()
    plan["summary"] = plan["summary"][plan["summary"]["key"] != "stranded_mwh"]
    assert bench.report(bench.case(), plan).failed == ["sheet_summary"]


def test_bound_below_the_value_and_wrong_gap(bench):
    """Proves: a bound that the plan beats, or a gap that is not that of value and bound, fails."""
    cost = bench.hand_summary()["cost_pv"]
    for bound, gap in ((-cost * 1.01, 0.0), (-cost * 0.99, 0.02)):
        plan = bench.full_plan()
        plan["summary"].loc[plan["summary"]["key"] == "bound", "value"] = bound
        plan["summary"].loc[plan["summary"]["key"] == "gap", "value"] = gap
        report = bench.report(bench.case(), plan)
        assert report.failed == ["bound_and_gap"]
        assert bench.check(report, "bound_and_gap")["largest_violation"] == pytest.approx(0.01 * cost)


@pytest.mark.parametrize(
    ("objective", "value"),
    [
        ("compute_per_dollar", lambda s: s["compute_per_dollar"]),
        ("compute_per_watt", lambda s: s["compute_per_watt_available"]),
        ("compute", lambda s: s["compute_pv"]),
        ("npv", lambda s: s["value_pv"] - s["cost_pv"]),
        ("balanced", lambda s: min(s["compute_per_watt_available"] / 40.0, s["compute_per_dollar"] / 1.0)),
    ],
)
def test_objective_value_of_every_objective(bench, objective, value):
    """Proves: the objective value follows from the figures, of ``balanced`` from the best ratios the summary states."""
    figures = bench.hand_summary()
    stated = {"objective": objective, "objective_value": value(figures), "bound": None, "gap": None}
    stated |= {"best_compute_per_watt": 40.0, "best_compute_per_dollar": 1.0}
    for factor, failed in ((1.0, []), (1.001, ["sheet_summary"])):
        plan = bench.full_plan()
        rows = copy.copy(figures) | stated
        rows["objective_value"] *= factor
        plan["summary"] = pd.DataFrame({"key": list(rows), "value": pd.Series(list(rows.values()), dtype=object)})
        assert bench.report(bench.case(), plan).failed == failed


@pytest.mark.parametrize(("value", "passes"), [(0.97, True), (1.2, False), (-0.1, False), (None, True)])
def test_balanced_without_best_ratios_must_be_a_share(bench, value, passes):
    plan = bench.full_plan()
    # Blank: a hand-made plan cannot know its share of the best.
    rows = bench.hand_summary() | {"objective": "balanced", "objective_value": value, "bound": None, "gap": None}
    plan["summary"] = pd.DataFrame({"key": list(rows), "value": pd.Series(list(rows.values()), dtype=object)})
    assert bench.report(bench.case(), plan).passed is passes


def test_coverage_is_reported_not_judged(bench):
    plan = bench.full_plan()
    plan["summary"].loc[plan["summary"]["key"] == "coverage", "value"] = 0.3
    report = bench.report(bench.case(), plan)
    row = bench.check(report, "compute_floor")
    assert report.passed
    assert row["verdict"] == "reported"
    assert row["largest_violation"] == pytest.approx(0.2)  # the default floor is 0.5
    assert "0.3" in row["statement"]
