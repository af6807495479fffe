"""What a search leaves behind for the next one of nearly the same programme, so that it need not begin at the beginning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from procure.solving.starts import Window

    Floats = NDArray[np.float64]

__all__ = ["Trail"]


@dataclass(slots=True)
class Trail:
    """Marks of the last search of a kind; a search reads them and writes its own. All of them may be wrong: none is a proof.

    ``windows``: parts that together hold every choice of project starts, each with a basis to begin from; ``hidden``: what
    whole starts took off the relaxation's value, as a share of it; ``plan``: the plan found, and ``relaxed``: the relaxed
    point that it was made of (columns, without accounts); ``guided``: the basis of that point where another objective than
    the search's own led to it; ``followed``: this solve has followed the plan, or made it; ``ratio``: where the rounds of a ratio
    ended.
    """

    windows: list[tuple[tuple[Window, ...], Any]] = field(default_factory=list)
    hidden: float | None = None
    plan: Floats | None = None
    relaxed: Floats | None = None
    guided: Any = None
    followed: bool = False
    ratio: float | None = None
