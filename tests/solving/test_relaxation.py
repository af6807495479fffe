"""The live relaxation: a condensed one is the programme itself, whatever is changed on it and wherever it begins."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import highspy
import numpy as np
import pytest
from cases import bench_frames
from random_cases import random_frames

from procure.case import Case
from procure.solving import engine as engine_module
from procure.solving import relaxation as relaxation_module
from procure.solving.engine import THETA, Engine, Infeasible, LpResult
from procure.solving.highs import BASIC
from procure.solving.matrix import houses
from procure.solving.opening import Opening
from procure.solving.relaxation import Basis
from procure.solving.restricted import promising, restrict
from procure.solving.solve import compile_case

if TYPE_CHECKING:
    from procure.solving.matrix import Matrix

LINEAR = ({"compute_pv": 1.0}, {"cost": -1.0}, {"worth": 1.0, "cost": -1.0})
ACCOUNTS = ["compute_pv", "compute_raw", "cost", "energy_available", "worth"]


def engines(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> tuple[Engine, Engine]:
    """One whose relaxation is the programme as it stands, and one that is condensed."""
    plain, condensed = Engine(matrix, ACCOUNTS), Engine(matrix, ACCOUNTS)
    plain.relax(LINEAR[0])
    monkeypatch.setattr(engine_module, "LARGE", 0)
    monkeypatch.setattr(engine_module, "CONDENSED", 0)
    condensed.relax(LINEAR[0])
    assert plain._lp.small is None
    assert condensed._lp.small is not None
    return plain, condensed


def small_case(seed: int) -> Matrix:
    return compile_case(Case.from_frames(random_frames(np.random.default_rng(seed), generations=3, sites=3, periods=8)))[1]


def is_a_point(engine: Engine, found: LpResult) -> bool:
    """Say whether a point satisfies the whole programme, and its accounts are what they say."""
    matrix, x = engine.matrix, found.x[: engine.n]
    rows = matrix.A @ x
    size = 1e-6 * np.maximum(1.0, np.abs(matrix.A) @ np.abs(x))
    limits = np.all(rows >= engine._live[2][: engine.m] - size) and np.all(rows <= engine._live[3][: engine.m] + size)
    bounds = np.all(x >= engine._live[0][: engine.n] - 1e-6) and np.all(x <= engine._live[1][: engine.n] + 1e-6)
    accounts = all(
        abs(matrix.functionals[name](x) - found.x[engine.account[name]]) <= 1e-6 * max(1.0, abs(found.x[engine.account[name]]))
        for name in ACCOUNTS
    )
    return bool(limits and bounds and accounts)


def changes(engine: Engine, rng: np.random.Generator) -> None:
    """Change bounds of orders, limits of power and of the budget, and a row over accounts, each by chance."""
    lots = engine.matrix.columns["order_lots"]
    some = rng.choice(lots[lots >= 0], size=3, replace=False)
    engine.live_bounds(some, engine.lower[some], np.full(3, float(rng.integers(0, 6))))
    families = np.array(engine.matrix.families)
    rows = np.flatnonzero(np.isin(families, ("power", "budget")))
    rows = rows[np.isfinite(engine.row_upper[rows])][::3]
    engine.live_limits(rows, engine.row_lower[rows], engine.row_upper[rows] * rng.uniform(0.7, 1.3, len(rows)))
    others = np.flatnonzero(~np.isin(families, ("power", "budget", "moves", "running")))
    others = np.concatenate([others, engine.m + np.arange(len(ACCOUNTS))])
    engine.live_limits(others, engine.row_lower[others], engine.row_upper[others])  # as they are
    engine.spare_row(0, {"compute_raw": 1.0, "energy_available": -float(rng.uniform(0.0, 0.01))}, lower=0.0)


@pytest.mark.parametrize("seed", range(10))
def test_a_condensed_relaxation_is_the_programme_whatever_is_changed(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: through changes of bounds, limits, rows over accounts and objectives a condensed relaxation has the value of the
    plain one, and its point satisfies every row and bound of the whole, with the accounts that it says.

    Sensitivity: a limit without what was put in for its columns, a column in another's place, an install below 0 that does
    not come back, or costs left where the objective was before, each shows in a value or in a row.
    """
    plain, condensed = engines(small_case(seed), monkeypatch)
    steps = [np.random.default_rng(seed), np.random.default_rng(seed)]
    for objective in itertools.islice(itertools.cycle(LINEAR), 9):
        found = []
        for engine, rng in zip((plain, condensed), steps, strict=True):
            changes(engine, rng)
            try:
                found.append(engine.relax(objective))
            except Infeasible:
                found.append(None)
        assert (found[0] is None) == (found[1] is None)
        if found[0] is not None:
            assert found[1].value == pytest.approx(found[0].value, rel=1e-6, abs=1e-6)
            assert is_a_point(condensed, found[1])


def test_units_that_leave_come_back_one_hall_after_the_other_or_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: what a point breaks comes back, also where there is one round only before all do.

    Sensitivity: a relaxation that ends before nothing is broken tells less cost than its point has.
    """
    matrix = compile_case(Case.from_frames(bench_frames(5, 8, 16, seed=3)))[1]
    plain, condensed = engines(matrix, monkeypatch)
    expected = plain.relax(LINEAR[1])
    found = condensed.relax(LINEAR[1])
    assert len(condensed._lp.small.back)
    assert not condensed._lp.complete
    assert found.value == pytest.approx(expected.value, rel=1e-7)
    monkeypatch.setattr(relaxation_module, "RETURNS", 1)
    monkeypatch.setattr(Opening, "statuses", lambda *_, **__: None)  # which knows what comes back
    at_once = Engine(matrix, ACCOUNTS)
    found = at_once.relax(LINEAR[1])
    assert at_once._lp.complete
    assert found.value == pytest.approx(expected.value, rel=1e-7)
    assert is_a_point(at_once, found)


def test_an_end_is_only_told_where_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a condensed programme without an end is solved again with all that it left out.

    Sensitivity: installs below 0 that pay would be told as a case whose objective has no end.
    """
    plain, condensed = engines(small_case(1), monkeypatch)
    expected, run, told = plain.relax(LINEAR[1]).value, Engine._run, []

    def endless(self: Engine, lp: relaxation_module.Relaxation, seconds: float) -> highspy.HighsModelStatus:
        told.append(lp.complete)
        return run(self, lp, seconds) if lp.complete else highspy.HighsModelStatus.kUnbounded

    monkeypatch.setattr(Engine, "_run", endless)
    assert condensed.relax(LINEAR[1]).value == pytest.approx(expected, rel=1e-7)
    assert told[0] is False
    assert told[-1] is True


@pytest.mark.parametrize("seed", range(4))
def test_a_basis_begins_where_it_was_taken(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: from its basis a relaxation takes no steps to its optimum: on the same object once more has come back, on a fresh
    one, from the statuses of the whole, and on a plain one.

    Sensitivity: a status in another cell's place leaves steps; a basis with a status too many would be refused, and the
    relaxation begin elsewhere.
    """
    matrix = compile_case(Case.from_frames(bench_frames(5, 8, 16, seed=seed)))[1]
    plain, condensed = engines(matrix, monkeypatch)
    first = condensed.relax(LINEAR[2])
    basis = condensed.basis()
    assert np.count_nonzero(np.concatenate(basis.whole) == BASIC) == len(condensed.row_lower)
    condensed.relax(LINEAR[1])
    before = len(basis.back)
    assert len(condensed._lp.small.back) >= before

    fresh, whole, other = (Engine(matrix, ACCOUNTS) for _ in range(3))
    fresh.begin(basis)
    whole.begin(Basis(whole=basis.whole))
    other.relax(LINEAR[1])  # what comes back there is other cells, in another order
    for engine in (condensed, plain, other):
        engine.resume(basis)
    for engine in (condensed, fresh, whole, plain, other):
        found = engine.relax(LINEAR[2])
        assert found.value == pytest.approx(first.value, rel=1e-8)
        assert engine.steps <= 3, (engine.steps, engine is plain)


def test_what_is_left_out_cannot_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a bound on a column that a condensed relaxation leaves out, or puts another in the place of, is refused.

    Sensitivity: passed on, it would bound another column.
    """
    _, condensed = engines(small_case(0), monkeypatch)
    for name in ("install", "installed"):
        columns = condensed.matrix.columns[name]
        with pytest.raises(ValueError, match="leaves out"):
            condensed.live_bounds(columns[columns >= 0][:1], np.zeros(1), np.zeros(1))


def test_a_basis_is_taken_over_before_the_rows_that_theta_is_in_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: with more come back since, the basis of a smaller of two ratios is begun from although θ's column is still empty.

    Sensitivity: HiGHS mends a basis with an empty column when it takes it over; thousands of steps follow where none are needed.
    """
    matrix = compile_case(Case.from_frames(bench_frames(6, 10, 20, seed=0)))[1]
    _, engine = engines(matrix, monkeypatch)
    most = engine.relax(LINEAR[0])
    at = {name: abs(most.x[column]) for name, column in engine.account.items()}
    engine.bound("compute_pv", lower=0.5 * most.value)

    other = Engine(matrix, ACCOUNTS)
    other.bound("compute_pv", lower=0.5 * most.value)

    def rows(engine: Engine, *, there: bool) -> None:
        engine.bound(THETA, *(() if there else (0.0, 0.0)))
        for which, (top, bottom) in enumerate((("compute_raw", "energy_available"), ("compute_pv", "cost"))):
            terms = {top: 1.0 / at[top], bottom: -1.1 / at[bottom], THETA: -1.0} if there else {}
            engine.spare_row(which, terms, lower=0.0 if there else -np.inf)

    rows(engine, there=True)
    first, basis = engine.relax({THETA: 1.0}), engine.basis()
    for one in (engine, other):
        rows(one, there=False)
        one.relax(LINEAR[1])
        assert len(np.setdiff1d(one._lp.small.back, basis.back))
        one.resume(basis)
        rows(one, there=True)
        assert one.relax({THETA: 1.0}).value == pytest.approx(first.value, rel=1e-7)
        assert one.steps <= 20


def test_installs_that_are_nothing_to_the_objective_are_paid_for_by_the_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: for the most compute not all that a point breaks comes back, but it satisfies all rows, and its cost is that of
    its installs; with the cost limited all comes back.

    Sensitivity: a point not corrected has less cost than its installs; one corrected although the budget of its cost is used
    up breaks it.
    """
    matrix = compile_case(Case.from_frames(bench_frames(6, 10, 20, seed=1)))[1]
    monkeypatch.setattr(Opening, "statuses", lambda *_, **__: None)
    plain, condensed = engines(matrix, monkeypatch)
    found = condensed.relax(LINEAR[0])
    assert condensed._lp.small.short(condensed._lp._z).max() > 1.0
    assert is_a_point(condensed, found)
    limit = plain.relax(LINEAR[1]).x[plain.account["cost"]] + 1.0
    for engine in (plain, condensed):
        engine.bound("cost", upper=float(limit))
    values = [engine.relax(LINEAR[0]) for engine in (plain, condensed)]
    assert values[1].value == pytest.approx(values[0].value, rel=1e-6)
    assert condensed._lp.small.short(condensed._lp._z).max() < 1e-6
    assert is_a_point(condensed, values[1])
    assert values[1].x[condensed.account["cost"]] <= limit + 1e-5 * abs(limit)


@pytest.mark.parametrize("large", [False, True])
def test_what_is_no_basis_is_refused_and_the_relaxation_begins_anew(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: statuses with too few basic members are not begun from, and the optimum is the same.

    Sensitivity: handed over, HiGHS would begin from them all the same, and the engine take them for a warm start.
    """
    matrix = small_case(2)
    expected = Engine(matrix, ACCOUNTS).relax(LINEAR[2])
    for name in ("LARGE", "CONDENSED"):
        monkeypatch.setattr(engine_module, name, 0 if large else 10**9)
    engine = Engine(matrix, ACCOUNTS)
    engine.relax(LINEAR[0])
    columns, rows = engine.basis().whole
    none = Basis(whole=(np.where(columns == BASIC, 0, columns), rows))
    assert not engine._lp.resume(none)
    fresh = Engine(matrix, ACCOUNTS)
    fresh.begin(none)
    assert fresh.relax(LINEAR[2]).value == pytest.approx(expected.value, rel=1e-7)


def test_a_part_takes_the_same_halls_together_as_the_whole() -> None:
    """Proves: which generations a hall houses is told of the whole, also by a part that leaves most of its cells out.

    Sensitivity: from the cells left every hall would be one of its own, and a part's opening go without sifting.
    """
    matrix = compile_case(Case.from_frames(bench_frames(6, 12, 20, seed=0)))[1]
    engine = Engine(matrix, ACCOUNTS)
    found = engine.relax(LINEAR[1])
    part = restrict(engine, promising(matrix, found.x, engine.reduced_costs()))
    left = np.any(part.engine.matrix.columns["installed"] >= 0, axis=2).T
    assert np.array_equal(houses(part.engine.matrix), houses(matrix))
    assert not np.array_equal(left, houses(matrix))
