"""The faces of an explanation: solve, explain, the command line, JSON; rules, cells, time limits, wrong verdicts."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pyomo.environ as pe
import pytest
from helpers import frames, make
from known import KNOWN, MIN, M
from lifting import feasible

import procure
from procure.cli import main
from procure.explaining import asking
from procure.explaining.diagnosis import diagnose
from procure.explaining.words import nice_up

if TYPE_CHECKING:
    from pathlib import Path

BUDGET = {"periods": 3, "power": {"Hall": 5.0}, "budget": {"capex": [2 * M, M, M]}, "demand": {MIN: [100, 200, 700]}}


def workbook(path: Path, tables: dict[str, Any]) -> Path:
    import pandas as pd

    with pd.ExcelWriter(path) as writer:
        for name, frame in tables.items():
            frame.to_excel(writer, sheet_name=name, index=False)
    return path


def test_solve_raises_with_reasons() -> None:
    with pytest.raises(procure.InfeasibleError) as caught:
        procure.solve(make(**BUDGET), time_limit=30, baselines=False)
    lines = [str(reason) for reason in caught.value.reasons]
    assert "demand row 1 (2032): demand needs at least 700 H100e in 2032" in lines
    assert "budget (2032): capex up to 2032 is at most 4 M USD" in lines
    assert "way out: +3 M USD budget in 2032" in lines
    kinds = [reason.kind for reason in caught.value.reasons]
    assert kinds == sorted(kinds, key=["cause", "limit", "way_out", "note"].index)


def test_feasible_case_names_what_binds() -> None:
    found = procure.explain(make(periods=2, power={"Hall": [1.0, 2.0]}, budget={"capex": [50 * M, 0]}), time_limit=30)
    assert found.status == "feasible"
    assert found.headline == "The case is feasible: a plan exists that satisfies every limit."
    assert str(found.binding[0]) == "power row 1 (2030 to 2031): Hall has 1 to 2 MW from 2030"
    assert found.binding[0].share == pytest.approx(1.0)
    assert not found.clashes
    assert not found.ways_out


def test_cells_and_text_of_a_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "case.xlsx", frames(**BUDGET))
    assert main(["explain", str(path), "--time-limit", "30"]) == 4
    text = capsys.readouterr().out
    assert "  demand!E2: demand needs at least 700 H100e in 2032" in text
    assert "  budget!D2: capex up to 2032 is at most 4 M USD" in text
    assert "These 2 limits cannot hold together; without any one of them the others can:" in text
    assert "or +3 M USD budget in 2032" in text


def test_json_of_explain_and_of_solve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "case.xlsx", frames(**BUDGET))
    assert main(["explain", str(path), "--json"]) == 4
    data = json.loads(capsys.readouterr().out)
    assert data["status"] == "infeasible"
    assert [limit["cell"] for limit in data["clashes"][0]["limits"]] == ["E2", "D2"]
    way = next(way for way in data["ways_out"] if way["kind"] == "budget")
    assert way["proven"] is True
    assert way["changes"] == [
        {"sheet": "budget", "cell": "D2", "where": "budget!D2", "column": "2032", "old": "1000000", "new": "4000000"}
    ]
    assert main(["solve", str(path), "-o", str(tmp_path / "plan.xlsx"), "--json", "--no-baselines"]) == 4
    solved = json.loads(capsys.readouterr().out)
    assert solved["status"] == "infeasible"
    assert solved["explanation"]["clashes"] == data["clashes"]
    assert not (tmp_path / "plan.xlsx").exists()


@pytest.mark.parametrize(
    "name", ["power", "energised too late", "shell lead time", "option window", "budget with carry-over"]
)
def test_ways_out_work_when_typed_into_the_workbook(tmp_path: Path, name: str) -> None:
    import openpyxl

    tables = frames(**KNOWN[name][0])
    for frame in tables.values():  # a wide table as planners fill it: what does not change is left blank
        years = [column for column in frame.columns if column in ("2030", "2031", "2032", "2033")]
        for i in range(len(frame)):
            row = frame.loc[i, years].tolist()
            for before, year, value in zip(row, years[1:], row[1:], strict=False):
                if before == value:
                    frame.loc[i, year] = None
    path = workbook(tmp_path / "case.xlsx", tables)
    found = procure.explain(path)
    assert found.status == "infeasible"
    assert found.ways_out
    for number, way in enumerate(found.ways_out):
        book = openpyxl.load_workbook(path)
        for change in way.changes:
            assert change.cell is not None
            new = change.shown[1]
            number_ = new.replace(".", "", 1).isdigit() and change.column not in ("earliest", "latest")
            book[change.sheet][change.cell] = float(new) if number_ else new
        typed = tmp_path / f"typed {number}.xlsx"
        book.save(typed)
        assert feasible(procure.Case.from_workbook(typed)), way.text


def test_contradicting_tables_are_infeasible_not_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "case.xlsx", frames(**KNOWN["power"][0]))
    assert main(["check", str(path)]) == 3
    capsys.readouterr()
    assert main(["solve", str(path), "-o", str(tmp_path / "plan.xlsx")]) == 4
    text = capsys.readouterr().err
    assert "E305 demand!E2 (2032): the minimum of 'all' in 2032 is 1,500" in text
    assert "power!D2: Hall has 1.2 MW in 2032" in text
    assert "+0.3 MW at Hall in 2032" in text


def test_other_faults_stay_input_errors() -> None:
    tables = frames(**BUDGET)
    tables["generations"]["price"] = -1.0
    with pytest.raises(procure.InputError):
        procure.explain(tables)


def test_frames_are_accepted() -> None:
    found = procure.explain(frames(**KNOWN["committed over budget"][0]), time_limit=30)
    assert found.status == "infeasible"
    assert str(found.causes[0]).startswith("E304 budget")


def no_orders_at_first(model: Any) -> None:
    model.patience = pe.Constraint(expr=model.order["A", 0] + model.order["A", 1] <= 1)


def at_least_nine(model: Any) -> None:
    model.order_lots["A", 2].setlb(9)


def test_a_rule_is_named_and_lifting_it_is_a_way_out() -> None:
    case = make(periods=3, power={"Hall": 5.0}, demand={MIN: [0, 300, 300]})
    assert diagnose(case).status == "feasible"
    found = procure.explain(case, 30, rules=[no_orders_at_first])
    assert found.status == "infeasible"
    assert {m.text for m in found.clashes[0].members} == {
        "your rule no_orders_at_first", "demand needs at least 300 H100e in 2031",
    }  # fmt: skip
    assert "without your rule no_orders_at_first" in [str(way) for way in found.ways_out]


def test_a_bound_that_a_rule_sets_is_named_with_what_it_clashes_with() -> None:
    case = make(periods=3, power={"Hall": 5.0}, budget={"capex": [2 * M, 2 * M, 2 * M]})
    with pytest.raises(procure.InfeasibleError) as caught:
        procure.solve(case, rules=[at_least_nine], baselines=False)
    lines = [str(reason) for reason in caught.value.reasons]
    assert "your rule at_least_nine" in lines
    assert "budget (2032): capex up to 2032 is at most 6 M USD" in lines
    assert "way out: +3 M USD budget in 2032" in lines


def test_a_rule_that_nothing_satisfies_is_the_cause() -> None:
    def impossible(model: Any) -> None:
        model.never = pe.Constraint(expr=0 * model.order_lots["A", 0] >= 1)

    with pytest.raises(procure.InfeasibleError) as caught:
        procure.solve(make(periods=2), rules=[impossible], baselines=False)
    assert "rules" in str(caught.value.reasons[0])


def test_no_time_still_gives_a_reason() -> None:
    started = time.monotonic()
    found = asking.explain_case(make(**BUDGET), seconds=0.01, known_infeasible=True)
    assert time.monotonic() - started < 10
    assert found.status == "infeasible"
    assert found.reasons
    assert any("capex up to then" in str(reason) for reason in found.reasons)


def test_a_wrong_verdict_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from procure.solving import solve as solving

    asked: list[bool] = []
    true_solve = solving.solve_case

    def wrong_at_first(*args: Any, cautious: bool = False, **more: Any) -> Any:
        asked.append(cautious)
        if not cautious:
            raise procure.InfeasibleError("the solver says so")
        return true_solve(*args, cautious=True, **more)

    monkeypatch.setattr(solving, "solve_case", wrong_at_first)
    plan = procure.solve(make(periods=2), time_limit=30, baselines=False)
    assert asked == [False, True]
    assert plan.status == "optimal"


def test_a_way_out_leads_to_a_plan() -> None:
    case = make(**BUDGET)
    found = diagnose(case)
    for way in found.ways_out:
        assert procure.solve(way.apply(case), time_limit=30, baselines=False).status in ("optimal", "feasible")


def test_ways_out_are_no_larger_than_needed() -> None:
    case = make(**BUDGET)
    found = diagnose(case)
    ways = {way.kind: way for way in found.ways_out}
    (cell,) = ways["budget"].changes
    assert cell.new - cell.old == 3 * M
    less = make(**{**BUDGET, "budget": {"capex": [2 * M, M, 3.9 * M]}})
    assert not feasible(less)


@pytest.mark.parametrize(
    ("value", "rounded"), [(3.1416, 3.2), (1.2345, 1.24), (41_300_000, 42_000_000), (0.0123, 0.0123)]
)
def test_figures_that_one_types(value: float, rounded: float) -> None:
    assert nice_up(value) == rounded
