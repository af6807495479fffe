"""neocloud: a tight budget, capital at 12 %, revenue per compute hour. See neocloud.md."""

from __future__ import annotations

from typing import Any

from common import compute, decline, generation, item, settings, site, wide

NAME = "neocloud"
ABOUT = (
    (
        "A neocloud rents halls in Dallas and Phoenix, pays 12 % for capital and sells "
        "accelerator hours at a price that falls."
    ),
    "What to buy with a tight budget, and when to stop buying? The objective is the present value of the business.",
    "Every row names its source in data/ or says that it is an estimate or an assumption. The note is neocloud.md.",
)


def frames() -> dict[str, Any]:
    """All sheets."""
    basis = "bf16_training"
    server = {"lead_time": 1, "deposit": 0.25, "install_cost": 15_000, "remove_cost": 10_000, "lot": 4}
    rack = {"lead_time": 2, "deposit": 0.25, "install_cost": 120_000, "remove_cost": 120_000}
    lease = (item("rent_us_2025"), "data/finance.csv rent_us_2025")
    derate = item("peak_share_mi300") / item("peak_share_hopper")
    price = decline(item("rent_h100_2026m05"), 0.85, "2026Q4", 16)
    young = round(compute("Vera Rubin NVL72", basis), 1)
    return {
        "settings": settings(
            {
                "title": ("Neocloud: what to buy with dear money", ""),
                "start": ("2026Q4", ""),
                "periods": (16, "four years"),
                "objective": ("npv", ""),
                "discount_rate": (
                    0.12,
                    (
                        "assumption, between CoreWeave's 9.0-9.25 % notes and its 15 % facility of"
                        " 2023 (data/finance.csv debt_crwv_notes, debt_crwv_ddtl1)"
                    ),
                ),
                "depreciation_years": (6, "data/finance.csv life_crwv (Nebius: 4, life_nbis)"),
                "terminal_value": ("resale", "what units fetch"),
                "utilisation": (0.65, "assumption: share of hours sold on demand"),
                "budget_carry_over": ("yes", ""),
                "compute_unit": ("H100e", "BF16 peak of one H100, which is what the hourly price is quoted for"),
                "mip_gap": (0.002, ""),
            }
        ),
        "generations": [
            generation(
                "H200",
                basis,
                {"last_order": ("2027Q2", "OEM stock; Cisco stopped in 2026-06")},
                **server,
                opex_per_year=9_000,
            ),
            generation("B200", basis, **server, opex_per_year=11_000),
            generation("B300", basis, **server, opex_per_year=16_000),
            generation(
                "MI355X",
                basis,
                {
                    "compute": (
                        round(compute("MI355X", basis) * derate, 2),
                        (
                            "BF16 peak x 0.55 / 0.80, the shares of"
                            " peak reached (data/finance.csv peak_share_mi300, peak_share_hopper)"
                        ),
                    )
                },
                **server,
                opex_per_year=9_000,
            ),
            generation("GB300 NVL72", basis, **rack, opex_per_year=120_000),
            generation(
                "Vera Rubin NVL72",
                basis,
                {"compute": (young, "BF16 as its vendor states it (data/generations.csv)")},
                **(rack | {"lead_time": 3}),
                opex_per_year=234_000,
                price_decline=0.05,
            ),
        ],
        "sites": [
            site(
                "Dallas lease", "dallas", {"rent_per_kw_month": lease}, overhead=0.08, max_rack_kw=250, cooling="both"
            ),
            site(
                "Phoenix lease",
                "phoenix",
                {"rent_per_kw_month": ((170 + 210) / 2, "data/markets.csv, phoenix: mid of 170-210 asking")},
                overhead=0.08,
                max_rack_kw=60,
                cooling="air",
            ),
        ],
        "power": [
            wide("site", "Dallas lease", {"2026Q4": 3, "2027Q3": 6, "2028Q3": 10}, "assumption: options of the lease"),
            wide("site", "Phoenix lease", {"2026Q4": 3}, "assumption"),
        ],
        "budget": [
            wide(
                "budget",
                "capex",
                {"2026Q4": 12e6, "2027Q4": 16e6, "2028Q4": 12e6},
                "assumption: drawn debt and equity a quarter",
            )
        ],
        "allocation": [
            wide("generation", "GB300 NVL72", {"2026Q4": 2}, "assumption: a small buyer's allocation"),
            wide("generation", "Vera Rubin NVL72", {"2026Q4": 0, "2027Q3": 1, "2028Q2": 3}, "assumption"),
        ],
        "demand": [
            wide(
                "workload",
                "all",
                price,
                "data/finance.csv rent_h100_2026m05 (2.95 an H100-hour, on demand); assumption: falls by 15 % a year (a"
                " one-year contract fell to 1.70 and rose to 2.35)",
                measure="value",
            ),
            wide(
                "workload",
                "all",
                {"2026Q4": 1800, "2027Q4": 3200, "2028Q4": 4200, "2029Q4": 5200},
                "assumption: the most that can be sold, H100e delivered on average",
                measure="maximum",
            ),
        ],
        "fleet": [
            {
                "generation": "H200",
                "site": "Phoenix lease",
                "delivered": "2025Q2",
                "units": 60,
                "price": 312_667,
                "source": "price: data/generations.csv, H200; units: assumption",
            },
        ],
    }
