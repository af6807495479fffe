"""The band of the dashboard that sets the plan against rules of thumb: a small table and a chart of what it gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from openpyxl.styles import Alignment, Border, Side

from procure.baselines.rules import RULES
from procure.report.charts import ChartSpec, SeriesSpec, draw
from procure.report.look import MUTED, RULE, body_font, clean, short

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

    from procure.plan import Plan

__all__ = ["SHEET", "thumb_band", "thumb_rows"]

SHEET = "baselines"

_STATUS = 26  # the column of what keeps a rule from being a match
#: Columns of the table: header, first and last column of the page's grid, and whether it is a figure.
_LAYOUT = (
    ("rule of thumb", 1, 3, False),
    ("what it goes by", 4, 9, False),
    ("the plan gains", 10, 11, True),
    ("compute per {currency}", 12, 14, True),
    ("the plan gains", 15, 16, True),
    ("compute per MW", 17, 18, True),
    ("the plan gains", 19, 20, True),
    ("cost, PV", 21, 22, True),
    ("of the most compute", 23, 25, True),
    ("", _STATUS, 28, False),
)  # fmt: skip
_CHART = (28, 36)  # columns of the page's grid, from 0
_ROW_HEIGHT = 14.0
_OBJECTIVES = {
    "compute_per_dollar": "compute per {currency}",
    "compute_per_watt": "compute per MW",
    "balanced": "the balance of both ratios",
    "compute": "compute",
    "cost": "cost",
    "npv": "net present value",
}


def thumb_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Return the table's rows as text: the plan, then each rule."""
    figures, frame = plan.figures, plan.frames[SHEET]
    watt = _watt(plan)
    briefs = {rule.name: rule.brief for rule in RULES}
    rows: list[tuple[str, ...]] = [
        (
        "this plan", "", "", _say(figures["compute_per_dollar"]), "", _say(figures[watt]), "", _say(figures["cost_pv"]),
        _share(figures["coverage"]), "",
    )]  # fmt: skip
    rows.extend(
        (
            str(row["rule"]), briefs.get(str(row["rule"]), ""), _gain(row["uplift"]), _say(row["compute_per_dollar"]),
            _gain(row["uplift_compute_per_dollar"]), _say(row[watt]), _gain(row[f"uplift_{watt}"]),
            _say(row["cost_pv"]), _share(row["coverage"]), "" if row["status"] == "feasible" else str(row["status"]),
        )
        for row in frame.to_dict("records")
    )  # fmt: skip
    return rows


def thumb_band(ws: Worksheet, plan: Plan, row: int) -> int:
    """Draw the band from a row (from 1) on and return the next row; nothing where the plan has no such sheet."""
    if SHEET not in plan.frames:
        return row
    currency = plan.case.currency
    aim = _OBJECTIVES[plan.outcome.objective].format(currency=currency)
    title = f"Against rules of thumb, each played through the same case by the same limits (gain in {aim} first)"
    _put(ws, row, 1, 36, title, left=True, bold=True, size=9)
    for column in range(1, 37):
        ws.cell(row, column).border = Border(bottom=Side(style="thin", color=RULE))
    lines = [tuple(name.format(currency=currency) for name, *_ in _LAYOUT), *thumb_rows(plan)]
    for i, texts in enumerate(lines, start=1):
        ws.row_dimensions[row + i].height = _ROW_HEIGHT
        for text, (_, first, last, figure) in zip(texts, _LAYOUT, strict=True):
            _put(ws, row + i, first, last, text, left=not figure, bold=i == 2, muted=i == 1 or first in {4, _STATUS})
    end = row + 1 + len(lines)
    _chart(ws, plan, plan.frames[SHEET], (_CHART[0], row, _CHART[1], end - 1))
    return end


def _chart(ws: Worksheet, plan: Plan, frame: pd.DataFrame, box: tuple[int, int, int, int]) -> None:
    gains = frame["uplift"].to_numpy(dtype=float)
    if not np.isfinite(gains).any():
        return
    aim = _OBJECTIVES[plan.outcome.objective].format(currency=plan.case.currency)
    draw(
        ws,
        ChartSpec(f"What the plan gains in {aim}", [SeriesSpec("uplift", "gain", "0B6E4F")], "",
                  "0.0%" if np.nanmax(np.abs(gains)) < 0.05 else "0%", legend=False, gap=60),
        SHEET, frame, box,
    )  # fmt: skip


def _put(ws: Worksheet, row: int, first: int, last: int, text: str, *, left: bool, bold: bool = False,
         muted: bool = False, size: float = 8) -> None:  # fmt: skip
    ws.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)
    cell = ws.cell(row, first, clean(text))
    cell.data_type = "s"
    cell.font = body_font(size=size, bold=bold, colour=MUTED if muted else "1F2933")
    cell.alignment = Alignment(horizontal="left" if left else "right", vertical="center", indent=int(first == _STATUS))


def _watt(plan: Plan) -> str:
    return f"compute_per_watt_{plan.case.settings.watt_basis}"


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _say(value: Any) -> str:
    number = _number(value)
    return short(number) if np.isfinite(number) else "–"


def _gain(value: Any) -> str:
    number = _number(value)
    if not np.isfinite(number):
        return "–"
    return f"{number:+.1%}" if abs(number) < 0.995 else f"{number:+,.0%}"


def _share(value: Any) -> str:
    number = _number(value)
    return f"{number:.0%}" if np.isfinite(number) else "–"
