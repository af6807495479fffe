"""A rule played through a small case, read back in the planner's words."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from helpers import make

from procure.audit import audit
from procure.baselines import play_rules

if TYPE_CHECKING:
    from procure.baselines.table import Baseline
    from procure.case import Case

__all__ = ["Played", "play", "play_all"]


class Played:
    """What a rule did: units by name and label."""

    def __init__(self, baseline: Baseline) -> None:
        self.baseline = baseline
        self.solution = baseline.plan.solution
        self.case: Case = self.solution.case

    def orders(self, generation: str | None = None) -> dict[Any, int]:
        """Units ordered by (generation, period); by period alone where a generation is named."""
        c, names, labels = self.case.cohorts, self.case.generations.names, self.case.calendar.labels
        table = {
            (names[c.generation[i]], labels[c.order[i]]): int(self.solution.ordered[i])
            for i in range(len(c)) if c.order[i] >= 0 and self.solution.ordered[i]
        }  # fmt: skip
        return table if generation is None else {t: n for (g, t), n in table.items() if g == generation}

    def sold(self, generation: str) -> dict[str, int]:
        """Units of a generation sold or scrapped by period."""
        mine = self.case.cohorts.generation == self.case.generations.names.index(generation)
        total = self.solution.sold[mine].sum(axis=0)
        return {label: int(n) for label, n in zip(self.case.calendar.labels, total, strict=True) if n}

    def installed(self, site: str, generation: str | None = None) -> list[int]:
        """Units installed at a site by period."""
        s = self.case.sites.names.index(site)
        picked = self.solution.installed[:, s]
        if generation is not None:
            picked = picked[[self.case.generations.names.index(generation)]]
        return [int(n) for n in picked.sum(axis=0)]

    @cached_property
    def delivered(self) -> list[list[float]]:
        """Average compute delivered by workload and period."""
        return [
            [float(x) for x in row] for row in np.round(self.baseline.quantities.delivered_hours / self.case.hours, 6)
        ]

    def builds(self) -> dict[tuple[str, str], int]:
        """Power options, shells and projects by name and period."""
        labels, found = self.case.calendar.labels, {}
        for names, table in (
            (self.case.power_options.names, self.solution.power_builds),
            (self.case.shell_options.names, self.solution.shell_builds),
            (self.case.projects.names, self.solution.project_starts),
        ):
            found |= {(names[k], labels[t]): int(table[k, t]) for k, t in zip(*np.nonzero(table), strict=True)}
        return found


def play_all(case: Case) -> dict[str, Played]:
    """Play every rule through a case; all but hard demand must pass the audit."""
    result = {}
    for baseline in play_rules(case):
        failed = set(audit(case.tables, baseline.plan.frames).failed) - {"demand_minimum"}
        assert not failed, (baseline.rule.name, failed)
        result[baseline.rule.name] = Played(baseline)
    return result


def play(rule: str, **parts: Any) -> Played:
    """Build a case from parts (as ``helpers.make``) and play one rule through it."""
    return play_all(make(**parts))[rule]
