"""Every step of a limit that a planner can ask for, each as the case with that number changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from procure.analysis.changes import with_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from procure.case import Case
    from procure.reading.tables import Tables

    Floats = NDArray[np.float64]

__all__ = ["Step", "limit_steps", "rebuilt_steps"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, how large, and the case with it; ``rebuilt`` where other columns exist in that case."""

    kind: str
    name: str
    period: str
    step: float
    unit: str
    case: Case
    rebuilt: bool = False


def limit_steps(case: Case, money: float) -> Iterator[Step]:
    """Yield one more MW, rack, lot, ``money`` of budget, a unit of demand less or more, power a period earlier."""
    labels, sites, generations = case.calendar.labels, case.sites, case.generations
    for s, site in enumerate(sites.names):
        for t in np.flatnonzero(np.isfinite(sites.power_mw[s])).tolist():
            yield Step(
                "power", site, labels[t], 1.0, "MW", with_limits(case, power_mw=_plus(sites.power_mw, s, t, 1.0))
            )
        for t in np.flatnonzero(np.isfinite(sites.racks[s])).tolist():
            yield Step("space", site, labels[t], 1.0, "rack", with_limits(case, racks=_plus(sites.racks, s, t, 1.0)))
    for k, campus in enumerate(sites.campus_names):
        for t in np.flatnonzero(np.isfinite(sites.campus_power_mw[k])).tolist():
            more = _plus(sites.campus_power_mw, k, t, 1.0)
            yield Step("campus power", campus, labels[t], 1.0, "MW", with_limits(case, campus_power_mw=more))
    for g, t in zip(*np.nonzero(generations.window & np.isfinite(generations.allocation)), strict=True):
        lot = float(generations.lot[g])
        more = _plus(generations.allocation, g, t, lot)
        yield Step("allocation", generations.names[g], labels[t], lot, "unit", with_limits(case, allocation=more))
    for t in np.flatnonzero(np.isfinite(case.budget)).tolist():
        more = case.budget.copy()
        more[t] += money
        yield Step("budget", "capex", labels[t], money, case.currency, with_limits(case, budget=more))
    for w, t in zip(*np.nonzero(case.demand_min > 0), strict=True):
        step = min(1.0, float(case.demand_min[w, t]))
        less = _plus(case.demand_min, w, t, -step)
        yield Step(
            "less demand", case.workloads[w], labels[t], step, "compute unit", with_limits(case, demand_min=less)
        )
    for w, t in zip(*np.nonzero(np.isfinite(case.demand_max)), strict=True):
        more = _plus(case.demand_max, w, t, 1.0)
        yield Step("more demand", case.workloads[w], labels[t], 1.0, "compute unit", with_limits(case, demand_max=more))
    for s, site in enumerate(sites.names):
        ahead = _ahead(sites.power_mw, s)
        if ahead is not None:
            yield Step("earlier energisation", site, "all", 1.0, "period", with_limits(case, power_mw=ahead))
    for k, campus in enumerate(sites.campus_names):
        ahead = _ahead(sites.campus_power_mw, k)
        own = sites.power_mw.copy()  # the campus' halls are connected with it
        for s in np.flatnonzero(sites.campus == k).tolist():
            moved = _ahead(own, s)
            own = own if moved is None else moved
        if ahead is not None:
            changed = with_limits(case, campus_power_mw=ahead, power_mw=own)
            yield Step("earlier energisation", campus, "all", 1.0, "period", changed)


def rebuilt_steps(case: Case, spend: dict[str, float]) -> Iterator[Step]:
    """Yield each generation delivered a period sooner after its order, and available a period sooner; most spend first.

    A generation that is available sooner takes its row of ``allocation`` with it; prices given by period stay.
    """
    from procure.case import Case

    frame = case.tables.frames["generations"]
    names = frame["generation"].astype(str).tolist()
    for name in sorted(names, key=lambda n: -spend.get(n, 0.0)):
        row = names.index(name)
        if frame["lead_time"].iloc[row] >= 1:
            changed = Case.from_tables(_replaced(case, _plus_cell(frame, row, "lead_time", -1)))
            yield Step("earlier delivery", name, "all", 1.0, "period", _as_set(changed, case), rebuilt=True)
        if frame["available_from"].iloc[row] > 0:
            tables = _replaced(case, _plus_cell(frame, row, "available_from", -1), _ahead_row(case, name))
            yield Step(
                "earlier availability",
                name,
                "all",
                1.0,
                "period",
                _as_set(Case.from_tables(tables), case),
                rebuilt=True,
            )


def _plus(table: Floats, i: int, t: int, step: float) -> Floats:
    new = table.copy()
    new[i, t] += step
    return new


def _ahead(table: Floats, i: int) -> Floats | None:
    """Return the table with a row moved a period to the left, its last number repeated; None where nothing changes."""
    new = table.copy()
    new[i, :-1] = table[i, 1:]
    return new if np.isfinite(table[i]).all() and (new > table).any() else None


def _plus_cell(frame: pd.DataFrame, row: int, column: str, step: int) -> pd.DataFrame:
    new = frame.copy()
    values = new[column].to_numpy().copy()
    values[row] += step
    new[column] = values
    return new


def _ahead_row(case: Case, name: str) -> pd.DataFrame:
    new = case.tables.frames["allocation"].copy()
    labels = list(case.calendar.labels)
    for row in np.flatnonzero(new["generation"].astype(str) == name).tolist():
        values = new.loc[new.index[row], labels].to_numpy(dtype=float)
        new.loc[new.index[row], labels] = np.append(values[1:], values[-1])
    return new


def _replaced(case: Case, generations: pd.DataFrame, allocation: pd.DataFrame | None = None) -> Tables:
    frames = {**case.tables.frames, "generations": generations}
    if allocation is not None:
        frames["allocation"] = allocation
    return replace(case.tables, frames=frames)


def _as_set(changed: Case, case: Case) -> Case:
    """Keep the settings that the case was solved with."""
    return replace(changed, settings=case.settings)
