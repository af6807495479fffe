"""A plan's own standard: the target that a changed case is held to, so that its figure compares with the plan's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from procure.solving.solve import objective_unit, target_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.plan import Plan
    from procure.programme.draft import Draft, Scales
    from procure.solving.matrix import Matrix
    from procure.solving.objectives import Target

    Floats = NDArray[np.float64]

__all__ = ["held_target", "plan_point", "plan_value", "worth_of_gain"]

HAIR = 1e-9


def held_target(plan: Plan, scales: Scales) -> Target:
    """Return the plan's target with the volume and the normalisers it was held to, in the units of a programme."""
    target, outcome = target_of(plan.case), plan.outcome
    if not target.ratios:
        return target
    volume = 0.0
    if target.floor > 0 and np.isfinite(outcome.attainable):
        volume = target.floor * outcome.attainable / scales.compute * (1 - HAIR)
    normalisers: tuple[float, ...] = ()
    if target.objective == "balanced":
        normalisers = (
            outcome.best_watt / (scales.compute / 1000.0),
            outcome.best_dollar * scales.money / scales.compute,
        )
    return replace(target, volume=volume, normalisers=normalisers)


def plan_value(plan: Plan, scales: Scales) -> float:
    """Return the plan's objective in the units of a programme."""
    return plan.outcome.value / objective_unit(target_of(plan.case), scales)


def worth_of_gain(plan: Plan) -> tuple[float, float]:
    """Return compute (C_pv) and money (present value) that a relative gain of 1 of the objective is worth."""
    compute, cost = plan.figures["compute_pv"], abs(plan.figures["cost_pv"])
    if plan.case.settings.objective in ("npv", "cost"):
        value = abs(plan.outcome.value)
        return value / cost * compute if cost else 0.0, value
    return compute, cost


def plan_point(draft: Draft, matrix: Matrix, plan: Plan) -> Floats:
    """Return the plan as a point of its programme: whole numbers, energy, rented and delivered compute."""
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
        "start": solution.project_starts, "energy": solution.option_energy, "rent": solution.rented,
        "pool": solution.owned,
    }  # fmt: skip
    for name, values in families.items():
        columns = matrix.columns[name]
        x[columns[columns >= 0]] = np.asarray(values, dtype=float)[columns >= 0]
    position = {label: t for t, label in enumerate(case.calendar.labels)}
    delivered = matrix.columns["delivered"]
    for row in plan.frames["compute"].to_dict("records"):
        column = delivered[case.workloads.index(str(row["workload"])), position[str(row["period"])]]
        if column >= 0:
            x[column] = float(row["delivered_hours"]) / draft.scales.compute
    return x
