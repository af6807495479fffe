"""Tiny cases solved in this process, as plans, with reporters that keep what a job streams."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from helpers import solve
from tiny_cases import tiny_frames

from procure.case import Case
from procure.errors import InfeasibleError, InputError
from procure.plan import Plan
from procure.solving.engine import Infeasible
from procure.solving.found import Silent
from procure.solving.objectives import NotPositive

if TYPE_CHECKING:
    import pandas as pd


class Kept(Silent):
    """A reporter that keeps the points streamed."""

    def __init__(self) -> None:
        self.points: list[Any] = []

    def point(self, payload: Any) -> None:
        self.points.append(payload)


@cache
def tiny_plan(seed: int, objective: str) -> Plan | None:
    """The best plan of a random tiny case, to the smallest gap; None where there is none."""
    try:
        result = solve(Case.from_frames(tiny_frames(seed)[0]), objective=objective)
    except (InputError, InfeasibleError, Infeasible, NotPositive):
        return None
    return Plan(result.solution, result.outcome)


def set_cell(
    frames: dict[str, pd.DataFrame], sheet: str, key: str, name: str, label: str, value: float
) -> dict[str, pd.DataFrame]:
    """Copy input frames with one cell of a wide table changed."""
    frame = frames[sheet].copy()
    frame[label] = frame[label].astype(float)
    frame.loc[frame[key] == name, label] = value
    return {**frames, sheet: frame}
