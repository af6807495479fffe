"""Limits of halls and of what runs in them: power, space, density, cooling, licences, workloads, demand, carbon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from procure.explaining.model import INF
from procure.explaining.words import amount, names

if TYPE_CHECKING:
    from procure.explaining.assembling import Assembler

__all__ = ["add_site_limits"]


def add_site_limits(asm: Assembler) -> None:
    """Add every limit that sits at a hall or on what it delivers."""
    _power(asm)
    _space(asm)
    if asm.structure:
        _fit(asm)
        _licences(asm)
        _workloads(asm)
    _licence_caps(asm)
    _demand(asm)
    _rental(asm)
    _carbon(asm)


def _frame_rows(asm: Assembler, sheet: str, key: str) -> dict[str, int]:
    return {str(name): i for i, name in enumerate(asm.case.tables.frames[sheet][key])}


def _power(asm: Assembler) -> None:
    """Own rows of halls and rows of campuses; both also cap what the grid gives where there are options."""
    sites = asm.case.sites
    place = _frame_rows(asm, "power", "site")
    for kind, table, names_, families in (
        ("power", sites.power_mw, sites.names, ("power", "grid_energy")),
        ("campus", sites.campus_power_mw, sites.campus_names, ("campus_power", "campus_energy")),
    ):
        for family in families:
            for (name, t), row in asm.rows.get(family, {}).items():
                value = float(table[names_.index(name), t])
                if math.isfinite(value):
                    limit = asm.limit(kind, name, "power", place[name], "", t, value)
                    asm.on_row(limit, row, upper=value)


def _space(asm: Assembler) -> None:
    case = asm.case
    place = _frame_rows(asm, "space", "site")
    for (name, t), row in asm.rows.get("space", {}).items():
        s = case.sites.names.index(name)
        value = float(case.sites.racks[s, t])
        if name in place:
            limit = asm.limit("space", name, "space", place[name], "", t, value)
        else:
            limit = asm.limit("space", name, "sites", s, "racks", -1, value)
        asm.on_row(limit, row, upper=value)


def _fit(asm: Assembler) -> None:
    """Density and cooling: what a hall cannot take is not installed there."""
    case, installed = asm.case, asm.columns["installed"]
    generations, sites = case.tables.frames["generations"], case.tables.frames["sites"]
    need_kw, takes_kw = generations["rack_kw"].to_numpy(dtype=float), sites["max_rack_kw"].to_numpy(dtype=float)
    need, have = generations["cooling"].tolist(), sites["cooling"].tolist()
    for s, name in enumerate(case.sites.names):
        dense = np.flatnonzero(need_kw > takes_kw[s])
        if dense.size:
            words = names([f"{case.generations.names[g]} needs ({amount(need_kw[g])})" for g in dense], 3)
            limit = asm.limit("density", name, "sites", s, "max_rack_kw", -1, float(takes_kw[s]), words)
            asm.on_columns(limit, installed[dense, s].ravel(), upper=0.0)
        hot = [g for g, wanted in enumerate(need) if have[s] not in (wanted, "both")]
        if hot:
            words = (
                f"{names([case.generations.names[g] for g in hot], 3)} ({need[hot[0]]} is needed, {have[s]} is there)"
            )
            limit = asm.limit("cooling", name, "sites", s, "cooling", -1, 0.0, words)
            asm.on_columns(limit, installed[hot, s].ravel(), upper=0.0)


def _licences(asm: Assembler) -> None:
    """Dates and refusals; the row of a generation beats a ``*`` row."""
    case, frame, T = asm.case, asm.case.tables.frames["licences"], asm.case.T
    rows = frame.to_dict("records")
    governs: dict[tuple[int, int], int] = {}
    for i in sorted(range(len(rows)), key=lambda i: rows[i]["generation"] != "*"):
        s = case.sites.names.index(str(rows[i]["site"]))
        everyone = rows[i]["generation"] == "*"
        for g in (
            range(len(case.generations.names))
            if everyone
            else [case.generations.names.index(str(rows[i]["generation"]))]
        ):
            governs[g, s] = i
    for (g, s), i in sorted(governs.items()):
        row = rows[i]
        start = T if not row["allowed"] else 0 if math.isnan(row["from"]) else min(T, max(0, int(row["from"])))
        if start:
            column = "allowed" if not row["allowed"] else "from"
            limit = asm.limit("licence", case.sites.names[s], "licences", i, column, -1, start, str(row["generation"]))
            asm.on_columns(limit, asm.columns["installed"][g, s, :start], upper=0.0)


def _licence_caps(asm: Assembler) -> None:
    """Caps on cumulative installs; one that the fleet exceeds already is a requirement that cannot be met."""
    from procure.programme.running import installed_candidates

    case, rows = asm.case, asm.rows.get("licence", {})
    frame = case.tables.frames["licences"]
    order = sorted(range(len(frame)), key=lambda i: str(frame["generation"].iloc[i]) != "*")
    capped = [i for i in order if frame["allowed"].iloc[i] and math.isfinite(frame["max_units"].iloc[i])]
    candidate = np.asarray(installed_candidates(case).any(axis=2))
    for i, row in rows.items():
        licence, at = case.licences[i], capped[i]
        already = float(case.sites.initial[list(licence.generations), licence.site].sum())
        name = str(frame["generation"].iloc[at])
        limit = asm.limit(
            "licence_cap", case.sites.names[licence.site], "licences", at, "max_units", -1, licence.max_units, name
        )
        room = licence.max_units - already
        asm.on_row(limit, row, upper=room)
        if not candidate[list(licence.generations), licence.site].any():
            asm.on_row(limit, row, upper=INF)
        elif room < 0:
            asm.may_fall_short(limit, row, weight=1.0 / -room, sign=-1.0)


def _workloads(asm: Assembler) -> None:
    case, frame = asm.case, asm.case.tables.frames["sites"]
    index, run = asm.draft.run_index, asm.columns["run"]
    for s, name in enumerate(case.sites.names):
        if not case.sites.runs[s].all():
            shut = ~case.sites.runs[s][index["workload"]] & (index["site"] == s)
            limit = asm.limit(
                "workloads", name, "sites", s, "workloads", -1, 0.0, names(list(frame["workloads"].iloc[s]))
            )
            asm.on_columns(limit, run[shut], upper=0.0)


def _demand(asm: Assembler) -> None:
    """Minimum (with slack) and maximum of what is delivered."""
    case, frame = asm.case, asm.case.tables.frames["demand"]
    hours = case.hours / asm.draft.scales.compute
    row_of: dict[tuple[str, int], int] = {}
    for i, (workload, measure) in enumerate(zip(frame["workload"], frame["measure"], strict=True)):
        for w in [case.workloads.index(workload)] if workload in case.workloads else range(len(case.workloads)):
            row_of[str(measure), w] = i
    delivered = asm.columns["delivered"]
    for w, name in enumerate(case.workloads):
        for t in range(case.T):
            least, most = float(case.demand_min[w, t]), float(case.demand_max[w, t])
            if least > 0:
                row = asm.new_row([delivered[w, t]], [1.0], t)
                limit = asm.limit("minimum", name, "demand", row_of["minimum", w], "", t, least)
                asm.on_row(limit, row, lower=least * hours)
                asm.may_fall_short(limit, row, weight=1.0 / (least * hours))
            if math.isfinite(most):
                row = asm.new_row([delivered[w, t]], [1.0], t)
                asm.on_row(
                    asm.limit("maximum", name, "demand", row_of["maximum", w], "", t, most), row, upper=most * hours
                )


def _rental(asm: Assembler) -> None:
    case, rent = asm.case, asm.columns["rent"]
    frame = case.tables.frames["rental"]
    place = [i for i, name in enumerate(frame["workload"])
             for _ in ([name] if name in case.workloads else case.workloads)]  # fmt: skip
    for r, t in zip(*(a.tolist() for a in np.nonzero(rent >= 0)), strict=True):
        value = float(case.rental.maximum[r, t])
        if math.isfinite(value):
            name = case.workloads[int(case.rental.workload[r])]
            row = asm.new_row([rent[r, t]], [1.0], t)
            asm.on_row(asm.limit("rental", name, "rental", place[r], "", t, value), row, upper=value)


def _carbon(asm: Assembler) -> None:
    for row in asm.rows.get("carbon", {}).values():
        cap = asm.case.settings.carbon_cap_t
        asm.on_row(asm.limit("carbon", "", "settings", 0, "carbon_cap_t", -1, cap), row, upper=cap / 1000.0)
