"""Rules of stock: whole numbers, cohorts, service life, and what is owned, stored and installed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import Names, total_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.cohorts import Stock
    from procure.audit.decisions import Decisions
    from procure.audit.inputs import Inputs
    from procure.audit.report import Ledger
    from procure.audit.sheets import Reading

    Floats = NDArray[np.float64]

__all__ = ["check_stock", "check_whole"]

WHOLE = {
    "orders": ("units",),
    "deployment": ("installed", "removed", "installed_total"),
    "warehouse": ("stored",),
    "sales": ("units",),
    "builds": ("count",),
}
CONTINUOUS = {"running": ("running",), "rental": ("compute",), "energy": ("energy_mwh",)}


def check_whole(ledger: Ledger, reading: Reading) -> None:
    """Add the rules that quantities are whole numbers and none is negative, from the cells as they stand."""
    fraction: list[tuple[str, Floats]] = []
    negative: list[tuple[str, Floats]] = []
    for sheet, columns in WHOLE.items():
        for column in columns:
            values = reading.sheets[sheet][column]
            fraction.append((f"{sheet}.{column}", np.abs(values - np.round(values))))
            negative.append((f"{sheet}.{column}", -values))
    size: list[Floats] = [np.zeros(values.size) for _, values in negative]
    for sheet, columns in CONTINUOUS.items():
        for column in columns:
            values = reading.sheets[sheet][column]
            negative.append((f"{sheet}.{column}", -values))
            # The dust of a solver beside real quantities of the same column is no negative quantity.
            size.append(np.full(values.size, max(1.0, float(np.abs(values).max(initial=0.0)))))
    for rule, statement, parts, sizes in (
        ("whole_numbers", "Units and builds are whole numbers", fraction, None),
        ("non_negative", "No quantity is negative", negative, size),
    ):
        cells = [(name, reading.sheets[name.split(".", maxsplit=1)[0]].rows) for name, _ in parts]
        ledger.rule(
            rule,
            statement,
            np.concatenate([values for _, values in parts]),
            "units",
            size=None if sizes is None else np.concatenate(sizes),
            axes=[Names(sum(rows.size for _, rows in cells), partial(_cell, cells))],
        )


def _cell(cells: list[tuple[str, NDArray[np.int64]]], index: int) -> str:
    """Return the name of the n-th cell of columns laid end to end."""
    for name, rows in cells:
        if index < rows.size:
            return f"{name}, row {rows[index]}"
        index -= rows.size
    raise IndexError(index)


def check_stock(ledger: Ledger, inputs: Inputs, decisions: Decisions, stock: Stock, sold_rows: list[str]) -> None:
    """Add the rules of cohorts, service life, conservation and installed totals; ``sold_rows`` names rows of sales."""
    T, labels = inputs.T, inputs.calendar.labels
    cohorts = [
        f"{inputs.generations[g]} delivered in {inputs.calendar.label(int(v))}"
        for g, v in zip(stock.generation, stock.delivered, strict=True)
    ]
    oversold = np.concatenate([(-stock.owned).ravel(), stock.unmatched])
    at = [f"{name}, in {label}" for name in cohorts for label in labels] + sold_rows
    ledger.rule(
        "cohort_balance",
        "Of each cohort no more is sold than was delivered by then: owned = delivered − sold ≥ 0",
        oversold,
        "units",
        axes=[at],
    )
    life = inputs.gen["service_years"][stock.generation] / inputs.years
    end = stock.delivered + np.floor(np.minimum(life, 1e9) + 1e-9)
    over = np.arange(T)[None, :] >= end[:, None]
    ledger.rule(
        "service_life",
        "Nothing is owned beyond its service life",
        np.where(over, np.maximum(stock.owned, 0.0), 0.0),
        "units",
        axes=[cohorts, labels],
    )
    owned = total_by(stock.generation, stock.owned, len(inputs.generations))
    standing = decisions.standing.sum(axis=1)
    if decisions.stored is None:
        violation, statement = standing - owned, "No more is installed than is owned (the plan gives no warehouse)"
    else:
        violation = np.abs(owned - decisions.stored - standing)
        statement = "Units owned = units stored in the warehouse + units installed, in every period"
    ledger.rule("conservation", statement, violation, "units", axes=[inputs.generations, labels])
    before = np.concatenate([inputs.initial[:, :, None], decisions.standing[:, :, :-1]], axis=2)
    ledger.rule(
        "installed_total",
        "Installed total = that of the period before (at first: the fleet) + installed − removed",
        np.abs(decisions.standing - before - decisions.installed + decisions.removed),
        "units",
        axes=inputs.axes,
    )
