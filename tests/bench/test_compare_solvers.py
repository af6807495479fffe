"""The comparison of solvers: its judgement, its kills, and that two searches of one programme agree within the gap."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import compare_solvers
from cases import SIZES, bench_frames
from compare_solvers import GAP, Reply, Result, compare_one, contradictions, judge, main, table, violation

from procure.case import Case
from procure.solving.matrix import Matrix
from procure.solving.solve import compile_case


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return compile_case(Case.from_frames(bench_frames(*SIZES["tiny"])))[1]


def test_two_searches_agree_within_their_gaps(tmp_path, capsys):
    file = tmp_path / "figures" / "tiny.json"
    ours, theirs = main(["--size", "tiny", "--limit", "60", "--only", "procure", "highs", "--json", str(file)])
    printed = capsys.readouterr().out
    assert ours.outcome == theirs.outcome == "closed", printed
    assert ours.value == pytest.approx(theirs.value, rel=GAP)
    assert not contradictions([ours, theirs])
    for result in (ours, theirs):
        assert result.value <= result.bound * (1 + 1e-9)
        assert result.cpu_seconds >= result.build_seconds >= 0.0
    assert "| compute | procure |" in printed
    written = json.loads(file.read_text(encoding="utf-8"))
    assert [line["outcome"] for line in written["results"]] == ["closed", "closed"]
    assert written["packages"]["highspy"]
    assert written["cores"] >= 1


def test_a_solver_that_is_not_there_is_a_line_of_the_table(matrix, tmp_path, monkeypatch):
    (tmp_path / "linopy.py").write_text("raise ModuleNotFoundError('linopy')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = compare_one("linopy-highs", matrix, "compute", 30.0)
    assert result.outcome == "not installed"
    assert table([result]).splitlines()[-1] == "| compute | linopy-highs |  |  |  |  |  |  | not installed |"


def test_a_solver_that_outstays_its_limit_is_killed(matrix, monkeypatch):
    monkeypatch.setattr(compare_solvers, "GRACE", -29.9)
    result = compare_one("highs", matrix, "compute", 30.0)
    assert result.outcome == "limit ignored: killed"
    assert result.wall_seconds < 10


def test_a_point_that_breaks_a_row_is_no_plan(matrix):
    result = Result("made up", "compute")
    judge(result, Reply(np.where(np.isfinite(matrix.upper), matrix.upper, 1e6), 1e9, finished=True), matrix)
    assert result.outcome.startswith("no plan: a row is broken")
    assert np.isnan(result.value)


@pytest.mark.parametrize("part", [0.5, 0.25])
def test_a_violation_is_relative_to_the_largest_term(part):
    from scipy.sparse import csr_array

    bound = np.full(2, np.inf)
    small = Matrix(
        csr_array([[1.0, -1.0]]), np.array([-np.inf]), np.array([0.0]), np.zeros(2), bound, np.array([False, True]),
        {}, {}, np.zeros((0, 0), dtype=np.int64), ["row"], [0],
    )  # fmt: skip
    assert violation(small, np.array([1000.0, 1000.0])) == 0.0
    assert violation(small, np.array([1000.0, 999.0])) == pytest.approx(1e-3)
    assert violation(small, np.array([0.0, 7 + part])) == part
    assert violation(small, np.array([-2.0, 0.0])) == 2.0
