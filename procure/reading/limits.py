"""Plain arithmetic on the checked tables: order windows, prices, and the most compute that could be delivered.

The limits are optimistic on purpose: whatever exceeds them is impossible in every plan.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from procure.reading.digest import Digest

__all__ = [
    "arbitrage",
    "can_order",
    "demand_limits",
    "fits",
    "licensed_from",
    "money",
    "order_periods",
    "order_window",
    "unit_price",
]

_MOST_WORK = 2_000_000


def money(amount: float) -> str:
    """Return an amount with separators, without needless decimals."""
    return f"{amount:,.0f}" if abs(amount) >= 1000 or float(amount).is_integer() else f"{amount:,.2f}"


def fits(unit: str, site: str) -> bool:
    """Whether a unit's cooling (air, liquid) and a hall's (air, liquid, both) go together."""
    return site in ("both", unit)


def order_window(result: Digest, g: int) -> range:
    """Return the periods in which generation g may be ordered so that it arrives within the horizon."""
    calendar, values = result.calendar, result.tables["generations"].values
    if calendar is None:
        return range(0)
    first, last = values["available_from"][g], values["last_order"][g]
    low = 0 if math.isnan(first) else max(0, int(first))
    high = calendar.periods - 1 - int(values["lead_time"][g])
    return range(low, (high if math.isnan(last) else min(high, int(last))) + 1)


def order_periods(result: Digest, g: int) -> Iterator[int]:
    """Yield the periods of the order window in which the allocation allows an order."""
    periods, values = order_window(result, g), result.tables["generations"].values
    row = result.place("allocation").get(values["generation"][g])
    if row is None or result.calendar is None:
        yield from periods
        return
    least = max(values["lot"][g], values["min_order"][g])
    series, labels = result.tables["allocation"].series, result.calendar.labels
    yield from (t for t in periods if series[labels[t]][row] >= least)


def can_order(result: Digest, g: int) -> bool:
    """Whether generation g can be ordered at all."""
    if result.tables["generations"].values["generation"][g] not in result.place("allocation"):
        return bool(order_window(result, g))
    return next(order_periods(result, g), None) is not None


def unit_price(result: Digest, g: int, t: int) -> float:
    """Return the price of a unit of generation g ordered in period t (NaN where none is given)."""
    calendar, values = result.calendar, result.tables["generations"].values
    if calendar is None:
        return math.nan
    row = result.place("prices").get(values["generation"][g])
    if row is not None:
        listed = result.tables["prices"].series[calendar.labels[t]][row]
        if not math.isnan(listed):
            return listed
    start = values["available_from"][g]
    age = calendar.years_per_period * max(0.0, t - (0.0 if math.isnan(start) else start))
    return float(values["price"][g] * (1 - values["price_decline"][g]) ** age)


def licensed_from(result: Digest, g: int, s: int) -> float:
    """Return the first period in which generation g may stand at site s (inf: never); its own row beats a ``*`` row."""
    licences = result.tables["licences"].values
    name, site = result.tables["generations"].values["generation"][g], result.tables["sites"].values["site"][s]
    found: dict[str, float] = {}
    for generation, place, allowed, start in zip(
        *(licences[column] for column in ("generation", "site", "allowed", "from")), strict=True
    ):
        if place == site and generation in (name, "*"):
            found[generation] = (0.0 if math.isnan(start) else start) if allowed else math.inf
    return found.get(name, found.get("*", 0.0))


def arbitrage(result: Digest, g: int, resale: list[float]) -> tuple[int, int] | None:
    """Return (order period, sale period) where buying and reselling pays and neither supply nor money limits it."""
    calendar, settings = result.calendar, result.settings.values
    budget, allocation = result.tables["budget"], result.tables["allocation"]
    values = result.tables["generations"].values
    if calendar is None or settings["max_generation_share"] < 1:
        return None
    row = result.place("allocation").get(values["generation"][g])
    rho = (1 + settings["discount_rate"]) ** calendar.years_per_period - 1
    lead, deposit = int(values["lead_time"][g]), values["deposit"][g]
    for t in order_periods(result, g):
        label = calendar.labels[t]
        if row is not None and math.isfinite(allocation.series[label][row]):
            continue
        arrival = t + lead
        budgets = [budget.series[calendar.labels[u]][0] for u in (t, arrival)] if len(budget) else [math.inf]
        if any(map(math.isfinite, budgets)):
            continue
        discount = [(1 + rho) ** -u for u in range(calendar.periods + 1)]
        cost = unit_price(result, g, t) * (deposit * discount[t] + (1 - deposit) * discount[arrival])
        opex = values["opex_per_year"][g] * calendar.years_per_period
        for sale in range(arrival, calendar.periods):
            if not math.isnan(resale[sale]) and resale[sale] * discount[sale] > cost * (1 + 1e-9) + 1e-6:
                return t, sale
            cost += opex * discount[sale + 1]
        last = resale[-1]
        if settings["terminal_value"] == "resale" and last * discount[-1] > cost * (1 + 1e-9) + 1e-6:
            return t, calendar.periods
    return None


def demand_limits(result: Digest) -> Callable[[str, int], tuple[float, str]] | None:
    """Return a function (workload, period) → (most compute units, why); None where the case is too large for it."""
    calendar = result.calendar
    if calendar is None:
        return None
    work = len(result.tables["generations"]) * len(result.tables["sites"]) * calendar.periods
    if work * max(1, len(result.tables["workloads"])) > _MOST_WORK:
        return None
    return _Limits(result).most


class _Limits:
    """The pieces of the two limits: units that could be owned, and power that could be there."""

    def __init__(self, result: Digest) -> None:
        self.result = result
        self.labels = result.calendar.labels if result.calendar else ()
        self.years = result.calendar.years_per_period if result.calendar else 1.0
        self.generations = result.tables["generations"].values
        self.sites = result.tables["sites"].values
        self.workloads = [str(name) for name in result.tables["workloads"].values["workload"]]
        G, S = len(self.generations["generation"]), len(self.sites["site"])
        self.units = self._units()
        self.modes = [self._modes(name) for name in self.generations["generation"]]
        self.first = [[self._first(g, s) for s in range(S)] for g in range(G)]
        self.mw, self.campus_mw = self._power()

    def _units(self) -> list[list[float]]:
        """Most units of each generation owned in each period."""
        names, leads = self.generations["generation"], self.generations["lead_time"]
        fleet, committed = self.result.tables["fleet"].values, self.result.tables["committed"].values
        added = [[0.0] * len(self.labels) for _ in names]
        place = self.result.place("generations")
        for name, units in zip(fleet["generation"], fleet["units"], strict=True):
            added[place[name]][0] += units
        for name, period, units in zip(*(committed[c] for c in ("generation", "delivery", "units")), strict=True):
            added[place[name]][int(period)] += units
        series = self.result.tables["allocation"].series
        for g, name in enumerate(names):
            row = self.result.place("allocation").get(name)
            for t in order_periods(self.result, g):
                added[g][t + int(leads[g])] += math.inf if row is None else series[self.labels[t]][row]
        return [list(accumulate(units)) for units in added]

    def _modes(self, name: str) -> tuple[float, float]:
        """Most compute a unit, and most compute per power, over the modes of a generation (factors)."""
        rows = self.result.tables["modes"].values
        table = {"full": (1.0, 1.0)}
        for wanted in ("*", name):
            for g, mode, power, compute in zip(
                *(rows[c] for c in ("generation", "mode", "power_factor", "compute_factor")), strict=True
            ):
                if g == wanted:
                    table[mode] = (power, compute)
        return max(c for _, c in table.values()), max(c / p for p, c in table.values())

    def _first(self, g: int, s: int) -> float:
        """First period in which generation g may stand at site s."""
        dense = self.generations["rack_kw"][g] <= self.sites["max_rack_kw"][s]
        if not dense or not fits(self.generations["cooling"][g], self.sites["cooling"][s]):
            return math.inf
        return licensed_from(self.result, g, s)

    def _power(self) -> tuple[list[list[float]], dict[str, list[float]]]:
        """Facility MW by site and period (inf where only the campus has a row), and by campus, options included."""
        T, power = len(self.labels), self.result.tables["power"]
        rows = {name: [power.series[label][i] for label in self.labels] for i, name in enumerate(power.values["site"])}
        mw = [list(rows.get(name, [math.inf] * T)) for name in self.sites["site"]]
        campus = {name: list(rows[name]) for name in self.sites["campus"] if name in rows}
        options = self.result.tables["power_options"].values
        for site, adds, firm, builds, lead, earliest in zip(
            *(options[c] for c in ("site", "adds_mw", "availability", "max_builds", "lead_time", "earliest")),
            strict=True,
        ):
            s = self.result.place("sites")[site]
            done = int(lead) + (0 if math.isnan(earliest) else max(0, int(earliest)))
            for t in range(min(done, T), T):
                mw[s][t] += adds * firm * builds
                if self.sites["campus"][s] in campus:
                    campus[self.sites["campus"][s]][t] += adds * firm * builds
        return mw, campus

    def _rated(self, g: int, w: int, t: int) -> float:
        """Rated compute of a unit of generation g on workload w in period t."""
        name = self.generations["generation"][g]
        performance, path = self.result.tables["performance"], self.result.tables["compute_path"]
        rated = self.generations["compute"][g]
        row = self.result.place("performance").get(name)
        if row is not None and not math.isnan(cell := performance.series[self.workloads[w]][row]):
            rated = cell
        row = self.result.place("compute_path").get(name)
        if row is not None:
            return float(rated * path.series[self.labels[t]][row])
        start = self.generations["available_from"][g]
        age = self.years * max(0.0, t - (0.0 if math.isnan(start) else start))
        return float(rated * (1 - self.generations["obsolescence"][g]) ** age)

    def _utilisation(self, s: int, w: int) -> float:
        for value in (self.sites["utilisation"][s], self.result.tables["workloads"].values["utilisation"][w]):
            if not math.isnan(value):
                return float(value)
        return float(self.result.settings.values["utilisation"])

    def _lift(self, workload: str, t: int) -> float:
        """One plus every uplift that could be complete in period t."""
        rows = self.result.tables["projects"].values
        lift = 1.0
        for scope, uplift, lead, earliest in zip(
            *(rows[c] for c in ("workload", "uplift", "lead_time", "earliest")), strict=True
        ):
            done = int(lead) + (0 if math.isnan(earliest) else max(0, int(earliest)))
            if scope in (workload, "*") and done <= t:
                lift += uplift
        return lift

    def _rented(self, workload: str, t: int) -> float:
        table = self.result.tables["rental"]
        names = table.values["workload"]
        return sum(table.series[self.labels[t]][i] for i, name in enumerate(names) if name in (workload, "*"))

    def most(self, workload: str, t: int) -> tuple[float, str]:
        """Return the most compute units of a workload that could be delivered in period t, and what limits it."""
        w = self.workloads.index(workload) if workload in self.workloads else 0
        lift, rented = self._lift(self.workloads[w], t), self._rented(self.workloads[w], t)
        by_units = 0.0
        per_mw = [0.0] * len(self.sites["site"])
        for g in range(len(self.units)):
            if self.units[g][t] <= 0:
                continue
            rated, best = self._rated(g, w, t), 0.0
            factor, per_power = self.modes[g]
            for s in range(len(per_mw)):
                listed = self.sites["workloads"][s]
                if self.first[g][s] > t or (listed and self.workloads[w] not in listed):
                    continue
                use = rated * self._utilisation(s, w)
                best = max(best, use * factor)
                facility_mw = (1 + self.sites["overhead"][s]) * self.sites["pue"][s] / 1000
                per_mw[s] = max(per_mw[s], use * per_power / (self.generations["power_kw"][g] * facility_mw))
            by_units += self.units[g][t] * best if best else 0.0
        by_power = self._by_power(per_mw, t)
        if by_units <= by_power:
            return by_units * lift + rented, "with every unit that could be there by then running"
        return by_power * lift + rented, "with all power that could be there by then in use"

    def _by_power(self, per_mw: list[float], t: int) -> float:
        """Most compute units that the power of period t can carry."""
        total = 0.0
        campuses: dict[str, list[int]] = {}
        for s, name in enumerate(self.sites["campus"]):
            if name in self.campus_mw:
                campuses.setdefault(name, []).append(s)
            else:
                total += self.mw[s][t] * per_mw[s] if per_mw[s] else 0.0
        for name, members in campuses.items():
            own = sum(self.mw[s][t] * per_mw[s] for s in members if per_mw[s])
            total += min(own, self.campus_mw[name][t] * max(per_mw[s] for s in members))
        return total
