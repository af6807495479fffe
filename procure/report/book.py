"""The sheets of a plan workbook as ranges that formulas can refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procure.report.live import Ref, Term, reference, sheet_refs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["Book"]


class Book:
    """References to columns of data sheets (``book["power", "used_mw"]``), settings, figures and input blocks."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self.frames = frames
        self._sheets: dict[str, dict[str, Ref]] = {}
        inputs = frames["inputs"]
        self._sheet_of = inputs["sheet"].to_numpy(dtype=object)
        self._column_of = inputs["column"].to_numpy(dtype=object)
        self._blocks: dict[tuple[str, str], dict[str, Ref]] = {}

    def __getitem__(self, at: tuple[str, str]) -> Ref:
        """Return the range of a column of a data sheet."""
        sheet, column = at
        if sheet not in self._sheets:
            self._sheets[sheet] = sheet_refs(sheet, self.frames[sheet])
        return self._sheets[sheet][column]

    def rows(self, sheet: str) -> int:
        """Return the number of rows of a data sheet."""
        return len(self.frames[sheet])

    def has(self, table: str, column: str = "") -> bool:
        """Whether an input table has any row (in a column)."""
        hit = self._sheet_of == table
        return bool((hit & (self._column_of == column)).any() if column else hit.any())

    def block(self, table: str, column: str = "") -> dict[str, Ref]:
        """Return the block of rows of an input table (of one of its columns): key, key2, column, value, date."""
        if (table, column) not in self._blocks:
            hit = self._sheet_of == table
            at = np.flatnonzero(hit & (self._column_of == column) if column else hit)
            if at.size == 0 or at[-1] - at[0] + 1 != at.size:
                raise KeyError(f"the inputs have no block {table}.{column}")
            self._blocks[table, column] = sheet_refs("inputs", self.frames["inputs"], int(at[0]), int(at[-1]) + 1)
        return self._blocks[table, column]

    def setting(self, key: str) -> Term:
        """Return the cell of a setting."""
        block = self.block("settings")
        i = list(block["key"].value).index(key)
        return block["value"].slice(i, i + 1)

    def number(self, key: str) -> float:
        """Return the number of a setting (inf where it is unlimited)."""
        value = self.setting(key).value[0]
        return float(value) if isinstance(value, (int, float, np.number)) else np.inf

    def figure(self, key: str) -> Term:
        """Return the cell of a figure of the summary as a scalar (0 where it is blank)."""
        frame = self.frames["summary"]
        i = list(frame["key"]).index(key)
        value = frame["value"].iloc[i]
        cell = reference("summary", "B", 2 + i, np.zeros(1))
        number = float(value) if isinstance(value, (int, float, np.number)) else 0.0
        return Term(cell.formula, np.asarray(number))
