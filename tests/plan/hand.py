"""A case small enough to solve on paper, and solutions of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from procure.case import Case
from procure.solution import Outcome, Running, Solution

LABELS = ["2027Q1", "2027Q2", "2027Q3", "2027Q4"]
HOURS = 2190.0


def wide(key: str, rows: dict[str, list[float]]) -> pd.DataFrame:
    """A wide table: one row a key."""
    return pd.DataFrame([{key: name, **dict(zip(LABELS, values, strict=True))} for name, values in rows.items()])


def hand_frames(**settings: Any) -> dict[str, pd.DataFrame]:
    """One generation (two years of life, a quarter of lead time, deposit 25 %), one hall of 1 MW, four quarters."""
    values = {
        "title": "Hand", "start": "2027Q1", "periods": 4, "discount_rate": 0.0, "depreciation_years": 2,
        "objective": "compute",
    } | settings  # fmt: skip
    return {
        "settings": pd.DataFrame({"key": list(values), "value": pd.Series(list(values.values()), dtype=object)}),
        "generations": pd.DataFrame([{
            "generation": "A", "vendor": "Acme", "compute": 10, "power_kw": 100, "load_factor": 0.8, "racks": 2,
            "price": 1_000_000, "lead_time": 1, "deposit": 0.25, "resale": 0.5, "opex_per_year": 40_000,
            "install_cost": 1_000, "remove_cost": 500, "order_cost": 7_000,
        }]),
        "sites": pd.DataFrame([{
            "site": "S", "pue": 1.25, "energy_per_mwh": 100, "rent_per_kw_month": 10, "capacity_per_kw_month": 2,
            "fixed_per_year": 4_000, "utilisation": 0.5, "racks": 20, "carbon_kg_per_mwh": 200,
        }]),
        "power": wide("site", {"S": [1, 1, 1, 1]}),
    }  # fmt: skip


def hand_case(extra: dict[str, pd.DataFrame] | None = None, **settings: Any) -> Case:
    """The case, with tables added or replaced."""
    return Case.from_frames(hand_frames(**settings) | (extra or {}))


def solution(
    case: Case, *, ordered: dict[tuple[int, int], int], installed: Any, sold: dict[tuple[int, int], int] | None = None,
    running: list[tuple[int, int, int, int, int, float]] | None = None, **more: Any,
) -> Solution:  # fmt: skip
    """Decisions by hand: ``ordered`` {(generation, order period): units}, ``sold`` {(cohort, period): units},
    ``running`` rows (generation, mode row, site, period, workload, units); the rest 0 unless given."""
    c, T = case.cohorts, case.T
    units = c.units.copy()
    for (g, t), count in ordered.items():
        units[np.flatnonzero((c.generation == g) & (c.order == t))[0]] = count
    sales = np.zeros((len(c), T), dtype=np.int64)
    for (cohort, t), count in (sold or {}).items():
        sales[cohort, t] = count
    rows = list(zip(*(running or []), strict=True)) or [()] * 6
    zeros = {
        "power_builds": np.zeros((len(case.power_options), T), dtype=np.int64),
        "shell_builds": np.zeros((len(case.shell_options), T), dtype=np.int64),
        "project_starts": np.zeros((len(case.projects), T), dtype=np.int64),
        "option_energy": np.zeros((len(case.power_options), T)),
        "rented": np.zeros((len(case.rental), T)),
    }
    return Solution(
        case=case, ordered=units, sold=sales, installed=np.array(installed, dtype=np.int64),
        running=Running(*(np.array(r, dtype=np.int64) for r in rows[:5]), np.array(rows[5], dtype=float)),
        **(zeros | more),
    )  # fmt: skip


def cohort_of(case: Case, g: int, order: int) -> int:
    """Index of the cohort of an order."""
    return int(np.flatnonzero((case.cohorts.generation == g) & (case.cohorts.order == order))[0])


def hand_solution(case: Case) -> Solution:
    """Order four in the first quarter, run them from the second, sell two in the last."""
    return solution(
        case, ordered={(0, 0): 4}, installed=[[[0, 4, 4, 2]]], sold={(cohort_of(case, 0, 0), 3): 2},
        running=[(0, 0, 0, 1, 0, 4.0), (0, 0, 0, 2, 0, 4.0), (0, 0, 0, 3, 0, 2.0)],
    )  # fmt: skip


def outcome(objective: str = "compute", value: float = 109_500.0, bound: float = 120_450.0, **more: Any) -> Outcome:
    """An outcome with a bound a tenth above the value of the hand solution."""
    return Outcome(objective, "feasible", value, bound, 219_000.0, seconds={"solve": 1.0}, **more)
