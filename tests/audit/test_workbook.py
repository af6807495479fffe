"""Reading a plan workbook back: as it stands, names and whole numbers kept; the same verdict as before."""

from __future__ import annotations

import zipfile

import openpyxl
import pandas as pd
import pytest

from procure.audit import read_plan


def write(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def rows_of(frame):
    body = [[None if pd.isna(value) else value for value in row] for row in frame.itertuples(index=False)]
    return [list(frame.columns), *body]


def test_a_plan_gives_the_same_report_from_its_workbook(bench, tmp_path):
    plan = bench.full_plan()
    write(tmp_path / "plan.xlsx", {name: rows_of(frame) for name, frame in plan.items()})
    straight = bench.report(bench.case(), plan)
    again = bench.report(bench.case(), read_plan(tmp_path / "plan.xlsx"))
    assert again.passed
    assert list(again.checks["verdict"]) == list(straight.checks["verdict"])
    assert again.figures == pytest.approx(straight.figures, rel=1e-12)


def test_names_numbers_and_blanks_stand_as_they_are(tmp_path):
    write(
        tmp_path / "plan.xlsx",
        {
            "dashboard": [["A plan for people"], [None, "without a header"]],
            "deployment": [
                ["period", "site", None, "units", "share", "mixed", " note "],
                [2027, "NA", "lost", 3, 0.5, 4, None],
                [None, None, None, None, None, None, None],
                ["2027Q2", "null", "lost", 4.0, 1, "x", "seen"],
            ],
            "empty": [],
            "header only": [["period", "site"]],
        },
    )
    frames = read_plan(tmp_path / "plan.xlsx")
    assert set(frames) == {"deployment", "empty", "header only"}
    sheet = frames["deployment"]
    assert list(sheet.columns) == ["period", "site", "units", "share", "mixed", "note"]
    assert len(sheet) == 2
    assert list(sheet["site"]) == ["NA", "null"]
    assert sheet["units"].dtype == "int64"
    assert list(sheet["units"]) == [3, 4]
    assert sheet["share"].dtype == "float64"
    assert list(sheet["period"]) == [2027, "2027Q2"]
    assert list(sheet["mixed"]) == [4, "x"]
    assert frames["empty"].empty
    assert list(frames["header only"].columns) == ["period", "site"]


def test_what_is_no_workbook_is_said_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_plan(tmp_path / "none.xlsx")
    (tmp_path / "text.xlsx").write_text("period,site\n", encoding="utf-8")
    with pytest.raises(ValueError, match="is not an Excel workbook"):
        read_plan(tmp_path / "text.xlsx")
    write(tmp_path / "plan.xlsx", {"orders": [["order"], ["2027Q1"]] * 200})
    whole = (tmp_path / "plan.xlsx").read_bytes()
    (tmp_path / "half.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="or it is damaged"):
        read_plan(tmp_path / "half.xlsx")
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as old, zipfile.ZipFile(tmp_path / "torn.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[:200] if "sheet1" in name else content)
    with pytest.raises(ValueError, match="or it is damaged"):
        read_plan(tmp_path / "torn.xlsx")
    (tmp_path / "text.csv").write_text("period,site\n", encoding="utf-8")
    with pytest.raises(ValueError, match="is not an Excel workbook"):
        read_plan(tmp_path / "text.csv")
