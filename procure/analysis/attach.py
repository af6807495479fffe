"""The analyses of a solved plan, in turn, as sheets of the plan; what fails or is interrupted never costs the plan."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from procure.errors import ProcureError
from procure.solving.supervisor import Failure, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.plan import Plan

__all__ = ["Analyses", "attach_analyses"]


@dataclass(frozen=True, slots=True)
class Analyses:
    """What is asked for: numbers of points, re-solves, plans and checks; None (or 0 points) leaves an analysis out."""

    frontier_points: int = 0
    bottlenecks: int | None = None
    alternatives: int | None = None
    switching_prices: int | None = None


def attach_analyses(
    plan: Plan,
    wanted: Analyses,
    rules: Sequence[Callable[[Any], None]] = (),
    progress: Callable[[Progress], None] | None = None,
) -> None:
    """Attach the sheets of each analysis asked for; one that fails leaves a sheet that says why.

    Each has the case's time limit to itself (the frontier: for each point). Ctrl-C ends the running one and the rest.
    """
    tasks: list[tuple[str, Callable[..., None], bool]] = [
        ("bottlenecks", _bottlenecks, wanted.bottlenecks is not None),
        ("alternatives", _alternatives, bool(wanted.alternatives)),
        ("switching_prices", _switching, wanted.switching_prices is not None),
        ("frontier", _frontier, bool(wanted.frontier_points)),
    ]
    stopped = ""
    for name, task, asked in tasks:
        if not asked:
            continue
        started = time.monotonic()

        def tell(text: str, name: str = name, started: float = started) -> None:
            if progress is not None:
                progress(Progress(f"{name}: {text}", time.monotonic() - started))

        problem = stopped
        if not problem:
            tell("starting")
            try:
                task(plan, wanted, tuple(rules), tell)
            except (ProcureError, Failure, ValueError) as error:
                problem = f"not done: {error}"
            except KeyboardInterrupt:
                problem = stopped = "not done: interrupted"
        if problem:
            plan.attach(name, pd.DataFrame({"note": [problem]}))
        plan.outcome.seconds[name] = time.monotonic() - started


def _bottlenecks(plan: Plan, wanted: Analyses, rules: Any, tell: Callable[[str], None]) -> None:
    from procure.analysis.bottlenecks import bottlenecks, megawatt_values

    tell("prices and re-solves")
    frame = bottlenecks(plan, resolve=wanted.bottlenecks or 0, rules=rules)
    plan.attach("bottlenecks", frame)
    if len(frame):
        plan.attach("megawatt_values", megawatt_values(frame, plan))


def _alternatives(plan: Plan, wanted: Analyses, rules: Any, tell: Callable[[str], None]) -> None:
    from procure.analysis.near_best import alternatives

    tell("plans near the best")
    found = alternatives(plan, wanted.alternatives or 1, rules=rules)
    plan.attach("alternatives", found.frame)
    plan.attach("no_regret", found.no_regret)
    plan.alternatives.update(found.plans)


def _switching(plan: Plan, wanted: Analyses, rules: Any, tell: Callable[[str], None]) -> None:
    from procure.analysis.switching import switching_prices

    tell("prices at which orders start and stop")
    plan.attach("switching_prices", switching_prices(plan, checks=wanted.switching_prices or 0, rules=rules))


def _frontier(plan: Plan, wanted: Analyses, rules: Any, tell: Callable[[str], None]) -> None:
    from procure.analysis.frontier import frontier

    recommended = plan if plan.case.settings.objective == "balanced" else None
    traced = frontier(plan.case, wanted.frontier_points, recommended=recommended, rules=rules, progress=tell)
    plan.attach("frontier", traced.frame)
    plan.attach("frontier_bound", traced.bound)
    plan.alternatives.update({f"frontier {number}": point for number, point in traced.plans.items()})
