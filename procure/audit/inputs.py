"""The input tables as arrays, read for the audit alone.

This is a second, independent reading of the input: it takes nothing from the typed case that the programme is built
from, so that a rule misread there is not misread here as well.

Axes: G generations, S sites, W workloads, T periods, K options, J projects, P campuses with a power row of their own.
Units: MW a site, kW a unit, money in the currency of the workbook, compute in compute units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procure.calendar import Calendar

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["HOURS_PER_YEAR", "WAREHOUSE", "Cohorts", "Inputs", "Options", "Projects"]

HOURS_PER_YEAR = 8760.0
#: Site of units that stand at none.
WAREHOUSE = -1


@dataclass(frozen=True, slots=True)
class Options:
    """Power (or shell) options, arrays over K; ``firm_mw`` is what a build adds to the power of its site.

    For shells ``adds`` is in rack positions; ``firm_mw``, ``energy_price`` and ``carbon_kg`` are 0.
    """

    names: tuple[str, ...]
    site: Ints
    adds: Floats
    availability: Floats
    capex: Floats
    fixed_per_year: Floats
    energy_price: Floats
    carbon_kg: Floats
    lead: Ints
    earliest: Floats
    latest: Floats
    max_builds: Floats

    @property
    def firm_mw(self) -> Floats:
        """Firm MW that one build adds."""
        return self.adds * self.availability


@dataclass(frozen=True, slots=True)
class Projects:
    """Utilisation projects, arrays over J; ``scope`` [J, W] workloads lifted."""

    names: tuple[str, ...]
    scope: Bools
    uplift: Floats
    cost: Floats
    cost_per_year: Floats
    lead: Ints
    earliest: Floats


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Units by row of ``fleet`` or ``committed``: generation, site (-1: warehouse), delivery, number, price paid."""

    generation: Ints
    site: Ints
    delivered: Ints
    units: Floats
    price: Floats


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything of the input that a rule or a figure needs.

    ``delta`` [T + 1] discount factors at the period starts (the last at the end of the horizon); ``rho`` the period
    rate; ``gen`` and ``site`` columns of their tables by name; ``price`` [G, T] of an order; ``resale_override``
    [G, T] (NaN: none); ``perf`` [G, T, W]; ``utilisation`` and ``may_run`` [S, W]; ``modes`` (generation, name) →
    (power, compute) factor; ``dense`` and ``cooled`` [G, S] whether the site can take it; ``licensed`` [G, S, T];
    ``licence_caps`` (generation or -1 for all, site, most units); ``own_mw`` [S, T] (inf: no row); ``campus`` [S] index
    into ``campus_mw`` [P, T] or -1; ``racks`` [S, T]; ``budget`` [T]; ``allocation`` [G, T]; ``minimum``, ``maximum``
    and ``value`` [W, T]; ``rental_price`` and ``rental_kw`` [W]; ``rental_cap`` [W, T].
    """

    settings: Mapping[str, Any]
    calendar: Calendar
    T: int
    years: float
    hours: float
    delta: Floats
    rho: float
    generations: tuple[str, ...]
    sites: tuple[str, ...]
    workloads: tuple[str, ...]
    gen: dict[str, Floats]
    site: dict[str, Floats]
    price: Floats
    resale_override: Floats
    perf: Floats
    utilisation: Floats
    may_run: Bools
    modes: dict[tuple[int, str], tuple[float, float]]
    dense: Bools
    cooled: Bools
    licensed: Bools
    licence_caps: list[tuple[int, int, float]]
    own_mw: Floats
    has_row: Bools
    campus: Ints
    campus_names: tuple[str, ...]
    campus_mw: Floats
    racks: Floats
    budget: Floats
    allocation: Floats
    minimum: Floats
    maximum: Floats
    value: Floats
    rental_price: Floats
    rental_kw: Floats
    rental_cap: Floats
    power_options: Options
    shell_options: Options
    projects: Projects
    fleet: Cohorts
    committed: Cohorts

    @property
    def facility(self) -> Floats:
        """KW of facility power per kW of IT power at each site: (1 + overhead) × PUE."""
        return (1.0 + self.site["overhead"]) * self.site["pue"]

    @property
    def initial(self) -> Floats:
        """Units of each generation that stand at each site before period 0 (shape G × S)."""
        stand = np.zeros((len(self.generations), len(self.sites)))
        here = self.fleet.site != WAREHOUSE
        np.add.at(stand, (self.fleet.generation[here], self.fleet.site[here]), self.fleet.units[here])
        return stand

    @property
    def money(self) -> str:
        """Unit of money."""
        return str(self.settings.get("currency") or "money")

    @property
    def axes(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Names along G, S and T."""
        return self.generations, self.sites, self.calendar.labels
