"""One solve as a job: what the solving process is asked, what it answers, and the steps in between.

The job knows arrays only, so that it runs the same in a child process, in this process, or on another machine.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.solving.engine import Engine
from procure.solving.finish import finish
from procure.solving.highs import INF
from procure.solving.objectives import LINEAR, Hint, Optimum, Target, objective_value, optimise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.finish import Hold
    from procure.solving.found import Reporter
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]

__all__ = ["Answer", "Job", "run_job"]

FINISH_SHARE = 0.05


@dataclass(slots=True)
class Job:
    """A programme and what to do with it; ``finish_only`` makes a given point exact instead of searching.

    ``cautious`` switches presolve off for everything that the process solves from then on.
    """

    matrix: Matrix
    target: Target
    seconds: float
    seed: int = 0
    finish_only: Floats | None = None
    normalisers: tuple[float, ...] = ()
    cautious: bool = False

    def run(self, report: Reporter) -> Answer:
        """Run the job (see ``run_job``)."""
        if self.cautious:
            from procure.solving.highs import DEFAULTS

            DEFAULTS["presolve"] = "off"
        return run_job(self, report)


@dataclass(slots=True)
class Answer:
    """The result of a job: the exact point and what was proven; ``x`` is None where no plan was found."""

    x: Floats | None
    value: float
    bound: float
    attainable: float
    normalisers: tuple[float, ...]
    floor_binds: bool
    trace: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    anchor: Floats | None = None


def run_job(job: Job, report: Reporter, engine: Engine | None = None, hint: Hint | None = None) -> Answer:
    """Search, then make the plan exact. Raises ``Infeasible``, ``Unbounded`` or ``NotPositive``.

    ``engine``: one that holds the job's programme already; ``hint``: what a solve of nearly the same programme found.
    """
    started = time.monotonic()
    reserve = min(5.0, FINISH_SHARE * job.seconds)
    if engine is None:
        engine = Engine(job.matrix, job.target.accounts, seed=job.seed)
    engine.deadline = started + job.seconds - reserve
    if job.finish_only is None:
        optimum = optimise(engine, job.target, report, hint)
    else:
        value = objective_value(job.matrix, job.target, job.normalisers, job.finish_only)
        optimum = Optimum(x=job.finish_only, value=value, normalisers=job.normalisers)
    searched = time.monotonic()
    if optimum.x is not None:
        report.stage("exact whole numbers")
        engine.deadline = INF
        optimum.x = _exact(engine, job.target, optimum, max(10.0, 2 * reserve))
        optimum.value = objective_value(job.matrix, job.target, optimum.normalisers, optimum.x)
        optimum.bound = max(optimum.bound, optimum.value)
    return Answer(
        x=optimum.x,
        value=optimum.value,
        bound=optimum.bound,
        attainable=optimum.attainable,
        normalisers=optimum.normalisers,
        floor_binds=optimum.floor_binds,
        trace=optimum.trace,
        seconds={
            "search": searched - started,
            "relaxations": engine.lp_seconds,
            "integer_steps": engine.mip_seconds,
            "exact": time.monotonic() - searched,
        },
        anchor=optimum.anchor,
    )


def _exact(engine: Engine, target: Target, optimum: Optimum, seconds: float) -> Floats:
    """Re-solve the continuous part with what the plan reached held; the plan itself where that fails."""
    if optimum.x is None:
        raise ValueError("no plan to make exact")
    x, f = optimum.x, engine.matrix.functionals
    holds: list[Hold] = []
    if target.objective in LINEAR:
        terms = LINEAR[target.objective]
        size = max(1.0, abs(optimum.value))
        if target.objective != "cost":
            holds.append(({name: weight / size for name, weight in terms.items()}, optimum.value / size))
    else:
        for top, bottom in target.ratios:
            below = f[bottom](x)
            if below > 0:
                ratio, size = f[top](x) / below, max(1.0, abs(f[top](x)))
                holds.append(({top: 1.0 / size, bottom: -ratio / size}, 0.0))
    point = finish(engine, x, holds, {"cost": -1.0 / max(1.0, abs(f["cost"](x)))}, seconds)
    if point is None:
        optimum.trace.append({"stage": "exact", "note": "the continuous part was kept as the solver left it"})
        return x
    return point
