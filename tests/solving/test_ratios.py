"""Ratios: Dinkelbach's rounds, their certificates, and what must not change them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from helpers import Result, best, solve
from random_cases import random_frames

from procure.case import Case
from procure.solving.engine import THETA, Engine
from procure.solving.solve import compile_case, target_of

GAP = 2e-4
PAIRS = {"compute_per_dollar": ("compute_pv", "cost"), "compute_per_watt": ("compute_raw", "energy_available")}


def solved(seed: int, objective: str, **more: Any) -> Result:
    frames = random_frames(
        np.random.default_rng(seed), generations=3, sites=3, periods=4, mip_gap=GAP, compute_floor=0.6, **more
    )
    return solve(Case.from_frames(frames), objective=objective)


def anchored(result: Result, accounts: list[str]) -> Engine:
    """The result's programme with its volume floor."""
    model = Engine(result.matrix, accounts)
    model.bound("compute_pv", lower=result.case.settings.compute_floor * result.answer.attainable)
    return model


@pytest.mark.parametrize("objective", ["compute_per_dollar", "compute_per_watt", "balanced"])
@pytest.mark.parametrize("seed", [1, 2])
def test_rounds_rise_and_every_bound_holds(seed: int, objective: str) -> None:
    """Proves: the ratio of successive rounds never falls, the residual never rises, no bound is below the plan.

    Sensitivity: a round that started from a worse point, or a bound from an incumbent, would break the order.
    """
    result = solved(seed, objective)
    rounds = [step for step in result.answer.trace if step["stage"] == "dinkelbach"]
    for name in {step["ratio"] for step in rounds}:
        mine = [step for step in rounds if step["ratio"] == name]
        q, residual, bound = (np.array([step[key] for step in mine]) for key in ("q", "residual", "bound"))
        assert (np.diff(q) >= -1e-12 * q[0]).all()
        assert (np.diff(residual) <= 1e-9 * max(1.0, residual[0])).all()
        assert (bound >= q[-1] * (1 - 1e-9)).all()
    levels = [step for step in result.answer.trace if step["stage"] == "max-min"]
    if objective == "balanced":
        assert (np.diff([step["level"] for step in levels]) >= -1e-9).all()
    assert result.bound >= result.value
    assert result.outcome.gap <= GAP * 1.01


@pytest.mark.parametrize("objective", PAIRS)
@pytest.mark.parametrize("seed", [3, 4])
def test_nothing_is_left_above_the_reported_bound(seed: int, objective: str) -> None:
    """Proves: F(q) < 0 for q a hair above the bound, in whole numbers, by one further branch and bound.

    Sensitivity: a bound that was too low by a hundredth of a per cent would leave some plan with N − qD > 0.
    """
    result = solved(seed, objective)
    top, bottom = PAIRS[objective]
    model = anchored(result, [top, bottom, "cost", "compute_pv"])
    q = result.answer.bound * (1 + 1e-6)
    size = result.matrix.functionals[top](result.answer.x)
    above = model.integer_step({top: 1 / size, bottom: -q / size}, absolute_gap=1e-9, relative_gap=0.0)
    assert above.closed
    assert above.bound < 0
    below = model.integer_step({top: 1 / size, bottom: -result.answer.value * (1 - 1e-6) / size}, target=1e-9)
    assert below.value > 0  # and just below the plan's own ratio something is


@pytest.mark.parametrize("seed", [5, 6])
def test_nothing_is_left_above_the_bound_of_balanced(seed: int) -> None:
    """Proves: no plan has both ratios above the reported bound. Sensitivity: as above."""
    result = solved(seed, "balanced")
    pairs, best_values = target_of(result.case).ratios, result.answer.normalisers
    model = anchored(result, sorted({"compute_pv", "cost", *(name for pair in pairs for name in pair)}))
    level = result.answer.bound * (1 + 1e-6)
    model.bound(THETA)
    for i, ((top, bottom), r) in enumerate(zip(pairs, best_values, strict=True)):
        size = r * result.matrix.functionals[bottom](result.answer.x)
        model.spare_row(i, {top: 1 / size, bottom: -level * r / size, THETA: -1.0}, lower=0.0)
    assert model.integer_step({THETA: 1.0}, absolute_gap=1e-9, relative_gap=0.0).bound < 1e-9


@pytest.mark.parametrize("seed", [7, 8])
def test_balanced_is_the_smaller_share_of_two_certified_bests(seed: int) -> None:
    """Proves: the value is min(watt, dollar), each divided by a bound that its own best solve does not exceed.

    Sensitivity: divided by incumbents the shares would be larger, and "at least 96 % of the best possible" untrue.
    """
    result = solved(seed, "balanced")
    f, x = result.matrix.functionals, result.answer.x
    shares = [
        f[top](x) / f[bottom](x) / r
        for (top, bottom), r in zip(target_of(result.case).ratios, result.answer.normalisers, strict=True)
    ]
    assert result.answer.value == pytest.approx(min(shares))
    assert max(shares) <= 1 + 1e-9
    for objective, r in zip(("compute_per_watt", "compute_per_dollar"), result.answer.normalisers, strict=True):
        assert solved(seed, objective).answer.value <= r * (1 + 1e-9)


def test_where_power_is_given_compute_per_watt_is_compute() -> None:
    """Proves: without options and rental A is a constant, and the best ratio is the most compute over it.

    Sensitivity: any other weight of a plan's compute in C would show (nothing is discounted here).
    """
    frames = random_frames(
        np.random.default_rng(9),
        generations=3,
        sites=3,
        periods=4,
        mip_gap=GAP,
        discount_rate=0.0,
        compute_value_decline=0.0,
        compute_floor=0.0,
    )
    case = Case.from_frames({name: f for name, f in frames.items() if name not in ("power_options", "rental")})
    most, ratio = solve(case, objective="compute"), solve(case, objective="compute_per_watt")
    available = ratio.functional("energy_available")
    assert ratio.value * available == pytest.approx(most.value, rel=2 * GAP)
    assert ratio.bound * available >= most.value * (1 - 1e-9)


def relaxed_ratio(case: Case, floor: float) -> float:
    """Best compute per dollar of the linear relaxation, with a share of its own most compute held."""
    _, matrix = compile_case(case)
    model = Engine(matrix, ["compute_pv", "cost"])
    model.bound("compute_pv", lower=floor * model.relax({"compute_pv": 1.0}).value)
    q, columns = 0.0, model.account
    for _ in range(50):
        found = model.relax({"compute_pv": 1.0, "cost": -q})
        new = found.x[columns["compute_pv"]] / found.x[columns["cost"]]
        if new <= q * (1 + 1e-13):
            break
        q = new
    return float(q)


def doubled(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Every site, campus and option twice; twice the budget, allocation, demand, rental, stock and committed units."""
    result = {name: frame.copy() for name, frame in frames.items()}
    labels = [c for c in frames["power"] if str(c)[:2] == "20"]

    def twin(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
        copy = frame.copy()
        for column in columns:
            copy[column] = [f"{v} bis" if v else v for v in copy[column]]
        return pd.concat([frame, copy], ignore_index=True)

    result["sites"] = twin(frames["sites"], "site", "campus")
    for sheet, *columns in (
        ("power", "site"),
        ("space", "site"),
        ("licences", "site"),
        ("power_options", "option", "site"),
        ("shell_options", "option", "site"),
    ):
        result[sheet] = twin(frames[sheet], *columns)
    for sheet in ("budget", "allocation", "rental"):
        result[sheet][labels] = frames[sheet][labels].astype(float) * 2
    quantity = frames["demand"]["measure"] != "value"
    result["demand"].loc[quantity, labels] = frames["demand"].loc[quantity, labels].astype(float) * 2
    stored = frames["fleet"]["site"] == "warehouse"
    waiting = frames["fleet"][stored].assign(units=frames["fleet"]["units"] * 2)
    result["fleet"] = pd.concat([waiting, twin(frames["fleet"][~stored], "site")], ignore_index=True)
    result["committed"]["units"] = frames["committed"]["units"] * 2
    return result


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_twice_of_everything_leaves_the_ratio_as_it_is(seed: int) -> None:
    """Proves: doubling sites, caps, stock and demand together does not change the relaxation's best ratio.

    Sensitivity: a cost that did not double (a site's fixed cost, an option) would show in the eighth digit.
    """
    frames = random_frames(np.random.default_rng(seed), generations=3, sites=3, periods=4)
    # without what an order has once, at any size, and without lots that round an allocation down
    frames["generations"] = frames["generations"].assign(order_cost=0, min_order=0, lot=1)
    del frames["projects"]
    assert relaxed_ratio(Case.from_frames(doubled(frames)), 0.5) == pytest.approx(
        relaxed_ratio(Case.from_frames(frames), 0.5), rel=1e-9
    )


def test_a_ratio_without_a_best_value_is_refused() -> None:
    """Proves: compute that costs less than nothing has no best ratio; nor has a case without compute.

    Sensitivity: a number would come back for the last round's point.
    """
    from procure.solving.objectives import NotPositive

    with pytest.raises(NotPositive):  # sold at the end for more than it cost
        best(
            settings={"objective": "compute_per_dollar", "terminal_value": "resale"},
            resale_prices={"A": 1.2e6},
            allocation={"A": 5},
        )
    with pytest.raises(NotPositive):
        best(settings={"objective": "compute_per_watt"}, power={"Hall": 0.0})
