"""Random cases as input frames: every table of the input in use, sizes as asked, the same for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def labels(start_year: int, length: str, periods: int) -> list[str]:
    """Canonical period labels from the first period of a year."""
    per_year = {"month": 12, "quarter": 4, "half": 2, "year": 1}[length]
    form = {"month": "{y}-{i:02d}", "quarter": "{y}Q{i}", "half": "{y}H{i}", "year": "{y}"}[length]
    return [form.format(y=start_year + n // per_year, i=n % per_year + 1) for n in range(periods)]


def random_frames(
    rng: np.random.Generator, *, generations: int = 4, sites: int = 4, periods: int = 8, length: str = "quarter",
    **settings: Any,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Return input frames of a random case; ``settings`` override what is drawn."""
    names = labels(2027, length, periods)
    g_names = [f"G{i + 1}" for i in range(generations)]
    s_names = [f"Hall {chr(65 + i % 26)}{i // 26 or ''}" for i in range(sites)]
    works = ["train", "serve"]

    def wide(key: str, keys: list[str], values: np.ndarray[Any, Any], **more: list[Any]) -> pd.DataFrame:
        return pd.concat([pd.DataFrame({key: keys, **more}), pd.DataFrame(np.round(values, 4), columns=names)], axis=1)

    def pick(*options: Any) -> Any:
        return options[int(rng.integers(len(options)))]

    values = {
        "title": "Random case", "start": names[0], "periods": periods, "period_length": length,
        "discount_rate": round(float(rng.uniform(0.0, 0.12)), 4),
        "depreciation_years": float(rng.integers(3, 7)),
        "terminal_value": pick("book", "resale", "zero"), "depreciation_start": pick("delivery", "in_service"),
        "budget_carry_over": pick("yes", "no"), "utilisation": 0.45, "objective": "compute",
        "compute_value_decline": round(float(rng.uniform(0, 0.3)), 3), "carbon_price_per_t": pick(0, 40),
    } | settings  # fmt: skip
    years = {"month": 1 / 12, "quarter": 0.25, "half": 0.5, "year": 1.0}[length]
    price = rng.uniform(2e5, 4e6, generations).round(0)
    frames = {
        "settings": pd.DataFrame({"key": list(values), "value": pd.Series(list(values.values()), dtype=object)}),
        "generations": pd.DataFrame({
            "generation": g_names,
            "vendor": [pick("Acme", "Borealis") for _ in g_names],
            "compute": rng.uniform(8, 250, generations).round(1),
            "power_kw": rng.uniform(10, 140, generations).round(1),
            "load_factor": rng.uniform(0.7, 1.0, generations).round(2),
            "racks": rng.integers(1, 3, generations),
            "rack_kw": rng.uniform(20, 150, generations).round(1),
            "cooling": [pick("air", "liquid") for _ in g_names],
            "price": price,
            "price_decline": rng.uniform(0, 0.2, generations).round(3),
            "available_from": [names[int(i)] if i >= 0 else None for i in rng.integers(-2, periods // 2, generations)],
            "last_order": [pick(None, names[-2]) for _ in g_names],
            "lead_time": rng.integers(0, 3, generations),
            "lot": rng.integers(1, 5, generations),
            "min_order": rng.integers(0, 9, generations),
            "deposit": [pick(0.0, 0.3) for _ in g_names],
            "service_years": rng.uniform(periods * years / 3, 9, generations).round(2),
            "resale": rng.uniform(0.3, 0.9, generations).round(2),
            "resale_decline": rng.uniform(0.1, 0.5, generations).round(2),
            "opex_per_year": (0.03 * price).round(0),
            "opex_growth": rng.uniform(0, 0.2, generations).round(2),
            "order_cost": [pick(0, 50_000) for _ in g_names],
            "install_cost": [pick(0, 4_000) for _ in g_names],
            "remove_cost": [pick(0, 1_500) for _ in g_names],
            "obsolescence": [pick(0.0, 0.1) for _ in g_names],
            "estimate_fields": [pick("", "price; power_kw") for _ in g_names],
        }),
        "sites": pd.DataFrame({
            "site": s_names,
            "campus": ["North" if i in (1, 2) else "" for i in range(sites)],
            "market": [pick("Dublin", "Dallas", "Oslo") for _ in s_names],
            "pue": rng.uniform(1.1, 1.5, sites).round(2),
            "energy_per_mwh": rng.uniform(40, 140, sites).round(1),
            "max_rack_kw": [pick(None, 160.0) for _ in s_names],
            "cooling": [pick("both", "both", "air", "liquid") for _ in s_names],
            "overhead": [pick(0.0, 0.08) for _ in s_names],
            "rent_per_kw_month": [pick(0, 95.0) for _ in s_names],
            "capacity_per_kw_month": [pick(0, 12.0) for _ in s_names],
            "fixed_per_year": [pick(0, 250_000) for _ in s_names],
            "carbon_kg_per_mwh": rng.uniform(20, 500, sites).round(0),
            "utilisation": [pick(None, 0.5) for _ in s_names],
            "workloads": [pick("", "", "train") for _ in s_names],
        }),
        "workloads": pd.DataFrame({"workload": works, "utilisation": [0.4, None]}),
        "performance": pd.DataFrame({
            "generation": g_names[:-1], "train": rng.uniform(8, 250, generations - 1).round(1),
            "serve": [pick(None, 90.0) for _ in g_names[:-1]],
        }),
        "modes": pd.DataFrame({"generation": ["*", g_names[0]], "mode": ["eco", "low"], "power_factor": [0.7, 0.5],
                               "compute_factor": [0.85, 0.6]}),
        "compute_path": wide("generation", g_names[:1], np.cumprod(1 + rng.uniform(0, 0.05, (1, periods)), axis=1)),
    }  # fmt: skip
    own = np.sort(rng.uniform(0.2, 9, (sites, periods)), axis=1).round(2)
    has_row = [i for i in range(sites) if i != 2]  # the third site has only its campus
    frames["power"] = wide(
        "site", [s_names[i] for i in has_row] + (["North"] if sites > 1 else []),
        np.vstack([own[has_row], *([own[1:3].sum(axis=0, keepdims=True) * 0.9] if sites > 1 else [])]),
    )  # fmt: skip
    frames["space"] = wide("site", s_names[:1], np.sort(rng.integers(20, 200, (1, periods)), axis=1))
    typical = float(price.mean())
    frames["budget"] = wide("budget", ["capex"], rng.uniform(5, 40, (1, periods)) * typical)
    frames["allocation"] = wide("generation", g_names[:1], rng.integers(0, 60, (1, periods)))
    frames["prices"] = wide("generation", g_names[-1:], price[-1] * rng.uniform(0.7, 1, (1, periods)))
    if generations > 1:
        frames["resale_prices"] = wide("generation", g_names[1:2], price[1] * rng.uniform(0.2, 0.6, (1, periods)))
    frames["demand"] = wide(
        "workload", ["train", "serve"], np.vstack([np.full(periods, 1e6), rng.uniform(0.5, 2, periods)]),
        measure=["maximum", "value"],
    )  # fmt: skip
    spare = 0
    frames["fleet"] = pd.DataFrame({
        "generation": [g_names[0], g_names[0], g_names[-1]], "site": [s_names[spare], "warehouse", "warehouse"],
        "delivered": [labels(2025, length, 1)[0], labels(2026, length, 1)[0], labels(2026, length, 1)[0]],
        "units": [5, 7, 3], "price": [price[0] * 1.1, price[0], price[-1]],
    })  # fmt: skip
    frames["committed"] = pd.DataFrame({
        "generation": [g_names[0], g_names[-1]], "delivery": [names[1], names[min(2, periods - 1)]], "units": [4, 6],
        "price": [price[0] * 0.95, price[-1]],
    })  # fmt: skip
    for _, row in frames["committed"].iterrows():
        frames["budget"][row["delivery"]] += row["units"] * row["price"]
    frames["licences"] = pd.DataFrame({
        "generation": ["*", g_names[-1]], "site": [s_names[-1], s_names[0]], "allowed": ["yes", "yes"],
        "from": [None, names[1]], "max_units": [60, 25],
    })  # fmt: skip
    frames["power_options"] = pd.DataFrame({
        "option": ["gas", "solar"], "site": [s_names[0], s_names[-1]],
        "adds_mw": [3.0, 2.0], "availability": [0.95, 0.4],
        "capex": [0.8 * typical, 0.3 * typical], "fixed_per_year": [40_000, 10_000], "energy_per_mwh": [120, 5],
        "carbon_kg_per_mwh": [450, 0], "lead_time": [1, 0], "earliest": [None, names[1]], "max_builds": [1, 2],
    })  # fmt: skip
    frames["shell_options"] = pd.DataFrame({
        "option": ["annex"], "site": [s_names[0]],
        "adds_racks": [40], "capex": [0.2 * typical], "fixed_per_year": [9_000],
        "lead_time": [1], "earliest": [names[0]], "latest": [names[-2]], "max_builds": [1],
    })  # fmt: skip
    frames["projects"] = pd.DataFrame({
        "project": ["scheduler", "kernels"], "workload": ["*", "train"], "uplift": [0.05, 0.1], "cost": [2e5, 1e5],
        "cost_per_year": [1e5, 0], "lead_time": [1, 0], "earliest": [None, names[1]],
    })  # fmt: skip
    frames["rental"] = pd.concat(
        [pd.DataFrame({"workload": ["serve"], "price_per_unit_hour": [1.9], "kw_per_compute_unit": [0.9]}),
         pd.DataFrame(rng.uniform(0, 40, (1, periods)).round(1), columns=names)],
        axis=1,
    )  # fmt: skip
    return frames
