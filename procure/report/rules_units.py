"""Live rules about units: orders, conservation, moves, space and licences."""

from __future__ import annotations

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
from procure.report.rule import WORK_LIMIT, LiveRule, added, exact, lighter, looked_up, near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procure.report.book import Book

__all__ = ["licences", "moves", "orders", "running", "sites", "stock"]

_WHOLE = (("orders", "units"), ("deployment", "installed_total"), ("warehouse", "stored"), ("sales", "units"))


def orders(book: Book) -> Iterator[LiveRule]:
    """State what holds of each order line: whole units, lots, least orders, dates, allocation, commitments."""
    if not book.rows("orders"):
        return
    units, g, order = book["orders", "units"], book["orders", "generation"], book["orders", "order"]
    planned = book["orders", "committed"].is_text("no")
    broken = [most(absolute(book[at] - rounded(book[at]))) for at in _WHOLE]
    yield exact("whole_numbers", "Units ordered, sold, stored and installed are whole", largest(*broken), "units")
    rest = modulo(units, looked_up(book, "generations", "lot", g))
    yield exact("lot", "Units of each order are a multiple of the lot", most(planned * rest), "units")
    lacking = looked_up(book, "generations", "min_order", g) - units
    yield exact("min_order", "Units of each order reach the least order", most(planned * lacking), "units")

    first, last, day = (
        book.block("generations", "available_from"),
        book.block("generations", "last_order"),
        book["orders", "order_by"],
    )
    late = day - sumifs(last["date"], equal(last["key"], g))
    early = sumifs(first["date"], equal(first["key"], g)) - day
    has_last = countifs(equal(last["key"], g), above(last["date"], 0.0))
    has_first = countifs(equal(first["key"], g), above(first["date"], 0.0))
    outside = largest(most(planned * has_last * late), most(planned * has_first * early))
    yield exact("order_window", "Orders are placed from available_from to last_order", outside, "days")
    starts = book["cash_flow", "starts"]
    end = Term(f"MAX({starts.formula})", np.asarray(starts.value.max()))
    beyond = most(book["orders", "balance_due"] - end)
    yield exact("delivery_in_horizon", "Orders are delivered before the horizon ends", beyond, "days")

    if book.has("allocation"):
        block = book.block("allocation")
        at = (equal(block["key"], g), equal(block["column"], order))
        limited = countifs(*at) - countifs(*at, equal(block["value"], UNLIMITED))
        excess = most(planned * limited * (units - sumifs(block["value"], *at)))
        yield exact("allocation", "Units of each order are within the vendor's allocation", excess, "units")
    if book.has("committed"):
        block = book.block("committed", "units")
        given = sumifs(block["value"], equal(block["key"], block["key"]))
        placed = sumifs(units, equal(g, block["key"]), equal(book["orders", "committed"], "yes"))
        missing = most(absolute(placed - given))
        yield exact("committed_orders", "Committed units of each generation stand in the plan", missing, "units")


def stock(book: Book) -> Iterator[LiveRule]:
    """State that units delivered and not sold stand somewhere."""
    if not book.rows("depreciation"):
        return
    period, g = book["depreciation", "period"], book["depreciation", "generation"]
    by = sumifs(book["cash_flow", "starts"], equal(book["cash_flow", "period"], period))
    mine = equal(book["orders", "generation"], g)
    held = sumifs(book["orders", "units"], mine, at_most(book["orders", "balance_due"], by))
    if book.has("fleet"):
        fleet = book.block("fleet", "units")
        held = sumifs(fleet["value"], equal(fleet["key"], g)) + held
    if book.rows("sales"):
        sold = equal(book["sales", "generation"], g)
        held = held - sumifs(book["sales", "units"], sold, at_most(book["sales", "date"], by))

    def at(sheet: str, column: str) -> Term:
        where = (equal(book[sheet, "period"], period), equal(book[sheet, "generation"], g))
        return sumifs(book[sheet, column], *where)

    def fine() -> Term:
        return most(absolute(held - at("deployment", "installed_total") - at("warehouse", "stored")))

    def coarse() -> Term:
        standing = total(book["deployment", "installed_total"]) + total(book["warehouse", "stored"])
        return absolute(total(held) - standing)

    work = 2 * book.rows("depreciation") * (book.rows("deployment") + book.rows("warehouse"))
    text = "Units delivered − units sold = in the warehouse + installed, by generation and period"
    yield exact("conservation", text, lighter(fine, coarse, work), "units")


def moves(book: Book) -> Iterator[LiveRule]:
    """State that installed units change only by installs and removals."""
    if not book.rows("deployment"):
        return
    periods, T = book["cash_flow", "period"], book.rows("cash_flow")
    place = book["deployment", "period"]

    def at(column: str, when: Ref) -> Term:
        return sumifs(book["deployment", column], equal(place, when))

    first = periods.slice(0, 1)
    start = at("installed_total", first) - at("installed", first) + at("removed", first)
    if book.has("fleet"):
        fleet = book.block("fleet", "units")
        start = start - total(fleet["value"]) + sumifs(fleet["value"], equal(fleet["key2"], "warehouse"))
    parts = [most(absolute(start))]
    if T > 1:
        now, before = periods.slice(1, T), periods.slice(0, T - 1)
        change = at("installed_total", now) - at("installed_total", before)
        parts.append(most(absolute(change - at("installed", now) + at("removed", now))))
    text = "Installed total of a period = that of the one before + installed − removed, all sites"
    yield exact("installed_total", text, largest(*parts), "units")


def running(book: Book) -> Iterator[LiveRule]:
    """State that only installed units run."""
    standing, runs = book["deployment", "installed_total"], book["running", "running"]
    keys = ("period", "site", "generation")

    def fine() -> Term:
        here = sumifs(runs, *(equal(book["running", key], book["deployment", key]) for key in keys))
        return largest(most(here - standing), absolute(total(runs) - total(here)))

    def coarse() -> Term:
        periods = book["cash_flow", "period"]
        here = sumifs(runs, equal(book["running", "period"], periods))
        return most(here - sumifs(standing, equal(book["deployment", "period"], periods)))

    work = 3 * book.rows("deployment") * book.rows("running")
    text = "No more units run than are installed, by period, site and generation"
    yield near("run_within_installed", text, lighter(fine, coarse, work), "units", scale=standing)


def sites(book: Book) -> Iterator[LiveRule]:
    """State that units stand where density, cooling and rack positions allow."""
    if not book.rows("deployment"):
        return
    g, s = book["deployment", "generation"], book["deployment", "site"]
    stands = book["deployment", "installed_total"] > 0
    dense = book.block("sites", "max_rack_kw")
    here = equal(dense["key"], s)
    limited = countifs(here) - countifs(here, equal(dense["value"], UNLIMITED))
    excess = most(stands * limited * (looked_up(book, "generations", "rack_kw", g) - sumifs(dense["value"], here)))
    yield near("density", "Units stand only where their rack density is allowed", excess, "kW per rack", scale=1.0)
    need, have = book.block("generations", "cooling"), book.block("sites", "cooling")
    clash = [
        countifs(equal(need["key"], g), equal(need["value"], unit))
        * countifs(equal(have["key"], s), equal(have["value"], site))
        for unit, site in (("air", "liquid"), ("liquid", "air"))
    ]
    yield exact("cooling", "Units stand only where their cooling is", most(stands * (clash[0] + clash[1])), "units")
    if 2 * book.rows("power") * book.rows("deployment") <= WORK_LIMIT:
        yield _space(book)


def _space(book: Book) -> LiveRule:
    racks, site, period = book["deployment", "racks"], book["power", "site"], book["power", "period"]
    room = book.block("sites", "racks")
    positions = sumifs(room["value"], equal(room["key"], site))
    unlimited = countifs(equal(room["key"], site), equal(room["value"], UNLIMITED))
    if book.has("space"):
        space = book.block("space")
        at = (equal(space["key"], site), equal(space["column"], period))
        unlisted = countifs(*at) <= 0
        positions = sumifs(space["value"], *at) + unlisted * positions
        unlimited = unlisted * unlimited + countifs(*at, equal(space["value"], UNLIMITED))
    if book.rows("builds"):
        positions = positions + added(book, "shell", site, period)
    taken = sumifs(racks, equal(book["deployment", "period"], period), equal(book["deployment", "site"], site))
    text = "Rack positions of installed units are within those of the site, shells built included"
    return near("space", text, most((unlimited <= 0) * (taken - positions)), "racks", scale=racks)


def licences(book: Book) -> Iterator[LiveRule]:
    """State that installs stay within licences (a key ``*`` is the spreadsheet's sign for any text)."""
    if not book.has("licences"):
        return
    caps = book.block("licences", "max_units")
    allowed = sumifs(caps["value"], equal(caps["row"], caps["row"]))
    where = (equal(book["deployment", "generation"], caps["key"]), equal(book["deployment", "site"], caps["key2"]))
    placed = sumifs(book["deployment", "installed"], *where)
    if book.has("fleet"):
        fleet = book.block("fleet", "units")
        placed = sumifs(fleet["value"], equal(fleet["key"], caps["key"]), equal(fleet["key2"], caps["key2"])) + placed
    excess = most(is_number(caps["value"]) * (placed - allowed))
    yield exact("licence_caps", "Units ever installed under a licence, those at the start too, are within it", excess,
                "units")  # fmt: skip
