"""Baselines: the same case under rules of thumb, each played through as a feasible plan and audited.

``rules`` says what each rule does; ``offers`` what it sees; ``yard`` what stands where; ``ordering`` (with ``wish``)
what it orders, ``investing`` what it builds and rents, ``running`` and ``dispatch`` what runs on which energy;
``simulate`` plays a rule through; ``table`` sets it against the plan, ``background`` does so while the plan is solved.
Nothing here uses the programme or the solver, so that a plan that is worse than one of its baselines by more than its
gap proves a fault in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    from procure.baselines.table import Baseline
    from procure.case import Case
    from procure.plan import Plan
    from procure.solution import Solution

__all__ = ["attach_baselines", "compute_baselines", "play_rules", "rule_solutions"]


def compute_baselines(case: str | Path | Case, plan: Plan | None = None) -> dict[str, Plan]:
    """Return a plan for each rule of thumb, by the rule's name, with the audit's verdict in its ``checks``.

    Parameters
    ----------
    case
        Path of an input workbook, or a ``procure.Case``.
    plan
        The best plan of the case, where there is one: each baseline's summary then states the objective by the same
        measure, the plan's bound, and so the gap between the rule and the best possible.

    Raises
    ------
    procure.InputError
        The workbook has faults.
    """
    from procure.case import Case

    found = case if isinstance(case, Case) else Case.from_workbook(case)
    result = {}
    for baseline in play_rules(found):
        result[baseline.rule.name] = _measured(baseline, plan)
    return result


def _measured(baseline: Baseline, plan: Plan | None) -> Plan:
    """State a baseline's summary by the measure of the case (or of a plan)."""
    from dataclasses import replace

    from procure.audit import audit
    from procure.baselines.table import _objective
    from procure.plan import Plan

    case, own = baseline.plan.case, baseline.plan.outcome
    outcome = replace(
        own, objective=case.settings.objective, value=float("nan"), bound=float("inf"), attainable=float("nan")
    )
    if plan is not None:
        theirs = plan.outcome
        outcome = replace(outcome, objective=theirs.objective, bound=theirs.bound, attainable=theirs.attainable,
                          best_watt=theirs.best_watt, best_dollar=theirs.best_dollar)  # fmt: skip
    outcome = replace(outcome, value=_objective(baseline.figures, baseline.quantities, outcome))
    measured = Plan(baseline.plan.solution, outcome)
    measured.attach_checks(audit(case.tables, measured.frames).checks)
    return measured


def rule_solutions(case: Case) -> Iterator[tuple[str, Solution]]:
    """Play each rule through a case; yields its name and decisions, in the order of ``rules.RULES``."""
    from procure.baselines.rules import RULES
    from procure.baselines.simulate import simulate, total_capex

    spent = float("inf")
    for rule in RULES:
        total = float(case.budget.sum())
        solution = simulate(case, rule, (total if total < float("inf") else spent) if rule.even else None)
        if rule.name == "best per dollar":
            spent = total_capex(solution)  # what is spread evenly where the budget has no limit
        yield rule.name, solution


def play_rules(
    case: Case, stop: Callable[[], bool] | None = None, hand_over: Callable[[Baseline], None] | None = None
) -> list[Baseline]:
    """Play each rule through, lay it out as a plan and audit it.

    ``stop`` is asked before each rule whether to go on; ``hand_over`` is given each baseline as soon as it is there.
    """
    from procure.audit import audit
    from procure.baselines.rules import RULES, statement
    from procure.baselines.table import Baseline
    from procure.plan import Plan
    from procure.planning.cash import cash
    from procure.planning.quantities import quantities
    from procure.planning.summary import figures
    from procure.solution import Outcome

    result: list[Baseline] = []
    played = rule_solutions(case)
    for rule in RULES:
        if stop is not None and stop():
            break
        _, solution = next(played)
        q = quantities(solution)
        totals = figures(q, cash(q))
        outcome = Outcome("compute", "feasible", totals.compute_pv, float("inf"), float("nan"))
        plan = Plan(solution, outcome)
        report = audit(case.tables, plan.frames)
        plan.attach_checks(report.checks)
        result.append(Baseline(rule, statement(rule, case), plan, q, totals, report))
        if hand_over is not None:
            hand_over(result[-1])
    return result


def attach_baselines(
    plan: Plan, baselines: list[Baseline], *, failure: str = "", added_rules: bool = False
) -> pd.DataFrame:
    """Set baselines against a plan and attach them as its sheet ``baselines``.

    ``failure``: why rules are missing, where it is not the time; ``added_rules``: the plan was solved with Pyomo rows
    of the user's own, which no rule of thumb knows.
    """
    from procure.baselines.rules import RULES, statement
    from procure.baselines.table import baselines_frame

    done = {baseline.rule.name for baseline in baselines}
    late = [(rule.name, statement(rule, plan.case)) for rule in RULES if rule.name not in done]
    why = f"internal error: {failure}" if failure else "the solve ended before this rule was played through"
    frame = baselines_frame(baselines, plan, late, why)
    if added_rules:
        own = "the rules added to the model are not held against it"
        frame["note"] = [f"{note}; {own}" if note else own for note in frame["note"]]
    plan.attach("baselines", frame)
    return frame
