"""All integer plans of a tiny case, enumerated: a second reading of the rules that shares no code with the package.

It reads the input frames as a planner typed them (``oracle_rules``). Whole numbers are enumerated (``oracle_plans``);
what is left for given whole numbers (running units, energy from options, rented compute) is a linear programme a
period, set up here and solved by scipy (``enumerate_plans``). Volume floor and carbon cap join the periods: plans are
then taken in the order of their value without those rows, until none can be better.

A plan's figures are functionals: D, C_pv, C, E, A, worth. Everything is in the planner's units.
"""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import Any

import numpy as np
from oracle_plans import Plans, TooMany
from oracle_rules import FIGURES

__all__ = ["FIGURES", "Oracle", "TooMany"]


class Oracle(Plans):
    """A tiny case, its plans, and the linear programme of each period."""

    def state(self, plan: Any, t: int) -> tuple[Any, ...]:
        """Everything of a plan that a period's programme depends on."""
        tracks, builds, _, starts, _ = plan
        return (
            t,
            tuple(tuple(track.installed[:, t].tolist()) for track in tracks),
            tuple(self._standing(o, b)[t] for o, b in zip(self.options, builds, strict=True)),
            tuple(s is not None and s + int(p["lead_time"]) <= t for p, s in zip(self.projects, starts, strict=True)),
        )

    @cache  # noqa: B019 - one oracle a test
    def block(
        self, state: tuple[Any, ...]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Columns, rows and figures of a period: (figures F × n, constants F, A, b, upper bounds, carbon n)."""
        t, installed, built, done = state
        columns: list[dict[str, Any]] = []
        price = self.set["carbon_price_per_t"] / 1000
        names = [site["site"] for site in self.sites]
        for i, g in enumerate(self.gens):
            for s, site in enumerate(self.sites):
                listed = [w.strip() for w in str(site["workloads"]).split(",") if w.strip()]
                for (p, c), work in itertools.product(self.modes(g), self.works):
                    if installed[i][s] and (not listed or work in listed):
                        peak = g["power_kw"] * p * self.factor(s) / 1000
                        lift = 1 + sum(
                            x["uplift"]
                            for x, on in zip(self.projects, done, strict=True)
                            if on and x["workload"] in ("*", work)
                        )
                        made = self.H * self.utilisation(site, work) * self.perf(g, t, work) * c * lift
                        columns.append(
                            {
                                "own": (i, s),
                                "site": s,
                                "peak": peak,
                                "energy": self.H * g["load_factor"] * peak,
                                "work": work,
                                "made": made,
                            }
                        )
        for k, option in enumerate(self.options):
            columns.append({"source": k, "site": names.index(option["site"])})
        columns += [
            {"rent": row["workload"], "price": row["price_per_unit_hour"], "kw": row["kw_per_compute_unit"]}
            for row in self.rows("rental")
        ]
        n = len(columns)
        figures, constants = np.zeros((len(FIGURES), n)), np.zeros(len(FIGURES))
        carbon = np.zeros(n)
        discount = self.delta[t + 1]
        weight = discount * (1 - self.set["compute_value_decline"]) ** (self.Y * t)
        values = {w: self.demand("value", w, 0.0)[t] for w in self.works}
        rental = [x for x in columns if "rent" in x]
        most = [r[t] for r in self.table("rental", "workload", 0.0).values()]
        for j, x in enumerate(columns):
            made, work = (self.H, x["rent"]) if "rent" in x else (x.get("made", 0.0), x.get("work"))
            if made:
                figures[1:3, j] = weight * made, made
                figures[5, j] = discount * values[work] * made
            if "rent" in x:
                energy = self.H * x["kw"] / 1000
                figures[0, j], figures[3, j], figures[4, j] = discount * x["price"] * self.H, energy, energy
            elif "source" in x:
                option, site = self.options[x["source"]], self.sites[x["site"]]
                carbon[j] = (option["carbon_kg_per_mwh"] - site["carbon_kg_per_mwh"]) / 1000
                figures[0, j] = discount * (
                    option["energy_per_mwh"] - site["energy_per_mwh"] + 1000 * price * carbon[j]
                )
            else:
                site = self.sites[x["site"]]
                carbon[j] = x["energy"] * site["carbon_kg_per_mwh"] / 1000
                figures[0, j] = discount * x["energy"] * (site["energy_per_mwh"] + price * site["carbon_kg_per_mwh"])
                figures[3, j] = x["energy"]
        rows: list[tuple[dict[int, float], float]] = []
        rows += [
            ({j: 1.0 for j, x in enumerate(columns) if x.get("own") == (i, s)}, installed[i][s])
            for i, s in itertools.product(range(len(self.gens)), range(len(self.sites)))
        ]
        adds = [o["adds_mw"] * o["availability"] * b for o, b in zip(self.options, built, strict=True)]
        groups = [(name, [s]) for s, name in enumerate(names)]
        groups += [
            (c, [s for s, site in enumerate(self.sites) if site["campus"] == c])
            for c in {x["campus"] for x in self.sites if x["campus"]}
        ]
        for name, members in groups:
            if name in self.power:
                grid = self.power[name][t]
                extra = sum(a for a, o in zip(adds, self.options, strict=True) if names.index(o["site"]) in members)
                inside = [j for j, x in enumerate(columns) if x.get("site") in members]
                rows.append(({j: columns[j]["peak"] for j in inside if "peak" in columns[j]}, grid + extra))
                rows.append(({j: columns[j].get("energy", -1.0) / self.H for j in inside}, grid))
        for s in range(len(names)):
            inside = [j for j, x in enumerate(columns) if x.get("site") == s]
            rows.append(({j: -columns[j].get("energy", -1.0) / self.H for j in inside}, 0.0))
        for work in self.works:
            made = {
                j: (self.H if "rent" in x else x["made"]) / self.H
                for j, x in enumerate(columns)
                if work in (x.get("rent"), x.get("work"))
            }
            rows.append((made, self.demand("maximum", work, math.inf)[t]))
            rows.append(({j: -v for j, v in made.items()}, -self.demand("minimum", work, 0.0)[t]))
        upper = np.full(n, np.inf)
        for j, x in enumerate(columns):
            if "source" in x:
                upper[j] = self.H * adds[x["source"]]
            elif "rent" in x:
                upper[j] = most[rental.index(x)]
        rows = [row for row in rows if math.isfinite(row[1])]
        A, b = np.zeros((len(rows), n)), np.array([row[1] for row in rows])
        for r, (terms, _) in enumerate(rows):
            for j, v in terms.items():
                A[r, j] = v
        constants[4] = self.H * (self._available(t) + sum(adds))
        return figures, constants, A, b, upper, carbon

    def demand(self, measure: str, work: str, start: float) -> list[float]:
        table = self.table("demand", "workload", start, measure=measure)
        return table.get(work, [start] * self.T)

    def _available(self, t: int) -> float:
        total, campuses = 0.0, {site["campus"] for site in self.sites if site["campus"] in self.power}
        for site in self.sites:
            if site["campus"] not in campuses:
                total += self.power[site["site"]][t]
        for campus in campuses:
            own = [
                self.power[s["site"]][t] if s["site"] in self.power else math.inf
                for s in self.sites
                if s["campus"] == campus
            ]
            total += min(self.power[campus][t], sum(own))
        return total
