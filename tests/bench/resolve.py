"""Time of re-solves in a session: ``python tests/bench/resolve.py [--size medium] [--json FILE]``.

For every objective: the floor (HiGHS on the linear relaxation, as ``run.py`` measures it), the first solve, and re-solves
with one cell changed (a power cell, a generation's price, its price in one quarter, an energy price, a budget cell), in CPU seconds of both processes
from the changed number to the audited plan. The budget binds in these cases; the other cells move the plan little.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")


def spent(session: Any) -> float:
    """CPU seconds so far of this process and of the session's solving process."""
    stat = Path(f"/proc/{session._worker.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(stat[11]) + int(stat[12])) / TICKS


def cells(case: Any, first: str) -> list[tuple[str, str, int | str, str, float]]:
    """(what, sheet, row, column, factor) of the numbers to change; ``first``: a generation that is ordered."""
    labels = case.calendar.labels
    return [
        ("power cell +5 %", "power", 0, labels[8], 1.05), ("power cell -3 %", "power", 3, labels[20], 0.97),
        ("price +2 %", "generations", first, "price", 1.02), ("price of a quarter +5 %", "prices", 0, labels[8], 1.05),
        ("energy price +5 %", "sites", 0, "energy_per_mwh", 1.05),
        ("budget cell +5 %", "budget", 0, labels[8], 1.05), ("budget cell -5 %", "budget", 0, labels[12], 0.95),
    ]  # fmt: skip


def measure(size: str, objective: str, seed: int, least: float) -> list[dict[str, Any]]:
    """Measure one objective."""
    from cases import SIZES, bench_frames

    import procure
    from procure.case import Case

    case = Case.from_frames(bench_frames(*SIZES[size], seed=seed, objective=objective, time_limit_s=1800))
    rows = []
    with procure.Session(case) as session:
        plan = session.solve()
        bought = plan.orders.loc[plan.orders["committed"] == "no", "generation"]
        first = str(bought.iloc[0]) if len(bought) else str(case.tables.frames["generations"]["generation"].iloc[0])
        for what, sheet, row, column, factor in cells(case, first):
            frame = case.tables.frames[sheet]
            at = row if isinstance(row, int) else frame["generation"].astype(str).tolist().index(row)
            before = spent(session)
            new = session.solve(case.with_value(sheet, at, column, float(frame[column].iloc[at]) * factor))
            used = spent(session) - before
            failed = int((new.checks["verdict"] == "fail").sum())
            rows.append({"size": size, "objective": objective, "change": what, "floor": least, "cpu": used, "ratio": used / least,
                         "gap": new.outcome.gap, "built": session.built, "failed_checks": failed})  # fmt: skip
            print(f"| {size} | {objective} | {what} | {least:.1f} | {used:.1f} | {used / least:.2f} | "
                  f"{100 * new.outcome.gap:.3f} % |", flush=True)  # fmt: skip
    return rows


def main() -> None:
    """Print the table, and keep it if asked."""
    sys.path.insert(0, str(HERE))
    from cases import SIZES, bench_frames
    from run import LINEAR, OBJECTIVES, machine

    from procure.template import write_workbook_from_frames

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", default="medium")
    parser.add_argument("--objective", nargs="+", default=list(OBJECTIVES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print("| case | objective | changed | floor, CPU s | re-solve, CPU s | ratio | gap |\n|---|---|---|--:|--:|--:|--:|")
    rows: list[dict[str, Any]] = []
    floors: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        workbook = Path(name) / "case.xlsx"
        write_workbook_from_frames(workbook, bench_frames(*SIZES[options.size], seed=options.seed))
        for objective in options.objective:
            of = objective if objective in LINEAR else "compute"
            if of not in floors:
                out = subprocess.run([sys.executable, str(HERE / "run.py"), "--floor-of", str(workbook), of],
                                     capture_output=True, check=True)  # fmt: skip
                floors[of] = json.loads(out.stdout)["floor"]
            rows += measure(options.size, objective, options.seed, floors[of])
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(
            json.dumps({"machine": machine(), "seed": options.seed, "rows": rows}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
