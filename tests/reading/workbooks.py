"""A valid workbook with every table in use, and ways to write and to break it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import openpyxl

from procure.reading import check_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl import Workbook

_CASE: dict[str, list[list[Any]]] = {
    "settings": [
        ["key", "value", "note"],
        ["title", "Test case", None],
        ["start", "2027Q1", None],
        ["periods", 8, None],
        ["period_length", "quarter", None],
        ["objective", "balanced", None],
        ["discount_rate", 0.09, None],
        ["utilisation", 0.5, None],
        ["budget_carry_over", "no", None],
    ],
    "generations": [
        ["generation", "vendor", "compute", "power_kw", "cooling", "price", "available_from", "last_order", "lead_time",
         "lot", "racks", "resale"],
        ["H200", "NVIDIA", 9, 10.2, "air", 300000, None, "2028", 1, 1, 0.25, 0.8],
        ["GB300", "NVIDIA", 300, 140, "liquid", 4000000, "2027Q1", None, 1, 1, 1, 0.8],
        ["MI355X", "AMD", 16, 15.6, "liquid", 303600, "2027Q2", None, 2, 4, 0.25, 0.7],
    ],
    "sites": [
        ["site", "campus", "market", "pue", "energy_per_mwh", "max_rack_kw", "cooling", "workloads"],
        ["DUB1", "Dublin", "NA", 1.15, 120, 150, "both", "training, inference"],
        ["DUB2", "Dublin", "IE", 1.2, 120, 60, "air", None],
        ["DAL1", None, "Dallas", 1.12, 66, 200, "liquid", "all"],
    ],
    "power": [
        ["site", "2027Q1", "2027Q2", "2027Q3"],
        ["Dublin", 4, None, 8],
        ["DUB2", 2, None, None],
        ["DAL1", None, 5, 10],
    ],
    "space": [["site", "2027Q1"], ["DUB2", 40], ["DAL1", 100]],
    "budget": [["budget", "2027Q1", "2028Q1"], ["capex", 60000000, 40000000]],
    "allocation": [["generation", "2027Q1", "2027Q3"], ["GB300", 10, 20]],
    "prices": [["generation", "2027Q3"], ["H200", 280000]],
    "resale_prices": [["generation", "2027Q1", "2028Q1"], ["H200", 200000, 150000]],
    "modes": [["generation", "mode", "power_factor", "compute_factor"], ["MI355X", "capped", 0.71, 0.84],
              ["*", "eco", 0.8, 0.88]],
    "compute_path": [["generation", "2027Q1", "2028Q1"], ["GB300", 1, 1.3]],
    "workloads": [["workload", "utilisation"], ["training", 0.45], ["inference", None]],
    "performance": [["generation", "training", "inference"], ["GB300", 300, 420], ["H200", 9, None]],
    "demand": [
        ["workload", "measure", "2027Q1", "2027Q4"],
        ["training", "minimum", None, 100],
        ["training", "maximum", None, 5000],
        ["inference", "value", 2, None],
    ],
    "fleet": [
        ["generation", "site", "delivered", "units", "price"],
        ["H200", "DUB2", "2025Q3", 40, 310000],
        ["H200", "warehouse", "2026Q4", 8, 300000],
    ],
    "committed": [["generation", "delivery", "units", "price"], ["GB300", "2027Q2", 4, 3900000]],
    "licences": [["generation", "site", "allowed", "from", "max_units"], ["*", "DAL1", "yes", "2027Q2", 500],
                 ["MI355X", "DUB1", "no", None, None]],
    "power_options": [
        ["option", "site", "adds_mw", "availability", "capex", "energy_per_mwh", "lead_time", "latest", "max_builds"],
        ["gas", "DAL1", 5, 0.9, 9000000, 55, 3, "2028Q1", 2],
    ],
    "shell_options": [["option", "site", "adds_racks", "capex", "lead_time"], ["annex", "DUB2", 50, 2000000, 2]],
    "projects": [["project", "workload", "uplift", "cost", "cost_per_year", "lead_time"],
                 ["scheduler", "*", 0.06, 800000, 100000, 1]],
    "rental": [["workload", "price_per_unit_hour", "kw_per_compute_unit", "2027Q1", "2027Q3"],
               ["training", 2.4, 1.1, 200, 100]],
}  # fmt: skip


def case() -> dict[str, list[list[Any]]]:
    """Return a fresh copy of the valid case: rows of cells by sheet, the header first."""
    return copy.deepcopy(_CASE)


def book(tables: dict[str, list[list[Any]]] | None = None) -> Workbook:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in (case() if tables is None else tables).items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return workbook


def write(path: Path, tables: dict[str, list[list[Any]]] | None = None) -> Path:
    book(tables).save(path)
    return path


def edit(path: Path, changes: dict[str, Any]) -> Path:
    """Write the valid case with changes: ``{"sites!D2": "15,5"}``; a name alone renames, fills or drops a sheet."""
    workbook = book()
    for place, value in changes.items():
        name, _, cell = place.partition("!")
        if not cell:
            if value is None:
                del workbook[name]
            elif isinstance(value, str):
                workbook[name].title = value
            else:
                sheet = workbook.create_sheet(name) if name not in workbook.sheetnames else workbook[name]
                sheet.delete_rows(1, sheet.max_row)
                for row in value:
                    sheet.append(row)
        else:
            workbook[name][cell] = value
    workbook.save(path)
    return path


def messages(path: Path, *severities: str) -> list[str]:
    wanted = severities or ("error",)
    return [str(fault) for fault in check_workbook(path) if fault.severity in wanted]


def records(rows: list[list[Any]]) -> list[dict[str, Any]]:
    """Return rows with a header as records, for ``read_frames``."""
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
