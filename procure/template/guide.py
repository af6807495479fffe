"""The sheets around the tables: ``readme`` (first), ``reference`` (every column) and ``lists`` (for drop-downs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from procure.reading.convert import expected
from procure.reading.faults import column_letters
from procure.reading.writing import put
from procure.schema import load_schema
from procure.template.style import Look, fit_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from procure.template.records import Records

__all__ = ["LISTS", "write_lists", "write_readme", "write_reference"]

LISTS = {
    "lst_generations": ("generations", "generation"),
    "lst_sites": ("sites", "site"),
    "lst_workloads": ("workloads", "workload"),
}

_HOW = tuple(
    """Start with settings, generations, sites and power: these four are required. Every other table may stay empty.
Type into the light cells with blue text. A header's note says what the column means; the sheet reference lists all.
Names are up to you; drop-downs offer the names declared in generations, sites and workloads.
Periods are written 2027Q1 (quarter), 2027-03 (month), 2027H1 (half year) or 2027 (year).
In tables with one column a period, a blank cell repeats the cell on its left; a blank first cell is 0, or no limit \
where the table is a cap (budget, allocation, maximum demand).
Fractions are 0 to 1; the cells are formatted as percent, so type 8% or 0.08. Money is in the workbook's currency, \
not in thousands.
Leave the headers in row 1 as they are. Rows and columns of your own are kept as notes. Sheets you do not need may go.
Say where a figure comes from in the column note.""".splitlines()
)
_COMMANDS = (
    ("procure check CASE.xlsx", "finds every fault, each with its cell, before anything is solved"),
    ("procure solve CASE.xlsx -o PLAN.xlsx", "finds the best plan and writes it"),
)


def write_readme(sheet: Worksheet, tables: Mapping[str, Records], about: Sequence[str]) -> None:
    """Write the first sheet: what the case is about, how to fill the workbook in, and its tables with links."""
    title = next((row[1] for row in tables["settings"].rows if row[0] == "title"), None)
    put(sheet, 1, 1, str(title or "Planning case for the purchase of AI accelerators"))
    sheet.cell(1, 1).font = Look.title
    row = 3
    for line in about:
        row = _line(sheet, row, line)
    row = _heading(sheet, row + 1 if about else row, "How to fill it in")
    for number, line in enumerate(_HOW, 1):
        row = _line(sheet, row, f"{number}. {line}")
    row = _heading(sheet, row + 1, "Colours")
    for text, font, fill in (
        ("input: type here", Look.input_font, Look.input_fill),
        ("header of a required column", Look.header, Look.header_required),
        ("header of an optional column", Look.header, Look.header_optional),
        ("header of notes, not read", Look.header, Look.header_note),
    ):
        put(sheet, row, 1, text)
        sheet.cell(row, 1).font, sheet.cell(row, 1).fill = font, fill
        row += 1
    row = _heading(sheet, row + 1, "Then")
    for command, what in _COMMANDS:
        put(sheet, row, 1, command)
        sheet.cell(row, 1).font = Look.code
        put(sheet, row, 2, what)
        row += 1
    row = _heading(sheet, row + 1, "Tables")
    for name, table in tables.items():
        count = len(table.rows)
        put(sheet, row, 1, name)
        cell = sheet.cell(row, 1)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A1")
        cell.font = Look.link
        state = "required" if table.sheet.required else "optional"
        rows = "" if name == "settings" else f", {count} row{'s' if count != 1 else ''}"
        put(sheet, row, 2, f"{table.sheet.description} ({state}{rows})")
        sheet.cell(row, 2).alignment = Look.wrap
        row += 1
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 42, 110
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = "70AD47"
    fit_width(sheet)


def _heading(sheet: Worksheet, row: int, text: str) -> int:
    put(sheet, row, 1, text)
    sheet.cell(row, 1).font = Look.heading
    return row + 1


def _line(sheet: Worksheet, row: int, text: str) -> int:
    put(sheet, row, 1, text)
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
    sheet.cell(row, 1).alignment = Look.wrap
    sheet.row_dimensions[row].height = 15.5 * (1 + len(text) // 150)
    return row + 1


def write_reference(sheet: Worksheet) -> None:
    """Write the whole data dictionary: every sheet and column with what it takes, unit, default and meaning."""
    headers = ("sheet", "column", "expected", "unit", "required", "default", "meaning")
    widths = (16, 24, 52, 30, 10, 28, 110)
    for at, (header, width) in enumerate(zip(headers, widths, strict=True), 1):
        put(sheet, 1, at, header)
        cell = sheet.cell(1, at)
        cell.font, cell.fill = Look.header, Look.header_required
        sheet.column_dimensions[column_letters(at - 1)].width = width
    row = 2
    for item in load_schema().values():
        for column in item.columns:
            default = column.default.lstrip("=").replace("settings.", "setting ")
            values = (item.name, column.name, expected(column), column.unit, "yes" if column.required else "no",
                      default if default != "blank" else None, column.description)  # fmt: skip
            for at, value in enumerate(values, 1):
                put(sheet, row, at, value or None)
                sheet.cell(row, at).font = Look.plain
            row += 1
    table = ExcelTable(displayName="tbl_reference", ref=f"A1:G{row - 1}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    sheet.add_table(table)
    sheet.freeze_panes = "C2"
    sheet.sheet_properties.tabColor = "70AD47"


def write_lists(sheet: Worksheet, labels: Sequence[str]) -> None:
    """Write the lists behind drop-downs that no table holds: the periods."""
    put(sheet, 1, 1, "periods")
    sheet.cell(1, 1).font, sheet.cell(1, 1).fill = Look.header, Look.header_note
    for row, label in enumerate(labels, 2):
        put(sheet, row, 1, label)
        sheet.cell(row, 1).number_format = "@"
    sheet.column_dimensions["A"].width = 14
    sheet.sheet_properties.tabColor = Look.tab_empty
