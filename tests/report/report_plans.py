"""Plans that the report's tests write."""

from __future__ import annotations

import numpy as np
from random_cases import random_frames
from random_solutions import outcome_of, random_solution

from procure.audit import audit
from procure.case import Case
from procure.plan import Plan


def audited_plan(seed: int, **sizes: object) -> Plan:
    """Return a feasible random plan with the audit's verdict."""
    rng = np.random.default_rng(seed)
    solution = random_solution(Case.from_frames(random_frames(rng, **sizes)), rng)
    plan = Plan(solution, outcome_of(solution))
    plan.attach_checks(audit(plan.case.tables, plan.frames).checks)
    return plan
