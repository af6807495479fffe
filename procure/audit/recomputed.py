"""Everything recomputed from one plan, as one bundle for the modules that hold its figures against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procure.audit.books import Register
    from procure.audit.cohorts import Stock
    from procure.audit.decisions import Decisions
    from procure.audit.energy import Dispatch, Draw
    from procure.audit.figures import Compute
    from procure.audit.inputs import Inputs
    from procure.audit.money import Flows

__all__ = ["Recomputed"]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Input, decisions, and what follows from them (see the module of each type)."""

    inputs: Inputs
    decisions: Decisions
    stock: Stock
    draw: Draw
    dispatch: Dispatch
    compute: Compute
    flows: Flows
    register: Register
