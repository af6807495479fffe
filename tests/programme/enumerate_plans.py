"""The best plan of a tiny case for each objective, by enumeration (see ``oracle``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from oracle import FIGURES, Oracle
from scipy.optimize import linprog

LINEAR = {"compute": {"C_pv": 1.0}, "cost": {"D": -1.0}, "npv": {"worth": 1.0, "D": -1.0}}


class NoPlan(Exception):  # noqa: N818
    """No integer plan meets the rules."""


class NoRatio(Exception):  # noqa: N818
    """No compute at all, or a cost of 0 or less with some: the ratio has no best value."""


class Best:
    """Maximises functionals over the enumerated plans; rows that join periods are held exactly."""

    def __init__(self, oracle: Oracle) -> None:
        self.o = oracle
        if not oracle.plans:
            raise NoPlan
        self.states = [[oracle.state(plan, t) for t in range(oracle.T)] for plan in oracle.plans]
        self.distinct = list(dict.fromkeys(s for plan in self.states for s in plan))
        number = {s: i for i, s in enumerate(self.distinct)}
        self.ids = np.array([[number[s] for s in plan] for plan in self.states]).reshape(len(self.states), oracle.T)
        self.fixed = np.array([plan[4] for plan in oracle.plans])
        cap = oracle.set["carbon_cap_t"]
        self.cap = float("inf") if cap is None else float(cap)
        self.floor = 0.0
        self.most = self.relaxed({"C_pv": 1.0})
        alive = np.isfinite(self.most)
        if not alive.any():
            raise NoPlan

    @staticmethod
    def vector(weights: dict[str, float]) -> np.ndarray:
        return np.array([weights.get(name, 0.0) for name in FIGURES])

    def relaxed(self, weights: dict[str, float]) -> np.ndarray:
        """Each plan's best value when floor and carbon cap are left out (−inf: a period cannot meet its rows)."""
        w = self.vector(weights)
        values = np.zeros(len(self.distinct))
        for i, state in enumerate(self.distinct):
            figures, constants, A, b, upper, _ = self.o.block(state)
            values[i] = w @ constants
            if figures.shape[1]:
                values[i] += _maximum(w @ figures, A, b, upper)
            elif (b < -1e-9).any():
                values[i] = -np.inf
        return values[self.ids].sum(axis=1) + w[0] * self.fixed

    def joined(
        self, plan: int, terms: list[dict[str, float]], scale: list[float] | None = None
    ) -> tuple[float, np.ndarray | None]:
        """One plan's best value of min_i terms_i / scale_i (or of the only term) with floor and cap, and its
        figures.
        """
        blocks = [self.o.block(s) for s in self.states[plan]]
        sizes = [block[0].shape[1] for block in blocks]
        n = sum(sizes) + 1  # the last column is the minimum
        at = np.cumsum([0, *sizes])
        figures = np.zeros((len(FIGURES), n))
        constants = sum(block[1] for block in blocks) + self.fixed[plan] * self.vector({"D": 1.0})
        rows, rhs = [], []
        carbon = np.zeros(n)
        upper = np.full(n, np.inf)
        for t, (f, _, A, b, u, c) in enumerate(blocks):
            span = slice(at[t], at[t + 1])
            figures[:, span], carbon[span], upper[span] = f, c, u
            wide = np.zeros((len(b), n))
            wide[:, span] = A
            rows.append(wide)
            rhs.append(b)
        for weights, size in zip(terms, scale or [1.0] * len(terms), strict=True):
            w = self.vector(weights) / size
            rows.append(-(w @ figures)[None] + np.eye(n)[-1][None])
            rhs.append(np.array([w @ constants]))
        if np.isfinite(self.cap):
            rows.append(carbon[None])
            rhs.append(np.array([self.cap]))
        if self.floor:
            rows.append(-figures[1][None] / self.floor)
            rhs.append(np.array([constants[1] / self.floor - 1.0]))
        cost = np.zeros(n)
        cost[-1] = -1.0
        bounds = [(0, u) for u in upper[:-1]] + [(None, None)]
        result = linprog(cost, A_ub=np.vstack(rows), b_ub=np.concatenate(rhs), bounds=bounds)
        if result.status != 0:
            return -np.inf, None
        return -result.fun, figures @ result.x + constants

    def maximum(self, terms: list[dict[str, float]], scale: list[float] | None = None) -> tuple[float, np.ndarray]:
        """The best over all plans."""
        scale = scale or [1.0] * len(terms)
        ahead = np.min([self.relaxed(weights) / size for weights, size in zip(terms, scale, strict=True)], axis=0)
        ahead[self.most < self.floor * (1 - 1e-9)] = -np.inf
        best, found = -np.inf, None
        for plan in np.argsort(-ahead).tolist():
            if ahead[plan] <= best + 1e-12 * abs(best) or not np.isfinite(ahead[plan]):
                break
            value, figures = self.joined(plan, terms, scale)
            if value > best:
                best, found = value, figures
        if found is None:
            raise NoPlan
        return best, found

    def ratio(self, top: str, bottom: str) -> float:
        """Best top / bottom by Dinkelbach over the plans."""
        at, name = dict(zip(FIGURES, range(len(FIGURES)), strict=True)), self.maximum([{"C_pv": 1.0}])[1]
        if name[at[top]] <= 1e-9 or name[at[bottom]] <= 0:
            raise NoRatio
        q = name[at[top]] / name[at[bottom]]
        for _ in range(50):
            value, figures = self.maximum([{top: 1.0, bottom: -q}], [abs(name[at[top]])])
            if value <= 1e-10:
                break
            if figures[at[bottom]] <= 0:
                raise NoRatio
            q = figures[at[top]] / figures[at[bottom]]
        return float(q)

    def smaller(self, ratios: list[tuple[str, str]], best: list[float]) -> float:
        """Best smaller of two ratios, each divided by its given best value."""
        at = dict(zip(FIGURES, range(len(FIGURES)), strict=True))
        figures, level = self.maximum([{"C_pv": 1.0}])[1], 0.0
        if figures[1] <= 1e-9:
            raise NoRatio
        for _ in range(200):
            new = min(figures[at[a]] / figures[at[b]] / r for (a, b), r in zip(ratios, best, strict=True))
            if new <= level * (1 + 1e-10):
                break
            level = new
            size = [r * figures[at[b]] for (_, b), r in zip(ratios, best, strict=True)]
            terms = [{a: 1.0, b: -level * r} for (a, b), r in zip(ratios, best, strict=True)]
            value, better = self.maximum(terms, size)
            if value <= 1e-11:
                break
            figures = better
        return float(level)


def _maximum(gain: np.ndarray, A: np.ndarray, b: np.ndarray, upper: np.ndarray) -> float:
    result = linprog(-gain, A_ub=A, b_ub=b, bounds=[(0, u) for u in upper])
    if result.status == 2:
        return -np.inf
    assert result.status == 0, result.message
    return float(-result.fun)


def best_value(best: Best, objective: str, normalisers: tuple[float, ...] = ()) -> float:
    """The best value of an objective in the planner's units; ``balanced`` is measured against the given normalisers."""
    o: Any = best.o
    if objective in LINEAR:
        return best.maximum([LINEAR[objective]])[0]
    if not best.floor and o.set["compute_floor"]:
        best.floor = float(o.set["compute_floor"]) * best.maximum([{"C_pv": 1.0}])[0]
    watt = ("C", "A" if o.set["watt_basis"] == "available" else "E")
    if objective == "balanced":
        return best.smaller([watt, ("C_pv", "D")], list(normalisers))
    return best.ratio(*(watt if objective == "compute_per_watt" else ("C_pv", "D")))
