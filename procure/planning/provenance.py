"""Where a plan comes from and how far to trust its inputs: the sheet ``provenance`` (key, value)."""

from __future__ import annotations

import importlib.metadata
import platform
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from procure.planning.notes import estimated_columns, note_columns
from procure.planning.tables import tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case
    from procure.planning.quantities import Quantities
    from procure.solution import Outcome

__all__ = ["estimated", "provenance", "unreleased"]

_PACKAGES = ("procure", "pyomo", "highspy", "numpy", "pandas", "openpyxl")
#: Columns of ``generations`` that delivered compute and that capex rest on.
_SPECIFICATION = frozenset({"compute", "power_kw"})
_PRICE = frozenset({"price"})


def estimated(case: Case, columns: frozenset[str]) -> NDArray[np.bool_]:
    """Return the generations for which a note calls any of these columns an estimate (shape G)."""
    result = np.zeros(len(case.generations.names), dtype=bool)
    for header, notes in note_columns(case.tables, "generations").items():
        result |= np.array([bool(estimated_columns(header, note) & columns) for note in notes], dtype=bool)
    return result


def unreleased(case: Case) -> NDArray[np.bool_]:
    """Which generations cannot be ordered yet when the plan starts (shape G)."""
    return np.asarray(case.generations.available_from > 0)


def provenance(q: Quantities, outcome: Outcome, gap: Any) -> pd.DataFrame:
    """Return input hash, versions, options, seed, bound, gap, timings, and what rests on unproven specifications."""
    case = q.case
    source = case.tables.source
    rows: list[tuple[str, Any]] = [
        ("title", case.title),
        ("input_file", str(getattr(source, "path", None) or "")),
        ("input_sha256", str(getattr(source, "sha256", None) or "")),
        *((f"version_{name}", _version(name)) for name in _PACKAGES),
        ("version_python", platform.python_version()),
        ("start", case.calendar.start),
        ("periods", case.T),
        ("period_length", case.calendar.length),
        *((field.name, getattr(case.settings, field.name)) for field in fields(case.settings)),
        ("bound", outcome.bound),
        ("gap", gap),
        *((f"seconds_{name}", seconds) for name, seconds in outcome.seconds.items()),
        *((f"solver_{name}", value) for name, value in outcome.statistics.items()),
        *_shares(q),
    ]
    return pd.DataFrame(
        {
            "key": [key for key, _ in rows],
            "value": pd.Series([_plain(value) for _, value in rows], dtype=object),
        }
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _plain(value: Any) -> Any:
    """Return what a cell can hold: numbers, text, yes/no; nothing where a number is not finite."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return None if value is None else str(value)


def _shares(q: Quantities) -> list[tuple[str, Any]]:
    """Shares of own delivered compute and of hardware capex by how certain the generation's specification is."""
    case = q.case
    G = len(case.generations.names)
    compute = tally(q.run.generation, q.row_compute, G)
    bought = (case.cohorts.delivered >= 0) & (q.solution.ordered > 0)
    spent = tally(case.cohorts.generation[bought], (case.cohorts.price * q.solution.ordered)[bought].astype(float), G)
    future = unreleased(case)
    names = case.generations.names
    rows: list[tuple[str, Any]] = []
    for what, weight, columns in (("compute", compute, _SPECIFICATION), ("hardware_capex", spent, _PRICE)):
        guessed = estimated(case, columns)
        total = float(weight.sum())
        for kind, mask in (
            ("estimated", guessed),
            ("unreleased", future),
            ("estimated_or_unreleased", guessed | future),
        ):
            rows.append((f"share_of_{what}_{kind}", float(weight[mask].sum()) / total if total else 0.0))
        label = "price" if columns is _PRICE else "compute_or_power"
        rows.append((f"generations_with_estimated_{label}", _listed(names, guessed)))
    rows.append(("unreleased_generations", _listed(names, future)))
    return rows


def _listed(names: tuple[str, ...], mask: NDArray[np.bool_]) -> str:
    return ", ".join(name for name, hit in zip(names, mask, strict=True) if hit)
