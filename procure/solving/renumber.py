"""New numbers for a compiled programme: the arrays of a case of the same structure, without Pyomo's part in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from procure.garbage import without_collecting
from procure.programme import Restructured, retake
from procure.solving.matrix import Functional

if TYPE_CHECKING:
    from procure.case import Case
    from procure.programme.draft import Draft, Row
    from procure.programme.renumber import Retake
    from procure.solving.matrix import Matrix

__all__ = ["Renumbering"]

HAIR = 1e-9


class Renumbering:
    """Arrays for changed cases over one built programme (``draft``, ``matrix``)."""

    def __init__(self, draft: Draft, matrix: Matrix) -> None:
        self._draft, self._matrix = draft, matrix
        self._position = {
            id(variable): int(column)
            for name, array in draft.arrays.items()
            for variable, column in zip(array.ravel(), matrix.columns[name].ravel(), strict=True)
            if variable is not None and column >= 0
        }
        self._row = {
            (family, key): i for i, (family, key) in enumerate(zip(matrix.families, matrix.row_keys, strict=True))
        }

    def of(self, case: Case) -> Matrix:
        """Return the matrix of a case; raises ``procure.programme.Restructured`` where its programme is another one.

        Scales are those of the first case, so that a change of a number is a change of that number.
        """
        with without_collecting():
            return self._of(case)

    def _of(self, case: Case) -> Matrix:
        taken, old = retake(self._draft, case), self._matrix
        A, row_lower, row_upper = self._rows(taken)
        lower, upper = old.lower.copy(), old.upper.copy()
        for name, (low, high) in taken.column_bounds.items():
            columns = old.columns[name]
            there = columns >= 0
            lower[columns[there]] = np.maximum(low[there], 0.0)
            upper[columns[there]] = high[there]
        generations = case.generations
        least = np.maximum(1, -(-generations.min_order // generations.lot))
        return replace(
            old, A=A, row_lower=row_lower, row_upper=row_upper, lower=lower, upper=upper, functionals=self._functionals(taken),
            order_least=np.repeat(least[:, None], case.T, axis=1),
        )  # fmt: skip

    def _rows(self, taken: Retake) -> tuple[csr_array, np.ndarray, np.ndarray]:
        old = self._matrix
        m, n = old.A.shape
        at, rows = [], []
        for family, members in taken.row_families.items():
            for key, row in members.items():
                i = self._row.get((family, key))
                if i is not None:
                    at.append(i)
                    rows.append(row)
                elif not _empty(row):
                    raise Restructured(family)
        if len(at) != m:
            raise Restructured("rows")
        # each body is asked once for its parts: Pyomo takes one apart whenever another was asked in between
        parts = [(body.linear_vars, body.linear_coefs, body.constant) for _, body, _ in rows]
        lengths = [len(variables) for variables, _, _ in parts]
        columns = [self._position[id(v)] for v in chain.from_iterable(variables for variables, _, _ in parts)]
        values = np.fromiter(chain.from_iterable(coefficients for _, coefficients, _ in parts), dtype=float, count=sum(lengths))
        A = csr_array(coo_array((values, (np.repeat(at, lengths), columns)), shape=(m, n)))
        A.eliminate_zeros()
        row_lower, row_upper = np.full(m, -np.inf), np.full(m, np.inf)
        constant = np.array([constant for _, _, constant in parts], dtype=float)
        row_lower[at] = np.array([-np.inf if row[0] is None else row[0] for row in rows], dtype=float) - constant
        row_upper[at] = np.array([np.inf if row[2] is None else row[2] for row in rows], dtype=float) - constant
        return A, row_lower, row_upper

    def _functionals(self, taken: Retake) -> dict[str, Functional]:
        n = self._matrix.A.shape[1]
        found = {}
        for name in self._matrix.functionals:
            linear = taken.functionals[name]
            columns = np.array([self._position[id(v)] for v in linear.variables], dtype=np.int64)
            coefficients = np.zeros(n)
            np.add.at(coefficients, columns, np.array(linear.coefficients, dtype=float))
            found[name] = Functional(coefficients, float(linear.constant))
        return found


def _empty(row: Row) -> bool:
    """Say whether a row has no terms and holds: the standard form leaves it out."""
    low, body, high = row
    if any(body.linear_coefs):
        return False
    slack = HAIR * max(1.0, abs(body.constant))
    return (low is None or body.constant >= low - slack) and (high is None or body.constant <= high + slack)
