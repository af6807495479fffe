"""Plans near the best one that differ from it: which orders stand in all of them, and until when the others are open.

Every alternative is a full, audited plan whose objective is within a share of the plan's, and the least or fewest of
something (one generation, capex, carbon, sites, ...) among such plans. Two kinds of claims come from them:

* ``proven``: by the relaxation, no plan within that share of this one orders fewer units by then;
* ``found``: all plans that were found order them; another plan may not.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from procure.analysis.aims import aims_of, cumulative_orders
from procure.analysis.held import held_target, plan_value
from procure.solving.alternatives import Alternative, AlternativesJob, LeastJob
from procure.solving.pool import run_jobs
from procure.solving.readback import read_solution
from procure.solving.solve import compile_case, objective_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from procure.plan import Plan
    from procure.solving.alternatives import Aim

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Alternatives", "alternatives"]

PROVING = 0.25  # share of the time for what is proven of all plans
SAME = 1e-6
ROUNDING = 1e-5


@dataclass(slots=True)
class Alternatives:
    """``frame``: a row a plan, the plan itself first; ``no_regret``: a row a generation and order period; ``plans``."""

    frame: pd.DataFrame
    no_regret: pd.DataFrame
    plans: dict[str, Plan] = field(default_factory=dict)


def alternatives(
    plan: Plan,
    k: int = 5,
    *,
    within: float = 0.01,
    time_limit: float | None = None,
    rules: Sequence[Callable[[Any], None]] = (),
) -> Alternatives:
    """Find up to ``k`` plans whose objective is within a share of the plan's and that differ most from it.

    ``time_limit`` (default: the case's own) bounds the whole; aims that were not reached stand in the frame with what
    went wrong. Raises ``ValueError`` for a ``k`` below 1 or a ``within`` that is no share.
    """
    if k < 1 or not 0 <= within < 1:
        raise ValueError(f"alternatives: k = {k}, within = {within}; expected k of at least 1, within from 0 to 1")
    case = plan.case
    limit = time_limit if time_limit is not None else case.settings.time_limit_s
    started = time.monotonic()
    draft, matrix = compile_case(case, tuple(rules))
    target, value = held_target(plan, draft.scales), plan_value(plan, draft.scales)
    wider, aims = aims_of(case, draft, matrix, _spend(plan))
    cores = max(1, os.cpu_count() or 1)
    seconds = max(1.0, (1 - PROVING) * (limit - (time.monotonic() - started)))
    found: dict[int, Alternative] = {}
    numbered = list(enumerate(aims))
    jobs = [
        AlternativesJob(wider, target, value, within, numbered[i::cores], seconds) for i in range(min(cores, len(aims)))
    ]

    def hear(_job: int, kind: str, payload: Any) -> None:
        if kind == "point":
            found[payload.index] = payload

    run_jobs(jobs, seconds, hear)
    plans, rows = {}, [_row(plan, "the plan", "", plan)]
    reached = []
    for i, aim in numbered:
        point = found.get(i) or Alternative(i, None, problem="not done: out of time")
        if point.x is None:
            rows.append({"name": "", "aim": aim.name, "note": point.problem})
            continue
        reached.append(
            (aim, point, _plan_of(plan, matrix, draft.run_index, point, objective_unit(target, draft.scales)))
        )
    for number, i in enumerate(_most_different(plan, [other for _, _, other in reached], k), start=1):
        aim, point, other = reached[i]
        name = f"alternative {number}"
        plans[name] = other
        ours = _of_plan(plan, aim)
        rows.append(_row(plan, name, aim.name, other) | _aim_figures(aim, point, ours, draft.scales.money, plan, other))
    frame = pd.DataFrame(rows).reindex(columns=_COLUMNS)
    frame["note"] = frame["note"].fillna("")
    left = max(1.0, limit - (time.monotonic() - started))
    cells = [(g, t) for g, t in zip(*(a.tolist() for a in np.nonzero(_orders(plan))), strict=True)]
    least = _least(
        LeastJob(matrix, target, value, within, list(enumerate(cumulative_orders(case, matrix, cells))), left)
    )
    proven = {cell: least[i] for i, cell in enumerate(cells) if i in least}
    return Alternatives(frame, _no_regret(plan, [other for _, _, other in reached], proven), plans)


_COLUMNS = [
    "name", "aim", "objective_value", "loss", "aim_unit", "aim_in_plan", "aim_here", "aim_least", "difference", "units",
    "capex", "generations", "sites", "compute_pv", "cost_pv", "audit", "note",
]  # fmt: skip


def _least(job: LeastJob) -> dict[int, float]:
    found: dict[int, float] = {}

    def hear(_job: int, kind: str, payload: Any) -> None:
        if kind == "point":
            found[payload[0]] = payload[1]

    if job.aims:
        run_jobs([job], job.seconds, hear)
    return found


def _plan_of(plan: Plan, matrix: Any, run_index: dict[str, Ints], point: Alternative, unit: float) -> Plan:
    from procure.audit import audit
    from procure.plan import Plan

    value = point.objective * unit
    outcome = replace(
        plan.outcome, status="feasible", value=value, bound=max(plan.outcome.bound, value),
        seconds={"solve": point.seconds}, statistics={},
    )  # fmt: skip
    if point.x is None:
        raise ValueError("no plan was found")
    other = Plan(read_solution(plan.case, matrix, run_index, point.x), outcome)
    other.attach_checks(audit(plan.case.tables, other.frames).checks)
    return other


def _orders(plan: Plan) -> Ints:
    """Units ordered by generation and order period (shape G × T), committed ones left out."""
    cohorts = plan.case.cohorts
    units = np.zeros((len(plan.case.generations.names), plan.case.T), dtype=np.int64)
    new = cohorts.order >= 0
    np.add.at(units, (cohorts.generation[new], cohorts.order[new]), plan.solution.ordered[new])
    return units


def _spend(plan: Plan) -> Floats:
    return np.asarray((_orders(plan) * plan.case.generations.price).sum(axis=1))


def _where(plan: Plan) -> Floats:
    """MW-periods that stand at each site (shape S)."""
    return np.asarray((plan.solution.installed * plan.case.peak_mw[:, :, None]).sum(axis=(0, 2)))


def _difference(a: Plan, b: Plan) -> float:
    """Return how far apart two plans are, 0 to 1: money by generation and order period, MW by site, half each."""
    shares = []
    for left, right in (
        (_orders(a) * a.case.generations.price, _orders(b) * b.case.generations.price),
        (_where(a), _where(b)),
    ):
        total = left.sum() + right.sum()
        shares.append(float(np.abs(left - right).sum() / total) if total > 0 else 0.0)
    return sum(shares) / 2


def _most_different(plan: Plan, others: list[Plan], k: int) -> list[int]:
    """Pick the plans that lie farthest from those picked before (the plan first); twins are left out."""
    picked: list[int] = []
    distance = [_difference(plan, other) for other in others]
    while others and len(picked) < k and max(distance) > SAME:
        i = int(np.argmax(distance))
        picked.append(i)
        distance = [min(d, _difference(others[i], other)) for d, other in zip(distance, others, strict=True)]
    return picked


def _row(plan: Plan, name: str, aim: str, other: Plan) -> dict[str, Any]:
    figures, failed = other.figures, int((other.frames["checks"]["verdict"] == "fail").sum())
    value, best = other.outcome.value, plan.outcome.value
    return {
        "name": name, "aim": aim, "objective_value": value, "loss": (best - value) / abs(best) if best else 0.0,
        "difference": _difference(plan, other), "units": int(_orders(other).sum()), "capex": figures["capex"],
        "generations": int((_orders(other).sum(axis=1) > 0).sum()), "sites": int((_where(other) > 0).sum()),
        "compute_pv": figures["compute_pv"], "cost_pv": figures["cost_pv"],
        "audit": "pass" if not failed else f"{failed} broken", "note": "",
    }  # fmt: skip


def _of_plan(plan: Plan, aim: Aim) -> float:
    """Return the plan's own figure for an aim that can be read off it (NaN for others)."""
    if aim.name.startswith("least of "):
        return float(_orders(plan)[plan.case.generations.names.index(aim.name.removeprefix("least of "))].sum())
    if aim.name.startswith("fewest generations"):
        return float((_orders(plan).sum(axis=1) > 0).sum())
    return float((_where(plan) > 0).sum()) if aim.name == "fewest sites" else float("nan")


def _aim_figures(aim: Aim, point: Alternative, ours: float, money: float, plan: Plan, other: Plan) -> dict[str, Any]:
    """Return the aim in the plan, in this one, and the least it can be in any plan as near the best (proven)."""
    here, least = point.value, point.least
    if aim.name == "least capex":
        ours, here, least = (_capex(plan), here * money, least * money)
    elif aim.name in ("least carbon", "latest orders"):
        factor = 1e3 if aim.name == "least carbon" else money
        if aim.name == "least carbon":
            ours = _carbon(plan)
        else:
            ours = float(
                (_orders(plan) * plan.case.generations.price * (1 - np.arange(plan.case.T) / plan.case.T)).sum()
            )
        here, least = here * factor, least * factor
    elif aim.name.startswith("fewest"):
        here = _of_plan(other, aim)
        least = float(np.ceil(least - ROUNDING))
    counted = {"least carbon": "t", "fewest sites": "sites", "fewest generations ordered": "generations"}
    unit = "units" if aim.name.startswith("least of ") else counted.get(aim.name, plan.case.currency)
    return {"aim_unit": unit, "aim_in_plan": ours, "aim_here": here, "aim_least": least}


def _capex(plan: Plan) -> float:
    case, solution = plan.case, plan.solution
    builds = (solution.power_builds.sum(axis=1) * case.power_options.capex).sum()
    return float(_spend(plan).sum() + builds + (solution.shell_builds.sum(axis=1) * case.shell_options.capex).sum())


def _carbon(plan: Plan) -> float:
    return float(plan.frames["energy"]["carbon_t"].sum())


def _no_regret(plan: Plan, others: list[Plan], proven: dict[tuple[int, int], float]) -> pd.DataFrame:
    """Say how firm each order is: units by then in all plans, proven or found, and how late it could be placed."""
    case, labels = plan.case, plan.case.calendar.labels
    tables = np.array([_orders(plan), *(_orders(other) for other in others)])
    by_then = tables.cumsum(axis=2)
    rows = []
    for g, t in zip(*(a.tolist() for a in np.nonzero(tables.any(axis=0))), strict=True):
        ours = int(by_then[0, g, t])
        sure = max(0, int(np.ceil(proven[g, t] - ROUNDING))) if (g, t) in proven else None
        fewest = int(by_then[:, g, t].min())
        first = [int(np.argmax(row >= ours)) if (row >= ours).any() else None for row in by_then[:, g]]
        known = [when for when in first if when is not None]
        if tables[0, g, t] == 0:
            verdict = "only in alternatives"
        elif sure is not None and sure >= ours:
            verdict = "no regret, proven"
        elif fewest >= ours:
            verdict = "no regret in all plans found"
        else:
            verdict = "partly no regret" if fewest > 0 or (sure or 0) > 0 else "option"
        rows.append({
            "generation": case.generations.names[g], "vendor": case.generations.vendor[g], "order": labels[t],
            "units": int(tables[0, g, t]), "fewest_units": int(tables[:, g, t].min()),
            "most_units": int(tables[:, g, t].max()), "units_by_then": ours, "fewest_by_then": fewest,
            "proven_by_then": sure, "plans": int((tables[:, g, t] > 0).sum()), "of_plans": len(tables),
            "verdict": verdict,
            "decide_until": labels[t] if tables[0, g, t] == 0 else labels[max(known)],
            "can_be_dropped": "" if tables[0, g, t] == 0 else "yes" if len(known) < len(first) else "no",
        })  # fmt: skip
    columns = ["generation", "vendor", "order", "units", "fewest_units", "most_units", "units_by_then",
               "fewest_by_then", "proven_by_then", "plans", "of_plans", "verdict", "decide_until",
               "can_be_dropped"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame["proven_by_then"] = frame["proven_by_then"].astype(float)
    return frame
