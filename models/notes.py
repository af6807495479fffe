"""Keep the figures of the notes equal to the recorded ones.

Each note has a block between two marks for each workbook. This script fills it from ``golden.json``; the prose around
it is written by hand. ``python models/notes.py`` rewrites the blocks, ``--check`` says whether they are up to date.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

BLOCK = re.compile(r"(<!-- figures of ([\w-]+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)
Entry = dict[str, Any]


def money(value: float) -> str:
    """Millions of dollars."""
    return f"{value / 1e6:,.1f} M USD"


def objective(entry: Entry, value: float) -> str:
    """An objective's value in its own unit."""
    match entry["objective"]:
        case "npv" | "cost":
            return money(value)
        case "balanced":
            return f"{value:.1%} of the best possible on both ratios"
        case "compute_per_dollar":
            return f"{value:.4f} H100e-hours a dollar"
        case _:
            return f"{value:.1f} H100e a MW available"


def counts(found: dict[str, int]) -> str:
    """Names with their numbers, most first."""
    return ", ".join(f"{n:,} {name}" for name, n in sorted(found.items(), key=lambda kv: -kv[1])) or "none"


def change(new: float, old: float) -> str:
    """A change in percent."""
    return f"{new / old - 1:+.1%}" if old else ""


def headline(entry: Entry) -> list[str]:
    """The figures of the plan."""
    rows = [
        ("objective", f"{entry['objective']}: {objective(entry, entry['objective_value'])}"),
        ("proven bound, gap", f"{objective(entry, entry['bound'])}, {entry['gap']:.2%}"),
        ("present cost", money(entry["cost_pv"])),
        ("hardware and builds bought", money(entry["capex"])),
        ("compute delivered", f"{entry['compute_unit_hours'] / 1e6:,.0f} M H100e-hours"),
        ("levelised cost", f"{entry['levelised_cost']:.3f} USD per H100e-hour (discounted)"),
        ("energy stranded", f"{entry['stranded_mwh'] / entry['available_mwh']:.1%} of what is available"),
        ("ordered", counts(entry["orders"])),
        ("sold", counts(entry["sales"])),
        ("built", counts(entry["builds"])),
    ]
    return ["| the plan | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def comparison(entry: Entry) -> list[str]:
    """The plan against its variants."""
    lines = [
        "| instead | objective | compute (PV) | present cost | levelised cost | ordered |",
        "|---|---|---|---|---|---|",
    ]
    for label, other in entry["variants"].items():
        if other.get("status") == "infeasible":
            lines.append(f"| {label} | no plan | | | | |")
            continue
        value = other["objective_value"]
        if entry["objective"] in ("npv", "cost"):
            told = f"{(value - entry['objective_value']) / 1e6:+,.1f} M USD"
        elif entry["objective"] == "balanced":
            told = "(its own best differs)"
        else:
            told = change(value, entry["objective_value"])
        levelised = change(other.get("levelised_cost", 0.0), entry["levelised_cost"])
        lines.append(
            f"| {label} | {told} | {change(other['compute_pv'], entry['compute_pv'])} | "
            f"{change(other['cost_pv'], entry['cost_pv'])} | {levelised} | {counts(other['orders'])} |"
        )
    return lines


def thumbs(entry: Entry) -> list[str]:
    """Rules of thumb played through the same case."""
    lines = ["| rule of thumb | reaches | compute (PV) | present cost |", "|---|---|---|---|"]
    for rule, row in entry["baselines"].items():
        reached = objective(entry, row["objective_value"])
        if row["status"] != "feasible":
            reached += f" ({row['status']})"
        lines.append(
            f"| {rule} | {reached} | {change(row['compute_pv'], entry['compute_pv'])} | "
            f"{change(row['cost_pv'], entry['cost_pv'])} |"
        )
    return lines


def block(name: str, golden: dict[str, Entry]) -> str:
    """The tables of one workbook."""
    entry = golden[name]
    parts = [headline(entry), comparison(entry), thumbs(entry)]
    return "\n".join("\n".join(part) + "\n" for part in parts)


def render(text: str, golden: dict[str, Entry]) -> str:
    """A note with its blocks filled."""
    return BLOCK.sub(lambda found: f"{found[1]}{block(found[2], golden)}{found[3]}", text)


def main() -> int:
    """Rewrite the notes, or check them."""
    parser = argparse.ArgumentParser(description="Fill the figures of the notes from golden.json.")
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    golden = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
    stale = []
    for path in sorted(HERE.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        new = render(text, golden)
        if new != text:
            stale.append(path.name)
            if not check:
                path.write_text(new, encoding="utf-8")
    print(f"{'out of date' if check else 'rewritten'}: {', '.join(stale) or 'none'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
