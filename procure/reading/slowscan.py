"""The scanner for sheets that are well-formed but unusual: an XML parser and no assumptions.

It reads what ``procure.reading.scanner`` does not: pretty-printed or prefixed XML, other encodings, cells and rows
without addresses, comments. The result is the same grid.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from procure.reading.cells import Grid, Uncalculated
from procure.reading.container import damaged, parse_xml, too_large
from procure.reading.decoding import clean, unescape
from procure.reading.scanner import MAX_COLUMN, MAX_ROW, drop_blank

if TYPE_CHECKING:
    from procure.reading.container import Limits
    from procure.reading.decoding import Decoder

__all__ = ["slow_scan"]

_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_TRUE = ("1", "true", "on")


def slow_scan(data: bytes, name: str, decoder: Decoder, limits: Limits, cells_left: int) -> Grid:
    """Read one sheet part into a grid with an XML parser; raises ``UnreadableError``."""
    if len(data) > limits.slow_bytes:
        raise too_large(f"the sheet has {len(data) / 1e6:,.0f} MB of XML in a form that is slow to read", name)
    reader = _Reader(name, decoder, limits, cells_left)
    parse_xml(data, name, reader.start, reader.end, reader.text)
    return reader.grid()


class _Reader:
    """Handlers of the XML parser, and the cells read so far as (row, column) → value."""

    def __init__(self, name: str, decoder: Decoder, limits: Limits, cells_left: int) -> None:
        self._name, self._decoder, self._limits, self._left = name, decoder, limits, cells_left
        self._cells: dict[int, dict[int, Any]] = {}
        self._hidden_rows: list[int] = []
        self._hidden_columns: list[int] = []
        self._merged: list[str] = []
        self._row = 0
        self._column = -1
        self._kind, self._style = "", 0
        self._inside: list[str] = []
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._texts: list[str] | None = None
        self._phonetic = 0

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """Open a tag."""
        match tag:
            case "row":
                number = attrs.get("r", "")
                self._row = int(number) if number.isdigit() and len(number) < 9 else self._row + 1
                self._column = -1
                if self._row in self._cells:
                    raise damaged("its rows are out of order", self._name)
                if attrs.get("hidden") in _TRUE:
                    self._hidden_rows.append(self._row)
            case "c":
                self._open_cell(attrs)
            case "v":
                self._value = []
            case "f":
                self._formula = []
            case "is":
                self._texts = []
            case "rPh":
                self._phonetic += 1
            case "mergeCell" if len(self._merged) < 1000:
                self._merged.append(attrs.get("ref", "")[:30])
            case "col" if attrs.get("hidden") in _TRUE:
                low, high = attrs.get("min", ""), attrs.get("max", "")
                if low.isdigit() and high.isdigit() and len(low + high) < 12:
                    self._hidden_columns += range(int(low) - 1, min(int(high), MAX_COLUMN))
        if tag in ("v", "f", "t"):
            self._inside.append(tag)

    def _open_cell(self, attrs: dict[str, str]) -> None:
        address = _ADDRESS.fullmatch(attrs.get("r", ""))
        self._column += 1
        if address is not None:
            column = 0
            for letter in address[1]:
                column = 26 * column + ord(letter) - 64
            self._column, self._row = column - 1, int(address[2])
        if self._column >= MAX_COLUMN or self._row > MAX_ROW:
            raise damaged("a cell lies beyond the end of the sheet", self._name)
        style = attrs.get("s", "0")
        self._style = int(style) if style.isdigit() and len(style) < 7 else 0
        self._kind = attrs.get("t", "n")
        self._value = self._formula = self._texts = None

    def text(self, piece: str) -> None:
        """Take character data."""
        if not self._inside:
            return
        target = {"v": self._value, "f": self._formula, "t": self._texts}[self._inside[-1]]
        if target is not None and not (self._inside[-1] == "t" and self._phonetic):
            target.append(piece)

    def end(self, tag: str) -> None:
        """Close a tag."""
        if tag in ("v", "f", "t") and self._inside:
            self._inside.pop()
        elif tag == "rPh":
            self._phonetic -= 1
        elif tag == "c":
            value = self._close_cell()
            if value is not None:
                row = self._cells.setdefault(self._row, {})
                if self._column in row:
                    raise damaged("a cell stands twice", self._name)
                row[self._column] = value
                self._left -= 1
                if self._left < 0 or len(self._cells) > self._limits.rows:
                    raise too_large("the workbook has more cells than any plan needs", self._name)

    def _close_cell(self) -> Any:
        value = "".join(self._value) if self._value is not None else ""
        if self._formula is not None and not value and self._kind != "str":
            return Uncalculated(clean("".join(self._formula)))
        if self._texts is not None:
            return clean(unescape("".join(self._texts))) or None
        if self._value is None:
            return None
        if self._kind in ("str", "inlineStr"):
            return clean(unescape(value)) or None
        return self._decoder.one(self._kind.encode(), self._style, value.encode())

    def grid(self) -> Grid:
        """Return the cells as a grid."""
        rows = sorted(self._cells)
        columns: dict[int, list[Any]] = {}
        if len(rows) * len({column for row in self._cells.values() for column in row}) > self._limits.cells:
            raise too_large("the workbook has more cells than any plan needs", self._name)
        for i, row in enumerate(rows):
            for column, value in self._cells[row].items():
                if column not in columns:
                    columns[column] = [None] * len(rows)
                columns[column][i] = value
        grid = Grid(self._name, rows, {c: columns[c] for c in sorted(columns)}, self._hidden_rows)
        grid.hidden_columns, grid.merged = self._hidden_columns, self._merged
        return drop_blank(grid)
