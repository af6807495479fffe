"""Every quantity that a plan's sheets share, computed once from the decisions.

Flow convention: see ``procure.finance``. Axes as in ``procure.case``: G generations, S sites, T periods, W workloads,
C cohorts, K power options, J projects; N is the number of rows of the sparse running table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.planning.tables import tally
from procure.solution import Running

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case, Options
    from procure.solution import Solution

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Quantities", "online", "quantities", "share_campus_power"]

#: Running units and energy below this are the solver's dust, not decisions.
DUST = 1e-9
#: Energy below this, in MWh, is rounding between what a site draws and what its options give: nobody buys a watt-hour.
ENERGY_DUST = 1e-6


@dataclass(frozen=True, slots=True)
class Quantities:
    """Numbers that follow from the decisions of a plan.

    ``owned`` [C, T] units of each cohort during a period; ``run`` the running table without dust, with its rows' peak
    facility MW (``row_mw``), energy (``row_mwh``) and delivered compute (``row_compute``, unit-hours, uplift included);
    ``used_mw`` and ``available_mw`` [S, T]; ``site_mwh`` [S, T] energy drawn; ``grid_mwh`` [S, T] and ``option_mwh``
    [K, T] where it comes from; ``own_hours`` and ``rented_hours`` [W, T]; ``rented_mwh`` [R, T];
    ``power_online`` [K, T], ``shell_online`` and ``projects_online`` builds and projects completed.
    """

    case: Case
    solution: Solution
    owned: Ints
    run: Running
    row_mw: Floats
    row_mwh: Floats
    row_compute: Floats
    used_mw: Floats
    available_mw: Floats
    site_mwh: Floats
    grid_mwh: Floats
    option_mwh: Floats
    own_hours: Floats
    rented_hours: Floats
    rented_mwh: Floats
    power_online: Ints
    shell_online: Ints
    projects_online: Ints

    @property
    def delivered_hours(self) -> Floats:
        """Delivered compute, own and rented, in unit-hours (shape W × T)."""
        return self.own_hours + self.rented_hours


def online(starts: Ints, lead: Ints) -> Ints:
    """Return builds complete during each period (shape K × T), from builds started and lead times in periods."""
    result = np.zeros_like(starts)
    for k, delay in enumerate(lead):
        late = int(delay)
        result[k, late:] = np.cumsum(starts[k, : max(0, starts.shape[1] - late)])
    return result


def quantities(solution: Solution) -> Quantities:
    """Return the quantities of a solution (vectorised; linear in the rows of the running table)."""
    case = solution.case
    generations, sites, modes, T = case.generations, case.sites, case.modes, case.T
    S, W = len(sites.names), len(case.workloads)
    run = _sorted(solution.running)
    g, s, t, w = run.generation, run.site, run.period, run.workload

    row_mw = case.peak_mw[g, s] * modes.power[run.mode] * run.units
    row_mwh = case.hours * generations.load_factor[g] * row_mw
    projects_online = online(solution.project_starts, case.projects.lead)
    uplift = (case.projects.scope.astype(float) * case.projects.uplift[:, None]).T @ projects_online  # W × T
    rated = sites.utilisation[s, w] * generations.perf[g, t, w] * modes.compute[run.mode] * (1.0 + uplift[w, t])
    row_compute = case.hours * rated * run.units

    used = tally(s * T + t, row_mw, S * T).reshape(S, T)
    drawn = tally(s * T + t, row_mwh, S * T).reshape(S, T)
    power_online = online(solution.power_builds, case.power_options.lead)
    option_mwh = np.where(solution.option_energy > ENERGY_DUST, solution.option_energy, 0.0)
    grid_mwh = drawn - _option_energy(case.power_options, option_mwh, S)
    rented = np.where(solution.rented > DUST, solution.rented, 0.0)
    rented_hours = np.zeros((W, T))
    np.add.at(rented_hours, case.rental.workload, case.hours * rented)
    return Quantities(
        case=case,
        solution=solution,
        owned=_owned(solution),
        run=run,
        row_mw=row_mw,
        row_mwh=row_mwh,
        row_compute=row_compute,
        used_mw=used,
        available_mw=share_campus_power(case, used, _by_site(case.power_options, power_online, S)),
        site_mwh=drawn,
        grid_mwh=np.where(grid_mwh > ENERGY_DUST, grid_mwh, 0.0),
        option_mwh=option_mwh,
        own_hours=tally(w * T + t, row_compute, W * T).reshape(W, T),
        rented_hours=rented_hours,
        rented_mwh=case.hours * case.rental.kw_per_compute_unit[:, None] * rented / 1000.0,
        power_online=power_online,
        shell_online=online(solution.shell_builds, case.shell_options.lead),
        projects_online=projects_online,
    )


def _sorted(running: Running) -> Running:
    """Return running rows without dust, in the order period, site, generation, mode, workload."""
    keep = np.flatnonzero(running.units > DUST)
    order = keep[
        np.lexsort((
            running.workload[keep], running.mode[keep], running.generation[keep], running.site[keep],
            running.period[keep],
        ))
    ]  # fmt: skip
    return Running(
        running.generation[order], running.mode[order], running.site[order], running.period[order],
        running.workload[order], running.units[order],
    )  # fmt: skip


def _owned(solution: Solution) -> Ints:
    cohorts, T = solution.case.cohorts, solution.case.T
    here = np.arange(T)[None, :] >= cohorts.delivered[:, None]
    return np.asarray(np.where(here, solution.ordered[:, None], 0) - np.cumsum(solution.sold, axis=1))


def _by_site(options: Options, built: Ints, sites: int) -> Floats:
    """Return what completed options add to each site (MW or racks; shape S × T)."""
    result = np.zeros((sites, built.shape[1]))
    np.add.at(result, options.site, options.adds[:, None] * built)
    return result


def _option_energy(options: Options, option_mwh: Floats, sites: int) -> Floats:
    result = np.zeros((sites, option_mwh.shape[1]))
    np.add.at(result, options.site, option_mwh)
    return result


def share_campus_power(case: Case, used_mw: Floats, option_mw: Floats) -> Floats:
    """MW available by site and period (shape S × T), options included.

    A site outside a campus has its own row and its options. A campus that caps its sites has the smaller of its row
    and the sum of their rows, plus their options; it is shared out as what each site uses, then the headroom in site
    order, never above a site's own row and options. Site figures therefore sum to the campus figure.
    """
    own = case.sites.power_mw + option_mw
    result = own.copy()
    for k, cap in enumerate(case.sites.campus_power_mw):
        members = np.flatnonzero(case.sites.campus == k)
        total = np.minimum(cap, case.sites.power_mw[members].sum(axis=0)) + option_mw[members].sum(axis=0)
        result[members] = np.minimum(used_mw[members], own[members])
        left = np.maximum(0.0, total - result[members].sum(axis=0))
        for s in members:
            extra = np.minimum(left, own[s] - result[s])
            result[s] += extra
            left -= extra
    return result
