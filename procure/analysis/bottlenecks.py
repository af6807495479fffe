"""What each bottleneck is worth: a megawatt by site and period, a rack, an allocated lot, budget, an earlier quarter.

Each row of the frame is one step of one limit. ``relaxed`` prices let orders and sites react (dual values of the
relaxation; ``holds_for`` is how many steps they surely hold for, the basis being the same; blank: not known);
``fixed`` prices keep the plan's whole numbers (dual values of the programme with the integers fixed); ``resolved`` is
the true change of the optimum, solved again with the plan's own volume held, for the steps that matter most, right
within ``resolved_within``. Steps that bring other decisions with them (a generation delivered or available a period
earlier) have no dual value: their ``relaxed`` figure is the change of the relaxation's optimum, solved again
(``basis`` says which). Compute is in discounted unit-hours, money in present value: a relative gain of the objective
times the plan's compute or cost.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from procure.analysis.changes import Changes, roomy
from procure.analysis.held import held_target, plan_point, plan_value, worth_of_gain
from procure.analysis.steps import Step, limit_steps, rebuilt_steps
from procure.errors import ProcureError
from procure.solving.pool import run_jobs, run_one
from procure.solving.prices import LevelJob, PricesJob, ResolveJob, apply
from procure.solving.solve import compile_case, objective_unit, target_of
from procure.solving.supervisor import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.plan import Plan
    from procure.programme.draft import Draft, Scales
    from procure.solving.matrix import Matrix
    from procure.solving.prices import Change

__all__ = ["COLUMNS", "bottlenecks", "megawatt_values"]

COLUMNS = [
    "kind", "name", "period", "step", "unit", "relaxed_compute", "relaxed_money", "fixed_compute", "fixed_money",
    "holds_for", "basis", "resolved_compute", "resolved_money", "resolved_within", "note",
]  # fmt: skip
SHARE = 0.4  # of the time that may go into rebuilding cases


@dataclass(slots=True)
class _Work:
    """A plan's programme (with room for every step), and what was found of each step."""

    plan: Plan
    rules: tuple[Callable[[Any], None], ...]
    deadline: float
    draft: Draft
    matrix: Matrix
    steps: list[Step]
    changes: list[Change | None]
    built: dict[int, tuple[Matrix, Scales]] = field(default_factory=dict)

    @property
    def left(self) -> float:
        return self.deadline - time.monotonic()


def bottlenecks(
    plan: Plan,
    *,
    resolve: int = 0,
    time_limit: float | None = None,
    rules: Sequence[Callable[[Any], None]] = (),
) -> pd.DataFrame:
    """Price every limit of a plan's case (columns in ``COLUMNS``), dearest first; rows worth nothing are left out.

    ``resolve`` solves again for that many of the dearest steps, within ``time_limit`` seconds in all (default: the
    case's own); what was not reached says so in ``note``. Returns an empty frame where no price exists.
    """
    limit = time_limit if time_limit is not None else plan.case.settings.time_limit_s
    started = time.monotonic()
    try:
        work, prices = _priced(plan, tuple(rules), started, limit)
    except Failure as failure:
        frame = pd.DataFrame(columns=COLUMNS)
        frame.attrs["note"] = f"no prices: {failure}"
        return frame
    compute, money = worth_of_gain(plan)
    frame = pd.DataFrame(
        [
            {
                "kind": step.kind, "name": step.name, "period": step.period, "step": step.step, "unit": step.unit,
                "relaxed_compute": price.relaxed * compute, "relaxed_money": price.relaxed * money,
                "fixed_compute": price.fixed * compute, "fixed_money": price.fixed * money,
                "holds_for": price.steps if np.isfinite(price.steps) else None, "basis": "dual value", "note": "",
            }
            for step, price in zip(work.steps, prices, strict=True)
        ]
    ).reindex(columns=COLUMNS)  # fmt: skip
    frame = _rebuilt(work, frame, started + SHARE * limit, compute, money)
    worth = frame["relaxed_money"].fillna(0.0).to_numpy(dtype=float)
    order = np.argsort(-worth, kind="stable")
    picked = [int(i) for i in order[:resolve] if worth[i] > 0]
    if picked:
        _resolve(work, frame, picked, compute, money)
    told = (frame["relaxed_money"].abs() > 0) | (frame["fixed_money"].abs() > 0) | (frame["note"] != "")
    frame = frame.iloc[order]
    return frame[told.iloc[order]].reset_index(drop=True)


def megawatt_values(frame: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the value of one more megawatt (money, relaxed) by site or campus (rows) and period (columns)."""
    labels = list(plan.case.calendar.labels)
    power = frame[frame["kind"].isin(["power", "campus power"])]
    sites = plan.case.sites
    own: list[bool] = [bool(np.isfinite(row).any()) for row in sites.power_mw]
    names = [name for name, has in zip(sites.names, own, strict=True) if has] + list(sites.campus_names)
    table = power.pivot_table(index="name", columns="period", values="relaxed_money", aggfunc="sum")
    table = table.reindex(index=names, columns=labels).fillna(0.0)
    return pd.concat([pd.DataFrame({"site": np.array(names, dtype=object)}), table.reset_index(drop=True)], axis=1)


def _priced(
    plan: Plan, rules: tuple[Callable[[Any], None], ...], started: float, limit: float
) -> tuple[_Work, list[Any]]:
    """Compile the case with room for every step, take the room back, and price each step by dual values."""
    case = plan.case
    room = roomy(case)
    draft, matrix = compile_case(room, rules)
    changes = Changes(draft, matrix)
    matrix = apply(matrix, changes.between(room, case))
    steps = list(limit_steps(case, draft.scales.money))
    work = _Work(
        plan, rules, started + limit, draft, matrix, steps, [changes.between(case, step.case) for step in steps]
    )
    target = held_target(plan, draft.scales)
    x = plan_point(draft, matrix, plan)
    known = [change for change in work.changes if change is not None]
    job = PricesJob(matrix, target, x, target.normalisers, target.volume, known, max(1.0, work.left))
    return work, run_one(job, max(1.0, work.left))


def _rebuilt(work: _Work, frame: pd.DataFrame, until: float, compute: float, money: float) -> pd.DataFrame:
    """Add the steps that need a programme of their own: the change of the relaxation's optimum."""
    orders = work.plan.frames["orders"]
    spend = orders.groupby("generation")["total"].sum().to_dict()
    rows: list[dict[str, Any]] = []
    first = len(work.steps)
    for step in rebuilt_steps(work.plan.case, {str(name): float(value) for name, value in spend.items()}):
        row = {"kind": step.kind, "name": step.name, "period": step.period, "step": step.step, "unit": step.unit,
               "basis": "relaxation solved again", "note": ""}  # fmt: skip
        if time.monotonic() < until:
            try:
                draft, matrix = compile_case(step.case, work.rules)
                work.built[len(work.steps)] = (matrix, draft.scales)
            except ProcureError as error:
                row["note"] = f"not done: {error}"
        else:
            row["note"] = "not done: out of time"
        rows.append(row)
        work.steps.append(step)
        work.changes.append(None)
    if not work.built:
        return pd.concat([frame, pd.DataFrame(rows).reindex(columns=COLUMNS)], ignore_index=True) if rows else frame
    base = LevelJob(work.matrix, held_target(work.plan, work.draft.scales), work.left)
    jobs, order = [base], list(work.built)
    jobs += [LevelJob(m, held_target(work.plan, scales), work.left) for m, scales in work.built.values()]
    levels = _in_turns(jobs, work)
    for i, level in zip(order, levels[1:], strict=True):
        row = rows[i - first]
        if isinstance(level, Failure) or isinstance(levels[0], Failure):
            row["note"] = (
                "not done: out of time" if isinstance(level, Failure) and level.kind == "time limit" else "not done"
            )
            continue
        target = target_of(work.plan.case)
        ours = objective_unit(target, work.built[i][1]) / objective_unit(target, work.draft.scales)
        gain = (level * ours - levels[0]) / (abs(levels[0]) or 1.0)
        row["relaxed_compute"], row["relaxed_money"] = gain * compute, gain * money
    return pd.concat([frame, pd.DataFrame(rows).reindex(columns=COLUMNS)], ignore_index=True)


def _in_turns(jobs: list[Any], work: _Work) -> list[Any]:
    """Run jobs on as many processes as there are cores; what the time does not allow is a failure."""
    cores = max(1, os.cpu_count() or 1)
    answers: list[Any] = []
    for k in range(0, len(jobs), cores):
        batch = jobs[k : k + cores]
        answers += run_jobs(batch, work.left) if work.left > 0 else [Failure("time limit")] * len(batch)
    return answers


def _resolve(work: _Work, frame: pd.DataFrame, picked: list[int], compute: float, money: float) -> None:
    """Solve again for the picked steps, on every core, and write what was reached into the frame."""
    plan = work.plan
    frame["resolved_compute"] = frame["resolved_compute"].astype(float)
    jobs = []
    live = [i for i in picked if i not in work.built]
    shares = max(1, min(os.cpu_count() or 1, len(live)))
    left = max(1.0, work.left)
    for k in range(shares if live else 0):
        mine = [(i, work.changes[i]) for i in live[k::shares]]
        target = held_target(plan, work.draft.scales)
        jobs.append(ResolveJob(work.matrix, target, mine, plan_value(plan, work.draft.scales), left))
    for i in picked:
        if i in work.built:
            matrix, scales = work.built[i]
            jobs.append(ResolveJob(matrix, held_target(plan, scales), [(i, None)], plan_value(plan, scales), left))

    def hear(_job: int, kind: str, payload: Any) -> None:
        if kind == "point":
            index, gain, gap = payload
            frame.loc[index, "resolved_compute"] = gain * compute
            frame.loc[index, "resolved_money"] = gain * money
            frame.loc[index, "resolved_within"] = (max(0.0, gap) + plan.outcome.gap) * money

    cores = max(1, os.cpu_count() or 1)
    for k in range(0, len(jobs), cores):
        if work.left <= 0:
            break
        run_jobs(jobs[k : k + cores], work.left, hear)
    reached = frame["resolved_money"].notna().to_numpy()
    missed = [i for i in picked if not reached[i]]
    frame.loc[missed, "note"] = "not solved again: out of time or no plan"
