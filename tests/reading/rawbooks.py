"""Workbooks put together part by part, the way no spreadsheet program (or a hostile one) would write them."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from workbooks import book

from procure.reading.faults import column_letters

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELS = b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def parts(sheets: dict[str, bytes], strings: bytes | None = None) -> dict[str, bytes]:
    """Return the parts of a workbook whose sheets have the given ``<sheetData>`` (or whole XML)."""
    listed = b"".join(
        b'<sheet name="%s" sheetId="%d" r:id="rId%d"/>' % (escape(name, {'"': "&quot;"}).encode(), i, i)
        for i, name in enumerate(sheets, 1)
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


_DATES = b'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'


def quick_parts(tables: dict[str, list[list[Any]]]) -> dict[str, bytes]:
    """Return the parts of a workbook of plain tables; some twenty times faster than openpyxl writes it."""
    result = parts({name: _rows(rows).encode() for name, rows in tables.items()})
    rels = result["xl/_rels/workbook.xml.rels"]
    style = b'<Relationship Id="rY" Type="%s/styles" Target="styles.xml"/></Relationships>' % _OFFICE
    result["xl/_rels/workbook.xml.rels"] = rels.replace(b"</Relationships>", style)
    result["xl/styles.xml"] = _HEAD + b"<styleSheet %s>%s</styleSheet>" % (_MAIN, _DATES)
    return result


def quick_write(path: Path, tables: dict[str, list[list[Any]]]) -> Path:
    return write_parts(path, quick_parts(tables))


def _rows(rows: list[list[Any]]) -> str:
    body = "".join(
        f'<row r="{i}">{"".join(_cell(f"{column_letters(j)}{i}", v) for j, v in enumerate(row))}</row>'
        for i, row in enumerate(rows, 1)
    )
    return f"<sheetData>{body}</sheetData>"


def _cell(address: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{address}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{address}"><v>{value!r}</v></c>'
    if isinstance(value, dt.date):
        return f'<c r="{address}" s="1"><v>{(value - dt.date(1899, 12, 30)).days}</v></c>'
    text = escape(_ILLEGAL.sub("", value))
    if value in ("#N/A", "#REF!"):
        return f'<c r="{address}" t="e"><v>{text}</v></c>'
    if value.startswith("="):
        return f'<c r="{address}"><f>{text[1:]}</f></c>'
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'
