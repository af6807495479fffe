"""The programme while it is being built: the case, the Pyomo model, and the variables as arrays by position.

Each part of the programme (``orders``, ``running``, ``power``, ...) declares its variables here under the field's names
and finds those of the other parts as object arrays, so that rows are made from whole slices and no part reads meaning
back out of a name. A missing candidate is ``None`` in the array: no variable exists for it.

Scaling: money in ``Scales.money`` currency units and compute in ``Scales.compute`` unit-hours (powers of ten chosen
from the case), power in MW, so that coefficients stay near 1. Scaling money or compute by ten changes no coefficient.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyomo.environ as pe
from pyomo.core.expr import LinearExpression

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from procure.case import Case

    Floats = NDArray[np.float64]
    Vars = NDArray[np.object_]

__all__ = ["FUNCTIONALS", "Draft", "Linear", "Row", "Scales"]

FUNCTIONALS = ("cost", "compute_pv", "compute_raw", "energy_used", "energy_available", "worth")

Row = tuple[float | None, LinearExpression, float | None]


@dataclass(frozen=True, slots=True)
class Scales:
    """Units of the programme: currency units per unit of money, unit-hours per unit of compute."""

    money: float
    compute: float

    @classmethod
    def of(cls, case: Case) -> Scales:
        """Choose powers of ten from the dearest unit and from the most compute a unit delivers in a period."""
        priced = case.generations.price[case.generations.window]
        dearest = max(float(priced.max(initial=0.0)), float(case.cohorts.price.max(initial=0.0)))
        rated = float(case.generations.perf.max(initial=0.0)) * float(case.sites.utilisation.max(initial=0.0))
        return cls(money=_power_of_ten(dearest), compute=_power_of_ten(rated * case.hours))


def _power_of_ten(value: float) -> float:
    return float(10.0 ** np.floor(np.log10(value) + 1e-9)) if value > 0 and np.isfinite(value) else 1.0


@dataclass(slots=True)
class Linear:
    """A linear functional under construction: coefficients and variables collected family by family."""

    coefficients: list[float] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)
    constant: float = 0.0

    def add(self, coefficients: Iterable[float], variables: Iterable[Any]) -> None:
        """Add terms; zero coefficients and missing variables (``None``) are left out."""
        for coefficient, variable in zip(coefficients, variables, strict=True):
            if coefficient and variable is not None:
                self.coefficients.append(float(coefficient))
                self.variables.append(variable)

    def expression(self) -> LinearExpression:
        """Return the Pyomo expression."""
        return LinearExpression(constant=self.constant, linear_coefs=self.coefficients, linear_vars=self.variables)


@dataclass(slots=True)
class Draft:
    """Everything the parts of the programme share while they are added to the model.

    Object arrays of variables (``None``: no candidate): ``lots`` [G, T], ``sell`` [C, T], ``pool`` [G, T], ``installed``
    and ``install`` [G, S, T], ``run`` [N] with its index columns ``run_*`` [N], ``delivered`` [W, T], ``own`` [W, T],
    ``lift`` [J, W, T], ``build`` [K, T], ``build_shell`` [K', T], ``energy`` [K, T], ``start`` [J, T], ``rent`` [R, T].
    Functionals: see ``procure.programme.objectives``.
    """

    case: Case
    model: pe.ConcreteModel
    scales: Scales
    explicit: bool = False
    arrays: dict[str, Vars] = field(default_factory=dict)
    run_index: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    run_energy: Floats = field(default_factory=lambda: np.zeros(0))
    run_compute: Floats = field(default_factory=lambda: np.zeros(0))
    functionals: dict[str, Linear] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start every functional empty."""
        for name in FUNCTIONALS:
            self.functionals[name] = Linear()

    def declare(self, name: str, shape: Sequence[int], where: Sequence[NDArray[np.int64]], keys: list[Any],
                **options: Any) -> Vars:  # fmt: skip
        """Add ``Var`` ``name`` over ``keys`` to the model and keep it as an object array at positions ``where``."""
        variable = pe.Var(keys, **options)
        setattr(self.model, name, variable)
        array = np.full(tuple(shape), None, dtype=object)
        if keys:
            members = np.empty(len(keys), dtype=object)
            members[:] = list(variable.values())
            array[tuple(where)] = members
        self.arrays[name] = array
        return array

    def rows(self, name: str, rows: dict[Any, Row]) -> None:
        """Add the constraint family ``name``, a row a key; a family without rows is declared empty."""
        setattr(self.model, name, pe.Constraint(list(rows), rule=lambda _model, *key: rows[_key(key)]))


def _key(key: tuple[Any, ...]) -> Any:
    return key[0] if len(key) == 1 else key
