"""The sheets of a plan as typed columns; what cannot be read is said in plain words and left out.

A plan may be hand-made, so nothing is taken for granted. ``orders``, ``deployment`` and ``running`` must be there with
the columns that carry decisions. ``warehouse``, ``sales``, ``builds`` and ``rental`` may be missing: then nothing is
sold, built or rented, and the warehouse holds what is owned and not installed. All other sheets and columns hold
figures that follow from these; where they are given they are checked.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from procure.audit.inputs import Inputs

    Columns = dict[str, NDArray[Any]]

__all__ = ["SPEC", "Reading", "Sheet", "read_sheets"]

#: Sheets without which there is no plan to audit.
NEEDED = ("orders", "deployment", "running")

#: Column kinds. label: any period; period: one of the horizon; generation, site: a name of the input; text;
#: number: must be given; flow: blank is 0; figure: optional, blank is NaN; yesno: optional, blank is no; when: optional
#: date or period. Those of a sheet's keys and numbers must be there, the optional ones need not.
SPEC: dict[str, dict[str, str]] = {
    "orders": {
        "order": "label", "delivery": "label", "generation": "generation", "units": "number", "unit_price": "figure",
        "total": "figure", "committed": "yesno", "deposit": "figure", "balance": "figure", "order_by": "when",
        "deposit_due": "when", "balance_due": "when",
    },
    "deployment": {
        "period": "period", "site": "site", "generation": "generation", "installed": "flow", "removed": "flow",
        "installed_total": "number",
    },
    "running": {
        "period": "period", "site": "site", "generation": "generation", "mode": "text", "workload": "text",
        "running": "number", "compute_hours": "figure", "energy_mwh": "figure",
    },
    "warehouse": {"period": "period", "generation": "generation", "stored": "number"},
    "sales": {
        "period": "period", "generation": "generation", "delivered": "label", "units": "number", "proceeds": "figure",
        "book_value": "figure", "gain": "figure", "unit_price": "figure", "price_paid": "figure",
    },
    "builds": {"period": "period", "kind": "text", "name": "text", "count": "number"},
    "rental": {"period": "period", "workload": "text", "compute": "number", "cost": "figure", "energy_mwh": "figure"},
    "power": {
        "period": "period", "site": "site", "available_mw": "figure", "used_mw": "figure", "stranded_mw": "figure",
        "price_of_power": "figure",
    },
    "energy": {
        "period": "period", "site": "site", "source": "text", "energy_mwh": "number", "cost": "figure",
        "carbon_t": "figure",
    },
    "compute": {
        "period": "period", "workload": "text", "own_hours": "figure", "rented_hours": "figure",
        "delivered_hours": "figure", "average": "figure", "minimum": "figure", "maximum": "figure", "value": "figure",
    },
    "cash_flow": {
        "period": "period", "capex_orders": "figure", "deposits": "figure", "resale": "figure", "energy": "figure",
        "opex": "figure", "site_rent": "figure", "site_capacity": "figure", "site_fixed": "figure",
        "install": "figure", "remove": "figure", "order_cost": "figure", "builds": "figure", "build_fixed": "figure",
        "projects": "figure", "rental": "figure", "net": "figure", "discounted": "figure", "cumulative": "figure",
    },
    "depreciation": {
        "period": "period", "generation": "generation", "opening": "figure", "additions": "figure",
        "depreciation": "figure", "disposals": "figure", "closing": "figure",
    },
    "summary": {"key": "text", "value": "any"},
}  # fmt: skip

_OPTIONAL = {"figure", "yesno", "when"}
_YES, _NO = {"yes", "y", "true", "1", "1.0"}, {"no", "n", "false", "0", "0.0", ""}


@dataclass(frozen=True)
class Sheet:
    """One sheet: ``columns`` by name (arrays of equal length), ``rows`` their row numbers in the plan workbook."""

    name: str
    given: bool
    columns: dict[str, NDArray[Any]]
    present: frozenset[str]
    rows: NDArray[np.int64]

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column."""
        return self.columns[name]

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.rows.size)


@dataclass
class Reading:
    """The sheets of a plan, with what is missing (sheets, columns) and what could not be read (cells)."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def read_sheets(frames: Mapping[str, Any], inputs: Inputs) -> Reading:
    """Read every sheet of a plan that the audit knows; never raises on what a plan may contain."""
    reading = Reading()
    for name, spec in SPEC.items():
        frame = _frame(frames.get(name))
        if frame is None:
            if name in NEEDED:
                reading.missing.append(f"the plan has no sheet `{name}`")
            reading.sheets[name] = _empty(name, spec)
            continue
        reading.sheets[name] = _Reader(name, frame, inputs, reading).sheet(spec)
    return reading


def _frame(value: Any) -> pd.DataFrame | None:
    if value is None:
        return None
    frame = value if isinstance(value, pd.DataFrame) else pd.DataFrame(value)
    frame = frame.loc[:, [str(c).strip() != "" and not isinstance(c, float) for c in frame.columns]]
    return frame.set_axis([str(c).strip() for c in frame.columns], axis=1)


def _empty(name: str, spec: dict[str, str]) -> Sheet:
    columns = {c: np.zeros(0, dtype=object if kind in {"text", "any"} else float) for c, kind in spec.items()}
    for c, kind in spec.items():
        if kind in {"label", "period", "generation", "site"}:
            columns[c] = np.zeros(0, dtype=np.int64)
    return Sheet(name, given=False, columns=columns, present=frozenset(), rows=np.zeros(0, dtype=np.int64))


class _Reader:
    """Reads one sheet; faults go to ``reading``, rows whose keys cannot be read are left out."""

    def __init__(self, name: str, frame: pd.DataFrame, inputs: Inputs, reading: Reading) -> None:
        self.name, self.inputs, self.reading = name, inputs, reading
        blank = frame.isna().to_numpy().all(axis=1) if len(frame.columns) else np.zeros(len(frame), dtype=bool)
        filled = np.flatnonzero(~blank)
        self.rows = filled + 2
        self.frame = frame.iloc[filled].reset_index(drop=True)
        self.drop = np.zeros(len(self.frame), dtype=bool)

    def sheet(self, spec: dict[str, str]) -> Sheet:
        lacking = False
        for c, kind in spec.items():
            count = list(self.frame.columns).count(c)
            if count == 0 and kind not in _OPTIONAL and not (self.frame.empty and self.name not in NEEDED):
                self.reading.missing.append(f"sheet `{self.name}` has no column `{c}`")
                lacking = True
            if count > 1:
                self.reading.missing.append(f"sheet `{self.name}` has {count} columns `{c}`")
                lacking = True
        if lacking:
            return _empty(self.name, spec)
        columns = {c: self._read(c, kind) for c, kind in spec.items()}
        keep = ~self.drop
        present = frozenset(c for c in spec if c in self.frame.columns)
        return Sheet(self.name, True, {c: v[keep] for c, v in columns.items()}, present, self.rows[keep])

    def _read(self, c: str, kind: str) -> NDArray[Any]:
        n = len(self.frame)
        if c not in self.frame.columns:
            if kind in {"label", "period", "generation", "site"}:
                return np.zeros(n, dtype=np.int64)
            return np.full(n, np.nan) if kind in {"figure", "when"} else np.zeros(n)
        series = self.frame[c]
        match kind:
            case "label" | "period":
                return self._mapped(series, c, lambda v: self._period(v, inside=kind == "period")).astype(np.int64)
            case "generation" | "site":
                known = getattr(self.inputs, kind + "s")
                index = {name: i for i, name in enumerate(known)}
                return self._mapped(series, c, lambda v: _known(index, v, kind)).astype(np.int64)
            case "when":
                return self._mapped(series, c, self._when, blank=np.nan)
            case "yesno":
                return self._mapped(series, c, _yesno, blank=0.0)
            case "text":
                blank = series.isna().to_numpy()
                codes, distinct = _distinct(series)
                texts = np.array([*(_text(v) for v in distinct), ""], dtype=object)
                return np.where(blank, "", texts[codes])
            case "any":
                return series.astype(object).where(series.notna(), np.nan).to_numpy()
            case _:
                return self._numbers(series, c, kind)

    def _mapped(
        self, series: pd.Series[Any], c: str, read: Callable[[Any], float], blank: float | None = None
    ) -> NDArray[np.float64]:
        """Read each distinct value once; a row with a value that cannot be read is left out."""
        codes, distinct = _distinct(series)
        values = np.zeros(len(distinct) + 1)
        problem: list[str] = [""] * len(values)
        values[-1] = blank if blank is not None else 0.0
        problem[-1] = "the cell is empty" if blank is None else ""
        for i, value in enumerate(distinct):
            try:
                values[i] = read(value)
            except ValueError as error:
                problem[i] = str(error)
        bad = np.array([bool(text) for text in problem])[codes]
        self.drop |= bad
        for row in np.flatnonzero(bad):
            self._fault(int(row), c, problem[codes[row]])
        return values[codes]

    def _numbers(self, series: pd.Series[Any], c: str, kind: str) -> NDArray[np.float64]:
        if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
            values = series.to_numpy(dtype=float, na_value=np.nan)
            wrong = np.zeros(len(values), dtype=bool)
        else:
            cells = series.astype(object).to_numpy()
            isna = series.isna().to_numpy()
            wrong = np.array([not na and not _is_number(v) for v, na in zip(cells, isna, strict=True)], dtype=bool)
            values = np.full(len(cells), np.nan)
            good = ~wrong & ~isna
            values[good] = cells[good].astype(float)
            for row in np.flatnonzero(wrong):
                self._fault(int(row), c, f"{cells[row]!r} is not a number")
        infinite = np.isinf(values)
        for row in np.flatnonzero(infinite):
            self._fault(int(row), c, f"{values[row]} is not a finite number")
        if kind == "number":
            for row in np.flatnonzero(np.isnan(values) & ~wrong):
                self._fault(int(row), c, "the cell is empty")
        values = np.where(infinite, 0.0, values)
        return values if kind == "figure" else np.nan_to_num(values, nan=0.0)

    def _period(self, value: Any, *, inside: bool) -> float:
        calendar = self.inputs.calendar
        first, last = calendar.index(value, edge="first"), calendar.index(value, edge="last")
        if first != last:
            raise ValueError(f"{value!r} spans several periods")
        if inside and not 0 <= first < self.inputs.T:
            raise ValueError(f"{value!r} lies outside {calendar.labels[0]} to {calendar.labels[-1]}")
        return float(first)

    def _when(self, value: Any) -> float:
        """Period of a date; NaN for free text."""
        if isinstance(value, (str, dt.date, Real)):
            try:
                return self._period(value, inside=False)
            except ValueError:
                return np.nan
        return np.nan

    def _fault(self, row: int, c: str, problem: str) -> None:
        self.reading.unreadable.append(f"sheet `{self.name}`, row {self.rows[row]}, column `{c}`: {problem}")


def _distinct(series: pd.Series[Any]) -> tuple[NDArray[np.int64], Any]:
    """Return the code of each cell and the distinct values (-1: blank)."""
    try:
        return pd.factorize(series.astype(object), use_na_sentinel=True)
    except TypeError:  # a list or another thing that no cell of a workbook can be
        return pd.factorize(series.map(str).where(series.notna()).astype(object), use_na_sentinel=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, (Real, np.number)) and not isinstance(value, (bool, np.bool_))


def _text(value: Any) -> str:
    return str(value).strip()


def _known(index: dict[str, int], value: Any, kind: str) -> float:
    if _text(value) not in index:
        raise ValueError(f"{value!r} is not a {kind} of the input")
    return float(index[_text(value)])


def _yesno(value: Any) -> float:
    text = _text(value).lower()
    if text not in _YES | _NO:
        raise ValueError(f"{value!r} is neither yes nor no")
    return float(text in _YES)
