"""What is used of HiGHS beside its solvers: silent objects, programmes as arrays, bases taken apart and put together."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "BASIC", "CHOOSE", "DEFAULTS", "INF", "LOWER", "UPPER", "EngineError", "append", "basis_with", "extended", "go_on",
    "hand_over", "new_highs", "perturb", "statuses",
]  # fmt: skip

INF = highspy.kHighsInf
LOWER, BASIC, UPPER = 0, 1, 2  # status of a column or a row in a basis, as HiGHS numbers them
CHOOSE = 0  # simplex: primal where the basis is primal feasible (another objective), else dual (other bounds)
PERTURBATION = ("dual_simplex_cost_perturbation_multiplier", "primal_simplex_bound_perturbation_multiplier")


class EngineError(RuntimeError):
    """HiGHS returned something that it should not."""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Send file descriptor 1 to the null device: HiGHS 1.16 prints a banner before any option can be set."""
    try:
        saved = os.dup(1)
    except OSError:  # no standard output at all
        yield
        return
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(sink)
        os.close(saved)


DEFAULTS: dict[str, Any] = {"threads": 1}  # of every HiGHS object of this process


def new_highs(**options: Any) -> Any:
    """Return a silent, single-threaded HiGHS object."""
    with _quiet():
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        for name, value in {**DEFAULTS, **options}.items():
            if highs.setOptionValue(name, value) == highspy.HighsStatus.kError:
                raise EngineError(f"HiGHS refused the option {name} = {value}")
    return highs


def perturb(highs: Any, share: float) -> None:
    """Let the simplex perturb costs and bounds by this share of what it usually does."""
    for name in PERTURBATION:
        highs.setOptionValue(name, share)


def append(highs: Any, columns: csr_array, cost: Floats, rows: csr_array | None = None, lower: Floats | None = None) -> None:
    """Add columns of at least 0, and then rows with a lower limit."""
    parts: list[tuple[Any, csr_array, tuple[Floats, ...]]] = [
        (highs.addCols, csr_array(columns.T), (cost, np.zeros(len(cost)), np.full(len(cost), INF)))
    ]
    if rows is not None and lower is not None:
        parts.append((highs.addRows, rows, (lower, np.full(len(lower), INF))))
    for add, part, numbers in parts:
        if add(part.shape[0], *numbers, part.nnz, part.indptr[:-1].astype(np.int32), part.indices.astype(np.int32),
               part.data) == highspy.HighsStatus.kError:  # fmt: skip
            raise EngineError("HiGHS refused new columns or rows")


def go_on(highs: Any) -> None:
    """Go on by simplex, from the basis there is, without perturbation: it would lead away from an optimum that is near."""
    highs.setOptionValue("solver", "choose")
    perturb(highs, 0.0)


def statuses(basis: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the statuses of a basis' columns and rows as numbers (``LOWER``, ``BASIC``, ``UPPER``)."""
    return np.array(list(map(int, basis.col_status))), np.array(list(map(int, basis.row_status)))


def basis_with(columns: NDArray[np.int64], rows: NDArray[np.int64], *, sound: bool = False) -> Any:
    """Return a basis with these statuses; ``sound``: HiGHS need not look, when it takes it over, whether it is one.

    What makes it one may be put in only later (a row over accounts that θ is in), and what it mends cannot be undone then.
    """
    kinds = [highspy.HighsBasisStatus(status) for status in range(5)]
    basis = highspy.HighsBasis()
    basis.col_status = [kinds[status] for status in columns.tolist()]
    basis.row_status = [kinds[status] for status in rows.tolist()]
    basis.valid, basis.alien = True, not sound
    return basis


def extended(basis: Any, columns: int, rows: int) -> Any:
    """Return a basis with so many more columns, at their lower bound, and rows, basic."""
    more = highspy.HighsBasis()
    more.col_status = basis.col_status + [highspy.HighsBasisStatus.kLower] * columns
    more.row_status = basis.row_status + [highspy.HighsBasisStatus.kBasic] * rows
    more.valid, more.alien = basis.valid, False
    return more


def hand_over(highs: Any, A: csr_array, cost: Floats, columns: tuple[Floats, Floats], rows: tuple[Floats, Floats],
               integer: NDArray[np.bool_], offset: float = 0.0) -> None:  # fmt: skip
    """Pass a programme as arrays (rows before columns, as in ``Matrix``)."""
    status = highs.passModel(
        A.shape[1], A.shape[0], A.nnz, 2, 1, offset, cost, *columns, *rows,
        A.indptr.astype(np.int32), A.indices.astype(np.int32), A.data, integer.astype(np.int32),
    )  # fmt: skip
    if status == highspy.HighsStatus.kError:
        raise EngineError("HiGHS refused the programme")
