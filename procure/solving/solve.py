"""Case → programme → solution: the one way through, with the outcome that was proven."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.errors import InfeasibleError, NoPlanError, ProcureError, UnboundedError
from procure.solution import Outcome
from procure.solving.job import Job
from procure.solving.objectives import Target
from procure.solving.readback import read_solution
from procure.solving.supervisor import Failure, Worker, supervise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case
    from procure.programme.draft import Draft, Scales
    from procure.solution import Solution
    from procure.solving.matrix import Matrix
    from procure.solving.supervisor import Progress, Supervised

__all__ = ["compile_case", "objective_unit", "read_answer", "solve_case", "target_of", "translate"]


def target_of(case: Case) -> Target:
    """Return what the case's settings ask to optimise."""
    settings = case.settings
    return Target(settings.objective, settings.watt_basis, settings.compute_floor, settings.mip_gap)


def compile_case(case: Case, rules: Sequence[Callable[[Any], None]] = ()) -> tuple[Draft, Matrix]:
    """Build the programme and compile it; raises ``InfeasibleError`` for a row that no decision can satisfy."""
    from procure.programme import InfeasibleConstraintException, build
    from procure.solving.compile import compile_matrix

    try:
        draft = build(case, rules)
        return draft, compile_matrix(draft)
    except InfeasibleConstraintException as error:
        raise InfeasibleError(f"No plan can satisfy the limits: {error}") from error


def solve_case(
    case: Case,
    rules: Sequence[Callable[[Any], None]] = (),
    listen: Callable[[Progress], None] | None = None,
    meanwhile: Callable[[], None] | None = None,
    *,
    cautious: bool = False,
) -> tuple[Solution, Outcome]:
    """Solve a case by its settings; raises ``InfeasibleError``, ``UnboundedError`` or ``NoPlanError``.

    ``meanwhile`` is called once, when the programme is built and the solving process is about to have it; it must
    return at once (start a thread, say). ``cautious``: without presolve, after a verdict that looked wrong.
    """
    started = time.monotonic()
    worker = Worker()  # its imports run while the programme is built
    try:
        draft, matrix = compile_case(case, rules)
        built = time.monotonic()
        target = target_of(case)
        left = max(1.0, case.settings.time_limit_s - (built - started))
        if meanwhile is not None:
            meanwhile()
        result = supervise(Job(matrix, target, left, case.settings.random_seed, cautious=cautious), worker, listen)
    except Failure as failure:
        raise translate(failure, case) from None
    finally:
        worker.end()
    return read_answer(case, draft, matrix, target, result, built - started, started)


def read_answer(
    case: Case, draft: Draft, matrix: Matrix, target: Target, result: Supervised, built: float, started: float
) -> tuple[Solution, Outcome]:
    """Return the decisions and the outcome of a job; ``built``: seconds of the build, ``started``: of the monotonic clock.

    Raises ``NoPlanError`` where the job ended without a plan.
    """
    answer = result.answer
    if answer.x is None:
        raise NoPlanError(
            f"No plan was found within {case.settings.time_limit_s:g} s. Allow more time (time_limit_s) or a wider gap (mip_gap)."
        )
    solution = read_solution(case, matrix, draft.run_index, answer.x)
    seconds = {"build": built, **answer.seconds, "solve": time.monotonic() - started}
    outcome = _outcome(target, draft.scales, answer, result.stopped)
    outcome.seconds.update(seconds)
    outcome.statistics.update(_statistics(matrix, answer))
    return solution, outcome


def objective_unit(target: Target, scales: Scales) -> float:
    """Planner's units per unit of the programme's objective."""
    return {
        "compute": scales.compute,
        "cost": scales.money,
        "npv": scales.money,
        "compute_per_dollar": scales.compute / scales.money,
        "compute_per_watt": scales.compute / 1000.0,
        "balanced": 1.0,
    }[target.objective]


def _outcome(target: Target, scales: Scales, answer: Any, stopped: str) -> Outcome:
    """Turn the programme's units into the planner's."""
    per_dollar, per_watt = scales.compute / scales.money, scales.compute / 1000.0  # unit-hours a unit of money, a MWh
    unit = objective_unit(target, scales)
    watt, dollar = (answer.normalisers + (float("nan"),) * 2)[:2]
    outcome = Outcome(
        objective=target.objective,
        status="feasible",
        value=answer.value * unit,
        bound=answer.bound * unit,
        attainable=answer.attainable * scales.compute,
        best_watt=watt * per_watt,
        best_dollar=dollar * per_dollar,
        floor_binds=answer.floor_binds,
        stopped=stopped,
    )
    if outcome.gap <= max(target.gap, 1e-6) * (1 + 1e-6):
        object.__setattr__(outcome, "status", "optimal")
    return outcome


def _statistics(matrix: Matrix, answer: Any) -> dict[str, Any]:
    rows, columns, nonzeros = matrix.size
    return {
        "rows": rows,
        "columns": columns,
        "integers": int(np.count_nonzero(matrix.integer)),
        "nonzeros": nonzeros,
        "trace": answer.trace,
    }


def translate(failure: Failure, case: Case) -> ProcureError:
    """Return a failed job as the error that a planner understands."""
    if failure.kind == "infeasible":
        return InfeasibleError("No plan can satisfy every limit of the case together.")
    if failure.kind == "unbounded":
        return UnboundedError(
            f"The objective '{case.settings.objective}' can grow without end: something that should limit it is missing "
            "(a unit that sells for more than it costs and has no allocation, or rented compute without a maximum)."
        )
    if failure.kind == "not positive":
        return UnboundedError(
            f"The ratio '{case.settings.objective}' has no best value: {failure.text}. Use the objective npv or compute, "
            "or check terminal and resale values."
        )
    if failure.kind in ("time limit", "interrupted"):
        return NoPlanError(
            "Interrupted before any plan was found."
            if failure.kind == "interrupted"
            else f"No plan was found within {case.settings.time_limit_s:g} s. Allow more time (time_limit_s) or a wider gap (mip_gap).",
            interrupted=failure.kind == "interrupted",
        )
    return ProcureError(f"The solving process failed ({failure.kind}). {failure.text}")
