"""The fixed-asset register: lots of units that depreciate alike, their carrying value, and the sheets made of it.

Two start conventions (setting ``depreciation_start``). ``delivery``: a unit depreciates from its delivery, powered or
not. ``in_service``: from the period in which it is first installed, first in first out within its generation; until
then it is construction in progress, carried at cost. The convention changes these books, never the cost D of a plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procure import finance
from procure.planning.tables import named, texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case
    from procure.solution import Solution

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Lots", "delivery_lots", "depreciation", "impairment", "lots_of", "sales", "service_lots"]

#: Begin of depreciation of units that never go into service within the horizon.
NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Lots:
    """Units of one cohort that begin to depreciate in one period; arrays over L.

    ``cohort`` index; ``begin`` first period of depreciation (before it, units are carried at cost); ``units`` on
    delivery; ``sold`` [L, T].
    """

    case: Case
    cohort: Ints
    begin: Ints
    units: Ints
    sold: Ints

    @property
    def generation(self) -> Ints:
        """Generation of each lot."""
        return self.case.cohorts.generation[self.cohort]

    @property
    def delivered(self) -> Ints:
        """Delivery period of each lot."""
        return self.case.cohorts.delivered[self.cohort]

    @property
    def price(self) -> Floats:
        """Price paid for a unit of each lot."""
        return self.case.cohorts.price[self.cohort]

    @property
    def owned(self) -> Ints:
        """Units owned during each period (shape L × T)."""
        here = np.arange(self.case.T)[None, :] >= self.delivered[:, None]
        return np.asarray(np.where(here, self.units[:, None], 0) - np.cumsum(self.sold, axis=1))

    def book(self) -> Floats:
        """Carrying value of a unit at the start of each period 0..T (shape L × (T + 1)); its cost before ``begin``."""
        age = self.case.years * (np.arange(self.case.T + 1)[None, :] - self.begin[:, None].astype(float))
        life = self.case.generations.life_years[self.generation]
        return finance.book_value(self.price[:, None], age, life[:, None])

    def in_progress(self) -> NDArray[np.bool_]:
        """Whether a unit is still construction in progress during each period (shape L × T)."""
        return np.asarray(np.arange(self.case.T)[None, :] < self.begin[:, None])


def lots_of(solution: Solution) -> Lots:
    """Return the lots under the case's start convention."""
    if solution.case.settings.depreciation_start == "in_service":
        return service_lots(solution)
    return delivery_lots(solution)


def delivery_lots(solution: Solution) -> Lots:
    """One lot a cohort that holds units, depreciating from delivery."""
    case = solution.case
    cohort = np.flatnonzero(solution.ordered > 0)
    return Lots(case, cohort, case.cohorts.delivered[cohort], solution.ordered[cohort], solution.sold[cohort])


def service_lots(solution: Solution) -> Lots:
    """Lots by first installation, first in first out.

    Fleet installed at the start has been in service since delivery, oldest units first. Later, units of a generation go
    into service, oldest delivery first, when more are installed than have been in service. A sale takes spares that
    have been in service, then units that never were, then units whose place another unit takes.
    """
    case = solution.case
    rows: list[tuple[int, int, int, list[tuple[int, int]]]] = []
    for g in range(len(case.generations.names)):
        rows.extend(_serve(solution, g))
    sold = np.zeros((len(rows), case.T), dtype=np.int64)
    for i, (_, _, _, sales_of_lot) in enumerate(rows):
        for t, units in sales_of_lot:
            sold[i, t] += units
    first = np.array([row[:3] for row in rows], dtype=np.int64).reshape(len(rows), 3)
    return Lots(case, first[:, 0], first[:, 1], first[:, 2], sold)


class _Queue:
    """Units of one generation, waiting and in service, as lots by cohort in order of delivery."""

    def __init__(self) -> None:
        self.waiting: dict[int, int] = {}
        self.serving: dict[int, list[list[int]]] = {}  # cohort -> [begin, units left, lot number]
        self.lots: list[tuple[int, int, int, list[tuple[int, int]]]] = []
        self.in_service = 0

    def start(self, units: int, begin: int | None, delivered: Ints) -> None:
        """Put ``units`` that wait into service, oldest first; ``begin`` None stands for each cohort's delivery."""
        for c in list(self.waiting):
            take = min(units, self.waiting[c])
            if take:
                since = int(delivered[c]) if begin is None else begin
                self.serving.setdefault(c, []).append([since, take, len(self.lots)])
                self.lots.append((c, since, take, []))
                self.waiting[c] -= take
                self.in_service += take
                units -= take

    def sell_serving(self, c: int, units: int, t: int) -> int:
        """Sell up to ``units`` of a cohort that are in service, first in first out; return how many were not found."""
        for lot in self.serving.get(c, []):
            take = min(units, lot[1])
            if take:
                lot[1] -= take
                self.lots[lot[2]][3].append((t, take))
                self.in_service -= take
                units -= take
        return units

    def sell_waiting(self, c: int, units: int, t: int) -> int:
        """Sell up to ``units`` of a cohort that were never in service; return how many were not found."""
        take = min(units, self.waiting.get(c, 0))
        if take:
            self.lots.append((c, NEVER, take, [(t, take)]))
            self.waiting[c] -= take
        return units - take


def _serve(solution: Solution, g: int) -> list[tuple[int, int, int, list[tuple[int, int]]]]:
    cohorts = solution.case.cohorts
    mine = np.flatnonzero((cohorts.generation == g) & (solution.ordered > 0))
    mine = mine[np.argsort(cohorts.delivered[mine], kind="stable")]
    standing = solution.installed[g].sum(axis=0)
    queue = _Queue()
    for c in mine[cohorts.delivered[mine] < 0]:
        queue.waiting[int(c)] = int(solution.ordered[c])
    queue.start(int(solution.case.sites.initial[g].sum()), None, cohorts.delivered)
    for t in range(solution.case.T):
        for c in mine[cohorts.delivered[mine] == t]:
            queue.waiting[int(c)] = int(solution.ordered[c])
        for c in (int(c) for c in mine if solution.sold[c, t]):
            units = int(solution.sold[c, t])
            spare = min(units, max(0, queue.in_service - int(standing[t])))
            units -= spare - queue.sell_serving(c, spare, t)
            queue.sell_serving(c, queue.sell_waiting(c, units, t), t)
        queue.start(max(0, int(standing[t]) - queue.in_service), t, cohorts.delivered)
    queue.lots.extend((c, NEVER, units, []) for c, units in queue.waiting.items() if units)
    return queue.lots


def sales(lots: Lots) -> pd.DataFrame:
    """Units sold or scrapped: proceeds, carrying value on the day, gain or loss; lots of one cohort in one row."""
    case = lots.case
    lot, t = np.nonzero(lots.sold)
    cohort, units = lots.cohort[lot], lots.sold[lot, t]
    price = case.resale_value(cohort, t)
    frame = pd.DataFrame(
        {
            "t": t,
            "cohort": cohort,
            "units": units,
            "unit_price": price,
            "proceeds": units * price,
            "book_value": units * lots.book()[lot, t],
        }
    )
    frame = frame.groupby(["t", "cohort"], as_index=False).agg(
        {"units": "sum", "unit_price": "first", "proceeds": "sum", "book_value": "sum"}
    )
    t, cohort = frame["t"].to_numpy(dtype=np.int64), frame["cohort"].to_numpy(dtype=np.int64)
    return pd.DataFrame(
        {
            "period": named(case.calendar.labels, t),
            "generation": named(case.generations.names, case.cohorts.generation[cohort]),
            "delivered": texts(case.calendar.label(int(v)) for v in case.cohorts.delivered[cohort]),
            "units": frame["units"].to_numpy(dtype=np.int64),
            "proceeds": frame["proceeds"].to_numpy(dtype=float),
            "book_value": frame["book_value"].to_numpy(dtype=float),
            "gain": (frame["proceeds"] - frame["book_value"]).to_numpy(dtype=float),
            "unit_price": frame["unit_price"].to_numpy(dtype=float),
            "price_paid": case.cohorts.price[cohort],
            "date": pd.to_datetime([case.calendar.first_day(int(x)) for x in t]).as_unit("us"),
        }
    )


def depreciation(lots: Lots) -> pd.DataFrame:
    """Roll-forward by period and generation: opening + additions − depreciation − disposals = closing.

    ``opening`` stands before the period's deliveries and sales, ``closing`` at its end; both contain construction in
    progress. ``resale_value`` is what the units owned at the end of the period would sell for then; ``to_service`` and
    ``in_progress`` are the cost that left and that remains in construction in progress (0 where depreciation starts on
    delivery); ``units`` are owned during the period.
    """
    case, T, G = lots.case, lots.case.T, len(lots.case.generations.names)
    book, owned, sold, price = lots.book(), lots.owned, lots.sold, lots.price[:, None]
    t = np.arange(T)[None, :]
    before = np.concatenate([np.where(lots.delivered < 0, lots.units, 0)[:, None], owned[:, :-1]], axis=1)
    pending = lots.in_progress()
    ending = case.resale_value(lots.cohort[:, None], np.broadcast_to(t + 1, owned.shape))
    columns = {
        "opening": before * book[:, :-1],
        "additions": np.where(t == lots.delivered[:, None], lots.units[:, None], 0) * price,
        "depreciation": owned * (book[:, :-1] - book[:, 1:]),
        "disposals": sold * book[:, :-1],
        "closing": owned * book[:, 1:],
        "resale_value": owned * ending,
        "to_service": np.where((t == lots.begin[:, None]) & (t > lots.delivered[:, None]), owned, 0) * price,
        "in_progress": np.where(pending, owned, 0) * price,
    }
    totals = {}
    for name, values in columns.items():
        table = np.zeros((G, T))
        np.add.at(table, lots.generation, values)
        totals[name] = table
    units, gone = np.zeros((2, G, T), dtype=np.int64)
    np.add.at(units, lots.generation, owned)
    np.add.at(gone, lots.generation, sold)
    t_of, g_of = np.nonzero(((units > 0) | (gone > 0)).T)
    return pd.DataFrame(
        {
            "period": named(case.calendar.labels, t_of),
            "generation": named(case.generations.names, g_of),
            **{name: table[g_of, t_of] for name, table in totals.items()},
            "units": units[g_of, t_of],
        }
    )


def impairment(lots: Lots) -> pd.DataFrame:
    """Carrying value against resale value by cohort, and the period at whose end the cohort goes under water.

    A row a cohort: units first held in the horizon, the first period that ends with a resale value below the carrying
    value while units are owned (blank: never), both values then, the shortfall then, and the largest shortfall with its
    period. Values are of the units owned at that time.
    """
    case, T = lots.case, lots.case.T
    cohorts = np.unique(lots.cohort)
    row = np.searchsorted(cohorts, lots.cohort)
    carrying, market, held = np.zeros((cohorts.size, T)), np.zeros((cohorts.size, T)), np.zeros(cohorts.size)
    owned = lots.owned
    ends = np.broadcast_to(np.arange(1, T + 1)[None, :], owned.shape)
    np.add.at(carrying, row, owned * lots.book()[:, 1:])
    np.add.at(market, row, owned * case.resale_value(lots.cohort[:, None], ends))
    np.add.at(held, row, lots.units)
    short = np.maximum(0.0, carrying - market)
    under = short > 1e-9 * np.maximum(1.0, carrying)
    first, worst, any_under = under.argmax(axis=1), short.argmax(axis=1), under.any(axis=1)
    pick = np.arange(cohorts.size)
    labels = texts(case.calendar.labels)
    blank = np.full(cohorts.size, np.nan)
    delivered = case.cohorts.delivered[cohorts]
    frame = pd.DataFrame(
        {
            "generation": named(case.generations.names, case.cohorts.generation[cohorts]),
            "delivered": texts(case.calendar.label(int(v)) for v in delivered),
            "unit_price": case.cohorts.price[cohorts],
            "units": held.astype(np.int64),
            "under_water": np.where(any_under, labels[first], ""),
            "carrying_value": np.where(any_under, carrying[pick, first], blank),
            "resale_value": np.where(any_under, market[pick, first], blank),
            "shortfall": np.where(any_under, short[pick, first], blank),
            "worst": np.where(any_under, labels[worst], ""),
            "largest_shortfall": np.where(any_under, short[pick, worst], blank),
        }
    )
    order = np.lexsort((delivered, case.cohorts.generation[cohorts]))
    return frame.iloc[order].reset_index(drop=True)
