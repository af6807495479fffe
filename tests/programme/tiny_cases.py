"""Tiny random cases whose integer plans can all be enumerated; each uses some of the input's tables, drawn by seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from helpers import frames, labels

if TYPE_CHECKING:
    import pandas as pd

FEATURES = (
    "resale",
    "resale_prices",
    "lots",
    "order_cost",
    "deposit",
    "window",
    "service",
    "opex",
    "moves",
    "modes",
    "campus",
    "space",
    "cooling",
    "licence",
    "power_option",
    "shell_option",
    "project",
    "rental",
    "demand",
    "budget",
    "share",
    "carbon",
    "fleet",
    "committed",
    "workloads",
    "obsolescence",
    "rent",
    "prices",
    "path",
    "charges",
)
SHAPES = ((1, 1, 2), (1, 2, 2), (2, 1, 2), (2, 1, 1), (2, 2, 1), (1, 1, 3))


def tiny_frames(seed: int, features: int = 12) -> tuple[dict[str, pd.DataFrame], set[str]]:
    """Input frames of a tiny case and the features in it."""
    rng = np.random.default_rng(seed)

    def pick(*options: Any) -> Any:
        return options[int(rng.integers(len(options)))]

    def rounded(low: float, high: float, digits: int = 2) -> float:
        return round(float(rng.uniform(low, high)), digits)

    on = set(rng.choice(FEATURES, size=features, replace=False).tolist())
    G, S, T = SHAPES[int(rng.integers(len(SHAPES)))]
    length = pick("year", "half", "quarter")
    names = labels(T, length)
    share_of_year = {"year": 1.0, "half": 0.5, "quarter": 0.25}[length]
    price = [round(float(rng.uniform(60_000, 200_000)) * share_of_year, -2) for _ in range(G)]
    generations: list[dict[str, Any]] = []
    for i in range(G):
        row: dict[str, Any] = {
            "generation": "AB"[i],
            "compute": rounded(60, 150, 0),
            "power_kw": rounded(60, 140, 0),
            "price": price[i],
            "load_factor": rounded(0.6, 1.0),
        }
        if "resale" in on:
            row |= {"resale": rounded(0.3, 0.9), "resale_decline": rounded(0, 0.5)}
        if "lots" in on:
            row |= {"lot": pick(1, 2), "min_order": pick(0, 2)}
        if "order_cost" in on:
            row |= {"order_cost": rounded(2_000, 20_000, 0)}
        if "deposit" in on:
            row |= {"deposit": rounded(0.1, 0.9), "lead_time": pick(0, 1) if T > 1 else 0}
        if "window" in on:
            first = pick(None, names[0], names[-1])
            row |= {
                "available_from": first,
                "last_order": pick(None, first, names[-1]),
                "price_decline": rounded(0, 0.4),
            }
        if "service" in on:
            row |= {"service_years": pick(1, 2) * share_of_year, "depreciation_years": rounded(0.5, 4)}
        if "opex" in on:
            row |= {"opex_per_year": rounded(1_000, 20_000, 0), "opex_growth": rounded(0, 0.5)}
        if "moves" in on:
            row |= {"install_cost": rounded(500, 9_000, 0), "remove_cost": rounded(500, 9_000, 0)}
        if "cooling" in on:
            row |= {"cooling": pick("air", "liquid"), "rack_kw": rounded(40, 160, 0)}
        if "obsolescence" in on:
            row |= {"obsolescence": rounded(0.05, 0.5)}
        generations.append(row)
    sites: list[dict[str, Any]] = []
    for i in range(S):
        site: dict[str, Any] = {"site": f"H{i + 1}", "pue": rounded(1.05, 1.5), "energy_per_mwh": rounded(20, 120, 0)}
        if "campus" in on:
            site |= {"campus": "C", "overhead": rounded(0, 0.1)}
        if "cooling" in on:
            site |= {"cooling": pick("both", "both", "air", "liquid"), "max_rack_kw": pick(None, 100)}
        if "carbon" in on:
            site |= {"carbon_kg_per_mwh": rounded(50, 600, 0)}
        if "rent" in on:
            site |= {"rent_per_kw_month": rounded(2, 20), "utilisation": rounded(0.3, 1.0)}
        if "charges" in on:
            site |= {"capacity_per_kw_month": rounded(1, 15), "fixed_per_year": rounded(0, 9_000, 0)}
        if "workloads" in on and i == 1:
            site |= {"workloads": "serve"}
        sites.append(site)

    def wide(low: float, high: float, digits: int = 3) -> list[float]:
        return np.sort(np.round(rng.uniform(low, high, T), digits)).tolist()

    power = {f"H{i + 1}": wide(0.05, 0.35) for i in range(S)}
    if "campus" in on:
        if S > 1 and pick(True, False):
            del power["H2"]
        power["C"] = wide(0.1, 0.5)
    hours = 8760 * share_of_year
    values: dict[str, Any] = {
        "discount_rate": rounded(0, 0.2),
        "terminal_value": pick("book", "resale", "zero"),
        "utilisation": rounded(0.5, 1.0),
        "budget_carry_over": pick("yes", "no"),
        "compute_floor": pick(0.0, 0.3, 0.5, 0.8),
        "watt_basis": pick("available", "consumed"),
        "compute_value_decline": pick(0.0, 0.3),
        "depreciation_years": rounded(2, 6),
    }
    few = 2 if G * S * T <= 4 else 1
    more: dict[str, Any] = {
        "allocation": {g["generation"]: [int(n) for n in rng.integers(1, few + 2, T)] for g in generations}
    }
    if "resale_prices" in on:
        more["resale_prices"] = {"A": [round(price[0] * f, 0) for f in wide(0.1, 0.7)]}
    if "prices" in on:
        more["prices"] = {"A": [round(price[0] * f, 0) for f in rng.uniform(0.6, 1.2, T)]}
    if "path" in on:
        more["compute_path"] = {"A": np.round(rng.uniform(0.6, 1.6, T), 2).tolist()}
    if "modes" in on:
        more["modes"] = [
            {"generation": "*", "mode": "eco", "power_factor": 0.6, "compute_factor": rounded(0.5, 0.85)},
            {"generation": "A", "mode": "turbo", "power_factor": 1.2, "compute_factor": rounded(1.0, 1.3)},
        ]
    if "space" in on:
        more["space"] = {"H1": [int(n) for n in rng.integers(0, 4, T)]}
    if "licence" in on:
        more["licences"] = [
            {
                "generation": pick("*", "A"),
                "site": "H1",
                "allowed": "yes",
                "from": pick(None, names[-1]),
                "max_units": pick(1, 2),
            }
        ]
    if "power_option" in on:
        more["power_options"] = [
            {
                "option": "gas",
                "site": f"H{S}",
                "adds_mw": rounded(0.05, 0.2),
                "availability": pick(1.0, 0.8),
                "capex": rounded(1_000, 20_000, 0),
                "fixed_per_year": rounded(0, 3_000, 0),
                "energy_per_mwh": rounded(10, 150, 0),
                "carbon_kg_per_mwh": pick(0, 700),
                "lead_time": pick(0, T - 1),
                "earliest": pick(None, names[0]),
                "max_builds": pick(1, 2),
            }
        ]
    if "shell_option" in on:
        more["space"] = {"H1": [int(n) for n in rng.integers(0, 3, T)]}
        more["shell_options"] = [
            {"option": "annex", "site": "H1", "adds_racks": 1, "capex": rounded(500, 9_000, 0), "max_builds": 1}
        ]
    if "workloads" in on:
        more["workloads"] = [
            {"workload": "train", "utilisation": rounded(0.4, 0.9)},
            {"workload": "serve", "utilisation": None},
        ]
        more["performance"] = [{"generation": "A", "train": rounded(60, 150, 0), "serve": pick(None, 90.0)}]
    works = ["train", "serve"] if "workloads" in on else ["all"]
    if "project" in on:
        more["projects"] = [
            {
                "project": "p",
                "workload": pick("*", works[0]),
                "uplift": rounded(0.05, 0.5),
                "cost": rounded(500, 9_000, 0),
                "cost_per_year": rounded(0, 2_000, 0),
                "lead_time": pick(0, T - 1),
            }
        ]
    if "rental" in on:
        more["rental"] = {(works[-1], rounded(0.1, 0.6), rounded(0, 1.0)): wide(5, 60, 1)}
    demand: dict[tuple[str, str], Any] = {(works[0], "value"): [rounded(0.1, 0.5)] * T}
    if "demand" in on:
        demand |= {(works[-1], "maximum"): wide(60, 250, 1)}
        if pick(True, False):
            demand |= {(works[-1], "minimum"): [0.0] * (T - 1) + [rounded(10, 60, 1)]}
    if "budget" in on:
        more["budget"] = {"capex": [round(float(x), 0) for x in rng.uniform(0.5, 2.5, T) * price[0]]}
    if "share" in on and G > 1:
        values |= {"max_generation_share": pick(0.6, 0.75)}
    if "carbon" in on:
        values |= {"carbon_price_per_t": pick(0, 80), "carbon_cap_t": pick(None, round(hours * 0.06 * T, 1))}
    if "fleet" in on:
        more["fleet"] = [
            {"generation": "A", "site": pick("warehouse", "H1"), "delivered": "2029", "units": 1, "price": price[0]}
        ]
    if "committed" in on and "budget" not in on:
        more["committed"] = [{"generation": "AB"[G - 1], "delivery": names[-1], "units": 1, "price": price[G - 1]}]
    case = frames(
        periods=T,
        length=length,
        generations=generations,
        sites=sites,
        power=power,
        settings=values,
        demand=demand,
        **more,
    )
    if length != "year" and "fleet" in on:
        case["fleet"]["delivered"] = {"half": "2029H1", "quarter": "2029Q3"}[length]
    return case, on
