"""All integer plans of a tiny case: orders, sales, installed units, builds and starts; none is taken for dominated."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from oracle_rules import BIG, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


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


class Plans(Rules):
    """The plans of a case, each with its whole numbers' share of D; ``TooMany`` where there are more than ``most``."""

    def __init__(self, frames: dict[str, pd.DataFrame], most: int = BIG) -> None:
        super().__init__(frames)
        self.most = most
        self.plans = self._plans()

    # -- whole numbers -----------------------------------------------------------------------------------------------

    def _plans(self) -> list[tuple[tuple[Track, ...], tuple[Any, ...], tuple[Any, ...], tuple[Any, ...], float]]:
        budget = self.table("budget", "budget", math.inf).get("capex", [math.inf] * self.T)
        space = self.table("space", "site", 0.0)
        found = []
        builds = [list(self._built(o)) for o in self.options]
        shells = [list(self._built(o)) for o in self.shells]
        starts = [
            [None, *range(max(0, self.period(p, "earliest", 0)), self.T - int(p["lead_time"]))] for p in self.projects
        ]
        extras = []
        for b, h, p in itertools.product(
            itertools.product(*builds), itertools.product(*shells), itertools.product(*starts)
        ):
            spend, cost = np.zeros(self.T), 0.0
            for option, when in [*zip(self.options, b, strict=True), *zip(self.shells, h, strict=True)]:
                for t, n in enumerate(when):
                    spend[t] += n * option["capex"]
                    cost += n * option["capex"] * self.delta[t]
                    cost += (
                        n
                        * option["fixed_per_year"]
                        * self.Y
                        * sum(self.delta[u + 1] for u in range(t + int(option["lead_time"]), self.T))
                    )
            for row, t in zip(self.projects, p, strict=True):
                if t is not None:
                    cost += row["cost"] * self.delta[t]
                    cost += (
                        row["cost_per_year"]
                        * self.Y
                        * sum(self.delta[u + 1] for u in range(t + int(row["lead_time"]), self.T))
                    )
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
                sum(track.entered[s] for track in tracks) > self.cap("*", site["site"])
                for s, site in enumerate(self.sites)
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
        low, high = (
            max(0, self.period(option, "earliest", 0)),
            min(self.period(option, "latest", self.T - 1), self.T - 1),
        )
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
            open_ = (
                self.period(g, "available_from", -BIG) <= t <= self.period(g, "last_order", BIG) and t + lead < self.T
            )
            most = int(allocation[t]) if open_ else 0
            choices.append([0] + [n for n in range(lot, most + 1, lot) if n >= g["min_order"]])
        start = [
            sum(r["units"] for r in self.rows("fleet") if (r["generation"], r["site"]) == (name, site["site"]))
            for site in self.sites
        ]
        given = [
            (self.index(r["delivered"]), r["price"], r["units"], False)
            for r in self.rows("fleet")
            if r["generation"] == name
        ]
        given += [
            (self.index(r["delivery"]), r["price"], r["units"], True)
            for r in self.rows("committed")
            if r["generation"] == name
        ]
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
                    bought += (
                        price * n * (deposit * self.delta[t] + (1 - deposit) * self.delta[t + lead])
                        + g["order_cost"] * self.delta[t]
                    )
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
                cost += sum(
                    owned[t]
                    * self.delta[t + 1]
                    * g["opex_per_year"]
                    * self.Y
                    * (1 + g["opex_growth"]) ** (self.Y * (t - v))
                    for t in slots
                )
                ending = {"book": self.book, "resale": self.resale}.get(self.set["terminal_value"])
                cost -= left * self.delta[self.T] * (ending(g, v, price, self.T) if ending else 0.0)
                mine.append((owned, cost))
            ways.append(mine)
        for combined in itertools.product(*ways):
            yield sum((o for o, _ in combined), np.zeros(self.T, dtype=int)), sum(c for _, c in combined)

    def _stands(
        self, g: dict[str, Any], owned: np.ndarray, start: list[int]
    ) -> Iterator[tuple[np.ndarray, float, np.ndarray]]:
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
