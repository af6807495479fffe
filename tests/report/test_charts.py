"""Charts: the lint, stored values, one colour a generation, none over another."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from chartlint import C, charts, fill, lint, stored, title
from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference

from procure.report.chart_data import chart_data
from procure.report.dashboard import SITES_SHOWN

if TYPE_CHECKING:
    from pathlib import Path

    from procure.plan import Plan

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


def test_lint_finds_openpyxls_defaults(tmp_path: Path) -> None:
    """Proves: the lint can fail: the charts that openpyxl makes by itself have every fault."""
    workbook = Workbook()
    ws = workbook.active
    for row in ((None, "a"), ("x", 1), ("y", 2)):
        ws.append(row)
    for kind in (BarChart, LineChart):
        chart = kind()
        chart.title = "Naive"
        if kind is BarChart:
            chart.grouping = "stacked"
        chart.add_data(Reference(ws, min_col=2, min_row=1, max_row=3), titles_from_data=True)
        ws.add_chart(chart, "D2")
    path = tmp_path / "naive.xlsx"
    workbook.save(path)
    found = "\n".join(lint(path))
    for fault in (
        "not said to be there",
        "may lie on the plot",
        "smoothed",
        "do not overlap",
        "round",
        "stored values",
    ):
        assert fault in found


@pytest.mark.parametrize("which", ["book", "wide_book"])
def test_lint_finds_nothing(which: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(which)
    assert lint(path) == []


def test_charts_show_the_plan(plan: Plan, book: Path) -> None:
    """Proves: the stored values of the power chart are the sums of the sheets ``running`` and ``power``."""
    drawn = {title(root): root for root in charts(book).values()}
    assert len(drawn) == 6 + len(plan.case.sites.names)
    total = next(root for name, root in drawn.items() if name.startswith("Power used by generation"))
    series = list(total.iter(f"{C}ser"))
    assert stored(series[0], "cat") == list(plan.case.calendar.labels)
    columns = sum(sum(map(float, stored(s, "val"))) for s in series[:-1])
    assert columns == pytest.approx(plan.running["peak_mw"].sum())
    unused = sum(map(float, stored(series[-1], "val")))
    assert columns + unused == pytest.approx(plan.power["available_mw"].sum())
    units = next(root for name, root in drawn.items() if name.startswith("Units ordered"))
    inside = plan.orders["order"].isin(plan.case.calendar.labels)
    drawn_units = sum(sum(map(float, stored(s, "val"))) for s in units.iter(f"{C}ser"))
    assert drawn_units == plan.orders.loc[inside, "units"].sum()


@pytest.mark.parametrize("which", ["book", "wide_book"])
def test_a_generation_has_one_colour_in_every_chart(which: str, request: pytest.FixtureRequest) -> None:
    """Proves: also at twelve generations, where the lesser ones become one grey ``other``."""
    colours: dict[str, set[str]] = {}
    for root in charts(request.getfixturevalue(which)).values():
        for series in root.iter(f"{C}ser"):
            name = series.findtext(f"{C}tx/{C}v") or ""
            if name.startswith("G") or name == "other":
                colours.setdefault(name, set()).add(fill(series))
    assert all(len(seen) == 1 for seen in colours.values()), colours
    distinct = [next(iter(seen)) for seen in colours.values()]
    assert len(set(distinct)) == len(distinct)
    assert len(colours) <= 8


def test_many_sites_show_the_largest_and_say_so(wide_plan: Plan, wide_book: Path) -> None:
    drawn = [title(root) for root in charts(wide_book).values()]
    assert len(drawn) == 6 + SITES_SHOWN
    data = chart_data(wide_plan)
    assert list(data.sites[:SITES_SHOWN]) == [name for name in drawn if name in data.sites]
    peak = wide_plan.power.groupby("site")["available_mw"].max()
    assert peak[list(data.sites)].is_monotonic_decreasing
    with zipfile.ZipFile(wide_book) as package:
        page = package.read("xl/worksheets/sheet1.xml").decode()
    assert "the 8 largest of 40 sites by power available" in page
    assert all(f"mw {site}: not used" in data.frame for site in data.sites), "every site stands in chart_data"


@pytest.mark.parametrize("which", ["book", "wide_book"])
def test_no_chart_lies_over_another(which: str, request: pytest.FixtureRequest) -> None:
    with zipfile.ZipFile(request.getfixturevalue(which)) as package:
        root = ET.fromstring(package.read("xl/drawings/drawing1.xml"))  # noqa: S314 - our own file
    boxes = []
    for anchor in root.iter(f"{DRAWING}twoCellAnchor"):
        corners = [anchor.find(f"{DRAWING}{end}") for end in ("from", "to")]
        boxes.append([int(corner.findtext(f"{DRAWING}{axis}")) for corner in corners for axis in ("col", "row")])
    assert len(boxes) >= 8
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left < right
        assert top < bottom
        for other in boxes[i + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
