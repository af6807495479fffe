"""Every figure has a source, every estimate is marked, every derived column follows from its inputs."""

from __future__ import annotations

import csv
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

import procure.data

DATA = Path(__file__).parents[2] / "data"
KEYS = {
    "accelerators": "generation_id",
    "markets": "market_id",
    "supply_options": "option_id",
    "finance": "item_id",
}
WORDS = {  # columns that describe a row rather than state a figure
    "accelerators": "generation vendor name architecture purchase_unit unit_it_kw_basis status notes price_year",
    "markets": "market country iso_region em_zone price_basis price_year pue_basis wait_basis vacancy_date "
    "construct_basis colo_rent_basis climate_note notes",
    "supply_options": "technology placement status cost_note build_note notes",
    "finance": "category entity metric unit as_of note",
}
KINDS = {
    "measurement", "vendor", "official", "filing", "academic", "dataset", "analyst", "press", "derived", "definition",
    "estimate",
}  # fmt: skip
SIZES = {"accelerators": 25, "markets": 18, "supply_options": 17, "finance": 100}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def figures(name: str) -> dict[tuple[str, str], str]:
    skip = {KEYS[name], "estimates", *WORDS[name].split()}
    return {(r[KEYS[name]], c): v for r in rows(name) for c, v in r.items() if c not in skip and v}


def chosen(name: str) -> dict[tuple[str, str], dict[str, str]]:
    return {(s["row"], s["field"]): s for s in rows(f"{name}_sources") if s["used"] == "chosen"}


@pytest.mark.parametrize("name", KEYS)
def test_every_figure_has_one_chosen_source_with_its_value(name: str) -> None:
    picked = [(s["row"], s["field"]) for s in rows(f"{name}_sources") if s["used"] == "chosen"]
    assert len(picked) == len(set(picked))
    sourced = chosen(name)
    missing = {key: value for key, value in figures(name).items() if sourced.get(key, {}).get("value") != value}
    assert not missing
    assert set(sourced) == set(figures(name)), "a chosen source without a figure"


@pytest.mark.parametrize("name", KEYS)
def test_a_source_names_a_document_a_place_and_a_date(name: str) -> None:
    for source in rows(f"{name}_sources"):
        where = f"{name} {source['row']} {source['field']}"
        for column in ("title", "address", "locator", "date"):
            assert len(source[column].strip()) > 2, f"{where}: no {column}"
        assert re.match(r"(19|20)\d\d", source["date"]), where
        assert source["kind"] in KINDS, where
        assert source["used"] in {"chosen", "alternative"}, where
        assert source["second_hand"] in {"yes", "no"}, where
        text = " ".join(source.values())
        assert not re.search(r"\b(file|find_string|read_file)? ?ids? ?\d{6,}|find_string|read_file|stored", text), where


@pytest.mark.parametrize("name", KEYS)
def test_every_estimate_is_marked(name: str) -> None:
    marked = {(r[KEYS[name]], c) for r in rows(name) for c in r["estimates"].split(";") if c}
    assert marked <= set(figures(name)), "an estimate is marked where there is no figure"
    guessed = {key for key, source in chosen(name).items() if source["kind"] == "estimate"}
    assert guessed <= marked, f"estimates not marked: {sorted(guessed - marked)}"


def test_alternatives_are_kept_and_differ_from_what_was_chosen_or_confirm_it() -> None:
    picked = chosen("accelerators")
    others = [s for s in rows("accelerators_sources") if s["used"] == "alternative"]
    assert len(others) > 80
    contradicting = [s for s in others if picked.get((s["row"], s["field"]), {}).get("value") != s["value"]]
    assert len(contradicting) > 30
    prices = {s["row"] for s in contradicting if s["field"] == "price_usd_per_unit"}
    assert {"nvidia_hgx_b200", "nvidia_gb200_nvl72", "nvidia_gb300_nvl72", "nvidia_vr_nvl72"} <= prices


@pytest.mark.parametrize("name", KEYS)
def test_the_mean_of_a_range_is_its_mean(name: str) -> None:
    by_key = {r[KEYS[name]]: r for r in rows(name)}
    checked = 0
    for source in chosen(name).values():
        if "mid" in source["locator"] and "entered" in source["locator"] and source["field"] == "value":
            row = by_key[source["row"]]
            assert math.isclose(float(row["value"]), (float(row["low"]) + float(row["high"])) / 2), source
            checked += 1
    assert checked > 8 or name != "finance"


def test_supply_carbon_follows_from_the_heat_rate() -> None:
    derived = 0
    for row in rows("supply_options"):
        if row["heat_rate_btu_kwh"] and row["option_id"].startswith("gas_"):
            assert math.isclose(
                float(row["carbon_kg_mwh"]), float(row["heat_rate_btu_kwh"]) * 53.0 / 1000, abs_tol=0.06
            )
            derived += 1
    assert derived == 3


def test_state_carbon_follows_from_pounds() -> None:
    derived = 0
    for (market, field), source in chosen("markets").items():
        pounds = re.search(r"([\d.]+) lb/MWh x 0.45359237", source["locator"])
        if field == "carbon_alt_kg_mwh" and pounds:
            assert math.isclose(float(source["value"]), float(pounds[1]) * 0.45359237, abs_tol=0.06), market
            derived += 1
    assert derived == 4


def test_claims_and_caps_follow_from_their_results() -> None:
    item = {r["item_id"]: float(r["value"]) for r in rows("finance") if r["value"]}
    assert math.isclose(item["cap_mi355x_power"], 1000 / 1400, abs_tol=1e-4)
    assert math.isclose(item["cap_mi355x_compute"], 10234 / 12192, abs_tol=1e-4)
    assert math.isclose(item["cap_vr_power"], 188 / 227, abs_tol=1e-4)
    assert math.isclose(item["vr_gain_offline"], (16435 / 227) / (9820 / 140), abs_tol=1e-3)
    assert math.isclose(item["vr_gain_server"], (16332 / 227) / (8064 / 140), abs_tol=1e-3)
    assert math.isclose(item["software_gb200"], 3.17 / 2.21, abs_tol=1e-3)
    assert math.isclose(item["software_gb300"], 9820 / 6006, abs_tol=1e-3)
    assert math.isclose(item["interruptions_gpu"], 220 * 365 / 54 / 16384, abs_tol=1e-3)


# ---- generations.csv: recomputed here from the accelerators, without derive.py


def near(cell: str, value: float) -> bool:
    return math.isclose(float(cell), value, rel_tol=1e-4, abs_tol=6e-5)


def test_derive_writes_the_same_file_again() -> None:
    done = subprocess.run([sys.executable, DATA / "derive.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_compute_follows_from_the_accelerators() -> None:
    parts = {r["generation_id"]: r for r in rows("accelerators")}
    seen = 0
    for row in rows("generations"):
        part = parts[row["generation_id"]]
        if not part["accelerators_per_unit"]:
            assert not any(row[c] for c in row if c.startswith("compute_"))
            continue
        count = float(part["accelerators_per_unit"])
        for column, field, base in (
            ("compute_bf16_training", "bf16_dense_tflops_per_accel", 989.4),
            ("compute_fp8_inference", "fp8_dense_tflops_per_accel", 1979.0),
            ("compute_mlperf_training", "measured_train_perf", 1.0),
            ("compute_mlperf_training_405b", "measured_train_perf_405b", 1.0),
            ("compute_mlperf_inference", "measured_infer_tokens_per_s_per_gpu", 3902.0),
            ("compute_mlperf_reasoning", "measured_infer_dsr1_tokens_per_s_per_gpu", 1113 * 3902 / 4415),
        ):
            rate = part[field]
            if column == "compute_fp8_inference" and row["generation"] == "A100":
                rate = part["bf16_dense_tflops_per_accel"]
                assert column in row["estimates"].split(";")
            assert bool(row[column]) == bool(rate), f"{row['generation']} {column}"
            if rate:
                assert near(row[column], count * float(rate) / base), f"{row['generation']} {column}"
                seen += 1
    assert seen > 60
    h100 = next(r for r in rows("generations") if r["generation"] == "H100")
    assert all(float(h100[c]) == 8 for c in h100 if c.startswith("compute_") and h100[c])


def test_power_price_and_resale_follow_from_their_inputs() -> None:
    parts = {r["generation_id"]: r for r in rows("accelerators")}
    item = {r["item_id"]: r["value"] for r in rows("finance")}
    h100 = parts["nvidia_hgx_h100"]
    mean_load = (7.8 / 10.2 + 10.4 / 14.3) / 2
    resale = float(item["used_h100_2026"]) / (
        (float(h100["accel_price_low_usd"]) + float(h100["accel_price_high_usd"])) / 2
    )
    for row in rows("generations"):
        part, name, marks = parts[row["generation_id"]], row["generation"], row["estimates"].split(";")
        if part["unit_it_kw"]:
            assert near(row["power_kw"], float(part["unit_it_kw"])), name
        elif row["power_kw"]:
            assert "power_kw" in marks, name
        if row["power_kw"]:
            measured = part["measured_unit_kw"]
            expected = float(measured) / float(row["power_kw"]) if measured else mean_load
            assert near(row["load_factor"], expected), name
            assert ("load_factor" in marks) == (not measured), name
        if row["racks"]:
            assert near(row["racks"], float(row["power_kw"]) / float(row["rack_kw"])), name
        if part["price_usd_per_unit"]:
            assert near(row["price"], float(part["price_usd_per_unit"])), name
        elif row["price"]:
            mid = (float(part["accel_price_low_usd"]) + float(part["accel_price_high_usd"])) / 2
            assert near(row["price"], float(part["accelerators_per_unit"]) * mid * 1.38), name
            assert "price" in marks, name
        if row["sold"] == "open":
            assert near(row["resale"], resale), name
            own = part["resale_change_pct_per_year"]
            expected = max(0.0, -float(own) / 100) if own else 0.282
            assert near(row["resale_decline"], expected), name
            assert ("resale_decline" in marks) == (not own), name
        else:
            assert not row["resale"], name
        assert row["cooling"] in {"air", "liquid", ""}, name


def test_a_derived_figure_on_an_estimate_is_an_estimate_with_its_formula() -> None:
    parts = {r["generation_id"]: r for r in rows("accelerators")}
    rests_on = {
        "available_from": "available", "power_kw": "unit_it_kw", "rack_kw": "rack_kw", "price": "price_usd_per_unit",
        "compute_fp8_inference": "fp8_dense_tflops_per_accel", "compute_mlperf_training": "measured_train_perf",
        "compute_mlperf_training_405b": "measured_train_perf_405b",
    }  # fmt: skip
    for row in rows("generations"):
        marks = [m for m in row["estimates"].split(";") if m]
        for column, field in rests_on.items():
            if row[column] and field in parts[row["generation_id"]]["estimates"].split(";"):
                assert column in marks, f"{row['generation']} {column}"
        for mark in marks:
            assert row[mark], f"{row['generation']}: {mark} is marked and blank"
            assert re.search(rf"(^|; ){mark} = ", row["formulas"]), f"{row['generation']}: no formula of {mark}"


# ---- what procure.data hands out


@pytest.mark.parametrize("name", KEYS)
def test_tables_come_as_frames_with_numbers(name: str) -> None:
    frame = getattr(procure.data, name)()
    assert len(frame) >= SIZES[name]
    numeric = {c for (_, c) in figures(name)} - {"announced", "available", "last_order", "cooling", "export_status"}
    assert all(frame[c].dtype == float for c in numeric)
    assert len(procure.data.sources(name)) >= len(figures(name))


@pytest.mark.parametrize("basis", procure.data.BASES)
def test_generations_come_in_the_terms_of_the_sheet(basis: str) -> None:
    frame = procure.data.generations(basis).set_index("generation")
    whole = procure.data.generations().set_index("generation")
    assert len(frame) == 25
    assert frame["compute"].equals(whole[f"compute_{basis}"].rename("compute"))
    assert not [c for c in frame.columns if c.startswith("compute_")]
    assert "compute_" not in ";".join(frame["estimates"])
    assert ("compute" in frame.loc["B200", "estimates"].split(";")) == (
        basis in {"mlperf_training_405b", "mlperf_reasoning"}
    )


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="fp8_inference"):
        procure.data.generations("int8")
    with pytest.raises(ValueError, match="markets"):
        procure.data.sources("generations")


def test_attribution_is_given() -> None:
    text = procure.data.licence()
    for owed in ("Electricity Maps", "Open Database License", "Epoch AI", "CC BY 4.0", "SpotWire", "MLCommons"):
        assert owed in text
