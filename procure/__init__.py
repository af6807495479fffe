"""procure: which generation of AI accelerators to order, how many, when, and at which site each unit runs.

>>> import procure
>>> plan = procure.solve("case.xlsx", objective="balanced")  # doctest: +SKIP
>>> plan.orders, plan.summary  # DataFrames by sheet name    # doctest: +SKIP
>>> plan.to_excel("plan.xlsx")                               # doctest: +SKIP

Names are imported when first used, so that ``import procure`` and ``procure --version`` are quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procure.api import check, explain, read, solve
    from procure.baselines import compute_baselines
    from procure.case import Case
    from procure.errors import (
        InfeasibleError,
        InputError,
        NoPlanError,
        OutputError,
        ProcureError,
        UnboundedError,
    )
    from procure.plan import Plan
    from procure.session import Session

__version__ = "0.1.0"

_HOME = {
    "Case": "procure.case",
    "InfeasibleError": "procure.errors",
    "InputError": "procure.errors",
    "NoPlanError": "procure.errors",
    "OutputError": "procure.errors",
    "Plan": "procure.plan",
    "ProcureError": "procure.errors",
    "Session": "procure.session",
    "UnboundedError": "procure.errors",
    "check": "procure.api",
    "compute_baselines": "procure.baselines",
    "explain": "procure.api",
    "read": "procure.api",
    "solve": "procure.api",
}

__all__ = [
    "Case",
    "InfeasibleError",
    "InputError",
    "NoPlanError",
    "OutputError",
    "Plan",
    "ProcureError",
    "Session",
    "UnboundedError",
    "__version__",
    "check",
    "compute_baselines",
    "explain",
    "read",
    "solve",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'procure' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
