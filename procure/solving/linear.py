"""Compute, cost and npv: the relaxation, a search from it, ties, and the most compute that coverage refers to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from procure.solving.run import CLOSED, MOST_HIDDEN, Run
from procure.solving.search import engine_value, find_plan, near_plan
from procure.solving.target import LINEAR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from procure.solving.search import Found
    from procure.solving.trail import Trail

    Floats = NDArray[np.float64]

__all__ = ["Linear"]


@dataclass(slots=True)
class Linear(Run):
    """A linear objective."""

    def optimise(self) -> None:
        """Compute, cost or npv: relaxation, cheapest point of it, integer step, ties."""
        objective = LINEAR[self.target.objective]
        self.report.stage("relaxation")
        self.engine.recall("relaxation")
        relaxed = self.engine.relax(objective)
        self.engine.remember("relaxation")
        self.note("relaxation", value=relaxed.value, iterations=relaxed.iterations, seconds=relaxed.seconds)
        size = abs(relaxed.value) or 1.0
        self.optimum.bound = relaxed.value + CLOSED * size
        self.prove()
        scaled = {name: value / size for name, value in objective.items()}
        trail, guide, above = self.hint.trail("relaxation"), self.lean(scaled, relaxed), self.optimum.bound / size
        start = self.again(self.hint.plans, scaled)
        if self.hint.plans and not self.near_enough(start, scaled, above, trail):
            made = near_plan(self.engine, scaled, guide, gap=self.gap, bound=above - (trail.hidden or 0.0), relative=True,
                             trail=trail, report=self.report)  # fmt: skip
            if made.x is not None and (start is None or made.value > engine_value(self.engine, scaled, start)):
                start = made.x
            self.note_steps(made)
        found = find_plan(self.engine, scaled, bound=above, gap=self.gap, relative=True, start=start, guide=guide, trail=trail,
                          report=self.report)  # fmt: skip
        trail.hidden = max(0.0, above - found.bound)
        self.take(found, size)
        if "cost" not in objective and found.x is not None and self.ties_matter(found.x):
            self.keep_exactly(self.break_tie(scaled, found))
        if self.target.objective == "compute":
            self.optimum.attainable = self.optimum.value
        else:
            self.report.stage("most attainable compute")
            self.engine.recall("compute")
            self.optimum.attainable = self.engine.relax(LINEAR["compute"], cold=not self.hint.plans).value
            self.engine.remember("compute")

    def near_enough(self, x: Floats | None, objective: Mapping[str, float], above: float, trail: Trail) -> bool:
        """Say whether a plan is within the gap if starts hide what they hid the last time (``above``: the relaxation's value)."""
        if x is None:
            return False
        value = engine_value(self.engine, objective, x)
        return above - MOST_HIDDEN * (trail.hidden or 0.0) <= value + self.gap * abs(value)

    def take(self, found: Found, size: float) -> None:
        """Take a search's plan and its bound in the objective's own unit."""
        self.keep(found.x)
        self.optimum.bound = max(min(self.optimum.bound, found.bound * size), self.optimum.value)
        self.note_steps(found)
