"""licence: Gulf and US halls, capped units, cheap power. See licence.md."""

from __future__ import annotations

from typing import Any

from common import generation, item, market, settings, site, wide

NAME = "licence"
ABOUT = (
    (
        "A sovereign-backed operator has halls ready in Riyadh and Abu Dhabi and a late one in "
        "Dallas. Chips for Riyadh need a US"
    ),
    (
        "licence with a cap; the UAE has been in Country Group A:5 since 10 July 2026. Most "
        "compute for the money, by site."
    ),
    "Every row names its source in data/ or says that it is an estimate or an assumption. The note is licence.md.",
)


def frames() -> dict[str, Any]:
    """All sheets."""
    basis = "fp8_inference"
    rack = {"lead_time": 2, "deposit": 0.2, "install_cost": 150_000, "remove_cost": 150_000}
    cap = market("saudi")["export_cap_units"] / 72  # racks of 72 in the published licence
    ours = round(cap / 4)
    reserve = (item("demand_reserve"), "data/finance.csv demand_reserve, as a proxy")
    return {
        "settings": settings(
            {
                "title": ("Licence: Gulf and US halls", ""),
                "start": ("2027Q1", ""),
                "periods": (16, "four years of quarters"),
                "objective": ("compute_per_dollar", ""),
                "compute_floor": (0.85, "assumption"),
                "discount_rate": (0.09, "assumption"),
                "depreciation_years": (6, "data/finance.csv life_orcl"),
                "utilisation": (item("mfu_fp8"), "data/finance.csv mfu_fp8; estimate"),
                "compute_value_decline": (
                    0.23,
                    "assumption: 1 - 1/1.30 (data/finance.csv epoch_price_performance, low end)",
                ),
                "compute_unit": ("H100e", "FP8 peak of one H100"),
                "mip_gap": (0.003, ""),
            }
        ),
        "generations": [
            generation(
                "B300",
                basis,
                **(rack | {"install_cost": 20_000, "remove_cost": 20_000, "lot": 8}),
                opex_per_year=11_000,
            ),
            generation("GB300 NVL72", basis, **rack, opex_per_year=80_000),
            generation(
                "Vera Rubin NVL72", basis, **(rack | {"lead_time": 3}), opex_per_year=156_000, price_decline=0.03
            ),
        ],
        "sites": [
            site(
                "Riyadh",
                "saudi",
                {
                    "pue": (1.27, "no figure of the market; as Abu Dhabi (data/markets.csv)"),
                    "capacity_per_kw_month": reserve,
                },
                overhead=0.08,
                max_rack_kw=250,
                cooling="both",
                fixed_per_year=2_000_000,
            ),
            site(
                "Abu Dhabi",
                "abu_dhabi",
                {"capacity_per_kw_month": reserve},
                overhead=0.08,
                max_rack_kw=250,
                cooling="both",
                fixed_per_year=2_000_000,
            ),
            site(
                "Dallas",
                "dallas",
                {"capacity_per_kw_month": reserve},
                overhead=0.08,
                max_rack_kw=250,
                cooling="liquid",
                fixed_per_year=2_000_000,
            ),
        ],
        "power": [
            wide("site", "Riyadh", {"2027Q1": 20, "2028Q1": 40}, "assumption: powered ahead of the chips"),
            wide("site", "Abu Dhabi", {"2027Q1": 10, "2028Q1": 20, "2029Q1": 30}, "assumption"),
            wide(
                "site",
                "Dallas",
                {"2027Q1": 0, "2028Q3": 12, "2029Q3": 24},
                "assumption; substations take 24-30 months (data/markets.csv)",
            ),
        ],
        "budget": [wide("budget", "capex", {"2027Q1": 120e6, "2028Q1": 160e6}, "assumption: capex a quarter")],
        "allocation": [
            wide("generation", "Vera Rubin NVL72", {"2027Q1": 6, "2027Q4": 16, "2028Q3": 30}, "assumption: ramp"),
        ],
        "licences": [
            {
                "generation": "*",
                "site": "Riyadh",
                "allowed": "yes",
                "from": "2027Q2",
                "max_units": ours,
                "source": "data/markets.csv, saudi: licence required, 35,000 GB300 equivalents (486 racks of 72); "
                "assumption: a quarter"
                " of it, counted in racks, from 2027Q2",
            },
            {
                "generation": "Vera Rubin NVL72",
                "site": "Riyadh",
                "allowed": "yes",
                "from": "2028Q3",
                "max_units": 48,
                "source": "assumption: a newer part is licensed later and in fewer units",
            },
            {
                "generation": "B300",
                "site": "Riyadh",
                "allowed": "no",
                "source": "assumption: the licence names racks only",
            },
            {
                "generation": "Vera Rubin NVL72",
                "site": "Abu Dhabi",
                "allowed": "yes",
                "from": "2027Q3",
                "source": (
                    "data/markets.csv, abu_dhabi: A:5 since 2026-07-10, end-user conditions; assumption: two "
                    "quarters to clear them"
                ),
            },
        ],
    }
