"""The sheet ``dashboard``: the plan on one landscape page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from openpyxl.styles import Alignment, Border, PatternFill, Side
from openpyxl.utils import get_column_letter

from procure.report.chart_data import OTHER, RENTED, column_name, site_block
from procure.report.charts import ChartSpec, SeriesSpec, draw
from procure.report.headline import answer, tiles
from procure.report.look import BAD, GOOD, INK, MUTED, RULE, UNUSED, body_font, clean, footer, print_setup
from procure.report.look import OTHER as OTHER_COLOUR
from procure.report.thumb import SHEET as THUMB_SHEET
from procure.report.thumb import thumb_band

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from procure.plan import Plan
    from procure.report.chart_data import ChartData

__all__ = ["CHART_SHEET", "SITES_SHOWN", "dashboard", "site_charts"]

CHART_SHEET = "chart_data"
#: Most sites with a chart of their own; all of them stand in ``chart_data``.
SITES_SHOWN = 8

_COLUMNS = 36  # of the page's grid
_COLUMN_WIDTH = 6.9
_TITLE, _ANSWER, _TILES, _CHARTS = 1, 2, 5, 9  # first rows
#: Rows of a chart of the whole plan and of a site: by lines of site charts, so that the page stays landscape.
_HEIGHTS = {1: (20, 18), 2: (17, 12)}
_ROW_HEIGHT = 14.0


def dashboard(ws: Worksheet, plan: Plan, data: ChartData, verdict: tuple[str, int, int], note: str) -> None:
    """Fill the page; ``verdict`` is the formula that counts broken rules, their number now, and the number of rules."""
    ws.sheet_view.showGridLines = False
    ws.sheet_view.zoomScale = 80
    for i in range(1, _COLUMNS + 1):
        ws.column_dimensions[get_column_letter(i)].width = _COLUMN_WIDTH
    _words(ws, plan)
    _tiles(ws, plan, verdict)
    row = _charts(ws, plan, data)
    row = _sites(ws, plan, data, row)
    row = thumb_band(ws, plan, row)
    _guide(ws, plan, row)
    ws.print_area = f"A1:{get_column_letter(_COLUMNS)}{row + 1}"
    print_setup(ws, pages_high=1)
    ws.print_options.horizontalCentered = True
    ws.page_margins.left = ws.page_margins.right = 0.3
    ws.page_margins.top = ws.page_margins.bottom = 0.4
    footer(ws, note, header=False)
    ws.sheet_properties.tabColor = INK


def _merged(ws: Worksheet, row: int, first: int, last: int, value: str, *, rows: int = 1) -> None:
    ws.merge_cells(start_row=row, end_row=row + rows - 1, start_column=first, end_column=last)
    cell = ws.cell(row, first, clean(value))
    if isinstance(value, str) and not value.startswith("=SUMPRODUCT(--(((checks!"):
        cell.data_type = "s"  # a title that starts with = is a title


def _words(ws: Worksheet, plan: Plan) -> None:
    case, figures = plan.case, plan.figures
    _merged(ws, _TITLE, 1, 26, case.title or "Procurement plan")
    ws.cell(_TITLE, 1).font = body_font(size=16, bold=True)
    status = (
        f"{figures['status']} for {plan.outcome.objective}, {case.calendar.labels[0]} to {case.calendar.labels[-1]}"
    )
    _merged(ws, _TITLE, 27, _COLUMNS, status)
    ws.cell(_TITLE, 27).font = body_font(size=9, colour=MUTED)
    ws.cell(_TITLE, 27).alignment = Alignment(horizontal="right", vertical="center")
    ws.row_dimensions[_TITLE].height = 26
    for i, sentence in enumerate(answer(plan)):
        _merged(ws, _ANSWER + i, 1, _COLUMNS, sentence)
        cell = ws.cell(_ANSWER + i, 1)
        cell.font = body_font(size=11)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        lines = -(-len(sentence) // 215)
        ws.row_dimensions[_ANSWER + i].height = 15.5 * lines
    ws.row_dimensions[_ANSWER + 2].height = 6


def _tiles(ws: Worksheet, plan: Plan, verdict: tuple[str, int, int]) -> None:
    formula, broken, rules = verdict
    shown = tiles(plan)
    width = _COLUMNS // (len(shown) + 1)
    fill = PatternFill("solid", fgColor="F1F4F7")
    for i, tile in enumerate(shown):
        _tile(ws, 1 + i * width, width, (tile.label, tile.value, tile.detail), fill)
    first = 1 + len(shown) * width
    _tile(ws, first, width, ("Broken rules", formula, f"of {rules:,} checked; see checks"), fill)
    ws.cell(_TILES + 1, first).font = body_font(size=15, bold=True, colour=BAD if broken else GOOD)
    ws.row_dimensions[_TILES].height = 14
    ws.row_dimensions[_TILES + 1].height = 24
    ws.row_dimensions[_TILES + 2].height = 24
    ws.row_dimensions[_TILES + 3].height = 6


def _tile(ws: Worksheet, first: int, width: int, texts: tuple[str, str, str], fill: PatternFill) -> None:
    edge = Side(style="medium", color="FFFFFF")
    fonts = (body_font(size=8, colour=MUTED), body_font(size=15, bold=True), body_font(size=8, colour=MUTED))
    for offset, (text, font) in enumerate(zip(texts, fonts, strict=True)):
        row = _TILES + offset
        for column in range(first, first + width):
            cell = ws.cell(row, column)
            cell.fill = fill
            cell.border = Border(
                left=edge if column == first else None, right=edge if column == first + width - 1 else None
            )
        _merged(ws, row, first, first + width - 1, text)
        cell = ws.cell(row, first)
        cell.font = font
        cell.alignment = Alignment(
            horizontal="left", vertical="top" if offset == 2 else "center", wrap_text=offset == 2
        )


def _scaled(values: np.ndarray) -> tuple[str, str]:
    """Return number format and unit prefix for money on an axis, by its size."""
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    for factor, commas, name in ((1e9, ",,,", "bn "), (1e6, ",,", "M "), (1e3, ",", "k ")):
        if largest >= factor:
            return ("#,##0.0" if largest < 20 * factor else "#,##0") + commas, name
    return "#,##0", ""


def _axis_format(largest: float) -> str:
    """Return a number format with as many decimals as the largest value needs."""
    return next((form for least, form in ((20, "#,##0"), (2, "0.0"), (0.2, "0.00")) if largest >= least), "0.000")


def _generations(data: ChartData, block: str | int, title: str) -> list[SeriesSpec]:
    return [
        SeriesSpec(column_name(title, name), name, OTHER_COLOUR if name == OTHER else data.palette.colour(name))
        for name in data.columns[block]
    ]


def _specs(plan: Plan, data: ChartData) -> list[ChartSpec]:
    case, frame = plan.case, data.frame
    skip = _skip(plan)
    currency, unit = case.currency, case.compute_unit
    capex_format, capex_scale = _scaled(frame["capex"].to_numpy())
    cash_format, cash_scale = _scaled(frame["cumulative cash"].to_numpy())
    book_format, book_scale = _scaled(frame[["book value", "resale value"]].to_numpy())
    compute = _generations(data, "compute", "compute")
    if frame[column_name("compute", RENTED)].any():
        compute.append(SeriesSpec(column_name("compute", RENTED), RENTED, "C9B8A8"))
    power = [*_generations(data, "power", "mw"), SeriesSpec("mw not used", "available, not used", UNUSED)]
    return [
        ChartSpec("Power used by generation; the top is what is available", power,
                  "MW", _axis_format(frame["mw available"].max()), skip=skip),
        ChartSpec("Delivered compute by generation", compute, f"{unit}, average of the period", "#,##0", skip=skip),
        ChartSpec("Units ordered by generation and order period", _generations(data, "orders", "units ordered"),
                  "units", "#,##0", skip=skip, gap=30),
        ChartSpec("Capex, and cumulative net cash", [
            SeriesSpec("capex", "capex", "4C6A85"),
            SeriesSpec("cumulative cash", "cumulative net cash (right)", "111111", line=True, second=True),
        ], f"{capex_scale}{currency}", capex_format, f"{cash_scale}{currency}", cash_format, skip=skip, gap=30),
        ChartSpec("The two clocks: book value and resale value", [
            SeriesSpec("book value", "book value", "1F3B57", line=True),
            SeriesSpec("resale value", "resale value", "E69F00", line=True, dashed=True),
        ], f"{book_scale}{currency}", book_format, skip=skip),
        ChartSpec("Stranded power, and idle units", [
            SeriesSpec("mw not used", "stranded power", UNUSED),
            SeriesSpec("idle units", "idle units (right)", "D55E00", line=True, second=True),
        ], "MW", _axis_format(frame["mw not used"].max()), "units", "#,##0", skip=skip),
    ]  # fmt: skip


def _skip(plan: Plan) -> int:
    """Return categories from one axis label to the next: about eight labels, whole years where possible."""
    per_year = max(1, round(1 / plan.case.years))
    step = max(1, -(-plan.case.T // 8))
    return step if step <= per_year // 2 or per_year == 1 else -(-step // per_year) * per_year


def _charts(ws: Worksheet, plan: Plan, data: ChartData) -> int:
    """Draw the charts of the whole plan, three in a row; return the next row (from 1)."""
    specs = _specs(plan, data)
    wide = _COLUMNS // 3
    top = _CHARTS - 1
    high = _heights(plan, data)[0]
    for row in range(_CHARTS, _CHARTS + 2 * high):
        ws.row_dimensions[row].height = _ROW_HEIGHT
    for i, spec in enumerate(specs):
        column, row = (i % 3) * wide, top + (i // 3) * high
        if spec.series:
            draw(ws, spec, CHART_SHEET, data.frame, (column, row, column + wide, row + high))
        else:
            _merged(ws, row + 2, column + 1, column + wide, f"{spec.title}: none")
            ws.cell(row + 2, column + 1).font = body_font(colour=MUTED)
    return _CHARTS + 2 * high


def _heights(plan: Plan, data: ChartData) -> tuple[int, int]:
    whole, site = _HEIGHTS[1 if len(data.sites) <= 4 else 2]
    return (whole - 2, site - 2) if THUMB_SHEET in plan.frames else (whole, site)  # room for that band


def site_charts(plan: Plan, data: ChartData) -> list[ChartSpec]:
    """Return the small charts of the largest sites."""
    skip = _skip(plan)
    result = []
    for i, site in enumerate(data.sites[:SITES_SHOWN]):
        title = site_block(site)
        unused = SeriesSpec(column_name(title, "not used"), "available, not used", UNUSED)
        peak = float(data.frame[column_name(title, "available")].max())
        series = [*_generations(data, i, title), unused]
        result.append(ChartSpec(site[:40], series, "MW", _axis_format(peak), skip=skip, legend=False))
    return result


def _sites(ws: Worksheet, plan: Plan, data: ChartData, row: int) -> int:
    """Draw the small charts of the largest sites, four in a row; return the next row (from 1)."""
    specs = site_charts(plan, data)
    total = len(data.sites)
    text = "Power used and available by site, same colours"
    if total > len(specs):
        text += f": the {len(specs)} largest of {total} sites by power available (all of them: sheet {CHART_SHEET})"
    if data.palette.others:
        text += f"; other: {', '.join(data.palette.others)}"
    _merged(ws, row, 1, _COLUMNS, text)
    ws.cell(row, 1).font = body_font(size=9, bold=True)
    ws.cell(row, 1).border = Border(bottom=Side(style="thin", color=RULE))
    across = min(4, max(1, len(specs)))
    wide = _COLUMNS // across
    lines = -(-len(specs) // across)
    high = _heights(plan, data)[1]
    for r in range(row + 1, row + 1 + lines * high):
        ws.row_dimensions[r].height = _ROW_HEIGHT
    for i, spec in enumerate(specs):
        column, top = (i % across) * wide, row + (i // across) * high
        draw(ws, spec, CHART_SHEET, data.frame, (column, top, column + wide, top + high))
    return row + 1 + lines * high


_GUIDE = (
    ("Buyer", "orders, sales"),
    ("Finance", "cash_flow (payments are negative), depreciation, impairment"),
    ("Sites", "deployment, running, power, warehouse, builds"),
    ("Proof", "checks (live formulas beside the audit), inputs, provenance"),
)


def _guide(ws: Worksheet, plan: Plan, row: int) -> None:
    """Say how far the figures rest on unproven specifications, and where to read on."""
    facts = dict(zip(plan.frames["provenance"]["key"], plan.frames["provenance"]["value"], strict=True))
    shares = [
        float(facts.get(f"share_of_{what}_estimated_or_unreleased") or 0.0) for what in ("compute", "hardware_capex")
    ]
    text = f"{shares[0]:.0%} of compute and {shares[1]:.0%} of hardware capex rest on estimated or unreleased"
    text += " specifications.   "
    _merged(ws, row, 1, _COLUMNS, text + "   ".join(f"{who}: {what}." for who, what in _GUIDE))
    ws.cell(row, 1).font = body_font(size=8, colour=MUTED)
