"""From a relaxed point to whole orders: decide builds and orders one period after the other, re-solving in between.

A dive with re-optimisation (relax-and-fix along time; Pochet and Wolsey 2006, section 3.6): what is ordered in a period is
rounded to lots, to its minimum or to nothing, fixed, and the relaxation solved again, so that later periods, sites and
sales react to it. Each re-solve is warm (``procure.solving.probe``). What is left to make whole afterwards are units in
halls and sales, which rounding settles within a neighbourhood.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from procure.solving.highs import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from procure.solving.engine import LpResult
    from procure.solving.matrix import Matrix
    from procure.solving.probe import Probe

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Rule = Callable[[Floats, Floats], Floats]  # lots wanted, fewest lots of an order: whole lots

__all__ = ["THRESHOLDS", "dive", "follow"]

WHOLE = 1e-6
NEARLY = 0.5  # lots by which two relaxations may differ for their orders to be made whole alike
BEST = 0.0  # as a threshold: whatever costs least now
TRIED = (0.5, 0.2, 0.8)
THRESHOLDS = (BEST, 0.5, 0.2, 0.8)  # an order below this share of its minimum is left out, one above it becomes the minimum


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of one period: lot columns, their switches (−1: none), the fewest lots an order holds."""

    lots: Ints
    switches: Ints
    least: Floats


def dive(probe: Probe, matrix: Matrix, point: LpResult, threshold: float = THRESHOLDS[0]) -> LpResult | None:
    """Return the relaxation's best point with whole builds and orders, near ``point``; None where the dive fails.

    ``threshold`` is the share of a lot or of a minimum order from which rounding goes up (``BEST``: whatever costs least now).
    The probe keeps every decision as a bound. Raises ``OutOfTime``.
    """
    try:
        return _dive(probe, matrix, point, threshold)
    except EngineError:  # a relaxation that HiGHS cannot settle: another dive may do without it
        return None


def follow(probe: Probe, matrix: Matrix, point: LpResult, relaxed: Floats, plan: Floats) -> LpResult | None:
    """Order as a plan did wherever its relaxation and this one order nearly the same; None where that leads nowhere.

    Parameters
    ----------
    point
        The relaxation's best point now.
    relaxed, plan
        A plan of nearly the same programme, and the relaxed point that it was made of (columns).
    """
    lots, switches = matrix.columns["order_lots"], matrix.columns["ordered"]
    there = lots >= 0
    orders = Orders(lots[there], switches[there], np.maximum(1.0, matrix.order_least[there]))
    same = np.abs(point.x[orders.lots] - relaxed[orders.lots]) <= NEARLY
    kept = Orders(orders.lots[same], orders.switches[same], orders.least[same])
    _fix(probe, kept, _within(probe, kept, np.rint(plan[kept.lots])))
    try:
        found = probe.solve()
    except EngineError:
        found = None
    if found is None:
        _release(probe, kept)
    return found


def _dive(probe: Probe, matrix: Matrix, point: LpResult, threshold: float) -> LpResult | None:
    current: LpResult | None = point
    for columns in _builds(matrix):
        current = _round_builds(probe, columns, current) if current is not None else None
    for orders in _periods(matrix):
        if current is None:
            return None
        current = _decide(probe, orders, current, threshold)
    return probe.solve() if current is not None else None


def _builds(matrix: Matrix) -> Iterator[Ints]:
    for name in ("build", "build_shell"):
        for line in matrix.columns[name]:
            if np.any(line >= 0):
                yield line[line >= 0]


def _round_builds(probe: Probe, columns: Ints, current: LpResult) -> LpResult | None:
    """Round one option's builds by their running total, so that as many are built as the relaxation builds."""
    share = current.x[columns]
    if np.all(np.abs(share - np.round(share)) <= WHOLE):
        probe.fix(columns, np.round(share))
        return current
    for rounding in (np.round, np.floor, np.ceil):
        probe.fix(columns, np.diff(rounding(np.cumsum(share) + WHOLE), prepend=0.0))
        found = probe.solve()
        if found is not None:
            return found
    return None


def _periods(matrix: Matrix) -> Iterator[Orders]:
    lots, switches = matrix.columns["order_lots"], matrix.columns["ordered"]
    for t in range(lots.shape[1]):
        there = lots[:, t] >= 0
        if there.any():
            yield Orders(lots[there, t], switches[there, t], np.maximum(1.0, matrix.order_least[there, t]))


def _decide(probe: Probe, orders: Orders, current: LpResult, threshold: float) -> LpResult | None:
    """Fix the orders of one period: the nearest, or all up, or all down, or one generation after the other."""
    shares = TRIED if threshold == BEST else (threshold,)
    rules: list[Rule] = [*(partial(_nearest, threshold=share) for share in shares), _up, _down]
    best: tuple[Floats, LpResult] | None = None
    for lots in _choices(probe, orders, np.maximum(0.0, current.x[orders.lots]), rules):
        _fix(probe, orders, lots)
        if np.all(np.abs(lots - current.x[orders.lots]) <= WHOLE):
            return current  # as the relaxation has it; a switch that becomes whole costs and moves nothing else
        found = probe.solve(best[1].value if best is not None else -np.inf)
        if found is not None and threshold != BEST:
            return found
        if found is not None and (best is None or found.value > best[1].value):
            best = lots, found
    if best is None:
        return _singly(probe, orders, rules)
    _fix(probe, orders, best[0])
    return best[1]


def _choices(probe: Probe, orders: Orders, wanted: Floats, rules: list[Rule]) -> Iterator[Floats]:
    """Yield what each rule makes of the lots wanted, each once."""
    tried: list[Floats] = []
    for rule in rules:
        lots = _within(probe, orders, rule(wanted, orders.least))
        if not any(np.array_equal(lots, other) for other in tried):
            tried.append(lots)
            yield lots


def _singly(probe: Probe, orders: Orders, rules: list[Rule]) -> LpResult | None:
    """Decide one generation after the other, each by what the relaxation says after those before it."""
    _release(probe, orders)
    current = probe.solve()
    for i in range(len(orders.lots)):
        if current is None:
            return None
        one = Orders(orders.lots[i : i + 1], orders.switches[i : i + 1], orders.least[i : i + 1])
        wanted = np.maximum(0.0, current.x[one.lots])
        for rule in rules:
            _fix(probe, one, _within(probe, one, rule(wanted, one.least)))
            current = probe.solve()
            if current is not None:
                break
    return current


def _fix(probe: Probe, orders: Orders, lots: Floats) -> None:
    probe.fix(orders.lots, lots)
    present = orders.switches >= 0
    probe.fix(orders.switches[present], (lots[present] > 0).astype(float))


def _release(probe: Probe, orders: Orders) -> None:
    """Give orders back the bounds of the programme."""
    engine, switches = probe.engine, orders.switches[orders.switches >= 0]
    probe.bound(orders.lots, engine.lower[orders.lots], engine.upper[orders.lots])
    probe.bound(switches, engine.lower[switches], engine.upper[switches])


def _within(probe: Probe, orders: Orders, lots: Floats) -> Floats:
    """Keep to the columns' own bounds (an allocation below the minimum leaves no order)."""
    upper = np.floor(probe.engine.upper[orders.lots] + WHOLE)
    lots = np.where(lots > upper, np.where(upper >= orders.least, upper, 0.0), lots)
    return np.maximum(lots, np.ceil(probe.engine.lower[orders.lots] - WHOLE))


def _nearest(wanted: Floats, least: Floats, threshold: float) -> Floats:
    small = np.where(wanted >= threshold * least, least, 0.0)
    return np.where(wanted < least, small, np.floor(wanted + 1.0 - threshold))


def _up(wanted: Floats, least: Floats) -> Floats:
    return np.where(wanted > WHOLE, np.maximum(least, np.ceil(wanted - WHOLE)), 0.0)


def _down(wanted: Floats, least: Floats) -> Floats:
    floor = np.floor(wanted + WHOLE)
    return np.where(floor >= least, floor, 0.0)
