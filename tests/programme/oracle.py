"""All integer plans of a tiny case, enumerated: a second reading of the rules that shares no code with the package.

It reads the input frames as a planner typed them. Whole numbers (orders, sales, installed units, builds, starts) are
enumerated without any dominance argument; what is left for given whole numbers (running units, energy from options,
rented compute) is a linear programme a period, solved by scipy. Volume floor and carbon cap join the periods: plans are
then taken in the order of their value without those rows, until none can be better.

A plan's figures are functionals: D, C_pv, C, E, A, worth. Everything is in the planner's units.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

FIGURES = ("D", "C_pv", "C", "E", "A", "worth")
PER_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12}
BIG = 10**9


def blank(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or value in ("", "None")


class Sheet:
    """Rows of a sheet with defaults for blank cells; wide rows with the repeat rule."""

    def __init__(self, frames: dict[str, pd.DataFrame], name: str, labels: list[str]) -> None:
        self.rows = frames[name].to_dict("records") if name in frames else []
        self.labels = labels

    def wide(self, key: str, start: float, **where: str) -> dict[str, list[float]]:
        table = {}
        for row in self.rows:
            if any(row[k] != v for k, v in where.items()):
                continue
            last, cells = start, []
            for label in self.labels:
                last = last if blank(row.get(label)) else float(row[label])
                cells.append(last)
            table[row[key]] = cells
        return table


@dataclass
class Track:
    """One generation's orders, sales and installed units with what they cost."""

    installed: np.ndarray  # S × T
    spend: np.ndarray  # T, budgeted cash
    capex: float  # undiscounted hardware capex of the horizon
    cost: float  # share of D
    entered: np.ndarray  # S, units there at the start and installs


class TooMany(Exception):  # noqa: N818
    """More integer plans than are worth enumerating."""


class Oracle:
    """A tiny case and its plans."""

    def __init__(self, frames: dict[str, pd.DataFrame], most: int = BIG) -> None:
        self.most = most
        given = dict(zip(frames["settings"]["key"], frames["settings"]["value"], strict=True))
        self.set = {"discount_rate": 0.08, "depreciation_years": 6.0, "terminal_value": "book", "compute_value_decline": 0.0,
                    "utilisation": 0.4, "budget_carry_over": "yes", "max_generation_share": 1.0, "carbon_price_per_t": 0.0,
                    "carbon_cap_t": None, "watt_basis": "available", "compute_floor": 0.5} | given  # fmt: skip
        self.n = PER_YEAR[self.set["period_length"]]
        self.T, self.Y, self.H = int(self.set["periods"]), 1 / self.n, 8760 / self.n
        self.labels = [self.label(t) for t in range(self.T)]
        self.sheet = {name: Sheet(frames, name, self.labels) for name in [*frames, "none"]}
        self.gens = [self.filled(row, lead_time=0, lot=1, min_order=0, deposit=0, load_factor=1, racks=1, cooling="air",
                                 price_decline=0, resale=0, resale_decline=0, opex_per_year=0, opex_growth=0, order_cost=0,
                                 install_cost=0, remove_cost=0, obsolescence=0, depreciation_years=self.set["depreciation_years"])
                     for row in self.rows("generations")]  # fmt: skip
        self.sites = [self.filled(row, pue=1.2, energy_per_mwh=0, max_rack_kw=math.inf, cooling="both", overhead=0, campus="",
                                  rent_per_kw_month=0, capacity_per_kw_month=0, fixed_per_year=0, carbon_kg_per_mwh=0,
                                  workloads="", racks=math.inf) for row in self.rows("sites")]  # fmt: skip
        self.works = [row["workload"] for row in self.rows("workloads")] or ["all"]
        self.power = self.table("power", "site", 0.0)
        self.options = [self.filled(row, availability=1, capex=0, fixed_per_year=0, energy_per_mwh=0, carbon_kg_per_mwh=0,
                                    lead_time=0, max_builds=1) for row in self.rows("power_options")]  # fmt: skip
        self.shells = [self.filled(row, capex=0, fixed_per_year=0, lead_time=0, max_builds=1) for row in self.rows("shell_options")]
        self.projects = [self.filled(row, workload="*", cost=0, cost_per_year=0, lead_time=0) for row in self.rows("projects")]
        self.delta = [(1 + self.set["discount_rate"]) ** (-self.Y * t) for t in range(self.T + 1)]
        self.weights: dict[str, float] = {}
        self.plans = self._plans()

    # -- reading ---------------------------------------------------------------------------------------------------

    def label(self, t: int) -> str:
        year, part = divmod(int(str(self.set["start"])[:4]) * self.n + t, self.n)
        return {1: f"{year}", 2: f"{year}H{part + 1}", 4: f"{year}Q{part + 1}", 12: f"{year}-{part + 1:02d}"}[self.n]

    def index(self, label: str) -> int:
        part = 0 if self.n == 1 else int(str(label)[5:].lstrip("QH")) - 1
        return (int(str(label)[:4]) - int(str(self.set["start"])[:4])) * self.n + part

    def rows(self, sheet: str) -> list[dict[str, Any]]:
        return self.sheet[sheet].rows if sheet in self.sheet else []

    def table(self, sheet: str, key: str, start: float, **where: str) -> dict[str, list[float]]:
        return self.sheet[sheet].wide(key, start, **where) if sheet in self.sheet else {}

    @staticmethod
    def filled(row: dict[str, Any], **defaults: Any) -> dict[str, Any]:
        return {**defaults, **{k: v for k, v in row.items() if not blank(v)}}

    def period(self, row: dict[str, Any], column: str, default: int) -> int:
        return default if blank(row.get(column)) else self.index(row[column])

    # -- prices, books, compute --------------------------------------------------------------------------------------

    def price(self, g: dict[str, Any], t: int) -> float:
        override = self.table("prices", "generation", math.nan).get(g["generation"], [math.nan] * self.T)[t]
        since = self.period(g, "available_from", 0)
        return override if override == override else g["price"] * (1 - g["price_decline"]) ** (self.Y * max(0, t - since))

    def resale(self, g: dict[str, Any], v: int, price: float, t: int) -> float:
        market = self.table("resale_prices", "generation", math.nan).get(g["generation"])
        quote = market[min(t, self.T - 1)] if market else math.nan
        return quote if quote == quote else price * g["resale"] * (1 - g["resale_decline"]) ** (self.Y * (t - v))

    def book(self, g: dict[str, Any], v: int, price: float, t: int) -> float:
        return price * max(0.0, 1 - self.Y * (t - v) / g["depreciation_years"])

    def perf(self, g: dict[str, Any], t: int, work: str) -> float:
        rated = g.get("compute", 0.0)
        for row in self.rows("performance"):
            if row["generation"] == g["generation"] and not blank(row.get(work)):
                rated = row[work]
        path = self.table("compute_path", "generation", 1.0).get(g["generation"])
        since = self.period(g, "available_from", 0)
        return rated * (path[t] if path else (1 - g["obsolescence"]) ** (self.Y * max(0, t - since)))

    def utilisation(self, site: dict[str, Any], work: str) -> float:
        if "utilisation" in site:
            return site["utilisation"]
        for row in self.rows("workloads"):
            if row["workload"] == work and not blank(row.get("utilisation")):
                return row["utilisation"]
        return self.set["utilisation"]

    def modes(self, g: dict[str, Any]) -> list[tuple[float, float]]:
        table = {"full": (1.0, 1.0)}
        for who in ("*", g["generation"]):
            table.update({r["mode"]: (r["power_factor"], r["compute_factor"]) for r in self.rows("modes") if r["generation"] == who})
        return list(table.values())

    def opens(self, g: dict[str, Any], site: dict[str, Any]) -> int:
        """First period in which g may stand at the site."""
        need = g.get("rack_kw", g["power_kw"] / g["racks"] if g["racks"] else 0.0)
        if need > site["max_rack_kw"] or site["cooling"] not in (g["cooling"], "both"):
            return BIG
        start = 0
        for who in ("*", g["generation"]):
            for row in self.rows("licences"):
                if (row["generation"], row["site"]) == (who, site["site"]):
                    start = self.period(row, "from", 0) if row.get("allowed", "yes") == "yes" else BIG
        return start

    def cap(self, who: str, site: str) -> float:
        rows = [r for r in self.rows("licences") if (r["generation"], r["site"]) == (who, site) and r.get("allowed", "yes") == "yes"]
        return min([r["max_units"] for r in rows if not blank(r.get("max_units"))], default=math.inf)

    def factor(self, s: int) -> float:
        return self.sites[s]["pue"] * (1 + self.sites[s]["overhead"])

    # -- whole numbers -----------------------------------------------------------------------------------------------

    def _plans(self) -> list[tuple[tuple[Track, ...], tuple[Any, ...], tuple[Any, ...], tuple[Any, ...], float]]:
        budget = self.table("budget", "budget", math.inf).get("capex", [math.inf] * self.T)
        space = self.table("space", "site", 0.0)
        found = []
        builds = [list(self._built(o)) for o in self.options]
        shells = [list(self._built(o)) for o in self.shells]
        starts = [[None, *range(max(0, self.period(p, "earliest", 0)), self.T - int(p["lead_time"]))] for p in self.projects]
        extras = []
        for b, h, p in itertools.product(itertools.product(*builds), itertools.product(*shells), itertools.product(*starts)):
            spend, cost = np.zeros(self.T), 0.0
            for option, when in [*zip(self.options, b, strict=True), *zip(self.shells, h, strict=True)]:
                for t, n in enumerate(when):
                    spend[t] += n * option["capex"]
                    cost += n * option["capex"] * self.delta[t]
                    cost += n * option["fixed_per_year"] * self.Y * sum(self.delta[u + 1] for u in range(t + int(option["lead_time"]), self.T))
            for row, t in zip(self.projects, p, strict=True):
                if t is not None:
                    cost += row["cost"] * self.delta[t]
                    cost += row["cost_per_year"] * self.Y * sum(self.delta[u + 1] for u in range(t + int(row["lead_time"]), self.T))
            extras.append((b, h, p, spend, cost))
        base = self._site_cost()
        each = [self._tracks(g) for g in self.gens]
        if math.prod(len(tracks) for tracks in each) * len(extras) > self.most:
            raise TooMany
        for tracks in itertools.product(*each):
            whole = sum(track.capex for track in tracks)
            if any(track.capex > self.set["max_generation_share"] * whole * (1 + 1e-12) for track in tracks):
                continue
            if any(
                sum(track.entered[s] for track in tracks) > self.cap("*", site["site"]) for s, site in enumerate(self.sites)
            ):
                continue
            racks = sum(g["racks"] * track.installed for g, track in zip(self.gens, tracks, strict=True))
            for b, h, p, spend, cost in extras:
                total = spend + sum(track.spend for track in tracks)
                limit = np.array(budget)
                if self.set["budget_carry_over"] == "yes":
                    total, limit = np.cumsum(total), np.cumsum(limit)
                if (total > limit * (1 + 1e-12) + 1e-9).any():
                    continue
                room = np.array([space.get(site["site"], [site["racks"]] * self.T) for site in self.sites])
                for k, shell in enumerate(self.shells):
                    s = [site["site"] for site in self.sites].index(shell["site"])
                    room[s] += [shell["adds_racks"] * n for n in self._standing(shell, h[k])]
                if (racks > room + 1e-9).any():
                    continue
                found.append((tracks, b, h, p, base + cost + sum(track.cost for track in tracks)))
        return found

    def _built(self, option: dict[str, Any]) -> Iterator[tuple[int, ...]]:
        low, high = max(0, self.period(option, "earliest", 0)), min(self.period(option, "latest", self.T - 1), self.T - 1)
        slots = [t for t in range(low, high + 1) if t + int(option["lead_time"]) < self.T]
        for counts in itertools.product(range(int(option["max_builds"]) + 1), repeat=len(slots)):
            if sum(counts) <= option["max_builds"]:
                when = [0] * self.T
                for t, n in zip(slots, counts, strict=True):
                    when[t] = n
                yield tuple(when)

    def _standing(self, option: dict[str, Any], when: tuple[int, ...]) -> list[int]:
        return [sum(when[: max(0, t - int(option["lead_time"]) + 1)]) for t in range(self.T)]

    def _site_cost(self) -> float:
        cost = 0.0
        for site in self.sites:
            for t in range(self.T):
                own = self.power.get(site["site"])
                if own is None:
                    inside = [x["site"] for x in self.sites if x["campus"] == site["campus"]]
                    bare = [x for x in inside if x not in self.power]
                    rest = self.power[site["campus"]][t] - sum(self.power[x][t] for x in inside if x in self.power)
                    charged = max(0.0, rest) / len(bare)
                else:
                    charged = own[t]
                cost += self.delta[t + 1] * 12 * self.Y * site["capacity_per_kw_month"] * 1000 * charged
                cost += self.delta[t + 1] * self.Y * site["fixed_per_year"]
        return cost

    def _tracks(self, g: dict[str, Any]) -> list[Track]:
        name, lead, lot = g["generation"], int(g["lead_time"]), int(g["lot"])
        allocation = self.table("allocation", "generation", math.inf)[name]
        choices = []
        for t in range(self.T):
            open_ = self.period(g, "available_from", -BIG) <= t <= self.period(g, "last_order", BIG) and t + lead < self.T
            most = int(allocation[t]) if open_ else 0
            choices.append([0] + [n for n in range(lot, most + 1, lot) if n >= g["min_order"]])
        start = [sum(r["units"] for r in self.rows("fleet") if (r["generation"], r["site"]) == (name, site["site"])) for site in self.sites]
        given = [(self.index(r["delivered"]), r["price"], r["units"], False) for r in self.rows("fleet") if r["generation"] == name]
        given += [(self.index(r["delivery"]), r["price"], r["units"], True) for r in self.rows("committed") if r["generation"] == name]
        tracks = []
        for orders in itertools.product(*choices):
            spend, capex, bought = np.zeros(self.T), 0.0, 0.0
            cohorts = []
            for v, price, units, committed in given:
                cohorts.append((v, price, units))
                if committed:
                    spend[v] += price * units
                    capex += price * units
                    bought += price * units * self.delta[v]
                else:
                    bought += units * self.book(g, v, price, 0)
            for t, n in enumerate(orders):
                if n:
                    price, deposit = self.price(g, t), g["deposit"]
                    cohorts.append((t + lead, price, n))
                    spend[t] += price * n * deposit
                    spend[t + lead] += price * n * (1 - deposit)
                    capex += price * n
                    bought += price * n * (deposit * self.delta[t] + (1 - deposit) * self.delta[t + lead]) + g["order_cost"] * self.delta[t]
            for owned, cost in self._sales(g, cohorts):
                for installed, moves, entered in self._stands(g, owned, start):
                    if len(tracks) >= self.most:
                        raise TooMany
                    tracks.append(Track(installed, spend, capex, bought + cost + moves, entered))
        return tracks

    def _sales(self, g: dict[str, Any], cohorts: list[tuple[int, float, int]]) -> Iterator[tuple[np.ndarray, float]]:
        """All ways to sell: units owned in each period, and what owning and selling cost."""
        ways = []
        for v, price, units in cohorts:
            end = v + math.floor(g.get("service_years", g["depreciation_years"]) / self.Y + 1e-9)
            slots = range(max(0, v), self.T)
            mine = []
            for sold in itertools.product(range(units + 1), repeat=len(slots)):
                owned, left = np.zeros(self.T, dtype=int), units
                for t, n in zip(slots, sold, strict=True):
                    left -= n
                    owned[t] = left
                if left < 0 or any(owned[t] and t >= end for t in slots):
                    continue
                cost = -sum(n * self.delta[t] * self.resale(g, v, price, t) for t, n in zip(slots, sold, strict=True))
                cost += sum(owned[t] * self.delta[t + 1] * g["opex_per_year"] * self.Y * (1 + g["opex_growth"]) ** (self.Y * (t - v)) for t in slots)
                ending = {"book": self.book, "resale": self.resale}.get(self.set["terminal_value"])
                cost -= left * self.delta[self.T] * (ending(g, v, price, self.T) if ending else 0.0)
                mine.append((owned, cost))
            ways.append(mine)
        for combined in itertools.product(*ways):
            yield sum((o for o, _ in combined), np.zeros(self.T, dtype=int)), sum(c for _, c in combined)

    def _stands(self, g: dict[str, Any], owned: np.ndarray, start: list[int]) -> Iterator[tuple[np.ndarray, float, np.ndarray]]:
        """All ways to place the owned units: installed S × T, cost of moves and rent, units ever at each site."""
        opens = [self.opens(g, site) for site in self.sites]
        each = []
        for t in range(self.T):
            ranges = [range(owned[t] + 1) if t >= first else range(1) for first in opens]
            each.append([p for p in itertools.product(*ranges) if sum(p) <= owned[t]])
        for stand in itertools.product(*each):
            installed = np.array(stand).T.reshape(len(self.sites), self.T)
            step = np.diff(np.column_stack([start, installed]), axis=1)
            entered = np.array(start) + np.maximum(step, 0).sum(axis=1)
            if any(entered[s] > self.cap(g["generation"], site["site"]) for s, site in enumerate(self.sites)):
                continue
            cost = float((np.maximum(step, 0) * self.delta[: self.T]).sum() * g["install_cost"])
            cost += float((np.maximum(-step, 0) * self.delta[: self.T]).sum() * g["remove_cost"])
            for s, site in enumerate(self.sites):
                rent = site["rent_per_kw_month"] * 12 * self.Y * g["power_kw"] * self.factor(s)
                cost += float((rent * installed[s] * np.array(self.delta[1:])).sum())
            yield installed, cost, entered

    # -- running, energy and rent of one period ------------------------------------------------------------------------

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
    def block(self, state: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
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
                        lift = 1 + sum(x["uplift"] for x, on in zip(self.projects, done, strict=True) if on and x["workload"] in ("*", work))
                        made = self.H * self.utilisation(site, work) * self.perf(g, t, work) * c * lift
                        columns.append({"own": (i, s), "site": s, "peak": peak, "energy": self.H * g["load_factor"] * peak, "work": work, "made": made})
        for k, option in enumerate(self.options):
            columns.append({"source": k, "site": names.index(option["site"])})
        for row in self.rows("rental"):
            columns.append({"rent": row["workload"], "price": row["price_per_unit_hour"], "kw": row["kw_per_compute_unit"]})
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
                figures[0, j] = discount * (option["energy_per_mwh"] - site["energy_per_mwh"] + 1000 * price * carbon[j])
            else:
                site = self.sites[x["site"]]
                carbon[j] = x["energy"] * site["carbon_kg_per_mwh"] / 1000
                figures[0, j] = discount * x["energy"] * (site["energy_per_mwh"] + price * site["carbon_kg_per_mwh"])
                figures[3, j] = x["energy"]
        rows: list[tuple[dict[int, float], float]] = []
        for i, s in itertools.product(range(len(self.gens)), range(len(self.sites))):
            rows.append(({j: 1.0 for j, x in enumerate(columns) if x.get("own") == (i, s)}, installed[i][s]))
        adds = [o["adds_mw"] * o["availability"] * b for o, b in zip(self.options, built, strict=True)]
        groups = [(name, [s]) for s, name in enumerate(names)]
        groups += [(c, [s for s, site in enumerate(self.sites) if site["campus"] == c]) for c in {x["campus"] for x in self.sites if x["campus"]}]
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
            made = {j: (self.H if "rent" in x else x["made"]) / self.H for j, x in enumerate(columns) if work in (x.get("rent"), x.get("work"))}
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
            own = [self.power[s["site"]][t] if s["site"] in self.power else math.inf for s in self.sites if s["campus"] == campus]
            total += min(self.power[campus][t], sum(own))
        return total
