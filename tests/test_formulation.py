"""The written formulation and the code name the same variables, rows and functionals, and point at functions that exist."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pyomo.environ as pe
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "models" / "formulation.md").read_text(encoding="utf-8")
sys.path.insert(0, str(ROOT / "tests" / "bench"))


def section(number: int) -> str:
    """Return the text of one numbered section."""
    match = re.search(rf"^## {number}\. .*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert match, f"the page has no section {number}"
    return match.group()


def described(number: int) -> dict[str, str]:
    """Return name → last cell of each row of the section's tables whose first cell is code."""
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", section(number), re.MULTILINE)
    return {name: rest.rsplit("|", 1)[-1] for name, rest in rows}


@pytest.fixture(scope="module")
def model() -> pe.ConcreteModel:
    from cases import bench_frames

    from procure.case import Case
    from procure.programme import build

    return build(Case.from_frames(bench_frames(3, 4, 8, carbon_cap_t=1e9))).model


def test_every_row_family_is_described_and_every_described_one_exists(model: pe.ConcreteModel) -> None:
    built = {component.local_name for component in model.component_objects(pe.Constraint)}
    assert built == set(described(4))


def test_every_variable_family_is_described_and_every_described_one_exists(model: pe.ConcreteModel) -> None:
    built = {component.local_name for component in model.component_objects(pe.Var)}
    assert built == set(described(3))


def test_every_functional_is_described_and_every_described_one_exists() -> None:
    from procure.programme.draft import FUNCTIONALS

    assert set(FUNCTIONALS) == set(described(5))


def test_every_objective_is_described_and_every_described_one_exists() -> None:
    from procure.api import OBJECTIVES

    assert set(OBJECTIVES) == set(described(6))


@pytest.mark.parametrize("number", [3, 4, 5])
def test_the_functions_named_exist_where_the_page_says(number: int) -> None:
    for name, place in described(number).items():
        file, function = re.findall(r"`([^`]+)`", place)
        module = importlib.import_module("procure." + file.removesuffix(".py").replace("/", "."))
        assert callable(getattr(module, function)), f"{name}: {file} has no {function}"


def test_worked_numbers() -> None:
    from procure import finance

    assert round(finance.period_rate(0.08, 0.25), 6) == 0.019427
    assert round(4.0 * float(finance.discount(0.08, 0.25, 2)), 3) == 3.849
    assert round(140 * 1.05 * 1.2 / 1000, 4) == 0.1764
    assert round(2190 * 0.75 * 0.1764, 1) == 289.7
    sold = 600 - float(finance.book_value(600.0, 1.0, 6.0)) / 1.1
    assert np.isclose(sold, (100 + 0.1 * 600) / 1.1)
    assert round(sold, 2) == 145.45
