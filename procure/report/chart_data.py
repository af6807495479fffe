"""The tables behind the charts: the sheet ``chart_data``, one row a period, and what stands in which column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procure.report.look import Palette, palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from procure.plan import Plan

__all__ = ["ChartData", "chart_data"]

RENTED = "rented"
OTHER = "other"


@dataclass(frozen=True)
class ChartData:
    """``frame``: the sheet; ``palette``: colours; ``sites``: by power available, largest first.

    ``columns`` gives the names of generations (or ``other``) that have a column, by block: ``power``, ``compute``,
    ``orders`` and ``power`` of each site (key: the site's index in ``sites``).
    """

    frame: pd.DataFrame
    palette: Palette
    sites: tuple[str, ...]
    columns: dict[str | int, tuple[str, ...]]


def column_name(block: str, name: str) -> str:
    """Return the name of a column of the sheet."""
    return f"{block}: {name}"


def site_block(site: str) -> str:
    """Return the block name of a site's power columns."""
    return f"mw {site}"


def chart_data(plan: Plan) -> ChartData:
    """Lay out the chart data of a plan (periods × columns)."""
    case, frames = plan.case, plan.frames
    labels = list(case.calendar.labels)
    names = case.generations.names
    running, orders, power = frames["running"], frames["orders"], frames["power"]
    weight = running.groupby("generation")["compute_hours"].sum().reindex(names, fill_value=0.0)
    bought = orders.groupby("generation")["units"].sum().reindex(names, fill_value=0)
    floor = 1e-9 * max(1.0, float(weight.max()))
    colours = palette(names, [float(w) + floor * float(b) for w, b in zip(weight, bought, strict=True)])
    colours = _with_fleet(colours, names, frames["depreciation"])

    columns: dict[str | int, tuple[str, ...]] = {}
    parts: dict[str, NDArray[np.float64]] = {}

    def block(key: str | int, title: str, frame: pd.DataFrame, value: str, scale: float = 1.0) -> None:
        table = _by_generation(frame, value, labels, colours) * scale
        columns[key] = tuple(table.columns)
        parts.update({column_name(title, str(name)): table[name].to_numpy() for name in table})

    block("power", "mw", running, "peak_mw")
    available = power.groupby("period")["available_mw"].sum().reindex(labels, fill_value=0.0)
    parts["mw available"] = available.to_numpy()
    parts["mw not used"] = power.groupby("period")["stranded_mw"].sum().reindex(labels, fill_value=0.0).to_numpy()
    block("compute", "compute", running, "compute_hours", 1.0 / case.hours)
    rented = frames["compute"].groupby("period")["rented_hours"].sum().reindex(labels, fill_value=0.0)
    parts[column_name("compute", RENTED)] = rented.to_numpy() / case.hours
    placed = orders[orders["order"].isin(labels)].rename(columns={"order": "period"})
    block("orders", "units ordered", placed, "units")

    cash = frames["cash_flow"].set_index("period").reindex(labels)
    parts["capex"] = -(cash["capex_orders"] + cash["deposits"] + cash["builds"]).to_numpy() + 0.0
    parts["cumulative cash"] = cash["cumulative"].to_numpy()
    books = frames["depreciation"].groupby("period")[["closing", "resale_value", "units"]].sum()
    books = books.reindex(labels, fill_value=0)
    parts["book value"] = books["closing"].to_numpy(dtype=float)
    parts["resale value"] = books["resale_value"].to_numpy(dtype=float)
    runs = running.groupby("period")["running"].sum().reindex(labels, fill_value=0.0)
    idle = books["units"].to_numpy(dtype=float) - runs.to_numpy()
    parts["idle units"] = np.where(idle > 1e-6, idle, 0.0)

    largest = power.groupby("site")["available_mw"].max().reindex(list(case.sites.names), fill_value=0.0)
    sites = tuple(largest.sort_values(ascending=False, kind="stable").index.astype(str))
    by_site = dict(tuple(running.groupby("site")))
    by_period = power.pivot_table(index="period", columns="site", values=["available_mw", "stranded_mw"], aggfunc="sum")
    limit, left = by_period["available_mw"].reindex(labels), by_period["stranded_mw"].reindex(labels)
    for i, site in enumerate(sites):
        block(i, site_block(site), by_site.get(site, running.iloc[:0]), "peak_mw")
        parts[column_name(site_block(site), "available")] = limit[site].to_numpy(dtype=float)
        parts[column_name(site_block(site), "not used")] = left[site].to_numpy(dtype=float)
    frame = pd.DataFrame({"period": np.array(labels, dtype=object), **parts})
    return ChartData(frame, colours, sites, columns)


def _with_fleet(colours: Palette, names: Sequence[str], books: pd.DataFrame) -> Palette:
    """Give colours that are left to generations that are owned and never run."""
    owned = [name for name in names if name in set(books["generation"]) and name not in colours.shown + colours.others]
    room = 8 - len(colours.shown)
    if colours.others or len(owned) > room:
        return Palette(colours.shown, colours.others + tuple(owned))
    keep = set(colours.shown) | set(owned)
    return Palette(tuple(name for name in names if name in keep), ())


def _by_generation(frame: pd.DataFrame, value: str, labels: list[str], colours: Palette) -> pd.DataFrame:
    """Return periods × generations that have any of it, in the order of the palette, then ``other``."""
    known = frame["generation"].where(frame["generation"].isin(colours.shown), OTHER)
    table = frame.assign(generation=known).pivot_table(
        index="period", columns="generation", values=value, aggfunc="sum", observed=True
    )
    order = [name for name in (*colours.shown, OTHER) if name in table.columns]
    return table.reindex(index=labels, columns=order).fillna(0.0)
