"""The programme with every business limit as something that can be lifted.

Rows and columns carry *base* bounds (structure alone); each limit adds bounds of its own through its items. A set of
active limits gives the bounds of one programme. Requirements (demand, committed orders, the user's rules) have slack
columns, so that the relaxation always has an optimum: its *shortage*, 0 exactly where the active limits hold together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from procure.case import Case
    from procure.explaining.limits import Limit

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Bounds", "Items", "Model", "Slack"]

INF = float("inf")


@dataclass(slots=True)
class Items:
    """What limits do: each item bounds one row or one column (arrays of one length)."""

    limit: Ints
    is_row: Bools
    index: Ints
    lower: Floats
    upper: Floats

    def pick(self, mask: Bools) -> Items:
        """Return some of the items."""
        return Items(self.limit[mask], self.is_row[mask], self.index[mask], self.lower[mask], self.upper[mask])


@dataclass(slots=True)
class Slack:
    """Slack columns of requirements: column, its limit, the cost of one unit (1 is all of the requirement)."""

    column: Ints
    limit: Ints
    weight: Floats


@dataclass(slots=True)
class Bounds:
    """Row and column bounds of the programme under a set of active limits."""

    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats


@dataclass(slots=True)
class Model:
    """Rows, columns and limits of a feasibility programme (no objective).

    ``row_period`` and ``column_period`` are −1 for what belongs to no period; ``forced`` is the period in which a row
    forces units to leave (−1: none). ``lots`` maps a limit of kind ``lot`` to its columns and lot size.
    ``columns`` maps families to arrays of column positions (−1: none), in the axes of the widened case. ``spend`` is
    what each column costs in capex, in the programme's money.
    """

    case: Case
    A: csr_array
    base: Bounds
    integer: Bools
    row_period: Ints
    column_period: Ints
    forced: Ints
    limits: list[Limit]
    items: Items
    slack: Slack
    lots: dict[int, tuple[Ints, float]]
    columns: dict[str, Ints]
    spend: Floats
    rows: dict[str, dict[Any, int]] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    whole_horizon: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.A.shape[0], self.A.shape[1]

    def everything(self) -> Bools:
        """Return all limits as active."""
        return np.ones(len(self.limits), dtype=bool)

    def of_kind(self, *kinds: str) -> Bools:
        """Mark the limits of some kinds."""
        return np.array([limit.kind in kinds for limit in self.limits], dtype=bool)

    def bounds(self, active: Bools, *, elastic: bool) -> Bounds:
        """Return the bounds under the active limits; without ``elastic`` no requirement may fall short."""
        on = self.items.pick(active[self.items.limit])
        result = replace(self.base, **{
            name: getattr(self.base, name).copy() for name in ("row_lower", "row_upper", "lower", "upper")
        })  # fmt: skip
        rows, columns = on.index[on.is_row], on.index[~on.is_row]
        np.maximum.at(result.row_lower, rows, on.lower[on.is_row])
        np.minimum.at(result.row_upper, rows, on.upper[on.is_row])
        np.maximum.at(result.lower, columns, on.lower[~on.is_row])
        np.minimum.at(result.upper, columns, on.upper[~on.is_row])
        if not elastic:
            result.upper[self.slack.column] = 0.0
        return result

    def column_scale(self, active: Bools) -> Floats:
        """Return what each column counts: 1, or one unit instead of a lot where the limit on lots is lifted."""
        scale = np.ones(self.A.shape[1])
        for limit, (columns, lot) in self.lots.items():
            if not active[limit]:
                scale[columns] = 1.0 / lot
        return scale

    def matrix(self, active: Bools) -> csr_array:
        """Return the rows with columns scaled by ``column_scale``."""
        scale = self.column_scale(active)
        if (scale == 1.0).all():
            return self.A
        A = self.A.copy()
        A.data = A.data * scale[A.indices]
        return A

    def until(self, period: int) -> Model:
        """Return the programme of periods 0..``period``: orders and builds of all periods, the rest cut off.

        It holds exactly where the whole programme holds without demand after that period: later nothing need run.
        """
        if self.whole_horizon or period >= self.case.T - 1:
            return self
        keep_rows, keep = self.row_period <= period, self.column_period <= period
        row_at = np.cumsum(keep_rows) - 1
        column_at = np.cumsum(keep) - 1
        items = self.items
        late = items.is_row & (self.forced[np.where(items.is_row, items.index, 0)] > period)
        there = np.where(items.is_row, keep_rows[np.where(items.is_row, items.index, 0)], True)
        there &= np.where(items.is_row, True, keep[np.where(items.is_row, 0, items.index)])
        items = items.pick(there & ~late)
        items.index = np.where(items.is_row, row_at[np.where(items.is_row, items.index, 0)],
                               column_at[np.where(items.is_row, 0, items.index)])  # fmt: skip
        base = Bounds(
            self.base.row_lower[keep_rows], self.base.row_upper[keep_rows], self.base.lower[keep], self.base.upper[keep]
        )
        stays = keep[self.slack.column]
        slack = Slack(column_at[self.slack.column[stays]], self.slack.limit[stays], self.slack.weight[stays])
        return replace(
            self,
            A=self.A[np.flatnonzero(keep_rows)][:, np.flatnonzero(keep)],
            base=base,
            integer=self.integer[keep],
            spend=self.spend[keep],
            row_period=self.row_period[keep_rows],
            column_period=self.column_period[keep],
            forced=self.forced[keep_rows],
            items=items,
            slack=slack,
            lots={limit: (column_at[c[keep[c]]], lot) for limit, (c, lot) in self.lots.items()},
            columns={name: np.where((c >= 0) & keep[np.maximum(c, 0)], column_at[np.maximum(c, 0)], -1)
                     for name, c in self.columns.items()},
            rows={},
        )  # fmt: skip
