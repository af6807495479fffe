"""Power drawn against power available as fractions of the decimal text of the inputs: 0.1 is one tenth, as it was typed."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from procure.case import Case

    Ints = NDArray[np.int64]

__all__ = ["ExactPower"]

NANO = 10**9


@lru_cache(maxsize=100_000)
def _fraction(value: float) -> Fraction:
    return Fraction(repr(value))


class ExactPower:
    """Decides where floats cannot whether running units (in billionths) fit a site's or a campus' power."""

    def __init__(self, case: Case, index: dict[str, Ints], builds: Ints) -> None:
        self.case, self.builds = case, builds
        frames = case.tables.frames
        self._kw = [_fraction(float(v)) for v in frames["generations"]["power_kw"]]
        self._factor = [
            (1 + _fraction(float(o))) * _fraction(float(p))
            for o, p in zip(frames["sites"]["overhead"], frames["sites"]["pue"], strict=True)
        ]
        self._mode = [_fraction(float(v)) for v in case.modes.power]
        options = frames["power_options"]
        self._adds = [
            _fraction(float(mw)) * _fraction(float(a))
            for mw, a in zip(options["adds_mw"], options["availability"], strict=True)
        ]
        self._index = index
        self._cell = index["site"] * case.T + index["period"]
        self._order = np.argsort(self._cell, kind="stable")
        self._edges = np.searchsorted(self._cell[self._order], np.arange(len(case.sites.names) * case.T + 1))

    def fits(self, nano: Ints, sites: Sequence[int], own_mw: float, period: int) -> bool:
        """Return whether Σ kW · mode · (1 + overhead) · PUE · units over the sites is within own MW and options."""
        used = Fraction(0)
        for s in sites:
            cell = s * self.case.T + period
            for j in self._order[self._edges[cell] : self._edges[cell + 1]].tolist():
                g, m = int(self._index["generation"][j]), int(self._index["mode"][j])
                used += int(nano[j]) * self._kw[g] * self._mode[m] * self._factor[s]
        limit, options = _fraction(float(own_mw)), self.case.power_options
        for k in range(len(options)):
            if int(options.site[k]) in sites:
                started = int(self.builds[k, : max(0, period - int(options.lead[k]) + 1)].sum())
                limit += self._adds[k] * started
        return used <= limit * 1000 * NANO
