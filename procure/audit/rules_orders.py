"""Rules of supply: order windows, lead times, lots, least orders, allocations, committed orders.

Lots, least orders and allocations hold for the units of one generation ordered in one period, however many rows the
plan spreads them over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import total_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.decisions import Decisions
    from procure.audit.inputs import Inputs
    from procure.audit.report import Ledger

    Floats = NDArray[np.float64]

__all__ = ["check_orders"]


def check_orders(ledger: Ledger, inputs: Inputs, decisions: Decisions) -> None:
    """Add the rules of supply."""
    orders, gen, T = decisions.orders, inputs.gen, inputs.T
    own = ~orders.committed & (orders.units != 0)
    g, t, v = orders.generation[own], orders.order[own], orders.delivery[own]
    rows = [f"{inputs.generations[i]} ordered in {inputs.calendar.label(int(k))}" for i, k in zip(g, t, strict=True)]
    early = np.nan_to_num(gen["available_from"][g], nan=-np.inf) - t
    late = t - np.nan_to_num(gen["last_order"][g], nan=np.inf)
    outside = np.maximum(-t, t - (T - 1))
    ledger.rule(
        "order_window",
        "Orders lie within the horizon, from available_from to last_order of their generation",
        np.maximum.reduce([early, late, outside.astype(float)]),
        "periods",
        axes=[rows],
    )
    ledger.rule(
        "lead_time",
        "Delivery period = order period + lead time of the generation",
        np.abs(v - t - gen["lead_time"][g]),
        "periods",
        axes=[rows],
    )
    ledger.rule(
        "delivery_in_horizon",
        "Orders are delivered before the horizon ends",
        v - (T - 1),
        "periods",
        axes=[rows],
    )
    ordered = np.zeros((len(inputs.generations), T))
    inside = own & (orders.order >= 0) & (orders.order < T)
    np.add.at(ordered, (orders.generation[inside], orders.order[inside]), orders.units[inside])
    axes = [inputs.generations, inputs.calendar.labels]
    lot = np.maximum(1.0, gen["lot"])[:, None]
    ledger.rule(
        "lot",
        "Units ordered in a period are a multiple of the lot",
        np.abs(ordered - lot * np.round(ordered / lot)),
        "units",
        axes=axes,
    )
    ledger.rule(
        "min_order",
        "Units ordered in a period are none or at least the least order",
        np.where(ordered > 0, gen["min_order"][:, None] - ordered, 0.0),
        "units",
        axes=axes,
    )
    ledger.rule(
        "allocation",
        "Units ordered in a period are within the vendor's allocation",
        ordered - inputs.allocation,
        "units",
        axes=axes,
    )
    _committed(ledger, inputs, decisions)


def _committed(ledger: Ledger, inputs: Inputs, decisions: Decisions) -> None:
    orders, given = decisions.orders, inputs.committed
    theirs = orders.committed & (orders.units != 0)
    keys = np.concatenate(
        [
            np.column_stack([given.generation, given.delivered]),
            np.column_stack([orders.generation[theirs], orders.delivery[theirs]]),
        ]
    )
    amount = np.concatenate([given.units, -orders.units[theirs]])
    distinct, group = np.unique(keys, axis=0, return_inverse=True)
    missing = total_by(group.ravel(), amount, len(distinct))
    rows = [f"{inputs.generations[g]} delivered in {inputs.calendar.label(int(v))}" for g, v in distinct]
    ledger.rule(
        "committed_orders",
        "Committed orders stand in the plan as they do in the input, marked committed = yes",
        np.abs(missing),
        "units",
        axes=[rows],
    )
