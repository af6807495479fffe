"""Small array helpers: columns of tables, and sums by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Names", "at_period", "column", "names", "total_by", "whole", "wide"]


class Names(Sequence[str]):
    """Names made only when one is asked for: of all the rows of a plan, the one that breaks a rule."""

    def __init__(self, count: int, name: Callable[[int], str]) -> None:
        self.size, self.name = count, name

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self.name(i) for i in range(*index.indices(self.size))]
        return self.name(index)

    def __len__(self) -> int:
        return self.size


def column(frame: pd.DataFrame, name: str, default: float = np.nan) -> Floats:
    """Return a numeric column (``default`` where the table has no such column)."""
    if name not in frame.columns:
        return np.full(len(frame), default)
    return frame[name].to_numpy(dtype=float, na_value=np.nan)


def names(frame: pd.DataFrame, name: str) -> list[str]:
    """Return a text column ('' where blank or where the table has no such column)."""
    if name not in frame.columns:
        return [""] * len(frame)
    return ["" if value is None or value != value else str(value) for value in frame[name]]


def whole(frame: pd.DataFrame, name: str) -> Ints:
    """Return a column of whole numbers (0 where the table has no such column)."""
    return np.nan_to_num(column(frame, name, 0.0)).astype(np.int64)


def wide(frame: pd.DataFrame, labels: tuple[str, ...]) -> Floats:
    """Return the period columns of a wide table (rows × T)."""
    if not len(frame):
        return np.zeros((0, len(labels)))
    return np.column_stack([column(frame, label) for label in labels])


def total_by(index: Ints, amounts: Floats, count: int) -> Floats:
    """Sum amounts (rows, or rows × ...) by index (``count`` × ...)."""
    result = np.zeros((count, *amounts.shape[1:]))
    np.add.at(result, index, amounts)
    return result


def at_period(period: Ints, amounts: Floats, T: int) -> Floats:
    """Sum amounts by period (T); what lies outside the horizon is left out."""
    inside = (period >= 0) & (period < T)
    return total_by(period[inside], amounts[inside], T)
