"""The plan workbook: round trip, look, names that look like formulas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from random_cases import random_frames
from random_solutions import outcome_of, random_solution
from report_plans import audited_plan

from procure.audit import audit, read_plan
from procure.case import Case
from procure.plan import Plan
from procure.report.inputs import echo
from procure.report.look import palette, short
from procure.report.sheets import column_format, displayed

if TYPE_CHECKING:
    from pathlib import Path


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Assert that a sheet read back is the frame that was written (blank text and no value are one)."""
    assert list(left.columns) == list(right.columns)
    assert len(left) == len(right)
    for column in left.columns:
        for a, b in zip(left[column].tolist(), right[column].tolist(), strict=True):
            blank = [v is None or v == "" or (not isinstance(v, str) and pd.isna(v)) for v in (a, b)]
            if all(blank):
                continue
            assert pd.Timestamp(a) == pd.Timestamp(b) if isinstance(a, pd.Timestamp) else a == b, (column, a, b)


def test_frames_come_back_as_they_were_written(plan: Plan, book: Path) -> None:
    """Proves: every number to the last bit, every text, every date; audit of the file = audit of the frames."""
    back = read_plan(book)
    assert next(iter(back)) == "summary"
    assert [name for name in back if name in plan.frames] == list(plan.frames)
    for name, frame in plan.frames.items():
        if name != "checks":
            same(frame, back[name])
    same(echo(plan.case.tables), back["inputs"])
    checks = back["checks"].iloc[: len(plan.checks)]
    assert checks["verdict"].tolist() == plan.checks["verdict"].tolist()
    assert checks["statement"].tolist() == plan.checks["statement"].tolist()
    assert checks["largest_violation"].to_numpy() == pytest.approx(plan.checks["largest_violation"].to_numpy())
    report = audit(plan.case.tables, back)
    assert report.passed, report.checks[report.checks["verdict"] == "fail"].to_string()


def test_sheets_stand_in_order_with_the_dashboard_first(book: Path) -> None:
    workbook = load_workbook(book)
    assert workbook.sheetnames == [
        "dashboard", "summary", "orders", "deployment", "running", "warehouse", "sales", "power", "energy", "rental",
        "compute", "cash_flow", "depreciation", "impairment", "builds", "checks", "inputs", "chart_data", "provenance",
    ]  # fmt: skip
    assert workbook.properties.creator == "procure"


def test_every_sheet_is_made_to_be_read_and_printed(book: Path) -> None:
    workbook = load_workbook(book)
    for ws in workbook.worksheets:
        assert ws.page_setup.orientation == "landscape", ws.title
        assert ws.page_setup.fitToWidth >= 1, ws.title
        assert ws.sheet_properties.pageSetUpPr.fitToPage, ws.title
        assert ws.oddFooter.right.text == "Page &P of &N", ws.title
        if ws.title == "dashboard":
            assert ws.page_setup.fitToHeight == 1
            continue
        assert re.fullmatch(r"[B-Z]2", ws.freeze_panes), ws.title
        assert ws.auto_filter.ref == ws.dimensions, ws.title
        assert ws.print_title_rows == "$1:$1", ws.title
        assert {cell.font.name for cell in ws[1]} == {"Arial"}
        assert all(isinstance(cell.value, str) for cell in ws[1])


def test_columns_are_as_wide_as_what_they_show(plan: Plan, book: Path) -> None:
    """Proves: no number is shown as ###: each column is wider than its longest number as formatted."""
    workbook = load_workbook(book)
    for name, frame in plan.frames.items():
        for i, column in enumerate(frame.columns, start=1):
            values = frame[column]
            if values.dtype.kind not in "iufM":
                continue
            form = column_format(str(column), values)
            longest = max((len(displayed(v, form)) for v in values.dropna()), default=0)
            assert workbook[name].column_dimensions[get_column_letter(i)].width >= longest + 1, (name, column)


def test_formulas_stand_only_in_checks_and_the_total_of_broken_rules(book: Path) -> None:
    workbook = load_workbook(book)
    where = {
        (ws.title, re.sub(r"\d", "", cell.coordinate))
        for ws in workbook.worksheets for row in ws.iter_rows() for cell in row if cell.data_type == "f"
    }  # fmt: skip
    assert {title for title, _ in where} == {"checks", "dashboard"}
    assert {column for title, column in where if title == "checks"} == {"G", "I"}
    assert len([1 for title, _ in where if title == "dashboard"]) == 1
    stored = load_workbook(book, data_only=True)
    for ws, values in zip(workbook.worksheets, stored.worksheets, strict=True):
        for row in ws.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert values[cell.coordinate].value is not None, (ws.title, cell.coordinate)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_names_that_look_like_formulas_stay_names(start: str, tmp_path: Path) -> None:
    """Proves: =1+1 as a name, a title or a note is text in every sheet and reads back as it is."""
    odd = f"{start}HYPERLINK(1)"
    rng = np.random.default_rng(2)
    frames = random_frames(rng, generations=2, sites=1, periods=6, title=odd)
    for frame in frames.values():
        frame.replace({"G1": odd}, inplace=True)  # noqa: PD002
    solution = random_solution(Case.from_frames(frames), rng)
    plan = Plan(solution, outcome_of(solution))
    path = tmp_path / "odd.xlsx"
    plan.to_excel(path)
    workbook = load_workbook(path)
    found = 0
    for ws in workbook.worksheets:
        for row in ws.iter_rows():
            for cell in row:
                if cell.value == odd:
                    assert cell.data_type == "s"
                    found += 1
                    assert cell.quotePrefix or ws.title == "dashboard"
                elif cell.data_type == "f":
                    assert odd not in cell.value
    assert found > 5
    same(plan.orders, read_plan(path)["orders"])


def test_an_empty_plan_is_a_workbook_too(tmp_path: Path) -> None:
    """Proves: no order, no unit, no power option: no chart is empty, no sheet breaks."""
    from chartlint import lint
    from hand import hand_case, outcome, solution

    case = hand_case()
    plan = Plan(solution(case, ordered={}, installed=[[[0] * 4]]), outcome("cost", -28_000.0, -28_000.0))
    path = tmp_path / "nothing.xlsx"
    plan.to_excel(path)
    assert lint(path) == []
    page = load_workbook(path)["dashboard"]
    texts = " ".join(str(cell.value) for row in page.iter_rows() for cell in row if cell.value)
    assert "Order nothing: the best plan runs what is there." in texts
    assert "no plan does better on cost (proven)" in texts
    assert "Units ordered by generation and order period: none" in texts
    assert read_plan(path)["orders"].empty


def test_sheets_added_later_are_written_whatever_their_types(tmp_path: Path) -> None:
    """Proves: extension types with NA, booleans, categories and days come out as cells or blanks; before ``checks``."""
    plan = audited_plan(3, periods=6)
    added = pd.DataFrame({
        "units": pd.array([1, None, 3], dtype="Int64"), "share": pd.array([0.5, None, np.inf], dtype="Float64"),
        "yes": [True, False, True], "kind": pd.Categorical(["a", "b", "a"]), "text": pd.array(["x", None, "=y"]),
        "day": pd.to_datetime(["2027-01-01", None, "2027-03-01"]),
    })  # fmt: skip
    plan.attach("my_table", added)
    path = tmp_path / "more.xlsx"
    plan.to_excel(path)
    back = read_plan(path)
    assert list(back).index("my_table") == list(back).index("checks") - 1
    rows = back["my_table"].astype(object).where(back["my_table"].notna(), None).to_numpy().tolist()
    assert [row[:5] for row in rows] == [
        [1, 0.5, True, "a", "x"], [None, None, False, "b", None], [3, None, True, "a", "=y"],
    ]  # fmt: skip
    assert [row[5] for row in rows] == [pd.Timestamp("2027-01-01"), None, pd.Timestamp("2027-03-01")]


def test_control_characters_cannot_break_the_file(tmp_path: Path) -> None:
    plan = audited_plan(2, periods=6, title="A\x07 bell & a <tag>")
    path = tmp_path / "bell.xlsx"
    plan.to_excel(path)
    assert read_plan(path)["provenance"]["value"].iloc[0] == "A bell & a <tag>"


def test_numbers_in_words() -> None:
    assert [short(v) for v in (999_600_000.0, 1.5e12, -2.5e6, 0.00042, 12.34)] == [
        "1.00 bn", "1.50 tn", "-2.50 M", "4.20e-04", "12.3",
    ]  # fmt: skip


def test_palette_keeps_eight_that_matter_in_the_order_of_the_input() -> None:
    names = [f"G{i}" for i in range(12)]
    chosen = palette(names, [0.0, *range(11, 0, -1)])
    assert chosen.shown == tuple(names[1:8])
    assert chosen.others == tuple(names[8:])
    assert len({chosen.colour(name) for name in names}) == 8
