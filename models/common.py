"""What the model scripts share: rows of the input workbook made from ``data/``, each with its source.

A figure of a row comes from ``procure.data`` or is an assumption of the model. Both are said in the row's ``source``:
which row of which file, which of its figures are estimates there, and what is assumed here and why.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import procure.data

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]
Assumed = tuple[Any, str]

GAS_USD_MMBTU = 4.0  # no sourced price: every gas row below says so
POWER_WACC = 0.071  # data/finance.csv wacc_eia
PLANT_YEARS = 20
SHEET_FIELDS = (
    "compute",
    "power_kw",
    "load_factor",
    "racks",
    "rack_kw",
    "cooling",
    "price",
    "available_from",
    "last_order",
    "resale",
    "resale_decline",
)


@cache
def _table(name: str, key: str) -> dict[str, dict[str, Any]]:
    frame = procure.data.generations() if name == "generations" else getattr(procure.data, name)()
    return {row[key]: row for row in frame.to_dict("records")}


def market(name: str) -> dict[str, Any]:
    """A row of ``data/markets.csv``."""
    return _table("markets", "market_id")[name]


def supply(name: str) -> dict[str, Any]:
    """A row of ``data/supply_options.csv``."""
    return _table("supply_options", "option_id")[name]


def item(name: str, field: str = "value") -> float:
    """A figure of ``data/finance.csv``."""
    return float(_table("finance", "item_id")[name][field])


def product(name: str) -> dict[str, Any]:
    """A row of ``data/generations.csv``."""
    return _table("generations", "generation")[name]


def compute(name: str, basis: str) -> float:
    """H100-equivalents of a unit on a basis (``procure.data.BASES``)."""
    return float(product(name)[f"compute_{basis}"])


def generation(name: str, basis: str, assumed: Mapping[str, Assumed] | None = None, **plain: Any) -> Row:
    """A row of the sheet ``generations``: the product's figures, then what the model assumes about it.

    ``assumed`` maps columns to (value, reason); ``plain`` are assumptions that the model explains once for all rows.
    """
    found, row = product(name), {"generation": name, "vendor": product(name)["vendor"]}
    marked = found["estimates"].split(";")
    taken, weak = [], []
    for field in SHEET_FIELDS:
        column = f"compute_{basis}" if field == "compute" else field
        value = found[column]
        if field in (assumed or {}) or field in plain or value == "" or value != value:
            continue
        row[field] = value
        taken.append(field)
        if column in marked:
            weak.append(field)
    said = [f"data/generations.csv, {name} ({basis}): {', '.join(taken)}"]
    if weak:
        said.append(f"estimates there: {', '.join(weak)}")
    for column, (value, reason) in (assumed or {}).items():
        row[column] = value
        said.append(f"estimate: {column}, {reason}")
    if plain:
        row.update(plain)
        said.append(f"assumptions of the model: {', '.join(plain)}")
    return row | {"source": "; ".join(said)}


def site(name: str, where: str, assumed: Mapping[str, Assumed] | None = None, **plain: Any) -> Row:
    """A row of the sheet ``sites``: PUE, energy price and carbon of its market, then what the model assumes."""
    found, row = market(where), {"site": name, "market": market(where)["market"]}
    taken = []
    for column, field in (
        ("pue", "pue"),
        ("energy_per_mwh", "industrial_price_usd_mwh"),
        ("carbon_kg_per_mwh", "carbon_kg_mwh"),
    ):
        value = found[field]
        if column in (assumed or {}) or value != value:
            continue
        row[column] = value
        taken.append(f"{column} ({field})")
    said = [f"data/markets.csv, {where}: {', '.join(taken)}"]
    for column, (value, reason) in (assumed or {}).items():
        row[column] = value
        said.append(f"estimate: {column}, {reason}")
    if plain:
        row.update(plain)
        said.append(f"assumptions of the model: {', '.join(plain)}")
    return row | {"source": "; ".join(said)}


def annuity(rate: float = POWER_WACC, years: float = PLANT_YEARS) -> float:
    """Yearly payment for a capital of 1 over its life."""
    return rate / (1 - (1 + rate) ** -years)


def plant(
    option: str,
    kind: str,
    where: str,
    megawatts: float,
    *,
    lead_quarters: int,
    availability: float = 1.0,
    why: str,
    **more: Any,
) -> Row:
    """A row of ``power_options``: plant of ``megawatts`` nameplate, paid as a yearly charge for its capital and upkeep.

    The plant outlives the horizon, so its capital is charged by the year (an annuity over 20 years at EIA's WACC)
    instead of at once. Gas costs heat rate × price + variable O&M.
    """
    found = supply(kind)
    capital = found["capex_usd_kw"] * annuity() + found["fom_usd_kw_yr"]
    heat = found["heat_rate_btu_kwh"]
    gas = heat / 1000 * GAS_USD_MMBTU if heat == heat else 0.0
    said = (
        f"data/supply_options.csv, {kind}: capex {found['capex_usd_kw']:,.0f} USD/kW, fixed O&M, "
        f"{'heat rate, ' if gas else ''}variable O&M, carbon; capital as an annuity of {PLANT_YEARS} years at "
        f"{POWER_WACC:.1%} (data/finance.csv wacc_eia)"
    )
    if gas:
        said += f"; assumption: gas at {GAS_USD_MMBTU:g} USD/MMBtu"
    return {
        "option": option,
        "site": where,
        "adds_mw": megawatts,
        "availability": availability,
        "capex": 0,
        "fixed_per_year": round(capital * megawatts * 1000, -3),
        "energy_per_mwh": round(gas + found["vom_usd_mwh"], 1),
        "carbon_kg_per_mwh": found["carbon_kg_mwh"],
        "lead_time": lead_quarters,
        **more,
        "source": f"{said}; assumption: adds_mw; {why}",
    }


def settings(values: Mapping[str, Assumed]) -> list[Row]:
    """The sheet ``settings`` from key → (value, note)."""
    return [{"key": key, "value": value, "note": note} for key, (value, note) in values.items()]


def wide(key: str, name: str, values: Mapping[str, Any], source: str, **more: Any) -> Row:
    """A row of a wide sheet: the periods where the figure changes; a blank period repeats its left neighbour."""
    return {key: name, **more, **values, "source": source}


def decline(first: float, yearly: float, start: str, quarters: int, digits: int = 3) -> dict[str, float]:
    """A figure by quarter that changes by the factor ``yearly`` each year, from the quarter ``start`` on."""
    zero = 4 * int(start[:4]) + int(start[-1]) - 1
    labels = [f"{(zero + q) // 4}Q{(zero + q) % 4 + 1}" for q in range(quarters)]
    return {label: round(first * yearly ** (q / 4), digits) for q, label in enumerate(labels)}
