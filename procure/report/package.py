"""A workbook laid out by openpyxl, with bulk rows and cached formula results, written beside its target, then moved.

The target is replaced whole or not at all: a full disk, a file that is open elsewhere or a folder that is not there
raises ``OutputError`` and leaves an old file as it was.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from xml.sax.saxutils import escape

from procure.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from openpyxl import Workbook

    from procure.report.bulk import SharedStrings

    Cached = float | int | str | bool

__all__ = ["Contents", "check_target", "save"]

_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"([^>]*)><f>([^<]*)</f><v\s*/?>(?:</v>)?</c>')
_TYPE = re.compile(rb'\st="[^"]*"')
_STRINGS = "xl/sharedStrings.xml"
_STRINGS_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_STRINGS_RELATION = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
#: openpyxl writes texts into the cells; the shared strings have to be declared: (end of the part, declaration).
_DECLARED = {
    "[Content_Types].xml": (
        b"</Types>",
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/>' % _STRINGS_TYPE,
    ),
    "xl/_rels/workbook.xml.rels": (
        b"</Relationships>",
        b'<Relationship Id="rIdSharedStrings" Target="/xl/sharedStrings.xml" Type="%s"/>' % _STRINGS_RELATION,
    ),
}
#: Quick compression: a third of the time of the default for files a tenth larger.
_LEVEL = 4


def check_target(path: str | Path, source: str | Path | None = None) -> Path:
    """Return the real path of a workbook to write; raises ``OutputError`` where it cannot or must not be written."""
    target = Path(os.path.realpath(path))
    if target.suffix.lower() != ".xlsx":
        raise OutputError(f"{path}: the output is an Excel workbook; give it a name that ends in .xlsx")
    if source is not None and Path(source).exists() and target.exists() and target.samefile(source):
        raise OutputError(f"{path}: this is the input workbook, which is never overwritten; choose another output")
    if not target.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {target.parent}")
    if target.is_dir():
        raise OutputError(f"{path}: this is a folder")
    if target.exists() and not os.access(target, os.W_OK):
        raise OutputError(f"{path}: the file is write-protected")
    for lock, program in ((f"~${target.name}", "Excel"), (f".~lock.{target.name}#", "LibreOffice")):
        if (target.parent / lock).exists():
            raise OutputError(
                f"{path}: the file is open in {program}; close it there and try again "
                f"(if it is not, remove the left-over lock file {lock})"
            )
    return target


@dataclass
class Contents:
    """What is written into a workbook besides what openpyxl holds, by sheet title.

    ``rows``: the XML of the rows below the header, with the ``dimensions`` of that sheet; ``results`` of formulas by
    cell; ``strings``: the table of the texts in ``rows``.
    """

    strings: SharedStrings
    rows: dict[str, Callable[[], Iterator[bytes]]] = field(default_factory=dict)
    dimensions: dict[str, str] = field(default_factory=dict)
    results: dict[str, dict[str, Cached]] = field(default_factory=dict)


def save(workbook: Workbook, path: Path, contents: Contents) -> None:
    """Write a workbook to ``path`` (from ``check_target``); raises ``OutputError`` and leaves an old file as it was."""
    base = BytesIO()
    workbook.save(base)
    parts = {f"xl/worksheets/sheet{i + 1}.xml": ws.title for i, ws in enumerate(workbook.worksheets)}
    beside = path.with_name(f".{path.stem}-{secrets.token_hex(4)}.tmp")
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        with beside.open("xb") as file:
            _write(zipfile.ZipFile(base), file, parts, contents)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(path)
    except PermissionError as error:
        raise OutputError(f"{path}: cannot be written; is it open in Excel? ({error.strerror})") from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _write(base: zipfile.ZipFile, file: BinaryIO, parts: Mapping[str, str], contents: Contents) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as out:
        for name in base.namelist():
            if name == _STRINGS:
                continue  # written last: the bulk rows add to it
            data = base.read(name)
            if name in _DECLARED and b"sharedStrings" not in data:
                end, declaration = _DECLARED[name]
                data = data.replace(end, declaration + end)
            title = parts.get(name, "")
            if title in contents.results:
                data = _with_results(data, contents.results[title])
            with out.open(name, "w") as entry:
                if title in contents.rows:
                    for piece in _fill(data, contents.dimensions[title], contents.rows[title]()):
                        entry.write(piece)
                else:
                    entry.write(data)
        with out.open(_STRINGS, "w") as entry:
            for piece in contents.strings.xml():
                entry.write(piece)


def _fill(data: bytes, dimension: str, rows: Iterable[bytes]) -> Iterator[bytes]:
    """Put rows at the end of the sheet data."""
    data = re.sub(rb'<dimension ref="[^"]*"\s*/>', f'<dimension ref="{dimension}"/>'.encode(), data, count=1)
    head, found, tail = data.partition(b"</sheetData>")
    if not found:
        raise ValueError("a sheet with bulk rows needs a header row")
    yield head
    yield from rows
    yield found + tail


def _with_results(data: bytes, values: Mapping[str, Cached]) -> bytes:
    """Put results into formula cells; every formula of the sheet must have one."""

    def fill(match: re.Match[bytes]) -> bytes:
        value = values[match[1].decode()]
        attributes = _TYPE.sub(b"", match[2])
        if isinstance(value, bool):
            kind, text = b' t="b"', str(int(value))
        elif isinstance(value, str):
            kind, text = b' t="str"', escape(value)
        else:
            kind, text = b"", repr(value)
        return b'<c r="%s"%s%s><f>%s</f><v>%s</v></c>' % (match[1], attributes, kind, match[3], text.encode())

    return _FORMULA.sub(fill, data)
