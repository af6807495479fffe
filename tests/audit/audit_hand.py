"""One case and one plan, solved by hand, that every audit test starts from.

Years, so H = 8760 hours; discount rate 10 %; T = 4 (2027 to 2030). Campus C has 0.6 MW, north may take 0.5 of them.

north: liquid and air, PUE 1.25, train only; 12 rack positions. south: air, PUE 1, no power row of its own.
new: 100 kW, so 0.125 MW in north; 2 positions; serves two years. old: 50 kW, 0.05 MW in south.

2027  committed 2 new arrive, run in north (0.25 MW); 4 old run in south (0.20 MW); 1 old in the warehouse.
      4 new ordered at 1000, 20 % down; gas (0.2 MW at 50 % availability) built, on line in 2028.
2028  4 new arrive: 6 in north, 12 positions. 4 run full and 1 eco (70 % power): 0.5875 of 0.5 + 0.1 MW; 2 old run.
      4 new ordered at 900; a pod of 4 positions built, on line in 2029; project tune started, on line in 2029.
2029  the 2 committed ones are out of service: removed and sold. 4 new arrive: 8 in north, 16 positions.
2030  the 4 of 2028 and all old are out of service: removed and sold; 4 new run. 2 compute units of serve rented.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

Rows = list[dict[str, Any]]
YEARS = ["2027", "2028", "2029", "2030"]


def wide(values: list[float]) -> dict[str, float]:
    return dict(zip(YEARS, values, strict=True))


def hand_case() -> dict[str, Rows]:
    settings = {
        "start": "2027", "periods": 4, "period_length": "year", "objective": "cost", "discount_rate": 0.1,
        "depreciation_years": 4, "terminal_value": "book", "utilisation": 0.4, "budget_carry_over": "no",
        "carbon_cap_t": 3000,
    }  # fmt: skip
    return {
        "settings": [{"key": key, "value": value} for key, value in settings.items()],
        "generations": [
            {"generation": "old", "compute": 4, "power_kw": 50, "load_factor": 0.8, "racks": 1, "rack_kw": 30,
             "cooling": "air", "price": 400, "service_years": 4, "resale": 0.5},
            {"generation": "new", "compute": 10, "power_kw": 100, "load_factor": 1, "racks": 2, "rack_kw": 50,
             "cooling": "liquid", "price": 1000, "price_decline": 0.1, "available_from": "2027",
             "last_order": "2028", "lead_time": 1, "lot": 2, "min_order": 4, "deposit": 0.2, "service_years": 2,
             "resale": 0.4, "resale_decline": 0.5, "opex_per_year": 20, "opex_growth": 0.1, "order_cost": 7,
             "install_cost": 3, "remove_cost": 2, "obsolescence": 0.1},
        ],
        "sites": [
            {"site": "north", "campus": "C", "pue": 1.25, "energy_per_mwh": 40, "max_rack_kw": 60, "cooling": "both",
             "rent_per_kw_month": 1, "fixed_per_year": 100, "carbon_kg_per_mwh": 100, "workloads": "train",
             "racks": 12},
            {"site": "south", "campus": "C", "pue": 1, "energy_per_mwh": 60, "max_rack_kw": 40, "cooling": "air",
             "capacity_per_kw_month": 2},
        ],
        "power": [{"site": "north", **wide([0.5] * 4)}, {"site": "C", **wide([0.6] * 4)}],
        "budget": [{"budget": "capex", **wide([3600, 4120, 2880, 0])}],
        "allocation": [{"generation": "new", **wide([6] * 4)}],
        "modes": [{"generation": "new", "mode": "eco", "power_factor": 0.7, "compute_factor": 0.9}],
        "workloads": [{"workload": "train", "utilisation": 0.5}, {"workload": "serve", "utilisation": 0.25}],
        "performance": [{"generation": "old", "train": 4, "serve": 6}],
        "demand": [
            {"workload": "train", "measure": "minimum", **wide([10, 22, 21, 16])},
            {"workload": "train", "measure": "maximum", **wide([50] * 4)},
            {"workload": "serve", "measure": "minimum", **wide([6, 3, 3, 2])},
            {"workload": "serve", "measure": "value", **wide([0.1] * 4)},
        ],
        "fleet": [
            {"generation": "old", "site": "south", "delivered": "2026", "units": 4, "price": 400},
            {"generation": "old", "site": "warehouse", "delivered": "2026", "units": 1, "price": 300},
        ],
        "committed": [{"generation": "new", "delivery": "2027", "units": 2, "price": 900}],
        "licences": [{"generation": "new", "site": "north", "allowed": "yes", "from": "2027", "max_units": 12}],
        "power_options": [
            {"option": "gas", "site": "north", "adds_mw": 0.2, "availability": 0.5, "capex": 1000,
             "fixed_per_year": 10, "energy_per_mwh": 30, "carbon_kg_per_mwh": 500, "lead_time": 1, "earliest": "2027",
             "latest": "2028", "max_builds": 2},
        ],
        "shell_options": [
            {"option": "pod", "site": "north", "adds_racks": 4, "capex": 200, "fixed_per_year": 4, "lead_time": 1,
             "earliest": "2028", "max_builds": 1},
        ],
        "projects": [
            {"project": "tune", "workload": "train", "uplift": 0.1, "cost": 50, "cost_per_year": 5, "lead_time": 1,
             "earliest": "2028"},
        ],
        "rental": [
            {"workload": "serve", "price_per_unit_hour": 0.01, "kw_per_compute_unit": 2, **wide([2] * 4)},
        ],
    }  # fmt: skip


def table(columns: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame([list(row) for row in rows], columns=columns.split())


def hand_plan() -> dict[str, pd.DataFrame]:
    """The decisions alone: what a planner would type."""
    return {
        "orders": table(
            "order delivery generation units committed",
            ("2026", "2027", "new", 2, "yes"), ("2027", "2028", "new", 4, "no"), ("2028", "2029", "new", 4, "no"),
        ),
        "deployment": table(
            "period site generation installed removed installed_total",
            ("2027", "north", "new", 2, 0, 2), ("2028", "north", "new", 4, 0, 6), ("2029", "north", "new", 4, 2, 8),
            ("2030", "north", "new", 0, 4, 4), ("2027", "south", "old", 0, 0, 4), ("2028", "south", "old", 0, 0, 4),
            ("2029", "south", "old", 0, 0, 4), ("2030", "south", "old", 0, 4, 0),
        ),
        "running": table(
            "period site generation mode workload running",
            ("2027", "north", "new", "full", "train", 2.0), ("2028", "north", "new", "full", "train", 4.0),
            ("2028", "north", "new", "eco", "train", 1.0), ("2029", "north", "new", "full", "train", 4.0),
            ("2029", "north", "new", "eco", "train", 1.0), ("2030", "north", "new", "full", "train", 4.0),
            ("2027", "south", "old", "full", "serve", 4.0), ("2028", "south", "old", "full", "serve", 2.0),
            ("2029", "south", "old", "full", "serve", 2.0),
        ),
        "warehouse": table(
            "period generation stored", ("2027", "old", 1), ("2028", "old", 1), ("2029", "old", 1)
        ),
        "sales": table(
            "period generation delivered units price_paid",
            ("2029", "new", "2027", 2, 900.0), ("2030", "new", "2028", 4, 1000.0), ("2030", "old", "2026", 4, 400.0),
            ("2030", "old", "2026", 1, 300.0),
        ),
        "builds": table(
            "period kind name count",
            ("2027", "power", "gas", 1), ("2028", "shell", "pod", 1), ("2028", "project", "tune", 1),
        ),
        "rental": table("period workload compute", ("2030", "serve", 2.0)),
    }  # fmt: skip


def energy_sheet() -> pd.DataFrame:
    """Gas (30) before grid (40): 0.1 MW × 8760 h = 876 MWh a year; the rest of 0.5875 MW from the grid."""
    return table(
        "period site source energy_mwh cost carbon_t",
        ("2027", "north", "grid", 2190.0, 87600.0, 219.0),
        ("2028", "north", "grid", 4270.5, 170820.0, 427.05),
        ("2028", "north", "gas", 876.0, 26280.0, 438.0),
        ("2029", "north", "grid", 4270.5, 170820.0, 427.05),
        ("2029", "north", "gas", 876.0, 26280.0, 438.0),
        ("2030", "north", "grid", 3504.0, 140160.0, 350.4),
        ("2030", "north", "gas", 876.0, 26280.0, 438.0),
        ("2027", "south", "grid", 1401.6, 84096.0, 0.0),
        ("2028", "south", "grid", 700.8, 42048.0, 0.0),
        ("2029", "south", "grid", 700.8, 42048.0, 0.0),
    )


#: Receipts positive, payments negative. Deposits 20 % of 4 × 1000 and 4 × 900; the rest on delivery; committed 2 × 900.
FLOWS_AT_START = {
    "capex_orders": [-1800.0, -3200.0, -2880.0, 0.0],
    "deposits": [-800.0, -720.0, 0.0, 0.0],
    "resale": [0.0, 0.0, 180.0, 1350.0],  # 2 × 90; 4 × 100 + 4 × 200 + 150
    "install": [-6.0, -12.0, -12.0, 0.0],  # 3 a unit
    "remove": [0.0, 0.0, -4.0, -8.0],  # 2 a unit of new, nothing for old
    "order_cost": [-7.0, -7.0, 0.0, 0.0],
    "builds": [-1000.0, -200.0, 0.0, 0.0],
    "projects": [0.0, -50.0, 0.0, 0.0],
}
FLOWS_AT_END = {
    "energy": [-171696.0, -239148.0, -239148.0, -166440.0],  # sums of the sheet energy
    "opex": [
        -40.0,
        -124.0,
        -168.0,
        -88.0,
    ],  # 20 at age 0, 22 at age 1: 2 × 20; 2 × 22 + 4 × 20; 4 × 22 + 4 × 20; 4 × 22
    "site_rent": [-3000.0, -9000.0, -12000.0, -6000.0],  # 12 × 125 kW × 2, 6, 8 and 4 installed
    "site_capacity": [-2400.0] * 4,  # south: 2 × 12 × 100 kW, what north's row leaves of the campus
    "site_fixed": [-100.0] * 4,
    "build_fixed": [0.0, -10.0, -14.0, -14.0],
    "yearly_projects": [0.0, 0.0, -5.0, -5.0],
    "rental": [0.0, 0.0, 0.0, -175.2],
}


def present_values() -> list[float]:
    """Net cash of each year at its start and at its end, at 10 %."""
    return [
        sum(flow[t] for flow in FLOWS_AT_START.values()) / 1.1**t
        + sum(flow[t] for flow in FLOWS_AT_END.values()) / 1.1 ** (t + 1)
        for t in range(4)
    ]


def hand_summary() -> dict[str, Any]:
    # Fleet at the start: 4 × 300 + 225. At the end: 4 new of 2029, half written off: 4 × 450.
    cost = 1425 - sum(present_values()) - 1800 / 1.1**4
    train, serve = [10.0, 22.05, 21.8295, 16.038], [6.0, 3.0, 3.0, 2.0]
    compute = 8760 * (sum(train) + sum(serve))
    compute_pv = sum(8760 * (a + b) / 1.1 ** (t + 1) for t, (a, b) in enumerate(zip(train, serve, strict=True)))
    energy = 8760 * (0.25 + 0.5875 + 0.5875 + 0.5 + 0.16 + 0.08 + 0.08) + 35.04
    available = 8760 * (0.6 + 0.7 + 0.7 + 0.7) + 35.04
    return {
        "status": "feasible", "objective": "cost", "objective_value": -cost, "bound": -cost * 0.99,
        "gap": 0.01, "compute_unit_hours": compute, "compute_pv": compute_pv, "energy_mwh": energy,
        "available_mwh": available, "cost_pv": cost, "compute_per_dollar": compute_pv / cost,
        "compute_per_watt_available": compute / available, "compute_per_watt_consumed": compute / energy,
        "levelised_cost": cost / compute_pv, "coverage": None,
        "capex": 1800.0 + 4000.0 + 3600.0 + 1000.0 + 200.0, "stranded_mwh": 8760 * (0.15 + 0.0125 + 0.0125 + 0.2),
        # owned 7, 11, 13, 4; running 6, 7, 7, 4
        "idle_unit_periods": 11.0, "solve_seconds": 1.0, "opening_book": 1425.0, "terminal_value": 1800.0,
        "terminal_value_pv": 1800 / 1.1**4, "carbon_t": 2737.5,
        "value_pv": sum(0.1 * 8760 * serve[t] / 1.1 ** (t + 1) for t in range(4)),
    }  # fmt: skip


def full_plan() -> dict[str, pd.DataFrame]:
    """The decisions with every figure, each worked out by hand (8760 h a year throughout)."""
    plan = hand_plan()
    # Price 1000 in 2027, 10 % less in 2028; 20 % deposit; committed orders are paid in full on delivery.
    plan["orders"] = plan["orders"].assign(
        unit_price=[900.0, 1000.0, 900.0],
        total=[1800.0, 4000.0, 3600.0],
        deposit=[0.0, 800.0, 720.0],
        balance=[1800.0, 3200.0, 2880.0],
        order_by=pd.to_datetime(["2026-01-01", "2027-01-01", "2028-01-01"]),
        balance_due=pd.to_datetime(["2027-01-01", "2028-01-01", "2029-01-01"]),
    )
    # Compute units: 2 × 10 × 0.5; 4 × 9 × 0.5; 0.9 × 9 × 0.5; then 8.1 and 7.29 with 1.1 for tune; old 6 × 0.25 a unit.
    average = [10.0, 18.0, 4.05, 17.82, 4.0095, 16.038, 6.0, 3.0, 3.0]
    megawatts = [0.25, 0.5, 0.0875, 0.5, 0.0875, 0.5, 0.16, 0.08, 0.08]  # old at a load factor of 0.8
    plan["running"] = plan["running"].assign(
        compute_hours=[8760 * a for a in average], energy_mwh=[8760 * mw for mw in megawatts]
    )
    # new: 40 % of the price, halved each year, so 10 % after two; book half of it. old: half the price, written off.
    plan["sales"] = plan["sales"].assign(
        proceeds=[180.0, 400.0, 800.0, 150.0],
        book_value=[900.0, 2000.0, 0.0, 0.0],
        gain=[-720.0, -1600.0, 800.0, 150.0],
        unit_price=[90.0, 100.0, 200.0, 150.0],
    )
    plan["rental"] = plan["rental"].assign(cost=[175.2], energy_mwh=[35.04])  # 2 × 8760 × 0.01; 4 kW × 8760 h
    plan["energy"] = energy_sheet()
    # Campus 0.6 MW, 0.7 with gas; north first takes what south leaves, up to its own 0.5 (0.6 with gas).
    plan["power"] = table(
        "period site available_mw used_mw stranded_mw price_of_power",
        ("2027", "north", 0.4, 0.25, 0.15, 40.0),
        ("2027", "south", 0.2, 0.2, 0.0, 60.0),
        ("2028", "north", 0.6, 0.5875, 0.0125, 40.0),
        ("2028", "south", 0.1, 0.1, 0.0, 60.0),
        ("2029", "north", 0.6, 0.5875, 0.0125, 40.0),
        ("2029", "south", 0.1, 0.1, 0.0, 60.0),
        ("2030", "north", 0.6, 0.5, 0.1, 40.0),
        ("2030", "south", 0.1, 0.0, 0.1, 60.0),
    )
    own = {"train": [10.0, 22.05, 21.8295, 16.038], "serve": [6.0, 3.0, 3.0, 0.0]}
    least = {"train": [10.0, 22.0, 21.0, 16.0], "serve": [6.0, 3.0, 3.0, 2.0]}
    plan["compute"] = pd.DataFrame(
        [
            {
                "period": year,
                "workload": work,
                "own_hours": 8760 * own[work][t],
                "rented_hours": 8760 * rented,
                "delivered_hours": 8760 * (own[work][t] + rented),
                "average": own[work][t] + rented,
                "minimum": least[work][t],
                "maximum": 50.0 if work == "train" else None,
                "value": 0.1 if work == "serve" else 0.0,
            }
            for t, year in enumerate(YEARS)
            for work, rented in (("train", 0.0), ("serve", 2.0 * (t == 3)))
        ]
    )
    columns = {name: FLOWS_AT_START.get(name, [0.0] * 4) for name in [*FLOWS_AT_START, *FLOWS_AT_END]}
    columns |= {name: values for name, values in FLOWS_AT_END.items() if name != "yearly_projects"}
    columns["projects"] = [
        start + end for start, end in zip(columns["projects"], FLOWS_AT_END["yearly_projects"], strict=True)
    ]
    del columns["yearly_projects"]
    cash = pd.DataFrame({"period": YEARS, **columns})
    net = cash.drop(columns="period").sum(axis=1)
    plan["cash_flow"] = cash.assign(net=net, discounted=present_values(), cumulative=net.cumsum())
    plan["depreciation"] = table(
        "period generation opening additions depreciation disposals closing",
        ("2027", "old", 1425.0, 0.0, 475.0, 0.0, 950.0),
        ("2027", "new", 0.0, 1800.0, 450.0, 0.0, 1350.0),
        ("2028", "old", 950.0, 0.0, 475.0, 0.0, 475.0),
        ("2028", "new", 1350.0, 4000.0, 1450.0, 0.0, 3900.0),
        ("2029", "old", 475.0, 0.0, 475.0, 0.0, 0.0),
        ("2029", "new", 3900.0, 3600.0, 1900.0, 900.0, 4700.0),
        ("2030", "new", 4700.0, 0.0, 900.0, 2000.0, 1800.0),
    )
    plan["summary"] = pd.DataFrame(
        {"key": list(hand_summary()), "value": pd.Series(list(hand_summary().values()), dtype=object), "unit": ""}
    )
    return plan
