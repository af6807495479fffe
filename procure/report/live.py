"""Spreadsheet formulas that know their own result.

A ``Term`` is a piece of a formula together with its value, so that one statement of a check gives both the live formula
and the result that is stored with it (previews, pandas and phones show stored results; they do not calculate).
Vectors stand for cell ranges; ``SUMPRODUCT`` makes spreadsheets evaluate them as such. Only functions are used whose
results agree in Excel and LibreOffice: SUMIFS, COUNTIFS, SUMPRODUCT, MAX, ABS, MOD, ROUND.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from openpyxl.utils import get_column_letter, quote_sheetname

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Criterion", "Ref", "Term", "above", "absolute", "at_most", "countifs", "equal", "is_number", "largest", "modulo",
    "most", "reference", "rounded", "sheet_refs", "sumifs", "total",
]  # fmt: skip

_EPOCH = pd.Timestamp("1899-12-30")


@dataclass(frozen=True)
class Term:
    """A piece of formula and its value (a scalar or one value a row); ``work``: cells that a spreadsheet visits."""

    formula: str
    value: NDArray[Any]
    work: int = 0

    def _with(self, other: Term | float, sign: str, value: Any) -> Term:
        right = other if isinstance(other, Term) else Term(repr(float(other)), np.asarray(other))
        return Term(f"({self.formula}{sign}{right.formula})", np.asarray(value), self.work + right.work)

    def __add__(self, other: Term | float) -> Term:
        """Return the sum."""
        return self._with(other, "+", _float(self) + _float(other))

    def __sub__(self, other: Term | float) -> Term:
        """Return the difference."""
        return self._with(other, "-", _float(self) - _float(other))

    def __mul__(self, other: Term | float) -> Term:
        """Return the product."""
        return self._with(other, "*", _float(self) * _float(other))

    def __truediv__(self, other: Term | float) -> Term:
        """Return the quotient; the divisor must not be 0."""
        return self._with(other, "/", _float(self) / _float(other))

    def __gt__(self, other: Term | float) -> Term:
        """Return 1 where greater, else 0 (a truth value that is only multiplied)."""
        return self._with(other, ">", (_float(self) > _float(other)).astype(float))

    def __le__(self, other: Term | float) -> Term:
        """Return 1 where at most, else 0 (a truth value that is only multiplied)."""
        return self._with(other, "<=", (_float(self) <= _float(other)).astype(float))

    def is_text(self, text: str) -> Term:
        """Return 1 where a cell holds this text, else 0."""
        same = np.array([value == text for value in np.atleast_1d(self.value)], dtype=float)
        return Term(f'({self.formula}="{text}")', same, self.work + same.size)


@dataclass(frozen=True)
class Ref(Term):
    """A range of one column on a sheet."""

    place: tuple[str, str, int] = ("", "A", 2)  # sheet, column letter, first row

    def slice(self, start: int, stop: int) -> Ref:
        """Return the part of the range from row ``start`` to before ``stop``."""
        sheet, letter, row = self.place
        return reference(sheet, letter, row + start, self.value[start:stop])


def _float(term: Term | float) -> NDArray[np.float64]:
    return np.asarray(term.value if isinstance(term, Term) else term, dtype=float)


def reference(sheet: str, letter: str, row: int, values: NDArray[Any]) -> Ref:
    """Return a reference to a range; an empty one points at one blank row."""
    last = row + max(1, len(values)) - 1
    name = quote_sheetname(sheet) if not sheet.isidentifier() else sheet
    formula = f"{name}!${letter}${row}:${letter}${last}" if last > row else f"{name}!${letter}${row}"
    return Ref(formula, values if len(values) else np.zeros(1), place=(sheet, letter, row))


def sheet_refs(sheet: str, frame: pd.DataFrame, start: int = 0, stop: int | None = None) -> dict[str, Ref]:
    """Return references to the columns of a data sheet (or to some of its rows), by column name."""
    end = len(frame) if stop is None else stop
    result = {}
    for i, name in enumerate(frame.columns):
        column = frame.iloc[start:end, i]
        values: NDArray[Any]
        if column.dtype.kind == "M":
            values = np.nan_to_num(((column - _EPOCH).dt.total_seconds() / 86400.0).to_numpy(dtype=float))
        elif column.dtype.kind in "iufb":
            values = np.nan_to_num(column.to_numpy(dtype=float))
        else:
            values = column.to_numpy(dtype=object)
        result[str(name)] = reference(sheet, get_column_letter(i + 1), 2 + start, values)
    return result


@dataclass(frozen=True)
class Criterion:
    """A condition of SUMIFS or COUNTIFS: a range compared (``=``, ``<=``, ``>``) with a term or a literal."""

    range: Ref
    to: Term | str | float
    sign: str = "="

    @property
    def text(self) -> str:
        """The two arguments of the function."""
        if isinstance(self.to, Term):
            to = self.to.formula if self.sign == "=" else f'"{self.sign}"&{self.to.formula}'
        elif isinstance(self.to, str):
            to = f'"{self.to}"'
        else:
            to = f"{self.to:g}" if self.sign == "=" else f'"{self.sign}{self.to:g}"'
        return f"{self.range.formula},{to}"


def equal(range_: Ref, to: Term | str | float) -> Criterion:
    """Keep rows whose cell equals the criterion (``*``: any text)."""
    return Criterion(range_, to)


def at_most(range_: Ref, to: Term | float) -> Criterion:
    """Keep rows whose number is at most the criterion."""
    return Criterion(range_, to, "<=")


def above(range_: Ref, number: float) -> Criterion:
    """Keep rows whose number is greater than a literal."""
    return Criterion(range_, number, ">")


def sumifs(range_: Ref, *criteria: Criterion) -> Term:
    """Return SUMIFS: for each row of the criteria (or once), the sum of the rows that meet all of them."""
    numbers = np.array([v if isinstance(v, (int, float, np.number)) else 0.0 for v in range_.value], dtype=float)
    formula = f"SUMIFS({range_.formula},{','.join(c.text for c in criteria)})"
    return _lookup(formula, np.nan_to_num(numbers), criteria)


def countifs(*criteria: Criterion) -> Term:
    """Return COUNTIFS: for each row of the criteria (or once), how many rows meet all of them."""
    formula = f"COUNTIFS({','.join(c.text for c in criteria)})"
    return _lookup(formula, np.ones(len(criteria[0].range.value)), criteria)


def _lookup(formula: str, numbers: NDArray[np.float64], criteria: tuple[Criterion, ...]) -> Term:
    """Evaluate SUMIFS: rows with equal keys are summed once; only date limits and ``*`` need a look at single rows."""
    asked = [(c, c.to) for c in criteria if isinstance(c.to, Term)]
    size = max((np.size(to.value) for _, to in asked), default=1)
    work = sum(to.work for _, to in asked) + size * len(numbers) * len(criteria)
    keep = np.ones(len(numbers), dtype=bool)
    for c in criteria:
        if not isinstance(c.to, Term):
            keep &= _matches(c.range.value, c.to, c.sign)
    have, want = np.zeros(len(numbers), dtype=np.int64), np.zeros(size, dtype=np.int64)
    stars = np.zeros(size, dtype=bool)
    for c, to in asked:
        if c.sign == "=":
            ours, theirs, count = _codes(c.range.value, np.broadcast_to(np.atleast_1d(to.value), size))
            have, want = have * count + ours, np.where((theirs < 0) | (want < 0), -1, want * count + theirs)
            stars |= np.array([value == "*" for value in np.broadcast_to(np.atleast_1d(to.value), size)])
    if any(c.sign == "<=" for c, _ in asked) or stars.any():
        result = _one_by_one(numbers, keep, asked, size)
    else:
        codes, inverse = np.unique(np.concatenate([have, want]), return_inverse=True)
        sums = np.bincount(inverse[: len(have)], numbers * keep, len(codes))
        result = np.where(want < 0, 0.0, sums[inverse[len(have) :]])
    return Term(formula, result[0] if not any(np.size(to.value) > 1 for _, to in asked) else result, work)


def _codes(have: NDArray[Any], want: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return codes of the keys of a range, of the criteria (−1: not there), and how many there are."""
    codes, distinct = pd.factorize(have, use_na_sentinel=False)
    known: dict[Any, int] = {}
    number = np.array([known.setdefault(_key(value), len(known)) for value in distinct], dtype=np.int64)
    asked, names = pd.factorize(want, use_na_sentinel=False)
    sought = np.array([known.get(_key(value), -1) for value in names], dtype=np.int64)
    return number[codes], sought[asked], max(1, len(known))


def _one_by_one(
    numbers: NDArray[np.float64], keep: NDArray[np.bool_], asked: list[tuple[Criterion, Term]], size: int
) -> NDArray[np.float64]:
    same = [(c.range.value, np.broadcast_to(np.atleast_1d(to.value), size)) for c, to in asked if c.sign == "="]
    below = [(c.range.value, np.broadcast_to(np.atleast_1d(_float(to)), size)) for c, to in asked if c.sign == "<="]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i in np.flatnonzero(keep).tolist():
        groups.setdefault(tuple(_key(have[i]) for have, _ in same), []).append(i)
    result = np.zeros(size)
    for n in range(size):
        key = tuple(_key(want[n]) for _, want in same)
        found = groups.get(key, [])
        if "*" in key:
            found = [i for k, group in groups.items() if _like(k, key) for i in group]
        for values, limit in below:
            found = [i for i in found if float(values[i]) <= limit[n]]
        result[n] = numbers[found].sum() if found else 0.0
    return result


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else float(value) if value is not None else ""


def _like(have: tuple[Any, ...], want: tuple[Any, ...]) -> bool:
    return all(w == h or (w == "*" and h != "") for h, w in zip(have, want, strict=True))


def _matches(values: NDArray[Any], to: str | float, sign: str) -> NDArray[np.bool_]:
    if isinstance(to, str):
        plain = to.replace("~", "").casefold()
        return np.array([isinstance(v, str) and bool(v) and (to == "*" or v.casefold() == plain) for v in values])
    numbers = np.array([v if isinstance(v, (int, float, np.number)) else np.nan for v in values], dtype=float)
    return numbers <= to if sign == "<=" else numbers > to if sign == ">" else numbers == to


def is_number(range_: Ref) -> Term:
    """Return 1 where a cell holds a number, else 0 (text such as ``unlimited``)."""
    held = np.array([isinstance(v, (int, float, np.number)) and np.isfinite(v) for v in range_.value], dtype=float)
    return Term(f"ISNUMBER({range_.formula})", held)


def absolute(term: Term) -> Term:
    """Return ABS."""
    return Term(f"ABS({term.formula})", np.abs(_float(term)), term.work)


def rounded(term: Term) -> Term:
    """Return ROUND to whole numbers."""
    return Term(f"ROUND({term.formula},0)", np.round(_float(term)), term.work)


def modulo(term: Term, by: Term) -> Term:
    """Return MOD; the divisor must not be 0."""
    return Term(f"MOD({term.formula},{by.formula})", np.mod(_float(term), _float(by)), term.work + by.work)


def most(term: Term) -> Term:
    """Return the largest of 0 and the values of a vector."""
    value = max(0.0, float(np.max(_float(term), initial=0.0)))
    return Term(f"SUMPRODUCT(MAX(0,{term.formula}))", np.asarray(value), term.work)


def total(term: Term) -> Term:
    """Return the sum of a vector."""
    return Term(f"SUMPRODUCT({term.formula})", np.asarray(float(_float(term).sum())), term.work)


def largest(*terms: Term) -> Term:
    """Return the largest of some scalars."""
    value = max(float(t.value) for t in terms)
    return Term(f"MAX({','.join(t.formula for t in terms)})", np.asarray(value), sum(t.work for t in terms))
