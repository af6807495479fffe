"""Make the helpers beside the tests, and the cases of the plan's tests, importable; plans that the tests share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "plan"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from report_plans import audited_plan  # noqa: E402 - found beside this file

if TYPE_CHECKING:
    from procure.plan import Plan


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Four sites, twenty quarters."""
    return audited_plan(1, periods=20)


@pytest.fixture(scope="session")
def wide_plan() -> Plan:
    """Forty sites, twelve generations, forty quarters."""
    return audited_plan(5, generations=12, sites=40, periods=40)


@pytest.fixture(scope="session")
def book(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of ``plan``."""
    path = tmp_path_factory.mktemp("plan") / "plan.xlsx"
    plan.to_excel(path)
    return path


@pytest.fixture(scope="session")
def wide_book(wide_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of ``wide_plan``."""
    path = tmp_path_factory.mktemp("wide") / "plan.xlsx"
    wide_plan.to_excel(path)
    return path
