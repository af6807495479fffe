"""The expression for whole rows of a sheet, and how it learns.

Each column of a sheet is written in one of few ways (``Variant``: style, type, with or without formula). ``Learner``
turns those seen so far into one regular expression that matches a whole row and captures a group a variant; a row
with a new variant is shown to it and extends the expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procure.reading.faults import column_letters

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STYLE", "Learner", "Variant"]

_VARIANTS = 600  # in one expression, and
_LESSONS = 24  # times it is extended (each costs some milliseconds); beyond that rows are read cell by cell
STYLE = re.compile(rb' s="(\d{1,6})"')
_FORMULA = rb"<f(?: [^<>]*)?(?:/>|>[^<]*</f>)"
_NUMBER = rb"[-+.0-9eE]{1,40}"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in which the cells of a column are written: style, type, and v(alue), f(ormula) or u(ncalculated)."""

    style: bytes
    kind: bytes
    form: str

    def pattern(self) -> bytes:
        """Return the expression from after the address to the cell's end, with one group."""
        head = self.style + (b' t="' + self.kind + b'"' if self.kind else b"") + b">"
        if self.kind == b"inlineStr":
            return head + rb"<is><t(?: [^<>]*)?>([^<]*)</t></is></c>"
        if self.form == "u":
            return head + rb"<f(?: [^<>]*)?(?:/>|>([^<]*)</f>)(?:<v ?/>|<v></v>)?</c>"
        value = {b"s": rb"\d{1,9}", b"n": _NUMBER, b"": _NUMBER, b"b": b"[01]"}.get(self.kind, b"[^<]*")
        formula = _FORMULA if self.form == "f" else b""
        return head + formula + b"<v(?: [^<>]*)?>(" + value + b")</v></c>"

    @property
    def style_number(self) -> int:
        """The style's index (0 where none is given)."""
        match = STYLE.fullmatch(self.style)
        return int(match[1]) if match else 0


class Learner:
    """The expression for whole rows, and what it has learned so far."""

    def __init__(self) -> None:
        self.variants: dict[int, list[Variant]] = {}
        self.layout: list[tuple[int, Variant]] = []
        self.match: Callable[[bytes, int], re.Match[bytes] | None] | None = None
        self._lessons = 0

    def learn(self, seen: list[tuple[int, Variant | None]]) -> None:
        """Extend the expression with the cells of a row, as long as it pays."""
        new = [(c, v) for c, v in seen if c not in self.variants or (v is not None and v not in self.variants[c])]
        if not new or self._lessons == _LESSONS:
            return
        self._lessons += 1
        for column, variant in new:
            known = self.variants.setdefault(column, [])
            if variant is not None and variant not in known:
                known.append(variant)
        if sum(map(len, self.variants.values())) > _VARIANTS:
            self._lessons = _LESSONS
            return
        self.layout = []
        pattern = [rb'<row r="([1-9]\d{0,6})"((?: [^<>]*)?)>']
        for column in sorted(self.variants):
            forms = [*(v.pattern() for v in self.variants[column]), rb'(?: s="\d{1,6}")?(?: t="[a-zA-Z]+")? ?/>']
            pattern.append(rb'(?:<c r="' + column_letters(column).encode() + rb'\1"(?:' + b"|".join(forms) + b"))?")
            self.layout += [(column, variant) for variant in self.variants[column]]
        self.match = re.compile(b"".join(pattern) + b"</row>").match
