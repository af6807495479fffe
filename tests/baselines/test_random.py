"""Every rule on random cases of every table: the audit finds nothing, and no rule beats the proven bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import SIZES, bench_frames
from helpers import solve
from random_cases import random_frames

from procure.baselines import attach_baselines, play_rules
from procure.case import Case
from procure.plan import Plan

OBJECTIVES = ("compute", "npv", "compute_per_dollar", "balanced", "cost", "compute_per_watt")


def drawn_frames(seed: int, **settings: Any) -> dict[str, pd.DataFrame]:
    """Frames of a random case; some with a carbon cap, some with a cap on one generation's share."""
    rng = np.random.default_rng(seed)
    if seed % 3 == 0:
        settings["max_generation_share"] = 0.6
    if seed % 5 == 1:
        settings["carbon_cap_t"] = 3000.0 * (1 + seed % 4)
    return random_frames(
        rng, generations=int(rng.integers(2, 5)), sites=int(rng.integers(1, 5)), periods=int(rng.integers(4, 9)),
        length=("quarter", "half", "year", "month")[seed % 4], **settings,
    )  # fmt: skip


def with_demand(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Add a minimum demand: half of what one of the rules delivers, so that some plan can meet it."""
    case = Case.from_frames(frames)
    served = play_rules(case)[1].quantities.delivered_hours / case.hours
    least = pd.DataFrame(np.floor(500.0 * served) / 1000.0, columns=list(case.calendar.labels))
    rows = pd.concat([pd.DataFrame({"workload": list(case.workloads), "measure": "minimum"}), least], axis=1)
    return frames | {"demand": pd.concat([frames["demand"], rows])}


@pytest.mark.parametrize("seed", range(18))
def test_every_rule_passes_the_audit(seed):
    case = Case.from_frames(drawn_frames(seed, objective=OBJECTIVES[seed % len(OBJECTIVES)]))
    for baseline in play_rules(case):
        failed = set(baseline.report.failed)
        if case.settings.max_generation_share < 1.0:  # orders that nothing pays for cannot even committed ones out
            failed -= {"max_generation_share"}
        assert not failed, baseline.rule.name


@pytest.mark.parametrize("seed", range(3))
def test_with_minimum_demand_nothing_but_the_demand_can_break(seed):
    case = Case.from_frames(with_demand(drawn_frames(4 * seed + 2, objective=OBJECTIVES[seed])))
    for baseline in play_rules(case):
        assert set(baseline.report.failed) <= {"demand_minimum", "max_generation_share"}, baseline.rule.name


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_benchmark_cases_break_nothing_but_the_demand(size):
    for baseline in play_rules(Case.from_frames(bench_frames(*SIZES[size], seed=1))):
        assert set(baseline.report.failed) <= {"demand_minimum"}, (baseline.rule.name, baseline.report.failed)
        assert baseline.figures.compute > 0


def test_the_same_case_gives_the_same_baselines():
    case = Case.from_frames(drawn_frames(7))
    first, second = play_rules(case), play_rules(case)
    for a, b in zip(first, second, strict=True):
        assert a.figures == b.figures
        np.testing.assert_array_equal(a.plan.solution.installed, b.plan.solution.installed)


def no_rule_beats_the_bound(frames: dict[str, pd.DataFrame], objective: str) -> None:
    case = Case.from_frames(frames).with_settings(objective=objective, time_limit_s=120.0)
    result = solve(case, seconds=120.0)
    plan = Plan(result.solution, result.outcome)
    frame = attach_baselines(plan, play_rules(case))
    feasible = frame[frame["status"] == "feasible"]
    bound = result.outcome.bound
    assert (feasible["objective_value"] <= bound + 1e-6 * abs(bound)).all(), frame[["rule", "objective_value"]]
    gap = result.outcome.gap
    assert (feasible["uplift"].dropna() >= -gap - 1e-6).all()


@pytest.mark.parametrize("objective", ["compute", "npv", "compute_per_dollar", "balanced"])
def test_no_rule_beats_the_proven_bound(objective):
    no_rule_beats_the_bound(drawn_frames(9), objective)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_no_rule_beats_the_proven_bound_of_many_cases(objective, seed):
    frames = drawn_frames(20 + seed)
    no_rule_beats_the_bound(with_demand(frames) if objective == "cost" else frames, objective)
