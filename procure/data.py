"""Reference data: accelerators, markets, power supply and finance, each figure with its source.

>>> import procure.data
>>> procure.data.generations("fp8_inference").columns[:3].tolist()
['generation', 'vendor', 'compute']
>>> len(procure.data.markets())
18

Every function reads a CSV file and returns a new DataFrame; nothing is cached, so callers may change what they get. An
installed package carries the files as ``procure/reference``; in a source checkout they stand in ``data/``. Their
licences and attributions are in ``data/README.md`` (``procure.data.licence()``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BASES", "accelerators", "finance", "generations", "licence", "markets", "sources", "supply_options"]

TABLES = ("accelerators", "markets", "supply_options", "finance")

BASES = (
    "bf16_training",
    "fp8_inference",
    "mlperf_training",
    "mlperf_training_405b",
    "mlperf_inference",
    "mlperf_reasoning",
)
"""What a unit's compute can be counted by, in H100-equivalents: peak rates at two precisions, or MLPerf results."""

_SHEET = (
    "generation",
    "vendor",
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
    "generation_id",
    "unit",
    "sold",
    "status",
    "price_year",
    "estimates",
    "formulas",
)


def accelerators() -> pd.DataFrame:
    """Return the 25 generations of the catalogue, as their vendors and others describe them.

    One row a thing that a buyer orders (a server, a rack); ``estimates`` names the columns that are estimates.
    """
    return _read("accelerators")


def markets() -> pd.DataFrame:
    """Return the 18 markets: power prices (USD/MWh), PUE, carbon (kg/MWh), waits, rents, export status."""
    return _read("markets")


def supply_options() -> pd.DataFrame:
    """Return the 17 ways to supply power: capex (USD/kW), operating cost, lead times (months), carbon (kg/MWh)."""
    return _read("supply_options")


def finance() -> pd.DataFrame:
    """Return financial and operating figures: useful lives, rates, resale, rentals, contracts, measured power caps."""
    return _read("finance")


def generations(basis: str | None = None) -> pd.DataFrame:
    """Return the generations in the terms of the input workbook's sheet ``generations``.

    Parameters
    ----------
    basis
        One of ``BASES``: the column ``compute`` then holds the H100-equivalents of a unit on that basis, and the first
        columns are those of the sheet. None gives the whole derived table with a column ``compute_<basis>`` for each.

    Returns
    -------
    DataFrame
        25 rows; a figure that was not found is NaN or empty, never filled in. ``estimates`` names the columns that are
        estimates and ``formulas`` says how each of them came about.

    Raises
    ------
    ValueError
        The basis is not known.
    """
    table = _read("generations")
    if basis is None:
        return table
    if basis not in BASES:
        raise ValueError(f"basis is {basis!r}; expected one of {', '.join(BASES)}")
    chosen = f"compute_{basis}"
    named = table.rename(columns={chosen: "compute"})
    named["estimates"] = [
        ";".join("compute" if name == chosen else name for name in text.split(";") if _keeps(name, chosen))
        for text in table["estimates"]
    ]
    return named[list(_SHEET)]


def _keeps(name: str, chosen: str) -> bool:
    """Tell whether a derived column stands in the table of the chosen basis.

    >>> _keeps("compute_bf16_training", "compute_fp8_inference"), _keeps("price", "compute_fp8_inference")
    (False, True)
    """
    return name == chosen or not name.startswith("compute_")


def sources(table: str) -> pd.DataFrame:
    """Return the sources of a table: one row for every figure, alternatives included.

    Columns: row, field, value, title, address, locator, date, kind, used (chosen or alternative), second_hand.

    Raises
    ------
    ValueError
        There is no such table.
    """
    if table not in TABLES:
        raise ValueError(f"table is {table!r}; expected one of {', '.join(TABLES)}")
    return _read(f"{table}_sources", text=True)


def licence() -> str:
    """Return the licences and attributions of the data (``data/README.md``)."""
    return (_home() / "README.md").read_text(encoding="utf-8")


def _home() -> Path:
    """Folder of the CSV files: inside an installed package, else beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "reference"
    return installed if installed.is_dir() else package.parent / "data"


_TEXT = {"estimates", "available", "announced", "last_order", "available_from", "as_of", "vacancy_date", "price_year"}


def _read(name: str, *, text: bool = False) -> pd.DataFrame:
    """Read a CSV file: figures as numbers, dates and words as text ('' when blank)."""
    import pandas as pd

    table = pd.read_csv(_home() / f"{name}.csv", dtype=str, keep_default_na=False)
    if text:
        return table
    for column in table.columns:
        if column in _TEXT:
            continue
        filled = table[column][table[column] != ""]
        if filled.empty or pd.to_numeric(filled, errors="coerce").notna().all():
            table[column] = pd.to_numeric(table[column].replace("", None)).astype(float)
    return table
