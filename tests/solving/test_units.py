"""Whole units in halls: what is made whole last, what is held meanwhile, and what that leaves of a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_programmes import ACCOUNTS, SEEDS, dived, programme, violation

from procure.solving import units
from procure.solving.apportion import apportion
from procure.solving.engine import Engine, MipResult
from procure.solving.found import Found, Silent
from procure.solving.highs import new_highs
from procure.solving.matrix import cells_of_runs
from procure.solving.objectives import LINEAR

WHOLE = 1e-6
CASES = ((4, 4), (10, 4), (10, 3))  # (seed, size) with fractions of two generations
AIM = LINEAR["npv"]


def fractions(engine: Engine, x: np.ndarray) -> np.ndarray:
    """Units of each generation, hall and period that are no whole number (0: none)."""
    installed = engine.matrix.columns["installed"]
    shares = np.where(installed >= 0, x[np.maximum(installed, 0)], 0.0)
    return np.where(np.abs(shares - np.round(shares)) > WHOLE, shares, 0.0)


@pytest.mark.parametrize("largest", [1, 2])
@pytest.mark.parametrize(("seed", "size"), CASES)
def test_the_largest_units_are_made_whole_last(seed: int, size: int, largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: the result is a plan with the point's orders, no better than the point; all units but the largest are where
    largest remainders put them, and the integer step is no worse than these remainders.

    Sensitivity: a unit of another generation left free moves for some seed; a whole number left free is a fraction.
    """
    monkeypatch.setattr(units, "LARGEST", largest)
    engine, point = dived(seed, "npv", size)
    matrix, whole = engine.matrix, engine.integer[: engine.n]
    rough = Found(bound=point.value)
    units.finely(engine, AIM, rough, np.inf, point.x, Silent(), 1.0)  # any plan will do: no integer step
    relaxed, shared_out = (step["value"] for step in rough.steps)
    found = Found(bound=relaxed)
    steps: list[tuple[np.ndarray, np.ndarray]] = []
    take = Engine.integer_step

    def seen(engine: Engine, objective: dict[str, float], **options: Any) -> MipResult:
        steps.append((options["lower"].copy(), options["upper"].copy()))
        return take(engine, objective, **options)

    monkeypatch.setattr(Engine, "integer_step", seen)
    units.finely(engine, AIM, found, 0.5 * (relaxed - shared_out), point.x, Silent(), 1.0)
    assert found.x is not None
    assert violation(matrix, found.x[: engine.n]) <= 1e-6
    assert np.abs(found.x[: engine.n][whole] - np.round(found.x[: engine.n][whole])).max() <= WHOLE
    assert found.value <= point.value + 1e-6 * abs(point.value)
    lots = matrix.columns["order_lots"]
    assert found.x[lots[lots >= 0]] == pytest.approx(point.x[lots[lots >= 0]], abs=WHOLE)
    columns, shared = apportion(matrix, point.x, engine.lower, engine.upper)
    last = units._largest(matrix, point.x)
    others = ~np.isin(columns, matrix.columns["installed"][last])
    assert found.x[columns[others]] == pytest.approx(shared[others], abs=WHOLE)
    fixed = engine.integer.copy()
    fixed[columns[~others]] = False
    for lower, upper in (steps[0], steps[-1]):
        assert np.array_equal(lower[fixed], upper[fixed])
        assert np.array_equal(lower[columns[others]], shared[others])
    assert relaxed >= found.value >= shared_out
    assert ("rounding, largest units" in [step["step"] for step in found.steps]) == (shared_out < relaxed)


def test_the_largest_units_are_those_with_the_most_power_at_stake() -> None:
    """Proves: the order is by power of a unit, its hall's or its campus', times the number of fractions.

    Sensitivity: by the power alone a generation without fractions comes first; by their number alone a small one does.
    """
    matrix = programme(4, 4)
    campus = replace(matrix, families=["campus_power" if family == "power" else family for family in matrix.families])
    installed, owner = matrix.columns["installed"], cells_of_runs(matrix)
    power = np.zeros(len(installed))
    for row in np.flatnonzero(np.isin(matrix.families, ("power", "campus_power"))):
        part = slice(matrix.A.indptr[row], matrix.A.indptr[row + 1])
        for column, value in zip(matrix.A.indices[part], matrix.A.data[part], strict=True):
            if owner[column] >= 0:
                g = int(np.argwhere(installed == owner[column])[0][0])
                power[g] = max(power[g], abs(value))
    rng, chosen_by = np.random.default_rng(0), {"power": 0, "number": 0}
    for _ in range(20):
        x = np.zeros(matrix.A.shape[1])
        for line in installed.reshape(len(installed), -1):
            there = line[line >= 0]
            x[rng.choice(there, size=int(rng.integers(0, len(there) + 1)), replace=False)] = 1.5
        count = np.array([np.count_nonzero(x[line[line >= 0]]) for line in installed.reshape(len(installed), -1)])
        chosen = units._largest(matrix, x)
        assert np.array_equal(chosen, units._largest(campus, x))
        assert (power * count)[chosen].min() >= np.delete(power * count, chosen).max()
        for name, measure in (("power", power), ("number", count)):
            chosen_by[name] += set(chosen) == set(np.argsort(-measure, kind="stable")[: len(chosen)])
    assert max(chosen_by.values()) < 20


@pytest.mark.parametrize(("seed", "size"), CASES)
def test_runs_are_held_where_units_are_whole_and_only_there(seed: int, size: int) -> None:
    """Proves: in a hall and period where no generation has a fraction the runs are the point's, elsewhere free as before.

    Sensitivity: one generation's whole units taken for all of the hall's would hold runs beside a fraction.
    """
    engine, point = dived(seed, "npv", size)
    installed, owner = engine.matrix.columns["installed"], cells_of_runs(engine.matrix)
    lower, upper = units._held_runs(engine, point.x, engine.lower, engine.upper)
    some = fractions(engine, point.x).any(axis=0)
    held = free = 0
    for column in np.flatnonzero(owner >= 0):
        _, s, t = np.argwhere(installed == owner[column])[0]
        if some[s, t]:
            assert (lower[column], upper[column]) == (engine.lower[column], engine.upper[column])
            free += 1
        else:
            assert lower[column] == upper[column] == pytest.approx(max(point.x[column], 0.0), abs=1e-9)
            held += 1
    assert held
    assert free
    assert np.array_equal(lower[engine.n :], engine.lower[engine.n :])


def test_where_holding_runs_leaves_nothing_they_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: an integer step that has no plan with runs held is taken again without.

    Sensitivity: without the second step there is no plan.
    """
    engine, point = dived(CASES[0][0], "npv", CASES[0][1])
    runs = np.flatnonzero(cells_of_runs(engine.matrix) >= 0)

    def none(engine: Engine, x: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = lower.copy(), upper.copy()
        lower[runs] = upper[runs] = 1e6
        return lower, upper

    monkeypatch.setattr(units, "_held_runs", none)
    rough = Found(bound=point.value)
    units.finely(engine, AIM, rough, np.inf, point.x, Silent(), 1.0)
    relaxed, shared_out = (step["value"] for step in rough.steps)
    found = Found(bound=relaxed)
    units.finely(engine, AIM, found, 0.5 * (relaxed - shared_out), point.x, Silent(), 1.0)
    steps = [step["value"] > -np.inf for step in found.steps if step["step"] == "rounding, largest units"]
    assert steps == [False, True]


def test_a_relaxed_step_may_end_at_fractions() -> None:
    """Proves: an integer step without integers is the relaxation's optimum. Sensitivity: whole numbers would lower it."""
    engine = Engine(programme(SEEDS[0]), ACCOUNTS)
    relaxed = engine.integer_step(AIM, integers=False)
    assert relaxed.value == pytest.approx(engine.relax(AIM).value, rel=1e-7)
    assert engine.integer_step(AIM, relative_gap=0.0).value < relaxed.value - 1e-6 * abs(relaxed.value)


def test_another_objective_and_other_limits_reach_an_object_loaded_before() -> None:
    """Proves: after ``reload`` an object solves the new objective under the new limits of a spare row.

    Sensitivity: limits left as they were would let the account fall to the first one.
    """
    engine = Engine(programme(SEEDS[0]), ACCOUNTS)
    best = engine.relax({"compute_pv": 1.0}).value
    highs = new_highs()
    engine.spare_row(0, {"compute_pv": 1.0}, lower=0.2 * best)
    engine.load(highs, {"compute_pv": 1.0}, engine.lower, engine.upper, integers=False)
    highs.run()
    assert -highs.getObjectiveValue() == pytest.approx(best, rel=1e-7)
    engine.spare_row(0, {"compute_pv": 1.0}, lower=0.8 * best)
    engine.reload(highs, {"cost": -1.0})
    highs.run()
    reached = highs.getSolution().col_value[engine.account["compute_pv"]]
    assert reached >= 0.8 * best * (1 - 1e-7)
    assert -highs.getObjectiveValue() == pytest.approx(engine.relax({"cost": -1.0}).value, rel=1e-7)
