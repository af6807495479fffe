"""Values that are possible but most likely in the wrong unit: warnings with the value that was probably meant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from procure.reading.faults import shown
from procure.schema import PERIOD

if TYPE_CHECKING:
    from procure.reading.digest import Digest
    from procure.reading.layout import Table
    from procure.schema import Column

__all__ = ["check_plausible"]

_MAJOR = frozenset(["USD", "EUR", "GBP", "CHF", "CAD", "AUD", "$", "€", "£"])
_LEAST_PER_KW = 2000.0  # the cheapest accelerator servers of 2024-2026 cost some 13,000 USD a kW


def check_plausible(result: Digest) -> None:
    """Compare every number with the range that is usual for its column."""
    for name, table in result.tables.items():
        if name == "scenarios" or not len(table):
            continue
        for column in table.sheet.fixed:
            if column.plausible is not None and column.name in table.at:
                _column(result, table, column, column.name, table.values[column.name])
        spread = table.sheet.spread
        if spread is not None and spread.plausible is not None and spread.name == PERIOD:
            for label, values in table.series.items():
                if label in table.at:
                    _column(result, table, spread, label, values)
    _settings(result)
    if result.sound("generations", "sites"):
        _prices(result)
    _left_blank(result)


def _column(result: Digest, table: Table, column: Column, name: str, values: list[float]) -> None:
    usual = column.plausible
    if usual is None:
        return
    finite = [value for value in values if value and math.isfinite(value)]
    if not finite or (min(finite) in usual and max(finite) in usual):
        return
    for i, value in enumerate(values):
        if value and math.isfinite(value) and value not in usual:
            result.flag("W406", table, i, name, shown(value), f"usually {usual.words()}{_unit(column)}",
                  _meant(column, value))  # fmt: skip


def _unit(column: Column) -> str:
    return f" {column.unit}" if column.unit else ""


def _meant(column: Column, value: float) -> str | None:
    """Return the value that was meant if the unit is a usual mistake for the column."""
    usual = column.plausible
    if usual is None:
        return None
    if "kW" in column.unit and value > usual.high and value / 1000 in usual:
        return f"If that is W, enter {shown(value / 1000)}"
    if column.unit == "MW" and value > usual.high and value / 1000 in usual:
        return f"If that is kW, enter {shown(value / 1000)}"
    if column.name == "energy_per_mwh" and value > usual.high:
        return "It is the price of a MWh in the workbook's currency"
    if column.type == "fraction" and value > usual.high:
        return f"A fraction: {shown(value)} is {100 * value:g} %"
    return None


def _settings(result: Digest) -> None:
    settings = result.settings
    from procure.schema import load_schema

    for column in load_schema()["settings"].columns:
        value = settings.values[column.name]
        if column.plausible is None or column.name not in settings.rows or not value or value in column.plausible:
            continue
        result.log.add(
            "W406",
            settings.title,
            row=settings.rows[column.name],
            at=settings.at,
            column=column.name,
            got=shown(float(value)),
            expected=f"usually {column.plausible.words()}{_unit(column)}",
            hint=_meant(column, value),
            addressed=settings.addressed,
        )


def _prices(result: Digest) -> None:
    """Find prices of one accelerator where a server or rack is meant, and of a kWh where a MWh is."""
    table, values = result.tables["generations"], result.tables["generations"].values
    currency = str(result.settings.values["currency"]).upper()
    if currency in _MAJOR:
        for i, (price, kw) in enumerate(zip(values["price"], values["power_kw"], strict=True)):
            if 0 < price < _LEAST_PER_KW * kw and kw >= 5:
                result.flag("W406", table, i, "price", f"{shown(price)} for a unit of {shown(kw)} kW",
                      f"usually more than {_LEAST_PER_KW:,.0f} {currency} a kW",
                      "Is it the price of one accelerator, or in thousands? Enter that of the whole unit")  # fmt: skip
    sites = result.tables["sites"]
    for i, price in enumerate(sites.values.get("energy_per_mwh", ())):
        if 0 < price < 1:
            result.flag("W406", sites, i, "energy_per_mwh", shown(price), "usually 20 to 300 currency/MWh",
                  f"If that is the price of a kWh, enter {shown(round(1000 * price, 6))}")  # fmt: skip


def _left_blank(result: Digest) -> None:
    """Costs of options that were left blank count as nothing: say so."""
    for sheet, column in (("power_options", "energy_per_mwh"), ("power_options", "capex"), ("shell_options", "capex")):
        table = result.tables[sheet]
        raw = table.raw.get(column, [None] * len(table))
        for i in range(len(table)):
            if raw[i] is None:
                result.flag(
                    "W427", table, i, column, "the cell is blank", None, "It counts as 0; type 0 if that is meant"
                )
