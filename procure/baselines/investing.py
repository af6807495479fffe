"""What a rule of thumb does beside ordering: it builds when a site is full, and starts projects and rents when cheap.

All rules share it, so that they differ in what they buy and where alone. Each test uses today's figures:

- a power option or shell is built when its site cannot take one more unit of what is on offer, the budget that the
  orders of the period left pays for it, and it costs less a period than the hardware that it makes room for;
- a project is started when a unit of compute that it adds to what runs now is cheaper than the best purchase today (for
  ``compute``: as soon as it can, for ``npv``: when it is worth more than it costs);
- compute is rented where the demand's minimum is not served otherwise, and where it costs no more than the best
  purchase today (``compute``: always, ``npv``: where it is worth more than it costs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure import finance

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from procure.baselines.offers import Offers
    from procure.baselines.yard import Purse, Yard
    from procure.case import Case, Options

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Investor", "rent"]


class Investor:
    """Builds options and starts projects; ``best`` is the cost of a unit of gain and hour of today's best purchase."""

    def __init__(self, case: Case, table: Offers, yard: Yard, purse: Purse) -> None:
        self.case, self.table, self.yard, self.purse = case, table, yard, purse
        T = case.T
        self.power_builds = np.zeros((len(case.power_options), T), dtype=np.int64)
        self.shell_builds = np.zeros((len(case.shell_options), T), dtype=np.int64)
        self.project_starts = np.zeros((len(case.projects), T), dtype=np.int64)
        self.lift = np.ones((len(case.workloads), T))

    def decide(self, t: int, able: Bools, best: float, needs: Callable[[int], tuple[Floats, Floats]]) -> None:
        """Take the period's decisions, after its orders."""
        if self.case.settings.objective == "npv":
            able = able & (self.table.dear[:, :, t] < 1.0)  # room for what does not pay is not built
        if able.any():
            self._build(self.case.power_options, self.power_builds, t, able, needs, power=True)
            self._build(self.case.shell_options, self.shell_builds, t, able, needs, power=False)
        self._start(t, best, needs)

    def _build(self, options: Options, builds: Ints, t: int, able: Bools,
               needs: Callable[[int], tuple[Floats, Floats]], *, power: bool) -> None:  # fmt: skip
        case = self.case
        for k in range(len(options)):
            s, done, lead = int(options.site[k]), int(builds[k].sum()), int(options.lead[k])
            if not options.earliest[k] <= t <= options.latest[k] or t + lead >= case.T or done >= options.max_builds[k]:
                continue
            offered = np.flatnonzero(able[:, s])
            if not offered.size or not self._full(offered, s, t + lead, power=power):
                continue
            if not self._cheap(options, k, offered, s, t, power=power) or not needs(t + lead)[1].any():
                continue
            capex = float(options.capex[k])
            if self.purse.affords(t, t, capex, 0.0) < 1:
                continue
            builds[k, t] = 1
            self.purse.pay(t, t, capex, 0.0)
            if power:
                self.yard.limit_mw[s, t + lead :] += options.adds[k]
                if case.sites.campus[s] >= 0:
                    self.yard.limit_campus[case.sites.campus[s], t + lead :] += options.adds[k]
            else:
                self.yard.limit_racks[s, t + lead :] += options.adds[k]

    def _full(self, offered: Ints, s: int, v: int, *, power: bool) -> bool:
        """Tell whether power (or else racks) keeps every generation on offer out of a site, and nothing else does."""
        room, k = self.yard.room(v, v), int(self.case.sites.campus[s])
        mw = min(room.mw[s], room.campus_mw[k]) if k >= 0 else room.mw[s]
        fits_mw = self.table.mw[offered, s] <= mw
        fits_racks = self.case.generations.racks[offered] <= room.racks[s]
        lacking, other = (fits_mw, fits_racks) if power else (fits_racks, fits_mw)
        return bool(not lacking.any() and other.any())

    def _cheap(self, options: Options, k: int, offered: Ints, s: int, t: int, *, power: bool) -> bool:
        case, generations = self.case, self.case.generations
        rho = finance.period_rate(case.settings.discount_rate, case.years)
        capital = float(options.capex[k] * finance.annuity(rho, case.T - t - options.lead[k]))
        cost = capital + float(options.fixed_per_period[k])
        g = offered[np.argmin(self.table.dear[offered, s, t])]
        hardware = float(generations.price[g, t] * finance.annuity(rho, generations.life_years[g] / case.years))
        takes = float(self.table.mw[g, s] if power else generations.racks[g])
        if takes <= 0 or options.adds[k] <= 0:
            return False
        return bool(cost / options.adds[k] < hardware / takes)

    def _start(self, t: int, best: float, needs: Callable[[int], tuple[Floats, Floats]]) -> None:
        case, projects = self.case, self.case.projects
        rho = finance.period_rate(case.settings.discount_rate, case.years)
        for j in range(len(projects)):
            ready = t + int(projects.lead[j])
            if t < projects.earliest[j] or ready >= case.T or self.project_starts[j].any():
                continue
            gained = projects.uplift[j] * (self._served(t) * projects.scope[j])
            if case.settings.objective == "npv":
                gained = gained * case.demand_value[:, t]
            cost = float(projects.cost[j] * finance.annuity(rho, case.T - ready) + projects.cost_per_period[j])
            wanted = needs(ready)[1][projects.scope[j]].any()
            price = {"compute": np.inf, "npv": 1.0}.get(case.settings.objective, best if np.isfinite(best) else 0.0)
            if wanted and gained.sum() > 0 and cost <= price * case.hours * gained.sum():
                self.project_starts[j, t] = 1
                self.lift[projects.scope[j], ready:] += projects.uplift[j]

    def _served(self, t: int) -> Floats:
        """Return roughly what runs by workload: units with power where each delivers most (W)."""
        units, table = self.yard.units[:, :, t], self.table
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = self.yard.mw[:, t]
            powered = np.where(drawn > 0, np.minimum(1.0, self.yard.limit_mw[:, t] / drawn), 1.0)
        rate = table.rate[:, :, t, :]
        where = rate.argmax(axis=2)
        served = np.zeros(rate.shape[2])
        np.add.at(served, where, units * rate.max(axis=2) * powered[None, :])
        return served


def rent(case: Case, delivered: Floats, target: Floats, price: Floats) -> Floats:
    """Return the compute rented by offer and period (R × T), the cheapest offer first.

    ``delivered`` [W, T] average compute served by running units; ``target`` [W, T] what is worth serving; ``price``
    [W, T] what a unit-hour may cost beyond the demand's minimum.
    """
    offers, T = case.rental, case.T
    result = np.zeros((len(offers), T))
    served = delivered.copy()
    for r in np.argsort(offers.price_per_unit_hour, kind="stable").tolist():
        w = int(offers.workload[r])
        least = case.demand_min[w]
        goal = np.where(offers.price_per_unit_hour[r] <= price[w], np.maximum(target[w], least), least)
        room = np.maximum(0.0, case.demand_max[w] - served[w])
        amount = np.minimum(np.minimum(np.maximum(0.0, goal - served[w]), room), offers.maximum[r])
        amount = np.where(
            np.isinf(amount), np.maximum(0.0, least - served[w]), amount
        )  # without any limit: what must be
        result[r] = np.floor(amount * 1e9) / 1e9
        served[w] += result[r]
    return result
