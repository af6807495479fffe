"""The solving process: reads a job (anything with a ``run`` method), streams what it finds, answers, and ends.

Jobs come from standard input; one with ``stays`` set is followed by another in the same process.

Standard output carries pickled messages only: (kind, payload) with kinds ``stage``, ``progress``, ``bound``,
``incumbent`` (a point), ``point`` (a finished plan of the frontier), ``answer``, and ``failed`` (kind of failure, text).
HiGHS' own output cannot reach it: the descriptor is moved away first. The process ends by itself when its parent is gone.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["main"]

PAUSE = 0.2  # least seconds between two progress messages


class _Stream:
    """A reporter that sends messages to the parent."""

    def __init__(self, descriptor: int) -> None:
        self._out = os.fdopen(descriptor, "wb", buffering=0)
        self._last = 0.0
        self._lock = threading.Lock()

    def send(self, kind: str, payload: Any) -> None:
        data = pickle.dumps((kind, payload), protocol=pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._out.write(len(data).to_bytes(8, "little"))
            view = memoryview(data)
            while view:
                view = view[self._out.write(view) :]

    def stage(self, name: str) -> None:
        self.send("stage", name)

    def incumbent(self, x: NDArray[np.float64]) -> None:
        self.send("incumbent", x)

    def point(self, point: Any) -> None:
        self.send("point", point)

    def bound(self, facts: tuple[float, tuple[float, ...], float]) -> None:
        self.send("bound", facts)

    def progress(self, value: float, bound: float) -> None:
        now = time.monotonic()
        if now - self._last >= PAUSE:
            self._last = now
            self.send("progress", (value, bound))


def _read(jobs: queue.SimpleQueue[Any]) -> None:
    """Read jobs, and leave when standard input closes: the parent holds its other end for as long as it lives."""
    try:
        while True:
            jobs.put(pickle.load(sys.stdin.buffer))  # noqa: S301 - from the parent process alone
    finally:
        os._exit(1)


def main() -> None:
    """Run one job, or one after the other where they say so (``stays``)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    out = os.dup(1)
    os.dup2(2, 1)
    stream = _Stream(out)

    from procure.solving.engine import Infeasible, Unbounded
    from procure.solving.objectives import NotPositive

    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    stays = True
    while stays:
        job = jobs.get()
        stays = getattr(job, "stays", False)
        try:
            stream.send("answer", job.run(stream))
        except Infeasible:
            stream.send("failed", ("infeasible", ""))
        except Unbounded:
            stream.send("failed", ("unbounded", ""))
        except NotPositive as reason:
            stream.send("failed", ("not positive", str(reason)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
            import traceback

            stream.send("failed", ("error", f"{type(error).__name__}: {error}\n{traceback.format_exc()}"))


if __name__ == "__main__":
    main()
    os._exit(0)  # at once: the interpreter's own end cannot wait for the thread that reads
