"""Small random programmes with every part in use, and points of them, for the tests of what solves them."""

from __future__ import annotations

from functools import cache

import numpy as np
from random_cases import random_frames

from procure.case import Case
from procure.solving.apportion import whole_sales
from procure.solving.dive import dive
from procure.solving.engine import Engine, LpResult
from procure.solving.matrix import Matrix
from procure.solving.objectives import LINEAR
from procure.solving.probe import Probe
from procure.solving.solve import compile_case

SEEDS = (0, 1, 3, 4, 7, 8)
ACCOUNTS = ["compute_pv", "compute_raw", "cost", "energy_available", "energy_used", "worth"]


@cache
def programme(seed: int, size: int = 3) -> Matrix:
    """A small random programme with every part in use: ``size`` generations and halls, twice as many periods."""
    frames = random_frames(np.random.default_rng(seed), generations=size, sites=size, periods=2 * size, objective="npv")
    return compile_case(Case.from_frames(frames))[1]


def violation(matrix: Matrix, x: np.ndarray) -> float:
    """The most by which a point breaks a row or a bound, relative to the limit."""
    activity = matrix.A @ x
    sides = [(matrix.row_lower - activity, matrix.row_lower), (activity - matrix.row_upper, matrix.row_upper),
             (matrix.lower - x, matrix.lower), (x - matrix.upper, matrix.upper)]  # fmt: skip
    finite = [(over[np.isfinite(limit)], limit[np.isfinite(limit)]) for over, limit in sides]
    return max(float(np.max(over / np.maximum(1.0, np.abs(limit)), initial=-1.0)) for over, limit in finite)


def dived(seed: int, objective: str, size: int = 3) -> tuple[Engine, LpResult]:
    """The engine, and its relaxation's best point with whole builds, orders and sales."""
    matrix = programme(seed, size)
    engine = Engine(matrix, ACCOUNTS)
    with Probe(engine, LINEAR[objective]) as probe:
        point = dive(probe, matrix, engine.relax(LINEAR[objective]))
        assert point is not None
        whole = whole_sales(probe, matrix, point)
    assert whole is not None
    return engine, whole
