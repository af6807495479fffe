"""Build the planning models: one ready-to-solve input workbook each, from ``data/`` and stated assumptions.

    python models/build.py                    # every workbook, beside this script
    python models/build.py neocloud --into /tmp
    python models/build.py --list

A workbook's cells follow from this folder and ``data/`` alone: building again gives the same cells.
"""

from __future__ import annotations

import argparse
import sys
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
    return path


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
