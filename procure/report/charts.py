"""Native charts, made right in Excel, LibreOffice and previewers.

openpyxl leaves out what Excel needs to be told: that axes are there, that titles and legends do not lie on the plot,
that lines are not smoothed (a smoothed limit over- and undershoots its steps), that stacked columns overlap, that
corners are square; and it writes no caches, so that a viewer that reads no cells shows an empty chart. ``draw`` sets
all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.legend import Legend
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.utils import get_column_letter, quote_sheetname

from procure.report.look import FONT, INK, MUTED, RULE, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from openpyxl.chart._chart import ChartBase
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["ChartSpec", "SeriesSpec", "axis_text", "axis_title", "chart_frame", "draw"]

_SECOND_AXIS = 200


@dataclass(frozen=True)
class SeriesSpec:
    """One series: a column of the data sheet under a title; ``line`` over the columns, ``second`` on the right axis."""

    column: str
    title: str
    colour: str
    line: bool = False
    dashed: bool = False
    second: bool = False


@dataclass(frozen=True)
class ChartSpec:
    """One chart over the rows of a data sheet, categories in its first column."""

    title: str
    series: Sequence[SeriesSpec]
    unit: str
    number_format: str
    second_unit: str = ""
    second_format: str = "General"
    skip: int = 1
    legend: bool = True
    gap: int = 0
    stacked: bool = True


def draw(ws: Worksheet, spec: ChartSpec, sheet: str, frame: pd.DataFrame, box: tuple[int, int, int, int]) -> None:
    """Put a chart on a sheet over the cells (first column, first row, end column, end row), from 0."""
    columns = [series for series in spec.series if not series.line]
    lines = [series for series in spec.series if series.line and not series.second]
    second = [series for series in spec.series if series.line and series.second]
    parts: list[ChartBase] = []
    if columns:
        parts.append(_columns(spec, columns, sheet, frame))
    for group, right in ((lines, False), (second, True)):
        if group:
            parts.append(_lines(spec, group, sheet, frame, right=right and bool(parts)))
    chart = parts[0]
    for other in parts[1:]:
        chart += other
    chart_frame(chart, spec)
    first_column, first_row, last_column, last_row = box
    anchored: Any = chart
    anchored.anchor = TwoCellAnchor(
        "twoCell",
        _from=AnchorMarker(col=first_column, row=first_row, colOff=40000, rowOff=40000),
        to=AnchorMarker(col=last_column, row=last_row),
    )
    ws.add_chart(chart)


def _columns(spec: ChartSpec, group: Sequence[SeriesSpec], sheet: str, frame: pd.DataFrame) -> BarChart:
    chart = BarChart()
    chart.type = "col"
    chart.grouping = "stacked" if spec.stacked else "clustered"
    chart.overlap = 100 if spec.stacked else 0
    chart.gapWidth = spec.gap
    chart.varyColors = False
    for item in group:
        series = _series(item, sheet, frame)
        series.graphicalProperties = GraphicalProperties(solidFill=item.colour, ln=LineProperties(noFill=True))
        series.invertIfNegative = False
        chart.series.append(series)
    _axes(chart, spec, right=False)
    return chart


def _lines(spec: ChartSpec, group: Sequence[SeriesSpec], sheet: str, frame: pd.DataFrame, *, right: bool) -> LineChart:
    chart = LineChart()
    chart.varyColors = False
    for item in group:
        series = _series(item, sheet, frame)
        line = LineProperties(solidFill=item.colour, w=19050, prstDash="dash" if item.dashed else "solid")
        series.graphicalProperties = GraphicalProperties(ln=line)
        series.smooth = False
        series.marker.symbol = "none"  # type: ignore[union-attr]
        chart.series.append(series)
    _axes(chart, spec, right=right)
    return chart


def _series(item: SeriesSpec, sheet: str, frame: pd.DataFrame) -> Series:
    last = len(frame) + 1
    where = frame.columns.get_loc(item.column)
    letter = get_column_letter(int(where) + 1)  # type: ignore[arg-type]
    quoted = quote_sheetname(sheet)
    numbers = frame[item.column].to_numpy(dtype=float)
    points = [NumVal(idx=i, v=repr(float(v))) for i, v in enumerate(numbers) if np.isfinite(v)]
    labels = [StrVal(idx=i, v=clean(str(v))) for i, v in enumerate(frame.iloc[:, 0])]
    return Series(
        tx=SeriesLabel(v=clean(item.title)),
        cat=AxDataSource(strRef=StrRef(f=f"{quoted}!$A$2:$A${last}", strCache=StrData(ptCount=len(labels), pt=labels))),
        val=NumDataSource(
            numRef=NumRef(
                f=f"{quoted}!${letter}$2:${letter}${last}",
                numCache=NumData(formatCode="General", ptCount=len(numbers), pt=points),
            )
        ),
    )


def _axes(chart: BarChart | LineChart, spec: ChartSpec, *, right: bool) -> None:
    x: Any = chart.x_axis
    y: Any = chart.y_axis
    x.delete = False
    x.axPos = "b"
    x.tickLblPos = "low"
    x.number_format = "General"
    x.majorTickMark, x.minorTickMark = "out", "none"
    x.tickLblSkip = spec.skip
    x.tickMarkSkip = spec.skip
    x.txPr = _text(700)
    x.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=MUTED, w=6350))
    y.delete = False
    y.axPos = "r" if right else "l"
    y.tickLblPos = "nextTo"
    y.majorTickMark, y.minorTickMark = "none", "none"
    y.number_format = spec.second_format if right else spec.number_format
    y.title = _title(spec.second_unit if right else spec.unit, 700, bold=False)
    y.txPr = _text(700)
    y.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    if right:  # the second axis needs a category axis of its own, which is the only one not to be seen
        x.axId, x.crossAx, x.delete = _SECOND_AXIS + 1, _SECOND_AXIS, True
        y.axId, y.crossAx = _SECOND_AXIS, _SECOND_AXIS + 1
        y.crosses = "max"
        y.majorGridlines = None
    elif y.majorGridlines is not None:
        y.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E4E7EB", w=6350))


def axis_title(words: str) -> Title:
    """Return the title of an axis."""
    return _title(words, 700, bold=False)


def axis_text() -> RichText:
    """Return the look of an axis' labels."""
    return _text(700)


def chart_frame(chart: ChartBase, spec: ChartSpec) -> None:
    """Set title, legend, corners and background of a chart."""
    chart.title = _title(spec.title, 900, bold=True)
    chart.roundedCorners = False
    chart.visible_cells_only = False
    chart.display_blanks = "gap"
    chart.graphical_properties = GraphicalProperties(solidFill="FFFFFF", ln=LineProperties(solidFill=RULE, w=6350))
    chart.legend = None
    if spec.legend:
        legend = Legend()
        legend.position = "b"
        legend.overlay = False
        legend.txPr = _text(700)
        chart.legend = legend


def _properties(size: int, *, bold: bool = False, colour: str = INK) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=colour, latin=Font(typeface=FONT))


def _text(size: int) -> RichText:
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=_properties(size, colour=MUTED)), endParaRPr=_properties(size))
    paragraph.r = []  # an empty run has no place in a format
    return RichText(bodyPr=RichTextProperties(), p=[paragraph])


def _title(text: str, size: int, *, bold: bool) -> Title:
    run = RegularTextRun(rPr=_properties(size, bold=bold), t=clean(text))
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=_properties(size, bold=bold)), r=[run])
    title = Title(tx=Text(rich=RichText(bodyPr=RichTextProperties(), p=[paragraph])))
    title.overlay = False
    return title
