"""The parts of a case: names and arrays by theme, in the axes and units of ``procure.case``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Cohorts", "Generations", "Licence", "Modes", "Options", "Projects", "Rental", "Settings", "Sites"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The scalars of the ``settings`` sheet that shape the programme (fractions, years, periods, currency)."""

    objective: str
    watt_basis: str
    discount_rate: float
    terminal_value: str
    compute_value_decline: float
    budget_carry_over: bool
    max_generation_share: float
    carbon_price_per_t: float
    carbon_cap_t: float
    compute_floor: float
    depreciation_start: str
    mip_gap: float
    time_limit_s: float
    frontier_points: int
    commit_periods: int
    random_seed: int


@dataclass(frozen=True, slots=True)
class Generations:
    """What can be ordered; arrays over G, tables over G × T.

    ``price`` [G, T] is the unit price of an order placed in t; ``window`` [G, T] whether an order may be placed in t and
    arrives within the horizon; ``allocation`` [G, T] the most units a period (inf: no limit); ``perf`` [G, T, W] rated
    compute units a unit; ``resale_price`` [G, T + 1] what a unit sells for whatever its cohort (NaN: no such price).
    """

    names: tuple[str, ...]
    vendor: tuple[str, ...]
    power_kw: Floats
    load_factor: Floats
    racks: Floats
    lead: Ints
    lot: Ints
    min_order: Ints
    deposit: Floats
    order_cost: Floats
    install_cost: Floats
    remove_cost: Floats
    life_years: Floats
    service_periods: Ints
    opex_per_period: Floats
    opex_growth: Floats
    resale: Floats
    resale_decline: Floats
    available_from: Ints
    price: Floats
    window: Bools
    allocation: Floats
    perf: Floats
    resale_price: Floats


@dataclass(frozen=True, slots=True)
class Modes:
    """Power modes, a row a generation and mode: ``generation`` index, name, power and compute factor."""

    generation: Ints
    names: tuple[str, ...]
    power: Floats
    compute: Floats


@dataclass(frozen=True, slots=True)
class Sites:
    """Halls: arrays over S, tables over S × T.

    ``power_mw`` [S, T] is the site's own row of facility power (inf where only its campus has one); ``take_or_pay_mw``
    [S, T] what the capacity charge is paid on; ``campus`` [S] indexes ``campus_power_mw`` [K, T] or is −1;
    ``first_install`` [G, S] the first period in which a generation may stand there (T: never).
    """

    names: tuple[str, ...]
    market: tuple[str, ...]
    facility_factor: Floats
    energy_price: Floats
    carbon_kg_per_mwh: Floats
    rent_per_kw: Floats
    capacity_per_kw: Floats
    fixed_per_period: Floats
    utilisation: Floats
    runs: Bools
    power_mw: Floats
    take_or_pay_mw: Floats
    racks: Floats
    campus: Ints
    campus_names: tuple[str, ...]
    campus_power_mw: Floats
    first_install: Ints
    initial: Ints


@dataclass(frozen=True, slots=True)
class Cohorts:
    """All units of a generation delivered in one period at one price; arrays over C.

    Existing fleet (``delivered`` < 0) and committed orders come first with their ``units``; then one cohort for each
    order that may be placed (``order`` is its order period, −1 for the others; ``units`` is 0: a decision).
    ``last`` is the last period in which the cohort may be owned (T − 1 where its service life outlasts the horizon).
    """

    generation: Ints
    delivered: Ints
    price: Floats
    units: Ints
    order: Ints
    committed: Bools
    last: Ints

    def __len__(self) -> int:
        """Return the number of cohorts."""
        return int(self.generation.size)


@dataclass(frozen=True, slots=True)
class Licence:
    """A cap on cumulative installs of some generations at one site."""

    generations: tuple[int, ...]
    site: int
    max_units: float
    label: str


@dataclass(frozen=True, slots=True)
class Options:
    """Power or shell options: what one build adds to a site, when it may be built and what it costs; arrays over K.

    ``adds`` is firm MW (nameplate × availability) or rack positions; ``energy_price`` and ``carbon_kg_per_mwh`` are 0
    for shells. ``earliest`` and ``latest`` are build periods; capacity counts from build + lead on.
    """

    names: tuple[str, ...]
    site: Ints
    adds: Floats
    capex: Floats
    fixed_per_period: Floats
    energy_price: Floats
    carbon_kg_per_mwh: Floats
    lead: Ints
    earliest: Ints
    latest: Ints
    max_builds: Ints

    def __len__(self) -> int:
        """Return the number of options."""
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Projects:
    """Utilisation projects; ``scope`` [J, W] marks the workloads whose delivered compute they lift."""

    names: tuple[str, ...]
    scope: Bools
    uplift: Floats
    cost: Floats
    cost_per_period: Floats
    lead: Ints
    earliest: Ints

    def __len__(self) -> int:
        """Return the number of projects."""
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Rental:
    """Compute rented from others, a row a workload offer; ``maximum`` [R, T] average compute units."""

    workload: Ints
    price_per_unit_hour: Floats
    kw_per_compute_unit: Floats
    maximum: Floats

    def __len__(self) -> int:
        """Return the number of offers."""
        return int(self.workload.size)
