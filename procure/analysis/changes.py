"""A changed case as a sparse change of the programme of another one: limits, constants and big-M coefficients.

Prices and re-solves need no new programme for a changed number. ``roomy`` gives the case whose programme has a column
for every step that is asked about (power at a site before its first megawatt, say); ``between`` says which numbers of
that programme change from one case to another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.programme.demand import compute_rates, most_own_compute
from procure.programme.objectives import available_mw
from procure.programme.orders import order_limits
from procure.resolve import take_or_pay
from procure.solving.prices import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from procure.case import Case
    from procure.programme.draft import Draft
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]

__all__ = ["Changes", "roomy", "with_limits"]

GWH = 1e-3
ROOM_MW = 1.0


def with_limits(case: Case, **arrays: Any) -> Case:
    """Return a case with other limits; what the capacity charge is paid on follows.

    ``power_mw``, ``campus_power_mw``, ``racks``, ``allocation``, ``budget``, ``demand_min``, ``demand_max``: arrays,
    shapes as in ``procure.parts``.
    """
    halls = ("power_mw", "campus_power_mw", "racks")
    sites: dict[str, Any] = {name: arrays.pop(name) for name in halls if name in arrays}
    if sites:
        new = replace(case.sites, **sites)
        charged = take_or_pay(new.power_mw, new.campus, new.campus_power_mw)
        case = replace(case, sites=replace(new, take_or_pay_mw=charged))
    if "allocation" in arrays:
        case = replace(case, generations=replace(case.generations, allocation=arrays.pop("allocation")))
    return replace(case, **arrays) if arrays else case


def roomy(case: Case) -> Case:
    """Return the case with power everywhere at all times, so that its programme has every column a step can use."""
    sites = case.sites
    return with_limits(
        case,
        power_mw=sites.power_mw + ROOM_MW,
        campus_power_mw=sites.campus_power_mw + ROOM_MW * max(1, len(sites.names)),
    )


class Changes:
    """The changes of a programme (``draft`` and ``matrix``) between cases that differ in limits only."""

    def __init__(self, draft: Draft, matrix: Matrix) -> None:
        self._draft, self._matrix = draft, matrix
        self._rows: dict[tuple[str, Any], int] = {
            (family, key): i for i, (family, key) in enumerate(zip(matrix.families, matrix.row_keys, strict=True))
        }
        self._rates = compute_rates(draft) if len(draft.case.projects) else None

    def between(self, before: Case, after: Case) -> Change:
        """Return the change from one case to another."""
        coefficients, least = self._lifts(before, after)
        return Change(
            rows=(*self._power(before, after), *self._budget(before, after)),
            columns=(*self._allocation(before, after), *self._demand(before.demand_max, after.demand_max)),
            constants=tuple(self._constants(before, after)),
            least_rows=tuple(least),
            least_columns=tuple(self._demand(before.demand_min, after.demand_min)),
            coefficients=(*self._order_limits(before, after), *coefficients),
        )

    def _found(self, family: str, key: Any, step: float) -> Iterator[tuple[int, float]]:
        row = self._rows.get((family, key))
        if row is not None:
            yield row, step

    def _power(self, before: Case, after: Case) -> Iterator[tuple[int, float]]:
        sites = before.sites
        for families, names, old, new in (
            (("power", "grid_energy"), sites.names, sites.power_mw, after.sites.power_mw),
            (("campus_power", "campus_energy"), sites.campus_names, sites.campus_power_mw, after.sites.campus_power_mw),
            (("space",), sites.names, sites.racks, after.sites.racks),
        ):
            for i, t, step in _steps(old, new):
                for family in families:
                    yield from self._found(family, (names[i], t), step)

    def _budget(self, before: Case, after: Case) -> Iterator[tuple[int, float]]:
        if before.budget is after.budget:
            return
        with np.errstate(invalid="ignore"):
            step = np.nan_to_num((after.budget - before.budget) / self._draft.scales.money)
        total = np.cumsum(step) if before.settings.budget_carry_over else step
        for t in np.flatnonzero(total).tolist():
            yield from self._found("budget", t, float(total[t]))

    def _allocation(self, before: Case, after: Case) -> Iterator[tuple[int, float]]:
        lots, lot = self._matrix.columns["order_lots"], before.generations.lot[:, None]
        old, new = (np.floor(c.generations.allocation / lot + 1e-9) for c in (before, after))
        for g, t, step in _steps(old, new):
            if lots[g, t] >= 0:
                yield int(lots[g, t]), step

    def _demand(self, old: Floats, new: Floats) -> Iterator[tuple[int, float]]:
        delivered, hours = self._matrix.columns["delivered"], self._draft.case.hours / self._draft.scales.compute
        for w, t, step in _steps(old, new):
            yield int(delivered[w, t]), step * hours

    def _constants(self, before: Case, after: Case) -> Iterator[tuple[str, float]]:
        if before.sites is after.sites:
            return
        energy = float((available_mw(after) - available_mw(before)).sum()) * before.hours * GWH
        paid = [np.where(np.isfinite(c.sites.take_or_pay_mw), c.sites.take_or_pay_mw, 0.0) for c in (before, after)]
        charge = before.sites.capacity_per_kw[:, None] * 1000.0 * (paid[1] - paid[0]) * before.discount[None, 1:]
        cost = float(charge.sum()) / self._draft.scales.money
        yield from ((name, step) for name, step in (("energy_available", energy), ("cost", cost)) if step)

    def _order_limits(self, before: Case, after: Case) -> Iterator[tuple[int, int, float]]:
        ordered, names = self._matrix.columns["ordered"], before.generations.names
        if (ordered >= 0).any():
            for g, t, step in _steps(order_limits(before), order_limits(after)):
                if ordered[g, t] >= 0:
                    for row, change in self._found("order_limit", (names[g], t), -step):
                        yield row, int(ordered[g, t]), change

    def _lifts(self, before: Case, after: Case) -> tuple[list[tuple[int, int, float]], list[tuple[int, float]]]:
        """Big-M of the projects (the most own compute): coefficients of the rows that switch an uplift, and limits."""
        coefficients: list[tuple[int, int, float]] = []
        least: list[tuple[int, float]] = []
        if self._rates is None or (before.sites is after.sites and before.demand_max is after.demand_max):
            return coefficients, least
        projects, lift, start = before.projects, self._matrix.columns["lift"], self._matrix.columns["start"]
        most = [most_own_compute(self._draft, c, self._rates) for c in (before, after)]
        for w, t, step in _steps(most[0], most[1]):
            for j in np.flatnonzero(lift[:, w, t] >= 0).tolist():
                key, big = (projects.names[j], before.workloads[w], t), -float(projects.uplift[j]) * step
                done = start[j, : t - int(projects.lead[j]) + 1]
                least.extend(self._found("lift_full", key, big))
                for family in ("lift_on", "lift_full"):
                    for row, _ in self._found(family, key, 1.0):
                        coefficients.extend((row, column, big) for column in done[done >= 0].tolist())
        return coefficients, least


def _steps(old: Floats, new: Floats) -> Iterator[tuple[int, int, float]]:
    """Yield where two tables differ, and by how much; a limit that comes or goes (inf) is not a step."""
    if old is new:
        return
    with np.errstate(invalid="ignore"):
        step = np.nan_to_num(np.asarray(new, dtype=float) - old, nan=0.0, posinf=0.0, neginf=0.0)
    for i, t in zip(*(a.tolist() for a in np.nonzero(step)), strict=True):
        yield i, t, float(step[i, t])
