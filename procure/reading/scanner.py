"""From the XML of one sheet to a grid of raw cells, fast.

Rows of one sheet nearly always look alike. The scanner therefore learns, from rows it reads cell by cell, one regular
expression that matches a whole row and captures its values, and lets the regular-expression engine run through the
sheet; a row that does not match is read cell by cell and the expression is extended with what was new in it. Cells
are then converted column by column. This reads a sheet some twenty times faster than openpyxl. Files that are not
written the way spreadsheet programs write them (pretty-printed, prefixed or in UTF-16, cells without addresses,
comments) go to ``procure.reading.slowscan``, which makes no assumptions. Formulas are never evaluated.
"""

from __future__ import annotations

import re
from typing import Any

from procure.reading.cells import Grid, Uncalculated
from procure.reading.container import Limits, UnreadableError, damaged, is_plain, too_large
from procure.reading.decoding import Decoder, decode_text
from procure.reading.patterns import STYLE, Learner, Variant

__all__ = ["drop_blank", "scan_sheet"]

_BLOCK = 1_000_000  # captured groups held at a time
_LONGEST_INLINE = 100_000
_WORTH_LEARNING = 20_000  # bytes of sheet still to come; an expression takes as long to build as these to read
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384

_EMPTY_ROWS = re.compile(rb"(?:<row(?: [^<>]*)?(?:/>|></row>))+")
_ROW = re.compile(rb'<row r="([1-9]\d{0,6})"((?: [^<>]*)?)>')
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9]\d{0,6})"((?: [a-z]+="[^"<>]*")*) ?(?:/>|>'
    rb"(<f(?: [^<>]*)?(?:/>|>([^<]*)</f>))?"
    rb"(?:<v ?/>|<v(?: [^<>]*)?>([^<]*)</v>|<is>((?:(?!</is>).)*)</is>|<is ?/>)?</c>)",
    re.DOTALL,
)
_SIMPLE_ATTRS = re.compile(rb'((?: s="\d+")?)((?: t="[a-zA-Z]+")?)')
_TYPE = re.compile(rb' t="([a-zA-Z]+)"')
_INLINE_TEXT = re.compile(rb"<rPh.*?</rPh>|<t(?: [^<>]*)?>([^<]*)</t>", re.DOTALL)
_SIMPLE_INLINE = re.compile(rb"<t(?: [^<>]*)?>[^<]*</t>")
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:]{1,30})"')
_HIDDEN_COLUMN = re.compile(rb"<col [^<>]*>")


class IrregularError(Exception):
    """The sheet is not written as expected; it goes to the slow scanner."""


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
    if not is_plain(data):
        raise IrregularError
    begin = data.find(b"<sheetData>")
    end = data.find(b"</sheetData>", begin)
    if begin < 0 or end < 0:
        if b"<sheetData/>" in data or b"<sheetData />" in data:
            return Grid(name, [], {})
        raise IrregularError
    builder = _Builder(name, decoder, limits)
    _scan_rows(data, begin + 11, end, builder, cells_left)
    grid = builder.grid()
    head, tail = data[:begin], data[end:]
    if b"<mergeCell " in tail:
        grid.merged = [match.decode() for match in _MERGE.findall(tail)[:1000]]
    if b'hidden="' in head:
        grid.hidden_columns = _hidden_columns(head)
    return grid


def _scan_rows(data: bytes, position: int, end: int, builder: _Builder, cells_left: int) -> None:
    """Read all rows between two positions: whole blocks by the learned expression, new shapes cell by cell."""
    learner = Learner()
    while position < end:
        if learner.match is not None:
            match, block = learner.match, 1 + _BLOCK // (1 + len(learner.layout))
            found = match(data, position)
            while found is not None:
                rows: list[tuple[bytes | None, ...]] = []
                take = rows.append
                while found is not None and len(rows) < block:
                    take(found.groups())
                    position = found.end()
                    found = match(data, position)
                builder.block(learner.layout, rows)
            if position >= end:
                break
        empty = _EMPTY_ROWS.match(data, position, end)
        if empty is not None:
            position = empty.end()
            continue
        position, seen = _read_row(data, position, end, builder)
        cells_left -= len(seen)
        if cells_left < 0:
            raise too_large("the workbook has more cells than any plan needs")
        if len(builder.rows) > 1 and end - position > _WORTH_LEARNING:  # the first row, a header, is like no other
            learner.learn(seen)


def _read_row(data: bytes, position: int, end: int, builder: _Builder) -> tuple[int, list[tuple[int, Variant | None]]]:
    """Read one row cell by cell: the position after it and the variants to learn."""
    decoder = builder.decoder
    head = _ROW.match(data, position, end)
    if head is None:
        raise IrregularError
    number, position = head[1], head.end()
    cells: dict[int, Any] = {}
    seen: list[tuple[int, Variant | None]] = []
    while (cell := _CELL.match(data, position, end)) is not None:
        letters, row, attrs, formula, formula_text, value, inline = cell.groups()
        if row != number:
            raise IrregularError
        column = _column_index(letters)
        if column in cells:
            raise damaged("a cell stands twice")
        kind_match, style_match = _TYPE.search(attrs), STYLE.search(attrs)
        kind = kind_match[1] if kind_match else b""
        style = int(style_match[1]) if style_match else 0
        if formula is not None and not value and kind != b"str":
            cells[column] = Uncalculated(decode_text(formula_text or b""))
            form = "u"
        elif inline is not None:
            if len(inline) > _LONGEST_INLINE:
                raise IrregularError
            pieces = _INLINE_TEXT.findall(inline)
            cells[column] = decoder.texts[b"".join(pieces)]
            form = "v" if _SIMPLE_INLINE.fullmatch(inline) and kind == b"inlineStr" else ""
        else:
            cells[column] = decoder.one(kind, style, value)
            form = "f" if formula is not None else "v"
        simple = _SIMPLE_ATTRS.fullmatch(attrs)
        blank = value is None and inline is None and formula is None
        known = simple is not None and form and not blank
        seen.append((column, Variant(simple[1], kind, form) if known and simple is not None else None))
        position = cell.end()
    if not data.startswith(b"</row>", position):
        raise IrregularError
    builder.row(int(number), head[2], cells)
    return position + 6, seen


class _Builder:
    """Collects the rows of a sheet in blocks of decoded columns."""

    def __init__(self, name: str, decoder: Decoder, limits: Limits) -> None:
        self.decoder = decoder
        self.rows: list[int] = []
        self._name, self._limits = name, limits
        self._hidden: list[int] = []
        self._parts: list[tuple[int, dict[int, list[Any]]]] = []
        self._columns: set[int] = set()

    def row(self, number: int, attrs: bytes, cells: dict[int, Any]) -> None:
        """Add a row that was read cell by cell."""
        if _is_hidden(attrs):
            self._hidden.append(number)
        self.rows.append(number)
        self._add(1, {column: [value] for column, value in cells.items()})

    def block(self, layout: list[tuple[int, Variant]], rows: list[tuple[bytes | None, ...]]) -> None:
        """Add rows that one expression matched: number, attributes and a group a variant."""
        numbers, attrs, *groups = zip(*rows, strict=True)
        numbered = list(map(int, numbers))
        self.rows += numbered
        if any(map(_is_hidden, set(attrs))):
            self._hidden += [row for row, attr in zip(numbered, attrs, strict=True) if _is_hidden(attr)]
        self._add(len(rows), _decode(layout, groups, self.decoder))

    def _add(self, size: int, columns: dict[int, list[Any]]) -> None:
        self._parts.append((size, columns))
        self._columns.update(columns)
        if len(self.rows) > self._limits.rows:
            raise too_large(f"the sheet has more than {self._limits.rows:,} filled rows")
        if len(self.rows) * len(self._columns) > self._limits.cells:
            raise too_large("the workbook has more cells than any plan needs")

    def grid(self) -> Grid:
        """Put the blocks together, without blank rows and columns."""
        rows = self.rows
        if len(rows) > 1 and not all(map(int.__lt__, rows, rows[1:])):
            raise damaged("its rows are out of order", self._name)
        if rows and rows[-1] > MAX_ROW:
            raise damaged("a row lies beyond the last row of a sheet", self._name)
        columns: dict[int, list[Any]] = {}
        for column in sorted(self._columns):
            values: list[Any] = []
            for size, part in self._parts:
                values += part.get(column) or [None] * size
            columns[column] = values
        return drop_blank(Grid(self._name, rows, columns, self._hidden))


def _is_hidden(attrs: bytes | None) -> bool:
    return attrs is not None and (b' hidden="1"' in attrs or b' hidden="true"' in attrs)


def _decode(
    layout: list[tuple[int, Variant]], values: list[tuple[bytes | None, ...]], decoder: Decoder
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
