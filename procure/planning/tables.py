"""Small helpers that every sheet is made with: names by index, sums by index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["named", "tally", "texts"]


def named(names: Sequence[str], index: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the names at an index array, as objects (what a DataFrame column of text wants)."""
    return texts(names)[index]


def texts(values: Iterable[str]) -> NDArray[np.object_]:
    """Return text as an object array."""
    listed = list(values)
    result = np.empty(len(listed), dtype=object)
    result[:] = listed
    return result


def tally(index: NDArray[np.int64], weights: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the sum of weights at each index 0..size − 1."""
    return np.bincount(index, weights, size).astype(np.float64)
