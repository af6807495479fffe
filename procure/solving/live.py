"""A solving process that stays: the engine, its bases and the last plan are kept for the next, slightly changed programme.

A re-solve takes over new numbers under the old columns, starts each relaxation from the basis in which the last one of its
kind ended, and tries the whole numbers of the plans known first. Where these are still within the gap, which project starts
prove, nothing is searched; where they are not, the last plan is followed as far as the relaxation allows, and only where that
is not good enough either is the search the usual one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.solving.engine import Engine
from procure.solving.job import Answer, Job, run_job
from procure.solving.objectives import Hint

if TYPE_CHECKING:
    from procure.solving.found import Reporter
    from procure.solving.matrix import Matrix
    from procure.solving.objectives import Target

__all__ = ["LiveJob", "with_plans_of"]

PLANS = 4  # that are tried with the new numbers: a twentieth of a second each at 20,000 columns


@dataclass(slots=True)
class _Kept:
    """What this process keeps between two jobs."""

    engine: Engine | None = None
    hint: Hint | None = None


_KEPT = _Kept()


@dataclass(slots=True)
class LiveJob:
    """One solve in a process that stays (fields as in ``procure.solving.job.Job``)."""

    matrix: Matrix
    target: Target
    seconds: float
    seed: int = 0
    stays: bool = True

    def run(self, report: Reporter) -> Answer:
        """Run the job on the engine kept, if it has the same shape (see ``run_job``)."""
        job = Job(self.matrix, self.target, self.seconds, self.seed)
        engine = _KEPT.engine
        if engine is None or engine.names[:-1] != self.target.accounts or not engine.update(self.matrix):
            engine, _KEPT.hint = Engine(self.matrix, self.target.accounts, seed=self.seed), None
        _KEPT.engine = None  # a job that fails leaves nothing to begin from
        hint = _KEPT.hint or Hint()
        answer = run_job(job, report, engine, hint)
        _KEPT.engine = engine
        _KEPT.hint = with_plans_of(hint, answer)
        return answer


def with_plans_of(hint: Hint, answer: Answer) -> Hint:
    """Add an answer's plans to those known: the first, which the questions are about, and the last few."""
    plans, anchors = (
        known if new is None or any(np.array_equal(new, one) for one in known) else (*known[:1], new, *known[1 : PLANS - 1])
        for known, new in ((hint.plans, answer.x), (hint.anchors, answer.anchor))
    )  # fmt: skip
    return Hint(plans, anchors, hint.trails)
