"""All analyses through the public face, into a workbook, and the charts and colours there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from helpers import make
from openpyxl import load_workbook

import procure

if TYPE_CHECKING:
    from procure.plan import Plan

REPORT = Path(__file__).parents[1] / "report"
if str(REPORT) not in sys.path:
    sys.path.insert(0, str(REPORT))

M = 1_000_000.0
POINTS = 4


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Dear and thrifty against cheap and hungry, in a hall that grows."""
    case = make(
        periods=3, power={"Hall": [1.0, 1.5, 2.0], "Annex": [0.0, 0.5, 0.5]}, sites=[{}, {"site": "Annex", "pue": 1.3}],
        generations=[{}, {"generation": "B", "power_kw": 60.0, "price": 1.6 * M, "available_from": "2031"}],
        budget={"capex": 14 * M},
        settings={"objective": "balanced", "compute_floor": 0.4, "mip_gap": 1e-4, "frontier_points": POINTS},
    )  # fmt: skip
    return procure.solve(case, bottlenecks=2, alternatives=3, switching_prices=1, baselines=False)


def test_every_sheet_is_there_and_before_the_checks(plan: Plan) -> None:
    names = list(plan.frames)
    sheets = ["bottlenecks", "megawatt_values", "alternatives", "no_regret", "switching_prices", "frontier",
              "frontier_bound"]  # fmt: skip
    assert [name for name in names if name in sheets] == sheets
    assert names[-2:] == ["checks", "provenance"]
    assert (plan.frontier["audit"] == "pass").all()
    assert {f"frontier {i}" for i in range(1, POINTS + 1)} <= set(plan.alternatives)
    assert set(plan.outcome.seconds) >= {"bottlenecks", "alternatives", "switching_prices", "frontier"}


def test_the_recommended_plan_and_the_points_do_not_dominate_each_other(plan: Plan) -> None:
    """Proves: sorted from the best per dollar to the best per watt, no point below another or the plan."""
    frame = plan.frontier
    traced = frame[frame["recommended"] == "no"]
    assert traced["compute_per_watt"].is_monotonic_increasing
    assert traced["compute_per_dollar"].is_monotonic_decreasing
    (row,) = frame[frame["recommended"] == "yes"].to_dict("records")
    better = (traced["compute_per_watt"] > row["compute_per_watt"] * 1.0002) & (
        traced["compute_per_dollar"] > row["compute_per_dollar"] * 1.0002
    )
    assert not better.any()


def test_a_megawatt_has_its_value_where_the_bottlenecks_say(plan: Plan) -> None:
    """Proves: the table holds the relaxed money of the rows of kind power, by site and period, 0 elsewhere."""
    table = plan.megawatt_values.set_index("site")
    power = plan.bottlenecks[plan.bottlenecks["kind"] == "power"]
    assert len(power)
    for row in power.to_dict("records"):
        assert table.loc[row["name"], row["period"]] == row["relaxed_money"]
    assert np.count_nonzero(table.to_numpy()) == np.count_nonzero(power["relaxed_money"])
    assert (plan.bottlenecks["kind"] == "earlier availability").any()
    assert plan.bottlenecks["resolved_money"].notna().sum() == 2


def test_the_workbook_shows_the_frontier_and_the_heat_map(plan: Plan, tmp_path: Path) -> None:
    """Proves: the chart is free of lint and its stored values are the sheet's; the table has a colour scale."""
    from chartlint import C, charts, findings, stored, title

    path = tmp_path / "plan.xlsx"
    plan.to_excel(path)
    (chart,) = [root for root in charts(path).values() if title(root).startswith("Compute per watt against")]
    assert findings(chart) == []
    bound, points, recommended = chart.iter(f"{C}ser")
    drawn = [(series, axis) for series in (points, bound, recommended) for axis in ("xVal", "yVal")]
    frame, edge = plan.frontier, plan.frontier_bound
    for (series, axis), rows in zip(drawn, [frame[:POINTS]] * 2 + [edge] * 2 + [frame[POINTS:]] * 2, strict=True):
        column = "compute_per_watt" if axis == "xVal" else "compute_per_dollar"
        assert list(map(float, stored(series, axis))) == pytest.approx(rows[column].tolist())
    book = load_workbook(path)
    (formatting,) = book["megawatt_values"].conditional_formatting
    assert formatting.rules[0].type == "colorScale"
    assert str(formatting.sqref) == "B2:D3"
