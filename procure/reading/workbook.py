"""A workbook file as raw grids: sheet names, shared strings, date formats, and each sheet's cells on demand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from procure.reading.container import LIMITS, Container, Limits, damaged, is_plain, parse_xml, too_large
from procure.reading.decoding import Decoder, clean, unescape
from procure.reading.scanner import scan_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from procure.reading.cells import Grid

__all__ = ["SheetInfo", "Workbook"]

_DATE_IDS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_SIMPLE_STRING = re.compile(rb"<si>(?:<t(?: [^<>]*)?>([^<]*)</t>|<t ?/>)</si>|<si ?/>")
_HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet of the workbook: ``name`` as written, whether it is hidden, and its part."""

    name: str
    hidden: bool
    part: str
    worksheet: bool


class Workbook:
    """Raw access to an .xlsx or .xlsm file; raises ``UnreadableError`` for what cannot be read."""

    def __init__(self, path: str | Path, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._container = Container(path, limits)
        self.sha256 = self._container.sha256
        roots = self._container.relations("").values()
        main = next((target for kind, target in roots if kind == "officeDocument"), "xl/workbook.xml")
        data = self._container.read(main, small=True)
        if data is None:
            raise damaged("it has no list of sheets")
        relations = self._container.relations(main)
        self.base_1904 = False
        self.sheets = self._sheets(data, main, relations)
        self._strings_part = next((t for kind, t in relations.values() if kind == "sharedStrings"), None)
        self._styles_part = next((t for kind, t in relations.values() if kind == "styles"), None)
        self._decoder: Decoder | None = None
        self._cells_left = limits.cells

    @property
    def has_macros(self) -> bool:
        """Whether the file carries macros (they are never looked at)."""
        return any(name.endswith("vbaproject.bin") for name in self._container.names())

    @property
    def has_links(self) -> bool:
        """Whether formulas of the file point into other workbooks (they are never followed)."""
        return any("externallinks/" in name and name.endswith(".xml") for name in self._container.names())

    def grid(self, info: SheetInfo) -> Grid:
        """Read the cells of a sheet; raises ``UnreadableError`` (with the sheet's name) where it cannot."""
        data = self._container.read(info.part)
        if data is None:
            raise damaged("the sheet's cells are missing", info.name)
        grid = scan_sheet(data, info.name, self._get_decoder(), self._limits, self._cells_left)
        self._cells_left -= len(grid.rows) * len(grid.columns)
        return grid

    def first_texts(self, info: SheetInfo) -> list[str]:
        """Return the texts in the first rows of a sheet (to recognise its table) without reading all of it."""
        data = self._container.read(info.part, head=_HEAD_BYTES)
        if not data or b"<sheetData>" not in data:
            return []
        end = data.rfind(b"</row>")
        if end < 0:
            return []
        whole = data[: end + 6] + b"</sheetData></worksheet>"
        grid = scan_sheet(whole, info.name, self._get_decoder(), self._limits, self._limits.cells)
        return [
            column[i]
            for column in grid.columns.values()
            for i in range(min(3, len(grid.rows)))
            if isinstance(column[i], str)
        ]

    def _sheets(self, data: bytes, main: str, relations: dict[str, tuple[str, str]]) -> list[SheetInfo]:
        found: list[SheetInfo] = []

        def start(tag: str, attrs: dict[str, str]) -> None:
            if tag == "sheet":
                kind, part = relations.get(attrs.get("id", ""), ("", ""))
                hidden = attrs.get("state", "visible") != "visible"
                found.append(SheetInfo(attrs.get("name", ""), hidden, part, kind == "worksheet"))
            elif tag == "workbookPr":
                self.base_1904 = attrs.get("date1904", "0") in ("1", "true", "on")

        parse_xml(data, main, start)
        if len(found) > self._limits.sheets:
            raise too_large(f"the workbook has {len(found):,} sheets; at most {self._limits.sheets:,} are read")
        return found

    def _get_decoder(self) -> Decoder:
        if self._decoder is None:
            strings = self._container.read(self._strings_part) if self._strings_part else None
            styles = self._container.read(self._styles_part, small=True) if self._styles_part else None
            self._decoder = Decoder(
                self._strings(strings) if strings else [],
                _date_styles(styles, self._styles_part or "") if styles else frozenset(),
                base_1904=self.base_1904,
            )
        return self._decoder

    def _strings(self, data: bytes) -> list[Any]:
        """Return the shared strings: bytes still to be decoded from simple files, else text."""
        if data.count(b"<si") > self._limits.strings:
            raise too_large(f"the workbook has more than {self._limits.strings:,} texts")
        if is_plain(data) and b"<si" in data:
            simple = _SIMPLE_STRING.findall(data)
            if len(simple) == data.count(b"<si>") + data.count(b"<si/>") + data.count(b"<si />"):
                return simple
        return _rich_strings(data, self._strings_part or "", self._limits)


def _rich_strings(data: bytes, part: str, limits: Limits) -> list[str]:
    """Shared strings with runs of different formats; phonetic hints are left out."""
    strings: list[str] = []
    pieces: list[str] = []
    inside = {"t": 0, "rPh": 0}

    def start(tag: str, _: dict[str, str]) -> None:
        if tag in inside:
            inside[tag] += 1
        elif tag == "si":
            pieces.clear()
            if len(strings) > limits.strings:
                raise too_large(f"the workbook has more than {limits.strings:,} texts")

    def end(tag: str) -> None:
        if tag in inside:
            inside[tag] -= 1
        elif tag == "si":
            strings.append(clean(unescape("".join(pieces))))

    def text(piece: str) -> None:
        if inside["t"] and not inside["rPh"]:
            pieces.append(piece)

    parse_xml(data, part, start, end, text)
    return strings


def _date_styles(data: bytes, part: str) -> frozenset[int]:
    """Return the cell styles (indices of cellXfs) that show a number as a date."""
    custom: dict[str, bool] = {}
    formats: list[str] = []
    inside = False

    def start(tag: str, attrs: dict[str, str]) -> None:
        nonlocal inside
        if tag == "numFmt":
            custom[attrs.get("numFmtId", "")] = _is_date_format(attrs.get("formatCode", ""))
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            formats.append(attrs.get("numFmtId", "0"))

    def end(tag: str) -> None:
        nonlocal inside
        if tag == "cellXfs":
            inside = False

    parse_xml(data, part, start, end)
    return frozenset(
        i for i, key in enumerate(formats) if custom.get(key, key.isdigit() and len(key) < 6 and int(key) in _DATE_IDS)
    )


def _is_date_format(code: str) -> bool:
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', "", code[:500].lower()).split(";")[0]
    return bare != "general" and re.search(r"[ymdhs]", bare) is not None
