"""Make the hand-solved plan and the mutations beside the tests importable; one call for a report."""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from procure.audit import AuditReport, audit
from procure.reading import read_frames

if TYPE_CHECKING:
    import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

from audit_hand import Rows, energy_sheet, full_plan, hand_case, hand_plan, hand_summary, table, wide


class Bench:
    """What the tests share: the hand-made case and plan, and one call for the report."""

    wide = staticmethod(wide)
    table = staticmethod(table)
    energy_sheet = staticmethod(energy_sheet)
    case = staticmethod(hand_case)
    plan = staticmethod(hand_plan)
    full_plan = staticmethod(full_plan)
    hand_summary = staticmethod(hand_summary)

    @staticmethod
    def report(case: dict[str, Rows], plan: dict[str, Any], tolerance: float = 1e-6) -> AuditReport:
        tables = read_frames(copy.deepcopy(case))
        return audit(tables, plan, tolerance)

    @staticmethod
    def check(report: AuditReport, rule: str) -> pd.Series[Any]:
        return report.checks.set_index("rule").loc[rule]


@pytest.fixture
def bench() -> type[Bench]:
    return Bench
