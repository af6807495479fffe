"""Checks across tables, before any solve.

Errors are for what makes a case meaningless or impossible by plain arithmetic; whatever a planner may mean, however
unusual, is a warning. Each check runs only where the tables it needs are free of errors, so that one mistake is
reported once. Figures come from ``procure.reading.limits``; single implausible values from
``procure.reading.plausible``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from procure.reading.faults import shown
from procure.reading.limits import (
    arbitrage,
    can_order,
    demand_limits,
    fits,
    licensed_from,
    money,
    order_window,
    unit_price,
)
from procure.reading.plausible import check_plausible

if TYPE_CHECKING:
    from procure.reading.digest import Digest

__all__ = ["cross_check"]

_EPS = 1e-9


def cross_check(result: Digest) -> None:
    """Check what depends on several tables; findings go to the log, derived defaults into the tables."""
    bad = frozenset(result.log.bad)  # what one check finds must not keep the next one from looking
    check_plausible(result)
    if result.calendar is None:
        return
    _periods(result)
    if result.sound("sites", "power", bad=bad):
        _power_rows(result)
    if result.sound("generations", "workloads", "performance", bad=bad):
        _compute(result)
    if result.sound("generations", "prices", "allocation", bad=bad):
        _orders(result)
    if result.sound("generations", "sites", "power", "space", "licences", "fleet", bad=bad):
        _fleet(result)
    if result.sound("committed", "budget", bad=bad):
        _budget(result)
    if result.sound("demand", "workloads", bad=bad):
        _demand(result)
    if result.sound(*_every(result)):
        _objective(result)
        _money_machine(result)


def _every(result: Digest) -> list[str]:
    return [name for name in result.tables if name != "scenarios"]


def _periods(result: Digest) -> None:
    """Fleet lies before the start, committed orders within the horizon, windows are not empty."""
    calendar = result.calendar
    assert calendar is not None  # noqa: S101 - cross_check has seen to it
    fleet = result.tables["fleet"]
    for i, period in enumerate(fleet.values["delivered"]):
        if period >= 0:
            result.flag("E301", fleet, i, "delivered", calendar.label(int(period)),
                  f"a period before the start, {calendar.start}",
                  "Units that are still to come belong in the sheet committed")  # fmt: skip
    committed = result.tables["committed"]
    late: list[int] = []
    for i, period in enumerate(committed.values["delivery"]):
        if period < 0:
            result.flag("E302", committed, i, "delivery", calendar.label(int(period)),
                  f"a period from the start on, {calendar.start}",
                  "Units that are there already belong in the sheet fleet")  # fmt: skip
        elif period >= calendar.periods:
            result.flag("W426", committed, i, "delivery", calendar.label(int(period)),
                  f"a period within the horizon, {calendar.start} to {calendar.labels[-1]}",
                  "The order arrives after the horizon and is left out")  # fmt: skip
            late.append(i)
    if late:
        gone = set(late)
        keep = [i for i in range(len(committed)) if i not in gone]
        committed.rows = [committed.rows[i] for i in keep]
        committed.values = {name: [values[i] for i in keep] for name, values in committed.values.items()}
        committed.notes = {name: [values[i] for i in keep] for name, values in committed.notes.items()}
    for sheet, first, last in (
        ("generations", "available_from", "last_order"),
        ("power_options", "earliest", "latest"),
        ("shell_options", "earliest", "latest"),
    ):
        table = result.tables[sheet]
        for i, (low, high) in enumerate(zip(table.values[first], table.values[last], strict=True)):
            if low > high:
                result.flag("E307", table, i, last, calendar.label(int(high)),
                      f"{first} ({calendar.label(int(low))}) or later", "One of the two periods is wrong")  # fmt: skip


def _power_rows(result: Digest) -> None:
    """Every hall needs power of its own or of its campus."""
    sites, power = result.tables["sites"].values, result.tables["power"]
    rows = set(power.values["site"])
    for i, (site, campus) in enumerate(zip(sites["site"], sites["campus"], strict=True)):
        if site not in rows and campus not in rows:
            where = f"or for the campus {campus}" if campus else "or for a campus it belongs to"
            result.flag("E303", result.tables["sites"], i, "site", f"{shown(site)} has no power",
                  f"a row for it {where} in the sheet {power.title}",
                  "Where all its power comes from options, give it a row with 0")  # fmt: skip
    members: dict[str, int] = {}
    for campus in sites["campus"]:
        members[campus] = members.get(campus, 0) + 1
    for i, name in enumerate(power.values["site"]):
        if name in sites["site"] and members.get(name, 0) > 1:
            result.flag("W428", power, i, "site", f"{shown(name)} is a hall and a campus of {members[name]} halls",
                  hint="The row caps both; give the campus another name if that is not meant")  # fmt: skip


def _compute(result: Digest) -> None:
    """Each generation has compute for each workload, and a density."""
    table, performance = result.tables["generations"], result.tables["performance"]
    values = table.values
    place = result.place("performance")
    for i, (name, compute) in enumerate(zip(values["generation"], values["compute"], strict=True)):
        if math.isnan(compute):
            row = place.get(name)
            missing = [w for w, column in performance.series.items() if row is None or math.isnan(column[row])]
            if missing:
                result.flag("E309", table, i, "compute", "the cell is blank",
                      "a number in compute units/unit, 0 or more",
                      f"Fill it in, or give {shown(name)} performance for {', '.join(missing[:4])}")  # fmt: skip
            values["compute"][i] = 0.0
        if values["racks"][i] == 0 and "rack_kw" in values and math.isnan(values["rack_kw"][i]):
            result.flag("E311", table, i, "rack_kw", "the cell is blank", "a number in kW/rack, above 0",
                  "With 0 racks a unit the density cannot be worked out")  # fmt: skip


def _orders(result: Digest) -> None:
    """Each generation that can be ordered has a price; say which ones can never be ordered."""
    calendar = result.calendar
    assert calendar is not None  # noqa: S101 - cross_check has seen to it
    table = result.tables["generations"]
    values = table.values
    for i, name in enumerate(values["generation"]):
        window = order_window(result, i)
        if not window:
            _never(result, i, name)
        elif not can_order(result, i):
            result.flag("W424", table, i, "generation", f"{shown(name)} can never be ordered",
                  hint="The allocation of every period is below lot or min_order")  # fmt: skip
        if not math.isnan(values["price"][i]):
            continue
        blank = next((t for t in window if math.isnan(unit_price(result, i, t))), None)
        if blank is not None:
            label = calendar.label(blank)
            result.flag("E310", table, i, "price", "the cell is blank", "a number in currency/unit, 0 or more",
                  f"Fill it in, or give {shown(name)} a price for {label} in the sheet prices")  # fmt: skip
    for i, price in enumerate(values["price"]):
        if math.isnan(price):
            prices = [unit_price(result, i, t) for t in range(calendar.periods)]
            values["price"][i] = next((p for p in prices if not math.isnan(p)), 0.0)
    if result.settings.values["max_generation_share"] < 1 and len(table) == 1:
        result.flag("W429", table, 0, "generation", f"{shown(values['generation'][0])} is the only generation, but "
              "max_generation_share is below 1", hint="Then nothing can be ordered at all")  # fmt: skip


def _never(result: Digest, i: int, name: str) -> None:
    """Say why a generation cannot be ordered within the horizon; one that is off the market needs no remark."""
    calendar = result.calendar
    assert calendar is not None  # noqa: S101 - cross_check has seen to it
    values = result.tables["generations"].values
    first, last, lead = values["available_from"][i], values["last_order"][i], values["lead_time"][i]
    if last < 0 or first > last:
        return
    if first >= calendar.periods:
        column, why = "available_from", f"It becomes available in {calendar.label(int(first))}, after the horizon"
    else:
        column, why = "lead_time", f"With a lead time of {int(lead)} it would arrive after {calendar.labels[-1]}"
    result.flag("W424", result.tables["generations"], i, column, f"{shown(name)} can never be ordered", hint=why)


def _fleet(result: Digest) -> None:
    """Hold what stands where on day one against power, space, density, cooling and licences."""
    fleet, generations = result.tables["fleet"], result.tables["generations"].values
    number, place = result.place("generations"), result.place("sites")
    power_kw = [0.0] * len(place)
    racks = [0.0] * len(place)
    first_row: dict[int, int] = {}
    seen: set[tuple[int, int]] = set()
    years = result.calendar.years_per_period if result.calendar else 1.0
    life = [max(1, math.floor(years_of / years + _EPS)) for years_of in generations["service_years"]]
    kw, positions = generations["power_kw"], generations["racks"]
    for i, (name, site, delivered, units) in enumerate(
        zip(*(fleet.values[c] for c in ("generation", "site", "delivered", "units")), strict=True)
    ):
        g, s = number[name], place.get(site)
        if -delivered >= life[g] and units:
            result.flag("W423", fleet, i, "delivered", f"{shown(name)} is past its service life of "
                  f"{generations['service_years'][g]:g} years",
                  hint="The units must be sold or scrapped in the first period")  # fmt: skip
        if s is None or not units:
            continue
        power_kw[s] += units * kw[g]
        racks[s] += units * positions[g]
        if (g, s) not in seen:
            seen.add((g, s))
            first_row.setdefault(s, i)
            why = _cannot_stay(result, g, s)
            if why:
                result.flag("W422", fleet, i, "site", f"{shown(name)} cannot stay at {shown(site)}: {why}",
                      hint="The units leave in the first period")  # fmt: skip
    _day_one(result, [kw * _facility(result, s) for s, kw in enumerate(power_kw)], racks, first_row)


def _facility(result: Digest, s: int) -> float:
    values = result.tables["sites"].values
    return float((1 + values["overhead"][s]) * values["pue"][s])


def _cannot_stay(result: Digest, g: int, s: int) -> str:
    generations, sites = result.tables["generations"].values, result.tables["sites"].values
    if generations["rack_kw"][g] > sites["max_rack_kw"][s]:
        return f"it needs {generations['rack_kw'][g]:,g} kW a rack, the hall takes {sites['max_rack_kw'][s]:,g}"
    if not fits(generations["cooling"][g], sites["cooling"][s]):
        return f"it needs {generations['cooling'][g]} cooling, the hall has {sites['cooling'][s]}"
    if licensed_from(result, g, s) > 0:
        return "there is no licence for it in the first period"
    return ""


def _day_one(result: Digest, power_kw: list[float], racks: list[float], first_row: dict[int, int]) -> None:
    calendar, fleet = result.calendar, result.tables["fleet"]
    assert calendar is not None  # noqa: S101 - cross_check has seen to it
    sites = result.tables["sites"].values
    power, space = result.tables["power"], result.tables["space"]
    available = dict(zip(power.values["site"], power.series[calendar.labels[0]], strict=True))
    positions = dict(zip(space.values["site"], space.series[calendar.labels[0]], strict=True))
    campus_kw: dict[str, float] = {}
    for s, name in enumerate(sites["site"]):
        campus_kw[sites["campus"][s]] = campus_kw.get(sites["campus"][s], 0.0) + power_kw[s]
        if s not in first_row:
            continue
        if name in available and power_kw[s] > 1000 * available[name] * (1 + _EPS):
            _over_power(result, first_row[s], name, power_kw[s], available[name])
        limit = positions.get(name, sites["racks"][s])
        if racks[s] > limit * (1 + _EPS):
            result.flag("W421", fleet, first_row[s], "site", f"the fleet at {shown(name)} takes {racks[s]:,.4g} racks "
                  f"on day one, {limit:,.4g} are there", hint="Some units must leave in the first period")  # fmt: skip
    for campus, total in campus_kw.items():
        if campus in available and campus not in sites["site"] and total > 1000 * available[campus] * (1 + _EPS):
            row = next(first_row[s] for s in first_row if sites["campus"][s] == campus)
            _over_power(result, row, campus, total, available[campus])


def _over_power(result: Digest, row: int, name: str, kw: float, available_mw: float) -> None:
    result.flag("W420", result.tables["fleet"], row, "site", f"the fleet at {shown(name)} needs {kw / 1000:,.4g} MW "
          f"on day one, {available_mw:,.4g} MW are there", hint="Some units will be off or leave")  # fmt: skip


def _budget(result: Digest) -> None:
    """Hold committed orders against the budget: they are paid on delivery whatever it says."""
    calendar, budget, committed = result.calendar, result.tables["budget"], result.tables["committed"]
    if calendar is None or not len(budget) or not len(committed):
        return
    due = [0.0] * calendar.periods
    for period, units, price in zip(*(committed.values[c] for c in ("delivery", "units", "price")), strict=True):
        if 0 <= period < calendar.periods:
            due[int(period)] += units * price
    carry = result.settings.values["budget_carry_over"]
    spent = allowed = 0.0
    for t, label in enumerate(calendar.labels):
        spent = spent + due[t] if carry else due[t]
        allowed = allowed + budget.series[label][0] if carry else budget.series[label][0]
        if spent > allowed * (1 + _EPS):
            when = f"up to {label}" if carry else f"in {label}"
            result.flag("E304", budget, 0, label, f"the budget {when} is {money(allowed)}, committed orders cost "
                  f"{money(spent)}", f"at least {money(spent)}",
                  f"Raise the budget by {money(spent - allowed)}, or move or drop committed orders")  # fmt: skip
            return


def _demand(result: Digest) -> None:
    """Minimum demand lies below maximum demand and below anything that could be delivered."""
    calendar, demand = result.calendar, result.tables["demand"]
    assert calendar is not None  # noqa: S101 - cross_check has seen to it
    rows = dict(
        zip(zip(demand.values["workload"], demand.values["measure"], strict=True), range(len(demand)), strict=True)
    )
    any_minimum = "minimum" in demand.values["measure"]
    limits = demand_limits(result) if any_minimum and result.sound(*_every(result)) else None
    for (workload, measure), i in rows.items():
        if measure != "minimum":
            continue
        top = rows.get((workload, "maximum"))
        for t, label in enumerate(calendar.labels):
            least = demand.series[label][i]
            if least <= 0:
                continue
            if top is not None and least > demand.series[label][top] * (1 + _EPS):
                result.flag("E306", demand, i, label, f"the minimum of {shown(workload)} in {label} is {least:,.6g}",
                      f"at most the maximum, {demand.series[label][top]:,.6g}",
                      f"The maximum is in row {demand.rows[top]}")  # fmt: skip
                break
            if limits is None:
                continue
            most, why = limits(workload, t)
            if least > most * (1 + 1e-6):
                result.flag("E305", demand, i, label, f"the minimum of {shown(workload)} in {label} is {least:,.6g}",
                      f"at most {most:,.6g}, {why}", "Lower it, or add supply, power or rental")  # fmt: skip
                break


def _objective(result: Digest) -> None:
    """Say where the objective has nothing to work on."""
    objective = result.settings.values["objective"]
    demand, title, at = result.tables["demand"], result.settings.title, result.settings.at
    calendar = result.calendar
    assert calendar is not None  # noqa: S101 - cross_check has seen to it

    def any_of(measure: str) -> bool:
        rows = [i for i, kind in enumerate(demand.values["measure"]) if kind == measure]
        return any(demand.series[label][i] > 0 for label in calendar.labels for i in rows)

    text = ""
    if objective == "npv" and not any_of("value"):
        text = "the objective npv needs rows of the measure value in the sheet demand; nothing is worth buying"
    elif objective == "cost" and not any_of("minimum"):
        text = "the objective cost needs rows of the measure minimum in the sheet demand; buying nothing is cheapest"
    elif not len(result.tables["fleet"]) and not len(result.tables["committed"]):
        orderable = any(can_order(result, g) for g in range(len(result.tables["generations"])))
        rented = any(value > 0 for column in result.tables["rental"].series.values() for value in column)
        if not orderable and not rented:
            text = "there is no fleet, no committed order, and no generation can be ordered within the horizon"
    if text:
        result.log.add("W425", title, row=result.settings.rows.get("objective"), at=at, column="objective", got=text,
                       addressed=result.settings.addressed)  # fmt: skip


def _money_machine(result: Digest) -> None:
    """Without a limit on orders, a resale price above the purchase price has no best plan."""
    calendar, table = result.calendar, result.tables["resale_prices"]
    assert calendar is not None  # noqa: S101 - cross_check has seen to it
    number = result.place("generations")
    for i, name in enumerate(table.values["generation"]):
        found = arbitrage(result, number[name], [table.series[label][i] for label in calendar.labels])
        if found is not None:
            bought, sold = found
            label = calendar.labels[min(sold, calendar.periods - 1)]
            result.flag("E308", table, i, label, f"a unit of {shown(name)} ordered in {calendar.labels[bought]} sells "
                  f"at a profit in {label}, and nothing limits how many are ordered",
                  "a resale price below the purchase price, or an allocation or a budget",
                  "Lower it, or add a row to allocation")  # fmt: skip
