"""Pyomo and scipy's matrices, without what Pyomo imports beside them.

Whenever scipy is first imported in a process that has Pyomo, Pyomo imports ``scipy.stats``, ``integrate`` and ``spatial``
with it: a second of CPU time, most of a small solve, for parts that the standard form does not use. Placeholders stand in
for them while that happens and are gone afterwards, so that a later import of theirs is a real one.
"""

from __future__ import annotations

import sys
from types import ModuleType

__all__ = ["import_pyomo"]

UNUSED = ("scipy.stats", "scipy.integrate", "scipy.spatial")


def import_pyomo() -> None:
    """Import Pyomo's dependencies and ``scipy.sparse``, and nothing more of scipy."""
    absent = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update({name: ModuleType(name) for name in absent})
    try:
        import pyomo.common.dependencies
        import scipy.sparse  # noqa: F401

        _ = pyomo.common.dependencies.scipy.sparse  # settles Pyomo's deferred import now
    finally:
        for name in absent:
            sys.modules.pop(name, None)
