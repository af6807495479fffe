"""The fixed-asset register of a plan, recomputed: the roll-forward by generation and the carrying value of sales.

From delivery: a unit depreciates from the period of its delivery. In service (setting ``depreciation_start``): a unit
is carried at cost until it is first installed. Units go into service first in, first out: the fleet installed at the
start has been in service since its delivery (oldest first); later, when more units of a generation are installed than
are in service, the oldest waiting ones join. A sale takes, of its cohort, units in service that stand nowhere any more,
then units that were never in service, then units whose place another unit takes. Cost D never follows this register.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import total_by
from procure.audit.cohorts import straight_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.cohorts import Stock
    from procure.audit.decisions import Decisions
    from procure.audit.inputs import Inputs

    Floats = NDArray[np.float64]

__all__ = ["COLUMNS", "Register", "register_of"]

COLUMNS = ("opening", "additions", "depreciation", "disposals", "closing")


@dataclass(frozen=True, slots=True)
class Register:
    """``columns``: the roll-forward [G, T] by name; ``disposed`` [C, T]: carrying value of what is sold of a cohort."""

    columns: dict[str, Floats]
    disposed: Floats


def register_of(inputs: Inputs, decisions: Decisions, stock: Stock) -> Register:
    """Return the register under the start convention of the case."""
    C, T, G = len(stock), inputs.T, len(inputs.generations)
    if inputs.settings["depreciation_start"] == "in_service":
        cohort, begin, first, owned, sold = _in_service(inputs, decisions, stock)
    else:
        cohort, begin = np.arange(C), stock.delivered.astype(float)
        first, owned, sold = np.where(stock.delivered < 0, stock.units, 0.0), stock.owned, stock.sold
    generation = stock.generation[cohort]
    book = straight_line(stock.price[cohort], begin, inputs.gen["depreciation_years"][generation], inputs)
    disposed = total_by(cohort, sold * book[:, :-1], C)
    new = np.where(np.arange(T)[None, :] == stock.delivered[:, None], (stock.units * stock.price)[:, None], 0.0)
    closing = total_by(generation, owned * book[:, 1:], G)
    start = total_by(generation, first * book[:, 0], G)
    return Register(
        {
            "opening": np.concatenate([start[:, None], closing[:, :-1]], axis=1),
            "additions": total_by(stock.generation, new, G),
            "depreciation": total_by(generation, owned * (book[:, :-1] - book[:, 1:]), G),
            "disposals": total_by(stock.generation, disposed, G),
            "closing": closing,
        },
        disposed,
    )


class _Lots:
    """Units of one generation by (cohort, period in which they went into service; inf: not yet)."""

    def __init__(self, T: int) -> None:
        self.T = T
        self.units: dict[tuple[int, float], float] = {}
        self.first: dict[tuple[int, float], float] = {}
        self.owned: dict[tuple[int, float], Floats] = {}
        self.sold: dict[tuple[int, float], Floats] = {}

    def add(self, lot: tuple[int, float], units: float) -> None:
        if lot not in self.units:
            self.units[lot], self.owned[lot], self.sold[lot] = 0.0, np.zeros(self.T), np.zeros(self.T)
        self.units[lot] += units

    @property
    def serving(self) -> float:
        return sum(units for (_, begin), units in self.units.items() if np.isfinite(begin))

    def place(self, units: float, begin: float | None, delivered: NDArray[np.int64]) -> None:
        """Put waiting units into service, oldest cohort first (``begin`` None: since their delivery)."""
        for c in sorted(c for c, since in self.units if since == np.inf):
            take = min(units, max(0.0, self.units[c, np.inf]))
            if take > 0:
                self.units[c, np.inf] -= take
                self.add((c, float(delivered[c]) if begin is None else begin), take)
                units -= take

    def sell(self, c: int, units: float, t: int, *, serving: bool) -> float:
        """Sell units of a cohort that are (or were never) in service, first in first out; return what was not found."""
        for lot in sorted(lot for lot in self.units if lot[0] == c and np.isfinite(lot[1]) == serving):
            take = min(units, max(0.0, self.units[lot]))
            self.units[lot] -= take
            self.sold[lot][t] += take
            units -= take
        return units

    def close(self, t: int) -> None:
        for lot, units in self.units.items():
            self.owned[lot][t] = units


def _in_service(
    inputs: Inputs, decisions: Decisions, stock: Stock
) -> tuple[NDArray[np.int64], Floats, Floats, Floats, Floats]:
    """Lots in service or waiting: cohort, begin (inf: never), units at the start, owned and sold (L × T)."""
    T = inputs.T
    standing = decisions.standing.sum(axis=1)
    initial = inputs.initial.sum(axis=1)
    every: list[_Lots] = []
    for g in np.unique(stock.generation):
        lots = _Lots(T)
        mine = np.flatnonzero(stock.generation == g).tolist()  # by delivery
        for c in mine:
            if stock.delivered[c] < 0:
                lots.add((c, np.inf), float(stock.units[c]))
        lots.place(float(initial[g]), None, stock.delivered)
        lots.first = dict(lots.units)
        for t in range(T):
            for c in mine:
                if stock.delivered[c] == t:
                    lots.add((c, np.inf), float(stock.units[c]))
            for c in mine:
                units = float(stock.sold[c, t])
                if units > 0:
                    spare = min(units, max(0.0, lots.serving - float(standing[g, t])))
                    units -= spare - lots.sell(c, spare, t, serving=True)
                    units = lots.sell(c, units, t, serving=False)
                    lots.sell(c, units, t, serving=True)
            lots.place(max(0.0, float(standing[g, t]) - lots.serving), float(t), stock.delivered)
            lots.close(t)
        every.append(lots)
    keys = [(lots, lot) for lots in every for lot in lots.units]
    return (
        np.array([c for _, (c, _) in keys], dtype=np.int64),
        np.array([begin for _, (_, begin) in keys], dtype=float),
        np.array([lots.first.get(lot, 0.0) for lots, lot in keys], dtype=float),
        np.array([lots.owned[lot] for lots, lot in keys]).reshape(len(keys), T),
        np.array([lots.sold[lot] for lots, lot in keys]).reshape(len(keys), T),
    )
