"""The plan workbook: ``dashboard`` first, then the data sheets in the order of the plan, checks, inputs, provenance."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

from procure.report.bulk import SharedStrings, plain, rows_xml
from procure.report.chart_data import chart_data
from procure.report.checks import checks_of, fill
from procure.report.dashboard import CHART_SHEET, dashboard
from procure.report.inputs import echo
from procure.report.look import body_font, clean
from procure.report.package import Contents, check_target, save
from procure.report.sheets import Styles, data_sheet, dimension
from procure.report.trade_off import decorate

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

    from procure.plan import Plan

__all__ = ["add_sheet", "new_workbook", "properties", "write"]


def write(plan: Plan, path: str | Path) -> None:
    """Write a plan to ``path``; see ``procure.report.write_plan``."""
    target = check_target(path, getattr(plan.case.tables.source, "path", None))
    data = chart_data(plan)
    frames = dict(plan.frames)
    provenance = frames.pop("provenance")
    audit = frames.pop("checks")
    frames |= {"inputs": echo(plan.case.tables), CHART_SHEET: data.frame, "provenance": provenance}
    checks = checks_of(audit, frames)
    frames = {**_before(frames, "inputs"), "checks": checks.frame, **frames}

    workbook, page = new_workbook("dashboard")
    styles = Styles(workbook)
    contents = Contents(SharedStrings())
    note = _note(plan)
    for name, frame in frames.items():
        if name == "checks":
            data_sheet(workbook, styles, name, frame, note)
            fill(workbook[name], checks)
        else:
            add_sheet(workbook, styles, contents, name, frame, note)
    decorate(workbook, frames, plan)
    count = _broken_formula(len(checks.frame))
    dashboard(page, plan, data, (count, checks.broken, len(checks.frame)), note)
    contents.results = {"checks": checks.results, "dashboard": {_cell_of(page, count): checks.broken}}
    properties(workbook, plan.case.title or "Procurement plan", note)
    save(workbook, target, contents)


def new_workbook(first: str) -> tuple[Workbook, Worksheet]:
    """Return a workbook with one empty sheet of that name, in the house's font."""
    workbook = Workbook()
    page: Any = workbook.active
    page.title = first
    normal: Any = workbook
    normal._named_styles["Normal"].font = body_font(size=10)  # the font that column widths are measured in
    return workbook, page


def add_sheet(
    workbook: Workbook, styles: Styles, contents: Contents, name: str, frame: pd.DataFrame, note: str
) -> None:
    """Add a data sheet: its layout to the workbook, its rows to the contents."""
    frame = plain(frame)
    columns, heights = data_sheet(workbook, styles, name, frame, note)
    contents.rows[name] = partial(rows_xml, frame, columns, contents.strings, heights)
    contents.dimensions[name] = dimension(frame)


def properties(workbook: Workbook, title: str, note: str) -> None:
    """Set the document properties."""
    workbook.properties.title = clean(title)
    workbook.properties.creator = "procure"
    workbook.properties.description = note


def _before(frames: dict[str, pd.DataFrame], name: str) -> dict[str, pd.DataFrame]:
    """Return the sheets that stand before one."""
    return dict(list(frames.items())[: list(frames).index(name)])


def _broken_formula(rules: int) -> str:
    """Count rules that fail by the audit or by formula, each once."""
    last = max(2, rules + 1)
    return f'=SUMPRODUCT(--(((checks!$E$2:$E${last}="fail")+(checks!$I$2:$I${last}="fail"))>0))'


def _cell_of(page: Worksheet, formula: str) -> str:
    """Return where a formula stands on the page."""
    return next(cell.coordinate for row in page.iter_rows() for cell in row if cell.value == formula)


def _note(plan: Plan) -> str:
    source = getattr(plan.case.tables.source, "sha256", None) or ""
    return clean(f"{plan.case.title or 'Plan'} · {plan.status}") + (f" · input {source[:12]}" if source else "")
