"""The numbers of a programme that stands already, for a case of the same structure: nothing is built again.

The parts of the programme run once more, on the variables that the first build declared: each declaration is compared with
the one that stands (the same candidates at the same positions), bounds and rows are kept as numbers and no Pyomo component
is made. A case with other candidates (a generation a quarter earlier, power where there was none) is another programme:
``Restructured`` says so, and the caller builds it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.programme.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from procure.case import Case
    from procure.programme.draft import Row, Vars

    Floats = NDArray[np.float64]

__all__ = ["Restructured", "Retake"]


class Restructured(Exception):  # noqa: N818 - an outcome
    """The case has other columns or rows than the programme that stands."""


class Retake(Draft):
    """A draft over the variables of another one: collects bounds, rows and functionals as numbers.

    ``column_bounds`` maps a family to its bounds in the order of its candidates; ``row_families`` a family to its rows.
    """

    def __init__(self, first: Draft, case: Case) -> None:
        super().__init__(case, SimpleNamespace(), first.scales, explicit=first.explicit)
        self.first = first
        self.column_bounds: dict[str, tuple[Floats, Floats]] = {}
        self.row_families: dict[str, dict[Any, Row]] = {}

    def declare(self, name: str, shape: Sequence[int], where: Sequence[NDArray[np.int64]], keys: list[Any],
                **options: Any) -> Vars:  # fmt: skip
        """Return the array that stands under ``name``; raises ``Restructured`` where the candidates differ."""
        array = self.first.arrays[name]
        candidates = np.zeros(tuple(shape), dtype=bool)
        if keys:
            candidates[tuple(where)] = True
        if array.shape != candidates.shape or not np.array_equal(array != None, candidates):  # noqa: E711
            raise Restructured(name)
        bounds = options.get("bounds")
        if bounds is not None and keys:
            pairs = [bounds(None, *(key if isinstance(key, tuple) else (key,))) for key in keys]
            low = np.array([-np.inf if lo is None else lo for lo, _ in pairs], dtype=float)
            high = np.array([np.inf if hi is None else hi for _, hi in pairs], dtype=float)
            lower, upper = np.full(array.shape, -np.inf), np.full(array.shape, np.inf)
            lower[tuple(where)], upper[tuple(where)] = low, high
            self.column_bounds[name] = lower, upper
        self.arrays[name] = array
        return array

    def rows(self, name: str, rows: dict[Any, Row]) -> None:
        """Keep the rows of a family."""
        self.row_families[name] = rows
