"""A rule of one's own: a cap on carbon by region, in tonnes over the horizon.

The workbook's ``carbon_cap_t`` caps the sum over all sites; permits are often by country or market. Rows added (1 per
region; a region is the column ``market`` of the sheet ``sites``):

    sum over its sites s and periods t of grid MWh * grid carbon + sum over its options of option MWh * option carbon
        <=  cap * 1000 kg

Grid MWh is what the running units draw less what the site's options give (``model.energy[option, site, t]``).
Use: ``procure.solve("case.xlsx", rules=[carbon_by_region({"Dublin": 40_000})])``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyomo.environ as pe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def carbon_by_region(tonnes: Mapping[str, float]) -> Callable[[Any], None]:
    """Return the rule; raises ValueError for a region that no site belongs to."""

    def rule(model: Any) -> None:
        case = model.case
        market = dict(zip(case.sites.names, case.tables.frames["sites"]["market"], strict=True))
        unknown = sorted(set(tonnes) - set(market.values()))
        if unknown:
            raise ValueError(f"no site is in {', '.join(unknown)}")
        carbon = emissions_kg(model)
        model.carbon_by_region = pe.Constraint(
            list(tonnes),
            rule=lambda _model, name: (
                sum(kg for site, kg in carbon.items() if market[site] == name) / 1000.0 <= tonnes[name]
            ),
        )

    return rule


def emissions_kg(model: Any) -> dict[str, Any]:
    """Kilograms of carbon by site over the horizon, as linear expressions."""
    case = model.case
    sites, options = case.sites, case.power_options
    row = {name: s for s, name in enumerate(sites.names)}
    product = {name: g for g, name in enumerate(case.generations.names)}
    factor = {
        (case.generations.names[g], mode): power
        for g, mode, power in zip(case.modes.generation, case.modes.names, case.modes.power.tolist(), strict=True)
    }
    draw = case.energy_mwh
    kilograms: dict[str, Any] = dict.fromkeys(sites.names, 0.0)
    for (g, mode, site, _, _), running in model.run.items():
        s = row[site]
        mwh = float(draw[product[g], s]) * factor[g, mode]
        kilograms[site] += mwh * float(sites.carbon_kg_per_mwh[s]) * running
    for key, mwh in model.energy.items():
        k = options.names.index(key[0])
        s = int(options.site[k])
        kilograms[sites.names[s]] += float(options.carbon_kg_per_mwh[k] - sites.carbon_kg_per_mwh[s]) * mwh
    return kilograms
