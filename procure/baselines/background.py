"""Baselines beside a solve: played through in a thread while the solving process has the machine's other core."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procure.baselines.table import Baseline
    from procure.case import Case
    from procure.plan import Plan

__all__ = ["Background"]

#: Seconds that a finished solve waits for the rules that are still being played through, at least; or this share of
#: the time that the solve took; after Ctrl-C or the time limit no more than so many seconds.
PATIENCE, PATIENT_SHARE, HURRIED = 10.0, 0.05, 1.0


class Background:
    """Plays the rules through from ``start`` on; ``attach`` waits for them, not for ever, and adds the sheet."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._done: list[Baseline] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure = ""

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread = threading.Thread(target=self._run, name="baselines", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Play no further rule."""
        self._stop.set()

    def _run(self) -> None:
        from procure.baselines import play_rules

        try:
            play_rules(self._case, self._stop.is_set, self._done.append)
        except Exception as error:  # noqa: BLE001 - a fault here must not cost the planner the plan; the sheet says it
            self._failure = f"{type(error).__name__}: {error}"

    def attach(self, plan: Plan, *, added_rules: bool = False) -> None:
        """Attach the sheet ``baselines`` to a plan; rules that are not done in time stand there as not computed."""
        from procure.baselines import attach_baselines

        if self._thread is None:
            self.start()
        started = time.monotonic()
        took = plan.outcome.seconds.get("solve", 0.0)
        patience = HURRIED if plan.outcome.stopped else max(PATIENCE, PATIENT_SHARE * took)
        if self._thread is not None:
            self._thread.join(patience)
        self.cancel()
        attach_baselines(plan, list(self._done), failure=self._failure, added_rules=added_rules)
        plan.outcome.seconds["baselines"] = time.monotonic() - started
