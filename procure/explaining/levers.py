"""Levers: columns that raise a limit, in the planner's unit, each at a price; how little of them is enough.

A lever has −(unit) in the rows of the limits that it raises (+ for a demand that it lowers). With every limit active
and no requirement allowed to fall short, the cheapest use of some levers is a linear, then a mixed-integer programme.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from scipy.sparse import csr_array, hstack

from procure.explaining.model import Bounds
from procure.explaining.solver import LARGE, around, load, whole_numbers
from procure.solving.engine import OutOfTime
from procure.solving.highs import new_highs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from procure.explaining.model import Items, Model
    from procure.explaining.solver import Clock

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

__all__ = ["Lever", "Levers"]

GAP, PATIENCE = 0.02, 1.5  # how much dearer than the least an amount may be; seconds to look for a smaller one
NOTHING = 1e-6  # amounts below this, in the rows' units, are rounding


@dataclass(frozen=True, slots=True)
class Lever:
    """What one lever raises: limits by position, its price a unit, whether it counts in whole units."""

    limits: tuple[int, ...]
    price: float
    whole: bool = False


@dataclass(slots=True)
class Levers:
    """A model with lever columns, which are all at 0 until they are asked for."""

    model: Model
    clock: Clock
    levers: list[Lever] = field(default_factory=list)
    _wide: Model | None = None
    _highs: Any = None

    def add(self, limits: Iterable[int], price: float, *, whole: bool = False) -> int:
        """Add a lever before the first question; return its number."""
        self.levers.append(Lever(tuple(limits), max(price, 1e-9), whole))
        return len(self.levers) - 1

    def unit(self, j: int) -> float:
        """Return what one unit of the planner is in the rows that a lever raises."""
        scale, kind = self.model.scale, self.model.limits[self.levers[j].limits[0]].kind
        compute = 1.0 / scale["compute"]
        units = {"budget": 1.0 / scale["money"], "carbon": 1e-3, "minimum": compute, "maximum": compute}
        return units.get(kind, 1.0)

    def amounts(self, use: Sequence[int], x: Floats) -> Floats:
        """Return the levers in use at a point, in the planner's units."""
        values = np.array([x[self.model.size[1] + j] for j in use])
        return np.array([v / self.unit(j) if v > NOTHING else 0.0 for v, j in zip(values.tolist(), use, strict=True)])

    def _extended(self) -> Model:
        """Return the model with lever columns at its end."""
        if self._wide is None:
            model, n = self.model, self.model.size[1]
            items = model.items
            entries: list[tuple[int, int, float]] = []
            rows_of: dict[int, list[tuple[int, float]]] = {}
            for limit, on_row, index, lower in zip(items.limit.tolist(), items.is_row.tolist(), items.index.tolist(),
                                                   items.lower.tolist(), strict=True):  # fmt: skip
                if on_row:
                    sign = 1.0 if np.isfinite(lower) else -1.0
                    rows_of.setdefault(limit, []).append((index, sign))
            for j, lever in enumerate(self.levers):
                entries.extend((row, j, a) for limit in lever.limits for row, a in rows_of.get(limit, ()))
            k = len(self.levers)
            at = np.array(entries, dtype=float).reshape(-1, 3)
            extra = csr_array((at[:, 2], (at[:, 0].astype(int), at[:, 1].astype(int))), shape=(model.size[0], k))
            base = Bounds(model.base.row_lower, model.base.row_upper, np.r_[model.base.lower, np.zeros(k)],
                          np.r_[model.base.upper, np.zeros(k)])  # fmt: skip
            self._wide = replace(
                model, A=csr_array(hstack([model.A, extra], format="csr")), base=base,
                integer=np.r_[model.integer, np.array([lever.whole for lever in self.levers], dtype=bool)],
                spend=np.r_[model.spend, np.zeros(k)], column_period=np.r_[model.column_period, np.full(k, -1)],
            )  # fmt: skip
            assert self._wide.size[1] == n + k  # noqa: S101 - one column a lever
        return self._wide

    def _bounds(self, use: Sequence[int], items: Items | None) -> tuple[Model, Bounds]:
        wide = self._extended()
        if items is not None:
            wide = replace(wide, items=items)
        bounds = wide.bounds(wide.everything(), elastic=False)
        bounds.upper[self.model.size[1] + np.array(use, dtype=int)] = np.inf
        return wide, bounds

    def _cost(self, use: Sequence[int]) -> Floats:
        """Return the price of the levers in use, scaled so that a unit's price is near 1."""
        cost = np.zeros(self._extended().size[1])
        price = np.array([self.levers[j].price / self.unit(j) for j in use])
        if price.size:
            cost[self.model.size[1] + np.array(use)] = price / price.max()
        return cost

    def least(self, use: Sequence[int], items: Items | None = None) -> Floats | None:
        """Return the cheapest amounts of some levers on the relaxation (shape of ``use``); None where they do not do.

        ``items`` replaces the model's items: limits changed in a way that no lever can.
        """
        x = self.relaxed(use, items)
        return None if x is None else self.amounts(use, x)

    def relaxed(self, use: Sequence[int], items: Items | None = None) -> Floats | None:
        """Return the whole point of ``least``."""
        wide, bounds = self._bounds(use, items)
        cost = self._cost(use)
        if self._highs is None:
            self._highs = new_highs(solver="ipx" if wide.size[1] >= LARGE else "choose")
            load(self._highs, wide.A, bounds, cost)
        else:
            columns, rows = np.arange(wide.size[1], dtype=np.int32), np.arange(wide.size[0], dtype=np.int32)
            self._highs.changeColsCost(columns.size, columns, cost)
            self._highs.changeColsBounds(columns.size, columns, bounds.lower, bounds.upper)
            self._highs.changeRowsBounds(rows.size, rows, bounds.row_lower, bounds.row_upper)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + self.clock.left)
        self._highs.run()
        status = self._highs.getModelStatus()
        x = np.array(self._highs.getSolution().col_value)
        if wide.size[1] >= LARGE:
            self._highs.clearSolver()  # a large programme is solved sooner from nothing than by simplex from elsewhere
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise OutOfTime
        return x if status == highspy.HighsModelStatus.kOptimal else None

    def whole(
        self, use: Sequence[int], x: Floats, seconds: float, items: Items | None = None
    ) -> tuple[Floats | None, bool]:
        """Return amounts that do on whole numbers, and whether it is certain that none do.

        They are looked for near the relaxed point ``x`` first; (None, False) where none were found in the time.
        """
        wide, bounds = self._bounds(use, items)
        at = self.model.size[1] + np.array(use, dtype=int)
        near = around(wide, bounds, x)
        near.upper[at] = np.inf
        verdict = ""
        for limits, share in ((near, 1.0), (bounds, 0.4)):
            verdict, point = whole_numbers(
                wide,
                wide.everything(),
                self.clock,
                cost=self._cost(use),
                bounds=limits,
                seconds=share * seconds,
                gap=GAP,
                patience=PATIENCE,
            )
            if verdict == "found" and point is not None:
                return self.amounts(use, point), False
        return None, verdict == "none"
