"""The engine against programmes that HiGHS is known to get wrong, and its outcomes said as they are."""

from __future__ import annotations

import time

import highspy
import numpy as np
import pytest
from random_cases import random_frames
from scipy.sparse import csr_array

from procure.case import Case
from procure.solving import engine as engine_module
from procure.solving.engine import THETA, Engine, Infeasible, OutOfTime, Unbounded
from procure.solving.highs import INF
from procure.solving.matrix import Functional, Matrix
from procure.solving.opening import Opening
from procure.solving.relaxation import Relaxation
from procure.solving.solve import compile_case


def engine(
    cost: list[float],
    rows: list[tuple[list[float], float, float]],
    bounds: list[tuple[float, float]],
    integer: list[int],
    deadline: float = INF,
) -> Engine:
    """An engine whose account ``cost`` is the given cost; rows are (coefficients, lower, upper)."""
    n = len(cost)
    A = csr_array(np.array([row for row, _, _ in rows]).reshape(len(rows), n))
    whole = np.zeros(n, dtype=bool)
    whole[integer] = True
    empty = np.zeros((0, 0), dtype=np.int64)
    matrix = Matrix(
        A,
        np.array([low for _, low, _ in rows]),
        np.array([high for _, _, high in rows]),
        np.array([low for low, _ in bounds]),
        np.array([high for _, high in bounds]),
        whole,
        {"cost": Functional(np.array(cost), 0.0)},
        {"delivered": empty, "order_lots": empty},
        order_least=empty,
        families=["row"] * len(rows),
        row_keys=list(range(len(rows))),
    )
    return Engine(matrix, ["cost"], deadline=deadline)


# HiGHS 1.14.0 called a worse point optimal: its presolve did not recompute a row's activity when integer columns could
# not be used (fixed by ERGO-Code/HiGHS#2961). Each: cost, rows, bounds, integers, the right optimum, what 1.14.0 said.
WRONG_IN_1_14 = {
    "a fixed charge and one continuous column (HiGHS#2975)": (
        [0.0, 2.0, 99_999.0],
        [([1, 1, 0], 10, 10), ([1, 0, -100], -INF, 0)],
        [(0, INF), (0, INF), (0, 1)],
        [2],
        20.0,
    ),
    "two big-M links, one of which may be used (HiGHS#3094)": (
        [0.0, 0.0, 0.0, 0.0, 10.0, 8.0],
        [
            ([-1000, 0, 1, 0, 0, 0], -INF, 0),
            ([0, -1000, 0, 1, 0, 0], -INF, 0),
            ([0, 0, 1, 0, 1, 0], 1000, 1000),
            ([0, 0, 0, 1, 0, 1], 1000, 1000),
            ([1, 1, 0, 0, 0, 0], -INF, 1),
        ],
        [(0, 1), (0, 1), (0, 1000), (0, 1000), (0, 1000), (0, 1000)],
        [0, 1],
        8000.0,
    ),
    "one continuous and one integer column (HiGHS#3043)": (
        [2.0, 3.0],
        [([1, 1], 4.5, INF)],
        [(0, 10), (0, 10)],
        [1],
        9.0,
    ),
    "a free column and an equality (HiGHS#3002)": (
        [1.0, 4.0, 9.0],
        [([1, 1, 0], -INF, 5), ([1, 0, 1], 10, INF), ([0, -1, 1], 7.5, 7.5)],
        [(0, 4), (-1, 1), (0, INF)],
        [2],
        64.0,
    ),
    "an absolute value (HiGHS#3073)": (
        [100.0, 0.01, 0.0],
        [
            ([1, 0, 1], 3, 3),
            ([0, -1, 1], -INF, 0),
            ([0, -1, -1], -INF, 0),
            ([0, 0, 1], -INF, 3),
            ([0, 0, -1], -INF, -0.45),
        ],
        [(0, INF), (-INF, INF), (0, INF)],
        [2],
        0.03,
    ),
}


@pytest.mark.parametrize("name", WRONG_IN_1_14)
def test_presolve_finds_the_right_optimum(name: str) -> None:
    """Proves: the least cost. Sensitivity: with HiGHS 1.14.0 each of these ends at a dearer point called optimal."""
    cost, rows, bounds, integer, best = WRONG_IN_1_14[name]
    result = engine(cost, rows, bounds, integer).integer_step({"cost": -1.0}, relative_gap=0.0)
    assert result.closed
    assert -result.value == pytest.approx(best)
    assert -result.bound == pytest.approx(best)
    assert result.x is not None
    assert cost @ result.x[: len(cost)] == pytest.approx(best)


def test_a_start_does_not_stand_in_for_the_answer() -> None:
    """Proves: from a start that is not the best, the better point itself comes back, not just its objective.

    Sensitivity: HiGHS 1.16.0 keeps two columns of the start (2 of x7 instead of 2 of x0) under the objective without
    them, 1.00853 for 1.02653: without the check in ``integer_step`` value and point disagree. Found by enumeration, in
    a programme of one hall in which a ratio stayed 1 % below its best.
    """
    # x0 sold, x1 and x2 lots, x3 and x4 run, x5 annex, x6 delivered, x7 and x8 owned, x9 and x10 installed, x11
    # compute, x12 cost
    rows = [
        ({0: 1, 1: -2, 7: 1}, 0, 0),
        ({2: -1, 8: 1}, 0, 0),
        ({7: -1, 9: 1}, -INF, 0),
        ({8: -1, 10: 1}, -INF, 0),
        ({3: 1, 9: -1}, -INF, 0),
        ({4: 1, 10: -1}, -INF, 0),
        ({5: -1, 9: 1, 10: 1}, -INF, 0),
        ({5: 1}, -INF, 1),
        ({1: 1, 2: -1}, -INF, 0),
        ({1: -3, 2: 0.5}, -INF, 0),
        ({3: 1, 4: 1.5242399999999998, 6: -1}, 0, 0),
        ({6: 0.959465798191016, 11: -1}, 0, 0),
        ({0: -0.03, 1: 2.8552406173433336, 2: 1.87, 3: 2, 4: 1.9568192773364645, 5: 0.1521, 12: -1}, 0, 0),
    ]
    dense = [([terms.get(j, 0.0) for j in range(13)], float(low), float(high)) for terms, low, high in rows]
    bounds = [(0.0, INF)] * 13
    bounds[1] = bounds[2] = (0.0, 1.0)
    bounds[6], bounds[11], bounds[12] = (0.0, 1.56147), (0.43873684447040223, INF), (-INF, INF)
    cost = [0.0] * 11 + [-0.7, 0.3]
    compute, spent = 0.959465798191016 * 1.5242399999999998, 2.8552406173433336 + 1.87 + 1.9568192773364645 + 0.1521
    start = [0, 1, 1, 0, 1, 1, 1.5242399999999998, 2, 1, 0, 1, compute, spent]
    at_start = cost @ np.array(start)
    model = engine(cost, dense, bounds, [0, 1, 2, 5, 9, 10])
    result = model.integer_step({"cost": -1.0}, relative_gap=0.0, start=np.array([*start, at_start, 0.0]))
    assert result.x is not None
    assert -result.value == pytest.approx(at_start - 0.3 * 2 * 0.03)  # sell two units for 0.03 each
    assert cost @ result.x[:13] == pytest.approx(-result.value)


def test_outcomes_are_told_apart() -> None:
    """Proves: infeasible, unbounded and out of time are raised as such, a relaxed step that is infeasible is not.

    Sensitivity: each of them read as another would end a search wrongly.
    """
    with pytest.raises(Infeasible):
        engine([1.0], [([1], 2, INF)], [(0, 1)], []).relax({"cost": -1.0})
    with pytest.raises(Unbounded):
        engine([1.0], [([1], 0, INF)], [(0, INF)], []).relax({"cost": 1.0})
    with pytest.raises(OutOfTime):
        engine([1.0], [([1], 0, INF)], [(0, 1)], [], deadline=time.monotonic() - 1).relax({"cost": 1.0})
    result = engine([1.0], [([2], 1, 1)], [(0, 1)], [0]).integer_step({"cost": 1.0})
    assert (result.x, result.closed, result.bound) == (None, True, -INF)


def test_accounts_bounds_and_spare_rows_act_warm_and_cold() -> None:
    """Proves: a bound on an account, and a spare row, hold in the warm relaxation, in a cold one and in integer steps.

    Sensitivity: a change that reached one of the three objects alone would leave 5.5 somewhere.
    """
    model = engine([1.0, 1.0], [([1, 2], -INF, 5.5)], [(0, INF), (0, INF)], [0])
    assert model.relax({"cost": 1.0}).value == pytest.approx(5.5)
    model.bound("cost", upper=4.25)
    assert model.relax({"cost": 1.0}).value == pytest.approx(4.25)
    assert model.relax({"cost": 1.0}, cold=True).value == pytest.approx(4.25)
    assert model.integer_step({"cost": 1.0}, relative_gap=0.0).value == pytest.approx(4.25)
    model.bound("cost")
    model.spare_row(0, {"cost": 2.0}, upper=7.0)
    assert model.relax({"cost": 1.0}).value == pytest.approx(3.5)
    assert model.integer_step({"cost": 1.0}, relative_gap=0.0).value == pytest.approx(3.5)
    model.spare_row(0, {})
    assert model.relax({"cost": 1.0}).value == pytest.approx(5.5)
    model.bound(THETA)
    model.spare_row(1, {"cost": 1.0, THETA: -2.0}, lower=0.0)  # θ ≤ cost / 2
    assert model.relax({THETA: 1.0}).value == pytest.approx(2.75)


def test_a_neighbourhood_step_keeps_to_its_bounds() -> None:
    """Proves: the best within given bounds, not beyond. Sensitivity: by the programme's own bounds it would be 5."""
    model = engine([1.0], [([1], -INF, 5.5)], [(0, INF)], [0])
    step = model.integer_step({"cost": 1.0}, lower=np.array([1.0, -INF, 0.0]), upper=np.array([3.0, INF, 0.0]))
    assert step.value == pytest.approx(3)
    assert model.integer_step({"cost": 1.0}).value == pytest.approx(5)


@pytest.mark.parametrize("large", [0, engine_module.LARGE])
def test_a_stalled_relaxation_is_solved_afresh(large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where a warm re-solve may take no time at all, its value is still that of a solve from nothing.

    Sensitivity: without the second try the time limit of the warm one is told as the end of all time.
    """
    monkeypatch.setattr(engine_module, "LARGE", large)
    frames = random_frames(np.random.default_rng(1), generations=3, sites=3, periods=6, objective="npv")
    matrix = compile_case(Case.from_frames(frames))[1]
    warm, fresh = (Engine(matrix, ["compute_pv", "cost"]) for _ in range(2))
    warm.relax({"compute_pv": 1.0})
    monkeypatch.setattr(engine_module, "PATIENCE", 0.0)
    monkeypatch.setattr(engine_module, "PATIENCE_SHARE", 0.0)
    expected = fresh.relax({"cost": -1.0}).value
    assert warm.relax({"cost": -1.0}).value == pytest.approx(expected, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("large", [0, engine_module.LARGE])
@pytest.mark.parametrize("few", [0, 3])
def test_a_warm_relaxation_goes_on_where_few_steps_are_not_enough(
    few: int, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves: a re-solve that ends after a few steps without perturbation is finished with it, a large one from its opening.

    Sensitivity: the limit of steps taken for the end would raise an error, or tell a value that is no optimum.
    """
    monkeypatch.setattr(engine_module, "LARGE", large)
    frames = random_frames(np.random.default_rng(1), generations=3, sites=3, periods=6, objective="npv")
    matrix = compile_case(Case.from_frames(frames))[1]
    warm, fresh = (Engine(matrix, ["compute_pv", "cost"]) for _ in range(2))
    warm.relax({"compute_pv": 1.0})
    monkeypatch.setattr(engine_module, "FEW", few)
    monkeypatch.setattr(engine_module, "FEW_SHARE", 0.0)
    expected = fresh.relax({"cost": -1.0}).value
    assert warm.relax({"cost": -1.0}).value == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert warm.relax({"compute_pv": 1.0}, far=True).value == pytest.approx(fresh.relax({"compute_pv": 1.0}).value, rel=1e-7)


@pytest.mark.parametrize(("share", "opened", "asked"), [(10.0, True, 0), (0.0, True, 1), (10.0, False, 1)])
def test_an_opening_is_asked_for_once_the_steps_are_taken(
    share: float, opened: bool, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves: a large warm relaxation takes a share of its columns in steps first, but only where an opening is known.

    Sensitivity: without the share it is asked for at once; with the share everywhere a programme without an opening takes
    those steps for nothing, and is then finished without asking.
    """
    monkeypatch.setattr(engine_module, "LARGE", 0)
    monkeypatch.setattr(engine_module, "CONDENSED", 0)
    frames = random_frames(np.random.default_rng(1), generations=3, sites=3, periods=6, objective="npv")
    matrix = compile_case(Case.from_frames(frames))[1]
    first, engine = (Engine(matrix, ["compute_pv", "cost"]) for _ in range(2))
    first.relax({"compute_pv": 1.0})
    if not opened:
        engine.begin(first.basis())
    engine.relax({"compute_pv": 1.0})
    calls, statuses = [], Opening.statuses
    monkeypatch.setattr(Opening, "statuses", lambda self, *a, **k: calls.append(1) or statuses(self, *a, **k))
    monkeypatch.setattr(engine_module, "FEW", 0)
    monkeypatch.setattr(engine_module, "FEW_SHARE", share)
    expected = first.relax({"cost": -1.0}, far=True).value
    calls.clear()
    assert engine.relax({"cost": -1.0}).value == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert len(calls) == asked


@pytest.mark.parametrize("condensed", [False, True])
def test_an_optimum_in_doubt_is_settled_without_scaling(condensed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where HiGHS cannot say whether a warm optimum is one, the same basis is solved on without scaling, of a condensed
    relaxation also while what has come back is not in any optimum yet.

    Sensitivity: a doubt passed on, or settled in another way, shows in the scaling of the runs that follow; a basis told with
    the point of the optimum before has another shape.
    """
    monkeypatch.setattr(engine_module, "CONDENSED", 0 if condensed else 10**9)
    frames = random_frames(np.random.default_rng(1), generations=3, sites=3, periods=6, objective="npv")
    matrix = compile_case(Case.from_frames(frames))[1]
    warm, fresh = (Engine(matrix, ["compute_pv", "cost"]) for _ in range(2))
    warm.relax({"compute_pv": 1.0})
    expected, whole, seen = fresh.relax({"cost": -1.0}), Engine._run, []

    def doubt(self: Engine, lp: Relaxation, seconds: float) -> highspy.HighsModelStatus:
        seen.append(lp.highs.getOptionValue("simplex_scale_strategy")[1])
        status = whole(self, lp, seconds)
        if len(seen) == 1:
            lp.completed()  # cells come back, and then HiGHS is in doubt
        return highspy.HighsModelStatus.kUnknown if len(seen) == 1 else status

    monkeypatch.setattr(Engine, "_run", doubt)
    assert warm.relax({"cost": -1.0}).value == pytest.approx(expected.value, rel=1e-7, abs=1e-7)
    assert seen[1:] == [0]
    assert warm.relax({"compute_pv": 1.0}).value == pytest.approx(fresh.relax({"compute_pv": 1.0}).value, rel=1e-7)
    assert seen[2] == 2
