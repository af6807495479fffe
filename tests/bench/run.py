"""Time of whole solves against the linear relaxation: ``python tests/bench/run.py [--size medium large] [--json FILE]``.

For every case and objective, in CPU seconds of one run: the floor (HiGHS on the linear relaxation of the same programme,
given as arrays, by the better of interior point with crossover and simplex), and ``procure solve`` from workbook to plan
workbook as a command of its own, all its processes included, rules of thumb left out. The floor of a ratio is that of the
most compute, the first relaxation it needs. Prints a table with ratios; ``--json`` keeps it with versions and stages.

Stages are wall seconds as the plan tells them: build (Pyomo and arrays), relaxations, integer steps, exact, plan and audit.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OBJECTIVES = ("compute", "cost", "npv", "compute_per_watt", "compute_per_dollar", "balanced")
SIMPLEX_UP_TO = 30_000  # columns; beyond, simplex takes many times what interior point does
LINEAR = {"compute": {"compute_pv": 1.0}, "cost": {"cost": -1.0}, "npv": {"worth": 1.0, "cost": -1.0}}


def floor(workbook: Path, objective: str) -> dict[str, Any]:
    """CPU seconds of the linear relaxation, and the size of the programme; run in a process of its own."""
    import numpy as np

    from procure.case import Case
    from procure.solving.highs import hand_over, new_highs
    from procure.solving.solve import compile_case

    _, matrix = compile_case(Case.from_workbook(workbook))
    cost = -sum(
        weight * matrix.functionals[name].coefficients
        for name, weight in LINEAR.get(objective, LINEAR["compute"]).items()
    )
    cost = cost * 2.0 ** -np.floor(np.log2(np.abs(cost).max()))
    rows, columns, nonzeros = matrix.size
    seconds = {}
    for solver in ("ipx", "simplex") if columns <= SIMPLEX_UP_TO else ("ipx",):
        highs = new_highs(solver=solver)
        hand_over(highs, matrix.A, cost, (matrix.lower, matrix.upper), (matrix.row_lower, matrix.row_upper),
                  np.zeros(columns, dtype=bool))  # fmt: skip
        started = time.process_time()
        highs.run()
        seconds[solver] = time.process_time() - started
    return {"rows": rows, "columns": columns, "nonzeros": nonzeros, "seconds": seconds, "floor": min(seconds.values())}


def whole(workbook: Path, objective: str, limit: float, folder: Path) -> dict[str, Any]:
    """CPU seconds of all processes, peak GB of the largest, and result of ``procure solve``, workbook to plan workbook."""
    command = [sys.executable, "-m", "procure", "solve", str(workbook), "-o", str(folder / "plan.xlsx"), "--objective", objective,
               "--time-limit", str(limit), "--no-baselines", "--json", "-q"]  # fmt: skip
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.stdout.read() if process.stdout else b"", process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    try:
        told = json.loads(out)
    except json.JSONDecodeError:
        told = {"message": err.decode()[-500:]}
    return {
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory_gb": usage.ru_maxrss / 1e6,
        "wall": wall,
        "exit": os.waitstatus_to_exitcode(status),
        "told": told,
    }


def measure(size: str, objectives: list[str], seed: int, limit: float) -> list[dict[str, Any]]:
    """Measure one size; floors come first, each in its own process."""
    sys.path.insert(0, str(HERE))
    from cases import SIZES, bench_frames

    from procure.template import write_workbook_from_frames

    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workbook = folder / "case.xlsx"
        write_workbook_from_frames(workbook, bench_frames(*SIZES[size], seed=seed))
        floors: dict[str, dict[str, Any]] = {}
        for objective in objectives:
            of = objective if objective in LINEAR else "compute"
            if of not in floors:
                out = subprocess.run(
                    [sys.executable, __file__, "--floor-of", str(workbook), of], capture_output=True, check=True
                )
                floors[of] = json.loads(out.stdout)
            result = whole(workbook, objective, limit, folder)
            least, told = floors[of]["floor"], result["told"]
            found.append({"size": size, "objective": objective, **{k: floors[of][k] for k in ("rows", "columns", "nonzeros")},
                          "floor": least, "cpu": result["cpu"], "wall": result["wall"], "ratio": result["cpu"] / least,
                          "gap": told.get("summary", {}).get("gap"), "value": told.get("summary", {}).get("objective_value"), "exit": result["exit"],
                          "memory_gb": result["memory_gb"], "stages": told.get("seconds", {}), "message": told.get("message", "")})  # fmt: skip
            print(line(found[-1]), flush=True)
    return found


def line(row: dict[str, Any]) -> str:
    """One row of the table."""
    gap = "none" if row["gap"] is None else f"{100 * row['gap']:.3f} %"
    return (f"| {row['size']} | {row['columns']:,} | {row['objective']} | {row['floor']:.1f} | {row['cpu']:.0f} | "
            f"{row['ratio']:.1f} | {gap} | {row['memory_gb']:.1f} |")  # fmt: skip


def machine() -> dict[str, str]:
    """What the figures were taken with."""
    cpu = next(
        (
            text.split(":", 1)[1].strip()
            for text in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in text
        ),
        "",
    )
    names = ("procure", "highspy", "pyomo", "numpy", "scipy", "pandas", "openpyxl")
    return {"date": datetime.date.today().isoformat(), "python": platform.python_version(), "processor": cpu,
            "cores": str(os.cpu_count()), **{name: version(name) for name in names}}  # fmt: skip


def main() -> None:
    """Print the table, and keep it if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", nargs="+", default=["medium"])
    parser.add_argument("--objective", nargs="+", default=list(OBJECTIVES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=1800.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--floor-of", nargs=2, metavar=("WORKBOOK", "OBJECTIVE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor_of:
        print(json.dumps(floor(Path(options.floor_of[0]), options.floor_of[1])))
        return
    print(
        "| case | columns | objective | floor, CPU s | whole, CPU s | ratio | gap | GB |\n|---|--:|---|--:|--:|--:|--:|--:|"
    )
    rows = [row for size in options.size for row in measure(size, options.objective, options.seed, options.limit)]
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"machine": machine(), "seed": options.seed, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
