"""Bytes of cells into values: texts, numbers, dates, truth values, error values; each distinct text once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from procure.reading.cells import CellError, from_serial
from procure.reading.container import damaged

__all__ = ["Decoder", "clean", "decode_text", "unescape"]

_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]+);")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLAIN_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def clean(text: str) -> str:
    """Collapse all white space (no-break spaces and line ends too) and cut it at both ends."""
    return " ".join(text.split())


def unescape(text: str) -> str:
    """Undo the ``_x000D_`` escapes of spreadsheet texts."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: _character(int(match[1], 16)), text)


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "�"


def decode_text(raw: bytes) -> str:
    """Return the text of bytes from XML: entities and escapes undone, white space collapsed."""
    text = raw.decode("utf-8", "replace")
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    return clean(unescape(text))


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if name[0] != "#":
        return _NAMED.get(name, match[0])
    return _character(int(f"0{name[1:]}", 16) if name[1] in "xX" else int(name[1:]))


class _Texts(dict[bytes | None, str | None]):
    """Decodes each distinct inline text once; blank texts are None."""

    def __missing__(self, raw: bytes | None) -> str | None:
        value = decode_text(raw) or None if raw else None
        self[raw] = value
        return value


class _Shared(dict[bytes | None, str | None]):
    """Decodes each shared string once, by the digits of its index."""

    def __init__(self, strings: list[Any]) -> None:
        super().__init__({None: None, b"": None})
        self._strings = strings

    def __missing__(self, raw: bytes) -> str | None:
        number = int(raw)
        if number >= len(self._strings):
            raise damaged("a cell points to a text that is not there")
        text = self._strings[number]
        value = (decode_text(text) if isinstance(text, bytes) else text) or None
        self[raw] = value
        return value


class _Numbers(dict[bytes | None, float | None]):
    """Reads each distinct number once."""

    def __init__(self) -> None:
        super().__init__({None: None})

    def __missing__(self, raw: bytes) -> float:
        value = self[raw] = float(raw)
        return value


class Decoder:
    """Turns the captured bytes of cells into values; one a workbook."""

    def __init__(self, strings: list[Any], date_styles: frozenset[int], *, base_1904: bool) -> None:
        self.texts = _Texts()
        self.shared = _Shared(strings)
        self._dates = date_styles
        self._base_1904 = base_1904

    def one(self, kind: bytes, style: int, raw: bytes | None) -> Any:
        """Decode one cell of a type (``n s b e str inlineStr d``) and style."""
        if raw is None:
            return None
        match kind:
            case b"s":
                return self.shared[raw.strip()] if raw.strip().isdigit() else None
            case b"n" | b"":
                return self._number(raw, style)
            case b"b":
                return raw.strip() in (b"1", b"true")
            case b"e":
                return CellError(decode_text(raw) or "#ERROR")
            case b"d":
                return _iso_date(decode_text(raw))
            case _:
                return self.texts[raw]

    def _number(self, raw: bytes, style: int) -> Any:
        text = raw.strip()
        if not text:
            return None
        if not _PLAIN_NUMBER.fullmatch(text):  # float() would take 1_000, nan and inf
            return decode_text(text)
        value = float(text)
        return from_serial(value, base_1904=self._base_1904) if style in self._dates else value

    def _floats(self, raw: list[bytes | None]) -> list[Any]:
        """Read a column of numbers; where few are distinct (quantities, steps of a ramp), each is read once."""
        sample = raw[:: 1 + len(raw) // 256]
        if 2 * len(set(sample)) < len(sample):
            return list(map(_Numbers().__getitem__, raw))
        if None in raw:
            return [None if item is None else float(item) for item in raw]
        return list(map(float, raw))  # type: ignore[arg-type]

    def column(self, kind: bytes, style: int, raw: list[bytes | None]) -> list[Any]:
        """Decode a column of cells of one type and style."""
        if kind == b"s":
            return list(map(self.shared.__getitem__, raw))
        if kind in (b"inlineStr", b"str"):
            return list(map(self.texts.__getitem__, raw))
        if kind in (b"n", b"") and style not in self._dates:
            try:
                return self._floats(raw)
            except ValueError:
                pass
        return [self.one(kind, style, item) for item in raw]


def _iso_date(text: str) -> Any:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return text
