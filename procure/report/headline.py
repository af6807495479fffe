"""The answer in words and key figures, computed from the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.report.look import short

if TYPE_CHECKING:
    from procure.plan import Plan

__all__ = ["Gap", "Tile", "answer", "gap_of", "tiles"]

_OBJECTIVES = {
    "compute_per_dollar": "compute per dollar",
    "compute_per_watt": "compute per watt",
    "balanced": "the balance of compute per watt and per dollar",
    "compute": "compute",
    "cost": "cost",
    "npv": "net present value",
}


@dataclass(frozen=True)
class Gap:
    """How far the best possible plan can be from this one: relative, in money (present value) and in unit-hours."""

    relative: float
    money: float
    compute: float

    @property
    def proven(self) -> bool:
        """Whether anything is proven."""
        return bool(np.isfinite(self.relative))


def gap_of(plan: Plan) -> Gap:
    """Return the gap of a plan in money and compute.

    For the money objectives the gap itself is money; for ``compute`` it is compute. A ratio's gap is said both ways:
    the same compute for so much less, or so much more compute for the same money. What the objective does not measure
    is converted at the plan's levelised cost.
    """
    figures = plan.figures
    relative = _number(figures["gap"])
    value, bound = _number(figures["objective_value"]), _number(figures["bound"])
    if not (np.isfinite(relative) and np.isfinite(bound)):
        return Gap(np.inf, np.inf, np.inf)
    cost, compute = _number(figures["cost_pv"]), _number(figures["compute_pv"])
    levelised = cost / compute if compute else np.nan
    difference = max(0.0, bound - value)
    objective = plan.outcome.objective
    if objective in {"cost", "npv"}:
        return Gap(relative, difference, difference / levelised if levelised else np.nan)
    if objective == "compute":
        return Gap(relative, difference * levelised, difference)
    return Gap(relative, abs(cost) * difference / bound if bound else 0.0, compute * relative)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else np.nan


def money(plan: Plan, value: float) -> str:
    """Say an amount in the case's currency."""
    return f"{plan.case.currency} {short(value)}" if np.isfinite(value) else "not known"


def answer(plan: Plan) -> tuple[str, str]:
    """Return the answer in two sentences: what to order, and what it brings, how surely."""
    return _what(plan), _worth(plan)


def _what(plan: Plan) -> str:
    orders = plan.frames["orders"]
    planned = orders[orders["committed"] == "no"]
    committed = int(orders.loc[orders["committed"] == "yes", "units"].sum())
    beside = f", beside {committed:,} committed before," if committed else ""
    if planned.empty:
        return f"Order nothing{' more' if committed else ''}: the best plan runs what is there{beside.rstrip(',')}."
    spent = planned.groupby("generation")["total"].sum().sort_values(ascending=False, kind="stable")
    total, units = float(spent.sum()), int(planned["units"].sum())
    shares = (
        [f"{name} {value / total:.0%}" for name, value in spent.iloc[:3].items()] if total else list(spent.index[:3])
    )
    rest = len(spent) - 3
    mix = ", ".join(shares) + (f" and {rest} more" if rest > 0 else "")
    first = planned.sort_values(["order_by"], kind="stable").iloc[0]
    due = planned[planned["order_by"] == first["order_by"]]
    now = ", ".join(f"{int(n):,} {name}" for name, n in due.groupby("generation", sort=False)["units"].sum().items())
    plural = "s" if units != 1 else ""
    return (
        f"Order {units:,} unit{plural} for {money(plan, total)}{beside} in {len(planned):,} order"
        f"{'s' if len(planned) != 1 else ''} from {first['order']} to {planned['order'].iloc[-1]} "
        f"({'share of spend: ' if len(spent) > 1 else ''}{mix}); the first, by {first['order_by']:%-d %B %Y}: {now}."
    )


def _worth(plan: Plan) -> str:
    figures, case, gap = plan.figures, plan.case, gap_of(plan)
    compute, levelised = _number(figures["compute_unit_hours"]), _number(figures["levelised_cost"])
    available, stranded = _number(figures["available_mwh"]), _number(figures["stranded_mwh"])
    text = f"It delivers {short(compute)} {case.compute_unit}-hours"
    if np.isfinite(levelised):
        text += f" at {case.currency} {short(levelised)} each (present values)"
    if available:
        text += f" and uses {1 - stranded / available:.0%} of the power available"
    goal = _OBJECTIVES[plan.outcome.objective]
    if not gap.proven:
        return f"{text}; how much better a plan could be is not proven."
    if gap.relative <= 5e-7:
        return f"{text}; no plan does better on {goal} (proven)."
    return (
        f"{text}; no plan can do better on {goal} by more than {gap.relative:.2%} "
        f"({money(plan, gap.money)}, or {short(gap.compute)} {case.compute_unit}-hours): proven."
    )


@dataclass(frozen=True)
class Tile:
    """One key figure: what it is, the figure, what it is measured in or against."""

    label: str
    value: str
    detail: str


def tiles(plan: Plan) -> list[Tile]:
    """Return the key figures of the dashboard (all but the checks)."""
    figures, case, gap = plan.figures, plan.case, gap_of(plan)
    unit, currency = case.compute_unit, case.currency

    def say(key: str) -> str:
        value = _number(figures[key])
        return short(value) if np.isfinite(value) else "–"

    coverage = _number(figures["coverage"])
    periods = max(1, case.T)
    stranded_mw = _number(figures["stranded_mwh"]) / (case.hours * periods)
    available, stranded = _number(figures["available_mwh"]), _number(figures["stranded_mwh"])
    basis = case.settings.watt_basis
    watt = "compute_per_watt_consumed" if basis == "consumed" else "compute_per_watt_available"
    covered = f"; {coverage:.0%} of the most attainable" if np.isfinite(coverage) else ""
    binds = " (floor binds)" if figures.get("floor_binds") == "yes" else ""
    gap_compute = f"bound: at most {short(gap.compute)} more" if gap.proven else "no bound proven"
    gap_money = f"bound: at most {money(plan, gap.money)} less" if gap.proven else "no bound proven"
    return [
        Tile(f"Delivered compute, {unit}-hours", say("compute_unit_hours"), f"{gap_compute}{covered}{binds}"),
        Tile("Cost, present value", money(plan, _number(figures["cost_pv"])), gap_money),
        Tile("Levelised cost of compute", money(plan, _number(figures["levelised_cost"])), f"per {unit}-hour"),
        Tile(f"Compute per {currency}", say("compute_per_dollar"), f"{unit}-hours, present values"),
        Tile("Compute per MW", say(watt), f"{unit} per MW {basis}"),
        Tile("Capex", money(plan, _number(figures["capex"])), "hardware and builds, not discounted"),
        Tile(
            "Power used",
            f"{1 - stranded / available:.0%}" if available else "–",
            f"{stranded_mw:,.1f} MW stranded on average",
        ),
        Tile(
            "Idle units", f"{_number(figures['idle_unit_periods']) / periods:,.0f}", "owned and not running, on average"
        ),
    ]
