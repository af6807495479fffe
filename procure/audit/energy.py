"""Power and energy of a plan: what is drawn, what is available, and from which source the energy comes.

Facility power of a running unit: kW × power factor of its mode × (1 + overhead) × PUE. Its energy is that times the
load factor and the hours. Sources of a site: ``grid`` (up to its power row, together up to the row of its campus) and
each power option built there. Energy is cheap or dear by its price plus the carbon price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import total_by
from procure.audit.decisions import online

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.decisions import Decisions
    from procure.audit.inputs import Inputs
    from procure.audit.sheets import Sheet

    Floats = NDArray[np.float64]

__all__ = ["Dispatch", "Draw", "cheapest", "draw_of", "given_dispatch"]


@dataclass(frozen=True, slots=True)
class Draw:
    """Power and energy of a plan.

    ``run_mw`` and ``run_mwh`` of each row of running; ``used_mw`` and ``needed_mwh`` [S, T]; ``options_built`` [K, T];
    ``option_mw`` [S, T] what options add; ``available_mw`` [S, T].
    """

    run_mw: Floats
    run_mwh: Floats
    used_mw: Floats
    needed_mwh: Floats
    options_built: Floats
    option_mw: Floats
    available_mw: Floats


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Energy by source in MWh: ``grid`` [S, T], ``option`` [K, T]."""

    grid: Floats
    option: Floats

    def cost(self, inputs: Inputs) -> tuple[Floats, Floats]:
        """Cost with carbon price of the grid energy (S × T) and of the options' (K × T)."""
        grid, option = unit_costs(inputs)
        return grid[:, None] * self.grid, option[:, None] * self.option

    def carbon(self, inputs: Inputs) -> float:
        """Tonnes of carbon over the horizon."""
        kg = self.grid.sum(axis=1) @ inputs.site["carbon_kg_per_mwh"]
        return float((kg + self.option.sum(axis=1) @ inputs.power_options.carbon_kg) / 1000.0)


def unit_costs(inputs: Inputs) -> tuple[Floats, Floats]:
    """Cost of a MWh with carbon price: of each site's grid (S) and each power option (K)."""
    carbon = float(inputs.settings["carbon_price_per_t"]) / 1000.0
    options = inputs.power_options
    return (
        inputs.site["energy_per_mwh"] + carbon * inputs.site["carbon_kg_per_mwh"],
        options.energy_price + carbon * options.carbon_kg,
    )


def draw_of(inputs: Inputs, decisions: Decisions) -> Draw:
    """Compute power and energy of the running units, and the power there is for them."""
    run, S, T = decisions.run, len(inputs.sites), inputs.T
    peak_kw = inputs.gen["power_kw"][run.generation] * run.power_factor * inputs.facility[run.site]
    run_mw = peak_kw * run.units / 1000.0
    run_mwh = inputs.hours * inputs.gen["load_factor"][run.generation] * run_mw
    at = run.site * T + run.period
    used = total_by(at, run_mw, S * T).reshape(S, T)
    built = online(decisions.power, inputs.power_options.lead)
    option_mw = total_by(inputs.power_options.site, inputs.power_options.firm_mw[:, None] * built, S)
    return Draw(
        run_mw=run_mw,
        run_mwh=run_mwh,
        used_mw=used,
        needed_mwh=total_by(at, run_mwh, S * T).reshape(S, T),
        options_built=built,
        option_mw=option_mw,
        available_mw=_available(inputs, used, option_mw),
    )


def campus_total(inputs: Inputs, option_mw: Floats) -> Floats:
    """MW available in each campus with a row (P × T): the smaller of its row and of its sites' rows, plus options."""
    total = np.zeros_like(inputs.campus_mw)
    for p, row in enumerate(inputs.campus_mw):
        members = inputs.campus == p
        total[p] = np.minimum(row, inputs.own_mw[members].sum(axis=0)) + option_mw[members].sum(axis=0)
    return total


def _available(inputs: Inputs, used: Floats, option_mw: Floats) -> Floats:
    """MW by site; within a campus what each site uses, then the headroom in site order up to each site's own limit."""
    own = inputs.own_mw + option_mw
    result = np.where(np.isinf(own), 0.0, own)
    for p, total in enumerate(campus_total(inputs, option_mw)):
        members = np.flatnonzero(inputs.campus == p)
        taken = np.minimum(used[members], own[members])
        left = np.maximum(0.0, total - taken.sum(axis=0))
        for s, mw in zip(members, taken, strict=True):
            more = np.minimum(left, own[s] - mw)
            result[s] = mw + more
            left = left - more
    return result


def given_dispatch(inputs: Inputs, sheet: Sheet) -> tuple[Dispatch, NDArray[np.bool_]]:
    """Return the energy by source as the sheet ``energy`` states it, and which rows name a source of their site."""
    grid = np.zeros((len(inputs.sites), inputs.T))
    option = np.zeros((len(inputs.power_options.names), inputs.T))
    index = {name: k for k, name in enumerate(inputs.power_options.names)}
    k = np.array([index.get(name, -1) for name in sheet["source"]], dtype=np.int64)
    from_grid = (sheet["source"] == "grid") & (k < 0)
    known = from_grid.copy()
    here = np.flatnonzero(k >= 0)
    known[here] = inputs.power_options.site[k[here]] == sheet["site"][here]
    np.add.at(grid, (sheet["site"][from_grid], sheet["period"][from_grid]), sheet["energy_mwh"][from_grid])
    ours = np.flatnonzero(known & (k >= 0))
    np.add.at(option, (k[ours], sheet["period"][ours]), sheet["energy_mwh"][ours])
    return Dispatch(grid, option), known


def cheapest(inputs: Inputs, draw: Draw) -> Dispatch:
    """Return the cheapest way to supply what is needed, within the capacity of each source.

    Site by site: the cheapest source first, each to its capacity (of two equally dear ones the cleaner). Where a campus
    then draws more from the grid than its row allows, spare options take over in the order of what the swap costs.
    Energy for which there is no capacity (a broken power rule) counts as grid energy.
    """
    grid_cost, option_cost = unit_costs(inputs)
    options = inputs.power_options
    room = inputs.hours * options.firm_mw[:, None] * draw.options_built
    grid = draw.needed_mwh.copy()
    option = np.zeros_like(room)
    for s in np.unique(options.site):
        left = draw.needed_mwh[s].copy()
        mine = [int(k) for k in np.flatnonzero(options.site == s)]
        sources = sorted(
            [(option_cost[k], options.carbon_kg[k], k) for k in mine]
            + [(grid_cost[s], inputs.site["carbon_kg_per_mwh"][s], -1)]
        )
        grid[s] = 0.0
        for _, _, k in sources:
            take = np.minimum(left, inputs.hours * inputs.own_mw[s] if k < 0 else room[k])
            left = left - take
            if k < 0:
                grid[s] = take
            else:
                option[k] = take
        grid[s] += left
    for p, row in enumerate(inputs.campus_mw):
        _relieve(inputs, p, row, Dispatch(grid, option), room)
    return Dispatch(grid, option)


def _relieve(inputs: Inputs, p: int, row: Floats, dispatch: Dispatch, room: Floats) -> None:
    """Swap grid energy of a campus for spare options until its grid row holds (in place)."""
    grid, option = dispatch.grid, dispatch.option
    grid_cost, option_cost = unit_costs(inputs)
    members = inputs.campus == p
    site = inputs.power_options.site
    over = grid[members].sum(axis=0) - inputs.hours * row
    if not site.size or not (over > 0).any():
        return
    mine = np.flatnonzero(members[site])
    for k in mine[np.argsort(option_cost[mine] - grid_cost[site[mine]], kind="stable")]:
        swap = np.clip(np.minimum(over, np.minimum(room[k] - option[k], grid[site[k]])), 0.0, None)
        option[k] += swap
        grid[site[k]] -= swap
        over = over - swap
