"""The dashboard's band against rules of thumb: the sheet's own figures, and a chart without a fault."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from helpers import make
from openpyxl import load_workbook

import procure

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from chartlint import C, charts, lint, title

TWO = [
    {"generation": "Old", "available_from": 2030},
    {"generation": "New", "available_from": 2031, "compute": 150.0, "price": 4e6},
]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    plan = procure.solve(make(periods=3, generations=TWO))
    path = tmp_path_factory.mktemp("dashboard") / "plan.xlsx"
    plan.to_excel(path)
    return plan, path


def test_the_band_shows_each_rule_and_what_the_plan_gains(book):
    plan, path = book
    page = load_workbook(path)["dashboard"]
    texts = {cell.value: cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)}
    for name, gain in zip(plan.baselines["rule"], plan.baselines["uplift"], strict=True):
        shown = page.cell(texts[name].row, 10).value
        assert float(shown.rstrip("%")) / 100 == pytest.approx(gain, abs=0.005)
    assert page.cell(texts["this plan"].row, 23).value == "100%"


def test_its_chart_draws_the_sheet(book):
    plan, path = book
    drawn = {title(root): root for root in charts(path).values()}
    root = drawn["What the plan gains in compute"]
    values = [float(point.text or "nan") for cache in root.iter(f"{C}numCache") for point in cache.iter(f"{C}v")]
    assert values == pytest.approx(plan.baselines["uplift"].tolist())
    assert not lint(path)


def test_without_the_sheet_there_is_no_band(tmp_path):
    plan = procure.solve(make(), baselines=False)
    plan.to_excel(tmp_path / "plan.xlsx")
    page = load_workbook(tmp_path / "plan.xlsx")["dashboard"]
    assert not [c for row in page.iter_rows() for c in row if isinstance(c.value, str) and "rules of thumb" in c.value]


def test_gains_of_nothing_leave_the_chart_out(tmp_path):
    plan = procure.solve(make(allocation={"A": 0}))
    plan.to_excel(tmp_path / "plan.xlsx")
    assert "What the plan gains in compute" not in [title(root) for root in charts(tmp_path / "plan.xlsx").values()]
