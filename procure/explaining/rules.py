"""The user's own rules: which rows and bounds each of them added to the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyomo.environ as pe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case

    Rule = Callable[[pe.ConcreteModel], None]
    Pair = tuple[float | None, float | None]

__all__ = ["RuleNotes", "rule_name"]


def rule_name(rule: Any, number: int) -> str:
    """Return the name a user knows a rule by: the function's, or its number."""
    name = str(getattr(rule, "__name__", "") or type(rule).__name__)
    return f"{number}" if name in ("<lambda>", "partial", "function") else name


@dataclass(slots=True)
class RuleNotes:
    """Wraps rules so that what each one adds is noted: (name, names of constraint families, changed bounds).

    A rule sees the planner's case as ``model.case``, whatever case the programme is built from.
    """

    case: Case
    found: list[tuple[str, list[str], list[tuple[Any, Pair, Pair]]]] = field(default_factory=list)

    def wrap(self, rules: Sequence[Rule]) -> tuple[Rule, ...]:
        """Return the rules in the same order, each one watched."""
        return tuple(self._watch(rule, rule_name(rule, i + 1)) for i, rule in enumerate(rules))

    def _watch(self, rule: Rule, name: str) -> Rule:
        def watched(model: pe.ConcreteModel) -> None:
            model.case = self.case
            known = {id(part) for part in model.component_objects(pe.Constraint)}
            before = _bounds(model)
            rule(model)
            families = [part.name for part in model.component_objects(pe.Constraint) if id(part) not in known]
            after = _bounds(model)
            changed = [(after[key][0], before[key][1], after[key][1]) for key in before
                       if key in after and after[key][1] != before[key][1]]  # fmt: skip
            self.found.append((name, families, changed))

        return watched


def _bounds(model: pe.ConcreteModel) -> dict[int, tuple[Any, Pair]]:
    """Return variable and bounds by the variable's identity; a fixed variable is bounded by its value."""
    result: dict[int, tuple[Any, Pair]] = {}
    for variable in model.component_data_objects(pe.Var):
        if variable.fixed:
            value = float(pe.value(variable))
            result[id(variable)] = (variable, (value, value))
        else:
            result[id(variable)] = (variable, (variable.lb, variable.ub))
    return result
