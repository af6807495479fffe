"""warm-shells: chips in the warehouse, halls late. See warm-shells.md."""

from __future__ import annotations

from typing import Any

from common import item, plant, settings, site, wide
from warm_shells_products import generations, performance

NAME = "warm-shells"
ABOUT = (
    "A cloud operator at the end of 2026 owns GB200 and B200 units that no hall can power yet. Six halls: one old and",
    (
        "air-cooled, one leased, three late, one behind the meter with gas, one in Riyadh by "
        "licence. What to order, when, where?"
    ),
    "Every row names its source in data/ or says that it is an estimate or an assumption. The note is warm-shells.md.",
)


def sites() -> list[dict[str, Any]]:
    """Six halls in five markets."""
    usual = {"overhead": 0.08}
    lease = (
        item("rent_us_2025"),
        "data/finance.csv rent_us_2025, 250-500 kW asking rent of US primary markets, paid for the whole lease",
    )
    reserve = (item("demand_reserve"), "data/finance.csv demand_reserve, the one reservation charge found, as a proxy")
    return [
        site("Elk Grove (old)", "chicago", **usual, max_rack_kw=41, cooling="air", fixed_per_year=1_500_000),
        site("Phoenix colo", "phoenix", {"capacity_per_kw_month": lease}, **usual, max_rack_kw=60, cooling="air"),
        site(
            "Ashburn",
            "nova",
            {"capacity_per_kw_month": reserve},
            **usual,
            max_rack_kw=250,
            cooling="both",
            fixed_per_year=3_000_000,
        ),
        site(
            "New Albany",
            "columbus",
            {"capacity_per_kw_month": reserve},
            **usual,
            max_rack_kw=650,
            cooling="liquid",
            fixed_per_year=3_000_000,
        ),
        site(
            "Abilene",
            "abilene",
            {"pue": (1.2, "no figure of the market; Dallas has 1.12, dry cooling on site assumed")},
            **usual,
            max_rack_kw=650,
            cooling="liquid",
            fixed_per_year=3_000_000,
        ),
        site(
            "Riyadh",
            "saudi",
            {"pue": (1.27, "no figure of the market; as Abu Dhabi (data/markets.csv)")},
            **usual,
            max_rack_kw=250,
            cooling="both",
            fixed_per_year=2_000_000,
        ),
    ]


def power() -> list[dict[str, Any]]:
    """A believable ramp: what is there, what comes late, what comes in steps."""
    return [
        wide("site", "Elk Grove (old)", {"2026Q4": 10}, "assumption: energised for years"),
        wide(
            "site",
            "Phoenix colo",
            {"2026Q4": 5, "2027Q4": 8},
            "assumption: leased in two steps; vacancy 1.9 % (data/markets.csv)",
        ),
        wide(
            "site",
            "Ashburn",
            {"2026Q4": 0, "2027Q2": 8, "2028Q1": 16, "2029Q1": 24},
            "assumption: substation in steps; the queue is up to 7 years (data/markets.csv, nova)",
        ),
        wide(
            "site",
            "New Albany",
            {"2026Q4": 0, "2028Q2": 10, "2029Q2": 20, "2030Q2": 30, "2031Q2": 40},
            "assumption: AEP Ohio's tariff ramps over 4 years (data/markets.csv, columbus: notes)",
        ),
        wide(
            "site",
            "Abilene",
            {"2026Q4": 0, "2030Q3": 30},
            "assumption: grid in 2030; until then only what is built on site",
        ),
        wide("site", "Riyadh", {"2026Q4": 0, "2027Q3": 10, "2028Q3": 20}, "assumption: hall ready before the licence"),
    ]


def frames() -> dict[str, Any]:
    """All sheets."""
    per_rack = 11.7e6 * 1.085 * 0.132 * (0.21 + 0.10)
    racks = {
        "Elk Grove (old)": 420,
        "Phoenix colo": 200,
        "Ashburn": 110,
        "New Albany": 80,
        "Abilene": 110,
        "Riyadh": 80,
    }
    return {
        "settings": settings(
            {
                "title": ("Warm shells: chips in the warehouse, halls late", ""),
                "start": ("2026Q4", ""),
                "periods": (20, "five years of quarters"),
                "period_length": ("quarter", ""),
                "objective": ("balanced", "the smaller of compute per watt and per dollar, each over its best"),
                "watt_basis": ("available", "stranded power counts against the plan"),
                "discount_rate": (
                    0.08,
                    "assumption: no hyperscaler's WACC is sourced (data/finance.csv wacc_msft is a hole)",
                ),
                "depreciation_years": (6, "data/finance.csv life_msft: six years, straight line"),
                "terminal_value": ("book", ""),
                "compute_unit": ("H100e", "one H100 at its dense peak"),
                "compute_value_decline": (
                    0.23,
                    "assumption: 1 - 1/1.30, the low end of data/finance.csv epoch_price_performance",
                ),
                "compute_floor": (0.8, "assumption: at least 80 % of the compute that is attainable"),
                "mip_gap": (0.006, "racks of 600 kW and builds are lumpy"),
                "carbon_price_per_t": (30, "assumption"),
                "max_generation_share": (0.6, "assumption: no more than 60 % of capex on one generation"),
            }
        ),
        "generations": generations(),
        "sites": sites(),
        "power": power(),
        "space": [wide("site", s, {"2026Q4": n}, "assumption: rack positions of the hall") for s, n in racks.items()],
        "budget": [
            wide(
                "budget",
                "capex",
                {"2026Q4": 100e6, "2027Q3": 150e6, "2028Q3": 200e6, "2029Q3": 250e6},
                "assumption: capex a quarter; what is left carries over",
            )
        ],
        "allocation": [
            wide("generation", "GB300 NVL72", {"2026Q4": 20, "2027Q3": 30}, "assumption: vendor allocation a quarter"),
            wide(
                "generation",
                "Vera Rubin NVL72",
                {"2026Q4": 0, "2027Q1": 6, "2027Q3": 16, "2028Q2": 40},
                "assumption: ramp; NVIDIA began production shipments in 2026-08 (data/accelerators_sources.csv)",
            ),
            wide(
                "generation", "Kyber NVL144", {"2026Q4": 0, "2028Q4": 4, "2029Q3": 12}, "assumption: ramp from end 2028"
            ),
        ],
        "workloads": [
            {"workload": "training", "utilisation": item("mfu_bf16"), "source": "data/finance.csv mfu_bf16; estimate"},
            {"workload": "inference", "utilisation": item("mfu_fp8"), "source": "data/finance.csv mfu_fp8; estimate"},
        ],
        "performance": performance(),
        "demand": [
            wide(
                "workload",
                "training",
                {"2026Q4": 600, "2027Q4": 2500, "2028Q4": 5000, "2029Q4": 8000},
                "assumption: contracted training, H100e delivered on average",
                measure="minimum",
            ),
            wide(
                "workload",
                "inference",
                {"2026Q4": 20000, "2028Q1": 60000, "2029Q1": 200000},
                "assumption: the most inference that can be sold",
                measure="maximum",
            ),
            wide(
                "workload",
                "training",
                {"2026Q4": 4000, "2028Q1": 12000, "2029Q1": 20000},
                "assumption: the most training that is wanted",
                measure="maximum",
            ),
        ],
        "compute_path": [
            wide(
                "generation",
                "Vera Rubin NVL72",
                {"2026Q4": 0.75, "2027Q3": 0.85, "2028Q1": 0.95, "2028Q3": 1},
                (
                    "estimate: young software; GB300 gained 1.6x in six months (data/finance.csv "
                    "software_gb300), taken with care"
                ),
            ),
        ],
        "fleet": [
            {
                "generation": "GB200 NVL72",
                "site": "warehouse",
                "delivered": "2026Q2",
                "units": 16,
                "price": 3_100_000,
                "source": (
                    "price of 2025: data/generations.csv, GB200 NVL72 (estimate); units: assumption (no "
                    "operator says how many)"
                ),
            },
            {
                "generation": "GB200 NVL72",
                "site": "warehouse",
                "delivered": "2026Q3",
                "units": 20,
                "price": 3_100_000,
                "source": "price of 2025: data/generations.csv, GB200 NVL72 (estimate); units: assumption",
            },
            {
                "generation": "B200",
                "site": "warehouse",
                "delivered": "2026Q3",
                "units": 120,
                "price": 379_273,
                "source": "price: data/generations.csv, B200; units: assumption",
            },
            {
                "generation": "H100",
                "site": "Elk Grove (old)",
                "delivered": "2023Q4",
                "units": 620,
                "price": 296_644,
                "source": "price: data/generations.csv, H100; units: assumption",
            },
            {
                "generation": "H200",
                "site": "Phoenix colo",
                "delivered": "2025Q1",
                "units": 240,
                "price": 312_667,
                "source": "price: data/generations.csv, H200; units: assumption",
            },
        ],
        "committed": [
            {
                "generation": "GB300 NVL72",
                "delivery": "2027Q1",
                "units": 12,
                "price": 4_000_000,
                "source": "price: data/generations.csv, GB300 NVL72 (estimate); units and date: assumption",
            },
        ],
        "licences": [
            {
                "generation": "*",
                "site": "Riyadh",
                "allowed": "yes",
                "from": "2027Q4",
                "max_units": 160,
                "source": "data/markets.csv, saudi: licence required, 35,000 GB300 equivalents for the country's "
                "champion"
                " (486 racks); assumption: a third of it for this operator, granted by 2027Q4",
            },
            {
                "generation": "Vera Rubin NVL72",
                "site": "Riyadh",
                "allowed": "yes",
                "from": "2029Q1",
                "source": "assumption: newer parts are licensed later",
            },
            {"generation": "Kyber NVL144", "site": "Riyadh", "allowed": "no", "source": "assumption"},
        ],
        "power_options": [
            plant(
                "Abilene fuel cells",
                "fuel_cell",
                "Abilene",
                2.6,
                lead_quarters=2,
                max_builds=8,
                earliest="2027Q1",
                why="eight modules of 325 kW a build; lead time: market lead of 2 to 24 months, 2 quarters assumed",
            ),
        ],
        "shell_options": [
            {
                "option": "New Albany row",
                "site": "New Albany",
                "adds_racks": 20,
                "capex": round(20 * per_rack, -5),
                "lead_time": 7,
                "earliest": "2027Q1",
                "max_builds": 4,
                "source": "capex: data/finance.csv dc_us_avg x dc_ai_premium x (dc_share_shell + dc_share_white) "
                "at 132 kW a rack;"
                " lead time: build_shell, 21 months; size: assumption",
            },
        ],
        "projects": [
            {
                "project": "Scheduler and checkpoints",
                "workload": "training",
                "uplift": 0.08,
                "cost": 4_000_000,
                "cost_per_year": 1_500_000,
                "lead_time": 2,
                "earliest": "2027Q1",
                "source": (
                    "assumption: far below the 34 to 54 % that software alone gave H100 in 2024 "
                    "(data/finance.csv mfu_bf16)"
                ),
            },
        ],
        "rental": [
            wide(
                "workload",
                "training",
                {"2026Q4": 400},
                "price: data/finance.csv rent_h100_2026m03 (one-year contract) / 0.40"
                " utilisation; kw: H100 10.2 kW / 8 x 1.2; amount: assumption",
                price_per_unit_hour=round(item("rent_h100_2026m03") / item("mfu_bf16"), 2),
                kw_per_compute_unit=3.8,
            ),
        ],
    }
