"""Small cases in the planner's words, solved through the true path, and read back in the planner's units."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from procure.case import Case
from procure.solving.found import Silent
from procure.solving.job import Answer, Job, run_job
from procure.solving.readback import read_solution
from procure.solving.solve import _outcome, compile_case, target_of

HOURS = 8760.0  # of a year, the default period of these cases
GENERATION = {"generation": "A", "compute": 100.0, "power_kw": 100.0, "price": 1_000_000.0}
SITE = {"site": "Hall", "pue": 1.0, "energy_per_mwh": 0.0}
KEYS = {
    "power": ["site"],
    "space": ["site"],
    "budget": ["budget"],
    "allocation": ["generation"],
    "prices": ["generation"],
    "resale_prices": ["generation"],
    "compute_path": ["generation"],
    "demand": ["workload", "measure"],
    "rental": ["workload", "price_per_unit_hour", "kw_per_compute_unit"],
}
FORMS = {"year": "{y}", "half": "{y}H{i}", "quarter": "{y}Q{i}", "month": "{y}-{i:02d}"}
PER_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12}


def labels(periods: int, length: str = "year", start: int = 2030) -> list[str]:
    """Period labels from the first period of ``start``."""
    n = PER_YEAR[length]
    return [FORMS[length].format(y=start + i // n, i=i % n + 1) for i in range(periods)]


def frames(
    *,
    periods: int = 1,
    length: str = "year",
    generations: list[dict[str, Any]] | None = None,
    sites: list[dict[str, Any]] | None = None,
    power: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    **sheets: Any,
) -> dict[str, pd.DataFrame]:
    """Input frames of a case.

    Rows of ``generations`` and ``sites`` are completed by ``GENERATION`` and ``SITE``; a wide table is a dict from its
    key (a tuple where it has several) to one number (every period) or a list of numbers; other sheets are lists of
    rows.
    Money is undiscounted and everything runs at full utilisation unless ``settings`` say otherwise.
    """
    names = labels(periods, length)
    values = {
        "start": names[0],
        "periods": periods,
        "period_length": length,
        "discount_rate": 0.0,
        "utilisation": 1.0,
        "objective": "compute",
        "terminal_value": "zero",
        "mip_gap": 0.0,
        "time_limit_s": 60.0,
        "compute_floor": 0.0,
    } | (settings or {})
    result = {
        "settings": pd.DataFrame({"key": list(values), "value": pd.Series(list(values.values()), dtype=object)}),
        "generations": pd.DataFrame([GENERATION | row for row in generations or [{}]]),
        "sites": pd.DataFrame([SITE | row for row in sites or [{}]]),
        "power": _wide("power", power or {"Hall": 1.0}, names),
    }
    for name, content in sheets.items():
        result[name] = _wide(name, content, names) if name in KEYS else pd.DataFrame(content)
    return result


def _wide(sheet: str, content: dict[Any, Any], names: list[str]) -> pd.DataFrame:
    rows = []
    for key, cells in content.items():
        keys = key if isinstance(key, tuple) else (key,)
        numbers = list(cells) if isinstance(cells, list | tuple) else [cells] * len(names)
        rows.append(dict(zip(KEYS[sheet], keys, strict=True)) | dict(zip(names, numbers, strict=True)))
    return pd.DataFrame(rows)


def make(**parts: Any) -> Case:
    """Build a case from the parts that ``frames`` takes; with ``PROCURE_THROUGH_EXCEL=1`` by way of a workbook."""
    tables = frames(**parts)
    if not os.environ.get("PROCURE_THROUGH_EXCEL"):
        return Case.from_frames(tables)
    with tempfile.TemporaryDirectory() as folder:
        return through_excel(tables, Path(folder))


def through_excel(tables: dict[str, pd.DataFrame], folder: Path) -> Case:
    """Save input frames as a workbook and read it back."""
    path = folder / "case.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        for name, table in tables.items():
            table.to_excel(book, sheet_name=name, index=False)
    return Case.from_workbook(path)


@dataclass(slots=True)
class Result:
    """A solved case in the planner's units: the plan's decisions by name, its value, what was proven."""

    case: Case
    answer: Answer
    draft: Any
    matrix: Any

    def __post_init__(self) -> None:
        assert self.answer.x is not None

    @property
    def outcome(self) -> Any:
        return _outcome(target_of(self.case), self.draft.scales, self.answer, "")

    @property
    def value(self) -> float:
        return float(self.outcome.value)

    @property
    def bound(self) -> float:
        return float(self.outcome.bound)

    @property
    def solution(self) -> Any:
        return read_solution(self.case, self.matrix, self.draft.run_index, self.answer.x)

    def functional(self, name: str) -> float:
        """A functional of the programme in the planner's units (currency, unit-hours, MWh)."""
        scales = self.draft.scales
        unit = {
            "cost": scales.money,
            "worth": scales.money,
            "compute_pv": scales.compute,
            "compute_raw": scales.compute,
        }
        return self.matrix.functionals[name](self.answer.x) * unit.get(name, 1000.0)

    @property
    def cost(self) -> float:
        return self.functional("cost")

    @property
    def compute(self) -> float:
        return self.functional("compute_raw")

    @property
    def orders(self) -> dict[Any, int]:
        """Units ordered by (generation, period); by period alone where there is one generation."""
        c, found = self.case.cohorts, self.solution.ordered
        names, label = self.case.generations.names, self.case.calendar.labels
        table = {
            (names[c.generation[i]], label[c.order[i]]): int(found[i])
            for i in range(len(c))
            if c.order[i] >= 0 and found[i]
        }
        return table if len(names) > 1 else {t: n for (_, t), n in table.items()}

    def total(self, generation: str) -> int:
        """Units of a generation ordered over the horizon."""
        c, g = self.case.cohorts, self.case.generations.names.index(generation)
        return int(self.solution.ordered[(c.generation == g) & (c.order >= 0)].sum())

    @property
    def sales(self) -> dict[str, int]:
        """Units sold or scrapped by period."""
        total = self.solution.sold.sum(axis=0)
        return {label: int(n) for label, n in zip(self.case.calendar.labels, total, strict=True) if n}

    def installed(self, generation: str, site: str) -> list[int]:
        """Units installed at a site during each period."""
        g, s = self.case.generations.names.index(generation), self.case.sites.names.index(site)
        return [int(n) for n in self.solution.installed[g, s]]

    def running(self, **where: str) -> list[float]:
        """Running units by period, summed over what is not named (generation, mode, site, workload)."""
        run, total = self.solution.running, np.zeros(self.case.T)
        names = {
            "generation": np.array(self.case.generations.names)[run.generation],
            "mode": np.array(self.case.modes.names)[run.mode],
            "site": np.array(self.case.sites.names)[run.site],
            "workload": np.array(self.case.workloads)[run.workload],
        }
        keep = np.ones(len(run.units), dtype=bool)
        for column, name in where.items():
            keep &= names[column] == name
        np.add.at(total, run.period[keep], run.units[keep])
        return [float(round(n, 6)) for n in total]

    def builds(self, kind: str = "power") -> dict[tuple[str, str], int]:
        """Builds of power or shell options, or starts of projects, by (name, period)."""
        options, found = {
            "power": (self.case.power_options, self.solution.power_builds),
            "shell": (self.case.shell_options, self.solution.shell_builds),
            "project": (self.case.projects, self.solution.project_starts),
        }[kind]
        return {
            (options.names[k], self.case.calendar.labels[t]): int(found[k, t])
            for k, t in zip(*(a.tolist() for a in np.nonzero(found)), strict=True)
        }

    @property
    def rented(self) -> list[float]:
        """Average compute rented by period."""
        return [float(n) for n in self.solution.rented.sum(axis=0)]


def solve(case: Case, *, rules: tuple[Any, ...] = (), seconds: float = 60.0, **settings: Any) -> Result:
    """Solve in this process, through the job that the solving process runs, to the smallest gap."""
    if settings:
        case = case.with_settings(**settings)
    draft, matrix = compile_case(case, rules)
    answer = run_job(Job(matrix, target_of(case), seconds, case.settings.random_seed), Silent())
    return Result(case, answer, draft, matrix)


def best(**parts: Any) -> Result:
    """Build a case from parts and solve it."""
    return solve(make(**parts))
