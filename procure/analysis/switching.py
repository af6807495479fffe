"""Switching prices: at which price the plan starts or stops ordering a generation, and which rating would do the same.

For each generation and year of delivery the price of its orders moves alone; for the ratings, the generation's compute
or its power (all its units). Thresholds come from the relaxation (``basis``), by bisection to ``EXACT``, the plan's
volume held; ``checked`` says what whole-number plans on either side of the price order, where there was time.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from procure.analysis.held import held_target
from procure.solving.pool import run_jobs
from procure.solving.solve import compile_case
from procure.solving.switching import CheckJob, Direction, SwitchJob

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from procure.case import Case
    from procure.plan import Plan
    from procure.programme.draft import Draft
    from procure.solving.matrix import Matrix
    from procure.solving.switching import Switch

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["COLUMNS", "switching_prices"]

COLUMNS = [
    "generation", "vendor", "delivery_year", "units", "unit_price", "orders_now", "switch", "switching_price",
    "price_change", "compute_change", "power_change", "basis", "checked", "note",
]  # fmt: skip
EXACT = 0.005
FALLS, RISES = -0.6, 1.0
NUDGE = 0.01
MARGIN = 0.02  # of the price, on either side of a switch, where whole-number plans are looked at
CHECKING = 0.35  # share of the time for them
BIG_M = ("order_limit", "lift_on", "lift_full", "lift_share")
KINDS = ("price", "compute", "power")


def switching_prices(
    plan: Plan,
    *,
    checks: int = 0,
    time_limit: float | None = None,
    rules: Sequence[Callable[[Any], None]] = (),
) -> pd.DataFrame:
    """Return a row a generation and delivery year (columns in ``COLUMNS``), what is ordered first.

    ``checks`` solves for whole numbers on both sides of that many switches. ``time_limit`` (default: the case's own)
    bounds the whole; what was not reached says so in ``note``. Changes are shares: −0.08 is 8 % less.
    """
    limit = time_limit if time_limit is not None else plan.case.settings.time_limit_s
    started = time.monotonic()
    case = plan.case
    draft, matrix = compile_case(case, tuple(rules))
    target = held_target(plan, draft.scales)
    cells = _cells(plan)
    directions = _directions(case, draft, matrix, cells, tuple(rules))
    share = 1.0 - (CHECKING if checks else 0.0)
    found = _switches(SwitchJob, matrix, target, directions, max(1.0, share * limit - (time.monotonic() - started)))
    picked = [i for i in range(len(cells)) if i in found and np.isfinite(found[i].low)][:checks]
    pairs = [(directions[i], found[i].low - MARGIN, found[i].high + MARGIN) for i in picked]
    checked = _checked(matrix, target, pairs, limit - (time.monotonic() - started))
    rows = []
    for i, cell in enumerate(cells):
        row = cell.row(case) | {"basis": f"relaxation, to {EXACT:.1%}", "checked": "", "note": ""}
        row |= _price_of(found.get(i), cell)
        for k, name in enumerate(("compute_change", "power_change"), start=1):
            switch = found.get(i + k * len(cells))
            row[name] = _middle(switch)
            row["note"] = "; ".join(filter(None, [row["note"], _rating_note(name, switch)]))
        if i in found and np.isfinite(found[i].low):
            low, high = (cell.price * (1 + found[i].low - MARGIN), cell.price * (1 + found[i].high + MARGIN))
            if i in checked:
                lot = float(case.generations.lot[cell.g])
                below, above = (lots * lot for lots in checked[i])
                row["checked"] = (
                    f"whole-number plans order {below:,.0f} units at {low:,.0f} and {above:,.0f} at {high:,.0f}"
                )
            elif i in picked:
                row["note"] = "not checked with whole numbers: out of time"
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


@dataclass(frozen=True, slots=True)
class _Cell:
    g: int
    year: str
    periods: tuple[int, ...]
    units: int
    price: float

    def row(self, case: Case) -> dict[str, Any]:
        return {"generation": case.generations.names[self.g], "vendor": case.generations.vendor[self.g],
                "delivery_year": self.year, "units": self.units, "unit_price": self.price}  # fmt: skip


def _cells(plan: Plan) -> list[_Cell]:
    """Return generations and years of delivery with an order window; those that the plan orders most of first."""
    case, cohorts = plan.case, plan.case.cohorts
    grouped: dict[tuple[int, str], list[int]] = {}
    for c in np.flatnonzero(cohorts.order >= 0).tolist():
        year = case.calendar.labels[int(cohorts.delivered[c])][:4]
        grouped.setdefault((int(cohorts.generation[c]), year), []).append(c)
    cells = []
    for (g, year), members in grouped.items():
        units = plan.solution.ordered[members]
        price = float(np.average(cohorts.price[members], weights=units if units.sum() else None))
        periods = tuple(int(t) for t in cohorts.order[members])
        cells.append(_Cell(g, year, periods, int(units.sum()), price))
    return sorted(cells, key=lambda cell: (-cell.units * cell.price, cell.year, cell.g))


def _directions(
    case: Case, draft: Draft, matrix: Matrix, cells: list[_Cell], rules: tuple[Callable[[Any], None], ...]
) -> list[Direction]:
    """Return the price of each cell, then the compute and then the power of its generation, as directions."""
    generation, year = _owners(case, draft, matrix)
    slopes = [_slope(case, draft, matrix, kind, rules) for kind in KINDS]
    result = []
    for k, (kind, (A, functionals)) in enumerate(zip(KINDS, slopes, strict=True)):
        for i, cell in enumerate(cells):
            mine = generation == cell.g
            if kind == "price":
                mine &= year == int(cell.year)
            lots = matrix.columns["order_lots"][cell.g, list(cell.periods)]
            keep = np.asarray(mine, dtype=float)
            result.append(
                Direction(
                    i + k * len(cells), csr_array(A * keep[None, :]), {n: f * keep for n, f in functionals.items()}, {},
                    lots[lots >= 0], FALLS, RISES, wanted_when_high=kind == "compute",
                )
            )  # fmt: skip
    return result


def _owners(case: Case, draft: Draft, matrix: Matrix) -> tuple[Ints, Ints]:
    """Return the generation and the year of delivery that each column belongs to (−1: none)."""
    n = matrix.A.shape[1]
    generation, year = np.full(n, -1), np.full(n, -1)
    years = np.array([int(label[:4]) for label in case.calendar.labels])
    cohorts = case.cohorts
    for c in np.flatnonzero(cohorts.order >= 0).tolist():
        g, v = int(cohorts.generation[c]), int(cohorts.delivered[c])
        sold = matrix.columns["sell"][c]
        mine = np.append(sold[sold >= 0], matrix.columns["order_lots"][g, int(cohorts.order[c])])
        generation[mine], year[mine] = g, years[v]
    for name in ("installed", "install"):
        held = matrix.columns[name]
        standing = np.nonzero(held >= 0)
        generation[held[standing]] = standing[0]
    generation[matrix.columns["run"].ravel()] = draft.run_index["generation"]
    return generation, year


def _slope(
    case: Case, draft: Draft, matrix: Matrix, kind: str, rules: tuple[Callable[[Any], None], ...]
) -> tuple[csr_array, dict[str, Floats]]:
    """Return how coefficients and functionals move with all prices (or ratings), per share of them."""
    for nudge in (NUDGE, -NUDGE):
        other_draft, other = compile_case(_nudged(case, kind, 1.0 + nudge), rules)
        if other_draft.scales == draft.scales:
            break
    if other.A.shape != matrix.A.shape or other_draft.scales != draft.scales:
        raise ValueError("a price or rating a little higher makes another programme")
    A = csr_array((other.A - matrix.A) / nudge)
    fixed = np.isin(np.array(matrix.families), BIG_M)
    A = csr_array(A * (~fixed)[:, None])
    functionals = {}
    for name, f in matrix.functionals.items():
        slope = (other.functionals[name].coefficients - f.coefficients) / nudge
        if np.any(slope):
            functionals[name] = slope
    return A, functionals


def _nudged(case: Case, kind: str, factor: float) -> Case:
    generations, cohorts = case.generations, case.cohorts
    if kind == "price":
        paid = np.where(cohorts.order >= 0, factor, 1.0) * cohorts.price
        new = replace(generations, price=generations.price * factor)
        return replace(case, generations=new, cohorts=replace(cohorts, price=paid))
    if kind == "compute":
        return replace(case, generations=replace(generations, perf=generations.perf * factor))
    return replace(case, generations=replace(generations, power_kw=generations.power_kw * factor))


def _switches(job: Any, matrix: Matrix, target: Any, directions: list[Direction], seconds: float) -> dict[int, Switch]:
    found: dict[int, Switch] = {}

    def hear(_job: int, kind: str, payload: Any) -> None:
        if kind == "point":
            found[payload.index] = payload

    cores = max(1, min(os.cpu_count() or 1, len(directions)))
    jobs = [job(matrix, target, directions[i::cores], EXACT, seconds) for i in range(cores if directions else 0)]
    run_jobs(jobs, seconds, hear)
    return found


def _checked(
    matrix: Matrix, target: Any, pairs: list[tuple[Direction, float, float]], seconds: float
) -> dict[int, tuple[float, float]]:
    found: dict[int, tuple[float, float]] = {}

    def hear(_job: int, kind: str, payload: Any) -> None:
        if kind == "point":
            found[payload[0]] = (payload[1], payload[2])

    cores = max(1, min(os.cpu_count() or 1, len(pairs)))
    if pairs and seconds > 1:
        run_jobs([CheckJob(matrix, target, pairs[i::cores], seconds) for i in range(cores)], seconds, hear)
    return found


def _price_of(switch: Switch | None, cell: _Cell) -> dict[str, Any]:
    if switch is None:
        return {"note": "not done: out of time"}
    if switch.problem:
        return {"note": switch.problem}
    words = "stops above" if switch.ordered else "starts below"
    facts: dict[str, Any] = {"orders_now": "yes" if switch.ordered else "no", "switch": words}
    if not np.isfinite(switch.low):
        facts["note"] = f"no switch between {FALLS:+.0%} and {RISES:+.0%} of the price"
    else:
        change = _middle(switch)
        facts |= {"price_change": change, "switching_price": cell.price * (1 + change)}
    if switch.ordered != (cell.units > 0):
        note = facts.get("note", "")
        facts["note"] = (note + "; " if note else "") + "the whole-number plan and its relaxation differ here"
    return facts


def _rating_note(name: str, switch: Switch | None) -> str:
    words = name.removesuffix("_change")
    if switch is None:
        return f"{words}: not done, out of time"
    return f"{words}: {switch.problem}" if switch.problem else ""


def _middle(switch: Switch | None) -> float:
    return float("nan") if switch is None else (switch.low + switch.high) / 2
