"""Asking for an explanation: of a case, of a workbook whose tables contradict each other, of a solver's "infeasible".

The work runs in a child process that streams what it finds, so that the time is kept whatever the solver does; what is
known when it runs out is the answer. With rules of the user's own it runs in this process (functions cannot be sent).
"""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procure.errors import InfeasibleError, InputError
from procure.explaining.causes import plain_causes
from procure.explaining.findings import Cause, Explanation, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from procure.case import Case
    from procure.reading.faults import Fault
    from procure.solution import Outcome, Solution
    from procure.solving.supervisor import Progress

    Rule = Callable[[Any], None]

__all__ = ["CONTRADICTIONS", "ExplainJob", "contradiction", "explain_case", "open_case", "reconsider"]

#: Faults that make no cell wrong by itself, only tables that cannot hold together: infeasible, not unreadable.
CONTRADICTIONS = frozenset(["E304", "E305", "E306"])
GRACE = 2.0
LEAST_SECONDS = 5.0
MOST_SECONDS = 60.0


@dataclass(slots=True)
class ExplainJob:
    """An explanation as a job of the solving process."""

    case: Case
    seconds: float
    known_infeasible: bool

    def run(self, stream: Any) -> Explanation:
        """Explain, sending each larger explanation on the way."""
        from procure.explaining.diagnosis import diagnose

        return diagnose(self.case, seconds=self.seconds, known_infeasible=self.known_infeasible,
                        report=lambda found: stream.send("explanation", found))  # fmt: skip


def explain_case(
    case: Case, rules: Sequence[Rule] = (), *, seconds: float = 60.0, known_infeasible: bool = False
) -> Explanation:
    """Explain a case within about ``seconds``; at Ctrl-C, or where the time runs out, return what is known."""
    started = time.monotonic()
    start = Explanation("unknown")
    if known_infeasible:
        start.status, start.causes = "infeasible", plain_causes(case)
    found = (
        _here(case, rules, seconds, known_infeasible, start)
        if rules
        else _beside(case, seconds, known_infeasible, start)
    )
    found.seconds = time.monotonic() - started
    return found


def _here(case: Case, rules: Sequence[Rule], seconds: float, known: bool, start: Explanation) -> Explanation:
    from procure.explaining.diagnosis import diagnose

    last = [start]
    try:
        return diagnose(
            case, rules, seconds=seconds, known_infeasible=known, report=lambda found: last.__setitem__(0, found)
        )
    except KeyboardInterrupt:
        last[0].notes.append("Interrupted while explaining; this is what was known.")
        return last[0]


def _beside(case: Case, seconds: float, known: bool, start: Explanation) -> Explanation:
    from procure.solving.supervisor import Worker

    deadline = time.monotonic() + seconds + GRACE
    worker, last = Worker(), start
    try:
        worker.send(ExplainJob(case, seconds, known))  # type: ignore[arg-type]
        while True:
            try:
                kind, payload = worker.messages.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                last.notes.append("The time for explaining ran out; this is what was known.")
                return last
            if kind == "explanation":
                last = payload
            elif kind == "answer":
                return payload  # type: ignore[no-any-return]
            elif kind in ("failed", "ended"):
                text = f" ({payload[1].splitlines()[0]})" if kind == "failed" and payload[1] else ""
                last.notes.append(f"Explaining ended early{text}; this is what was known.")
                return last
    except KeyboardInterrupt:
        last.notes.append("Interrupted while explaining; this is what was known.")
        return last
    finally:
        worker.end()


def open_case(source: Case | str | Path | Mapping[str, Any]) -> tuple[Case, list[Fault]]:
    """Return a case and the contradictions between its tables (faults E304, E305, E306), if it has any.

    Raises ``procure.InputError`` where the input has any other fault.
    """
    from procure.case import Case
    from procure.reading.pipeline import load, load_frames
    from procure.reading.tables import build_tables

    if isinstance(source, Case):
        return source, []
    if isinstance(source, str | Path):
        path: Path | None = Path(source)
        result, sha256 = load(Path(source))
    else:
        path, sha256 = None, None
        result = load_frames(source)
    faults = result.log.faults()
    errors = [fault for fault in faults if fault.severity == "error"]
    if any(fault.code not in CONTRADICTIONS for fault in errors):
        raise InputError(faults)
    return Case.from_tables(build_tables(result, path, sha256)), errors


def explain_contradiction(
    case: Case, faults: Sequence[Fault], seconds: float, rules: Sequence[Rule] = ()
) -> Explanation:
    """Explain a case whose tables contradict each other: what the reader found comes first among the causes."""
    found = explain_case(case, rules, seconds=seconds, known_infeasible=True)
    known = {cause.cell for cause in found.causes if cause.cell}
    said = [Cause(str(fault).removeprefix("error "), fault.sheet or "", fault.cell) for fault in faults]
    found.causes = said + [cause for cause in found.causes if cause.cell not in known & {c.cell for c in said}]
    found.status = "infeasible"
    return found


def contradiction(source: str | Path, error: InputError, changes: Mapping[str, Any]) -> Exception:
    """Return what to raise for an input error: ``InfeasibleError`` where the tables are sound and only contradict."""
    if any(fault.severity == "error" and fault.code not in CONTRADICTIONS for fault in error.faults):
        return error
    case, faults = open_case(source)
    if changes:
        case = case.with_settings(**changes)
    return infeasible(
        explain_contradiction(case, faults, min(MOST_SECONDS, max(LEAST_SECONDS, case.settings.time_limit_s)))
    )


def infeasible(found: Explanation) -> InfeasibleError:
    """Return the error that carries an explanation."""
    if not found.reasons:
        found.notes.append("The solver found no plan; which limits cannot hold together was not found in the time.")
    return InfeasibleError(found.headline, found.reasons, explanation=found)


def reconsider(
    case: Case, rules: Sequence[Rule], listen: Callable[[Progress], None] | None, seconds: float
) -> tuple[Solution, Outcome]:
    """Answer a solver's "infeasible": raise ``InfeasibleError`` with reasons, or solve again where it was wrong.

    The verdict is wrong where whole numbers satisfy the same rows; then the case is solved once more without presolve.
    """
    from procure.solving.solve import solve_case
    from procure.solving.supervisor import Progress

    if listen is not None:
        listen(Progress("why there is no plan", 0.0))
    found = explain_case(case, rules, seconds=min(MOST_SECONDS, max(LEAST_SECONDS, seconds)), known_infeasible=True)
    if found.status != "feasible":
        raise infeasible(found)
    try:
        return solve_case(case, rules, listen, cautious=True)
    except InfeasibleError:
        text = "A plan holds the limits to within the solver's tolerance, but none was found that holds them exactly."
        raise InfeasibleError(
            text, [Reason("note", text), *(Reason("limit", str(b), b) for b in found.binding)], explanation=found
        ) from None
