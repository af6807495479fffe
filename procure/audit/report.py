"""What an audit says: a row a rule, the figures recomputed, and where the plan's own figures differ.

Verdicts: ``pass``; ``fail``; ``not given`` (the plan lacks an optional sheet, so that sheet cannot be wrong);
``reported`` (a figure without a limit); ``not checked`` (the plan lacks what the rule needs; another check says what).

Tolerance: a rule about whole numbers passes only at a violation of exactly 0. Any other rule passes where its violation
is at most ``tolerance`` times the size of the row itself (the limit or the sum held against it, whichever is larger),
and rules that whole numbers and money make up (budget, share of a generation) at most ``ROUNDING`` times that size:
room for rounding, none for overspending.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["FAIL", "NOT_CHECKED", "NOT_GIVEN", "PASS", "REPORTED", "ROUNDING", "AuditReport", "Ledger"]

PASS, FAIL, NOT_GIVEN, REPORTED, NOT_CHECKED = "pass", "fail", "not given", "reported", "not checked"

#: Relative room of rules made of whole numbers and money: float rounding of prices, nothing else.
ROUNDING = 1e-12
#: A figure is compared on a scale of at least this share of the largest figure in its column.
COLUMN_SHARE = 1e-3
#: Most differing cells that are listed one by one.
LISTED = 1000

CHECK_COLUMNS = ["rule", "statement", "largest_violation", "unit", "verdict"]
MISMATCH_COLUMNS = ["sheet", "at", "column", "given", "recomputed", "difference"]


@dataclass(frozen=True)
class AuditReport:
    """The outcome of an audit.

    ``checks``: DataFrame of rule, statement, largest_violation (in ``unit``; 0 where kept), unit, verdict.
    ``figures``: every figure of ``summary`` that follows from the plan, recomputed (NaN: a ratio of nothing).
    ``mismatches``: DataFrame of sheet, at, column, given, recomputed, difference: cells of the plan that are wrong.
    ``faults``: what could not be read in the plan, in plain words.
    """

    checks: pd.DataFrame
    figures: dict[str, float] = field(default_factory=dict)
    mismatches: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MISMATCH_COLUMNS))
    faults: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not bool((self.checks["verdict"] == FAIL).any())

    @property
    def failed(self) -> list[str]:
        """Names of the rules that failed."""
        return [str(rule) for rule in self.checks.loc[self.checks["verdict"] == FAIL, "rule"]]


class Ledger:
    """Collects checks; ``tolerance`` is the relative one of rules that are not about whole numbers."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.rows: list[tuple[str, str, float, str, str]] = []
        self._worst: dict[str, float] = {}
        self._differing: list[tuple[str, str, str, float, float, float]] = []
        self._differ_count: dict[str, int] = {}

    def rule(
        self,
        rule: str,
        statement: str,
        violation: ArrayLike,
        unit: str,
        *,
        size: ArrayLike | None = None,
        relative: float | None = None,
        axes: Sequence[Sequence[str]] = (),
    ) -> None:
        """Add a rule from the violations of its rows (positive: broken; any shape).

        ``size`` (broadcast to ``violation``): the size of each row, of which ``relative`` (default: the ledger's
        tolerance) is allowed; without it the rule must hold exactly. ``axes``: names along each axis of ``violation``.
        """
        amount = np.atleast_1d(np.asarray(violation, dtype=float))
        amount = np.where(np.isnan(amount), np.inf, amount)
        if size is None:
            allowed = np.zeros(amount.shape)
            how = "exactly"
        else:
            share = self.tolerance if relative is None else relative
            allowed = share * np.broadcast_to(np.abs(np.asarray(size, dtype=float)), amount.shape)
            how = f"within {share:g} of the row's size"
        broken = amount > allowed
        largest = float(max(0.0, amount.max(initial=0.0)))
        text = f"{statement} ({how})"
        if broken.any():
            worst = int(np.where(broken, amount, -np.inf).argmax())
            text += self._where(worst, amount.shape, axes, int(broken.sum()))
        self.rows.append((rule, text, largest, unit, FAIL if broken.any() else PASS))

    @staticmethod
    def _where(flat: int, shape: tuple[int, ...], axes: Sequence[Sequence[str]], count: int) -> str:
        names = [axis[int(i)] for axis, i in zip(axes, np.unravel_index(flat, shape), strict=False)]
        at = "; broken" + (f" most at {', '.join(names)}" if any(names) else "")
        return at + (f" and in {count - 1} more" if count > 1 else "")

    def say(self, rule: str, statement: str, verdict: str, amount: float = 0.0, unit: str = "") -> None:
        """Add a row whose verdict is already known."""
        self.rows.append((rule, statement, amount, unit, verdict))

    def compare(
        self,
        sheet: str,
        column: str,
        given: ArrayLike,
        recomputed: ArrayLike,
        *,
        axes: Sequence[Sequence[str]] = (),
        size: ArrayLike = 0.0,
    ) -> None:
        """Hold figures that the plan gives against recomputed ones (same shape); NaN given: blank, taken as 0.

        The scale of a cell is the largest of both figures, ``size`` and a thousandth of the column's largest figure.
        """
        theirs = np.nan_to_num(np.atleast_1d(np.asarray(given, dtype=float)), nan=0.0)
        ours = np.atleast_1d(np.asarray(recomputed, dtype=float))
        ours = np.nan_to_num(ours, nan=0.0)
        column_scale = COLUMN_SHARE * max(np.abs(ours).max(initial=0.0), np.abs(theirs).max(initial=0.0))
        scale = np.maximum.reduce([np.abs(theirs), np.abs(ours), np.abs(np.broadcast_to(size, ours.shape))])
        scale = np.maximum(scale, max(column_scale, 1e-12))
        share = np.abs(theirs - ours) / scale
        self._worst[sheet] = max(self._worst.get(sheet, 0.0), float(share.max(initial=0.0)))
        differing = np.flatnonzero(share.ravel() > self.tolerance)
        self._differ_count[sheet] = self._differ_count.get(sheet, 0) + differing.size
        for flat in differing[: max(0, LISTED - len(self._differing))]:
            names = [axis[int(i)] for axis, i in zip(axes, np.unravel_index(int(flat), ours.shape), strict=False)]
            left, right = float(theirs.ravel()[flat]), float(ours.ravel()[flat])
            self._differing.append((sheet, ", ".join(names), column, left, right, left - right))

    def sheet(self, sheet: str, statement: str, *, given: bool = True) -> None:
        """Close the comparisons of a sheet with its check."""
        rule = f"sheet_{sheet}"
        if not given:
            self.say(rule, f"Sheet `{sheet}`: {statement}; the plan does not give it", NOT_GIVEN)
            return
        count = self._differ_count.get(sheet, 0)
        text = f"Sheet `{sheet}`: {statement} (within {self.tolerance:g} of the figure)"
        if count:
            first = next((row for row in self._differing if row[0] == sheet), None)
            text += f"; {count} differ{'s' if count == 1 else ''}"
            if first:
                at = f"{first[2]} at {first[1]}" if first[1] else first[2]
                text += f", first {at}: {first[3]:.12g} stands there, {first[4]:.12g} is right"
        verdict = FAIL if count else PASS
        self.say(rule, text, verdict, self._worst.get(sheet, 0.0), "fraction of the figure")

    def report(self, figures: dict[str, float], faults: Sequence[str]) -> AuditReport:
        """Return the finished report."""
        checks = pd.DataFrame(self.rows, columns=CHECK_COLUMNS)
        mismatches = pd.DataFrame(self._differing, columns=MISMATCH_COLUMNS)
        return AuditReport(checks, figures, mismatches, tuple(faults))
