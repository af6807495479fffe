"""What one period's orders want so far, and what is left of everything that limits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.baselines.offers import Offers
    from procure.baselines.yard import Purse, Room, Yard
    from procure.case import Case

    Floats = NDArray[np.float64]
    Needs = dict[int, tuple[Floats, Floats]]

__all__ = ["Wish"]

EPS = 1e-9


class Wish:
    """A draft of the orders of period ``t``; nothing is decided until the buyer places it.

    ``money`` [G] is the hardware capex that may still go into each generation. ``rooms``, ``must`` and ``want`` go by
    lead time: free room from the delivery on, and compute of the delivery period that must still be served or is
    still worth serving (W; inf: no limit). ``places`` holds units by generation and site (−1: no site in particular),
    ``leave`` the units that make room: cohort, site, units, generation that comes.
    """

    def __init__(self, yard: Yard, table: Offers, purse: Purse, money: Floats, t: int, needs: Needs) -> None:
        self.case: Case = yard.case
        self.yard, self.table, self.t, self.money = yard, table, t, money
        self.purse = purse.copy()
        self.last = min(self.case.T - 1, t + int(self.case.generations.lead.max()))
        self.rooms: dict[int, Room] = {lead: yard.room(t + lead, self.last) for lead in needs}
        self.must = {lead: need[0].copy() for lead, need in needs.items()}
        self.want = {lead: need[1].copy() for lead, need in needs.items()}
        self.places: dict[int, list[tuple[int, int]]] = {}
        self.leave: list[tuple[int, int, int, int]] = []
        self.coming = np.zeros(yard.installs.shape)

    def total(self, g: int) -> int:
        """Return the units wanted of a generation."""
        return sum(n for _, n in self.places.get(g, ()))

    def room(self, lead: int, g: int, s: int, mw: float = 0.0, racks: float = 0.0) -> float:
        """Return how many units fit (``mw`` and ``racks`` are freed for them)."""
        room, k = self.rooms[lead], int(self.case.sites.campus[s])
        power = min(room.mw[s], room.campus_mw[k]) if k >= 0 else room.mw[s]
        n = np.inf
        if self.table.mw[g, s] > 0:
            n = (power + mw) / self.table.mw[g, s]
        if self.case.generations.racks[g] > 0:
            n = min(n, (room.racks[s] + racks) / self.case.generations.racks[g])
        return max(0.0, float(np.floor(n + EPS)) if np.isfinite(n) else n)

    def occupy(self, g: int, s: int, n: float) -> None:
        """Take the room of n units (negative: free it)."""
        k = int(self.case.sites.campus[s])
        for room in self.rooms.values():
            room.mw[s] -= n * self.table.mw[g, s]
            room.racks[s] -= n * self.case.generations.racks[g]
            if k >= 0:
                room.campus_mw[k] -= n * self.table.mw[g, s]

    def licensed(self, g: int, s: int) -> float:
        """Return how many more units licences let in, beside those wanted already."""
        return self.yard.licensed(g, s, self.coming)

    def price(self, g: int) -> tuple[float, float]:
        """Return what a unit costs with the order and on delivery."""
        price = float(self.case.cohorts.price[self.table.cohort[g, self.t]])
        deposit = price * float(self.case.generations.deposit[g])
        return deposit, price - deposit

    def payable(self, g: int) -> float:
        """Return how many more units of a generation can be paid and had."""
        generations = self.case.generations
        now, later = self.price(g)
        total = self.total(g)
        n = min(
            self.purse.affords(self.t, self.t + int(generations.lead[g]), now, later),
            float(generations.allocation[g, self.t]) - total,
        )
        if np.isfinite(self.money[g]) and now + later > 0:
            n = min(n, np.floor(self.money[g] / (now + later) * (1 + 1e-13)) - total)
        return max(0.0, n)

    def pay(self, g: int, n: float) -> None:
        """Book the payments of n units."""
        now, later = self.price(g)
        self.purse.pay(self.t, self.t + int(self.case.generations.lead[g]), n * now, n * later)

    def asked(self, need: Floats, g: int, s: int) -> float:
        """Return how many units of a generation serve a need of its delivery period at a site (inf: no limit)."""
        rate = self.table.rate[g, s, self.t + int(self.case.generations.lead[g])]
        able = rate > 0
        if not able.any():
            return 0.0
        return float(np.ceil((need[able] / rate[able]).sum() - 1e-6))

    def take(self, g: int, s: int, n: int) -> None:
        """Want n units of a generation at a site."""
        self.places.setdefault(g, []).append((s, n))
        self.pay(g, n)
        self.occupy(g, s, n)
        self.coming[g, s] += n
        for needs in (self.must, self.want):
            for lead, need in needs.items():
                _serve(need, self.table.rate[g, s, min(self.t + lead, self.case.T - 1)], n)

    def give_up(self, c: int, s: int, n: int, g: int) -> None:
        """Let n units of a cohort leave a site for a generation that comes; what they served is wanted again."""
        old = int(self.case.cohorts.generation[c])
        self.leave.append((c, s, n, g))
        self.occupy(old, s, -n)
        for lead, want in self.want.items():
            rate = self.table.rate[old, s, min(self.t + lead, self.case.T - 1)]
            want[rate.argmax()] += n * rate.max()

    def cut(self, g: int, surplus: int) -> None:
        """Drop units of a generation, the last wanted first."""
        places = self.places[g]
        for i in range(len(places) - 1, -1, -1):
            s, n = places[i]
            less = min(n, surplus)
            if less:
                places[i] = (s, n - less)
                self.occupy(g, s, -less)
                surplus -= less

    def keep_what_fits(self) -> None:
        """Keep units that need not leave after all, because an order was cut to whole lots."""
        for i in range(len(self.leave) - 1, -1, -1):
            c, s, n, g = self.leave[i]
            old, lead = int(self.case.cohorts.generation[c]), int(self.case.generations.lead[g])
            stay = int(min(float(n), self.room(lead, old, s)))
            if stay:
                self.occupy(old, s, stay)
                self.leave[i] = (c, s, n - stay, g)


def _serve(need: Floats, rate: Floats, n: float) -> None:
    """Lower what is needed by what n units bring, the largest need (in units) first."""
    left = n
    for w in sorted(np.flatnonzero((rate > 0) & (need > 0)).tolist(), key=lambda w: -need[w] / rate[w]):
        if np.isinf(need[w]):
            continue
        used = min(left, need[w] / rate[w])
        need[w] -= used * rate[w]
        left -= used
