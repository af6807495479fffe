"""Writing workbooks safely: texts stay texts, and a file appears whole or not at all."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["put", "save_workbook"]

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = ("=", "+", "-", "@")
_LONGEST = 32_767


def put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """Write one value; a text is written as a text even where it begins like a formula or looks like an error."""
    cell = sheet.cell(row, column)
    if value is None:
        return
    if isinstance(value, float) and not math.isfinite(value):
        value = "unlimited" if value > 0 else str(value)
    if isinstance(value, str):
        text = _ILLEGAL.sub("�", str(value))[:_LONGEST]
        cell.value = text
        cell.data_type = "s"
        if text.startswith(_FORMULA_STARTS):
            cell.quotePrefix = True
    else:
        cell.value = value
        if isinstance(value, dt.datetime | dt.date):
            cell.number_format = "yyyy-mm-dd"


def save_workbook(book: Workbook, path: str | Path) -> None:
    """Write a workbook beside its target and move it into place.

    Raises
    ------
    OSError
        Where it cannot be written; an older file is then whole and nothing is left behind.
    """
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            book.save(file)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~umask)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
