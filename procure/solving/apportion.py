"""Whole units in halls from a relaxed point with whole orders: largest remainders, period by period.

Units of a generation in a period are shared out as seats are (Hamilton's method of largest remainders): each hall gets the
whole part of what the relaxation gives it, and the units left go where the remainder is largest. A hall keeps what it had
in the period before where that is one of its two roundings, so that rounding moves nothing about. No hall is given more
than its rack positions hold. What the result is worth, a linear programme of the continuous part tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from procure.solving.engine import LpResult
    from procure.solving.matrix import Matrix
    from procure.solving.probe import Probe

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["apportion", "whole_sales"]

WHOLE = 1e-6


def whole_sales(probe: Probe, matrix: Matrix, point: LpResult) -> LpResult | None:
    """Round the sales of each cohort by their running total, and solve again; None where that satisfies nothing.

    They are rounded to the nearest, or where units are then missing, down: sold a little later.
    """
    lower, upper = probe.engine.lower, probe.engine.upper
    cohorts = [line[line >= 0] for line in matrix.columns["sell"] if np.any(line >= 0)]
    if not cohorts:
        return point
    every = np.concatenate(cohorts)
    for half in (0.5, WHOLE):
        rounded = np.concatenate([np.diff(np.floor(np.cumsum(np.maximum(0.0, point.x[cohort])) + half), prepend=0.0)
                                  for cohort in cohorts])  # fmt: skip
        rounded = np.clip(rounded, lower[every], upper[every])
        moved = bool(np.any(np.abs(rounded - point.x[every]) > WHOLE))
        probe.fix(every, rounded)
        found = probe.solve() if moved else point
        if found is not None:
            return found
    return None


def apportion(
    matrix: Matrix, x: Floats, lower: Floats, upper: Floats, *, generous: bool = False
) -> tuple[Ints, Floats]:
    """Return the columns of ``installed`` and whole values for them; the pool's units are never exceeded.

    ``generous``: units that the relaxation leaves in the warehouse go to halls whose share is rounded up.

    Parameters
    ----------
    matrix
        The programme.
    x
        A point whose pool is whole (columns, with or without accounts).
    lower, upper
        Bounds of the columns.
    """
    installed, pool = matrix.columns["installed"], matrix.columns["pool"]
    racks, room = _space(matrix, x)
    present = installed >= 0
    column = np.where(present, installed, 0)
    shares = np.where(present, np.clip(x[column], lower[column], upper[column]), 0.0)
    floors = np.floor(shares + WHOLE)
    free = room - np.einsum("gst,gst->st", racks, floors)  # positions left when every hall has its whole part
    chosen = np.zeros(installed.shape)
    for t in range(installed.shape[2]):
        for g in range(installed.shape[0]):
            there = installed[g, :, t]
            halls = np.flatnonzero(there >= 0)
            if not halls.size:
                continue
            share, least = shares[g, halls, t], floors[g, halls, t]
            owned = np.floor(x[pool[g, t]] + WHOLE) if pool[g, t] >= 0 else 0.0
            most = np.minimum(np.ceil(share - WHOLE), upper[there[halls]])
            before = chosen[g, halls, t - 1] if t else least
            units = np.clip(before, least, most)
            each = racks[g, halls, t]
            total = min(owned, most.sum() if generous else np.ceil(share.sum() - WHOLE))
            _settle(units, share, least, most, total, each, free[halls, t] + each * least)
            chosen[g, halls, t] = units
            free[halls, t] -= each * (units - least)
    return installed[present], chosen[present]


def _settle(
    units: Floats, share: Floats, least: Floats, most: Floats, total: float, racks: Floats, free: Floats
) -> None:
    """Move units (in place) between their roundings until they are ``total``, by the largest difference to the share."""
    for _ in range(len(units) + 1):
        over = units.sum() - total
        crowded = (racks * units > free + WHOLE) & (units > least)
        if crowded.any():
            units[crowded] -= 1.0
            continue
        if over > 0.5:
            can = units > least
            if not can.any():
                return
            units[np.argmax(np.where(can, units - share, -np.inf))] -= 1.0
        elif over < -0.5:
            can = (units < most) & (racks * (units + 1.0) <= free + WHOLE)
            if not can.any():
                return
            units[np.argmax(np.where(can, share - units, -np.inf))] += 1.0
        else:
            return


def _space(matrix: Matrix, x: Floats) -> tuple[Floats, Floats]:
    """Rack positions a unit takes (G × S × T) and positions there are (S × T, shells of the point included; inf: no row)."""
    installed = matrix.columns["installed"]
    _, S, T = installed.shape
    racks, room = np.zeros(installed.shape), np.full((S, T), np.inf)
    where = {int(column): i for i, column in enumerate(installed.ravel()) if column >= 0}
    for row, terms, values in _rows(matrix, "space"):
        cells = [(where[c], v) for c, v in zip(terms.tolist(), values.tolist(), strict=True) if c in where]
        shells = sum(v * x[c] for c, v in zip(terms.tolist(), values.tolist(), strict=True) if c not in where)
        if not cells:
            continue
        for cell, value in cells:
            racks.ravel()[cell] = value
        _, s, t = np.unravel_index(cells[0][0], installed.shape)
        room[s, t] = matrix.row_upper[row] - shells
    return racks, room


def _rows(matrix: Matrix, family: str) -> Iterator[tuple[int, Ints, Floats]]:
    A = matrix.A
    for i, name in enumerate(matrix.families):
        if name == family:
            part = slice(A.indptr[i], A.indptr[i + 1])
            yield i, A.indices[part], A.data[part]
