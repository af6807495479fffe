"""A rule of thumb played through a case, period by period, as whole-number decisions.

Each period: scrap and take deliveries, put waiting units into free room, order, build, install what has arrived. What
runs is settled afterwards (it decides nothing that comes later), then rent and the sources of energy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.baselines.dispatch import option_energy
from procure.baselines.investing import Investor, rent
from procure.baselines.offers import offers
from procure.baselines.ordering import Buyer
from procure.baselines.running import exact, power_up, share_out, steps_of
from procure.baselines.yard import Purse, Yard
from procure.solution import Running, Solution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.baselines.rules import Rule
    from procure.case import Case

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["simulate", "total_capex"]

TRIES = 8


def simulate(case: Case, rule: Rule, even_total: float | None = None) -> Solution:
    """Play a rule through a case.

    ``even_total`` is the capex that the rule spreads evenly over the horizon (``rule.even``; inf or None: no such
    limit). The result keeps every limit of the case but, where the rule leads there, a minimum demand or the carbon cap
    that its own minimum demand breaks; the audit says which.
    """
    share, G = case.settings.max_generation_share, len(case.generations.names)
    cap = np.full(G, np.inf)
    for attempt in range(TRIES):
        play = _Play(case, rule, even_total, cap)
        play.run()
        spent = play.buyer.spent_on
        over = spent > share * spent.sum() * (1 + 1e-10)
        if share >= 1.0 or not over.any():
            return play.solution()
        # first the share of what was spent (others may fill the gap), then the share that the others' spend allows
        held = share * spent.sum() if attempt < 2 else share / (1.0 - share) * (spent.sum() - spent)
        cap = np.where(over, np.minimum(cap, held), cap)
    play = _Play(case, rule, even_total, np.zeros(G))  # no mix was found: the rule orders nothing
    play.run()
    return play.solution()


def total_capex(solution: Solution) -> float:
    """Return the capex of a plan: hardware ordered and committed, power options and shells."""
    case = solution.case
    bought = case.cohorts.committed | (case.cohorts.order >= 0)
    hardware = float((case.cohorts.price * solution.ordered)[bought].sum())
    power = float(case.power_options.capex @ solution.power_builds.sum(axis=1))
    return hardware + power + float(case.shell_options.capex @ solution.shell_builds.sum(axis=1))


class _Play:
    def __init__(self, case: Case, rule: Rule, even_total: float | None, cap: Floats) -> None:
        self.case, self.rule, T = case, rule, case.T
        self.table = offers(case, rule)
        self.steps = steps_of(case)
        limits = [(case.budget, case.settings.budget_carry_over)]
        if rule.even and even_total is not None and np.isfinite(even_total):
            limits.append((np.full(T, even_total / T), True))
        self.purse = Purse(T, limits)
        firm = np.flatnonzero(case.cohorts.committed)
        np.add.at(self.purse.spent, case.cohorts.delivered[firm], (case.cohorts.price * case.cohorts.units)[firm])
        self.yard = Yard(case, self.table)
        self.buyer = Buyer(rule, self.table, self.yard, self.purse, self.needs, cap)
        self.investor = Investor(case, self.table, self.yard, self.purse)
        self.best = np.full(T, np.inf)
        self.now = 0
        self._needs: dict[int, tuple[Floats, Floats]] = {}

    def run(self) -> None:
        """Take the decisions of every period."""
        for t in range(self.case.T):
            self.now, self._needs = t, {}
            able = self.buyer.able(t)
            self.best[t] = self.table.best_today(t, able) if able.any() else (self.best[t - 1] if t else np.inf)
            self.yard.open(t)
            self.yard.move(t)
            self._place(t)
            self.buyer.order(t)
            self._needs = {}
            self.investor.decide(t, able, float(self.best[t]), self.needs)
            self.yard.move(t)
            self.yard.close(t)

    def _place(self, t: int) -> None:
        """Put units that wait in the warehouse into free room."""
        yard, case = self.yard, self.case
        waiting = np.flatnonzero((yard.stock[:, -1] > 0) & (yard.ends > t))
        if not waiting.size:
            return
        last = min(case.T - 1, t + int(case.generations.lead.max()))
        best = self.table.gain[case.cohorts.generation[waiting], :, t].max(axis=1)
        for c in waiting[np.argsort(-best, kind="stable")].tolist():
            g = int(case.cohorts.generation[c])
            for s in self.buyer.site_order(g, t):
                room, k = yard.room(t, last), int(case.sites.campus[s])
                mw = min(room.mw[s], room.campus_mw[k]) if k >= 0 else room.mw[s]
                n = min(float(yard.stock[c, -1]), yard.licensed(g, s))
                if self.table.mw[g, s] > 0:
                    n = min(n, np.floor(mw / self.table.mw[g, s] + 1e-9))
                if case.generations.racks[g] > 0:
                    n = min(n, np.floor(room.racks[s] / case.generations.racks[g] + 1e-9))
                if n >= 1:
                    yard.install(c, s, int(n), t)
                if not yard.stock[c, -1]:
                    break

    # -- demand --------------------------------------------------------------------------------------------------------

    def needs(self, v: int) -> tuple[Floats, Floats]:
        """Return the compute of period v that must still be served, and that is worth serving, by the forecast (W)."""
        v = min(v, self.case.T - 1)
        if v not in self._needs:
            self._needs[v] = self._forecast(v)
        return self._needs[v][0], self._needs[v][1]

    def _forecast(self, v: int) -> tuple[Floats, Floats]:
        minimum, target = self.case.demand_min[:, v], self.table.target[:, v]
        if not minimum.any() and np.isinf(target).all():
            return minimum, target
        run = power_up(
            self.case, self.steps, self.yard.units[:, :, v : v + 1], self.table.gain[:, :, v : v + 1],
            self.yard.limit_mw[:, v : v + 1], self.yard.limit_campus[:, v : v + 1],
        )  # fmt: skip
        rate, cost = self._rates(run.generation, run.mode, run.site, np.full(run.units.size, v))
        must, more = share_out(rate, run.units, minimum, target, self._weight(v), cost)
        served = ((must + more) * rate).sum(axis=0)
        for r in range(len(self.case.rental)):  # what is cheaper to rent need not be bought
            w = int(self.case.rental.workload[r])
            if self.case.rental.price_per_unit_hour[r] <= self._rent_price()[w, v]:
                served[w] += min(self.case.rental.maximum[r, v], max(0.0, target[w] - served[w]))
        close = 1e-9 * np.maximum(1.0, np.where(np.isfinite(target), target, 1.0))
        must_left, left = np.maximum(0.0, minimum - served), np.maximum(0.0, target - served)
        return np.where(must_left > close, must_left, 0.0), np.where(left > close, left, 0.0)

    def _weight(self, t: int) -> Floats:
        objective = self.case.settings.objective
        return self.case.demand_value[:, t] if objective == "npv" else (self.table.target[:, t] > 0).astype(float)

    def _rates(self, g: Ints, m: Ints, s: Ints, t: Ints) -> tuple[Floats, Floats]:
        """Return compute units of a running unit by row and workload, projects counted, and its energy cost."""
        case = self.case
        perf = case.generations.perf[g, t, :] * case.modes.compute[m][:, None]
        rate = perf * case.sites.utilisation[s] * case.sites.runs[s] * self.investor.lift[:, t].T
        carbon = case.settings.carbon_price_per_t / 1000.0
        price = case.sites.energy_price + carbon * case.sites.carbon_kg_per_mwh
        return rate, case.energy_mwh[g, s] * case.modes.power[m] * price[s]

    def _rent_price(self) -> Floats:
        """Return what a rented unit-hour may cost beyond the minimum (W × T), at today's figures."""
        case, objective = self.case, self.case.settings.objective
        if objective == "npv":
            return case.demand_value
        flat = np.where(np.isfinite(self.best), self.best, 0.0) if objective != "compute" else np.full(case.T, np.inf)
        if objective != "compute":
            flat[self.now + 1 :] = flat[self.now]
        return np.broadcast_to(flat, case.demand_min.shape)

    # -- what runs -----------------------------------------------------------------------------------------------------

    def solution(self) -> Solution:
        """Settle what runs, rent and energy, and return the decisions."""
        case, yard, investor, T = self.case, self.yard, self.investor, self.case.T
        stands = yard.installed.astype(float)
        run = power_up(case, self.steps, stands, self.table.gain, yard.limit_mw, yard.limit_campus)
        order = np.argsort(run.period, kind="stable")
        g, m, s, t = (a[order] for a in (run.generation, run.mode, run.site, run.period))
        units = run.units[order]
        rate, cost = self._rates(g, m, s, t)
        mwh = case.energy_mwh[g, s] * case.modes.power[m]
        carbon = _Carbon(case, investor.power_builds)
        edges = np.searchsorted(t, np.arange(T + 1))
        amount = np.zeros(rate.shape)
        for when in range(T):
            rows = slice(edges[when], edges[when + 1])
            worth = case.demand_value[:, when] * case.hours if case.settings.objective == "npv" else None
            must, more = share_out(rate[rows], units[rows], case.demand_min[:, when], self.table.target[:, when],
                                   self._weight(when), cost[rows], worth)  # fmt: skip
            amount[rows] = carbon.allow(when, s[rows], mwh[rows], rate[rows], must, more)
        row, w = np.nonzero(amount > 0)
        count = exact(amount[row, w])
        keep = count > 0
        row, w, count = row[keep], w[keep], count[keep]
        delivered = np.zeros((len(case.workloads), T))
        np.add.at(delivered, (w, t[row]), count * rate[row, w])
        drawn = np.zeros((len(case.sites.names), T))
        np.add.at(drawn, (s[row], t[row]), count * mwh[row])
        standing = _standing(investor.power_builds, case.power_options.lead)
        return Solution(
            case=case,
            ordered=yard.ordered,
            sold=yard.sold,
            installed=yard.installed,
            running=Running(g[row], m[row], s[row], t[row], w, count),
            power_builds=investor.power_builds,
            shell_builds=investor.shell_builds,
            project_starts=investor.project_starts,
            option_energy=option_energy(case, drawn, standing),
            rented=rent(case, delivered, self.table.target, self._rent_price()),
        )


def _standing(builds: Ints, lead: Ints) -> Floats:
    """Return builds that are complete in each period (K × T)."""
    result = np.zeros(builds.shape)
    for k, delay in enumerate(lead.tolist()):
        result[k, delay:] = np.cumsum(builds[k])[: max(0, builds.shape[1] - delay)]
    return result


class _Carbon:
    """A carbon cap spent evenly: each period may emit its share of what is left, but for minimum demand.

    Energy is counted at the dirtiest source that its site has, so that the cap holds whatever the dispatch is.
    """

    def __init__(self, case: Case, builds: Ints) -> None:
        self.left, self.T = case.settings.carbon_cap_t, case.T
        self.kg = np.repeat(case.sites.carbon_kg_per_mwh[:, None], case.T, axis=1)
        standing = _standing(builds, case.power_options.lead)
        for k, s in enumerate(case.power_options.site.tolist()):
            dirtier = np.maximum(self.kg[s], case.power_options.carbon_kg_per_mwh[k])
            self.kg[s] = np.where(standing[k] > 0, dirtier, self.kg[s])

    def allow(self, t: int, s: Ints, mwh: Floats, rate: Floats, must: Floats, more: Floats) -> Floats:
        """Return the running units that the cap leaves (R × W), the cleanest compute first."""
        if not np.isfinite(self.left):
            return must + more
        tonnes = (mwh * self.kg[s, t] / 1000.0)[:, None]
        needed, emitted = self._within(must, tonnes, rate, self.left)
        allowance = max(0.0, self.left / (self.T - t) - emitted)
        extra, beyond = self._within(more, tonnes, rate, min(allowance, self.left - emitted))
        self.left -= emitted + beyond
        return needed + extra

    @staticmethod
    def _within(units: Floats, tonnes: Floats, rate: Floats, limit: float) -> tuple[Floats, float]:
        load = units * tonnes
        if load.sum() <= limit:
            return units, float(load.sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            clean = np.where(load > 0, rate / tonnes, np.inf).ravel()
        order = np.argsort(-clean, kind="stable")
        flat = load.ravel()[order]
        before = np.cumsum(flat) - flat
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(flat > 0, np.clip((max(0.0, limit) * (1 - 1e-9) - before) / flat, 0.0, 1.0), 1.0)
        kept = np.ones(flat.size)
        kept[order] = share
        left = units * kept.reshape(units.shape)
        return left, float((left * tonnes).sum())
