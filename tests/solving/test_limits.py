"""Time limits that hold and Ctrl-C that gives what there is, whatever the solving process does."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from helpers import make, solve
from random_cases import random_frames

import procure
from procure.case import Case
from procure.errors import NoPlanError
from procure.solving.found import Silent
from procure.solving.job import Job, run_job
from procure.solving.objectives import objective_value
from procure.solving.solve import compile_case, target_of
from procure.solving.supervisor import Failure, Worker, supervise

HERE = Path(procure.__file__).resolve().parent.parent


def hard_frames(objective: str) -> dict[str, pd.DataFrame]:
    """A case whose last gap takes far longer than any limit here: to the last digit, minutes."""
    return random_frames(
        np.random.default_rng(1), generations=8, sites=10, periods=16, objective=objective, mip_gap=0.0
    )


class Puppet(Worker):
    """A solving process that runs a script of the test instead."""

    def __init__(self, script: str) -> None:
        self.script = textwrap.dedent(script)
        popen = subprocess.Popen

        def start(_command: list[str], **options: Any) -> subprocess.Popen[bytes]:
            return popen([sys.executable, "-c", self.script], **options)

        original, subprocess.Popen = subprocess.Popen, start  # type: ignore[misc,assignment]
        try:
            super().__init__()
        finally:
            subprocess.Popen = original  # type: ignore[misc]


SEND = """
import pickle, sys, time
job = pickle.load(sys.stdin.buffer)
def send(kind, payload):
    data = pickle.dumps((kind, payload))
    sys.stdout.buffer.write(len(data).to_bytes(8, "little") + data)
    sys.stdout.buffer.flush()
"""


@pytest.fixture(scope="module")
def small() -> tuple[Job, Any]:
    """A job of a hall of ten units, and its best point."""
    case = make()
    _, matrix = compile_case(case)
    return Job(matrix, target_of(case), 60.0), solve(case).answer.x


def limited(job: Job, seconds: float) -> Job:
    return Job(job.matrix, job.target, seconds, job.seed)


def test_a_process_that_never_answers_is_ended_at_the_limit(small: tuple[Job, Any]) -> None:
    """Proves: a hanging solver costs a second more than its limit. Sensitivity: without the parent's clock it hangs."""
    worker = Puppet("import time; time.sleep(600)")
    started = time.monotonic()
    with pytest.raises(Failure) as caught:
        supervise(limited(small[0], 0.5), worker)
    assert caught.value.kind == "time limit"
    assert time.monotonic() - started < 10
    assert worker.process.poll() is not None


def test_what_was_streamed_before_the_limit_is_the_answer(small: tuple[Job, Any]) -> None:
    """Proves: the best incumbent and the last bound of a process that then hangs make the plan, exact.

    Sensitivity: without the stream there would be no plan; by the last incumbent it would be the worse one.
    """
    job, x = small
    worse = np.zeros_like(x)
    script = (
        SEND
        + f"""
import numpy as np
send("bound", (1e9, (), 123.0))
send("incumbent", pickle.loads({pickle.dumps(worse)!r}))
send("incumbent", pickle.loads({pickle.dumps(x)!r}))
send("incumbent", pickle.loads({pickle.dumps(worse)!r}))
time.sleep(600)
"""
    )
    seen = []
    result = supervise(limited(job, 4.0), Puppet(script), seen.append)
    assert result.stopped == "time limit"
    assert result.answer.value == pytest.approx(job.matrix.functionals["compute_pv"](x))
    assert (result.answer.bound, result.answer.attainable) == (1e9, 123.0)
    assert seen[-1].value == pytest.approx(result.answer.value)


def test_a_process_that_dies_is_said_to_have_died(small: tuple[Job, Any]) -> None:
    """Proves: a crash is told from a time limit.

    Sensitivity: taken for one, the planner would be told to wait longer.
    """
    with pytest.raises(Failure) as caught:
        supervise(limited(small[0], 30.0), Puppet("import os; os._exit(139)"))
    assert caught.value.kind == "crashed"
    assert "139" in caught.value.text


def test_a_crash_after_an_incumbent_still_gives_the_plan(small: tuple[Job, Any]) -> None:
    """Proves: what was found before a crash is kept. Sensitivity: it would be lost with the process."""
    job, x = small
    script = (
        SEND
        + f"""
send("incumbent", pickle.loads({pickle.dumps(x)!r}))
import os; os._exit(139)
"""
    )
    result = supervise(limited(job, 30.0), Puppet(script))
    assert result.stopped == "crashed"
    assert result.answer.value == pytest.approx(job.matrix.functionals["compute_pv"](x))
    assert result.answer.bound == float("inf")  # nothing was proven


@pytest.mark.parametrize("objective", ["compute", "balanced"])
def test_the_time_limit_of_a_hard_case_holds(objective: str) -> None:
    """Proves: four seconds are four, plus building, finishing and the process: a plan with a valid bound, or none.

    Sensitivity: to the end this case takes minutes.
    """
    case = Case.from_frames(hard_frames(objective))
    compile_case(case)
    started = time.monotonic()
    plan = None
    with contextlib.suppress(NoPlanError):  # on a machine that is busy enough there is none yet
        plan = procure.solve(case, time_limit=4.0, baselines=False, bottlenecks=0)
    if plan is not None:
        assert plan.outcome.bound >= plan.outcome.value
        assert plan.outcome.stopped == "time limit"
        assert (plan.checks["verdict"] != "fail").all()
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("objective", ["compute", "npv", "compute_per_dollar"])
def test_a_streamed_point_is_made_exact_by_the_same_steps_as_a_finished_one(objective: str) -> None:
    """Proves: the point that an interrupt leaves comes back with its objective and its cost no worse, solved again.

    Sensitivity: with the objective's value not passed on, the second solve was refused and the point kept as it was,
    dear energy before cheap energy and all.
    """
    case = Case.from_frames(hard_frames(objective))
    _, matrix = compile_case(case)
    points: list[np.ndarray] = []

    class Stop(Silent):
        def incumbent(self, x: np.ndarray) -> None:
            points.append(np.array(x))
            raise KeyboardInterrupt

    target = target_of(case)
    with pytest.raises(KeyboardInterrupt):
        run_job(Job(matrix, target, 60.0), Stop())
    measures = (1.0,) * len(target.ratios)
    answer = run_job(Job(matrix, target, 60.0, finish_only=points[0], normalisers=measures), Silent())
    assert answer.x is not None and not answer.trace  # a note there says that the point was kept
    assert answer.value >= objective_value(matrix, target, measures, points[0]) * (1 - 1e-6)
    assert matrix.functionals["cost"](answer.x) <= matrix.functionals["cost"](points[0]) * (1 + 1e-6)


def start_solve(folder: Path, stderr: int) -> subprocess.Popen[bytes]:
    workbook = folder / "case.xlsx"
    with pd.ExcelWriter(workbook, engine="openpyxl") as book:
        for name, frame in hard_frames("compute").items():
            frame.to_excel(book, sheet_name=name, index=False)
    command = [
        sys.executable,
        "-m",
        "procure",
        "solve",
        str(workbook),
        "-o",
        str(folder / "plan.xlsx"),
        "--time-limit",
        "600",
    ]
    env = dict(os.environ) | {"PYTHONPATH": str(HERE)}
    return subprocess.Popen(command, stderr=stderr, stdout=subprocess.DEVNULL, env=env, cwd=folder)


def listen(terminal: int, words: tuple[bytes, ...], seconds: float) -> bytes:
    """Read a terminal until one of the words is on it, or the time is over, or it is closed."""
    import select

    text, end = b"", time.monotonic() + seconds
    while time.monotonic() < end and not any(word in text for word in words):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                text += os.read(terminal, 65536)
            except OSError:
                break
    return text


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("wait_for", [b"best ", b" s  "])
def test_ctrl_c_gives_the_incumbent_or_says_that_there_is_none(tmp_path: Path, wait_for: bytes) -> None:
    """Proves: interrupted with an incumbent, the plan is written (status 0); before there was one, nothing is (130).

    Sensitivity: an interrupt that went to the solver as well, or through the command, would leave neither.
    """
    terminal, side = os.openpty()
    process = start_solve(tmp_path, side)
    os.close(side)
    try:
        shown = listen(terminal, (wait_for,), 90)
        assert wait_for in shown
        process.send_signal(signal.SIGINT)
        rest = listen(terminal, (b"Ctrl-C", b"nterrupted"), 90)
        status = process.wait(90)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    plan = tmp_path / "plan.xlsx"
    if status == 0:
        assert b"Ctrl-C" in rest
        summary = pd.read_excel(plan, sheet_name="summary", engine="openpyxl").set_index("key")["value"]
        assert summary["status"] == "feasible"
    else:
        assert status == 130
        assert b"nterrupted" in rest
        assert not plan.exists()
        assert wait_for != b"best "  # with an incumbent there must be a plan
