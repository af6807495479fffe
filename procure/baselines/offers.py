"""What is on offer and what it is worth today: compute, power and cost of ownership of one unit at each site.

A rule of thumb sees today's price, today's compute and the running cost of each site; it does not see the horizon. The
cost of ownership of a period is the price spread over the book life as an annuity at the discount rate, plus operating
cost, energy at the grid's price (carbon price included) and rent. A unit that is already owned costs its resale value,
spread over the service life that is left to it, plus the same running costs: the outsider's view of a replacement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure import finance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.baselines.rules import Rule
    from procure.case import Case

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Offers", "offers", "targets"]


@dataclass(frozen=True, slots=True)
class Offers:
    """Tables of one case and choice; axes as in ``procure.case``.

    ``mw`` [G, S] facility MW that one unit is given, in the power mode that the choice sizes for; ``rate`` [G, S, T, W]
    average compute units of a running unit by workload; ``gain`` [G, S, T] the most of it, in what the objective counts
    (compute units, or value an hour for ``npv``); ``running_cost`` [G, S] energy and rent of a unit and period;
    ``dear`` [G, S, T] cost of ownership per unit of gain and hour, of a unit bought at today's price; ``target`` [W, T]
    average compute units that are worth serving (inf: no limit in reach); ``cohort`` [G, T] the cohort of an order (−1:
    none can be placed).
    """

    mw: Floats
    rate: Floats
    gain: Floats
    running_cost: Floats
    dear: Floats
    target: Floats
    cohort: Ints

    def best_today(self, t: int, able: Bools) -> float:
        """Return the least cost per unit of gain and hour among the pairs (generation, site) marked; inf if none."""
        return float(self.dear[:, :, t][able].min(initial=np.inf))


def targets(case: Case) -> Floats:
    """Return the compute worth serving (W × T): the least that must be, for ``cost``; else the most that may be.

    For ``npv`` workloads without a value are served only as far as they must be.
    """
    objective = case.settings.objective
    if objective == "cost":
        return case.demand_min.copy()
    if objective == "npv":
        return np.where(case.demand_value > 0, case.demand_max, case.demand_min)
    return case.demand_max.copy()


def offers(case: Case, rule: Rule) -> Offers:
    """Return what is on offer, as the rule sees it."""
    generations, sites, modes, T = case.generations, case.sites, case.modes, case.T
    G, S, W = len(generations.names), len(sites.names), len(case.workloads)
    mode = _sizing_modes(case, thrifty=rule.choice == "watt")
    power, factor = modes.power[mode], modes.compute[mode]
    mw = case.peak_mw * power[:, None]

    target = targets(case)
    weight = (target > 0).astype(float)
    if case.settings.objective == "npv":  # what must be served without being paid counts a hair, so that it can be
        hair = 1e-9 * max(1e-9, float(case.demand_value.max()))
        weight = np.where((case.demand_value <= 0) & (case.demand_min > 0), hair, case.demand_value)
    rate = np.zeros((G, S, T, W))
    for w in range(W):
        here = sites.utilisation[:, w] * sites.runs[:, w]
        rate[..., w] = here[None, :, None] * (generations.perf[:, :, w] * factor[:, None])[:, None, :]
    gain = (rate * weight.T[None, None]).max(axis=3)

    energy_price = sites.energy_price + case.settings.carbon_price_per_t / 1000.0 * sites.carbon_kg_per_mwh
    running = case.energy_mwh * power[:, None] * energy_price[None, :] + 1000.0 * case.peak_mw * sites.rent_per_kw
    rho = finance.period_rate(case.settings.discount_rate, case.years)
    capital = generations.price * finance.annuity(rho, generations.life_years / case.years)[:, None]
    owning = (capital + generations.opex_per_period[:, None])[:, None, :] + running[:, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        dear = np.where(gain > 0, owning / (case.hours * gain), np.inf)

    cohort = np.full((G, T), -1, dtype=np.int64)
    new = np.flatnonzero(case.cohorts.order >= 0)
    cohort[case.cohorts.generation[new], case.cohorts.order[new]] = new
    return Offers(mw, rate, gain, running, dear, _in_reach(case, target), cohort)


def defender_cost(case: Case, table: Offers, c: Ints, s: int, t: int) -> Floats:
    """Return the cost per unit of gain and hour of owned units of cohorts at a site.

    Their resale value is spread over the service life that is left.
    """
    cohorts, generations = case.cohorts, case.generations
    g = cohorts.generation[c]
    age = np.maximum(0.0, case.years * (t - cohorts.delivered[c]))
    left = generations.service_periods[g] - (t - cohorts.delivered[c])
    rho = finance.period_rate(case.settings.discount_rate, case.years)
    capital = case.resale_value(c, np.full(c.shape, t)) * finance.annuity(rho, left.astype(float))
    owning = capital + generations.opex_per_period[g] * (1.0 + generations.opex_growth[g]) ** age
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = table.gain[g, s, t]
        return np.asarray(np.where(gain > 0, (owning + table.running_cost[g, s]) / (case.hours * gain), np.inf))


def _sizing_modes(case: Case, *, thrifty: bool) -> Ints:
    """Return the mode that each generation is given power for: the one with the most compute, or the most per MW."""
    modes = case.modes
    result = np.zeros(len(case.generations.names), dtype=np.int64)
    for g in range(result.size):
        rows = np.flatnonzero(modes.generation == g)
        with np.errstate(divide="ignore"):
            merit = modes.compute[rows] / modes.power[rows] if thrifty else modes.compute[rows]
        result[g] = rows[np.lexsort((modes.power[rows], -merit))[0]]
    return result


def _in_reach(case: Case, target: Floats) -> Floats:
    """Replace targets that all power of the case, options built, cannot reach by inf: they limit nobody."""
    generations, sites, options, modes = case.generations, case.sites, case.power_options, case.modes
    thrift = np.zeros(len(generations.names))
    with np.errstate(divide="ignore"):
        np.maximum.at(thrift, modes.generation, modes.compute / modes.power)
        per_mw = thrift[:, None] / case.peak_mw  # G × S
    added = np.zeros(len(sites.names))
    np.add.at(added, options.site, options.adds * options.max_builds)
    power = sites.power_mw.copy()
    for k, row in enumerate(sites.campus_power_mw):
        members = sites.campus == k
        power[members] = np.minimum(power[members], row)
        added[members] = added[members].sum()
    power += added[:, None]

    result = target.copy()
    for w in range(len(case.workloads)):
        best = (generations.perf[:, None, :, w] * per_mw[:, :, None]).max(axis=0)  # S × T
        here = (sites.utilisation[:, w] * sites.runs[:, w])[:, None]
        with np.errstate(invalid="ignore"):
            most = np.where((here > 0) & (best > 0) & (power > 0), power * here * best, 0.0).sum(axis=0)
        lift = 1.0 + float(case.projects.uplift @ case.projects.scope[:, w]) if len(case.projects) else 1.0
        rented = case.rental.maximum[case.rental.workload == w].sum(axis=0)
        result[w] = np.where(most * lift + rented < target[w], np.inf, target[w])
    return result
