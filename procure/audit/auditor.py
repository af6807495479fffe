"""``audit``: one plan against one case, rule by rule. The list of calls below is the table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from procure.audit.books import register_of
from procure.audit.cohorts import stock_of
from procure.audit.decisions import decisions_of
from procure.audit.energy import draw_of
from procure.audit.figures import check_demand, check_summary, compute_of, figures_of, stated_figures
from procure.audit.money import flows_of
from procure.audit.recomputed import Recomputed
from procure.audit.report import FAIL, NOT_CHECKED, PASS, AuditReport, Ledger
from procure.audit.rules_money import check_cost, check_money
from procure.audit.rules_orders import check_orders
from procure.audit.rules_power import check_energy, check_power, check_running
from procure.audit.rules_sites import check_builds, check_sites
from procure.audit.rules_stock import check_stock, check_whole
from procure.audit.sheet_checks import (
    check_books,
    check_cash,
    check_compute,
    check_energy_figures,
    check_order_figures,
    check_power_figures,
    check_running_figures,
    check_sales,
    row_names,
)
from procure.audit.sheets import read_sheets
from procure.audit.tables import inputs_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procure.audit.inputs import Inputs
    from procure.reading.tables import Tables

__all__ = ["audit"]

#: Most faults that a statement lists; the report holds all.
TOLD = 5


def audit(tables: Tables, frames: Mapping[str, Any], tolerance: float = 1e-6) -> AuditReport:
    """Recompute every rule and every figure of a plan from its sheets and the input tables.

    Parameters
    ----------
    tables
        The input, as the reader gives it.
    frames
        The plan's sheets by name, as ``read_plan`` or ``Plan.frames`` give them. ``orders``, ``deployment`` and
        ``running`` must be there; a missing ``sales``, ``builds`` or ``rental`` means that there is none, a missing
        ``warehouse`` that it holds what is owned and not installed; other sheets hold figures that are checked where
        given. Further sheets and columns are ignored.
    tolerance
        Relative tolerance of rules that are not about whole numbers, and of figures.

    Returns
    -------
    AuditReport
        The checks with their verdicts, the recomputed figures and the cells that differ. A plan that cannot be read
        gives failed checks in plain words (``plan_sheets``, ``plan_cells``); rows whose period, site or generation
        cannot be read are left out, numbers that cannot be read count as 0.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # absurd numbers in a plan end in failed checks, not in warnings
        return _audit(inputs_of(tables), frames, Ledger(tolerance))


def _audit(inputs: Inputs, frames: Mapping[str, Any], ledger: Ledger) -> AuditReport:
    reading = read_sheets(frames, inputs)
    sheets = reading.sheets
    _say_faults(ledger, "plan_sheets", "The plan has the sheets and columns that carry decisions", reading.missing)
    if reading.missing:
        ledger.say("all_rules", "All other rules wait for the sheets and columns that are missing", NOT_CHECKED)
        return ledger.report({}, reading.missing)
    decisions = decisions_of(inputs, reading)
    cells = "Every cell is a number, a period of the horizon or a name of the input, as its column needs"
    _say_faults(ledger, "plan_cells", cells, reading.unreadable)

    stock = stock_of(inputs, decisions, sheets["sales"])
    draw = draw_of(inputs, decisions)
    compute = compute_of(inputs, decisions)
    check_whole(ledger, reading)
    check_orders(ledger, inputs, decisions)
    check_stock(ledger, inputs, decisions, stock, [f"sales, {row}" for row in row_names(sheets["sales"])])
    check_sites(ledger, inputs, decisions)
    check_running(ledger, inputs, decisions)
    check_power(ledger, inputs, decisions, draw)
    dispatch = check_energy(ledger, inputs, draw, sheets["energy"])
    check_builds(ledger, inputs, decisions)
    flows = flows_of(inputs, decisions, stock, draw, dispatch)
    check_money(ledger, inputs, decisions, flows)
    check_demand(ledger, inputs, decisions, compute)
    check_cost(ledger, inputs, flows)

    register = register_of(inputs, decisions, stock)
    plan = Recomputed(inputs, decisions, stock, draw, dispatch, compute, flows, register)
    figures = figures_of(plan, stated_figures(sheets["summary"]))
    check_order_figures(ledger, plan, sheets["orders"])
    check_running_figures(ledger, plan, sheets["running"])
    check_sales(ledger, plan, sheets["sales"])
    check_power_figures(ledger, plan, sheets["power"])
    check_energy_figures(ledger, plan, sheets["energy"], sheets["rental"])
    check_compute(ledger, plan, sheets["compute"])
    check_cash(ledger, plan, sheets["cash_flow"])
    check_books(ledger, plan, sheets["depreciation"])
    check_summary(ledger, plan, sheets["summary"], figures)
    return ledger.report(figures, reading.unreadable)


def _say_faults(ledger: Ledger, rule: str, statement: str, faults: list[str]) -> None:
    text = statement
    if faults:
        more = f" (and {len(faults) - TOLD} more)" if len(faults) > TOLD else ""
        text += ": " + "; ".join(faults[:TOLD]) + more
    ledger.say(rule, text, FAIL if faults else PASS, float(len(faults)), "faults")
