"""The rules of a plan as live formulas over its own sheets and the echoed inputs.

Each function returns rules under the audit's names where the audit has the same rule; the statement says what the formula
computes. A violation is in the rule's unit, 0 where the rule is kept; ``scale`` is the size that its tolerance refers to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.report.inputs import UNLIMITED
from procure.report.live import (
    Ref,
    Term,
    above,
    absolute,
    at_most,
    countifs,
    equal,
    is_number,
    largest,
    modulo,
    most,
    rounded,
    sumifs,
    total,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from procure.report.book import Book

__all__ = ["LiveRule", "WORK_LIMIT", "live_rules"]

#: Most cells that one formula may visit (a few seconds in a spreadsheet); a coarser formula takes its place above.
WORK_LIMIT = 20_000_000
#: Relative tolerance of rules that are not about whole numbers.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class LiveRule:
    """One check: the audit's name of the rule, what the formula says, its largest violation and unit, the tolerance."""

    rule: str
    statement: str
    violation: Term
    unit: str
    tolerance: float

    @property
    def passes(self) -> bool:
        """Whether the stored result is within tolerance."""
        return float(self.violation.value) <= self.tolerance


def live_rules(book: Book) -> list[LiveRule]:
    """Return the rules that apply to a plan; a rule without data (no order, no licence) or too large is left out.

    Where names cannot be told apart by a spreadsheet (``*``, ``?``, ``~``, a leading ``<``, ``>`` or ``=``, or two
    that differ only in case), only rules that look up no name are returned.
    """
    parts: tuple[Callable[[Book], Iterator[LiveRule]], ...] = (_books, _sheets, _figures)
    if _names_are_plain(book):
        parts = (_orders, _units, _sites, _licences, _power, _energy, _demand, _budget, *parts)
    return [rule for part in parts for rule in part(book) if rule.violation.work <= WORK_LIMIT]


def _names_are_plain(book: Book) -> bool:
    names = {str(value) for key in ("key", "key2") for value in book.frames["inputs"][key]} - {"*", ""}
    odd = any(set(name) & set("*?~") or name[0] in "<>=" for name in names)
    return not odd and len({name.casefold() for name in names}) == len(names)


def _exact(rule: str, statement: str, violation: Term, unit: str) -> LiveRule:
    return LiveRule(rule, statement, violation, unit, 1e-6)


def _near(rule: str, statement: str, violation: Term, unit: str, scale: Term | float) -> LiveRule:
    size = np.abs(np.asarray(scale.value if isinstance(scale, Term) else scale, dtype=float))
    return LiveRule(rule, statement, violation, unit, TOLERANCE * max(1e-3, float(size.max(initial=0.0))))


def _to_the_cent(rule: str, statement: str, violation: Term, unit: str, scale: Term | float) -> LiveRule:
    """Return a rule about sums of money that must agree to the cent (to float precision above a trillion)."""
    size = np.abs(np.asarray(scale.value if isinstance(scale, Term) else scale, dtype=float))
    return LiveRule(rule, statement, violation, unit, max(0.005, 1e-14 * float(size.max(initial=0.0))))


def _lighter(fine: Callable[[], Term], coarse: Callable[[], Term], rows: int) -> Term:
    """Return the fine formula, or the coarse one where the fine one would visit too many cells."""
    return fine() if rows <= WORK_LIMIT else coarse()


def _of(book: Book, table: str, column: str, key: Ref) -> Term:
    """Look up an input value by its key."""
    block = book.block(table, column)
    return sumifs(block["value"], equal(block["key"], key))


def _orders(book: Book) -> Iterator[LiveRule]:
    if not book.rows("orders"):
        return
    units, g, order = book["orders", "units"], book["orders", "generation"], book["orders", "order"]
    planned = book["orders", "committed"].is_text("no")
    yield _exact("whole_numbers", "Units ordered, sold, stored and installed are whole numbers", largest(*(
        most(absolute(book[sheet, column] - rounded(book[sheet, column])))
        for sheet, column in (("orders", "units"), ("deployment", "installed_total"), ("warehouse", "stored"),
                              ("sales", "units"))
    )), "units")  # fmt: skip
    yield _exact("lot", "Units of each order are a multiple of the lot",
                 most(planned * modulo(units, _of(book, "generations", "lot", g))), "units")  # fmt: skip
    yield _exact("min_order", "Units of each order reach the least order",
                 most(planned * (_of(book, "generations", "min_order", g) - units)), "units")  # fmt: skip
    first, last = book.block("generations", "available_from"), book.block("generations", "last_order")
    day = book["orders", "order_by"]
    late = countifs(equal(last["key"], g), above(last["date"], 0.0)) * (
        day - sumifs(last["date"], equal(last["key"], g))
    )
    early = countifs(equal(first["key"], g), above(first["date"], 0.0)) * (
        sumifs(first["date"], equal(first["key"], g)) - day
    )
    yield _exact("order_window", "Orders are placed from available_from to last_order",
                 largest(most(planned * early), most(planned * late)), "days")  # fmt: skip
    ends = book["cash_flow", "starts"]
    yield _exact("delivery_in_horizon", "Orders are delivered before the horizon ends",
                 most(book["orders", "balance_due"] - Term(f"MAX({ends.formula})", np.asarray(ends.value.max()))), "days")  # fmt: skip
    if book.has("allocation"):
        block = book.block("allocation")
        at = (equal(block["key"], g), equal(block["column"], order))
        limited = countifs(*at) - countifs(*at, equal(block["value"], UNLIMITED))
        yield _exact("allocation", "Units of each order are within the vendor's allocation",
                     most(planned * limited * (units - sumifs(block["value"], *at))), "units")  # fmt: skip
    if book.has("committed"):
        block = book.block("committed", "units")
        given = sumifs(block["value"], equal(block["key"], block["key"]))
        placed = sumifs(units, equal(g, block["key"]), equal(book["orders", "committed"], "yes"))
        yield _exact("committed_orders", "Committed units of each generation stand in the plan as in the input",
                     most(absolute(placed - given)), "units")  # fmt: skip


def _units(book: Book) -> Iterator[LiveRule]:
    owned, day = book["depreciation", "generation"], book["cash_flow", "starts"]
    period = book["depreciation", "period"]
    if not book.rows("depreciation"):
        return
    by = sumifs(day, equal(book["cash_flow", "period"], period))
    held = sumifs(book["orders", "units"], equal(book["orders", "generation"], owned),
                  at_most(book["orders", "balance_due"], by))  # fmt: skip
    if book.has("fleet"):
        fleet = book.block("fleet", "units")
        held = sumifs(fleet["value"], equal(fleet["key"], owned)) + held
    if book.rows("sales"):
        held = held - sumifs(book["sales", "units"], equal(book["sales", "generation"], owned),
                             at_most(book["sales", "date"], by))  # fmt: skip

    def standing(rows: Ref, *more: str) -> Term:
        keys = (("deployment", "installed_total"), ("warehouse", "stored"))
        terms = [
            sumifs(book[sheet, column], equal(book[sheet, "period"], rows),
                   *(equal(book[sheet, name], book["depreciation", name]) for name in more))
            for sheet, column in keys
        ]  # fmt: skip
        return terms[0] + terms[1]

    rows = book.rows("depreciation") * (book.rows("deployment") + book.rows("warehouse")) * 2
    yield _exact(
        "conservation", "Units delivered less units sold = units in the warehouse + units installed, by generation and period",
        _lighter(
            lambda: most(absolute(held - standing(period, "generation"))),
            lambda: absolute(total(held) - total(book["deployment", "installed_total"]) - total(book["warehouse", "stored"])),
            rows,
        ), "units",
    )  # fmt: skip
    periods = book["cash_flow", "period"]
    T = book.rows("cash_flow")
    now, before = periods.slice(1, T), periods.slice(0, T - 1)
    place = book["deployment", "period"]

    def at(column: str, when: Ref) -> Term:
        return sumifs(book["deployment", column], equal(place, when))

    start = at("installed_total", periods.slice(0, 1)) - at("installed", periods.slice(0, 1))
    start = start + at("removed", periods.slice(0, 1))
    if book.has("fleet"):
        fleet = book.block("fleet", "units")
        start = start - (total(fleet["value"]) - sumifs(fleet["value"], equal(fleet["key2"], "warehouse")))
    parts = [most(absolute(start))]
    if T > 1:
        change = at("installed_total", now) - at("installed_total", before)
        parts.append(most(absolute(change - at("installed", now) + at("removed", now))))
    yield _exact("installed_total", "Installed total of a period = that of the one before + installed − removed, all sites",
                 largest(*parts), "units")  # fmt: skip
    deployed = [book["deployment", name] for name in ("period", "site", "generation")]
    run = [book["running", name] for name in ("period", "site", "generation")]
    pairs = [equal(r, d) for r, d in zip(run, deployed, strict=True)]

    def within() -> Term:
        runs = sumifs(book["running", "running"], *pairs)
        return largest(most(runs - book["deployment", "installed_total"]),
                       absolute(total(book["running", "running"]) - total(runs)))  # fmt: skip

    yield _near("run_within_installed", "No more units run than are installed, by period, site and generation",
                _lighter(within, lambda: most(
                    sumifs(book["running", "running"], equal(run[0], periods)) - at("installed_total", periods)
                ), 3 * book.rows("deployment") * book.rows("running")),
                "units", book["deployment", "installed_total"])  # fmt: skip


def _sites(book: Book) -> Iterator[LiveRule]:
    if not book.rows("deployment"):
        return
    g, s = book["deployment", "generation"], book["deployment", "site"]
    stands = book["deployment", "installed_total"] > 0
    dense = book.block("sites", "max_rack_kw")
    limited = countifs(equal(dense["key"], s)) - countifs(equal(dense["key"], s), equal(dense["value"], UNLIMITED))
    excess = _of(book, "generations", "rack_kw", g) - sumifs(dense["value"], equal(dense["key"], s))
    yield _near("density", "Units stand only where the rack density that they need is allowed",
                most(stands * limited * excess), "kW per rack", 1.0)  # fmt: skip
    need, have = book.block("generations", "cooling"), book.block("sites", "cooling")
    clash: list[Term] = []
    for unit, site in (("air", "liquid"), ("liquid", "air")):
        a = countifs(equal(need["key"], g), equal(need["value"], unit))
        clash.append(a * countifs(equal(have["key"], s), equal(have["value"], site)))
    yield _exact("cooling", "Units stand only where their cooling is", most(stands * (clash[0] + clash[1])), "units")
    racks, period = book["deployment", "racks"], book["deployment", "period"]
    there, when = book["power", "site"], book["power", "period"]
    room = book.block("sites", "racks")
    own = sumifs(room["value"], equal(room["key"], there))
    free = countifs(equal(room["key"], there), equal(room["value"], UNLIMITED))
    if book.has("space"):
        space = book.block("space")
        at = (equal(space["key"], there), equal(space["column"], when))
        listed = countifs(*at)
        own = sumifs(space["value"], *at) + (listed <= 0) * own
        free = (listed <= 0) * free + countifs(*at, equal(space["value"], UNLIMITED))
    if book.rows("builds"):
        own = own + _added(book, "shell", there, when)

    def taken() -> Term:
        return sumifs(racks, equal(period, when), equal(s, there))

    if 2 * book.rows("power") * book.rows("deployment") <= WORK_LIMIT:
        yield _near("space", "Rack positions of installed units are within those of the site, shells built included",
                    most((free <= 0) * (taken() - own)), "racks", racks)  # fmt: skip


def _added(book: Book, kind: str, site: Term, period: Ref, column: str = "site") -> Term:
    """MW or racks that completed builds add at each site (or campus) and period."""
    by = sumifs(book["cash_flow", "starts"], equal(book["cash_flow", "period"], period))
    return sumifs(book["builds", "added"], equal(book["builds", "kind"], kind), equal(book["builds", column], site),
                  at_most(book["builds", "ready"], by))  # fmt: skip


def _licences(book: Book) -> Iterator[LiveRule]:
    if not book.has("licences"):
        return
    caps = book.block("licences", "max_units")
    allowed = sumifs(caps["value"], equal(caps["row"], caps["row"]))
    placed = sumifs(book["deployment", "installed"], equal(book["deployment", "generation"], caps["key"]),
                    equal(book["deployment", "site"], caps["key2"]))  # fmt: skip
    if book.has("fleet"):
        fleet = book.block("fleet", "units")
        placed = sumifs(fleet["value"], equal(fleet["key"], caps["key"]), equal(fleet["key2"], caps["key2"])) + placed
    yield _exact("licence_caps", "Units ever installed under a licence are within it, those there at the start included",
                 most(is_number(caps["value"]) * (placed - allowed)), "units")  # fmt: skip


def _power(book: Book) -> Iterator[LiveRule]:
    site, period = book["power", "site"], book["power", "period"]
    power = book.block("power")
    at = (equal(power["key"], site), equal(power["column"], period))
    limit = sumifs(power["value"], *at)
    if book.rows("builds"):
        limit = limit + _added(book, "power", site, period)

    def used() -> Term:
        return sumifs(book["running", "peak_mw"], equal(book["running", "period"], period),
                      equal(book["running", "site"], site))  # fmt: skip

    rows = 2 * book.rows("power") * book.rows("running")
    metered = countifs(*at)
    yield _near("power_site", "Facility power of running units is within the site's power, options built included",
                _lighter(lambda: most(metered * (used() - limit)), lambda: most(metered * (book["power", "used_mw"] - limit)),
                         rows), "MW", book["power", "available_mw"])  # fmt: skip
    campuses = book.block("sites", "campus") if book.has("sites", "campus") else None
    if campuses is not None and any(campuses["value"].value):
        is_campus = countifs(equal(campuses["value"], power["key"])) > 0
        drawn = sumifs(book["power", "used_mw"], equal(book["power", "campus"], power["key"]),
                       equal(book["power", "period"], power["column"]))  # fmt: skip
        given = sumifs(power["value"], equal(power["key"], power["key"]), equal(power["column"], power["column"]))
        if book.rows("builds"):
            given = given + _added(book, "power", power["key"], power["column"], "campus")
        yield _near("power_campus", "Facility power of a campus is within its power, options built there included",
                    most(is_campus * (drawn - given)), "MW", book["power", "available_mw"])  # fmt: skip
    periods = book["cash_flow", "period"]
    yield _near("sheet_power", "Used MW = peak MW of running units; stranded = available − used", largest(
        _lighter(lambda: most(absolute(used() - book["power", "used_mw"])), lambda: most(absolute(
            sumifs(book["running", "peak_mw"], equal(book["running", "period"], periods))
            - sumifs(book["power", "used_mw"], equal(period, periods)))), rows),
        most(absolute(book["power", "stranded_mw"] - (book["power", "available_mw"] - book["power", "used_mw"])
                      * (book["power", "available_mw"] > book["power", "used_mw"]))),
    ), "MW", book["power", "available_mw"])  # fmt: skip
    if not book.rows("running"):
        return
    g, s, mode = (book["running", name] for name in ("generation", "site", "mode"))
    factor = Term("1", np.ones(1))
    if book.has("modes"):
        table = book.block("modes", "power_factor")
        own = (equal(table["key"], g), equal(table["key2"], mode))
        star = (equal(table["key"], "~*"), equal(table["key2"], mode))
        n_own, n_star = countifs(*own), countifs(*star)
        factor = sumifs(table["value"], *own) + (n_own <= 0) * (
            sumifs(table["value"], *star) + (n_star <= 0) * Term("1", np.ones(1))
        )
    overhead = _of(book, "sites", "overhead", s) + 1.0
    peak = book["running", "running"] * _of(book, "generations", "power_kw", g) * factor * overhead
    peak = peak * _of(book, "sites", "pue", s) / 1000.0
    hours = 8760.0 * _years(book)
    energy = book["running", "peak_mw"] * _of(book, "generations", "load_factor", g) * hours
    yield _near("sheet_running", "Peak MW = units × kW × power factor × (1 + overhead) × PUE; energy = peak × load factor × hours",
                largest(most(absolute(peak - book["running", "peak_mw"])), most(absolute(energy - book["running", "energy_mwh"]))),
                "MW, MWh", book["running", "energy_mwh"])  # fmt: skip


def _years(book: Book) -> float:
    return {"month": 1 / 12, "quarter": 0.25, "half": 0.5, "year": 1.0}[str(book.setting("period_length").value[0])]


def _energy(book: Book) -> Iterator[LiveRule]:
    site, period = book["power", "site"], book["power", "period"]
    if book.rows("energy"):

        def by_site(sheet: str) -> Term:
            return sumifs(
                book[sheet, "energy_mwh"], equal(book[sheet, "period"], period), equal(book[sheet, "site"], site)
            )

        periods = book["cash_flow", "period"]

        def by_period(sheet: str) -> Term:
            return sumifs(book[sheet, "energy_mwh"], equal(book[sheet, "period"], periods))

        yield _near("energy_balance", "Energy drawn from all sources = energy that running units use", _lighter(
            lambda: most(absolute(by_site("energy") - by_site("running"))),
            lambda: most(absolute(by_period("energy") - by_period("running"))),
            2 * book.rows("power") * (book.rows("running") + book.rows("energy")),
        ), "MWh", book["energy", "energy_mwh"])  # fmt: skip
        if np.isfinite(book.number("carbon_cap_t")):
            cap = book.setting("carbon_cap_t")
            yield _near("carbon_cap", "Carbon over the horizon is within carbon_cap_t",
                        most(total(book["energy", "carbon_t"]) - cap), "t", cap)  # fmt: skip


def _demand(book: Book) -> Iterator[LiveRule]:
    average, unit = book["compute", "average"], str(book.setting("compute_unit").value[0])
    maximum = book["compute", "maximum"]
    yield _near("demand_minimum", "Delivered compute, rented included, reaches the minimum of each workload",
                most(book["compute", "minimum"] - average), unit, book["compute", "minimum"])  # fmt: skip
    limited = Ref(maximum.formula, book.frames["compute"]["maximum"].to_numpy(dtype=object), place=maximum.place)
    yield _near("demand_maximum", "Delivered compute, rented included, is within the maximum of each workload",
                most(is_number(limited) * (average - maximum)), unit, average)  # fmt: skip
    if book.rows("rental") and book.has("rental"):
        block = book.block("rental")
        at = (equal(block["key"], book["rental", "workload"]), equal(block["column"], book["rental", "period"]))
        limited = countifs(*at) - countifs(*at, equal(block["value"], UNLIMITED))
        yield _near("rental_cap", "Rented compute is within what can be rented",
                    most(limited * (book["rental", "compute"] - sumifs(block["value"], *at))), unit,
                    book["rental", "compute"])  # fmt: skip
    keys = (equal(book["running", "period"], book["compute", "period"]),
            equal(book["running", "workload"], book["compute", "workload"]))  # fmt: skip
    own = sumifs(book["running", "compute_hours"], *keys)
    hours = 8760.0 * _years(book)
    delivered = book["compute", "delivered_hours"]
    yield _near("sheet_compute", "Own compute = that of running units; delivered = own + rented; average = delivered / hours",
                largest(most(absolute(own - book["compute", "own_hours"])),
                        most(absolute(book["compute", "own_hours"] + book["compute", "rented_hours"] - delivered)),
                        most(absolute(delivered / hours - average))), f"{unit}-hours", delivered)  # fmt: skip


def _budget(book: Book) -> Iterator[LiveRule]:
    spent = (book["cash_flow", "capex_orders"] + book["cash_flow", "deposits"] + book["cash_flow", "builds"]) * -1.0
    if book.has("budget"):
        block = book.block("budget")
        limit = [value for value in block["value"].value if isinstance(value, (int, float))]
        day = book["cash_flow", "starts"]
        if len(limit) == len(block["value"].value):  # no period without a limit
            if str(book.setting("budget_carry_over").value[0]) == "yes":
                kinds = ("capex_orders", "deposits", "builds")
                so_far = [sumifs(book["cash_flow", kind], at_most(day, day)) for kind in kinds]
                granted = sumifs(block["value"], at_most(block["date"], day))
                excess = (so_far[0] + so_far[1] + so_far[2]) * -1.0 - granted
                what = "up to each period (what is left is carried over)"
            else:
                excess = spent - sumifs(block["value"], equal(block["column"], book["cash_flow", "period"]))
                what = "of each period (nothing is carried over)"
            yield _near("budget", f"Capex {what} is within the budget", most(excess),
                        str(book.setting("currency").value[0]), total(spent))  # fmt: skip
    share = book.number("max_generation_share")
    if share < 1 and book.rows("orders"):
        g, cost = book["orders", "generation"], book["orders", "total"]
        all_of_it = total(cost) * book.setting("max_generation_share")
        yield _near("max_generation_share", "Hardware capex of one generation is within its share of that of all",
                    most(sumifs(cost, equal(g, g)) - all_of_it), "money", total(cost))  # fmt: skip


def _books(book: Book) -> Iterator[LiveRule]:
    if not book.rows("depreciation"):
        return
    money = str(book.setting("currency").value[0])
    columns = {
        name: book["depreciation", name] for name in ("opening", "additions", "depreciation", "disposals", "closing")
    }
    flow = (
        columns["opening"] + columns["additions"] - columns["depreciation"] - columns["disposals"] - columns["closing"]
    )
    periods, T = book["cash_flow", "period"], book.rows("cash_flow")
    place = book["depreciation", "period"]

    def at(name: str, when: Ref) -> Term:
        return sumifs(columns[name], equal(place, when))

    parts = [most(absolute(flow))]
    if T > 1:
        parts.append(most(absolute(at("opening", periods.slice(1, T)) - at("closing", periods.slice(0, T - 1)))))
    yield _to_the_cent("roll_forward", "Opening + additions − depreciation − disposals = closing = the next opening",
                largest(*parts), money, columns["closing"])  # fmt: skip
    if book.rows("orders"):
        ordered = sumifs(book["orders", "total"], equal(book["orders", "delivery"], periods))
        paid = (total(book["cash_flow", "capex_orders"]) + total(book["cash_flow", "deposits"])) * -1.0
        balance = sumifs(book["orders", "balance"], equal(book["orders", "delivery"], periods))
        deposit = sumifs(book["orders", "deposit"], equal(book["orders", "order"], periods))
        yield _to_the_cent("tie_orders", "Orders = additions to the books = cash paid: deposits by order, balances by delivery period",
                    largest(most(absolute(ordered - at("additions", periods))),
                            most(absolute(balance + book["cash_flow", "capex_orders"])),
                            most(absolute(deposit + book["cash_flow", "deposits"])),
                            absolute(total(book["orders", "total"]) - paid)), money, total(book["orders", "total"]))  # fmt: skip
    if book.rows("sales"):
        sold = book["sales", "period"]
        yield _to_the_cent("tie_sales", "Disposals = carrying value of sales; cash from resale = proceeds, by period",
                    largest(most(absolute(sumifs(book["sales", "book_value"], equal(sold, periods)) - at("disposals", periods))),
                            most(absolute(sumifs(book["sales", "proceeds"], equal(sold, periods))
                                          - book["cash_flow", "resale"]))), money, book["sales", "book_value"])  # fmt: skip


_KINDS = ("capex_orders", "deposits", "resale", "energy", "opex", "site_rent", "site_capacity", "site_fixed", "install",
          "remove", "order_cost", "builds", "build_fixed", "projects", "rental")  # fmt: skip


def _sheets(book: Book) -> Iterator[LiveRule]:
    money = str(book.setting("currency").value[0])
    if book.rows("orders"):
        o = {name: book["orders", name] for name in ("units", "unit_price", "total", "deposit", "balance")}
        yield _to_the_cent("sheet_orders", "Total = units × unit price = deposit + balance",
                    largest(most(absolute(o["units"] * o["unit_price"] - o["total"])),
                            most(absolute(o["deposit"] + o["balance"] - o["total"]))), money, o["total"])  # fmt: skip
    if book.rows("sales"):
        s = {name: book["sales", name] for name in ("units", "unit_price", "proceeds", "book_value", "gain")}
        yield _to_the_cent("sheet_sales", "Proceeds = units × unit price; gain = proceeds − book value",
                    largest(most(absolute(s["units"] * s["unit_price"] - s["proceeds"])),
                            most(absolute(s["proceeds"] - s["book_value"] - s["gain"]))), money, s["proceeds"])  # fmt: skip
    cash = {name: book["cash_flow", name] for name in (*_KINDS, "net", "cumulative")}
    net = cash[_KINDS[0]] + cash[_KINDS[1]]
    for name in _KINDS[2:]:
        net = net + cash[name]
    day = book["cash_flow", "starts"]
    parts = [most(absolute(net - cash["net"])),
             most(absolute(sumifs(cash["net"], at_most(day, day)) - cash["cumulative"]))]  # fmt: skip
    for sheet in ("energy", "rental"):
        if book.rows(sheet):
            cost = sumifs(book[sheet, "cost"], equal(book[sheet, "period"], book["cash_flow", "period"]))
            parts.append(most(absolute(cost + cash[sheet])))
    yield _to_the_cent("sheet_cash_flow", "Net = sum of the kinds; cumulative = net so far; energy and rental as in their sheets",
                largest(*parts), money, cash["cumulative"])  # fmt: skip


def _figures(book: Book) -> Iterator[LiveRule]:
    hours = 8760.0 * _years(book)
    rented = total(book["rental", "energy_mwh"])
    capex = ("capex_orders", "deposits", "builds")
    paid = total(book["cash_flow", capex[0]]) + total(book["cash_flow", capex[1]]) + total(book["cash_flow", capex[2]])
    cost = book.figure("opening_book") - total(book["cash_flow", "discounted"]) - book.figure("terminal_value_pv")
    figures = {
        "compute_unit_hours": total(book["compute", "delivered_hours"]),
        "energy_mwh": total(book["running", "energy_mwh"]) + rented,
        "available_mwh": total(book["power", "available_mw"]) * hours + rented,
        "stranded_mwh": total(book["power", "stranded_mw"]) * hours,
        "capex": paid * -1.0,
        "cost_pv": cost,
    }
    for name, numerator, denominator in (
        ("compute_per_dollar", "compute_pv", "cost_pv"),
        ("levelised_cost", "cost_pv", "compute_pv"),
        ("compute_per_watt_available", "compute_unit_hours", "available_mwh"),
        ("compute_per_watt_consumed", "compute_unit_hours", "energy_mwh"),
    ):
        if float(book.figure(denominator).value):
            figures[name] = book.figure(numerator) / book.figure(denominator)
    for name, computed in figures.items():
        stated = book.figure(name)
        yield _near(f"figure_{name}", f"The summary's {name} follows from the sheets", absolute(computed - stated), "",
                    _sized(name, stated, book))  # fmt: skip
    value, bound = book.figure("objective_value"), book.figure("bound")
    if float(value.value) and book.frames["summary"].set_index("key")["value"]["bound"] is not None:
        gap = (bound - value) * (bound > value) / absolute(value)
        yield _exact("bound_and_gap", "Gap = (bound − value) / |value|", absolute(gap - book.figure("gap")), "fraction")


def _sized(name: str, stated: Term, book: Book) -> Term | float:
    """Costs are differences of large sums: their tolerance refers to the cash that passes."""
    if name == "cost_pv":
        return max(abs(float(stated.value)), float(np.abs(book["cash_flow", "discounted"].value).max(initial=0.0)))
    return stated
