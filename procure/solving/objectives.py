"""The six objectives, each by its own way: linear ones, one ratio, and the smaller of two ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procure.solving.balanced import Balanced
from procure.solving.engine import OutOfTime
from procure.solving.linear import Linear
from procure.solving.ratio import Ratio
from procure.solving.target import LINEAR, Hint, NotPositive, Optimum, Target, objective_value

if TYPE_CHECKING:
    from procure.solving.engine import Engine
    from procure.solving.found import Reporter

__all__ = ["LINEAR", "Hint", "NotPositive", "Optimum", "Target", "objective_value", "optimise"]


def optimise(engine: Engine, target: Target, report: Reporter, hint: Hint | None = None) -> Optimum:
    """Optimise the target; raises ``Infeasible``, ``Unbounded`` or ``NotPositive``; returns what it has out of time.

    ``hint``: plans to try first, with their whole numbers as they are, and trails of the last solve's searches.
    """
    way = Linear if target.objective in LINEAR else Balanced if target.objective == "balanced" else Ratio
    run = way(engine, target, report, Optimum(), hint or Hint())
    for trail in run.hint.trails.values():
        trail.followed = False
    try:
        run.optimise()
    except OutOfTime:
        run.optimum.trace.append({"stage": "out of time"})
    return run.optimum
