"""Case → feasibility model, by the very programme that is solved, opened up and closed again limit by limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procure.explaining.assembling import Assembler
from procure.explaining.rules import RuleNotes
from procure.explaining.sites import add_site_limits
from procure.explaining.supply import add_rule_limits, add_supply_limits
from procure.explaining.widen import candidates, widen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case
    from procure.explaining.model import Model

__all__ = ["build_model"]

LARGEST = 60_000  # running-unit decisions a generation: above, what the programme leaves out is not opened


def build_model(case: Case, rules: Sequence[Callable[[Any], None]] = (), *, structure: bool | None = None) -> Model:
    """Build the model; ``structure``: open what the programme leaves out as no candidate (default: where size allows).

    Raises ``pyomo.common.errors.InfeasibleConstraintException`` where a user rule is a row that nothing can satisfy.
    """
    from procure.programme import build
    from procure.solving.compile import compile_matrix

    if structure is None:
        structure = candidates(case) <= LARGEST
    wide = widen(case, structure=structure)
    notes = RuleNotes(case)
    draft = build(wide, notes.wrap(rules))
    matrix = compile_matrix(draft)
    asm = Assembler(case, wide, draft, matrix, structure=structure)
    add_supply_limits(asm)
    add_site_limits(asm)
    add_rule_limits(asm, notes)
    return asm.model(
        whole_horizon=bool(rules), scale={"money": draft.scales.money, "compute": draft.scales.compute / case.hours}
    )
