"""Plain arithmetic on a case, before any solve: demand against money, units in service, rack positions, carbon.

Every bound is optimistic on purpose (each workload alone, everything at its best), so that what exceeds it is
impossible in every plan. The reader's own checks (``procure.reading.crosschecks``) have done what needs no case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.explaining.findings import Cause
from procure.explaining.words import amount, cell_of, money, place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case

    Floats = NDArray[np.float64]

__all__ = ["plain_causes"]

SLACK = 1e-6


def plain_causes(case: Case) -> list[Cause]:
    """Return the plain causes of an infeasible case, at most one of each kind a workload; none says nothing."""
    found = _licences(case) + _share(case)
    if not (case.demand_min > 0).any():
        return found
    use, lift = _best_use(case), _lift(case)
    rented = np.zeros_like(case.demand_min)
    np.add.at(rented, case.rental.workload, case.rental.maximum)
    owned = _given_units(case)
    funds = _funds(case)
    for w, name in enumerate(case.workloads):
        have = (owned * use[:, :, w]).sum(axis=0)
        bounds = {
            "with every unit in service that can be there by then": _by_units(case, use[:, :, w], have),
            "with the units there are and all capex up to then ({})": _by_money(case, use[:, :, w], have, funds),
            "in all rack positions there are": _by_space(case, w),
        }
        said = np.full(case.T, np.inf)
        for why, bound in bounds.items():
            most = bound * lift[w] + rented[w]
            short = np.flatnonzero(case.demand_min[w] > most * (1 + SLACK) + SLACK)
            if short.size and most[short[0]] < said[short[0]] * (1 - SLACK):
                t = int(short[0])
                said[t] = most[t]
                words = why.format(money(float(funds[t]), case.currency))
                found.append(_cause(case, name, w, t, f"at most {amount(float(most[t]))} can be delivered {words}"))
    return found + _carbon(case, rented)


def _cause(case: Case, name: str, w: int, t: int, limit: str) -> Cause:
    frame, label = case.tables.frames["demand"], case.calendar.labels[t]
    rows = [i for i, (workload, measure) in enumerate(zip(frame["workload"], frame["measure"], strict=True))
            if measure == "minimum" and (workload == name or workload not in case.workloads)]  # fmt: skip
    row = rows[-1]
    who = "demand" if len(case.workloads) == 1 else name
    where, cell = place(case.tables, "demand", row, [label]), cell_of(case.tables, "demand", row, label)
    need = f"{who} needs at least {amount(float(case.demand_min[w, t]))} {case.compute_unit} in {label}"
    return Cause(f"{where}: {need}; {limit}", "demand", cell)


def _best_use(case: Case) -> Floats:
    """Best compute of a unit by period and workload over halls that may hold it and modes (shape G × T × W)."""
    G, T, W = case.generations.perf.shape
    sites, t = case.sites, np.arange(T)
    mode = np.zeros(G)
    np.maximum.at(mode, case.modes.generation, case.modes.compute)
    use = np.zeros((G, T, W))
    for s in range(len(sites.names)):
        open_ = t[None, :] >= sites.first_install[:, s][:, None]
        use = np.maximum(use, open_[:, :, None] * (sites.utilisation[s] * sites.runs[s])[None, None, :])
    return np.asarray(use * case.generations.perf * mode[:, None, None])


def _lift(case: Case) -> Floats:
    """One plus every uplift that can be complete (shape W × T)."""
    projects, T = case.projects, case.T
    lift = np.ones((len(case.workloads), T))
    for j in range(len(projects)):
        done = np.arange(T) >= projects.earliest[j] + projects.lead[j]
        lift += projects.uplift[j] * projects.scope[j][:, None] * done[None, :]
    return lift


def _given_units(case: Case) -> Floats:
    """Units of fleet and committed orders in service by generation and period (shape G × T)."""
    cohorts, t = case.cohorts, np.arange(case.T)
    owned = np.zeros((len(case.generations.names), case.T))
    for c in np.flatnonzero(cohorts.order < 0):
        owned[cohorts.generation[c]] += cohorts.units[c] * ((t >= cohorts.delivered[c]) & (t <= cohorts.last[c]))
    return owned


def _by_units(case: Case, use: Floats, have: Floats) -> Floats:
    """Most compute by period with every allocated unit ordered (shape T)."""
    cohorts, t = case.cohorts, np.arange(case.T)
    most = have.copy()
    for c in np.flatnonzero(cohorts.order >= 0):
        g, o = int(cohorts.generation[c]), int(cohorts.order[c])
        there = (t >= cohorts.delivered[c]) & (t <= cohorts.last[c]) & (use[g] > 0)
        most[there] += case.generations.allocation[g, o] * use[g, there]
    return most


def _funds(case: Case) -> Floats:
    """Capex that may have been spent by the end of each period, committed orders taken off (shape T)."""
    cohorts = case.cohorts
    spent = np.zeros(case.T)
    committed = np.flatnonzero(cohorts.committed)
    np.add.at(spent, cohorts.delivered[committed], cohorts.units[committed] * cohorts.price[committed])
    return np.asarray(np.cumsum(case.budget) - np.cumsum(spent))


def _by_money(case: Case, use: Floats, have: Floats, funds: Floats) -> Floats:
    """Most compute by period if all capex went into the best buy (shape T)."""
    cohorts, t = case.cohorts, np.arange(case.T)
    best = np.zeros(case.T)
    free = np.zeros(case.T, dtype=bool)
    for c in np.flatnonzero(cohorts.order >= 0):
        there = (t >= cohorts.delivered[c]) & (t <= cohorts.last[c])
        if cohorts.price[c] > 0:
            best = np.maximum(best, there * use[cohorts.generation[c]] / cohorts.price[c])
        else:
            free |= there & (use[cohorts.generation[c]] > 0)
    bought = np.maximum(0.0, np.where(np.isfinite(funds), funds, 0.0)) * best
    return np.asarray(np.where(free | ~np.isfinite(funds), np.inf, have + bought))


def _by_space(case: Case, w: int) -> Floats:
    """Most compute of a workload by period in all rack positions, shells built (shape T)."""
    from procure.programme.orders import most_space

    space, sites, generations, t = most_space(case), case.sites, case.generations, np.arange(case.T)
    mode = np.zeros(len(generations.names))
    np.maximum.at(mode, case.modes.generation, case.modes.compute)
    total = np.zeros(case.T)
    for s in range(len(sites.names)):
        open_ = t[None, :] >= sites.first_install[:, s][:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            dense = np.where(
                open_ & (generations.perf[:, :, w] > 0),
                generations.perf[:, :, w] * mode[:, None] / generations.racks[:, None],
                0.0,
            )
            best = dense.max(axis=0, initial=0.0) * sites.utilisation[s, w] * sites.runs[s, w]
            total += np.where(best > 0, best * space[s], 0.0)
    return total


def _carbon(case: Case, rented: Floats) -> list[Cause]:
    """Carbon of the demand that must be met, each unit-hour where and how it emits least."""
    cap = case.settings.carbon_cap_t
    if not np.isfinite(cap):
        return []
    sites, options = case.sites, case.power_options
    rate = sites.carbon_kg_per_mwh.copy()
    np.minimum.at(rate, options.site, options.carbon_kg_per_mwh)
    energy = case.energy_mwh
    lift, total = _lift(case), 0.0
    mode = np.full(len(case.generations.names), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        np.minimum.at(
            mode, case.modes.generation, np.where(case.modes.compute > 0, case.modes.power / case.modes.compute, np.inf)
        )
        for w in range(len(case.workloads)):
            kg = (energy * rate[None, :] / (sites.utilisation[:, w] * sites.runs[:, w])[None, :])[
                :, None, :
            ] / case.generations.perf[:, :, w][:, :, None]
            kg = np.where(np.isfinite(kg), kg, np.inf) * mode[:, None, None]
            least = kg.min(axis=(0, 2), initial=np.inf)
            need = np.maximum(0.0, case.demand_min[w] - rented[w]) / lift[w]
            total += float(np.where((need > 0) & np.isfinite(least), need * least, 0.0).sum()) / 1000.0
    if total <= cap * (1 + SLACK):
        return []
    where = place(case.tables, "settings", 0, ["carbon_cap_t"])
    text = f"{where}: at most {amount(cap)} t of carbon; the demand that must be met emits at least {amount(total)} t"
    return [Cause(text, "settings", cell_of(case.tables, "settings", 0, "carbon_cap_t"))]


def _licences(case: Case) -> list[Cause]:
    """Find caps on installed units below what stands there already."""
    frame = case.tables.frames["licences"]
    found: list[Cause] = []
    for i, row in enumerate(frame.to_dict("records")):
        s = case.sites.names.index(str(row["site"]))
        g = slice(None) if row["generation"] == "*" else case.generations.names.index(str(row["generation"]))
        already = int(case.sites.initial[g, s].sum())
        if row["allowed"] and already > row["max_units"]:
            what = "units" if row["generation"] == "*" else str(row["generation"])
            where = place(case.tables, "licences", i, ["max_units"])
            most = f"at most {amount(row['max_units'])} {what} may ever stand at {row['site']}"
            text = f"{where}: {most}; the fleet has {already} there"
            found.append(Cause(text, "licences", cell_of(case.tables, "licences", i, "max_units")))
    return found


def _share(case: Case) -> list[Cause]:
    """Find a cap on the share of one generation where only one can be bought and is on order."""
    share, cohorts = case.settings.max_generation_share, case.cohorts
    bought = np.unique(cohorts.generation[cohorts.committed | (cohorts.order >= 0)])
    fixed = cohorts.committed & (cohorts.price * cohorts.units > 0)
    if share >= 1.0 or bought.size != 1 or not fixed.any():
        return []
    where = place(case.tables, "settings", 0, ["max_generation_share"])
    name = case.generations.names[int(bought[0])]
    most = f"at most {share:.4g} of the capex may go to one generation"
    text = f"{where}: {most}; {name} is on order and nothing else can be bought"
    return [Cause(text, "settings", cell_of(case.tables, "settings", 0, "max_generation_share"))]
