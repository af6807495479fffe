"""How long, and how much memory, a large plan takes from solution to workbook.

Run: python tests/bench/write_plan.py [rows]   (default 50,000 rows of deployment and running together)

The plan is made up (every hall full of every generation), not solved: what is measured is what comes after the solver.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "plan"))

from random_cases import random_frames
from random_solutions import outcome_of

from procure.case import Case
from procure.plan import Plan
from procure.solution import Running, Solution


def full_solution(case: Case, density: float, seed: int = 1) -> Solution:
    """Return a solution with units at a share of all sites and periods, each running (not a feasible plan)."""
    rng = np.random.default_rng(seed)
    G, S, T = len(case.generations.names), len(case.sites.names), case.T
    installed = np.where(rng.random((G, S, T)) < density, rng.integers(1, 50, (G, S, T)), 0)
    g, s, t = np.nonzero(installed)
    first = np.array([np.flatnonzero(case.modes.generation == i)[0] for i in range(G)])
    running = Running(g, first[g], s, t, np.zeros(g.size, dtype=np.int64), installed[g, s, t] * 0.97)
    ordered = np.where(case.cohorts.order >= 0, rng.integers(0, 900, len(case.cohorts)), case.cohorts.units)
    zero = np.zeros
    return Solution(
        case, ordered, zero((len(case.cohorts), T), dtype=np.int64), installed, running,
        zero((len(case.power_options), T), dtype=np.int64), zero((len(case.shell_options), T), dtype=np.int64),
        zero((len(case.projects), T), dtype=np.int64), zero((len(case.power_options), T)), zero((len(case.rental), T)),
    )  # fmt: skip


def main(rows: int) -> None:
    """Print seconds of processor time and the peak of memory."""
    rng = np.random.default_rng(3)
    case = Case.from_frames(random_frames(rng, generations=20, sites=100, periods=40))
    solution = full_solution(case, rows / 2 / (20 * 100 * 40))
    outcome = outcome_of(solution)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    plan = Plan(solution, outcome)
    framed = time.process_time()
    count = sum(len(frame) for frame in plan.frames.values())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.xlsx"
        plan.to_excel(path)
        size = path.stat().st_size / 1e6
    end = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} rows: frames {framed - start:.2f} s, workbook {end - framed:.2f} s of processor time; "
          f"{size:.1f} MB; peak {peak:.0f} MB ({before:.0f} MB before)")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
