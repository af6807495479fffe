"""Ways out that no amount describes: a date moved, a rule of the case lifted, a lot made smaller.

A ``Move`` has steps 1..``most``, each one larger than the one before. Whether a step can do is first asked of the
model, with the bounds lifted that the step lifts; the changed case itself then proves it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from procure.explaining.changes import Change, change
from procure.explaining.words import amount, money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from procure.explaining.limits import Limit, Member
    from procure.explaining.model import Items, Model

    Ints = NDArray[np.int64]

__all__ = ["Move", "moves"]


@dataclass(frozen=True, slots=True)
class Move:
    """One way out by steps: what a step says, what it changes, what it makes of the model's items.

    No items (None): the model cannot tell what the step does.
    """

    kind: str
    most: int
    say: Callable[[int], str]
    changes: Callable[[int], list[Change]]
    items: Callable[[int, Items], Items | None]


def moves(model: Model, found: Sequence[Member]) -> list[Move]:
    """Return the moves for members of conflicts, the plainest first."""
    maker = _Maker(model)
    result: list[Move] = []
    seen: set[tuple[str, str, int]] = set()
    for member in found:
        key = (member.kind, member.subject, member.row)
        if key in seen:
            continue
        seen.add(key)
        make = getattr(maker, f"of_{member.kind}", None) or maker.of_any.get(member.kind)
        if make is not None:
            move = make(model.limits[member.ids[0]], list(member.ids))
            if move is not None and move.most >= 1:
                result.append(move)
    return result


def _periods(k: int) -> str:
    return f"{k} period{'' if k == 1 else 's'}"


class _Maker:
    """Makes the moves of each kind of limit."""

    def __init__(self, model: Model) -> None:
        self.model, self.case, self.tables = model, model.case, model.case.tables
        self.label = model.case.calendar.label
        self.of_any = {
            "option_earliest": self.of_build, "option_latest": self.of_build, "option_lead": self.of_build,
            "shell_earliest": self.of_build, "shell_latest": self.of_build, "shell_lead": self.of_build,
        }  # fmt: skip

    def change(self, limit: Limit, new: object) -> list[Change]:
        """Return the change of a limit's own cell."""
        return [change(self.tables, limit.sheet, limit.row, limit.column, new)]

    @staticmethod
    def without(items: Items, ids: Iterable[int], columns: Ints | None = None) -> Items:
        """Return items without those of some limits (on some columns only, where given)."""
        mine = np.isin(items.limit, list(ids))
        if columns is not None:
            mine &= ~items.is_row & np.isin(items.index, columns[columns >= 0])
        return items.pick(~mine)

    def orders(self, g: int, first: int, stop: int) -> Ints:
        """Return the columns of orders of a generation in periods first..stop − 1."""
        span = slice(max(0, first), max(0, stop))
        return np.concatenate([self.model.columns["order_lots"][g, span], self.model.columns["lots_now"][g, span]])

    def index(self, name: str) -> int:
        return self.case.generations.names.index(name)

    # -- orders ----------------------------------------------------------------------------------------------------

    def of_last_order(self, limit: Limit, ids: list[int]) -> Move:
        g, real = self.index(limit.subject), int(limit.value)
        last = max(real, -1)  # a step before the horizon changes nothing
        return Move(
            "last_order", self.case.T - 1 - last,
            lambda k: f"orders of {limit.subject} until {self.label(last + k)}, {_periods(last + k - real)} longer",
            lambda k: self.change(limit, float(last + k)),
            lambda k, items: self.without(items, ids, self.orders(g, real + 1, last + 1 + k)),
        )  # fmt: skip

    def of_available_from(self, limit: Limit, ids: list[int]) -> Move:
        g, first = self.index(limit.subject), int(limit.value)
        start = min(first, self.case.T)
        return Move(
            "available_from", start,
            lambda k: f"{limit.subject} on sale from {self.label(start - k)}, {_periods(first - start + k)} earlier",
            lambda k: self.change(limit, float(start - k)),
            lambda k, items: self.without(items, ids, self.orders(g, start - k, first)),
        )  # fmt: skip

    def of_lead_time(self, limit: Limit, ids: list[int]) -> Move:
        g, lead = self.index(limit.subject), int(limit.value)
        since = max(0, int(self.case.generations.available_from[g]))
        return Move(
            "lead_time", lead,
            lambda k: f"{limit.subject} delivered {_periods(k)} earlier (lead time {lead - k} instead of {lead})",
            lambda k: self.change(limit, lead - k),
            lambda k, items: self.without(items, ids, self.model.columns["lots_now"][g, since + lead - k :]),
        )  # fmt: skip

    def of_lot(self, limit: Limit, _ids: list[int]) -> Move:
        lot = int(limit.value)
        smaller = [n for n in range(lot - 1, 0, -1) if lot % n == 0]
        return Move(
            "lot", len(smaller), lambda k: f"{limit.subject} in lots of {smaller[k - 1]} instead of {lot}",
            lambda k: self.change(limit, smaller[k - 1]), lambda _k, _items: None,
        )  # fmt: skip

    def of_min_order(self, limit: Limit, ids: list[int]) -> Move:
        least = int(limit.value)
        smaller = sorted({least * 3 // 4, least // 2, least // 4, 0}, reverse=True)
        return Move(
            "min_order", len(smaller),
            lambda k: f"a minimum order of {smaller[k - 1]} units of {limit.subject} instead of {least}",
            lambda k: self.change(limit, smaller[k - 1]), lambda _k, items: self.without(items, ids),
        )  # fmt: skip

    def of_service(self, limit: Limit, ids: list[int]) -> Move:
        more, years = [1.0, 2.0, 3.0, 5.0, 10.0], limit.value
        return Move(
            "service", len(more),
            lambda k: f"{limit.subject} kept for {amount(years + more[k - 1])} years instead of {amount(years)}",
            lambda k: self.change(limit, years + more[k - 1]),
            lambda k, items: self.without(items, ids) if k == len(more) else None,
        )  # fmt: skip

    def of_committed(self, limit: Limit, _ids: list[int]) -> Move:
        when = int(self.tables.frames["committed"]["delivery"].iloc[limit.row])
        worth = money(limit.value * float(self.tables.frames["committed"]["price"].iloc[limit.row]), self.case.currency)
        most, order = self.case.T - 1 - when, f"the committed order of {amount(limit.value)} {limit.subject} ({worth})"

        def changes(k: int) -> list[Change]:
            if k <= most:
                return [change(self.tables, "committed", limit.row, "delivery", float(when + k))]
            return [change(self.tables, "committed", limit.row, "units", 0)]

        return Move(
            "committed", most + 1,
            lambda k: f"{order} delivered {_periods(k)} later" if k <= most else f"without {order}",
            changes, lambda _k, _items: None,
        )  # fmt: skip

    def of_generation_share(self, limit: Limit, ids: list[int]) -> Move:
        now, shares = limit.value, [s / 100 for s in range(5, 101, 5) if s / 100 > limit.value + 1e-9]
        return Move(
            "generation_share", len(shares),
            lambda k: f"up to {shares[k - 1]:.0%} of the hardware capex for one generation instead of {now:.0%}",
            lambda k: self.change(limit, shares[k - 1]),
            lambda k, items: self.without(items, ids) if k == len(shares) else None,
        )  # fmt: skip

    # -- halls -----------------------------------------------------------------------------------------------------

    def of_power(self, limit: Limit, _ids: list[int]) -> Move | None:
        return self._earlier(limit, "power", limit.subject)

    def of_campus(self, limit: Limit, _ids: list[int]) -> Move | None:
        return self._earlier(limit, "campus", f"the campus {limit.subject}")

    def _earlier(self, limit: Limit, kind: str, name: str) -> Move | None:
        """Move a ramp of power towards the start."""
        labels = self.case.calendar.labels
        row = self.tables.frames["power"][list(labels)].iloc[limit.row].to_numpy(dtype=float)
        if not (np.diff(row) > 0).any():
            return None
        mine = {i: limits.period for i, limits in enumerate(self.model.limits)
                if (limits.kind, limits.subject) == (kind, limit.subject)}  # fmt: skip

        def shifted(k: int) -> np.ndarray:
            return np.asarray(np.maximum(row, row[np.minimum(np.arange(row.size) + k, row.size - 1)]))

        def items(k: int, old: Items) -> Items:
            upper = old.upper.copy()
            for i, t in mine.items():
                upper[old.limit == i] = shifted(k)[t]
            return replace(old, upper=upper)

        return Move(
            "energised", min(8, self.case.T - 1), lambda k: f"the power of {name} {_periods(k)} earlier",
            lambda k: [change(self.tables, "power", limit.row, labels[t], float(value))
                       for t, value in enumerate(shifted(k)) if value != row[t]],
            items,
        )  # fmt: skip

    def of_density(self, limit: Limit, ids: list[int]) -> Move:
        s = self.case.sites.names.index(limit.subject)
        need = self.tables.frames["generations"]["rack_kw"].to_numpy(dtype=float)
        levels = sorted({float(kw) for kw in need[need > limit.value]})
        installed = self.model.columns["installed"]
        return Move(
            "density", len(levels),
            lambda k: f"racks of {amount(levels[k - 1])} kW at {limit.subject} ({amount(limit.value)} kW now)",
            lambda k: self.change(limit, levels[k - 1]),
            lambda k, items: self.without(items, ids, installed[need <= levels[k - 1], s].ravel()),
        )  # fmt: skip

    def of_cooling(self, limit: Limit, ids: list[int]) -> Move:
        have = str(self.tables.frames["sites"]["cooling"].iloc[limit.row])
        add = "liquid" if have == "air" else "air"
        return self._lifted(limit, ids, f"{add} cooling at {limit.subject} too", "both")

    def of_workloads(self, limit: Limit, ids: list[int]) -> Move:
        return self._lifted(limit, ids, f"every workload allowed at {limit.subject}", ())

    def _lifted(self, limit: Limit, ids: list[int], text: str, new: object) -> Move:
        """Return a move of one step that lifts a limit whole."""
        return Move(
            limit.kind, 1, lambda _k: text, lambda _k: self.change(limit, new),
            lambda _k, items: self.without(items, ids),
        )  # fmt: skip

    def of_licence(self, limit: Limit, ids: list[int]) -> Move:
        who = "every generation" if limit.other == "*" else limit.other
        if limit.column == "allowed":
            return self._lifted(limit, ids, f"a licence for {who} at {limit.subject}", True)
        s, start, at = self.case.sites.names.index(limit.subject), int(limit.value), limit.subject
        real = int(self.tables.frames["licences"]["from"].iloc[limit.row])
        installed, label = self.model.columns["installed"], self.label
        return Move(
            "licence", start,
            lambda k: f"the licence for {who} at {at} from {label(start - k)}, {_periods(real - start + k)} earlier",
            lambda k: self.change(limit, float(start - k)),
            lambda k, items: self.without(items, ids, installed[:, s, start - k :].ravel()),
        )  # fmt: skip

    def of_rule(self, limit: Limit, ids: list[int]) -> Move:
        return Move(
            "rule",
            1,
            lambda _k: f"without your rule {limit.subject}",
            lambda _k: [],
            lambda _k, items: self.without(items, ids),
        )

    # -- options ---------------------------------------------------------------------------------------------------

    def of_build(self, limit: Limit, ids: list[int]) -> Move:
        what, value, T, name = limit.kind.split("_")[1], int(limit.value), self.case.T, limit.subject
        family = "build" if limit.kind.startswith("option") else "build_shell"
        options = self.case.power_options if family == "build" else self.case.shell_options
        k0, builds = options.names.index(name), self.model.columns[family]
        slow = np.flatnonzero(options.lead > 0).tolist()
        mine = [k0, len(options) + slow.index(k0)] if k0 in slow and len(builds) > len(options) else [k0]
        if what == "lead":
            first = int(options.earliest[k0]) + value
            return Move(
                limit.kind, value,
                lambda k: f"{name} standing {_periods(k)} earlier (lead time {value - k} instead of {value})",
                lambda k: self.change(limit, value - k),
                lambda k, items: self.without(items, ids, builds[mine[-1], first - k :]),
            )  # fmt: skip
        if what == "earliest":
            start = min(value, T)
            return Move(
                limit.kind, start,
                lambda k: f"{name} built from {self.label(start - k)}, {_periods(value - start + k)} earlier",
                lambda k: self.change(limit, float(start - k)),
                lambda k, items: self.without(items, ids, builds[mine, start - k :].ravel()),
            )  # fmt: skip
        last = max(value, -1)
        return Move(
            limit.kind, T - 1 - last,
            lambda k: f"{name} built until {self.label(last + k)}, {_periods(last + k - value)} longer",
            lambda k: self.change(limit, float(last + k)),
            lambda k, items: self.without(items, ids, builds[mine, : last + 1 + k].ravel()),
        )  # fmt: skip
