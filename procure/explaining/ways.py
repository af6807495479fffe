"""The cheapest ways out: what to raise, or to ask less of, so that a plan exists; one kind of change where that does.

Each way comes from an elastic programme over levers on whole numbers, rounded up to a figure one types; a larger
figure never hurts, so that the point found proves that it works. Ways that move a date or lift a rule of the case are
tried on the changed case itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.explaining.changes import Change, apply, change
from procure.explaining.words import amount, money, nice_down, nice_up, periods

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case
    from procure.explaining.levers import Levers
    from procure.explaining.limits import Limit, Member
    from procure.explaining.model import Model
    from procure.explaining.prices import Prices

__all__ = ["Bunch", "Candidate", "WayOut", "bunches", "mixtures"]

QUANTITIES = (
    "power",
    "campus",
    "space",
    "rental",
    "allocation",
    "maximum",
    "carbon",
    "licence_cap",
    "max_builds",
    "max_shells",
)
PARTS = 3  # a way out in more parts than these is said as a total
MARGIN = 1.02  # where only the relaxation's amount is known


@dataclass(frozen=True, slots=True)
class WayOut:
    """One way out.

    ``kind`` is what it changes (``power``, ``budget``, ``minimum``, ... or ``several``); ``text`` the planner's line;
    ``changes`` the cells with their new values (and, in a workbook, figures to type so that they stay as they are);
    ``price`` a rough price in the currency that ranks it (None: not priced); ``proven`` whether a whole-number plan of
    the changed case is known to exist.
    """

    kind: str
    text: str
    changes: tuple[Change, ...]
    price: float | None
    proven: bool

    def __str__(self) -> str:
        """Return the line a planner reads: ``+3.2 MW at Dublin from 2027Q3``."""
        return self.text if self.proven else f"{self.text} (by the relaxation; whole units may need a little more)"

    def apply(self, case: Case) -> Case:
        """Return the case with the changes made."""
        from procure.case import Case

        return Case.from_tables(apply(case.tables, self.changes))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Levers that belong to one way out, and how their amounts read and what they change."""

    kind: str
    levers: tuple[int, ...]
    say: Callable[[np.ndarray], tuple[str, list[Change]]]
    round_up: Callable[[np.ndarray], np.ndarray]

    def way(self, amounts: np.ndarray, prices: np.ndarray, *, proven: bool) -> WayOut | None:
        """Return the way out for some amounts; None where nothing is to be changed."""
        rounded = self.round_up(amounts * (1.0 if proven else MARGIN))
        if not (rounded > 0).any():
            return None
        text, changes = self.say(rounded)
        return WayOut(self.kind, text, tuple(changes), float(prices @ rounded), proven)


@dataclass(frozen=True, slots=True)
class Bunch:
    """Candidates for one kind of limit: each by itself, and all of them together (None where that is the same)."""

    kind: str
    parts: list[Candidate]
    joint: Candidate | None = None


def bunches(model: Model, levers: Levers, prices: Prices, found: Sequence[Member]) -> list[Bunch]:
    """Return candidates for the kinds of limit that members of conflicts have, each one a single kind of change."""
    make = _Maker(model, levers, prices)
    groups: dict[tuple[str, str, int], list[Member]] = {}
    for member in found:
        groups.setdefault((member.kind, member.subject, member.row), []).append(member)
    result: list[Bunch] = []
    if needs := [m.subject for m in found if m.kind == "minimum"]:
        result.append(Bunch("minimum", *make.demand(needs)))
    if spent := [m.first for m in found if m.kind == "budget"]:
        result.append(Bunch("budget", *make.budget(min(spent))))
    for kind in QUANTITIES:
        mine = [(key, members) for key, members in groups.items() if key[0] == kind]
        parts = [make.of(kind, subject, row, min(m.first for m in members)) for (_, subject, row), members in mine]
        if parts:
            result.append(Bunch(kind, parts, joined(kind, parts) if len(parts) > 1 else None))
    powers = [part for bunch in result if bunch.kind in ("power", "campus") for part in bunch.parts]
    if {"power", "campus"} <= {bunch.kind for bunch in result}:
        result.append(Bunch("power and campus", [joined("power", powers)]))
    return result


def mixtures(found: Sequence[Bunch]) -> Sequence[Candidate | None]:
    """Return everything but less demand as one candidate: with money in one period, then in several."""
    parts = [part for bunch in found if bunch.kind in QUANTITIES for part in bunch.parts]
    money_ = next((bunch for bunch in found if bunch.kind == "budget"), None)
    if money_ is None:
        return [joined("several", parts)] if parts else []
    ends = [*money_.parts, *([money_.joint] if money_.joint is not None else [])]
    return [joined("several", [end, *parts]) for end in ends]


def joined(kind: str, parts: Sequence[Candidate]) -> Candidate:
    """Return several candidates as one: whatever of each is cheapest together."""
    cuts = np.cumsum([0, *(len(part.levers) for part in parts)])
    spans = list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))

    def say(amounts: np.ndarray) -> tuple[str, list[Change]]:
        said = [part.say(amounts[a:b]) for part, (a, b) in zip(parts, spans, strict=True) if (amounts[a:b] > 0).any()]
        return " and ".join(text for text, _ in said), [item for _, changes in said for item in changes]

    def round_up(amounts: np.ndarray) -> np.ndarray:
        return np.concatenate([part.round_up(amounts[a:b]) for part, (a, b) in zip(parts, spans, strict=True)])

    return Candidate(kind, tuple(j for part in parts for j in part.levers), say, round_up)


class _Maker:
    """Makes candidates with their levers and texts."""

    def __init__(self, model: Model, levers: Levers, prices: Prices) -> None:
        self.model, self.levers, self.prices = model, levers, prices
        self.case, self.tables, self.limits = model.case, model.case.tables, model.limits

    def of_group(self, kind: str, subject: str, row: int) -> list[int]:
        """Return the limits of one table row, in order of periods."""
        ids = [
            i for i, limit in enumerate(self.limits) if (limit.kind, limit.subject, limit.row) == (kind, subject, row)
        ]
        return sorted(ids, key=lambda i: self.limits[i].period)

    def column(self, limit: Limit) -> str:
        """Return the column that a limit stands in."""
        return limit.column or self.case.calendar.labels[limit.period]

    def raised(self, i: int, by: float) -> Change:
        """Return the change that raises one limit's figure."""
        limit = self.limits[i]
        column = self.column(limit)
        old = (
            self.tables.settings[column]
            if limit.sheet == "settings"
            else self.tables.frames[limit.sheet][column].iloc[limit.row]
        )
        new = float(old) + by
        whole = limit.column == "max_builds"
        return change(self.tables, limit.sheet, limit.row, column, round(new) if whole else float(f"{new:.12g}"))

    def of(self, kind: str, subject: str, row: int, start: int) -> Candidate:
        """Return the candidate for one table row."""
        ids = self.of_group(kind, subject, row)
        steps = {"power": self.prices.mw, "campus": self.prices.mw, "space": self.prices.rack, "rental": 1.0}
        if kind in steps:
            return self.step(kind, subject, ids, start, steps[kind])
        return (
            self.each(kind, subject, ids) if kind in ("allocation", "maximum") else self.scalar(kind, subject, ids[0])
        )

    def step(self, kind: str, subject: str, ids: list[int], start: int, price: float) -> Candidate:
        """One amount from a period on."""
        single = self.limits[ids[0]].period < 0
        ids = ids if single else [i for i in ids if self.limits[i].period >= start]
        whole = kind == "space"
        lever = self.levers.add(ids, price, whole=whole)
        when = "" if single else f" {periods(self.case.calendar, start, self.case.T - 1)}"
        only = len(self.case.workloads) == 1
        what = {
            "power": f"MW at {subject}",
            "campus": f"MW for the campus {subject}",
            "space": f"rack positions at {subject}",
            "rental": f"{self.case.compute_unit} of rented compute{'' if only else f' for {subject}'}",
        }[kind]

        def say(amounts: np.ndarray) -> tuple[str, list[Change]]:
            by = float(amounts[0])
            cells = {(self.limits[i].sheet, self.limits[i].row, self.column(self.limits[i])): i for i in ids}
            if not single:
                return f"+{amount(by)} {what}{when}", [self.raised(i, by) for i in cells.values()]
            return f"+{amount(by)} {what}", [self.raised(ids[0], by)]

        return Candidate(kind, (lever,), say, lambda a: np.array([nice_up(float(a[0]), whole=whole)]))

    def scalar(self, kind: str, subject: str, i: int) -> Candidate:
        """One amount on one figure."""
        whole = kind != "carbon"
        price = self.prices.carbon if kind == "carbon" else 1.0
        lever = self.levers.add([i], price, whole=whole)
        other = self.limits[i].other

        def say(amounts: np.ndarray) -> tuple[str, list[Change]]:
            by = amount(float(amounts[0]))
            text = {
                "carbon": f"+{by} t of carbon cap",
                "licence_cap": f"+{by} units of {'any generation' if other == '*' else other} licensed at {subject}",
            }.get(kind, f"{by} more build{'' if by == '1' else 's'} of {subject}")
            return text, [self.raised(i, float(amounts[0]))]

        return Candidate(kind, (lever,), say, lambda a: np.array([nice_up(float(a[0]), whole=whole)]))

    def each(self, kind: str, subject: str, ids: list[int]) -> Candidate:
        """Give each period an amount of its own (allocation, most demand)."""
        g = self.case.generations.names.index(subject) if kind == "allocation" else -1
        price = float(self.prices.allocation[g]) if g >= 0 else 1.0
        # a little dearer in earlier periods, so that amounts gather in the last period that still helps
        pool = [self.levers.add([i], price * (1.0 + 1e-3 * (self.case.T - self.limits[i].period))) for i in ids]
        of = "" if len(self.case.workloads) == 1 else f" of {subject}"

        def noun(by: float) -> str:
            if g >= 0:
                return f"unit{'' if by == 1 else 's'} of {subject} allocated"
            return f"{self.case.compute_unit} more of the maximum demand{of}"

        def say(amounts: np.ndarray) -> tuple[str, list[Change]]:
            picked = [(i, float(a)) for i, a in zip(ids, amounts, strict=True) if a > 0]
            parts = [f"{up_to}+{amount(a)} {noun(a)} {when}" for up_to, a, when in self.spans(picked)]
            if len(parts) > PARTS:
                total = sum(a for _, a in picked)
                parts = [
                    f"+{amount(total)} {noun(total)} over {self.stretch([self.limits[i].period for i, _ in picked])}"
                ]
            return " and ".join(parts), [self.raised(i, a) for i, a in picked]

        return Candidate(kind, tuple(pool), say, lambda a: np.array([nice_up(float(v), whole=g >= 0) for v in a]))

    def budget(self, first: int) -> tuple[list[Candidate], Candidate | None]:
        """More money in one period; where that does not do, in several."""
        ids = self.of_group("budget", "capex", 0)
        carry, T = self.case.settings.budget_carry_over, self.case.T
        finite = [t for t in range(T) if math.isfinite(float(self.case.budget[t]))]

        def lever(t: int) -> int:
            reach = [i for i in ids if (self.limits[i].period >= t if carry else self.limits[i].period == t)]
            return self.levers.add(reach, 1.0 + 1e-3 * (T - t))

        def maker(when: list[int]) -> Candidate:
            def say(amounts: np.ndarray) -> tuple[str, list[Change]]:
                picked = [(t, float(a)) for t, a in zip(when, amounts, strict=True) if a > 0]
                texts = [f"+{money(a, self.case.currency)} budget in {self.case.calendar.label(t)}" for t, a in picked]
                if len(picked) > PARTS:
                    total = money(sum(a for _, a in picked), self.case.currency)
                    texts = [f"+{total} budget over {self.stretch([t for t, _ in picked])}"]
                labels = self.case.calendar.labels
                return " and ".join(texts), [
                    change(
                        self.tables, "budget", 0, labels[t], float(self.tables.frames["budget"][labels[t]].iloc[0]) + a
                    )
                    for t, a in picked
                ]

            return Candidate(
                "budget", tuple(lever(t) for t in when), say, lambda a: np.array([nice_up(float(v)) for v in a])
            )

        single = [t for t in finite if t <= first][-1:]
        return [maker([t]) for t in single], maker(finite) if len(finite) > 1 else None

    def demand(self, workloads: Sequence[str]) -> tuple[list[Candidate], Candidate | None]:
        """Less of the demand of the workloads in the conflict; where that does not do, of any."""
        all_ = [i for i, limit in enumerate(self.limits) if limit.kind == "minimum"]
        choices = [[i for i in all_ if self.limits[i].subject == name] for name in dict.fromkeys(workloads)]
        several = len({self.limits[i].subject for i in all_}) > 1
        return [self._less(ids) for ids in choices], self._less(all_) if several else None

    def _less(self, ids: list[int]) -> Candidate:
        w_of = {name: w for w, name in enumerate(self.case.workloads)}
        pool = [
            self.levers.add([i], float(self.prices.demand[w_of[self.limits[i].subject], self.limits[i].period]))
            for i in ids
        ]
        unit, several = self.case.compute_unit, len(self.case.workloads) > 1

        def round_up(amounts: np.ndarray) -> np.ndarray:
            # a figure for the reduction or for the new minimum that one types, whichever takes less away
            values = [self.limits[i].value for i in ids]
            return np.array([min(nice_up(a), v - nice_down(v - a)) if a > 0 else 0.0
                             for a, v in zip(np.minimum(amounts, values).tolist(), values, strict=True)])  # fmt: skip

        def say(amounts: np.ndarray) -> tuple[str, list[Change]]:
            texts: list[str] = []
            changes: list[Change] = []
            for name in dict.fromkeys(self.limits[i].subject for i in ids):
                picked = [
                    (i, float(a)) for i, a in zip(ids, amounts, strict=True) if a > 0 and self.limits[i].subject == name
                ]
                of = f" of {name}" if several else ""
                texts.extend(
                    f"{up_to}{amount(a)} {unit} less demand{of} {when}" for up_to, a, when in self.spans(picked)
                )
                labels = self.case.calendar.labels
                for i, a in picked:
                    limit = self.limits[i]
                    changes.append(
                        change(
                            self.tables,
                            "demand",
                            limit.row,
                            labels[limit.period],
                            float(f"{max(0.0, limit.value - a):.12g}"),
                        )
                    )
            return (
                " and ".join(texts) if len(texts) < 6 else " and ".join([*texts[:4], f"{len(texts) - 4} more"])
            ), changes

        return Candidate("minimum", tuple(pool), say, round_up)

    def stretch(self, when: list[int]) -> str:
        """Return many periods in words: ``7 periods, 2027Q1 to 2029Q4``."""
        label = self.case.calendar.label
        return f"{len(when)} periods, {label(min(when))} to {label(max(when))}"

    def spans(self, picked: list[tuple[int, float]]) -> list[tuple[str, float, str]]:
        """Merge adjoining periods: ('up to ' where amounts differ, largest amount, periods in words)."""
        runs: list[list[tuple[int, float]]] = []
        for i, a in picked:
            if runs and self.limits[i].period == self.limits[runs[-1][-1][0]].period + 1:
                runs[-1].append((i, a))
            else:
                runs.append([(i, a)])
        result: list[tuple[str, float, str]] = []
        for run in runs:
            first, last = self.limits[run[0][0]].period, self.limits[run[-1][0]].period
            amounts = {a for _, a in run}
            result.append(
                ("up to " if len(amounts) > 1 else "", max(amounts), periods(self.case.calendar, first, last))
            )
        return result
