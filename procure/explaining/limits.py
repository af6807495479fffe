"""Business limits: what a planner set in a cell, one a cell and period, and how it reads.

A ``Limit`` is the smallest thing that can be lifted: one figure in one period. A ``Member`` is what an explanation
names: limits of one table row in adjoining periods, with place, periods and figures in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.explaining.words import amount, cell_of, money, names, periods, place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from procure.case import Case

__all__ = ["FAMILIES", "REQUIREMENTS", "Limit", "Member", "members"]

#: Kinds of limits from the one that an explanation can best do without to the one that it should be about.
FAMILIES = (
    "workloads", "service", "shell_lead", "shell_earliest", "shell_latest", "option_lead", "option_earliest",
    "option_latest", "max_shells", "max_builds", "rental", "cooling", "density", "licence", "available_from",
    "last_order", "lead_time", "min_order", "lot", "maximum", "carbon", "generation_share", "licence_cap", "rule",
    "allocation", "space", "campus", "power", "budget", "committed", "minimum",
)  # fmt: skip

#: Limits that doing nothing can break; every other one holds when nothing is bought and nothing runs.
REQUIREMENTS = ("minimum", "committed", "rule")


@dataclass(frozen=True, slots=True)
class Limit:
    """One figure of the input that limits a plan.

    ``kind`` is one of ``FAMILIES``; ``subject`` who it is about (hall, generation, workload, option, rule); ``other``
    a second name; ``period`` the period it holds in, −1 for the whole horizon; ``column`` its column ('' for the
    period's own).
    """

    kind: str
    subject: str
    sheet: str
    row: int
    column: str
    period: int
    value: float
    other: str = ""

    @property
    def group(self) -> tuple[str, str, str, int, str, str]:
        """What limits of one member have in common."""
        return self.kind, self.subject, self.sheet, self.row, self.column, self.other


@dataclass(frozen=True, slots=True)
class Member:
    """Limits of one table row in adjoining periods, as an explanation names them.

    ``ids`` are positions in the programme's list of limits; ``first`` and ``last`` period indices (−1: the horizon);
    ``where`` the place (``power!F4:H4``) and ``text`` what it says.
    """

    kind: str
    subject: str
    sheet: str
    row: int
    column: str
    first: int
    last: int
    where: str
    cell: str | None
    text: str
    values: tuple[float, ...]
    ids: tuple[int, ...]

    def __str__(self) -> str:
        """Return the line a planner reads: ``power!F4: Dublin has 12 MW in 2027Q3``."""
        return f"{self.where}: {self.text}" if self.where else self.text


def members(case: Case, limits: list[Limit], ids: Iterable[int]) -> list[Member]:
    """Group limits into members, in the order of ``FAMILIES`` from the most to the least telling."""
    groups: dict[tuple[str, str, str, int, str, str], list[int]] = {}
    for i in sorted(ids, key=lambda i: limits[i].period):
        groups.setdefault(limits[i].group, []).append(i)
    found: list[Member] = []
    for same in groups.values():
        runs: list[list[int]] = []
        for i in same:
            if runs and limits[i].period == limits[runs[-1][-1]].period + 1:
                runs[-1].append(i)
            else:
                runs.append([i])
        found.extend(_member(case, limits, run) for run in runs)
    return sorted(found, key=lambda m: (-FAMILIES.index(m.kind), m.sheet, m.row, m.first))


def _member(case: Case, limits: list[Limit], ids: list[int]) -> Member:
    head, tail = limits[ids[0]], limits[ids[-1]]
    labels = case.calendar.labels
    values = tuple(limits[i].value for i in ids)
    columns = [head.column] if head.column else [labels[head.period], labels[tail.period]]
    columns = columns[:1] if columns[0] == columns[-1] else columns
    where = place(case.tables, head.sheet, head.row, columns) if head.sheet else ""
    cell = cell_of(case.tables, head.sheet, head.row, columns[0]) if head.sheet else None
    text = _text(case, head, head.period, tail.period, np.array(values))
    return Member(head.kind, head.subject, head.sheet, head.row, head.column, head.period, tail.period, where, cell,
                  text, values, tuple(ids))  # fmt: skip


def _span(values: np.ndarray) -> str:
    low, high = float(values.min()), float(values.max())
    return amount(low) if low == high else f"{amount(low)} to {amount(high)}"


def _text(case: Case, limit: Limit, first: int, last: int, values: np.ndarray) -> str:
    """Say what a limit says, with its figures."""
    name, unit, calendar = limit.subject, case.compute_unit, case.calendar
    when = periods(calendar, first, last) if first >= 0 else ""
    span, value = _span(values), limit.value
    each = " a period" if last > first else ""
    match limit.kind:
        case "power":
            return f"{name} has {span} MW {when}"
        case "campus":
            return f"the campus {name} has {span} MW {when}"
        case "space":
            return f"{name} has {span} rack positions {when}".rstrip()
        case "budget":
            return _budget(case, first, last, values)
        case "allocation":
            return f"at most {span} units of {name}{each} can be ordered {when}"
        case "minimum":
            return f"{_who(case, name)} needs at least {span} {unit} {when}"
        case "maximum":
            return f"no more than {span} {unit} of {_who(case, name)} can be used {when}"
        case "rental":
            return f"at most {span} {unit} for {_who(case, name)} can be rented {when}"
        case "available_from":
            return f"{name} cannot be ordered before {calendar.label(int(value))}"
        case "last_order":
            return f"{name} cannot be ordered after {calendar.label(int(value))}"
        case "lead_time":
            return f"{name} arrives {_count(value, 'period')} after its order, in {limit.other} at the earliest"
        case "lot":
            return f"{name} is ordered in lots of {amount(value)}"
        case "min_order":
            return f"an order of {name} holds at least {amount(value)} units"
        case "service":
            return f"{name} must leave after {amount(value)} years of service"
        case "density":
            return f"{name} takes {amount(value)} kW a rack, less than {limit.other}"
        case "cooling":
            return f"{name} cannot cool {limit.other}"
        case "workloads":
            return f"{name} runs {limit.other} only"
        case "licence":
            if value >= case.T:
                return f"{_any(limit.other)} may not stand at {name}"
            return f"{_any(limit.other)} may stand at {name} from {calendar.label(int(value))} only"
        case "licence_cap":
            return (
                f"at most {_count(value, 'unit')} of {_any(limit.other)} may ever stand at {name}{_there(case, limit)}"
            )
        case "generation_share":
            return f"at most {value:.4g} of the hardware capex may go to one generation"
        case "carbon":
            return f"at most {amount(value)} t of carbon over the horizon"
        case "committed":
            return f"committed: {amount(value)} units of {name}, {limit.other}"
        case "rule":
            return f"your rule {name}"
    return _option(case, limit)


def _option(case: Case, limit: Limit) -> str:
    name, value, calendar = limit.subject, limit.value, case.calendar
    noun, verb = (
        ("shell option", "shell_") if limit.kind.startswith(("shell", "max_shells")) else ("power option", "option_")
    )
    match limit.kind.removeprefix(verb):
        case "lead":
            return f"the {noun} {name} stands {_count(value, 'period')} after its build"
        case "earliest":
            return f"the {noun} {name} cannot be built before {calendar.label(int(value))}"
        case "latest":
            return f"the {noun} {name} cannot be built after {calendar.label(int(value))}"
    return f"the {noun} {name} can be built {_count(value, 'time')}" if value else f"the {noun} {name} cannot be built"


def _budget(case: Case, first: int, last: int, values: np.ndarray) -> str:
    label, money_of = case.calendar.label, case.currency
    low, high = float(values.min()), float(values.max())
    text = money(low, money_of) if low == high else f"{money(low, money_of)} to {money(high, money_of)}"
    if not case.settings.budget_carry_over:
        return f"capex {periods(case.calendar, first, last)} is at most {text}"
    if first == last:
        return f"capex up to {label(last)} is at most {text}"
    return f"capex up to {label(first)} .. {label(last)} is at most {text}"


def _who(case: Case, workload: str) -> str:
    return "demand" if len(case.workloads) == 1 else workload


def _there(case: Case, limit: Limit) -> str:
    """Say how many of the fleet a licence's cap counts already."""
    g = slice(None) if limit.other == "*" else case.generations.names.index(limit.other)
    already = int(case.sites.initial[g, case.sites.names.index(limit.subject)].sum())
    return f" ({already} of the fleet {'stands' if already == 1 else 'stand'} there)" if already else ""


def _any(generation: str) -> str:
    return "any generation" if generation == "*" else generation


def _count(value: float, noun: str) -> str:
    return f"{amount(value)} {noun}{'' if value == 1 else 's'}"


def compact(found: list[Member], most: int = 6) -> list[str]:
    """Return members as lines; many of one kind in the same periods become one line with what they add up to."""
    lines: list[str] = []
    by_kind: dict[tuple[str, int, int], list[Member]] = {}
    for member in found:
        by_kind.setdefault((member.kind, member.first, member.last), []).append(member)
    for same in by_kind.values():
        if len(same) <= most:
            lines.extend(str(member) for member in same)
            continue
        lines.extend(str(member) for member in same[: most - 1])
        rest = same[most - 1 :]
        lines.append(f"and the same of {len(rest)} more: {names([m.subject for m in rest], 12)}")
    return lines
