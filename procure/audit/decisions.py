"""The decisions of a plan as arrays: what the rules and figures are recomputed from.

Axes: G generations, S sites, T periods, K options, J projects, W workloads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procure.audit.inputs import Inputs
    from procure.audit.sheets import Reading, Sheet

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Decisions", "Orders", "Run", "decisions_of", "online"]


@dataclass(frozen=True, slots=True)
class Orders:
    """Rows of ``orders``: order and delivery period, generation, units, whether committed before the plan."""

    order: Ints
    delivery: Ints
    generation: Ints
    units: Floats
    committed: Bools


@dataclass(frozen=True, slots=True)
class Run:
    """Rows of ``running``; ``workload`` is -1 where the name is unknown, ``known_mode`` false where the mode is.

    An unknown mode counts as full power and full compute, an unknown workload delivers nothing: their own rules fail.
    """

    period: Ints
    site: Ints
    generation: Ints
    workload: Ints
    known_mode: Bools
    power_factor: Floats
    compute_factor: Floats
    units: Floats


@dataclass(frozen=True, slots=True)
class Decisions:
    """Everything decided.

    ``installed``, ``removed`` and ``standing`` [G, S, T] (flows and the stated total), ``stored`` [G, T] (None: not
    given), the rows of running and orders, builds ``power`` and ``shell`` [K, T], ``projects`` [J, T], ``rented``
    [W, T] compute units on average.
    """

    orders: Orders
    installed: Floats
    removed: Floats
    standing: Floats
    stored: Floats | None
    run: Run
    power: Floats
    shell: Floats
    projects: Floats
    rented: Floats

    @property
    def running(self) -> Floats:
        """Units that run by generation, site and period (G × S × T)."""
        result = np.zeros(self.standing.shape)
        np.add.at(result, (self.run.generation, self.run.site, self.run.period), self.run.units)
        return result


def decisions_of(inputs: Inputs, reading: Reading) -> Decisions:
    """Lay the decisions of a plan out; notes unknown names and doubled rows as unreadable cells."""
    sheets = reading.sheets
    shape = (len(inputs.generations), len(inputs.sites), inputs.T)
    moves = sheets["deployment"]
    at = (moves["generation"], moves["site"], moves["period"])
    dense = {}
    for name in ("installed", "removed", "installed_total"):
        dense[name] = np.zeros(shape)
        np.add.at(dense[name], at, moves[name])
    _doubled(reading, moves, np.ravel_multi_index(at, shape), "period, site and generation")
    kept = sheets["warehouse"]
    stored = None
    if kept.given:
        stored = np.zeros((shape[0], shape[2]))
        np.add.at(stored, (kept["generation"], kept["period"]), kept["stored"])
        _doubled(reading, kept, kept["generation"] * inputs.T + kept["period"], "period and generation")
    placed = sheets["orders"]
    builds = {
        kind: _builds(inputs, reading, kind, known)
        for kind, known in (
            ("power", inputs.power_options.names),
            ("shell", inputs.shell_options.names),
            ("project", inputs.projects.names),
        )
    }
    for row, kind in zip(sheets["builds"].rows, sheets["builds"]["kind"], strict=True):
        if kind not in builds:
            _note(reading, "builds", row, "kind", f"{kind!r} is none of power, shell and project")
    return Decisions(
        orders=Orders(
            placed["order"], placed["delivery"], placed["generation"], placed["units"], placed["committed"] > 0
        ),
        installed=dense["installed"],
        removed=dense["removed"],
        standing=dense["installed_total"],
        stored=stored,
        run=_run(inputs, sheets["running"]),
        power=builds["power"],
        shell=builds["shell"],
        projects=builds["project"],
        rented=_rented(inputs, reading),
    )


def online(builds: Floats, lead: Ints) -> Floats:
    """Return builds completed by each period (K × T): cumulative, delayed by the lead time of each row."""
    T = builds.shape[1]
    total = np.concatenate([np.zeros((len(builds), 1)), np.cumsum(builds, axis=1)], axis=1)
    until = np.maximum(0, np.arange(1, T + 1)[None, :] - lead[:, None])
    return np.asarray(np.take_along_axis(total, until, axis=1))


def workload_codes(inputs: Inputs, values: NDArray[np.object_]) -> Ints:
    """Return indices of workload names, -1 where unknown; ``all``, ``*`` and blank mean a single workload."""
    index = {name: i for i, name in enumerate(inputs.workloads)}
    if len(inputs.workloads) == 1:
        index = {"": 0, "all": 0, "*": 0} | index
    return np.array([index.get(value, -1) for value in values], dtype=np.int64)


def _run(inputs: Inputs, sheet: Sheet) -> Run:
    keys = list(zip(sheet["generation"].tolist(), sheet["mode"], strict=True))
    blank = {(g, ""): inputs.modes[g, "full"] for g in range(len(inputs.generations))}
    factors = {key: (blank | inputs.modes).get(key) for key in set(keys)}
    rows = [factors[key] for key in keys]
    table = np.array([row or (1.0, 1.0) for row in rows], dtype=float).reshape(len(rows), 2)
    return Run(
        period=sheet["period"],
        site=sheet["site"],
        generation=sheet["generation"],
        workload=workload_codes(inputs, sheet["workload"]),
        known_mode=np.array([row is not None for row in rows], dtype=bool),
        power_factor=table[:, 0],
        compute_factor=table[:, 1],
        units=sheet["running"],
    )


def _builds(inputs: Inputs, reading: Reading, kind: str, known: tuple[str, ...]) -> Floats:
    sheet = reading.sheets["builds"]
    index = {name: i for i, name in enumerate(known)}
    result = np.zeros((len(known), inputs.T))
    for i in np.flatnonzero(sheet["kind"] == kind):
        name = sheet["name"][i]
        if name in index:
            result[index[name], sheet["period"][i]] += sheet["count"][i]
        else:
            _note(reading, "builds", sheet.rows[i], "name", f"{name!r} is not a {kind} option of the input")
    return result


def _rented(inputs: Inputs, reading: Reading) -> Floats:
    sheet = reading.sheets["rental"]
    result = np.zeros((len(inputs.workloads), inputs.T))
    codes = workload_codes(inputs, sheet["workload"])
    known = codes >= 0
    np.add.at(result, (codes[known], sheet["period"][known]), sheet["compute"][known])
    for i in np.flatnonzero(~known):
        _note(reading, "rental", sheet.rows[i], "workload", f"{sheet['workload'][i]!r} is not a workload of the input")
    return result


def _doubled(reading: Reading, sheet: Sheet, key: Ints, what: str) -> None:
    _, first, count = np.unique(key, return_index=True, return_counts=True)
    for i in first[count > 1]:
        reading.unreadable.append(f"sheet `{sheet.name}`, row {sheet.rows[i]}: there is another row of this {what}")


def _note(reading: Reading, sheet: str, row: int, column: str, problem: str) -> None:
    reading.unreadable.append(f"sheet `{sheet}`, row {row}, column `{column}`: {problem}")
