"""Hand-made plans as people make them: what cannot be read is said in plain words, and nothing ends in a traceback."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procure.audit import audit
from procure.reading import read_frames


@pytest.mark.parametrize("sheet", ["orders", "deployment", "running"])
def test_a_missing_sheet_is_the_one_thing_said(bench, sheet):
    plan = bench.full_plan()
    del plan[sheet]
    report = bench.report(bench.case(), plan)
    assert report.failed == ["plan_sheets"]
    assert report.faults == (f"the plan has no sheet `{sheet}`",)
    assert f"no sheet `{sheet}`" in bench.check(report, "plan_sheets")["statement"]
    assert report.figures == {}
    assert not report.passed


@pytest.mark.parametrize(
    ("sheet", "column"),
    [("orders", "units"), ("deployment", "installed_total"), ("running", "mode"), ("warehouse", "stored"),
     ("sales", "delivered"), ("builds", "count"), ("rental", "compute"), ("energy", "source"), ("summary", "value")],
)  # fmt: skip
def test_a_missing_column_is_named(bench, sheet, column):
    plan = bench.full_plan()
    plan[sheet] = plan[sheet].drop(columns=column)
    report = bench.report(bench.case(), plan)
    assert report.failed == ["plan_sheets"]
    assert report.faults == (f"sheet `{sheet}` has no column `{column}`",)


def test_a_doubled_column_is_named(bench):
    plan = bench.plan()
    plan["orders"] = pd.concat([plan["orders"], plan["orders"]["units"]], axis=1)
    assert bench.report(bench.case(), plan).faults == ("sheet `orders` has 2 columns `units`",)


@pytest.mark.parametrize(
    ("sheet", "column", "value", "says"),
    [
        ("warehouse", "stored", "one", "'one' is not a number"),
        ("warehouse", "stored", True, "True is not a number"),
        ("warehouse", "stored", None, "the cell is empty"),
        ("warehouse", "stored", float("inf"), "inf is not a finite number"),
        ("warehouse", "generation", "odl", "'odl' is not a generation of the input"),
        ("warehouse", "period", "2031", "'2031' lies outside 2027 to 2030"),
        ("warehouse", "period", "soon", "'soon' is not a period"),
        ("warehouse", "period", None, "the cell is empty"),
        ("running", "site", "nroth", "'nroth' is not a site of the input"),
        ("orders", "committed", "perhaps", "'perhaps' is neither yes nor no"),
        ("builds", "kind", "bridge", "'bridge' is none of power, shell and project"),
        ("builds", "name", "gsa", "'gsa' is not a power option of the input"),
        ("warehouse", "generation", ["old"], "\"['old']\" is not a generation of the input"),
        ("rental", "workload", "sevre", "'sevre' is not a workload of the input"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(bench, sheet, column, value, says):
    plan = bench.plan()
    frame = plan[sheet].astype({column: object})
    frame[column] = pd.Series([value, *frame[column].iloc[1:]], dtype=object)
    plan[sheet] = frame
    report = bench.report(bench.case(), plan)
    assert report.faults == (f"sheet `{sheet}`, row 2, column `{column}`: {says}",)
    assert "plan_cells" in report.failed
    assert says in bench.check(report, "plan_cells")["statement"]
    assert bench.check(report, "plan_cells")["largest_violation"] == 1


def test_two_rows_for_one_total_are_named(bench):
    plan = bench.plan()
    plan["warehouse"] = pd.concat([plan["warehouse"], plan["warehouse"].iloc[[1]].assign(stored=0)])
    report = bench.report(bench.case(), plan)
    assert report.failed == ["plan_cells"]
    assert report.faults == ("sheet `warehouse`, row 3: there is another row of this period and generation",)


def test_many_faults_are_counted_not_all_told(bench):
    plan = bench.plan()
    plan["warehouse"] = pd.DataFrame([{"period": "2027", "generation": f"x{i}", "stored": 0} for i in range(50)])
    report = bench.report(bench.case(), plan)
    assert len(report.faults) == 50
    assert "(and 45 more)" in bench.check(report, "plan_cells")["statement"]


def test_a_period_must_be_one_period(bench):
    """In a plan by quarters '2027' is no period."""
    case = {
        "settings": [{"key": "start", "value": "2027Q1"}, {"key": "periods", "value": 4}],
        "generations": [{"generation": "g", "compute": 1, "power_kw": 1, "price": 1}],
        "sites": [{"site": "hall", "energy_per_mwh": 50}],
        "power": [{"site": "hall", "2027Q1": 1}],
    }
    plan = {
        "orders": bench.table("order delivery generation units", ("2027", "2027Q1", "g", 1)),
        "deployment": bench.table("period site generation installed removed installed_total"),
        "running": bench.table("period site generation mode workload running"),
    }
    report = bench.report(case, plan)
    assert report.faults == ("sheet `orders`, row 2, column `order`: '2027' spans several periods",)
    assert report.failed == ["plan_cells"]


@pytest.mark.parametrize("label", [int, lambda year: dt.datetime(int(year), 1, 1), pd.Timestamp])  # noqa: DTZ001
def test_periods_as_excel_may_give_them(bench, label):
    """Years as numbers, periods as dates: what a workbook gives back is read as the label it stands for."""
    plan = bench.plan()
    for sheet, columns in (("orders", ["order", "delivery"]), ("deployment", ["period"]), ("running", ["period"]),
                           ("warehouse", ["period"]), ("sales", ["period", "delivered"])):  # fmt: skip
        for column in columns:
            plan[sheet][column] = [label(value) for value in plan[sheet][column]]
    assert bench.report(bench.case(), plan).passed


def test_blank_rows_lists_of_dicts_and_notes_do_no_harm(bench):
    plan = bench.plan()
    plan["orders"] = pd.concat([plan["orders"], pd.DataFrame([{}])], ignore_index=True).assign(note=None)
    plan["running"] = plan["running"].to_dict("records")
    plan["my own sheet"] = pd.DataFrame({"x": [1]})
    plan["sales"]["remark"] = "as agreed"
    assert bench.report(bench.case(), plan).passed


def test_without_warehouse_the_rest_must_be_owned(bench):
    """Proves: the warehouse is what is left; without it more installed than owned is still found."""
    plan = bench.plan()
    del plan["warehouse"]
    assert bench.report(bench.case(), plan).passed
    plan["orders"].loc[2, "units"] = 2  # 2 of 8 stand without being owned in 2029; 4 are sold later, of 4
    case = bench.case()
    case["generations"][1]["min_order"] = 2
    report = bench.report(case, plan)
    assert report.failed == ["conservation"]
    assert bench.check(report, "conservation")["largest_violation"] == 2


def test_an_empty_plan_is_audited(bench):
    """Nothing ordered, nothing run: demand is missed, the fleet is nowhere, committed units are missing; no error."""
    empty = {name: frame.iloc[:0] for name, frame in bench.plan().items()}
    report = bench.report(bench.case(), empty)
    assert {"committed_orders", "service_life", "conservation", "demand_minimum"} <= set(report.failed)
    assert report.figures["compute_unit_hours"] == 0
    assert np.isnan(report.figures["levelised_cost"])


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=5), st.dates(),
    st.sampled_from(["2027", "2029", "north", "new", "train", "#N/A", "1e400", 2027, 1e308, -1, 0.5, pd.NaT, pd.NA]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_plan_ends_in_a_traceback(data):
    """Proves: any cell may hold anything; the report comes all the same."""
    bench = NO_TRACEBACK["bench"]
    plan = bench.full_plan()
    for _ in range(data.draw(st.integers(1, 4))):
        sheet = data.draw(st.sampled_from(sorted(plan)))
        frame = plan[sheet]
        if data.draw(st.integers(0, 9)) == 0:
            plan[sheet] = data.draw(
                st.sampled_from([frame.iloc[:0], pd.DataFrame(), frame.iloc[:, 1:], frame.iloc[::-1]])
            )
        elif len(frame) and len(frame.columns):
            row, column = data.draw(st.integers(0, len(frame) - 1)), data.draw(st.integers(0, len(frame.columns) - 1))
            values = list(frame.iloc[:, column].astype(object))
            values[row] = data.draw(JUNK)
            plan[sheet] = frame.assign(
                **{str(frame.columns[column]): pd.Series(values, dtype=object, index=frame.index)}
            )
    report = audit(NO_TRACEBACK["tables"], plan)
    assert {"pass", "fail", "not given", "reported", "not checked"} >= set(report.checks["verdict"])
    assert report.passed == (report.failed == [])


NO_TRACEBACK: dict[str, object] = {}


@pytest.fixture(autouse=True)
def _tables_once(bench):
    if not NO_TRACEBACK:
        NO_TRACEBACK.update(bench=bench, tables=read_frames(bench.case()))
