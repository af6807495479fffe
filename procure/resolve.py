"""Tables → arrays: every default, override and ``*`` row of the input is resolved here, once.

``resolve`` returns the fields of ``procure.case.Case``. Each function resolves one part and says which rule it applies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from procure import finance
from procure.parts import Cohorts, Generations, Licence, Modes, Options, Projects, Rental, Settings, Sites

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from procure.calendar import Calendar
    from procure.reading.tables import Tables

__all__ = ["resolve"]

_ANY = "*"


def resolve(tables: Tables) -> dict[str, Any]:
    """Return every field of ``Case`` for validated tables."""
    calendar = tables.calendar
    frames = tables.frames
    settings = _settings(tables.settings)
    names = _text(frames["generations"], "generation")
    site_names = _text(frames["sites"], "site")
    workloads = _text(frames["workloads"], "workload")
    g_of, s_of, w_of = ({name: i for i, name in enumerate(items)} for items in (names, site_names, workloads))

    generations = _generations(tables, names, workloads)
    sites, licences = _sites(tables, names, site_names, workloads)
    minimum, maximum, value = _demand(frames["demand"], calendar, w_of)
    return {
        "title": str(tables.settings["title"]),
        "currency": str(tables.settings["currency"]),
        "compute_unit": str(tables.settings["compute_unit"]),
        "calendar": calendar,
        "settings": settings,
        "generations": generations,
        "modes": _modes(frames["modes"], names),
        "sites": sites,
        "workloads": workloads,
        "cohorts": _cohorts(tables, generations, g_of),
        "licences": licences,
        "power_options": _options(frames["power_options"], calendar, s_of, adds="adds_mw"),
        "shell_options": _options(frames["shell_options"], calendar, s_of, adds="adds_racks"),
        "projects": _projects(frames["projects"], calendar, workloads),
        "rental": _rental(frames["rental"], calendar, w_of),
        "budget": _wide(frames["budget"], calendar)[0] if len(frames["budget"]) else np.full(calendar.periods, np.inf),
        "demand_min": minimum,
        "demand_max": maximum,
        "demand_value": value,
        "tables": tables,
    }


def _settings(values: dict[str, Any]) -> Settings:
    return Settings(**{name: values[name] for name in Settings.__dataclass_fields__})


def _text(frame: pd.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(str(value) for value in frame[column])


def _floats(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    return frame[column].to_numpy(dtype=float)


def _ints(frame: pd.DataFrame, column: str, blank: int = 0) -> NDArray[np.int64]:
    values = frame[column].to_numpy(dtype=float)
    return np.where(np.isnan(values), blank, values).astype(np.int64)


def _wide(frame: pd.DataFrame, calendar: Calendar) -> NDArray[np.float64]:
    return frame[list(calendar.labels)].to_numpy(dtype=float).reshape(len(frame), calendar.periods)


def _by_name(frame: pd.DataFrame, key: str, calendar: Calendar) -> dict[str, NDArray[np.float64]]:
    return dict(zip(_text(frame, key), _wide(frame, calendar), strict=True))


def _workload_indices(name: str, w_of: dict[str, int]) -> list[int]:
    """A workload's index; ``*`` and, where no such workload is declared, ``all`` mean every workload."""
    if name in w_of:
        return [w_of[name]]
    return list(w_of.values())


def _generations(tables: Tables, names: tuple[str, ...], workloads: tuple[str, ...]) -> Generations:
    frame, frames, calendar = tables.frames["generations"], tables.frames, tables.calendar
    T, years = calendar.periods, calendar.years_per_period
    t = np.arange(T)
    available = _ints(frame, "available_from", blank=np.iinfo(np.int32).min)
    since = np.where(frame["available_from"].isna().to_numpy(), 0, available)  # the clock of price and obsolescence
    last = _ints(frame, "last_order", blank=T - 1)
    lead = _ints(frame, "lead_time")
    age = years * (t[None, :] - since[:, None])

    listed = _floats(frame, "price")[:, None] * finance.decline_by_row(_floats(frame, "price_decline"), age)
    price = _override(listed, _by_name(frames["prices"], "generation", calendar), names)
    window = (t >= available[:, None]) & (t <= last[:, None]) & (t + lead[:, None] < T)
    allocation = _override(
        np.full((len(names), T), np.inf), _by_name(frames["allocation"], "generation", calendar), names
    )

    rated = np.repeat(_floats(frame, "compute")[:, None], len(workloads), axis=1)
    performance = frames["performance"].set_index("generation") if len(frames["performance"]) else None
    if performance is not None:
        for i, name in enumerate(names):
            for j, workload in enumerate(workloads):
                if name in performance.index and workload in performance.columns:
                    cell = float(np.asarray(performance.at[name, workload], dtype=float))  # noqa: PD008 - one cell is meant
                    rated[i, j] = rated[i, j] if np.isnan(cell) else cell
    path = _override(
        finance.decline_by_row(_floats(frame, "obsolescence"), age),
        _by_name(frames["compute_path"], "generation", calendar),
        names,
    )
    resale_price = np.full((len(names), T + 1), np.nan)
    for name, row in _by_name(frames["resale_prices"], "generation", calendar).items():
        resale_price[names.index(name)] = np.append(row, row[-1])  # the last column holds at the horizon's end

    return Generations(
        names=names,
        vendor=_text(frame, "vendor"),
        power_kw=_floats(frame, "power_kw"),
        load_factor=_floats(frame, "load_factor"),
        racks=_floats(frame, "racks"),
        lead=lead,
        lot=_ints(frame, "lot", blank=1),
        min_order=_ints(frame, "min_order"),
        deposit=_floats(frame, "deposit"),
        order_cost=_floats(frame, "order_cost"),
        install_cost=_floats(frame, "install_cost"),
        remove_cost=_floats(frame, "remove_cost"),
        life_years=_floats(frame, "depreciation_years"),
        service_periods=np.floor(_floats(frame, "service_years") / years + 1e-9).astype(np.int64),
        opex_per_period=_floats(frame, "opex_per_year") * years,
        opex_growth=_floats(frame, "opex_growth"),
        resale=_floats(frame, "resale"),
        resale_decline=_floats(frame, "resale_decline"),
        available_from=available,
        price=price,
        window=window,
        allocation=allocation,
        perf=rated[:, None, :] * path[:, :, None],
        resale_price=resale_price,
    )


def _override(
    base: NDArray[np.float64], rows: dict[str, NDArray[np.float64]], names: tuple[str, ...]
) -> NDArray[np.float64]:
    """Replace whole rows by a wide table's rows; NaN cells ("no override yet") keep the base."""
    result = base.copy()
    for i, name in enumerate(names):
        if name in rows:
            result[i] = np.where(np.isnan(rows[name]), result[i], rows[name])
    return result


def _modes(frame: pd.DataFrame, names: tuple[str, ...]) -> Modes:
    """Every generation has ``full`` (1, 1); ``*`` rows add to all; a generation's own row replaces a ``*`` row."""
    rows = list(zip(_text(frame, "generation"), _text(frame, "mode"), _floats(frame, "power_factor"),
                    _floats(frame, "compute_factor"), strict=True))  # fmt: skip
    generation: list[int] = []
    labels: list[str] = []
    power: list[float] = []
    compute: list[float] = []
    for i, name in enumerate(names):
        table = {"full": (1.0, 1.0)}
        table.update({mode: (p, c) for g, mode, p, c in rows if g == _ANY})
        table.update({mode: (p, c) for g, mode, p, c in rows if g == name})
        for mode, (p, c) in table.items():
            generation.append(i)
            labels.append(mode)
            power.append(p)
            compute.append(c)
    return Modes(np.array(generation), tuple(labels), np.array(power), np.array(compute))


def _sites(
    tables: Tables, names: tuple[str, ...], site_names: tuple[str, ...], workloads: tuple[str, ...]
) -> tuple[Sites, tuple[Licence, ...]]:
    frame, frames, calendar = tables.frames["sites"], tables.frames, tables.calendar
    T, S, years = calendar.periods, len(site_names), calendar.years_per_period
    months = 12.0 * years
    power_rows = _by_name(frames["power"], "site", calendar)
    space_rows = _by_name(frames["space"], "site", calendar)
    campuses = _text(frame, "campus")
    campus_names = tuple(dict.fromkeys(name for name in campuses if name and name in power_rows))
    campus = np.array([campus_names.index(name) if name in campus_names else -1 for name in campuses], dtype=np.int64)
    own = np.array([power_rows.get(name, np.full(T, np.inf)) for name in site_names]).reshape(S, T)
    racks = np.array(
        [
            space_rows.get(name, np.full(T, limit))
            for name, limit in zip(site_names, _floats(frame, "racks"), strict=True)
        ]
    ).reshape(S, T)
    campus_power = np.array([power_rows[name] for name in campus_names]).reshape(len(campus_names), T)

    utilisation = np.full((S, len(workloads)), float(tables.settings["utilisation"]))
    by_workload = _floats(frames["workloads"], "utilisation")
    utilisation = np.where(np.isnan(by_workload)[None, :], utilisation, by_workload[None, :])
    by_site = _floats(frame, "utilisation")
    utilisation = np.where(np.isnan(by_site)[:, None], utilisation, by_site[:, None])
    runs = np.array([[not listed or w in listed for w in workloads] for listed in frame["workloads"]]).reshape(S, -1)

    first, licences = _licences(tables, names, site_names)
    return (
        Sites(
            names=site_names,
            market=_text(frame, "market"),
            facility_factor=(1.0 + _floats(frame, "overhead")) * _floats(frame, "pue"),
            energy_price=_floats(frame, "energy_per_mwh"),
            carbon_kg_per_mwh=_floats(frame, "carbon_kg_per_mwh"),
            rent_per_kw=_floats(frame, "rent_per_kw_month") * months,
            capacity_per_kw=_floats(frame, "capacity_per_kw_month") * months,
            fixed_per_period=_floats(frame, "fixed_per_year") * years,
            utilisation=utilisation,
            runs=runs,
            power_mw=own,
            take_or_pay_mw=take_or_pay(own, campus, campus_power),
            racks=racks,
            campus=campus,
            campus_names=campus_names,
            campus_power_mw=campus_power,
            first_install=first,
            initial=_initial(frames["fleet"], names, site_names),
        ),
        licences,
    )


def take_or_pay(
    own: NDArray[np.float64], campus: NDArray[np.int64], campus_power: NDArray[np.float64]
) -> NDArray[np.float64]:
    """MW the capacity charge is paid on: the own row, or an equal share of what the campus has beside the own rows."""
    result = own.copy()
    for k in range(len(campus_power)):
        members = np.flatnonzero(campus == k)
        bare = [s for s in members if np.isinf(own[s]).any()]
        metered = sum((own[s] for s in members if s not in bare), np.zeros(own.shape[1]))
        for s in bare:
            result[s] = np.maximum(0.0, campus_power[k] - metered) / len(bare)
    return result


def _initial(fleet: pd.DataFrame, names: tuple[str, ...], site_names: tuple[str, ...]) -> NDArray[np.int64]:
    """Units installed before period 0 (shape G × S); fleet rows in the warehouse have no site."""
    initial = np.zeros((len(names), len(site_names)), dtype=np.int64)
    for generation, site, units in zip(_text(fleet, "generation"), _text(fleet, "site"), fleet["units"], strict=True):
        if site in site_names:
            initial[names.index(generation), site_names.index(site)] += int(units)
    return initial


def _licences(
    tables: Tables, names: tuple[str, ...], site_names: tuple[str, ...]
) -> tuple[NDArray[np.int64], tuple[Licence, ...]]:
    """First period in which g may stand at s (density, cooling, licence), and the caps on cumulative installs."""
    generations, sites, T = tables.frames["generations"], tables.frames["sites"], tables.calendar.periods
    dense = _floats(generations, "rack_kw")[:, None] <= _floats(sites, "max_rack_kw")[None, :]
    liquid, site_cooling = _text(generations, "cooling"), _text(sites, "cooling")
    cooled = np.array([[have in (need, "both") for have in site_cooling] for need in liquid]).reshape(dense.shape)
    first = np.where(dense & cooled, 0, T).astype(np.int64)

    frame = tables.frames["licences"]
    licences: list[Licence] = []
    order = sorted(range(len(frame)), key=lambda i: str(frame["generation"].iloc[i]) != _ANY)  # `*` first: own rows win
    for i in order:
        row = frame.iloc[i]
        s = site_names.index(str(row["site"]))
        members = range(len(names)) if row["generation"] == _ANY else [names.index(str(row["generation"]))]
        start = 0 if np.isnan(row["from"]) else max(0, int(row["from"]))
        for g in members:
            if dense[g, s] and cooled[g, s]:
                first[g, s] = min(start, T) if row["allowed"] else T
        if row["allowed"] and np.isfinite(row["max_units"]):
            licences.append(
                Licence(tuple(members), s, float(row["max_units"]), f"{row['generation']} at {row['site']}")
            )
    return first, tuple(licences)


def _cohorts(tables: Tables, generations: Generations, g_of: dict[str, int]) -> Cohorts:
    """Fleet and committed rows with equal generation, delivery and price merge; then a cohort for each possible order."""
    T = tables.calendar.periods
    held: dict[tuple[int, int, float, bool], int] = {}
    for sheet, committed in (("fleet", False), ("committed", True)):
        frame = tables.frames[sheet]
        period = "delivery" if committed else "delivered"
        for row in frame.to_dict("records"):
            key = (g_of[str(row["generation"])], int(row[period]), float(row["price"]), committed)
            held[key] = held.get(key, 0) + int(row["units"])
    rows = [(g, v, price, units, -1, committed) for (g, v, price, committed), units in sorted(held.items()) if units]
    for g, t in zip(
        *np.nonzero(generations.window & (generations.allocation >= generations.lot[:, None])), strict=True
    ):
        rows.append((int(g), int(t + generations.lead[g]), float(generations.price[g, t]), 0, int(t), False))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), (), ()]
    generation = np.array(columns[0], dtype=np.int64)
    delivered = np.array(columns[1], dtype=np.int64)
    return Cohorts(
        generation=generation,
        delivered=delivered,
        price=np.array(columns[2], dtype=float),
        units=np.array(columns[3], dtype=np.int64),
        order=np.array(columns[4], dtype=np.int64),
        committed=np.array(columns[5], dtype=bool),
        last=np.minimum(T, delivered + generations.service_periods[generation]) - 1,
    )


def _demand(
    frame: pd.DataFrame, calendar: Calendar, w_of: dict[str, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    shape = (len(w_of), calendar.periods)
    tables = {"minimum": np.zeros(shape), "maximum": np.full(shape, np.inf), "value": np.zeros(shape)}
    for name, measure, row in zip(_text(frame, "workload"), _text(frame, "measure"), _wide(frame, calendar),
                                  strict=True):  # fmt: skip
        tables[measure][_workload_indices(name, w_of)] = row
    return tables["minimum"], tables["maximum"], tables["value"]


def _options(frame: pd.DataFrame, calendar: Calendar, s_of: dict[str, int], *, adds: str) -> Options:
    power = adds == "adds_mw"
    zero = np.zeros(len(frame))
    return Options(
        names=_text(frame, "option"),
        site=np.array([s_of[name] for name in _text(frame, "site")], dtype=np.int64),
        adds=_floats(frame, adds) * (_floats(frame, "availability") if power else 1.0),
        capex=_floats(frame, "capex"),
        fixed_per_period=_floats(frame, "fixed_per_year") * calendar.years_per_period,
        energy_price=_floats(frame, "energy_per_mwh") if power else zero,
        carbon_kg_per_mwh=_floats(frame, "carbon_kg_per_mwh") if power else zero,
        lead=_ints(frame, "lead_time"),
        earliest=np.maximum(0, _ints(frame, "earliest")),
        latest=np.minimum(calendar.periods - 1, _ints(frame, "latest", blank=calendar.periods - 1)),
        max_builds=_ints(frame, "max_builds", blank=1),
    )


def _projects(frame: pd.DataFrame, calendar: Calendar, workloads: tuple[str, ...]) -> Projects:
    scope = np.array([[name in (w, _ANY, "all") for w in workloads] for name in _text(frame, "workload")], dtype=bool)
    return Projects(
        names=_text(frame, "project"),
        scope=scope.reshape(len(frame), len(workloads)),
        uplift=_floats(frame, "uplift"),
        cost=_floats(frame, "cost"),
        cost_per_period=_floats(frame, "cost_per_year") * calendar.years_per_period,
        lead=_ints(frame, "lead_time"),
        earliest=np.maximum(0, _ints(frame, "earliest")),
    )


def _rental(frame: pd.DataFrame, calendar: Calendar, w_of: dict[str, int]) -> Rental:
    rows = [(w, i) for i, name in enumerate(_text(frame, "workload")) for w in _workload_indices(name, w_of)]
    pick = np.array([i for _, i in rows], dtype=np.int64)
    return Rental(
        workload=np.array([w for w, _ in rows], dtype=np.int64),
        price_per_unit_hour=_floats(frame, "price_per_unit_hour")[pick],
        kw_per_compute_unit=_floats(frame, "kw_per_compute_unit")[pick],
        maximum=_wide(frame, calendar)[pick],
    )
