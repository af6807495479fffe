"""Looking ahead on the live relaxation: bounds drawn in for a while, re-solved warm, and put back.

A changed bound leaves the basis dual feasible, so a re-solve takes a few dozen dual simplex iterations where the first
solve took thousands: hundredths of a second at 20,000 columns. Trees and dives over the few decisions that shape a plan
(project starts, builds, orders) work here, and hand a point to the integer step only when those are whole.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from procure.solving.engine import Infeasible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from numpy.typing import NDArray

    from procure.solving.engine import Engine, LpResult

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Probe"]


class Probe:
    """Bounds of the live relaxation that hold within a ``with`` block.

    Parameters
    ----------
    engine
        The engine; its own bounds are not touched.
    objective
        Accounts and weights to maximise.
    """

    def __init__(self, engine: Engine, objective: Mapping[str, float]) -> None:
        self.engine, self.objective = engine, objective
        self.seconds, self.solves = 0.0, 0
        self._columns: set[int] = set()
        self._rows: set[int] = set()

    def __enter__(self) -> Probe:
        """Begin. An engine that has not solved anything starts from its own bounds: there is nothing to draw in yet."""
        if not self.engine.live:
            self.solve()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put every bound back."""
        columns, rows = np.array(sorted(self._columns), dtype=np.int64), np.array(sorted(self._rows), dtype=np.int64)
        engine = self.engine
        engine.live_bounds(columns, engine.lower[columns], engine.upper[columns])
        engine.live_limits(rows, engine.row_lower[rows], engine.row_upper[rows])

    def bound(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Bound columns (arrays of equal shape)."""
        self._columns.update(columns.tolist())
        self.engine.live_bounds(columns, lower, upper)

    def fix(self, columns: Ints, values: Floats) -> None:
        """Fix columns at values."""
        self.bound(columns, values, values)

    def limit(self, row: int, lower: float, upper: float) -> None:
        """Bound a row."""
        self._rows.add(row)
        self.engine.live_limits(np.array([row]), np.array([lower]), np.array([upper]))

    def solve(self, cutoff: float = -np.inf) -> LpResult | None:
        """Maximise the objective under the bounds; None where nothing satisfies them, or nothing above ``cutoff`` does.

        Raises ``OutOfTime``.
        """
        started = time.monotonic()
        self.solves += 1
        try:
            return self.engine.relax(self.objective, cutoff=cutoff)
        except Infeasible:
            return None
        finally:
            self.seconds += time.monotonic() - started
