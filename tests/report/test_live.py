"""Live rules: each holds for a good plan and fails for a plan that breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from procure.report.book import Book
from procure.report.checks import checks_of
from procure.report.inputs import echo
from procure.report.live import above, at_most, countifs, equal, modulo, most, reference, rounded, sumifs, total
from procure.report.rules import live_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from procure.plan import Plan

Frames = dict[str, pd.DataFrame]


def frames_of(plan: Plan) -> Frames:
    return {**{name: frame.copy() for name, frame in plan.frames.items()}, "inputs": echo(plan.case.tables)}


def broken(frames: Frames) -> set[str]:
    return {rule.rule for rule in live_rules(Book(frames)) if not rule.passes}


def test_a_good_plan_breaks_no_rule(plan: Plan, wide_plan: Plan) -> None:
    for good in (plan, wide_plan):
        assert broken(frames_of(good)) == set()
    assert len(live_rules(Book(frames_of(plan)))) >= 40


def _set(sheet: str, column: str, row: int, change: Callable[[Any], Any]) -> Callable[[Frames], None]:
    def apply(frames: Frames) -> None:
        frame = frames[sheet]
        at = frame.columns.get_loc(column)
        frame[column] = frame[column].astype(object)
        frame.iloc[row, at] = change(frame.iloc[row, at])
        frame[column] = frame[column].infer_objects()

    return apply


def _input(sheet: str, column: str, value: Any) -> Callable[[Frames], None]:
    """Set a value of the echoed inputs in all rows of a column."""

    def apply(frames: Frames) -> None:
        inputs = frames["inputs"]
        hit = (inputs["sheet"] == sheet) & ((inputs["column"] == column) if column else True)
        inputs.loc[hit, "value"] = value

    return apply


def _late(frames: Frames) -> None:
    inputs = frames["inputs"]
    hit = (inputs["sheet"] == "generations") & (inputs["column"] == "available_from")
    inputs.loc[hit, "date"] = pd.Timestamp("2090-01-01")


def _capacity(frames: Frames) -> None:
    inputs = frames["inputs"]
    inputs.loc[inputs["sheet"] == "power", "value"] = 0.01
    frames["builds"] = frames["builds"].iloc[:0]


def _racks(frames: Frames) -> None:
    inputs = frames["inputs"]
    inputs.loc[
        (inputs["sheet"] == "space") | ((inputs["sheet"] == "sites") & (inputs["column"] == "racks")), "value"
    ] = 0.0


def _least_demand(frames: Frames) -> None:
    frames["compute"]["minimum"] = frames["compute"]["average"] + 1.0


MUTATIONS: dict[str, Callable[[Frames], None]] = {
    "whole_numbers": _set("orders", "units", 3, lambda v: v + 0.5),
    "lot": _input("generations", "lot", 1009.0),
    "min_order": _input("generations", "min_order", 1e6),
    "order_window": _late,
    "delivery_in_horizon": _set("orders", "balance_due", 3, lambda _: pd.Timestamp("2090-01-01")),
    "allocation": _input("allocation", "", 0.0),
    "committed_orders": _input("committed", "units", 99.0),
    "conservation": _set("deployment", "installed_total", 5, lambda v: v + 1),
    "installed_total": _set("deployment", "installed", 5, lambda v: v + 1),
    "run_within_installed": _set("running", "running", 5, lambda v: v + 100.0),
    "density": _input("sites", "max_rack_kw", 1.0),
    "cooling": _input("sites", "cooling", "none of air and liquid"),
    "space": _racks,
    "licence_caps": _input("licences", "max_units", 0.0),
    "power_site": _capacity,
    "power_campus": _capacity,
    "sheet_power": _set("power", "stranded_mw", 0, lambda v: v + 1.0),
    "sheet_running": _set("running", "energy_mwh", 0, lambda v: v + 100.0),
    "energy_balance": _set("energy", "energy_mwh", 0, lambda v: v + 100.0),
    "carbon_cap": _input("settings", "value", None),
    "demand_minimum": _least_demand,
    "demand_maximum": _set("compute", "maximum", 0, lambda _: 0.0),
    "rental_cap": _input("rental", "", 0.0),
    "sheet_compute": _set("compute", "own_hours", 0, lambda v: v + 1e6),
    "budget": _input("budget", "", 1.0),
    "roll_forward": _set("depreciation", "closing", 0, lambda v: v + 1.0),
    "tie_orders": _set("orders", "total", 3, lambda v: v + 1.0),
    "tie_sales": _set("sales", "proceeds", 0, lambda v: v + 1.0),
    "sheet_orders": _set("orders", "deposit", 3, lambda v: v + 1.0),
    "sheet_sales": _set("sales", "gain", 0, lambda v: v + 1.0),
    "sheet_cash_flow": _set("cash_flow", "opex", 0, lambda v: v + 1.0),
    "figure_compute_unit_hours": _set("compute", "delivered_hours", 0, lambda v: v + 1e6),
    "figure_capex": _set("cash_flow", "builds", 0, lambda v: v - 1e6),
    "figure_cost_pv": _set("cash_flow", "discounted", 0, lambda v: v - 1e6),
    "figure_stranded_mwh": _set("power", "stranded_mw", 0, lambda v: v + 1.0),
    "bound_and_gap": _set("summary", "value", 4, lambda v: v + 0.1),
}


@pytest.mark.parametrize("rule", MUTATIONS)
def test_a_broken_rule_is_found(rule: str, plan: Plan) -> None:
    """Proves: each formula can fail. The cooling case needs units of both kinds where only one is cooled."""
    frames = frames_of(plan)
    if rule == "cooling":
        inputs = frames["inputs"]
        cooling = inputs["column"] == "cooling"
        need = inputs.loc[cooling & (inputs["sheet"] == "generations"), ["key", "value"]].set_index("key")["value"]
        first = frames["deployment"]["generation"].iloc[0]
        other = {"air": "liquid", "liquid": "air"}[need[first]]
        inputs.loc[cooling & (inputs["sheet"] == "sites"), "value"] = other
    elif rule == "carbon_cap":
        inputs = frames["inputs"]
        inputs.loc[inputs["key"] == "carbon_cap_t", "value"] = 1.0
    else:
        MUTATIONS[rule](frames)
    assert rule in broken(frames)


def test_the_generation_share_is_checked_where_there_is_one(plan: Plan) -> None:
    frames = frames_of(plan)
    inputs = frames["inputs"]
    inputs.loc[inputs["key"] == "max_generation_share", "value"] = 0.99
    assert "max_generation_share" not in broken(frames)
    inputs.loc[inputs["key"] == "max_generation_share", "value"] = 0.01
    assert "max_generation_share" in broken(frames)


def test_names_that_a_spreadsheet_cannot_tell_apart_are_not_looked_up(plan: Plan) -> None:
    frames = frames_of(plan)
    frames["inputs"] = frames["inputs"].replace({"key": {"G1": "G*"}})
    rules = {rule.rule for rule in live_rules(Book(frames))}
    assert "roll_forward" in rules
    assert "power_site" not in rules


def test_a_rule_that_would_take_a_spreadsheet_minutes_is_coarser(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from procure.report import rule, rules

    monkeypatch.setattr(rule, "WORK_LIMIT", 6_000)
    monkeypatch.setattr(rules, "WORK_LIMIT", 20_000)
    frames = frames_of(plan)
    found = {r.rule: r for r in live_rules(Book(frames))}
    assert found["run_within_installed"].violation.work <= 20_000
    frames["running"].loc[5, "running"] += 1000.0
    assert "run_within_installed" in broken(frames)


def test_checks_put_audit_and_formula_side_by_side(plan: Plan) -> None:
    frames = frames_of(plan)
    frames["cash_flow"].loc[0, "opex"] += 5.0
    audit = frames.pop("checks")
    checks = checks_of(audit, frames)
    rows = checks.frame.set_index("rule")
    assert (rows.loc["sheet_cash_flow", "verdict"], rows.loc["sheet_cash_flow", "formula_verdict"]) == ("pass", "fail")
    assert rows.loc["tie_orders", "verdict"] == rows.loc["tie_orders", "formula_verdict"] == "pass"
    assert checks.broken == 1
    assert set(checks.formulas) == set(checks.results)


def test_lookups_sum_what_a_spreadsheet_would() -> None:
    """Proves: text without regard to case, ``*`` for any text, dates up to a limit, blank as 0."""
    key = reference("s", "A", 2, np.array(["a", "B", "b", ""], dtype=object))
    day = reference("s", "B", 2, np.array([1.0, 2.0, 3.0, 0.0]))
    value = reference("s", "C", 2, np.array([1.0, "x", 4.0, 8.0], dtype=object))
    asked = reference("t", "A", 2, np.array(["A", "b", "*", "c"], dtype=object))
    assert sumifs(value, equal(key, asked)).value.tolist() == [1.0, 4.0, 5.0, 0.0]
    assert sumifs(value, equal(key, asked)).formula == "SUMIFS(s!$C$2:$C$5,s!$A$2:$A$5,t!$A$2:$A$5)"
    assert sumifs(value, equal(key, "b")).value == 4.0
    assert countifs(equal(key, asked), above(day, 2.0)).value.tolist() == [0.0, 1.0, 1.0, 0.0]
    limit = reference("t", "B", 2, np.array([0.0, 3.0, 2.0, 9.0]))
    assert sumifs(value, equal(key, asked), at_most(day, limit)).value.tolist() == [0.0, 4.0, 1.0, 0.0]
    assert most(modulo(day, rounded(day * 0.0 + 2.0))).value == 1.0
    assert total(day).value == 6.0
    assert most(day - 5.0).value == 0.0
