"""power-cap: more units at a lower cap against fewer at full power. See power-cap.md."""

from __future__ import annotations

from typing import Any

from common import compute, generation, item, product, settings, site, wide

NAME = "power-cap"
ABOUT = (
    "Two halls whose power does not grow. MI355X can be capped at 1,000 W, Vera Rubin is sold with a 188 kW setting.",
    "While money binds, a unit should run at full power; once power binds, more units at a lower cap may beat fewer.",
    "Every row names its source in data/ or says that it is an estimate or an assumption. The note is power-cap.md.",
)


def frames() -> dict[str, Any]:
    """All sheets."""
    basis = "mlperf_inference"
    server = {"lead_time": 2, "install_cost": 20_000, "remove_cost": 20_000, "lot": 4}
    rack = {"lead_time": 2, "install_cost": 120_000, "remove_cost": 120_000}
    rubin = round(compute("GB300 NVL72", basis) * 16435 / 9820, 1)
    mi355x = float(product("MI355X")["power_kw"])
    capped = (mi355x - 8 * 0.4) / mi355x
    lease = (item("rent_us_2025"), "data/finance.csv rent_us_2025, paid for the whole lease")
    return {
        "settings": settings(
            {
                "title": ("Power caps: more units at less power", ""),
                "start": ("2027Q1", ""),
                "periods": (16, "four years"),
                "objective": ("compute_per_watt", "compute per MW available"),
                "watt_basis": ("available", ""),
                "discount_rate": (0.08, "assumption"),
                "depreciation_years": (6, "data/finance.csv life_msft"),
                "utilisation": (0.6, "assumption: share of hours in use; throughput is measured"),
                "compute_unit": ("H100e", "Llama-2-70B offline throughput of one H100"),
                "max_generation_share": (0.75, "assumption"),
                "mip_gap": (0.003, ""),
            }
        ),
        "generations": [
            generation("B300", basis, **server, opex_per_year=11_000),
            generation("MI355X", basis, **server, opex_per_year=6_000),
            generation("GB300 NVL72", basis, **rack, opex_per_year=80_000),
            generation(
                "Vera Rubin NVL72",
                basis,
                {"compute": (rubin, "GB300's x 16,435 / 9,820, their DeepSeek-R1 tokens")},
                **(rack | {"lead_time": 3}),
                opex_per_year=156_000,
            ),
        ],
        "modes": [
            {
                "generation": "MI355X",
                "mode": "1,000 W cap",
                "power_factor": round(capped, 4),
                "compute_factor": item("cap_mi355x_compute"),
                "source": "data/finance.csv cap_mi355x_compute (10,234 / 12,192 tokens, MLPerf v6.0); power: 8 x "
                "0.4 kW off a server of"
                " 15.6 kW (the accelerator alone saves 29 %, the server 21 %): derived",
            },
            {
                "generation": "Vera Rubin NVL72",
                "mode": "MaxQ 188 kW",
                "power_factor": item("cap_vr_power"),
                "compute_factor": 0.9,
                "source": "data/finance.csv cap_vr_power (188 / 227 kW); compute_factor: estimate, no"
                " throughput at MaxQ was published; 0.90 follows MI355X (0.84 at 0.71 of TDP: an elasticity of 0.52)",
            },
        ],
        "sites": [
            site("Dallas hall", "dallas", overhead=0.08, max_rack_kw=250, cooling="liquid", fixed_per_year=2_000_000),
            site(
                "Phoenix lease",
                "phoenix",
                {"capacity_per_kw_month": lease},
                overhead=0.08,
                max_rack_kw=60,
                cooling="air",
            ),
        ],
        "power": [
            wide("site", "Dallas hall", {"2027Q1": 14}, "assumption: no more power within the horizon"),
            wide("site", "Phoenix lease", {"2027Q1": 4, "2028Q1": 6}, "assumption"),
        ],
        "space": [
            wide("site", "Dallas hall", {"2027Q1": 140}, "assumption"),
            wide("site", "Phoenix lease", {"2027Q1": 100}, "assumption"),
        ],
        "budget": [
            wide("budget", "capex", {"2027Q1": 25e6, "2027Q3": 40e6, "2028Q3": 60e6}, "assumption: capex a quarter")
        ],
        "allocation": [
            wide("generation", "Vera Rubin NVL72", {"2027Q1": 2, "2027Q3": 6, "2028Q3": 20}, "assumption: ramp"),
            wide("generation", "MI355X", {"2027Q1": 120}, "assumption"),
        ],
    }
