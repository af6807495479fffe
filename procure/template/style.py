"""How input workbooks look: the blue-input convention, number formats by unit, widths from the text that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties

from procure.reading.faults import column_letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from procure.schema import Column

__all__ = ["Look", "fit_width", "number_format", "width_of"]

TEXT_FORMAT = "@"
_PRINTED = 260.0  # characters that are still legible on a landscape page
_MONEY = "#,##0;[Red]-#,##0;0"


class Look:
    """Shared style objects (openpyxl stores each distinct style once)."""

    header = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
    header_required = PatternFill("solid", fgColor="1F3864")
    header_optional = PatternFill("solid", fgColor="5B7DB1")
    header_note = PatternFill("solid", fgColor="7F7F7F")
    header_align = Alignment(horizontal="center", vertical="center", wrap_text=False)
    input_font = Font(name="Calibri", size=11, color="0000FF")
    input_fill = PatternFill("solid", fgColor="FFF9E5")
    note_font = Font(name="Calibri", size=10, color="595959")
    key_font = Font(name="Calibri", size=11, color="000000")
    title = Font(name="Calibri", size=18, bold=True, color="1F3864")
    heading = Font(name="Calibri", size=12, bold=True, color="1F3864")
    plain = Font(name="Calibri", size=11)
    link = Font(name="Calibri", size=11, color="0563C1", underline="single")
    code = Font(name="Consolas", size=11)
    wrap = Alignment(wrap_text=True, vertical="top")
    top = Alignment(vertical="top")
    line = Border(bottom=Side(style="hair", color="BFBFBF"), right=Side(style="hair", color="D9D9D9"))
    tab_required = "1F3864"
    tab_filled = "5B7DB1"
    tab_empty = "BFBFBF"


def number_format(column: Column) -> str:
    """Return the number format of a column's cells: texts and labels stay texts, fractions are percent."""
    if not column.numeric:
        return TEXT_FORMAT
    if column.type == "fraction":
        return "0.0##%"
    if column.type == "integer":
        return "#,##0"
    if column.unit.startswith("currency"):
        return _MONEY if column.unit.split("/")[-1] not in {"MWh", "month", "unit-hour", "t"} else "#,##0.00##"
    if column.unit in {"MW", "kW/unit", "kW/rack"}:
        return "#,##0.0##"
    return "General"


def width_of(header: str, values: Sequence[Any], fmt: str, *, most: float = 60.0) -> float:
    """Return a column width that shows the header (with its filter button) and the formatted values."""
    longest = max((len(_formatted(value, fmt)) for value in values if value is not None), default=0)
    return float(min(most, max(9, len(header) + 4, longest + 2)))


def _formatted(value: Any, fmt: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if fmt.endswith("%"):
            return f"{value:.1%}"
        return f"{value:,.2f}" if "." in fmt and not float(value).is_integer() else f"{value:,.0f}"
    return str(value)


def fit_width(sheet: Worksheet, keys: int = 0) -> None:
    """Print a sheet in landscape, as wide as the paper; a very wide one on several pages that repeat its ``keys``."""
    sheet.page_setup.orientation = "landscape"
    width = sum(dimension.width for dimension in sheet.column_dimensions.values())
    if keys and width > _PRINTED:
        sheet.print_title_cols = f"A:{column_letters(keys - 1)}"
        return
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
