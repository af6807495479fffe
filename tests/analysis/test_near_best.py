"""Plans near the best one and switching prices, in cases worked out by hand, and what holds for any case."""

from __future__ import annotations

import math

import pytest
from helpers import make, solve
from tiny_plans import tiny_plan

from procure.analysis.attach import Analyses, attach_analyses
from procure.analysis.near_best import alternatives
from procure.analysis.switching import switching_prices
from procure.plan import Plan

M = 1_000_000.0


def planned(**parts: object) -> Plan:
    result = solve(make(**parts))
    return Plan(result.solution, result.outcome)


def test_what_every_plan_orders_is_no_regret_and_proven() -> None:
    """Proves: one generation, ten units fill the hall; within 1 % of the most compute 9.9 of them are proven, so ten.

    Sensitivity: within 25 % the relaxation proves 7.5 units, so eight, and two of ten are an option.
    """
    plan = planned(settings={"objective": "compute"})
    firm = alternatives(plan, 3, within=0.01, time_limit=60).no_regret
    assert firm[["units", "proven_by_then", "verdict", "can_be_dropped"]].to_numpy().tolist() == [
        [10, 10, "no regret, proven", "no"]]  # fmt: skip
    loose = alternatives(plan, 3, within=0.25, time_limit=60)
    assert loose.no_regret[["units", "fewest_units", "proven_by_then", "verdict"]].to_numpy().tolist() == [
        [10, 8, 8, "partly no regret"]]  # fmt: skip
    assert loose.no_regret["can_be_dropped"].tolist() == ["yes"]
    assert loose.frame["loss"].tolist()[1] == pytest.approx(0.2)
    assert loose.frame["capex"].tolist() == [10 * M, 8 * M]


def test_twins_are_options() -> None:
    """Proves: of two equal generations neither is needed: an alternative without A, proven least 0."""
    plan = planned(generations=[{}, {"generation": "B"}], settings={"objective": "compute"})
    found = alternatives(plan, 5, within=0.0, time_limit=60)
    assert set(found.no_regret.loc[found.no_regret["units"] > 0, "verdict"]) == {"option"}
    assert found.no_regret["proven_by_then"].max() == 0
    least = found.frame[found.frame["aim"].str.startswith("least of")]
    assert least["aim_here"].tolist() == [0.0] * len(least)
    assert len(least)
    assert (found.frame["audit"] == "pass").all()


def test_an_order_is_open_until_the_last_plan_that_places_it() -> None:
    """Proves: units that run in the second year only can be ordered in either: open until then."""
    plan = planned(periods=2, power={"Hall": [0.0, 1.0]}, settings={"objective": "compute"}, allocation={"A": [10, 10]})
    found = alternatives(plan, 5, within=0.0, time_limit=60)
    mine = found.no_regret[found.no_regret["units"] > 0]
    assert mine["decide_until"].tolist()[-1] == "2031"


NEAR = [(1014, "npv"), (1020, "balanced"), (1042, "compute_per_dollar"), (1050, "compute")]


@pytest.mark.parametrize(("seed", "objective"), NEAR)
def test_alternatives_are_as_near_as_asked_and_no_better_than_proven(seed: int, objective: str) -> None:
    """Proves: every alternative passes the audit, loses at most what was allowed, and keeps the aim's bound."""
    plan = tiny_plan(seed, objective)
    assert plan is not None
    found = alternatives(plan, 9, within=0.1, time_limit=60)
    done = found.frame[found.frame["name"] != ""]
    assert (done["audit"] == "pass").all()
    assert (done["loss"] <= 0.1 + 1e-5).all()
    others = done[done["aim"] != ""]
    assert (others["aim_here"] >= others["aim_least"] * (1 - 1e-6) - 1e-6).all()
    assert (found.no_regret["fewest_by_then"] >= found.no_regret["proven_by_then"].fillna(0)).all()
    assert set(found.plans) == set(others["name"])


def test_what_was_not_done_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: answers that never come are rows that say so, in every analysis; a wrong number is refused."""
    plan = planned(settings={"objective": "compute"})
    with pytest.raises(ValueError, match="expected k of at least 1"):
        alternatives(plan, 0)
    for module in ("switching", "near_best"):
        monkeypatch.setattr(f"procure.analysis.{module}.run_jobs", lambda *_: [])
    assert switching_prices(plan)["note"].str.contains("out of time").all()
    found = alternatives(plan, 3)
    assert found.frame["note"].tolist()[1:] == ["not done: out of time"] * (len(found.frame) - 1)
    assert found.no_regret["proven_by_then"].isna().all()


def test_an_analysis_that_fails_or_is_interrupted_leaves_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(settings={"objective": "compute"})

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("procure.analysis.near_best.alternatives", interrupted)
    attach_analyses(plan, Analyses(alternatives=2, switching_prices=0))
    assert plan.frames["alternatives"]["note"].tolist() == ["not done: interrupted"]
    assert plan.frames["switching_prices"]["note"].tolist() == ["not done: interrupted"]
    assert list(plan.frames)[-2:] == ["checks", "provenance"]


def test_switching_prices_by_hand() -> None:
    """Proves: ten units at least cost: A stops above B's 1.2 M; B starts below A's 1.0 M, or with 20 % more.

    Sensitivity: a price that moved the terminal value or the budget only would switch elsewhere.
    """
    b = {"generation": "B", "price": 1.2 * M}
    plan = planned(
        generations=[{}, b], power={"Hall": 3.0}, demand={("all", "minimum"): 1000.0}, settings={"objective": "cost"}
    )
    frame = switching_prices(plan, checks=2, time_limit=120).set_index("generation")
    assert frame.loc["A", "switching_price"] == pytest.approx(1.2 * M, rel=0.006)
    assert frame.loc["A", "switch"] == "stops above"
    assert frame.loc["B", "switching_price"] == pytest.approx(1.0 * M, rel=0.006)
    assert frame.loc["B", "switch"] == "starts below"
    assert frame.loc["B", "compute_change"] == pytest.approx(0.2, abs=0.006)
    assert frame.loc["A", "compute_change"] == pytest.approx(1 / 1.2 - 1, abs=0.006)
    assert math.isnan(frame.loc["A", "power_change"])  # power costs nothing here and is not short
    assert frame.loc["A", "checked"].startswith("whole-number plans order 10 units at 1,1")
    assert " and 0 at 1,2" in frame.loc["A", "checked"]
