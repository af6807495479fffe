"""Seeded cases of any size with every input table in use, at the scale of real fleets.

Halls of 10 to 120 MW that ramp up in steps, a new generation every few quarters with more compute per watt and per
dollar, lots and minimum orders that bind, options, projects, licences, a fleet and committed orders; demand grows to half of what the halls could do. Figures are drawn,
not sourced: the cases measure the program, they advise nobody.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["SIZES", "bench_frames"]

SIZES = {"tiny": (3, 4, 8), "small": (5, 8, 20), "medium": (10, 20, 40), "large": (15, 60, 40), "hyperscale": (20, 100, 40)}


def bench_frames(generations: int, sites: int, quarters: int, seed: int = 0, **settings: Any) -> dict[str, pd.DataFrame]:
    """Return input frames of a seeded case of G generations × S sites × T quarters; ``settings`` override its own."""
    rng = np.random.default_rng(seed)
    labels = [f"{2027 + t // 4}Q{t % 4 + 1}" for t in range(quarters)]
    names = [f"gen {chr(65 + i % 26)}{i // 26 or ''}" for i in range(generations)]
    halls = [f"hall {i + 1:03d}" for i in range(sites)]
    share = np.arange(generations) / max(1, generations - 1)

    def wide(key: str, keys: list[str], values: Any, **more: list[Any]) -> pd.DataFrame:
        return pd.concat([pd.DataFrame({key: keys, **more}), pd.DataFrame(np.asarray(values), columns=labels)], axis=1)

    appears = np.round((share * 1.1 - 0.15) * quarters * 0.75).astype(int)
    kw = np.round(10.2 + 180 * share**1.5 * rng.uniform(0.6, 1.2, generations), 1)
    per_kw = 0.8 * 1.32 ** (appears / 4) * rng.uniform(0.92, 1.08, generations)
    compute = np.round(kw * per_kw, 1)
    price = np.round(compute * 34_000 * 0.87 ** (appears / 4) * rng.uniform(0.9, 1.1, generations), -2)
    liquid = share > 0.35

    def label(t: int) -> str:
        return f"{2027 + t // 4}Q{t % 4 + 1}"

    firm = rng.uniform(10, 120, sites)
    ramp = np.zeros((sites, quarters))
    for s in range(sites):
        start = int(rng.integers(0, max(1, quarters // 2))) if s % 3 else 0
        steps = np.clip((np.arange(quarters) - start) // 2 + 1, 0, 5) / 5
        ramp[s] = np.round(firm[s] * steps, 1)
    total_mw = ramp[:, -1].sum()
    cheapest = float(np.min(price / kw)) * 1000.0
    per_quarter = total_mw * cheapest * 1.15 / quarters * 4 / 4

    values = {
        "title": f"Bench {generations}x{sites}x{quarters}, seed {seed}", "start": labels[0], "periods": quarters,
        "period_length": "quarter", "objective": "compute", "discount_rate": 0.08, "depreciation_years": 6,
        "terminal_value": "book", "compute_value_decline": 0.1, "carbon_price_per_t": 20, "compute_floor": 0.5,
        "max_generation_share": 0.8,
    } | settings  # fmt: skip
    frames = {
        "settings": pd.DataFrame({"key": list(values), "value": pd.Series(list(values.values()), dtype=object)}),
        "generations": pd.DataFrame({
            "generation": names, "vendor": [("North", "South", "West")[i % 3] for i in range(generations)],
            "compute": compute, "power_kw": kw, "load_factor": np.round(rng.uniform(0.7, 0.9, generations), 2),
            "racks": 1, "rack_kw": np.maximum(kw, 30.0), "cooling": np.where(liquid, "liquid", "air"),
            "price": price, "price_decline": np.round(rng.uniform(0.02, 0.12, generations), 3),
            "available_from": [label(int(a)) if a >= 0 else f"2026Q{rng.integers(1, 5)}" for a in appears],
            "last_order": [label(int(min(quarters - 1, a + quarters // 2))) for a in np.maximum(appears, 0)],
            "lead_time": rng.integers(1, 3, generations), "lot": rng.choice([1, 2, 4], generations),
            "min_order": rng.choice([0, 4, 12], generations), "deposit": rng.choice([0.0, 0.2], generations),
            "resale": 0.7, "resale_decline": np.round(rng.uniform(0.2, 0.35, generations), 2),
            "opex_per_year": np.round(price * 0.03, -1), "opex_growth": 0.03, "order_cost": rng.choice([0, 200_000], generations),
            "install_cost": 6_000, "remove_cost": 2_500, "obsolescence": 0.02,
        }),
        "sites": pd.DataFrame({
            "site": halls, "campus": [f"campus {i // 2 + 1}" if i % 10 in (4, 5) else "" for i in range(sites)],
            "market": [("Dallas", "Dublin", "Oslo", "Phoenix", "Johor")[i % 5] for i in range(sites)],
            "pue": np.round(rng.uniform(1.08, 1.4, sites), 2), "energy_per_mwh": np.round(rng.uniform(35, 120, sites), 1),
            "max_rack_kw": np.where(rng.uniform(size=sites) < 0.25, 60, 400),
            "cooling": rng.choice(["air", "both", "both", "liquid"], sites), "overhead": 0.05,
            "rent_per_kw_month": np.round(rng.choice([0, 90, 130], sites), 0),
            "capacity_per_kw_month": rng.choice([0, 8], sites), "fixed_per_year": 400_000,
            "carbon_kg_per_mwh": np.round(rng.uniform(20, 500, sites)),
            "workloads": ["" if i % 4 else "train" for i in range(sites)],
        }),
        "workloads": pd.DataFrame({"workload": ["train", "serve"], "utilisation": [0.42, 0.35]}),
        "performance": pd.DataFrame({
            "generation": names, "train": compute, "serve": np.round(compute * rng.uniform(0.9, 1.5, generations), 1),
        }),
        "modes": pd.DataFrame({"generation": ["*"], "mode": ["capped"], "power_factor": [0.75], "compute_factor": [0.87]}),
        "compute_path": wide("generation", names[-1:], [np.minimum(1.3, 1 + 0.02 * np.arange(quarters))]),
        "space": wide("site", halls[: max(1, sites // 3)],
                      np.repeat(np.ceil(firm[: max(1, sites // 3), None] * 1000 / 60), quarters, axis=1)),
    }  # fmt: skip
    campuses = list(dict.fromkeys(c for c in frames["sites"]["campus"] if c))
    shared = [0.85 * ramp[[i for i in range(sites) if frames["sites"]["campus"][i] == c]].sum(axis=0) for c in campuses]
    frames["power"] = wide("site", halls + campuses, np.round(np.vstack([ramp, *shared]) if shared else ramp, 2))
    frames["budget"] = wide("budget", ["capex"], [np.round(per_quarter * rng.uniform(0.7, 1.3, quarters), -3)])
    fill = np.round(total_mw * 1000 / kw / quarters * 2.5)
    frames["allocation"] = wide("generation", names, np.round(fill[:, None] * rng.uniform(0.4, 1.2, (generations, quarters))))
    frames["prices"] = wide("generation", names[:1], [np.round(price[0] * 0.97 ** np.arange(quarters))])
    frames["resale_prices"] = wide("generation", names[1:2], [np.round(price[1] * 0.6 * 0.94 ** np.arange(quarters))])
    frames["demand"] = wide(
        "workload", ["train", "serve", "serve", "train", "serve"],
        np.vstack([
            np.maximum(0, np.linspace(-75, 225, quarters)) * total_mw, np.maximum(0, np.linspace(-50, 50, quarters)) * total_mw,
            np.full(quarters, total_mw * 900.0),
            np.full(quarters, 3.6) * 0.97 ** np.arange(quarters), np.full(quarters, 4.2) * 0.97 ** np.arange(quarters),
        ]).round(3),
        measure=["minimum", "minimum", "maximum", "value", "value"],
    )  # fmt: skip
    home = next(i for i in range(sites) if frames["sites"]["cooling"][i] != "liquid")
    frames["fleet"] = pd.DataFrame({
        "generation": [names[0], names[0]], "site": [halls[home], "warehouse"], "delivered": ["2025Q2", "2026Q1"],
        "units": [int(ramp[home, 0] * 300 / kw[0]), 60], "price": [price[0] * 1.1, price[0]],
    })  # fmt: skip
    frames["committed"] = pd.DataFrame({
        "generation": [names[0], names[min(1, generations - 1)]], "delivery": [labels[1], labels[2]], "units": [40, 24],
        "price": [price[0], price[min(1, generations - 1)]],
    })  # fmt: skip
    frames["licences"] = pd.DataFrame({
        "generation": ["*", names[-1], names[-1]], "site": [halls[-1], halls[1], halls[min(2, sites - 1)]],
        "allowed": ["yes", "no", "yes"], "from": [labels[2], None, labels[quarters // 2]],
        "max_units": [400, None, 120],
    })  # fmt: skip
    picks = sorted({int(i) for i in rng.choice(sites, size=min(sites, max(2, sites // 6)), replace=False)})
    frames["power_options"] = pd.DataFrame({
        "option": [f"gas {halls[i]}" for i in picks], "site": [halls[i] for i in picks], "adds_mw": 15.0, "availability": 0.9,
        "capex": 28_000_000, "fixed_per_year": 300_000, "energy_per_mwh": 85, "carbon_kg_per_mwh": 480, "lead_time": 4,
        "earliest": labels[0], "latest": labels[-2], "max_builds": 2,
    })  # fmt: skip
    frames["shell_options"] = pd.DataFrame({
        "option": ["annex"], "site": [halls[0]], "adds_racks": [300], "capex": [9_000_000], "fixed_per_year": [150_000],
        "lead_time": [3], "earliest": [labels[0]], "latest": [labels[-2]], "max_builds": [2],
    })  # fmt: skip
    frames["projects"] = pd.DataFrame({
        "project": ["scheduler", "kernels"], "workload": ["*", "train"], "uplift": [0.04, 0.06],
        "cost": [4_000_000, 9_000_000], "cost_per_year": [1_000_000, 500_000], "lead_time": [2, 4],
        "earliest": [labels[0], labels[1]],
    })  # fmt: skip
    frames["rental"] = wide("workload", ["serve"], [np.full(quarters, 500.0)], price_per_unit_hour=[2.4],
                            kw_per_compute_unit=[0.9])  # fmt: skip
    return frames
