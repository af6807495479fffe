"""The cash of a plan by period and kind: the sheet ``cash_flow``, and the present values that make its cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procure import finance
from procure.planning.orders import bought, payments
from procure.planning.power import energy_cost
from procure.planning.tables import tally, texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.planning.quantities import Quantities

    Floats = NDArray[np.float64]

__all__ = ["Cash", "cash", "cash_flow"]


@dataclass(frozen=True, slots=True)
class Cash:
    """Payments (costs positive, ``resale`` a receipt) by kind: ``start`` at the period's start, ``end`` at its end.

    ``opening_book`` is the book value of the fleet at the start, ``terminal`` the undiscounted credit for what is owned
    at the end of the horizon.
    """

    start: dict[str, Floats]
    end: dict[str, Floats]
    discount: Floats
    opening_book: float
    terminal: float

    @property
    def present_value(self) -> Floats:
        """Present value of each period's net cash flow (receipts positive; shape T)."""
        return np.asarray(self._net(self.start) * self.discount[:-1] + self._net(self.end) * self.discount[1:])

    @property
    def cost(self) -> float:
        """D: the opening book value less the present value of all cash flows and of the terminal value."""
        return float(self.opening_book - self.present_value.sum() - self.terminal * self.discount[-1])

    def _net(self, flows: dict[str, Floats]) -> Floats:
        zero = np.zeros(self.discount.size - 1)
        return sum((values if name == "resale" else -values for name, values in flows.items()), zero)


def cash(q: Quantities) -> Cash:
    """Return the payments of a plan by kind."""
    case, solution, T = q.case, q.solution, q.case.T
    cohorts, generations, sites = case.cohorts, case.generations, case.sites
    index = bought(q)
    _, deposit, balance = payments(q, index)
    all_cohorts = np.arange(len(cohorts))
    t = np.arange(T)
    sold_for = case.resale_value(all_cohorts[:, None], np.broadcast_to(t[None, :], solution.sold.shape))
    placed = np.zeros((len(generations.names), T))
    ordered = index[cohorts.order[index] >= 0]
    placed[cohorts.generation[ordered], cohorts.order[ordered]] = 1.0
    moves = solution.moves
    age = case.years * (t[None, :] - cohorts.delivered[:, None])
    g = cohorts.generation
    opex = generations.opex_per_period[g][:, None] * (1.0 + generations.opex_growth[g][:, None]) ** np.maximum(0.0, age)
    standing_kw = sites.facility_factor * np.einsum("g,gst->ts", generations.power_kw, solution.installed)
    fixed = np.full(T, sites.fixed_per_period.sum())
    power, shell = case.power_options, case.shell_options
    owned_end = q.owned[:, -1]
    opening = (cohorts.delivered < 0) & (cohorts.order < 0)
    return Cash(
        start={
            "capex_orders": tally(cohorts.delivered[index], balance, T),
            "deposits": tally(np.maximum(0, cohorts.order[index]), deposit, T),
            "resale": (solution.sold * sold_for).sum(axis=0),
            "install": np.einsum("g,gst->t", generations.install_cost, np.maximum(moves, 0)),
            "remove": np.einsum("g,gst->t", generations.remove_cost, np.maximum(-moves, 0)),
            "order_cost": generations.order_cost @ placed,
            "builds": power.capex @ solution.power_builds + shell.capex @ solution.shell_builds,
            "projects": case.projects.cost @ solution.project_starts,
        },
        end={
            "energy": energy_cost(q),
            "opex": (opex * q.owned).sum(axis=0),
            "site_rent": standing_kw @ sites.rent_per_kw,
            "site_capacity": 1000.0 * (sites.capacity_per_kw @ np.where(sites.capacity_per_kw[:, None] > 0,
                                                                       sites.take_or_pay_mw, 0.0)),
            "site_fixed": fixed,
            "build_fixed": power.fixed_per_period @ q.power_online + shell.fixed_per_period @ q.shell_online,
            "projects_yearly": case.projects.cost_per_period @ q.projects_online,
            "rental": case.hours * (case.rental.price_per_unit_hour @ np.maximum(0.0, solution.rented)),
        },
        discount=finance.discount(case.settings.discount_rate, case.years, np.arange(T + 1)),
        opening_book=float((case.book_value(all_cohorts, np.zeros(len(cohorts), dtype=np.int64)) * solution.ordered)[
            opening
        ].sum()),
        terminal=float((case.terminal_value(all_cohorts) * owned_end).sum()),
    )  # fmt: skip


#: Columns of the sheet, and the flows that each one sums.
_COLUMNS = {
    "capex_orders": ("capex_orders",),
    "deposits": ("deposits",),
    "resale": ("resale",),
    "energy": ("energy",),
    "opex": ("opex",),
    "site_rent": ("site_rent",),
    "site_capacity": ("site_capacity",),
    "site_fixed": ("site_fixed",),
    "install": ("install",),
    "remove": ("remove",),
    "order_cost": ("order_cost",),
    "builds": ("builds",),
    "build_fixed": ("build_fixed",),
    "projects": ("projects", "projects_yearly"),
    "rental": ("rental",),
}


def cash_flow(q: Quantities, flows: Cash) -> pd.DataFrame:
    """Cash by period and kind: receipts positive, payments negative; ``net`` is the sum of the kinds.

    ``capex_orders`` is what falls due on delivery (committed orders in full), ``deposits`` what is paid with an order;
    ``discounted`` is the present value of the period's flows, ``cumulative`` the running total of ``net``, ``starts``
    the first day of the period.
    """
    kinds = flows.start | flows.end
    table = {}
    for column, names in _COLUMNS.items():
        sign = 1.0 if column == "resale" else -1.0
        table[column] = (
            sign * sum((kinds[name] for name in names), np.zeros(q.case.T)) + 0.0
        )  # + 0.0: no negative zeros
    net = sum(table.values(), np.zeros(q.case.T))
    return pd.DataFrame(
        {
            "period": texts(q.case.calendar.labels),
            **table,
            "net": net,
            "discounted": flows.present_value,
            "cumulative": np.cumsum(net),
            "starts": pd.to_datetime([q.case.calendar.first_day(t) for t in range(q.case.T)]).as_unit("us"),
        }
    )
