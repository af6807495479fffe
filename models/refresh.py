"""refresh: an A100 and H100 fleet at nearly written-off book value in scarce powered halls. See refresh.md."""

from __future__ import annotations

from typing import Any

from common import compute, decline, generation, item, settings, site, wide

NAME = "refresh"
ABOUT = (
    (
        "A European operator cannot get new power before 2029. Its halls are full of A100 (book "
        "value nearly nil) and H100."
    ),
    (
        "Retire them for what they fetch, move them to a small cheap hall in the north, or let "
        "them run on? And what comes in?"
    ),
    "Every row names its source in data/ or says that it is an estimate or an assumption. The note is refresh.md.",
)


def frames() -> dict[str, Any]:
    """All sheets."""
    basis = "bf16_training"
    server = {"lead_time": 1, "install_cost": 15_000, "remove_cost": 8_000}
    derate = item("peak_share_mi300") / item("peak_share_hopper")
    a100 = decline(40_000, 1 - 0.282, "2027Q1", 16, -2)
    h100 = {"2027Q1": 160_000} | decline(160_000, 0.85, "2028Q1", 12, -2)
    return {
        "settings": settings(
            {
                "title": ("Refresh: old chips in scarce halls", ""),
                "start": ("2027Q1", ""),
                "periods": (16, "four years"),
                "objective": ("balanced", ""),
                "watt_basis": ("available", ""),
                "discount_rate": (0.08, "assumption"),
                "compute_floor": (0.7, "assumption"),
                "depreciation_years": (6, "data/finance.csv life_msft"),
                "terminal_value": ("resale", "what units fetch"),
                "compute_value_decline": (0.15, "assumption"),
                "utilisation": (item("mfu_bf16"), "data/finance.csv mfu_bf16; estimate"),
                "compute_unit": ("H100e", "BF16 peak of one H100"),
                "carbon_price_per_t": (80, "assumption: about the EU's price"),
                "mip_gap": (0.005, ""),
            }
        ),
        "generations": [
            generation(
                "A100", basis, **server, opex_per_year=4_000, opex_growth=0.15, service_years=8, last_order="2025Q4"
            ),
            generation("H100", basis, **server, opex_per_year=6_000, opex_growth=0.1, service_years=8),
            generation("B200", basis, **server, opex_per_year=8_000, lot=4, last_order="2027Q4"),
            generation("B300", basis, **server, opex_per_year=11_000, lot=4),
            generation(
                "MI350X",
                basis,
                {
                    "compute": (
                        round(compute("MI350X", basis) * derate, 2),
                        (
                            "BF16 peak x 0.55 / 0.80, the shares"
                            " of peak reached (data/finance.csv peak_share_mi300, peak_share_hopper)"
                        ),
                    )
                },
                **server,
                opex_per_year=5_000,
                lot=4,
            ),
            generation(
                "GB300 NVL72",
                basis,
                **(server | {"lead_time": 2, "install_cost": 120_000, "remove_cost": 120_000}),
                opex_per_year=80_000,
            ),
        ],
        "sites": [
            site(
                "Dublin 1",
                "dublin",
                {"energy_per_mwh": (140, "no price found for the market; between Germany and Sweden")},
                overhead=0.08,
                max_rack_kw=41,
                cooling="air",
                fixed_per_year=1_500_000,
                campus="Dublin",
            ),
            site(
                "Dublin 2",
                "dublin",
                {"energy_per_mwh": (140, "no price found for the market; between Germany and Sweden")},
                overhead=0.08,
                max_rack_kw=140,
                cooling="liquid",
                fixed_per_year=1_500_000,
                campus="Dublin",
            ),
            site(
                "Frankfurt",
                "frankfurt",
                {
                    "energy_per_mwh": (
                        150,
                        "wholesale 84.6 (data/markets.csv) plus charges; the business price of 272.8 is an upper bound",
                    )
                },
                overhead=0.08,
                max_rack_kw=60,
                cooling="air",
                fixed_per_year=1_500_000,
            ),
            site(
                "Lulea",
                "lulea",
                {"energy_per_mwh": (50, "far below the national business price of 179 (data/markets.csv)")},
                overhead=0.08,
                max_rack_kw=30,
                cooling="air",
                fixed_per_year=600_000,
            ),
        ],
        "power": [
            wide(
                "site",
                "Dublin",
                {"2027Q1": 6, "2029Q1": 9},
                "assumption: no new connection before 2028 (data/markets.csv, dublin)",
            ),
            wide("site", "Dublin 1", {"2027Q1": 6}, "assumption"),
            wide("site", "Dublin 2", {"2027Q1": 0, "2028Q1": 5}, "assumption: a hall refitted for liquid cooling"),
            wide("site", "Frankfurt", {"2027Q1": 5}, "assumption: wait 7-10 years (data/markets.csv, frankfurt)"),
            wide("site", "Lulea", {"2027Q1": 1.5, "2028Q1": 2.5}, "assumption"),
        ],
        "fleet": [
            {
                "generation": "A100",
                "site": "Dublin 1",
                "delivered": "2021Q2",
                "units": 560,
                "price": 199_000,
                "source": "price: data/accelerators_sources.csv, DGX A100 at release (alternative); units: assumption",
            },
            {
                "generation": "A100",
                "site": "Lulea",
                "delivered": "2022Q2",
                "units": 100,
                "price": 167_000,
                "source": "price: data/accelerators_sources.csv, HGX A100 of 2022 (alternative); units: assumption",
            },
            {
                "generation": "H100",
                "site": "Frankfurt",
                "delivered": "2023Q3",
                "units": 320,
                "price": 296_644,
                "source": "price: data/generations.csv, H100; units: assumption",
            },
        ],
        "resale_prices": [
            wide(
                "generation",
                "A100",
                a100,
                "estimate: 5,000 USD a GPU, the low end of 4-18k for old boards in bulk "
                "(data/finance.csv used_a100_2026), falling by 28.2 % a"
                " year (used_a100_decline)",
            ),
            wide(
                "generation",
                "H100",
                h100,
                "data/finance.csv used_h100_2026 (20,000 a GPU, no trend so far) through 2027; estimate:"
                " 15 % a year from then on",
            ),
        ],
        "budget": [wide("budget", "capex", {"2027Q1": 25e6, "2028Q1": 35e6}, "assumption: capex a quarter")],
        "projects": [
            {
                "project": "Checkpointing and input pipeline",
                "workload": "*",
                "uplift": 0.05,
                "cost": 1_500_000,
                "cost_per_year": 400_000,
                "lead_time": 2,
                "source": (
                    "assumption: one study fixed two bad jobs by far more (see data/README.md), a fleet gains little"
                ),
            },
        ],
    }
