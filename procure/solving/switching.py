"""Where a plan's orders switch as one number moves: bisection on the relaxation, with the same rows held throughout.

A direction is a change of coefficients per unit of φ (a price 1 + φ times its own, say); nothing is built again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from procure.solving.engine import Infeasible, OutOfTime
from procure.solving.job import Job, run_job
from procure.solving.matrix import Functional
from procure.solving.objectives import NotPositive
from procure.solving.prices import PricesJob

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.found import Reporter
    from procure.solving.matrix import Matrix
    from procure.solving.objectives import Target

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["CheckJob", "Direction", "Switch", "SwitchJob", "moved"]

_WORDS = {Infeasible: "the plan's volume is out of reach", NotPositive: "the ratio has no best value"}
PRESENT = 1e-4  # lots in the relaxation that count as ordered


@dataclass(slots=True)
class Direction:
    """A number that moves: coefficients and functionals per unit of φ, the order columns watched, how far it may go.

    ``falls`` is the lowest φ and ``rises`` the highest; ``wanted_when_high`` says that a higher φ makes the orders
    more attractive (compute), not less (price, power).
    """

    index: int
    A: csr_array
    functionals: dict[str, Floats]
    constants: dict[str, float]
    watched: Ints
    falls: float
    rises: float
    wanted_when_high: bool


@dataclass(slots=True)
class Switch:
    """φ at which the relaxation starts or stops ordering, between ``low`` and ``high``; NaN: not within the range."""

    index: int
    ordered: bool
    low: float = float("nan")
    high: float = float("nan")
    problem: str = ""


def moved(matrix: Matrix, direction: Direction, phi: float) -> Matrix:
    """Return the programme with a direction's number at 1 + φ times its own."""
    functionals = dict(matrix.functionals)
    for name, slope in direction.functionals.items():
        f = functionals[name]
        functionals[name] = Functional(
            f.coefficients + phi * slope, f.constant + phi * direction.constants.get(name, 0.0)
        )
    return replace(matrix, A=csr_array(matrix.A + phi * direction.A), functionals=functionals)


@dataclass(slots=True)
class SwitchJob:
    """Find the switch of each direction to ``exactness`` in φ."""

    matrix: Matrix
    target: Target
    directions: list[Direction]
    exactness: float
    seconds: float
    seed: int = 0

    def run(self, report: Any) -> int:
        """Stream a ``Switch`` for each direction, in order, until time is out."""
        deadline = time.monotonic() + self.seconds
        for direction in self.directions:
            try:
                report.point(self._one(direction, deadline))
            except OutOfTime:
                break
            except (Infeasible, NotPositive) as error:
                report.point(Switch(direction.index, ordered=False, problem=_WORDS[type(error)]))
        return len(self.directions)

    def _one(self, direction: Direction, deadline: float) -> Switch:
        ordered = self._orders(direction, 0.0, deadline)
        up = ordered != direction.wanted_when_high  # the way in which the answer changes
        near, far = 0.0, direction.rises if up else direction.falls
        if self._orders(direction, far, deadline) == ordered:
            return Switch(direction.index, ordered)
        while abs(far - near) > self.exactness:
            middle = (near + far) / 2
            if self._orders(direction, middle, deadline) == ordered:
                near = middle
            else:
                far = middle
        return Switch(direction.index, ordered, min(near, far), max(near, far))

    def _orders(self, direction: Direction, phi: float, deadline: float) -> bool:
        left = deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        held = self.target
        job = PricesJob(
            moved(self.matrix, direction, phi), held, np.zeros(0), held.normalisers, held.volume, [], left, self.seed
        )
        return bool(job.point()[direction.watched].sum() > PRESENT)


@dataclass(slots=True)
class CheckJob:
    """Solve for whole numbers on both sides of switches: (direction, φ below, φ above)."""

    matrix: Matrix
    target: Target
    pairs: list[tuple[Direction, float, float]]
    seconds: float
    seed: int = 0

    def run(self, report: Any) -> int:
        """Stream (index, lots ordered below, lots above) for each pair, until time is out."""
        deadline = time.monotonic() + self.seconds
        for direction, below, above in self.pairs:
            lots = []
            for phi in (below, above):
                found = self._lots(direction, phi, deadline, report)
                if found is None:
                    break
                lots.append(found)
            if len(lots) == 2:
                report.point((direction.index, *lots))
        return len(self.pairs)

    def _lots(self, direction: Direction, phi: float, deadline: float, report: Reporter) -> float | None:
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        try:
            answer = run_job(Job(moved(self.matrix, direction, phi), self.target, left, self.seed), report)
        except (Infeasible, NotPositive, OutOfTime):
            return None
        done = answer.x is not None and not any(step.get("stage") == "out of time" for step in answer.trace)
        return float(np.rint(answer.x[direction.watched]).sum()) if done and answer.x is not None else None
