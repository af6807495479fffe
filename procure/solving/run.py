"""One optimisation: the best plan and bound so far, plans known before, and ties among plans of one objective.

* Ties: a second solve with the first objective held as a row, for lower cost (for ``balanced``: for the other ratio), for
  half the time of the first relaxation, less in a large programme. Dives carry a little cost in what they follow; no bound and
  no tie does.
* Hints: plans of nearly the same programme are solved again with their whole numbers fixed; the best is where the search
  begins, and its end where project starts prove it to the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.solving.engine import THETA, Engine, Infeasible, LpResult, MipResult, OutOfTime
from procure.solving.found import STEP, Found, Reporter, engine_value
from procure.solving.neighbourhood import neighbourhood
from procure.solving.search import SMALL, near_plan
from procure.solving.target import Hint, Optimum, Target, objective_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procure.solving.trail import Trail

    Floats = NDArray[np.float64]

__all__ = ["CLOSED", "SMALLEST_GAP", "Run", "tie_seconds"]

LEAN = 1e-4  # weight of relative cost in what dives follow: of equal plans the cheaper; bounds and ties never use it
TIE_SHARE = 0.5  # of the time of the first relaxation
TIE_LARGE, TIE_LARGE_LEAST = 0.05, 0.2  # the same in a large programme, and seconds beside it
CLOSED = 1e-9
SMALLEST_GAP = 1e-7
MOST_HIDDEN = 1.1  # times what starts hid the last time
HIDDEN = 4.0  # times the gap: what a relaxation may hide behind project starts


def tie_seconds(engine: Engine) -> float:
    """Return what a tie may take: its proof is worth nothing to the objective.

    A large programme's dive has looked for the cheaper of equal plans already: little is left to find.
    """
    if engine.n >= SMALL:
        return TIE_LARGE * engine.first_seconds + TIE_LARGE_LEAST
    return TIE_SHARE * engine.first_seconds + 0.5


@dataclass(slots=True)
class Run:
    """State of one optimisation, and what every objective's way has in common."""

    engine: Engine
    target: Target
    report: Reporter
    optimum: Optimum
    hint: Hint

    @property
    def gap(self) -> float:
        """Relative gap asked for."""
        return max(SMALLEST_GAP, self.target.gap)

    def again(self, plans: tuple[Floats, ...], objective: Mapping[str, float]) -> Floats | None:
        """Return the best plan with the whole numbers of one of these and the rest solved again; None where none is a plan."""
        whole = self.engine.integer
        best: MipResult | None = None
        for x in plans:
            lower, upper = self.engine.lower.copy(), self.engine.upper.copy()
            now = np.rint(x[whole[: self.engine.n]])
            if np.any(now < lower[whole] - CLOSED) or np.any(now > upper[whole] + CLOSED):
                continue
            lower[whole] = upper[whole] = now
            found = self.engine.integer_step(objective, lower=lower, upper=upper)
            if found.x is not None and (best is None or found.value > best.value):
                best = found
        return best.x if best is not None else None

    def ties_matter(self, x: Floats) -> bool:
        """Say whether to break a plan's ties: not again where it has the whole numbers of one of the hint's.

        Nor in a large programme where there are any: plans there are made after plans whose ties were broken.
        """
        if self.hint.plans and self.engine.n >= SMALL:
            return False
        whole = self.engine.integer[: self.engine.n]
        mine = np.rint(x[: self.engine.n][whole])
        return not any(np.array_equal(mine, np.rint(plan[whole])) for plan in self.hint.plans)

    def hinted(self) -> Floats | None:
        """Return the best plan so far, accounts included, where it may be one of the hint's."""
        return self.point().x if self.hint.plans else None

    def likely(self, value: float, bound: float, trail: Trail) -> bool:
        """Say whether a plan may be within the gap: whole starts lower a relaxation's bound nearly as they did the last time.

        Where that is not known, by a few times the gap. (Values in any one unit.)
        """
        if trail.hidden is None:
            return bound <= value + HIDDEN * self.gap * abs(value)
        return bound - MOST_HIDDEN * trail.hidden * abs(bound) <= value + self.gap * abs(value)

    def near(self, aim: Mapping[str, float], guide: Mapping[str, float], trail: Trail, *, above: float = 0.0, unit: float = 1.0,
             relative: bool = False) -> Found:  # fmt: skip
        """Keep and return a plan made like the hint's for a normalised objective whose relaxation is worth ``above``.

        ``unit`` is what a share of the objective is worth in it.
        """
        hidden = (trail.hidden or 0.0) * unit
        found = near_plan(self.engine, aim, guide, gap=self.gap * unit, bound=above - hidden, relative=relative, trail=trail,
                          report=self.report)  # fmt: skip
        self.keep(found.x)
        self.note_steps(found)
        return found

    def keep(self, x: Floats | None) -> None:
        """Keep a point if its objective beats the best so far."""
        if x is None:
            return
        point = x[: self.engine.n]
        value = objective_value(self.engine.matrix, self.target, self.optimum.normalisers, point)
        if self.optimum.x is None or value > self.optimum.value:
            self.optimum.x, self.optimum.value = point, value

    def keep_exactly(self, x: Floats | None) -> None:
        """Replace the plan by one that is no worse in the objective (a tie broken)."""
        if x is not None:
            point = x[: self.engine.n]
            self.optimum.x = point
            self.optimum.value = objective_value(self.engine.matrix, self.target, self.optimum.normalisers, point)

    def prove(self) -> None:
        """Tell what is proven so far, in the objective's own unit."""
        self.report.bound((self.optimum.bound, self.optimum.normalisers, self.optimum.attainable))

    def note(self, stage: str, **facts: Any) -> None:
        """Add a line to the trace."""
        self.optimum.trace.append({"stage": stage, **facts})

    def note_steps(self, found: Found) -> None:
        """Add a search's steps to the trace."""
        self.optimum.trace.extend({"stage": "integer", **step} for step in found.steps)

    def plan(self, name: str) -> float:
        """Return a functional of the best plan so far."""
        if self.optimum.x is None:
            raise OutOfTime
        return self.engine.matrix.functionals[name](self.optimum.x)

    def point(self) -> LpResult:
        """Return the best plan so far as a point of the engine, accounts included."""
        if self.optimum.x is None:
            raise OutOfTime
        accounts = [self.plan(name) if name != THETA else 0.0 for name in self.engine.names]
        return LpResult(0.0, np.concatenate([self.optimum.x, accounts]), 0)

    def lean(self, objective: Mapping[str, float], relaxed: LpResult) -> dict[str, float]:
        """Return a normalised objective with a little cost in it, so that of equal plans the cheaper is found first."""
        if "cost" in objective:
            return dict(objective)
        size = max(abs(float(relaxed.x[self.engine.account["cost"]])), 1e-9)
        return {**objective, "cost": -min(LEAN, self.gap / 10) / size}

    def break_tie(self, hold: Mapping[str, float], found: Found) -> Floats | None:
        """Lower the cost among plans near the best one that are no worse in the held objective."""
        if found.x is None:
            return None
        self.report.stage("ties: lower cost")
        value = engine_value(self.engine, hold, found.x)
        self.engine.spare_row(0, hold, lower=value)
        try:
            return self._cheaper(found.x)
        finally:
            self.engine.spare_row(0, {})

    def _cheaper(self, x: Floats) -> Floats | None:
        lower, upper = neighbourhood(self.engine, x, 0)
        if self.engine.n < SMALL:  # in a large programme the dive has looked for the cheaper of equal plans
            self.widen(lower, upper)
        size = max(1.0, abs(x[self.engine.account["cost"]]))
        result = self.engine.integer_step(
            {"cost": -1.0 / size}, lower=lower, upper=upper, start=x, absolute_gap=self.gap / 4, relative_gap=0.0,
            seconds=tie_seconds(self.engine), options=STEP,
        )  # fmt: skip
        self.note("ties", value=result.value * size, closed=result.closed)
        return result.x

    def widen(self, lower: Floats, upper: Floats) -> None:
        """Widen a neighbourhood (in place) to hold that of the cheapest relaxed point under the rows held."""
        try:
            cheapest = self.engine.relax({"cost": -1.0})
        except Infeasible:  # held to the last digit
            return
        below, above = neighbourhood(self.engine, cheapest.x, 0)
        np.minimum(lower, below, out=lower)
        np.maximum(upper, above, out=upper)
