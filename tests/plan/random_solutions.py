"""Random feasible plans by a simple greedy rule: every decision of the programme in use, none of its mathematics.

The rule keeps every limit of the case but minimum demand, the carbon cap and ``max_generation_share`` (random cases
leave these open). It is for testing what comes after the solver, not for planning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.solution import Outcome, Running, Solution

if TYPE_CHECKING:
    from procure.case import Case


def random_solution(case: Case, rng: np.random.Generator) -> Solution:
    """Return a feasible plan of the case."""
    return _Greedy(case, rng).solve()


def outcome_of(solution: Solution) -> Outcome:
    """Return an outcome that claims a bound 2 % above the plan's compute."""
    from procure.planning.quantities import quantities

    q = quantities(solution)
    value = float(q.delivered_hours.sum(axis=0) @ solution.case.compute_weight)
    return Outcome("compute", "feasible", value, 1.02 * value, 1.1 * value, seconds={"build": 0.1, "solve": 1.5})


class _Greedy:
    def __init__(self, case: Case, rng: np.random.Generator) -> None:
        self.case, self.rng = case, rng
        G, S, T = len(case.generations.names), len(case.sites.names), case.T
        self.ordered = case.cohorts.units.copy()
        self.sold = np.zeros((len(case.cohorts), T), dtype=np.int64)
        self.installed = np.zeros((G, S, T), dtype=np.int64)
        self.installs_so_far = case.sites.initial.copy()
        self.spent = np.zeros(T)
        self.rows: list[tuple[int, int, int, int, int, float]] = []
        self.power_builds = np.zeros((len(case.power_options), T), dtype=np.int64)
        self.shell_builds = np.zeros((len(case.shell_options), T), dtype=np.int64)
        self.project_starts = np.zeros((len(case.projects), T), dtype=np.int64)
        self.option_energy = np.zeros((len(case.power_options), T))
        self.rented = np.zeros((len(case.rental), T))

    def solve(self) -> Solution:
        self._commit()
        self._build()
        self._order()
        for t in range(self.case.T):
            self._sell(t)
            self._place(t)
            self._run(t)
        self._settle()
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * 6
        running = Running(*(np.array(c, dtype=np.int64) for c in columns[:5]), np.array(columns[5], dtype=float))
        return Solution(
            self.case, self.ordered, self.sold, self.installed, running, self.power_builds, self.shell_builds,
            self.project_starts, self.option_energy, self.rented,
        )  # fmt: skip

    # money: what is spent never exceeds the budget, in any period
    def _affordable(self, extra: np.ndarray) -> bool:
        spent, budget = self.spent + extra, self.case.budget
        if self.case.settings.budget_carry_over:
            spent, budget = np.cumsum(spent), np.cumsum(budget)
        return bool((spent <= budget).all())

    def _at(self, t: int, amount: float) -> np.ndarray:
        row = np.zeros(self.case.T)
        row[t] = amount
        return row

    def _commit(self) -> None:
        c = self.case.cohorts
        for i in np.flatnonzero(c.committed):
            self.spent[c.delivered[i]] += c.price[i] * c.units[i]

    def _build(self) -> None:
        T = self.case.T
        for options, builds in (
            (self.case.power_options, self.power_builds),
            (self.case.shell_options, self.shell_builds),
        ):
            for k in range(len(options)):
                t, count = int(self.rng.integers(0, T)), int(self.rng.integers(1, options.max_builds[k] + 1))
                extra = self._at(t, count * float(options.capex[k]))
                if options.earliest[k] <= t <= options.latest[k] and self._affordable(extra):
                    builds[k, t] = count
                    self.spent += extra
        for j in range(len(self.case.projects)):
            t = int(self.rng.integers(0, T))
            if t >= self.case.projects.earliest[j]:
                self.project_starts[j, t] = 1

    def _order(self) -> None:
        c, g = self.case.cohorts, self.case.generations
        candidates = np.flatnonzero(c.order >= 0)
        for i in self.rng.permutation(candidates)[: max(3, candidates.size // 2)]:
            k = int(c.generation[i])
            lot = int(g.lot[k])
            units = int(np.ceil(max(self.rng.integers(1, 40), g.min_order[k]) / lot)) * lot
            total = units * c.price[i]
            extra = self._at(int(c.order[i]), total * g.deposit[k])
            extra = extra + self._at(int(c.delivered[i]), total - total * g.deposit[k])
            if units <= g.allocation[k, c.order[i]] and self._affordable(extra):
                self.ordered[i] = units
                self.spent += extra

    def _owned(self, t: int) -> np.ndarray:
        c = self.case.cohorts
        return np.where(c.delivered <= t, self.ordered, 0) - self.sold[:, : t + 1].sum(axis=1)

    def _sell(self, t: int) -> None:
        c = self.case.cohorts
        owned = self._owned(t)
        for i in np.flatnonzero(owned > 0):
            if t > c.last[i]:
                self.sold[i, t] += owned[i]
            elif c.delivered[i] < t and self.rng.random() < 0.1:
                self.sold[i, t] += int(self.rng.integers(1, owned[i] + 1))

    def _place(self, t: int) -> None:
        case, gens, sites = self.case, self.case.generations, self.case.sites
        before = case.sites.initial if t == 0 else self.installed[:, :, t - 1]
        now = np.where(case.sites.first_install <= t, before, 0)
        owned = np.bincount(case.cohorts.generation, self._owned(t), len(gens.names)).astype(np.int64)
        racks = sites.racks[:, t].copy()
        for k in range(len(case.shell_options)):
            lead = int(case.shell_options.lead[k])
            racks[case.shell_options.site[k]] += (
                case.shell_options.adds[k] * self.shell_builds[k, : max(0, t + 1 - lead)].sum()
            )
        for s in range(len(sites.names)):
            for g in range(len(gens.names)):
                if self.rng.random() < 0.05:
                    now[g, s] -= int(self.rng.integers(0, now[g, s] + 1))
                now[g, s] -= max(0, now[g].sum() - owned[g])
                now[g, s] = max(0, now[g, s])
            while (gens.racks * now[:, s]).sum() > racks[s]:
                now[int(np.argmax(now[:, s])), s] -= 1
        for g in range(len(gens.names)):
            now[g] = self._trim(now[g], int(owned[g]))
        for g in self.rng.permutation(len(gens.names)):
            for s in self.rng.permutation(len(sites.names)):
                spare = owned[g] - now[g].sum()
                if spare <= 0 or sites.first_install[g, s] > t:
                    continue
                room = np.inf if np.isinf(racks[s]) else (racks[s] - (gens.racks * now[:, s]).sum()) // gens.racks[g]
                room = min(room, self._licensed(g, s, now - before), spare, self.rng.integers(0, 40))
                now[g, s] += max(0, int(room))
        self.installed[:, :, t] = now
        self.installs_so_far += np.maximum(0, now - before)

    def _trim(self, row: np.ndarray, owned: int) -> np.ndarray:
        while row.sum() > owned:
            row[int(np.argmax(row))] -= 1
        return row

    def _licensed(self, g: int, s: int, moves: np.ndarray) -> float:
        installs = self.installs_so_far + np.maximum(0, moves)
        return min(
            (
                licence.max_units - sum(installs[i, s] for i in licence.generations)
                for licence in self.case.licences
                if licence.site == s and g in licence.generations
            ),
            default=np.inf,
        )

    def _limits(self, t: int) -> tuple[np.ndarray, np.ndarray]:
        case = self.case
        site, campus = case.sites.power_mw[:, t].copy(), case.sites.campus_power_mw[:, t].copy()
        options = case.power_options
        for k in range(len(options)):
            built = self.power_builds[k, : max(0, t + 1 - int(options.lead[k]))].sum()
            site[options.site[k]] += options.adds[k] * built
            if case.sites.campus[options.site[k]] >= 0:
                campus[case.sites.campus[options.site[k]]] += options.adds[k] * built
        return site, campus

    def _run(self, t: int) -> None:
        case, modes = self.case, self.case.modes
        site, campus = self._limits(t)
        delivered = np.zeros(len(case.workloads))
        lift = 1.0 + sum(
            case.projects.uplift[j] * case.projects.scope[j]
            for j in range(len(case.projects))
            if self.project_starts[j, : max(0, t + 1 - int(case.projects.lead[j]))].sum()
        )
        for r in range(len(case.rental)):
            w = int(case.rental.workload[r])
            limit = min(case.rental.maximum[r, t], 50.0, case.demand_max[w, t] - delivered[w])
            self.rented[r, t] = float(self.rng.uniform(0, max(0.0, limit)))
            delivered[w] += self.rented[r, t]
        for s in self.rng.permutation(len(case.sites.names)):
            for g in self.rng.permutation(len(case.generations.names)):
                left = float(self.installed[g, s, t])
                for m in self.rng.permutation(np.flatnonzero(modes.generation == g)):
                    w = int(self.rng.choice(np.flatnonzero(case.sites.runs[s])))
                    mw = case.peak_mw[g, s] * modes.power[m]
                    k = int(case.sites.campus[s])
                    room = min(site[s], campus[k] if k >= 0 else np.inf) / mw
                    per_unit = case.sites.utilisation[s, w] * case.generations.perf[g, t, w] * modes.compute[m]
                    per_unit *= lift[w] if isinstance(lift, np.ndarray) else lift
                    units = min(left, room * 0.999999, (case.demand_max[w, t] - delivered[w]) / max(per_unit, 1e-12))
                    units = float(max(0.0, units if self.rng.random() < 0.5 else np.floor(units)))
                    if units > 0:
                        self.rows.append((int(g), int(m), int(s), t, w, units))
                        site[s] -= units * mw
                        if k >= 0:
                            campus[k] -= units * mw
                        left -= units
                        delivered[w] += units * per_unit

    def _settle(self) -> None:
        """Energy by merit order (carbon price included): options cheaper than the grid, the grid, the other options."""
        case, options = self.case, self.case.power_options
        carbon = case.settings.carbon_price_per_t / 1000.0
        cost = options.energy_price + carbon * options.carbon_kg_per_mwh
        grid_cost = case.sites.energy_price + carbon * case.sites.carbon_kg_per_mwh
        drawn = np.zeros((len(case.sites.names), case.T))
        for g, m, s, t, _, units in self.rows:
            mw = case.peak_mw[g, s] * case.modes.power[m] * units
            drawn[s, t] += case.hours * case.generations.load_factor[g] * mw
        for t in range(case.T):
            for s in range(len(case.sites.names)):
                mine = [int(k) for k in np.argsort(cost, kind="stable") if options.site[k] == s]
                grid = case.hours * min(case.sites.power_mw[s, t], case.sites.take_or_pay_mw[s, t])
                for k in [k for k in mine if cost[k] < grid_cost[s]]:
                    self._draw(k, t, drawn)
                rest = max(0.0, drawn[s, t] - grid)
                drawn[s, t] = rest
                for k in [k for k in mine if cost[k] >= grid_cost[s]]:
                    self._draw(k, t, drawn)

    def _draw(self, k: int, t: int, drawn: np.ndarray) -> None:
        options = self.case.power_options
        built = self.power_builds[k, : max(0, t + 1 - int(options.lead[k]))].sum()
        s = int(options.site[k])
        self.option_energy[k, t] = min(self.case.hours * options.adds[k] * built, drawn[s, t])
        drawn[s, t] -= self.option_energy[k, t]
