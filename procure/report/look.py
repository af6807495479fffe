"""One look for every sheet: fonts, fills, number formats, and a palette keyed by generation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

__all__ = [
    "FONT",
    "INK",
    "Formats",
    "Palette",
    "body_font",
    "clean",
    "footer",
    "header_style",
    "palette",
    "print_setup",
    "short",
]  # fmt: skip

#: One font everywhere; Arial has metric-compatible substitutes where it is missing.
FONT = "Arial"
INK = "1F2933"
MUTED = "616E7C"
HEADER_FILL = "22384F"
RULE = "CBD2D9"
GOOD, BAD = "0B6E4F", "B00020"
BAD_FILL = "F8D7DA"
LIMIT = "8B0000"
#: Power that is there and not used: the top of a stack.
UNUSED = "D9DFE5"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST = 32767
OTHER = "A6A6A6"

#: Okabe–Ito, strongest first; told apart by readers who do not see all colours.
_COLOURS = ("0072B2", "E69F00", "009E73", "D55E00", "56B4E9", "CC79A7", "7F6000", "F0E442")


class Formats:
    """Number formats; zero shows as a dash, negative money in parentheses."""

    UNITS = '#,##0;-#,##0;"–"'
    MONEY = '#,##0;(#,##0);"–"'
    CENTS = '#,##0.00;(#,##0.00);"–"'
    DECIMAL = '#,##0.00;-#,##0.00;"–"'
    FINE = "#,##0.0000"
    SHARE = "0.00%"
    DATE = "yyyy-mm-dd"
    VIOLATION = "0.00E+00;-0.00E+00;0"
    TEXT = "@"
    GENERAL = "General"


@dataclass(frozen=True)
class Palette:
    """Colours of the generations that have one; every other generation is drawn as ``other``."""

    shown: tuple[str, ...]
    others: tuple[str, ...]

    def colour(self, name: str) -> str:
        """Return the colour of a generation, or the one of ``other``."""
        return _COLOURS[self.shown.index(name)] if name in self.shown else OTHER


def palette(names: Sequence[str], weight: Sequence[float]) -> Palette:
    """Give colours to the generations that matter (by weight, at most eight); the order of the input is kept.

    A generation has the same colour in every chart of a plan. More than eight that matter: the rest becomes ``other``.
    """
    used = [i for i, value in enumerate(weight) if value > 0]
    room = len(_COLOURS)
    top = set(used if len(used) <= room else sorted(used, key=lambda i: -weight[i])[: room - 1])
    return Palette(
        tuple(name for i, name in enumerate(names) if i in top),
        tuple(names[i] for i in used if i not in top),
    )


def body_font(*, size: float = 9, bold: bool = False, colour: str = INK, italic: bool = False) -> Font:
    """Return the font of body text."""
    return Font(name=FONT, size=size, bold=bold, italic=italic, color=colour)


def header_style() -> tuple[Font, PatternFill, Alignment, Border]:
    """Return font, fill, alignment and border of a header cell."""
    return (
        body_font(bold=True, colour="FFFFFF"),
        PatternFill("solid", fgColor=HEADER_FILL),
        Alignment(horizontal="left", indent=1, vertical="center", wrap_text=True),
        Border(bottom=Side(style="medium", color=INK)),
    )


def print_setup(ws: Worksheet, *, pages_wide: int = 1, pages_high: int = 0) -> None:
    """Set a sheet up for print: A4 landscape, so many pages wide and (0: as needed) high."""
    ws.page_setup.orientation = "landscape"
    ws.page_setup.paperSize = ws.PAPERSIZE_A4
    ws.page_setup.fitToWidth = pages_wide
    ws.page_setup.fitToHeight = pages_high
    ws.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.page_margins.top = ws.page_margins.bottom = 0.55
    ws.page_margins.header = ws.page_margins.footer = 0.25


def footer(ws: Worksheet, text: str, *, header: bool = True) -> None:
    """Print a line of text and the page number below every page, the name of the sheet above."""
    parts: Any = ws
    safe = text.replace("&", "&&")[:120]
    for part, value in (
        (parts.oddFooter.left, safe),
        (parts.oddFooter.right, "Page &P of &N"),
        (parts.oddHeader.right, "&A" if header else None),
    ):
        part.text, part.size, part.font = value, 8, FONT


def clean(text: str) -> str:
    """Return a text as a cell can hold it: without control characters, not too long."""
    return _ILLEGAL.sub("", text)[:_LONGEST]


def short(value: float, digits: int = 3) -> str:
    """Say a number in a few characters: 1.24 bn, 812 M, 45,300, 0.0123.

    >>> short(1_237_000_000), short(812_400_000), short(45_310), short(1.4237), short(0.0)
    ('1.24 bn', '812 M', '45,310', '1.42', '0')
    """
    size = abs(value)
    for factor, suffix in ((1e12, " tn"), (1e9, " bn"), (1e6, " M")):
        if size >= factor * (1 - 0.5 * 10 ** (-digits)):
            return f"{_digits(value / factor, digits)}{suffix}"
    if size >= 1000:
        return f"{value:,.0f}"
    return _digits(value, digits) if size else "0"


def _digits(value: float, digits: int) -> str:
    rounded = float(f"{value:.{digits}g}")
    if abs(rounded) < 1e-3:
        return f"{value:.{digits - 1}e}"
    whole = len(str(int(abs(rounded)))) if abs(rounded) >= 1 else 0
    return f"{rounded:,.{max(0, digits - whole)}f}"
