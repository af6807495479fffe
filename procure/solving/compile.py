"""One hand-off from Pyomo to arrays, through the standard form of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyomo.environ as pe
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from procure.garbage import without_collecting
from procure.programme.draft import FUNCTIONALS
from procure.solving.matrix import Functional, Matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from procure.programme.draft import Draft

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["compile_matrix"]


def compile_matrix(draft: Draft) -> Matrix:
    """Compile the model once, with all functionals as objective rows.

    Raises ``pyomo.common.errors.InfeasibleConstraintException`` for a constant row that cannot hold.
    """
    model = draft.model
    _free_fixed(draft)
    with without_collecting():
        model.functional = pe.ObjectiveList()
        for name in FUNCTIONALS:
            model.functional.add(expr=getattr(model, name).expr, sense=pe.maximize)
        form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
        model.del_component(model.functional)

    position = {id(column): i for i, column in enumerate(form.columns)}
    lower = np.array([-np.inf if c.lb is None else c.lb for c in form.columns], dtype=float)
    upper = np.array([np.inf if c.ub is None else c.ub for c in form.columns], dtype=float)
    integer = np.array([not c.is_continuous() for c in form.columns], dtype=bool)
    A, row_lower, row_upper, picked = _merge_ranges(form)
    c = form.c.tocsr()
    functionals = {
        name: Functional(np.asarray(c[[i]].toarray(), dtype=float).ravel(), float(form.c_offset[i]))
        for i, name in enumerate(FUNCTIONALS)
    }
    columns = {
        name: np.array([-1 if v is None else position.get(id(v), -1) for v in array.ravel()], dtype=np.int64).reshape(array.shape)
        for name, array in draft.arrays.items()
    }
    generations = draft.case.generations
    least = np.maximum(1, -(-generations.min_order // generations.lot))
    order_least = np.repeat(least[:, None], draft.case.T, axis=1)
    constraints = [form.rows[i].constraint for i in picked]
    families = [constraint.parent_component().name for constraint in constraints]
    keys = [constraint.index() for constraint in constraints]
    return Matrix(A, row_lower, row_upper, lower, upper, integer, functionals, columns, order_least, families, keys)


def _free_fixed(draft: Draft) -> None:
    """Turn fixed variables into columns with equal bounds: the standard form would fold them away, and they be lost."""
    for array in draft.arrays.values():
        for variable in array.ravel():
            if variable is not None and variable.fixed:
                value = float(pe.value(variable))
                variable.setlb(value)
                variable.setub(value)
                variable.unfix()


def _merge_ranges(form: Any) -> tuple[csr_array, Floats, Floats, Ints]:
    """Put the two rows of a range constraint back into one; return A, bounds and the standard-form row kept of each."""
    A = form.A.tocsr()
    rhs = np.asarray(form.rhs, dtype=float)
    kind = np.array([row.bound_type for row in form.rows], dtype=np.int64)
    owner = np.array([id(row.constraint) for row in form.rows], dtype=np.int64)
    lower = np.where(kind <= 0, rhs, -np.inf)
    upper = np.where(kind >= 0, rhs, np.inf)
    keep = np.ones(len(rhs), dtype=bool)
    twin = np.flatnonzero(owner[1:] == owner[:-1]) if len(owner) > 1 else np.zeros(0, dtype=np.int64)
    lower[twin] = np.maximum(lower[twin], lower[twin + 1])
    upper[twin] = np.minimum(upper[twin], upper[twin + 1])
    keep[twin + 1] = False
    picked = np.flatnonzero(keep)
    return A[picked], lower[picked], upper[picked], picked
