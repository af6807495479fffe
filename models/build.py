"""Build the planning models: one ready-to-solve input workbook each, from ``data/`` and stated assumptions.

    python models/build.py                    # every workbook, beside this script
    python models/build.py neocloud --into /tmp
    python models/build.py --list

A workbook's cells follow from this folder and ``data/`` alone: building again gives the same cells.
"""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "warm-shells": ("warm_shells", {}),
    "wait-or-buy-mlperf": ("wait_or_buy", {"claim": "mlperf"}),
    "wait-or-buy-semianalysis": ("wait_or_buy", {"claim": "semianalysis"}),
    "power-cap": ("power_cap", {}),
    "behind-the-meter": ("behind_the_meter", {}),
    "licence": ("licence", {}),
    "refresh": ("refresh", {}),
    "neocloud": ("neocloud", {}),
}
"""Workbook name → script, and what its ``frames`` is called with."""


def frames(name: str) -> dict[str, Any]:
    """The sheets of a model by name, as lists of records."""
    module, how = MODELS[name]
    made: dict[str, Any] = import_module(module).frames(**how)
    return made


def build(name: str, folder: Path) -> Path:
    """Write the workbook of a model and return its path."""
    from procure.template import write_workbook_from_frames

    path = folder / f"{name}.xlsx"
    write_workbook_from_frames(path, frames(name), about=import_module(MODELS[name][0]).ABOUT)
    freeze(path)
    return path


def freeze(path: Path) -> None:
    """Take the time of writing out of a workbook, so that building again gives the same bytes."""
    with zipfile.ZipFile(path) as book:
        parts = [(entry.filename, book.read(entry)) for entry in book.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for filename, content in parts:
            if filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"2026-11-24T00:00:00Z", content)  # noqa: PLW2901
            book.writestr(zipfile.ZipInfo(filename, date_time=(2026, 11, 24, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Build the input workbooks of the planning models.")
    parser.add_argument("models", nargs="*", metavar="MODEL", help="names; all of them if none is given")
    parser.add_argument("--into", type=Path, default=HERE, metavar="FOLDER", help="where to write (default: models/)")
    parser.add_argument("--list", action="store_true", help="print the names")
    options = parser.parse_args(argv)
    if options.list:
        print("\n".join(MODELS))
        return 0
    unknown = sorted(set(options.models) - set(MODELS))
    if unknown:
        parser.error(f"no model {', '.join(unknown)}; there are {', '.join(MODELS)}")
    for name in options.models or MODELS:
        print(build(name, options.into))
    return 0


if __name__ == "__main__":
    sys.exit(main())
