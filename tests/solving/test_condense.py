"""The basis that a large relaxation begins in: what it must not change, and what it must spare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import bench_frames
from random_cases import random_frames

from procure.case import Case
from procure.solving import engine as engine_module
from procure.solving import opening as opening_module
from procure.solving.condense import condense
from procure.solving.engine import THETA, Engine, Infeasible, Unbounded
from procure.solving.highs import BASIC, LOWER, basis_with, hand_over, new_highs
from procure.solving.solve import compile_case

ACCOUNTS = ["compute_pv", "compute_raw", "cost", "energy_available", "worth"]
LINEAR = ({"compute_pv": 1.0}, {"cost": -1.0}, {"worth": 1.0, "cost": -1.0})


def relaxations(engine: Engine, x: Any = None) -> list[Any]:
    """The relaxations that a solve begins from nothing: three linear ones, then with volume held a ratio and a smaller of two.

    ``x``: a point whose ratios the last two begin at (default: that of the most compute).
    """
    found = [engine.relax(objective, cold=True) for objective in LINEAR]
    engine.bound("compute_pv", lower=0.5 * found[0].value)
    x = found[0].x if x is None else x
    at = {name: abs(x[column]) for name, column in engine.account.items()}
    found.append(engine.relax({"compute_pv": 1.0 / at["compute_pv"], "cost": -1.1 / at["cost"]}, cold=True))
    engine.bound(THETA)
    for which, (top, bottom) in enumerate((("compute_raw", "energy_available"), ("compute_pv", "cost"))):
        engine.spare_row(which, {top: 1.0 / at[top], bottom: -1.1 / at[bottom], THETA: -1.0}, lower=0.0)
    found.append(engine.relax({THETA: 1.0}, cold=True))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_condensed_beginning_changes_no_relaxation(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: begun in the condensed basis, every relaxation has the value that it has from nothing.

    Sensitivity: the value of the condensed programme told for the whole one's is higher wherever units leave a hall.
    """
    frames = random_frames(np.random.default_rng(seed), generations=3, sites=3, periods=8)
    matrix = compile_case(Case.from_frames(frames))[1]
    plain = relaxations(Engine(matrix, ACCOUNTS))
    monkeypatch.setattr(engine_module, "LARGE", 0)
    monkeypatch.setattr(engine_module, "CONDENSED", 0)
    begun = relaxations(Engine(matrix, ACCOUNTS), plain[0].x)
    for one, other in zip(plain, begun, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-6, abs=1e-6 * max(1.0, abs(one.value)))


def test_what_cannot_be_is_said_so_from_a_condensed_beginning_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where no point delivers a volume, or an objective has no end, a large relaxation says which.

    Sensitivity: the condensed programme's end taken for an optimum would be told as a plan's bound.
    """
    monkeypatch.setattr(engine_module, "LARGE", 0)
    monkeypatch.setattr(engine_module, "CONDENSED", 0)
    matrix = compile_case(Case.from_frames(bench_frames(6, 10, 20, seed=0)))[1]
    engine = Engine(matrix, ACCOUNTS)
    most = engine.relax(LINEAR[0]).value
    engine.bound("compute_pv", lower=1.01 * most)
    for cold in (False, True):
        with pytest.raises(Infeasible):
            engine.relax(LINEAR[0], cold=cold)
    engine.bound("compute_pv")
    with pytest.raises(Unbounded):
        engine.relax({"cost": 1.0}, cold=True)
    assert engine.relax(LINEAR[0], cold=True).value == pytest.approx(most, rel=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_nearly_nothing_is_left_to_the_simplex(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: the condensed programme's basis, put back, is optimal or nearly so for the whole one.

    Sensitivity: one status put back wrongly (a merged slack, a rise, a row that came back, an account with a bound, θ) leaves
    hundreds of steps; from nothing there are thousands.
    """
    matrix = compile_case(Case.from_frames(bench_frames(6, 10, 20, seed=seed)))[1]
    monkeypatch.setattr(engine_module, "LARGE", 0)
    monkeypatch.setattr(engine_module, "CONDENSED", 0)
    steps = [relaxed.iterations for relaxed in relaxations(Engine(matrix, ACCOUNTS))]
    assert max(steps) <= 25, steps


def test_an_opening_goes_on_from_the_last_of_its_shape() -> None:
    """Proves: with bounds changed and kept in the shape, an opening starts from the last one's basis and what came back;
    its statuses are optimal for the whole; of another shape there is none, unless it is made anew.

    Sensitivity: an opening that forgets what came back leaves steps to the simplex; one of another shape would be refused.
    """
    matrix = compile_case(Case.from_frames(bench_frames(6, 10, 20, seed=2)))[1]
    engine = Engine(matrix, ACCOUNTS)
    bounds = engine.lower.copy(), engine.upper.copy()
    lots = matrix.columns["order_lots"]
    opening = engine._opening
    step = engine._reduced(LINEAR[2], *bounds, every=True)
    assert opening.statuses(step, 60.0, anew=False) is None
    assert opening.statuses(step, 60.0, anew=True) is not None
    back = opening._kept.back
    assert len(back)

    bounds[1][lots[lots >= 0][::7]] = 0.0
    again = engine._reduced(LINEAR[2], *bounds, every=True)
    found = opening.statuses(again, 60.0, anew=False)
    assert found is not None
    assert opening._kept.back[: len(back)].tolist() == back.tolist()
    highs = new_highs()
    hand_over(highs, again.A, again.cost, (again.lower, again.upper), (again.row_lower, again.row_upper),
              np.zeros(len(again.cost), dtype=bool))  # fmt: skip
    highs.setBasis(basis_with(*found))
    highs.run()
    assert highs.getInfo().simplex_iteration_count <= 25
    assert opening.statuses(engine._reduced(LINEAR[2], *bounds), 60.0, anew=False) is None


def test_an_opening_goes_on_by_simplex_where_bounds_alone_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where sifting leads nowhere another cost is begun by interior point, other bounds by simplex, and neither may take
    longer than a warm solve.

    Sensitivity: a simplex begun in a basis of another cost or other entries was seen to take minutes, without an end in sight.
    """
    matrix = compile_case(Case.from_frames(bench_frames(6, 10, 20, seed=2)))[1]
    engine = Engine(matrix, ACCOUNTS)
    seen, came_back, solve = [], [0], opening_module._solve

    def watched(highs: Any, small: Any) -> Any:
        seen.append((highs.getOptionValue("solver")[1], highs.getOptionValue("time_limit")[1]))
        assert highs.getNumCol() == small.A.shape[1] + came_back[-1]  # what came back before is there from the first
        found = solve(highs, small)
        came_back.append(len(small.back))
        return found

    monkeypatch.setattr(opening_module, "_solve", watched)
    monkeypatch.setattr(opening_module, "sifted", lambda *_: None)
    for objective, anew in ((LINEAR[1], True), (LINEAR[1], False), (LINEAR[2], False), (LINEAR[2], False)):
        assert engine._open(objective, anew=anew) is not None
    assert [solver for solver, _ in seen] == ["ipx", "choose", "ipx", "choose"]
    assert max(limit for _, limit in seen[1:]) <= engine._patience
    assert came_back[1] > 0


def test_what_leaves_comes_back_by_the_hall() -> None:
    """Proves: a point that takes units out of a hall brings back all cells of that generation there, each once, and no other.

    Sensitivity: only the broken cell brought back lets the next period's units leave for nothing, round after round.
    """
    matrix = compile_case(Case.from_frames(bench_frames(4, 5, 12, seed=1)))[1]
    engine = Engine(matrix, ACCOUNTS)
    condensed = condense(engine._reduced(LINEAR[1], engine.lower, engine.upper), matrix)
    cells = [sum(family == name for family in matrix.families) for name in ("moves", "running")]
    assert (len(condensed.rises[0]), len(condensed.merged[0])) == tuple(cells)
    assert condensed.A.shape[0] <= matrix.A.shape[0] - sum(cells)
    nothing = np.zeros(condensed.A.shape[1])
    fleet = condensed.returning(nothing)  # with nothing installed, what stands there at the start leaves
    assert set(condensed.line[fleet]) == set(condensed.line[condensed.q[condensed.rises[1]] < 0])

    line = condensed.line[np.setdiff1d(np.flatnonzero(~condensed.idle), fleet)[0]]
    mine = np.flatnonzero((condensed.line == line) & ~condensed.idle)
    rise = condensed.P[[condensed.rises[1][mine[1]]]]
    z = nothing.copy()
    z[rise.indices[rise.data < 0][0]] = 1.0  # a unit there the period before
    assert np.setdiff1d(condensed.returning(z), fleet).tolist() == mine.tolist()

    columns, cost, rows, _ = condensed.bring_back(mine)
    assert columns.shape == (condensed.A.shape[0], len(mine))
    assert rows.shape == (len(mine), condensed.A.shape[1] + len(mine))
    assert np.all(cost > 0)
    back = np.concatenate([z, np.ones(len(mine))])  # what leaves is said to leave
    assert condensed.returning(back).tolist() == fleet.tolist()
    col, row = condensed.basis(back, np.full(len(back), BASIC), np.full(condensed.A.shape[0] + len(mine), LOWER))
    assert np.all(row[condensed.rises[0][mine]] == BASIC)
    assert np.all(col[condensed.rises[1][mine]] == LOWER)
