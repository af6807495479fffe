"""Templates: read back without an edit, real tables, live drop-downs, no name that is a cell address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from workbooks import case, edit, messages, records

from procure.reading import check_workbook, read_frames, read_workbook
from procure.schema import load_schema
from procure.template import (
    EXAMPLES,
    example_frames,
    write_example,
    write_template,
    write_workbook_from_frames,
)

if TYPE_CHECKING:
    from pathlib import Path

SUPPORTED = [name for name in load_schema() if name != "scenarios"]
ADDRESS = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}|[RC]\d*", re.IGNORECASE)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "small.xlsx"
    write_example(path, "small")
    return path


@pytest.fixture(scope="module")
def book(small: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(small)


def test_every_example_is_sound_without_an_edit(tmp_path: Path) -> None:
    for name in EXAMPLES:
        path = tmp_path / f"{name}.xlsx"
        write_example(path, name)
        assert check_workbook(path) == [], name
        frames = read_workbook(path).frames
        plain = read_frames(example_frames(name)).frames
        for sheet, frame in plain.items():
            pd.testing.assert_frame_equal(frame, frames[sheet])


def test_an_unknown_example_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no example 'big'; known: small"):
        write_example(tmp_path / "x.xlsx", "big")


def test_the_empty_template_lacks_only_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    write_example(path, None)
    assert [(fault.code, fault.sheet) for fault in check_workbook(path)] == [
        ("E012", "generations"), ("E012", "sites"), ("E012", "power")
    ]  # fmt: skip
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == ["readme", *SUPPORTED, "reference", "lists"]
    workbook["generations"].append(["G", "V", 8, 10.2, None, None, None, "air", 3e5])
    workbook["generations"].move_range("A12:I12", rows=-10)
    workbook["sites"]["A2"], workbook["sites"]["E2"] = "S", 60
    workbook["power"]["A2"], workbook["power"]["C2"] = "S", 5
    workbook.save(path)
    assert check_workbook(path) == []


def test_headers_stand_in_row_1_and_are_those_of_the_dictionary(book: openpyxl.Workbook) -> None:
    for name in SUPPORTED[1:]:
        headers = [cell.value for cell in book[name][1]]
        fixed = [column.name for column in load_schema()[name].fixed]
        assert headers[: len(fixed)] == fixed
        assert "note" in headers
    assert [cell.value for cell in book["settings"][1]] == ["key", "value", "unit", "note"]


def test_each_sheet_is_a_real_table_with_frozen_headers(book: openpyxl.Workbook) -> None:
    for name in SUPPORTED:
        sheet = book[name]
        [table] = sheet.tables.values()
        assert table.displayName == f"tbl_{name}"
        assert table.ref.startswith("A1:")
        assert [column.name for column in table.tableColumns] == [str(cell.value) for cell in sheet[1]]
        assert sheet.freeze_panes is not None
        assert sheet.freeze_panes.endswith("2")
        assert all(sheet.column_dimensions[cell.column_letter].width >= len(str(cell.value)) for cell in sheet[1])


def test_no_name_is_a_cell_address(book: openpyxl.Workbook) -> None:
    names = [*book.defined_names, *(table for sheet in book for table in sheet.tables)]
    assert {"lst_generations", "lst_sites", "lst_workloads", "lst_periods", "tbl_sites"} <= set(names)
    assert not [name for name in names if ADDRESS.fullmatch(name)]


def test_drop_downs_offer_declared_names_choices_and_periods(book: openpyxl.Workbook) -> None:
    def rule(sheet: str, column: str) -> Any:
        letter = next(cell.column_letter for cell in book[sheet][1] if cell.value == column)
        [found] = [v for v in book[sheet].data_validations.dataValidation if f"{letter}2" in v.sqref]
        return found

    assert rule("fleet", "generation").formula1 == "lst_generations"
    assert rule("fleet", "site").formula1 == "lst_sites"
    assert rule("demand", "workload").formula1 == "lst_workloads"
    assert rule("generations", "available_from").formula1 == "lst_periods"
    assert rule("generations", "cooling").formula1 == '"air,liquid"'
    assert rule("licences", "allowed").formula1 == '"yes,no"'
    power = rule("generations", "power_kw")
    assert (power.type, power.operator, power.formula1, power.errorStyle) == ("decimal", "greaterThan", "0", "warning")
    assert (rule("sites", "pue").formula1, rule("sites", "pue").formula2) == ("1", "10")
    assert rule("generations", "lot").type == "whole"
    assert "kW/unit" in power.prompt
    assert book.defined_names["lst_sites"].attr_text == (
        "sites!$A$2:INDEX(sites!$A$2:$A$1000,MAX(1,COUNTA(sites!$A$2:$A$1000)))"
    )
    for sheet in book:
        for found in sheet.data_validations.dataValidation:
            assert len(found.prompt or "") <= 255
            assert len(found.promptTitle or "") <= 32
            assert len(found.formula1 or "") <= 255


def test_every_column_is_explained_where_it_stands(book: openpyxl.Workbook) -> None:
    for name in SUPPORTED[1:]:
        for column in load_schema()[name].fixed:
            cell = next(cell for cell in book[name][1] if cell.value == column.name)
            assert column.description in cell.comment.text
            assert column.unit in cell.comment.text
    reference = {(row[0].value, row[1].value): row[6].value for row in book["reference"].iter_rows(min_row=2)}
    for sheet in load_schema().values():
        for column in sheet.columns:
            assert reference[sheet.name, column.name] == column.description


def test_inputs_are_blue_on_a_light_fill_and_formatted_by_unit(book: openpyxl.Workbook) -> None:
    sheet = book["generations"]
    at = {cell.value: cell.column_letter for cell in sheet[1]}
    for column in ("generation", "price", "resale"):
        cell = sheet[f"{at[column]}2"]
        assert cell.font.color.rgb.endswith("0000FF")
        assert cell.fill.fgColor.rgb.endswith("FFF9E5")
    formats = {
        column: sheet[f"{at[column]}2"].number_format for column in ("generation", "available_from", "price", "resale")
    }
    assert formats == {
        "generation": "@", "available_from": "@", "price": "#,##0;[Red]-#,##0;0", "resale": "0.0##%"
    }  # fmt: skip
    assert not sheet[f"{at['note']}2"].font.color.rgb.endswith("0000FF")


def test_the_first_sheet_says_how_to_fill_it_in_and_links_to_every_table(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[0]
    assert sheet.title == "readme"
    text = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert "repeats the cell on its left" in text
    assert "procure check CASE.xlsx" in text
    links = {cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {f"'{name}'!A1" for name in SUPPORTED}


def test_every_figure_of_an_example_has_a_source_or_is_marked_an_estimate() -> None:
    for name in EXAMPLES:
        for sheet, rows in example_frames(name).items():
            if sheet != "settings":
                assert all(re.search(r"data/\w+\.csv|estimate", row["note"]) for row in rows), sheet


def test_a_case_from_frames_keeps_notes_unknown_columns_and_texts_that_look_like_formulas(tmp_path: Path) -> None:
    frames: dict[str, Any] = {name: records(rows) for name, rows in case().items()}
    frames["sites"][0]["note"] = '=HYPERLINK("http://x","y")'
    frames["sites"][0]["owner"] = "@team"
    frames["generations"][0]["vendor"] = "+NVIDIA"
    frames["power"] = pd.DataFrame(frames["power"])
    frames["workloads"] = pd.DataFrame(frames["workloads"]).set_index("workload")
    path = tmp_path / "case.xlsx"
    write_workbook_from_frames(path, frames, about=["What this case asks."])
    assert messages(path, "error", "warning") == []
    workbook = openpyxl.load_workbook(path)
    assert "scenarios" not in workbook.sheetnames
    assert workbook["readme"]["A3"].value == "What this case asks."
    for sheet in workbook:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    headers = [cell.value for cell in workbook["sites"][1]]
    assert workbook["sites"].cell(2, headers.index("note") + 1).value == '=HYPERLINK("http://x","y")'
    assert workbook["sites"].cell(2, headers.index("owner") + 1).value == "@team"
    tables = read_workbook(path)
    assert tables.frames["generations"]["vendor"].tolist()[0] == "+NVIDIA"
    for sheet, frame in read_frames({k: v for k, v in frames.items() if k != "workloads"} | {
        "workloads": records(case()["workloads"])}).frames.items():  # fmt: skip
        pd.testing.assert_frame_equal(frame, tables.frames[sheet])


def test_checked_tables_become_a_workbook_and_the_same_tables_again(tmp_path: Path) -> None:
    tables = read_workbook(edit(tmp_path / "case.xlsx", {"fleet!C2": "2024", "generations!H4": "2028"}))
    write_template(tmp_path / "again.xlsx", tables)
    again = read_workbook(tmp_path / "again.xlsx")
    assert tables.settings == again.settings
    for name, frame in tables.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="halls"):
        write_workbook_from_frames(tmp_path / "x.xlsx", {"halls": []})
