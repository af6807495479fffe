"""The typed case: one planning question as names and arrays, free of Excel.

``Case`` sits between the tables a planner fills in and the mathematical programme. Every rule of the input (defaults,
blank cells, overrides, ``*`` rows) is resolved here, once; the programme, the plan and the reports read plain arrays.

Axes: G generations, S sites, T periods, W workloads, M modes (one row a generation and mode), C cohorts, K options.
Units: power in kW a unit or MW a site, money in the workbook's currency, compute in compute units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from procure import finance
from procure.parts import Cohorts, Generations, Licence, Modes, Options, Projects, Rental, Settings, Sites

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from procure.calendar import Calendar
    from procure.reading.tables import Tables

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Case", "Cohorts", "Generations", "Licence", "Modes", "Options", "Projects", "Rental", "Settings", "Sites"]


@dataclass(frozen=True, slots=True)
class Case:
    """One planning question, complete and typed. Build it with ``from_workbook``, ``from_frames`` or ``from_tables``."""

    title: str
    currency: str
    compute_unit: str
    calendar: Calendar
    settings: Settings
    generations: Generations
    modes: Modes
    sites: Sites
    workloads: tuple[str, ...]
    cohorts: Cohorts
    licences: tuple[Licence, ...]
    power_options: Options
    shell_options: Options
    projects: Projects
    rental: Rental
    budget: Floats
    demand_min: Floats
    demand_max: Floats
    demand_value: Floats
    tables: Tables

    @classmethod
    def from_workbook(cls, path: str | Path) -> Case:
        """Read an input workbook; raises ``procure.InputError`` that lists every fault found."""
        from procure.reading import read_workbook

        return cls.from_tables(read_workbook(path))

    @classmethod
    def from_frames(cls, frames: dict[str, pd.DataFrame]) -> Case:
        """Build a case from DataFrames named like the sheets; raises ``procure.InputError`` that lists every fault."""
        from procure.reading import read_frames

        return cls.from_tables(read_frames(frames))

    @classmethod
    def from_tables(cls, tables: Tables) -> Case:
        """Resolve validated tables into arrays."""
        from procure.resolve import resolve

        return cls(**resolve(tables))

    @property
    def T(self) -> int:  # noqa: N802 - the field's symbol
        """Number of periods."""
        return self.calendar.periods

    @property
    def years(self) -> float:
        """Years per period, Y."""
        return self.calendar.years_per_period

    @property
    def hours(self) -> float:
        """Hours per period, H."""
        return self.calendar.hours_per_period

    @property
    def discount(self) -> Floats:
        """Discount factors at period starts 0..T (shape T + 1); the end of period t is entry t + 1."""
        return finance.discount(self.settings.discount_rate, self.years, np.arange(self.T + 1))

    @property
    def compute_weight(self) -> Floats:
        """Weight of a unit-hour of period t in C_pv: end-of-period discount × value decline since the start (shape T)."""
        t = np.arange(self.T)
        return self.discount[1:] * finance.decline(self.settings.compute_value_decline, self.years * t)

    @property
    def peak_mw(self) -> Floats:
        """Facility MW that one running unit takes at full power, provisioned (shape G × S)."""
        return self.generations.power_kw[:, None] * self.sites.facility_factor[None, :] / 1000.0

    @property
    def energy_mwh(self) -> Floats:
        """Facility MWh that one running unit draws in a period at full power (shape G × S)."""
        return self.hours * self.generations.load_factor[:, None] * self.peak_mw

    def resale_value(self, cohort: Ints, period: Ints) -> Floats:
        """What a unit of each cohort sells for at the start of each period (arrays broadcast; periods 0..T)."""
        g = self.cohorts.generation[cohort]
        age = self.years * (np.asarray(period) - self.cohorts.delivered[cohort])
        share = self.generations.resale[g] * (1.0 - self.generations.resale_decline[g]) ** np.maximum(0.0, age)
        market = self.generations.resale_price[g, period]
        return np.asarray(np.where(np.isnan(market), self.cohorts.price[cohort] * share, market))

    def book_value(self, cohort: Ints, period: Ints) -> Floats:
        """Straight-line book value of a unit of each cohort at the start of each period (arrays broadcast)."""
        age = self.years * (np.asarray(period) - self.cohorts.delivered[cohort])
        return finance.book_value(
            self.cohorts.price[cohort], age, self.generations.life_years[self.cohorts.generation[cohort]]
        )

    def terminal_value(self, cohort: Ints) -> Floats:
        """Credit per unit still owned at the end of the horizon, undiscounted, by the setting ``terminal_value``."""
        end = np.full(np.shape(cohort), self.T)
        if self.settings.terminal_value == "book":
            return self.book_value(cohort, end)
        if self.settings.terminal_value == "resale":
            return self.resale_value(cohort, end)
        return np.zeros(np.shape(cohort))

    def with_settings(self, **changes: Any) -> Case:
        """Return the same case with other settings (names as in the ``settings`` sheet); unknown names are refused."""
        unknown = set(changes) - set(Settings.__dataclass_fields__)
        if unknown:
            raise TypeError(f"unknown setting(s): {', '.join(sorted(unknown))}")
        tables = replace(self.tables, settings={**self.tables.settings, **changes})
        return replace(self, settings=replace(self.settings, **changes), tables=tables)

    def with_value(self, sheet: str, row: int | str | Sequence[str], column: str, value: float) -> Case:
        """Return the case with one number of one table changed: ``case.with_value("prices", "GB300", "2027Q1", 60_000)``.

        ``row`` is a record's name (names, where the sheet has several keys) or its position from 0; ``column`` may be a
        period label. Raises ``ValueError`` where there is no such cell or the number is out of range. Tables are not checked
        against each other again, as reading a workbook does.
        """
        from procure.reading.edit import with_value

        changed = type(self).from_tables(with_value(self.tables, sheet, row, column, value))
        return replace(changed, settings=self.settings)
