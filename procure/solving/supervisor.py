"""A solve that keeps its time: the job runs in a child process that streams what it finds and can be ended.

HiGHS does not always stop at its time limit and can, rarely, take its process with it. The parent therefore keeps the
best point that was streamed, ends the child at the limit (or at Ctrl-C), and has that point made exact by a second,
short job. ``Worker`` starts the child before the job is ready, so that its imports overlap with the build.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procure.solving.job import Answer, Job
from procure.solving.objectives import objective_value

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from procure.solving.live import LiveJob

__all__ = ["Failure", "Progress", "Supervised", "Worker", "supervise"]

GRACE = 1.0
FINISH_SECONDS = 60.0
# threads of numpy's linear algebra in a solving process: its vectors are short, and threads that wait for them cost a third
ALONE = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


class Failure(Exception):  # noqa: N818 - an outcome that the caller translates
    """The job ended without an answer: ``kind`` is infeasible, unbounded, not positive, error, or crashed."""

    def __init__(self, kind: str, text: str = "") -> None:
        self.kind, self.text = kind, text
        super().__init__(f"{kind}: {text}" if text else kind)


@dataclass(slots=True)
class Progress:
    """What a listener is told: the stage, seconds since the start, objective and bound of the best plan so far."""

    stage: str
    seconds: float
    value: float | None = None
    bound: float | None = None


@dataclass(slots=True)
class Supervised:
    """A job's answer and how it ended: '' (by itself), 'time limit', 'interrupted', or 'crashed'."""

    answer: Answer
    stopped: str


class Worker:
    """A solving process, started at once; ``run`` hands it a job."""

    def __init__(self) -> None:
        env = dict(os.environ)
        home = str(Path(__file__).resolve().parents[2])
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [home, env.get("PYTHONPATH", "")]))
        for name in ALONE:
            env.setdefault(name, "1")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "procure.solving.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, start_new_session=True,
        )  # fmt: skip
        self.messages: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, job: Any) -> None:
        """Hand over the job; the pipe stays open as a sign of life."""
        pipe = self.process.stdin
        if pipe is None:
            raise RuntimeError("the solving process has no input")
        with contextlib.suppress(BrokenPipeError):
            pickle.dump(job, pipe, protocol=pickle.HIGHEST_PROTOCOL)
            pipe.flush()

    def _read(self) -> None:
        pipe = self.process.stdout
        if pipe is None:
            raise RuntimeError("the solving process has no output")
        while len(head := pipe.read(8)) == 8:
            size = int.from_bytes(head, "little")
            data = pipe.read(size)
            if len(data) < size:
                break
            self.messages.put(pickle.loads(data))  # noqa: S301 - from our own child process
        self.messages.put(("ended", None))

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def end(self) -> None:
        """End the process now, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def supervise(
    job: Job | LiveJob, worker: Worker | None = None, listen: Callable[[Progress], None] | None = None
) -> Supervised:
    """Run a job to its end, its time limit or Ctrl-C, and return the best answer there is.

    The worker is ended, unless the job ``stays`` and gave its answer or said that there is no plan. Raises ``Failure``
    when the job found that there is no plan, or ended with nothing to show.
    """
    worker = worker or Worker()
    best = _Best(job)
    started = time.monotonic()
    stopped, kept, stays = "", False, getattr(job, "stays", False)
    try:
        worker.send(job)
        stopped = _follow(worker, best, started, started + job.seconds + GRACE, listen or (lambda _progress: None))
        kept = stays and best.answer is not None
    except KeyboardInterrupt:
        stopped = "interrupted"
    except Failure as failure:
        kept = stays and failure.kind != "error"
        raise
    finally:
        if not kept:
            worker.end()
    if best.answer is not None:
        return Supervised(best.answer, "time limit" if _ran_out(best.answer) else "")
    if best.x is None:
        raise Failure(stopped or "crashed", f"exit status {worker.process.returncode}")
    return Supervised(_finish(job, best), stopped or "crashed")


def _ran_out(answer: Answer) -> bool:
    return any(step.get("stage") == "out of time" for step in answer.trace)


def _follow(worker: Worker, best: _Best, started: float, deadline: float, listen: Callable[[Progress], None]) -> str:
    stage = "starting"
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return "time limit"
        try:
            kind, payload = worker.messages.get(timeout=min(left, 0.5))
        except queue.Empty:
            continue
        if kind == "answer":
            best.answer = payload
            return ""
        if kind == "failed":
            raise Failure(*payload)
        if kind == "ended":
            return "crashed"
        if kind == "stage":
            stage = payload
        elif kind == "incumbent":
            best.offer(payload)
        elif kind == "bound":
            best.prove(*payload)
        listen(Progress(stage, time.monotonic() - started, best.value, best.bound))


class _Best:
    """The best streamed point so far, by the job's own objective."""

    def __init__(self, job: Job | LiveJob) -> None:
        self.job = job
        self.answer: Answer | None = None
        self.x: NDArray[np.float64] | None = None
        self.value: float | None = None
        self.bound: float | None = None
        self.normalisers: tuple[float, ...] = ()
        self.attainable = float("nan")

    def prove(self, bound: float, normalisers: tuple[float, ...], attainable: float) -> None:
        self.bound, self.attainable = bound, attainable
        if normalisers != self.normalisers:
            self.normalisers = normalisers
            if self.x is not None:
                self.value = objective_value(self.job.matrix, self.job.target, normalisers, self.x)

    def offer(self, x: NDArray[np.float64]) -> None:
        value = objective_value(self.job.matrix, self.job.target, self.normalisers, x)
        if self.value is None or value >= self.value:
            self.x, self.value = x, value


def _finish(job: Job | LiveJob, best: _Best) -> Answer:
    """Make the streamed point exact in a fresh process; keep it as it is should that fail too."""
    short = Job(job.matrix, job.target, FINISH_SECONDS, job.seed, finish_only=best.x, normalisers=best.normalisers)
    worker = Worker()
    last = _Best(short)
    try:
        worker.send(short)
        _follow(worker, last, time.monotonic(), time.monotonic() + FINISH_SECONDS, lambda _progress: None)
    except (Failure, KeyboardInterrupt):
        pass
    finally:
        worker.end()
    answer = last.answer or Answer(best.x, best.value or 0.0, float("inf"), float("nan"), best.normalisers, floor_binds=False)
    answer.bound = max(best.bound, answer.value) if best.bound is not None else float("inf")
    answer.attainable, answer.normalisers = best.attainable, best.normalisers
    return answer
