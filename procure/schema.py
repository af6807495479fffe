"""The data dictionary of the input workbook: ``schema.csv`` as typed objects.

One table drives the reader, the checks, the template and the reference page. A row with a blank ``column`` describes a
sheet; its ``type`` is ``settings`` (one key a row), ``long`` (one column a field) or ``wide`` (key columns, then one
column a period). The column named ``<period>`` stands for all period columns of a wide sheet, ``<workload>`` for the
workload columns of ``performance``. No pandas or numpy here: ``procure check`` must start at once.

``blank`` says what leading blank cells of a wide row mean (later ones repeat the cell on their left): ``zero``,
``unlimited``, ``one``, ``none`` (no value yet); ``zero|maximum=unlimited`` differs by the row's measure.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["PERIOD", "WORKLOAD", "Column", "Interval", "Sheet", "load_schema", "reference_markdown", "sheet"]

PERIOD = "<period>"
WORKLOAD = "<workload>"
UNLIMITED = "unlimited"
_NAN_DEFAULT = "blank"


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of numbers, written ``[0,1]``, ``(0,)`` or ``[0,480]`` in the data dictionary."""

    low: float
    high: float
    low_open: bool
    high_open: bool

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read ``[low,high]`` notation; a missing end is infinite."""
        low, _, high = text[1:-1].partition(",")
        return cls(float(low) if low else -math.inf, float(high) if high else math.inf, text[0] == "(", text[-1] == ")")

    def __contains__(self, value: float) -> bool:
        """Say whether a number lies in the range."""
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open and self.high != math.inf else value <= self.high
        return above and below

    def words(self) -> str:
        """Say the range in words: ``0 or more``, ``above 0``, ``between 0 and 1``."""
        low, high = f"{self.low:g}", f"{self.high:,g}" if self.high < 1e6 else f"{self.high:,.0f}"
        if self.high == math.inf:
            if self.low == -math.inf:
                return ""
            return f"above {low}" if self.low_open else f"{low} or more"
        if self.low_open:
            return f"above {low}, at most {high}"
        return f"between {low} and {high}"


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a sheet, or one key of ``settings``.

    ``type`` is one of text, name, names (comma-separated), number, fraction (a number, percent cells welcome), integer,
    choice, yesno, period, period_last (a coarser label means its last period). ``default`` is the text of the default:
    blank (required, or an empty text), ``unlimited`` (inf), ``blank`` (NaN: no value) or ``=rule`` (derived).
    """

    sheet: str
    name: str
    type: str
    unit: str
    default: str
    range: Interval | None
    plausible: Interval | None
    required: bool
    key: bool
    choices: tuple[str, ...]
    references: tuple[str, ...]
    blank: str
    aliases: tuple[str, ...]
    description: str

    @property
    def numeric(self) -> bool:
        """Whether the cell holds a number."""
        return self.type in {"number", "fraction", "integer"}

    @property
    def is_period(self) -> bool:
        """Whether the cell holds a period label."""
        return self.type in {"period", "period_last"}

    def default_value(self) -> str | float | int | bool | None:
        """Return the literal default, typed; None where it is required or derived, NaN for "no value"."""
        text = self.default
        if text.startswith("="):
            return None
        if self.type == "yesno":
            return text == "yes"
        if self.numeric:
            if text == UNLIMITED:
                return math.inf
            if text == _NAN_DEFAULT:
                return math.nan
            if not text:
                return None
            return int(text) if self.type == "integer" else float(text)
        if self.is_period:
            return math.nan
        return text

    def blank_fill(self, measure: str = "") -> float:
        """Return what leading blank cells of a wide row stand for (``measure``: the row's, in ``demand``)."""
        rule, *special = self.blank.split("|")
        for item in special:
            name, _, value = item.partition("=")
            if name == measure:
                rule = value
        return {"zero": 0.0, UNLIMITED: math.inf, "one": 1.0}.get(rule, math.nan)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the input workbook and its columns in canonical order."""

    name: str
    kind: str
    required: bool
    aliases: tuple[str, ...]
    description: str
    columns: tuple[Column, ...]

    @property
    def fixed(self) -> tuple[Column, ...]:
        """Columns with a name of their own (all but ``<period>`` and ``<workload>``)."""
        return tuple(column for column in self.columns if not column.name.startswith("<"))

    @property
    def spread(self) -> Column | None:
        """The column that stands for one column a period or workload, if any."""
        return next((column for column in self.columns if column.name.startswith("<")), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the columns that together may occur only once."""
        return tuple(column.name for column in self.columns if column.key)

    def column(self, name: str) -> Column:
        """Return a column by its canonical name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


@cache
def load_schema() -> dict[str, Sheet]:
    """Return the sheets of the input workbook by name, in the order of the data dictionary."""
    with Path(__file__).with_name("schema.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns: dict[str, list[Column]] = {}
    for row in rows:
        fields = columns.setdefault(row["sheet"], [])
        if row["column"]:
            fields.append(
                Column(
                    sheet=row["sheet"],
                    name=row["column"],
                    type=row["type"],
                    unit=row["unit"],
                    default=row["default"],
                    range=Interval.parse(row["range"]) if row["range"] else None,
                    plausible=Interval.parse(row["plausible"]) if row["plausible"] else None,
                    required=row["required"] == "yes",
                    key=row["key"] == "yes",
                    choices=_split(row["choices"]),
                    references=_split(row["references"]),
                    blank=row["blank"],
                    aliases=_split(row["aliases"]),
                    description=row["description"],
                )
            )
    return {
        row["sheet"]: Sheet(
            row["sheet"],
            row["type"],
            row["required"] == "yes",
            _split(row["aliases"]),
            row["description"],
            tuple(columns[row["sheet"]]),
        )
        for row in rows
        if not row["column"]
    }


def sheet(name: str) -> Sheet:
    """Return one sheet of the data dictionary; raises KeyError."""
    return load_schema()[name]


def _default_words(column: Column) -> str:
    if column.default.startswith("="):
        return column.default[1:].replace("settings.", "setting ")
    if column.required:
        return "**required**"
    return column.default if column.default != _NAN_DEFAULT else ""


def _values_words(column: Column) -> str:
    if column.choices:
        return " \\| ".join(column.choices)
    parts = [column.type.replace("period_last", "period").replace("yesno", "yes \\| no")]
    if column.range is not None and column.range.words():
        parts.append(column.range.words())
    if column.references:
        parts.append("of " + " or ".join(f"`{name}`" for name in column.references))
    return ", ".join(parts)


def reference_markdown() -> str:
    """Return the reference page of the input workbook as Markdown: a table a sheet, from the data dictionary."""
    lines: list[str] = []
    for item in load_schema().values():
        kind = {"settings": "one key a row", "long": "one record a row", "wide": "one column a period"}[item.kind]
        lines += [f"### `{item.name}`", "", f"{item.description} ({kind}{'; required' if item.required else ''})", ""]
        lines += ["| column | values | unit | default | meaning |", "|---|---|---|---|---|"]
        lines += [
            f"| `{column.name}` | {_values_words(column)} | {column.unit} | {_default_words(column)} | "
            f"{column.description.replace('|', chr(92) + '|')} |"
            for column in item.columns
        ]
        lines.append("")
    return "\n".join(lines)
