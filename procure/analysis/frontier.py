"""The frontier of compute per watt against compute per dollar as plans and as a sheet."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from procure.errors import NoPlanError
from procure.solution import Outcome
from procure.solving.frontier import CurveJob, PointsJob, least_volume, spread
from procure.solving.job import Job
from procure.solving.objectives import Target
from procure.solving.pool import run_jobs, run_one
from procure.solving.readback import read_solution
from procure.solving.solve import compile_case, translate
from procure.solving.supervisor import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case
    from procure.plan import Plan
    from procure.programme.draft import Draft
    from procure.solving.frontier import Curve, Point
    from procure.solving.matrix import Matrix

__all__ = ["Frontier", "frontier"]


@dataclass(slots=True)
class Frontier:
    """Pareto-optimal plans from the best per dollar to the best per watt.

    ``frame`` has a row a point (ratios, bounds, volume, money, the gap and the ratio that it is proven for, what went
    wrong); ``bound`` the corners of the region in which all plans lie; ``plans`` the full plans by point number.
    """

    frame: pd.DataFrame
    bound: pd.DataFrame
    plans: dict[int, Plan] = field(default_factory=dict)


def frontier(
    case: Case,
    points: int,
    *,
    recommended: Plan | None = None,
    time_limit: float | None = None,
    workers: int | None = None,
    rules: Sequence[Callable[[Any], None]] = (),
    progress: Callable[[str], None] | None = None,
) -> Frontier:
    """Trace ``points`` plans of the exact frontier, ends included, each within the case's gap.

    ``recommended`` is a balanced plan that was solved before: it gives the volume anchor and is marked in the frame.
    ``time_limit`` (default: points × the case's own) bounds the whole analysis; points that were not reached say so.
    Raises what ``procure.solve`` raises where not even the first plan exists.
    """
    if points < 2:
        raise ValueError(f"frontier points: {points}; expected at least 2 (the two ends)")
    limit = time_limit if time_limit is not None else points * case.settings.time_limit_s
    deadline = time.monotonic() + limit
    tell = progress or (lambda _text: None)
    draft, matrix = compile_case(case, rules)
    settings, unit = case.settings, draft.scales.compute
    target = Target("balanced", settings.watt_basis, settings.compute_floor, settings.mip_gap)
    try:
        attainable = (
            recommended.outcome.attainable / unit if recommended is not None else _anchor(matrix, target, limit)
        )
        tell("the curve of the relaxation")
        floor = least_volume(target, attainable)
        curve: Curve = run_one(
            CurveJob(matrix, target, floor, deadline - time.monotonic(), settings.random_seed),
            deadline - time.monotonic(),
        )
    except Failure as failure:
        raise translate(failure, case) from None
    found = _points(case, matrix, target, curve, points, workers, deadline, tell)
    return _assemble(case, draft, matrix, curve, found, attainable, recommended)


def _anchor(matrix: Matrix, target: Target, seconds: float) -> float:
    """Return the most compute (C_pv) that a plan delivers, in the programme's units."""
    answer = run_one(Job(matrix, Target("compute", target.watt_basis, 0.0, target.gap), seconds), seconds)
    if answer.x is None:
        raise NoPlanError("No plan was found for the largest compute within the time limit.")
    return float(answer.value)


def _points(
    case: Case,
    matrix: Matrix,
    target: Target,
    curve: Curve,
    points: int,
    workers: int | None,
    deadline: float,
    tell: Callable[[str], None],
) -> list[Point]:
    """Share the points between processes, neighbours apart, and gather what each streams."""
    from procure.solving.frontier import Point

    wanted = spread(curve, points)
    shares = max(1, min(workers or os.cpu_count() or 1, points))
    seconds = max(1.0, deadline - time.monotonic())
    best_watt = float(curve.watt[-1])
    jobs = [
        PointsJob(matrix, target, curve.floor, wanted[i::shares], best_watt, seconds, case.settings.random_seed)
        for i in range(shares)
    ]
    found: dict[int, Point] = {}

    def hear(_job: int, kind: str, payload: Any) -> None:
        if kind == "point":
            found[payload.index] = payload
            tell(f"{len(found)} of {points} points")

    answers = run_jobs(jobs, seconds, hear)
    reasons = {i: str(answer) for i, answer in enumerate(answers) if isinstance(answer, Failure)}
    return [
        found.get(index) or Point(index, epsilon, None, problem=f"not done: {reasons.get(index % shares, 'no answer')}")
        for index, epsilon, _ in wanted
    ]


def _assemble(
    case: Case,
    draft: Draft,
    matrix: Matrix,
    curve: Curve,
    found: list[Point],
    attainable: float,
    recommended: Plan | None,
) -> Frontier:
    from procure.audit import audit
    from procure.plan import Plan

    scales = draft.scales
    per_dollar, per_watt = scales.compute / scales.money, scales.compute / 1000.0
    rows, plans = [], {}
    for point in found:
        if point.x is None:
            rows.append({"point": point.index + 1, "problem": point.problem})
            continue
        by_watt = point.proven == "compute_per_watt"
        value, above, unit = (
            (point.watt, point.watt_bound, per_watt) if by_watt else (point.dollar, point.dollar_bound, per_dollar)
        )
        outcome = Outcome(
            objective=point.proven,
            status="feasible",
            value=value * unit,
            bound=max(above, value) * unit,
            attainable=attainable * scales.compute,
            seconds={"solve": point.seconds},
        )
        if outcome.gap <= max(case.settings.mip_gap, 1e-6):
            object.__setattr__(outcome, "status", "optimal")
        plan = Plan(read_solution(case, matrix, draft.run_index, point.x), outcome)
        plan.attach_checks(audit(case.tables, plan.frames).checks)
        plans[point.index + 1] = plan
        rows.append(_row(plan, point.index + 1, point.watt_bound * per_watt, point.dollar_bound * per_dollar))
    if recommended is not None:
        rows.append(_row(recommended, None, float("nan"), float("nan")))
    columns = [
        "point", "compute_per_watt", "compute_per_dollar", "watt_bound", "dollar_bound", "gap", "proven", "status", "coverage",
        "compute_pv", "cost_pv", "capex", "units_ordered", "recommended", "audit", "problem",
    ]  # fmt: skip
    frame = pd.DataFrame(rows).reindex(columns=columns)
    frame["point"] = [None if pd.isna(number) else int(number) for number in frame["point"]]
    frame["point"] = frame["point"].astype(object).where(frame["point"].notna(), None)
    watt, dollar = curve.stairs(found)
    bound = pd.DataFrame({"compute_per_watt": watt * per_watt, "compute_per_dollar": dollar * per_dollar})
    return Frontier(frame, bound, plans)


def _row(plan: Plan, number: int | None, watt_bound: float, dollar_bound: float) -> dict[str, Any]:
    figures = plan.figures
    consumed = plan.case.settings.watt_basis == "consumed"
    failed = int((plan.frames["checks"]["verdict"] == "fail").sum())
    return {
        "point": number,
        "compute_per_watt": figures["compute_per_watt_consumed" if consumed else "compute_per_watt_available"],
        "compute_per_dollar": figures["compute_per_dollar"],
        "watt_bound": watt_bound if np.isfinite(watt_bound) else None,
        "dollar_bound": dollar_bound if np.isfinite(dollar_bound) else None,
        "gap": plan.outcome.gap if np.isfinite(plan.outcome.gap) else None,
        "proven": plan.outcome.objective,
        "status": plan.status,
        "coverage": figures["coverage"],
        "compute_pv": figures["compute_pv"],
        "cost_pv": figures["cost_pv"],
        "capex": figures["capex"],
        "units_ordered": int(plan.frames["orders"]["units"].sum()),
        "recommended": "yes" if number is None else "no",
        "audit": "pass" if not failed else f"{failed} broken",
        "problem": "",
    }
