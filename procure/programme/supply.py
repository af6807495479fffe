"""Supply limits that are neither power nor space: the capex budget, concentration on one generation, licences.

| rows | say |
|---|---|
| budget[t] | hardware cash (deposits, balances, committed orders) and option capex of t ≤ budget; cumulative with carry-over |
| generation_share[g] | hardware capex of g ≤ max_generation_share · hardware capex of all (undiscounted, committed included) |
| licence[i] | units there at the start + Σ_t installs of the licensed generations at the site ≤ max_units |

Vendor allocations are bounds on ``order_lots``; a licence's date and density and cooling decide which variables exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.programme.draft import Linear

if TYPE_CHECKING:
    from procure.programme.draft import Draft, Row

__all__ = ["define_supply_rows"]

HAIR = 1e-12  # rounding of a sum of prices


def define_supply_rows(draft: Draft) -> None:
    """Add budget, concentration and licence rows."""
    _budget(draft)
    _share(draft)
    _licences(draft)


def _payments(draft: Draft) -> list[Linear]:
    """Capex by period as linear functions of orders and builds, in the programme's money."""
    case, arrays = draft.case, draft.arrays
    cohorts, generations, money = case.cohorts, case.generations, draft.scales.money
    spend = [Linear() for _ in range(case.T)]
    for c in range(len(cohorts)):
        g, v, t = int(cohorts.generation[c]), int(cohorts.delivered[c]), int(cohorts.order[c])
        price = float(cohorts.price[c]) / money
        if t >= 0:
            lots, lot, deposit = arrays["order_lots"][g, t], float(generations.lot[g]), float(generations.deposit[g])
            if v == t:
                spend[t].add([price * lot], [lots])
            else:
                spend[t].add([price * lot * deposit], [lots])
                spend[v].add([price * lot * (1.0 - deposit)], [lots])
        elif cohorts.committed[c]:
            spend[v].constant += price * float(cohorts.units[c])
    for name, options in (("build", case.power_options), ("build_shell", case.shell_options)):
        for k, t in zip(*(a.tolist() for a in np.nonzero(arrays[name] != None)), strict=True):  # noqa: E711
            spend[t].add([float(options.capex[k]) / money], [arrays[name][k, t]])
    return spend


def _budget(draft: Draft) -> None:
    case = draft.case
    rows: dict[int, Row] = {}
    running = Linear()
    limit = 0.0
    for t, spend in enumerate(_payments(draft)):
        if case.settings.budget_carry_over:
            running.add(spend.coefficients, spend.variables)
            running.constant += spend.constant
            limit += float(case.budget[t]) / draft.scales.money
            row = Linear(list(running.coefficients), list(running.variables), running.constant)
        else:
            row, limit = spend, float(case.budget[t]) / draft.scales.money
        if np.isfinite(limit) and (row.variables or row.constant > limit * (1 + HAIR)):
            rows[t] = (None, row.expression(), limit)  # committed orders alone may exceed it: no plan, not no row
    draft.rows("budget", rows)


def _share(draft: Draft) -> None:
    case, share = draft.case, draft.case.settings.max_generation_share
    cohorts, generations = case.cohorts, case.generations
    rows: dict[str, Row] = {}
    if share < 1.0:
        own = [Linear() for _ in generations.names]
        for c in np.flatnonzero(cohorts.committed | (cohorts.order >= 0)).tolist():
            g, t, price = (
                int(cohorts.generation[c]),
                int(cohorts.order[c]),
                float(cohorts.price[c]) / draft.scales.money,
            )
            if t >= 0:
                own[g].add([price * float(generations.lot[g])], [draft.arrays["order_lots"][g, t]])
            else:
                own[g].constant += price * float(cohorts.units[c])
        for g, name in enumerate(generations.names):
            row = Linear()
            for h, part in enumerate(own):
                weight = (1.0 if h == g else 0.0) - share
                row.add([weight * a for a in part.coefficients], part.variables)
                row.constant += weight * part.constant
            whole = sum(part.constant for part in own)
            if (own[g].variables or own[g].constant) and (row.variables or row.constant > HAIR * whole):
                rows[name] = (None, row.expression(), 0.0)
    draft.rows("generation_share", rows)


def _licences(draft: Draft) -> None:
    case, install = draft.case, draft.arrays["install"]
    rows: dict[int, Row] = {}
    for i, licence in enumerate(case.licences):
        row = Linear()
        for g in licence.generations:
            row.add(np.ones(case.T), install[g, licence.site])
        already = float(case.sites.initial[list(licence.generations), licence.site].sum())
        if row.variables:
            rows[i] = (None, row.expression(), licence.max_units - already)
    draft.rows("licence", rows)
