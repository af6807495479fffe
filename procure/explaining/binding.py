"""The limits that hold a feasible case back: dual values of the relaxation that delivers the most compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from procure.explaining.findings import Binding
from procure.explaining.limits import members
from procure.explaining.solver import LARGE, Clock, load
from procure.solving.engine import OutOfTime
from procure.solving.highs import new_highs

if TYPE_CHECKING:
    from procure.explaining.model import Model

__all__ = ["binding_limits"]

MOST = 8
SMALL = 0.01  # share of the compute below which a limit is not worth a line


def binding_limits(model: Model, clock: Clock, most: int = MOST) -> list[Binding]:
    """Return the limits whose bounds carry most of the largest C_pv of the relaxation, most first.

    A limit's share is its bound times its dual value over the sum of all of them: by duality, that is the optimum.
    Raises ``OutOfTime``.
    """
    bounds = model.bounds(model.everything(), elastic=False)
    cost = np.zeros(model.size[1])
    delivered, weight = model.columns["delivered"], model.case.compute_weight
    w, t = np.nonzero(delivered >= 0)
    cost[delivered[w, t]] = -weight[t]
    highs = new_highs(time_limit=clock.left, solver="ipx" if model.size[1] >= LARGE else "choose")
    load(highs, model.A, bounds, cost)
    highs.run()
    if highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit:
        raise OutOfTime
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return []
    solution, items = highs.getSolution(), model.items
    row, column = np.array(solution.row_dual), np.array(solution.col_dual)
    rows, columns = np.where(items.is_row, items.index, 0), np.where(items.is_row, 0, items.index)
    dual = np.where(items.is_row, row[rows], column[columns])
    upper = np.isfinite(items.upper)
    tight = (
        upper & (dual < -1e-9) & (items.upper <= np.where(items.is_row, bounds.row_upper[rows], bounds.upper[columns]))
    )
    value = np.zeros(len(model.limits))
    np.add.at(value, items.limit[tight], -dual[tight] * items.upper[tight])
    total = float(value.sum())
    if total <= 0:
        return []
    found = [
        (float(value[list(m.ids)].sum()) / total, m)
        for m in members(model.case, model.limits, np.flatnonzero(value > 0).tolist())
    ]
    found.sort(key=lambda pair: -pair[0])
    return [Binding(m.where, m.cell, m.text, round(share, 4)) for share, m in found[:most] if share >= SMALL]
