"""From the XML of one sheet to a grid of raw cells, fast.

Rows of one sheet nearly always look alike. The scanner therefore learns, from rows it reads cell by cell, one regular
expression that matches a whole row and captures its values, and lets the regular-expression engine run through the
sheet; a row that does not match is read cell by cell and the expression is extended with what was new in it. Cells
are then converted column by column. This reads a sheet some thirty times faster than openpyxl. Files that are not
written the way spreadsheet programs write them (pretty-printed, prefixed or in UTF-16, cells without addresses,
comments) go to ``procure.reading.slowscan``, which makes no assumptions. Formulas are never evaluated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procure.reading.cells import Grid, Uncalculated
from procure.reading.container import Limits, UnreadableError, damaged, too_large
from procure.reading.decoding import Decoder, decode_text
from procure.reading.faults import column_letters

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["drop_blank", "scan_sheet"]

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
_VARIANTS = 600  # in one expression, and
_LESSONS = 24  # times it is extended (each costs some milliseconds); beyond that rows are read cell by cell

_EMPTY_ROWS = re.compile(rb"(?:<row(?: [^<>]*)?(?:/>|></row>))+")
_ROW = re.compile(rb'<row r="([1-9]\d{0,6})"((?: [^<>]*)?)>')
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"((?: [a-z]+="[^"<>]*")*) ?(?:/>|>'
    rb"(<f(?: [^<>]*)?(?:/>|>([^<]*)</f>))?"
    rb"(?:<v ?/>|<v(?: [^<>]*)?>([^<]*)</v>|<is>((?:(?!</is>).)*)</is>|<is ?/>)?</c>)",
    re.DOTALL,
)
_SIMPLE_ATTRS = re.compile(rb'((?: s="\d+")?)((?: t="[a-zA-Z]+")?)')
_STYLE, _TYPE = re.compile(rb' s="(\d{1,6})"'), re.compile(rb' t="([a-zA-Z]+)"')
_INLINE_TEXT = re.compile(rb"<rPh.*?</rPh>|<t(?: [^<>]*)?>([^<]*)</t>", re.DOTALL)
_SIMPLE_INLINE = re.compile(rb"<t(?: [^<>]*)?>[^<]*</t>")
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:]{1,30})"')
_HIDDEN_COLUMN = re.compile(rb"<col [^<>]*>")
_FORMULA = rb"<f(?: [^<>]*)?(?:/>|>[^<]*</f>)"
_NUMBER = rb"[-+.0-9eE]{1,40}"


class IrregularError(Exception):
    """The sheet is not written as expected; it goes to the slow scanner."""


@dataclass(frozen=True, slots=True)
class _Variant:
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
        match = _STYLE.fullmatch(self.style)
        return int(match[1]) if match else 0


@dataclass(slots=True)
class _Segment:
    """Consecutive rows that one expression matched, or one row that was read cell by cell."""

    layout: list[tuple[int, _Variant]]
    rows: list[tuple[bytes | None, ...]] = field(default_factory=list)
    cells: dict[int, Any] | None = None
    number: int = 0


class _Learner:
    """The expression for whole rows, and what it has learned so far."""

    def __init__(self) -> None:
        self.variants: dict[int, list[_Variant]] = {}
        self.layout: list[tuple[int, _Variant]] = []
        self.match: Callable[[bytes, int], re.Match[bytes] | None] | None = None
        self._lessons = 0

    def learn(self, seen: list[tuple[int, _Variant | None]]) -> None:
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


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = 26 * index + letter - 64
    if index > MAX_COLUMN:
        raise damaged("a cell lies beyond the last column")
    return index - 1


def scan_sheet(data: bytes, name: str, decoder: Decoder, limits: Limits, cells_left: int) -> Grid:
    """Read one sheet part into a grid.

    Raises
    ------
    UnreadableError
        Where the part is damaged, unsafe or beyond the limits; the fault names the sheet.
    """
    from procure.reading.slowscan import slow_scan

    try:
        try:
            return _fast_scan(data, name, decoder, limits, cells_left)
        except IrregularError:
            return slow_scan(data, name, decoder, limits, cells_left)
    except UnreadableError as fault:
        fault.sheet = fault.sheet or name
        raise


def _fast_scan(data: bytes, name: str, decoder: Decoder, limits: Limits, cells_left: int) -> Grid:
    begin = data.find(b"<sheetData>")
    if begin < 0:
        if b"<sheetData/>" in data or b"<sheetData />" in data:
            begin = data.find(b"<sheetData")
            if b"<!" not in data:
                return Grid(name, [], {})
        raise IrregularError
    end = data.find(b"</sheetData>", begin)
    if (
        end < 0
        or b"<!" in data
        or data[:2] in (b"\xff\xfe", b"\xfe\xff")
        or b"encoding="
        in data[:200]
        .replace(b'encoding="UTF-8"', b"")
        .replace(b'encoding="utf-8"', b"")
        .replace(b"encoding='UTF-8'", b"")
    ):
        raise IrregularError
    segments = _segments(data, begin + 11, end, decoder, limits, cells_left)
    grid = _assemble(name, segments, decoder)
    head, tail = data[:begin], data[end:]
    if b"<mergeCell " in tail:
        grid.merged = [match.decode() for match in _MERGE.findall(tail)[:1000]]
    if b'hidden="' in head:
        grid.hidden_columns = _hidden_columns(head)
    return grid


def _segments(
    data: bytes, position: int, end: int, decoder: Decoder, limits: Limits, cells_left: int
) -> list[_Segment]:
    learner = _Learner()
    segments: list[_Segment] = []
    current: _Segment | None = None
    count = 0
    limit = min(limits.rows, max(1, cells_left))
    while position < end:
        if learner.match is not None and current is not None:
            match, take, step = learner.match, current.rows.append, 0
            while (found := match(data, position)) is not None:
                take(found.groups())
                position = found.end()
                step += 1
                if count + step > limit:
                    raise too_large(f"the sheet has more than {limits.rows:,} filled rows or too many cells")
            count += step
            if step and count * max(1, len(learner.layout)) > 8 * cells_left:
                raise too_large("the workbook has more cells than any plan needs")
        if position >= end:
            break
        empty = _EMPTY_ROWS.match(data, position, end)
        if empty is not None:
            position = empty.end()
            continue
        segment, position, seen = _read_row(data, position, end, decoder)
        segments.append(segment)
        count += 1
        cells_left -= len(seen)
        if cells_left < 0 or count > limit:
            raise too_large("the workbook has more cells than any plan needs")
        if count > 1:  # the first row is a header and tells nothing about the others
            learner.learn(seen)
        current = _Segment(learner.layout)
        segments.append(current)
    return segments


def _read_row(
    data: bytes, position: int, end: int, decoder: Decoder
) -> tuple[_Segment, int, list[tuple[int, _Variant | None]]]:
    """Read one row cell by cell: its segment, the position after it and the variants to learn."""
    head = _ROW.match(data, position, end)
    if head is None:
        raise IrregularError
    number, position = head[1], head.end()
    cells: dict[int, Any] = {}
    seen: list[tuple[int, _Variant | None]] = []
    while (cell := _CELL.match(data, position, end)) is not None:
        letters, row, attrs, formula, formula_text, value, inline = cell.groups()
        if row != number:
            raise IrregularError
        column = _column_index(letters)
        if column in cells:
            raise damaged("a cell stands twice")
        kind_match, style_match = _TYPE.search(attrs), _STYLE.search(attrs)
        kind = kind_match[1] if kind_match else b""
        style = int(style_match[1]) if style_match else 0
        if formula is not None and not value and kind != b"str":
            cells[column] = Uncalculated(decode_text(formula_text or b""))
            form = "u"
        elif inline is not None:
            pieces = _INLINE_TEXT.findall(inline)
            cells[column] = decoder.texts[b"".join(pieces)]
            form = "v" if _SIMPLE_INLINE.fullmatch(inline) and kind == b"inlineStr" else ""
        else:
            cells[column] = decoder.one(kind, style, value)
            form = "f" if formula is not None else "v"
        simple = _SIMPLE_ATTRS.fullmatch(attrs)
        blank = value is None and inline is None and formula is None
        known = simple is not None and form and not blank
        seen.append((column, _Variant(simple[1], kind, form) if known and simple is not None else None))
        position = cell.end()
    if not data.startswith(b"</row>", position):
        raise IrregularError
    segment = _Segment([], cells=cells, number=int(number))
    if b"hidden=" in head[2]:
        segment.rows = [(number, head[2])]
    return segment, position + 6, seen


def _is_hidden(attrs: bytes | None) -> bool:
    return attrs is not None and (b' hidden="1"' in attrs or b' hidden="true"' in attrs)


def _assemble(name: str, segments: list[_Segment], decoder: Decoder) -> Grid:
    """Put the segments together: decode column by column, drop blank rows, check that rows ascend."""
    rows: list[int] = []
    hidden: list[int] = []
    parts: list[tuple[int, dict[int, list[Any]]]] = []
    for segment in segments:
        if segment.cells is not None:
            rows.append(segment.number)
            if segment.rows and _is_hidden(segment.rows[0][1]):
                hidden.append(segment.number)
            parts.append((1, {column: [value] for column, value in segment.cells.items()}))
        elif segment.rows:
            numbers, attrs, *values = zip(*segment.rows, strict=True)
            numbered = list(map(int, numbers))
            rows += numbered
            if any(map(_is_hidden, set(attrs))):
                hidden += [row for row, attr in zip(numbered, attrs, strict=True) if _is_hidden(attr)]
            parts.append((len(numbered), _decode_segment(segment.layout, values, decoder)))
    if len(rows) > 1 and not all(map(int.__lt__, rows, rows[1:])):
        raise damaged("its rows are out of order", name)
    if rows and rows[-1] > MAX_ROW:
        raise damaged("a row lies beyond the last row of a sheet", name)
    columns: dict[int, list[Any]] = {}
    for column in sorted({column for _, part in parts for column in part}):
        values_of: list[Any] = []
        for size, part in parts:
            values_of += part.get(column) or [None] * size
        columns[column] = values_of
    return drop_blank(Grid(name, rows, columns, hidden))


def _decode_segment(
    layout: list[tuple[int, _Variant]], values: list[tuple[bytes | None, ...]], decoder: Decoder
) -> dict[int, list[Any]]:
    columns: dict[int, list[Any]] = {}
    for (column, variant), raw in zip(layout, values, strict=True):
        if raw.count(None) == len(raw):
            continue
        if variant.form == "u":
            decoded: list[Any] = [None if x is None else Uncalculated(decode_text(x)) for x in raw]
        else:
            decoded = decoder.column(variant.kind, variant.style_number, list(raw))
        if column in columns:
            columns[column] = [a if b is None else b for a, b in zip(columns[column], decoded, strict=True)]
        else:
            columns[column] = decoded
    return columns


def drop_blank(grid: Grid) -> Grid:
    """Drop rows and columns without any value."""
    grid.columns = {c: v for c, v in grid.columns.items() if any(x is not None for x in v)}
    if grid.columns and not any(None not in values for values in grid.columns.values()):
        keep = [i for i, row in enumerate(zip(*grid.columns.values(), strict=True)) if any(x is not None for x in row)]
        if len(keep) < len(grid.rows):
            grid.columns = {c: [v[i] for i in keep] for c, v in grid.columns.items()}
            grid.rows = [grid.rows[i] for i in keep]
    elif not grid.columns:
        grid.rows = []
    kept = set(grid.rows)
    grid.hidden_rows = [row for row in grid.hidden_rows if row in kept]
    return grid


def _hidden_columns(head: bytes) -> list[int]:
    hidden: list[int] = []
    for tag in _HIDDEN_COLUMN.findall(head):
        low, high = re.search(rb' min="(\d{1,5})"', tag), re.search(rb' max="(\d{1,5})"', tag)
        if low and high and _is_hidden(tag):
            hidden += range(int(low[1]) - 1, min(int(high[1]), MAX_COLUMN))
    return hidden
