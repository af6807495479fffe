"""Warnings and notes, order and counts of findings, and their text, JSON and annotated forms."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from workbooks import book, case, edit, messages, write

from procure.reading import check_workbook
from procure.reading.cells import nearest, text_number
from procure.reading.faults import CODES, Fault, column_letters, shown, split_address
from procure.reading.reporting import annotate, render_json, render_text, summary_line
from procure.reading.writing import save_workbook

MERGED = "Only the first cell of a merged range has a value; the others count as blank"


def test_hidden_rows_columns_sheets_and_merged_cells_are_read_and_reported(tmp_path: Path) -> None:
    workbook = book()
    workbook["fleet"].row_dimensions[3].hidden = True
    workbook["sites"].column_dimensions["C"].hidden = True
    workbook["modes"].sheet_state = "hidden"
    workbook["space"].merge_cells("B2:C2")
    workbook.save(tmp_path / "case.xlsx")
    assert messages(tmp_path / "case.xlsx", "error", "warning", "note") == [
        "warning W401 sites: column C is hidden; hidden columns are read all the same",
        f"warning W410 space: merged cells (B2:C2). {MERGED}",
        "warning W401 modes: the sheet is hidden; it is read all the same",
        "warning W401 fleet: row 3 is hidden; hidden rows are read all the same. Delete rows that should not count",
    ]


def test_all_faults_come_at_once_in_workbook_order(tmp_path: Path) -> None:
    changes = {"demand!C2": "#REF!", "sites!D4": 0.5, "sites!D2": "1,2", "settings!B6": "best", "fleet!E3": None,
               "power!A2": "Dubln", "generations!B2": True, "rental!A2": "traning"}  # fmt: skip
    found = check_workbook(edit(tmp_path / "case.xlsx", changes))
    assert [(fault.sheet, fault.cell) for fault in found] == [
        ("settings", "B6"), ("generations", "B2"), ("sites", "D2"), ("sites", "D4"), ("power", "A2"), ("demand", "C2"),
        ("fleet", "E3"), ("rental", "A2"),
    ]  # fmt: skip


def test_at_most_twenty_a_column_then_a_count(tmp_path: Path) -> None:
    tables = case()
    tables["fleet"] += [["H200", "DUB2", "2026", "x", 1] for _ in range(100)]
    tables["fleet"] += [["H2O0", "DUB2", "2026", 1, "1,5"] for _ in range(30)]
    found = messages(write(tmp_path / "case.xlsx", tables))
    units = [message for message in found if "(units)" in message]
    assert len(units) == 21
    assert units[0].startswith("error E101 fleet!D4 (units): got 'x'")
    assert units[-1] == "error E101 fleet (units): and 80 more faults in this column"
    assert {m for m in found if "more faults" in m} == {
        units[-1],
        "error E107 fleet (price): and 10 more faults in this column",
        "error E201 fleet (generation): and 10 more faults in this column",
    }


def test_many_faults_cost_little_time(tmp_path: Path) -> None:
    tables = case()
    tables["generations"] += [[f"g{i}", "v", "n/a", "12 MW", "liqid", "1,5", "Q9", "x"] for i in range(3000)]
    tables["fleet"] += [[f"h{i}", f"s{i}", "soon", 0.5, None] for i in range(3000)]
    path = write(tmp_path / "case.xlsx", tables)
    start = time.process_time()
    assert len(check_workbook(path)) < 400
    assert time.process_time() - start < 4


def test_every_code_has_its_meaning_and_every_meaning_its_code() -> None:
    import procure.reading

    source = "".join(path.read_text() for path in Path(procure.reading.__file__).parent.glob("*.py"))
    used = set(re.findall(r'"([EWN]\d{3})"', source.partition("CODES: dict")[0] + source.partition("def shown(")[2]))
    assert used == set(CODES)
    assert all(text[0].islower() or text.startswith("TRUE") for text in CODES.values())


def test_a_corrected_number_that_is_out_of_range_is_said_to_be(tmp_path: Path) -> None:
    [fault] = check_workbook(edit(tmp_path / "case.xlsx", {"sites!D2": "15,5"}))
    assert fault.hint == "Looks like a decimal comma; enter 15.5 (15.5 would be out of range)"


def test_text_and_counts(tmp_path: Path) -> None:
    path = edit(tmp_path / "case.xlsx", {"sites!D2": "1,2", "sites!D3": 3, "sites!I1": "owner"})
    found = check_workbook(path)
    lines = render_text(found).splitlines()
    assert len(lines) == 4
    assert lines[-1] == "1 error, 1 warning, 1 note"
    assert render_text(found, notes=False).splitlines()[:-1] == [
        line for line in lines[:-1] if not line.startswith("note")
    ]
    assert render_text([]) == "no faults found"
    assert summary_line([Fault("E001", "error")] * 2) == "2 errors"


def test_json_has_every_field(tmp_path: Path) -> None:
    data = json.loads(render_json(check_workbook(edit(tmp_path / "case.xlsx", {"sites!D2": "1,2 ü"}))))
    assert (data["ok"], data["errors"], data["warnings"], data["notes"]) == (False, 1, 0, 0)
    assert data["faults"] == [
        {
            "code": "E101", "severity": "error", "sheet": "sites", "cell": "D2", "row": 2, "column": "pue",
            "got": "'1,2 ü'", "expected": "a number between 1 and 10", "hint": None, "rule": "a number belongs here",
            "message": "error E101 sites!D2 (pue): got '1,2 ü'; expected a number between 1 and 10",
        }
    ]  # fmt: skip
    assert json.loads(render_json([]))["ok"] is True


def test_annotated_copy_links_to_each_cell_and_holds_no_formula(tmp_path: Path) -> None:
    changes = {
        "sites!D2": "1,15", "sites!C2": '=HYPERLINK("http://x")', "generations!B2": "+SUM(1)", "generations!B3": "@x",
        "generations!B4": "-y", "fleet!D2": "#N/A", "My 'own' notes": [["free", "=text"]],
    }  # fmt: skip
    workbook = book()
    for place, value in changes.items():
        name, _, cell = place.partition("!")
        if cell:
            workbook[name][cell] = value
            workbook[name][cell].data_type = "e" if value == "#N/A" else "s"
        else:
            workbook.create_sheet(name).append(["free", "text"])
    path, out = tmp_path / "case.xlsx", tmp_path / "out.xlsx"
    workbook.save(path)
    before = path.read_bytes()
    found = check_workbook(path)
    annotate(path, found, out)
    assert path.read_bytes() == before
    copy = openpyxl.load_workbook(out)
    assert copy.sheetnames == ["issues", *workbook.sheetnames]
    issues = copy["issues"]
    assert [cell.value for cell in issues[1]] == [
        "severity",
        "code",
        "sheet",
        "cell",
        "column",
        "got",
        "expected",
        "hint",
    ]
    rows = {issues.cell(i, 4).value: i for i in range(2, issues.max_row + 1)}
    assert issues.cell(rows["D2"], 4).hyperlink.location in {"'sites'!D2", "'fleet'!D2"}
    assert copy["sites"]["D2"].fill.fgColor.rgb.endswith("FFC7CE")
    assert copy["sites"]["D2"].value == "1,15"
    assert copy["generations"]["A2"].value == "H200"
    for sheet in copy:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert copy["sites"]["C2"].value == '=HYPERLINK("http://x")'
    assert copy["sites"]["C2"].quotePrefix


def test_annotate_never_touches_the_workbook_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "case.xlsx")
    with pytest.raises(ValueError, match="must not replace"):
        annotate(path, [], path)


def test_annotate_of_what_cannot_be_read_lists_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    path.write_bytes(b"PK nothing")
    annotate(path, check_workbook(path), tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["issues"]["B2"].value == "E003"


def test_a_failed_save_leaves_the_old_file_whole_and_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.xlsx"
    target.write_bytes(b"old")

    def full(_: object, file: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(openpyxl.Workbook, "save", full)
    with pytest.raises(OSError, match="No space"):
        save_workbook(openpyxl.Workbook(), target)
    assert target.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["out.xlsx"]


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("15,5", "", 15.5),
        ("12 MW", "MW", 12),
        ("500 kW", "MW", 0.5),
        ("1.2 GW", "MW", 1200),
        ("1.234,5", "", 1234.5),
        ("1,234", "", 1234),
        ("1 234 567", "", 1234567),
        ("40 %", "", 0.4),
        ("$3.2M", "", 3.2e6),
        ("3.1 bn", "", 3.1e9),
        ("€ 12", "", 12),
        ("0,400", "", 0.4),
        ("1'000", "", 1000),
        ("-3", "", -3),
        ("1e5", "", 1e5),
        ("10 kW", "kW/unit", 10),
        ("300k", "currency/unit", 3e5),
    ],
)
def test_numbers_typed_as_text_are_understood(text: str, unit: str, number: float) -> None:
    found = text_number(text, unit=unit)
    assert found is not None
    assert found[0] == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "abc", "12abc4", "2027Q1", "--", "1.2.3", "12 34", "1,23,4", "x12"])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert text_number(text) is None


def test_nearest_name() -> None:
    assert nearest("Dubln", ["Dallas", "Dublin"]) == "Dublin"
    assert nearest("power kw", ["price", "power_kw"]) == "power_kw"
    assert nearest("x", ["alpha", "beta"]) is None
    assert nearest("", ["alpha"]) is None
    assert nearest("n" * 10_000, [f"name{i}" for i in range(10_000)]) is None


def test_addresses_and_values_in_messages() -> None:
    for index in (0, 25, 26, 701, 702, 16383):
        assert split_address(f"{column_letters(index)}9") == (9, index)
    assert column_letters(16383) == "XFD"
    assert shown(20.0) == "20"
    assert shown(0.1) == "0.1"
    assert shown(None) == "an empty cell"
    assert shown("a\nb\x07") == "'a�b�'"
    assert len(shown("x" * 500)) == 63
