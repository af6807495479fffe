"""A smaller programme for heuristics: columns that the relaxation prices far from any optimum are left out.

Dives and rounding look for plans, the bound comes from the whole relaxation, so they may work on a part of the programme:
cells (generation, hall, period) that the relaxation uses, those around them in time, and of the others those whose best
running column has the smallest reduced cost. It is a programme like any other, so that everything works on it unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from procure.solving.engine import THETA, Engine
from procure.solving.highs import BASIC, LOWER
from procure.solving.matrix import Functional, Matrix, cells_of_runs, houses
from procure.solving.relaxation import Basis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["Restricted", "promising", "restrict"]

CHEAP = 0.2  # share of the cells, and of the sales, kept for their reduced cost
REACH = 8  # periods around one in which the relaxation has units in a hall
USED = 1e-6


@dataclass(slots=True)
class Restricted:
    """An engine over the kept columns and the rows that are left with any, and the way back."""

    engine: Engine
    whole: Engine
    keep: Bools
    fixed: Floats
    rows: Bools

    def whole_basis(self, basis: Basis) -> Basis:
        """Return a basis of the part as one of the whole: columns left out are nonbasic, rows left out basic."""
        found = []
        for own, marked, absent in zip(basis.whole, (self.keep, self.rows), (LOWER, BASIC), strict=True):
            count = int(np.count_nonzero(marked))
            every = np.full(len(marked), absent)
            every[marked] = own[:count]
            found.append(np.concatenate([every, own[count:]]))
        return Basis(whole=(found[0], found[1]))

    def expand(self, x: Floats) -> Floats:
        """Return a point of the whole programme, accounts included."""
        full = self.fixed.copy()
        full[self.keep] = x[: self.engine.n]
        theta = float(x[self.engine.account[THETA]]) if len(x) > self.engine.n else 0.0
        return self.whole.whole_point(full, theta)

    def reduce(self, x: Floats) -> Floats | None:
        """Return a point of the whole programme as one of this; None where it uses a column left out."""
        if np.any(np.abs(x[: self.whole.n][~self.keep] - self.fixed[~self.keep]) > USED):
            return None
        theta = float(x[self.whole.account[THETA]]) if len(x) > self.whole.n else 0.0
        return self.engine.whole_point(x[: self.whole.n][self.keep], theta)


def promising(matrix: Matrix, x: Floats, reduced_costs: Floats) -> Bools:
    """Mark the columns worth keeping (shape n): see the module.

    Parameters
    ----------
    matrix
        The programme.
    x, reduced_costs
        Optimum of its relaxation, and the size of the reduced costs there (accounts may follow).
    """
    n = matrix.A.shape[1]
    keep = np.ones(n, dtype=bool)
    installed = matrix.columns["installed"]
    there = installed >= 0
    owner = cells_of_runs(matrix)
    running = np.flatnonzero(owner >= 0)
    best = np.full(n, np.inf)
    np.minimum.at(best, owner[running], reduced_costs[running])
    price, units = np.full(installed.shape, np.inf), np.zeros(installed.shape)
    price[there], units[there] = best[installed[there]], x[installed[there]]
    drop = there & ~(_near(units > USED) | _cheapest(price))
    drop &= matrix.lower[np.where(there, installed, 0)] <= 0
    keep[installed[drop]] = False
    install = matrix.columns["install"]
    keep[install[drop & (install >= 0)]] = False
    keep[running[~keep[owner[running]]]] = False

    sales = matrix.columns["sell"]
    present = sales[sales >= 0]
    if present.size:
        dear = np.zeros(n, dtype=bool)
        dear[present] = (reduced_costs[present] > np.quantile(reduced_costs[present], CHEAP)) & (x[present] < USED)
        dear &= matrix.lower <= 0
        last = sales.max(axis=1)  # a cohort's last period of sale stays: what must go can go
        dear[last[last >= 0]] = False
        keep &= ~dear
    return keep


def _near(used: Bools) -> Bools:
    """Mark the periods within ``REACH`` of one in use (last axis)."""
    before = np.concatenate([np.zeros((*used.shape[:-1], 1)), np.cumsum(used, axis=-1)], axis=-1)
    t = np.arange(used.shape[-1])
    last, first = np.minimum(t + REACH + 1, used.shape[-1]), np.maximum(t - REACH, 0)
    return np.asarray(before[..., last] > before[..., first])


def _cheapest(price: Floats) -> Bools:
    """Mark the ``CHEAP`` share of the cells with the smallest prices, and no more where many are equal."""
    flat = price.ravel()
    count = int(CHEAP * np.count_nonzero(np.isfinite(flat)))
    chosen = np.zeros(flat.size, dtype=bool)
    chosen[np.argsort(flat, kind="stable")[:count]] = True
    return chosen.reshape(price.shape)


def restrict(engine: Engine, keep: Bools, basis: Basis | None = None) -> Restricted:
    """Return the engine's programme over the columns kept; the others stay at their lower bound (or 0).

    ``basis``: of a relaxation of the whole with every basic column among those kept. Rows that lose all columns are basic
    in it (nothing else could be), so that what is left of it is a basis of the part, to begin from.
    """
    matrix = engine.matrix
    fixed = np.where(np.isfinite(engine.lower[: engine.n]), engine.lower[: engine.n], 0.0)
    moved = np.asarray(matrix.A @ np.where(keep, 0.0, fixed)).ravel()
    body = csr_array(matrix.A[:, keep])
    rows = np.diff(body.indptr) > 0
    position = np.where(keep, np.cumsum(keep) - 1, -1)
    chosen = np.flatnonzero(rows).tolist()
    functionals = {
        name: Functional(f.coefficients[keep], f.constant + float(f.coefficients[~keep] @ fixed[~keep]))
        for name, f in matrix.functionals.items()
    }
    smaller = replace(
        matrix, A=csr_array(body[rows]), row_lower=(matrix.row_lower - moved)[rows], row_upper=(matrix.row_upper - moved)[rows],
        lower=engine.lower[: engine.n][keep], upper=engine.upper[: engine.n][keep], integer=engine.integer[: engine.n][keep],
        functionals=functionals, columns={name: np.where(at >= 0, position[at], -1) for name, at in matrix.columns.items()},
        families=[matrix.families[i] for i in chosen], row_keys=[matrix.row_keys[i] for i in chosen],
        housed=houses(matrix),
    )  # fmt: skip
    part = Engine(smaller, engine.names[:-1], deadline=engine.deadline, seed=engine.seed)
    part.from_nothing = engine.from_nothing  # no more than that
    for name, column in engine.account.items():
        part.bound(name, float(engine.lower[column]), float(engine.upper[column]))
    for which, (terms, lower, upper) in enumerate(engine.spare_rows()):
        part.spare_row(which, terms, lower, upper)
    if basis is not None and basis.valid:
        columns, limits = basis.whole
        begun = np.concatenate([columns[:-len(engine.names)][keep], columns[-len(engine.names):]])
        part.begin(Basis(whole=(begun, np.concatenate([limits[: engine.m][rows], limits[engine.m :]]))))
    return Restricted(part, engine, keep, fixed, rows)
