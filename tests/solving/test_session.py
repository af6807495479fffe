"""Sessions: a changed case solved on what stands is solved as if from nothing."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from random_cases import random_frames

import procure
from procure.case import Case
from procure.solving import supervisor

if TYPE_CHECKING:
    import pandas as pd

OBJECTIVES = ("compute", "cost", "npv", "compute_per_watt", "compute_per_dollar", "balanced")
GAP = 1e-3


@cache
def tables(seed: int) -> tuple[dict[str, pd.DataFrame], Case]:
    frames = random_frames(np.random.default_rng(seed), generations=3, sites=3, periods=6, objective="npv")
    return frames, Case.from_frames(frames)


def steps(case: Case) -> list[Case]:
    """The case with one number changed, a few times over: a price, a power cell, a budget cell, an energy price."""
    labels, frames = case.calendar.labels, case.tables.frames
    found = []
    for sheet, row, column, factor in (
        ("generations", 0, "price", 1.1), ("power", 0, labels[2], 1.2), ("power", 1, labels[3], 0.95),
        ("budget", 0, labels[1], 1.3), ("sites", 0, "energy_per_mwh", 2.0),
    ):  # fmt: skip
        if len(frames[sheet]) > row and np.isfinite(value := float(frames[sheet][column].iloc[row])) and value > 0:
            found.append(case.with_value(sheet, row, column, value * factor))
    return found


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", [1, 4])
def test_a_changed_case_has_the_optimum_of_a_fresh_solve(seed: int, objective: str) -> None:
    """Proves: after each change the session's plan is within the gap of the optimum that a fresh solve proves, its bound is
    not below the fresh plan, its audit passes, and nothing was built again.

    Sensitivity: a number that is not taken over, a bound left from the case before, or the last plan kept where another
    became better than the gap, each misses the fresh solve's bounds.
    """
    case = tables(seed)[1]
    with procure.Session(case, objective=objective, gap=GAP, time_limit=120) as session:
        session.solve()
        for changed in steps(case):
            plan = session.solve(changed)
            fresh = procure.solve(changed, objective=objective, gap=GAP, time_limit=120, baselines=False)
            slack = 1e-6 * abs(fresh.outcome.value)
            if objective == "balanced":  # each is measured against the best ratios that its own solve proves
                slack += 2 * GAP
            assert plan.outcome.gap <= GAP * (1 + 1e-6)
            assert plan.outcome.value <= fresh.outcome.bound + slack + share(plan, fresh)
            assert fresh.outcome.value <= plan.outcome.bound + slack + share(plan, fresh)
            assert not (plan.checks["verdict"] == "fail").any()
        assert session.built == 1


def share(plan: procure.Plan, fresh: procure.Plan) -> float:
    """What a ratio may differ by because the two solves hold the share of different largest plans, both within the gap."""
    return 2 * GAP * abs(fresh.outcome.value) if plan.outcome.objective.startswith("compute_per") else 0.0


def test_a_plan_that_is_still_good_is_kept_and_not_searched_again() -> None:
    """Proves: the same case again takes no dive and has the same value.

    Sensitivity: without the plans that are known every solve searches again.
    """
    case = tables(1)[1]
    with procure.Session(case, gap=GAP, objective="npv") as session:
        first = session.solve()
        again = session.solve()
    assert any(str(step.get("step", "")).startswith("dive") for step in first.outcome.statistics["trace"])
    assert not any(str(step.get("step", "")).startswith("dive") for step in again.outcome.statistics["trace"])
    assert again.outcome.value == pytest.approx(first.outcome.value, rel=1e-6)


def test_other_candidates_are_built_and_the_session_goes_on() -> None:
    """Proves: a case with another structure is built anew, and the one before can be solved again after it.

    Sensitivity: numbers of the new case under the columns of the old one would fail the audit.
    """
    frames, case = tables(1)
    later = frames["generations"].copy()
    labels = list(case.calendar.labels)
    later["available_from"] = labels[2]
    if "last_order" in later:
        later["last_order"] = labels[-1]
    other = Case.from_frames({**frames, "generations": later})
    with procure.Session(case, gap=GAP, objective="npv") as session:
        first = session.solve()
        second = session.solve(other)
        third = session.solve()
        assert session.built == 3
    assert third.outcome.value == pytest.approx(first.outcome.value, rel=2 * GAP)
    for plan in (first, second, third):
        assert not (plan.checks["verdict"] == "fail").any()


def test_no_plan_is_said_and_the_next_case_is_solved() -> None:
    """Proves: a budget of nothing with committed orders to pay raises, the process stays, and the case before still solves.

    Sensitivity: a session that keeps the failed engine, or hangs, does not come back.
    """
    case = tables(1)[1]
    with procure.Session(case, gap=GAP, objective="npv") as session:
        first = session.solve()
        impossible = case
        for label in case.calendar.labels:  # committed orders must be paid
            impossible = impossible.with_value("budget", 0, label, 0.0)
        with pytest.raises(procure.InfeasibleError):
            session.solve(impossible)
        process = session._worker.process.pid
        again = session.solve()
        assert session._worker.process.pid == process
    assert again.outcome.value == pytest.approx(first.outcome.value, rel=2 * GAP)


def test_a_process_that_died_is_replaced() -> None:
    """Proves: when the solving process is gone the next solve starts another.

    Sensitivity: without it every later solve of the session fails.
    """
    case = tables(4)[1]
    with procure.Session(case, gap=GAP, objective="compute") as session:
        first = session.solve()
        session._worker.process.kill()
        session._worker.process.wait()
        assert session.solve().outcome.value == pytest.approx(first.outcome.value, rel=2 * GAP)
    assert session._worker is None


@pytest.mark.parametrize("asked", [None, "3"])
def test_a_solving_process_keeps_to_one_thread(asked: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: numpy's linear algebra has one thread there, or as many as the user has asked for.

    Sensitivity: threads that wait for short vectors cost a third of a re-solve; a user's own number must not be lost.
    """
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", asked)
    given: list[dict[str, str]] = []

    class Process:
        def __init__(self, _command: list[str], *, env: dict[str, str], **_options: Any) -> None:
            given.append(env)
            self.stdin, self.stdout = None, io.BytesIO()

    monkeypatch.setattr(supervisor.subprocess, "Popen", Process)
    supervisor.Worker()
    assert given[0]["OPENBLAS_NUM_THREADS"] == (asked or "1")


def test_a_number_is_changed_by_name_or_refused_in_words() -> None:
    """Proves: records are found by key; unknown sheets, records and columns, and numbers out of range are named.

    Sensitivity: a value out of range, or one in the wrong record, would be solved.
    """
    case = tables(1)[1]
    name = str(case.tables.frames["generations"]["generation"].iloc[1])
    changed = case.with_value("generations", name, "price", 123.0)
    assert changed.tables.frames["generations"]["price"].tolist()[1] == 123.0
    assert case.tables.frames["generations"]["price"].tolist()[1] != 123.0
    for wrong, words in (
        (("prises", 0, "price", 1.0), "prices"), (("generations", "nobody", "price", 1.0), "nobody"),
        (("generations", 0, "prise", 1.0), "price"), (("generations", 0, "price", -1.0), "0 or more"),
        (("generations", 99, "price", 1.0), "99"), (("generations", 0, "generation", 1.0), "numbers"),
        (("generations", 0, "price", float("nan")), "expected"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            case.with_value(*wrong)
