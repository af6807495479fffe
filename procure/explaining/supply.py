"""Limits of supply and money: order windows, lead times, allocations, lots, service life, options, budget, rules."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from procure.explaining.model import INF
from procure.explaining.words import money

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.explaining.assembling import Assembler
    from procure.explaining.rules import RuleNotes

    Floats = NDArray[np.float64]

__all__ = ["add_rule_limits", "add_supply_limits"]


def add_supply_limits(asm: Assembler) -> None:
    """Add every limit on what can be bought, owned and built, and on the money for it."""
    now = _arrivals_at_once(asm)
    _windows(asm, now)
    _allocation(asm, now)
    _lots(asm, now)
    _service(asm)
    _options(asm, "power_options", "build", "max_builds", "option")
    _options(asm, "shell_options", "build_shell", "max_shells", "shell")
    committed = _committed(asm)
    _budget(asm, now, committed)
    _share(asm, now, committed)
    asm.columns["lots_now"] = now
    asm.columns["committed"] = committed
    for family in ("lift_full",) if asm.explicit else ("lift_on", "lift_full"):
        asm.free(family)  # a project may start at once, and what lifts more than is wanted may run less


def _arrivals_at_once(asm: Assembler) -> NDArray[np.int64]:
    """Orders that arrive in their own period, for generations with a lead time (shape G × T)."""
    generations, T = asm.case.generations, asm.case.T
    now = np.full((len(generations.names), T), -1, dtype=np.int64)
    if not asm.structure:
        return now
    balance = asm.rows["pool_balance"]
    for g, name in enumerate(generations.names):
        if generations.lead[g] == 0:
            continue
        lot, life = float(generations.lot[g]), int(generations.service_periods[g])
        for t in range(T):
            now[g, t] = asm.new_column(integer=True)
            asm.put(balance[name, t], [now[g, t]], [-lot])
            if t + life < T:
                asm.put(balance[name, t + life], [now[g, t]], [lot])
    return now


def _windows(asm: Assembler, now: NDArray[np.int64]) -> None:
    if not asm.structure:
        return
    case, frame, lots = asm.case, asm.case.tables.frames["generations"], asm.columns["order_lots"]
    for g, name in enumerate(case.generations.names):
        first, last = float(frame["available_from"].iloc[g]), float(frame["last_order"].iloc[g])
        if first > 0:
            limit = asm.limit("available_from", name, "generations", g, "available_from", -1, first)
            stop = min(case.T, int(first))
            asm.on_columns(limit, [*lots[g, :stop], *now[g, :stop]], upper=0.0)
        if last < case.T - 1:
            limit = asm.limit("last_order", name, "generations", g, "last_order", -1, last)
            start = max(0, int(last) + 1)
            asm.on_columns(limit, [*lots[g, start:], *now[g, start:]], upper=0.0)
        lead = int(case.generations.lead[g])
        if lead:
            since = 0 if math.isnan(first) else max(0, int(first))
            limit = asm.limit(
                "lead_time", name, "generations", g, "lead_time", -1, lead, case.calendar.label(since + lead)
            )
            asm.on_columns(limit, now[g], upper=0.0)


def _allocation(asm: Assembler, now: NDArray[np.int64]) -> None:
    case, lots = asm.case, asm.columns["order_lots"]
    place = {str(name): i for i, name in enumerate(case.tables.frames["allocation"]["generation"])}
    for g, name in enumerate(case.generations.names):
        lot = float(case.generations.lot[g])
        for t in range(case.T):
            cap = float(case.generations.allocation[g, t])
            if math.isfinite(cap) and max(lots[g, t], now[g, t]) >= 0:
                row = asm.new_row([lots[g, t], now[g, t]], [lot, lot])
                asm.on_row(asm.limit("allocation", name, "allocation", place[name], "", t, cap), row, upper=cap)


def _lots(asm: Assembler, now: NDArray[np.int64]) -> None:
    """Lots and minimum orders; the switch of an order is only needed for the latter."""
    case, lots, ordered = asm.case, asm.columns["order_lots"], asm.columns["ordered"]
    generations = case.generations
    limit_rows, least_rows = asm.rows.get("order_limit", {}), asm.rows.get("min_order", {})
    most = enough(asm)
    for g, name in enumerate(generations.names):
        lot = int(generations.lot[g])
        if lot > 1:
            limit = asm.limit("lot", name, "generations", g, "lot", -1, lot)
            mine = np.concatenate([lots[g], now[g]])
            asm.lots[limit] = (mine[mine >= 0], float(lot))
        binding = int(generations.min_order[g]) > lot
        for t in np.flatnonzero(ordered[g] >= 0).tolist():
            row = limit_rows[name, t]
            if not binding:
                asm.unbound(row)
                continue
            limit = asm.limit("min_order", name, "generations", g, "min_order", -1, int(generations.min_order[g]))
            least = least_rows[name, t]
            asm.replace(row, int(ordered[g, t]), -float(most[g]))
            for where in (row, least):
                asm.put(where, [now[g, t]], [float(lot)])
            asm.on_row(limit, row, upper=0.0)
            asm.on_row(limit, least, lower=0.0)


def enough(asm: Assembler) -> Floats:
    """Units of each generation that one order never needs to exceed (shape G): all demand served by it alone.

    Where no generation may take more than a share of the capex, as many more as buying for the share's sake can need.
    """
    case, generations = asm.case, asm.case.generations
    least_use = np.where(case.sites.utilisation > 0, case.sites.utilisation, np.inf).min(axis=0)
    modes = np.array([case.modes.compute[case.modes.generation == g].min() for g in range(len(generations.names))])
    with np.errstate(divide="ignore", invalid="ignore"):
        units = case.demand_min.T[None] / (generations.perf * modes[:, None, None] * least_use[None, None, :])
    units = np.where(np.isfinite(units), units, 0.0).sum(axis=2).max(axis=1)
    units = np.ceil(units / generations.lot) * generations.lot
    units = np.maximum(units, np.ceil(generations.min_order / generations.lot) * generations.lot) + generations.lot
    if case.settings.max_generation_share < 1.0:
        price = np.where(generations.price > 0, generations.price, np.nan)
        dearest, cheapest = np.nanmax(price, axis=1), np.nanmin(price, axis=1)
        money_ = np.nansum(units * dearest) * case.T / max(1e-3, case.settings.max_generation_share)
        units = np.maximum(units, np.nan_to_num(np.minimum(money_ / cheapest, 1e6)))
    return np.asarray(units)


def _service(asm: Assembler) -> None:
    case, cohorts = asm.case, asm.wide.cohorts
    years = case.tables.frames["generations"]["service_years"]
    for c, row in asm.rows.get("cohort_supply", {}).items():
        if int(cohorts.last[c]) < case.T - 1:
            g = int(cohorts.generation[c])
            limit = asm.limit(
                "service", case.generations.names[g], "generations", g, "service_years", -1, float(years.iloc[g])
            )
            asm.on_row(limit, row, lower=float(cohorts.units[c]))
            asm.forced(row, max(0, int(cohorts.last[c]) + 1))


def _options(asm: Assembler, sheet: str, family: str, cap: str, kind: str) -> None:
    case = asm.case
    options = case.power_options if kind == "option" else case.shell_options
    frame, build, T = case.tables.frames[sheet], asm.columns[family], case.T
    twin = dict(zip(np.flatnonzero(options.lead > 0).tolist(), range(len(options), len(build)), strict=False))
    asm.free(cap)
    for k, name in enumerate(options.names):
        mine = [build[k], build[twin[k]]] if k in twin else [build[k]]
        columns = np.concatenate(mine)
        if (columns >= 0).any():
            row = asm.new_row(columns.tolist(), [1.0] * columns.size)
            asm.on_row(asm.limit(cap, name, sheet, k, "max_builds", -1, float(options.max_builds[k])), row,
                       upper=float(options.max_builds[k]))  # fmt: skip
        if not asm.structure:
            continue
        first, last = float(frame["earliest"].iloc[k]), float(frame["latest"].iloc[k])
        if first > 0:
            limit = asm.limit(f"{kind}_earliest", name, sheet, k, "earliest", -1, first)
            asm.on_columns(limit, np.concatenate([row[: min(T, int(first))] for row in mine]), upper=0.0)
        if last < T - 1:
            limit = asm.limit(f"{kind}_latest", name, sheet, k, "latest", -1, last)
            asm.on_columns(limit, np.concatenate([row[max(0, int(last) + 1) :] for row in mine]), upper=0.0)
        if k in twin:
            limit = asm.limit(f"{kind}_lead", name, sheet, k, "lead_time", -1, int(options.lead[k]))
            asm.on_columns(limit, build[twin[k]], upper=0.0)


def _committed(asm: Assembler) -> NDArray[np.int64]:
    """One column a committed order: 1 where it is paid; it may fall short of that at a cost."""
    case, frame = asm.case, asm.case.tables.frames["committed"]
    columns = np.full(len(frame), -1, dtype=np.int64)
    for i, row in enumerate(frame.to_dict("records")):
        worth = float(row["units"] * row["price"])
        if worth <= 0:
            continue
        columns[i] = asm.new_column(upper=1.0)
        due = f"{money(worth, case.currency)} due in {case.calendar.label(int(row['delivery']))}"
        limit = asm.limit("committed", str(row["generation"]), "committed", i, "units", -1, float(row["units"]), due)
        paid = asm.new_row([columns[i]], [1.0])
        asm.on_row(limit, paid, lower=1.0)
        asm.may_fall_short(limit, paid, weight=1.0)
    return columns


def _payments(asm: Assembler, now: NDArray[np.int64], committed: NDArray[np.int64]) -> list[list[tuple[int, float]]]:
    """Capex by period in the programme's money: (column, coefficient)."""
    case, generations, scale = asm.case, asm.case.generations, asm.draft.scales.money
    lots = asm.columns["order_lots"]
    spend: list[list[tuple[int, float]]] = [[] for _ in range(case.T)]
    for g in range(len(generations.names)):
        lot, lead, deposit = float(generations.lot[g]), int(generations.lead[g]), float(generations.deposit[g])
        for t in range(case.T):
            price = float(asm.wide.generations.price[g, t]) * lot / scale
            if now[g, t] >= 0:
                spend[t].append((int(now[g, t]), price))
            if lots[g, t] >= 0 and lead == 0:
                spend[t].append((int(lots[g, t]), price))
            elif lots[g, t] >= 0:
                spend[t].append((int(lots[g, t]), price * deposit))
                spend[t + lead].append((int(lots[g, t]), price * (1.0 - deposit)))
    for i, row in enumerate(case.tables.frames["committed"].to_dict("records")):
        if committed[i] >= 0:
            spend[int(row["delivery"])].append((int(committed[i]), float(row["units"] * row["price"]) / scale))
    for family, options in (("build", asm.wide.power_options), ("build_shell", asm.wide.shell_options)):
        for k, t in zip(*(a.tolist() for a in np.nonzero(asm.columns[family] >= 0)), strict=True):
            spend[t].append((int(asm.columns[family][k, t]), float(options.capex[k]) / scale))
    return spend


def _budget(asm: Assembler, now: NDArray[np.int64], committed: NDArray[np.int64]) -> None:
    case, carry = asm.case, asm.case.settings.budget_carry_over
    payments = _payments(asm, now, committed)
    for spend in payments:
        for column, price in spend:
            asm.spend[column] = asm.spend.get(column, 0.0) + price
    asm.free("budget")
    limits = np.cumsum(case.budget) if carry else case.budget
    if not np.isfinite(limits).any():
        return
    so_far: list[tuple[int, float]] = []
    asm.rows["own_budget"] = {}
    for t, spend in enumerate(payments):
        so_far = [*so_far, *spend] if carry else spend
        if math.isfinite(limits[t]) and so_far:
            row = asm.new_row([c for c, _ in so_far], [a for _, a in so_far])
            limit = asm.limit("budget", "capex", "budget", 0, "", t, float(limits[t]))
            asm.on_row(limit, row, upper=float(limits[t]) / asm.draft.scales.money)
            asm.rows["own_budget"][t] = row


def _share(asm: Assembler, now: NDArray[np.int64], committed: NDArray[np.int64]) -> None:
    case, share, scale = asm.case, asm.case.settings.max_generation_share, asm.draft.scales.money
    if share >= 1.0:
        return
    own: list[list[tuple[int, float]]] = []
    for g in range(len(case.generations.names)):
        price = asm.wide.generations.price[g] * float(case.generations.lot[g]) / scale
        own.append([(int(c), float(price[t])) for row in (asm.columns["order_lots"][g], now[g])
                    for t, c in enumerate(row.tolist()) if c >= 0])  # fmt: skip
    for i, row in enumerate(case.tables.frames["committed"].to_dict("records")):
        if committed[i] >= 0:
            worth = float(row["units"] * row["price"]) / scale
            own[case.generations.names.index(str(row["generation"]))].append((int(committed[i]), worth))
    limit = asm.limit("generation_share", "", "settings", 0, "max_generation_share", -1, share)
    asm.rows["own_share"] = {}
    for g, name in enumerate(case.generations.names):
        if own[g]:
            terms = [(c, a * ((1.0 if h == g else 0.0) - share)) for h, part in enumerate(own) for c, a in part]
            at = asm.new_row([c for c, _ in terms], [a for _, a in terms])
            asm.on_row(limit, at, upper=0.0)
            asm.rows["own_share"][name] = at


def add_rule_limits(asm: Assembler, notes: RuleNotes) -> None:
    """Make each user rule a limit: the rows that it added and the bounds that it set."""
    position = asm.positions
    for name, families, bounds in notes.found:
        limit = asm.limit("rule", name, "", 0, "", -1, 0.0)
        for family in families:
            for row in asm.rows.get(family, {}).values():
                low, high = asm.row_bounds(row)
                if low > -INF:
                    asm.on_row(limit, row, lower=low)
                    asm.may_fall_short(limit, row, weight=1.0 / max(1.0, abs(low)))
                if high < INF:
                    asm.on_row(limit, row, upper=high)
                    asm.may_fall_short(limit, row, weight=1.0 / max(1.0, abs(high)), sign=-1.0)
        for variable, before, after in bounds:
            column = position.get(id(variable), -1)
            if column >= 0:
                asm.bound_by(limit, column, before, after)
