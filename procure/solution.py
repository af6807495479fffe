"""The decisions of one plan as whole-number arrays, in the axes of ``procure.case``.

``Solution`` is what the solver hands to the plan: pure numbers, no Pyomo, no names. States that follow from decisions
(stored units, installs and removals, owned units) are properties, so that they cannot disagree with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Outcome", "Running", "Solution"]


@dataclass(frozen=True, slots=True)
class Running:
    """Running units as a sparse table, a row a (generation, mode row, site, period, workload); units may be fractional."""

    generation: Ints
    mode: Ints
    site: Ints
    period: Ints
    workload: Ints
    units: Floats


@dataclass(frozen=True, slots=True)
class Solution:
    """Decisions of a plan.

    ``ordered`` [C] units of each cohort (the given units of fleet and committed cohorts, the decided ones of orders);
    ``sold`` [C, T] units sold at the start of a period; ``installed`` [G, S, T] after the period's moves;
    ``power_builds`` [K, T] and ``shell_builds`` [K', T] builds started; ``project_starts`` [J, T] 0/1;
    ``option_energy`` [K, T] MWh from each power option; ``rented`` [R, T] average compute units.
    """

    case: Case
    ordered: Ints
    sold: Ints
    installed: Ints
    running: Running
    power_builds: Ints
    shell_builds: Ints
    project_starts: Ints
    option_energy: Floats
    rented: Floats

    @property
    def owned(self) -> Ints:
        """Units owned by generation during each period, after its deliveries and sales (shape G × T)."""
        cohorts, T = self.case.cohorts, self.case.T
        flow = np.zeros((len(self.case.generations.names), T), dtype=np.int64)
        np.add.at(flow, (cohorts.generation, np.maximum(0, cohorts.delivered)), self.ordered)
        np.subtract.at(flow, cohorts.generation, self.sold)
        return np.asarray(np.cumsum(flow, axis=1))

    @property
    def stored(self) -> Ints:
        """Units in the warehouse during each period (shape G × T)."""
        return np.asarray(self.owned - self.installed.sum(axis=1))

    @property
    def moves(self) -> Ints:
        """Net installs at the start of each period, negative where units leave (shape G × S × T)."""
        before = np.concatenate([self.case.sites.initial[:, :, None], self.installed[:, :, :-1]], axis=2)
        return np.asarray(self.installed - before)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the solver proved about a plan.

    ``value`` is the objective that was maximised (−D for ``cost``), ``bound`` no plan can exceed it, ``gap`` is
    (bound − value) / |value|. ``attainable`` is the C_pv that ``coverage`` refers to; ``best_watt`` and ``best_dollar``
    are the certified upper bounds of the two ratios that ``balanced`` normalises by (NaN elsewhere).
    """

    objective: str
    status: str
    value: float
    bound: float
    attainable: float
    best_watt: float = float("nan")
    best_dollar: float = float("nan")
    floor_binds: bool = False
    stopped: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    statistics: dict[str, Any] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Proven relative gap; 0 where value and bound agree, inf where nothing is proven."""
        if not np.isfinite(self.bound):
            return float("inf")
        difference = max(0.0, self.bound - self.value)
        return difference / abs(self.value) if self.value else (0.0 if difference <= 1e-9 else float("inf"))
