"""What to optimise, what is known before, and what comes out: the six objectives as accounts and ratios."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procure.solving.highs import INF
from procure.solving.trail import Trail

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]

__all__ = ["LINEAR", "Hint", "NotPositive", "Optimum", "Target", "objective_value"]

LINEAR: dict[str, dict[str, float]] = {
    "compute": {"compute_pv": 1.0},
    "cost": {"cost": -1.0},
    "npv": {"worth": 1.0, "cost": -1.0},
}


class NotPositive(Exception):  # noqa: N818 - an outcome
    """A ratio's denominator can be 0 or negative, so that the ratio has no best value."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to optimise: objective, watt basis, volume floor (share), relative gap.

    ``volume`` > 0 holds the ratios to that C_pv (programme's units) instead of a share of the largest, and
    ``normalisers`` measure ``balanced`` against given ratios: both make a changed case comparable with the plan before.
    """

    objective: str
    watt_basis: str
    floor: float
    gap: float
    volume: float = 0.0
    normalisers: tuple[float, ...] = ()

    @property
    def dollar(self) -> tuple[str, str]:
        """Numerator and denominator of compute per dollar."""
        return "compute_pv", "cost"

    @property
    def watt(self) -> tuple[str, str]:
        """Numerator and denominator of compute per watt."""
        return "compute_raw", "energy_available" if self.watt_basis == "available" else "energy_used"

    @property
    def ratios(self) -> list[tuple[str, str]]:
        """The ratios that the objective is made of."""
        table = {
            "compute_per_dollar": [self.dollar],
            "compute_per_watt": [self.watt],
            "balanced": [self.watt, self.dollar],
        }
        return table.get(self.objective, [])

    @property
    def accounts(self) -> list[str]:
        """Functionals that need an account column."""
        wanted = {"compute_pv", "cost", *LINEAR.get(self.objective, {})}
        for pair in self.ratios:
            wanted.update(pair)
        return sorted(wanted)


@dataclass(frozen=True, slots=True)
class Hint:
    """What solves of nearly the same programme found: plans, plans of the most compute, and the trails of searches."""

    plans: tuple[Floats, ...] = ()
    anchors: tuple[Floats, ...] = ()
    trails: dict[str, Trail] = field(default_factory=dict)

    def trail(self, name: str) -> Trail:
        """Return the trail of a search, to read and to write on."""
        return self.trails.setdefault(name, Trail())


@dataclass(slots=True)
class Optimum:
    """The best plan found: point, objective value, valid bound, and what the ratios were measured against."""

    x: Floats | None = None
    value: float = -INF
    bound: float = INF
    attainable: float = float("nan")
    normalisers: tuple[float, ...] = ()
    floor_binds: bool = False
    anchor: Floats | None = None
    trace: list[dict[str, Any]] = field(default_factory=list)


def objective_value(matrix: Matrix, target: Target, normalisers: tuple[float, ...], x: Floats) -> float:
    """Return the objective of a point of the programme; −inf where a ratio has no meaning there."""
    f = matrix.functionals
    if target.objective in LINEAR:
        return sum(weight * f[name](x) for name, weight in LINEAR[target.objective].items())
    values = []
    for (top, bottom), best in zip(target.ratios, normalisers or (1.0,) * len(target.ratios), strict=True):
        below = f[bottom](x)
        values.append(f[top](x) / below / best if below > 0 else -INF)
    return min(values)
