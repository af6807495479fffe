"""Branch and bound on the live relaxation over the decisions that shape a plan: project starts and orders.

Where minimum orders, lots and order costs bind, the relaxation buys a few units in every period and pays a fraction of an
order's cost. Branching closes what that hides far sooner than cuts do: a node is a warm re-solve. Nodes are taken best
bound first; the branching variable is the one that is expected to lower the bound most on both sides, by pseudo-costs that
a generation or a project shares over its periods (Benichou et al. 1971), each tried on both sides before it is believed
(reliability branching: Achterberg, Koch and Martin 2005). Units in halls and sales stay continuous: the bound is valid
without them, and rounding them costs little.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from procure.solving.highs import EngineError
from procure.solving.starts import Group, Window, draw_windows, groups, halves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from procure.solving.engine import LpResult
    from procure.solving.matrix import Matrix
    from procure.solving.probe import Probe

    Floats = NDArray[np.float64]
    Bounds = dict[int, tuple[float, float]]

__all__ = ["lower_bound"]

WHOLE = 1e-6
PAID = 1e-4  # an order whose switch is this near to 1 has paid its cost
TRIED = 4  # untried candidates that are tried on both sides at a node
LEAST_SCORE = 1e-9


@dataclass(frozen=True, slots=True)
class Node:
    """Windows of the projects, and bounds of order columns."""

    windows: tuple[Window, ...]
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Branch:
    """Two children; ``key`` names whose pseudo-costs count, ``down`` and ``up`` how far each side moves."""

    key: tuple[str, int]
    down: float
    up: float
    children: tuple[Node, Node]


@dataclass(slots=True)
class PseudoCosts:
    """Mean loss of the objective per unit of movement, by key and side."""

    lost: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def learn(self, branch: Branch, value: float, found: tuple[LpResult | None, LpResult | None]) -> None:
        """Count what both children lost; a child without any point says nothing."""
        known = self.lost.setdefault(branch.key, [0.0, 0.0, 0.0, 0.0])
        for side, (child, moved) in enumerate(zip(found, (branch.down, branch.up), strict=True)):
            if child is not None:
                known[2 * side] += max(0.0, value - child.value) / max(moved, WHOLE)
                known[2 * side + 1] += 1.0

    def score(self, branch: Branch) -> float | None:
        """Return the product of both expected losses; None where a side was never seen."""
        known = self.lost.get(branch.key)
        if known is None or not known[1] or not known[3]:
            return None
        return max(known[0] / known[1] * branch.down, LEAST_SCORE) * max(known[2] / known[3] * branch.up, LEAST_SCORE)


def lower_bound(probe: Probe, matrix: Matrix, *, prune: float, seconds: float) -> float:
    """Return a bound on the objective over whole project starts and orders, as low as the effort allows.

    Parameters
    ----------
    probe
        Bounds are changed on it and left as the tree ended: use a probe of its own.
    prune
        Nodes that do not exceed this value are left out; the bound is never below it.
    seconds
        Effort in relaxations; the bound is valid whenever the tree ends.
    """
    every, orders, costs, tick = groups(matrix), _Orders(probe, matrix), PseudoCosts(), itertools.count()
    state = _State(probe, every, prune)
    root = Node(tuple(Window(0, len(group.columns) - 1) for group in every), {})
    first = state.solve(root)
    if first is None:
        return prune
    heap = [(-first.value, next(tick), root, first.x)]
    limit = probe.seconds + seconds
    while heap:
        above, _, node, x = heap[0]
        value = -above
        if probe.seconds > limit:
            return value
        branches = [*_projects(every, node, x), *orders.branches(node, x)]
        if not branches:
            return value  # the best node is whole: no other is above it
        heapq.heappop(heap)
        try:
            branch, found = _choose(state, branches, costs, value)
        except EngineError:  # a node that HiGHS cannot settle: its parent's bound is what is known
            return value
        for child, below in zip(branch.children, found, strict=True):
            if below is not None and below.value > prune:
                heapq.heappush(heap, (-min(below.value, value), next(tick), child, below.x))
    return prune


def _choose(
    state: _State, branches: list[Branch], costs: PseudoCosts, value: float
) -> tuple[Branch, tuple[LpResult | None, LpResult | None]]:
    """Return the branch to take, and its children solved."""
    best: tuple[float, Branch, tuple[LpResult | None, LpResult | None] | None] | None = None
    untried = [branch for branch in branches if costs.score(branch) is None][:TRIED]
    for branch in untried:
        found = state.both(branch)
        costs.learn(branch, value, found)
        losses = [np.inf if child is None else max(value - child.value, LEAST_SCORE) for child in found]
        score = losses[0] * losses[1]
        if best is None or score > best[0]:
            best = score, branch, found
    for branch in branches:
        expected = costs.score(branch)
        if expected is not None and branch not in untried and (best is None or expected > best[0]):
            best = expected, branch, None
    if best is None:
        raise AssertionError("a fractional node has a branch")
    _, branch, solved = best
    if solved is None:
        solved = state.both(branch)
        costs.learn(branch, value, solved)
    return branch, solved


@dataclass(slots=True)
class _State:
    """What the probe holds now, so that going from node to node changes only what differs."""

    probe: Probe
    every: list[Group]
    prune: float
    windows: tuple[Window, ...] | None = None
    bounds: Bounds = field(default_factory=dict)

    def both(self, branch: Branch) -> tuple[LpResult | None, LpResult | None]:
        down, up = branch.children
        return self.solve(down), self.solve(up)

    def solve(self, node: Node) -> LpResult | None:
        if node.windows != self.windows:
            if not draw_windows(self.probe, self.every, node.windows):
                self.windows = None
                return None
            self.windows = node.windows
        engine = self.probe.engine
        changed = {c: (engine.lower[c], engine.upper[c]) for c in self.bounds if c not in node.bounds}
        changed |= {c: pair for c, pair in node.bounds.items() if self.bounds.get(c) != pair}
        if changed:
            low, high = np.array(list(changed.values()), dtype=float).T
            self.probe.bound(np.array(list(changed), dtype=np.int64), low, high)
        self.bounds = node.bounds
        return self.probe.solve(self.prune)


def _projects(every: list[Group], node: Node, x: Floats) -> Iterator[Branch]:
    for j, (group, window) in enumerate(zip(every, node.windows, strict=True)):
        split = halves(window, x[group.columns])
        if split is None:
            continue
        kind, down, up, windows = split
        children = [Node((*node.windows[:j], half, *node.windows[j + 1 :]), node.bounds) for half in windows]
        yield Branch((kind, j), down, up, (children[0], children[1]))


class _Orders:
    """The order columns of a programme and their switches."""

    def __init__(self, probe: Probe, matrix: Matrix) -> None:
        lots, switches = matrix.columns["order_lots"], matrix.columns["ordered"]
        there = lots >= 0
        self.generation = np.nonzero(there)[0]
        self.lots, self.switches = lots[there], switches[there]
        self.least = np.maximum(1.0, matrix.order_least[there])
        self.lower, self.upper = probe.engine.lower, probe.engine.upper

    def branches(self, node: Node, x: Floats) -> Iterator[Branch]:
        """Yield a branch for each order that is under its minimum, has not paid its cost, or is a fraction of a lot."""
        values = x[self.lots]
        for i in np.flatnonzero(values > WHOLE).tolist():
            column, switch, least, lots = (
                int(self.lots[i]),
                int(self.switches[i]),
                float(self.least[i]),
                float(values[i]),
            )
            low, high = node.bounds.get(column, (float(self.lower[column]), float(self.upper[column])))
            unpaid = switch >= 0 and x[switch] < 1.0 - PAID
            if lots < least - WHOLE or unpaid:
                none: Bounds = {column: (0.0, 0.0)}
                some: Bounds = {column: (max(low, least), high)}
                if switch >= 0:
                    none[switch], some[switch] = (0.0, 0.0), (1.0, 1.0)
                small = lots < least - WHOLE
                up = max(least - lots, 0.02 * least) if small else 1.0 - float(x[switch])
                if low > 0 or high < least:
                    continue
                yield self._branch(
                    node, ("minimum" if small else "cost", int(self.generation[i])), lots, up, none, some
                )
            elif abs(lots - round(lots)) > WHOLE:
                part = lots - np.floor(lots)
                yield self._branch(node, ("lot", int(self.generation[i])), part, 1.0 - part,
                                   {column: (low, float(np.floor(lots)))}, {column: (float(np.ceil(lots)), high)})  # fmt: skip

    @staticmethod
    def _branch(node: Node, key: tuple[str, int], down: float, up: float, none: Bounds, some: Bounds) -> Branch:
        return Branch(key, down, up, (Node(node.windows, node.bounds | none), Node(node.windows, node.bounds | some)))
