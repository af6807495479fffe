"""Derive ``generations.csv``: the accelerators in the terms of the input workbook.

One row a generation; a unit is what a buyer orders (a server, a rack). Run it after a change of ``accelerators.csv`` or
``finance.csv``; it writes the same bytes each time::

    python data/derive.py            # write generations.csv
    python data/derive.py --check    # exit 1 if generations.csv is not what it would write

Rules (``A`` is accelerators a unit; H100 = 989.4 TFLOPS BF16, 1,979 TFLOPS FP8):

===========================  ===========================================================================================
compute_bf16_training        A x BF16 / 989.4 (dense peaks)
compute_fp8_inference        A x FP8 / 1979; a part without FP8 runs FP8 work at its BF16 rate (A100, estimate)
compute_mlperf_training      A x speed on Llama-2-70B LoRA (8 accelerators, MLPerf); TPUs: GPT-3, marked
compute_mlperf_training_405b A x speed on Llama-3.1-405B (512 accelerators)
compute_mlperf_inference     A x Llama-2-70B offline tokens/s / 3902
compute_mlperf_reasoning     A x DeepSeek-R1 offline tokens/s / 1113 x 4415 / 3902: chained through H200, as H100 has no
                             result (estimate)
power_kw                     unit_it_kw; else A x TDP x (unit_it_kw / (A x TDP)) of a named sibling (estimate)
load_factor                  measured_unit_kw / unit_it_kw; else the mean of the measured ones (estimate)
rack_kw                      rack_kw; an air-cooled server stands at most four to a rack: min(rack_kw, 4 x power_kw);
                             else 4 x power_kw for an air-cooled server (estimate)
racks                        power_kw / rack_kw (rack positions a unit takes)
cooling                      hybrid counts as liquid
price                        price_usd_per_unit; else A x mid of the accelerator's price range x 1.38 for the server
                             around it (estimate; openly sold products only)
resale                       used H100 price of May 2026 / mid of its new price range (estimate, one for all)
resale_decline               measured yearly decline of used prices, not below 0; else the A100's (estimate); the H100
                             has had no decline, the A100 PCIe 54.5 %: take these as the ends of the range
===========================  ===========================================================================================

A derived figure is an estimate where its rule says so or where one of its inputs is marked as one in
``accelerators.csv``. The column ``estimates`` names them, ``formulas`` says how each came about.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
H100 = "nvidia_hgx_h100"
SERVER_FACTOR = 1.38  # price of an 8-accelerator server over its accelerators (Epoch's HGX H100 inputs; an estimate)
SERVERS_A_RACK = 4  # NVIDIA's reference designs stop at four air-cooled servers a rack
POWER_LIKE = {  # whose unit power per TDP is taken where a unit's own power was not found
    "nvidia_rtx_pro_6000_x8": H100,
    "aws_trn3_ultraserver": "aws_trn2_ultraserver",
    "google_tpu_v5p": "google_tpu_v7_ironwood",
    "google_tpu_v6e": "google_tpu_v7_ironwood",
}
CLOUD_ONLY = ("Google", "AWS")
PLAIN = {  # compute column: (accelerator field, H100's value divides it)
    "compute_bf16_training": ("bf16_dense_tflops_per_accel", True),
    "compute_fp8_inference": ("fp8_dense_tflops_per_accel", True),
    "compute_mlperf_training": ("measured_train_perf", False),
    "compute_mlperf_training_405b": ("measured_train_perf_405b", False),
    "compute_mlperf_inference": ("measured_infer_tokens_per_s_per_gpu", True),
}
COLUMNS = [
    "generation", "generation_id", "vendor", "status", "sold", "unit", "accelerators", "available_from", "last_order",
    *PLAIN, "compute_mlperf_reasoning",
    "power_kw", "load_factor", "racks", "rack_kw", "cooling", "price", "price_year",
    "resale", "resale_decline", "estimates", "formulas",
]  # fmt: skip


def number(text: str) -> float | None:
    """Read a figure; None where the cell is blank."""
    return float(text) if text else None


def show(value: float | None, digits: int = 4) -> str:
    """Write a figure without trailing zeros; blank for None."""
    if value is None:
        return ""
    return f"{round(value, digits):.{digits}f}".rstrip("0").rstrip(".")


class Row:
    """One generation: its cells, and which of them are estimates and why."""

    def __init__(self, source: dict[str, str]) -> None:
        self.source = source
        self.marked = set(filter(None, source["estimates"].split(";")))
        self.cells: dict[str, str] = {}
        self.formulas: dict[str, str] = {}

    def get(self, field: str) -> float | None:
        """Return a figure of the accelerator."""
        return number(self.source[field])

    def put(self, column: str, value: float | str | None, inputs: tuple[str, ...] = (), rule: str = "") -> None:
        """Set a derived cell; it is an estimate if its rule is one (``rule`` given) or an input is marked."""
        self.cells[column] = value if isinstance(value, str) else show(value)
        if not self.cells[column]:
            return
        weak = [name for name in inputs if name in self.marked]
        if rule or weak:
            why = rule or f"from {', '.join(inputs)}"
            self.formulas[column] = why + (f" (estimated: {', '.join(weak)})" if weak else "")


def read(name: str) -> list[dict[str, str]]:
    """Rows of a table beside this script."""
    with (HERE / name).open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def derive() -> list[dict[str, str]]:
    """All rows of ``generations.csv``, as text."""
    rows = {record["generation_id"]: Row(record) for record in read("accelerators.csv")}
    finance = {record["item_id"]: record for record in read("finance.csv")}
    h100 = rows[H100].source
    measured = [r for r in rows.values() if r.get("measured_unit_kw") and r.get("unit_it_kw")]
    mean_load = sum((r.get("measured_unit_kw") or 0) / (r.get("unit_it_kw") or 1) for r in measured) / len(measured)
    mid_new = (float(h100["accel_price_low_usd"]) + float(h100["accel_price_high_usd"])) / 2
    resale = float(finance["used_h100_2026"]["value"]) / mid_new
    decline = -float(finance["used_a100_decline"]["value"]) / 100
    for key, row in rows.items():
        source = row.source
        row.cells |= {
            "generation": source["generation"], "generation_id": key, "vendor": source["vendor"],
            "status": source["status"], "sold": "cloud" if source["vendor"] in CLOUD_ONLY else "open",
            "unit": source["purchase_unit"], "price_year": source["price_year"],
        }  # fmt: skip
        row.put("accelerators", row.get("accelerators_per_unit"))
        row.put("available_from", source["available"], ("available",))
        row.put("last_order", source["last_order"], ("last_order",))
        compute(row, rows)
        power(row, rows, mean_load)
        money(row, resale, decline)
        row.cells["estimates"] = ";".join(column for column in COLUMNS if column in row.formulas)
        row.cells["formulas"] = "; ".join(f"{c} = {row.formulas[c]}" for c in COLUMNS if c in row.formulas)
    return [{column: row.cells[column] for column in COLUMNS} for row in rows.values()]


def compute(row: Row, rows: dict[str, Row]) -> None:
    """H100-equivalents of a unit, by basis."""
    count = row.get("accelerators_per_unit")
    reference = rows[H100]
    for column, (field, relative) in PLAIN.items():
        value, rule, used = row.get(field), "", field
        if column == "compute_fp8_inference" and value is None and row.source["architecture"] == "Ampere":
            value, used = row.get("bf16_dense_tflops_per_accel"), "bf16_dense_tflops_per_accel"
            rule = "accelerators x BF16 rate / 1979 (no FP8 tensor cores)"
        base = (reference.get(field) or 1.0) if relative else 1.0
        row.put(column, None if value is None or count is None else count * value / base, (used,), rule)
    tokens, h200 = row.get("measured_infer_dsr1_tokens_per_s_per_gpu"), rows["nvidia_hgx_h200"]
    known = tokens is not None and count is not None
    chain = (h200.get("measured_infer_tokens_per_s_per_gpu") or 0) / (
        reference.get("measured_infer_tokens_per_s_per_gpu") or 1
    )
    through = h200.get("measured_infer_dsr1_tokens_per_s_per_gpu") or 1
    row.put(
        "compute_mlperf_reasoning",
        (count or 0) * (tokens or 0) / through * chain if known else None,
        rule="accelerators x tokens / 1113 x 4415 / 3902 (chained through H200)",
    )


def power(row: Row, rows: dict[str, Row], mean_load: float) -> None:
    """Power, load factor, racks, density and cooling of a unit."""
    key, count, kilowatts, rule = (
        row.source["generation_id"],
        row.get("accelerators_per_unit"),
        row.get("unit_it_kw"),
        "",
    )
    if kilowatts is None and key in POWER_LIKE:
        like = rows[POWER_LIKE[key]]
        per_tdp = (like.get("unit_it_kw") or 0) / (
            (like.get("accelerators_per_unit") or 1) * (like.get("tdp_w_per_accel") or 1) / 1000
        )
        kilowatts = (count or 0) * (row.get("tdp_w_per_accel") or 0) / 1000 * per_tdp
        rule = f"accelerators x TDP x {show(per_tdp)} kW per kW of TDP (as {like.source['generation']})"
    row.put("power_kw", kilowatts, ("unit_it_kw",), rule)
    drawn = row.get("measured_unit_kw")
    if kilowatts is None:
        row.put("load_factor", None)
    elif drawn is None:
        row.put("load_factor", mean_load, rule=f"{show(mean_load)}, the mean of the measured ones (H100, B200)")
    else:
        row.put("load_factor", drawn / kilowatts, ("measured_unit_kw", "unit_it_kw"))
    dense, air = row.get("rack_kw"), row.source["cooling"] == "air" and row.source["purchase_unit"] == "server"
    air = air and row.source["accelerators_per_unit"] == "8"
    if kilowatts is not None and air and (dense is None or dense > SERVERS_A_RACK * kilowatts + 0.05):
        rule = "4 x power_kw (four air-cooled servers a rack)"
        dense = SERVERS_A_RACK * kilowatts
        row.put("rack_kw", dense, ("unit_it_kw",), rule)
    else:
        row.put("rack_kw", dense, ("rack_kw",))
    rule = "power_kw / rack_kw" if {"power_kw", "rack_kw"} & set(row.formulas) else ""
    row.put("racks", kilowatts / dense if kilowatts and dense else None, rule=rule)
    row.put("cooling", row.source["cooling"].replace("hybrid", "liquid"), ("cooling",))


def money(row: Row, resale: float, decline: float) -> None:
    """Price and resale of a unit; no resale where the product is not sold."""
    price, rule, count = row.get("price_usd_per_unit"), "", row.get("accelerators_per_unit")
    low, high = row.get("accel_price_low_usd"), row.get("accel_price_high_usd")
    is_open = row.cells["sold"] == "open"
    if price is None and is_open and low is not None and high is not None:
        price = (count or 0) * (low + high) / 2 * SERVER_FACTOR
        rule = f"accelerators x {show((low + high) / 2)} USD (mid) x {SERVER_FACTOR} (server)"
    row.put("price", price, ("price_usd_per_unit",), rule)
    row.put("resale", resale if is_open else None, rule=f"{show(resale)} = used H100 (May 2026) / mid of its new price")
    own = row.get("resale_change_pct_per_year")
    if own is not None:
        row.put("resale_decline", max(0.0, -own / 100), ("resale_change_pct_per_year",))
    else:
        text = f"{show(decline)}, as measured for the A100 SXM4"
        row.put("resale_decline", decline if is_open else None, rule=text)


def render() -> str:
    """Return the CSV text of ``generations.csv``."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(derive())
    return buffer.getvalue()


def main() -> int:
    """Write the table, or check it."""
    parser = argparse.ArgumentParser(description="Derive generations.csv from accelerators.csv and finance.csv.")
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    target, text = HERE / "generations.csv", render()
    if parser.parse_args().check:
        same = target.exists() and target.read_text(encoding="utf-8") == text
        print("generations.csv is up to date" if same else "generations.csv is out of date: run data/derive.py")
        return 0 if same else 1
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
