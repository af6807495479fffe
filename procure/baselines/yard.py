"""Units by cohort and place while a rule is played through, and a forecast of the room that they leave.

``Yard`` holds what is decided and what follows from it; it knows no preferences. The forecast counts units that stand
at a site or are on their way to it, until their service life ends or they are due to leave, so that an order finds the
room that will be free when it arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.baselines.offers import Offers
    from procure.case import Case

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Purse", "Room", "Yard"]


@dataclass(slots=True)
class Room:
    """Room that is free over a stretch of periods: MW and rack positions by site, MW by campus."""

    mw: Floats
    racks: Floats
    campus_mw: Floats


class Purse:
    """Capex spent by period, held against one or more budgets.

    ``limits``: tables [T] with whether unspent money carries over; ``spent`` [T] money by period.
    """

    def __init__(self, T: int, limits: list[tuple[Floats, bool]]) -> None:
        self.limits = [(limit, carry) for limit, carry in limits if np.isfinite(limit).any()]
        self.spent = np.zeros(T)

    def copy(self) -> Purse:
        """Return a purse to try purchases with."""
        twin = Purse(self.spent.size, self.limits)
        twin.spent = self.spent.copy()
        return twin

    def affords(self, t: int, v: int, now: float, later: float) -> float:
        """Return how many units can be paid, each ``now`` in period t and ``later`` in period v (inf: no limit)."""
        if v == t:
            now, later = now + later, 0.0
        units = np.inf
        for limit, carry in self.limits:
            if carry:
                slack = np.cumsum(limit) - np.cumsum(self.spent)
                parts = [(slack[t:v], now), (slack[v:] if v > t else slack[t:], now + later)]
            else:
                slack = limit - self.spent
                parts = [(slack[t : t + 1], now), (slack[v : v + 1], later)]
            for money, price in parts:
                if price > 0 and money.size:
                    units = min(units, np.floor(float(money.min()) / price * (1.0 + 1e-13)))
        return max(0.0, units)

    def pay(self, t: int, v: int, now: float, later: float) -> None:
        """Book a payment in period t and one in period v."""
        self.spent[t] += now
        self.spent[v] += later


class Yard:
    """The state of one case under one rule; ``place`` S is the warehouse."""

    def __init__(self, case: Case, table: Offers) -> None:
        cohorts, T = case.cohorts, case.T
        G, S = len(case.generations.names), len(case.sites.names)
        self.case, self.table = case, table
        self.ends = np.clip(cohorts.last + 1, 0, T)
        self.stock = np.zeros((len(cohorts), S + 1), dtype=np.int64)
        self.leaving = np.zeros((len(cohorts), S), dtype=np.int64)
        self.ordered = cohorts.units.copy()
        self.sold = np.zeros((len(cohorts), T), dtype=np.int64)
        self.installed = np.zeros((G, S, T), dtype=np.int64)
        self.installs = case.sites.initial.astype(float)
        self.units = np.zeros((G, S, T))
        self.mw, self.racks = np.zeros((S, T)), np.zeros((S, T))
        self.limit_mw, self.limit_racks = case.sites.power_mw.copy(), case.sites.racks.copy()
        self.limit_campus = case.sites.campus_power_mw.copy()
        self.arrivals: list[list[tuple[int, int, int]]] = [[] for _ in range(T)]
        self.departures: list[list[tuple[int, int, int]]] = [[] for _ in range(T)]
        self._fleet()

    def _fleet(self) -> None:
        """Put the fleet where its rows say."""
        cohorts, sites = self.case.cohorts, self.case.sites.names
        first = np.flatnonzero((cohorts.order < 0) & ~cohorts.committed)
        names = self.case.generations.names
        at = {(names[cohorts.generation[c]], int(cohorts.delivered[c]), float(cohorts.price[c])): int(c) for c in first}
        for row in self.case.tables.frames["fleet"].to_dict("records"):
            if not int(row["units"]):
                continue
            c = at[str(row["generation"]), int(row["delivered"]), float(row["price"])]
            s = sites.index(row["site"]) if row["site"] in sites else len(sites)
            self.stock[c, s] += int(row["units"])
            if s < len(sites):
                self.forecast(c, s, int(row["units"]), 0)

    # -- forecast ------------------------------------------------------------------------------------------------------

    def forecast(self, c: int, s: int, n: int, start: int) -> None:
        """Count n units (negative: fewer) of a cohort at a site from a period on, until its service life ends."""
        g, span = int(self.case.cohorts.generation[c]), slice(start, int(self.ends[c]))
        self.units[g, s, span] += n
        self.mw[s, span] += n * self.table.mw[g, s]
        self.racks[s, span] += n * self.case.generations.racks[g]

    def room(self, first: int, last: int) -> Room:
        """Return the room that stays free over the periods first..last."""
        span = slice(first, last + 1)
        mw = self.limit_mw[:, span] - self.mw[:, span]
        racks = self.limit_racks[:, span] - self.racks[:, span]
        shared = self.limit_campus[:, span].copy()
        for k in range(len(shared)):
            shared[k] -= self.mw[self.case.sites.campus == k, span].sum(axis=0)
        return Room(mw.min(axis=1), racks.min(axis=1), shared.min(axis=1))

    def licensed(self, g: int, s: int, coming: Floats | None = None) -> float:
        """Return how many more units of a generation licences let into a site, beside ``coming`` (G × S) ones."""
        room = np.inf
        for licence in self.case.licences:
            if licence.site == s and g in licence.generations:
                members = list(licence.generations)
                taken = float(self.installs[members, s].sum())
                if coming is not None:
                    taken += float(coming[members, s].sum())
                room = min(room, licence.max_units - taken)
        return max(0.0, room)

    # -- events of a period --------------------------------------------------------------------------------------------

    def open(self, t: int) -> None:
        """Scrap what is past its service life, take deliveries, and clear what may not stand where it stands."""
        cohorts = self.case.cohorts
        come = np.flatnonzero((cohorts.delivered == t) & (cohorts.order < 0))
        self.stock[come, -1] += self.ordered[come]
        past = np.flatnonzero((self.ends == t) & (self.stock.any(axis=1)))
        self.sold[past, t] += self.stock[past].sum(axis=1)
        self.stock[past] = 0
        self.leaving[past] = 0
        if t == 0:
            self._clear_unlicensed()
        self._clear_space(t)

    def _clear_unlicensed(self) -> None:
        g = self.case.cohorts.generation
        for s in range(self.stock.shape[1] - 1):
            wrong = np.flatnonzero((self.stock[:, s] > 0) & (self.case.sites.first_install[g, s] > 0))
            for c in wrong.tolist():
                self._withdraw(c, s, int(self.stock[c, s]), 0)

    def _clear_space(self, t: int) -> None:
        """Take out units, those of least compute first, where the positions of a site have shrunk below its units."""
        generations = self.case.generations
        g = self.case.cohorts.generation
        for s in range(self.stock.shape[1] - 1):
            here = np.flatnonzero(self.stock[:, s] > 0)
            over = float((generations.racks[g[here]] * self.stock[here, s]).sum()) - self.limit_racks[s, t]
            for c in here[np.argsort(self.table.gain[g[here], s, t], kind="stable")].tolist():
                racks = float(generations.racks[g[c]])
                if over <= 0:
                    break
                if racks > 0:
                    n = min(int(self.stock[c, s]), int(np.ceil(over / racks - 1e-9)))
                    self._withdraw(c, s, n, t)
                    over -= n * racks

    def _withdraw(self, c: int, s: int, n: int, t: int) -> None:
        self.stock[c, s] -= n
        self.stock[c, -1] += n
        self.forecast(c, s, -n, t)
        for v in range(t, self.case.T):  # units that were due to leave are gone already
            for i, (other, place, due) in enumerate(self.departures[v]):
                void = min(due, int(self.leaving[c, s] - self.stock[c, s])) if (other, place) == (c, s) else 0
                if void > 0:
                    self.departures[v][i] = (c, s, due - void)
                    self.leaving[c, s] -= void
                    self.forecast(c, s, void, v)

    def install(self, c: int, s: int, n: int, t: int) -> None:
        """Put units from the warehouse into a site."""
        self.stock[c, -1] -= n
        self.stock[c, s] += n
        self.installs[self.case.cohorts.generation[c], s] += n
        self.forecast(c, s, n, t)

    def order(self, c: int, places: list[tuple[int, int]]) -> None:
        """Order units of a cohort, so many for each site (−1: none in particular)."""
        v = int(self.case.cohorts.delivered[c])
        for s, n in places:
            self.ordered[c] += n
            self.arrivals[v].append((c, s, n))
            if s >= 0:
                self.installs[self.case.cohorts.generation[c], s] += n
                self.forecast(c, s, n, v)

    def retire(self, c: int, s: int, n: int, v: int) -> None:
        """Have units leave a site and be sold at the start of a period to come."""
        self.leaving[c, s] += n
        self.departures[v].append((c, s, n))
        self.forecast(c, s, -n, v)

    def move(self, t: int) -> None:
        """Carry out what is due: retirements, then deliveries to the sites that they were ordered for."""
        cohorts, racks = self.case.cohorts, self.case.generations.racks
        for c, s, n in self.departures[t]:
            gone = min(n, int(self.stock[c, s]), int(self.leaving[c, s]))
            self.stock[c, s] -= gone
            self.leaving[c, s] -= gone
            self.sold[c, t] += gone
        for c, s, n in self.arrivals[t]:
            self.stock[c, -1] += n
            if s < 0 or self.ends[c] <= t:
                continue
            each = float(racks[cohorts.generation[c]])
            taken = float((racks[cohorts.generation] * self.stock[:, s]).sum())
            free = np.inf if each <= 0 else np.floor((self.limit_racks[s, t] - taken) / each + 1e-9)
            fits = int(max(0.0, min(float(n), free)))
            self.stock[c, -1] -= fits
            self.stock[c, s] += fits
            if fits < n:
                self.forecast(c, s, fits - n, t)
        self.departures[t], self.arrivals[t] = [], []

    def close(self, t: int) -> None:
        """Record what stands at each site during the period."""
        np.add.at(self.installed[:, :, t], self.case.cohorts.generation, self.stock[:, :-1])
