"""A plan of hyperscale size is audited in seconds, also where every power limit must be decided in exact arithmetic."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from procure.audit import audit
from procure.reading import read_frames

G, S, T = 20, 100, 40


def hyperscale() -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """20 generations at 100 sites over 40 quarters, all running, the power of each hall used to the last digit."""
    rng = np.random.default_rng(1)
    labels = [f"{2027 + t // 4}Q{t % 4 + 1}" for t in range(T)]
    g_names, s_names = [f"g{g}" for g in range(G)], [f"hall-{s}" for s in range(S)]
    power_kw, pue = rng.uniform(5, 140, G).round(1), rng.uniform(1.05, 1.6, S).round(2)
    run = rng.uniform(1, 50, (T, S, G))
    standing = np.ceil(run).max(axis=0).astype(int)
    used = np.einsum("tsg,g,s->st", run, power_kw, pue) / 1000
    case = {
        "settings": pd.DataFrame({"key": ["start", "periods"], "value": ["2027Q1", T]}),
        "generations": pd.DataFrame(
            {"generation": g_names, "compute": rng.uniform(1, 50, G), "power_kw": power_kw, "service_years": 20,
             "price": rng.uniform(1e5, 4e6, G).round(2), "resale": 0.5, "racks": 0.1, "opex_per_year": 100}
        ),
        "sites": pd.DataFrame({"site": s_names, "energy_per_mwh": 50, "pue": pue}),
        "power": pd.concat([pd.DataFrame({"site": s_names}), pd.DataFrame(used, columns=labels)], axis=1),
        "space": pd.concat(
            [pd.DataFrame({"site": s_names}), pd.DataFrame({labels[0]: (standing.sum(axis=1) * 0.1).round(1)})], axis=1
        ),
    }  # fmt: skip
    t, s, g = (index.ravel() for index in np.meshgrid(range(T), range(S), range(G), indexing="ij"))
    keys = {"period": np.array(labels)[t], "site": np.array(s_names)[s], "generation": np.array(g_names)[g]}
    plan = {
        "orders": pd.DataFrame(
            {"order": labels[0], "delivery": labels[0], "generation": g_names, "units": standing.sum(axis=0)}
        ),
        "deployment": pd.DataFrame(
            {**keys, "installed": np.where(t == 0, standing[s, g], 0), "removed": 0, "installed_total": standing[s, g]}
        ),
        "running": pd.DataFrame({**keys, "mode": "full", "workload": "all", "running": run.ravel()}),
        "warehouse": pd.DataFrame(columns=["period", "generation", "stored"]),
    }
    return case, plan


@pytest.mark.slow
def test_hyperscale_plan_in_seconds():
    case, plan = hyperscale()
    assert len(plan["deployment"]) == len(plan["running"]) == G * S * T
    tables = read_frames(case)
    start = time.process_time()
    report = audit(tables, plan)
    seconds = time.process_time() - start
    assert report.passed, report.checks[report.checks["verdict"] == "fail"].to_string()
    assert report.figures["stranded_mwh"] == pytest.approx(0.0, abs=1e-6 * report.figures["available_mwh"])
    assert seconds < 15, f"{seconds:.1f} s of CPU time"  # measured: 2; the room is for slow machines
