"""Reading: an input workbook, or DataFrames, into validated ``Tables``; every fault in one go.

``read_workbook`` and ``read_frames`` return ``Tables`` or raise ``InputError`` with all findings. ``check_workbook``
returns the findings and builds no tables: it needs neither numpy nor pandas.

The way of a workbook: ``container`` (zip and XML, bounded) → ``workbook`` and ``scanner`` (raw cells with their
addresses) → ``layout`` (header, columns, records) → ``convert`` (typed values) → ``names`` → ``crosschecks`` →
``tables``. Every step adds what it finds to one ``Log``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from procure.reading.faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procure.reading.tables import Source, Tables

__all__ = ["Fault", "InputError", "Source", "Tables", "check_workbook", "read_frames", "read_workbook"]


def read_workbook(path: str | Path) -> Tables:
    """Read and check an input workbook.

    Raises
    ------
    InputError
        Where the workbook has any fault; ``faults`` lists all findings in workbook order.
    """
    from procure.reading.pipeline import load
    from procure.reading.tables import build_tables

    result, sha256 = load(Path(path))
    if result.log.errors:
        raise InputError(result.log.faults())
    return build_tables(result, Path(path), sha256)


def read_frames(frames: Mapping[str, Any]) -> Tables:
    """Check tables given as DataFrames or lists of records by sheet name, as strictly as a workbook.

    ``settings`` may also be a mapping of keys to values.

    Raises
    ------
    InputError
        Where any table has a fault; messages name cells by row (from 1) and column.
    """
    from procure.reading.pipeline import load_frames
    from procure.reading.tables import build_tables

    result = load_frames(frames)
    if result.log.errors:
        raise InputError(result.log.faults())
    return build_tables(result, None, None)


def check_workbook(path: str | Path) -> list[Fault]:
    """Return every finding about an input workbook, warnings and notes included, in workbook order."""
    from procure.reading.pipeline import load

    return load(Path(path))[0].log.faults()


def __getattr__(name: str) -> Any:
    if name in {"Source", "Tables"}:
        from procure.reading import tables

        return getattr(tables, name)
    raise AttributeError(name)
