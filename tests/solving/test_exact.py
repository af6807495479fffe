"""Every limit holds in exact arithmetic: sums of the decimal text of inputs and decisions, not of floats.

The limits are read from the input frames, the plan from its decision arrays; the programme's matrix is not looked at.
"""

from __future__ import annotations

from fractions import Fraction as Exact
from typing import Any

import numpy as np
import pytest
from helpers import Result, best, solve
from random_cases import random_frames

from procure.case import Case


def exact(value: Any) -> Exact:
    """The number as it is written: 0.1 is one tenth."""
    return Exact(repr(float(value)))


def blank(value: Any) -> bool:
    return value is None or value != value


class Limits:
    """The input's limits as exact numbers."""

    def __init__(self, frames: dict[str, Any], case: Case) -> None:
        self.case, self.frames = case, frames
        self.T, self.labels = case.T, case.calendar.labels
        self.generations = {r["generation"]: r for r in frames["generations"].to_dict("records")}
        self.sites = {r["site"]: r for r in frames["sites"].to_dict("records")}

    def wide(self, sheet: str, key: str) -> dict[str, list[Exact]]:
        if sheet not in self.frames:
            return {}
        return {r[key]: [exact(r[label]) for label in self.labels] for r in self.frames[sheet].to_dict("records")}

    def factor(self, site: str) -> Exact:
        row = self.sites[site]
        return (1 + exact(row["overhead"])) * exact(row["pue"])


def breaches(frames: dict[str, Any], result: Result) -> list[str]:
    """What a plan breaks, exactly."""
    case, plan = result.case, result.solution
    limits, T = Limits(frames, case), case.T
    names, sites = case.generations.names, case.sites.names
    broken = []
    for name in ("ordered", "sold", "installed", "power_builds", "shell_builds", "project_starts"):
        values = getattr(plan, name)
        if values.dtype.kind != "i" or (values < 0).any():
            broken.append(f"{name} is no whole number of 0 or more")
    if (plan.stored < 0).any():
        broken.append("more installed than owned")
    run = plan.running
    used: dict[tuple[int, int, int], Exact] = {}
    peak: dict[tuple[int, int], Exact] = {}
    drawn: dict[tuple[int, int], Exact] = {}
    for g, m, s, t, units in zip(run.generation, run.mode, run.site, run.period, run.units, strict=True):
        row = limits.generations[names[g]]
        power = exact(case.modes.power[m]) * exact(row["power_kw"]) * limits.factor(sites[s]) / 1000
        used[g, s, t] = used.get((g, s, t), Exact(0)) + exact(units)
        peak[s, t] = peak.get((s, t), Exact(0)) + exact(units) * power
        drawn[s, t] = drawn.get((s, t), Exact(0)) + exact(units) * power * exact(row["load_factor"])
    broken += [
        f"{names[g]} runs more than stands at {sites[s]} in {t}"
        for (g, s, t), n in used.items()
        if n > int(plan.installed[g, s, t])
    ]

    def standing(options: Any, builds: Any, k: int, t: int) -> int:
        return int(builds[k, : max(0, t - int(options.lead[k]) + 1)].sum())

    power, options = limits.wide("power", "site"), case.power_options
    rows = frames["power_options"].to_dict("records") if "power_options" in frames else []
    firm = {
        (k, t): exact(rows[k]["adds_mw"]) * exact(rows[k]["availability"]) * standing(options, plan.power_builds, k, t)
        for k in range(len(options))
        for t in range(T)
    }
    groups = {name: [name] for name in sites}
    groups |= {campus: [s for s in sites if limits.sites[s]["campus"] == campus] for campus in case.sites.campus_names}
    for name, members in groups.items():
        for t in range(T if name in power else 0):
            inside = [sites.index(s) for s in members]
            extra = sum((firm[k, t] for k in range(len(options)) if int(options.site[k]) in inside), Exact(0))
            if sum((peak.get((s, t), Exact(0)) for s in inside), Exact(0)) > power[name][t] + extra:
                broken.append(f"power of {name} in {t}")
    hours = Exact(8760) * Exact(case.calendar.months_per_period, 12)
    for k in range(len(options)):
        for t in range(T):
            if exact(plan.option_energy[k, t]) > hours * firm[k, t]:
                broken.append(f"energy of option {k} in {t}")
    space = limits.wide("space", "site")
    for s, name in enumerate(sites):
        for t in range(T if name in space else 0):
            racks = sum(
                (exact(limits.generations[g]["racks"]) * int(plan.installed[i, s, t]) for i, g in enumerate(names)),
                Exact(0),
            )
            shells = [k for k in range(len(case.shell_options)) if int(case.shell_options.site[k]) == s]
            added = [
                exact(frames["shell_options"]["adds_racks"][k]) * standing(case.shell_options, plan.shell_builds, k, t)
                for k in shells
            ]
            if racks > space[name][t] + sum(added, Exact(0)):
                broken.append(f"space of {name} in {t}")
    return broken + money(frames, result, limits)


def money(frames: dict[str, Any], result: Result, limits: Limits) -> list[str]:
    """Budget by period (with or without carry-over) and the largest share of one generation."""
    case, plan, T = result.case, result.solution, result.case.T
    spend, by_generation = [Exact(0)] * T, [Exact(0)] * len(case.generations.names)
    for c in range(len(case.cohorts)):
        g, v, t = int(case.cohorts.generation[c]), int(case.cohorts.delivered[c]), int(case.cohorts.order[c])
        total = exact(case.cohorts.price[c]) * int(plan.ordered[c])
        if t >= 0:
            deposit = exact(limits.generations[case.generations.names[g]].get("deposit", 0) or 0)
            spend[t] += deposit * total
            spend[v] += (1 - deposit) * total
        elif case.cohorts.committed[c]:
            spend[v] += total
        if t >= 0 or case.cohorts.committed[c]:
            by_generation[g] += total
    for sheet, builds in (("power_options", plan.power_builds), ("shell_options", plan.shell_builds)):
        for k, row in enumerate(frames[sheet].to_dict("records") if sheet in frames else []):
            for t in range(T):
                spend[t] += exact(row["capex"]) * int(builds[k, t])
    broken, budget = [], limits.wide("budget", "budget").get("capex")
    if budget:
        for t in range(T):
            start = 0 if case.settings.budget_carry_over else t
            if sum(spend[start : t + 1], Exact(0)) > sum(budget[start : t + 1], Exact(0)):
                broken.append(f"budget in {t}")
    share = exact(case.settings.max_generation_share)
    broken += [
        f"share of generation {g}" for g, own in enumerate(by_generation) if own > share * sum(by_generation, Exact(0))
    ]
    return broken


@pytest.mark.parametrize(
    ("seed", "objective"),
    [(s, o) for s, o in enumerate(["compute", "npv", "balanced", "compute_per_watt", "cost", "compute"])],
)
def test_every_limit_holds_exactly(seed: int, objective: str) -> None:
    """Proves: no row is over, not by the last digit, in plans of cases with every table in use.

    Sensitivity: the solver's own point is over by 1e-9 to 1e-7 in dozens of rows; the test below shows one.
    """
    frames = random_frames(
        np.random.default_rng(seed),
        generations=4,
        sites=4,
        periods=6,
        length=("quarter", "year")[seed % 2],
        objective=objective,
        max_generation_share=0.6,
    )
    if objective == "cost":
        frames["demand"].loc[0, "measure"] = "minimum"
        frames["demand"].loc[0, frames["power"].columns[1:]] = 25.0
    result = solve(Case.from_frames(frames), mip_gap=0.001)
    assert result.solution.running.units.size or objective == "cost"
    assert breaches(frames, result) == []
    delivered = delivered_by(result)
    assert (delivered >= result.case.demand_min * (1 - 1e-15)).all()
    assert (delivered <= result.case.demand_max * (1 + 1e-15)).all()


def delivered_by(result: Result) -> Any:
    """Average compute units delivered by workload and period, from the plan's decisions."""
    case, plan = result.case, result.solution
    run, total = plan.running, np.zeros((len(case.workloads), case.T))
    made = (
        case.sites.utilisation[run.site, run.workload] * case.generations.perf[run.generation, run.period, run.workload]
    )
    np.add.at(total, (run.workload, run.period), made * case.modes.compute[run.mode] * run.units)
    lift = np.ones_like(total)
    for j in range(len(case.projects)):
        for t in np.flatnonzero(plan.project_starts[j]):
            lift[case.projects.scope[j], t + int(case.projects.lead[j]) :] += case.projects.uplift[j]
    total *= lift
    np.add.at(total, case.rental.workload, plan.rented)
    return total


def test_half_a_dollar_over_a_budget_of_millions_is_over() -> None:
    """Proves: at 1,000,000.05 USD a unit a budget of 10,000,000 buys nine, and ten at 1,000,000.

    Sensitivity: within the solver's tolerance of a millionth it would be ten, 0.50 USD over.
    """
    ten = best(budget={"capex": 1e7})
    assert ten.orders == {"2030": 10}
    nine = best(generations=[{"price": 1_000_000.05}], budget={"capex": 1e7})
    assert nine.orders == {"2030": 9}
    assert nine.bound >= nine.value


def test_a_hair_over_the_rack_positions_is_over() -> None:
    """Proves: nine units of 1.0000001 racks in ten positions. Sensitivity: the solver's tolerance would let ten in."""
    result = best(generations=[{"racks": 1.0000001, "rack_kw": 100}], space={"Hall": 10})
    assert result.installed("A", "Hall") == [9]


def test_running_units_are_lowered_to_the_power_there_is() -> None:
    """Proves: 0.7 MW for units of 0.3 kW × 1.1 × 1.1 runs no more than exactly fits, and next to no less.

    Sensitivity: as floats the sum is 0.7; exactly it would be over.
    """
    result = best(
        generations=[{"power_kw": 0.3, "compute": 0.1, "price": 100}],
        sites=[{"pue": 1.1, "overhead": 0.1}],
        power={"Hall": 0.7},
    )
    units = sum((exact(u) for u in result.solution.running.units), Exact(0))
    fits = exact(0.7) * 1000 / (exact(0.3) * exact(1.1) * exact(1.1))
    assert units <= fits
    assert float((fits - units) / fits) < 1e-8


@pytest.mark.parametrize("campus", [False, True])
def test_a_hall_that_ten_units_fill_runs_ten(*, campus: bool) -> None:
    """Proves: units that fit to the last digit stay whole: 10 · 0.1 kW · 1.1 · 1.1 in 0.00121 MW, own row or campus.

    Sensitivity: with a margin for rounding 9.999999999 would run, and 0.000001 MWh stand as stranded.
    """
    site = {"pue": 1.1, "overhead": 0.1} | ({"campus": "C"} if campus else {})
    result = best(
        generations=[{"power_kw": 0.1, "compute": 0.1, "price": 100}],
        sites=[site],
        power={"C" if campus else "Hall": 0.00121},
    )
    assert result.solution.running.units.tolist() == [10.0]
