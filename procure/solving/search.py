"""From a relaxation to a proven whole-number plan: neighbourhood search, then branch and bound only where needed.

The relaxation of this programme is tight (the best plan lies 0.01 % to 0.1 % below it), so its optimum is the bound and
a neighbourhood around it holds a plan within the gap: RENS (Berthold 2014, "RENS: the optimal rounding") restricts each
whole number to the neighbourhood of its relaxed value. Where that does not close the gap, the full branch and bound
goes on from the incumbent, and its dual bound replaces the relaxation's where it is better.

Objectives are normalised by the caller so that absolute and relative gaps are the same number.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from procure.solving.engine import INF, Engine, Infeasible, OutOfTime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from procure.solving.engine import LpResult

    Floats = NDArray[np.float64]

__all__ = ["Found", "Reporter", "Silent", "find_plan", "neighbourhood"]

WIDTHS = (0, 1)
INTEGRAL = 1e-6


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
    """Best plan of a search with its value and a valid bound (both normalised); ``x`` is None where none was found."""

    x: Floats | None = None
    value: float = -INF
    bound: float = INF
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def gap(self) -> float:
        """Absolute gap of the normalised objective."""
        return self.bound - self.value


def neighbourhood(engine: Engine, x: Floats, width: int) -> tuple[Floats, Floats]:
    """Return column bounds around a relaxed point for whole numbers, the programme's own for the rest.

    Whole numbers move within floor(x) − width .. ceil(x) + width, with what rounding needs on top: installed and sold
    units may always go down (a lot that rounds down takes its units with it), an order may move by one lot more and,
    where it is in use, up to its minimum or down to nothing; builds, project starts and order switches are free.
    """
    whole, columns = engine.integer, engine.matrix.columns
    low, high = np.floor(x + INTEGRAL) - width, np.ceil(x - INTEGRAL) + width
    for name in ("installed", "sell"):
        low[_present(columns[name])] = -INF
    for name in ("build", "build_shell", "start", "ordered"):
        free = _present(columns[name])
        low[free], high[free] = -INF, INF
    orders = columns["order_lots"]
    present = orders >= 0
    lots, least = orders[present], engine.matrix.order_least[present]
    used = x[lots] > INTEGRAL
    high[lots] = np.where(used, np.maximum(high[lots], least) + 1, high[lots] + 1)
    low[lots] = np.where(x[lots] < least, 0.0, low[lots] - 1)
    lower, upper = engine.lower.copy(), engine.upper.copy()
    lower[whole] = np.maximum(lower[whole], low[whole])
    upper[whole] = np.minimum(upper[whole], high[whole])
    return lower, np.maximum(lower, upper)


def _present(columns: NDArray[np.int64]) -> NDArray[np.int64]:
    return columns[columns >= 0]


def find_plan(
    engine: Engine,
    objective: Mapping[str, float],
    relaxed: LpResult,
    *,
    gap: float,
    bound: float | None = None,
    start: Floats | None = None,
    widths: Sequence[int] = WIDTHS,
    exhaustive: bool = True,
    report: Reporter,
) -> Found:
    """Maximise ``objective`` over whole numbers, from the relaxation's optimum, to an absolute gap.

    ``bound`` is a valid bound on the optimum (default: the relaxation's value); ``start`` a feasible point to begin
    with; ``exhaustive`` allows full branch and bound when the neighbourhoods do not close the gap. Raises
    ``Infeasible`` when branch and bound proves that there is no plan; returns what it has when time runs out.
    """
    found = Found(bound=relaxed.value if bound is None else bound)
    if start is not None:
        found.x, found.value = start, engine_value(engine, objective, start)
    try:
        for width in widths:
            if found.gap <= gap:
                return found
            _step(engine, objective, found, gap, width, relaxed, report)
        if exhaustive and found.gap > gap:
            _branch(engine, objective, found, gap, report)
    except OutOfTime:
        pass
    return found


def engine_value(engine: Engine, objective: Mapping[str, float], x: Floats) -> float:
    """Return Σ value · account at a point that holds its accounts."""
    return float(sum(value * x[engine.account[name]] for name, value in objective.items()))


def _step(engine: Engine, objective: Mapping[str, float], found: Found, gap: float, width: int,
          relaxed: LpResult, report: Reporter) -> None:  # fmt: skip
    lower, upper = neighbourhood(engine, relaxed.x, width)
    started = time.monotonic()
    report.stage(f"integer step, neighbourhood {width}")
    result = engine.integer_step(
        objective,
        lower=lower,
        upper=upper,
        start=found.x if width and found.x is not None else None,
        absolute_gap=gap / 8,
        relative_gap=0.0,
        target=found.bound - 0.9 * gap,
        seconds=max(5.0, 4.0 * engine.lp_seconds),
        on_incumbent=lambda x, _value: report.incumbent(x[: engine.n]),
    )
    found.steps.append({"width": width, "seconds": time.monotonic() - started, "value": result.value, "nodes": result.nodes})
    if result.x is not None and result.value > found.value:
        found.x, found.value = result.x, result.value
        report.incumbent(result.x[: engine.n])
        report.progress(found.value, found.bound)


def _branch(engine: Engine, objective: Mapping[str, float], found: Found, gap: float, report: Reporter) -> None:
    started = time.monotonic()
    report.stage("branch and bound")

    def tell(value: float, bound: float, _nodes: int) -> None:
        report.progress(max(found.value, value), min(found.bound, bound))

    result = engine.integer_step(
        objective,
        start=found.x,
        absolute_gap=gap,
        relative_gap=0.0,
        target=found.bound - gap,
        on_incumbent=lambda x, _value: report.incumbent(x[: engine.n]),
        on_progress=tell,
        options={"mip_lp_solver": "ipm"} if engine.n > 100_000 else None,
    )
    found.steps.append({"width": None, "seconds": time.monotonic() - started, "value": result.value, "nodes": result.nodes})
    if result.x is None and result.closed and found.x is None:
        raise Infeasible
    if result.x is not None and result.value > found.value:
        found.x, found.value = result.x, result.value
        report.incumbent(result.x[: engine.n])
    if np.isfinite(result.bound):
        found.bound = min(found.bound, max(result.bound, found.value))
    report.progress(found.value, found.bound)
