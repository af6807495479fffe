"""The plan workbook: ``dashboard`` first, then the data sheets in the order of the plan, checks, inputs, provenance."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from openpyxl import Workbook

from procure.report.bulk import SharedStrings, rows_xml
from procure.report.chart_data import chart_data
from procure.report.checks import checks_of, fill
from procure.report.dashboard import CHART_SHEET, dashboard
from procure.report.inputs import echo
from procure.report.look import body_font
from procure.report.package import check_target, save
from procure.report.sheets import Styles, data_sheet, dimension

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd
    from openpyxl.worksheet.worksheet import Worksheet

    from procure.plan import Plan

__all__ = ["write"]


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

    workbook = Workbook()
    page = workbook.active
    page.title = "dashboard"
    workbook._named_styles["Normal"].font = body_font(size=10)  # noqa: SLF001 - what column widths are measured in
    styles = Styles(workbook)
    strings = SharedStrings()
    rows: dict[str, Callable[[], Iterator[bytes]]] = {}
    note = _note(plan)
    for name, frame in frames.items():
        columns, heights = data_sheet(workbook, styles, name, frame, note)
        if name == "checks":
            fill(workbook[name], checks)
        else:
            rows[name] = partial(rows_xml, frame, columns, strings, heights)
    count = _broken_formula(len(checks.frame))
    dashboard(page, plan, data, (count, checks.broken, len(checks.frame)), note)
    _properties(workbook, plan)
    dimensions = {name: dimension(frame) for name, frame in frames.items()}
    caches = {"checks": checks.results, "dashboard": {_cell_of(page, count): checks.broken}}
    save(workbook, target, strings, rows, dimensions, caches)


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
    return f"{plan.case.title or 'Plan'} · {plan.status}" + (f" · input {source[:12]}" if source else "")


def _properties(workbook: Workbook, plan: Plan) -> None:
    workbook.properties.title = plan.case.title or "Procurement plan"
    workbook.properties.creator = "procure"
    workbook.properties.description = _note(plan)
