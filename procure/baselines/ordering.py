"""One period's orders under a rule: what it wants, pair by pair (generation and site), within what it may.

An order fills the room that will be free when it arrives: power and racks, less what is on its way and what waits in
the warehouse. Compute that must be served comes first, then free room, then (where the rule replaces) the place of
units that the rule likes less. Lots, least orders, allocations, budgets, licences and demand limit it throughout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.baselines.offers import defender_cost
from procure.baselines.wish import EPS, Wish

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from procure.baselines.offers import Offers
    from procure.baselines.rules import Rule
    from procure.baselines.yard import Purse, Yard
    from procure.case import Case

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Buyer"]


class Buyer:
    """Places a rule's orders period by period.

    ``needs(v)`` returns the compute of period v that must still be served and that is still worth serving (W, inf where
    nothing limits it), as forecast from what stands and is on its way. ``spend_cap`` [G] is the most hardware capex of
    each generation over the horizon.
    """

    def __init__(
        self,
        rule: Rule,
        table: Offers,
        yard: Yard,
        purse: Purse,
        needs: Callable[[int], tuple[Floats, Floats]],
        spend_cap: Floats,
    ) -> None:
        self.case: Case = yard.case
        self.rule, self.table, self.yard, self.purse = rule, table, yard, purse
        self.needs, self.spend_cap = needs, spend_cap
        self.spent_on = np.zeros(len(self.case.generations.names))
        cohorts = self.case.cohorts
        np.add.at(self.spent_on, cohorts.generation, np.where(cohorts.committed, cohorts.price * cohorts.units, 0.0))
        self.energised = _energised(self.case)

    # -- ranking -------------------------------------------------------------------------------------------------------

    def able(self, t: int) -> Bools:
        """Mark the pairs that can be bought for in t and installed on arrival (G × S)."""
        case, generations = self.case, self.case.generations
        arrive = np.minimum(t + generations.lead, case.T - 1)
        offered = (self.table.cohort[:, t] >= 0) & (generations.service_periods > 0)
        return np.asarray(
            offered[:, None] & (case.sites.first_install <= arrive[:, None]) & (self.table.gain[:, :, t] > 0)
        )

    def _pays(self, g: int, s: int, t: int) -> bool:
        """Tell whether a pair may be bought for beyond what must be served: for ``npv``, if it earns what it costs."""
        return self.case.settings.objective != "npv" or bool(self.table.dear[g, s, t] < 1.0)

    def ranking(self, t: int, able: Bools) -> list[tuple[int, int]]:
        """Return the able pairs in the order in which the rule takes them."""
        g, s = np.nonzero(able)
        dear = self.table.dear[g, s, t]
        with np.errstate(divide="ignore"):
            per_mw = self.table.gain[g, s, t] / self.table.mw[g, s]
        first = {
            "newest": (-self.case.generations.available_from[g]).astype(float),
            "watt": -per_mw,
            "dollar": dear,
        }[self.rule.choice]
        keys = [s, dear, first]
        if self.rule.first_site:
            keys += [s, self.energised[s]]
        order = np.lexsort(tuple(keys))
        return list(zip(g[order].tolist(), s[order].tolist(), strict=True))

    def site_order(self, g: int, t: int) -> list[int]:
        """Return the sites where a generation may stand in t, in the order of the rule."""
        sites = np.flatnonzero((self.case.sites.first_install[g] <= t) & (self.table.gain[g, :, t] > 0))
        running = self.table.running_cost[g, sites] / self.table.gain[g, sites, t]
        keys = [sites, running] + ([sites, self.energised[sites]] if self.rule.first_site else [])
        return [int(s) for s in sites[np.lexsort(tuple(keys))]]

    # -- the orders of a period ----------------------------------------------------------------------------------------

    def order(self, t: int) -> None:
        """Place the orders of a period."""
        able = self.able(t)
        if not able.any():
            return
        money = self.spend_cap - self.spent_on
        probe = Wish(self.yard, self.table, self.purse, money, t, {})
        barred = {g for g in np.flatnonzero(able.any(axis=1)).tolist() if probe.payable(g) < self._least(g)}
        while True:
            able[list(barred)] = False
            if not able.any():
                return
            wish = self._wish(t, self.ranking(t, able), money)
            bad = next((g for g in wish.places if not self._whole(wish, g)), None)
            if bad is None:
                break
            barred.add(bad)
        wish.keep_what_fits()
        self._place(wish)

    def _place(self, wish: Wish) -> None:
        generations, t = self.case.generations, wish.t
        for g, places in wish.places.items():
            n = wish.total(g)
            now, later = wish.price(g)
            self.purse.pay(t, t + int(generations.lead[g]), n * now, n * later)
            self.spent_on[g] += n * (now + later)
            self.yard.order(int(self.table.cohort[g, t]), [place for place in places if place[1]])
        for c, s, n, g in wish.leave:
            if n:
                self.yard.retire(c, s, n, t + int(generations.lead[g]))

    def _least(self, g: int) -> int:
        """Return the smallest order of a generation in units."""
        lot = int(self.case.generations.lot[g])
        return max(lot, -(-int(self.case.generations.min_order[g]) // lot) * lot)

    def _wish(self, t: int, pairs: list[tuple[int, int]], money: Floats) -> Wish:
        leads = sorted({int(self.case.generations.lead[g]) for g, _ in pairs})
        wish = Wish(self.yard, self.table, self.purse, money, t, {lead: self.needs(t + lead) for lead in leads})
        self._reserve(wish)
        if any(need.any() for need in wish.must.values()):
            self._fill(wish, pairs, wish.must)
        pairs = [(g, s) for g, s in pairs if self._pays(g, s, t)]
        self._fill(wish, pairs, wish.want)
        if self.rule.replaces:
            self._replace(wish, pairs)
        return wish

    def _reserve(self, wish: Wish) -> None:
        """Set room aside for units that are owned, or will be by then, and stand nowhere yet."""
        cohorts, t = self.case.cohorts, wish.t
        waiting = self.yard.stock[:, -1].astype(float)
        coming = (cohorts.order < 0) & (cohorts.delivered > t) & (cohorts.delivered <= wish.last)
        waiting[coming] += self.yard.ordered[coming]
        waiting[self.yard.ends <= t] = 0.0
        for c in np.flatnonzero(waiting > 0).tolist():
            g, left = int(cohorts.generation[c]), float(waiting[c])
            for s in self.site_order(g, t):
                n = min(left, wish.licensed(g, s), max(wish.room(lead, g, s) for lead in wish.rooms))
                if n >= 1:
                    wish.occupy(g, s, n)
                    wish.coming[g, s] += n
                    left -= n
                if left < 1:
                    break

    def _fill(self, wish: Wish, pairs: list[tuple[int, int]], need: dict[int, Floats]) -> None:
        """Fill free room, pair by pair, as far as the need goes."""
        open_to = {g for g, _ in pairs}
        for g, s in pairs:
            if not open_to:
                break
            if g not in open_to:
                continue
            lead = int(self.case.generations.lead[g])
            n = wish.room(lead, g, s)
            if n < 1:
                continue
            payable = wish.payable(g)
            if payable < 1:
                open_to.discard(g)
                continue
            n = min(n, payable, wish.asked(need[lead], g, s), wish.licensed(g, s))
            if 1 <= n < np.inf:
                wish.take(g, s, int(n))

    # -- replacement ---------------------------------------------------------------------------------------------------

    def _replace(self, wish: Wish, pairs: list[tuple[int, int]]) -> None:
        """Put new units in the place of those that the rule likes less, the worst first."""
        open_to, gone = {g for g, _ in pairs}, np.zeros_like(self.yard.leaving)
        for g, s in pairs:
            if not open_to:
                break
            if g not in open_to:
                continue
            payable = wish.payable(g)
            if payable < 1:
                open_to.discard(g)
                continue
            worst, count = self._worse(g, s, wish.t, gone)
            if worst.size:
                self._swap(wish, g, s, payable, worst, count, gone)

    def _worse(self, g: int, s: int, t: int, gone: Ints) -> tuple[Ints, Ints]:
        """Return the cohorts at a site that the rule gives up for a generation, the worst first, and their units."""
        cohorts, table, v = self.case.cohorts, self.table, t + int(self.case.generations.lead[g])
        count = self.yard.stock[:, s] - self.yard.leaving[:, s] - gone[:, s]
        c = np.flatnonzero((count > 0) & (cohorts.generation != g) & (self.yard.ends > v))
        if not c.size:
            return c, c
        old = cohorts.generation[c]
        with np.errstate(divide="ignore", invalid="ignore"):
            per_mw = np.where(table.mw[old, s] > 0, table.gain[old, s, t] / table.mw[old, s], np.inf)
        ours = table.gain[g, s, t] / table.mw[g, s] if table.mw[g, s] > 0 else np.inf
        if self.rule.choice == "dollar":
            cost = defender_cost(self.case, table, c, s, t)
            give_up, key = cost > table.dear[g, s, t] * (1 + EPS), -cost
        else:
            give_up, key = per_mw < ours * (1 - EPS), per_mw
            if self.rule.choice == "newest":
                shipped = self.case.generations.available_from
                give_up &= shipped[old] < shipped[g]
                key = shipped[old].astype(float)
        order = np.lexsort((cohorts.delivered[c], key))
        picked = c[order][give_up[order]]
        return picked, count[picked]

    def _swap(self, wish: Wish, g: int, s: int, payable: float, worst: Ints, count: Ints, gone: Ints) -> None:
        """Want as many units as fit in the place of the worst, and let go of as few of these as make room."""
        case, table = self.case, self.table
        old, lead = case.cohorts.generation[worst], int(case.generations.lead[g])
        mw, racks = count * table.mw[old, s], count * case.generations.racks[old]
        served = (count[:, None] * table.rate[old, s, wish.t + lead]).sum(axis=0)
        n = min(
            wish.room(lead, g, s, float(mw.sum()), float(racks.sum())),
            payable,
            wish.licensed(g, s),
            wish.asked(wish.want[lead] + served, g, s),
        )
        if not 1 <= n < np.inf:
            return
        for c, most in zip(worst.tolist(), count.tolist(), strict=True):
            if wish.room(lead, g, s) >= n:
                break
            k = self._fewest(wish, g, s, n, int(case.cohorts.generation[c]), most)
            wish.give_up(c, s, k, g)
            gone[c, s] += k
        n = min(n, wish.room(lead, g, s))
        if n >= 1:
            wish.take(g, s, int(n))

    def _fewest(self, wish: Wish, g: int, s: int, n: float, old: int, most: int) -> int:
        """Return the fewest units of an old generation (at most ``most``) that make room for n, with what is free."""
        lead, low, high = int(self.case.generations.lead[g]), 0, most
        while low < high:
            k = (low + high) // 2
            if wish.room(lead, g, s, k * self.table.mw[old, s], k * float(self.case.generations.racks[old])) >= n:
                high = k
            else:
                low = k + 1
        return low

    # -- whole orders --------------------------------------------------------------------------------------------------

    def _whole(self, wish: Wish, g: int) -> bool:
        """Cut an order to whole lots, or raise it to the least order where demand must be served.

        Returns False where the order cannot be placed.
        """
        lot, least, total = int(self.case.generations.lot[g]), self._least(g), wish.total(g)
        whole = total // lot * lot
        must = self.needs(wish.t + int(self.case.generations.lead[g]))[0].any()
        if must and whole < max(total, least):
            raised = max(least, -(-total // lot) * lot)
            if raised - total <= wish.payable(g):
                whole = raised
        if whole < least:
            return False
        if whole > total:
            wish.pay(g, whole - total)
            wish.places[g].append((-1, whole - total))
        elif whole < total:
            wish.cut(g, total - whole)
        return True


def _energised(case: Case) -> Ints:
    """Return the first period in which each site has power of its own or of its campus (T: never)."""
    has = case.sites.power_mw > 0
    for s, k in enumerate(case.sites.campus):
        if k >= 0:
            has[s] &= case.sites.campus_power_mw[k] > 0
    return np.asarray(np.where(has.any(axis=1), has.argmax(axis=1), case.T))
