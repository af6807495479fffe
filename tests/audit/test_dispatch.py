"""The cheapest dispatch against a linear programme, and the power that a campus has."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from procure.audit import audit
from procure.audit.decisions import decisions_of
from procure.audit.energy import cheapest, draw_of
from procure.audit.sheets import read_sheets
from procure.audit.tables import inputs_of
from procure.reading import read_frames


def random_campus(seed: int) -> tuple[dict[str, list[dict[str, object]]], dict[str, list[dict[str, object]]]]:
    """Two campuses and a hall of its own, options built at random, units running within what there is."""
    rng = np.random.default_rng(seed)
    halls = [("a1", "A"), ("a2", "A"), ("a3", "A"), ("b1", "B"), ("b2", "B"), ("solo", "")]
    own = {name: float(rng.uniform(1, 4)) for name, _ in halls if name not in {"a3", "b2"}}
    rows = {"A": float(rng.uniform(2, 6)), "B": float(rng.uniform(1, 4))}
    options = [
        {"option": f"k{i}", "site": halls[int(rng.integers(0, 6))][0], "adds_mw": float(rng.uniform(0.2, 2)),
         "energy_per_mwh": float(rng.uniform(10, 90)), "carbon_kg_per_mwh": float(rng.uniform(0, 500)),
         "capex": 1, "max_builds": 3}
        for i in range(6)
    ]  # fmt: skip
    case = {
        "settings": [{"key": "start", "value": "2027"}, {"key": "periods", "value": 1},
                     {"key": "period_length", "value": "year"},
                     {"key": "carbon_price_per_t", "value": float(rng.choice([0.0, 40.0]))}],
        "generations": [{"generation": "g", "compute": 1, "power_kw": 1, "price": 1}],
        "sites": [
            {"site": name, "campus": campus, "pue": 1, "energy_per_mwh": float(rng.uniform(10, 90)),
             "carbon_kg_per_mwh": float(rng.uniform(0, 500))}
            for name, campus in halls
        ],
        "power": [{"site": name, "2027": mw} for name, mw in (own | rows).items()],
        "power_options": options,
    }  # fmt: skip
    built = [
        {"period": "2027", "kind": "power", "name": o["option"], "count": int(rng.integers(0, 3))} for o in options
    ]
    extra = {
        name: sum(
            float(o["adds_mw"]) * int(b["count"]) for o, b in zip(options, built, strict=True) if o["site"] == name
        )
        for name, _ in halls
    }
    left = {campus: mw + sum(extra[n] for n, c in halls if c == campus) for campus, mw in rows.items()}
    running, moves = [], []
    for name, campus in halls:
        most = min(own.get(name, np.inf) + extra[name], left.get(campus, np.inf))
        mw = float(rng.uniform(0.3, 1)) * most
        if campus:
            left[campus] -= mw
        row = {"period": "2027", "site": name, "generation": "g"}
        running.append({**row, "mode": "full", "workload": "all", "running": mw * 1000})
        moves.append({**row, "installed": 10_000, "removed": 0, "installed_total": 10_000})
    plan = {
        "orders": [{"order": "2027", "delivery": "2027", "generation": "g", "units": 60_000}],
        "deployment": moves, "running": running, "builds": built,
    }  # fmt: skip
    return case, plan


@pytest.mark.parametrize("seed", range(40))
def test_cheapest_dispatch_costs_what_a_linear_programme_finds(seed):
    """Proves: merit order with a shared campus grid is the cheapest dispatch, and fails only where there is none."""
    case, plan = random_campus(seed)
    tables = read_frames(case)
    inputs = inputs_of(tables)
    reading = read_sheets(plan, inputs)
    draw = draw_of(inputs, decisions_of(inputs, reading))
    best = cheapest(inputs, draw)
    found = sum(float(part.sum()) for part in best.cost(inputs))

    S, options = len(inputs.sites), inputs.power_options
    price = float(inputs.settings["carbon_price_per_t"]) / 1000
    cost = np.concatenate([
        inputs.site["energy_per_mwh"] + price * inputs.site["carbon_kg_per_mwh"],
        options.energy_price + price * options.carbon_kg,
    ])  # fmt: skip
    limits = np.concatenate([8760 * inputs.own_mw[:, 0], 8760 * options.adds * draw.options_built[:, 0]])
    supply = np.hstack([np.eye(S), (options.site[None, :] == np.arange(S)[:, None]).astype(float)])
    campus = np.array([[*(inputs.campus == p).astype(float), *np.zeros(len(options.names))] for p in range(2)])
    result = linprog(
        cost, A_ub=campus, b_ub=8760 * inputs.campus_mw[:, 0], A_eq=supply, b_eq=draw.needed_mwh[:, 0],
        bounds=[(0, None if np.isinf(limit) else limit) for limit in limits],
    )  # fmt: skip
    over = audit(tables, plan).checks.set_index("rule").loc["energy_sources"]
    if result.status == 2:  # power fits, energy does not: a hall cannot use the options of another one
        assert over["verdict"] == "fail"
        return
    assert result.status == 0
    assert over["verdict"] == "pass"
    assert found == pytest.approx(result.fun, rel=1e-7)


def test_without_the_shared_grid_the_dispatch_would_be_too_cheap():
    """Two halls of 1 MW share 1.5: the gas (dearer by 20 in a, by 5 in b) must run, where it costs least: in b."""
    case = {
        "settings": [{"key": "start", "value": "2027"}, {"key": "periods", "value": 1},
                     {"key": "period_length", "value": "year"}],
        "generations": [{"generation": "g", "compute": 1, "power_kw": 1000, "price": 1}],
        "sites": [{"site": s, "campus": "C", "pue": 1, "energy_per_mwh": 40} for s in "ab"],
        "power": [{"site": s, "2027": mw} for s, mw in (("a", 1), ("b", 1), ("C", 1.5))],
        "power_options": [
            {"option": f"gas-{s}", "site": s, "adds_mw": 0.4, "energy_per_mwh": price}
            for s, price in (("a", 60), ("b", 45))
        ],
    }  # fmt: skip
    row = {"period": "2027", "generation": "g"}
    plan = {
        "orders": [{"order": "2027", "delivery": "2027", "generation": "g", "units": 2}],
        "deployment": [{**row, "site": s, "installed": 1, "removed": 0, "installed_total": 1} for s in "ab"],
        "running": [{**row, "site": s, "mode": "full", "workload": "all", "running": 1.0} for s in "ab"],
        "builds": [{"period": "2027", "kind": "power", "name": f"gas-{s}", "count": 1} for s in "ab"],
    }
    inputs = inputs_of(read_frames(case))
    draw = draw_of(inputs, decisions_of(inputs, read_sheets(plan, inputs)))
    best = cheapest(inputs, draw)
    # 0.5 MW cannot come from the grid: 0.4 from gas-b, the last 0.1 from gas-a.
    assert best.option[:, 0] / 8760 == pytest.approx([0.1, 0.4])
    assert best.grid[:, 0] / 8760 == pytest.approx([0.9, 0.6])
    # Available: min(1.5, 1 + 1) + 0.8 = 2.3; each uses 1, the headroom of 0.3 goes to a.
    assert draw.available_mw[:, 0] == pytest.approx([1.3, 1.0])
