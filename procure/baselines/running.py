"""What runs: units at each site up to its power, in the modes that give the most compute, for the workloads asked for.

Power goes to the units and modes with the most compute per MW, site by site and then within each campus: for given
installed units that is the most compute there is. Workloads get their minimum first, from the sites with the least
choice; the rest goes where a unit counts most, up to the target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Powered", "Steps", "power_up", "share_out", "steps_of"]

HAIR = 1e-12
NANO = 1e9


@dataclass(frozen=True, slots=True)
class Steps:
    """Each generation's power modes as steps: from off to the thriftiest, then on to the next that gives more.

    ``mode`` [G, K] the mode (a row of ``case.modes``) reached by a step (−1: no such step); ``power`` and ``compute``
    [G, K] what the step adds, as factors. Compute per power falls from step to step (the upper hull).
    """

    mode: Ints
    power: Floats
    compute: Floats


@dataclass(frozen=True, slots=True)
class Powered:
    """Units that have power, a row a generation, mode, site and period (a position in the periods asked for)."""

    generation: Ints
    mode: Ints
    site: Ints
    period: Ints
    units: Floats


def steps_of(case: Case) -> Steps:
    """Return the steps of the power modes of each generation."""
    modes = case.modes
    hulls = []
    for g in range(len(case.generations.names)):
        rows = np.flatnonzero(modes.generation == g)
        hull: list[int] = [-1]
        at = (0.0, 0.0)
        while True:
            ahead = [int(i) for i in rows if modes.compute[i] > at[1] and modes.power[i] >= at[0]]
            if not ahead:
                break
            best = max(
                ahead, key=lambda i: (_slope(at, float(modes.power[i]), float(modes.compute[i])), float(modes.power[i]))
            )
            hull.append(best)
            at = (float(modes.power[best]), float(modes.compute[best]))
        hulls.append(hull[1:])
    K = max([1, *(len(hull) for hull in hulls)])
    mode = np.full((len(hulls), K), -1, dtype=np.int64)
    power, compute = np.zeros(mode.shape), np.zeros(mode.shape)
    for g, hull in enumerate(hulls):
        mode[g, : len(hull)] = hull
        power[g, : len(hull)] = np.diff(modes.power[hull], prepend=0.0)
        compute[g, : len(hull)] = np.diff(modes.compute[hull], prepend=0.0)
    return Steps(mode, power, compute)


def _slope(at: tuple[float, float], power: float, compute: float) -> float:
    return float("inf") if power <= at[0] else (compute - at[1]) / (power - at[0])


def power_up(case: Case, steps: Steps, units: Floats, gain: Floats, site_mw: Floats, campus_mw: Floats) -> Powered:
    """Give power to installed units.

    Parameters
    ----------
    case, steps
        The case and its power modes as steps.
    units, gain
        Installed units and what one of them at full power counts for (both G × S × N periods).
    site_mw, campus_mw
        Power limits of sites (S × N; inf: none) and campuses (K × N).
    """
    N = units.shape[2]
    g, s, n = np.nonzero(units > 0)
    K = steps.mode.shape[1]
    per_unit = case.peak_mw[g, s][:, None] * steps.power[g]
    mw = units[g, s, n][:, None] * per_unit
    with np.errstate(divide="ignore", invalid="ignore"):
        merit = np.where(per_unit > 0, gain[g, s, n][:, None] * steps.compute[g] / per_unit, np.inf)
    merit = np.where((steps.mode[g] >= 0) & (gain[g, s, n] > 0)[:, None], merit, -1.0)
    step = np.broadcast_to(np.arange(K), mw.shape)
    order = np.lexsort((step.ravel(), -merit.ravel()))
    order = order[merit.ravel()[order] >= 0]
    site = np.repeat(s * N + n, K)
    taken = _knapsack(site, mw.ravel(), site_mw.ravel(), order)
    campus = case.sites.campus[s]
    shared = np.repeat(campus * N + n, K)
    inside = order[np.repeat(campus >= 0, K)[order]]
    if inside.size:
        taken[inside] = _knapsack(shared, taken, campus_mw.ravel(), inside)[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(mw.ravel() > 0, taken / mw.ravel(), 0.0).reshape(mw.shape)
    free = (mw == 0) & (merit >= 0)
    share = np.where(free | (share > 1 - HAIR), 1.0, share)
    reached = np.minimum.accumulate(share, axis=1) if K > 1 else share
    on = reached - np.concatenate([reached[:, 1:], np.zeros((len(g), 1))], axis=1)
    row, k = np.nonzero(on > 0)
    return Powered(g[row], steps.mode[g[row], k], s[row], n[row], units[g, s, n][row] * on[row, k])


def _knapsack(group: Ints, weight: Floats, limit: Floats, order: Ints) -> Floats:
    """Take weights in the given order until each group's limit is reached; return what is taken of each."""
    taken = np.zeros_like(weight)
    order = order[np.argsort(group[order], kind="stable")]
    if not order.size:
        return taken
    load = weight[order]
    total = np.cumsum(load)
    first = np.r_[True, np.diff(group[order]) != 0]
    start = np.maximum.accumulate(np.where(first, np.arange(order.size), 0))
    before = total - load - (total[start] - load[start])
    cap = np.maximum(0.0, limit[group[order]]) * (1 - 2 * HAIR)
    taken[order] = np.clip(cap - before, 0.0, load)
    return taken


def share_out(rate: Floats, units: Floats, minimum: Floats, target: Floats, weight: Floats, cost: Floats,
              worth: Floats | None = None) -> tuple[Floats, Floats]:  # fmt: skip
    """Share units that have power out among workloads in one period.

    Parameters
    ----------
    rate
        Compute units of one running unit by row and workload (R × W; 0: may not).
    units
        Units by row (R).
    minimum, target
        Compute that must be served, and that is worth serving (W).
    weight
        What a unit of compute counts for by workload (W).
    cost
        Energy cost of a running unit (R): the cheapest compute is used first where the target limits.
    worth
        Value of a unit of compute and period by workload (W); rows that cost more than they are worth stay off, but
        for the minimum. None: no such test.

    Returns
    -------
    Running units by row and workload (R × W), those for the minimum and those beyond it.
    """
    R, W = rate.shape
    must, more = np.zeros((R, W)), np.zeros((R, W))
    left, got = units.astype(float).copy(), np.zeros(W)
    choices = (rate > 0).sum(axis=1)
    best = np.maximum(rate.max(axis=1, initial=0.0), 1e-300)
    for w in sorted(np.flatnonzero(minimum > 0).tolist(), key=lambda w: int((rate[:, w] > 0).sum())):
        with np.errstate(divide="ignore", invalid="ignore"):
            dear = np.where(rate[:, w] > 0, cost / rate[:, w], np.inf)
        must[:, w] = _serve(rate[:, w], left, float(minimum[w]), np.lexsort((dear, -rate[:, w] / best, choices)))
        left -= must[:, w]
        got[w] = must[:, w] @ rate[:, w]
    for _ in range(W):
        open_to = (got < target * (1 - HAIR)) & (weight > 0)
        value = rate * np.where(open_to, weight, 0.0)
        if worth is not None:
            value = np.where(rate * worth > cost[:, None], value, 0.0)
        pick = value.argmax(axis=1) if R else np.zeros(0, dtype=np.int64)
        useful = (value.max(axis=1, initial=0.0) > 0) & (left > 0)
        if not useful.any():
            break
        for w in np.unique(pick[useful]).tolist():
            rows = useful & (pick == w)
            with np.errstate(divide="ignore", invalid="ignore"):
                dear = np.where(rows, cost / rate[:, w], np.inf)
            cheapest = np.argsort(dear, kind="stable")
            taken = _serve(np.where(rows, rate[:, w], 0.0), left, float(target[w] - got[w]), cheapest)
            more[:, w] += taken
            left -= taken
            got[w] += taken @ rate[:, w]
    return must, more


def _serve(rate: Floats, left: Floats, need: float, order: Ints) -> Floats:
    """Take units row by row until the compute needed is there."""
    taken = np.zeros_like(left)
    order = order[(rate[order] > 0) & (left[order] > 0)]
    if need <= 0 or not order.size:
        return taken
    brings = rate[order] * left[order]
    before = np.cumsum(brings) - brings
    with np.errstate(invalid="ignore"):
        share = np.clip((need - before) / brings, 0.0, 1.0)
    taken[order] = left[order] * share
    return taken


def exact(units: Floats) -> Floats:
    """Write running units in billionths, never more than they were."""
    near = np.rint(units)
    return np.where(np.abs(units - near) < 1e-9, near, np.floor(units * NANO) / NANO)
