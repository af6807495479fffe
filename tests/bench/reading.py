"""How long a check takes against reading the same workbook with openpyxl: the target is less than a tenth.

    python tests/bench/reading.py [rows]

Prints CPU seconds, the better of three runs each, in fresh processes for the check as a command.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl

sys.path.insert(0, str(Path(__file__).parents[2]))

from procure.reading import check_workbook, read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = [["key", "value"], ["start", "2027Q1"], ["periods", 40], ["objective", "compute"]]
GENERATION = [
    "generation",
    "vendor",
    "compute",
    "power_kw",
    "load_factor",
    "racks",
    "cooling",
    "price",
    "price_decline",
    "available_from",
    "lead_time",
    "resale",
    "note",
]


def tables(rows: int, kind: str) -> dict[str, list[list[Any]]]:
    """Return a sound case whose table ``kind`` has about ``rows`` rows."""
    rng = random.Random(1)
    labels = [f"{2027 + i // 4}Q{i % 4 + 1}" for i in range(40)]
    count = rows if kind == "generations" else 12
    generations = [
        [
            f"G{i}",
            "NVIDIA",
            rng.randint(8, 400),
            rng.uniform(10, 200),
            0.8,
            1,
            rng.choice(("air", "liquid")),
            rng.randint(5, 50) * 100_000,
            0.05,
            rng.choice(labels[:20]),
            rng.randint(0, 3),
            0.8,
            "price: vendor list",
        ]
        for i in range(count)
    ]
    result = {
        "settings": SETTINGS,
        "generations": [GENERATION, *generations],
        "sites": [["site", "pue", "energy_per_mwh", "market"], *([f"S{i}", 1.2, 60 + i, "NA"] for i in range(20))],
        "power": [["site", *labels], *([f"S{i}", *(5 + t // 4 for t in range(40))] for i in range(20))],
    }
    if kind == "fleet":
        periods = [f"{2021 + i // 4}Q{i % 4 + 1}" for i in range(24)]
        result["fleet"] = [
            ["generation", "site", "delivered", "units", "price"],
            *(
                [f"G{rng.randrange(12)}", f"S{rng.randrange(20)}", rng.choice(periods), rng.randint(1, 9), 3e5 + i]
                for i in range(rows)
            ),
        ]
    if kind == "allocation":
        result["generations"] += [[f"H{i}", *generations[0][1:]] for i in range(rows)]
        result["allocation"] = [
            ["generation", *labels],
            *([f"H{i}", *(rng.choice((None, 10, 20)) for _ in labels)] for i in range(rows)),
        ]
    return result


def write(path: Path, content: dict[str, list[list[Any]]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in content.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def cpu(task: Callable[[], object], runs: int = 3) -> float:
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        task()
        best = min(best, time.process_time() - start)
    return best


def command(path: Path) -> float:
    """Return the CPU seconds of a whole ``procure check`` process."""
    best = float("inf")
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "procure", "check", str(path)], capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(
        f"{'table':12} {'rows':>7} {'openpyxl':>9} {'check':>7} {'ratio':>6} {'command':>8} {'ratio':>6} {'frames':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.xlsx"
        for kind in ("fleet", "generations", "allocation"):
            write(path, tables(rows, kind))
            theirs = cpu(lambda: openpyxl.load_workbook(path), 2)
            ours, whole, frames = cpu(lambda: check_workbook(path)), command(path), cpu(lambda: read_workbook(path))
            errors = [fault for fault in check_workbook(path) if fault.severity == "error"]
            assert not errors, errors[:3]
            print(
                f"{kind:12} {rows:7,} {theirs:8.2f}s {ours:6.2f}s {ours / theirs:6.1%} {whole:7.2f}s "
                f"{whole / theirs:6.1%} {frames:7.2f}s"
            )


if __name__ == "__main__":
    main()
