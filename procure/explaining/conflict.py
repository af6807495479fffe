"""A smallest set of limits that cannot hold together, by deletion.

On the relaxation first: the first period in trouble, then whole families of limits, then the members that the
certificate leaves, each lifted in turn and left out where the rest still cannot hold. What is left is checked on whole
numbers, where a smaller set may do. Where the relaxation holds, the same deletion runs on whole numbers, with lots and
minimum orders among the limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from procure.explaining.limits import FAMILIES, REQUIREMENTS, Member, members
from procure.explaining.solver import Clock, Relaxation, Shortage, hold_together
from procure.solving.engine import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from procure.explaining.model import Model

    Bools = NDArray[np.bool_]

__all__ = ["Conflict", "find_conflict", "lifted"]

STEP_SECONDS = 10.0  # longest whole-number step; one that takes longer counts as not known


@dataclass(slots=True)
class Conflict:
    """Limits that cannot hold together.

    ``irreducible``: each of them was lifted alone, and whole numbers then satisfied the rest. ``whole``: only whole
    numbers make it impossible (fractions of units and lots would do). ``active`` marks the limits.
    """

    members: list[Member]
    irreducible: bool
    whole: bool
    active: Bools = field(repr=False)


class _Test(Protocol):
    """Whether limits cannot hold together; None: not known. ``shrink`` may leave out more of them."""

    model: Model

    def __call__(self, active: Bools) -> bool | None: ...

    def shrink(self, active: Bools) -> Bools: ...


class _Relaxed:
    """Test on the relaxation, which also tells which limits its certificate needs."""

    def __init__(self, model: Model, clock: Clock) -> None:
        self.model = model
        self.relaxation = Relaxation(model, clock)
        self.last: Shortage | None = None

    def __call__(self, active: Bools) -> bool | None:
        self.last = self.relaxation.solve(active)
        return self.last.infeasible

    def shrink(self, active: Bools) -> Bools:
        """Return the certificate of the last test that found a shortage, where it is enough by itself."""
        if self.last is None or not self.last.infeasible:
            self(active)
        if self.last is None:
            return active
        smaller = active & self.last.support
        if smaller.sum() == active.sum():
            return active
        return smaller if self(smaller) else active


class _Whole:
    """Test on whole numbers."""

    def __init__(self, model: Model, clock: Clock) -> None:
        self.model, self.clock = model, clock

    def __call__(self, active: Bools) -> bool | None:
        held = hold_together(self.model, active, self.clock, seconds=STEP_SECONDS)
        return None if held is None else not held

    def shrink(self, active: Bools) -> Bools:
        """Nothing more is known than what was tested."""
        return active


def find_conflict(model: Model, active: Bools, clock: Clock, *, whole: bool,
                  keep: Callable[[Conflict], None] = lambda _c: None) -> Conflict | None:  # fmt: skip
    """Return an irreducible set among the active limits, or what is left of it when time runs out.

    ``whole``: the relaxation is known to hold, so look at whole numbers. ``keep`` gets each smaller set on the way.
    None where the active limits hold together, as far as the test can say. Raises ``OutOfTime``
    where time runs out before any set is known.
    """
    search = _Search(model, active.copy(), clock, whole, keep)
    return search.run()


@dataclass(slots=True)
class _Search:
    model: Model
    active: Bools
    clock: Clock
    whole: bool
    keep: Callable[[Conflict], None]
    sure: bool = False
    known: bool = False

    def run(self) -> Conflict | None:
        """Cut the programme to the first period in trouble, then delete."""
        try:
            test = self.cut()
            if test is None:
                return None
            self.known = True
            self.active = test.shrink(self.active)
            self.tell()
            self.families(test)
            self.parts(test)
            self.trim(test)
            self.sure = self.confirm(test.model)
        except OutOfTime:
            if not self.known:
                raise
        return self.tell()

    def tell(self) -> Conflict:
        """Hand on what is known."""
        found = Conflict(members(self.model.case, self.model.limits, np.flatnonzero(self.active).tolist()), self.sure,
                         self.whole, self.active.copy())  # fmt: skip
        self.keep(found)
        return found

    def cut(self) -> _Test | None:
        """Return a test on the programme up to the first period whose demand cannot be met, later demand left out.

        Short programmes first: trouble is often early, and a short one is quick to test. None: nothing is in trouble.
        """
        demanded = np.array(
            [limit.period if limit.kind == "minimum" else -1 for limit in self.model.limits], dtype=np.int64
        )
        periods = np.unique(demanded[self.active & (demanded >= 0)]).tolist()
        alone = self._until(-1, demanded)
        if alone is not None or not periods:
            return alone
        n, low, high, found = len(periods), -1, len(periods), None
        for i in sorted({n // 8, n // 4, n // 2, 3 * n // 4, n - 1}):
            found = self._until(periods[i], demanded)
            if found is not None:
                high = i
                break
            low = i
        while found is not None and high - low > 1:
            middle = (low + high) // 2
            better = self._until(periods[middle], demanded)
            if better is None:
                low = middle
            else:
                high, found = middle, better
        if found is not None:
            self.active &= demanded <= periods[high]
        return found

    def _until(self, last: int, demanded: NDArray[np.int64]) -> _Test | None:
        """Return a test on the programme up to a period if the limits cannot hold together in it."""
        part = self.model.until(max(0, last))
        test: _Test = _Whole(part, self.clock) if self.whole else _Relaxed(part, self.clock)
        active = self.active & (demanded <= last)
        if not test(active):
            return None
        if last < 0:
            self.active = active
        return test

    def families(self, test: _Test) -> None:
        """Leave out whole families, the least telling first; of the demand, keep as few periods as possible."""
        for kind in FAMILIES:
            mine = self.model.of_kind(kind) & self.active
            if mine.any():
                if kind == "minimum":
                    last = max(limit.period for limit, on in zip(self.model.limits, mine, strict=True) if on)
                    mine &= np.array([limit.period < last for limit in self.model.limits], dtype=bool)
                if mine.any() and test(self.active & ~mine):
                    self.active &= ~mine
                    self.tell()
        self.active = test.shrink(self.active)

    def parts(self, test: _Test) -> None:
        """Leave out member by member; what must stay stays for good (a smaller set only holds more easily)."""
        done: set[int] = set()
        while True:
            open_ = [m for m in reversed(self._members()) if not done & set(m.ids)]
            if not open_:
                return
            member = open_[0]
            without = self.active.copy()
            without[list(member.ids)] = False
            if test(without):
                self.active = test.shrink(without)
                self.tell()
            else:
                done |= set(member.ids)

    def trim(self, test: _Test) -> None:
        """Shorten members that span several periods, from both ends."""
        for member in self._members():
            for ids in (list(member.ids), list(member.ids)[::-1]):
                left = [i for i in ids if self.active[i]]
                step = max(1, len(left) // 2)
                while len(left) > 1:
                    step = min(step, len(left) - 1)
                    without = self.active.copy()
                    without[left[:step]] = False
                    if test(without):
                        self.active, left = without, left[step:]
                    elif step == 1:
                        break
                    step = max(1, step // 2)

    def confirm(self, part: Model) -> bool:
        """Lift each member alone on whole numbers: where the rest still cannot hold, it is left out for good."""
        test = _Whole(part, self.clock)
        if self.whole:
            return self._each_needed(test)
        if test(self.active) is False:
            return False  # the relaxation says otherwise: numbers at the edge of the tolerance
        return self._each_needed(test)

    def _each_needed(self, test: _Whole) -> bool:
        sure = True
        for member in reversed(self._members()):
            without = self.active.copy()
            without[list(member.ids)] = False
            verdict = test(without)
            if verdict:
                self.active = without
                self.tell()
            elif verdict is None:
                sure = False
        return sure

    def _members(self) -> list[Member]:
        return members(self.model.case, self.model.limits, np.flatnonzero(self.active).tolist())


def lifted(conflict: Conflict, model: Model) -> Bools:
    """Mark the limits to lift to find the next conflict: the table rows of all members that are no requirement.

    Where all members are requirements, those.
    """
    soft = ~model.of_kind(*REQUIREMENTS) & conflict.active
    groups = {model.limits[i].group for i in np.flatnonzero(soft)}
    return np.array([limit.group in groups for limit in model.limits], dtype=bool) if groups else conflict.active
