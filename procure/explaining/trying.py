"""Which ways out do, and with how little.

The relaxation prices all of them, whole numbers settle the amounts of the cheapest, the changed case proves moves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.explaining.building import build_model
from procure.explaining.changes import anchored
from procure.explaining.levers import Levers
from procure.explaining.moves import moves
from procure.explaining.prices import Prices
from procure.explaining.solver import hold_together
from procure.explaining.ways import Candidate, WayOut, bunches, joined, mixtures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case
    from procure.explaining.changes import Change
    from procure.explaining.limits import Member
    from procure.explaining.model import Items, Model
    from procure.explaining.moves import Move
    from procure.explaining.solver import Clock
    from procure.explaining.ways import Bunch

    Rule = Callable[[Any], None]

__all__ = ["Trial", "works"]

LARGE = 15_000  # columns above which amounts are found on the programme without opened structure
SINGLES = 3  # candidates of a kind to try each by itself
BEST = 2  # ways out of a kind
WHOLE_SECONDS = 6.0
SEARCH_SHARE = 0.25  # of the time left, for the amounts of one way out
MOVES = 8
MARGINS = (1.0, 1.15)  # amounts beside moves: the changed case may need more than the model tells
STEPS = 4  # further steps to try where the smallest one does not do on whole numbers


@dataclass(slots=True)
class Trial:
    """Looks for ways out and adds them to ``ways``, cheapest first, calling ``tell`` after each.

    Every method raises ``OutOfTime`` when time runs out; what was found by then is in ``ways``.
    """

    case: Case
    rules: tuple[Rule, ...]
    model: Model
    clock: Clock
    ways: list[WayOut]
    tell: Callable[[], None]
    _plain: Model | None = None

    @property
    def plain(self) -> Model:
        """The model that amounts are found on: the given one, or without opened structure where that one is large."""
        if self._plain is None:
            large = self.model.size[1] > LARGE
            self._plain = build_model(self.case, self.rules, structure=False) if large else self.model
        return self._plain

    def less_demand(self, found: Sequence[Member]) -> None:
        """Find how much less demand does, before anything else: it nearly always does."""
        levers = Levers(self.plain, self.clock)
        for bunch in bunches(self.plain, levers, Prices.of(self.case), [m for m in found if m.kind == "minimum"]):
            self.amounts(levers, bunch)

    def run(self, found: Sequence[Member]) -> None:
        """Amounts of one kind, then moves; several changes together where no single kind does."""
        levers = Levers(self.plain, self.clock)
        amounts = bunches(self.plain, levers, Prices.of(self.case), [m for m in found if m.kind != "minimum"])
        for bunch in amounts:
            self.amounts(levers, bunch)
        moving = moves(self.model, found)[:MOVES]
        opened = levers if self.plain is self.model else Levers(self.model, self.clock)
        if opened is not levers:
            amounts = bunches(self.model, opened, Prices.of(self.case), [m for m in found if m.kind != "minimum"])
        self.moves(opened, moving)
        if any(way.kind != "minimum" for way in self.ways):
            return
        for mixture in mixtures(amounts) or [None]:
            if self.together(opened, mixture, moving):
                return
        if not self.ways:  # less demand alone does not do either: together with whatever else
            last = Levers(self.model, self.clock)
            every = [p for bunch in bunches(self.model, last, Prices.of(self.case), found) for p in bunch.parts]
            self.together(last, joined("several", every) if every else None, moving)

    @property
    def patience(self) -> float:
        """Seconds for the whole numbers of one way out."""
        return max(WHOLE_SECONDS, SEARCH_SHARE * self.clock.left)

    def add(self, way: WayOut | None) -> bool:
        """Add a way out in its place by price; one that says the same already counts."""
        if way is None or any(other.text == way.text for other in self.ways):
            return way is not None
        self.ways.append(replace(way, changes=anchored(self.case.tables, way.changes)))
        self.ways.sort(key=lambda w: (w.price is None, w.price or 0.0))
        self.tell()
        return True

    def amounts(self, levers: Levers, bunch: Bunch) -> None:
        """Price the candidates of a kind on the relaxation, and make the cheapest exact on whole numbers."""
        parts = bunch.parts
        if bunch.joint is not None and len(parts) > SINGLES:
            x = levers.relaxed(bunch.joint.levers)
            if x is None:
                return
            parts = [p for p in parts if levers.amounts(p.levers, x).any()][:SINGLES]
        priced: list[tuple[float, int, Candidate, np.ndarray]] = []
        for number, candidate in enumerate(parts):
            x = levers.relaxed(candidate.levers)
            if x is not None:
                price = self.prices(levers, candidate) @ levers.amounts(candidate.levers, x)
                priced.append((float(price), number, candidate, x))
        if not priced and bunch.joint is not None:
            x = levers.relaxed(bunch.joint.levers)
            if x is not None:
                priced.append((0.0, 0, bunch.joint, x))
        priced.sort(key=lambda item: item[:2])
        for _, _, candidate, x in priced[: 1 if bunch.kind == "minimum" else BEST]:
            self.exact(levers, candidate, x)

    def prices(self, levers: Levers, candidate: Candidate) -> np.ndarray:
        """Return the prices of a candidate's levers."""
        return np.array([levers.levers[j].price for j in candidate.levers])

    def exact(self, levers: Levers, candidate: Candidate, x: np.ndarray) -> bool:
        """Find amounts that are enough on whole numbers, or keep the relaxation's with a margin."""
        prices = self.prices(levers, candidate)
        amounts, none = levers.whole(candidate.levers, x, self.patience)
        if amounts is not None or none:
            return self.add(candidate.way(amounts, prices, proven=True)) if amounts is not None else False
        return self.add(candidate.way(levers.amounts(candidate.levers, x), prices, proven=False))

    def moves(self, levers: Levers, found: Sequence[Move]) -> None:
        """Find the smallest step of each move that the changed case proves."""
        for move in found:
            told = move.items(1, self.model.items) is not None
            step = self.smallest(levers, move, self.model.items) if told else self.smallest_tried(move)
            if step is None:
                continue
            for k in range(step, min(move.most, step + STEPS) + 1):
                if not told or self.proves(move, k):
                    self.add(WayOut(move.kind, move.say(k), tuple(move.changes(k)), None, proven=True))
                    break

    def smallest_tried(self, move: Move) -> int | None:
        """Return the smallest step that the changed case proves, where only it can tell."""
        if not self.proves(move, move.most):
            return None
        low, high = 0, move.most
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.proves(move, middle) else (middle, high)
        return high

    def smallest(self, levers: Levers, move: Move, base: Items, use: Sequence[int] = ()) -> int | None:
        """Return the smallest step that the model does not rule out; None where the largest one does not do."""
        last = move.items(move.most, base)
        if last is None:
            return 1
        if levers.relaxed(use, last) is None:
            return None
        if move.items(1, base) is None:
            return move.most
        low, high = 0, move.most
        while high - low > 1:
            middle = (low + high) // 2
            items = move.items(middle, base)
            if items is None or levers.relaxed(use, items) is None:
                low = middle
            else:
                high = middle
        return high

    def proves(self, move: Move, k: int) -> bool:
        """Whether a whole-number plan of the changed case exists."""
        changes, items = move.changes(k), move.items(k, self.model.items)
        if changes:
            return works(self.case, self.rules, changes, self.clock) is True
        if items is None:
            return False
        model = replace(self.model, items=items)
        return hold_together(model, model.everything(), self.clock, seconds=WHOLE_SECONDS) is True

    def together(self, levers: Levers, candidate: Candidate | None, found: Sequence[Move]) -> bool:
        """Find several changes that do together: amounts where they suffice, else the fewest moves beside them."""
        use = candidate.levers if candidate is not None else ()
        chosen = [move for move in found if move.items(move.most, self.model.items) is not None]
        steps = {id(move): move.most for move in chosen}
        if levers.relaxed(use, self.moved(chosen, steps)) is None:
            return False
        for move in list(chosen):
            rest = [other for other in chosen if other is not move]
            if levers.relaxed(use, self.moved(rest, steps)) is not None:
                chosen = rest
        for move in chosen:
            rest = [other for other in chosen if other is not move]
            steps[id(move)] = self.smallest(levers, move, self.moved(rest, steps), use) or move.most
        items = self.moved(chosen, steps)
        x = levers.relaxed(use, items)
        if x is None:
            return False
        amounts, none = levers.whole(use, x, self.patience, items)
        if none:
            return False
        used = levers.amounts(use, x) if amounts is None else amounts
        prices = np.array([levers.levers[j].price for j in use])
        texts = [move.say(steps[id(move)]) for move in chosen]
        changes = [item for move in chosen for item in move.changes(steps[id(move)])]
        for margin in MARGINS if chosen else MARGINS[:1]:
            way = candidate.way(used * margin, prices, proven=amounts is not None) if candidate is not None else None
            if way is None and not chosen:
                return False
            every = (*changes, *(way.changes if way is not None else ()))
            text = " and ".join([*texts, *([way.text] if way is not None else [])])
            if chosen:
                verdict = works(self.case, self.rules, every, self.clock)
            else:
                verdict = True if amounts is not None else None
            last = margin == MARGINS[-1] or way is None or not chosen
            if verdict or (last and verdict is None):
                price = way.price if way is not None and not chosen else None
                kind = "several" if way is not None or len(chosen) > 1 else chosen[0].kind
                return self.add(WayOut(kind, text, every, price, verdict is True))
            if last:
                return False
        return False

    def moved(self, chosen: Sequence[Move], steps: dict[int, int]) -> Items:
        """Return the model's items under some moves at their steps."""
        items = self.model.items
        for move in chosen:
            items = move.items(steps[id(move)], items) or items
        return items


def works(case: Case, rules: Sequence[Rule], changes: Sequence[Change], clock: Clock) -> bool | None:
    """Whether the changed case has a whole-number plan; None where that is not known in time."""
    from procure.case import Case as Whole
    from procure.explaining.changes import apply

    changed = Whole.from_tables(apply(case.tables, changes))
    model = build_model(changed, rules, structure=False)
    return hold_together(model, model.everything(), clock, seconds=WHOLE_SECONDS)
