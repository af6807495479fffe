"""Case, solution and outcome → the sheets of a plan, one module a group of sheets.

``quantities`` computes what the sheets share; ``units``, ``orders``, ``power``, ``compute``, ``cash``, ``books``,
``summary`` and ``provenance`` lay it out. Nothing here knows Excel or the solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from procure.planning import books, cash, compute, orders, power, provenance, reasons, summary, units
from procure.planning.quantities import quantities

if TYPE_CHECKING:
    import pandas as pd

    from procure.solution import Outcome, Solution

__all__ = ["build_frames"]


def build_frames(solution: Solution, outcome: Outcome) -> dict[str, pd.DataFrame]:
    """Return the sheets of a plan by name, in the order of the workbook."""
    q = quantities(solution)
    flows = cash.cash(q)
    lots = books.lots_of(solution)
    used = reasons.uses(q)
    totals = summary.figures(q, flows)
    figures = summary.summary(q, flows, totals, outcome)
    gap = figures.set_index("key")["value"]["gap"]
    return {
        "summary": figures,
        "orders": orders.orders(q, reasons.first_to(q, used), reasons.reasons(q, used)),
        "deployment": units.deployment(q),
        "running": units.running(q),
        "warehouse": units.warehouse(q),
        "sales": books.sales(lots),
        "power": power.power(q),
        "energy": power.energy(q),
        "rental": power.rental(q),
        "compute": compute.compute(q),
        "cash_flow": cash.cash_flow(q, flows),
        "depreciation": books.depreciation(lots),
        "impairment": books.impairment(lots),
        "builds": units.builds(q),
        "provenance": provenance.provenance(q, outcome, gap),
    }
