"""Solve the planning models and record their figures.

python models/solve.py neocloud           # print the figures of one model
python models/solve.py --variants         # all of them, with their rules of thumb and changed assumptions
python models/solve.py --record           # write models/golden.json, which the tests hold the models to
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from build import MODELS, frames  # noqa: E402
from variants import VARIANTS, Edit, order_only  # noqa: E402

GOLDEN = HERE / "golden.json"
FIGURES = ("objective_value", "bound", "gap", "compute_unit_hours", "compute_pv", "cost_pv", "capex", "levelised_cost",
           "compute_per_dollar", "compute_per_watt_available", "compute_per_watt_consumed", "coverage", "available_mwh",
           "energy_mwh", "stranded_mwh", "carbon_t", "value_pv")  # fmt: skip


def solve(name: str, edit: Edit | None = None, *, baselines: bool = False) -> Any:
    """Solve a model from its tables, or a variant of it to twice its gap; ``None`` where the variant has no plan."""
    import pandas as pd

    import procure

    sheets = copy.deepcopy(frames(name))
    if edit is not None:
        edit(sheets)
    case = procure.Case.from_frames({key: pd.DataFrame(rows) for key, rows in sheets.items() if len(rows)})
    try:
        if edit is None:
            return procure.solve(case, baselines=baselines)
        return procure.solve(case, baselines=False, gap=2 * case.settings.mip_gap, time_limit=150)
    except procure.InfeasibleError:
        return None


def figures(plan: Any) -> dict[str, Any]:
    """The headline figures of a plan."""
    if plan is None:
        return {"status": "infeasible"}
    found = plan.figures
    head = {key: found[key] for key in FIGURES if isinstance(found.get(key), float)}
    orders = plan.orders[plan.orders["committed"] == "no"].groupby("generation")["units"].sum()
    builds = plan.builds.groupby("name")["count"].sum() if len(plan.builds) else {}
    sold = plan.sales.groupby("generation")["units"].sum() if len(plan.sales) else {}
    return {
        "objective": found["objective"],
        **{key: float(f"{value:.7g}") for key, value in head.items()},
        "orders": {key: int(units) for key, units in dict(orders).items()},
        "builds": {key: int(count) for key, count in dict(builds).items()},
        "sales": {key: int(units) for key, units in dict(sold).items()},
    }


def baselines(plan: Any) -> dict[str, dict[str, Any]]:
    """What rules of thumb reach, as the plan's sheet ``baselines`` says."""
    kept = ("objective_value", "compute_pv", "cost_pv", "coverage")
    return {
        row["rule"]: {"status": row["status"], **{key: float(f"{row[key]:.7g}") for key in kept}}
        for row in plan.frames["baselines"].to_dict("records")
    }


def shopping_list(plan: Any) -> dict[str, dict[str, int]]:
    """Generation → period → units ordered."""
    result: dict[str, dict[str, int]] = {}
    for row in plan.orders[plan.orders["committed"] == "no"].to_dict("records"):
        result.setdefault(row["generation"], {})[row["order"]] = int(row["units"])
    return result


def run(name: str, *, variants: bool) -> dict[str, Any]:
    """Solve a model, and its variants if asked."""
    plan = solve(name, baselines=variants)
    entry = figures(plan)
    if variants:
        entry["baselines"] = baselines(plan)
        entry["variants"] = {}
        for label, edit in VARIANTS[name].items():
            entry["variants"][label] = figures(solve(name, edit))
            print(f"  {name}: {label}", file=sys.stderr, flush=True)
        if name.startswith("wait-or-buy"):
            other = next(other for other in MODELS if other.startswith("wait-or-buy") and other != name)
            wrong = shopping_list(solve(other))
            label = f"this claim is true, but the orders are those of {other}"
            entry["variants"][label] = figures(solve(name, lambda sheets: order_only(sheets, wrong)))
    return entry


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Solve the planning models.")
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--variants", action="store_true", help="also solve what the notes compare with")
    parser.add_argument("--record", action="store_true", help="write golden.json (implies --variants)")
    options = parser.parse_args(argv)
    golden = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    for name in options.models or MODELS:
        entry = run(name, variants=options.variants or options.record)
        print(name, json.dumps(entry, indent=1), flush=True)
        golden[name] = entry
        if options.record:
            ordered = {key: golden[key] for key in MODELS if key in golden}
            GOLDEN.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
