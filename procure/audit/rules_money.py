"""Rules of money: the capex budget and the largest share of one generation.

Both are made of whole units and prices, so nothing may be overspent: limits are compared in exact arithmetic where
floats are in doubt, and only the rounding of prices is let through (see ``report.ROUNDING``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import total_by
from procure.audit.exact import excess, fraction
from procure.audit.money import build_capex, payments_of
from procure.audit.report import ROUNDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.decisions import Decisions
    from procure.audit.inputs import Inputs
    from procure.audit.money import Flows, Payments
    from procure.audit.report import Ledger

    Floats = NDArray[np.float64]

__all__ = ["check_cost", "check_money"]

#: Relative room of an identity between two long sums of floats.
IDENTITY = 1e-9


def check_money(ledger: Ledger, inputs: Inputs, decisions: Decisions, flows: Flows) -> None:
    """Add the budget and the generation share."""
    pay = payments_of(inputs, decisions)
    _budget(ledger, inputs, decisions, flows)
    _share(ledger, inputs, pay)


def _budget(ledger: Ledger, inputs: Inputs, decisions: Decisions, flows: Flows) -> None:
    spent = flows.start["capex_orders"] + flows.start["deposits"] + build_capex(inputs, decisions)
    budget, carried = inputs.budget, bool(inputs.settings["budget_carry_over"])
    exact = _ExactSpend(inputs, decisions)

    def exactly(index: tuple[int, ...]) -> Fraction:
        last = index[0]
        periods = range(last + 1) if carried else [last]
        return sum((exact.spent(t) - fraction(budget[t]) for t in periods), Fraction())

    if carried:
        spent, budget = np.cumsum(spent), np.cumsum(budget)
    how = "up to each period (what is left is carried over)" if carried else "of each period (nothing is carried over)"
    ledger.rule(
        "budget",
        f"Capex {how} is within the budget: deposits, balances, committed orders, power options and shells",
        excess(spent, budget, exactly),
        inputs.money,
        size=np.where(np.isinf(budget), spent, np.maximum(spent, budget)),
        relative=ROUNDING,
        axes=[inputs.calendar.labels],
    )


class _ExactSpend:
    """Capex of a period as a fraction of the currency unit."""

    def __init__(self, inputs: Inputs, decisions: Decisions) -> None:
        self.pay = pay = payments_of(inputs, decisions)
        self.decisions, self.inputs = decisions, inputs
        share = inputs.gen["deposit"][pay.generation]
        own = np.arange(pay.units.size) < int((~decisions.orders.committed).sum())
        self.share = np.where(own, share, 0.0)

    def spent(self, t: int) -> Fraction:
        pay, total = self.pay, Fraction()
        for i in np.flatnonzero((pay.delivery >= 0) & ((pay.delivery == t) | (np.maximum(pay.order, 0) == t))):
            price = fraction(pay.units[i]) * fraction(pay.price[i])
            deposit = price * fraction(self.share[i])
            total += deposit * int(max(pay.order[i], 0) == t) + (price - deposit) * int(pay.delivery[i] == t)
        for options, built in (
            (self.inputs.power_options, self.decisions.power),
            (self.inputs.shell_options, self.decisions.shell),
        ):
            for k in np.flatnonzero(built[:, t]):
                total += fraction(options.capex[k]) * fraction(built[k, t])
        return total


def _share(ledger: Ledger, inputs: Inputs, pay: Payments) -> None:
    most = float(inputs.settings["max_generation_share"])
    spent = total_by(pay.generation, pay.units * pay.price, len(inputs.generations))
    limit = most * float(spent.sum())

    def exactly(index: tuple[int, ...]) -> Fraction:
        parts = [Fraction() for _ in inputs.generations]
        for g, units, price in zip(pay.generation, pay.units, pay.price, strict=True):
            parts[int(g)] += fraction(units) * fraction(price)
        return parts[index[0]] - fraction(most) * sum(parts, Fraction())

    ledger.rule(
        "max_generation_share",
        "Hardware capex of one generation is within max_generation_share of that of all",
        excess(spent, np.full(spent.shape, limit), exactly) if most < 1.0 else np.zeros(spent.shape),
        inputs.money,
        size=max(limit, float(spent.max(initial=0.0))),
        relative=ROUNDING,
        axes=[inputs.generations],
    )


def check_cost(ledger: Ledger, inputs: Inputs, flows: Flows) -> None:
    """Add the identity of both ways to the cost: by cash, and by depreciation and capital charge (Preinreich-Lücke)."""
    gross = sum(float(np.abs(values).sum()) for values in (flows.start | flows.end).values()) + flows.opening_book
    ledger.rule(
        "cost_two_ways",
        "PV of cash = PV of depreciation, capital charge on the opening book value and losses on disposal",
        abs(flows.cost - flows.cost_books),
        inputs.money,
        size=gross,
        relative=IDENTITY,
    )
