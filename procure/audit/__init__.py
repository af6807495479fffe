"""The audit: every rule and every figure of a plan, recomputed by code that shares nothing with the programme.

``audit(tables, frames)`` holds the sheets of a plan, whoever made it, against the input tables; ``read_plan(path)``
reads them from a workbook. Only the calendar and the reader's tables are shared with the rest of the package, so a
mistake in the programme, in the plan's figures or in the finance functions cannot hide itself here.

A plan's decisions (orders, moves, running units, sales, builds, rented compute, energy by source) are taken as they
stand; all else is derived anew: ``sheets`` reads cells, ``tables`` the input, ``decisions`` lays them out, ``cohorts``,
``energy``, ``money``, ``books`` and ``figures`` recompute, the ``rules_*`` modules and ``sheet_checks`` compare.

Choices where the input leaves room:

- Order rows add up by generation and period; cohorts of one generation, delivery and unit price are one cohort.
- Installed units are those of ``installed_total``; install and remove costs follow ``installed`` and ``removed``.
- ``earliest`` and ``latest`` are periods of the decision to build; a build may be completed after the horizon.
- A stated dispatch of energy may be dearer than the cheapest one only where the cheapest breaks ``carbon_cap_t``.
- A deposit bears the capital charge from the order on, so both ways to the cost agree under any terminal value.
- The campus' available power must be right in total; how sites share its headroom is left to the plan.
"""

from procure.audit.auditor import audit
from procure.audit.report import AuditReport
from procure.audit.workbook import read_plan

__all__ = ["AuditReport", "audit", "read_plan"]
