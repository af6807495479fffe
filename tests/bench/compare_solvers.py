"""procure's own search beside general solvers on the same programme, one after the other, one thread each.

Run: python tests/bench/compare_solvers.py [--size medium] [--objective compute] [--limit 300] [--only procure highs]
                                           [--json FILE]

Each solver gets the same compiled arrays in a process of its own, the same relative gap (0.1 %) and the same seconds of
wall clock, which cover writing its model; a process that outstays its limit is killed. A plan counts only if it keeps
every row, bound and whole number to 1e-5 (relative to the largest term of the row); its value is recomputed from its
point. Bounds are what each solver says; that no plan of another exceeds them is checked.

All but procure and highspy are optional: pip install linopy pulp ortools. Run it on an idle machine: limits are wall
clock, and what a solver reaches by its limit depends on the seconds of processor that it was given.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import importlib
import json
import math
import os
import pickle
import platform
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.solving.matrix import Functional
from procure.solving.objectives import LINEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]

GAP = 0.001  # relative
GRACE = 20.0  # seconds past its limit after which a solver is killed: start of Python, procure's exact step
TOLERANCE = 1e-5  # of rows (relative), bounds (relative) and whole numbers
HAIR = 1e-6
PACKAGES = ("procure", "numpy", "scipy", "pyomo", "highspy", "linopy", "pulp", "ortools")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")


class DoesNotFit(Exception):  # noqa: N818 - an outcome
    """The programme is not of the kind that the solver takes."""


@dataclass(slots=True)
class Task:
    """What a child is asked: maximise ``objective`` within relative ``gap`` and ``limit`` seconds of wall clock."""

    matrix: Matrix
    objective: str
    gap: float
    limit: float
    began: float = 0.0
    notes: Callable[[str], None] = field(default=print)

    @property
    def goal(self) -> Functional:
        """The objective as one functional, to be maximised (cost: negative)."""
        return goal_of(self.matrix, self.objective)

    def built(self) -> float:
        """Note that the solver's model is written; return the seconds that are left for solving it."""
        self.notes("built")
        return max(1.0, self.limit - (time.monotonic() - self.began))


@dataclass(slots=True)
class Reply:
    """What a solver answers: point (shape n; None: no plan), its bound on the goal, whether it says it has finished."""

    x: Floats | None
    bound: float
    finished: bool
    engine: str = ""


@dataclass(slots=True)
class Result:
    """A solver's line: value and bound in the programme's units, seconds of processor (start of Python apart)."""

    solver: str
    objective: str
    outcome: str = ""
    value: float = math.nan
    bound: float = math.nan
    gap: float = math.nan
    cpu_seconds: float = math.nan  # writing the model and solving it, user + system, child processes included
    build_seconds: float = math.nan  # of them: writing the model
    start_seconds: float = math.nan  # not in them: start of Python, imports, reading the arrays
    wall_seconds: float = math.nan
    worst_row: float = math.nan  # largest violation of the point, relative
    engine: str = ""


def goal_of(matrix: Matrix, objective: str) -> Functional:
    """Return what is maximised as coefficients (shape n) and a constant."""
    parts = [matrix.functionals[name].scaled(weight) for name, weight in LINEAR[objective].items()]
    return Functional(np.sum([part.coefficients for part in parts], axis=0), sum(part.constant for part in parts))


def violation(matrix: Matrix, x: Floats) -> float:
    """Return a point's largest violation: of rows by their largest term, of bounds by their size, of whole numbers."""
    terms = matrix.A.multiply(x[None, :]).tocsr()
    largest = np.abs(terms).max(axis=1).toarray().ravel() if terms.nnz else np.zeros(terms.shape[0])
    activity = np.asarray(matrix.A @ x).ravel()
    worst = float(np.abs(x - np.round(x))[matrix.integer].max(initial=0.0))
    for value, lower, upper, size in (
        (activity, matrix.row_lower, matrix.row_upper, largest), (x, matrix.lower, matrix.upper, np.zeros_like(x)),
    ):  # fmt: skip
        for limit, over in ((lower, lower - value), (upper, value - upper)):
            finite = np.isfinite(limit)
            scale = np.maximum(1.0, np.maximum(size, np.abs(np.where(finite, limit, 0.0))))
            worst = max(worst, float((over / scale)[finite].max(initial=0.0)))
    return worst


# -- solvers: each runs in a child of its own and imports what it needs there ------------------------------------------


def with_procure(task: Task) -> Reply:
    from procure.solving.found import Silent
    from procure.solving.job import Job, run_job
    from procure.solving.objectives import Target

    left = task.built()
    answer = run_job(Job(task.matrix, Target(task.objective, "available", 0.5, task.gap), left), Silent())
    x = None if answer.x is None else answer.x[: task.matrix.A.shape[1]]
    return Reply(x, answer.bound, finished=answer.bound - answer.value <= task.gap * abs(answer.value) * (1 + HAIR))


def with_highs(task: Task) -> Reply:
    import highspy

    m, goal, A = task.matrix, task.goal, task.matrix.A
    highs = highspy.Highs()
    highs.passModel(
        A.shape[1], A.shape[0], A.nnz, 2, 1, -goal.constant, -goal.coefficients,
        m.lower, m.upper, m.row_lower, m.row_upper,
        A.indptr.astype(np.int32), A.indices.astype(np.int32), A.data, m.integer.astype(np.int32),
    )  # fmt: skip
    left = task.built()
    for name, value in {"mip_rel_gap": task.gap, "threads": 1, "time_limit": left}.items():
        highs.setOptionValue(name, value)
    highs.run()
    return _from_highs(highs, -1.0, 0.0)


def _from_highs(highs: Any, sign: float, constant: float) -> Reply:
    import highspy

    info = highs.getInfo()
    x = np.array(highs.getSolution().col_value) if info.primal_solution_status == 2 else None
    finished = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Reply(x, sign * info.mip_dual_bound + constant, finished, f"HiGHS {highs.version()}")


def with_linopy(task: Task) -> Reply:
    """Rows as a grouped sum over the non-zeros, which linopy keeps sparse; a product with A would be dense."""
    import linopy
    import pandas as pd
    from xarray import DataArray

    linopy.options["semantics"] = "v1"
    m, goal, A = task.matrix, task.goal, task.matrix.A.tocoo()
    model = linopy.Model(sparse=True)
    rows, height, parts, aims, blocks = np.arange(A.shape[0]), A.shape[0], [], [], {}
    for name, kind in (("whole", m.integer), ("real", ~m.integer)):  # linopy: one kind of number per array of variables
        if not kind.any():
            continue
        blocks[name] = columns = np.flatnonzero(kind)
        x = model.add_variables(
            m.lower[columns], m.upper[columns], [pd.Index(columns, name="column")], name, integer=name == "whole"
        )
        here = kind[A.col]
        # a zero in every row, so that both blocks have all rows and can be added; linopy drops it for the solver
        entry = {"entry": np.arange(np.count_nonzero(here) + height)}
        column = DataArray(np.append(A.col[here], np.full(height, columns[0])), entry)
        weight = DataArray(np.append(A.data[here], np.zeros(height)), entry)
        owner = pd.Series(np.append(A.row[here], rows), pd.Index(entry["entry"], name="entry"), name="row")
        parts.append((x.sel(column=column) * weight).groupby(owner).sum())
        aims.append((x * DataArray(goal.coefficients[columns], {"column": columns})).sum())
    body = sum(parts[1:], parts[0])
    equal = m.row_lower == m.row_upper
    for sign, limit, wanted in (("=", m.row_lower, equal), (">=", m.row_lower, ~equal), ("<=", m.row_upper, ~equal)):
        picked = np.flatnonzero(wanted & np.isfinite(limit))
        if picked.size:
            model.add_constraints(body.sel(row=picked), sign, DataArray(limit[picked], {"row": picked}))
    model.add_objective(sum(aims[1:], aims[0]), sense="max")
    left = task.built()
    model.solve("highs", io_api="direct", mip_rel_gap=task.gap, threads=1, time_limit=left)
    reply = _from_highs(model.solver_model, 1.0, goal.constant)
    if reply.x is not None:
        reply.x = np.zeros(A.shape[1])
        for name, columns in blocks.items():
            reply.x[columns] = model.variables[name].solution.to_numpy()
    return reply


def with_pulp(task: Task) -> Reply:
    """CBC of the wheel. PuLP hands the programme over as a file, which it writes after ``built``."""
    import pulp

    m, goal, A = task.matrix, task.goal, task.matrix.A
    solver = getattr(pulp, "PULP_CBC_CMD", pulp.COIN_CMD)
    if not solver(msg=False).available():
        raise ModuleNotFoundError("no CBC in this PuLP", name="cbc")

    def finite(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    problem = pulp.LpProblem("programme", pulp.LpMinimize)
    kinds = np.where(m.integer, pulp.LpInteger, pulp.LpContinuous)
    x = [pulp.LpVariable(f"x{j}", finite(low), finite(high), str(kind))
         for j, (low, high, kind) in enumerate(zip(m.lower, m.upper, kinds, strict=True))]  # fmt: skip
    used = np.flatnonzero(goal.coefficients)
    problem += pulp.LpAffineExpression([(x[j], -float(goal.coefficients[j])) for j in used])
    for i, (low, high) in enumerate(zip(m.row_lower, m.row_upper, strict=True)):
        span = slice(A.indptr[i], A.indptr[i + 1])
        terms = [(x[j], float(v)) for j, v in zip(A.indices[span], A.data[span], strict=True)]
        both = [(pulp.LpConstraintGE, low), (pulp.LpConstraintLE, high)]
        sides = both if low < high else [(pulp.LpConstraintEQ, low)]
        for sense, limit in sides:
            if np.isfinite(limit):
                problem.addConstraint(pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, rhs=float(limit)))
    log = Path(tempfile.gettempdir()) / "cbc.log"
    left = task.built()
    problem.solve(solver(gapRel=task.gap, timeLimit=left, threads=1, logPath=str(log)))
    text = log.read_text(encoding="utf-8", errors="replace")
    found = problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    point = np.array([v.varValue or 0.0 for v in x]) if found else None
    finished = "Result - Optimal solution found" in text
    bound = _cbc_bound(text) if not finished or "Lower bound:" in text else float(-goal.coefficients @ point)
    version = re.search(r"Version:\s*(\S+)", text)
    return Reply(point, goal.constant - bound, finished, f"CBC {version[1]}" if version else "CBC")


def _cbc_bound(log: str) -> float:
    """Return the last lower bound in the log of CBC (PuLP does not keep it); −inf if there is none."""
    for pattern in (r"Lower bound:\s+(\S+)", r"best possible\s+(\S+)", r"Continuous objective value is\s+(\S+)"):
        hits = re.findall(pattern, log)
        if hits:
            return float(hits[-1].rstrip(",)"))
    return -math.inf


def with_mathopt(task: Task, engine: str) -> Reply:
    """Solve by an engine of OR-Tools' MathOpt."""
    from datetime import timedelta

    from ortools.math_opt.python import mathopt

    m, goal, A = task.matrix, task.goal, task.matrix.A
    if engine == "CP_SAT" and not m.integer.all():
        raise DoesNotFit("continuous columns")
    model = mathopt.Model()
    x = [model.add_variable(lb=float(low), ub=float(high), is_integer=bool(kind))
         for low, high, kind in zip(m.lower, m.upper, m.integer, strict=True)]  # fmt: skip
    for i, (low, high) in enumerate(zip(m.row_lower, m.row_upper, strict=True)):
        row = model.add_linear_constraint(lb=float(low), ub=float(high))
        for k in range(A.indptr[i], A.indptr[i + 1]):
            row.set_coefficient(x[A.indices[k]], float(A.data[k]))
    for j in np.flatnonzero(goal.coefficients):
        model.objective.set_linear_coefficient(x[j], float(goal.coefficients[j]))
    model.objective.offset = goal.constant
    model.objective.is_maximize = True
    left = task.built()
    settings = mathopt.SolveParameters(time_limit=timedelta(seconds=left), relative_gap_tolerance=task.gap)
    if engine == "HIGHS":
        settings.highs.int_options["threads"] = 1  # MathOpt refuses its own option for HiGHS
    else:
        settings.threads = 1
    result = mathopt.solve(model, getattr(mathopt.SolverType, engine), params=settings)
    point = np.array(result.variable_values(x)) if result.has_primal_feasible_solution() else None
    bound = float(result.termination.objective_bounds.dual_bound)
    finished = result.termination.reason == mathopt.TerminationReason.OPTIMAL
    return Reply(point, bound, finished, _scip() if engine == "GSCIP" else "the HiGHS of its wheel")


def _scip() -> str:
    from ortools.linear_solver import pywraplp

    return str(pywraplp.Solver.CreateSolver("SCIP").SolverVersion()).split(" [")[0]


MATHOPT = "ortools.math_opt.python.mathopt"
SOLVERS: dict[str, tuple[Callable[[Task], Reply], str]] = {  # and the module whose import is no part of the building
    "procure": (with_procure, "procure.solving.job"),
    "highs": (with_highs, "highspy"),
    "linopy-highs": (with_linopy, "linopy"),
    "pulp-cbc": (with_pulp, "pulp"),
    "ortools-scip": (lambda task: with_mathopt(task, "GSCIP"), MATHOPT),
    "ortools-highs": (lambda task: with_mathopt(task, "HIGHS"), MATHOPT),
    "ortools-cp-sat": (lambda task: with_mathopt(task, "CP_SAT"), MATHOPT),
}


# -- the child -----------------------------------------------------------------------------------------------------


def _processor() -> float:
    """Return the seconds of processor, user + system, of this process and of the children it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def child(name: str, programme: Path, answer: Path) -> None:
    """Solve the pickled task by one solver; what is known so far stands in ``answer``, whatever happens next."""
    known: dict[str, Any] = {}

    def note(what: str, value: Any = None) -> None:
        known[what] = _processor() if value is None else value
        fresh = answer.with_suffix(".new")
        fresh.write_bytes(pickle.dumps(known))
        fresh.replace(answer)

    solve, module = SOLVERS[name]
    try:
        importlib.import_module(module)
        task = Task(**pickle.loads(programme.read_bytes()), notes=note)  # noqa: S301 - written by the parent
        task.began = time.monotonic()
        note("start")
        note("reply", asdict(solve(task)))
    except ImportError:
        traceback.print_exc()
        note("outcome", "not installed")
    except DoesNotFit as reason:
        note("outcome", f"does not fit: {reason}")
    except Exception as error:  # noqa: BLE001 - a solver that fails is a line of the table
        traceback.print_exc()
        note("outcome", f"failed: {type(error).__name__}: {' '.join(str(error).split())[:100]}")


# -- the parent ----------------------------------------------------------------------------------------------------


def compare_one(name: str, matrix: Matrix, objective: str, limit: float) -> Result:
    """Run one solver in a child of its own and judge what it brings."""
    result = Result(name, objective)
    with tempfile.TemporaryDirectory() as folder:
        programme, answer, log = (Path(folder) / part for part in ("programme", "answer", "log"))
        programme.write_bytes(pickle.dumps({"matrix": matrix, "objective": objective, "gap": GAP, "limit": limit}))
        started = time.monotonic()
        command = [sys.executable, str(Path(__file__).resolve()), "--child", name, str(programme), str(answer)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=os.environ | ONE_THREAD | {"TMPDIR": folder}, start_new_session=True,
            )  # fmt: skip
            spent, killed = _wait(process, started + limit + GRACE)
        result.wall_seconds = time.monotonic() - started
        known: dict[str, Any] = pickle.loads(answer.read_bytes()) if answer.exists() else {}  # noqa: S301
        text = log.read_text(encoding="utf-8", errors="replace")
    if "start" in known:
        result.start_seconds = known["start"]
        result.cpu_seconds = spent - known["start"]
    if "built" in known:
        result.build_seconds = known["built"] - known["start"]
    if "reply" not in known:
        died = f"failed: process ended with {process.returncode}"
        result.outcome = "limit ignored: killed" if killed else known.get("outcome", died)
        if result.outcome.startswith("failed"):
            print(text[-3000:], file=sys.stderr)
        return result
    reply = Reply(**known["reply"])
    result.engine = reply.engine
    judge(result, reply, matrix)
    return result


def judge(result: Result, reply: Reply, matrix: Matrix) -> None:
    """Fill value, bound, gap and outcome from a reply."""
    if np.isfinite(reply.bound) and abs(reply.bound) < 1e20:  # solvers write infinity as 1e20 and more
        result.bound = reply.bound
    if reply.x is None or not np.isfinite(reply.x).all():
        result.outcome = "no plan" if not reply.finished else "no plan: says infeasible"
        return
    result.worst_row = violation(matrix, reply.x)
    if result.worst_row > TOLERANCE:
        result.outcome = f"no plan: a row is broken by {result.worst_row:.1e}"
        return
    result.value = goal_of(matrix, result.objective)(reply.x)
    if not math.isnan(result.bound):
        over = max(0.0, result.bound - result.value)
        result.gap = over / abs(result.value) if result.value else (0.0 if over <= HAIR else math.inf)
    closed = result.gap <= GAP * (1 + HAIR)
    result.outcome = "closed" if closed else "limit" if not reply.finished else "says closed"


def _wait(process: subprocess.Popen[bytes], until: float) -> tuple[float, bool]:
    """Wait for a child, killing its session at ``until``; return processor seconds and whether it was killed."""
    orphans, killed = 0.0, False
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > until:
                orphans, killed = _of_descendants(process.pid), True
                os.killpg(process.pid, signal.SIGKILL)
                _, status, usage = os.wait4(process.pid, 0)
                break
            time.sleep(0.05)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime + orphans, killed


def _of_descendants(session: int) -> float:
    """Return the seconds of processor of a session's other processes, which nobody will wait for (0 without /proc)."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = path.read_text().rpartition(")")[2].split()  # from the state on: 4th is the session
            if int(fields[3]) == session and int(path.parent.name) != session:
                ticks += sum(int(value) for value in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def contradictions(results: Sequence[Result]) -> list[str]:
    """Return where a plan of one solver is better than another's bound allows, by more than a hair."""
    return [
        f"{a.objective}: the plan of {b.solver} ({b.value:,.7g}) beats the bound of {a.solver} ({a.bound:,.7g})"
        for a in results for b in results
        if a.objective == b.objective and b.value > a.bound + HAIR * max(1.0, abs(a.bound))
    ]  # fmt: skip


def table(results: Sequence[Result]) -> str:
    """Return the results as a Markdown table."""

    def text(value: float, form: str) -> str:
        return "" if math.isnan(value) else format(value, form)

    lines = [
        "| objective | solver | best plan | bound | gap | CPU s | of it building | wall s | outcome |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for r in results:
        solver = f"{r.solver} ({r.engine})" if r.engine else r.solver
        ran = r.outcome != "not installed" and not r.outcome.startswith("does not fit")
        times = [text(v, ".1f") if ran else "" for v in (r.cpu_seconds, r.build_seconds, r.wall_seconds)]
        figures = [text(r.value, ",.7g"), text(r.bound, ",.7g"), text(r.gap, ".3%"), *times]
        lines.append("| " + " | ".join([r.objective, solver, *figures, r.outcome]) + " |")
    return "\n".join(lines)


def surroundings() -> dict[str, Any]:
    """Return what the figures depend on: versions, processor, cores, load, date."""
    versions = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    model = platform.processor()
    with contextlib.suppress(OSError):
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        model = found[1].strip() if found else model
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else math.nan
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(), "python": platform.python_version(), "packages": versions,
        "system": platform.system(), "processor": model or platform.machine(), "cores": os.cpu_count(),
        "load_5_minutes": load,
    }  # fmt: skip


def _plain(result: Result) -> dict[str, Any]:
    """Return a line for JSON, which knows no infinities."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in asdict(result).items()}


def main(arguments: Sequence[str] | None = None) -> list[Result]:
    """Run the comparison, print it, and return its lines."""
    sys.path.insert(0, str(Path(__file__).parent))
    from cases import SIZES, bench_frames

    from procure.case import Case
    from procure.solving.solve import compile_case

    parser = argparse.ArgumentParser(description="Solve one programme by procure and by general solvers.")
    parser.add_argument("--size", choices=SIZES, default="medium")
    parser.add_argument("--seed", type=int, default=0, help="of the case")
    parser.add_argument("--objective", choices=LINEAR, nargs="+", default=["compute"])
    parser.add_argument("--limit", type=float, default=300.0, help="seconds of wall clock for each solver")
    names = ", ".join(SOLVERS)
    parser.add_argument("--only", choices=SOLVERS, nargs="+", default=list(SOLVERS), metavar="NAME", help=names)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures and what they depend on")
    given = parser.parse_args(arguments)

    _, matrix = compile_case(Case.from_frames(bench_frames(*SIZES[given.size], seed=given.seed)))
    rows, columns, nonzeros = matrix.size
    whole = int(np.count_nonzero(matrix.integer))
    generations, sites, periods = SIZES[given.size]
    print(
        f"{given.size}: {generations} generations × {sites} sites × {periods} quarters, seed {given.seed}; "
        f"{rows:,} rows, {columns:,} columns ({whole:,} whole), {nonzeros:,} non-zeros; gap {GAP:.1%}, "
        f"{given.limit:g} s, one thread each. Values in the programme's units; all is maximised: cost is negative.\n"
    )
    results = []
    for objective in given.objective:
        for name in given.only:
            results.append(compare_one(name, matrix, objective, given.limit))
            print(f"{objective}, {name}: {results[-1].outcome}", file=sys.stderr, flush=True)
    print(table(results))
    wrong = contradictions(results)
    if wrong:
        print("\nBounds that do not hold:\n\n" + "\n".join(f"- {line}" for line in wrong))
    if given.json:
        case = {"size": given.size, "seed": given.seed, "rows": rows, "columns": columns, "whole": whole,
                "nonzeros": nonzeros}  # fmt: skip
        content = {"case": case, "gap": GAP, "limit_seconds": given.limit, "threads": 1, **surroundings(),
                   "results": [_plain(result) for result in results], "bounds_that_do_not_hold": wrong}  # fmt: skip
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return results


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
