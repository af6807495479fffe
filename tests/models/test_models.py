"""The planning models: built from their scripts, traceable row by row, and solved to their recorded figures."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import build
import notes
import pytest
from openpyxl import load_workbook

import procure
import procure.data

MODELS = Path(__file__).parents[2] / "models"
NAMES = list(build.MODELS)
NOTES = sorted({build.import_module(module).NAME for module, _ in build.MODELS.values()})
GOLDEN = json.loads((MODELS / "golden.json").read_text(encoding="utf-8"))


@cache
def known() -> dict[str, set[str]]:
    """Keys that a source may name, by file."""
    return {
        "generations.csv": set(procure.data.generations()["generation"]),
        "markets.csv": set(procure.data.markets()["market_id"]),
        "supply_options.csv": set(procure.data.supply_options()["option_id"]),
        "finance.csv": set(procure.data.finance()["item_id"]),
    }


def rows(name: str) -> list[tuple[str, dict[str, Any]]]:
    return [(sheet, row) for sheet, table in build.frames(name).items() if sheet != "settings" for row in table]


# ---- the workbooks


@pytest.mark.parametrize("name", NAMES)
def test_the_workbook_is_what_its_script_builds(name: str, tmp_path: Any) -> None:
    def cells(path: Any) -> dict[str, list[tuple[Any, ...]]]:
        book = load_workbook(path)
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}

    made = build.build(name, tmp_path)
    assert cells(made) == cells(MODELS / f"{name}.xlsx"), f"run: python models/build.py {name}"
    assert made.read_bytes() == build.build(name, tmp_path).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_workbook_reads_without_a_fault_or_a_warning(name: str) -> None:
    case = procure.read(MODELS / f"{name}.xlsx")
    assert not [str(notice) for notice in case.tables.notices if notice.severity != "note"]


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_where_its_figures_come_from(name: str) -> None:
    for sheet, row in rows(name):
        source = row.get("source", "")
        assert re.search(r"data/\w+\.csv|assumption|estimate|setting", source), f"{sheet}: {row}"
    for row in build.frames(name)["settings"]:
        plain = {"title", "start", "periods", "period_length", "objective", "watt_basis", "terminal_value"}
        if row["key"] not in plain | {"compute_unit", "mip_gap", "budget_carry_over"}:
            assert re.search(r"data/\w+\.csv|assumption", row["note"]), f"settings: {row}"


@pytest.mark.parametrize("name", NAMES)
def test_every_source_names_a_row_that_exists(name: str) -> None:
    named = 0
    for _, row in rows(name):
        for file, rest in re.findall(r"data/(\w+\.csv)((?:,? [\w. ]+)?)", row["source"]):
            if file not in known():
                assert (MODELS.parent / "data" / file).exists(), row["source"]
                continue
            keys = [key for key in known()[file] if re.match(rf",? {re.escape(key)}\b", rest)]
            if rest.strip(" ,"):
                assert keys, f"no row of {file} in {rest!r}: {row['source']}"
                named += 1
    assert named > 3


@pytest.mark.parametrize("name", NAMES)
def test_figures_and_estimates_of_products_are_those_of_the_data(name: str) -> None:
    table = procure.data.generations().set_index("generation")
    for row in build.frames(name)["generations"]:
        found, source = table.loc[row["generation"]], row["source"]
        basis = re.search(r"\((\w+)\): ([\w, ]+)", source)
        assert basis, source
        marked = found["estimates"].split(";")
        said = re.search(r"estimates there: ([\w, ]+)", source)
        weak = said[1].split(", ") if said else []
        for field in basis[2].split(", "):
            column = f"compute_{basis[1]}" if field == "compute" else field
            assert row[field] == found[column], f"{row['generation']} {field}"
            assert (field in weak) == (column in marked), f"{row['generation']} {field}: {source}"


# ---- the notes


@pytest.mark.parametrize("note", NOTES)
def test_a_note_says_what_a_planner_asks(note: str) -> None:
    text = (MODELS / f"{note}.md").read_text(encoding="utf-8")
    for heading in ("question", "answer", "Three things", "What would change it", "estimates", "rule of thumb"):
        assert re.search(rf"^## .*{heading}", text, re.MULTILINE | re.IGNORECASE), heading
    for name in (name for name in NAMES if name.startswith(note)):
        assert f"models/{name}.xlsx" in text


def test_the_figures_of_the_notes_are_the_recorded_ones() -> None:
    for note in NOTES:
        text = (MODELS / f"{note}.md").read_text(encoding="utf-8")
        assert notes.BLOCK.search(text), f"{note}: no figures"
        assert notes.render(text, GOLDEN) == text, "run: python models/notes.py"


# ---- the answers


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_plan_reaches_its_recorded_figures(name: str) -> None:
    """Proves: optimal within the model's gap, no broken rule, neither better than the recorded bound nor worse than
    the gap below the recorded plan; the headline figures are of the recorded size.
    """
    golden = GOLDEN[name]
    case = procure.read(MODELS / f"{name}.xlsx")
    plan = procure.solve(case, baselines=False)
    figures = plan.figures
    assert (plan.checks["verdict"] != "fail").all(), plan.checks[plan.checks["verdict"] == "fail"].to_string()
    room = 1e-6 * abs(golden["objective_value"])
    assert figures["objective_value"] <= golden["bound"] + room
    assert figures["bound"] >= golden["objective_value"] - room
    assert figures["gap"] <= case.settings.mip_gap * 1.05
    for key in ("cost_pv", "compute_pv"):
        assert figures[key] == pytest.approx(golden[key], rel=0.04), key
    ordered = plan.orders[plan.orders["committed"] == "no"].groupby("generation")["units"].sum()
    assert {g for g, units in golden["orders"].items() if units > 20} <= set(ordered.index)


@pytest.mark.slow
def test_the_two_claims_lead_to_different_orders() -> None:
    mlperf, semianalysis = (GOLDEN[f"wait-or-buy-{claim}"]["orders"] for claim in ("mlperf", "semianalysis"))
    assert mlperf.get("GB300 NVL72", 0) > mlperf.get("Vera Rubin NVL72", 0)
    assert semianalysis.get("Vera Rubin NVL72", 0) > semianalysis.get("GB300 NVL72", 0)
