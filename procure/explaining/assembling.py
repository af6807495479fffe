"""From the compiled programme to a ``Model``: further rows and columns, and which limit bounds what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array, csr_array

from procure.explaining.limits import Limit
from procure.explaining.model import INF, Bounds, Items, Model, Slack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from procure.case import Case
    from procure.programme.draft import Draft
    from procure.solving.matrix import Matrix

    Ints = NDArray[np.int64]

__all__ = ["Assembler"]

#: Families whose columns end with a period, and belong to it.
DATED = ("sell", "pool", "installed", "install", "delivered", "own", "lift", "energy", "start", "rent")
#: Families of rows that belong to the period at the end of their key.
DATED_ROWS = frozenset([
    "conservation", "moves", "running", "power", "campus_power", "space", "pool_balance", "delivered_compute",
    "own_compute", "lift_share", "lift_on", "lift_full", "option_energy", "grid_energy", "campus_energy",
])  # fmt: skip


class Assembler:
    """Adds rows, columns and limits to a compiled programme of the widened case.

    ``case`` is the planner's case, ``wide`` the widened one that ``draft`` and ``matrix`` were made from.
    """

    def __init__(self, case: Case, wide: Case, draft: Draft, matrix: Matrix, *, structure: bool) -> None:
        self.case, self.wide, self.draft, self.matrix, self.structure = case, wide, draft, matrix, structure
        self.A = matrix.A.tocsr(copy=True)
        self.columns = dict(matrix.columns)
        self.rows: dict[str, dict[Any, int]] = {}
        for i, (family, key) in enumerate(zip(matrix.families, matrix.row_keys, strict=True)):
            self.rows.setdefault(family, {})[key] = i
        self.limits: list[Limit] = []
        self._known: dict[Limit, int] = {}
        m, n = matrix.A.shape
        self._row = {"lower": matrix.row_lower.tolist(), "upper": matrix.row_upper.tolist()}
        self._column = {"lower": matrix.lower.tolist(), "upper": matrix.upper.tolist()}
        self._integer = matrix.integer.tolist()
        self._row_period = [int(key[-1]) if family in DATED_ROWS else -1
                            for family, key in zip(matrix.families, matrix.row_keys, strict=True)]  # fmt: skip
        self._column_period = self._periods(n)
        self._forced = [-1] * m
        self._entries: list[tuple[int, int, float]] = []
        self._items: list[tuple[int, bool, int, float, float]] = []
        self._slack: list[tuple[int, int, float]] = []
        self.lots: dict[int, tuple[Ints, float]] = {}
        self.spend: dict[int, float] = {}

    def _periods(self, n: int) -> list[int]:
        period = np.full(n, -1, dtype=np.int64)
        for name in DATED:
            array = self.columns[name]
            when = np.broadcast_to(np.arange(self.case.T), array.shape)
            period[array[array >= 0]] = when[array >= 0]
        run = self.columns["run"]
        period[run[run >= 0]] = self.draft.run_index["period"][run >= 0]
        return [int(p) for p in period]

    # -- limits ------------------------------------------------------------------------------------------------------

    def limit(self, kind: str, subject: str, sheet: str, row: int, column: str, period: int, value: float,
              other: str = "") -> int:  # fmt: skip
        """Return the position of a limit, a new one where it is not known yet."""
        limit = Limit(kind, subject, sheet, row, column, period, float(value), other)
        if limit not in self._known:
            self._known[limit] = len(self.limits)
            self.limits.append(limit)
        return self._known[limit]

    def on_row(self, limit: int, row: int, *, lower: float = -INF, upper: float = INF) -> None:
        """Let a limit bound a row; the row's own bounds on that side become free."""
        self._items.append((limit, True, row, lower, upper))
        if lower > -INF:
            self._row["lower"][row] = -INF
        if upper < INF:
            self._row["upper"][row] = INF

    def on_columns(self, limit: int, columns: Iterable[int], *, lower: float = -INF, upper: float = INF) -> None:
        """Let a limit bound columns (positions −1 are skipped)."""
        self._items.extend((limit, False, int(c), lower, upper) for c in columns if c >= 0)

    def free(self, family: str) -> None:
        """Lift every bound of a family of rows."""
        for row in self.rows.get(family, {}).values():
            self.unbound(row)

    def may_fall_short(self, limit: int, row: int, *, weight: float, sign: float = 1.0) -> int:
        """Give a row a slack column that costs ``weight`` a unit; return the column."""
        column = self.new_column()
        self.put(row, [column], [sign])
        self._slack.append((column, limit, weight))
        return column

    def unbound(self, row: int) -> None:
        """Lift the bounds of a row."""
        self._row["lower"][row], self._row["upper"][row] = -INF, INF

    def row_bounds(self, row: int) -> tuple[float, float]:
        """Return the bounds that a row has by itself."""
        return self._row["lower"][row], self._row["upper"][row]

    def bound_by(self, limit: int, column: int, before: tuple[float | None, float | None],
                 after: tuple[float | None, float | None]) -> None:  # fmt: skip
        """Let a limit bound a column through a row with slack; the column gets back the bounds it had before."""
        self._column["lower"][column] = -INF if before[0] is None else before[0]
        self._column["upper"][column] = INF if before[1] is None else before[1]
        for value, sign in ((after[0], 1.0), (after[1], -1.0)):
            if value is not None and value not in before:
                row = self.new_row([column], [1.0])
                self.on_row(limit, row, **{"lower" if sign > 0 else "upper": float(value)})
                self.may_fall_short(limit, row, weight=1.0 / max(1.0, abs(value)), sign=sign)

    @property
    def explicit(self) -> bool:
        """Whether the user has rules of his own on the programme."""
        return self.draft.explicit

    @property
    def positions(self) -> dict[int, int]:
        """Column of each variable of the programme, by the variable's identity."""
        return {
            id(variable): int(column)
            for name, array in self.draft.arrays.items()
            for variable, column in zip(array.ravel(), self.matrix.columns[name].ravel(), strict=True)
            if variable is not None
        }

    def forced(self, row: int, period: int) -> None:
        """Note the period in which a row forces something."""
        self._forced[row] = period

    # -- rows and columns --------------------------------------------------------------------------------------------

    def new_column(self, *, upper: float = INF, integer: bool = False) -> int:
        """Add a column that is at least 0."""
        self._column["lower"].append(0.0)
        self._column["upper"].append(upper)
        self._integer.append(integer)
        self._column_period.append(-1)
        return len(self._integer) - 1

    def new_row(self, columns: Sequence[int], coefficients: Sequence[float], period: int = -1) -> int:
        """Add a row without bounds (positions −1 are skipped)."""
        self._row["lower"].append(-INF)
        self._row["upper"].append(INF)
        self._row_period.append(period)
        self._forced.append(-1)
        self.put(len(self._row_period) - 1, columns, coefficients)
        return len(self._row_period) - 1

    def put(self, row: int, columns: Iterable[int], coefficients: Iterable[float]) -> None:
        """Add terms to a row."""
        self._entries.extend(
            (row, int(c), float(a)) for c, a in zip(columns, coefficients, strict=True) if c >= 0 and a
        )

    def replace(self, row: int, column: int, coefficient: float) -> None:
        """Replace a coefficient that the compiled programme has."""
        self.A[row, column] = coefficient

    def model(self, *, whole_horizon: bool, scale: dict[str, float]) -> Model:
        """Return everything as a ``Model``."""
        shape = (len(self._row_period), len(self._integer))
        old = self.A.tocoo()
        new = np.array(self._entries, dtype=float).reshape(-1, 3)
        at = (
            np.concatenate([old.coords[0], new[:, 0].astype(np.int64)]),
            np.concatenate([old.coords[1], new[:, 1].astype(np.int64)]),
        )
        A = csr_array(coo_array((np.concatenate([old.data, new[:, 2]]), at), shape=shape))
        A.sum_duplicates()
        limit, on_row, index, lower, upper = zip(*self._items, strict=True) if self._items else ((),) * 5
        items = Items(*(np.array(values, dtype=kind) for values, kind in (
            (limit, np.int64), (on_row, bool), (index, np.int64), (lower, float), (upper, float))))  # fmt: skip
        column, of, weight = zip(*self._slack, strict=True) if self._slack else ((),) * 3
        slack = Slack(*(np.array(values, dtype=kind) for values, kind in (
            (column, np.int64), (of, np.int64), (weight, float))))  # fmt: skip
        spend = np.zeros(shape[1])
        spend[list(self.spend)] = list(self.spend.values())
        return Model(
            case=self.case,
            A=A,
            base=Bounds(*(np.array(side, dtype=float) for side in (
                self._row["lower"], self._row["upper"], self._column["lower"], self._column["upper"]))),
            integer=np.array(self._integer, dtype=bool),
            row_period=np.array(self._row_period, dtype=np.int64),
            column_period=np.array(self._column_period, dtype=np.int64),
            forced=np.array(self._forced, dtype=np.int64),
            limits=self.limits,
            items=items,
            slack=slack,
            lots=self.lots,
            columns=self.columns,
            spend=spend,
            rows=self.rows,
            scale=scale,
            whole_horizon=whole_horizon,
        )  # fmt: skip
