"""Rough prices of raising a limit, from the case's own figures: they rank ways out and advise nobody on a purchase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from procure.case import Case

__all__ = ["Prices"]

FACILITY = 0.35  # cost of a MW of facility over that of the hardware it carries
SHELL = 0.03  # cost of a rack position over that of the hardware in it
FAVOUR = 0.1  # what a vendor's larger allocation is worth, over the unit's price


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in the case's currency: a MW, a rack position, a unit allocated [G], a compute unit of demand [W, T]."""

    mw: float
    rack: float
    allocation: np.ndarray
    demand: np.ndarray
    carbon: float

    @classmethod
    def of(cls, case: Case) -> Prices:
        """Take them from unit prices, power and space; options that the case prices are at least as good a guide."""
        generations = case.generations
        price = (
            np.nanmedian(np.where(generations.price > 0, generations.price, np.nan), axis=1) if case.T else np.zeros(0)
        )
        price = np.nan_to_num(price, nan=1.0)
        typical = float(np.median(price)) if price.size else 1.0
        peak = case.peak_mw.min(axis=1)
        mw = FACILITY * float(np.median(price / np.maximum(peak, 1e-9)))
        options = case.power_options
        built = options.capex[options.adds > 0] / options.adds[options.adds > 0] if len(options) else np.zeros(0)
        if built.size and float(built.min()) > 0:
            mw = float(np.median(built))
        racks = np.where(generations.racks > 0, generations.racks, np.nan)
        per_rack = np.nan_to_num(price / racks, nan=typical)
        shells = case.shell_options
        added = shells.capex[shells.adds > 0] / shells.adds[shells.adds > 0] if len(shells) else np.zeros(0)
        rack = float(np.median(added)) if added.size and float(added.min()) > 0 else SHELL * float(np.median(per_rack))
        return cls(mw=max(mw, 1e-6), rack=max(rack, 1e-6), allocation=np.maximum(FAVOUR * price, 1e-6),
                   demand=_demand(case, price), carbon=max(100.0, 2 * case.settings.carbon_price_per_t))  # fmt: skip


def _demand(case: Case, price: np.ndarray) -> np.ndarray:
    """Price a compute unit less of demand in a period: its value, its rent, or half as much again as serving it."""
    use = case.sites.utilisation.max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        units = price[:, None, None] / (case.generations.perf * use[None, None, :])
    units = np.where(np.isfinite(units), units, np.nan)
    life = np.maximum(1, np.median(case.generations.life_years)) / case.years
    serving = (
        np.nan_to_num(np.nanmin(units, axis=0), nan=1.0).T / life * 1.5
        if units.size
        else np.ones(case.demand_min.shape)
    )
    worth = case.demand_value * case.hours
    rented = np.full(case.demand_min.shape, 0.0)
    for r, w in enumerate(case.rental.workload):
        rented[w] = np.maximum(rented[w], case.rental.price_per_unit_hour[r] * case.hours)
    return np.asarray(np.maximum(1e-6, np.maximum.reduce([serving, worth, rented])))
