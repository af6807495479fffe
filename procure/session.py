"""Solving one case again and again with changed numbers: the programme, the solver and the last plan stay.

>>> with procure.Session("case.xlsx", objective="balanced") as session:   # doctest: +SKIP
...     plan = session.solve()
...     dearer = session.solve(session.case.with_value("prices", "GB300", "2027Q1", 60_000))
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from procure.case import Case
    from procure.plan import Plan
    from procure.programme.draft import Draft
    from procure.solving.matrix import Matrix
    from procure.solving.renumber import Renumbering
    from procure.solving.supervisor import Progress, Worker

__all__ = ["Session"]


class Session:
    """Solves of cases that differ in numbers, in one solving process that keeps what it knows.

    A case with the same candidates (generations, sites, periods, options, projects) is solved without building anything:
    its numbers are taken over, relaxations start where the last ones of their kind ended, and a plan found before is kept if
    it is proven to be within the gap still, or followed as far as the new numbers allow (ties that they make are not broken
    in a large programme, nor where a plan is kept). Any other case is built anew (``built`` counts). Every plan is proven and audited as one of ``procure.solve`` is; rules of thumb and analyses are
    not part of a session.

    Parameters
    ----------
    case
        Path of an input workbook, or a ``procure.Case``: the one that ``solve()`` solves.
    objective, watt_basis, compute_floor, time_limit, gap, seed
        Override the settings of every case solved, as in ``procure.solve``.

    Raises
    ------
    InputError
        The workbook has faults.
    """

    def __init__(
        self,
        case: str | Path | Case,
        *,
        objective: str | None = None,
        watt_basis: str | None = None,
        compute_floor: float | None = None,
        time_limit: float | None = None,
        gap: float | None = None,
        seed: int | None = None,
    ) -> None:
        from procure.api import overrides
        from procure.case import Case

        self._changes = overrides(objective, watt_basis, compute_floor, time_limit, gap, seed)
        given = case if isinstance(case, Case) else Case.from_workbook(case)
        self.case = given.with_settings(**self._changes)
        self.built = 0
        self._worker: Worker | None = None
        self._draft: Draft | None = None
        self._numbers: Renumbering | None = None

    def __enter__(self) -> Session:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the solving process."""
        self.close()

    def close(self) -> None:
        """End the solving process; the next solve starts another."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def solve(self, case: Case | None = None, *, progress: Callable[[Progress], None] | None = None) -> Plan:
        """Find the best plan of a case (default: the session's own), with a proven bound.

        ``plan.outcome.seconds`` tells where the time went: ``build`` is taking over the numbers. Raises ``InfeasibleError``
        (``procure.explain`` says why), ``UnboundedError`` or ``NoPlanError``, as ``procure.solve`` does.
        """
        from procure.audit import audit
        from procure.garbage import without_collecting
        from procure.plan import Plan
        from procure.solving.live import LiveJob
        from procure.solving.solve import read_answer, target_of, translate
        from procure.solving.supervisor import Failure, Worker, supervise

        case = self.case if case is None else case.with_settings(**self._changes)
        started = time.monotonic()
        if self._worker is None or not self._worker.alive:
            self.close()
            self._worker = Worker()  # its imports run while the programme is built
        draft, matrix = self._programme(case)
        built = time.monotonic() - started
        left = max(1.0, case.settings.time_limit_s - built)
        job = LiveJob(matrix, target_of(case), left, case.settings.random_seed)
        try:
            result = supervise(job, self._worker, progress)
        except Failure as failure:
            raise translate(failure, case) from None
        with without_collecting():
            solution, outcome = read_answer(case, draft, matrix, job.target, result, built, started)
            began = time.monotonic()
            plan = Plan(solution, outcome)
            plan.attach_checks(audit(case.tables, plan.frames).checks)
        outcome.seconds["plan_and_audit"] = time.monotonic() - began
        return plan

    def _programme(self, case: Case) -> tuple[Draft, Matrix]:
        """Return the case's numbers in the programme that stands, or build one."""
        from procure.programme import Restructured
        from procure.solving.renumber import Renumbering
        from procure.solving.solve import compile_case

        if self._draft is not None and self._numbers is not None:
            try:
                return self._draft, self._numbers.of(case)
            except Restructured:
                pass
        self._draft, matrix = compile_case(case)
        self._numbers = Renumbering(self._draft, matrix)
        self.built += 1
        return self._draft, matrix
