"""Where each order goes first, and the rule that makes it worth placing (columns of the sheet ``orders``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.planning.books import service_lots
from procure.planning.orders import bought

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.planning.quantities import Quantities

    Ints = NDArray[np.int64]

__all__ = ["first_to", "reasons"]


def first_to(q: Quantities) -> list[str]:
    """Return where the units of each order go on delivery: sites and, for those that wait, the warehouse.

    Units of a generation go into service oldest delivery first, so an order goes to a site at once only as far as no
    older unit waits; sites that gain most are served first.
    """
    cohorts, names = q.case.cohorts, q.case.sites.names
    lots = service_lots(q.solution)
    at_once = np.zeros(len(cohorts), dtype=np.int64)
    now = lots.begin == lots.delivered
    np.add.at(at_once, lots.cohort[now], lots.units[now])
    gains = np.maximum(q.solution.moves, 0)
    result = []
    for c in bought(q):
        g, v, left = int(cohorts.generation[c]), int(cohorts.delivered[c]), int(at_once[c])
        waits = int(q.solution.ordered[c]) - left
        parts = []
        for s in np.argsort(-gains[g, :, v], kind="stable"):
            take = min(left, int(gains[g, s, v]))
            if take:
                gains[g, s, v] -= take
                left -= take
                parts.append((names[s], take))
        if waits + left:
            parts.append(("warehouse", waits + left))
        result.append(parts[0][0] if len(parts) == 1 else ", ".join(f"{name} {units:,}" for name, units in parts))
    return result


def reasons(q: Quantities) -> list[str]:
    """Return why each order is placed, in ``bought`` order."""
    return ["committed before the plan" if committed else "" for committed in q.case.cohorts.committed[bought(q)]]
