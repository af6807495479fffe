"""Case → explanation: causes, smallest sets of limits that cannot hold together, ways out; or what binds.

Each finding is handed on as soon as it is there, so that whoever runs out of time still has what is known.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procure.explaining.binding import binding_limits
from procure.explaining.building import LARGEST, build_model
from procure.explaining.causes import plain_causes
from procure.explaining.conflict import Conflict, find_conflict, lifted
from procure.explaining.findings import Cause, Clash, Explanation
from procure.explaining.solver import Clock, hold_together
from procure.explaining.trying import Trial
from procure.explaining.widen import candidates
from procure.solving.engine import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case
    from procure.explaining.model import Model

__all__ = ["diagnose"]

CLASHES = 5
FIRST_SHARE = 0.6  # of the time that is left, for the first clash
FURTHER_SHARE = 0.2  # of what is left then, for further ones; the rest is for ways out
VERDICT_SHARE = 0.5


def diagnose(
    case: Case,
    rules: Sequence[Callable[[Any], None]] = (),
    *,
    seconds: float = 60.0,
    known_infeasible: bool = False,
    report: Callable[[Explanation], None] = lambda _found: None,
) -> Explanation:
    """Explain a case within about ``seconds``; ``report`` gets the explanation each time that it has grown.

    ``known_infeasible``: the solver has found that there is no plan. That is believed only where the programme with
    slack does not show the contrary.
    """
    run = _Diagnosis(case, tuple(rules), Clock(seconds), report, known_infeasible)
    started = time.monotonic()
    try:
        run.run()
    except OutOfTime:
        run.note_time()
    run.found.seconds = time.monotonic() - started
    report(run.found)
    return run.found


@dataclass(slots=True)
class _Diagnosis:
    case: Case
    rules: tuple[Callable[[Any], None], ...]
    clock: Clock
    report: Callable[[Explanation], None]
    known_infeasible: bool
    found: Explanation = field(default_factory=lambda: Explanation("unknown"))

    def run(self) -> None:
        """Causes, verdict, clashes, ways out."""
        self.found.causes = plain_causes(self.case)
        if self.found.causes or self.known_infeasible:
            self.found.status = "infeasible"
        self.report(self.found)
        model = self.build()
        if model is None:
            return
        if candidates(self.case) > LARGEST:
            self.found.notes.append(
                "The case is large: order windows, lead times, licence dates and where units fit were taken as given."
            )
        first = self.first_clash(model)
        if first is None:
            return
        trial = Trial(self.case, self.rules, model, self.clock, self.found.ways_out, lambda: self.report(self.found))
        trial.less_demand(first.members)
        conflicts = self.further_clashes(model, first)
        trial.run([member for conflict in conflicts for member in conflict.members])
        if not self.found.ways_out:
            self.found.notes.append("No way out by a few changes was found.")

    def build(self) -> Model | None:
        """Build the model; a user rule that nothing can satisfy is the cause then and there."""
        from procure.programme import InfeasibleConstraintException

        try:
            try:
                return build_model(self.case, self.rules)
            except InfeasibleConstraintException:
                raise
            except Exception:
                if not self.rules:
                    raise
                return build_model(self.case, self.rules, structure=False)  # a rule that the opened programme breaks
        except InfeasibleConstraintException as error:
            self.found.status = "infeasible"
            self.found.causes.append(
                Cause(f"one of your rules is a row that no decision can satisfy: {error}", "", None)
            )
            return None

    def first_clash(self, model: Model) -> Conflict | None:
        """Find a set of limits that cannot hold together, on the relaxation, else on whole numbers."""
        active = model.everything()
        conflict = find_conflict(model, active, self.part(FIRST_SHARE), whole=False, keep=lambda c: self.show([c]))
        if conflict is None:
            if self.settle(model):
                return None
            conflict = find_conflict(model, active, self.part(FIRST_SHARE), whole=True, keep=lambda c: self.show([c]))
        if conflict is None:
            self.found.notes.append("The limits that cannot hold together were not found in the time.")
        else:
            self.show([conflict])
        return conflict

    def further_clashes(self, model: Model, first: Conflict) -> list[Conflict]:
        """Find up to four more sets, each without what the ones before have in it."""
        conflicts, active, until = [first], model.everything(), self.part(FURTHER_SHARE)
        while len(conflicts) < CLASHES:
            active &= ~lifted(conflicts[-1], model)
            try:
                more = find_conflict(model, active, until, whole=first.whole, keep=lambda c: self.show([*conflicts, c]))
            except OutOfTime:
                more = None
            if more is None:
                break
            conflicts.append(more)
        self.show(conflicts)
        return conflicts

    def part(self, share: float) -> Clock:
        """Return a clock with a share of the time that is left."""
        return self.clock.part(share * self.clock.left)

    def show(self, conflicts: Sequence[Conflict]) -> None:
        """Hand on the clashes so far."""
        self.found.status = "infeasible"
        self.found.clashes = [Clash(tuple(c.members), c.irreducible, c.whole) for c in conflicts]
        self.report(self.found)

    def settle(self, model: Model) -> bool:
        """Say whether whole numbers hold too; True where that ends the matter."""
        held = hold_together(model, model.everything(), self.clock, seconds=VERDICT_SHARE * self.clock.left)
        if held:
            self.found.status = "feasible"
            self.found.causes = []
            self.report(self.found)
            self.found.binding = binding_limits(model, self.clock)
            return True
        if held is None and not self.known_infeasible:
            self.found.status = "unknown"
            self.found.notes.append(
                "With fractions of units a plan exists; whether one of whole units does was not settled in the time."
            )
            return True
        self.found.status = "infeasible"
        return False

    def note_time(self) -> None:
        """Say what is missing where time ran out."""
        found = self.found
        if found.status == "infeasible":
            missing = (
                "the limits that cannot hold together and ways out"
                if not found.clashes
                else "further ways out"
                if found.ways_out
                else "ways out"
            )
            found.notes.append(
                f"The time for explaining ran out before {missing} were found; allow more with --time-limit."
            )
        elif found.status == "unknown":
            found.notes.append("The time for explaining ran out first; allow more with --time-limit.")
