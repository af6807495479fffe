"""What a live rule is, and the ways of stating one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procure.report.live import Ref, Term, at_most, equal, sumifs

if TYPE_CHECKING:
    from collections.abc import Callable

    from procure.report.book import Book

__all__ = ["WORK_LIMIT", "LiveRule", "added", "exact", "hours", "lighter", "looked_up", "near", "to_the_cent"]

#: Most cells that one formula may visit (a few seconds in a spreadsheet); a coarser formula takes its place above.
WORK_LIMIT = 20_000_000
#: Relative tolerance of rules that are not about whole numbers.
TOLERANCE = 1e-6
CENT = 0.005


@dataclass(frozen=True)
class LiveRule:
    """One check: the audit's name of the rule, what the formula says, its largest violation and unit, the tolerance."""

    rule: str
    statement: str
    violation: Term
    unit: str
    tolerance: float

    @property
    def passes(self) -> bool:
        """Whether the stored result is within tolerance."""
        return float(self.violation.value) <= self.tolerance


def _size(scale: Term | float) -> float:
    size = np.abs(np.asarray(scale.value if isinstance(scale, Term) else scale, dtype=float))
    return float(size.max(initial=0.0))


def exact(rule: str, statement: str, violation: Term, unit: str) -> LiveRule:
    """State a rule about whole numbers."""
    return LiveRule(rule, statement, violation, unit, 1e-6)


def near(rule: str, statement: str, violation: Term, unit: str, *, scale: Term | float) -> LiveRule:
    """State a rule that holds within a millionth of ``scale``."""
    return LiveRule(rule, statement, violation, unit, TOLERANCE * max(1e-3, _size(scale)))


def to_the_cent(rule: str, statement: str, violation: Term, unit: str, *, scale: Term | float) -> LiveRule:
    """State a rule about sums of money that agree to the cent (above a trillion: to the precision of numbers)."""
    return LiveRule(rule, statement, violation, unit, max(CENT, 1e-14 * _size(scale)))


def lighter(fine: Callable[[], Term], coarse: Callable[[], Term], work: int) -> Term:
    """Return the fine formula, or the coarse one where the fine one would visit too many cells."""
    return fine() if work <= WORK_LIMIT else coarse()


def looked_up(book: Book, table: str, column: str, key: Ref) -> Term:
    """Look up an input value by its key."""
    block = book.block(table, column)
    return sumifs(block["value"], equal(block["key"], key))


def hours(book: Book) -> float:
    """Return hours per period."""
    length = str(book.setting("period_length").value[0])
    return {"month": 730.0, "quarter": 2190.0, "half": 4380.0, "year": 8760.0}[length]


def added(book: Book, kind: str, site: Term, period: Ref, column: str = "site") -> Term:
    """MW or racks that completed builds add at each site (or campus) and period."""
    by = sumifs(book["cash_flow", "starts"], equal(book["cash_flow", "period"], period))
    return sumifs(book["builds", "added"], equal(book["builds", "kind"], kind), equal(book["builds", column], site),
                  at_most(book["builds", "ready"], by))  # fmt: skip
