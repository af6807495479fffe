"""The products of warm-shells: what can be ordered, and what a unit of it computes."""

from __future__ import annotations

from typing import Any

from common import compute, generation, item

COMMON = {"lead_time": 2, "deposit": 0.2, "install_cost": 20_000, "remove_cost": 20_000}
RACKS = {"install_cost": 120_000, "remove_cost": 120_000}


SHARES = {"H100": "hopper", "H200": "hopper", "MI355X": "mi300"}  # the others: Blackwell's, also assumed for Rubin


def generations() -> list[dict[str, Any]]:
    """Nine generations, from what is still on sale to the 600 kW rack."""

    def upkeep(price: float) -> dict[str, Any]:
        return {"opex_per_year": round(0.02 * price, -3)}

    basis, rack = "fp8_inference", COMMON | RACKS
    late = rack | {"lead_time": 3}
    return [
        generation(
            "H100",
            basis,
            {"resale_decline": (0.15, "no decline was measured so far; 15 % from here on")},
            **COMMON,
            **upkeep(296_644),
            service_years=7,
        ),
        generation(
            "H200",
            basis,
            {"last_order": ("2027Q2", "OEM stock; Cisco stopped in 2026-06")},
            **COMMON,
            **upkeep(312_667),
        ),
        generation("B200", basis, **COMMON, **upkeep(379_273), last_order="2027Q4"),
        generation("B300", basis, **COMMON, **upkeep(533_000), last_order="2028Q4"),
        generation("MI355X", basis, **COMMON, **upkeep(303_600), last_order="2028Q2"),
        generation(
            "GB200 NVL72",
            basis,
            {"price": (3_750_000, "the later of two prices (Morgan Stanley, May 2026; data/accelerators_sources.csv)")},
            **rack,
            **upkeep(3_750_000),
            last_order="2027Q1",
        ),
        generation("GB300 NVL72", basis, **rack, **upkeep(4_000_000), last_order="2028Q2"),
        generation("Vera Rubin NVL72", basis, **late, **upkeep(7_800_000), price_decline=0.03),
        generation(
            "Kyber NVL144",
            basis,
            {"price": (24_000_000, "Vera Rubin's price per FP8 PFLOPS less 22 %")},
            **(late | {"install_cost": 500_000, "remove_cost": 500_000}),
            **upkeep(24_000_000),
        ),
    ]


def performance() -> list[dict[str, Any]]:
    """Training by BF16, inference by FP8, each as the share of its peak that a matrix multiply reaches.

    Peaks do not tell GB300 from GB200 nor B300 from B200; what was measured between them does.
    """
    measured = {
        "GB300 NVL72": ("GB200 NVL72", "mlperf_training_405b", "mlperf_reasoning"),
        "B300": ("B200", "mlperf_training", "mlperf_reasoning"),
    }
    rows = []
    for row in generations():
        name = row["generation"]
        share = f"peak_share_{SHARES.get(name, 'blackwell')}"
        factor = item(share) / item("peak_share_hopper")
        training, inference = compute(name, "bf16_training"), compute(name, "fp8_inference")
        said = f"data/generations.csv, {name}: compute_fp8_inference"
        if name == "Kyber NVL144":
            training = inference * 1979 / 989.4 / 4.375
            said += "; estimate: training, its FP8 rate / 4.375 (Vera Rubin's ratio of FP8 to BF16)"
        else:
            said += ", compute_bf16_training"
        if name in measured:
            other, train, infer = measured[name]
            training *= compute(name, train) / compute(other, train)
            inference *= compute(name, infer) / compute(other, infer)
            said += f"; x the measured gain over {other} (compute_{train}, compute_{infer})"
        said += f"; x {factor:.3g}, estimate: data/finance.csv {share} / peak_share_hopper"
        if name in ("Vera Rubin NVL72", "Kyber NVL144"):
            said += " (Rubin assumed as Blackwell)"
        rows.append(
            {
                "generation": name,
                "training": round(training * factor, 1),
                "inference": round(inference * factor, 1),
                "source": said,
            }
        )

    return rows
