"""Write the programme as an MPS file that any solver reads."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import highspy
import numpy as np

from procure.errors import OutputError
from procure.solving.highs import new_highs
from procure.solving.objectives import LINEAR
from procure.solving.solve import compile_case

if TYPE_CHECKING:
    from procure.case import Case

__all__ = ["export_mps"]


def export_mps(case: Case, path: Path) -> str:
    """Write the programme of a case; return a line that says which objective stands in it.

    MPS knows linear objectives alone: a ratio or ``balanced`` is exported with its anchor, the most compute (C_pv).
    Raises ``OutputError`` when the file cannot be written; an old file stays whole.
    """
    _draft, matrix = compile_case(case)
    name = case.settings.objective if case.settings.objective in LINEAR else "compute"
    cost, offset = np.zeros(matrix.A.shape[1]), 0.0
    for functional, weight in LINEAR[name].items():
        cost -= weight * matrix.functionals[functional].coefficients
        offset -= weight * matrix.functionals[functional].constant
    highs = new_highs()
    highs.passModel(
        matrix.A.shape[1], matrix.A.shape[0], matrix.A.nnz, 2, 1, offset, cost, matrix.lower, matrix.upper,
        matrix.row_lower, matrix.row_upper, matrix.A.indptr.astype(np.int32), matrix.A.indices.astype(np.int32),
        matrix.A.data, matrix.integer.astype(np.int32),
    )  # fmt: skip
    handle, beside = tempfile.mkstemp(suffix=".mps", dir=path.parent)
    os.close(handle)
    try:
        if highs.writeModel(beside) == highspy.HighsStatus.kError:
            raise OutputError(f"{path} cannot be written.")
        Path(beside).replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        Path(beside).unlink(missing_ok=True)
    rows, columns, nonzeros = matrix.size
    words = {"compute": "maximise C_pv", "cost": "minimise cost", "npv": "maximise NPV"}[name]
    return f"{path}: {rows} rows, {columns} columns, {nonzeros} non-zeros; {words} (written as a minimisation)"
