"""The example ``small``: a cloud operator with two halls decides between this year's servers and next year's racks.

Product, market and cost figures are public and come from the project's reference data (``data/``); each row says from
where in its note. Ramps, budgets and allocations of a company are never public: they are estimates and marked so.
"""

from __future__ import annotations

from typing import Any

__all__ = ["frames"]

_COMPUTE = "compute: MLPerf Training Llama 3.1 405B per accelerator against H100"


def frames() -> dict[str, Any]:
    """Return the tables of the example by sheet name, as records."""
    return {
        "settings": _settings(),
        "generations": _generations(),
        "sites": _sites(),
        "power": [
            {
                "site": "Dallas hall",
                "2027Q1": 2,
                "2027Q3": 4,
                "2028Q2": 8,
                "note": "estimate: ramp of a hall whose substation is delivered in steps",
            },
            {"site": "Phoenix colo", "2027Q1": 1.5, "note": "estimate: leased and energised"},
        ],
        "space": [{"site": "Phoenix colo", "2027Q1": 48, "note": "estimate"}],
        "budget": [
            {
                "budget": "capex",
                "2027Q1": 40_000_000,
                "2028Q1": 30_000_000,
                "2029Q1": 20_000_000,
                "note": "estimate; a quarter's amount, unspent budget carries over",
            }
        ],
        "allocation": [
            {
                "generation": "Rubin NVL72",
                "2027Q1": 4,
                "2027Q4": 8,
                "2028Q3": 16,
                "note": "estimate: vendor allocation",
            },
            {"generation": "GB300 NVL72", "2027Q1": 12, "note": "estimate"},
        ],
        "fleet": [
            {
                "generation": "HGX H100",
                "site": "Phoenix colo",
                "delivered": "2024Q2",
                "units": 40,
                "price": 296_644,
                "note": "price: data/accelerators.csv, nvidia_hgx_h100 (2024); units: estimate",
            }
        ],
        "committed": [
            {
                "generation": "HGX B200",
                "delivery": "2027Q2",
                "units": 12,
                "price": 379_273,
                "note": "price: data/accelerators.csv, nvidia_hgx_b200 (2024); units: estimate",
            }
        ],
        "demand": [{"workload": "all", "measure": "minimum", "2027Q1": 50, "note": "estimate: running contracts"}],
        "power_options": [
            {
                "option": "fuel cells",
                "site": "Dallas hall",
                "adds_mw": 1.3,
                "availability": 0.95,
                "capex": 10_773_100,
                "fixed_per_year": 49_101,
                "energy_per_mwh": 41,
                "carbon_kg_per_mwh": 343,
                "lead_time": 2,
                "max_builds": 2,
                "note": "data/supply_options.csv, fuel_cell: 8,287 USD/kW, 37.77 USD/kW a year, 343 kg/MWh, "
                "units of 0.325 MW; energy: heat rate 6,469 Btu/kWh at 6.2 USD/MMBtu (estimate) plus "
                "0.72 USD/MWh; firm share: estimate",
            }
        ],
    }


def _settings() -> list[dict[str, Any]]:
    return [
        {"key": "title", "value": "Two halls, four generations: buy now or wait?"},
        {"key": "start", "value": "2027Q1"},
        {"key": "periods", "value": 12},
        {"key": "period_length", "value": "quarter"},
        {"key": "objective", "value": "balanced"},
        {"key": "discount_rate", "value": 0.09, "note": "estimate: within the range of data/finance.csv, wacc"},
    ]


def _generations() -> list[dict[str, Any]]:
    common = {
        "resale_decline": 0.3,
        "opex_per_year": 0.0,
        "cooling": "air",
        "install_cost": 3_000,
        "remove_cost": 3_000,
    }
    return [
        {
            **common,
            "generation": "HGX H100",
            "vendor": "NVIDIA",
            "compute": 8,
            "power_kw": 10.2,
            "load_factor": 0.7,
            "racks": 0.25,
            "price": 296_644,
            "last_order": "2025Q1",
            "resale": 0.85,
            "opex_per_year": 9_000,
            "note": f"data/accelerators.csv, nvidia_hgx_h100; {_COMPUTE} (1.0); opex, resale, racks, moving: estimates",
        },
        {
            **common,
            "generation": "HGX B200",
            "vendor": "NVIDIA",
            "compute": 16.72,
            "power_kw": 14.3,
            "load_factor": 0.7,
            "racks": 0.5,
            "price": 379_273,
            "lead_time": 1,
            "resale": 0.85,
            "opex_per_year": 11_000,
            "note": f"data/accelerators.csv, nvidia_hgx_b200 (price of 2024); {_COMPUTE} (2.09 x 8); opex, resale, "
            "lead time, moving: estimates",
        },
        {
            **common,
            "generation": "GB300 NVL72",
            "vendor": "NVIDIA",
            "compute": 300.24,
            "power_kw": 140,
            "load_factor": 0.75,
            "racks": 1,
            "cooling": "liquid",
            "price": 4_000_000,
            "lead_time": 1,
            "resale": 0.85,
            "opex_per_year": 110_000,
            "install_cost": 40_000,
            "remove_cost": 40_000,
            "note": f"data/accelerators.csv, nvidia_gb300_nvl72; {_COMPUTE} (4.17 x 72); price: press; opex, "
            "resale, lead time, moving: estimates",
        },
        {
            **common,
            "generation": "Rubin NVL72",
            "vendor": "NVIDIA",
            "compute": 480,
            "power_kw": 227,
            "load_factor": 0.75,
            "racks": 1,
            "cooling": "liquid",
            "price": 7_800_000,
            "price_decline": 0.05,
            "available_from": "2027Q1",
            "lead_time": 2,
            "resale": 0.85,
            "opex_per_year": 200_000,
            "install_cost": 60_000,
            "remove_cost": 60_000,
            "note": "data/accelerators.csv, nvidia_vr_nvl72; compute: no MLPerf Training result, estimate from GB300 "
            "by the BF16 rate (x 1.6); price: bank estimate; price decline, opex, resale, lead time, moving: estimates",
        },
    ]


def _sites() -> list[dict[str, Any]]:
    return [
        {
            "site": "Dallas hall",
            "market": "Dallas-Fort Worth",
            "pue": 1.12,
            "energy_per_mwh": 66,
            "max_rack_kw": 250,
            "cooling": "both",
            "overhead": 0.05,
            "carbon_kg_per_mwh": 363,
            "fixed_per_year": 2_000_000,
            "note": "data/sites.csv, dallas (price of 2023); density, overhead, fixed cost: estimates",
        },
        {
            "site": "Phoenix colo",
            "market": "Phoenix",
            "pue": 1.18,
            "energy_per_mwh": 81.1,
            "max_rack_kw": 45,
            "cooling": "air",
            "overhead": 0.05,
            "carbon_kg_per_mwh": 393,
            "capacity_per_kw_month": 170,
            "note": "data/sites.csv, phoenix (rent: low end of the asking range); density, overhead: estimates",
        },
    ]
