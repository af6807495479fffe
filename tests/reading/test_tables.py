"""What comes out of a sound workbook: every default, blank cell and label resolved."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from workbooks import book, case, edit, messages, records, write

from procure.reading import InputError, read_frames, read_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from procure.reading import Tables


BOOLEAN = "TRUE and FALSE are not numbers; type 1 or 0 if that is meant"
COMMA = "Looks like a decimal comma; enter 1.2"


def read(path: Path, changes: dict[str, Any] | None = None) -> Tables:
    return read_workbook(edit(path / "case.xlsx", changes or {}))


def row(tables: Tables, sheet: str, i: int) -> dict[str, Any]:
    return dict(tables.frames[sheet].iloc[i])


def test_every_table_is_there_with_its_columns(tmp_path: Path) -> None:
    small = {name: rows for name, rows in case().items() if name in ("settings", "generations", "sites", "power")}
    tables = read_workbook(write(tmp_path / "case.xlsx", {**small, "sites": [r[:7] for r in small["sites"]]}))
    assert len(tables.frames) == 20
    assert list(tables.frames["fleet"].columns) == ["generation", "site", "delivered", "units", "price"]
    assert list(tables.frames["budget"].columns) == ["budget", *tables.calendar.labels]
    assert {name for name, frame in tables.frames.items() if len(frame)} == {
        "generations",
        "sites",
        "power",
        "workloads",
    }
    assert tables.frames["workloads"]["workload"].tolist() == ["all"]
    assert list(tables.frames["performance"].columns) == ["generation", "all"]
    assert tables.notices == []


def test_defaults_given_and_derived(tmp_path: Path) -> None:
    tables = read(tmp_path, {"settings!A10": "depreciation_years", "settings!B10": 5})
    assert tables.settings["discount_rate"] == 0.09
    assert tables.settings["terminal_value"] == "book"
    assert tables.settings["carbon_cap_t"] == math.inf
    assert tables.settings["budget_carry_over"] is False
    assert tables.settings["periods"] == 8
    assert type(tables.settings["periods"]) is int
    h200 = row(tables, "generations", 0)
    assert h200["rack_kw"] == pytest.approx(40.8)  # power_kw / racks
    assert (h200["depreciation_years"], h200["service_years"]) == (5, 5)
    assert (h200["load_factor"], h200["deposit"], h200["min_order"]) == (1, 0, 0)
    assert tables.frames["sites"]["racks"].tolist() == [math.inf] * 3
    assert tables.frames["power_options"]["carbon_kg_per_mwh"].tolist() == [0]
    assert tables.frames["licences"]["max_units"].tolist() == [500, math.inf]


def test_service_life_follows_the_generations_own_depreciation(tmp_path: Path) -> None:
    tables = read(tmp_path, {"generations!M1": "depreciation_years", "generations!M3": 4})
    assert tables.frames["generations"]["depreciation_years"].tolist() == [6, 4, 6]
    assert tables.frames["generations"]["service_years"].tolist() == [6, 4, 6]


def test_types_of_columns(tmp_path: Path) -> None:
    tables = read(tmp_path)
    generations = tables.frames["generations"]
    assert generations["lot"].dtype == np.int64
    assert generations["price"].dtype == np.float64
    assert tables.frames["licences"]["allowed"].tolist() == [True, False]
    assert tables.frames["licences"]["allowed"].dtype == bool
    assert [type(value) for value in generations["vendor"]] == [str] * 3
    assert tables.frames["sites"]["campus"].tolist() == ["Dublin", "Dublin", ""]
    assert tables.frames["sites"]["workloads"].tolist() == [("training", "inference"), (), ()]


def test_a_region_called_na_and_names_made_of_digits_are_names(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        {
            "sites!A4": 101,
            "power!A4": "101",
            "space!A3": 101.0,
            "licences!B2": 101,
            "power_options!B2": 101,
            "sites!C2": "NA",
            "sites!C3": "n/a",
            "sites!C4": "None",
        },
    )
    assert tables.frames["sites"]["market"].tolist() == ["NA", "n/a", "None"]
    assert tables.frames["sites"]["site"].tolist() == ["DUB1", "DUB2", "101"]
    assert tables.frames["power"]["site"].tolist() == ["Dublin", "DUB2", "101"]


@pytest.mark.parametrize(
    ("cells", "first", "expected"),
    [
        ([5, None, 7, None], "DAL1", [5, 5, 7, 7, 7, 7, 7, 7]),
        ([None, None, 7, None], "DAL1", [0, 0, 7, 7, 7, 7, 7, 7]),
        ([0, None, None, 3], "DAL1", [0, 0, 0, 3, 3, 3, 3, 3]),
    ],
)
def test_a_blank_cell_repeats_the_one_on_its_left(
    tmp_path: Path, cells: list[float | None], first: str, expected: list[float]
) -> None:
    power = [["site", "2027Q1", "2027Q2", "2027Q3", "2027Q4"], ["Dublin", 5, None, None, None], [first, *cells]]
    tables = read(tmp_path, {"power": power})
    assert tables.frames["power"].set_index("site").loc[first].tolist() == expected


def test_leading_blanks_by_table(tmp_path: Path) -> None:
    tables = read(
        tmp_path,
        {
            "budget": [["budget", "2027Q2"], ["capex", 1e9]],
            "allocation": [["generation", "2027Q2"], ["GB300", 10]],
            "prices": [["generation", "2027Q2"], ["GB300", 3e6]],
            "compute_path": [["generation", "2027Q2"], ["GB300", 1.2]],
            "demand": [["workload", "measure", "2027Q2"], ["training", "minimum", 10], ["training", "maximum", 99],
                       ["training", "value", 3]],
            "rental": [["workload", "price_per_unit_hour", "2027Q2"], ["training", 2, 50]],
        },
    )  # fmt: skip
    names = ("budget", "allocation", "compute_path", "demand", "rental")
    first = [tables.frames[name]["2027Q1"].tolist() for name in names]
    assert first == [[math.inf], [math.inf], [1], [0, math.inf, 0], [0]]
    assert np.isnan(tables.frames["prices"]["2027Q1"][0])
    assert tables.frames["prices"]["2028Q4"].tolist() == [3e6]


def test_period_headers_of_every_kind(tmp_path: Path) -> None:
    power = [["site", dt.date(2027, 2, 1), "2027Q2", "Q3 2027"], ["Dublin", 1, 2, 3], ["DAL1", 4, 5, 6]]
    tables = read(tmp_path, {"power": power})
    assert tables.frames["power"].iloc[0, 1:5].tolist() == [1, 2, 3, 3]
    assert tables.source.cell("power", 1, "2027Q2") == "C3"


def test_a_year_as_a_number_heads_a_column_of_a_yearly_case(tmp_path: Path) -> None:
    tables = read_workbook(
        write(tmp_path / "case.xlsx", {
            "settings": [["key", "value"], ["start", 2027], ["periods", 3], ["period_length", "Year"]],
            "generations": [["generation", "compute", "power_kw", "price", "last_order"], ["G", 8, 10, 3e5, 2028]],
            "sites": [["site", "energy_per_mwh"], ["S", 60]],
            "power": [["site", 2027, 2028.0, "2029"], ["S", 1, 2, 3]],
        })
    )  # fmt: skip
    assert tables.calendar.labels == ("2027", "2028", "2029")
    assert tables.frames["power"].iloc[0].tolist() == ["S", 1, 2, 3]
    assert tables.frames["generations"]["last_order"].tolist() == [1]


def test_periods_before_the_start_still_fill_from_the_left(tmp_path: Path) -> None:
    """A plan rolled forward: the last figure before the start holds until the next one."""
    power = [["site", "2026Q1", "2026Q3", "2027Q2", "2031Q1"], ["Dublin", 3, 4, None, 9], ["DAL1", 1, 2, 5, 9]]
    path = edit(tmp_path / "case.xlsx", {"power": power})
    tables = read_workbook(path)
    assert tables.frames["power"].iloc[0, 1:4].tolist() == [4, 4, 4]
    assert tables.frames["power"].iloc[1, 1:4].tolist() == [2, 5, 5]
    assert messages(path, "note") == [
        "note N502 power: period columns outside 2027Q1 to 2028Q4 are not read: 2026Q1, 2026Q3, 2031Q1"
    ]


def test_coarser_labels_mean_their_first_or_last_period(tmp_path: Path) -> None:
    tables = read(
        tmp_path, {"generations!G4": "2028", "generations!H4": "2028", "fleet!C2": "2025H2", "fleet!C3": "2024"}
    )
    assert tables.frames["generations"]["available_from"].tolist()[2] == 4
    assert tables.frames["generations"]["last_order"].tolist()[2] == 7
    assert tables.frames["fleet"]["delivered"].tolist() == [-6, -12]


def test_words_for_no_limit_where_a_limit_stands(tmp_path: Path) -> None:
    tables = read(tmp_path, {"allocation!C2": "unlimited", "sites!F2": "unlimited"})
    assert tables.frames["allocation"].iloc[0, 1:4].tolist() == [10, 10, math.inf]
    assert tables.frames["sites"]["max_rack_kw"].tolist()[0] == math.inf


def test_percent_cells_and_numbers_with_integral_floats(tmp_path: Path) -> None:
    path = write(tmp_path / "case.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook["generations"]["L2"].number_format = "0%"
    workbook["fleet"]["D2"] = 40.0
    workbook.save(path)
    tables = read_workbook(path)
    assert tables.frames["generations"]["resale"].tolist()[0] == 0.8
    assert tables.frames["fleet"]["units"].tolist()[0] == 40


def test_source_knows_the_file_and_every_cell(tmp_path: Path) -> None:
    path = edit(
        tmp_path / "case.xlsx",
        {"fleet!A5": "H200", "fleet!B5": "DUB2", "fleet!C5": "2025", "fleet!D5": 1, "fleet!E5": 9e5},
    )
    tables = read_workbook(path)
    source = tables.source
    assert source.path == path
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.cell("settings", 0, "discount_rate") == "B7"
    assert source.cell("settings", 0, "mip_gap") is None  # a default stands nowhere
    assert source.cell("generations", 2, "price") == "F4"
    assert source.cell("power", 0, "2027Q3") == "D2"
    assert source.cell("power", 0, "2028Q1") is None  # repeats D2
    assert source.cell("fleet", 2, "units") == "D5"  # below a blank row
    assert source.cell("performance", 0, "inference") == "C2"
    assert source.cell("nothing", 0, "x") is None


def test_demand_of_all_where_there_is_one_workload(tmp_path: Path) -> None:
    for name in ("all", "*", "ALL", "serve"):
        changes = {
            "workloads": [["workload"], ["serve"]], "performance": None, "rental": None, "sites!H2": None,
            "demand": [["workload", "measure", "2027Q1"], [name, "value", 2]],
        }  # fmt: skip
        tables = read(tmp_path, changes)
        assert tables.frames["demand"]["workload"].tolist()[0] in ("*", "serve")


def test_workloads_declared_by_the_columns_of_performance(tmp_path: Path) -> None:
    path = edit(tmp_path / "case.xlsx", {"workloads": None})
    tables = read_workbook(path)
    assert tables.frames["workloads"]["workload"].tolist() == ["training", "inference"]
    assert messages(path, "note") == [
        "note N504 performance: there is no sheet workloads; taken from the columns of performance: training, inference"
    ]


def test_budget_without_a_key_column(tmp_path: Path) -> None:
    for rows in ([["2027Q1", "2028Q1"], [6e7, 4e7]], [["item", "2027Q1", "2028Q1"], ["capex", 6e7, 4e7]],
                 [[None, "2027Q1", "2028Q1"], ["capex", 6e7, 4e7]]):  # fmt: skip
        frame = read(tmp_path, {"budget": rows}).frames["budget"]
        assert frame["2027Q1"].tolist() == [6e7]
        assert frame["budget"].tolist() == ["capex"]


def test_power_keyed_by_another_header(tmp_path: Path) -> None:
    for header in ("campus", "site or campus", "Site", "hall", "where"):
        assert read(tmp_path, {"power!A1": header}).frames["power"]["site"].tolist() == ["Dublin", "DUB2", "DAL1"]


def test_headers_in_any_order_and_spelling(tmp_path: Path) -> None:
    rows = case()["generations"]
    order = [5, 0, 3, 1, 2, 4, 6, 7, 8, 9, 10, 11]
    shuffled = [[row[i] for i in order] for row in rows]
    shuffled[0] = [str(name).upper().replace("_", " ") for name in shuffled[0]]
    shuffled[0][2] = "Power kW (IT)"
    plain, other = read(tmp_path), read(tmp_path, {"generations": shuffled})
    pd.testing.assert_frame_equal(plain.frames["generations"], other.frames["generations"])


def test_blank_rows_and_notes_beside_and_below_are_no_records(tmp_path: Path) -> None:
    changes = {
        "fleet!F1": "remark",
        "fleet!F2": "from the asset register",
        "fleet!F9": "checked in March",
        "fleet!A7": "  ",
    }
    path = edit(tmp_path / "case.xlsx", changes)
    assert len(read_workbook(path).frames["fleet"]) == 2
    assert messages(path, "error", "warning", "note") == []


def test_frames_and_workbooks_read_the_same(tmp_path: Path) -> None:
    tables = read(tmp_path)
    rows = {name: records(rows) for name, rows in case().items()}
    as_lists = read_frames(rows)
    as_frames = read_frames({name: pd.DataFrame(data) for name, data in rows.items()})
    mapping = {record["key"]: record["value"] for record in rows["settings"]}
    as_mapping = read_frames({**rows, "settings": mapping})
    indexed = read_frames({**rows, "power": pd.DataFrame(rows["power"]).set_index("site")})
    for other in (as_lists, as_frames, as_mapping, indexed):
        assert other.settings == tables.settings
        assert other.source.cell("sites", 0, "pue") is None
        for name, frame in tables.frames.items():
            pd.testing.assert_frame_equal(frame, other.frames[name])


def test_frames_may_hold_missing_values_of_every_kind() -> None:
    rows = {name: records(rows) for name, rows in case().items()}
    frame = pd.DataFrame(rows["generations"]).astype(object)
    frame.loc[0, "last_order"] = pd.NaT
    frame.loc[1, "available_from"] = pd.NA
    frame.loc[2, "available_from"] = np.nan
    frame.loc[2, "lead_time"] = np.int32(2)
    frame.loc[1, "price"] = np.float32(4e6)
    sites = pd.DataFrame(rows["sites"])
    sites["workloads"] = [("training", "inference"), None, []]
    sites["max_rack_kw"] = [np.inf, 60, 200]
    tables = read_frames({**rows, "generations": frame, "sites": sites})
    assert tables.frames["generations"]["last_order"].isna().all()
    assert tables.frames["generations"]["lead_time"].tolist() == [1, 1, 2]
    assert tables.frames["sites"]["workloads"].tolist() == [("training", "inference"), (), ()]
    assert tables.frames["sites"]["max_rack_kw"].tolist() == [math.inf, 60, 200]


def test_faults_of_frames_name_row_and_column() -> None:
    rows = {name: records(rows) for name, rows in case().items()}
    rows["sites"][1]["pue"] = "1,2"
    rows["fleet"][0]["site"] = "DUB3"
    rows["generations"][0]["power_kw"] = True
    with pytest.raises(InputError) as caught:
        read_frames({**rows, "prices": 7, "sities": []})
    assert [str(fault) for fault in caught.value.faults if fault.severity == "error"] == [
        f"error E103 generations row 1 (power_kw): got TRUE; expected a number in kW/unit, above 0. {BOOLEAN}",
        f"error E107 sites row 2 (pue): got '1,2'; expected a number between 1 and 10. {COMMA}",
        "error E015 prices: it is of the type int; expected a DataFrame or a list of records (mappings)",
        "error E201 fleet row 1 (site): got 'DUB3'; expected the name of a site or warehouse. Did you mean DUB2?",
    ]
    assert any(fault.code == "W402" for fault in caught.value.faults)


def test_the_error_says_everything_and_is_the_public_one() -> None:
    import procure

    with pytest.raises(procure.InputError) as caught:
        read_frames({"settings": {"start": "soon"}})
    assert caught.value.exit_status == 3
    assert {fault.code for fault in caught.value.faults} == {"E010", "E108", "E112"}
    assert "E108 settings row 1 (start): got 'soon'" in str(caught.value)


def test_reading_leaves_the_workbook_alone(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    book().save(path)
    path.chmod(0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    read_workbook(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [item.name for item in tmp_path.iterdir()] == ["case.xlsx"]
