"""The .xlsx file as a container of parts: opened with bounds, read without trust.

A workbook is a zip file; both its directory and its XML may lie. Nothing is read beyond ``Limits``, no XML with a
document type declaration is parsed (entity attacks need one), no link is followed and no macro looked at.
Every way in which a file can be bad ends in ``UnreadableError``, whose code and texts become a ``Fault``.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LIMITS", "Container", "Limits", "UnreadableError", "local_name", "parse_xml"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that an honest workbook keeps by a wide margin (20 sites × 40 quarters are some thousand cells)."""

    file_bytes: int = 100_000_000
    part_bytes: int = 128_000_000
    total_bytes: int = 320_000_000
    slow_bytes: int = 48_000_000
    small_bytes: int = 16_000_000
    parts: int = 5_000
    sheets: int = 500
    rows: int = 200_000
    cells: int = 2_500_000
    strings: int = 2_000_000


LIMITS = Limits()


class UnreadableError(Exception):
    """A workbook that cannot be read: code, what was found, what was expected, what to do, and in which sheet."""

    def __init__(
        self, code: str, got: str, expected: str | None = None, hint: str | None = None, sheet: str | None = None
    ) -> None:
        super().__init__(got)
        self.code, self.got, self.expected, self.hint, self.sheet = code, got, expected, hint, sheet


_ENCODING = re.compile(rb"""encoding=["']([^"']*)["']""")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RESAVE = "Open it in Excel or LibreOffice and save it as an Excel workbook (.xlsx)"
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    MemoryError,
)


def damaged(what: str, sheet: str | None = None) -> UnreadableError:
    """Return the fault of a file that is a workbook but broken."""
    return UnreadableError("E003", f"the workbook is damaged: {what}", hint=_RESAVE, sheet=sheet)


def too_large(what: str, sheet: str | None = None) -> UnreadableError:
    """Return the fault of a workbook beyond ``Limits``."""
    hint = "Remove sheets and rows that are not input (formatted but empty ones as well) and save it again"
    return UnreadableError("E004", what, hint=hint, sheet=sheet)


class Container:
    """The parts of one workbook file, in memory; ``sha256`` identifies the bytes that were read."""

    def __init__(self, path: str | Path, limits: Limits = LIMITS) -> None:
        data = _read_file(Path(path), limits)
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._limits = limits
        self._left = limits.total_bytes
        if data[:8] == _OLE:
            got = "this is an old .xls workbook or one protected by a password"
            raise UnreadableError("E002", got, "an .xlsx or .xlsm workbook without a password", _RESAVE)
        if data[:2] != b"PK":
            raise UnreadableError("E002", _kind(data), "an .xlsx or .xlsm workbook", _RESAVE)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except _ZIP_ERRORS as error:
            raise damaged("it is not a whole zip file") from error
        if len(entries) > limits.parts:
            raise too_large(f"the file has {len(entries):,} parts; at most {limits.parts:,} are read")
        self._entries = {entry.filename.lstrip("/").casefold(): entry for entry in entries}
        if "content.xml" in self._entries and "mimetype" in self._entries:
            raise UnreadableError("E002", "this is an OpenDocument spreadsheet", "an .xlsx or .xlsm workbook", _RESAVE)
        if "xl/workbook.bin" in self._entries:
            raise UnreadableError("E002", "this is a binary workbook (.xlsb)", "an .xlsx or .xlsm workbook", _RESAVE)

    def names(self) -> list[str]:
        """Return the names of all parts, in lower case."""
        return list(self._entries)

    def read(self, name: str, *, head: int | None = None, small: bool = False) -> bytes | None:
        """Return a part's bytes (only the first ``head`` if given); None where there is no such part.

        ``small`` parts (lists of sheets, styles) are held to a tighter limit, for they are parsed tag by tag.

        Raises
        ------
        UnreadableError
            Where the part is damaged, encrypted or larger than the limits allow.
        """
        entry = self._entries.get(name.lstrip("/").casefold())
        if entry is None:
            return None
        if entry.flag_bits & 1:
            raise UnreadableError("E002", "this workbook is encrypted", "a workbook without a password", _RESAVE)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged(f"the part {name[:80]} is packed in a way that no spreadsheet program uses")
        limit = min(self._limits.small_bytes if small else self._limits.part_bytes, self._left)
        if head is None and entry.file_size > limit:
            raise too_large(f"the part {name[:80]} unpacks to more than {limit / 1e6:,.0f} MB")
        try:
            with self._zip.open(entry) as file:
                data = file.read(head if head is not None else limit + 1)
        except _ZIP_ERRORS as error:
            raise damaged(f"the part {name[:80]} cannot be unpacked") from error
        if head is None and len(data) > limit:
            raise too_large(f"the part {name[:80]} unpacks to more than {limit / 1e6:,.0f} MB")
        self._left -= len(data)
        return data

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a part by id: (last word of the type, target part)."""
        folder, base = posixpath.split(part)
        data = self.read(posixpath.join(folder, "_rels", f"{base}.rels"), small=True)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attrs: dict[str, str]) -> None:
            if tag == "Relationship" and attrs.get("TargetMode", "").lower() != "external":
                target = attrs.get("Target", "").replace("\\", "/")
                full = target if target.startswith("/") else posixpath.join(folder, target)
                found[attrs.get("Id", "")] = (attrs.get("Type", "").rpartition("/")[2], posixpath.normpath(full))

        if data:
            parse_xml(data, part, start)
        return found


def _read_file(path: Path, limits: Limits) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableError("E001", f"{path.name} is a folder", "an .xlsx workbook")
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise too_large(f"the file has {size / 1e6:,.0f} MB; at most {limits.file_bytes / 1e6:,.0f} MB are read")
        with path.open("rb") as file:
            data = file.read(limits.file_bytes + 1)
    except FileNotFoundError as error:
        raise UnreadableError("E001", f"there is no file {path.name}", "an .xlsx workbook") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableError("E001", f"{path.name} cannot be read ({reason.lower()})", "an .xlsx workbook") from error
    if len(data) > limits.file_bytes:
        raise too_large(f"the file has more than {limits.file_bytes / 1e6:,.0f} MB")
    return data


def _kind(data: bytes) -> str:
    head = data[:512].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    if not data:
        return "the file is empty"
    if head[:5].lower() in (b"<html", b"<!doc", b"<?xml", b"<tabl"):
        return "this is an XML or HTML file"
    if head[:4] == b"%PDF":
        return "this is a PDF file"
    if b"\0" not in data[:4096] and (b"," in head or b";" in head or b"\t" in head):
        return "this is a text (CSV) file"
    return "this is not a workbook"


def is_plain(data: bytes) -> bool:
    """Whether XML is in UTF-8 and has no comments, CDATA or declarations, so that it may be read by expressions."""
    if b"<!" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return False
    declared = _ENCODING.search(data[:200])
    return declared is None or declared[1].lower() == b"utf-8"


def local_name(name: str) -> str:
    """Return a tag's or attribute's name without its namespace."""
    return name.rpartition("}")[2]


def parse_xml(
    data: bytes,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse XML with handlers that get local names; any document type declaration is refused.

    Raises
    ------
    UnreadableError
        E005 for a document type or entity declaration, E003 for XML that is not well formed.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise UnreadableError("E005", f"the part {part[:80]} declares its own document type or entities", hint=_RESAVE)

    def on_start(tag: str, attrs: dict[str, str]) -> None:
        start(local_name(tag), {local_name(key): value for key, value in attrs.items()} if attrs else attrs)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = on_start
    if end is not None:
        finish = end
        parser.EndElementHandler = lambda tag: finish(local_name(tag))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged(f"the part {part[:80]} is not well-formed XML") from error
