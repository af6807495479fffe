"""A rule of one's own: no more than two generations stand in a hall at a time (spares, cooling and skills by hall).

One binary a generation, hall and period says whether any unit of it stands there. Rows added, M being the most units
that the hall's power could ever run (a hall holds no more that are worth it):

    installed[g, s, t]  <=  M[g, s] * present[g, s, t]          for each candidate
    sum over g of present[g, s, t]  <=  2                       for each hall and period with more than two candidates

Use: ``procure.solve("case.xlsx", rules=[two_generations])``, or ``at_most(3)`` for another number.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyomo.environ as pe

if TYPE_CHECKING:
    from collections.abc import Callable


def at_most(number: int) -> Callable[[Any], None]:
    """Return the rule for another number of generations than two."""

    def rule(model: Any) -> None:
        keys = list(model.installed)
        room = most_units(model)
        model.present = pe.Var(keys, domain=pe.Binary)
        model.presence = pe.Constraint(
            keys, rule=lambda m, g, s, t: m.installed[g, s, t] <= room[g, s] * m.present[g, s, t]
        )
        halls: dict[tuple[str, int], list[str]] = {}
        for g, s, t in keys:
            halls.setdefault((s, t), []).append(g)
        crowded = [cell for cell, candidates in halls.items() if len(candidates) > number]
        model.few_generations = pe.Constraint(
            crowded, rule=lambda m, s, t: sum(m.present[g, s, t] for g in halls[s, t]) <= number
        )

    return rule


def two_generations(model: Any) -> None:
    """Allow no more than two generations in a hall at a time."""
    at_most(2)(model)


def most_units(model: Any) -> dict[tuple[str, str], int]:
    """Return the most units of a generation that a hall's power, with every option built, could ever run."""
    case = model.case
    sites, options = case.sites, case.power_options
    result = {}
    for s, site in enumerate(sites.names):
        megawatts = float(sites.power_mw[s].max())
        if not math.isfinite(megawatts):
            megawatts = float(case.sites.campus_power_mw[sites.campus[s]].max())
        for k in range(len(options)):
            if options.site[k] == s:
                megawatts += float(options.adds[k] * options.max_builds[k])
        factors = case.modes.power
        for g, name in enumerate(case.generations.names):
            least = float(factors[case.modes.generation == g].min())
            standing = float(sites.initial[g, s])
            room = megawatts / (float(case.peak_mw[g, s]) * least)
            result[name, site] = math.ceil(max(room, standing) + 1e-6)
    return result
