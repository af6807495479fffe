"""Files that are no workbook, broken ones, and hostile ones: one clear fault, quickly, in little memory."""

from __future__ import annotations

import resource
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from rawbooks import change_parts, parts, write_parts
from workbooks import messages, write

from procure.reading import InputError, check_workbook, read_workbook
from procure.reading.container import Limits
from procure.reading.faults import column_letters
from procure.reading.pipeline import load

if TYPE_CHECKING:
    from pathlib import Path

RESAVE = "Open it in Excel or LibreOffice and save it as an Excel workbook (.xlsx)"
BOMB = "Remove sheets and rows that are not input (formatted but empty ones as well) and save it again"
OLD = (
    "error E002 workbook: this is an old .xls workbook or one protected by a password; expected an .xlsx or .xlsm "
    f"workbook without a password. {RESAVE}"
)
LINKS = "Their values are read as last saved; paste them as values to be sure"
WORKBOOK = "expected an .xlsx or .xlsm workbook"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"error E002 workbook: the file is empty; {WORKBOOK}. {RESAVE}"),
        (b"site,2027Q1\nDUB1,5\n", f"error E002 workbook: this is a text (CSV) file; {WORKBOOK}. {RESAVE}"),
        (b"%PDF-1.7 ...", f"error E002 workbook: this is a PDF file; {WORKBOOK}. {RESAVE}"),
        (b"<html><table></table></html>", f"error E002 workbook: this is an XML or HTML file; {WORKBOOK}. {RESAVE}"),
        (b"\x00\x01\x02\x03", f"error E002 workbook: this is not a workbook; {WORKBOOK}. {RESAVE}"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,
            OLD,
        ),
        (b"PK\x03\x04 cut off", f"error E003 workbook: the workbook is damaged: it is not a whole zip file. {RESAVE}"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "case.xlsx"
    path.write_bytes(content)
    assert messages(path) == [message]
    with pytest.raises(InputError):
        read_workbook(path)


def test_no_file_a_folder_and_a_strange_path(tmp_path: Path) -> None:
    assert messages(tmp_path / "none.xlsx") == [
        "error E001 workbook: there is no file none.xlsx; expected an .xlsx workbook"
    ]
    assert messages(tmp_path) == [f"error E001 workbook: {tmp_path.name} is a folder; expected an .xlsx workbook"]
    assert messages(tmp_path / "a\0b.xlsx")[0].startswith("error E001 workbook: ")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("mimetype", "content.xml"), "this is an OpenDocument spreadsheet"),
        (("xl/workbook.bin",), "this is a binary workbook (.xlsb)"),
        (("word/document.xml",), "the workbook is damaged: it has no list of sheets"),
    ],
)
def test_other_kinds_of_zip_files(tmp_path: Path, names: tuple[str, ...], message: str) -> None:
    path = write_parts(tmp_path / "case.xlsx", dict.fromkeys(names, b"x"))
    assert message in messages(path)[0]


def test_a_cut_off_workbook(tmp_path: Path) -> None:
    path = write(tmp_path / "case.xlsx")
    path.write_bytes(path.read_bytes()[:-400])
    assert [fault.code for fault in check_workbook(path)] == ["E003"]


def test_a_flipped_byte_is_found_by_the_checksum(tmp_path: Path) -> None:
    path = write(tmp_path / "case.xlsx")
    with zipfile.ZipFile(path) as file:
        info = file.getinfo("xl/worksheets/sheet2.xml")
    data = bytearray(path.read_bytes())
    data[info.header_offset + 60] ^= 0xFF
    path.write_bytes(bytes(data))
    assert [(fault.code, fault.sheet) for fault in check_workbook(path)] == [("E003", None)] or [
        fault.code for fault in check_workbook(path)
    ] == ["E003"]


@pytest.mark.parametrize(
    ("doctype", "where"),
    [
        (b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>', "xl/worksheets/sheet1.xml"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd">', "xl/workbook.xml"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "xl/worksheets/sheet3.xml"),
    ],
)
def test_entities_are_refused_not_expanded(tmp_path: Path, doctype: bytes, where: str) -> None:
    def change(name: str, data: bytes) -> bytes:
        if name != where:
            return data
        return doctype + data.removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>')

    [fault] = [f for f in check_workbook(change_parts(tmp_path / "case.xlsx", change)) if f.severity == "error"]
    assert fault.code == "E005"
    assert "declares its own document type or entities" in str(fault)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    data = parts({"settings": b"<sheetData>" + rows + b" " * 130_000_000 + b"</sheetData>"})
    path = write_parts(tmp_path / "case.xlsx", data)
    assert path.stat().st_size < 1_000_000
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert messages(path) == [
        f"error E004 settings: the part xl/worksheets/sheet1.xml unpacks to more than 128 MB. {BOMB}"
    ]
    assert time.process_time() - start < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_a_size_that_lies_is_found_while_unpacking(tmp_path: Path) -> None:
    path = write_parts(tmp_path / "case.xlsx", parts({"settings": b"<sheetData>" + b" " * 3_000_000 + b"</sheetData>"}))
    data = path.read_bytes()
    with zipfile.ZipFile(path) as file:
        info = file.getinfo("xl/worksheets/sheet1.xml")
    size = info.file_size.to_bytes(4, "little")
    path.write_bytes(data.replace(size, (100).to_bytes(4, "little")))
    assert [fault.code for fault in check_workbook(path)] == ["E003"]


def test_two_million_rows(tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (i, i) for i in range(1, 2_000_001))
    data = parts({"fleet": b"<sheetData>%s</sheetData>" % rows})
    path = write_parts(tmp_path / "case.xlsx", data)
    start = time.process_time()
    assert messages(path) == [f"error E004 fleet: the sheet has more than 200,000 filled rows. {BOMB}"]
    assert time.process_time() - start < 5


def _row(number: int, columns: int) -> bytes:
    cells = b"".join(b'<c r="%s%d"><v>1</v></c>' % (column_letters(i).encode(), number) for i in range(columns))
    return b'<row r="%d">%s</row>' % (number, cells)


def _variants(number: int) -> bytes:
    cells = b"".join(
        b'<c r="%s%d" s="%d"><v>1</v></c>' % (column_letters(i).encode(), number, number) for i in range(90)
    )
    return b'<row r="%d">%s</row>' % (number, cells)


@pytest.mark.parametrize(
    "sheet",
    [
        _row(1, 16_384) + b"".join(_row(i, 1) for i in range(2, 100_000)),  # a cell far right makes every row as wide
        b"".join(map(_variants, range(1, 10))) + b"".join(_row(i, 1) for i in range(10, 150_000)),
        b"\n".join(_row(i, 3) for i in range(1, 30_000)),  # for the parser
        b'<row r="1"><c r="A1" t="inlineStr"><is>' + b"<rPh>" * 300_000 + b"</is></c></row>",
    ],
    ids=["wide", "many variants", "slow", "unclosed hints"],
)
def test_sheets_made_to_be_slow_or_large(tmp_path: Path, sheet: bytes) -> None:
    path = write_parts(tmp_path / "case.xlsx", parts({"fleet": b"<sheetData>" + sheet + b"</sheetData>"}))
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert check_workbook(path)[0].code in {"E003", "E004", "E010"}
    assert time.process_time() - start < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kB


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            b'<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
            "its rows are out of order",
        ),
        (b'<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', "a cell stands twice"),
        (b'<row r="1"><c r="XFE1"><v>1</v></c></row>', "a cell lies beyond the last column"),
        (b'<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "a row lies beyond the last row of a sheet"),
        (b'<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "a cell points to a text that is not there"),
        (b'<row r="1"><c r="A1"><v>1</v></row>', "the part settings is not well-formed XML"),
    ],
)
def test_damaged_sheets(tmp_path: Path, data: bytes, text: str) -> None:
    path = write_parts(
        tmp_path / "case.xlsx", parts({"settings": b"<sheetData>" + data + b"</sheetData>"}, strings=b"")
    )
    assert messages(path) == [f"error E003 settings: the workbook is damaged: {text}. {RESAVE}"]


def test_huge_declared_dimensions_do_not_matter(tmp_path: Path) -> None:
    def change(name: str, data: bytes) -> bytes:
        start = data.find(b'<dimension ref="')
        if start < 0:
            return data
        return data[:start] + b'<dimension ref="A1:XFD1048576"/>' + data[data.index(b"/>", start) + 2 :]

    path = change_parts(tmp_path / "case.xlsx", change)
    start = time.process_time()
    assert check_workbook(path) == []
    assert time.process_time() - start < 1


def test_a_million_formatted_but_empty_rows(tmp_path: Path) -> None:
    def change(name: str, data: bytes) -> bytes:
        if name != "xl/worksheets/sheet5.xml":
            return data
        empty = b"".join(b'<row r="%d" s="1" customFormat="1"/>' % i for i in range(50, 1_000_000))
        return data.replace(b"</sheetData>", empty + b"</sheetData>")

    path = change_parts(tmp_path / "case.xlsx", change)
    start = time.process_time()
    assert check_workbook(path) == []
    assert time.process_time() - start < 5


def test_too_many_parts_sheets_and_cells(tmp_path: Path) -> None:
    many = write_parts(tmp_path / "parts.xlsx", {f"x{i}": b"" for i in range(20)})
    assert load(many, Limits(parts=10))[0].log.faults()[0].got == "the file has 20 parts; at most 10 are read"
    path = write(tmp_path / "case.xlsx")
    sheets = load(path, Limits(sheets=3))[0].log.faults()
    assert sheets[0].got == "the workbook has 21 sheets; at most 3 are read"
    assert {fault.code for fault in load(path, Limits(cells=50))[0].log.faults()} == {"E004"}
    assert load(path, Limits(file_bytes=100))[0].log.faults()[0].code == "E004"


def test_macros_and_links_are_never_followed(tmp_path: Path) -> None:
    add = {"xl/vbaProject.bin": b"\xd0\xcf", "xl/externalLinks/externalLink1.xml": b"<!DOCTYPE x>"}
    path = change_parts(tmp_path / "case.xlsm", lambda _, data: data, add)
    assert messages(path, "error", "warning", "note") == [
        "note N503 workbook: the workbook has macros; they are not run",
        f"warning W409 workbook: formulas of the workbook point into other workbooks. {LINKS}",
    ]


def test_one_unreadable_sheet_is_named_and_nothing_else_is_guessed(tmp_path: Path) -> None:
    path = change_parts(tmp_path / "case.xlsx", lambda name, data: data[:500] if name.endswith("sheet3.xml") else data)
    assert messages(path) == [
        f"error E003 sites: the workbook is damaged: the part sites is not well-formed XML. {RESAVE}"
    ]
