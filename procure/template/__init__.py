"""Input workbooks to fill in: ``procure new``, and any case from tables to a workbook a person can work with.

Everything in them comes from the data dictionary: headers, units, descriptions, drop-downs, limits and formats. The
header of each table is in A1 and is what the reader expects, so a template reads back without an edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from procure.reading.tables import Tables

__all__ = ["EXAMPLES", "example_frames", "write_example", "write_template", "write_workbook_from_frames"]

EXAMPLES: dict[str, str] = {"small": "two halls, four generations, three years of quarters"}


def example_frames(name: str) -> dict[str, Any]:
    """Return the tables of a built-in example by sheet name; raises ValueError for an unknown name."""
    if name == "small":
        from procure.template.small import frames

        return frames()
    raise ValueError(f"there is no example {name!r}; known: {', '.join(EXAMPLES)}")


def write_example(path: str | Path, name: str | None) -> None:
    """Write a built-in example, or with None an empty template.

    Raises
    ------
    ValueError
        For an unknown example.
    OSError
        Where the file cannot be written; an older one is then whole.
    """
    if name is None:
        write_template(path, None)
        return
    about = (
        f"Example '{name}': {EXAMPLES.get(name, '')}.",
        "Public figures carry their source in the column note; the others are marked as estimates. Put in your own.",
    )
    write_workbook_from_frames(path, example_frames(name), about=about, every_table=True)


def write_template(path: str | Path, tables: Tables | None) -> None:
    """Write checked tables as a workbook to edit, or with None an empty template (five years of quarters).

    Raises
    ------
    OSError
        Where the file cannot be written; an older one is then whole.
    """
    from procure.template.book import write_book
    from procure.template.records import empty_records, tables_records

    records = empty_records() if tables is None else tables_records(tables)
    write_book(path, records, about=(), every_table=True)


def write_workbook_from_frames(
    path: str | Path,
    frames: Mapping[str, Any],
    *,
    about: Sequence[str] = (),
    every_table: bool = False,
) -> None:
    """Write a case given by tables as a workbook a person can read, edit and solve.

    Parameters
    ----------
    path
        The workbook to write; it is written beside its target and moved into place.
    frames
        By sheet name a DataFrame or a list of records (mappings); ``settings`` may be a mapping of keys to values.
        Columns that the data dictionary does not know (``note``, ``source``) are written behind the known ones.
    about
        Lines that say what the case is about, shown on the first sheet.
    every_table
        Also write the optional tables that ``frames`` lacks, empty.

    Raises
    ------
    KeyError
        For a table that is not in the data dictionary.
    OSError
        Where the file cannot be written; an older one is then whole.
    """
    from procure.template.book import write_book
    from procure.template.records import frames_records

    write_book(path, frames_records(frames), about=about, every_table=every_table)
