"""A point of the programme → the whole-number decisions of a plan, feasible in exact arithmetic.

Running units are written in billionths of a unit, so that their decimal text is exact: rounded, then lowered wherever
the installed units, a site's or a campus' power would be exceeded by even the last digit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.solution import Running, Solution
from procure.solving.exact import ExactPower

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from procure.case import Case, Options
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["read_solution"]

NANO = 10**9
HAIR = 1e-12


def read_solution(case: Case, matrix: Matrix, run_index: dict[str, Ints], x: Floats) -> Solution:
    """Return the plan's decisions; whole numbers are rounded (they come exact from ``finish``)."""

    def values(name: str) -> Floats:
        columns = matrix.columns[name]
        return np.where(columns >= 0, x[np.maximum(columns, 0)], 0.0) if columns.size else np.zeros(columns.shape)

    def whole(name: str) -> Ints:
        return np.rint(values(name)).astype(np.int64)

    lots, cohorts = whole("order_lots"), case.cohorts
    ordered = cohorts.units.copy()
    new = cohorts.order >= 0
    g = cohorts.generation[new]
    ordered[new] = lots[g, cohorts.order[new]] * case.generations.lot[g]
    installed = whole("installed")
    power_builds, shell_builds = whole("build"), whole("build_shell")
    units = _exact_running(case, run_index, values("run"), installed, power_builds)
    keep = units > 0
    energy = case.energy_mwh[run_index["generation"], run_index["site"]] * case.modes.power[run_index["mode"]]
    rented = np.clip(np.round(values("rent"), 9), 0.0, case.rental.maximum)
    return Solution(
        case=case,
        ordered=ordered,
        sold=whole("sell"),
        installed=installed,
        running=Running(
            generation=run_index["generation"][keep], mode=run_index["mode"][keep], site=run_index["site"][keep],
            period=run_index["period"][keep], workload=run_index["workload"][keep], units=units[keep],
        ),
        power_builds=power_builds,
        shell_builds=shell_builds,
        project_starts=whole("start"),
        option_energy=_exact_energy(case, run_index, units * energy, values("energy"), power_builds),
        rented=rented,
    )  # fmt: skip


def standing(builds: Ints, options: Options, T: int) -> Ints:
    """Return builds whose capacity stands in each period (shape K × T): those started at least a lead time ago."""
    total = np.cumsum(builds, axis=1).reshape(len(options), T)
    result = np.zeros_like(total)
    for k, lead in enumerate(options.lead.tolist()):
        if lead < T:
            result[k, lead:] = total[k, : T - lead]
    return result


def _exact_running(case: Case, index: dict[str, Ints], run: Floats, installed: Ints, builds: Ints) -> Floats:
    near = np.rint(run)
    run = np.where(np.abs(run - near) < 1e-6, near, run)  # what the solver left beside a whole number
    nano = np.rint(np.maximum(run, 0.0) * NANO).astype(np.int64)
    g, s, t, m = index["generation"], index["site"], index["period"], index["mode"]
    nano = _lower_to(nano, (g * len(case.sites.names) + s) * case.T + t, installed.ravel() * NANO)
    peak = case.peak_mw[g, s] * case.modes.power[m]
    added = np.zeros_like(case.sites.power_mw)
    np.add.at(added, case.power_options.site, standing(builds, case.power_options, case.T) * case.power_options.adds[:, None])
    power = ExactPower(case, index, builds)
    nano = _scale_to(nano, peak, s, t, case.sites.power_mw + added,
                     lambda row, when: power.fits(nano, [row], case.sites.power_mw[row, when], when))  # fmt: skip
    if case.sites.campus_names:
        k = case.sites.campus
        shared = case.sites.campus_power_mw.copy()
        member = k >= 0
        np.add.at(shared, k[member], added[member])
        inside = np.flatnonzero(k[s] >= 0)
        nano[inside] = _scale_to(
            nano[inside], peak[inside], k[s[inside]], t[inside], shared,
            lambda row, when: power.fits(nano, np.flatnonzero(k == row).tolist(), case.sites.campus_power_mw[row, when], when),
        )  # fmt: skip
    return nano / NANO


def _lower_to(nano: Ints, cell: Ints, limit: Ints) -> Ints:
    """Lower the largest entry of each cell until the cell's whole-number sum is within its limit."""
    nano = nano.copy()
    for _ in range(4):
        total = np.zeros(limit.size, dtype=np.int64)
        np.add.at(total, cell, nano)
        over = total - limit
        bad = np.flatnonzero(over[cell] > 0)
        if not bad.size:
            break
        order = bad[np.lexsort((-nano[bad], cell[bad]))]
        first = order[np.r_[True, np.diff(cell[order]) != 0]]
        nano[first] = np.maximum(0, nano[first] - over[cell[first]])
    return nano


def _scale_to(
    nano: Ints, weight: Floats, row: Ints, t: Ints, limit: Floats, fits: Callable[[int, int], bool]
) -> Ints:
    """Scale the entries of each row and period down so that Σ weight · entry is below its limit (rows × T).

    They go below it by more than rounding can be, unless sum and limit are equal but for rounding and ``fits`` says
    that the entries fit exactly as they are: a hall that ten units fill runs ten, not 9.999999999.
    """
    total = np.zeros(limit.shape)
    np.add.at(total, (row, t), weight * nano / NANO)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(total > limit * (1 - HAIR), np.maximum(limit, 0.0) * (1 - 2 * HAIR) / total, 1.0)
    for i, j in np.argwhere((factor < 1.0) & (total <= limit * (1 + HAIR)) & (total > 0)).tolist():
        if fits(i, j):
            factor[i, j] = 1.0
    share = factor[row, t]
    return np.where(share < 1.0, np.floor(nano * share), nano).astype(np.int64)


def _exact_energy(case: Case, index: dict[str, Ints], drawn: Floats, energy: Floats, builds: Ints) -> Floats:
    """Energy from options, within their firm capacity and within what their site draws."""
    options = case.power_options
    if not len(options):
        return np.zeros((0, case.T))
    site = np.zeros((len(case.sites.names), case.T))
    np.add.at(site, (index["site"], index["period"]), drawn)
    capacity = standing(builds, options, case.T) * options.adds[:, None] * case.hours
    energy = np.clip(energy, 0.0, capacity)
    total = np.zeros_like(site)
    np.add.at(total, options.site, energy)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(total > site, site / total, 1.0)
    return np.asarray(energy * factor[options.site])
