"""LibreOffice headless, for tests: recalculate a workbook, or print it."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed; CI installs it")

_FORMULA = re.compile(rb'(<c r="[A-Z]+[0-9]+"[^>]*?)(?: t="(?:str|b|n)")?([^>]*?>)(<f>[^<]*</f>)<v>[^<]*</v>')


def without_results(path: Path, target: Path) -> int:
    """Copy a workbook without the stored results of its formulas; return how many there were."""
    count = 0
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data, found = _FORMULA.subn(rb"\1\2\3", data)
                count += found
            out.writestr(name, data)
    return count


def convert(path: Path, folder: Path, kind: str = "xlsx") -> Path:
    """Open a workbook in LibreOffice and save it as another file in a folder."""
    assert SOFFICE is not None
    profile = folder / "profile"
    command = [SOFFICE, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", kind, "--outdir",
               str(folder), str(path)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / f"{path.stem}.{kind}"


def recalculated(path: Path, folder: Path) -> Path:
    """Return the workbook as LibreOffice calculates it, every stored result thrown away first."""
    bare = folder / f"{path.stem}-bare.xlsx"
    assert without_results(path, bare) > 0
    out = folder / "out"
    out.mkdir()
    return convert(bare, out)
