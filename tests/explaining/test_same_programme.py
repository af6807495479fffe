"""The model of limits, all of them active, is the programme that is solved; lifting a limit never makes it tighter."""

from __future__ import annotations

import numpy as np
import pytest
from random_cases import random_frames

from procure.case import Case
from procure.explaining import supply
from procure.explaining.building import build_model
from procure.explaining.solver import Clock, Relaxation, whole_numbers
from procure.solving.engine import Engine
from procure.solving.solve import compile_case


def random_case(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    frames = random_frames(rng, generations=3, sites=3, periods=4, max_generation_share=float(rng.choice([1.0, 0.7])))
    labels = frames["demand"].columns[2:]
    frames["demand"].loc[frames["demand"]["measure"] == "maximum", labels] = float(rng.uniform(50, 3000))
    return Case.from_frames(frames)


@pytest.mark.parametrize("structure", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_the_most_compute_is_the_same(seed: int, structure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(seed)
    # for feasibility an order need not exceed what the demand takes; the most compute needs larger ones
    monkeypatch.setattr(supply, "enough", lambda asm: np.full(len(asm.case.generations.names), 5e3))
    _, matrix = compile_case(case)
    solved = Engine(matrix, ["compute_pv", "cost"]).integer_step({"compute_pv": 1.0}, relative_gap=1e-7)
    model = build_model(case, structure=structure)
    cost = np.zeros(model.size[1])
    delivered = model.columns["delivered"]
    for t, weight in enumerate(case.compute_weight):
        cost[delivered[:, t]] = -weight
    verdict, x = whole_numbers(model, model.everything(), Clock(60), cost=cost, gap=1e-7)
    assert verdict == "found"
    assert x is not None
    assert -cost @ x == pytest.approx(solved.value, rel=2e-6)


def test_a_programme_cut_short_says_the_same_about_its_demand() -> None:
    case = random_case(7)
    rng = np.random.default_rng(7)
    frames = dict(case.tables.frames)
    demand = frames["demand"].copy()
    demand.loc[len(demand)] = {"workload": "train", "measure": "minimum"} | {
        label: float(rng.uniform(10, 900)) for label in case.calendar.labels
    }
    from dataclasses import replace

    case = Case.from_tables(replace(case.tables, frames={**frames, "demand": demand}))
    model = build_model(case)
    for last in range(case.T):
        upto = np.array([limit.kind != "minimum" or limit.period <= last for limit in model.limits])
        whole = Relaxation(model, Clock(60)).solve(upto).value
        assert Relaxation(model.until(last), Clock(60)).solve(upto).value == pytest.approx(whole, abs=1e-7)
