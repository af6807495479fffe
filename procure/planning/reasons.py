"""Where each order goes first, and the rules that make it worth placing (columns of the sheet ``orders``).

Both are read from the plan's own numbers. Units of a generation go into service oldest delivery first
(``books.service_lots``); in a period, sites that gain most are served first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from procure.planning.books import NEVER, service_lots
from procure.planning.orders import bought, payments
from procure.planning.power import BINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.planning.quantities import Quantities

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

__all__ = ["Use", "first_to", "reasons", "uses"]


class Use(NamedTuple):
    """Units of a cohort that go into service at a site (−1: not told apart) in a period (``NEVER``: not at all)."""

    period: int
    site: int
    units: int


def uses(q: Quantities) -> dict[int, list[Use]]:
    """Return the uses of each cohort in ``orders``, earliest first."""
    lots = service_lots(q.solution)
    wanted = set(bought(q).tolist())
    gains = np.maximum(q.solution.moves, 0)
    result: dict[int, list[Use]] = {c: [] for c in wanted}
    for i in np.lexsort((lots.delivered, lots.begin)):
        c, begin, left = int(lots.cohort[i]), int(lots.begin[i]), int(lots.units[i])
        if begin >= q.case.T or begin < 0:
            if c in wanted and begin > 0:
                result[c].append(Use(NEVER, -1, left))
            continue
        room = gains[lots.generation[i], :, begin]
        for s in np.flatnonzero(room)[np.argsort(-room[room > 0], kind="stable")]:
            take = min(left, int(room[s]))
            if take:
                room[s] -= take
                left -= take
                if c in wanted:
                    result[c].append(Use(begin, int(s), take))
        if left and c in wanted:
            result[c].append(Use(begin, -1, left))
    return result


def first_to(q: Quantities, used: dict[int, list[Use]]) -> list[str]:
    """Return where the units of each order go on delivery: sites and, for those that wait, the warehouse."""
    cohorts, names = q.case.cohorts, q.case.sites.names
    result = []
    for c in bought(q).tolist():
        at_once = [use for use in used[c] if use.period == cohorts.delivered[c] and use.site >= 0]
        parts = [(names[use.site], use.units) for use in at_once]
        waits = int(q.solution.ordered[c]) - sum(units for _, units in parts)
        if waits:
            parts.append(("warehouse", waits))
        result.append(parts[0][0] if len(parts) == 1 else ", ".join(f"{name} {units:,}" for name, units in parts))
    return result


class _Limits(NamedTuple):
    """What holds a plan back, by period: power and racks by site, the budget's slack, minimum demand met exactly."""

    power: Bools
    racks: Bools
    budget_slack: Floats
    at_minimum: Bools


def _limits(q: Quantities) -> _Limits:
    case, T = q.case, q.case.T
    racks = case.sites.racks.copy()
    np.add.at(racks, case.shell_options.site, case.shell_options.adds[:, None] * q.shell_online)
    taken = np.einsum("g,gst->st", case.generations.racks, q.solution.installed)
    smallest = float(case.generations.racks.min(initial=1.0))
    index = bought(q)
    _, deposit, balance = payments(q, index)
    spent = case.power_options.capex @ q.solution.power_builds + case.shell_options.capex @ q.solution.shell_builds
    np.add.at(spent, np.maximum(0, case.cohorts.order[index]), deposit)
    np.add.at(spent, case.cohorts.delivered[index], balance)
    slack = case.budget - spent
    if case.settings.budget_carry_over:
        slack = np.where(np.isinf(case.budget).cumsum() > 0, np.inf, np.cumsum(slack))
    average = q.delivered_hours / case.hours
    return _Limits(
        power=(q.available_mw - q.used_mw <= np.maximum(BINDS, 0.005 * q.available_mw)) & (q.used_mw > 0),
        racks=(racks - taken < smallest) & (taken > 0),
        budget_slack=np.asarray(slack).reshape(T),
        at_minimum=(case.demand_min > 0) & (average <= 1.001 * case.demand_min),
    )


def reasons(q: Quantities, used: dict[int, list[Use]]) -> list[str]:
    """Return why each order is placed: what it fills or replaces, what waits and why, which limits set its size."""
    limits = _limits(q)
    result = []
    for c in bought(q).tolist():
        if q.case.cohorts.committed[c]:
            parts = ["committed before the plan", *_destinations(q, c, used[c], limits)]
        else:
            parts = [
                *_destinations(q, c, used[c], limits),
                *_merits(q, c),
                *_waits(q, c, used[c], limits),
                *_size(q, c, limits),
            ]
        result.append("; ".join(parts))
    return result


def _destinations(q: Quantities, c: int, used: list[Use], limits: _Limits) -> list[str]:
    """Say what the units fill (the largest use by name), what leaves for it and the demand it meets."""
    case = q.case
    g = int(case.cohorts.generation[c])
    real = [use for use in used if use.period < case.T]
    if not real:
        return ["kept in the warehouse to the end"] if used else []
    named = [use for use in real if use.site >= 0]
    if not named:
        return [f"takes the place of units that leave, from {case.calendar.labels[real[0].period]}"]
    best = max(named, key=lambda use: use.units * case.peak_mw[g, use.site])
    mw = best.units * case.peak_mw[g, best.site]
    site, period = case.sites.names[best.site], case.calendar.labels[best.period]
    fills = limits.power[best.site, best.period] or limits.racks[best.site, best.period]
    unit = f"{mw:,.1f} MW" if mw >= 0.95 else f"{1000 * mw:,.0f} kW"
    text = f"{'fills' if fills else 'takes'} {unit} at {site} from {period}"
    if limits.racks[best.site, best.period] and not limits.power[best.site, best.period]:
        text += " (its last racks)"
    others = {use.site for use in named} - {best.site}
    if others:
        text += f" and more at {len(others)} other site{'s' if len(others) > 1 else ''}"
    parts = [text]
    leaving = np.maximum(-q.solution.moves[:, best.site, best.period], 0)
    leaving[g] = 0
    if leaving.sum():
        out = int(leaving.argmax())
        parts.append(f"replaces {int(leaving[out]):,} {case.generations.names[out]}")
    here = (q.run.generation == g) & (q.run.site == best.site) & (q.run.period == best.period)
    met = [w for w in np.unique(q.run.workload[here]).tolist() if limits.at_minimum[w, best.period]]
    if met:
        parts.append("meets minimum demand" + _of_workloads(q, met))
    return parts


def _of_workloads(q: Quantities, index: list[int]) -> str:
    return " of " + ", ".join(q.case.workloads[w] for w in index) if len(q.case.workloads) > 1 else ""


def _merits(q: Quantities, c: int) -> list[str]:
    """Say where the generation leads among those on offer in the order period."""
    case = q.case
    g, t = int(case.cohorts.generation[c]), int(case.cohorts.order[c])
    offered = np.flatnonzero(case.generations.window[:, t] & (case.generations.allocation[:, t] > 0))
    if offered.size < 2:
        return []
    rated = case.generations.perf[offered, t].max(axis=1)
    leads = [
        what
        for what, per in (
            ("MW", case.generations.power_kw[offered]),
            (case.currency, case.generations.price[offered, t]),
        )
        if offered[(rated / np.maximum(per, 1e-9)).argmax()] == g
    ]
    return [f"most compute per {' and per '.join(leads)} on offer"] if leads else []


def _waits(q: Quantities, c: int, used: list[Use], limits: _Limits) -> list[str]:
    """Say how many units wait in the warehouse, until when, and why they are ordered this early."""
    case = q.case
    g, t, v = int(case.cohorts.generation[c]), int(case.cohorts.order[c]), int(case.cohorts.delivered[c])
    late = [use for use in used if v < use.period < case.T]
    if not late:
        return []
    until = max(use.period for use in late)
    text = f"{sum(use.units for use in late):,} wait, the last until {case.calendar.labels[until]}"
    later = np.arange(t + 1, min(until - (v - t), case.T - 1) + 1)
    if not later.size:
        return [text]
    if not case.generations.window[g, later].any():
        return [f"{text}: the last chance to order"]
    ordered = np.zeros(case.T, dtype=np.int64)
    mine = (case.cohorts.generation == g) & (case.cohorts.order >= 0)
    np.add.at(ordered, case.cohorts.order[mine], q.solution.ordered[mine])
    if (ordered[later] > case.generations.allocation[g, later] - case.generations.lot[g]).all():
        return [f"{text}: the vendor allocates no more later"]
    price = case.generations.price[g]
    if price[later].min() > price[t] * (1 + 1e-9):
        return [f"{text}: the price rises"]
    if (limits.budget_slack[later] < price[later] * case.generations.lot[g]).all():
        return [f"{text}: later budget is used up"]
    return [text]


def _size(q: Quantities, c: int, limits: _Limits) -> list[str]:
    """Say which limit sets the number of units."""
    case, generations = q.case, q.case.generations
    g, t, v = int(case.cohorts.generation[c]), int(case.cohorts.order[c]), int(case.cohorts.delivered[c])
    units, lot = int(q.solution.ordered[c]), int(generations.lot[g])
    parts = []
    if units + lot > generations.allocation[g, t]:
        parts.append("all that the vendor allocates")
    if generations.min_order[g] > lot and units < generations.min_order[g] + lot:
        parts.append("the smallest order there is")
    slack = limits.budget_slack[[t, v]]
    need = np.array([generations.deposit[g], 1.0 - generations.deposit[g]]) * lot * case.cohorts.price[c]
    short = (need > 0) & (slack < need)
    if short.any():
        parts.append(f"as many as the budget of {case.calendar.labels[t if short[0] else v]} allows")
    return parts
