"""The programme, in the order in which it is built: a table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyomo.environ as pe

from procure.garbage import without_collecting
from procure.programme.demand import define_demand_rows, define_demand_variables
from procure.programme.draft import Draft, Scales
from procure.programme.money import define_carbon_rows, gather_cost
from procure.programme.objectives import define_functionals, gather_compute
from procure.programme.orders import define_cohort_rows, define_order_variables
from procure.programme.power import define_option_variables, define_power_rows, define_space_rows
from procure.programme.renumber import Restructured, Retake
from procure.programme.running import define_running_rows, define_running_variables
from procure.programme.supply import define_supply_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from procure.case import Case

    Rule = Callable[[pe.ConcreteModel], None]

__all__ = ["build", "retake"]


def retake(first: Draft, case: Case) -> Retake:
    """Return the numbers of ``case`` in the programme of ``first``; raises ``Restructured`` where that is another one."""
    draft = Retake(first, case)
    with without_collecting():
        define(draft)
    if any(not np.array_equal(draft.run_index[name], index) for name, index in first.run_index.items()):
        raise Restructured("run")
    return draft


def build(case: Case, rules: Sequence[Rule] = ()) -> Draft:
    """Build the programme of ``case``; each rule in ``rules`` may then add Pyomo rows of its own to the model.

    Rules find the variables under the names that the modules of this package list (``model.order``, ``model.installed``,
    ``model.install``, ``model.run``, ...), the case as ``model.case`` and its scales as ``model.scales``. With rules,
    ``install`` exists for every candidate, also where moving is free.
    """
    with without_collecting():
        draft = Draft(case, pe.ConcreteModel(name="procure"), Scales.of(case), explicit=bool(rules))
        draft.model.case, draft.model.scales = case, draft.scales
        define(draft)
        for rule in rules:
            rule(draft.model)
    return draft


def define(draft: Draft) -> None:
    """Add every part of the programme to a draft, variables before rows, rows before functionals."""
    define_order_variables(draft)
    define_running_variables(draft)
    define_option_variables(draft)
    define_demand_variables(draft)

    define_cohort_rows(draft)
    define_running_rows(draft)
    define_power_rows(draft)
    define_space_rows(draft)
    define_supply_rows(draft)
    define_demand_rows(draft)

    gather_cost(draft)
    define_carbon_rows(draft)
    gather_compute(draft)
    define_functionals(draft)
