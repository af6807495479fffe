"""The sheets that hold figures, cell by cell against recomputed ones; a sheet that is not given is not wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import Names
from procure.audit.books import COLUMNS
from procure.audit.cohorts import order_price
from procure.audit.decisions import workload_codes
from procure.audit.energy import campus_total, unit_costs
from procure.audit.money import cash_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.decisions import Orders
    from procure.audit.energy import Dispatch
    from procure.audit.inputs import Inputs
    from procure.audit.recomputed import Recomputed
    from procure.audit.report import Ledger
    from procure.audit.sheets import Sheet

    Floats = NDArray[np.float64]

__all__ = [
    "check_books",
    "check_cash",
    "check_compute",
    "check_energy_figures",
    "check_order_figures",
    "check_power_figures",
    "check_running_figures",
    "check_sales",
]


def row_names(sheet: Sheet) -> Names:
    """Return the rows of a sheet as a person finds them."""
    return Names(len(sheet), lambda i: f"row {sheet.rows[i]}")


def _columns(ledger: Ledger, sheet: Sheet, right: dict[str, Floats], size: dict[str, Floats] | None = None) -> bool:
    """Compare the columns that the sheet gives, row by row; return whether there was any."""
    found = [name for name in right if name in sheet.present]
    for name in found:
        scale = (size or {}).get(name, np.zeros(1))
        ledger.compare(sheet.name, name, sheet[name], right[name], axes=[row_names(sheet)], size=scale)
    return bool(found)


def check_order_figures(ledger: Ledger, plan: Recomputed, sheet: Sheet) -> None:
    """Hold unit price, total, deposit and balance of each order, and their due dates, against the input."""
    inputs, orders = plan.inputs, plan.decisions.orders
    price = np.where(orders.committed, _committed_price(inputs, orders, sheet), order_price(inputs, orders))
    total = price * orders.units
    share = np.where(orders.committed, 0.0, inputs.gen["deposit"][orders.generation])
    right = {"unit_price": price, "total": total, "deposit": total * share, "balance": total * (1.0 - share)}
    given = _columns(ledger, sheet, right)
    for name, due in (("order_by", orders.order), ("deposit_due", orders.order), ("balance_due", orders.delivery)):
        if name in sheet.present:
            stated = sheet[name]
            period = np.where(np.isnan(stated), due, stated)  # a blank or a remark is no date that could be wrong
            ledger.compare("orders", f"{name} (period)", period - due, np.zeros(due.size), axes=[row_names(sheet)])
    ledger.sheet("orders", "prices, totals, deposits and due dates follow from the input", given=given)


def _committed_price(inputs: Inputs, orders: Orders, sheet: Sheet) -> Floats:
    """Price of each committed row: of the input's rows of that generation and delivery the nearest to the stated."""
    given = inputs.committed
    result: Floats = np.nan_to_num(sheet["unit_price"])
    for i in np.flatnonzero(orders.committed):
        same = (given.generation == orders.generation[i]) & (given.delivered == orders.delivery[i])
        if same.any():
            prices = given.price[same]
            result[i] = prices[np.abs(prices - result[i]).argmin()]
    return result


def check_running_figures(ledger: Ledger, plan: Recomputed, sheet: Sheet) -> None:
    """Hold delivered compute and energy of each running row against the input."""
    given = _columns(ledger, sheet, {"compute_hours": plan.compute.row, "energy_mwh": plan.draw.run_mwh})
    ledger.sheet("running", "delivered compute and energy follow from the units that run", given=given)


def check_sales(ledger: Ledger, plan: Recomputed, sheet: Sheet) -> None:
    """Hold each sale against its cohorts; ``unit_price`` is what a unit sells for, ``price_paid`` what it cost."""
    stock, register = plan.stock, plan.register
    pieces, n = stock.sales, len(sheet)
    at = (pieces.cohort, pieces.period)
    sold = np.where(stock.sold == 0, 1.0, stock.sold)
    proceeds = pieces.by_row(n, stock.resale[at])
    book = pieces.by_row(n, (register.disposed / sold)[at])
    paid = pieces.by_row(n, stock.price[pieces.cohort])
    units = np.where(sheet["units"] == 0, 1.0, sheet["units"])
    right = {
        "proceeds": proceeds,
        "book_value": book,
        "gain": proceeds - book,
        "unit_price": proceeds / units,
        "price_paid": paid / units,
    }
    known = stock.unmatched == 0  # a sale of units that never came is a broken balance, not a wrong figure
    right = {name: np.where(known, values, np.nan_to_num(sheet[name])) for name, values in right.items()}
    given = _columns(ledger, sheet, right, {"gain": np.maximum(proceeds, book)})
    ledger.sheet("sales", "proceeds, carrying values and gains follow from the cohorts sold", given=given)


def _by_site(inputs: Inputs, sheet: Sheet, name: str) -> Floats:
    table = np.zeros((len(inputs.sites), inputs.T))
    np.add.at(table, (sheet["site"], sheet["period"]), np.nan_to_num(sheet[name]))
    return table


def check_power_figures(ledger: Ledger, plan: Recomputed, power: Sheet) -> None:
    """Hold the sheet ``power`` against input, builds and running units.

    Within a campus only the campus' total of available power is held against the input, and each site's against its own
    limits: how the headroom is shared out is a convention. ``price_of_power`` is checked where a site draws energy: the
    cost of a MWh from its dearest source in use.
    """
    inputs, draw, dispatch = plan.inputs, plan.draw, plan.dispatch
    axes = inputs.axes[1:]
    stated = {name: _by_site(inputs, power, name) for name in ("available_mw", "used_mw", "stranded_mw")}
    if power.given and "available_mw" in power.present:
        own = inputs.own_mw + draw.option_mw
        right = np.clip(stated["available_mw"], np.minimum(draw.used_mw, own), own)
        right = np.where((inputs.campus >= 0)[:, None], right, draw.available_mw)
        ledger.compare("power", "available_mw", stated["available_mw"], right, axes=axes)
        total = campus_total(inputs, draw.option_mw)
        theirs = [stated["available_mw"][inputs.campus == p].sum(axis=0) for p in range(len(total))]
        ledger.compare(
            "power", "available_mw", np.array(theirs).reshape(total.shape), total, axes=[inputs.campus_names, axes[1]]
        )
    if "used_mw" in power.present:
        ledger.compare("power", "used_mw", stated["used_mw"], draw.used_mw, axes=axes)
    if "stranded_mw" in power.present:
        available = stated["available_mw"] if "available_mw" in power.present else draw.available_mw
        right = np.maximum(0.0, available - draw.used_mw)
        ledger.compare("power", "stranded_mw", stated["stranded_mw"], right, axes=axes, size=available)
    if "price_of_power" in power.present:
        _price_of_power(ledger, inputs, dispatch, power)
    ledger.sheet("power", "available, used and stranded power follow from input, builds and running units",
                 given=power.given)  # fmt: skip


def check_energy_figures(ledger: Ledger, plan: Recomputed, energy: Sheet, rental: Sheet) -> None:
    """Hold the sheets ``energy`` and ``rental`` against the prices and carbon of the input."""
    inputs = plan.inputs
    grid, option = unit_costs(inputs)
    index = {name: k for k, name in enumerate(inputs.power_options.names)}
    k = np.array([index.get(name, -1) for name in energy["source"]], dtype=np.int64)
    cost = np.where(k < 0, grid[energy["site"]], np.append(option, 0.0)[k])
    carbon = np.where(
        k < 0, inputs.site["carbon_kg_per_mwh"][energy["site"]], np.append(inputs.power_options.carbon_kg, 0.0)[k]
    )
    mwh = energy["energy_mwh"]
    found = _columns(ledger, energy, {"cost": cost * mwh, "carbon_t": carbon * mwh / 1000.0})
    ledger.sheet("energy", "cost (carbon price included) and carbon follow from energy by source", given=found)
    w = workload_codes(inputs, rental["workload"])
    hours = np.where(w >= 0, inputs.hours * rental["compute"], 0.0)
    found = _columns(
        ledger,
        rental,
        {"cost": inputs.rental_price[w] * hours, "energy_mwh": inputs.rental_kw[w] * hours / 1000.0},
    )
    ledger.sheet("rental", "cost and energy follow from the compute rented", given=found)


def _price_of_power(ledger: Ledger, inputs: Inputs, dispatch: Dispatch, power: Sheet) -> None:
    grid, option = unit_costs(inputs)
    dearest = np.where(dispatch.grid > 1e-6, grid[:, None], -np.inf)
    for k, s in enumerate(inputs.power_options.site):
        dearest[s] = np.maximum(dearest[s], np.where(dispatch.option[k] > 1e-6, option[k], -np.inf))
    right = dearest[power["site"], power["period"]]
    stated = power["price_of_power"]
    right = np.where(np.isinf(right) | np.isnan(stated), np.nan_to_num(stated), right)
    ledger.compare("power", "price_of_power", stated, right, axes=[row_names(power)])


def check_compute(ledger: Ledger, plan: Recomputed, sheet: Sheet) -> None:
    """Hold the sheet ``compute`` against delivered compute and demand (blank maximum: none)."""
    inputs, compute = plan.inputs, plan.compute
    if sheet.given:
        w = workload_codes(inputs, sheet["workload"])
        right = {
            "own_hours": compute.own,
            "rented_hours": compute.rented,
            "delivered_hours": compute.delivered,
            "average": compute.delivered / inputs.hours,
            "minimum": inputs.minimum,
            "maximum": np.where(np.isinf(inputs.maximum), 0.0, inputs.maximum),
            "value": inputs.value,
        }
        known = w >= 0
        for name in (name for name in right if name in sheet.present):
            table = np.zeros(compute.own.shape)
            np.add.at(table, (w[known], sheet["period"][known]), np.nan_to_num(sheet[name][known]))
            ledger.compare("compute", name, table, right[name], axes=[inputs.workloads, inputs.calendar.labels])
    ledger.sheet("compute", "delivered compute and demand by workload follow from running and rented units",
                 given=sheet.given)  # fmt: skip


def check_cash(ledger: Ledger, plan: Recomputed, sheet: Sheet) -> None:
    """Hold every column of ``cash_flow`` against the flows; sums on the scale of what they sum."""
    inputs = plan.inputs
    if sheet.given:
        right = cash_columns(plan.flows, inputs)
        kinds = [name for name in right if name not in {"net", "discounted", "cumulative"}]
        gross = np.sum([np.abs(right[name]) for name in kinds], axis=0)
        size = {"net": gross, "discounted": gross, "cumulative": np.cumsum(gross)}
        for name in (name for name in right if name in sheet.present):
            table = np.zeros(inputs.T)
            np.add.at(table, sheet["period"], np.nan_to_num(sheet[name]))
            ledger.compare("cash_flow", name, table, right[name], axes=[inputs.calendar.labels],
                           size=size.get(name, 0.0))  # fmt: skip
    ledger.sheet("cash_flow", "every flow of every period follows from the plan", given=sheet.given)


def check_books(ledger: Ledger, plan: Recomputed, sheet: Sheet) -> None:
    """Hold the sheet ``depreciation`` against the register, and against itself: it rolls forward."""
    inputs, register = plan.inputs, plan.register
    statement = "Depreciation sheet: opening + additions − depreciation − disposals = closing = the next opening"
    tables = {}
    for name in COLUMNS:
        tables[name] = np.zeros((len(inputs.generations), inputs.T))
        np.add.at(tables[name], (sheet["generation"], sheet["period"]), np.nan_to_num(sheet[name]))
    size = np.maximum.reduce([register.columns["opening"] + register.columns["additions"], *tables.values()])
    size = np.maximum(size, 1.0)
    if sheet.given:
        for name in (name for name in COLUMNS if name in sheet.present):
            ledger.compare("depreciation", name, tables[name], register.columns[name], axes=inputs.axes[::2],
                           size=size)  # fmt: skip
    ledger.sheet("depreciation", "every figure follows from cohorts, sales and the start convention", given=sheet.given)
    if not sheet.present.issuperset(COLUMNS):
        ledger.say("roll_forward", f"{statement}; the plan does not give it in full", "not given")
        return
    end = tables["opening"] + tables["additions"] - tables["depreciation"] - tables["disposals"]
    carried = np.zeros_like(end)
    carried[:, 1:] = np.abs(tables["opening"][:, 1:] - tables["closing"][:, :-1])
    ledger.rule(
        "roll_forward",
        statement,
        np.maximum(np.abs(end - tables["closing"]), carried),
        inputs.money,
        size=size,
        axes=inputs.axes[::2],
    )
