"""The cash of a plan and its cost D, from the decisions alone.

Flows at the start of a period (orders, deliveries, sales, moves, builds, project starts) are discounted with δ_t, those
that accrue over it (energy, operation, sites, rental) with δ_{t+1}, the terminal value with δ_T.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import at_period
from procure.audit.cohorts import order_price
from procure.audit.decisions import online

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.cohorts import Stock
    from procure.audit.decisions import Decisions
    from procure.audit.energy import Dispatch, Draw
    from procure.audit.inputs import Inputs

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Flows", "Payments", "capacity_mw", "cash_columns", "flows_of", "payments_of"]


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments for hardware, one entry an order row of the plan (own orders) or of ``committed``.

    ``deposit`` is paid at ``order``, ``balance`` at ``delivery`` (committed orders: all of it); ``price`` of a unit.
    """

    generation: Ints
    order: Ints
    delivery: Ints
    units: Floats
    price: Floats
    deposit: Floats
    balance: Floats


@dataclass(frozen=True, slots=True)
class Flows:
    """Payments by kind (T each): ``start`` and ``end`` of the period, ``resale`` receipts at the start.

    ``opening_book``: the fleet at the start; ``terminal``: credit at the end of the horizon, undiscounted; ``cost``: D;
    ``cost_books``: D from depreciation, capital charge and disposal losses in place of hardware cash.
    """

    start: dict[str, Floats]
    end: dict[str, Floats]
    resale: Floats
    opening_book: float
    terminal: float
    cost: float
    cost_books: float


def payments_of(inputs: Inputs, decisions: Decisions) -> Payments:
    """Return the payments of all hardware ordered or committed."""
    orders, given = decisions.orders, inputs.committed
    own = ~orders.committed
    price = np.concatenate([order_price(inputs, orders)[own], given.price])
    generation = np.concatenate([orders.generation[own], given.generation])
    units = np.concatenate([orders.units[own], given.units])
    share = np.concatenate([inputs.gen["deposit"][orders.generation[own]], np.zeros(given.units.size)])
    return Payments(
        generation=generation,
        order=np.concatenate([orders.order[own], given.delivered]),
        delivery=np.concatenate([orders.delivery[own], given.delivered]),
        units=units,
        price=price,
        deposit=units * price * share,
        balance=units * price * (1.0 - share),
    )


def capacity_mw(inputs: Inputs) -> Floats:
    """MW that take-or-pay is due on (S × T): a site's row; without one, its share of what the campus row leaves."""
    result = np.where(inputs.has_row[:, None], np.where(np.isinf(inputs.own_mw), 0.0, inputs.own_mw), 0.0)
    for p, row in enumerate(inputs.campus_mw):
        members = inputs.campus == p
        bare = members & ~inputs.has_row
        if bare.any():
            rest = np.maximum(0.0, row - result[members & inputs.has_row].sum(axis=0))
            result[bare] = rest / bare.sum()
    return result


def flows_of(inputs: Inputs, decisions: Decisions, stock: Stock, draw: Draw, dispatch: Dispatch) -> Flows:
    """Return all cash of a plan, and D in both ways."""
    start, end = _start(inputs, decisions), _end(inputs, decisions, stock, draw, dispatch)
    resale = (stock.sold * stock.resale[:, :-1]).sum(axis=0)
    fleet = stock.delivered < 0
    opening = float((stock.units * stock.book[:, 0])[fleet].sum())
    at_end = stock.owned[:, -1]
    credit = {"book": stock.book[:, -1], "resale": stock.resale[:, -1], "zero": np.zeros(len(stock))}
    terminal = float((at_end * credit[str(inputs.settings["terminal_value"])]).sum())
    delta = inputs.delta
    paid = sum(start.values(), np.zeros(inputs.T)) @ delta[:-1] + sum(end.values(), np.zeros(inputs.T)) @ delta[1:]
    cost = opening + float(paid - resale @ delta[:-1]) - terminal * float(delta[-1])
    hardware = (start["capex_orders"] + start["deposits"]) @ delta[:-1]
    books = float(paid - hardware) + _by_books(inputs, decisions, stock, resale, terminal)
    return Flows(start, end, resale, opening, terminal, cost, books)


def _start(inputs: Inputs, decisions: Decisions) -> dict[str, Floats]:
    gen, T, orders = inputs.gen, inputs.T, decisions.orders
    pay = payments_of(inputs, decisions)
    real = pay.delivery >= 0
    own = ~orders.committed & (orders.units > 0) & (orders.order >= 0) & (orders.order < T)
    placed = np.zeros((len(inputs.generations), T))
    placed[orders.generation[own], orders.order[own]] = 1.0
    return {
        "capex_orders": at_period(pay.delivery[real], pay.balance[real], T),
        "deposits": at_period(np.maximum(pay.order, 0)[real], pay.deposit[real], T),
        "install": np.einsum("g,gst->t", gen["install_cost"], decisions.installed),
        "remove": np.einsum("g,gst->t", gen["remove_cost"], decisions.removed),
        "order_cost": gen["order_cost"] @ placed,
        "builds": build_capex(inputs, decisions),
        "projects": inputs.projects.cost @ decisions.projects,
    }


def build_capex(inputs: Inputs, decisions: Decisions) -> Floats:
    """Capex of power options and shells by build period (T)."""
    return np.asarray(
        inputs.power_options.capex @ decisions.power + inputs.shell_options.capex @ decisions.shell, dtype=float
    )


def _end(inputs: Inputs, decisions: Decisions, stock: Stock, draw: Draw, dispatch: Dispatch) -> dict[str, Floats]:
    gen, site, years, T = inputs.gen, inputs.site, inputs.years, inputs.T
    age = np.maximum(0.0, years * (np.arange(T)[None, :] - stock.delivered[:, None]))
    g = stock.generation
    upkeep = gen["opex_per_year"][g][:, None] * years * (1.0 + gen["opex_growth"][g][:, None]) ** age
    facility_kw = inputs.facility[:, None] * np.einsum("g,gst->st", gen["power_kw"], decisions.standing)
    months = 12.0 * years
    grid, option = dispatch.cost(inputs)
    shells = online(decisions.shell, inputs.shell_options.lead)
    done = online(decisions.projects, inputs.projects.lead)
    power_fixed = inputs.power_options.fixed_per_year @ draw.options_built
    return {
        "energy": grid.sum(axis=0) + option.sum(axis=0),
        "opex": (upkeep * stock.owned).sum(axis=0),
        "site_rent": months * (site["rent_per_kw_month"] @ facility_kw),
        "site_capacity": months * 1000.0 * (site["capacity_per_kw_month"] @ capacity_mw(inputs)),
        "site_fixed": np.full(T, years * site["fixed_per_year"].sum()),
        "build_fixed": years * (power_fixed + inputs.shell_options.fixed_per_year @ shells),
        "projects_yearly": years * (inputs.projects.cost_per_year @ done),
        "rental": inputs.hours * (inputs.rental_price @ decisions.rented),
    }


def _by_books(inputs: Inputs, decisions: Decisions, stock: Stock, resale: Floats, terminal: float) -> float:
    """Hardware's part of D by the books: depreciation, capital charge, losses on disposal and at the end.

    The capital charge is ρ on the book value that a period opens with (after its deliveries and sales), deposits paid
    for units not yet delivered included. Both parts are counted at the end of the period.
    """
    delta, T = inputs.delta, inputs.T
    opening = (stock.owned * stock.book[:, :-1]).sum(axis=0)
    depreciation = (stock.owned * (stock.book[:, :-1] - stock.book[:, 1:])).sum(axis=0)
    disposed = (stock.sold * stock.book[:, :-1]).sum(axis=0)
    left = float((stock.owned[:, -1] * stock.book[:, -1]).sum())
    pay = payments_of(inputs, decisions)
    real = pay.delivery >= 0
    paid = at_period(np.maximum(pay.order, 0)[real], pay.deposit[real], T)
    used = at_period(pay.delivery[real], pay.deposit[real], T)
    prepaid = np.cumsum(paid - used)
    charge = inputs.rho * (opening + prepaid)
    at_start = (disposed - resale) @ delta[:-1]
    at_close = (left - terminal + float(prepaid[-1])) * float(delta[-1])
    return float((depreciation + charge) @ delta[1:] + at_start + at_close)


def cash_columns(flows: Flows, inputs: Inputs) -> dict[str, Floats]:
    """Columns of the sheet ``cash_flow``: receipts positive, payments negative."""
    kinds = flows.start | flows.end
    kinds["projects"] = flows.start["projects"] + flows.end["projects_yearly"]
    del kinds["projects_yearly"]
    columns = {"resale": flows.resale} | {name: -values for name, values in kinds.items()}
    start = flows.resale - sum(flows.start.values(), np.zeros(inputs.T))
    end = -sum(flows.end.values(), np.zeros(inputs.T))
    net = start + end
    discounted = start * inputs.delta[:-1] + end * inputs.delta[1:]
    return columns | {"net": net, "discounted": discounted, "cumulative": np.cumsum(net)}
