"""Findings as text, as JSON, and as a copy of the workbook with an ``issues`` sheet that links to each cell.

The copy is built fresh from the raw cells (formulas as their values): an input workbook is never opened for writing.
Texts are written as texts, whatever they begin with: nothing from the input becomes a formula.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from procure.reading import check_workbook
from procure.reading.faults import CODES, column_letters, split_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from procure.reading.cells import Grid
    from procure.reading.faults import Fault

__all__ = ["annotate", "check_workbook", "render_json", "render_text", "summary_line"]

_FILLS = {"error": "FFC7CE", "warning": "FFEB9C", "note": "DDEBF7"}
_LONGEST = 32_767


def summary_line(faults: Sequence[Fault]) -> str:
    """Return the counts in words: ``2 errors, 1 warning``."""
    parts: list[str] = []
    for severity in ("error", "warning", "note"):
        count = sum(fault.severity == severity for fault in faults)
        if count:
            parts.append(f"{count} {severity}{'s' if count != 1 else ''}")
    return ", ".join(parts) if parts else "no faults found"


def render_text(faults: Sequence[Fault], *, notes: bool = True) -> str:
    """Return one line a finding, in workbook order, and a line of counts at the end."""
    lines = [str(fault) for fault in faults if notes or fault.severity != "note"]
    return "\n".join([*lines, summary_line(faults)])


def render_json(faults: Sequence[Fault]) -> str:
    """Return the findings as JSON: ``ok``, counts, and a list of faults with every field and the message."""
    counts = {s: sum(fault.severity == s for fault in faults) for s in ("error", "warning", "note")}
    data = {
        "ok": not counts["error"],
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["note"],
        "faults": [asdict(fault) | {"rule": CODES.get(fault.code), "message": str(fault)} for fault in faults],
    }
    return json.dumps(data, ensure_ascii=False, indent=1)


def annotate(path: str | Path, faults: Sequence[Fault], out: str | Path) -> None:
    """Write a copy of a workbook with marked cells and a sheet ``issues`` that links to each of them.

    The copy is written beside ``out`` and moved into place. Sheets that cannot be read are left out.

    Raises
    ------
    ValueError
        Where ``out`` is the workbook itself.
    OSError
        Where the copy cannot be written; an older ``out`` is then whole.
    """
    from openpyxl import Workbook

    from procure.reading.writing import save_workbook

    source, target = Path(path), Path(out)
    if target.exists() and source.exists() and target.samefile(source):
        raise ValueError("the annotated copy must not replace the workbook itself")
    book = Workbook()
    issues = book.active
    if issues is None:  # a new workbook has one sheet
        raise RuntimeError("openpyxl made a workbook without a sheet")
    names = {"issues"}
    titles: dict[str, str] = {}
    marks = _marks(faults)
    for grid in _grids(source):
        title = _free_title(grid.name, names)
        names.add(title.casefold())
        titles[grid.name] = title
        _copy(book.create_sheet(title), grid, marks.get(grid.name, {}))
    issues.title = "issues"
    _issues(issues, faults, titles)
    save_workbook(book, target)


def _grids(path: Path) -> list[Grid]:
    """Return every sheet that can be read."""
    from procure.reading.container import UnreadableError
    from procure.reading.workbook import Workbook

    grids: list[Grid] = []
    try:
        workbook = Workbook(path)
    except UnreadableError:
        return grids
    for info in workbook.sheets:
        if not info.worksheet:
            continue
        try:
            grids.append(workbook.grid(info))
        except UnreadableError:
            continue
    return grids


def _free_title(name: str, taken: set[str]) -> str:
    """Return a legal sheet title that is not taken."""
    title = "".join("_" if c in "[]:*?/\\" or not c.isprintable() else c for c in name).strip("'")[:31] or "sheet"
    stem, number = title, 2
    while title.casefold() in taken:
        title = f"{stem[:27]} ({number})"
        number += 1
    return title


def _marks(faults: Sequence[Fault]) -> dict[str, dict[tuple[int, int], str]]:
    """Return the severity to mark each cell with, the worst first, by sheet and (row, column)."""
    marks: dict[str, dict[tuple[int, int], str]] = {}
    for severity in ("note", "warning", "error"):
        for fault in faults:
            if fault.severity == severity and fault.sheet and fault.cell:
                marks.setdefault(fault.sheet, {})[split_address(fault.cell)] = severity
    return marks


def _copy(sheet: Worksheet, grid: Grid, marks: dict[tuple[int, int], str]) -> None:
    from openpyxl.styles import PatternFill

    from procure.reading.writing import put

    for at, values in grid.columns.items():
        for row, value in zip(grid.rows, values, strict=True):
            if value is not None:
                put(sheet, row, at + 1, value)
        longest = max((len(str(v)) for v in values[:200] if v is not None), default=8)
        sheet.column_dimensions[column_letters(at)].width = min(40, max(9, longest + 2))
    for (row, column), severity in marks.items():
        sheet.cell(row, column + 1).fill = PatternFill("solid", fgColor=_FILLS[severity])
    sheet.freeze_panes = "B2"


def _issues(sheet: Worksheet, faults: Sequence[Fault], titles: dict[str, str]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.hyperlink import Hyperlink

    from procure.reading.writing import put

    headers = ["severity", "code", "sheet", "cell", "column", "got", "expected", "hint"]
    for column, header in enumerate(headers, 1):
        put(sheet, 1, column, header)
        cell = sheet.cell(1, column)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F3864")
    for row, fault in enumerate(faults, 2):
        place = fault.cell or (f"row {fault.row}" if fault.row is not None else None)
        values = [fault.severity, fault.code, fault.sheet, place, fault.column, fault.got, fault.expected, fault.hint]
        for column, value in enumerate(values, 1):
            if value is not None:
                put(sheet, row, column, value[:_LONGEST])
                sheet.cell(row, column).alignment = Alignment(wrap_text=column > 5, vertical="top")
        sheet.cell(row, 1).fill = PatternFill("solid", fgColor=_FILLS[fault.severity])
        title = titles.get(fault.sheet or "")
        if title is not None:
            target = f"'{title.replace(chr(39), chr(39) * 2)}'!{fault.cell or 'A1'}"
            cell = sheet.cell(row, 4 if fault.cell else 3)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target)
            cell.font = Font(color="0563C1", underline="single")
    for letter, width in zip("ABCDEFGH", (10, 8, 16, 9, 20, 44, 44, 50), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:H{max(2, len(faults) + 1)}"
