"""Delivered compute by workload: the sheet ``compute``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procure.planning.tables import named

if TYPE_CHECKING:
    from procure.planning.quantities import Quantities

__all__ = ["compute"]


def compute(q: Quantities) -> pd.DataFrame:
    """Delivered compute (unit-hours and average units) against the demand, by period and workload (blank: no limit)."""
    case = q.case
    t, w = (i.ravel() for i in np.meshgrid(np.arange(case.T), np.arange(len(case.workloads)), indexing="ij"))
    own, rented = q.own_hours[w, t], q.rented_hours[w, t]
    maximum = case.demand_max[w, t]
    return pd.DataFrame(
        {
            "period": named(case.calendar.labels, t),
            "workload": named(case.workloads, w),
            "own_hours": own,
            "rented_hours": rented,
            "delivered_hours": own + rented,
            "average": (own + rented) / case.hours,
            "minimum": case.demand_min[w, t],
            "maximum": np.where(np.isinf(maximum), np.nan, maximum),
            "value": case.demand_value[w, t],
        }
    )
