"""Live rules about power, energy, running units and demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.report.inputs import UNLIMITED
from procure.report.live import Ref, Term, absolute, countifs, equal, is_number, largest, most, sumifs, total
from procure.report.rule import LiveRule, added, hours, lighter, looked_up, near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procure.report.book import Book

__all__ = ["campus", "demand", "energy", "power", "units_at_work"]


def power(book: Book) -> Iterator[LiveRule]:
    """State the limits of sites, from the power of the running units themselves where that is not too much work."""
    site, period = book["power", "site"], book["power", "period"]
    used_mw, available_mw = book["power", "used_mw"], book["power", "available_mw"]
    table = book.block("power")
    at = (equal(table["key"], site), equal(table["column"], period))
    metered, limit = countifs(*at), sumifs(table["value"], *at)
    if book.rows("builds"):
        limit = limit + added(book, "power", site, period)

    def drawn() -> Term:
        rows = (equal(book["running", "period"], period), equal(book["running", "site"], site))
        return sumifs(book["running", "peak_mw"], *rows)

    def by_period() -> Term:
        periods = book["cash_flow", "period"]
        runs = sumifs(book["running", "peak_mw"], equal(book["running", "period"], periods))
        return most(absolute(runs - sumifs(used_mw, equal(period, periods))))

    work = 2 * book.rows("power") * book.rows("running")
    excess = lighter(lambda: most(metered * (drawn() - limit)), lambda: most(metered * (used_mw - limit)), work)
    text = "Facility power of running units is within the site's power, options built included"
    yield near("power_site", text, excess, "MW", scale=available_mw)
    drift = lighter(lambda: most(absolute(drawn() - used_mw)), by_period, work)
    left = (available_mw - used_mw) * (available_mw > used_mw)
    stranded = most(absolute(book["power", "stranded_mw"] - left))
    text = "Used MW = peak MW of running units; stranded MW = available − used"
    yield near("sheet_power", text, largest(drift, stranded), "MW", scale=available_mw)


def campus(book: Book) -> Iterator[LiveRule]:
    """State the limits of campuses that share one connection."""
    names = book.block("sites", "campus") if book.has("sites", "campus") else None
    if names is None or not any(names["value"].value):
        return
    table = book.block("power")
    is_campus = countifs(equal(names["value"], table["key"])) > 0
    rows = (equal(book["power", "campus"], table["key"]), equal(book["power", "period"], table["column"]))
    drawn = sumifs(book["power", "used_mw"], *rows)
    limit = sumifs(table["value"], equal(table["key"], table["key"]), equal(table["column"], table["column"]))
    if book.rows("builds"):
        limit = limit + added(book, "power", table["key"], table["column"], "campus")
    text = "Facility power of a campus is within its power, options built there included"
    yield near("power_campus", text, most(is_campus * (drawn - limit)), "MW", scale=book["power", "available_mw"])


def units_at_work(book: Book) -> Iterator[LiveRule]:
    """State how power and energy of each running row follow from the inputs."""
    if not book.rows("running"):
        return
    g, s, mode = (book["running", name] for name in ("generation", "site", "mode"))
    one = Term("1", np.ones(1))
    factor = one
    if book.has("modes"):  # a generation's own row, else the row for all of them, else full power
        table = book.block("modes", "power_factor")
        own = (equal(table["key"], g), equal(table["key2"], mode))
        general = (equal(table["key"], "~*"), equal(table["key2"], mode))
        otherwise = sumifs(table["value"], *general) + (countifs(*general) <= 0) * one
        factor = sumifs(table["value"], *own) + (countifs(*own) <= 0) * otherwise
    peak = book["running", "running"] * looked_up(book, "generations", "power_kw", g) * factor / 1000.0
    peak = peak * (looked_up(book, "sites", "overhead", s) + 1.0) * looked_up(book, "sites", "pue", s)
    mwh = book["running", "peak_mw"] * looked_up(book, "generations", "load_factor", g) * hours(book)
    wrong = largest(
        most(absolute(peak - book["running", "peak_mw"])), most(absolute(mwh - book["running", "energy_mwh"]))
    )
    text = "Peak MW = units × kW × power factor × (1 + overhead) × PUE; energy = peak × load factor × hours"
    yield near("sheet_running", text, wrong, "MW, MWh", scale=book["running", "energy_mwh"])


def energy(book: Book) -> Iterator[LiveRule]:
    """State that all energy comes from somewhere, within the carbon cap."""
    if not book.rows("energy"):
        return

    def by_site(sheet: str) -> Term:
        rows = [equal(book[sheet, name], book["power", name]) for name in ("period", "site")]
        return sumifs(book[sheet, "energy_mwh"], *rows)

    def by_period(sheet: str) -> Term:
        return sumifs(book[sheet, "energy_mwh"], equal(book[sheet, "period"], book["cash_flow", "period"]))

    off = lighter(
        lambda: most(absolute(by_site("energy") - by_site("running"))),
        lambda: most(absolute(by_period("energy") - by_period("running"))),
        2 * book.rows("power") * (book.rows("running") + book.rows("energy")),
    )
    text = "Energy drawn from all sources of a site = energy that its running units use"
    yield near("energy_balance", text, off, "MWh", scale=book["energy", "energy_mwh"])
    if np.isfinite(book.number("carbon_cap_t")):
        cap = book.setting("carbon_cap_t")
        excess = most(total(book["energy", "carbon_t"]) - cap)
        yield near("carbon_cap", "Carbon over the horizon is within carbon_cap_t", excess, "t", scale=cap)


def demand(book: Book) -> Iterator[LiveRule]:
    """State that delivered compute is what the running units give, and meets the demand."""
    unit = str(book.setting("compute_unit").value[0])
    average, least, delivered = (book["compute", name] for name in ("average", "minimum", "delivered_hours"))
    text = "Delivered compute, rented included, reaches the minimum of each workload"
    yield near("demand_minimum", text, most(least - average), unit, scale=least)
    blank_or_number = book.frames["compute"]["maximum"].to_numpy(dtype=object)
    limit = book["compute", "maximum"]
    limited = is_number(Ref(limit.formula, blank_or_number, place=limit.place))
    text = "Delivered compute, rented included, is within the maximum of each workload"
    yield near("demand_maximum", text, most(limited * (average - limit)), unit, scale=average)
    if book.rows("rental") and book.has("rental"):
        block, rented = book.block("rental"), book["rental", "compute"]
        at = (equal(block["key"], book["rental", "workload"]), equal(block["column"], book["rental", "period"]))
        limited = countifs(*at) - countifs(*at, equal(block["value"], UNLIMITED))
        excess = most(limited * (rented - sumifs(block["value"], *at)))
        yield near("rental_cap", "Rented compute is within what can be rented", excess, unit, scale=rented)
    keys = [equal(book["running", name], book["compute", name]) for name in ("period", "workload")]
    own = sumifs(book["running", "compute_hours"], *keys)
    wrong = largest(
        most(absolute(own - book["compute", "own_hours"])),
        most(absolute(book["compute", "own_hours"] + book["compute", "rented_hours"] - delivered)),
        most(absolute(delivered / hours(book) - average)),
    )
    text = "Own compute = that of running units; delivered = own + rented; average = delivered / hours"
    yield near("sheet_compute", text, wrong, f"{unit}-hours", scale=delivered)
