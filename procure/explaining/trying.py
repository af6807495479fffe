"""Which ways out do, and with how little.

The relaxation prices all of them, whole numbers settle the amounts of the cheapest, the changed case proves moves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.explaining.building import build_model
from procure.explaining.levers import Levers
from procure.explaining.moves import moves
from procure.explaining.prices import Prices
from procure.explaining.solver import hold_together
from procure.explaining.ways import Candidate, WayOut, joined, quantity_candidates
from procure.solving.engine import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case
    from procure.explaining.changes import Change
    from procure.explaining.limits import Member
    from procure.explaining.model import Items, Model
    from procure.explaining.moves import Move
    from procure.explaining.solver import Clock

    Rule = Callable[[Any], None]

__all__ = ["find_ways", "works"]

CANDIDATES = 16
WHOLE_SECONDS = 8.0
MOVES = 8


def find_ways(case: Case, rules: Sequence[Rule], model: Model, found: Sequence[Member], clock: Clock, ways: list[WayOut],
              tell: Callable[[], None], *, whole: bool) -> None:  # fmt: skip
    """Add ways out to ``ways``, cheapest first, calling ``tell`` after each; raises ``OutOfTime``.

    ``whole``: the relaxation holds, so that only whole numbers tell how much is needed.
    """
    _Trial(case, tuple(rules), model, found, clock, ways, tell, whole).run()


@dataclass(slots=True)
class _Trial:
    case: Case
    rules: tuple[Rule, ...]
    model: Model
    found: Sequence[Member]
    clock: Clock
    ways: list[WayOut]
    tell: Callable[[], None]
    whole: bool

    def run(self) -> None:
        """Amounts first, then moves; a mixture where no amount of one kind does."""
        levers = Levers(self.model, self.clock)
        prices = Prices.of(self.case)
        candidates = quantity_candidates(self.model, levers, prices, self.found)[:CANDIDATES]
        mixture = [c for c in candidates if c.kind != "minimum"]
        if len(mixture) > 1:
            mixture = [joined("several", mixture)]
        try:
            self.amounts(levers, candidates)
            if not any(way.kind != "minimum" for way in self.ways) and mixture and mixture[0].kind == "several":
                self.amounts(levers, mixture)
        except OutOfTime:
            if not self.ways:
                raise
            return
        self.moves(levers)

    def add(self, way: WayOut | None) -> bool:
        """Add a way out in its place by price; one that says the same already counts."""
        if way is None or any(other.text == way.text for other in self.ways):
            return way is not None
        self.ways.append(way)
        self.ways.sort(key=lambda w: (w.price is None, w.price or 0.0))
        self.tell()
        return True

    def amounts(self, levers: Levers, candidates: Sequence[Candidate]) -> None:
        """Price every candidate on the relaxation, then make the cheapest of each kind exact on whole numbers."""
        priced: list[tuple[float, int, Candidate, np.ndarray]] = []
        for number, candidate in enumerate(candidates):
            x = levers.relaxed(candidate.levers)
            if x is not None:
                price = self.prices(levers, candidate) @ levers.amounts(candidate.levers, x)
                priced.append((float(price), number, candidate, x))
        priced.sort(key=lambda item: item[:2])
        first = {candidate.kind: number for _, number, candidate, _ in reversed(priced)}
        priced.sort(key=lambda item: (first[item[2].kind] != item[1], *item[:2]))  # one of each kind, then the rest
        done: dict[str, set[int]] = {}
        for _, _, candidate, x in priced:
            if done.get(candidate.kind, set()) & set(candidate.levers) or (
                candidate.kind in done and candidate.kind in ("budget", "minimum")
            ):
                continue
            if self.exact(levers, candidate, x):
                done.setdefault(candidate.kind, set()).update(candidate.levers)

    def prices(self, levers: Levers, candidate: Candidate) -> np.ndarray:
        """Return the prices of a candidate's levers."""
        return np.array([levers.levers[j].price for j in candidate.levers])

    def exact(self, levers: Levers, candidate: Candidate, x: np.ndarray) -> bool:
        """Find amounts that are enough on whole numbers, or keep the relaxation's with a margin."""
        prices = self.prices(levers, candidate)
        amounts = levers.whole(candidate.levers, x, min(WHOLE_SECONDS, self.clock.left))
        if amounts is not None:
            return self.add(candidate.way(amounts, prices, proven=True))
        return self.add(candidate.way(levers.amounts(candidate.levers, x), prices, proven=False))

    def moves(self, levers: Levers) -> None:
        """Find the smallest step of each move that the changed case proves."""
        for move in moves(self.model, self.found)[:MOVES]:
            step = self.smallest(levers, move)
            if step is None:
                continue
            for k in range(step, min(move.most, step + 2) + 1):
                if self.proves(move, k):
                    self.add(WayOut(move.kind, move.say(k), tuple(move.changes(k)), None, proven=True))
                    break

    def smallest(self, levers: Levers, move: Move) -> int | None:
        """Return the smallest step that the model does not rule out; None where the largest one does not do."""
        last = move.items(move.most)
        if last is not None and not self.holds(levers, last):
            return None
        low, high = 0, move.most
        while high - low > 1:
            middle = (low + high) // 2
            items = move.items(middle)
            if items is None or self.holds(levers, items):
                high = middle if items is not None else low + 1
                if items is None:
                    break
            else:
                low = middle
        return high

    def holds(self, levers: Levers, items: Items) -> bool:
        """Whether the relaxation holds with other items."""
        return levers.relaxed((), items) is not None

    def proves(self, move: Move, k: int) -> bool:
        """Whether a whole-number plan of the changed case exists."""
        changes, items = move.changes(k), move.items(k)
        if changes:
            return works(self.case, self.rules, changes, self.clock) is True
        if items is None:
            return False
        model = replace(self.model, items=items)
        return hold_together(model, model.everything(), self.clock, seconds=WHOLE_SECONDS) is True


def works(case: Case, rules: Sequence[Rule], changes: Sequence[Change], clock: Clock) -> bool | None:
    """Whether the changed case has a whole-number plan; None where that is not known in time."""
    from procure.case import Case as Whole
    from procure.explaining.changes import apply

    changed = Whole.from_tables(apply(case.tables, changes))
    model = build_model(changed, rules, structure=False)
    return hold_together(model, model.everything(), clock, seconds=WHOLE_SECONDS)
