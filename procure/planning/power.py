"""Power and energy: the sheets ``power``, ``energy`` and ``rental``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procure.planning.quantities import DUST
from procure.planning.tables import named, texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.planning.quantities import Quantities

    Floats = NDArray[np.float64]

__all__ = ["energy", "energy_cost", "power", "rental"]

#: Relative headroom below which a limit is said to bind.
BINDS = 1e-6


def unit_costs(q: Quantities) -> tuple[Floats, Floats]:
    """Cost of a MWh, carbon price included, from each site's grid (S) and each power option (K)."""
    price = q.case.settings.carbon_price_per_t / 1000.0
    sites, options = q.case.sites, q.case.power_options
    grid = sites.energy_price + price * sites.carbon_kg_per_mwh
    return grid, options.energy_price + price * options.carbon_kg_per_mwh


def energy_cost(q: Quantities) -> Floats:
    """Energy cost of each period, carbon price included (shape T)."""
    grid, option = unit_costs(q)
    return np.asarray(grid @ q.grid_mwh + option @ q.option_mwh)


def power(q: Quantities) -> pd.DataFrame:
    """Facility power by period and site, and what limits the site.

    ``price_of_power`` is the cost of a MWh, carbon price included, from the dearest source in use (where nothing runs,
    from the cheapest one there). ``energised_mw`` is what the period adds to the power available, ``energised_on`` the
    day of that; ``binds`` says whether the site (or its campus) uses all of it. Racks are the positions taken and there
    are (blank: no limit).
    """
    case, T, S = q.case, q.case.T, len(q.case.sites.names)
    available, used = q.available_mw, q.used_mw
    stranded = np.maximum(0.0, available - used)
    built = np.zeros((S, T))
    np.add.at(built, case.shell_options.site, case.shell_options.adds[:, None] * q.shell_online)
    racks = case.sites.racks + built
    taken = np.einsum("g,gst->st", case.generations.racks, q.solution.installed)
    limits = case.sites.power_mw + _option_mw(q)  # the site's own limit, before any sharing within its campus
    own = np.where(np.isinf(limits), available, limits)
    days = pd.to_datetime([case.calendar.first_day(i) for i in range(T)]).as_unit("us")
    before = np.concatenate([np.zeros((S, 1)), own[:, :-1]], axis=1)
    energised = np.maximum(0.0, own - before)
    t, s = (index.ravel() for index in np.meshgrid(np.arange(T), np.arange(S), indexing="ij"))
    free = racks - taken
    return pd.DataFrame(
        {
            "period": named(case.calendar.labels, t),
            "site": named(case.sites.names, s),
            "available_mw": available[s, t],
            "used_mw": used[s, t],
            "stranded_mw": stranded[s, t],
            "price_of_power": _price_of_power(q)[s, t],
            "energised_mw": energised[s, t],
            "energised_on": days[t].where(energised[s, t] > 0),
            "binds": np.where(_binds(available, used)[s, t], "yes", "no").astype(object),
            "campus": named((*case.sites.campus_names, ""), case.sites.campus[s]),
            "racks_used": taken[s, t],
            "racks_available": np.where(np.isinf(racks), np.nan, racks)[s, t],
            "racks_bind": np.where(
                np.isfinite(free) & (taken > 0) & (free < BINDS * np.maximum(1.0, taken)), "yes", "no"
            )[s, t].astype(object),
        }
    )


def _binds(available: Floats, used: Floats) -> NDArray[np.bool_]:
    return np.asarray((used > DUST) & (available - used <= BINDS * np.maximum(1.0, available)))


def _option_mw(q: Quantities) -> Floats:
    result = np.zeros_like(q.used_mw)
    np.add.at(result, q.case.power_options.site, q.case.power_options.adds[:, None] * q.power_online)
    return result


def _price_of_power(q: Quantities) -> Floats:
    grid, option = unit_costs(q)
    price = np.where(q.grid_mwh > DUST, grid[:, None], -np.inf)
    cheapest = np.where(q.case.sites.take_or_pay_mw > 0, grid[:, None], np.inf)
    for k, s in enumerate(q.case.power_options.site):
        price[s] = np.maximum(price[s], np.where(q.option_mwh[k] > DUST, option[k], -np.inf))
        cheapest[s] = np.minimum(cheapest[s], np.where(q.power_online[k] > 0, option[k], np.inf))
    cheapest = np.where(np.isinf(cheapest), grid[:, None], cheapest)
    return np.asarray(np.where(np.isinf(price), cheapest, price))


def energy(q: Quantities) -> pd.DataFrame:
    """Energy drawn at each site by source (``grid`` or a power option), its cost with carbon price, and its carbon."""
    case = q.case
    grid_cost, option_cost = unit_costs(q)
    t, s = np.nonzero(q.grid_mwh.T > DUST)
    to, k = np.nonzero(q.option_mwh.T > DUST)
    period = np.concatenate([t, to])
    site = np.concatenate([s, case.power_options.site[k]])
    mwh = np.concatenate([q.grid_mwh[s, t], q.option_mwh[k, to]])
    cost = np.concatenate([grid_cost[s], option_cost[k]])
    carbon = np.concatenate([case.sites.carbon_kg_per_mwh[s], case.power_options.carbon_kg_per_mwh[k]]) / 1000.0
    order = np.lexsort((np.arange(period.size), site, period))
    source = np.concatenate([texts(["grid"] * t.size), named(case.power_options.names, k)])
    return pd.DataFrame(
        {
            "period": named(case.calendar.labels, period[order]),
            "site": named(case.sites.names, site[order]),
            "source": source[order],
            "energy_mwh": mwh[order],
            "cost": (mwh * cost)[order],
            "carbon_t": (mwh * carbon)[order],
        }
    )


def rental(q: Quantities) -> pd.DataFrame:
    """Compute rented from others: average compute units, cost and the energy it counts for."""
    case = q.case
    t, r = np.nonzero(q.rented_mwh.T + q.solution.rented.T > DUST)
    compute = q.solution.rented[r, t]
    return pd.DataFrame(
        {
            "period": named(case.calendar.labels, t),
            "workload": named(case.workloads, case.rental.workload[r]),
            "compute": compute,
            "cost": case.hours * case.rental.price_per_unit_hour[r] * compute,
            "energy_mwh": q.rented_mwh[r, t],
        }
    )
