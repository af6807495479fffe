"""What plans near the best one can be good at, as linear functions of the programme's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.programme.orders import affordable_units, most_power, order_limits
from procure.solving.alternatives import Aim, with_switches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case
    from procure.programme.draft import Draft
    from procure.solving.matrix import Matrix

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["aims_of", "cumulative_orders"]


def aims_of(case: Case, draft: Draft, matrix: Matrix, spend: Floats, most: int = 3) -> tuple[Matrix, list[Aim]]:
    """Return the aims of a case, and its programme with the 0/1 columns that two of them need.

    Least of each of the ``most`` generations with the largest ``spend`` (shape G), least capex, latest orders, least
    carbon, fewest generations, fewest sites.
    """
    generations, money = case.generations, draft.scales.money
    lots = matrix.columns["order_lots"]
    g, t = np.nonzero(lots >= 0)
    price = generations.price[g, t] * generations.lot[g] / money
    aims = []
    for i in np.argsort(-spend, kind="stable")[:most].tolist():
        mine = g == i
        if spend[i] > 0 and mine.any():
            aims.append(Aim(f"least of {generations.names[i]}", lots[g[mine], t[mine]], generations.lot[g[mine]] * 1.0))
    builds = [(matrix.columns["build"], case.power_options), (matrix.columns["build_shell"], case.shell_options)]
    columns, coefficients = [lots[g, t]], [price]
    for table, options in builds:
        k, when = np.nonzero(table >= 0)
        columns.append(table[k, when])
        coefficients.append(options.capex[k] / money)
    aims.append(Aim("least capex", np.concatenate(columns), np.concatenate(coefficients)))
    aims.append(Aim("latest orders", lots[g, t], price * (case.T - t) / case.T))
    aims += _carbon(case, draft, matrix)
    switches, groups = [], []
    limit = np.minimum(order_limits(case), affordable_units(case))
    for i in range(len(generations.names)):
        mine = g == i
        if mine.any():
            switches.append(0)
            groups.append((lots[g[mine], t[mine]], generations.lot[g[mine]] * 1.0, float(limit[i].sum()) + 1.0))
    installed, peak, power = matrix.columns["installed"], case.peak_mw, most_power(case)
    for s in range(len(case.sites.names)):
        a, b = np.nonzero(installed[:, s] >= 0)
        if a.size:
            room = (
                2.0 * power[s][np.isfinite(power[s])].sum()
                + float((peak[:, s] * case.sites.initial[:, s]).sum()) * case.T
            )
            switches.append(1)
            groups.append((installed[a, s, b], peak[a, s], room + 1e-3))
    wider, columns_added = with_switches(matrix, groups)
    for which, name in enumerate(("fewest generations ordered", "fewest sites")):
        mine = columns_added[np.array(switches) == which]
        if mine.size > 1:
            aims.append(Aim(name, mine, np.ones(mine.size)))
    return wider, aims


def _carbon(case: Case, draft: Draft, matrix: Matrix) -> list[Aim]:
    rate, run = case.sites.carbon_kg_per_mwh, matrix.columns["run"].ravel()
    options, draw = case.power_options, matrix.columns["energy"]
    k, when = np.nonzero(draw >= 0)
    kilotonnes = 1e-6
    columns = np.concatenate([run, draw[k, when]])
    own = (options.carbon_kg_per_mwh[k] - rate[options.site[k]]) * kilotonnes
    weights = np.concatenate([draft.run_energy * rate[draft.run_index["site"]] * kilotonnes, own])
    keep = (columns >= 0) & (weights != 0)
    return [Aim("least carbon", columns[keep], weights[keep])] if keep.any() else []


def cumulative_orders(case: Case, matrix: Matrix, cells: list[tuple[int, int]]) -> list[Aim]:
    """Return units of a generation ordered up to and in a period, for (generation, period) cells."""
    lots, aims = matrix.columns["order_lots"], []
    for g, t in cells:
        mine = lots[g, : t + 1]
        mine = mine[mine >= 0]
        aims.append(Aim(f"{g} {t}", mine, np.full(mine.size, float(case.generations.lot[g]))))
    return aims
