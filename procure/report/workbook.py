"""The plan workbook: ``dashboard`` first, then the data sheets in the order of the plan, checks, inputs, provenance."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from openpyxl import Workbook

from procure.report.bulk import SharedStrings, rows_xml
from procure.report.chart_data import chart_data
from procure.report.dashboard import CHART_SHEET, dashboard
from procure.report.package import check_target, save
from procure.report.sheets import Styles, data_sheet, dimension

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from procure.plan import Plan

__all__ = ["write"]


def write(plan: Plan, path: str | Path) -> None:
    """Write a plan to ``path``; see ``procure.report.write_plan``."""
    target = check_target(path, getattr(plan.case.tables.source, "path", None))
    data = chart_data(plan)
    frames = dict(plan.frames)
    provenance = frames.pop("provenance")
    frames |= {CHART_SHEET: data.frame, "provenance": provenance}

    workbook = Workbook()
    page = workbook.active
    page.title = "dashboard"
    styles = Styles(workbook)
    strings = SharedStrings()
    rows: dict[str, Callable[[], Iterator[bytes]]] = {}
    note = _note(plan)
    for name, frame in frames.items():
        columns, heights = data_sheet(workbook, styles, name, frame, note)
        rows[name] = partial(rows_xml, frame, columns, strings, heights)
    dashboard(page, plan, data, ('=COUNTIF(checks!E:E,"fail")', 0, len(frames["checks"])), note)
    _properties(workbook, plan)
    dimensions = {name: dimension(frame) for name, frame in frames.items()}
    save(workbook, target, strings, rows, dimensions, {})


def _note(plan: Plan) -> str:
    source = getattr(plan.case.tables.source, "sha256", None) or ""
    return f"{plan.case.title or 'Plan'} · {plan.status}" + (f" · input {source[:12]}" if source else "")


def _properties(workbook: Workbook, plan: Plan) -> None:
    workbook.properties.title = plan.case.title or "Procurement plan"
    workbook.properties.creator = "procure"
    workbook.properties.description = _note(plan)
