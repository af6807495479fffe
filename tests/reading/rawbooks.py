"""Workbooks put together part by part, the way no spreadsheet program (or a hostile one) would write them."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from workbooks import book

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELS = b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def parts(sheets: dict[str, bytes], strings: bytes | None = None) -> dict[str, bytes]:
    """Return the parts of a workbook whose sheets have the given ``<sheetData>`` (or whole XML)."""
    listed = b"".join(
        b'<sheet name="%s" sheetId="%d" r:id="rId%d"/>' % (name.encode(), i, i) for i, name in enumerate(sheets, 1)
    )
    related = b"".join(
        b'<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>' % (i, _OFFICE, i)
        for i in range(1, len(sheets) + 1)
    )
    if strings is not None:
        related += b'<Relationship Id="rS" Type="%s/sharedStrings" Target="sharedStrings.xml"/>' % _OFFICE
    result = {
        "_rels/.rels": _HEAD + b'<Relationships %s><Relationship Id="r1" Type="%s/officeDocument" '
        b'Target="xl/workbook.xml"/></Relationships>' % (_RELS, _OFFICE),
        "xl/workbook.xml": _HEAD
        + b'<workbook %s xmlns:r="%s"><sheets>%s</sheets></workbook>' % (_MAIN, _OFFICE, listed),
        "xl/_rels/workbook.xml.rels": _HEAD + b"<Relationships %s>%s</Relationships>" % (_RELS, related),
    }
    for i, data in enumerate(sheets.values(), 1):
        whole = data if b"worksheet" in data else b"<worksheet %s>%s</worksheet>" % (_MAIN, data)
        result[f"xl/worksheets/sheet{i}.xml"] = whole if whole[:1] == b"\xff" or whole[:2] == b"<?" else _HEAD + whole
    if strings is not None:
        result["xl/sharedStrings.xml"] = _HEAD + b"<sst %s>%s</sst>" % (_MAIN, strings)
    return result


def write_parts(path: Path, data: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in data.items():
            file.writestr(name, content)
    return path


def change_parts(path: Path, change: Callable[[str, bytes], bytes | None], add: dict[str, bytes] | None = None) -> Path:
    """Write the valid workbook with each part passed through ``change`` (None drops it)."""
    buffer = io.BytesIO()
    book().save(buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                target.writestr(name, content)
        for name, content in (add or {}).items():
            target.writestr(name, content)
    return path
