"""Plan → workbook: ``write_plan``. openpyxl is imported when a workbook is written, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def check_target(path: str | Path, source: str | Path | None = None) -> Path:
    """Return the real path of a workbook to write; raises ``procure.OutputError`` where that must fail (before a solve)."""
    from procure.report.package import check_target as check

    return check(path, source)
