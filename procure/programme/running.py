"""Sites: what is installed where, and what of it runs, in which power mode and for which workload.

| symbol | defined over | unit | meaning |
|---|---|---|---|
| installed[g, s, t] | site can take g, licence allows, power can be there | units, integer | units of g at s during t |
| install[g, s, t] | where moving costs or is capped | units | units of g that enter s at the start of t; remove = install − Δinstalled |
| run[g, m, s, t, w] | installed candidate × mode × workload | units | units of g that run in mode m for workload w |

| rows | say |
|---|---|
| conservation[g, t] | Σ_s installed[g, s, t] ≤ pool[g, t]; the rest is in the warehouse |
| moves[g, s, t] | install[g, s, t] ≥ installed[t] − installed[t−1] |
| running[g, s, t] | Σ_{m,w} run ≤ installed |

Left out with proof: (1) installs before a site can have any power (waiting in the warehouse costs no more, takes no
licence earlier and no space); (2) modes under the concave hull of (power, compute) through the origin (a mix of hull
modes and idling gives more compute from the same units and watts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyomo.environ as pe

from procure.programme.draft import Linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case
    from procure.programme.draft import Draft, Row

__all__ = ["define_running_rows", "define_running_variables", "efficient_modes"]


def define_running_variables(draft: Draft) -> None:
    """Declare installed, install and run over their sparse candidate sets."""
    case = draft.case
    names, sites, T = case.generations.names, case.sites.names, case.T
    shape = (len(names), len(sites), T)
    where = np.nonzero(installed_candidates(case))
    keys = [(names[g], sites[s], t) for g, s, t in zip(*(a.tolist() for a in where), strict=True)]
    draft.declare("installed", shape, where, keys, domain=pe.NonNegativeIntegers)

    priced = np.zeros(shape[:2], dtype=bool) | draft.explicit
    priced |= ((case.generations.install_cost > 0) | (case.generations.remove_cost > 0))[:, None]
    for licence in case.licences:
        priced[list(licence.generations), licence.site] = True
    moved = priced[where[0], where[1]]
    draft.declare("install", shape, tuple(a[moved] for a in where),
                  [key for key, move in zip(keys, moved, strict=True) if move], domain=pe.NonNegativeReals)  # fmt: skip

    _declare_run(draft, where)


def installed_candidates(case: Case) -> NDArray[np.bool_]:
    """Where a unit may stand (shape G × S × T): site, licence, power possible, and units of it can exist by then."""
    G, S, T = len(case.generations.names), len(case.sites.names), case.T
    t = np.arange(T)
    exists = np.full(G, T)
    np.minimum.at(exists, case.cohorts.generation, np.maximum(0, case.cohorts.delivered))
    start = np.maximum(case.sites.first_install, exists[:, None])
    stays = (case.sites.initial > 0) & (case.sites.first_install == 0)
    start = np.where(stays, 0, np.maximum(start, first_power(case)[None, :]))
    return np.asarray(np.broadcast_to(t >= start[:, :, None], (G, S, T)))


def first_power(case: Case) -> NDArray[np.int64]:
    """First period in which each site can have any power, options counted (shape S; T: never)."""
    T = case.T
    has = case.sites.power_mw > 0
    for s, k in enumerate(case.sites.campus):
        if k >= 0:
            has[s] &= case.sites.campus_power_mw[k] > 0
    first = np.where(has.any(axis=1), has.argmax(axis=1), T)
    options = case.power_options
    ready = np.where(options.earliest <= options.latest, options.earliest + options.lead, T)
    np.minimum.at(first, options.site, np.minimum(ready, T))
    for s, k in enumerate(case.sites.campus):  # an option of a neighbour raises the campus limit
        if k >= 0:
            near = ready[np.isin(options.site, np.flatnonzero(case.sites.campus == k))]
            first[s] = min(first[s], int(near.min(initial=T)))
    return first


def efficient_modes(case: Case) -> NDArray[np.bool_]:
    """Mark the modes on the concave hull of (power factor, compute factor) through the origin (shape M)."""
    modes = case.modes
    keep = np.zeros(len(modes.names), dtype=bool)
    for g in range(len(case.generations.names)):
        rows = [int(i) for i in np.flatnonzero(modes.generation == g)]
        rows.sort(key=lambda i: (modes.power[i], -modes.compute[i]))
        hull: list[int] = []
        for i in rows:
            p, c = float(modes.power[i]), float(modes.compute[i])
            if hull and c <= modes.compute[hull[-1]]:
                continue  # more power, no more compute
            while hull:
                p0, c0 = (modes.power[hull[-2]], modes.compute[hull[-2]]) if len(hull) > 1 else (0.0, 0.0)
                p1, c1 = modes.power[hull[-1]], modes.compute[hull[-1]]
                if (c1 - c0) * (p - p0) > (c - c0) * (p1 - p0) * (1 + 1e-12):
                    break
                hull.pop()
            hull.append(i)
        keep[hull] = True
    return keep


def _declare_run(draft: Draft, where: tuple[NDArray[np.int64], ...]) -> None:
    """Declare run for every installed candidate × efficient mode × workload that may run there with some compute."""
    case = draft.case
    g0, s0, t0 = where
    columns: list[NDArray[np.int64]] = []
    modes = np.flatnonzero(efficient_modes(case))
    for w in range(len(case.workloads)):
        for m in modes:
            picked = np.flatnonzero(
                (g0 == case.modes.generation[m]) & case.sites.runs[s0, w] & (case.generations.perf[g0, t0, w] > 0)
            )
            full = np.full(picked.size, 1)
            columns.append(np.stack([g0[picked], m * full, s0[picked], t0[picked], w * full]))
    index = np.concatenate(columns, axis=1) if columns else np.zeros((5, 0), dtype=np.int64)
    index = index[:, np.lexsort((index[4], index[1], index[3], index[2], index[0]))]
    g, m, s, t, w = index
    names, sites = case.generations.names, case.sites.names
    keys = [
        (names[a], case.modes.names[b], sites[c], d, case.workloads[e])
        for a, b, c, d, e in zip(*(column.tolist() for column in index), strict=True)
    ]
    draft.declare("run", (index.shape[1],), (np.arange(index.shape[1]),), keys, domain=pe.NonNegativeReals)
    draft.run_index = {"generation": g, "mode": m, "site": s, "period": t, "workload": w}
    draft.run_energy = case.energy_mwh[g, s] * case.modes.power[m]
    draft.run_compute = (
        case.hours * case.sites.utilisation[s, w] * case.generations.perf[g, t, w] * case.modes.compute[m]
    ) / draft.scales.compute


def define_running_rows(draft: Draft) -> None:
    """Add conservation, moves and running ≤ installed."""
    case, arrays = draft.case, draft.arrays
    names, sites = case.generations.names, case.sites.names
    installed, install, pool = arrays["installed"], arrays["install"], arrays["pool"]

    conservation: dict[tuple[str, int], Row] = {}
    for g, name in enumerate(names):
        for t in range(case.T):
            row = Linear()
            row.add(np.ones(len(sites)), installed[g, :, t])
            if row.variables:
                row.add([-1.0], [pool[g, t]])
                conservation[name, t] = (None, row.expression(), 0.0)
    draft.rows("conservation", conservation)

    moves: dict[tuple[str, str, int], Row] = {}
    for g, s, t in zip(*(a.tolist() for a in np.nonzero(install != None)), strict=True):  # noqa: E711
        before = installed[g, s, t - 1] if t else None
        row = Linear()
        row.add([1.0, -1.0, 1.0], [install[g, s, t], installed[g, s, t], before])
        moves[names[g], sites[s], t] = (-float(case.sites.initial[g, s]) if t == 0 else 0.0, row.expression(), None)
    draft.rows("moves", moves)

    index, run = draft.run_index, arrays["run"]
    cell = (index["generation"] * len(sites) + index["site"]) * case.T + index["period"]
    starts = np.flatnonzero(np.r_[True, np.diff(cell) != 0]) if cell.size else np.zeros(0, dtype=np.int64)
    running: dict[tuple[str, str, int], Row] = {}
    for a, b in zip(starts.tolist(), [*starts[1:].tolist(), cell.size][: starts.size], strict=True):
        g, s, t = int(index["generation"][a]), int(index["site"][a]), int(index["period"][a])
        row = Linear([1.0] * (b - a) + [-1.0], [*run[a:b].tolist(), installed[g, s, t]])
        running[names[g], sites[s], t] = (None, row.expression(), 0.0)
    draft.rows("running", running)
