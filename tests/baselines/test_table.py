"""The sheet ``baselines``: statuses, uplifts, what is said; in ``solve``, in Python and on the command line."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers import frames, make

import procure
from procure.baselines import attach_baselines, play_rules
from procure.baselines.background import Background
from procure.baselines.rules import RULES
from procure.baselines.table import BASELINE_COLUMNS
from procure.case import Case
from procure.cli import main

NAMES = [rule.name for rule in RULES]
TWO = [
    {"generation": "Old", "available_from": 2030},
    {"generation": "New", "available_from": 2031, "compute": 150.0, "price": 4e6},
]


def solved(**parts):
    return procure.solve(make(**parts))


def test_uplift_is_what_the_plan_gains_as_a_fraction_of_the_rule():
    plan = solved(periods=3, generations=TWO)  # best: 10 Old in 2030, 10 New from 2031 on: 4,000 unit-years
    frame = plan.baselines.set_index("rule")
    assert list(plan.baselines["rule"]) == NAMES
    assert tuple(plan.baselines.columns) == BASELINE_COLUMNS
    assert frame.loc["newest", "uplift"] == pytest.approx(0.0, abs=1e-9)
    assert frame.loc["best per dollar", "uplift"] == pytest.approx(1000.0 / 3000.0)
    assert frame.loc["best per dollar", "coverage"] == pytest.approx(0.75)
    assert frame.loc["newest", "capex"] == 50e6
    assert (frame["audit"] == "pass").all()
    assert (frame["status"] == "feasible").all()


def test_uplift_of_a_cost_is_a_share_of_the_cost_and_may_be_nothing():
    plan = solved(periods=2, demand={("all", "minimum"): 450.0}, settings={"objective": "cost"})
    frame = plan.baselines.set_index("rule")
    assert frame.loc["best per dollar", "objective_value"] == pytest.approx(-5e6)
    assert frame.loc["best per dollar", "uplift"] == pytest.approx(0.0, abs=1e-9)


def test_a_rule_below_the_floor_of_a_ratio_is_marked_so():
    plan = solved(
        periods=2, settings={"objective": "compute_per_dollar", "compute_floor": 0.9},
        budget={"capex": [10e6, 0.0]},
    )  # fmt: skip
    frame = plan.baselines.set_index("rule")
    assert frame.loc["best per dollar", "status"] == "feasible"
    assert frame.loc["even budget", "status"] == "below the compute floor"
    assert frame.loc["even budget", "coverage"] == pytest.approx(0.75)
    assert "75.0% of the most attainable" in frame.loc["even budget", "note"]


def test_a_rule_that_breaks_a_limit_is_no_match_and_says_which():
    plan = solved(periods=2, budget={"capex": [10e6, 0.0]}, demand={("all", "minimum"): [900.0, 0.0]})
    row = plan.baselines.set_index("rule").loc["even budget"]
    assert row["status"] == "breaks a limit"
    assert row["note"] == "cannot meet the demand of all in 2030 (short by up to 44.4%)"
    assert row["audit"] == "fail: demand_minimum"
    assert np.isnan(row["uplift"])
    assert np.isnan(row["uplift_compute_per_dollar"])


def test_ratios_of_nothing_are_blank():
    plan = solved(allocation={"A": 0})
    assert plan.baselines["compute_per_dollar"].isna().all()
    assert plan.baselines["uplift"].isna().all()


def test_baselines_can_be_left_out():
    assert "baselines" not in procure.solve(make(), baselines=False).frames


def test_rules_of_the_user_are_not_held_against_a_baseline_and_the_sheet_says_so():
    plan = procure.solve(make(), rules=[lambda model: model.order_lots["A", 0].setub(3)])
    assert plan.baselines["note"].str.contains("the rules added to the model are not held against it").all()


def test_the_sheet_is_written_before_the_checks(tmp_path):
    plan = solved()
    assert list(plan.frames).index("baselines") < list(plan.frames).index("checks")
    plan.to_excel(tmp_path / "plan.xlsx")
    sheet = pd.read_excel(tmp_path / "plan.xlsx", sheet_name="baselines", engine="openpyxl")
    assert list(sheet["rule"]) == NAMES


def test_each_baseline_is_a_plan_measured_like_the_plan():
    case = make(periods=3, generations=TWO, settings={"objective": "balanced"})
    plan = procure.solve(case)
    found = procure.compute_baselines(case, plan)
    assert list(found) == NAMES
    sheet = plan.baselines.set_index("rule")
    for name, baseline in found.items():
        assert baseline.figures["objective_value"] == pytest.approx(sheet.loc[name, "objective_value"])
        assert baseline.figures["bound"] == pytest.approx(plan.figures["bound"])
        assert not (baseline.checks["verdict"] == "fail").any()
    alone = procure.compute_baselines(case.with_settings(objective="compute"))["newest"]
    assert alone.figures["objective_value"] == pytest.approx(alone.figures["compute_pv"])


def test_without_a_plan_a_balanced_value_is_blank():
    found = procure.compute_baselines(make(settings={"objective": "balanced"}))
    assert found["keep"].figures["objective_value"] is None


def test_rules_that_were_not_played_in_time_say_so(monkeypatch):
    plan = procure.solve(make(), baselines=False)
    gate = threading.Event()
    beside = Background(plan.case)
    monkeypatch.setattr("procure.baselines.background.PATIENCE", 0.05)
    monkeypatch.setattr("procure.baselines.play_rules", lambda *_: gate.wait(5))
    beside.start()
    beside.attach(plan)
    gate.set()
    assert list(plan.baselines["rule"]) == NAMES
    assert (plan.baselines["status"] == "not computed").all()
    assert plan.baselines["note"].str.contains("the solve ended before").all()


def test_a_fault_in_a_rule_does_not_cost_the_plan(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("an accident")

    monkeypatch.setattr("procure.baselines.play_rules", fail)
    plan = solved()
    assert plan.baselines["note"].str.contains("internal error: ZeroDivisionError: an accident").all()


def test_a_low_coverage_is_said_where_the_floor_allows_it():
    plan = solved(settings={"objective": "compute_per_dollar"}, periods=2)
    baselines = play_rules(plan.case)
    plan.outcome = replace(plan.outcome, attainable=plan.outcome.attainable * 10)
    frame = attach_baselines(plan, baselines)
    assert frame["note"].str.contains("of the most attainable compute; read its ratios so").all()


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    for name, price in (("a", 1e6), ("b", 2e6)):
        sheets = frames(periods=2, budget={"capex": [8e6, 0.0]}, generations=[{"price": price}])
        with pd.ExcelWriter(folder / f"{name}.xlsx", engine="openpyxl") as writer:
            for sheet, frame in sheets.items():
                frame.to_excel(writer, sheet_name=sheet, index=False)
        assert main(["solve", str(folder / f"{name}.xlsx"), "-o", str(folder / f"plan-{name}.xlsx"), "-q"]) == 0
    return folder


def sheets_of(path):
    with pd.ExcelFile(path, engine="openpyxl") as book:
        return book.sheet_names


def test_the_command_line_leaves_baselines_out(workbooks):
    target = workbooks / "bare.xlsx"
    assert main(["solve", str(workbooks / "a.xlsx"), "-o", str(target), "-q", "--no-baselines"]) == 0
    assert "baselines" not in sheets_of(target)
    assert "baselines" in sheets_of(workbooks / "plan-a.xlsx")


def test_compare_shows_what_differs(workbooks, capsys):
    a, b, out = (workbooks / name for name in ("plan-a.xlsx", "plan-b.xlsx", "diff.xlsx"))
    assert main(["compare", str(a), str(b), "-o", str(out)]) == 0
    text = capsys.readouterr().out
    assert "-4 units" in text
    assert "price" in text
    sheets = pd.read_excel(out, sheet_name=None, engine="openpyxl")
    assert sheets["orders"].loc[0, ["units_a", "units_b"]].tolist() == [8, 4]
    assert (sheets["inputs"]["column"] == "price").any()


def test_compare_for_machines(workbooks, capsys):
    assert main(["compare", str(workbooks / "plan-a.xlsx"), str(workbooks / "plan-b.xlsx"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["orders"][0]["units_difference"] == -4


def test_compare_of_equal_plans_says_that_nothing_differs(workbooks, capsys):
    assert main(["compare", str(workbooks / "plan-a.xlsx"), str(workbooks / "plan-a.xlsx")]) == 0
    assert capsys.readouterr().out.count("none.") == 5


def test_compare_wants_plans_and_never_writes_over_them(workbooks, capsys):
    plan = str(workbooks / "plan-a.xlsx")
    assert main(["compare", str(workbooks / "a.xlsx"), plan]) == 3
    assert "is not a plan workbook" in capsys.readouterr().err
    assert main(["compare", plan, plan, "-o", plan]) == 7
    assert main(["compare", plan, str(workbooks / "none.xlsx")]) == 3


def test_case_is_read_from_a_path(workbooks):
    assert list(procure.compute_baselines(workbooks / "a.xlsx")) == NAMES
    assert isinstance(procure.read(workbooks / "a.xlsx"), Case)
