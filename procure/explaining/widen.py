"""The case without its limits: every decision that some limit rules out becomes a candidate.

The programme leaves out what cannot be decided (orders outside their window, halls that a unit does not fit). To say
which limit stands in the way, those decisions must exist, closed by a bound that can be lifted. ``widen`` opens the
case; ``procure.explaining.model`` closes it again, limit by limit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from procure.case import Case
    from procure.parts import Cohorts, Options

__all__ = ["candidates", "widen"]

AT_ONCE = " (at once)"


def candidates(case: Case) -> int:
    """Return how many running-unit decisions the widened programme can have, as a measure of its size."""
    modes = len(case.modes.names)
    return modes * len(case.sites.names) * case.T * len(case.workloads)


def widen(case: Case, *, structure: bool) -> Case:
    """Return the case with every limit lifted that ``procure.explaining.model`` puts back as a bound or row.

    ``structure``: also open what the programme leaves out as no candidate (order windows, lead times, halls that a
    unit does not fit, licence dates, build windows). Every option with a lead time then has a twin that is complete at
    once, and a generation with a lead time may be there from the start.
    """
    settings = replace(case.settings, budget_carry_over=True, max_generation_share=1.0)
    shape = case.demand_min.shape
    wide = replace(
        case, settings=settings, budget=np.full(case.T, np.inf), demand_min=np.zeros(shape),
        demand_max=np.full(shape, np.inf),
    )  # fmt: skip
    generations = replace(
        case.generations,
        allocation=np.full_like(case.generations.allocation, np.inf),
        price=np.nan_to_num(case.generations.price),
    )
    sites = replace(
        case.sites,
        power_mw=np.maximum(case.sites.power_mw, 1.0),
        campus_power_mw=np.maximum(case.sites.campus_power_mw, 1.0),
    )
    rental = replace(case.rental, maximum=np.full_like(case.rental.maximum, np.inf))
    wide = replace(wide, generations=generations, sites=sites, rental=rental)
    if not structure:
        return replace(wide, cohorts=_cohorts(wide, empty=False))
    generations = replace(generations, window=np.arange(case.T)[None, :] + case.generations.lead[:, None] < case.T)
    sites = replace(sites, first_install=np.zeros_like(sites.first_install), runs=np.ones_like(sites.runs))
    wide = replace(wide, generations=generations, sites=sites)
    return replace(
        wide,
        cohorts=_cohorts(wide, empty=True),
        power_options=_options(case.power_options, case.T),
        shell_options=_options(case.shell_options, case.T),
    )


def _cohorts(case: Case, *, empty: bool) -> Cohorts:
    """Return given cohorts, an empty one of every generation (so that units can stand from the start), every order."""
    old, generations = case.cohorts, case.generations
    given = old.order < 0
    G = len(generations.names) if empty else 0
    g, t = np.nonzero(generations.window)
    generation = np.concatenate([old.generation[given], np.arange(G), g])
    delivered = np.concatenate([old.delivered[given], np.full(G, -1), t + generations.lead[g]])
    return replace(
        old,
        generation=generation,
        delivered=delivered,
        price=np.concatenate([old.price[given], np.zeros(G), generations.price[g, t]]),
        units=np.concatenate([old.units[given], np.zeros(G + g.size, dtype=np.int64)]),
        order=np.concatenate([old.order[given], np.full(G, -1), t]),
        committed=np.concatenate([old.committed[given], np.zeros(G + g.size, dtype=bool)]),
        last=np.minimum(case.T, delivered + generations.service_periods[generation]) - 1,
    )


def _options(options: Options, periods: int) -> Options:
    """Open the build windows; options with a lead time get a twin without one, after all others in the same order."""
    slow = np.flatnonzero(options.lead > 0)
    pick = np.concatenate([np.arange(len(options)), slow]).astype(np.int64)
    lead = options.lead[pick].copy()
    lead[len(options) :] = 0
    return replace(
        options,
        names=(*options.names, *(options.names[k] + AT_ONCE for k in slow)),
        site=options.site[pick],
        adds=options.adds[pick],
        capex=options.capex[pick],
        fixed_per_period=options.fixed_per_period[pick],
        energy_price=options.energy_price[pick],
        carbon_kg_per_mwh=options.carbon_kg_per_mwh[pick],
        lead=lead,
        earliest=np.zeros(pick.size, dtype=np.int64),
        latest=np.full(pick.size, periods - 1, dtype=np.int64),
        max_builds=np.ones(pick.size, dtype=np.int64),
    )
