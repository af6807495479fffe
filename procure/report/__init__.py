"""Plan → workbook: ``write_plan``. openpyxl is imported when a workbook is written, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procure.report.package import check_target

if TYPE_CHECKING:
    from pathlib import Path

    from procure.plan import Plan

__all__ = ["check_target", "write_plan"]


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan as a workbook: beside ``path``, then moved into place.

    Raises ``procure.OutputError`` where it cannot be written (the old file stays whole) and refuses the input file.
    """
    from procure.report.workbook import write

    write(plan, path)
