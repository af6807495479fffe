"""Orders and cohorts: what is bought, what is sold or scrapped, what is owned.

| symbol | defined over | unit | meaning |
|---|---|---|---|
| order_lots[g, t] | order window | lots, integer | lots ordered at the start of t; order[g, t] = lot · order_lots[g, t] units |
| ordered[g, t] | where a minimum or an order cost binds | 0/1 | anything ordered in t |
| sell[c, t] | cohort c owned before or in t | units, integer | units of cohort c sold or scrapped at the start of t |
| pool[g, t] | g × t | units | all units of g owned during t, wherever they stand |

Cohorts live in the pool only; sites know the generation alone. That keeps the programme small and the books exact:
any unit of a generation can be taken from any site, so which cohort a sold unit belongs to is a decision of the pool.

| rows | say |
|---|---|
| pool_balance[g, t] | pool[t] = pool[t−1] + deliveries − sales |
| cohort_supply[c] | Σ_t sell[c, t] ≤ units of the cohort; = where its service life ends within the horizon |
| min_order[g, t], order_limit[g, t] | an order is 0 or at least min_order; ordered is 1 with any order |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyomo.environ as pe

from procure.programme.draft import Linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case
    from procure.programme.draft import Draft, Row

__all__ = ["define_cohort_rows", "define_order_variables", "most_power", "most_space", "order_limits"]


def define_order_variables(draft: Draft) -> None:
    """Declare orders, sales and the pool."""
    case = draft.case
    cohorts, generations, T = case.cohorts, case.generations, case.T
    G, names = len(generations.names), generations.names

    new = np.flatnonzero(cohorts.order >= 0)
    g, t = cohorts.generation[new], cohorts.order[new]
    caps = np.floor(generations.allocation[g, t] / generations.lot[g] + 1e-9)
    keys = [(names[i], int(j)) for i, j in zip(g, t, strict=True)]
    bounds = {key: (0, int(cap) if np.isfinite(cap) else None) for key, cap in zip(keys, caps, strict=True)}
    lots = draft.declare("order_lots", (G, T), (g, t), keys, domain=pe.NonNegativeIntegers,
                         bounds=lambda _m, *key: bounds[key])  # fmt: skip
    draft.model.order = pe.Expression(
        keys, rule=lambda m, i, j: int(generations.lot[names.index(i)]) * m.order_lots[i, j]
    )

    needs = (generations.min_order[g] > generations.lot[g]) | (generations.order_cost[g] > 0)
    draft.declare("ordered", (G, T), (g[needs], t[needs]), [k for k, need in zip(keys, needs, strict=True) if need],
                  domain=pe.Binary)  # fmt: skip

    c, tau = np.nonzero(_saleable(case))
    draft.declare("sell", (len(cohorts), T), (c, tau), list(zip(c.tolist(), tau.tolist(), strict=True)),
                  domain=pe.NonNegativeIntegers)  # fmt: skip

    first = np.full(G, T)
    np.minimum.at(first, cohorts.generation, np.maximum(0, cohorts.delivered))
    owned = np.arange(T)[None, :] >= first[:, None]
    pg, pt = np.nonzero(owned)
    draft.declare("pool", (G, T), (pg, pt), [(names[i], int(j)) for i, j in zip(pg, pt, strict=True)],
                  domain=pe.NonNegativeReals)  # fmt: skip
    del lots


def _saleable(case: Case) -> NDArray[np.bool_]:
    """Where a sale is a candidate: from delivery to the end of service life.

    Left out, because holding is then never worse: units that fetch nothing, cost nothing to own and need not go before
    the end of their service life (the warehouse is free, so an unwanted unit can stay in it).
    """
    cohorts, T = case.cohorts, case.T
    t = np.arange(T)[None, :]
    everyone = np.arange(len(cohorts))[:, None]
    window = (t >= np.maximum(0, cohorts.delivered)[:, None]) & (t <= np.maximum(0, cohorts.last + 1)[:, None])
    forced = t == np.maximum(0, cohorts.last + 1)[:, None]
    worth = case.resale_value(everyone, np.broadcast_to(t, (len(cohorts), T))) > 0
    costly = case.generations.opex_per_period[cohorts.generation] > 0
    return np.asarray(window & (forced | worth | costly[:, None]))


def define_cohort_rows(draft: Draft) -> None:
    """Add the pool balance, what a cohort can sell, and the least and the most of an order."""
    case, arrays = draft.case, draft.arrays
    cohorts, generations, T = case.cohorts, case.generations, case.T
    names = generations.names
    lots, sell, pool = arrays["order_lots"], arrays["sell"], arrays["pool"]

    supply: dict[int, Row] = {}
    arrivals: dict[tuple[int, int], list[int]] = {}
    members: list[list[int]] = [[] for _ in names]
    for c in range(len(cohorts)):
        g, v, t = int(cohorts.generation[c]), int(cohorts.delivered[c]), int(cohorts.order[c])
        members[g].append(c)
        arrivals.setdefault((g, max(0, v)), []).append(c)
        row = Linear()
        row.add(np.ones(T), sell[c])
        if t >= 0:
            row.add([-float(generations.lot[g])], [lots[g, t]])
        units = float(cohorts.units[c])
        if row.variables and not (t >= 0 and len(row.variables) == 1):
            forced = int(cohorts.last[c]) < T - 1
            supply[c] = (units if forced else None, row.expression(), units)
    draft.rows("cohort_supply", supply)

    balance: dict[tuple[str, int], Row] = {}
    for g, name in enumerate(names):
        for t in range(T):
            if pool[g, t] is None:
                continue
            row, given = Linear(), 0.0
            row.add([1.0, -1.0], [pool[g, t], pool[g, t - 1] if t else None])
            for c in members[g]:
                row.add([1.0], [sell[c, t]])
            for c in arrivals.get((g, t), ()):
                if cohorts.order[c] >= 0:
                    row.add([-float(generations.lot[g])], [lots[g, int(cohorts.order[c])]])
                else:
                    given += float(cohorts.units[c])
            balance[name, t] = (given, row.expression(), given)
    draft.rows("pool_balance", balance)

    limits = order_limits(case)
    ordered = arrays["ordered"]
    least: dict[tuple[str, int], Row] = {}
    most: dict[tuple[str, int], Row] = {}
    for g, t in zip(*np.nonzero(ordered != None), strict=True):  # noqa: E711 - elementwise on an object array
        lot, y = float(generations.lot[g]), ordered[g, t]
        most[names[g], int(t)] = (None, _two(lot, lots[g, t], -limits[g, t], y), 0.0)
        if generations.min_order[g] > lot:
            least[names[g], int(t)] = (0.0, _two(lot, lots[g, t], -float(generations.min_order[g]), y), None)
    draft.rows("order_limit", most)
    draft.rows("min_order", least)


def _two(a: float, x: object, b: float, y: object) -> object:
    row = Linear()
    row.add([a, b], [x, y])
    return row.expression()


def order_limits(case: Case) -> NDArray[np.float64]:
    """Return the most units an order can usefully hold (shape G × T), for big-M rows only.

    The least of the allocation and what the budget pays for (deposit with the order, balance on delivery), and, where
    neither is finite, all units that could run anywhere at once (more can never run), rounded up to a lot and at least
    the minimum order.
    """
    generations, T = case.generations, case.T
    limits = np.minimum(generations.allocation, affordable_units(case))
    useful = np.ceil(useful_units(case) / generations.lot) * generations.lot
    useful = np.maximum(useful, np.ceil(generations.min_order / generations.lot) * generations.lot)
    return np.where(np.isfinite(limits), limits, np.broadcast_to(useful[:, None], (len(generations.names), T)))


def affordable_units(case: Case) -> NDArray[np.float64]:
    """Return the most units that the budget pays for if all of it goes into one order (shape G × T).

    The deposit falls due with the order and the balance on delivery; with carry-over the whole price must then have
    come in, without it each payment has its own period's budget.
    """
    generations, carry = case.generations, case.settings.budget_carry_over
    funds = np.cumsum(case.budget) if carry else case.budget
    t = np.broadcast_to(np.arange(case.T), generations.price.shape)
    lead = generations.lead[:, None]
    deposit = np.where(lead > 0, generations.deposit[:, None], 1.0)
    now = deposit * generations.price
    later = np.where(deposit < 1.0, 1.0 if carry else 1.0 - deposit, 0.0) * generations.price
    due = np.minimum(t + lead, case.T - 1)
    units = np.full(generations.price.shape, np.inf)
    for payment, when in ((now, t), (later, due)):
        with np.errstate(divide="ignore", invalid="ignore"):
            units = np.where(payment > 0, np.minimum(units, np.floor(funds[when] / payment + 1e-9)), units)
    return np.asarray(units)


def useful_units(case: Case) -> NDArray[np.float64]:
    """Return the most units of each generation that can run at once over all sites (shape G)."""
    most_mw, most_racks = most_power(case), most_space(case)
    thrift = np.full(len(case.generations.names), np.inf)
    np.minimum.at(thrift, case.modes.generation, case.modes.power)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_power = np.ceil(most_mw.max(axis=1, initial=0.0)[None, :] / (case.peak_mw * thrift[:, None]))
        by_space = np.floor(most_racks.max(axis=1, initial=0.0)[None, :] / case.generations.racks[:, None])
    units = np.where(case.sites.first_install < case.T, np.fmin(by_power, by_space), 0.0)
    return np.asarray(np.where(np.isfinite(units), units, 1e6).sum(axis=1))


def most_power(case: Case) -> NDArray[np.float64]:
    """Return the most MW each site could ever have, all options built (shape S × T), its campus' limit included."""
    sites, options = case.sites, case.power_options
    added = np.zeros(len(sites.names))
    np.add.at(added, options.site, options.adds * options.max_builds)
    power = sites.power_mw + added[:, None]
    for s, k in enumerate(sites.campus):
        if k >= 0:  # an option of a neighbour raises the campus' limit, too
            power[s] = np.minimum(power[s], sites.campus_power_mw[k] + added[sites.campus == k].sum())
    return np.asarray(power)


def most_space(case: Case) -> NDArray[np.float64]:
    """Return the most rack positions each site could ever have, all shells built (shape S × T)."""
    options = case.shell_options
    added = np.zeros(len(case.sites.names))
    np.add.at(added, options.site, options.adds * options.max_builds)
    return np.asarray(case.sites.racks + added[:, None])
