"""Sound files written in unusual ways read the same: the fast scanner must never be the only one that is right."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rawbooks import change_parts, parts, write_parts
from workbooks import book, write

from procure.reading import scanner
from procure.reading.cells import CellError, Grid, Uncalculated
from procure.reading.container import LIMITS
from procure.reading.decoding import Decoder
from procure.reading.scanner import scan_sheet
from procure.reading.slowscan import slow_scan
from procure.reading.workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module", autouse=True, params=["learning", "cell by cell"])
def _both_ways(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small sheets are read cell by cell; here every test runs with the learned expressions as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "_WORTH_LEARNING", 0 if request.param == "learning" else 10**9)
        yield


def grids(path: Path) -> dict[str, tuple[list[int], dict[int, list[Any]]]]:
    workbook = Workbook(path)
    found = {info.name: workbook.grid(info) for info in workbook.sheets}
    return {name: (grid.rows, grid.columns) for name, grid in found.items()}


def is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/sheet")


CHANGES: dict[str, Callable[[str, bytes], bytes]] = {
    "pretty-printed": lambda name, data: data.replace(b"><", b">\n  <") if is_sheet(name) else data,
    "with a prefix": lambda name, data: (
        re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", data).replace(b"xmlns=", b"xmlns:x=") if is_sheet(name) else data
    ),
    "in UTF-16": lambda name, data: data.decode().encode("utf-16") if is_sheet(name) else data,
    "in Latin-1": lambda name, data: (
        b"<?xml version='1.0' encoding='ISO-8859-1'?>" + data if is_sheet(name) or "shared" in name else data
    ),
    "with comments": lambda name, data: data.replace(b"<sheetData>", b"<sheetData><!-- rows -->"),
    "without addresses": lambda name, data: (
        re.sub(rb'(<(?:c|row)) r="[A-Z0-9]+"', rb"\1", data) if name == "xl/worksheets/sheet2.xml" else data
    ),
    "with single quotes": lambda name, data: data.replace(b'"', b"'") if is_sheet(name) else data,
    "with a space before the slash": lambda name, data: data.replace(b"/>", b" />"),
    "with further attributes": lambda _, data: data.replace(b"<row ", b'<row spans="1:9" x:dy="0.25" ').replace(
        b"<worksheet ", b'<worksheet xmlns:x="urn:x" '
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_same_cells_however_the_xml_is_written(tmp_path: Path, change: Callable[[str, bytes], bytes]) -> None:
    plain = grids(write(tmp_path / "plain.xlsx"))
    tables = plain["generations"][1][0]
    if change is CHANGES["without addresses"]:  # blank cells are then lost: nothing says where they were
        changed = grids(change_parts(tmp_path / "changed.xlsx", change))
        assert changed["generations"][1][0] == tables
    else:
        assert grids(change_parts(tmp_path / "changed.xlsx", change)) == plain


def test_shared_rich_and_escaped_texts(tmp_path: Path) -> None:
    strings = (
        b"<si><t>plain</t></si>"
        b"<si><r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r><rPh sb='0' eb='1'><t>no</t></rPh></si>"
        b"<si><t xml:space='preserve'>  A &amp; B&#10;C_x000D_ </t></si><si/><si><t/></si>"
    )
    cells = b"".join(b'<c r="%s1" t="s"><v>%d</v></c>' % (b"ABCDE"[i : i + 1], i) for i in range(5))
    data = parts({"notes": b'<sheetData><row r="1">%s</row></sheetData>' % cells}, strings)
    assert grids(write_parts(tmp_path / "case.xlsx", data))["notes"] == (
        [1],
        {0: ["plain"], 1: ["rich"], 2: ["A & B C"]},
    )


def test_every_kind_of_cell(tmp_path: Path) -> None:
    cells = (
        b'<c r="A1"><v>1.5</v></c><c r="B1" t="n"><v>2E3</v></c><c r="C1" t="b"><v>1</v></c>'
        b'<c r="D1" t="e"><v>#N/A</v></c>'
        b'<c r="E1"><f>1+1</f><v>2</v></c><c r="F1"><f>1+1</f></c><c r="G1"><f>A1</f><v></v></c>'
        b'<c r="H1" t="str"><f>"a"</f><v>a</v></c><c r="I1" t="str"><f>""</f><v></v></c>'
        b'<c r="J1" t="inlineStr"><is><t>in</t></is></c>'
        b'<c r="K1" t="inlineStr"><is><r><t>r</t></r><r><t>t</t></r></is></c>'
        b'<c r="L1" t="d"><v>2027-03-01T00:00:00</v></c><c r="M1" s="4"/>'
        b'<c r="N1"><v>nan</v></c><c r="O1"><v>1_0</v></c>'
        b'<c r="P1"><f t="shared" si="0"/><v>7</v></c>'
    )
    rows = b"".join(b'<row r="%d">%s</row>' % (i, re.sub(rb'1"', b'%d"' % i, cells)) for i in (1, 2, 3))
    [(numbers, columns)] = grids(
        write_parts(tmp_path / "case.xlsx", parts({"x": b"<sheetData>%s</sheetData>" % rows}))
    ).values()
    assert numbers == [1, 2, 3]
    expected = {
        0: 1.5, 1: 2000.0, 2: True, 3: CellError("#N/A"), 4: 2.0, 5: Uncalculated("1+1"), 6: Uncalculated("A1"), 7: "a",
        9: "in", 10: "rt", 11: dt.datetime.fromisoformat("2027-03-01"), 13: "nan", 14: "1_0", 15: 7.0,
    }  # fmt: skip
    for row in range(3):
        assert {at: values[row] for at, values in columns.items()} == expected
        assert {at: type(values[row]) for at, values in columns.items()} == {at: type(v) for at, v in expected.items()}


def test_dates_by_their_format_in_both_date_systems(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    formats = ["yyyy-mm-dd", "mmm yy", "General", "0.00", '"d"0', "[Red]0;[Blue]0", "[h]:mm", "0%", "d/m/yyyy;@"]
    for column, code in enumerate(formats, 1):
        sheet.cell(1, column, 46054).number_format = code
    workbook.save(tmp_path / "case.xlsx")
    [(_, columns)] = grids(tmp_path / "case.xlsx").values()
    dates = [isinstance(values[0], dt.datetime) for values in columns.values()]
    assert dates == [True, True, False, False, False, False, True, False, True]
    assert columns[0][0] == dt.datetime.fromisoformat("2026-02-01")
    buffer = zipfile.ZipFile(tmp_path / "case.xlsx")
    data = {name: buffer.read(name) for name in buffer.namelist()}
    data["xl/workbook.xml"] = data["xl/workbook.xml"].replace(b"<workbookPr ", b'<workbookPr date1904="1" ')
    [(_, columns)] = grids(write_parts(tmp_path / "mac.xlsx", data)).values()
    assert columns[0][0] == dt.datetime.fromisoformat("2030-02-02")


VALUES = st.one_of(
    st.none(),
    st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: round(x, 6) + 0.0),
    st.integers(-(10**9), 10**9).map(float),
    st.booleans(),
    st.sampled_from(["a", "b", "DUB1", "x & <y>", "日本", "é"]),
    st.just(CellError("#DIV/0!")),
)


def _xml(table: list[list[Any]], styles: list[int]) -> bytes:
    def cell(row: int, column: int, value: Any) -> str:
        style = f' s="{styles[column % len(styles)]}"' if styles[column % len(styles)] else ""
        head = f'<c r="{chr(65 + column)}{row}"{style}'
        if value is None:
            return f"{head}/>" if (row + column) % 3 == 0 else ""
        if isinstance(value, bool):
            return f'{head} t="b"><v>{int(value)}</v></c>'
        if isinstance(value, CellError):
            return f'{head} t="e"><v>{value}</v></c>'
        if isinstance(value, str):
            text = value.replace("&", "&amp;").replace("<", "&lt;")
            return f'{head} t="inlineStr"><is><t>{text}</t></is></c>'
        return f"{head}><v>{value!r}</v></c>"

    rows = "".join(
        f'<row r="{i}">' + "".join(cell(i, j, v) for j, v in enumerate(row)) + "</row>"
        for i, row in enumerate(table, 1)
    )
    return f"<worksheet xmlns='x'><sheetData>{rows}</sheetData></worksheet>".encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 8).flatmap(lambda n: st.lists(st.lists(VALUES, min_size=n, max_size=n), min_size=1, max_size=12)),
    st.lists(st.integers(0, 3), min_size=1, max_size=4),
)
def test_the_fast_scanner_agrees_with_the_parser_and_the_table(table: list[list[Any]], styles: list[int]) -> None:
    data = _xml(table, styles)

    def scan(reader: Callable[..., Grid]) -> Grid:
        return reader(data, "x", Decoder([], frozenset(), base_1904=False), LIMITS, LIMITS.cells)

    fast, slow = scan(scan_sheet), scan(slow_scan)
    assert (fast.rows, fast.columns) == (slow.rows, slow.columns)
    wanted = {(i, j): value for i, row in enumerate(table, 1) for j, value in enumerate(row) if value is not None}
    found = {
        (row, at): values[k]
        for at, values in fast.columns.items()
        for k, row in enumerate(fast.rows)
        if values[k] is not None
    }
    assert found == wanted
    assert {place: type(value) for place, value in found.items()} == {p: type(v) for p, v in wanted.items()}


def test_openpyxl_reads_the_same_cells(tmp_path: Path) -> None:
    path = write(tmp_path / "case.xlsx")
    ours = grids(path)
    for sheet in openpyxl.load_workbook(path, data_only=True):
        theirs = {
            (cell.row, cell.column - 1): float(cell.value) if isinstance(cell.value, int) else cell.value
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        rows, columns = ours[sheet.title]
        mine = {(r, at): v[k] for at, v in columns.items() for k, r in enumerate(rows) if v[k] is not None}
        assert mine == theirs


def test_many_shapes_of_rows_still_read(tmp_path: Path) -> None:
    """More shapes of rows than the scanner learns: the rest is read cell by cell."""
    workbook = book({"notes": []})
    sheet = workbook["notes"]
    for i in range(1, 120):
        sheet.cell(i, 1 + i % 50).value = i if i % 2 else f"t{i}"
        sheet.cell(i, 1 + (i * 7) % 50).value = i % 3 == 0
    workbook.save(tmp_path / "case.xlsx")
    theirs = [[c.value for c in row] for row in openpyxl.load_workbook(tmp_path / "case.xlsx")["notes"].iter_rows()]
    rows, columns = grids(tmp_path / "case.xlsx")["notes"]
    assert [[columns.get(j, [None] * 999)[i] for j in range(len(theirs[0]))] for i in range(len(rows))] == theirs
