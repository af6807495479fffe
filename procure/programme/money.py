"""Money: what every decision costs in present value, gathered in the functional ``cost`` (D), and the carbon cap.

D = opening book value of the fleet + PV(capex) − PV(resale) − PV(terminal value)
    + PV(energy + operating + site + install and remove + order + option + shell + project + rent cost).

With terminal value = book this equals PV(depreciation + disposal losses + capital charge on opening book value) plus
the running costs (Preinreich 1938, Lücke 1955). A unit's cost is booked as if it were kept to the end of the horizon;
a sale gives back what then no longer accrues, so that D is linear in orders and sales alone.

| rows | say |
|---|---|
| carbon | tonnes over the horizon ≤ carbon_cap_t |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.programme.draft import Linear
from procure.programme.power import runs_by_cell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.programme.draft import Draft, Row

__all__ = ["define_carbon_rows", "gather_cost"]


def gather_cost(draft: Draft) -> None:
    """Fill the functional ``cost`` from every family of decisions (in the programme's money)."""
    _units(draft)
    _sites(draft)
    _energy(draft)
    _options_and_projects(draft)
    _rental(draft)


def _units(draft: Draft) -> None:
    """Purchases, operating cost while owned, sales and terminal value, order costs."""
    case, cost, money = draft.case, draft.functionals["cost"], draft.scales.money
    cohorts, generations, T, delta = case.cohorts, case.generations, case.T, case.discount
    everyone = np.arange(len(cohorts))
    opex = _opex_to_horizon(draft)  # [C, T + 1]
    terminal = delta[T] * case.terminal_value(everyone)
    arrive = np.maximum(0, cohorts.delivered)
    kept = opex[everyone, arrive] - terminal

    t = np.arange(T)[None, :]
    proceeds = delta[None, :T] * case.resale_value(everyone[:, None], np.broadcast_to(t, (len(cohorts), T)))
    refund = -proceeds - opex[:, :T] + terminal[:, None]
    for c in range(len(cohorts)):
        g, v, order = int(cohorts.generation[c]), int(cohorts.delivered[c]), int(cohorts.order[c])
        price = float(cohorts.price[c])
        cost.add((refund[c] / money).tolist(), draft.arrays["sell"][c])
        if order >= 0:
            deposit = float(generations.deposit[g])
            paid = price * (deposit * float(delta[order]) + (1.0 - deposit) * float(delta[v]))
            cost.add(
                [float(generations.lot[g]) * (paid + float(kept[c])) / money], [draft.arrays["order_lots"][g, order]]
            )
        else:
            first = (
                price * float(delta[v]) if cohorts.committed[c] else float(case.book_value(np.array(c), np.array(0)))
            )
            cost.constant += float(cohorts.units[c]) * (first + float(kept[c])) / money
    for g, when in zip(*(a.tolist() for a in np.nonzero(draft.arrays["ordered"] != None)), strict=True):  # noqa: E711
        cost.add([float(generations.order_cost[g] * delta[when]) / money], [draft.arrays["ordered"][g, when]])


def _opex_to_horizon(draft: Draft) -> NDArray[np.float64]:
    """PV of operating one unit of each cohort from the start of a period to the horizon's end (shape C × T + 1)."""
    case = draft.case
    cohorts, generations, T = case.cohorts, case.generations, case.T
    t = np.arange(T)[None, :]
    age = case.years * (t - cohorts.delivered[:, None])
    rate = (1.0 + generations.opex_growth[cohorts.generation])[:, None] ** np.maximum(0.0, age)
    yearly = generations.opex_per_period[cohorts.generation][:, None] * rate * case.discount[None, 1:]
    tail = np.cumsum(yearly[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([tail, np.zeros((len(cohorts), 1))], axis=1)


def _sites(draft: Draft) -> None:
    """Rent of installed units, capacity charges and fixed cost of sites, moving units in and out."""
    case, cost, money, delta = draft.case, draft.functionals["cost"], draft.scales.money, draft.case.discount
    sites, generations = case.sites, case.generations
    rent = sites.rent_per_kw[None, :] * case.peak_mw * 1000.0
    removal = generations.remove_cost
    installed, install = draft.arrays["installed"], draft.arrays["install"]
    g, s, t = np.nonzero(installed != None)  # noqa: E711
    coefficient = rent[g, s] * delta[t + 1]
    moved = install[g, s, t] != None  # noqa: E711
    # removing = install − (installed[t] − installed[t−1]): its cost falls on three variables
    coefficient = coefficient - np.where(moved, removal[g] * delta[t], 0.0)
    later = np.minimum(t + 1, case.T - 1)
    again = (t + 1 < case.T) & (install[g, s, later] != None)  # noqa: E711
    coefficient = coefficient + np.where(again, removal[g] * delta[t + 1], 0.0)
    cost.add((coefficient / money).tolist(), installed[g, s, t].tolist())
    g, s, t = np.nonzero(install != None)  # noqa: E711
    cost.add(((generations.install_cost[g] + removal[g]) * delta[t] / money).tolist(), install[g, s, t].tolist())
    cost.constant += float((sites.initial * removal[:, None]).sum()) / money  # remove[0] counts from the initial units
    charge = (sites.capacity_per_kw[:, None] * 1000.0 * np.where(np.isfinite(sites.take_or_pay_mw), sites.take_or_pay_mw, 0.0)
              + sites.fixed_per_period[:, None])  # fmt: skip
    cost.constant += float((charge * delta[None, 1:]).sum()) / money


def _energy(draft: Draft) -> None:
    """Energy at the grid's price with its carbon, and the difference where an option gives it."""
    case, cost, money, delta = draft.case, draft.functionals["cost"], draft.scales.money, draft.case.discount
    sites, options, carbon = case.sites, case.power_options, case.settings.carbon_price_per_t / 1000.0
    grid = sites.energy_price + carbon * sites.carbon_kg_per_mwh
    s, t = draft.run_index["site"], draft.run_index["period"]
    cost.add((draft.run_energy * grid[s] * delta[t + 1] / money).tolist(), draft.arrays["run"].tolist())
    own = options.energy_price + carbon * options.carbon_kg_per_mwh
    draw = draft.arrays["energy"]
    k, t = np.nonzero(draw != None)  # noqa: E711
    cost.add(((own[k] - grid[options.site[k]]) * delta[t + 1] / money).tolist(), draw[k, t].tolist())


def _options_and_projects(draft: Draft) -> None:
    """Capex at the start of the build; yearly cost from completion on."""
    case, cost, money, delta = draft.case, draft.functionals["cost"], draft.scales.money, draft.case.discount
    tail = np.concatenate([np.cumsum(delta[:0:-1])[::-1], [0.0]])  # Σ_{u ≥ t} δ_{u+1}
    for name, options in (("build", case.power_options), ("build_shell", case.shell_options)):
        k, t = np.nonzero(draft.arrays[name] != None)  # noqa: E711
        price = options.capex[k] * delta[t] + options.fixed_per_period[k] * tail[t + options.lead[k]]
        cost.add((price / money).tolist(), draft.arrays[name][k, t].tolist())
    projects = case.projects
    j, t = np.nonzero(draft.arrays["start"] != None)  # noqa: E711
    price = projects.cost[j] * delta[t] + projects.cost_per_period[j] * tail[t + projects.lead[j]]
    cost.add((price / money).tolist(), draft.arrays["start"][j, t].tolist())


def _rental(draft: Draft) -> None:
    case, cost = draft.case, draft.functionals["cost"]
    rent = draft.arrays["rent"]
    r, t = np.nonzero(rent != None)  # noqa: E711
    price = case.rental.price_per_unit_hour[r] * case.hours * case.discount[t + 1]
    cost.add((price / draft.scales.money).tolist(), rent[r, t].tolist())


def define_carbon_rows(draft: Draft) -> None:
    """Add the carbon cap in kilotonnes, where there is one."""
    case = draft.case
    rows: dict[str, Row] = {}
    if np.isfinite(case.settings.carbon_cap_t):
        row = Linear()
        kilotonnes = 1e-6
        for (s, _t), picked in runs_by_cell(draft).items():
            rate = float(case.sites.carbon_kg_per_mwh[s]) * kilotonnes
            row.add((draft.run_energy[picked] * rate).tolist(), draft.arrays["run"][picked].tolist())
        options, draw = case.power_options, draft.arrays["energy"]
        k, t = np.nonzero(draw != None)  # noqa: E711
        difference = (options.carbon_kg_per_mwh[k] - case.sites.carbon_kg_per_mwh[options.site[k]]) * kilotonnes
        row.add(difference.tolist(), draw[k, t].tolist())
        if row.variables:
            rows["horizon"] = (None, row.expression(), case.settings.carbon_cap_t / 1000.0)
    draft.rows("carbon", rows)
