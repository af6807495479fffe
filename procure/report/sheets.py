"""Data sheets: header, column formats, widths from the formatted text, freeze pane, filter and print set-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Side
from openpyxl.utils import get_column_letter

from procure.report.bulk import ColumnStyle
from procure.report.look import HEADER_FILL, Formats, body_font, clean, footer, header_style, print_setup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["Styles", "column_format", "data_sheet", "dimension", "displayed", "value_formats"]

#: Columns kept in view when scrolling, by sheet (others: 1).
_FROZEN = {"orders": 3, "deployment": 3, "running": 3, "power": 2, "energy": 3, "sales": 2, "depreciation": 2,
           "compute": 2, "builds": 3, "impairment": 2, "rental": 2, "warehouse": 2, "inputs": 4, "bottlenecks": 3,
           "no_regret": 3, "switching_prices": 3}  # fmt: skip

#: Columns whose numbers are formatted by the row's key.
_BY_KEY = {("summary", "value"), ("provenance", "value"), ("figures", "a"), ("figures", "b"), ("figures", "difference")}

#: Tab colours by reader: procurement, site operations, finance, proof.
_TABS = dict.fromkeys(("orders", "sales"), "0072B2")
_TABS |= dict.fromkeys(
    ("deployment", "running", "warehouse", "power", "energy", "rental", "compute", "builds"), "E69F00"
)
_TABS |= dict.fromkeys(("cash_flow", "depreciation", "impairment"), "009E73")
_TABS |= dict.fromkeys(
    (
        "bottlenecks",
        "megawatt_values",
        "frontier",
        "frontier_bound",
        "alternatives",
        "no_regret",
        "switching_prices",
        "baselines",
    ),
    "CC79A7",
)
_TABS |= dict.fromkeys(("checks", "inputs", "provenance", "chart_data"), "A6A6A6")

_UNITS = {"units", "installed", "removed", "installed_total", "stored", "count", "racks", "racks_used",
          "racks_available", "complete_no", "proven_by_then"}  # fmt: skip
_MONEY = {
    "unit_price", "total", "deposit", "balance", "proceeds", "book_value", "gain", "price_paid", "cost", "opening",
    "additions", "depreciation", "disposals", "closing", "resale_value", "to_service", "in_progress", "carrying_value",
    "shortfall", "largest_shortfall", "net", "discounted", "cumulative", "capex_orders", "deposits", "resale", "energy",
    "opex", "site_rent", "site_capacity", "site_fixed", "install", "remove", "order_cost", "builds", "build_fixed",
    "projects", "rental",
}  # fmt: skip
_SHARES = {"gap", "coverage", "loss", "within", "price_change", "compute_change", "power_change", "share_of_capex"}
_LONG_TEXT = {"why": 76, "note": 60, "aim": 44, "first_to": 30, "statement": 70, "value": 60, "at": 40}
_WIDEST = 44
_LONGEST_HEADER = 24
#: Widest sheet, in characters, that is still readable on one page; a wider one takes more pages side by side.
_PAGE = 230
#: Width of an average character in units of column width (nearly all are narrower), and a line's height in points.
_CHARACTER, _LINE = 1.0, 12.0


def column_format(column: str, values: pd.Series[Any]) -> str:
    """Return the number format of a column, by its name and the size of its numbers."""
    if values.dtype.kind == "M":
        return Formats.DATE
    if values.dtype.kind not in "iuf":
        return Formats.GENERAL
    name = column.lower().removesuffix("_difference").removesuffix("_a").removesuffix("_b")
    if name == "relative":
        return Formats.SHARE
    if name in _UNITS:
        return Formats.UNITS
    if name in _SHARES or name.startswith("uplift"):
        return Formats.SHARE
    if name in {"compute_per_dollar", "dollar_bound"}:
        return Formats.FINE
    if name == "objective_value":
        return Formats.FINE if np.nanmax(np.abs(values.to_numpy(dtype=float)), initial=0.0) < 100 else Formats.UNITS
    if name in _MONEY or name.endswith(("_cost", "_money", "_price", "_pv", "capex")):
        largest = np.nanmax(np.abs(values.to_numpy(dtype=float)), initial=0.0)
        return Formats.MONEY if largest >= 10_000 else Formats.CENTS
    if "violation" in name or name == "tolerance":
        return Formats.VIOLATION
    if name.endswith("_mw") or name in {"running", "average", "minimum", "maximum", "compute", "price_of_power",
                                        "carbon_t", "value"}:  # fmt: skip
        return Formats.DECIMAL
    if name.endswith(("_hours", "_mwh", "_compute")):
        return Formats.UNITS
    return Formats.UNITS if values.dtype.kind in "iu" else Formats.DECIMAL


def value_formats(keys: pd.Series[Any], values: pd.Series[Any]) -> list[str]:
    """Return a format for each row of a key/value sheet, by key and size of the number."""
    result = []
    for key, value in zip(keys.astype(str), values, strict=True):
        if isinstance(value, str) or value is None or value != value:
            result.append(Formats.GENERAL)
        elif key in {"gap", "coverage", "mip_gap"} or key.startswith("share_of_"):
            result.append(Formats.SHARE)
        elif isinstance(value, (int, np.integer)):
            result.append("0")
        else:
            size = abs(float(value))
            result.append(Formats.FINE if 0 < size < 100 else Formats.DECIMAL if size < 10_000 else Formats.UNITS)
    return result


def displayed(value: Any, number_format: str) -> str:
    """Return about what a cell shows (for its width)."""
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, str):
        return value
    if number_format == Formats.DATE:
        return "2027-01-01"
    number = float(value)
    if number_format == Formats.SHARE:
        return f"{number:.2%}"
    if number_format == Formats.VIOLATION:
        return f"{number:.2e}"
    digits = 4 if number_format == Formats.FINE else 2 if number_format in {Formats.CENTS, Formats.DECIMAL} else 0
    text = f"{number:,.{digits}f}"
    return f"({text[1:]})" if number < 0 and number_format in {Formats.MONEY, Formats.CENTS} else text


def _width(column: str, values: pd.Series[Any], number_format: str) -> tuple[float, bool]:
    """Width of a column in characters of the body font, and whether its text wraps."""
    header = min(len(column), _LONGEST_HEADER) + 3.5  # room for the filter's button
    if values.dtype.kind in "iufM":
        numbers = values.dropna()
        ends = [numbers.min(), numbers.max()] if len(numbers) else []
        longest = max((len(displayed(value, number_format)) for value in ends), default=0)
    else:
        filled = {value for value in values.tolist() if value is not None and value == value}
        shown = [value if isinstance(value, str) else displayed(value, Formats.DECIMAL) for value in filled]
        longest = max((len(text) for text in shown), default=0)
    most = _LONG_TEXT.get(column, _WIDEST)
    return min(max(header, _CHARACTER * longest + 2.5, 8.0), most), _CHARACTER * longest + 2.5 > most


_HAIRLINE = Border(bottom=Side(style="hair", color="C5CDD5"))


class Styles:
    """Style indices of a workbook: one for each look, made from prototype cells."""

    def __init__(self, workbook: Workbook) -> None:
        self._proto = WriteOnlyCell(workbook.worksheets[0])
        self._known: dict[tuple[str, bool, bool, bool, str], int] = {}

    def index(
        self, number_format: str, *, text: bool = False, wrap: bool = False, quoted: bool = False, side: str = ""
    ) -> int:
        """Return the index of a body style; ``text`` stands on the left, a little apart from the column before it."""
        key = (number_format, text, wrap, quoted, side)
        if key not in self._known:
            cell = WriteOnlyCell(self._proto.parent)
            cell.font = body_font()
            cell.number_format = number_format
            cell.alignment = Alignment(
                horizontal=side or ("left" if text else None),
                indent=1 if text or side == "left" else 0,
                vertical="center",
                wrap_text=wrap or None,
            )
            cell.border = _HAIRLINE
            cell.quotePrefix = quoted
            self._known[key] = cell.style_id
        return self._known[key]

    def column(
        self, number_format: str, *, text: bool = False, wrap: bool = False, rows: Sequence[int] | None = None
    ) -> ColumnStyle:
        """Return the styles of a column."""
        cell = self.index(number_format, text=text, wrap=wrap)
        return ColumnStyle(cell, self.index(number_format, text=text, wrap=wrap, quoted=True), rows)


def dimension(frame: pd.DataFrame) -> str:
    """Return the range of a sheet that holds the frame below a header row."""
    return f"A1:{get_column_letter(max(1, frame.shape[1]))}{len(frame) + 1}"


def data_sheet(
    workbook: Workbook, styles: Styles, name: str, frame: pd.DataFrame, note: str
) -> tuple[list[ColumnStyle], list[float] | None]:
    """Add a sheet with the header of a frame; return the styles and heights its rows are to be written with."""
    ws: Worksheet = workbook.create_sheet(name)
    font, fill, alignment, border = header_style()
    result = []
    lines = np.ones(len(frame))
    for i, column in enumerate(frame.columns, start=1):
        values = frame.iloc[:, i - 1]
        number_format = column_format(str(column), values)
        if name == "megawatt_values" and values.dtype.kind == "f":
            number_format = Formats.MONEY
        rows = None
        if (name, column) in _BY_KEY:
            formats = value_formats(frame["key"], values)
            side = "left" if name == "provenance" else "right"
            rows = [styles.index(item, side=side) for item in formats]
            width = (
                max([len(displayed(v, f)) for v, f in zip(values, formats, strict=True)], default=8) * _CHARACTER + 2.5
            )
            width, wrap = min(width, 70.0), False
        else:
            width, wrap = _width(str(column), values, number_format)
        if wrap:
            length = np.array([len(value) if isinstance(value, str) else 1 for value in values])
            lines = np.maximum(lines, np.ceil(length * 0.93 / (width - 2.0)))
        is_text = values.dtype.kind in "OM" and rows is None
        left = is_text or (name, column) == ("provenance", "value")
        cell = ws.cell(1, i, clean(str(column)))
        cell.data_type = "s"
        cell.font, cell.fill, cell.border = font, fill, border
        cell.alignment = alignment if left else Alignment(horizontal="right", vertical="center", wrap_text=True)
        ws.column_dimensions[get_column_letter(i)].width = round(width, 1)
        result.append(styles.column(number_format, wrap=wrap, rows=rows, text=is_text))
    ws.row_dimensions[1].height = 26
    _finish(ws, frame, note)
    return result, (_LINE * lines + 1.5).tolist() if (lines > 1).any() else None


def _finish(ws: Worksheet, frame: pd.DataFrame, note: str) -> None:
    """Freeze the header and the key columns, add filters and the print set-up."""
    name = ws.title
    frozen = min(_FROZEN.get(name, 1), max(1, frame.shape[1] - 1))
    ws.freeze_panes = f"{get_column_letter(frozen + 1)}2"
    ws.auto_filter.ref = dimension(frame)
    ws.sheet_properties.tabColor = _TABS.get(name, HEADER_FILL)
    ws.sheet_view.showGridLines = False
    ws.sheet_view.zoomScale = 90
    ws.print_title_rows = "1:1"
    ws.print_title_cols = f"A:{get_column_letter(frozen)}"
    total = sum(ws.column_dimensions[get_column_letter(i + 1)].width for i in range(frame.shape[1]))
    print_setup(ws, pages_wide=max(1, -(-int(total) // _PAGE)))
    footer(ws, note)
