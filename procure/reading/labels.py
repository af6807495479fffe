"""What a text that is no period label most likely means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procure.calendar import Calendar

__all__ = ["corrected_label", "period_hint"]

_SHORT = re.compile(
    r"(?:(\d\d)\W?([QH])([1-4])|([QH])([1-4])\W{0,2}(\d\d)|([1-4])([QH])\W?(\d\d\d\d|\d\d))", re.IGNORECASE
)


def corrected_label(text: str, calendar: Calendar | None = None) -> str | None:
    """Return the period that a text like ``27Q1``, ``Q1'27``, ``1Q2027`` or ``3/2027`` most likely means."""
    text = text.strip()
    match = _SHORT.fullmatch(text)
    if match is not None:
        year = match[1] or match[6] or match[9]
        kind, part = (match[2] or match[4] or match[8]).upper(), match[3] or match[5] or match[7]
        label = f"{year if len(year) == 4 else '20' + year}{kind}{part}"
        return label if not (kind == "H" and part > "2") else None
    match = re.fullmatch(r"(0?[1-9]|1[0-2])[/.-](20\d\d)", text)
    if match is not None:
        label = f"{match[2]}-{int(match[1]):02d}"
    else:
        match = re.fullmatch(r"(?:FY|CY)\W?(20\d\d|\d\d)", text, re.IGNORECASE)
        if match is None:
            return None
        return match[1] if len(match[1]) == 4 else f"20{match[1]}"
    return calendar.label(calendar.index(label)) if calendar is not None else label


def period_hint(text: str) -> str | None:
    """Say what is wrong with a label like ``2027Q5``; None where nothing is plain."""
    if re.search(r"Q\s*[05-9]", text, re.IGNORECASE):
        return "Quarters are Q1 to Q4"
    if re.search(r"H\s*[03-9]", text, re.IGNORECASE):
        return "Half years are H1 and H2"
    if re.search(r"\d{4}\W(?:1[3-9]|[2-9]\d|00)", text):
        return "Months are 01 to 12"
    return None
