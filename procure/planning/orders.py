"""What the buyer works from: the sheet ``orders``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procure.planning.tables import named, texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.planning.quantities import Quantities

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["bought", "orders", "payments"]


def bought(q: Quantities) -> Ints:
    """Cohorts that stand in ``orders``: placed in the horizon or committed before it, in order of placing."""
    cohorts, generations = q.case.cohorts, q.case.generations
    index = np.flatnonzero((q.solution.ordered > 0) & (cohorts.committed | (cohorts.order >= 0)))
    placed = cohorts.delivered[index] - generations.lead[cohorts.generation[index]]
    return np.asarray(index[np.lexsort((cohorts.generation[index], cohorts.delivered[index], placed))])


def payments(q: Quantities, index: Ints) -> tuple[Floats, Floats, Floats]:
    """Total, deposit and balance of each cohort; a committed order is paid in full on delivery."""
    cohorts, generations = q.case.cohorts, q.case.generations
    total = cohorts.price[index] * q.solution.ordered[index]
    share = np.where(cohorts.committed[index], 0.0, generations.deposit[cohorts.generation[index]])
    deposit = total * share
    return total, deposit, total - deposit


def orders(q: Quantities, first_to: list[str], why: list[str]) -> pd.DataFrame:
    """One row an order line, committed ones included; ``first_to`` and ``why`` are given by cohort in ``bought`` order.

    ``order_by`` is the first day of the order period, ``deposit_due`` the same day (blank where there is no deposit),
    ``balance_due`` the first day of the delivery period.
    """
    case, cohorts = q.case, q.case.cohorts
    index = bought(q)
    g, delivered = cohorts.generation[index], cohorts.delivered[index]
    placed = delivered - case.generations.lead[g]
    total, deposit, balance = payments(q, index)
    order_day = pd.to_datetime([case.calendar.first_day(int(t)) for t in placed]).as_unit("us")
    delivery_day = pd.to_datetime([case.calendar.first_day(int(t)) for t in delivered]).as_unit("us")
    return pd.DataFrame(
        {
            "order": texts(case.calendar.label(int(t)) for t in placed),
            "delivery": texts(case.calendar.label(int(t)) for t in delivered),
            "generation": named(case.generations.names, g),
            "units": q.solution.ordered[index],
            "unit_price": cohorts.price[index],
            "total": total,
            "committed": np.where(cohorts.committed[index], "yes", "no").astype(object),
            "vendor": named(case.generations.vendor, g),
            "order_by": order_day,
            "deposit": deposit,
            "deposit_due": order_day.where(deposit > 0),
            "balance": balance,
            "balance_due": delivery_day,
            "first_to": texts(first_to),
            "why": texts(why),
        }
    )
