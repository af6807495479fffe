"""The figures that a planner's sheets give: a reading of its own, for the enumeration of plans (``oracle``)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


class Rules:
    """A case's tables by the rules of defaults, blanks and overrides; prices, books, compute and licences from them."""

    def __init__(self, frames: dict[str, pd.DataFrame]) -> None:
        given = dict(zip(frames["settings"]["key"], frames["settings"]["value"], strict=True))
        self.set = {
            "discount_rate": 0.08,
            "depreciation_years": 6.0,
            "terminal_value": "book",
            "compute_value_decline": 0.0,
            "utilisation": 0.4,
            "budget_carry_over": "yes",
            "max_generation_share": 1.0,
            "carbon_price_per_t": 0.0,
            "carbon_cap_t": None,
            "watt_basis": "available",
            "compute_floor": 0.5,
        } | given
        self.n = PER_YEAR[self.set["period_length"]]
        self.T, self.Y, self.H = int(self.set["periods"]), 1 / self.n, 8760 / self.n
        self.labels = [self.label(t) for t in range(self.T)]
        self.sheet = {name: Sheet(frames, name, self.labels) for name in [*frames, "none"]}
        self.gens = [
            self.filled(
                row,
                lead_time=0,
                lot=1,
                min_order=0,
                deposit=0,
                load_factor=1,
                racks=1,
                cooling="air",
                price_decline=0,
                resale=0,
                resale_decline=0,
                opex_per_year=0,
                opex_growth=0,
                order_cost=0,
                install_cost=0,
                remove_cost=0,
                obsolescence=0,
                depreciation_years=self.set["depreciation_years"],
            )
            for row in self.rows("generations")
        ]
        self.sites = [
            self.filled(
                row,
                pue=1.2,
                energy_per_mwh=0,
                max_rack_kw=math.inf,
                cooling="both",
                overhead=0,
                campus="",
                rent_per_kw_month=0,
                capacity_per_kw_month=0,
                fixed_per_year=0,
                carbon_kg_per_mwh=0,
                workloads="",
                racks=math.inf,
            )
            for row in self.rows("sites")
        ]
        self.works = [row["workload"] for row in self.rows("workloads")] or ["all"]
        self.power = self.table("power", "site", 0.0)
        self.options = [
            self.filled(
                row,
                availability=1,
                capex=0,
                fixed_per_year=0,
                energy_per_mwh=0,
                carbon_kg_per_mwh=0,
                lead_time=0,
                max_builds=1,
            )
            for row in self.rows("power_options")
        ]
        self.shells = [
            self.filled(row, capex=0, fixed_per_year=0, lead_time=0, max_builds=1) for row in self.rows("shell_options")
        ]
        self.projects = [
            self.filled(row, workload="*", cost=0, cost_per_year=0, lead_time=0) for row in self.rows("projects")
        ]
        self.delta = [(1 + self.set["discount_rate"]) ** (-self.Y * t) for t in range(self.T + 1)]

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
        return (
            override if override == override else g["price"] * (1 - g["price_decline"]) ** (self.Y * max(0, t - since))
        )

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
            table.update(
                {
                    r["mode"]: (r["power_factor"], r["compute_factor"])
                    for r in self.rows("modes")
                    if r["generation"] == who
                }
            )
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
        rows = [
            r
            for r in self.rows("licences")
            if (r["generation"], r["site"]) == (who, site) and r.get("allowed", "yes") == "yes"
        ]
        return min([r["max_units"] for r in rows if not blank(r.get("max_units"))], default=math.inf)

    def factor(self, s: int) -> float:
        return self.sites[s]["pue"] * (1 + self.sites[s]["overhead"])
