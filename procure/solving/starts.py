"""Which projects to start, and when: a small tree over the live relaxation, for the bound and for the plan.

A project's uplift is switched on by its start, and the relaxation starts a fraction of it: the fraction that the running
units need of the most that could ever run (a big-M row). What that hides, up to half a percent, no cut finds; but there
are few projects, so branching on them first settles it in a few dozen warm re-solves. A node holds a window of periods
for each project: it must start within it, may, or never does. Branching splits a window in the middle (Beale and Tomlin
1970: special ordered sets), the best bound first, until the best node has no fraction left.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procure.solving.highs import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.solving.engine import LpResult
    from procure.solving.matrix import Matrix
    from procure.solving.probe import Probe
    from procure.solving.trail import Trail

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Group", "Leaf", "Window", "best_starts", "draw_windows", "groups", "halves", "hold"]

WHOLE = 1e-5
LITTLE = 0.05  # a half is taken to move at least this share of a start
DEAR = 10.0  # times the gap: starts that cost more are not looked at to the end
MANY = 64  # parts left by a tree, from which the next begins anew
NEAR = 100  # steps from where a part's last relaxation ended: where two take more, the next begin where the one before ended
CLOSE = 0.25  # of the gap: what simply starting every project at its first fraction may cost


@dataclass(frozen=True, slots=True)
class Group:
    """Columns of one project's starts by period, and the row that allows at most one of them (−1: none)."""

    columns: Ints
    row: int


@dataclass(frozen=True, slots=True)
class Window:
    """Positions first .. last of a group that may be 1 (none where last < first); ``must``: one of them is."""

    first: int
    last: int
    must: bool = False


if TYPE_CHECKING:
    Part = tuple[tuple[Window, ...], Any]  # windows, and a basis to solve them from


@dataclass(slots=True)
class Leaf:
    """What the tree says: a bound on the objective, and windows under which no start is a fraction (or the best found).

    ``values`` are what the start columns (``columns``) are held at for a plan; ``relaxed`` is None where there is no answer.
    ``reduced_costs``: of the last relaxation of the tree, for choosing columns; ``basis``: of ``relaxed``.
    """

    bound: float
    relaxed: LpResult | None
    columns: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    values: Floats = field(default_factory=lambda: np.zeros(0))
    reduced_costs: Floats | None = None
    basis: Any = None


def groups(matrix: Matrix) -> list[Group]:
    """Return a group a project, in the order of its periods."""
    starts = matrix.columns["start"]
    rows = {}
    for i, family in enumerate(matrix.families):
        if family == "one_start":
            for column in matrix.A.indices[matrix.A.indptr[i] : matrix.A.indptr[i + 1]].tolist():
                rows[column] = i
    found = []
    for line in starts:
        columns = line[line >= 0]
        if columns.size:
            found.append(Group(columns, rows.get(int(columns[0]), -1)))
    return found


def hold(probe: Probe, leaf: Leaf) -> None:
    """Hold the starts of a leaf."""
    if leaf.columns.size:
        probe.fix(leaf.columns, leaf.values)


def best_starts(
    probe: Probe, matrix: Matrix, *, prune: float, gap: float, seconds: float, trail: Trail | None = None
) -> Leaf:
    """Bound the objective over whole project starts, and find the starts to plan with.

    Parameters
    ----------
    probe
        Bounds are changed on it and left as the tree ended: use a probe of its own.
    prune
        Nodes that do not exceed this value are left out (a plan's value plus its gap); −inf: there is no plan yet.
    gap
        Absolute gap of the objective: starts that cost less than a quarter of it are taken without a tree.
    seconds
        Effort in relaxations; the bound is valid whenever the tree ends.
    trail
        Parts that the last tree ended with, to begin from; this tree's own are left there.
    """
    every = groups(matrix)
    root = probe.solve()
    if root is None:
        return Leaf(-np.inf, None)
    windows = tuple(Window(0, len(group.columns) - 1) for group in every)
    if not every or _fraction(every, windows, root.x) is None:
        return _leaf(every, root.value, root, probe.engine.basis())
    if root.value <= prune:
        return Leaf(root.value, None)
    basis = probe.engine.basis()
    known = trail.windows if trail is not None and len(trail.windows) <= MANY else []
    if known:
        return _tree(probe, every, known, root, prune, seconds, None, trail)
    simple = _simple(probe, every, root, max(prune, root.value - DEAR * gap))
    if simple is not None and (simple.relaxed is not None and simple.relaxed.value >= root.value - CLOSE * gap):
        return simple
    return _tree(probe, every, [(windows, basis)], root, prune, seconds, simple, trail)


def _simple(probe: Probe, every: list[Group], root: LpResult, cutoff: float = -np.inf) -> Leaf | None:
    """Start each project that is started at all where its first noticeable fraction is; None where that is no better."""
    windows = []
    for group in every:
        share = root.x[group.columns]
        first = int(np.argmax(share > WHOLE))
        windows.append(Window(first, first, must=True) if share[first] > WHOLE else Window(0, -1))
    relaxed = _solve(probe, every, tuple(windows), cutoff)
    return None if relaxed is None else _leaf(every, root.value, relaxed, probe.engine.basis())


def _tree(probe: Probe, every: list[Group], begin: list[Part], root: LpResult, prune: float, seconds: float,
          simple: Leaf | None, trail: Trail | None) -> Leaf:  # fmt: skip
    """Branch from parts that hold every choice of starts (one: ``root`` is its relaxation), the best bound first."""
    tree = _Tree(probe, every, prune)
    limit = probe.seconds + seconds
    above = root.value
    try:
        if len(begin) == 1:
            tree.push(begin[0][0], root, root.value)
        else:
            tree.again(begin, root.value)
        leaf = Leaf(prune, None)
        while tree.heap:
            above, windows, relaxed, basis = tree.best()
            branch = _fraction(every, windows, relaxed.x)
            if branch is None:
                leaf = _leaf(every, above, relaxed, basis)
                break
            if probe.seconds > limit:
                leaf = _plunge(probe, every, (windows, relaxed, basis), above, simple, root)
                break
            heapq.heappop(tree.heap)
            tree.branch(branch, basis, above)
    except EngineError:  # a node that HiGHS cannot settle: its parent's bound is what is known
        return replace(simple, bound=above) if simple is not None else Leaf(above, None)
    if trail is not None:
        trail.windows = tree.parts()
    return leaf


class _Tree:
    """Open nodes (bound, windows, relaxation, basis), the best first, and parts closed: nothing there exceeds ``prune``."""

    def __init__(self, probe: Probe, every: list[Group], prune: float) -> None:
        self.probe, self.every, self.prune = probe, every, prune
        self.heap: list[tuple[float, int, tuple[Window, ...], LpResult, Any]] = []
        self.closed: list[Part] = []
        self._tick = itertools.count()

    def push(self, windows: tuple[Window, ...], relaxed: LpResult, above: float) -> None:
        """Keep a node that has just been solved, under its parent's bound."""
        bound = min(relaxed.value, above)
        heapq.heappush(self.heap, (-bound, next(self._tick), windows, relaxed, self.probe.engine.basis()))

    def again(self, parts: list[Part], above: float) -> None:
        """Solve the parts of another tree of nearly the same programme.

        Each from its own basis while that is near; after a change of prices it is not, and all would repeat the same steps:
        then each from where the one before ended.
        """
        far = 0
        for windows, basis in parts:
            if far < 2:
                self.probe.engine.resume(basis)
            self.solve(windows, basis, above)
            far += self.probe.engine.steps > NEAR

    def branch(self, children: list[tuple[Window, ...]], basis: Any, above: float) -> None:
        """Solve nodes from their parent's basis."""
        for child in children:
            self.probe.engine.resume(basis)
            self.solve(child, basis, above)

    def solve(self, windows: tuple[Window, ...], basis: Any, above: float) -> None:
        """Solve a node from the basis there is, and keep it, or close it with the basis that another tree is to begin from."""
        relaxed = _solve(self.probe, self.every, windows, self.prune)
        if relaxed is not None and relaxed.value > self.prune:
            self.push(windows, relaxed, above)
        else:
            self.closed.append((windows, basis))

    def best(self) -> tuple[float, tuple[Window, ...], LpResult, Any]:
        """Return the node with the highest bound; it stays."""
        minus, _, windows, relaxed, basis = self.heap[0]
        return -minus, windows, relaxed, basis

    def parts(self) -> list[Part]:
        """Return parts that together hold every choice of starts."""
        return [*self.closed, *((windows, basis) for _, _, windows, _, basis in self.heap)]


def _plunge(probe: Probe, every: list[Group], at: tuple[tuple[Window, ...], LpResult, Any], bound: float,
            simple: Leaf | None, root: LpResult) -> Leaf:  # fmt: skip
    """Follow the better child down to whole starts, from the best node of a tree that ended early."""
    node, relaxed, basis = at
    while (branch := _fraction(every, node, relaxed.x)) is not None:
        below = [(found.value, child, found, probe.engine.basis()) for child in branch
                 if (found := _solve(probe, every, child)) is not None]  # fmt: skip
        if not below:
            simple = simple or _simple(probe, every, root)
            return replace(simple, bound=bound) if simple is not None else Leaf(bound, None)
        _, node, relaxed, basis = max(below, key=lambda item: item[0])
    if simple is not None and simple.relaxed is not None and simple.relaxed.value > relaxed.value:
        return replace(simple, bound=bound)
    return _leaf(every, bound, relaxed, basis)


def halves(window: Window, share: Floats) -> tuple[str, float, float, tuple[Window, Window]] | None:
    """Split a window whose starts (``share``) are fractions: whether at all first, then in the middle of those in use.

    Returns what is split (whether, when), how far each half moves the starts, and the halves; None where all is whole.
    """
    if window.last < window.first:
        return None
    total = float(share.sum())
    if not window.must and min(total, 1.0 - total) > WHOLE:
        return "whether", total, 1.0 - total, (Window(0, -1), replace(window, must=True))
    if total <= WHOLE or 1.0 - float(share.max()) <= WHOLE:
        return None
    used = np.flatnonzero(share > WHOLE)
    middle = min(max(int(used[0] + used[-1]) // 2, window.first), window.last - 1)
    late = min(max(float(share[middle + 1 :].sum()), LITTLE), 1.0 - LITTLE)
    return "when", late, 1.0 - late, (replace(window, last=middle), replace(window, first=middle + 1))


def _fraction(every: list[Group], node: tuple[Window, ...], x: Floats) -> list[tuple[Window, ...]] | None:
    """Return the two children that split the most fractional project; None where no start is a fraction."""
    pick: tuple[int, tuple[Window, Window]] | None = None
    most = WHOLE
    for j, (group, window) in enumerate(zip(every, node, strict=True)):
        share = x[group.columns]
        split = halves(window, share)
        if split is None:
            continue
        total = float(share.sum())
        score = min(total, 1.0 - total) if split[0] == "whether" else 1.0 - float(share.max())
        if pick is None or score > most:
            pick, most = (j, split[3]), score
    if pick is None:
        return None
    j, two = pick
    return [(*node[:j], half, *node[j + 1 :]) for half in two]


def draw_windows(probe: Probe, every: list[Group], node: tuple[Window, ...]) -> bool:
    """Bound the starts to their windows; False where the programme's own bounds leave nothing."""
    for group, window in zip(every, node, strict=True):
        allowed = np.zeros(len(group.columns), dtype=bool)
        allowed[window.first : window.last + 1] = True
        lower, upper = probe.engine.lower[group.columns].copy(), probe.engine.upper[group.columns].copy()
        upper[~allowed] = 0.0
        if window.must and window.first == window.last:
            lower[window.first] = 1.0
        if np.any(lower > upper):
            return False
        probe.bound(group.columns, lower, upper)
        if group.row >= 0:
            probe.limit(group.row, 1.0 if window.must else -np.inf, 1.0)
    return True


def _solve(probe: Probe, every: list[Group], node: tuple[Window, ...], cutoff: float = -np.inf) -> LpResult | None:
    return probe.solve(cutoff) if draw_windows(probe, every, node) else None


def _leaf(every: list[Group], bound: float, relaxed: LpResult, basis: Any) -> Leaf:
    columns = np.concatenate([group.columns for group in every]) if every else np.zeros(0, dtype=np.int64)
    return Leaf(bound, relaxed, columns, np.round(relaxed.x[columns]), basis=basis)
