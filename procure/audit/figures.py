"""Delivered compute, demand, and the figures of ``summary``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.audit.arrays import total_by
from procure.audit.decisions import online

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.decisions import Decisions
    from procure.audit.inputs import Inputs
    from procure.audit.recomputed import Recomputed
    from procure.audit.report import Ledger
    from procure.audit.sheets import Sheet

    Floats = NDArray[np.float64]

__all__ = ["Compute", "check_demand", "check_summary", "compute_of", "figures_of"]


@dataclass(frozen=True, slots=True)
class Compute:
    """Delivered compute in unit-hours: ``row`` of each row of running, ``own`` and ``rented`` [W, T]."""

    row: Floats
    own: Floats
    rented: Floats

    @property
    def delivered(self) -> Floats:
        """Own and rented (W × T)."""
        return self.own + self.rented


def compute_of(inputs: Inputs, decisions: Decisions) -> Compute:
    """Compute what is delivered: rated compute × mode × utilisation × hours, lifted by completed projects."""
    run, projects, T = decisions.run, inputs.projects, inputs.T
    known = run.workload >= 0
    w = np.maximum(run.workload, 0)
    done = online(decisions.projects, projects.lead)
    lift = 1.0 + (projects.scope * projects.uplift[:, None]).T @ done
    rate = inputs.perf[run.generation, run.period, w] * run.compute_factor * inputs.utilisation[run.site, w]
    row = np.where(known, inputs.hours * rate * run.units * lift[w, run.period], 0.0)
    own = total_by(w * T + run.period, row, len(inputs.workloads) * T).reshape(-1, T)
    return Compute(row, own, inputs.hours * decisions.rented)


def check_demand(ledger: Ledger, inputs: Inputs, decisions: Decisions, compute: Compute) -> None:
    """Add demand, at least and at most, and the caps of rental."""
    average = compute.delivered / inputs.hours
    axes = [inputs.workloads, inputs.calendar.labels]
    unit = f"{inputs.settings.get('compute_unit', 'compute units')}"
    ledger.rule(
        "demand_minimum",
        "Delivered compute, rented included, reaches the minimum of each workload",
        inputs.minimum - average,
        unit,
        size=inputs.minimum,
        axes=axes,
    )
    ledger.rule(
        "demand_maximum",
        "Delivered compute, rented included, is within the maximum of each workload",
        average - inputs.maximum,
        unit,
        size=np.where(np.isinf(inputs.maximum), average, inputs.maximum),
        axes=axes,
    )
    ledger.rule(
        "rental_cap",
        "Rented compute is within what can be rented",
        decisions.rented - inputs.rental_cap,
        unit,
        size=np.maximum(decisions.rented, inputs.rental_cap),
        axes=axes,
    )


def figures_of(plan: Recomputed, stated: dict[str, Any]) -> dict[str, float]:
    """Return every figure of ``summary`` that follows from the plan (NaN: a ratio of nothing).

    ``cost_pv_books`` is the cost by depreciation and capital charge. ``objective_value`` is that of the objective that
    the plan states (else of the settings); for ``balanced`` it needs the best ratios, which only ``summary`` can tell
    (``best_compute_per_watt``, ``best_compute_per_dollar``), and is NaN without them.
    """
    inputs, decisions, draw, flows = plan.inputs, plan.decisions, plan.draw, plan.flows
    delivered, hours, delta = plan.compute.delivered, inputs.hours, inputs.delta
    decline = 1.0 - float(inputs.settings["compute_value_decline"])
    weight = delta[1:] * decline ** (inputs.years * np.arange(inputs.T))
    rented_mwh = float(hours * (inputs.rental_kw @ decisions.rented).sum() / 1000.0)
    idle = float(plan.stock.owned.sum() - decisions.run.units.sum())
    capex = sum(float(flows.start[kind].sum()) for kind in ("capex_orders", "deposits", "builds"))
    figures = {
        "compute_unit_hours": float(delivered.sum()),
        "compute_pv": float(delivered.sum(axis=0) @ weight),
        "energy_mwh": float(draw.needed_mwh.sum()) + rented_mwh,
        "available_mwh": float(hours * draw.available_mw.sum()) + rented_mwh,
        "cost_pv": flows.cost,
        "cost_pv_books": flows.cost_books,
        "capex": capex,
        "stranded_mwh": float(hours * np.maximum(0.0, draw.available_mw - draw.used_mw).sum()),
        "idle_unit_periods": max(0.0, idle),
        "value_pv": float((delivered * inputs.value).sum(axis=0) @ delta[1:]),
        "opening_book": flows.opening_book,
        "terminal_value": flows.terminal,
        "terminal_value_pv": flows.terminal * float(delta[-1]),
        "carbon_t": plan.dispatch.carbon(inputs),
    }
    figures["compute_per_dollar"] = _ratio(figures["compute_pv"], figures["cost_pv"])
    figures["levelised_cost"] = _ratio(figures["cost_pv"], figures["compute_pv"])
    figures["compute_per_watt_available"] = _ratio(figures["compute_unit_hours"], figures["available_mwh"])
    figures["compute_per_watt_consumed"] = _ratio(figures["compute_unit_hours"], figures["energy_mwh"])
    figures["objective_value"] = _objective(inputs, stated, figures)
    return figures


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else float("nan")


def _objective(inputs: Inputs, stated: dict[str, Any], figures: dict[str, float]) -> float:
    consumed = str(stated.get("watt_basis") or inputs.settings["watt_basis"]) == "consumed"
    per_watt = figures["compute_per_watt_consumed" if consumed else "compute_per_watt_available"]
    best = [_number(stated.get(key)) for key in ("best_compute_per_watt", "best_compute_per_dollar")]
    values = {
        "compute_per_dollar": figures["compute_per_dollar"],
        "compute_per_watt": per_watt,
        "balanced": min(_ratio(per_watt, best[0]), _ratio(figures["compute_per_dollar"], best[1])),
        "compute": figures["compute_pv"],
        "cost": -figures["cost_pv"],
        "npv": figures["value_pv"] - figures["cost_pv"],
    }
    return values.get(objective_name(inputs, stated), float("nan"))


def objective_name(inputs: Inputs, stated: dict[str, Any]) -> str:
    """Return the objective that the plan states, else that of the settings."""
    return str(stated.get("objective") or inputs.settings["objective"])


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) else float("nan")


def stated_figures(sheet: Sheet) -> dict[str, Any]:
    """Return the sheet ``summary`` as a dict (blank values as NaN)."""
    return dict(zip(sheet["key"].tolist(), sheet["value"].tolist(), strict=True))


#: Figures that every ``summary`` states.
STATED = (
    "objective_value", "compute_unit_hours", "compute_pv", "energy_mwh", "available_mwh", "cost_pv",
    "compute_per_dollar", "compute_per_watt_available", "compute_per_watt_consumed", "levelised_cost", "capex",
    "stranded_mwh", "idle_unit_periods",
)  # fmt: skip


def check_summary(ledger: Ledger, plan: Recomputed, summary: Sheet, figures: dict[str, float]) -> None:
    """Hold ``summary`` against the recomputed figures; add the sense of its bound and gap, and report the coverage."""
    inputs, given, stated = plan.inputs, summary.given, stated_figures(summary)
    scale = {  # figures that are differences are compared on the scale of what they are the difference of
        "stranded_mwh": figures["available_mwh"],
        "idle_unit_periods": float(plan.stock.owned.sum()),
        "cost_pv": plan.flows.opening_book + figures["capex"],
    }
    for key, ours in figures.items():
        theirs = _number(stated.get(key))
        if not given or (key not in STATED and key not in stated) or (np.isnan(ours) and np.isnan(theirs)):
            continue
        if key == "objective_value" and np.isnan(ours):
            _balanced(ledger, theirs)
            continue
        ledger.compare("summary", key, [theirs], [ours], axes=[[""]], size=scale.get(key, 0.0))
    ledger.sheet("summary", "every figure follows from the plan", given=given)
    _bound(ledger, stated, given=given)
    coverage, floor = _number(stated.get("coverage")), float(inputs.settings["compute_floor"])
    said = "states no coverage" if np.isnan(coverage) else f"states a coverage of {coverage:.6g}"
    ledger.say(
        "compute_floor",
        f"Compute is at least {floor:g} of the most attainable (for ratios; a solver must tell): the plan {said}",
        "reported",
        0.0 if np.isnan(coverage) else max(0.0, floor - coverage),
        "fraction",
    )


def _balanced(ledger: Ledger, theirs: float) -> None:
    """Without the best ratios a balanced objective can only be held against its range: a share of the best."""
    ledger.compare("summary", "objective_value", [theirs], [np.clip(theirs, 0.0, 1.0)])


def _bound(ledger: Ledger, stated: dict[str, Any], *, given: bool) -> None:
    statement = "The bound is no worse than the objective value, and gap = (bound − value) / |value|"
    value, bound, gap = (_number(stated.get(key)) for key in ("objective_value", "bound", "gap"))
    if not given or np.isnan(value) or np.isnan(bound):
        ledger.say("bound_and_gap", f"{statement}; the plan states no bound", "not given")
        return
    below = value - bound
    off = 0.0 if np.isnan(gap) or not value else abs(gap - max(0.0, bound - value) / abs(value)) * abs(value)
    ledger.rule("bound_and_gap", statement, [below, off], "of the objective", size=max(abs(value), abs(bound)))
