"""Where the energy of a rule's plan comes from: the cheapest source first, within each source's capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case

    Floats = NDArray[np.float64]

__all__ = ["option_energy"]


def option_energy(case: Case, drawn: Floats, standing: Floats) -> Floats:
    """Return MWh from each power option (K × T) for what each site draws (S × T); the grid supplies the rest.

    ``standing`` [K, T] builds that are complete. Sources are taken in the order of their cost, carbon price included
    (of equal ones the cleaner); where a campus then draws more than its row from the grid, spare options take over in
    the order of what that costs, which is cheapest because the extra cost is separable and convex.
    """
    options, sites, hours = case.power_options, case.sites, case.hours
    room = hours * options.adds[:, None] * standing
    result = np.zeros_like(room)
    if not room.any():
        return result
    carbon = case.settings.carbon_price_per_t / 1000.0
    cost = options.energy_price + carbon * options.carbon_kg_per_mwh
    grid_cost = sites.energy_price + carbon * sites.carbon_kg_per_mwh
    grid = drawn.copy()
    for s in np.unique(options.site).tolist():
        left, grid[s] = drawn[s].copy(), 0.0
        here = np.flatnonzero(options.site == s).tolist()
        sources = [(cost[k], options.carbon_kg_per_mwh[k], k) for k in here]
        for _, _, k in sorted([*sources, (grid_cost[s], sites.carbon_kg_per_mwh[s], -1)]):
            take = np.minimum(left, room[k] if k >= 0 else hours * sites.power_mw[s])
            left = left - take
            if k >= 0:
                result[k] = take
            else:
                grid[s] = take
        grid[s] += left
    for campus, row in enumerate(sites.campus_power_mw):
        over = grid[sites.campus == campus].sum(axis=0) - hours * row
        mine = np.flatnonzero(sites.campus[options.site] == campus)
        for k in mine[np.argsort(cost[mine] - grid_cost[options.site[mine]], kind="stable")].tolist():
            s = int(options.site[k])
            swap = np.clip(np.minimum(over, np.minimum(room[k] - result[k], grid[s])), 0.0, None)
            result[k] += swap
            grid[s] -= swap
            over = over - swap
    return result
