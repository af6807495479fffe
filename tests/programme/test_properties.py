"""Properties that hold whatever the numbers are, on random cases with every table in use.

Values are compared within the gaps: a best value that may not fall is at least the old plan's value, so the new bound
is never below it, and the new value below it by the gap at most.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from helpers import Result, make, solve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_cases import random_frames

from procure.case import Case

GAP = 2e-4
ROUND = 2e-6  # demand is drawn in by a millionth, see procure.solving.finish
few = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
seeds = st.integers(0, 10_000)

Frames = dict[str, pd.DataFrame]


def frames_of(seed: int, **more: Any) -> Frames:
    sizes = {"generations": 3, "sites": 3, "periods": 4} | more
    return random_frames(np.random.default_rng(seed), mip_gap=GAP, time_limit_s=60.0, **sizes)


def periods(frame: pd.DataFrame) -> list[str]:
    return [column for column in frame if str(column)[:2] == "20"]


def scaled(frames: Frames, factor: float, **columns: list[str]) -> Frames:
    """A copy with columns (or, for ``*``, all period columns) of some sheets multiplied."""
    result = {name: frame.copy() for name, frame in frames.items()}
    for sheet, names in columns.items():
        for name in names if names != ["*"] else periods(result[sheet]):
            result[sheet][name] = result[sheet][name].astype(float) * factor
    return result


def no_worse(old: Result, new: Result) -> None:
    size = abs(old.value)
    assert new.bound >= old.value - ROUND * size
    assert new.value >= old.value - (GAP + ROUND) * size


def most(frames: Frames, **more: Any) -> Result:
    return solve(Case.from_frames(frames), objective="compute", **more)


@few
@given(seeds, st.sampled_from(["compute", "npv", "cost"]))
def test_more_power_never_lowers_the_best_value(seed: int, objective: str) -> None:
    """Not so for ratios, nor where power is paid for used or not.

    Sensitivity: a power row that took a surplus for a shortage would.
    """
    frames = frames_of(seed)
    frames["sites"]["capacity_per_kw_month"] = 0.0
    less, more = (solve(Case.from_frames(f), objective=objective) for f in (frames, scaled(frames, 1.3, power=["*"])))
    no_worse(less, more)


@few
@given(seeds)
def test_a_bigger_budget_never_lowers_the_most_compute(seed: int) -> None:
    frames = frames_of(seed)
    no_worse(most(frames), most(scaled(frames, 1.5, budget=["*"])))


@few
@given(seeds)
def test_a_later_last_order_never_lowers_the_most_compute(seed: int) -> None:
    frames = frames_of(seed)
    early, late = ({name: f.copy() for name, f in frames.items()} for _ in range(2))
    names = periods(frames["power"])
    early["generations"]["available_from"] = None
    late["generations"]["available_from"] = None
    early["generations"]["last_order"] = names[0]
    late["generations"]["last_order"] = names[-1]
    no_worse(most(early), most(late))


@few
@given(seeds)
def test_one_more_generation_never_lowers_the_most_compute(seed: int) -> None:
    frames = frames_of(seed)
    fewer = {name: f.copy() for name, f in frames.items()}
    kept = [g for g in fewer["generations"]["generation"] if g != "G2"]
    for sheet in ("generations", "performance", "resale_prices", "modes", "compute_path", "prices", "allocation"):
        column = fewer[sheet]["generation"]
        fewer[sheet] = fewer[sheet][column.isin([*kept, "*"])].reset_index(drop=True)
    fewer = {name: f for name, f in fewer.items() if len(f)}
    no_worse(most(fewer), most(frames))


@few
@given(seeds)
def test_racks_and_licences_only_help_and_a_minimum_only_hurts(seed: int) -> None:
    frames = frames_of(seed)
    base = most(frames)
    no_worse(base, most(scaled(frames, 2.0, space=["*"])))
    open_ = {name: f for name, f in frames.items() if name != "licences"}
    no_worse(base, most(open_))
    wanted = base.case.demand_min.copy()
    wanted[0, :] = (
        0.5 * min(base.answer.x[base.matrix.columns["delivered"][0]]) * base.draft.scales.compute / base.case.hours
    )
    row = {"workload": base.case.workloads[0], "measure": "minimum"} | dict(
        zip(base.case.calendar.labels, wanted[0], strict=True)
    )
    asked = frames | {"demand": pd.concat([frames["demand"], pd.DataFrame([row])], ignore_index=True)}
    no_worse(most(asked), base)


MONEY = {
    "generations": ["price", "opex_per_year", "order_cost", "install_cost", "remove_cost"],
    "prices": ["*"],
    "resale_prices": ["*"],
    "sites": ["energy_per_mwh", "rent_per_kw_month", "capacity_per_kw_month", "fixed_per_year"],
    "budget": ["*"],
    "fleet": ["price"],
    "committed": ["price"],
    "power_options": ["capex", "fixed_per_year", "energy_per_mwh"],
    "shell_options": ["capex", "fixed_per_year"],
    "projects": ["cost", "cost_per_year"],
    "rental": ["price_per_unit_hour"],
}


def money(frames: Frames, factor: float) -> Frames:
    result = scaled(frames, factor, **MONEY)
    value = result["demand"]["measure"] == "value"
    for name in periods(result["demand"]):
        result["demand"].loc[value, name] *= factor
    given_ = result["settings"]
    given_["value"] = [
        v * factor if k == "carbon_price_per_t" else v for k, v in zip(given_["key"], given_["value"], strict=True)
    ]
    return result


@few
@given(seeds, st.sampled_from(["compute", "npv", "compute_per_dollar", "balanced"]))
def test_money_in_tenths_changes_no_plan(seed: int, objective: str) -> None:
    """The same orders and builds, and D ten times as large.

    Sensitivity: an amount without a scale would shift plans.
    """
    frames = frames_of(seed)
    one, ten = (solve(Case.from_frames(f), objective=objective) for f in (frames, money(frames, 10.0)))
    assert one.orders == ten.orders
    assert one.builds() == ten.builds()
    assert ten.cost == pytest.approx(10 * one.cost, rel=1e-9)
    assert ten.value == pytest.approx(one.value * {"npv": 10, "compute_per_dollar": 0.1}.get(objective, 1), rel=1e-7)


@few
@given(seeds, st.sampled_from(["compute", "npv", "compute_per_watt", "balanced"]))
def test_compute_in_tenths_changes_no_plan(seed: int, objective: str) -> None:
    """A compute unit a tenth as large: ten times as many, at a tenth of the price and power each."""
    frames = frames_of(seed)
    more = scaled(frames, 10.0, generations=["compute"], performance=["train", "serve"], rental=["*"])
    more = scaled(more, 0.1, rental=["price_per_unit_hour", "kw_per_compute_unit"])
    for i, measure in enumerate(more["demand"]["measure"]):
        for name in periods(more["demand"]):
            more["demand"].loc[i, name] *= 0.1 if measure == "value" else 10.0
    one, ten = (solve(Case.from_frames(f), objective=objective) for f in (frames, more))
    assert one.orders == ten.orders
    assert ten.cost == pytest.approx(one.cost, rel=1e-7)
    assert ten.value == pytest.approx(one.value * {"npv": 1, "balanced": 1}.get(objective, 10), rel=1e-7)


@few
@given(seeds, st.sampled_from(["compute", "cost", "npv", "compute_per_dollar", "compute_per_watt", "balanced"]))
def test_the_relaxations_bound_is_never_below_the_plan(seed: int, objective: str) -> None:
    """Sensitivity: a bound from an incumbent, or from a programme at another ratio, would fall below some plan."""
    result = solve(Case.from_frames(frames_of(seed)), objective=objective)
    assert result.bound >= result.value
    first = next(step for step in result.answer.trace if step["stage"] in ("relaxation", "anchor"))
    if first["stage"] == "relaxation":
        assert first["value"] >= result.answer.value - 1e-6 * abs(result.answer.value)


@few
@given(seeds)
def test_fixed_demand_makes_the_best_ratio_the_least_cost(seed: int) -> None:
    """With minimum = maximum the compute is given, so compute per dollar is best where cost is least."""
    frames = frames_of(seed)
    base = most(frames)
    delivered = base.answer.x[base.matrix.columns["delivered"]] * base.draft.scales.compute / base.case.hours
    rows = []
    for w, name in enumerate(base.case.workloads):
        wanted = np.round(0.6 * delivered[w], 3)
        rows += [
            {"workload": name, "measure": m} | dict(zip(base.case.calendar.labels, wanted, strict=True))
            for m in ("minimum", "maximum")
        ]
    case = Case.from_frames(frames | {"demand": pd.DataFrame(rows)})
    least, ratio = (solve(case, objective=objective) for objective in ("cost", "compute_per_dollar"))
    assert least.cost == pytest.approx(ratio.cost, rel=2 * GAP + ROUND)
    assert -least.bound <= ratio.cost * (1 + ROUND)  # no plan is cheaper than the bound on cost


@few
@given(seeds)
def test_without_a_floor_no_plan_beats_the_best_single_line(seed: int) -> None:
    """In one period without other costs the best ratio is that of the best unit in the best hall."""
    rng = np.random.default_rng(seed)
    generations = [
        {
            "generation": f"G{i}",
            "compute": float(rng.integers(50, 200)),
            "power_kw": float(rng.integers(50, 150)),
            "price": float(rng.integers(5, 20)) * 1e5,
        }
        for i in range(3)
    ]
    sites = [
        {
            "site": f"S{i}",
            "energy_per_mwh": float(rng.integers(20, 200)),
            "pue": 1.0 + float(rng.integers(5, 60)) / 100,
            "utilisation": float(rng.integers(30, 90)) / 100,
        }
        for i in range(3)
    ]
    result = solve(
        make(generations=generations, sites=sites, power={s["site"]: 1.0 for s in sites}),
        objective="compute_per_dollar",
        compute_floor=0.0,
    )
    lines = [
        8760 * g["compute"] * s["utilisation"] / (g["price"] + 8.760 * g["power_kw"] * s["pue"] * s["energy_per_mwh"])
        for g in generations
        for s in sites
    ]
    assert result.value == pytest.approx(max(lines), rel=1e-6)
    assert result.bound <= max(lines) * (1 + 1e-6)
