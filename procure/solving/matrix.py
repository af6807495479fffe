"""The programme as arrays: a sparse matrix with named linear functionals, free of Pyomo.

``Matrix`` is all that the solving process needs and can be pickled in milliseconds. Row and column positions of every
family are kept, so that a number can be changed without building anything again and a solution read back as arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Functional", "Matrix", "cells_of_runs", "houses"]


@dataclass(slots=True)
class Functional:
    """A linear function of the columns: coefficients (shape n) and a constant."""

    coefficients: Floats
    constant: float

    def __call__(self, x: Floats) -> float:
        """Return the value at a point."""
        return float(self.coefficients @ x + self.constant)

    def __sub__(self, other: Functional) -> Functional:
        """Return the difference of two functionals."""
        return Functional(self.coefficients - other.coefficients, self.constant - other.constant)

    def scaled(self, factor: float) -> Functional:
        """Return the functional times a number."""
        return Functional(self.coefficients * factor, self.constant * factor)


@dataclass(slots=True)
class Matrix:
    """Rows ``row_lower ≤ A x ≤ row_upper``, columns ``lower ≤ x ≤ upper`` (shapes m × n, m, n), integrality 0/1.

    ``order_least`` [G, T] is the fewest lots an order holds if it holds any. ``functionals`` maps the names of
    ``procure.programme.objectives`` to coefficients; ``columns`` maps each variable family to the positions of its array
    (−1: no candidate); ``families`` names the family of each row. ``housed`` is, in a part of a programme, which generations each
    hall houses in the whole (``houses``).
    """

    A: csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    functionals: dict[str, Functional]
    columns: dict[str, Ints]
    order_least: Ints
    families: list[str]
    row_keys: list[Any]
    housed: NDArray[np.bool_] | None = None

    @property
    def size(self) -> tuple[int, int, int]:
        """Rows, columns, non-zeros."""
        return self.A.shape[0], self.A.shape[1], self.A.nnz


def cells_of_runs(matrix: Matrix) -> NDArray[np.int64]:
    """Return the column of ``installed`` that each column of ``run`` is limited by (−1: another column; shape n)."""
    installed = matrix.columns["installed"]
    cell = np.zeros(matrix.A.shape[1], dtype=bool)
    cell[installed[installed >= 0]] = True
    rows = np.flatnonzero(np.array(matrix.families) == "running")
    part = matrix.A[rows].tocoo()
    which = np.full(len(rows), -1, dtype=np.int64)
    is_cell = cell[part.col]
    which[part.row[is_cell]] = part.col[is_cell]
    owner = np.full(matrix.A.shape[1], -1, dtype=np.int64)
    owner[part.col[~is_cell]] = which[part.row[~is_cell]]
    return owner


def houses(matrix: Matrix) -> NDArray[np.bool_]:
    """Return which generations each hall can house at some time [S, G], columns that a part leaves out included."""
    return np.any(matrix.columns["installed"] >= 0, axis=2).T if matrix.housed is None else matrix.housed
