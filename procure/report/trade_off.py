"""What the analysis sheets have beside their rows: the frontier's chart, and colours for the value of a megawatt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from openpyxl.chart import ScatterChart
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel, XYSeries
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.utils import get_column_letter, quote_sheetname

from procure.report.charts import ChartSpec, axis_text, axis_title, chart_frame
from procure.report.look import LIMIT, MUTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from openpyxl import Workbook

    from procure.plan import Plan

__all__ = ["decorate"]

_X, _Y = "compute_per_watt", "compute_per_dollar"
_COLUMNS, _ROWS = 9, 26  # of the chart
_POINTS, _RECOMMENDED = "0072B2", "D55E00"
_MARGIN = 0.06


def decorate(workbook: Workbook, frames: Mapping[str, pd.DataFrame], plan: Plan) -> None:
    """Add the chart of the frontier and the colours of ``megawatt_values`` to sheets that stand in the workbook."""
    frame, bound = frames.get("frontier"), frames.get("frontier_bound")
    if frame is not None and bound is not None and _X in frame and frame[_X].notna().any():
        _chart(workbook, frame, bound, plan)
    values = frames.get("megawatt_values")
    if values is not None and len(values):
        _heat(workbook, values)


def _chart(workbook: Workbook, frame: pd.DataFrame, bound: pd.DataFrame, plan: Plan) -> None:
    case, ws = plan.case, workbook["frontier"]
    chart: Any = ScatterChart()
    chart.style, chart.scatterStyle, chart.varyColors = None, "lineMarker", False
    traced = np.flatnonzero(frame["recommended"].to_numpy() != "yes")
    marked = np.flatnonzero(frame["recommended"].to_numpy() == "yes")
    none = Marker(symbol="none")
    chart.series.append(
        _series("no plan lies beyond", "frontier_bound", bound, (0, len(bound)), LIMIT, none, dash="dash")
    )
    if len(traced):
        dot = _marker("circle", 7, _POINTS)
        chart.series.append(_series("plans", "frontier", frame, (int(traced[0]), int(traced[-1]) + 1), _POINTS, dot))
    if len(marked):
        star = _marker("diamond", 11, _RECOMMENDED)
        rows = (int(marked[0]), int(marked[0]) + 1)
        chart.series.append(_series("recommended plan", "frontier", frame, rows, None, star))
    unit = case.compute_unit
    watt = "available" if case.settings.watt_basis == "available" else "consumed"
    for axis, column, words, side in (
        (chart.x_axis, _X, f"{unit} per MW {watt}", "b"),
        (chart.y_axis, _Y, f"{unit}-hours per {case.currency}", "l"),
    ):
        numbers = np.concatenate([frame[column].to_numpy(dtype=float), bound[column].to_numpy(dtype=float)])
        _axis(axis, numbers[np.isfinite(numbers)], words, side)
    spec = ChartSpec("Compute per watt against compute per dollar", (), "", "General")
    chart_frame(chart, spec)
    first = len(frame) + 2
    chart.anchor = TwoCellAnchor(
        "twoCell", _from=AnchorMarker(col=0, row=first), to=AnchorMarker(col=_COLUMNS, row=first + _ROWS)
    )
    ws.add_chart(chart)


def _marker(symbol: Any, size: int, colour: str) -> Marker:
    edge = LineProperties(solidFill="FFFFFF", w=6350)
    return Marker(symbol=symbol, size=size, spPr=GraphicalProperties(solidFill=colour, ln=edge))


def _series(
    title: str, sheet: str, frame: pd.DataFrame, rows: tuple[int, int], colour: str | None, marker: Marker,
    dash: Any = "solid",
) -> XYSeries:  # fmt: skip
    """Return a series over rows of a sheet, with its stored values; without a colour it has no line."""
    x, y = (_numbers(sheet, frame, column, rows) for column in (_X, _Y))
    line = LineProperties(solidFill=colour, w=19050, prstDash=dash) if colour else LineProperties(noFill=True)
    series = XYSeries(tx=SeriesLabel(v=title), xVal=AxDataSource(numRef=x), yVal=NumDataSource(numRef=y))
    series.graphicalProperties = GraphicalProperties(ln=line)
    series.marker, series.smooth = marker, False
    return series


def _numbers(sheet: str, frame: pd.DataFrame, column: str, rows: tuple[int, int]) -> NumRef:
    letter = get_column_letter(list(frame.columns).index(column) + 1)
    values = frame[column].to_numpy(dtype=float)[rows[0] : rows[1]]
    points = [NumVal(idx=i, v=repr(float(v))) for i, v in enumerate(values) if np.isfinite(v)]
    where = f"{quote_sheetname(sheet)}!${letter}${rows[0] + 2}:${letter}${rows[1] + 1}"
    return NumRef(f=where, numCache=NumData(formatCode="General", ptCount=len(values), pt=points))


def _axis(axis: Any, numbers: np.ndarray, words: str, side: str) -> None:
    """Fit an axis to its numbers: a frontier is far from 0, and would be a dot beside it."""
    low, high = float(numbers.min()), float(numbers.max())
    span = max(high - low, 1e-3 * abs(high))
    step = _round_step(span / 6)
    axis.scaling.min = float(np.floor((low - _MARGIN * span) / step) * step)
    axis.scaling.max = float(np.ceil((high + _MARGIN * span) / step) * step)
    axis.majorUnit = step
    axis.delete, axis.axPos, axis.tickLblPos = False, side, "low"
    axis.majorTickMark, axis.minorTickMark = "out", "none"
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    axis.number_format = "#,##0" + ("." + "0" * digits if digits else "")
    axis.title, axis.txPr = axis_title(words), axis_text()
    axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=MUTED, w=6350))
    if axis.majorGridlines is not None:
        axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E4E7EB", w=6350))


def _round_step(size: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below a size."""
    power = 10.0 ** np.floor(np.log10(size))
    return float(next(power * k for k in (1, 2, 5, 10) if power * k >= size * (1 - 1e-9)))


def _heat(workbook: Workbook, frame: pd.DataFrame) -> None:
    """Colour the table: white is worth nothing, blue the most, red costs more than it brings."""
    numbers = frame.iloc[:, 1:].to_numpy(dtype=float)
    where = f"B2:{get_column_letter(frame.shape[1])}{len(frame) + 1}"
    scale: Any = ColorScaleRule
    top: dict[str, Any] = {"end_type": "max", "end_color": "5DA5D6"}
    if numbers.min(initial=0.0) < 0:
        low: dict[str, Any] = {"start_type": "min", "start_color": "F2B8A2"}
        rule = scale(**low, mid_type="num", mid_value=0, mid_color="FFFFFF", **top)
    else:
        rule = scale(start_type="num", start_value=0, start_color="FFFFFF", **top)
    workbook["megawatt_values"].conditional_formatting.add(where, rule)
