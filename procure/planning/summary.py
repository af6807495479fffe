"""The figures of a plan: the sheet ``summary`` (key, value, unit)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from procure.planning.cash import Cash
    from procure.planning.quantities import Quantities
    from procure.solution import Outcome

__all__ = ["Figures", "figures", "summary"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Totals over the horizon: compute in unit-hours, energy in MWh, money in the case's currency."""

    compute: float
    compute_pv: float
    energy_mwh: float
    available_mwh: float
    cost: float
    value_pv: float
    capex: float
    stranded_mwh: float
    idle_unit_periods: float

    @property
    def per_dollar(self) -> float:
        """Compute per dollar, C_pv / D."""
        return _ratio(self.compute_pv, self.cost)

    @property
    def per_watt_available(self) -> float:
        """Compute units per MW of available power, C / A."""
        return _ratio(self.compute, self.available_mwh)

    @property
    def per_watt_consumed(self) -> float:
        """Compute units per MW drawn, C / E."""
        return _ratio(self.compute, self.energy_mwh)


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else float("nan")


def figures(q: Quantities, flows: Cash) -> Figures:
    """Return the totals of a plan."""
    case = q.case
    delivered = q.delivered_hours
    stranded = np.maximum(0.0, q.available_mw - q.used_mw)
    rented_mwh = float(q.rented_mwh.sum())
    return Figures(
        compute=float(delivered.sum()),
        compute_pv=float(delivered.sum(axis=0) @ case.compute_weight),
        energy_mwh=float(q.site_mwh.sum()) + rented_mwh,
        available_mwh=float(case.hours * q.available_mw.sum()) + rented_mwh,
        cost=flows.cost,
        value_pv=float((delivered * case.demand_value).sum(axis=0) @ flows.discount[1:]),
        capex=float(sum(flows.start[kind].sum() for kind in ("capex_orders", "deposits", "builds"))),
        stranded_mwh=float(case.hours * stranded.sum()),
        idle_unit_periods=max(0.0, float(q.owned.sum() - q.run.units.sum())),
    )


def objective_value(f: Figures, q: Quantities, outcome: Outcome) -> float:
    """Return the objective of the outcome, recomputed from the figures of the plan.

    NaN for ``balanced`` where the best ratios that it refers to are not known (the solver was stopped before).
    """
    consumed = q.case.settings.watt_basis == "consumed"
    per_watt = f.per_watt_consumed if consumed else f.per_watt_available
    values = {
        "compute_per_dollar": f.per_dollar,
        "compute_per_watt": per_watt,
        "balanced": min(_ratio(per_watt, outcome.best_watt), _ratio(f.per_dollar, outcome.best_dollar)),
        "compute": f.compute_pv,
        "cost": -f.cost,
        "npv": f.value_pv - f.cost,
    }
    return values[outcome.objective]


def summary(q: Quantities, flows: Cash, f: Figures, outcome: Outcome) -> pd.DataFrame:
    """Return key, value and unit of every figure; blank where there is none (a ratio of nothing, say)."""
    case = q.case
    unit, money = case.compute_unit, case.currency
    objective_units = {
        "compute_per_dollar": f"{unit}-hours per {money}",
        "compute_per_watt": f"{unit} per MW",
        "balanced": "share of best",
        "compute": f"{unit}-hours, discounted",
        "cost": f"{money}, negative of the cost",
        "npv": money,
    }
    value = objective_value(f, q, outcome)
    gap = _gap(value, outcome.bound) if np.isfinite(value) else float("inf")
    rows: list[tuple[str, Any, str]] = [
        ("status", outcome.status, ""),
        ("objective", outcome.objective, ""),
        ("objective_value", value, objective_units[outcome.objective]),
        ("bound", outcome.bound, objective_units[outcome.objective]),
        ("gap", gap, "fraction"),
        ("compute_unit_hours", f.compute, f"{unit}-hours"),
        ("compute_pv", f.compute_pv, f"{unit}-hours, discounted"),
        ("energy_mwh", f.energy_mwh, "MWh"),
        ("available_mwh", f.available_mwh, "MWh"),
        ("cost_pv", f.cost, f"{money}, present value"),
        ("compute_per_dollar", f.per_dollar, f"{unit}-hours per {money}"),
        ("compute_per_watt_available", f.per_watt_available, f"{unit} per MW"),
        ("compute_per_watt_consumed", f.per_watt_consumed, f"{unit} per MW"),
        ("levelised_cost", _ratio(f.cost, f.compute_pv), f"{money} per {unit}-hour"),
        ("coverage", _ratio(f.compute_pv, outcome.attainable), "fraction of the most attainable"),
        ("capex", f.capex, money),
        ("stranded_mwh", f.stranded_mwh, "MWh"),
        ("idle_unit_periods", f.idle_unit_periods, "units × periods"),
        ("solve_seconds", outcome.seconds.get("solve", sum(outcome.seconds.values())), "s"),
        ("compute_floor", case.settings.compute_floor, "fraction of the most attainable"),
        ("floor_binds", "yes" if outcome.floor_binds else "no", ""),
        ("value_pv", f.value_pv, f"{money}, present value"),
        ("opening_book", flows.opening_book, money),
        ("terminal_value", flows.terminal, money),
        ("terminal_value_pv", flows.terminal * float(flows.discount[-1]), f"{money}, present value"),
        ("carbon_t", carbon_t(q), "t"),
        ("best_compute_per_watt", outcome.best_watt, f"{unit} per MW, proven bound"),
        ("best_compute_per_dollar", outcome.best_dollar, f"{unit}-hours per {money}, proven bound"),
        ("stopped", outcome.stopped, ""),
    ]
    if outcome.objective != "balanced":
        rows = [row for row in rows if not row[0].startswith("best_")]
    kept = [(key, None if isinstance(v, float) and not np.isfinite(v) else v, unit) for key, v, unit in rows]
    return pd.DataFrame(
        {
            "key": [row[0] for row in kept],
            "value": pd.Series([row[1] for row in kept], dtype=object),
            "unit": [row[2] for row in kept],
        }
    )


def _gap(value: float, bound: float) -> float:
    if not np.isfinite(bound):
        return float("inf")
    difference = max(0.0, bound - value)
    return difference / abs(value) if value else (0.0 if difference <= 1e-9 else float("inf"))


def carbon_t(q: Quantities) -> float:
    """Tonnes of carbon over the horizon."""
    grid = q.case.sites.carbon_kg_per_mwh @ q.grid_mwh
    option = q.case.power_options.carbon_kg_per_mwh @ q.option_mwh
    return float((grid + option).sum() / 1000.0)
