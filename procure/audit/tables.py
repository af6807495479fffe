"""From the reader's tables to ``Inputs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.audit.arrays import column, names, whole, wide
from procure.audit.inputs import HOURS_PER_YEAR, WAREHOUSE, Cohorts, Inputs, Options, Projects

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from procure.reading.tables import Tables

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["inputs_of"]

GENERATION_COLUMNS = (
    "compute", "power_kw", "load_factor", "racks", "rack_kw", "price", "price_decline", "available_from", "last_order",
    "lead_time", "lot", "min_order", "deposit", "depreciation_years", "service_years", "resale", "resale_decline",
    "opex_per_year", "opex_growth", "order_cost", "install_cost", "remove_cost", "obsolescence",
)  # fmt: skip
SITE_COLUMNS = (
    "pue", "energy_per_mwh", "max_rack_kw", "overhead", "rent_per_kw_month", "capacity_per_kw_month", "fixed_per_year",
    "carbon_kg_per_mwh", "utilisation", "racks",
)  # fmt: skip


def inputs_of(tables: Tables) -> Inputs:
    """Return the arrays of a case."""
    frames, settings, calendar = tables.frames, tables.settings, tables.calendar
    T, labels = calendar.periods, calendar.labels
    years = calendar.months_per_period / 12.0
    generations = tuple(names(frames["generations"], "generation"))
    sites = tuple(names(frames["sites"], "site"))
    workloads = tuple(names(frames["workloads"], "workload"))
    g_of = {name: i for i, name in enumerate(generations)}
    s_of = {name: i for i, name in enumerate(sites)}
    w_of = _workload_index(workloads)
    gen = {name: column(frames["generations"], name) for name in GENERATION_COLUMNS}
    site = {name: column(frames["sites"], name) for name in SITE_COLUMNS}
    since = years * np.maximum(0.0, np.arange(T)[None, :] - np.nan_to_num(gen["available_from"])[:, None])
    rate = float(settings["discount_rate"])
    own, has_row, campus, campus_names, campus_mw = _power(frames, s_of, labels)
    racks = np.repeat(site["racks"][:, None], T, axis=1)
    _overlay(racks, frames["space"], "site", s_of, labels)
    allocation = np.full((len(generations), T), np.inf)
    _overlay(allocation, frames["allocation"], "generation", g_of, labels)
    budget = wide(frames["budget"], labels)
    minimum, maximum, value = _demand(frames["demand"], w_of, len(workloads), labels)
    rental = frames["rental"]
    rented = [w_of[name] for name in names(rental, "workload")]
    rental_price, rental_kw = np.zeros(len(workloads)), np.zeros(len(workloads))
    rental_cap = np.zeros((len(workloads), T))
    rental_price[rented] = column(rental, "price_per_unit_hour", 0.0)
    rental_kw[rented] = column(rental, "kw_per_compute_unit", 0.0)
    rental_cap[rented] = wide(rental, labels)
    licensed, caps = _licences(frames["licences"], g_of, s_of, T)
    return Inputs(
        settings=settings,
        calendar=calendar,
        T=T,
        years=years,
        hours=HOURS_PER_YEAR * years,
        delta=np.asarray((1.0 + rate) ** (-years * np.arange(T + 1)), dtype=np.float64),
        rho=(1.0 + rate) ** years - 1.0,
        generations=generations,
        sites=sites,
        workloads=workloads,
        gen=gen,
        site=site,
        price=_prices(frames["prices"], gen, since, g_of, labels),
        resale_override=_overlay(np.full((len(generations), T), np.nan), frames["resale_prices"], "generation", g_of,
                                 labels),
        perf=_rated(frames["performance"], gen["compute"], g_of, workloads)[:, None, :]
        * _path(frames["compute_path"], gen["obsolescence"], since, g_of, labels)[:, :, None],
        utilisation=_utilisation(frames["workloads"], site["utilisation"], float(settings["utilisation"])),
        may_run=_may_run(frames["sites"], w_of, len(workloads)),
        modes=_modes(frames["modes"], g_of),
        dense=gen["rack_kw"][:, None] <= site["max_rack_kw"][None, :] * (1.0 + 1e-12),
        cooled=_cooled(names(frames["generations"], "cooling"), names(frames["sites"], "cooling")),
        licensed=licensed,
        licence_caps=caps,
        own_mw=own,
        has_row=has_row,
        campus=campus,
        campus_names=campus_names,
        campus_mw=campus_mw,
        racks=racks,
        budget=budget.sum(axis=0) if len(budget) else np.full(T, np.inf),
        allocation=allocation,
        minimum=minimum,
        maximum=maximum,
        value=value,
        rental_price=rental_price,
        rental_kw=rental_kw,
        rental_cap=rental_cap,
        power_options=_options(frames["power_options"], s_of, "adds_mw"),
        shell_options=_options(frames["shell_options"], s_of, "adds_racks"),
        projects=_projects(frames["projects"], w_of, len(workloads)),
        fleet=_units(frames["fleet"], g_of, s_of, "delivered"),
        committed=_units(frames["committed"], g_of, s_of, "delivery"),
    )  # fmt: skip


def _workload_index(workloads: tuple[str, ...]) -> dict[str, int]:
    """Index by name; where there is one workload, ``all`` and ``*`` mean it, too."""
    index = {name: i for i, name in enumerate(workloads)}
    if len(workloads) == 1:
        index = {"all": 0, "*": 0} | index
    return index


def _overlay(target: Floats, frame: pd.DataFrame, key: str, index: dict[str, int], labels: tuple[str, ...]) -> Floats:
    """Write the rows of a wide table over the rows of ``target`` that they name."""
    rows = [index[name] for name in names(frame, key)]
    if rows:
        target[rows] = wide(frame, labels)
    return target


def _prices(
    frame: pd.DataFrame, gen: dict[str, Floats], since: Floats, g_of: dict[str, int], labels: tuple[str, ...]
) -> Floats:
    listed = gen["price"][:, None] * (1.0 - gen["price_decline"][:, None]) ** since
    override = _overlay(np.full(listed.shape, np.nan), frame, "generation", g_of, labels)
    return np.where(np.isnan(override), listed, override)


def _rated(table: pd.DataFrame, general: Floats, g_of: dict[str, int], workloads: tuple[str, ...]) -> Floats:
    """Rated compute of a unit by workload (G × W): that of ``performance``, where blank that of the generation."""
    rated = np.repeat(general[:, None], len(workloads), axis=1)
    rows = [g_of[name] for name in names(table, "generation")]
    for w, workload in enumerate(workloads):
        if workload in table.columns and rows:
            given = column(table, workload)
            rated[rows, w] = np.where(np.isnan(given), rated[rows, w], given)
    return rated


def _path(
    table: pd.DataFrame, obsolescence: Floats, since: Floats, g_of: dict[str, int], labels: tuple[str, ...]
) -> Floats:
    """Factor on rated compute over time (G × T): the generation's path, without one its obsolescence."""
    return _overlay((1.0 - obsolescence[:, None]) ** since, table, "generation", g_of, labels)


def _utilisation(workloads: pd.DataFrame, by_site: Floats, setting: float) -> Floats:
    by_workload = column(workloads, "utilisation")
    general = np.where(np.isnan(by_workload), setting, by_workload)
    return np.where(np.isnan(by_site)[:, None], general[None, :], by_site[:, None])


def _may_run(sites: pd.DataFrame, w_of: dict[str, int], count: int) -> Bools:
    """Whether a workload may run at a site (an empty list of workloads allows all)."""
    result = np.ones((len(sites), count), dtype=bool)
    if "workloads" in sites.columns:
        for s, listed in enumerate(sites["workloads"]):
            if isinstance(listed, (tuple, list)) and len(listed):
                result[s] = False
                result[s, [w_of[name] for name in listed]] = True
    return result


def _modes(frame: pd.DataFrame, g_of: dict[str, int]) -> dict[tuple[int, str], tuple[float, float]]:
    """Modes of each generation: ``full``, then the ``*`` rows, then its own rows, a later one of a name ruling."""
    result = {(g, "full"): (1.0, 1.0) for g in g_of.values()}
    rows = list(
        zip(
            names(frame, "generation"),
            names(frame, "mode"),
            column(frame, "power_factor", 1.0),
            column(frame, "compute_factor", 1.0),
            strict=True,
        )
    )
    for own in (False, True):
        for name, mode, power, compute in rows:
            if (name != "*") == own:
                for g in [g_of[name]] if own else list(g_of.values()):
                    result[g, mode] = (float(power), float(compute))
    return result


def _cooled(units: list[str], sites: list[str]) -> Bools:
    return np.array([[site in {unit, "both"} for site in sites] for unit in units], dtype=bool).reshape(
        len(units), len(sites)
    )


def _licences(
    frame: pd.DataFrame, g_of: dict[str, int], s_of: dict[str, int], T: int
) -> tuple[Bools, list[tuple[int, int, float]]]:
    """Where and when a generation may stand, and caps on what is ever installed.

    A generation's own row replaces the ``*`` row of the site as a whole for ``allowed`` and ``from``; the caps of
    both rows hold (the ``*`` row's over all generations together).
    """
    licensed = np.ones((len(g_of), len(s_of), T), dtype=bool)
    caps = []
    start, most = column(frame, "from"), column(frame, "max_units", np.inf)
    allowed = frame["allowed"].to_numpy(dtype=bool) if "allowed" in frame.columns else np.ones(len(frame), dtype=bool)
    rows = list(enumerate(zip(names(frame, "generation"), names(frame, "site"), strict=True)))
    for own in (False, True):
        for i, (name, site) in rows:
            if (name != "*") != own:
                continue
            open_at = np.full(T, bool(allowed[i])) & ~(np.arange(T) < np.nan_to_num(start[i], nan=-np.inf))
            licensed[g_of[name] if own else slice(None), s_of[site]] = open_at
            if np.isfinite(most[i]):
                caps.append((g_of[name] if own else -1, s_of[site], float(most[i])))
    return licensed, caps


def _power(
    frames: dict[str, pd.DataFrame], s_of: dict[str, int], labels: tuple[str, ...]
) -> tuple[Floats, Bools, Ints, tuple[str, ...], Floats]:
    """Power rows of sites and of campuses; a name that is a site is the site's row."""
    own = np.full((len(s_of), len(labels)), np.inf)
    has_row = np.zeros(len(s_of), dtype=bool)
    campus = np.full(len(s_of), -1, dtype=np.int64)
    members = names(frames["sites"], "campus")
    found: list[tuple[str, Floats]] = []
    rows = wide(frames["power"], labels)
    for name, row in zip(names(frames["power"], "site"), rows, strict=True):
        if name in s_of:
            own[s_of[name]], has_row[s_of[name]] = row, True
        elif name in members:
            campus[[s for s, member in enumerate(members) if member == name]] = len(found)
            found.append((name, row))
    campus_mw = np.array([row for _, row in found]).reshape(len(found), len(labels))
    return own, has_row, campus, tuple(name for name, _ in found), campus_mw


def _demand(
    frame: pd.DataFrame, w_of: dict[str, int], count: int, labels: tuple[str, ...]
) -> tuple[Floats, Floats, Floats]:
    shape = (count, len(labels))
    result = {"minimum": np.zeros(shape), "maximum": np.full(shape, np.inf), "value": np.zeros(shape)}
    for name, measure, row in zip(names(frame, "workload"), names(frame, "measure"), wide(frame, labels), strict=True):
        result[measure][w_of[name]] = row
    return result["minimum"], result["maximum"], result["value"]


def _options(frame: pd.DataFrame, s_of: dict[str, int], adds: str) -> Options:
    return Options(
        names=tuple(names(frame, "option")),
        site=np.array([s_of[name] for name in names(frame, "site")], dtype=np.int64),
        adds=column(frame, adds, 0.0),
        availability=column(frame, "availability", 1.0),
        capex=column(frame, "capex", 0.0),
        fixed_per_year=column(frame, "fixed_per_year", 0.0),
        energy_price=column(frame, "energy_per_mwh", 0.0),
        carbon_kg=column(frame, "carbon_kg_per_mwh", 0.0),
        lead=whole(frame, "lead_time"),
        earliest=column(frame, "earliest"),
        latest=column(frame, "latest"),
        max_builds=column(frame, "max_builds", 1.0),
    )


def _projects(frame: pd.DataFrame, w_of: dict[str, int], count: int) -> Projects:
    scope = np.zeros((len(frame), count), dtype=bool)
    for j, name in enumerate(names(frame, "workload")):
        scope[j, slice(None) if name in {"*", ""} else w_of[name]] = True
    return Projects(
        names=tuple(names(frame, "project")),
        scope=scope,
        uplift=column(frame, "uplift", 0.0),
        cost=column(frame, "cost", 0.0),
        cost_per_year=column(frame, "cost_per_year", 0.0),
        lead=whole(frame, "lead_time"),
        earliest=column(frame, "earliest"),
    )


def _units(frame: pd.DataFrame, g_of: dict[str, int], s_of: dict[str, int], when: str) -> Cohorts:
    places = names(frame, "site")
    return Cohorts(
        generation=np.array([g_of[name] for name in names(frame, "generation")], dtype=np.int64),
        site=np.array([s_of.get(name, WAREHOUSE) for name in places], dtype=np.int64),
        delivered=whole(frame, when),
        units=np.nan_to_num(column(frame, "units", 0.0)),
        price=np.nan_to_num(column(frame, "price", 0.0)),
    )
