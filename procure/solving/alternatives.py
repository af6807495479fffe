"""Plans near the best one that are good at something else: the objective is held as rows, another aim is optimised.

One live engine serves all aims of a job; each answer is a plan made exact, with the bound on its aim. The same rows
give, by the relaxation, the least that every plan near the best must order: what is ordered whatever happens.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from procure.solving.engine import Engine, Infeasible, OutOfTime
from procure.solving.finish import finish
from procure.solving.matrix import Functional
from procure.solving.objectives import LINEAR, Target, objective_value
from procure.solving.search import find_plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.found import Reporter
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Aim", "Alternative", "AlternativesJob", "LeastJob", "held_rows", "with_switches"]

AIM = "aim"
AIM_GAP = 0.01  # of the aim's own size: an alternative need not be the most extreme one to the last digit


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be least: a linear function of the columns (indices and coefficients)."""

    name: str
    columns: Ints
    coefficients: Floats


@dataclass(slots=True)
class Alternative:
    """A plan for an aim: its point (None: not found), the aim's value, the least it can be, the objective's value."""

    index: int
    x: Floats | None
    value: float = float("nan")
    least: float = float("nan")
    objective: float = float("nan")
    seconds: float = 0.0
    problem: str = ""


def held_rows(target: Target, value: float, within: float) -> list[tuple[dict[str, float], float]]:
    """Return rows over accounts (terms, at least) that say: the objective is within a share of a value."""
    if target.objective in LINEAR:
        size = abs(value) or 1.0
        terms = {name: weight / size for name, weight in LINEAR[target.objective].items()}
        return [(terms, value / size - within)]
    measures = target.normalisers or (1.0,) * len(target.ratios)
    return [
        ({top: 1.0, bottom: -value * (1.0 - within) * r}, 0.0)
        for (top, bottom), r in zip(target.ratios, measures, strict=True)
    ]


def with_switches(matrix: Matrix, groups: list[tuple[Ints, Floats, float]]) -> tuple[Matrix, Ints]:
    """Add a 0/1 column a group that is 1 wherever its columns are in use: Σ coefficient · x ≤ limit · switch.

    Returns the matrix and the switches' columns.
    """
    m, n = matrix.A.shape
    k = len(groups)
    rows = np.concatenate([np.full(len(columns), i) for i, (columns, _, _) in enumerate(groups)]) if k else np.zeros(0)
    at = np.concatenate([columns for columns, _, _ in groups]) if k else np.zeros(0)
    values = np.concatenate([coefficients for _, coefficients, _ in groups]) if k else np.zeros(0)
    body = csr_array((values, (rows.astype(int), at.astype(int))), shape=(k, n))
    limits = csr_array((-np.array([limit for _, _, limit in groups]), (np.arange(k), np.arange(k))), shape=(k, k))
    A = vstack([hstack([matrix.A, csr_array((m, k))]), hstack([body, limits])], format="csr")
    functionals = {
        name: Functional(np.concatenate([f.coefficients, np.zeros(k)]), f.constant)
        for name, f in matrix.functionals.items()
    }
    wider = replace(
        matrix, A=csr_array(A), row_lower=np.concatenate([matrix.row_lower, np.full(k, -np.inf)]),
        row_upper=np.concatenate([matrix.row_upper, np.zeros(k)]), lower=np.concatenate([matrix.lower, np.zeros(k)]),
        upper=np.concatenate([matrix.upper, np.ones(k)]),
        integer=np.concatenate([matrix.integer, np.ones(k, dtype=bool)]),
        functionals=functionals, families=[*matrix.families, *["switch"] * k],
        row_keys=[*matrix.row_keys, *range(k)],
    )  # fmt: skip
    return wider, np.arange(n, n + k)


@dataclass(slots=True)
class AlternativesJob:
    """Make each aim least among plans whose objective is within a share of a value; (index, aim) pairs."""

    matrix: Matrix
    target: Target
    value: float
    within: float
    aims: list[tuple[int, Aim]]
    seconds: float
    seed: int = 0

    def run(self, report: Any) -> int:
        """Stream an ``Alternative`` for each aim; one that was not reached says so."""
        deadline = time.monotonic() + self.seconds
        for done, (index, aim) in enumerate(self.aims):
            started = time.monotonic()
            share = (deadline - started) / (len(self.aims) - done)  # an aim may not take the time of the others
            try:
                found = self._one(index, aim, started + share, report)
            except OutOfTime:
                found = Alternative(index, None, problem="not done: out of time")
            except Infeasible:
                found = Alternative(index, None, problem="no other plan is this near the best")
            found.seconds = time.monotonic() - started
            report.point(found)
        return len(self.aims)

    def _one(self, index: int, aim: Aim, deadline: float, report: Reporter) -> Alternative:
        weights = np.zeros(self.matrix.A.shape[1])
        weights[aim.columns] = aim.coefficients
        matrix = replace(self.matrix, functionals={**self.matrix.functionals, AIM: Functional(weights, 0.0)})
        engine = Engine(matrix, [*self.target.accounts, AIM], deadline=deadline, seed=self.seed)
        kept = _hold(engine, self.target, self.value, self.within)
        relaxed = engine.relax({AIM: -1.0})
        least = -relaxed.value
        size = max(float(np.abs(aim.coefficients).max(initial=0.0)), abs(least)) or 1.0
        scaled = {AIM: -1.0 / size}
        found = find_plan(engine, scaled, bound=relaxed.value / size, gap=AIM_GAP, report=report)
        if found.x is None:
            return Alternative(index, None, least=least, problem="not done: no plan was found in time")
        n = self.matrix.A.shape[1]
        x = found.x[:n]
        exact = finish(engine, x, kept, {"cost": -1.0 / max(1.0, abs(self.matrix.functionals["cost"](x)))}, 30.0)
        x = x if exact is None else exact[:n]
        value = float(aim.coefficients @ x[aim.columns])
        measures = self.target.normalisers
        return Alternative(
            index, x, value, max(least, -found.bound * size), objective_value(self.matrix, self.target, measures, x)
        )


@dataclass(slots=True)
class LeastJob:
    """The least that some sums of orders can be in any plan near the best: bounds of the relaxation, (index, aim)."""

    matrix: Matrix
    target: Target
    value: float
    within: float
    aims: list[tuple[int, Aim]]
    seconds: float
    seed: int = 0

    def run(self, report: Any) -> int:
        """Stream (index, least) for each aim, in order, until the time is out."""
        weights, names = {}, [f"{AIM} {index}" for index, _ in self.aims]
        for name, (_, aim) in zip(names, self.aims, strict=True):
            coefficients = np.zeros(self.matrix.A.shape[1])
            coefficients[aim.columns] = aim.coefficients
            weights[name] = Functional(coefficients, 0.0)
        matrix = replace(self.matrix, functionals={**self.matrix.functionals, **weights})
        deadline = time.monotonic() + self.seconds
        engine = Engine(matrix, [*self.target.accounts, *names], deadline=deadline, seed=self.seed)
        _hold(engine, self.target, self.value, self.within)
        for name, (index, _) in zip(names, self.aims, strict=True):
            try:
                report.point((index, -engine.relax({name: -1.0}).value))
            except OutOfTime:
                break
        return len(self.aims)


def _hold(engine: Engine, target: Target, value: float, within: float) -> list[tuple[dict[str, float], float]]:
    """Hold the volume and the objective near a value; return the rows held."""
    if target.volume > 0:
        engine.bound("compute_pv", lower=target.volume)
    rows = held_rows(target, value, within)
    for i, (terms, least) in enumerate(rows):
        engine.spare_row(i, terms, lower=least)
    return rows
