"""Plans as the package lays them out, of random cases with every table in use: confirmed; one unit off: found."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from procure.audit import audit
from procure.case import Case
from procure.planning import build_frames
from procure.reading import read_frames

sys.path.insert(0, str(Path(__file__).parents[1] / "plan"))

from random_cases import random_frames
from random_solutions import outcome_of, random_solution

LENGTHS = ("month", "quarter", "half", "year")


def random_plan(seed):
    rng = np.random.default_rng(seed)
    tables = read_frames(random_frames(rng, length=LENGTHS[seed % 4]))
    solution = random_solution(Case.from_tables(tables), rng)
    return tables, build_frames(solution, outcome_of(solution)), rng


@pytest.mark.parametrize("seed", range(12))
def test_a_feasible_plan_is_confirmed_by_code_that_shares_nothing_with_it(seed):
    """Proves: two readings of the input, two ways of computing every sheet, one result (to 1e-9)."""
    tables, frames, _ = random_plan(seed)
    report = audit(tables, frames, tolerance=1e-9)
    assert report.failed == [], report.checks[report.checks["verdict"] == "fail"].to_string()


DECISIONS = [
    ("orders", "units"), ("deployment", "installed"), ("deployment", "removed"), ("deployment", "installed_total"),
    ("warehouse", "stored"), ("sales", "units"), ("builds", "count"), ("running", "running"), ("rental", "compute"),
    ("energy", "energy_mwh"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "column"), DECISIONS)
def test_one_unit_off_anywhere_is_found(sheet, column):
    """Proves: no decision can be changed without a check that fails. Sensitivity: one unit in one random cell."""
    tried = 0
    for seed in range(8):
        tables, frames, rng = random_plan(seed)
        if len(frames[sheet]):
            tried += 1
            row = int(rng.integers(len(frames[sheet])))
            frames[sheet].loc[row, column] += 1
            assert not audit(tables, frames).passed
    assert tried >= 2
