"""New numbers for a programme that stands: the same arrays as a build from nothing, or a clear no."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from random_cases import random_frames

from procure.case import Case
from procure.errors import InputError
from procure.programme import Restructured
from procure.solving.renumber import Renumbering
from procure.solving.solve import compile_case

if TYPE_CHECKING:
    import pandas as pd

    from procure.solving.matrix import Matrix

SEEDS = tuple(range(10))


@cache
def built(seed: int) -> tuple[dict[str, pd.DataFrame], Case, Renumbering]:
    """A small random case with every part in use, and the way to new numbers for it."""
    frames = random_frames(np.random.default_rng(seed), generations=3, sites=3, periods=6, objective="npv")
    case = Case.from_frames(frames)
    return frames, case, Renumbering(*compile_case(case))


def assert_same(one: Matrix, other: Matrix) -> None:
    """Both are the same arrays, to the last digits."""
    order = {(f, k): i for i, (f, k) in enumerate(zip(other.families, other.row_keys, strict=True))}
    rows = [order[f, k] for f, k in zip(one.families, one.row_keys, strict=True)]
    assert len(rows) == len(order)
    difference = abs(one.A - other.A[rows])
    assert difference.max() <= 1e-12 * abs(other.A).max()
    for name in ("row_lower", "row_upper"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name)[rows], rtol=1e-12, atol=1e-12)
    for name in ("lower", "upper"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-12)
    for name, f in one.functionals.items():
        np.testing.assert_allclose(f.coefficients, other.functionals[name].coefficients, rtol=1e-12, atol=1e-12)
        assert f.constant == pytest.approx(other.functionals[name].constant, rel=1e-12, abs=1e-12)
    np.testing.assert_array_equal(one.order_least, other.order_least)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_case_itself_has_the_arrays_that_pyomo_compiled(seed: int) -> None:
    """Proves: taken again from the same case, every coefficient, limit and functional is the compiled one.

    Sensitivity: a family that is skipped, a constant that stays on the wrong side, a bound that is not taken over differ.
    """
    _, case, again = built(seed)
    assert_same(again.of(case), compile_case(case)[1])


WIDE = ("power", "space", "budget", "allocation", "prices", "resale_prices", "demand", "compute_path", "rental")
LONG = (
    ("generations", "price"), ("generations", "power_kw"), ("generations", "opex_per_year"), ("generations", "min_order"),
    ("sites", "pue"), ("sites", "energy_per_mwh"), ("projects", "cost"), ("projects", "uplift"), ("power_options", "capex"),
    ("power_options", "adds_mw"), ("shell_options", "capex"), ("licences", "max_units"), ("rental", "price_per_unit_hour"),
    ("committed", "price"), ("fleet", "price"), ("workloads", "utilisation"),
)  # fmt: skip


def changed(frames: dict[str, pd.DataFrame], sheet: str, column: str | None, labels: tuple[str, ...], pick: int) -> Case:
    """The case with one number raised by a tenth (a whole one by one)."""
    frame = frames.get(sheet)
    if frame is None or frame.empty:
        pytest.skip("the case has no such table")
    cells = [(i, c) for c in frame.columns for i in range(len(frame)) if (c == column or (column is None and c in labels))
             and isinstance(frame[c].iloc[i], (int, float, np.number)) and frame[c].iloc[i] > 0]  # fmt: skip
    if not cells:
        pytest.skip("nothing to change")
    row, name = cells[pick % len(cells)]
    new = frame.copy()
    if column in ("min_order", "max_units"):
        new.loc[new.index[row], name] += 1
    else:
        new[name] = [float(v) if isinstance(v, (int, float, np.number)) else v for v in new[name]]
        new.loc[new.index[row], name] *= 1.1
    try:
        return Case.from_frames({**frames, sheet: new})
    except InputError:
        pytest.skip("not a case any more")


@pytest.mark.parametrize(("sheet", "column"), [*((name, None) for name in WIDE), *LONG])
@pytest.mark.parametrize("seed", SEEDS)
def test_one_changed_cell_gives_the_arrays_of_a_fresh_build(seed: int, sheet: str, column: str | None) -> None:
    """Proves: for one number changed, the arrays are those of a programme built for it, or it is said to be another one.

    Sensitivity: a price that stays in the budget row, a power limit that stays in the energy available differ.
    """
    frames, case, again = built(seed)
    other = changed(frames, sheet, column, case.calendar.labels, seed)
    draft, fresh = compile_case(other)
    if draft.scales != again._draft.scales:
        pytest.skip("the fresh programme has other units")
    try:
        taken = again.of(other)
    except Restructured:
        assert sorted(map(str, zip(fresh.families, fresh.row_keys, strict=True))) != sorted(
            map(str, zip(again._matrix.families, again._matrix.row_keys, strict=True))
        ) or fresh.A.shape != again._matrix.A.shape  # fmt: skip
        return
    assert_same(taken, fresh)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_case_with_other_candidates_is_refused(seed: int) -> None:
    """Proves: a shorter horizon of one generation's orders, so other columns, is said to be another programme.

    Sensitivity: arrays of the old shape for a new structure would solve the wrong case.
    """
    frames, case, again = built(seed)
    sooner = frames["generations"].copy()
    labels = list(case.calendar.labels)
    sooner["available_from"] = labels[-1]
    if "last_order" in sooner:
        sooner["last_order"] = labels[-1]
    other = Case.from_frames({**frames, "generations": sooner})
    if compile_case(other)[1].A.shape == again._matrix.A.shape:
        pytest.skip("the same candidates")
    with pytest.raises(Restructured):
        again.of(other)


def test_a_build_imports_nothing_of_scipy_but_matrices() -> None:
    """Proves: in a fresh process a build and compile leave scipy.stats out, and a later import of it is a real one.

    Sensitivity: Pyomo imports it with scipy, a second of every solve; a placeholder left behind has no functions.
    """
    code = (
        "import sys, procure.programme, procure.solving.engine; import pyomo.environ as pe; "
        "from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler; "
        "m = pe.ConcreteModel(); m.x = pe.Var(); m.c = pe.Constraint(expr=m.x >= 1); m.o = pe.Objective(expr=m.x); "
        "LinearStandardFormCompiler().write(m); assert 'scipy.stats' not in sys.modules; "
        "import scipy.stats; assert scipy.stats.norm.cdf(0.0) == 0.5"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_solve_imports_nothing_of_scipy_but_matrices() -> None:
    """Proves: a workbook read, built and compiled as a solve does leaves scipy.stats out, whatever is imported first.

    Sensitivity: one import of Pyomo before ``procure.programme`` loads it.
    """
    model = Path(__file__).parents[2] / "models" / "licence.xlsx"
    code = (
        "import sys, procure; from procure.case import Case; from procure.solving.solve import compile_case; "
        f"compile_case(Case.from_workbook({str(model)!r})); assert 'pyomo' in sys.modules; "
        "assert 'scipy.stats' not in sys.modules"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
