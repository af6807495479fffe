"""The command ``procure compare A.xlsx B.xlsx [-o DIFF.xlsx]``: two plans side by side, as text, JSON or a workbook."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procure.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["add_arguments", "compare_plans"]

#: Most rows of a table that are printed; the workbook and JSON have all.
SHOWN = 15

_TITLES = {
    "figures": "Figures that differ",
    "orders": "Orders that differ",
    "sites": "Power of sites that differs (MW)",
    "deployment": "Installed units that differ",
    "inputs": "Input cells that differ",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("a", type=Path, metavar="A.xlsx")
    parser.add_argument("b", type=Path, metavar="B.xlsx")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIFF.xlsx", help="also write the comparison as a workbook"
    )


def compare_plans(options: argparse.Namespace) -> int:
    """Compare two plan workbooks and return the exit status."""
    from procure.compare import compare, write_comparison

    try:
        frames = compare(options.a, options.b)
    except InputError as error:
        if options.json:
            print(json.dumps({"status": "error", "message": str(error)}))
        print(f"procure compare: {error}", file=sys.stderr)
        return error.exit_status
    if options.output is not None:
        write_comparison(frames, options.output, f"{options.a.name} (a) and {options.b.name} (b)")
    if options.json:
        tables = {name: json.loads(frame.to_json(orient="records")) for name, frame in frames.items()}
        print(json.dumps({"a": str(options.a), "b": str(options.b), **tables}))
    elif not options.quiet:
        print(_text(options.a, options.b, frames))
        if options.output is not None:
            print(f"Comparison written to {options.output}")
    return 0


def _text(a: Path, b: Path, frames: Mapping[str, pd.DataFrame]) -> str:
    parts = [f"a: {a}\nb: {b}"]
    for name, frame in frames.items():
        rows = frame
        if name == "figures":
            text = frame["a"].map(_cell) != frame["b"].map(_cell)
            rows = frame[(frame["difference"].fillna(0.0) != 0.0) | (frame["difference"].isna() & text)]
        title = _TITLES.get(name, name)
        if rows.empty:
            parts.append(f"{title}: none.")
            continue
        shown = len(rows) if name == "figures" else SHOWN
        lines = _lines(rows.head(shown))
        if len(rows) > shown:
            lines.append(f"  and {len(rows) - shown:,} more")
        parts.append("\n".join([f"{title}:", *lines]))
    for name, title in _TITLES.items():
        if name not in frames:
            parts.append(f"{title}: not known; a plan lacks the sheet.")
    return "\n\n".join(parts)


def _lines(frame: pd.DataFrame) -> list[str]:
    """Lay rows out in columns; numbers on the right."""
    numeric = [frame[column].dtype.kind in "iuf" for column in frame]
    table = [[str(column) for column in frame.columns]]
    table += [[_cell(value, share=str(column) == "relative") for column, value in zip(frame.columns, row, strict=True)]
              for row in frame.itertuples(index=False)]  # fmt: skip
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return [
        "  "
        + "  ".join(
            text.rjust(w) if right else text.ljust(w) for text, w, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in table
    ]


def _cell(value: Any, *, share: bool = False) -> str:
    if value is None or value != value:
        return ""
    if share:
        return f"{value:+.2%}"
    if isinstance(value, bool | str):
        return str(value)
    number = float(value)
    return f"{number:,.0f}" if abs(number) >= 1e4 or number == int(number) else f"{number:,.6g}"
