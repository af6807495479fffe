"""The sheet ``baselines``: each rule of thumb as a feasible, audited plan, and what the plan gains over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procure.planning.summary import objective_value

if TYPE_CHECKING:
    from procure.audit import AuditReport
    from procure.baselines.rules import Rule
    from procure.plan import Plan
    from procure.planning.quantities import Quantities
    from procure.planning.summary import Figures
    from procure.solution import Outcome

__all__ = ["BASELINE_COLUMNS", "Baseline", "baselines_frame", "shortfall"]

FEASIBLE, BELOW_FLOOR, BREAKS, LATE = "feasible", "below the compute floor", "breaks a limit", "not computed"
#: Relative room below the floor and the demand that is rounding.
ROUNDING = 1e-6

BASELINE_COLUMNS = (
    "rule", "statement", "status", "note", "objective_value", "uplift", "coverage", "compute_unit_hours", "compute_pv",
    "cost_pv", "compute_per_dollar", "uplift_compute_per_dollar", "compute_per_watt_available",
    "uplift_compute_per_watt_available", "compute_per_watt_consumed", "uplift_compute_per_watt_consumed", "capex",
    "idle_unit_periods", "stranded_mwh", "audit",
)  # fmt: skip
_TEXT = {"rule", "statement", "status", "note", "audit"}


@dataclass(frozen=True, slots=True)
class Baseline:
    """One rule played through a case: its plan, what the plan's figures are made of, and the audit's verdict."""

    rule: Rule
    statement: str
    plan: Plan
    quantities: Quantities
    figures: Figures
    report: AuditReport


def shortfall(q: Quantities) -> str:
    """Say which minimum demand a plan does not meet; blank where it meets all."""
    case = q.case
    delivered = q.delivered_hours / case.hours
    short = case.demand_min - delivered > ROUNDING * np.maximum(1e-9, case.demand_min)
    parts = []
    for w in np.flatnonzero(short.any(axis=1)).tolist():
        periods = np.flatnonzero(short[w])
        worst = float((1.0 - delivered[w, periods] / case.demand_min[w, periods]).max())
        more = f" and {periods.size - 1} later period{'s' if periods.size > 2 else ''}" if periods.size > 1 else ""
        parts.append(f"{case.workloads[w]} in {case.calendar.labels[periods[0]]}{more} (short by up to {worst:.1%})")
    return f"cannot meet the demand of {', of '.join(parts)}" if parts else ""


def _status(baseline: Baseline, coverage: float, plan: Plan) -> tuple[str, str]:
    """Return status and note of a baseline."""
    short, case = shortfall(baseline.quantities), plan.case
    failed = [rule for rule in baseline.report.failed if rule != "demand_minimum" or not short]
    if short or failed:
        also = f"leads to a broken limit: {', '.join(failed)}" if failed else ""
        return BREAKS, "; ".join(filter(None, [short, also]))
    floor = case.settings.compute_floor
    if plan.outcome.objective in {"balanced", "compute_per_dollar", "compute_per_watt"} and np.isfinite(coverage):
        if coverage < floor * (1 - ROUNDING):
            return BELOW_FLOOR, (
                f"it delivers {coverage:.1%} of the most attainable compute, less than the floor of {floor:.0%} that "
                "the plan must reach: a ratio over less is no fair match"
            )
        if coverage < 0.5 * (plan.figures["coverage"] or 0.0):
            return FEASIBLE, f"it delivers {coverage:.1%} of the most attainable compute; read its ratios so"
    return FEASIBLE, ""


def baselines_frame(
    baselines: list[Baseline], plan: Plan, late: list[tuple[str, str]] | None = None, why_late: str = ""
) -> pd.DataFrame:
    """Lay the baselines of a plan out as a sheet.

    ``uplift`` is what the plan gains in its objective over the rule, as a fraction of the rule's value (for ``cost``:
    of the rule's cost); the other uplifts are in the ratios of their names. Uplifts are blank for a rule that breaks a
    limit: it is no plan. ``late``: name and statement of rules that were not computed, and why.
    """
    outcome, best = plan.outcome, plan.figures
    rows = []
    for baseline in baselines:
        f, q = baseline.figures, baseline.quantities
        value = _objective(f, q, outcome)
        coverage = f.compute_pv / outcome.attainable if outcome.attainable else np.nan
        status, note = _status(baseline, coverage, plan)
        row = {
            "rule": baseline.rule.name, "statement": baseline.statement, "status": status, "note": note,
            "objective_value": value, "uplift": _uplift(best["objective_value"], value), "coverage": coverage,
            "compute_unit_hours": f.compute, "compute_pv": f.compute_pv, "cost_pv": f.cost,
            "compute_per_dollar": f.per_dollar, "compute_per_watt_available": f.per_watt_available,
            "compute_per_watt_consumed": f.per_watt_consumed, "capex": f.capex,
            "idle_unit_periods": f.idle_unit_periods, "stranded_mwh": f.stranded_mwh,
            "audit": "pass" if baseline.report.passed else f"fail: {', '.join(baseline.report.failed)}",
        }  # fmt: skip
        for ratio in ("compute_per_dollar", "compute_per_watt_available", "compute_per_watt_consumed"):
            row[f"uplift_{ratio}"] = _uplift(best[ratio], row[ratio])
        if status == BREAKS:
            row |= {name: np.nan for name in row if name.startswith("uplift")}
        rows.append(row)
    for name, words in late or []:
        rows.append({"rule": name, "statement": words, "status": LATE, "note": why_late, "audit": "not checked"})
    frame = pd.DataFrame(rows, columns=list(BASELINE_COLUMNS))
    for column in BASELINE_COLUMNS:
        frame[column] = frame[column].astype(object if column in _TEXT else float)
    return frame


def _objective(f: Figures, q: Quantities, outcome: Outcome) -> float:
    """Return the plan's objective of a baseline (NaN where a ratio of nothing)."""
    from dataclasses import replace

    return objective_value(f, q, replace(outcome, value=np.nan))


def _uplift(best: object, value: object) -> float:
    """Return what the plan gains over a value, as a fraction of its size."""
    if not isinstance(best, int | float) or not isinstance(value, int | float) or not np.isfinite(value) or value == 0:
        return float("nan")
    return float((best - value) / abs(value))
