"""Time of a frontier against one solve: ``python tests/bench/frontier.py [size] [points] [workers]``.

Prints the seconds of one solve of the balanced plan, of the frontier of that many points (the curve of the relaxation
and the audit of every point included), their ratio, and the largest gap. Run it on an idle machine.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    from cases import SIZES, bench_frames

    import procure
    from procure.analysis.frontier import frontier
    from procure.case import Case

    size = sys.argv[1] if len(sys.argv) > 1 else "small"
    points = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    case = Case.from_frames(bench_frames(*SIZES[size], objective="balanced", time_limit_s=600))
    started = time.monotonic()
    plan = procure.solve(case, baselines=False)
    one = time.monotonic() - started
    print(f"one solve: {one:.1f} s, gap {plan.outcome.gap:.4%}", flush=True)
    started = time.monotonic()
    traced = frontier(case, points, recommended=plan, workers=workers)
    every = time.monotonic() - started
    done = traced.frame[(traced.frame["recommended"] == "no") & (traced.frame["problem"] == "")]
    print(
        f"{len(done)} of {points} points, {workers} process(es): {every:.1f} s, {every / one:.1f} times one solve; "
        f"largest gap {done['gap'].max():.4%}, audits {', '.join(sorted(set(done['audit'])))}"
    )
    print(done[["point", "compute_per_watt", "compute_per_dollar", "gap", "proven", "audit"]].to_string(index=False))
