"""The plan: a solution of a case as DataFrames, one a sheet of the plan workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procure.planning import build_frames

if TYPE_CHECKING:
    from pathlib import Path

    from procure.case import Case
    from procure.solution import Outcome, Solution

__all__ = ["CHECK_COLUMNS", "Plan"]

#: Columns of the sheet ``checks``: a rule, what it says, its largest violation with the unit, ``pass`` or ``fail``.
CHECK_COLUMNS = ("rule", "statement", "largest_violation", "unit", "verdict")


class Plan:
    """One plan of a case.

    ``frames`` holds a DataFrame a sheet (``plan.orders``, ``plan.summary``, ...); ``figures`` the summary as a dict,
    ``status`` ``optimal`` or ``feasible``, ``alternatives`` other full plans by name (points of a frontier), ``case``,
    ``solution`` and ``outcome`` what the sheets were made from.
    """

    def __init__(self, solution: Solution, outcome: Outcome) -> None:
        """Lay a solution out as sheets; ``checks`` stays empty until ``attach_checks``."""
        self.case: Case = solution.case
        self.solution = solution
        self.outcome = outcome
        self.alternatives: dict[str, Plan] = {}
        self.frames: dict[str, pd.DataFrame] = build_frames(solution, outcome)
        provenance = self.frames.pop("provenance")
        self.frames["checks"] = pd.DataFrame(
            {column: pd.Series(dtype=float if column == "largest_violation" else object) for column in CHECK_COLUMNS}
        )
        self.frames["provenance"] = provenance

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Return the sheet of that name."""
        frames = self.__dict__.get("frames", {})
        if name in frames:
            return frames[name]  # type: ignore[no-any-return]
        raise AttributeError(f"a plan has no sheet {name!r}; it has {', '.join(frames)}")

    def __dir__(self) -> list[str]:
        """List the sheets beside the attributes."""
        return sorted({*super().__dir__(), *self.frames})

    def __repr__(self) -> str:
        """Say status, objective and gap."""
        figures = self.figures
        return f"<Plan {self.status}: {self.outcome.objective} = {figures['objective_value']}, gap {figures['gap']}>"

    @property
    def status(self) -> str:
        """``optimal`` (proven within the gap asked for) or ``feasible``."""
        return self.outcome.status

    @property
    def figures(self) -> dict[str, Any]:
        """The summary as a dict: key → value (None where there is no such figure)."""
        frame = self.frames["summary"]
        return dict(zip(frame["key"], frame["value"], strict=True))

    def attach_checks(self, frame: pd.DataFrame) -> None:
        """Set the sheet ``checks``: the audit's rules, their largest violation and verdict."""
        missing = [column for column in CHECK_COLUMNS if column not in frame.columns]
        if missing:
            raise ValueError(f"checks lack column(s): {', '.join(missing)}")
        self.frames["checks"] = frame.reset_index(drop=True)

    def attach(self, name: str, frame: pd.DataFrame) -> None:
        """Add or replace a sheet (``bottlenecks``, ``frontier``, ...), which is written before ``checks``."""
        tail: dict[str, pd.DataFrame] = {
            key: self.frames.pop(key) for key in ("checks", "provenance") if key in self.frames and key != name
        }
        self.frames[name] = frame.reset_index(drop=True)
        self.frames.update(tail)

    def to_excel(self, path: str | Path) -> None:
        """Write the plan workbook; raises ``procure.OutputError`` where it cannot (an old file stays whole)."""
        from procure.report import write_plan

        write_plan(self, path)
