"""The sheet ``checks``: the audit's verdict on each rule, and beside it the same rule as a live formula.

A rule that only the workbook checks (tie-outs, figures) has its result in the audit's columns as well, so that one look
at ``verdict`` is enough. A broken rule is red. The formulas' results are stored with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from procure.report.book import Book
from procure.report.look import BAD, BAD_FILL, FONT, GOOD, Formats, body_font, clean
from procure.report.rules import live_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openpyxl.worksheet.worksheet import Worksheet

    from procure.report.package import Cached
    from procure.report.rules import LiveRule

__all__ = ["Checks", "checks_of", "fill"]

COLUMNS = (
    "rule", "statement", "largest_violation", "unit", "verdict", "formula_says", "formula_violation", "tolerance",
    "formula_verdict",
)  # fmt: skip


@dataclass
class Checks:
    """``frame``: the sheet as read back; ``formulas`` by cell and their stored ``results``."""

    frame: pd.DataFrame
    formulas: dict[str, str] = field(default_factory=dict)
    results: dict[str, Cached] = field(default_factory=dict)

    @property
    def broken(self) -> int:
        """Number of rules that fail, by the audit or by formula."""
        return int(((self.frame["verdict"] == "fail") | (self.frame["formula_verdict"] == "fail")).sum())


def checks_of(audit: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> Checks:
    """Put the audit's checks and the live rules together (``frames``: the sheets of the plan, ``inputs`` included)."""
    live = {rule.rule: rule for rule in live_rules(Book(frames))}
    rows: list[dict[str, Any]] = [
        {**{name: record.get(name) for name in COLUMNS[:5]}, **_live(live.pop(str(record["rule"]), None))}
        for record in audit.to_dict("records")
    ]
    for rule in live.values():
        own = {
            "rule": rule.rule,
            "statement": rule.statement,
            "largest_violation": float(rule.violation.value),
            "unit": rule.unit,
            "verdict": "pass" if rule.passes else "fail",
        }
        rows.append({**own, **_live(rule)})
    checks = Checks(pd.DataFrame(rows, columns=list(COLUMNS)))
    for i, row in enumerate(rows, start=2):
        if row["formula"]:
            checks.formulas[f"G{i}"] = f"={row['formula']}"
            checks.results[f"G{i}"] = float(row["formula_violation"])
            checks.formulas[f"I{i}"] = f'=IF(G{i}<=H{i},"pass","fail")'
            checks.results[f"I{i}"] = str(row["formula_verdict"])
    return checks


def _live(rule: LiveRule | None) -> dict[str, Any]:
    if rule is None:
        return {
            "formula_says": None,
            "formula_violation": None,
            "tolerance": None,
            "formula_verdict": None,
            "formula": "",
        }
    return {
        "formula_says": rule.statement,
        "formula_violation": float(rule.violation.value),
        "tolerance": rule.tolerance,
        "formula_verdict": "pass" if rule.passes else "fail",
        "formula": rule.violation.formula,
    }


def fill(ws: Worksheet, checks: Checks) -> None:
    """Write the rows below the header (of ``sheets.data_sheet``) and colour broken rules."""
    formats = {"largest_violation": Formats.VIOLATION, "formula_violation": Formats.VIOLATION,
               "tolerance": Formats.VIOLATION}  # fmt: skip
    wrapped = {"statement", "formula_says"}
    for i, record in enumerate(checks.frame.to_dict("records"), start=2):
        lines = 1
        for j, name in enumerate(COLUMNS, start=1):
            value = record[str(name)]
            address = f"{get_column_letter(j)}{i}"
            missing = value is None or value != value
            shown = clean(value) if isinstance(value, str) else None if missing else value
            cell = ws.cell(i, j, checks.formulas.get(address, shown))
            if isinstance(value, str) and address not in checks.formulas:
                cell.data_type = "s"
                lines = max(lines, -(-len(value) // 66))
            cell.font = body_font()
            cell.number_format = formats.get(str(name), Formats.GENERAL)
            text = isinstance(value, str)
            cell.alignment = Alignment(horizontal="left" if text else None, indent=1 if text else 0, vertical="center",
                                       wrap_text=name in wrapped)  # fmt: skip
        ws.row_dimensions[i].height = 12.0 * lines + 1.5
    last = max(2, len(checks.frame) + 1)
    red, pale = PatternFill("solid", bgColor=BAD, fgColor=BAD), PatternFill("solid", bgColor=BAD_FILL, fgColor=BAD_FILL)
    white, green = Font(name=FONT, bold=True, color="FFFFFF"), Font(name=FONT, color=GOOD)
    for column in ("E", "I"):
        cells = f"{column}2:{column}{last}"
        ws.conditional_formatting.add(cells, CellIsRule("equal", ['"fail"'], font=white, fill=red))  # type: ignore[no-untyped-call]
        ws.conditional_formatting.add(cells, CellIsRule("equal", ['"pass"'], font=green))  # type: ignore[no-untyped-call]
    broken = FormulaRule(['OR($E2="fail",$I2="fail")'], fill=pale)  # type: ignore[no-untyped-call]
    ws.conditional_formatting.add(f"A2:D{last}", broken)
    for name, width in (("A", 26), ("B", 60), ("F", 60)):
        ws.column_dimensions[name].width = width
    ws.page_setup.fitToWidth = 1
