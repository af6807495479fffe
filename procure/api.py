"""The Python face: read a case, solve it, check a plan."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from procure.audit import AuditReport
    from procure.case import Case
    from procure.explaining import Explanation
    from procure.plan import Plan
    from procure.solving.supervisor import Progress

__all__ = ["baselines", "check", "explain", "read", "solve"]

OBJECTIVES = ("balanced", "compute_per_dollar", "compute_per_watt", "compute", "cost", "npv")


def read(path: str | Path) -> Case:
    """Read an input workbook into a case.

    Raises ``procure.InputError``, whose ``faults`` list everything that is wrong with it.
    """
    from procure.case import Case

    return Case.from_workbook(path)


def solve(
    case: str | Path | Case,
    *,
    objective: str | None = None,
    watt_basis: str | None = None,
    compute_floor: float | None = None,
    time_limit: float | None = None,
    gap: float | None = None,
    seed: int | None = None,
    frontier_points: int | None = None,
    bottlenecks: int | None = None,
    alternatives: int | None = None,
    switching_prices: int | None = None,
    baselines: bool = True,
    rules: Sequence[Callable[[Any], None]] = (),
    progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """Find the best plan of a case, with a proven bound.

    Parameters
    ----------
    case
        Path of an input workbook, or a ``procure.Case``.
    objective, watt_basis, compute_floor
        Override the settings of the same names.
    time_limit
        Seconds for everything but reading and writing; the best plan found by then is returned with its proven gap.
    gap
        Relative gap between plan and bound to stop at (setting ``mip_gap``).
    seed
        Random seed of the solver.
    frontier_points
        Trace that many plans between the best per watt and the best per dollar (``plan.frontier``; 0: none).
    bottlenecks
        Price every limit (``plan.bottlenecks``, ``plan.megawatt_values``) and solve again for that many of the dearest
        steps (0: prices only).
    alternatives
        Find up to that many plans within 1 % of the best that differ most from it (``plan.frames["alternatives"]``, the
        plans themselves in ``plan.alternatives``), and which orders stand in all of them (``plan.no_regret``).
    switching_prices
        Find the price at which each generation's orders start or stop (``plan.switching_prices``), and solve for whole
        numbers on both sides of that many of them.
    baselines
        Play rules of thumb through the case while it is solved, and show what the plan gains (``plan.baselines``).
    rules
        Functions that add Pyomo rows of your own to the model, called as ``rule(model)``.
    progress
        Called with what is known so far: stage, seconds, value, bound.

    Returns
    -------
    Plan
        DataFrames by sheet name (``plan.orders``), the audit's verdict in ``plan.checks``, ``plan.to_excel(path)``.

    Raises
    ------
    InputError
        The workbook or a setting is wrong; nothing was solved.
    InfeasibleError
        No plan satisfies every limit; ``reasons`` says why and what would help, ``explanation`` is the whole of it.
    UnboundedError
        The objective has no best value.
    NoPlanError
        No plan was found within the time limit, or it was interrupted before there was one.
    """
    from procure.analysis.attach import Analyses, attach_analyses
    from procure.audit import audit
    from procure.baselines.background import Background
    from procure.case import Case
    from procure.errors import InfeasibleError, InputError
    from procure.plan import Plan
    from procure.solving.solve import solve_case

    started = time.monotonic()
    changes = overrides(objective, watt_basis, compute_floor, time_limit, gap, seed, frontier_points)
    if not isinstance(case, Case):
        try:
            case = read(case)
        except InputError as error:  # tables that are sound and contradict each other: infeasible, with its reasons
            from procure.explaining.asking import contradiction

            raise contradiction(str(case), error, changes) from None
    if changes:
        case = case.with_settings(**changes)
    beside = Background(case) if baselines else None
    try:
        try:
            solution, outcome = solve_case(case, tuple(rules), progress, beside.start if beside else None)
        except InfeasibleError:
            from procure.explaining.asking import reconsider

            left = case.settings.time_limit_s - (time.monotonic() - started)
            solution, outcome = reconsider(case, tuple(rules), progress, left)
    except BaseException:
        if beside:
            beside.cancel()
        raise
    started = time.monotonic()
    plan = Plan(solution, outcome)
    plan.attach_checks(audit(case.tables, plan.frames).checks)
    outcome.seconds["plan_and_audit"] = time.monotonic() - started
    if beside:
        beside.attach(plan, added_rules=bool(rules))
    wanted = Analyses(case.settings.frontier_points, bottlenecks, alternatives, switching_prices)
    attach_analyses(plan, wanted, tuple(rules), progress)
    return plan


def explain(
    case: str | Path | Case | Mapping[str, Any],
    time_limit: float = 60.0,
    *,
    rules: Sequence[Callable[[Any], None]] = (),
) -> Explanation:
    """Say why a case has no plan and what would help; for a feasible case, which limits hold it back.

    Parameters
    ----------
    case
        Path of an input workbook, a ``procure.Case``, or tables by sheet name as ``Case.from_frames`` takes them.
    time_limit
        Seconds; what is known when they have passed is returned.
    rules
        Functions that add Pyomo rows of your own, as in ``solve``; they are named where they are among the reasons.

    Returns
    -------
    Explanation
        ``status`` (infeasible, feasible, unknown), ``causes``, ``clashes`` (smallest sets of limits that cannot hold
        together, with their cells), ``ways_out`` (cheapest first; ``way.apply(case)`` is the changed case) and
        ``binding``. ``str`` gives the text, ``as_dict`` data for JSON.

    Raises
    ------
    InputError
        The input has faults other than tables that contradict each other.
    """
    from procure.explaining.asking import explain_case, explain_contradiction, open_case

    if not time_limit > 0:
        raise ValueError(f"time_limit is {time_limit!r}; expected seconds above 0")
    whole, faults = open_case(case)
    if faults:
        return explain_contradiction(whole, faults, time_limit, rules)
    return explain_case(whole, rules, seconds=time_limit)


def baselines(case: str | Path | Case, plan: Plan | None = None) -> dict[str, Plan]:
    """Return a plan for each rule of thumb, by its name; see ``procure.baselines.compute_baselines``."""
    from procure.baselines import compute_baselines

    return compute_baselines(case, plan)


def overrides(
    objective: str | None,
    watt_basis: str | None,
    compute_floor: float | None,
    time_limit: float | None,
    gap: float | None,
    seed: int | None,
    frontier_points: int | None = None,
) -> dict[str, Any]:
    """Check the overrides and name them as settings."""
    if objective is not None and objective not in OBJECTIVES:
        raise ValueError(f"objective is {objective!r}; expected one of {', '.join(OBJECTIVES)}")
    if watt_basis not in (None, "available", "consumed"):
        raise ValueError(f"watt_basis is {watt_basis!r}; expected available or consumed")
    if compute_floor is not None and not 0 <= compute_floor <= 1:
        raise ValueError(f"compute_floor is {compute_floor!r}; expected a share between 0 and 1")
    if time_limit is not None and not time_limit > 0:
        raise ValueError(f"time_limit is {time_limit!r}; expected seconds above 0")
    if gap is not None and not 0 <= gap < 1:
        raise ValueError(f"gap is {gap!r}; expected a share of at least 0 and below 1")
    if frontier_points is not None and (frontier_points < 0 or frontier_points == 1):
        raise ValueError(f"frontier_points is {frontier_points!r}; expected 0 (none) or at least 2 (the two ends)")
    given = {
        "objective": objective,
        "watt_basis": watt_basis,
        "compute_floor": compute_floor,
        "time_limit_s": time_limit,
        "mip_gap": gap,
        "random_seed": seed,
        "frontier_points": frontier_points,
    }
    return {name: value for name, value in given.items() if value is not None}


def check(case: str | Path | Case, plan: str | Path | Plan) -> AuditReport:
    """Audit a plan, also a hand-made one, against its input; nothing of the programme is used.

    Raises ``procure.InputError`` where the input has faults.
    """
    from procure.audit import audit, read_plan
    from procure.case import Case
    from procure.plan import Plan
    from procure.reading import read_workbook

    tables = case.tables if isinstance(case, Case) else read_workbook(case)
    return audit(tables, plan.frames if isinstance(plan, Plan) else read_plan(Path(plan)))
