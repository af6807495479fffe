"""Large condensed programmes by way of smaller ones: halls taken together, and columns that come in as prices say."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from cases import bench_frames

from procure.case import Case
from procure.solving import opening as opening_module
from procure.solving import sifting
from procure.solving.condense import Condensed, condense
from procure.solving.engine import THETA, Engine
from procure.solving.highs import basis_with, hand_over, new_highs
from procure.solving.sifting import sifted
from procure.solving.solve import compile_case

if TYPE_CHECKING:
    import pandas as pd

    from procure.solving.matrix import Matrix

LINEAR = ({"compute_pv": 1.0}, {"cost": -1.0}, {"worth": 1.0, "cost": -1.0})
ACCOUNTS = ["compute_pv", "cost", "worth"]


def condensed(frames: dict[str, pd.DataFrame], objective: dict[str, float], *, ratio: bool = False) -> tuple[Condensed, Matrix]:
    """The condensed relaxation of a case; ``ratio``: with a row over accounts and θ."""
    matrix = compile_case(Case.from_frames(frames))[1]
    engine = Engine(matrix, ACCOUNTS)
    if ratio:
        engine.bound(THETA)
        engine.spare_row(0, {"compute_pv": 1e-3, "cost": -1e-2, THETA: -1.0}, lower=0.0)
        objective = {THETA: 1.0}
    return condense(engine._reduced(objective, engine.lower, engine.upper, every=True), matrix), matrix


def run(small: Condensed, begun: tuple[np.ndarray, np.ndarray] | None) -> tuple[float, int]:
    """Value and simplex steps of a condensed programme from a basis."""
    highs = new_highs()
    hand_over(highs, small.A, small.cost, (small.lower, small.upper), (small.row_lower, small.row_upper),
              np.zeros(len(small.cost), dtype=bool))  # fmt: skip
    if begun is not None:
        highs.setBasis(basis_with(*begun))
    highs.run()
    info = highs.getInfo()
    return info.objective_function_value, info.simplex_iteration_count


def alike(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The case with halls that differ in their power alone, and nothing that only one of them has."""
    sites = frames["sites"].copy()
    for column in sites.columns.difference(["site", "market", "workloads"]):
        sites[column] = "" if column == "campus" else sites[column].iloc[0] if column != "cooling" else "both"
    sites["workloads"] = ""
    sites["fixed_per_year"] = 0.0
    power = frames["power"][frames["power"]["site"].str.startswith("hall")].copy()
    columns = power.columns[1:]
    power[columns] = np.outer(np.arange(1.0, len(power) + 1), np.linspace(5.0, 20.0, len(columns)))
    left_out = ("space", "licences", "power_options", "shell_options", "fleet")
    return {name: frame for name, frame in frames.items() if name not in left_out} | {"sites": sites, "power": power}


@pytest.mark.parametrize("objective", [0, 1, 2, "ratio"])
@pytest.mark.parametrize("seed", range(3))
def test_sifting_ends_in_the_optimal_basis(seed: int, objective: int | str) -> None:
    """Proves: the basis is optimal for the condensed programme, which has the value that it has from nothing.

    Sensitivity: a status of another column, a column that is missing and does not come in, or prices of the wrong rows
    leave steps, by the hundred where the columns are chosen at random.
    """
    terms = LINEAR[objective] if isinstance(objective, int) else {}
    small, matrix = condensed(bench_frames(6, 12, 20, seed=seed), terms, ratio=objective == "ratio")
    begun = sifted(small, matrix, 0, 60.0)
    assert begun is not None
    value, steps = run(small, begun)
    assert value == pytest.approx(run(small, None)[0], rel=1e-9, abs=1e-6)
    assert steps <= 5


@pytest.mark.parametrize("objective", LINEAR)
def test_prices_of_halls_that_differ_in_power_alone_are_those_of_the_whole(objective: dict[str, float]) -> None:
    """Proves: where halls are alike but for their power, taken together they have the optimal prices: no column is missing.

    Sensitivity: weights that are not in proportion to power, a row summed with another period's, or modes of two cells
    taken for one another price some column wrongly.
    """
    small, matrix = condensed(alike(bench_frames(5, 8, 12, seed=1)), objective)
    cells = sifting._Cells(small, matrix)
    assert (cells.halls, cells.all_halls) == (1, 8)
    prices = cells.prices(0, time.monotonic() + 60.0)
    assert prices is not None
    duals, used = prices
    reduced = small.cost - small.A.T @ duals
    assert reduced[cells.of_cell].min() >= -1e-6 * np.abs(small.cost).max()
    assert np.abs(reduced[used]).max() <= 1e-6 * np.abs(small.cost).max()


def test_what_is_missing_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: begun with the columns in use alone, the others come in, and the basis is still optimal.

    Sensitivity: without the rounds the basis is optimal for the columns begun with only.
    """
    small, matrix = condensed(bench_frames(6, 12, 20, seed=0), LINEAR[0])
    monkeypatch.setattr(sifting, "CHEAPEST", 0.0)
    monkeypatch.setattr(sifting, "ROUNDS", 0)
    first = sifted(small, matrix, 0, 60.0)
    assert first is None or run(small, first)[1] > 50
    monkeypatch.setattr(sifting, "ROUNDS", 20)
    begun = sifted(small, matrix, 0, 60.0)
    assert begun is not None
    assert run(small, begun)[1] <= 5


def test_where_it_leads_nowhere_interior_point_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: no time, halls that have nothing in common, or a programme without an optimum give no basis, and an opening does
    without.

    Sensitivity: statuses told all the same would be those of another programme.
    """
    small, matrix = condensed(bench_frames(6, 12, 20, seed=0), LINEAR[0])
    assert sifted(small, matrix, 0, 0.0) is None
    monkeypatch.setattr(sifting, "FEWER", 0.0)
    assert sifted(small, matrix, 0, 60.0) is None
    engine = Engine(matrix, ACCOUNTS)
    step = engine._reduced(LINEAR[0], engine.lower, engine.upper, every=True)
    assert opening_module.Opening(matrix, 0).statuses(step, 60.0, anew=True) is not None
    monkeypatch.undo()
    small.row_lower[-1], small.row_upper[-1] = 1.0, 1.0
    small.A[[-1]] *= 0.0
    assert sifted(small, matrix, 0, 60.0) is None
