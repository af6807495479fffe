"""Whatever a planner may mean is read, the same way from a workbook as from frames; whatever is broken is reported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from fuzz import attempt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rawbooks import quick_write
from strategies import cases
from workbooks import write

from procure.case import Case
from procure.reading import InputError, Tables, check_workbook, read_frames, read_workbook
from procure.template import write_template, write_workbook_from_frames

if TYPE_CHECKING:
    from pathlib import Path

FUZZED = int(os.environ.get("PROCURE_FUZZ", "200"))
PATIENT = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def rows(case: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """Return records as rows of cells, the header first."""
    result: dict[str, list[list[Any]]] = {}
    for name, records in case.items():
        if name == "settings":
            result[name] = [["key", "value"], *([key, value] for key, value in records.items())]
        elif records:
            headers = list(dict.fromkeys(key for record in records for key in record))
            result[name] = [headers, *([record.get(header) for header in headers] for record in records)]
    return result


def same(one: Tables, other: Tables) -> None:
    assert one.settings == other.settings
    for name, frame in one.frames.items():
        pd.testing.assert_frame_equal(frame, other.frames[name], rtol=1e-12)


@PATIENT
@given(cases())
def test_sound_cases_are_read_from_frames_and_workbooks_alike(tmp_path_factory: Any, case: dict[str, Any]) -> None:
    tables = read_frames(case)
    plain = {name: table for name, table in rows(case).items() if not _formula(table)}
    if len(plain) == len(rows(case)):  # a workbook would make formulas of texts that begin with =
        same(tables, read_workbook(quick_write(tmp_path_factory.mktemp("case") / "case.xlsx", plain)))
    Case.from_tables(tables)


def _formula(table: list[list[Any]]) -> bool:
    return any(isinstance(value, str) and value.startswith("=") for row in table for value in row)


@settings(PATIENT, max_examples=8)
@given(cases())
def test_a_sound_case_survives_the_templates(tmp_path_factory: Any, case: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("case")
    tables = read_frames(case)
    write_workbook_from_frames(folder / "nice.xlsx", case, every_table=True)
    same(tables, read_workbook(folder / "nice.xlsx"))
    write_template(folder / "again.xlsx", tables)
    same(tables, read_workbook(folder / "again.xlsx"))


@PATIENT
@given(cases(), st.data())
def test_a_broken_cell_is_always_found(case: dict[str, Any], data: st.DataObject) -> None:
    name, column, value = data.draw(
        st.sampled_from(
            [
                ("generations", "power_kw", "ten"),
                ("generations", "power_kw", -1),
                ("generations", "price", True),
                ("generations", "cooling", "ice"),
                ("generations", "lead_time", 0.5),
                ("generations", "last_order", "2027Q7"),
                ("sites", "pue", "1,2"),
                ("sites", "energy_per_mwh", None),
                ("sites", "workloads", "no such"),
                ("power", "site", "no such"),
                ("shell_options", "site", None),
                ("projects", "uplift", "6 %"),
            ]
        )
    )
    case[name][0][column] = value
    with pytest.raises(InputError) as caught:
        read_frames(case)
    assert (name, column) in {(fault.sheet, fault.column) for fault in caught.value.faults if fault.severity == "error"}


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8),
        st.none()
        | st.integers()
        | st.text()
        | st.lists(
            st.dictionaries(
                st.text(max_size=8) | st.integers(), st.none() | st.booleans() | st.floats() | st.text() | st.dates()
            )
        ),
    )
)
def test_any_frames_at_all_end_in_faults(frames: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        read_frames(frames)
    assert caught.value.faults


def test_mutated_workbooks_never_crash_the_reader(tmp_path: Path) -> None:
    """200 by default; PROCURE_FUZZ=2000 tries more, and ``python tests/reading/fuzz.py`` reports on each kind."""
    found = [attempt(seed, tmp_path / "case.xlsx") for seed in range(FUZZED)]
    assert sum(errors > 0 for _, errors in found) > FUZZED / 2


def test_a_check_of_a_sound_workbook_is_empty(tmp_path: Path) -> None:
    assert check_workbook(write(tmp_path / "case.xlsx")) == []
