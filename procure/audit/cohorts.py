"""Cohorts: who was delivered when at what price, and what is sold, owned, worth and written off.

A cohort is all units of one generation delivered in one period at one unit price, whether they come from the fleet,
from a committed order or from an order of the plan (orders are paid at the price of their order period by the input,
not at the price that the plan states). ``sales`` names a cohort by generation, delivery and ``price_paid``. A row
without ``price_paid`` means the only cohort of that delivery; of several it takes the dearest units first. Units taken
from a cohort that does not have them are sold short: the balance of cohorts then fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import total_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.decisions import Decisions, Orders
    from procure.audit.inputs import Inputs
    from procure.audit.sheets import Sheet

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Pieces", "Stock", "order_price", "stock_of", "straight_line"]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Rows of ``sales`` split by cohort: row of the sheet, cohort, period, units."""

    row: Ints
    cohort: Ints
    period: Ints
    units: Floats

    def by_row(self, rows: int, worth: Floats) -> Floats:
        """Sum units × worth of a unit (one a piece) over the pieces of each row."""
        return total_by(self.row, self.units * worth, rows)


@dataclass(frozen=True, slots=True)
class Stock:
    """Cohorts over C by generation and delivery (fleet, then committed, then ordered units; C has a row a price).

    ``units`` delivered; ``sold`` [C, T]; ``owned`` [C, T] after the sales of each period (0 before delivery);
    ``book`` [C, T + 1] straight-line value of a unit from delivery at the start of each period; ``resale`` [C, T + 1]
    what a unit sells for; ``sales`` the rows of the sheet by cohort; ``unmatched`` [rows] units of no cohort.
    """

    generation: Ints
    delivered: Ints
    price: Floats
    units: Floats
    sold: Floats
    owned: Floats
    book: Floats
    resale: Floats
    sales: Pieces
    unmatched: Floats

    def __len__(self) -> int:
        """Return the number of cohorts."""
        return int(self.generation.size)


def order_price(inputs: Inputs, orders: Orders) -> Floats:
    """Price of a unit of each order row: that of its order period (of the nearest one, where it lies outside)."""
    price: Floats = inputs.price[orders.generation, np.clip(orders.order, 0, inputs.T - 1)]
    return price


def stock_of(inputs: Inputs, decisions: Decisions, sales: Sheet) -> Stock:
    """Build the cohorts of a plan; committed units come from the input, whether or not the plan lists them."""
    orders, own = decisions.orders, ~decisions.orders.committed
    fleet, committed = inputs.fleet, inputs.committed
    generation = np.concatenate([fleet.generation, committed.generation, orders.generation[own]])
    delivered = np.concatenate([fleet.delivered, committed.delivered, orders.delivery[own]])
    price = np.concatenate([fleet.price, committed.price, order_price(inputs, orders)[own]])
    units = np.concatenate([fleet.units, committed.units, orders.units[own]])
    used = units != 0
    key = np.column_stack([generation[used], delivered[used], _rounded(price[used])])
    distinct, first, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    units = total_by(group.ravel(), units[used], len(distinct))
    order = np.lexsort((first, distinct[:, 1], distinct[:, 0]))
    generation, delivered = distinct[order, 0].astype(np.int64), distinct[order, 1].astype(np.int64)
    price, units = price[used][first][order], units[order]
    here = np.arange(inputs.T)[None, :] >= delivered[:, None]
    pieces, unmatched = _match(generation, delivered, price, units, sales)
    sold = np.zeros((len(distinct), inputs.T))
    np.add.at(sold, (pieces.cohort, pieces.period), pieces.units)
    return Stock(
        generation=generation,
        delivered=delivered,
        price=price,
        units=units,
        sold=sold,
        owned=np.where(here, units[:, None], 0.0) - np.cumsum(sold, axis=1),
        book=straight_line(price, delivered, inputs.gen["depreciation_years"][generation], inputs),
        resale=_resale(inputs, generation, delivered, price),
        sales=pieces,
        unmatched=unmatched,
    )


def straight_line(price: Floats, begin: Floats | Ints, life: Floats, inputs: Inputs) -> Floats:
    """Carrying value of a unit at the start of periods 0..T (rows × (T + 1)); its cost up to ``begin``."""
    age = inputs.years * (np.arange(inputs.T + 1)[None, :] - np.asarray(begin, dtype=float)[:, None])
    return np.asarray(price[:, None] * np.clip(1.0 - np.maximum(age, 0.0) / life[:, None], 0.0, 1.0))


def _resale(inputs: Inputs, generation: Ints, delivered: Ints, price: Floats) -> Floats:
    age = np.maximum(0.0, inputs.years * (np.arange(inputs.T + 1)[None, :] - delivered[:, None]))
    share = inputs.gen["resale"][generation][:, None]
    decline = inputs.gen["resale_decline"][generation][:, None]
    worth = price[:, None] * share * (1.0 - decline) ** age
    override = np.concatenate([inputs.resale_override, inputs.resale_override[:, -1:]], axis=1)[generation]
    return np.where(np.isnan(override), worth, override)


def _rounded(price: Floats) -> Floats:
    """Prices to twelve digits, so that one price computed in two ways is one price."""
    return np.array([float(f"{value:.12g}") for value in price], dtype=float)


def _match(generation: Ints, delivered: Ints, price: Floats, units: Floats, sales: Sheet) -> tuple[Pieces, Floats]:
    """Assign rows of sales to cohorts; also return, by row, the units of which no cohort was ever delivered."""
    of_delivery: dict[tuple[int, int], list[int]] = {}
    for cohort, name in enumerate(zip(generation.tolist(), delivered.tolist(), strict=True)):
        of_delivery.setdefault(name, []).append(cohort)
    left = units.copy()
    unmatched = np.zeros(len(sales))
    pieces: list[tuple[int, int, int, float]] = []
    for i in np.argsort(sales["period"], kind="stable").tolist():
        g, v, t = int(sales["generation"][i]), int(sales["delivered"][i]), int(sales["period"][i])
        amount, paid = float(sales["units"][i]), float(sales["price_paid"][i])
        candidates = of_delivery.get((g, v), [])
        if not candidates:
            unmatched[i] = abs(amount)
            continue
        if len(candidates) > 1 and not np.isnan(paid):
            candidates = [min(candidates, key=lambda c: abs(price[c] - paid))]
        candidates = sorted(candidates, key=lambda c: -price[c])
        for cohort in candidates:  # dearest first; what none of them can give is taken from the cheapest
            last = cohort == candidates[-1]
            take = amount if last else min(amount, max(0.0, float(left[cohort])))
            if take or last:
                pieces.append((i, cohort, t, take))
            left[cohort] -= take
            amount -= take
    table = np.array(pieces, dtype=float).reshape(len(pieces), 4)
    row, cohorts, period = (table[:, k].astype(np.int64) for k in range(3))
    return Pieces(row, cohorts, period, table[:, 3]), unmatched
