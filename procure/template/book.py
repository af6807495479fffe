"""The workbook itself: a sheet a table, each a real Excel table with drop-downs, limits and explanations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from procure.reading.convert import expected
from procure.reading.writing import put, save_workbook
from procure.template.guide import LISTS, write_lists, write_readme, write_reference
from procure.template.style import TEXT_FORMAT, Look, fit_width, number_format, width_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from procure.schema import Column
    from procure.template.records import Records

__all__ = ["write_book"]

_VALIDATED_ROWS = 1000  # drop-downs and limits reach this far, so that added rows have them
_SPARE_ROWS = 5
_LEAST_ROWS = 10
_PROMPT, _TITLE = 255, 32


def write_book(path: str | Path, records: Mapping[str, Records], *, about: Sequence[str], every_table: bool) -> None:
    """Write the tables, a first sheet that explains, the reference and the lists; raises OSError."""
    book = Workbook()
    first = book.active
    if first is None:  # a new workbook has one sheet
        raise RuntimeError("openpyxl made a workbook without a sheet")
    first.title = "readme"
    kept = {name: table for name, table in records.items() if every_table or table.rows or table.sheet.required}
    labels = next((table.labels for table in records.values() if table.labels), ())
    letters: dict[str, dict[str, str]] = {}
    for name, table in kept.items():
        letters[name] = {header: get_column_letter(i) for i, header in enumerate(table.headers, 1)}
        _Writer(book.create_sheet(name), table, frozenset(kept), periods=bool(labels)).write()
    write_readme(first, kept, about)
    write_reference(book.create_sheet("reference"))
    write_lists(book.create_sheet("lists"), labels)
    _names(book, letters, len(labels))
    title = next((row[1] for row in kept["settings"].rows if row[0] == "title"), None)
    book.properties.title = str(title or "Planning case")
    book.properties.creator = "procure"
    book.active = 0
    save_workbook(book, path)


def _names(book: Workbook, letters: Mapping[str, Mapping[str, str]], periods: int) -> None:
    """Define the lists of declared names; they grow with their tables."""
    for name, (sheet, key) in LISTS.items():
        if sheet not in letters:
            continue
        letter = letters[sheet][key]
        column = f"{sheet}!${letter}$2:${letter}${_VALIDATED_ROWS}"
        grown = f"{sheet}!${letter}$2:INDEX({column},MAX(1,COUNTA({column})))"
        book.defined_names[name] = DefinedName(name, attr_text=grown)
    if periods:
        book.defined_names["lst_periods"] = DefinedName("lst_periods", attr_text=f"lists!$A$2:$A${periods + 1}")


class _Writer:
    """Writes one table."""

    def __init__(self, sheet: Worksheet, table: Records, tables: frozenset[str], *, periods: bool) -> None:
        self.sheet, self.table, self.tables, self.periods = sheet, table, tables, periods
        self.columns = {column.name: column for column in table.sheet.fixed}
        self.last = 1 + max(len(table.rows) + _SPARE_ROWS, _LEAST_ROWS)

    def write(self) -> None:
        """Write header, rows, formats, limits and the Excel table."""
        settings = self.table.sheet.kind == "settings"
        self.last = len(self.table.rows) + 1 if settings else self.last
        for at, header in enumerate(self.table.headers, 1):
            if settings:
                self._settings_column(at, header)
            else:
                self._column(at, header)
        self._finish(settings=settings)

    def _column(self, at: int, header: str) -> None:
        column = self._spec(header)
        self._header(at, header, column)
        fmt = number_format(column) if column is not None else "General"
        values = [row[at - 1] for row in self.table.rows]
        for row, value in enumerate(values, 2):
            put(self.sheet, row, at, value)
        for row in range(2, self.last + 1):
            self._dress(row, at, fmt, is_input=column is not None)
        self.sheet.column_dimensions[get_column_letter(at)].width = width_of(
            header, values, fmt, most=36.0 if column is None and self.table.labels else 60.0
        )
        if column is not None:
            self._validate(column, header, f"{get_column_letter(at)}2:{get_column_letter(at)}{_VALIDATED_ROWS}")

    def _spec(self, header: str) -> Column | None:
        """Return the data dictionary's entry of a column; period and workload columns share one."""
        if header in self.columns:
            return self.columns[header]
        spread = self.table.sheet.spread
        if spread is None or header not in self.table.headers[len(self.columns) :]:
            return None
        further = [h for h in self.table.headers if h not in self.columns]
        if self.table.labels:
            return spread if header in self.table.labels else None
        if spread.name.startswith("<w") and header != "note" and further.index(header) >= further.index("note"):
            return spread
        return None

    def _header(self, at: int, header: str, column: Column | None) -> None:
        put(self.sheet, 1, at, header)
        cell = self.sheet.cell(1, at)
        cell.font, cell.alignment = Look.header, Look.header_align
        if column is None:
            cell.fill = Look.header_note
            return
        cell.fill = Look.header_required if column.required else Look.header_optional
        if header in self.table.labels[1:]:  # one explanation is enough for all periods
            return
        comment = Comment(_explanation(column), "procure")
        comment.width, comment.height = 320, 130
        cell.comment = comment

    def _dress(self, row: int, at: int, fmt: str, *, is_input: bool) -> None:
        cell = self.sheet.cell(row, at)
        cell.border = Look.line
        if is_input:
            cell.font, cell.fill, cell.number_format = Look.input_font, Look.input_fill, fmt
        else:
            cell.font, cell.alignment = Look.note_font, Look.top

    def _validate(self, column: Column, header: str, ref: str) -> None:
        """Add the drop-down or the limits of a column, with what it means as the message on entry."""
        rule = DataValidation(allow_blank=True, showInputMessage=True, showErrorMessage=False)
        source = self._source(column)
        if source is not None:
            rule.type, rule.formula1 = "list", source
            rule.showErrorMessage = bool(column.choices) or column.type == "yesno"
        elif column.numeric:
            _limits(rule, column)
        rule.promptTitle, rule.prompt = header[:_TITLE], _prompt(column)
        rule.errorTitle, rule.error = header[:_TITLE], f"Expected {expected(column)}."[:_PROMPT]
        rule.add(ref)
        self.sheet.add_data_validation(rule)

    def _source(self, column: Column) -> str | None:
        """Return the list behind a drop-down."""
        if column.type == "yesno":
            return '"yes,no"'
        if column.choices:
            return '"' + ",".join(column.choices) + '"'
        if column.is_period:
            return "lst_periods" if self.periods and column.sheet != "settings" else None
        for name, (sheet, _) in LISTS.items():
            if sheet in column.references and sheet in self.tables and column.type == "name":
                return name
        return None

    def _settings_column(self, at: int, header: str) -> None:
        cell = self.sheet.cell(1, at)
        put(self.sheet, 1, at, header)
        cell.font, cell.alignment = Look.header, Look.header_align
        cell.fill = Look.header_required if header in ("key", "value") else Look.header_note
        columns = {column.name: column for column in self.table.sheet.columns}
        values = [row[at - 1] for row in self.table.rows]
        for row, value in enumerate(values, 2):
            put(self.sheet, row, at, value)
            key = str(self.table.rows[row - 2][0])
            column = columns.get(key)
            is_value = header == "value"
            fmt = number_format(column) if column is not None and is_value else TEXT_FORMAT
            self._dress(row, at, "#,##0" if key == "periods" and is_value else fmt, is_input=is_value)
            if header == "key":
                self.sheet.cell(row, at).font = Look.key_font
            if is_value and column is not None:
                self._validate(column, key, f"B{row}")
        width = {"value": 22.0, "note": 100.0}.get(header) or width_of(header, values, TEXT_FORMAT)
        self.sheet.column_dimensions[get_column_letter(at)].width = width

    def _finish(self, *, settings: bool) -> None:
        sheet, table = self.sheet, self.table
        last = get_column_letter(len(table.headers))
        excel = ExcelTable(displayName=f"tbl_{table.sheet.name}", ref=f"A1:{last}{self.last}")
        excel.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
        sheet.add_table(excel)
        keys = 1 if settings else max(1, len([c for c in table.headers[:3] if c in table.sheet.keys]))
        sheet.freeze_panes = f"{get_column_letter(keys + 1)}2"
        sheet.row_dimensions[1].height = 20
        sheet.sheet_view.zoomScale = 100
        if table.sheet.required:
            sheet.sheet_properties.tabColor = Look.tab_required
        else:
            sheet.sheet_properties.tabColor = Look.tab_filled if table.rows else Look.tab_empty
        fit_width(sheet, keys)
        sheet.print_title_rows = "1:1"


def _limits(rule: DataValidation, column: Column) -> None:
    """Set the limits of a number; breaking one warns, the reader decides."""
    rule.type = "whole" if column.type == "integer" else "decimal"
    interval = column.range
    low = interval.low if interval is not None else -math.inf
    high = interval.high if interval is not None else math.inf
    rule.errorStyle, rule.showErrorMessage = "warning", True
    if math.isfinite(low) and math.isfinite(high):
        rule.operator, rule.formula1, rule.formula2 = (
            "between",
            f"{low:g}",
            f"{high:.0f}" if high > 1e6 else f"{high:g}",
        )
    else:
        open_low = interval is not None and interval.low_open
        rule.operator = "greaterThan" if open_low else "greaterThanOrEqual"
        rule.formula1 = f"{low:g}" if math.isfinite(low) else "-1E+15"


def _default_text(column: Column) -> str:
    if column.required:
        return "Required."
    default = column.default
    if default.startswith("="):
        return f"Blank: {default[1:].replace('settings.', 'setting ')}."
    if column.name.startswith("<"):
        rule = {"zero": "0", "unlimited": "no limit", "one": "1", "none": "no value yet"}
        first, _, special = column.blank.partition("|")
        text = rule.get(first, "")
        if special:
            measure, _, value = special.partition("=")
            text += f" ({measure}: {rule.get(value, value)})"
        return f"A blank cell repeats the one on its left; a blank first cell: {text}." if text else ""
    return f"Blank: {default}." if default and default != "blank" else ""


def _explanation(column: Column) -> str:
    unit = f"\nUnit: {column.unit}" if column.unit else ""
    return f"{column.description}\nExpected: {expected(column)}.{unit}\n{_default_text(column)}".strip()


def _prompt(column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    text = f"{column.description}{unit} {_default_text(column)}".strip()
    return text if len(text) <= _PROMPT else f"{text[: _PROMPT - 1]}…"
