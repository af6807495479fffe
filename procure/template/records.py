"""Tables of any kind as records to write: headers in order and rows of plain cell values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procure.calendar import Calendar
from procure.schema import PERIOD, load_schema

if TYPE_CHECKING:
    from procure.reading.tables import Tables
    from procure.schema import Column, Sheet

__all__ = ["Records", "empty_records", "frames_records", "tables_records"]

NOTE = "note"
UNIT = "unit"
_UNSUPPORTED = ("scenarios",)


@dataclass(slots=True)
class Records:
    """One table to write: headers in order, rows of values (None: blank), and the period labels among the headers."""

    sheet: Sheet
    headers: list[str]
    rows: list[list[Any]] = field(default_factory=list)
    labels: tuple[str, ...] = ()


def empty_records(start: str = "2027Q1", periods: int = 20) -> dict[str, Records]:
    """Return every table without rows, with the settings at their defaults and a calendar of quarters."""
    return frames_records({"settings": {"start": start, "periods": periods}}, every_setting=True)


def frames_records(frames: Mapping[str, Any], *, every_setting: bool = True) -> dict[str, Records]:
    """Return DataFrames, lists of records and a mapping of settings as records by sheet name."""
    schema = load_schema()
    unknown = [name for name in frames if name not in schema]
    if unknown:
        raise KeyError(f"not in the data dictionary: {', '.join(map(str, unknown))}")
    settings = _settings(frames.get("settings", {}), every=every_setting)
    values = {row[0]: row[1] for row in settings.rows}
    labels = _labels(values)
    result = {"settings": settings}
    for name, sheet in schema.items():
        if name == "settings" or (name in _UNSUPPORTED and name not in frames):
            continue
        result[name] = _table(sheet, _as_records(frames.get(name)), labels, frames)
    return result


def tables_records(tables: Tables) -> dict[str, Records]:
    """Return checked tables as records: period indices as labels, defaults that nobody gave left blank."""
    frames: dict[str, Any] = {"settings": {k: _setting(v) for k, v in tables.settings.items()}}
    for name, frame in tables.frames.items():
        if not len(frame) or (name == "workloads" and list(frame["workload"]) == ["all"]):
            continue
        sheet = load_schema()[name]
        data = frame.copy().astype(object)
        for column in sheet.fixed:
            default = column.default_value()
            values = [_shown(column, value, tables.calendar) for value in frame[column.name]]
            same = not column.required and default is not None and all(value in (default, None) for value in values)
            data[column.name] = [None] * len(values) if same and not column.key else values
        if name == "generations":  # derived defaults: blank again
            data["rack_kw"] = [None if math.isclose(kw, p / r) else kw for kw, p, r in
                               zip(frame["rack_kw"], frame["power_kw"], frame["racks"].replace(0, math.nan),
                                   strict=True)]  # fmt: skip
        frames[name] = data
    return frames_records(frames)


def _setting(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if isinstance(value, float) and math.isinf(value) else value


def _shown(column: Column, value: Any, calendar: Calendar) -> Any:
    """Return a checked value as a planner writes it."""
    if column.is_period:
        return None if math.isnan(value) else calendar.label(int(value))
    if column.type == "yesno":
        return "yes" if value else "no"
    if column.type == "names":
        return ", ".join(value) or None
    if column.numeric:
        return None if math.isnan(value) or (math.isinf(value) and column.default == "unlimited") else value
    return value or None


def _as_records(table: Any) -> list[Mapping[str, Any]]:
    if table is None:
        return []
    if hasattr(table, "to_dict") and hasattr(table, "columns"):
        if any(level is not None for level in table.index.names):
            table = table.reset_index()
        headers = [str(header) for header in table.columns]
        columns = [table.iloc[:, i].tolist() for i in range(len(headers))]
        return [dict(zip(headers, row, strict=True)) for row in zip(*columns, strict=True)]
    return [{str(key): value for key, value in record.items()} for record in table]


def _settings(given: Any, *, every: bool) -> Records:
    """Return the settings with unit and note; every key with its default where ``every``."""
    sheet = load_schema()["settings"]
    notes: dict[str, str] = {}
    if isinstance(given, Mapping):
        values = {str(key): value for key, value in given.items()}
    else:
        records = _as_records(given)
        values = {str(record["key"]): record.get("value") for record in records}
        notes = {str(record["key"]): str(record[NOTE]) for record in records if record.get(NOTE)}
    rows: list[list[Any]] = []
    for column in sheet.columns:
        if column.name not in values and not every:
            continue
        default = None if column.default == "unlimited" else column.default or None
        if default is not None and column.numeric:
            default = column.default_value()  # type: ignore[assignment]
        value = _plain(values.pop(column.name, None))
        rows.append([column.name, default if value is None else value, column.unit or None,
                     notes.get(column.name) or _described(column)])  # fmt: skip
    rows += [[key, _plain(value), None, notes.get(key)] for key, value in values.items()]
    return Records(sheet, ["key", "value", UNIT, NOTE], rows)


def _described(column: Column) -> str:
    choices = f" ({' | '.join(column.choices)})" if len(column.choices) > 1 else ""
    return f"{column.description}{choices}"


def _labels(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the period labels of the horizon; empty where the settings give none."""
    try:
        length = str(settings.get("period_length") or "quarter")
        return Calendar.make(settings["start"], length, int(settings["periods"])).labels
    except (KeyError, TypeError, ValueError):
        return ()


def _table(
    sheet: Sheet, records: list[Mapping[str, Any]], labels: tuple[str, ...], frames: Mapping[str, Any]
) -> Records:
    fixed = [column.name for column in sheet.fixed]
    spread: tuple[str, ...] = ()
    if sheet.spread is not None:
        spread = labels if sheet.spread.name == PERIOD else _workloads(frames)
    given = list(dict.fromkeys(key for record in records for key in record))
    further = [key for key in given if key not in fixed and key not in spread]
    if NOTE not in further:
        further.append(NOTE)
    headers = [*fixed, *further, *spread] if sheet.spread is not None else [*fixed, *further]
    rows = [[_plain(record.get(header)) for header in headers] for record in records]
    return Records(sheet, headers, rows, tuple(label for label in spread if label in labels))


def _workloads(frames: Mapping[str, Any]) -> tuple[str, ...]:
    names = [str(record["workload"]) for record in _as_records(frames.get("workloads")) if record.get("workload")]
    return tuple(names) or ("all",)


def _plain(value: Any) -> Any:
    """Return a value as a cell takes it: NaN blank, infinity in words, truth values as yes and no."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "unlimited"
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or None
    try:
        if value is not None and value != value:
            return None
    except (TypeError, ValueError):  # pandas.NA
        return None
    return value
