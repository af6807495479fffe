"""From a relaxation to a proven whole-number plan: project starts, a dive over orders, rounding, and what is left.

The relaxation of this programme is tight once its few shaping decisions are whole, so little is searched blindly:

1. project starts by a small tree on the live relaxation (``starts``): its best bound is the bound of the search;
2. builds and orders by a dive along time, re-solving warm (``dive``);
3. sales by running totals, units in halls by largest remainders (``apportion``); where that loses too much, the largest
   units last and by an integer step of their own (``units``); where it satisfies nothing, by one within the rounding of
   the dive's point;
4. where the gap is not closed, an integer step in a wider neighbourhood (RENS; Berthold 2014, "RENS: the optimal
   rounding"), with the starts held;
5. a tree over starts and orders, where the bound is what is missing (``tree``);
6. then the full branch and bound from the incumbent, whose dual bound replaces the tree's where it is better.

Objectives are normalised by the caller so that absolute and relative gaps are the same number.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from procure.solving.apportion import whole_sales
from procure.solving.dive import THRESHOLDS, dive, follow
from procure.solving.engine import Infeasible, OutOfTime
from procure.solving.found import Found, engine_value, step, take
from procure.solving.highs import BASIC, INF, EngineError
from procure.solving.neighbourhood import neighbourhood, present, rounding
from procure.solving.probe import Probe
from procure.solving.restricted import Restricted, promising, restrict
from procure.solving.starts import Leaf, best_starts, groups, hold
from procure.solving.trail import Trail
from procure.solving.tree import lower_bound
from procure.solving.units import FINE, FULL, finely, share_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from procure.solving.engine import Engine, LpResult
    from procure.solving.found import Reporter
    from procure.solving.relaxation import Basis

    Floats = NDArray[np.float64]

__all__ = ["SMALL", "find_plan", "near_plan", "prove"]

HAIR = 1e-9
MARGINS = (0.0, 2e-4, 5e-4, 2e-3)  # of the least demand, tried while rounding fails to meet it
SMALL = 5_000  # columns up to which plans are looked for in the whole programme
# of the first relaxation, and at least these seconds, for the tree over project starts
TREE_SHARE, TREE_LEAST = 2.0, 1.0
ORDERS_SHARE, ORDERS_LEAST = 4.0, 4.0  # the same for the tree over starts and orders
RARER = 2  # thresholds left, of those that rarely help: then the best dive is rounded with all patience first
# patience with the rounding of a dive before another dive is tried, and more of it the more of the gap the dive has left
QUICK, PROMISING = 0.1, 0.5
LONGER = 0.6  # patience where a known plan was followed: the usual search would take longer still


def find_plan(
    engine: Engine,
    objective: Mapping[str, float],
    *,
    gap: float,
    relative: bool = False,
    bound: float = INF,
    start: Floats | None = None,
    guide: Mapping[str, float] | None = None,
    exhaustive: bool = True,
    trees: bool = True,
    trail: Trail | None = None,
    report: Reporter,
) -> Found:
    """Maximise ``objective`` over whole numbers to an absolute gap, or to a share of the plan's value (``relative``).

    ``bound`` is a valid bound on the optimum, if one is known; ``start`` a feasible point to begin with; ``guide`` the
    objective to dive by (default: ``objective``; one with a little cost in it finds the cheaper of equal plans);
    ``exhaustive`` allows full branch and bound when that does not close the gap; without ``trees`` it begins at once (where
    they and the dives have done what they can); ``trail`` is what the last search of this kind left, and takes what this one
    leaves. Raises ``Infeasible`` when it is proven that there is no plan; returns what it has when time runs out.
    """
    found = Found(bound=bound, relative=relative)
    if start is not None:
        found.x, found.value = start, engine_value(engine, objective, start)
    if not found.open(gap):
        return found
    try:
        if trees:
            leaf = _starts(engine, objective, found, gap, report, trail)
            if found.open(gap) and leaf.relaxed is not None:
                _dive(engine, objective, guide or objective, found, gap, leaf, report, trail or Trail())
            if exhaustive and found.x is not None and found.open(gap):
                _tree(engine, objective, found, gap, report)
        if exhaustive and found.open(gap):
            _branch(engine, objective, found, gap, report)
    except OutOfTime:
        pass
    return found


def _starts(engine: Engine, objective: Mapping[str, float], found: Found, gap: float, report: Reporter,
            trail: Trail | None = None) -> Leaf:  # fmt: skip
    """Settle the project starts, and lower the bound by them."""
    report.stage("project starts")
    began = time.monotonic()
    with Probe(engine, objective) as probe:
        seconds = max(TREE_LEAST, TREE_SHARE * engine.first_seconds)
        leaf = best_starts(probe, engine.matrix, prune=_enough(found, gap), gap=gap, seconds=seconds, trail=trail)
        leaf.reduced_costs = engine.reduced_costs()
        found.steps.append(
            {"step": "starts", "seconds": time.monotonic() - began, "solves": probe.solves, "value": leaf.bound}
        )
    if leaf.bound == -INF and found.x is None:
        raise Infeasible
    _lower(found, leaf.bound, report)
    return leaf


def _enough(found: Found, gap: float) -> float:
    """Return the bound at which a plan is proven, two hairs lower: ``_lower`` adds one."""
    return found.value + found.allowed(gap) - 2 * HAIR * max(1.0, abs(found.value))


def _lower(found: Found, bound: float, report: Reporter) -> None:
    """Lower the bound to one of a tree, a hair above it, and never below the plan.

    A tree that says there is no plan (−inf) is wrong where there is one: it proves nothing.
    """
    if np.isfinite(bound):
        found.bound = max(min(found.bound, bound + HAIR * abs(bound)), found.value)
    report.progress(found.value, found.bound)


def prove(engine: Engine, objective: Mapping[str, float], x: Floats, gap: float, report: Reporter,
          trail: Trail | None = None) -> float:  # fmt: skip
    """Return a bound on an objective that a point ``x`` should reach to a gap, by project starts. Raises ``OutOfTime``."""
    found = Found(x=x, value=engine_value(engine, objective, x))
    _starts(engine, objective, found, gap, report, trail)
    return found.bound


def _tree(engine: Engine, objective: Mapping[str, float], found: Found, gap: float, report: Reporter) -> None:
    """Lower the bound by branching on starts and orders."""
    report.stage("bound by starts and orders")
    began = time.monotonic()
    with Probe(engine, objective) as probe:
        bound = lower_bound(
            probe,
            engine.matrix,
            prune=_enough(found, gap),
            seconds=max(ORDERS_LEAST, ORDERS_SHARE * engine.first_seconds),
        )
        found.steps.append(
            {"step": "tree", "seconds": time.monotonic() - began, "solves": probe.solves, "value": bound}
        )
    _lower(found, bound, report)


def near_plan(engine: Engine, objective: Mapping[str, float], guide: Mapping[str, float], *, gap: float, bound: float,
              relative: bool = False, trail: Trail, report: Reporter) -> Found:  # fmt: skip
    """Return a plan with the starts, and wherever the relaxation allows the orders, of the plan that a trail knows.

    ``bound`` is what is expected of the programme, not proven: it says when the plan is good enough.
    """
    found = Found(bound=bound, relative=relative)
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *(group.columns for group in groups(engine.matrix))])
    if trail.plan is None:
        return found
    values = np.rint(trail.plan[columns])
    if np.any(values < engine.lower[columns]) or np.any(values > engine.upper[columns]):
        return found
    try:
        with Probe(engine, objective) as probe:
            probe.fix(columns, values)
            relaxed = probe.solve()
            leaf = Leaf(bound, relaxed, columns, values, engine.reduced_costs(), engine.basis())
        if relaxed is not None:
            _dive(engine, objective, guide, found, gap, leaf, report, trail, once=True)
    except EngineError:  # a relaxation that HiGHS cannot settle: the usual search does without
        pass
    return found


def _dive(engine: Engine, objective: Mapping[str, float], guide: Mapping[str, float], found: Found, gap: float,
          leaf: Leaf, report: Reporter, trail: Trail, *, once: bool = False) -> None:  # fmt: skip
    """Find a plan with the starts of a leaf: whole orders by a dive, whole units by rounding, then a wider neighbourhood.

    ``once``: only as near the trail's plan as can be.
    """
    basis = leaf.basis if guide == objective else trail.guided
    part = _part(engine, leaf, basis)
    inner = replace(found, x=None if found.x is None else part.reduce(found.x), steps=[])
    seen = _Expanded(report, part)
    inside = Trail()
    if not trail.followed:
        inside.plan, inside.relaxed = _within(part, trail.plan), _within(part, trail.relaxed)
    trail.followed = True
    try:
        _plans(part.engine, objective, guide, inner, gap, _starts_of(leaf, part), seen, inside, once=once)
    finally:
        if part.engine is not engine:
            engine.lp_seconds += part.engine.lp_seconds
            engine.mip_seconds += part.engine.mip_seconds
        found.steps.extend(inner.steps)
        if inner.x is not None and inner.value > found.value:
            found.x = part.expand(inner.x)
            found.value = engine_value(engine, objective, found.x)
    if inside.relaxed is not None and found.x is not None:
        trail.plan, trail.relaxed = found.x[: engine.n], part.expand(inside.relaxed)[: engine.n]
        if guide != objective and inside.guided is not None:
            trail.guided = part.whole_basis(inside.guided)


def _within(part: Restricted, x: Floats | None) -> Floats | None:
    return None if x is None else x[part.keep]


def _part(engine: Engine, leaf: Leaf, basis: Basis | None) -> Restricted:
    """Return the part of a programme to look for plans in: all of a small one.

    ``basis``: to begin from (None: from nothing); one that is near the optimum of what the dive follows.
    """
    costs = leaf.reduced_costs
    if engine.n < SMALL or costs is None or leaf.relaxed is None:
        everything = np.ones(engine.n, dtype=bool)
        return Restricted(engine, engine, everything, np.zeros(engine.n), np.ones(engine.m, dtype=bool))
    keep = promising(engine.matrix, leaf.relaxed.x, costs)
    keep[leaf.columns] = True
    if basis is None:
        return restrict(engine, keep)
    keep |= basis.whole[0][: engine.n] == BASIC
    return restrict(engine, keep, basis)


def _starts_of(leaf: Leaf, part: Restricted) -> Leaf:
    """Return a leaf's starts as columns of the part."""
    position = np.cumsum(part.keep) - 1
    return replace(leaf, columns=position[leaf.columns])


@dataclass(slots=True)
class _Expanded:
    """A reporter of a part: points are sent on as points of the whole."""

    report: Reporter
    part: Restricted

    def stage(self, name: str) -> None:
        self.report.stage(name)

    def incumbent(self, x: Floats) -> None:
        self.report.incumbent(self.part.expand(x)[: self.part.whole.n])

    def bound(self, facts: tuple[float, tuple[float, ...], float]) -> None:
        self.report.bound(facts)

    def progress(self, value: float, bound: float) -> None:
        self.report.progress(value, bound)


def _plans(engine: Engine, objective: Mapping[str, float], guide: Mapping[str, float], found: Found, gap: float,
           leaf: Leaf, report: Reporter, trail: Trail, *, once: bool) -> None:  # fmt: skip
    report.stage("orders, one period after the other")
    point, thresholds, margins = None, list(THRESHOLDS), list(MARGINS)
    threshold, margin = thresholds.pop(0), margins.pop(0)
    like = (trail.relaxed, trail.plan) if trail.plan is not None and trail.relaxed is not None else None
    known, trail.relaxed = like is not None, None
    rounded: LpResult | None = None
    while True:
        began = time.monotonic()
        with Probe(engine, guide) as probe:
            hold(probe, leaf)
            _more_demand(probe, margin)
            if trail.guided is not None:
                engine.resume(trail.guided)  # from where the first dive began, not from where the last one ended
            first = begun = probe.solve()
            if trail.relaxed is None and first is not None:
                trail.relaxed, trail.guided = first.x, engine.basis()
            if first is not None and like is not None:
                begun = follow(probe, engine.matrix, first, *like) or first
            reached = dive(probe, engine.matrix, begun, threshold) if begun is not None else None
            value = engine_value(engine, objective, reached.x) if reached is not None else -INF
            name = "dive as before" if known else f"dive {threshold:g}"
            found.steps.append({"step": name, "margin": margin, "seconds": time.monotonic() - began, "solves": probe.solves,
                                "columns": engine.n, "value": value})  # fmt: skip
            whole, worth = None, -INF
            for whole in _with_whole_sales(probe, reached, margin) if reached is not None else ():
                worth = share_out(engine, objective, found, whole.x, report)
                if worth > -INF:
                    break
        if reached is not None and (point is None or value > engine_value(engine, objective, point.x)):
            point = reached
        before, shared = found.x, worth > -INF
        room = value + found.allowed(gap) - found.bound  # what whole units may cost
        if reached is not None and found.open(gap) and room >= 0:
            patience = LONGER if once else QUICK + PROMISING * room / found.allowed(gap)
            if whole is not None and not (shared and room < FINE * (value - worth)):
                finely(engine, objective, found, gap, whole.x, report, patience)
            if found.open(gap) and (once or not shared) and not (shared and room < FULL * (value - worth)):
                step(engine, objective, found, gap, rounding(engine, reached.x), "rounding", report, patience)
            shared = shared or found.x is not before
        if once or not found.open(gap):
            return
        if known:
            known, like = False, None
            continue
        if reached is not None and not shared and margins and _demand_binds(engine, reached.x):
            margin = margins.pop(0)  # what rounding takes from a demand that is met to the last unit
            like = (first.x, reached.x) if first is not None else None
        elif thresholds:
            if len(thresholds) == RARER and point is not None and _promises(engine, objective, found, gap, point):
                rounded = point
                step(engine, objective, found, gap, rounding(engine, point.x), "rounding", report)
                if not found.open(gap):
                    return
            threshold, like = thresholds.pop(0), None
        else:
            break
    centre = first if point is None else point
    if centre is None:
        return
    if point is not None:
        if point is not rounded:
            step(engine, objective, found, gap, rounding(engine, point.x), "rounding", report)
        if found.x is None:
            step(engine, objective, found, gap, rounding(engine, point.x, slack=1), "rounding, one more", report)
    for width in (0, 1):
        if found.open(gap) and (width == 0 or found.x is None):
            lower, upper = neighbourhood(engine, centre.x, width)
            lower[leaf.columns], upper[leaf.columns] = leaf.values, leaf.values
            if found.x is not None:  # the plan so far is among them
                whole_columns = engine.integer
                now = np.round(found.x[whole_columns])
                lower[whole_columns] = np.minimum(lower[whole_columns], now)
                upper[whole_columns] = np.maximum(upper[whole_columns], now)
            step(engine, objective, found, gap, (lower, upper), f"neighbourhood {width}", report)


def _promises(engine: Engine, objective: Mapping[str, float], found: Found, gap: float, point: LpResult) -> bool:
    """Say whether a point with whole orders leaves some of the gap to the rounding of units."""
    return engine_value(engine, objective, point.x) + found.allowed(gap) >= found.bound


def _with_whole_sales(probe: Probe, reached: LpResult, margin: float) -> Iterator[LpResult]:
    """Yield points with whole sales too, then with the next larger margin of demand: whole orders often hold more than asked."""
    engine, point = probe.engine, reached
    sales = present(engine.matrix.columns["sell"])
    larger = [other for other in MARGINS if other > margin][:1] if _demand_binds(engine, reached.x) else []
    for more in (margin, *larger):
        if more > margin:
            probe.bound(sales, engine.lower[sales], engine.upper[sales])
            _more_demand(probe, more)
            found = probe.solve()
            if found is None:
                return
            point = found
        whole = whole_sales(probe, engine.matrix, point)
        if whole is None and more:
            _more_demand(probe, more / 2)  # sales take their part of the margin, halls need the rest
            whole = whole_sales(probe, engine.matrix, point)
        if whole is not None:
            yield whole


def _demand_binds(engine: Engine, x: Floats) -> bool:
    """Say whether a least demand is met and no more: then whole units may miss it."""
    columns = present(engine.matrix.columns["delivered"])
    least = engine.lower[columns]
    return bool(np.any((least > 0) & (x[columns] <= least * (1 + 2 * MARGINS[-1]))))


def _more_demand(probe: Probe, margin: float) -> None:
    """Ask for a little more than the least demand, so that whole units still meet it."""
    engine = probe.engine
    columns = present(engine.matrix.columns["delivered"])
    columns = columns[engine.lower[columns] > 0]
    if columns.size:
        probe.bound(
            columns, np.minimum(engine.lower[columns] * (1.0 + margin), engine.upper[columns]), engine.upper[columns]
        )


def _branch(engine: Engine, objective: Mapping[str, float], found: Found, gap: float, report: Reporter) -> None:
    started = time.monotonic()
    report.stage("branch and bound")

    def tell(value: float, bound: float, _nodes: int) -> None:
        report.progress(max(found.value, value), min(found.bound, bound))

    result = engine.integer_step(
        objective,
        start=found.x,
        absolute_gap=0.0 if found.relative else gap,
        relative_gap=gap if found.relative else 0.0,
        target=found.bound - found.allowed(gap),
        on_incumbent=lambda x, _value: report.incumbent(x[: engine.n]),
        on_progress=tell,
        options={"mip_lp_solver": "ipm"} if engine.n > 100_000 else None,
    )
    found.steps.append(
        {
            "step": "branch and bound",
            "seconds": time.monotonic() - started,
            "value": result.value,
            "nodes": result.nodes,
        }
    )
    if result.x is None and result.closed and found.x is None:
        raise Infeasible
    take(engine, found, result, report)
    if np.isfinite(result.bound):
        found.bound = min(found.bound, max(result.bound, found.value))
    report.progress(found.value, found.bound)
