"""Rules of running and power: units that run, modes, workloads, power of sites and campuses, sources of energy, carbon.

Power limits are compared in exact arithmetic wherever floats come within rounding error of the limit.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.audit.arrays import Names, total_by
from procure.audit.energy import cheapest, given_dispatch
from procure.audit.exact import excess, fraction
from procure.audit.report import NOT_GIVEN, PASS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.decisions import Decisions
    from procure.audit.energy import Dispatch, Draw
    from procure.audit.inputs import Inputs
    from procure.audit.report import Ledger
    from procure.audit.sheets import Sheet

    Floats = NDArray[np.float64]

__all__ = ["check_energy", "check_power", "check_running"]


def check_running(ledger: Ledger, inputs: Inputs, decisions: Decisions) -> None:
    """Add the rules: run ≤ installed, known modes, known and allowed workloads."""
    run = decisions.run
    running = decisions.running
    ledger.rule(
        "run_within_installed",
        "No more units run at a site than are installed there",
        running - decisions.standing,
        "units",
        size=np.maximum(running, decisions.standing),
        axes=inputs.axes,
    )

    def name(i: int) -> str:
        generation, site = inputs.generations[run.generation[i]], inputs.sites[run.site[i]]
        return f"{generation} at {site} in {inputs.calendar.labels[run.period[i]]}"

    at = Names(run.units.size, name)
    ledger.rule(
        "modes",
        "Units run in power modes that their generation has",
        np.where(run.known_mode, 0.0, np.abs(run.units)),
        "units",
        axes=[at],
    )
    allowed = (run.workload >= 0) & inputs.may_run[run.site, np.maximum(run.workload, 0)]
    ledger.rule(
        "workloads",
        "Units run workloads of the input that their site allows",
        np.where(allowed, 0.0, np.abs(run.units)),
        "units",
        axes=[at],
    )


def check_power(ledger: Ledger, inputs: Inputs, decisions: Decisions, draw: Draw) -> None:
    """Add the power limits of sites and of campuses, options built (and completed) included."""
    exact = _Exact(inputs, decisions, draw)
    every = np.arange(len(inputs.sites))
    limit = inputs.own_mw + draw.option_mw
    ledger.rule(
        "power_site",
        "Facility power of running units is within the site's power, options built included",
        excess(draw.used_mw, limit, lambda index: exact.site(index[0], index[1])),
        "MW",
        size=np.where(np.isinf(limit), draw.used_mw, np.maximum(limit, draw.used_mw)),
        axes=inputs.axes[1:],
    )
    members = [every[inputs.campus == p] for p in range(len(inputs.campus_names))]
    shape = inputs.campus_mw.shape
    used = np.array([draw.used_mw[m].sum(axis=0) for m in members]).reshape(shape)
    limit = inputs.campus_mw + np.array([draw.option_mw[m].sum(axis=0) for m in members]).reshape(shape)
    ledger.rule(
        "power_campus",
        "Facility power of running units is within the power of the campus, options built at its sites included",
        excess(used, limit, lambda index: exact.campus(members[index[0]], index[0], index[1])),
        "MW",
        size=np.maximum(limit, used),
        axes=[inputs.campus_names, inputs.calendar.labels],
    )


class _Exact:
    """Power of one site and period as a fraction of a MW."""

    def __init__(self, inputs: Inputs, decisions: Decisions, draw: Draw) -> None:
        self.inputs, self.run, self.draw = inputs, decisions.run, draw
        self.key = self.run.site * inputs.T + self.run.period
        self.order = np.argsort(self.key, kind="stable")
        self.sorted = self.key[self.order]

    def used(self, s: int, t: int) -> Fraction:
        site, run = self.inputs.site, self.run
        first, last = np.searchsorted(self.sorted, [s * self.inputs.T + t, s * self.inputs.T + t + 1])
        kw = Fraction()
        for i in self.order[first:last]:
            rated = fraction(self.inputs.gen["power_kw"][run.generation[i]])
            kw += rated * fraction(run.power_factor[i]) * fraction(run.units[i])
        return kw * (1 + fraction(site["overhead"][s])) * fraction(site["pue"][s]) / 1000

    def added(self, s: int, t: int) -> Fraction:
        options = self.inputs.power_options
        mw = Fraction()
        for k in np.flatnonzero(options.site == s):
            mw += (
                fraction(options.adds[k]) * fraction(options.availability[k]) * fraction(self.draw.options_built[k, t])
            )
        return mw

    def site(self, s: int, t: int) -> Fraction:
        return self.used(s, t) - self.added(s, t) - fraction(self.inputs.own_mw[s, t])

    def campus(self, members: NDArray[np.int64], p: int, t: int) -> Fraction:
        over = sum((self.used(int(s), t) - self.added(int(s), t) for s in members), Fraction())
        return over - fraction(self.inputs.campus_mw[p, t])


def check_energy(ledger: Ledger, inputs: Inputs, draw: Draw, sheet: Sheet) -> Dispatch:
    """Add the rules of energy by source and of carbon; return the energy by source that the figures are based on.

    That is the sheet ``energy`` where the plan gives it, else the cheapest dispatch. Where even the carbon of the
    cheapest dispatch is within the cap, the stated one must cost no more than it; otherwise the choice is the plan's.
    """
    best = cheapest(inputs, draw)
    cap = float(inputs.settings["carbon_cap_t"])
    balance = "Energy drawn from all sources of a site = energy that its running units use"
    sources = "Each source supplies no more than its capacity, the grid of a campus no more than the campus row"
    order = "Energy comes from the cheapest sources first, where no carbon cap forbids it"
    room = inputs.hours * inputs.power_options.firm_mw[:, None] * draw.options_built
    if sheet.given:
        dispatch, known = given_dispatch(inputs, sheet)
        _balance(ledger, balance, inputs, draw, dispatch)
        unknown = np.where(known, 0.0, np.abs(sheet["energy_mwh"]))
        ledger.rule("energy_sources", sources, **_capacities(inputs, room, dispatch, unknown))
        _merit_order(ledger, order, inputs, dispatch, best, bound=best.carbon(inputs) <= cap * (1.0 + 1e-12))
    else:
        dispatch = best
        ledger.say("energy_balance", f"{balance}; the plan gives no sheet `energy`", NOT_GIVEN)
        assumed = f"{sources} (the plan gives no sheet `energy`: in the cheapest order)"
        ledger.rule("energy_sources", assumed, **_capacities(inputs, room, dispatch, np.zeros(0)))
        ledger.say("merit_order", f"{order}; the plan gives no sheet `energy`, this order is assumed", NOT_GIVEN)
    carbon = dispatch.carbon(inputs)
    ledger.rule(
        "carbon_cap",
        "Carbon over the horizon is within carbon_cap_t",
        carbon - cap,
        "t",
        size=max(carbon, cap) if np.isfinite(cap) else carbon,
    )
    return dispatch


def _balance(ledger: Ledger, statement: str, inputs: Inputs, draw: Draw, dispatch: Dispatch) -> None:
    drawn = dispatch.grid + total_by(inputs.power_options.site, dispatch.option, len(inputs.sites))
    floor = 1e-6 * max(1.0, float(draw.needed_mwh.max(initial=0.0)))
    ledger.rule(
        "energy_balance",
        statement,
        np.abs(drawn - draw.needed_mwh),
        "MWh",
        size=np.maximum(np.maximum(drawn, draw.needed_mwh), floor),
        axes=inputs.axes[1:],
    )


def _capacities(inputs: Inputs, room: Floats, dispatch: Dispatch, unknown: Floats) -> dict[str, Any]:
    """Return what each source supplies beyond its capacity (options: ``room``), and rows of ``unknown`` sources."""
    labels = inputs.calendar.labels
    campus = np.array([dispatch.grid[inputs.campus == p].sum(axis=0) for p in range(len(inputs.campus_names))])
    parts: list[tuple[Floats, Floats, list[str]]] = [
        (dispatch.grid, inputs.hours * inputs.own_mw, [f"grid of {s}" for s in inputs.sites]),
        (campus.reshape(inputs.campus_mw.shape), inputs.hours * inputs.campus_mw,
         [f"grid of {p}" for p in inputs.campus_names]),
        (dispatch.option, room, list(inputs.power_options.names)),
    ]  # fmt: skip
    over = [(drawn - limit).ravel() for drawn, limit, _ in parts]
    size = [np.where(np.isinf(limit), drawn, np.maximum(limit, drawn)).ravel() for drawn, limit, _ in parts]
    at = [f"{name}, in {label}" for _, _, names in parts for name in names for label in labels]
    return {
        "violation": np.concatenate([*over, unknown]),
        "unit": "MWh",
        "size": np.maximum(np.concatenate([*size, np.zeros(unknown.size)]), 1e-6),
        "axes": [[*at, *(["a source that its site does not have"] * unknown.size)]],
    }


def _merit_order(
    ledger: Ledger, statement: str, inputs: Inputs, dispatch: Dispatch, best: Dispatch, *, bound: bool
) -> None:
    """Compare costs by site, campuses (whose sites share the grid) as one; not ``bound`` where carbon forbids it."""
    if not bound:
        ours, theirs = (sum(float(part.sum()) for part in one.cost(inputs)) for one in (best, dispatch))
        text = f"{statement}; here it does (the violation is the cost above the cheapest order)"
        ledger.say("merit_order", text, PASS, max(0.0, theirs - ours), inputs.money)
        return
    count = len(inputs.campus_names)
    group = np.where(inputs.campus >= 0, inputs.campus, count + np.arange(len(inputs.sites)))
    totals = []
    for one in (dispatch, best):
        grid, option = one.cost(inputs)
        total = np.zeros((count + len(inputs.sites), inputs.T))
        np.add.at(total, group, grid)
        np.add.at(total, group[inputs.power_options.site], option)
        totals.append(total)
    size = np.maximum(np.abs(totals[0]), np.abs(totals[1]))
    floor = 1e-6 * max(1.0, float(size.max(initial=0.0)))
    ledger.rule(
        "merit_order",
        statement,
        totals[0] - totals[1],
        inputs.money,
        size=np.maximum(size, floor),
        axes=[[*inputs.campus_names, *inputs.sites], inputs.calendar.labels],
    )
