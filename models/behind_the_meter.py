"""behind-the-meter: what to build where until the grid comes, carbon priced. See behind-the-meter.md."""

from __future__ import annotations

from typing import Any

from common import compute, generation, item, plant, settings, site, wide

NAME = "behind-the-meter"
ABOUT = (
    (
        "Compute is promised for 2027 to 2031; the grid comes to Columbus in 2031 and to Abilene "
        "in small steps. Fuel cells, gas"
    ),
    (
        "turbines, a combined-cycle plant and solar with storage can be built; compute can be "
        "rented. Least cost, carbon priced."
    ),
    (
        "Every row names its source in data/ or says that it is an estimate or an assumption. "
        "The note is behind-the-meter.md."
    ),
)


def frames() -> dict[str, Any]:
    """All sheets."""
    basis = "fp8_inference"
    rack = {"lead_time": 2, "install_cost": 120_000, "remove_cost": 120_000}
    firm = round(1 / item("onsite_overbuild"), 3)
    lease = (item("rent_us_2025"), "data/finance.csv rent_us_2025")
    reserve = (item("demand_reserve"), "data/finance.csv demand_reserve, as a proxy")
    over = "availability 1/1.68: data/finance.csv onsite_overbuild"
    return {
        "settings": settings(
            {
                "title": ("Behind the meter: power until the grid comes", ""),
                "start": ("2027Q1", ""),
                "periods": (20, "five years of quarters"),
                "objective": ("cost", "meet the demand at least cost"),
                "discount_rate": (0.08, "assumption"),
                "depreciation_years": (6, "data/finance.csv life_msft"),
                "terminal_value": ("book", ""),
                "utilisation": (item("mfu_fp8"), "data/finance.csv mfu_fp8; estimate"),
                "carbon_price_per_t": (60, "assumption"),
                "compute_unit": ("H100e", "FP8 peak of one H100"),
                "mip_gap": (0.005, "plants are lumpy"),
            }
        ),
        "generations": [
            generation("GB300 NVL72", basis, **rack, opex_per_year=80_000, last_order="2028Q4"),
            generation(
                "Vera Rubin NVL72", basis, **(rack | {"lead_time": 3}), opex_per_year=156_000, price_decline=0.03
            ),
            generation(
                "Kyber NVL144",
                basis,
                {"price": (24_000_000, "Vera Rubin's price per FP8 PFLOPS less 22 %")},
                **(rack | {"lead_time": 3, "install_cost": 500_000, "remove_cost": 500_000}),
                opex_per_year=480_000,
            ),
        ],
        "sites": [
            site(
                "Columbus",
                "columbus",
                {"capacity_per_kw_month": reserve},
                overhead=0.08,
                max_rack_kw=650,
                cooling="liquid",
                fixed_per_year=3_000_000,
            ),
            site(
                "Abilene",
                "abilene",
                {"pue": (1.2, "no figure of the market; dry cooling assumed")},
                overhead=0.08,
                max_rack_kw=650,
                cooling="liquid",
                fixed_per_year=3_000_000,
            ),
            site(
                "Phoenix lease", "phoenix", {"rent_per_kw_month": lease}, overhead=0.08, max_rack_kw=250, cooling="both"
            ),
        ],
        "power": [
            wide(
                "site",
                "Columbus",
                {"2027Q1": 0, "2031Q1": 60},
                "assumption; the wait is 5 to 7 years (data/markets.csv, columbus)",
            ),
            wide("site", "Abilene", {"2027Q1": 0, "2029Q1": 8, "2030Q1": 16}, "assumption: grid in two small steps"),
            wide(
                "site",
                "Phoenix lease",
                {"2027Q1": 4, "2028Q1": 6},
                "assumption; vacancy 1.9 % (data/markets.csv, phoenix)",
            ),
        ],
        "allocation": [
            wide("generation", "Vera Rubin NVL72", {"2027Q1": 8, "2027Q4": 20, "2028Q3": 40}, "assumption: ramp"),
            wide("generation", "Kyber NVL144", {"2027Q1": 0, "2028Q4": 4, "2029Q3": 12}, "assumption: ramp"),
        ],
        "demand": [
            wide(
                "workload",
                "all",
                {
                    "2027Q1": 0,
                    "2027Q2": 800,
                    "2027Q4": 3000,
                    "2028Q2": 6000,
                    "2028Q4": 12000,
                    "2029Q2": 20000,
                    "2029Q4": 28000,
                    "2030Q2": 36000,
                    "2030Q4": 45000,
                    "2031Q2": 56000,
                },
                "assumption: contracted, H100e delivered on average",
                measure="minimum",
            ),
        ],
        "power_options": [
            plant(
                "Columbus fuel cells",
                "fuel_cell",
                "Columbus",
                6.5,
                lead_quarters=4,
                max_builds=8,
                why=(
                    "twenty modules a build; lead time: AEP Ohio's projects take 1-2 years "
                    "(data/supply_options.csv, fuel_cell)"
                ),
            ),
            plant(
                "Abilene fuel cells",
                "fuel_cell",
                "Abilene",
                6.5,
                lead_quarters=2,
                max_builds=2,
                why="twenty modules a build; lead time: 55 days to 24 months, 2 quarters assumed",
            ),
            plant(
                "Abilene turbines",
                "gas_frame",
                "Abilene",
                42,
                lead_quarters=7,
                max_builds=1,
                availability=firm,
                why=f"lead time: market lead 20 months; a tenth of EIA's 419 MW plant, cost per kW kept; {over}",
            ),
            plant(
                "Columbus aeroderivatives",
                "gas_aero",
                "Columbus",
                30,
                lead_quarters=12,
                max_builds=2,
                availability=firm,
                why=f"lead time: market lead 36-60 months; a module of about 30 MW, cost per kW kept; {over}",
            ),
            plant(
                "Columbus combined cycle",
                "gas_ccgt",
                "Columbus",
                60,
                lead_quarters=14,
                max_builds=1,
                availability=0.85,
                why="lead time: market lead 36-48 months; a share of a 1,227 MW plant, so less overbuild: assumption",
            ),
            plant(
                "Abilene solar and storage",
                "solar_storage",
                "Abilene",
                60,
                lead_quarters=8,
                max_builds=2,
                availability=0.2,
                earliest="2027Q2",
                why="availability: capacity factor 0.28 (data/supply_options.csv), of which 0.20 is taken as"
                " firm; the storage row states no duration",
            ),
        ],
        "rental": [
            wide(
                "workload",
                "all",
                {"2027Q1": 3000},
                "price: data/finance.csv rent_h100_2026m03 / 0.30 utilisation; kw: H100"
                " 10.2 kW / 8 x 1.2 / 0.30; amount: assumption",
                price_per_unit_hour=round(item("rent_h100_2026m03") / item("mfu_fp8"), 2),
                kw_per_compute_unit=round(10.2 / compute("H100", basis) * 1.2 / item("mfu_fp8"), 2),
            ),
        ],
    }
