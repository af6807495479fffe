"""Delivered compute by workload: running units, projects that lift it, rented compute, and the demand it must meet.

| symbol | defined over | unit | meaning |
|---|---|---|---|
| delivered[w, t] | workload × period | compute·h (scaled) | compute delivered, between the demand's minimum and maximum |
| own[w, t] | scopes of projects | compute·h (scaled) | compute of running units before any uplift |
| lift[j, w, t] | project × its scope × from completion | compute·h (scaled) | uplift_j · own[w, t] once project j is complete, else 0 |
| start[j, t] | project window | 0/1 | project j is started at the start of t |
| rent[w, t] | rental offer × period | compute units | average compute rented |

| rows | say |
|---|---|
| delivered_compute[w, t] | delivered = Σ run compute (or own) + Σ_j lift + rented |
| own_compute[w, t] | own = Σ run compute |
| lift_share, lift_on, lift_full [j, w, t] | lift = uplift · own if complete, 0 if not (big-M: the most own[w, t] can be) |
| one_start[j] | a project is started at most once |

Uplifts of one scope add. Rented compute counts as it is: projects do not lift it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyomo.environ as pe

from procure.programme.draft import Linear
from procure.programme.orders import most_power, most_space

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.case import Case
    from procure.programme.draft import Draft, Row

__all__ = ["compute_rates", "define_demand_rows", "define_demand_variables", "most_own_compute"]


def define_demand_variables(draft: Draft) -> None:
    """Declare delivered compute (with the demand as its bounds), rented compute, and the projects' variables."""
    case, T, W = draft.case, draft.case.T, len(draft.case.workloads)
    hours = case.hours / draft.scales.compute
    everywhere = tuple(a.ravel() for a in np.indices((W, T)))
    keys = [(case.workloads[w], t) for w, t in zip(*(a.tolist() for a in everywhere), strict=True)]
    low = dict(zip(keys, (case.demand_min * hours).ravel().tolist(), strict=True))
    high = dict(zip(keys, (case.demand_max * hours).ravel().tolist(), strict=True))
    draft.declare("delivered", (W, T), everywhere, keys, domain=pe.NonNegativeReals,
                  bounds=lambda _m, *key: (low[key], high[key] if np.isfinite(high[key]) else None))  # fmt: skip

    r, t = np.nonzero(case.rental.maximum > 0)
    caps = case.rental.maximum
    rent_keys = [(case.workloads[int(case.rental.workload[i])], j) for i, j in zip(r.tolist(), t.tolist(), strict=True)]
    most = {key: float(caps[i, j]) for key, i, j in zip(rent_keys, r, t, strict=True)}
    draft.declare("rent", caps.shape, (r, t), rent_keys, domain=pe.NonNegativeReals,
                  bounds=lambda _m, *key: (0.0, most[key] if np.isfinite(most[key]) else None))  # fmt: skip
    _declare_projects(draft)


def _declare_projects(draft: Draft) -> None:
    case, T, W = draft.case, draft.case.T, len(draft.case.workloads)
    projects = case.projects
    ready = projects.earliest + projects.lead
    when = np.arange(T)
    j, t = np.nonzero((when >= projects.earliest[:, None]) & (when + projects.lead[:, None] < T))
    draft.declare("start", (len(projects), T), (j, t),
                  [(projects.names[a], b) for a, b in zip(j.tolist(), t.tolist(), strict=True)], domain=pe.Binary)  # fmt: skip
    lifted = projects.scope[:, :, None] & (when[None, None, :] >= ready[:, None, None])
    j3, w3, t3 = np.nonzero(lifted)
    draft.declare("lift", (len(projects), W, T), (j3, w3, t3),
                  [(projects.names[a], case.workloads[b], c) for a, b, c in
                   zip(j3.tolist(), w3.tolist(), t3.tolist(), strict=True)], domain=pe.NonNegativeReals)  # fmt: skip
    w, t = np.nonzero(lifted.any(axis=0))
    draft.declare("own", (W, T), (w, t),
                  [(case.workloads[a], b) for a, b in zip(w.tolist(), t.tolist(), strict=True)],
                  domain=pe.NonNegativeReals)  # fmt: skip


def define_demand_rows(draft: Draft) -> None:
    """Add delivered compute and the projects' uplift."""
    case, arrays = draft.case, draft.arrays
    delivered, own, lift, rent = arrays["delivered"], arrays["own"], arrays["lift"], arrays["rent"]
    hours = case.hours / draft.scales.compute
    cell = draft.run_index["workload"] * case.T + draft.run_index["period"]
    order = np.argsort(cell, kind="stable")
    edges = np.searchsorted(cell[order], np.arange(len(case.workloads) * case.T + 1))

    total: dict[tuple[str, int], Row] = {}
    base: dict[tuple[str, int], Row] = {}
    for w, name in enumerate(case.workloads):
        for t in range(case.T):
            i = w * case.T + t
            picked = order[edges[i] : edges[i + 1]]
            runs = Linear()
            runs.add(draft.run_compute[picked].tolist(), arrays["run"][picked].tolist())
            row = Linear()
            row.add([-1.0], [delivered[w, t]])
            if own[w, t] is not None:
                runs.add([-1.0], [own[w, t]])
                base[name, t] = (0.0, runs.expression(), 0.0)
                row.add([1.0], [own[w, t]])
                row.add(np.ones(len(case.projects)), lift[:, w, t])
            else:
                row.add(runs.coefficients, runs.variables)
            mine = np.flatnonzero(case.rental.workload == w)
            row.add([hours] * mine.size, rent[mine, t])
            total[name, t] = (0.0, row.expression(), 0.0)
    draft.rows("delivered_compute", total)
    draft.rows("own_compute", base)
    _lift_rows(draft)


def _lift_rows(draft: Draft) -> None:
    case, arrays = draft.case, draft.arrays
    projects, own, lift, start = case.projects, arrays["own"], arrays["lift"], arrays["start"]
    most = most_own_compute(draft) if len(projects) else np.zeros((len(case.workloads), case.T))
    share: dict[tuple[str, str, int], Row] = {}
    on: dict[tuple[str, str, int], Row] = {}
    full: dict[tuple[str, str, int], Row] = {}
    for j, w, t in zip(*(a.tolist() for a in np.nonzero(lift != None)), strict=True):  # noqa: E711
        key, uplift = (projects.names[j], case.workloads[w], t), float(projects.uplift[j])
        big = uplift * float(most[w, t])
        done = [v for v in start[j, : t - int(projects.lead[j]) + 1] if v is not None]
        share[key] = (None, _sum([1.0, -uplift], [lift[j, w, t], own[w, t]]), 0.0)
        on[key] = (None, _sum([1.0] + [-big] * len(done), [lift[j, w, t], *done]), 0.0)
        full[key] = (-big, _sum([1.0, -uplift] + [-big] * len(done), [lift[j, w, t], own[w, t], *done]), None)
    draft.rows("lift_share", share)
    draft.rows("lift_on", on)
    draft.rows("lift_full", full)
    once: dict[str, Row] = {}
    for j, name in enumerate(projects.names):
        row = Linear()
        row.add(np.ones(case.T), start[j])
        if row.variables:
            once[name] = (None, row.expression(), 1.0)
    draft.rows("one_start", once)


def _sum(coefficients: list[float], variables: list[object]) -> object:
    row = Linear()
    row.add(coefficients, variables)
    return row.expression()


def most_own_compute(
    draft: Draft, case: Case | None = None, rates: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
) -> NDArray[np.float64]:
    """Bound the compute of running units before any uplift, scaled unit-hours (shape W × T): the least of three bounds.

    By power: each site's (or its campus') MW at the best compute per MW; by space: its racks at the best compute a rack;
    by demand: the maximum, which delivered compute and so own compute cannot exceed. By units: never needed to be tight.
    ``case`` is one with other limits (default: the draft's own), ``rates`` what ``compute_rates`` gave.
    """
    case = case or draft.case
    per_mw, per_rack = rates or compute_rates(draft)
    with np.errstate(invalid="ignore"):
        by_power = np.where(per_mw > 0, per_mw * most_power(case)[None], 0.0)
        by_space = np.where(per_rack > 0, per_rack * most_space(case)[None], 0.0)
        by_space = np.where(np.isinf(per_rack), np.inf, by_space)  # units that take no rack
    return np.asarray(
        np.minimum(np.minimum(by_power, by_space).sum(axis=1), case.demand_max * case.hours / draft.scales.compute)
    )


def compute_rates(draft: Draft) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best compute per MW and per rack position (scaled unit-hours, shapes W × S × T)."""
    case, index, T = draft.case, draft.run_index, draft.case.T
    W, S = len(case.workloads), len(case.sites.names)
    peak = case.peak_mw[index["generation"], index["site"]] * case.modes.power[index["mode"]]
    per_mw, per_rack = np.zeros((W, S, T)), np.zeros((W, S, T))
    where = (index["workload"], index["site"], index["period"])
    with np.errstate(divide="ignore"):
        np.maximum.at(per_mw, where, draft.run_compute / peak)
        np.maximum.at(per_rack, where, draft.run_compute / case.generations.racks[index["generation"]])
    return per_mw, per_rack
