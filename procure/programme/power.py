"""Power, energy and space at the sites, and the options that add to them.

| symbol | defined over | unit | meaning |
|---|---|---|---|
| build[k, t] | power option, build window | builds, integer | builds of option k started at the start of t |
| build_shell[k, t] | shell option, build window | builds, integer | the same for rack positions |
| energy[k, s, t] | power option once it can stand | MWh | energy drawn from option k at its site s; the grid gives the rest |

| rows | say |
|---|---|
| power[s, t] | Σ peak MW of run ≤ the site's own power row + options built |
| campus_power[k, t] | Σ over the sites of a campus ≤ the campus row + their options |
| space[s, t] | Σ racks of installed ≤ rack positions + shells built |
| max_builds[k], max_shells[k] | Σ_t builds ≤ max_builds |
| option_energy[k, t] | energy of an option ≤ H · firm MW built |
| grid_energy[s, t] | energy drawn − options' energy ≥ 0 and ≤ H · own power row (sites with options) |
| campus_energy[k, t] | the same grid limit for a campus with options |

Peak MW of a running unit: kW · power factor · (1 + overhead) · PUE / 1000. Energy of a period: H · load factor · peak.
Where a site has no option its energy comes from the grid alone and the power row already limits it (load factor ≤ 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyomo.environ as pe

from procure.programme.draft import Linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Options
    from procure.programme.draft import Draft, Row, Vars

__all__ = ["built_terms", "define_option_variables", "define_power_rows", "define_space_rows"]


def define_option_variables(draft: Draft) -> None:
    """Declare builds of power and shell options and the energy drawn from power options."""
    case, T = draft.case, draft.case.T
    for name, options in (("build", case.power_options), ("build_shell", case.shell_options)):
        t = np.arange(T)
        window = (
            (t >= options.earliest[:, None]) & (t <= options.latest[:, None]) & (t + options.lead[:, None] < T)
        ).reshape(len(options), T)
        k, when = np.nonzero(window & (options.max_builds > 0)[:, None])
        keys = [(options.names[i], j) for i, j in zip(k.tolist(), when.tolist(), strict=True)]
        draft.declare(name, (len(options), T), (k, when), keys, domain=pe.NonNegativeIntegers)

    options = case.power_options
    first = np.array([_first(draft.arrays["build"][k], int(options.lead[k]), T) for k in range(len(options))])
    k, when = np.nonzero(np.arange(T)[None, :] >= first.reshape(-1, 1))
    keys3 = [
        (options.names[i], case.sites.names[int(options.site[i])], j)
        for i, j in zip(k.tolist(), when.tolist(), strict=True)
    ]
    draft.declare("energy", (len(options), T), (k, when), keys3, domain=pe.NonNegativeReals)


def _first(row: Vars, lead: int, T: int) -> int:
    built = [t for t, variable in enumerate(row) if variable is not None]
    return min(T, built[0] + lead) if built else T


def built_terms(builds: Vars, options: Options, k: int, t: int) -> list[object]:
    """Return the build variables of option ``k`` whose capacity stands in period ``t``."""
    return [variable for variable in builds[k, : max(0, t - int(options.lead[k]) + 1)] if variable is not None]


def define_power_rows(draft: Draft) -> None:
    """Add power by site and campus, and the energy balance of sites with options."""
    case, arrays, T = draft.case, draft.arrays, draft.case.T
    sites, options = case.sites, case.power_options
    builds = arrays["build"]
    by_cell = runs_by_cell(draft)
    peak = (
        case.peak_mw[draft.run_index["generation"], draft.run_index["site"]] * case.modes.power[draft.run_index["mode"]]
    )

    rows: dict[tuple[str, int], Row] = {}
    campus: dict[tuple[str, int], Linear] = {}
    for (s, t), picked in by_cell.items():
        load = (peak[picked].tolist(), arrays["run"][picked].tolist())
        own = float(sites.power_mw[s, t])
        if np.isfinite(own):
            row = Linear(list(load[0]), list(load[1]))
            _add_options(row, builds, options, np.flatnonzero(options.site == s), t)
            rows[sites.names[s], t] = (None, row.expression(), own)
        if sites.campus[s] >= 0:
            total = campus.setdefault((sites.campus_names[sites.campus[s]], t), Linear())
            total.add(*load)
    draft.rows("power", rows)

    shared: dict[tuple[str, int], Row] = {}
    for (name, t), row in campus.items():
        k = sites.campus_names.index(name)
        _add_options(row, builds, options, np.flatnonzero(np.isin(options.site, np.flatnonzero(sites.campus == k))), t)
        shared[name, t] = (None, row.expression(), float(sites.campus_power_mw[k, t]))
    draft.rows("campus_power", shared)

    limit: dict[str, Row] = {}
    for k, name in enumerate(options.names):
        total = Linear()
        total.add(np.ones(T), builds[k])
        if total.variables:
            limit[name] = (None, total.expression(), float(options.max_builds[k]))
    draft.rows("max_builds", limit)
    _energy_rows(draft, by_cell)


def runs_by_cell(draft: Draft) -> dict[tuple[int, int], NDArray[np.int64]]:
    """Return the positions of the run variables by (site, period), sorted by site and period."""
    s, t = draft.run_index["site"], draft.run_index["period"]
    cell = s * draft.case.T + t
    order = np.argsort(cell, kind="stable")
    edges = np.flatnonzero(np.r_[True, np.diff(cell[order]) != 0, True]) if cell.size else np.zeros(0, dtype=np.int64)
    return {
        divmod(int(cell[order[a]]), draft.case.T): order[a:b]
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    }


def _add_options(row: Linear, builds: Vars, options: Options, which: NDArray[np.int64], t: int) -> None:
    for k in which.tolist():
        standing = built_terms(builds, options, k, t)
        row.add([-float(options.adds[k])] * len(standing), standing)


def _energy_rows(draft: Draft, by_cell: dict[tuple[int, int], NDArray[np.int64]]) -> None:
    case, arrays = draft.case, draft.arrays
    sites, options, hours = case.sites, case.power_options, case.hours
    builds, draw, run = arrays["build"], arrays["energy"], arrays["run"]

    capacity: dict[tuple[str, int], Row] = {}
    for k, t in zip(*(a.tolist() for a in np.nonzero(draw != None)), strict=True):  # noqa: E711
        row = Linear()
        row.add([1.0 / hours], [draw[k, t]])
        standing = built_terms(builds, options, k, t)
        row.add([-float(options.adds[k])] * len(standing), standing)
        capacity[options.names[k], t] = (None, row.expression(), 0.0)
    draft.rows("option_energy", capacity)

    grid: dict[tuple[str, int], Row] = {}
    shared: dict[tuple[str, int], Linear] = {}
    with_options = set(options.site.tolist())
    for (s, t), picked in by_cell.items():
        row = Linear()
        row.add((draft.run_energy[picked] / hours).tolist(), run[picked].tolist())
        mine = [draw[k, t] for k in np.flatnonzero(options.site == s) if draw[k, t] is not None]
        row.add([-1.0 / hours] * len(mine), mine)
        if s in with_options and mine:
            own = float(sites.power_mw[s, t])
            grid[sites.names[s], t] = (0.0, row.expression(), own if np.isfinite(own) else None)
        k = int(sites.campus[s])
        if k >= 0 and with_options & set(np.flatnonzero(sites.campus == k).tolist()):
            shared.setdefault((sites.campus_names[k], t), Linear()).add(row.coefficients, row.variables)
    # an option that stands before anything can run there may not deliver energy
    for k, t in zip(*(a.tolist() for a in np.nonzero(draw != None)), strict=True):  # noqa: E711
        if (int(options.site[k]), t) not in by_cell:
            draw[k, t].fix(0.0)
    draft.rows("grid_energy", grid)
    draft.rows("campus_energy", {
        (name, t): (None, row.expression(), float(sites.campus_power_mw[sites.campus_names.index(name), t]))
        for (name, t), row in shared.items()
    })  # fmt: skip


def define_space_rows(draft: Draft) -> None:
    """Add rack positions, and the most builds of each shell option."""
    case, arrays, T = draft.case, draft.arrays, draft.case.T
    installed, builds, options = arrays["installed"], arrays["build_shell"], case.shell_options
    rows: dict[tuple[str, int], Row] = {}
    for s, name in enumerate(case.sites.names):
        shells = np.flatnonzero(options.site == s)
        for t in range(T):
            if not np.isfinite(case.sites.racks[s, t]):
                continue
            row = Linear()
            row.add(case.generations.racks, installed[:, s, t])
            if row.variables:
                _add_options(row, builds, options, shells, t)
                rows[name, t] = (None, row.expression(), float(case.sites.racks[s, t]))
    draft.rows("space", rows)

    limit: dict[str, Row] = {}
    for k, name in enumerate(options.names):
        total = Linear()
        total.add(np.ones(T), builds[k])
        if total.variables:
            limit[name] = (None, total.expression(), float(options.max_builds[k]))
    draft.rows("max_shells", limit)
