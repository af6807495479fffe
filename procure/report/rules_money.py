"""Live rules about money: budget, books, cash, and the figures of the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.report.live import Term, absolute, at_most, equal, largest, most, sumifs, total
from procure.report.rule import LiveRule, exact, hours, near, to_the_cent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procure.report.book import Book

__all__ = ["books", "budget", "figures", "sheets", "ties"]

_CAPEX = ("capex_orders", "deposits", "builds")
_KINDS = ("capex_orders", "deposits", "resale", "energy", "opex", "site_rent", "site_capacity", "site_fixed", "install",
          "remove", "order_cost", "builds", "build_fixed", "projects", "rental")  # fmt: skip


def _sum(terms: list[Term]) -> Term:
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


def _money(book: Book) -> str:
    return str(book.setting("currency").value[0])


def budget(book: Book) -> Iterator[LiveRule]:
    """State that capex stays within the budget, and each generation within its share."""
    cash = [book["cash_flow", kind] for kind in _CAPEX]
    spent = _sum(list(cash)) * -1.0
    if book.has("budget"):
        block, day = book.block("budget"), book["cash_flow", "starts"]
        if all(isinstance(value, (int, float)) for value in block["value"].value):  # no period without a limit
            if str(book.setting("budget_carry_over").value[0]) == "yes":
                so_far = _sum([sumifs(kind, at_most(day, day)) for kind in cash]) * -1.0
                excess = so_far - sumifs(block["value"], at_most(block["date"], day))
                text = "Capex up to each period is within the budget up to then (what is left is carried over)"
            else:
                excess = spent - sumifs(block["value"], equal(block["column"], book["cash_flow", "period"]))
                text = "Capex of each period is within its budget (nothing is carried over)"
            yield to_the_cent("budget", text, most(excess), _money(book), scale=1e3 * float(total(spent).value))
    if book.number("max_generation_share") < 1 and book.rows("orders"):
        g, cost = book["orders", "generation"], book["orders", "total"]
        excess = most(sumifs(cost, equal(g, g)) - total(cost) * book.setting("max_generation_share"))
        text = "Hardware capex of one generation is within its share of that of all"
        yield to_the_cent("max_generation_share", text, excess, _money(book), scale=1e3 * float(total(cost).value))


def books(book: Book) -> Iterator[LiveRule]:
    """State the roll-forward of the fixed assets."""
    if not book.rows("depreciation"):
        return
    names = ("opening", "additions", "depreciation", "disposals", "closing")
    opening, additions, depreciation, disposals, closing = (book["depreciation", name] for name in names)
    parts = [most(absolute(opening + additions - depreciation - disposals - closing))]
    periods, T = book["cash_flow", "period"], book.rows("cash_flow")
    if T > 1:
        place = book["depreciation", "period"]
        later = sumifs(opening, equal(place, periods.slice(1, T)))
        parts.append(most(absolute(later - sumifs(closing, equal(place, periods.slice(0, T - 1))))))
    text = "Opening + additions − depreciation − disposals = closing = the next opening"
    yield to_the_cent("roll_forward", text, largest(*parts), _money(book), scale=closing)


def ties(book: Book) -> Iterator[LiveRule]:
    """State that orders, additions and cash agree, and sales, disposals and cash."""
    if not book.rows("depreciation"):
        return
    periods, place = book["cash_flow", "period"], book["depreciation", "period"]

    def by_period(sheet: str, column: str, when: str) -> Term:
        return sumifs(book[sheet, column], equal(book[sheet, when], periods))

    def books_at(column: str) -> Term:
        return sumifs(book["depreciation", column], equal(place, periods))

    if book.rows("orders"):
        paid = (total(book["cash_flow", "capex_orders"]) + total(book["cash_flow", "deposits"])) * -1.0
        off = largest(
            most(absolute(by_period("orders", "total", "delivery") - books_at("additions"))),
            most(absolute(by_period("orders", "balance", "delivery") + book["cash_flow", "capex_orders"])),
            most(absolute(by_period("orders", "deposit", "order") + book["cash_flow", "deposits"])),
            absolute(total(book["orders", "total"]) - paid),
        )
        text = "Orders = additions to the books = cash paid: deposits by order, balances by delivery period"
        yield to_the_cent("tie_orders", text, off, _money(book), scale=total(book["orders", "total"]))
    if book.rows("sales"):
        off = largest(
            most(absolute(by_period("sales", "book_value", "period") - books_at("disposals"))),
            most(absolute(by_period("sales", "proceeds", "period") - book["cash_flow", "resale"])),
        )
        text = "Disposals = carrying value of sales; cash from resale = proceeds, by period"
        yield to_the_cent("tie_sales", text, off, _money(book), scale=book["sales", "book_value"])


def sheets(book: Book) -> Iterator[LiveRule]:
    """State the sums within orders, sales and cash flow."""
    money = _money(book)
    if book.rows("orders"):
        names = ("units", "unit_price", "total", "deposit", "balance")
        o = {name: book["orders", name] for name in names}
        off = largest(
            most(absolute(o["units"] * o["unit_price"] - o["total"])),
            most(absolute(o["deposit"] + o["balance"] - o["total"])),
        )
        yield to_the_cent(
            "sheet_orders", "Total = units × unit price = deposit + balance", off, money, scale=o["total"]
        )
    if book.rows("sales"):
        s = {name: book["sales", name] for name in ("units", "unit_price", "proceeds", "book_value", "gain")}
        off = largest(
            most(absolute(s["units"] * s["unit_price"] - s["proceeds"])),
            most(absolute(s["proceeds"] - s["book_value"] - s["gain"])),
        )
        text = "Proceeds = units × unit price; gain = proceeds − book value"
        yield to_the_cent("sheet_sales", text, off, money, scale=s["proceeds"])
    net, cumulative, day = (book["cash_flow", name] for name in ("net", "cumulative", "starts"))
    parts = [
        most(absolute(_sum([book["cash_flow", kind] for kind in _KINDS]) - net)),
        most(absolute(sumifs(net, at_most(day, day)) - cumulative)),
    ]
    for sheet in ("energy", "rental"):
        if book.rows(sheet):
            cost = sumifs(book[sheet, "cost"], equal(book[sheet, "period"], book["cash_flow", "period"]))
            parts.append(most(absolute(cost + book["cash_flow", sheet])))
    text = "Net = sum of the kinds; cumulative = net so far; energy and rental as in their sheets"
    yield to_the_cent("sheet_cash_flow", text, largest(*parts), money, scale=cumulative)


def figures(book: Book) -> Iterator[LiveRule]:
    """State how the figures of the summary follow from the sheets."""
    rented = total(book["rental", "energy_mwh"])
    discounted = book["cash_flow", "discounted"]
    computed = {
        "compute_unit_hours": total(book["compute", "delivered_hours"]),
        "energy_mwh": total(book["running", "energy_mwh"]) + rented,
        "available_mwh": total(book["power", "available_mw"]) * hours(book) + rented,
        "stranded_mwh": total(book["power", "stranded_mw"]) * hours(book),
        "capex": _sum([total(book["cash_flow", kind]) for kind in _CAPEX]) * -1.0,
        "cost_pv": book.figure("opening_book") - total(discounted) - book.figure("terminal_value_pv"),
    }
    for name, numerator, denominator in (
        ("compute_per_dollar", "compute_pv", "cost_pv"),
        ("levelised_cost", "cost_pv", "compute_pv"),
        ("compute_per_watt_available", "compute_unit_hours", "available_mwh"),
        ("compute_per_watt_consumed", "compute_unit_hours", "energy_mwh"),
    ):
        if float(book.figure(denominator).value):
            computed[name] = book.figure(numerator) / book.figure(denominator)
    passing = float(np.abs(discounted.value).max(initial=0.0))  # a cost is a difference of large sums
    for name, term in computed.items():
        stated = book.figure(name)
        scale = max(abs(float(stated.value)), passing) if name == "cost_pv" else stated
        text = f"The summary's {name} follows from the sheets"
        yield near(f"figure_{name}", text, absolute(term - stated), "", scale=scale)
    value, bound = book.figure("objective_value"), book.figure("bound")
    if float(value.value) and book.frames["summary"].set_index("key")["value"]["bound"] is not None:
        gap = (bound - value) * (bound > value) / absolute(value)
        off = absolute(gap - book.figure("gap"))
        yield exact("bound_and_gap", "Gap = (bound − value) / |value|, or 0 beyond the bound", off, "fraction")
