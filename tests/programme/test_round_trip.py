"""A case saved as a workbook and read back is the same case, and plans the same.

``PROCURE_THROUGH_EXCEL=1`` sends every hand-solved case of this folder by way of a workbook.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from helpers import frames, solve, through_excel
from random_cases import random_frames
from tiny_cases import tiny_frames

from procure.case import Case

if TYPE_CHECKING:
    from pathlib import Path


def differences(one: Any, other: Any, where: str = "case") -> list[str]:
    """Where two cases differ, by name."""
    if is_dataclass(one) and not isinstance(one, type):
        names = [f.name for f in fields(one) if f.name != "tables"]
        return [
            line for name in names for line in differences(getattr(one, name), getattr(other, name), f"{where}.{name}")
        ]
    if isinstance(one, np.ndarray):
        same = one.shape == other.shape and np.allclose(one, other, rtol=1e-14, atol=0, equal_nan=True)
        return [] if same else [f"{where}: {one} and {other}"]
    if isinstance(one, tuple) and len(one) == len(other):
        return [
            line for i, pair in enumerate(zip(one, other, strict=True)) for line in differences(*pair, f"{where}[{i}]")
        ]
    return [] if one == other else [f"{where}: {one!r} and {other!r}"]


@pytest.mark.parametrize("seed", range(4))
def test_a_workbook_holds_the_whole_case(seed: int, tmp_path: Path) -> None:
    """Proves: every array is the same to the fifteenth digit (Excel keeps no more).

    Sensitivity: a sheet that was dropped or misread would differ.
    """
    length = ("month", "quarter", "half", "year")[seed]
    for tables in (random_frames(np.random.default_rng(seed), length=length, periods=5), tiny_frames(1009 + seed)[0]):
        assert differences(Case.from_frames(tables), through_excel(tables, tmp_path)) == []


def test_the_plan_is_the_same(tmp_path: Path) -> None:
    """Proves: 13,140,000 unit-hours of 20 units in eco mode, from frames and from the workbook alike."""
    eco = [{"generation": "A", "mode": "eco", "power_factor": 0.5, "compute_factor": 0.75}]
    result = solve(through_excel(frames(modes=eco), tmp_path))
    assert result.value == pytest.approx(13_140_000)
    assert result.running(mode="eco") == [20]


def test_a_difference_is_found() -> None:
    """Proves: the comparison sees a single number. Sensitivity: it would call any two cases equal."""
    one, other = (Case.from_frames(frames(sites=[{"pue": pue}])) for pue in (1.0, 1.0000001))
    assert [line.split(":")[0] for line in differences(one, other)] == ["case.sites.facility_factor"]
