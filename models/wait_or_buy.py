"""wait-or-buy: GB300 now, or Vera Rubin or Kyber later, under both published claims. See wait-or-buy.md."""

from __future__ import annotations

from typing import Any

from common import compute, decline, generation, item, product, settings, site, wide

NAME = "wait-or-buy"
ABOUT = (
    (
        "A 24 MW hall is powered now, 12 MW more comes in 2028. GB300 can be had today, Vera "
        "Rubin in small numbers, Kyber late."
    ),
    (
        "Two workbooks differ in one figure only: what a Vera Rubin rack does on DeepSeek-R1 "
        "(MLPerf preview, or SemiAnalysis)."
    ),
    "Every row names its source in data/ or says that it is an estimate or an assumption. The note is wait-or-buy.md.",
)
CLAIMS = {
    "mlperf": "Vera Rubin at MLPerf's preview: 1.03 (offline) and 1.25 (server) times GB300 per kW",
    "semianalysis": "Vera Rubin at SemiAnalysis's report: 5.4 times GB200 per MW",
}
SERVER_OVER_OFFLINE = 8064 / 9820  # GB300, MLPerf Inference v6.0 (data/finance.csv vr_gain_server, vr_gain_offline)


def per_kw(name: str) -> float:
    """DeepSeek-R1 offline H100-equivalents per kW."""
    return compute(name, "mlperf_reasoning") / float(product(name)["power_kw"])


def performance(claim: str) -> list[dict[str, Any]]:
    """Offline and interactive (server) throughput on DeepSeek-R1, in H100-equivalents of offline throughput."""
    gb300, kw = compute("GB300 NVL72", "mlperf_reasoning"), 227.0
    server = gb300 * SERVER_OVER_OFFLINE
    if claim == "mlperf":
        rubin = {
            "offline": item("vr_gain_offline") * gb300 / 140 * kw,
            "interactive": item("vr_gain_server") * server / 140 * kw,
        }
        said = "data/finance.csv vr_gain_offline, vr_gain_server (MLPerf v6.1 preview) x GB300 per kW x 227 kW"
    else:
        value = item("vr_gain_semianalysis") * per_kw("GB200 NVL72") * kw
        rubin = {"offline": value, "interactive": value}
        said = "data/finance.csv vr_gain_semianalysis x GB200 per kW x 227 kW; pre-production, not verified"
    kyber = 5000 / 600 / (1260 / 227)
    return [
        {
            "generation": "GB300 NVL72",
            "offline": round(gb300, 1),
            "interactive": round(server, 1),
            "source": "data/generations.csv, GB300 NVL72: compute_mlperf_reasoning (estimate: chained through "
            "H200); interactive"
            " x 8,064 / 9,820 tokens (MLPerf Inference v6.0)",
        },
        {"generation": "Vera Rubin NVL72", **{k: round(v, 1) for k, v in rubin.items()}, "source": said},
        {
            "generation": "Kyber NVL144",
            **{k: round(v / kw * kyber * 600, 1) for k, v in rubin.items()},
            "source": (
                f"estimate: Vera Rubin per kW x {kyber:.2f} (FP8 target of 2025, 5,000 PF in 600 kW, over "
                "1,260 PF in 227 kW)"
            ),
        },
    ]


def frames(claim: str = "mlperf") -> dict[str, Any]:
    """All sheets under one of the claims."""
    rack = {"lead_time": 2, "deposit": 0.2, "install_cost": 120_000, "remove_cost": 120_000}
    basis = "mlperf_reasoning"
    worth = item("rent_b200_2026mid") / (compute("B200", "mlperf_reasoning") / 8)
    falls = 1 / (1 + item("epoch_price_performance") / 100)
    value = decline(worth, falls, "2026Q4", 16)
    claimed = {row["generation"]: row["offline"] for row in performance(claim)}
    reserve = (item("demand_reserve"), "data/finance.csv demand_reserve, as a proxy")
    return {
        "settings": settings(
            {
                "title": (f"Wait or buy: {CLAIMS[claim]}", ""),
                "start": ("2026Q4", ""),
                "periods": (16, "four years of quarters"),
                "objective": ("npv", "served demand less cost"),
                "discount_rate": (0.1, "assumption"),
                "depreciation_years": (6, "data/finance.csv life_msft"),
                "terminal_value": ("resale", "what a rack fetches, not what the books say"),
                "utilisation": (
                    0.6,
                    "assumption: share of hours sold; throughput is measured, so no further loss is taken",
                ),
                "compute_unit": ("H100e", "DeepSeek-R1 offline throughput of one H100, chained through H200"),
                "mip_gap": (0.002, ""),
            }
        ),
        "generations": [
            generation("GB300 NVL72", basis, **rack, opex_per_year=80_000),
            generation(
                "Vera Rubin NVL72",
                basis,
                {"compute": (claimed["Vera Rubin NVL72"], "see performance")},
                **(rack | {"lead_time": 3}),
                opex_per_year=156_000,
                price_decline=0.03,
            ),
            generation(
                "Kyber NVL144",
                basis,
                {
                    "compute": (claimed["Kyber NVL144"], "see performance"),
                    "price": (24_000_000, "Vera Rubin's price per FP8 PFLOPS less 22 %"),
                },
                **(rack | {"lead_time": 3, "install_cost": 500_000, "remove_cost": 500_000}),
                opex_per_year=480_000,
            ),
        ],
        "sites": [
            site(
                "Columbus hall",
                "columbus",
                {"capacity_per_kw_month": reserve},
                overhead=0.08,
                max_rack_kw=250,
                cooling="liquid",
                fixed_per_year=3_000_000,
            ),
            site(
                "Columbus annex",
                "columbus",
                {"capacity_per_kw_month": reserve},
                overhead=0.08,
                max_rack_kw=650,
                cooling="liquid",
                fixed_per_year=2_000_000,
            ),
        ],
        "power": [
            wide("site", "Columbus hall", {"2026Q4": 24}, "assumption: powered and empty"),
            wide("site", "Columbus annex", {"2026Q4": 0, "2028Q3": 12}, "assumption"),
        ],
        "allocation": [
            wide("generation", "GB300 NVL72", {"2026Q4": 40}, "assumption: vendor allocation a quarter"),
            wide(
                "generation",
                "Vera Rubin NVL72",
                {"2026Q4": 4, "2027Q2": 8, "2027Q4": 16, "2028Q2": 40},
                "assumption: ramp",
            ),
            wide("generation", "Kyber NVL144", {"2026Q4": 0, "2028Q4": 4, "2029Q2": 12}, "assumption: ramp"),
        ],
        "workloads": [
            {"workload": "offline", "source": "batch work; utilisation: setting"},
            {"workload": "interactive", "source": "served at a latency limit; utilisation: setting"},
        ],
        "performance": performance(claim),
        "demand": [
            wide(
                "workload",
                "offline",
                value,
                "data/finance.csv rent_b200_2026mid (5.30 a B200-hour) over a B200's H100e;"
                " falls as price-performance grows (epoch_price_performance): assumption",
                measure="value",
            ),
            wide(
                "workload",
                "interactive",
                {k: round(1.3 * v, 3) for k, v in value.items()},
                "1.3 x offline: assumption",
                measure="value",
            ),
            wide(
                "workload",
                "interactive",
                {"2026Q4": 6000, "2027Q4": 12000, "2028Q4": 24000, "2029Q4": 36000},
                "assumption: the most that can be sold",
                measure="maximum",
            ),
        ],
    }
