"""Two plans side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from random_cases import random_frames
from random_solutions import outcome_of, random_solution

from procure.audit import read_plan
from procure.case import Case
from procure.compare import compare, write_comparison
from procure.errors import InputError
from procure.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path


def plans() -> tuple[Plan, Plan]:
    """Return two plans of cases that differ in one price and one power cell."""
    result = []
    for second in (False, True):
        rng = np.random.default_rng(4)
        frames = random_frames(rng, periods=8)
        if second:
            frames["generations"].loc[0, "opex_per_year"] += 1_000.0
            frames["power"].loc[0, "2028Q4"] += 1.0
        solution = random_solution(Case.from_frames(frames), np.random.default_rng(9))
        result.append(Plan(solution, outcome_of(solution)))
    return result[0], result[1]


def test_what_differs_is_shown_and_nothing_else(tmp_path: Path) -> None:
    """Proves: files and plans give the same comparison; two input values differ, and the figures that follow."""
    a, b = plans()
    for name, plan in (("a", a), ("b", b)):
        plan.to_excel(tmp_path / f"{name}.xlsx")
    frames = compare(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert list(frames) == ["figures", "orders", "sites", "deployment", "inputs"]
    inputs = frames["inputs"]
    assert inputs[["sheet", "key", "column"]].to_numpy().tolist() == [
        ["generations", "G1", "opex_per_year"], ["power", "Hall A", "2028Q4"],
    ]  # fmt: skip
    assert inputs["difference"].tolist() == pytest.approx([1_000.0, 1.0])
    figures = frames["figures"].set_index("key")
    expected = b.figures["cost_pv"] - a.figures["cost_pv"]
    assert figures.loc["cost_pv", "difference"] == pytest.approx(expected)
    assert figures.loc["cost_pv", "relative"] == pytest.approx(expected / a.figures["cost_pv"])
    assert figures.loc["objective", "a"] == "compute"
    changed = frames["sites"]
    assert set(changed["period"]) >= {"2028Q4"}
    for name, frame in compare(a, b).items():
        assert len(frame) == len(frames[name]), name
    write_comparison(frames, tmp_path / "diff.xlsx")
    back = read_plan(tmp_path / "diff.xlsx")
    assert list(back) == list(frames)
    assert back["figures"]["key"].tolist() == frames["figures"]["key"].tolist()


def test_a_plan_does_not_differ_from_itself(plan: Plan) -> None:
    frames = compare(plan, plan)
    assert (frames["figures"]["difference"].dropna() == 0).all()
    assert all(frames[name].empty for name in ("orders", "sites", "deployment", "inputs"))


def test_orders_say_what_changed(plan: Plan) -> None:
    other = Plan(plan.solution, plan.outcome)
    orders = other.frames["orders"].copy()
    dropped = orders.iloc[0]
    orders = orders.iloc[1:].reset_index(drop=True)
    orders.loc[0, "units"] += 7
    other.frames["orders"] = orders
    changes = compare(plan, other)["orders"].set_index("generation")["change"].to_dict()
    assert changes[dropped["generation"]] == "only in a"
    assert "+7 units" in changes.values()


def test_no_plan_is_a_clear_error(tmp_path: Path, book: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"not a workbook")
    with pytest.raises(InputError, match="not an Excel workbook"):
        compare(bad, book)
    pd.DataFrame({"a": [1]}).to_excel(tmp_path / "other.xlsx", sheet_name="x")
    with pytest.raises(InputError, match="no sheet `summary`"):
        compare(book, tmp_path / "other.xlsx")
