"""LibreOffice opens the plan, calculates it anew and finds what is stored."""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from office import convert, needs_office, recalculated
from openpyxl import load_workbook

from procure.audit import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from procure.plan import Plan

pytestmark = [needs_office, pytest.mark.slow]

ERRORS = ("#", "Err:")


@pytest.fixture(scope="module")
def again(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recalculated(book, tmp_path_factory.mktemp("office"))


def cells(path: Path) -> dict[tuple[str, str], Any]:
    workbook = load_workbook(path, data_only=True)
    return {
        (ws.title, cell.coordinate): cell.value for ws in workbook.worksheets for row in ws.iter_rows() for cell in row
    }


def test_no_error_no_changed_check_and_the_same_figures(book: Path, again: Path) -> None:
    """Proves: every formula, calculated by another program from nothing, gives what the workbook stores."""
    ours, theirs = cells(book), cells(again)
    formulas = {
        (ws.title, cell.coordinate) for ws in load_workbook(book).worksheets for row in ws.iter_rows() for cell in row
        if cell.data_type == "f"
    }  # fmt: skip
    assert len(formulas) > 60
    checks = read_plan(book)["checks"]
    tolerance = {f"G{i + 2}": value for i, value in enumerate(checks["tolerance"])}
    for at, value in ours.items():
        there = theirs.get(at)
        if isinstance(there, str):
            assert not there.startswith(ERRORS), (at, there)
        if at not in formulas or isinstance(value, str):
            assert there == value or (there is None and value == "") or there == pytest.approx(value, rel=1e-12), at
        else:
            assert there == pytest.approx(value, rel=1e-9, abs=1e-3 * tolerance.get(at[1], 1.0)), at


def test_a_broken_plan_turns_its_check_red(plan: Plan, book: Path, tmp_path: Path) -> None:
    """Proves: the formulas are live: more running units in the file fail the checks that they break."""
    ours = read_plan(book)
    row = int(ours["running"]["running"].idxmax())
    old = float(ours["running"]["running"].iloc[row])
    broken = tmp_path / "broken.xlsx"
    part = f"xl/worksheets/sheet{2 + list(plan.frames).index('running')}.xml"
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(broken, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                cell = f'<c r="F{row + 2}"'.encode()
                start = data.index(b"<v>", data.index(cell)) + 3
                end = data.index(b"</v>", start)
                assert float(data[start:end]) == old
                data = data[:start] + repr(old + 1000.0).encode() + data[end:]
            out.writestr(name, data)
    checks = read_plan(recalculated(broken, tmp_path))["checks"].set_index("rule")
    failed = set(checks.index[checks["formula_verdict"] == "fail"])
    assert {"run_within_installed", "sheet_running"} <= failed
    assert checks.loc["roll_forward", "formula_verdict"] == "pass"


def test_it_prints(book: Path, tmp_path: Path) -> None:
    """Proves: the dashboard is one page, and no number is too wide for its column."""
    pdf = convert(book, tmp_path, "pdf")
    assert pdf.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed; the widths have a test of their own")
    import subprocess

    pages = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    assert "###" not in pages
    first, second = pages.split("\f")[:2]
    assert "It delivers" in first
    assert "Proof: checks" in first
    assert "objective_value" in second
