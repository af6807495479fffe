"""What a search has found so far, whom it tells, and the integer step that every part of it takes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from procure.solving.highs import INF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procure.solving.engine import Engine, MipResult

    Floats = NDArray[np.float64]

__all__ = ["STEP", "Found", "Reporter", "Silent", "engine_value", "step", "take"]

CLOSED = 0.998  # of a relative gap: exact whole numbers may cost a plan a little
ENOUGH = 0.98  # of the gap: a step ends with a plan that good
# in a neighbourhood the bound is known and only plans are wanted: few cuts, then HiGHS' own heuristics
STEP: dict[str, Any] = {"mip_pool_soft_limit": 100, "mip_allow_restart": False}


class Reporter(Protocol):
    """Where a search says what it found; implementations send it on or drop it."""

    def stage(self, name: str) -> None:
        """Say what is being done now."""

    def incumbent(self, x: Floats) -> None:
        """Hand over a feasible point of the programme (columns without accounts)."""

    def bound(self, facts: tuple[float, tuple[float, ...], float]) -> None:
        """Hand over what is proven: bound on the objective, normalisers of the ratios, attainable compute."""

    def progress(self, value: float, bound: float) -> None:
        """Say the best value and bound of the running stage (normalised)."""


class Silent:
    """A reporter that drops everything."""

    def stage(self, name: str) -> None:
        """Drop it."""

    def incumbent(self, x: Floats) -> None:
        """Drop it."""

    def bound(self, facts: tuple[float, tuple[float, ...], float]) -> None:
        """Drop it."""

    def progress(self, value: float, bound: float) -> None:
        """Drop it."""


@dataclass(slots=True)
class Found:
    """Best plan of a search with its value and a valid bound (both normalised); ``x`` is None where none was found.

    ``relative``: gaps are shares of the plan's value, as they are told; else absolute.
    """

    x: Floats | None = None
    value: float = -INF
    bound: float = INF
    relative: bool = False
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def gap(self) -> float:
        """Absolute gap of the normalised objective."""
        return self.bound - self.value

    def allowed(self, gap: float) -> float:
        """Return what a gap is as a difference of normalised values."""
        return CLOSED * gap * abs(self.value) if self.relative and np.isfinite(self.value) else gap

    def open(self, gap: float) -> bool:
        """Say whether the gap is not closed yet."""
        return self.gap > self.allowed(gap)


def engine_value(engine: Engine, objective: Mapping[str, float], x: Floats) -> float:
    """Return Σ value · account at a point that holds its accounts."""
    return float(sum(value * x[engine.account[name]] for name, value in objective.items()))


def take(engine: Engine, found: Found, result: MipResult, report: Reporter) -> None:
    """Keep a result that beats the best so far."""
    if result.x is not None and result.value > found.value:
        found.x, found.value = result.x, result.value
        report.incumbent(result.x[: engine.n])
        report.progress(found.value, found.bound)


def step(engine: Engine, objective: Mapping[str, float], found: Found, gap: float, bounds: tuple[Floats, Floats],
         name: str, report: Reporter, patience: float = 1.0) -> MipResult:  # fmt: skip
    """Search a neighbourhood; keep what is better than the best so far. ``patience``: share of the time such a step has."""
    began = time.monotonic()
    report.stage(f"integer step, {name}")
    lower, upper = bounds
    result = engine.integer_step(
        objective,
        lower=lower,
        upper=upper,
        start=found.x,
        absolute_gap=gap / 8,
        relative_gap=0.0,
        target=found.bound - ENOUGH * found.allowed(gap),
        seconds=patience * max(5.0, 4.0 * engine.first_seconds),
        on_incumbent=lambda x, _value: report.incumbent(x[: engine.n]),
        options=STEP,
    )
    found.steps.append(
        {"step": name, "seconds": time.monotonic() - began, "value": result.value, "nodes": result.nodes}
    )
    take(engine, found, result, report)
    return result
