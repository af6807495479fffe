"""What each bottleneck is worth: a megawatt by site and period, a rack, an allocated unit, budget, an earlier quarter.

Each row of the frame is one step of one limit. ``relaxed`` prices let orders and sites react (dual values of the
relaxation, exact while its basis holds: ``holds_for`` steps); ``fixed`` prices keep the plan's whole numbers (dual values
of the programme with the integers fixed); ``resolved`` is the true change of the optimum, solved again, for the steps
that matter most. Compute is in discounted unit-hours, money in present value: a relative gain of the objective times the
plan's compute or cost.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from procure.solving.pool import run_jobs, run_one
from procure.solving.prices import Change, PricesJob, ResolveJob
from procure.solving.solve import compile_case, objective_unit, target_of
from procure.solving.supervisor import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case
    from procure.plan import Plan
    from procure.programme.draft import Draft
    from procure.solving.matrix import Matrix
    from procure.solving.objectives import Target

__all__ = ["bottlenecks"]

GWH = 1e-3
COLUMNS = [
    "kind", "name", "period", "step", "unit", "relaxed_compute", "relaxed_money", "fixed_compute", "fixed_money",
    "holds_for", "resolved_compute", "resolved_money", "resolved_within",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Limit:
    kind: str
    name: str
    period: str
    step: float
    unit: str
    change: Change


def bottlenecks(
    plan: Plan,
    *,
    resolve: int = 0,
    time_limit: float | None = None,
    rules: Sequence[Callable[[Any], None]] = (),
) -> pd.DataFrame:
    """Price every limit of a plan's case (columns in ``COLUMNS``), dearest first.

    ``resolve`` solves again for that many of the dearest steps, within ``time_limit`` seconds in all (default: the
    case's own); steps that were not reached have no ``resolved`` figure. Returns an empty frame where no price exists.
    """
    case = plan.case
    limit = time_limit if time_limit is not None else case.settings.time_limit_s
    deadline = time.monotonic() + limit
    draft, matrix = compile_case(case, rules)
    target, outcome = target_of(case), plan.outcome
    scales = draft.scales
    x = _point(draft, matrix, plan)
    normalisers = _normalisers(plan, scales.compute / 1000.0, scales.compute / scales.money)
    limits = _limits(case, draft, matrix)
    floor = target.floor * outcome.attainable / scales.compute if target.ratios else 0.0
    job = PricesJob(matrix, target, x, normalisers, floor, [entry.change for entry in limits], limit)
    try:
        prices = run_one(job, limit)
    except Failure:
        return pd.DataFrame(columns=COLUMNS)

    compute, cost = plan.figures["compute_pv"], abs(plan.figures["cost_pv"])
    compute_of, money_of = _worth(case, plan, compute, cost)
    rows = [
        {
            "kind": entry.kind, "name": entry.name, "period": entry.period, "step": entry.step, "unit": entry.unit,
            "relaxed_compute": price.relaxed * compute_of, "relaxed_money": price.relaxed * money_of,
            "fixed_compute": price.fixed * compute_of, "fixed_money": price.fixed * money_of,
            "holds_for": price.steps if np.isfinite(price.steps) else None,
        }
        for entry, price in zip(limits, prices, strict=True)
    ]  # fmt: skip
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS)
    worth = frame["relaxed_money"].to_numpy(dtype=float)
    order = np.argsort(-worth, kind="stable")
    picked = [int(i) for i in order[:resolve] if worth[i] > 0]
    if picked:
        left = deadline - time.monotonic()
        value = outcome.value / objective_unit(target, scales)
        _resolve(frame, limits, picked, matrix, plan, target, value, normalisers, left, compute_of, money_of)
    return frame.loc[order].loc[lambda f: (f["relaxed_money"].abs() > 0) | (f["fixed_money"].abs() > 0)].reset_index(drop=True)


def _worth(case: Case, plan: Plan, compute: float, cost: float) -> tuple[float, float]:
    """Compute and money that a relative gain of 1 of the objective is worth."""
    if case.settings.objective in ("npv", "cost"):
        value = abs(plan.outcome.value)
        return value / cost * compute if cost else 0.0, value
    return compute, cost


def _normalisers(plan: Plan, per_watt: float, per_dollar: float) -> tuple[float, ...]:
    if plan.outcome.objective != "balanced":
        return ()
    return plan.outcome.best_watt / per_watt, plan.outcome.best_dollar / per_dollar


def _point(draft: Draft, matrix: Matrix, plan: Plan) -> np.ndarray:
    """The plan's whole numbers as a point of the programme (continuous columns are left at 0)."""
    solution, case = plan.solution, plan.case
    x = np.zeros(matrix.A.shape[1])
    cohorts = case.cohorts
    lots = np.zeros(matrix.columns["order_lots"].shape)
    new = cohorts.order >= 0
    g = cohorts.generation[new]
    lots[g, cohorts.order[new]] = solution.ordered[new] // case.generations.lot[g]
    families = {
        "order_lots": lots, "ordered": (lots > 0).astype(float), "sell": solution.sold,
        "installed": solution.installed, "build": solution.power_builds, "build_shell": solution.shell_builds,
        "start": solution.project_starts,
    }  # fmt: skip
    for name, values in families.items():
        columns = matrix.columns[name]
        x[columns[columns >= 0]] = np.asarray(values, dtype=float)[columns >= 0]
    delivered = matrix.columns["delivered"]
    by_cell = plan.frames["compute"]
    position = {label: t for t, label in enumerate(case.calendar.labels)}
    for row in by_cell.to_dict("records"):
        column = delivered[case.workloads.index(str(row["workload"])), position[str(row["period"])]]
        if column >= 0:
            x[column] = float(row["delivered_hours"]) / draft.scales.compute
    return x


def _limits(case: Case, draft: Draft, matrix: Matrix) -> list[_Limit]:
    """Every limit that a planner can ask more of, one step each."""
    rows: dict[tuple[str, Any], int] = {
        (family, key): i for i, (family, key) in enumerate(zip(matrix.families, matrix.row_keys, strict=True))
    }
    labels, hours, money = case.calendar.labels, case.hours, draft.scales.money
    limits: list[_Limit] = []
    for s, site in enumerate(case.sites.names):
        charge = case.sites.capacity_per_kw[s] * 1000.0 * case.discount[1:] / money
        for t in range(case.T):
            found = _rows(rows, (("power", (site, t)), ("grid_energy", (site, t))), 1.0)
            if found:
                constants = (("energy_available", hours * GWH), ("cost", float(charge[t])))
                limits.append(_Limit("power", site, labels[t], 1.0, "MW", Change(found, (), constants)))
            found = _rows(rows, (("space", (site, t)),), 1.0)
            if found:
                limits.append(_Limit("space", site, labels[t], 1.0, "rack", Change(found)))
    for campus in case.sites.campus_names:
        for t in range(case.T):
            found = _rows(rows, (("campus_power", (campus, t)), ("campus_energy", (campus, t))), 1.0)
            if found:
                limits.append(_Limit("campus power", campus, labels[t], 1.0, "MW", Change(found)))
    lots = matrix.columns["order_lots"]
    for g, t in zip(*np.nonzero((lots >= 0) & np.isfinite(case.generations.allocation)), strict=True):
        lot = float(case.generations.lot[g])
        change = Change((), ((int(lots[g, t]), 1.0 / lot),))
        limits.append(_Limit("allocation", case.generations.names[g], labels[t], 1.0, "unit", change))
    step = money
    for t in range(case.T):
        later = range(t, case.T) if case.settings.budget_carry_over else (t,)
        found = _rows(rows, tuple(("budget", u) for u in later), step / money)
        if found:
            limits.append(_Limit("budget", "capex", labels[t], step, case.currency, Change(found)))
    limits.extend(_earlier(case, rows, hours))
    return limits


def _rows(rows: dict[tuple[str, Any], int], keys: tuple[tuple[str, Any], ...], step: float) -> tuple[tuple[int, float], ...]:
    return tuple((rows[key], step) for key in keys if key in rows)


def _earlier(case: Case, rows: dict[tuple[str, Any], int], hours: float) -> list[_Limit]:
    """One period earlier energisation of each site whose power grows: its row moved left by a period."""
    limits = []
    for s, site in enumerate(case.sites.names):
        own = case.sites.power_mw[s]
        if not np.isfinite(own).all():
            continue
        ahead = np.append(own[1:], own[-1]) - own
        steps = [(key, float(ahead[t])) for t in range(case.T) if ahead[t] > 0
                 for key in (("power", (site, t)), ("grid_energy", (site, t)))]  # fmt: skip
        found = tuple((rows[key], step) for key, step in steps if key in rows)
        if found:
            gained = float(np.maximum(0.0, ahead).sum()) * hours * GWH
            change = Change(found, (), (("energy_available", gained),))
            limits.append(_Limit("earlier energisation", site, "all", 1.0, "period", change))
    return limits


def _resolve(
    frame: pd.DataFrame, limits: list[_Limit], picked: list[int], matrix: Matrix, plan: Plan, target: Target, value: float,
    normalisers: tuple[float, ...], seconds: float, compute: float, money: float,
) -> None:  # fmt: skip
    """Solve again for the picked steps, on every core, and write what was reached into the frame."""
    shares = max(1, min(os.cpu_count() or 1, len(picked)))
    jobs = [
        ResolveJob(matrix, target, [(i, limits[i].change) for i in picked[k::shares]], normalisers, value, seconds)
        for k in range(shares)
    ]

    def hear(_job: int, kind: str, payload: Any) -> None:
        if kind == "point":
            index, gain, gap = payload
            frame.loc[index, "resolved_compute"] = gain * compute
            frame.loc[index, "resolved_money"] = gain * money
            frame.loc[index, "resolved_within"] = (gap + plan.outcome.gap) * money

    run_jobs(jobs, seconds, hear)
