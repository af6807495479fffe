"""Several jobs at once, each in a solving process of its own; what one finishes is kept whatever happens to the others."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING, Any

from procure.solving.supervisor import GRACE, Failure, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["run_jobs", "run_one"]

PAUSE = 0.05


def run_one(job: Any, seconds: float, listen: Callable[[int, str, Any], None] | None = None) -> Any:
    """Run one job and return its answer; raises ``Failure`` where there is none."""
    (answer,) = run_jobs([job], seconds, listen)
    if isinstance(answer, Failure):
        raise answer
    return answer


def run_jobs(jobs: Sequence[Any], seconds: float, listen: Callable[[int, str, Any], None] | None = None) -> list[Any]:
    """Run jobs side by side; return for each its answer or the ``Failure`` that it ended with.

    ``listen`` hears every message as (job, kind, payload) in this thread. Ctrl-C ends all processes and is raised again.
    """
    workers = [Worker() for _ in jobs]
    answers: list[Any] = [None] * len(jobs)
    waiting = set(range(len(jobs)))
    deadline = time.monotonic() + seconds + GRACE
    try:
        for worker, job in zip(workers, jobs, strict=True):
            worker.send(job)
        while waiting and time.monotonic() < deadline:
            busy = False
            for i in sorted(waiting):
                try:
                    kind, payload = workers[i].messages.get_nowait()
                except queue.Empty:
                    continue
                busy = True
                if kind == "answer":
                    answers[i] = payload
                elif kind == "failed":
                    answers[i] = Failure(*payload)
                elif kind == "ended":
                    answers[i] = Failure("crashed", f"exit status {workers[i].process.poll()}")
                elif listen is not None:
                    listen(i, kind, payload)
                if answers[i] is not None:
                    waiting.discard(i)
            if not busy:
                time.sleep(PAUSE)
    finally:
        for worker in workers:
            worker.end()
    return [Failure("time limit") if answer is None else answer for answer in answers]
