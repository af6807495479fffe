"""Compute, cost and npv: the relaxation, a search from it, ties, and the most compute that coverage refers to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from procure.solving.found import engine_value
from procure.solving.highs import INF
from procure.solving.run import CLOSED, Run
from procure.solving.search import find_plan
from procure.solving.target import LINEAR

if TYPE_CHECKING:
    from procure.solving.found import Found

__all__ = ["Linear"]


@dataclass(slots=True)
class Linear(Run):
    """A linear objective."""

    def optimise(self) -> None:
        """Compute, cost or npv: relaxation, known plans, search, ties."""
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
        value = -INF if start is None else engine_value(self.engine, scaled, start)
        if self.hint.plans:
            self.note("plans known", value=value)
        if self.hint.plans and (start is None or not self.likely(value, above, trail)):
            made = self.near(scaled, guide, trail, above=above, relative=True)
            start = made.x if made.value > value else start
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

    def take(self, found: Found, size: float) -> None:
        """Take a search's plan and its bound in the objective's own unit."""
        self.keep(found.x)
        self.optimum.bound = max(min(self.optimum.bound, found.bound * size), self.optimum.value)
        self.note_steps(found)
