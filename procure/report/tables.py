"""Plain tables as a workbook in the house's look: a sheet a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procure.report.bulk import SharedStrings
from procure.report.package import Contents, check_target, save
from procure.report.sheets import Styles
from procure.report.workbook import add_sheet, new_workbook, properties

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

__all__ = ["write_tables"]


def write_tables(frames: Mapping[str, pd.DataFrame], path: str | Path, title: str) -> None:
    """Write DataFrames as sheets; raises ``procure.OutputError`` where the file cannot be written."""
    if not frames:
        raise ValueError("there is no table to write")
    target = check_target(path)
    workbook, page = new_workbook("placeholder")
    styles = Styles(workbook)
    contents = Contents(SharedStrings())
    for name, frame in frames.items():
        add_sheet(workbook, styles, contents, name, frame, title)
    workbook.remove(page)
    properties(workbook, title, title)
    save(workbook, target, contents)
