"""What is wrong with the charts of a workbook, from its XML: a picture does not show all of it."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def charts(path: Path) -> dict[str, ET.Element]:
    """The charts of a workbook by part name."""
    with zipfile.ZipFile(path) as package:
        names = [name for name in package.namelist() if name.startswith("xl/charts/chart")]
        return {name: ET.fromstring(package.read(name)) for name in names}  # noqa: S314 - our own file


def _value(element: ET.Element, name: str) -> str | None:
    child = element.find(f"{C}{name}")
    return None if child is None else child.get("val")


def lint(path: Path) -> list[str]:
    """One line a finding."""
    return [f"{name}: {finding}" for name, root in charts(path).items() for finding in findings(root)]


def findings(root: ET.Element) -> list[str]:
    """Findings of one chart."""
    found = []
    axes = {_value(axis, "axId"): axis for kind in ("catAx", "valAx", "dateAx") for axis in root.iter(f"{C}{kind}")}
    for number, axis in axes.items():
        partner = axes.get(_value(axis, "crossAx"))
        second = partner is not None and _value(partner, "crosses") == "max"
        if second and axis.tag == f"{C}catAx":
            continue  # the category axis of a second value axis is not to be seen
        if _value(axis, "delete") != "0":
            found.append(f"axis {number} is not said to be there")
        if axis.find(f"{C}numFmt") is None:
            found.append(f"axis {number} has no number format")
    for kind in ("title", "legend"):
        found += [f"a {kind} may lie on the plot" for part in root.iter(f"{C}{kind}") if _value(part, "overlay") != "0"]
    for line in (*root.iter(f"{C}lineChart"), *root.iter(f"{C}scatterChart")):
        found += ["a line is smoothed" for series in line.iter(f"{C}ser") if _value(series, "smooth") != "0"]
    for bars in root.iter(f"{C}barChart"):
        if _value(bars, "grouping") == "stacked" and _value(bars, "overlap") != "100":
            found.append("stacked columns do not overlap")
        for series in bars.iter(f"{C}ser"):
            if _value(series, "invertIfNegative") != "0":
                found.append("columns below zero may turn white")
    if _value(root, "roundedCorners") != "0":
        found.append("corners are round")
    for series in root.iter(f"{C}ser"):
        for part in ("xVal", "yVal") if series.find(f"{C}yVal") is not None else ("cat", "val"):
            data = series.find(f"{C}{part}")
            if data is None or next(data.iter(f"{C}ptCount"), None) is None:
                found.append(f"a series has no stored values ({part})")
    if not list(root.iter(f"{C}ser")):
        found.append("the chart is empty")
    return found


def stored(series: ET.Element, part: str) -> list[str]:
    """The stored values of a series (``val``) or its categories (``cat``)."""
    data = series.find(f"{C}{part}")
    assert data is not None
    return [point.findtext(f"{C}v") or "" for point in data.iter(f"{C}pt")]


def title(root: ET.Element) -> str:
    """The title of a chart."""
    return "".join(text.text or "" for text in root.find(f"{C}chart/{C}title").iter(f"{A}t"))  # type: ignore[union-attr]


def fill(series: ET.Element) -> str:
    """The fill colour of a series, blank where it has none."""
    colour = series.find(f"{C}spPr/{A}solidFill/{A}srgbClr")
    return "" if colour is None else colour.get("val", "")
