"""Finance as small pure functions; nothing else in the package knows a discount factor's formula.

Flow convention (the whole package follows it): events such as orders, deliveries, sales and builds happen at the START
of a period and are discounted by ``discount(r, Y, t)``; running cost, depreciation and the capital charge accrue over
the period and are counted at its END, ``discount(r, Y, t + 1)``; the terminal value counts at the end of the horizon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["annuity", "book_value", "decline", "decline_by_row", "discount", "growth", "period_rate"]


def period_rate(annual_rate: float, years_per_period: float) -> float:
    """Rate over one period that compounds to the annual rate: (1 + r)^Y − 1.

    >>> round(period_rate(0.08, 0.25), 6)
    0.019427
    >>> period_rate(0.0, 0.25)
    0.0
    """
    return float((1.0 + annual_rate) ** years_per_period - 1.0)


def discount(annual_rate: float, years_per_period: float, period: ArrayLike) -> NDArray[np.float64]:
    """Present value, at the start of period 0, of one unit paid at the start of ``period``: (1 + r)^(−Y·t).

    >>> float(discount(0.21, 0.5, 1).round(6))
    0.909091
    """
    return np.asarray((1.0 + annual_rate) ** (-years_per_period * np.asarray(period, dtype=float)))


def annuity(rate: float, periods: ArrayLike) -> NDArray[np.float64]:
    """Payment at each period's end that is worth one unit of money today, over a number of periods (at least one).

    >>> float(annuity(0.0, 4.0)), float(annuity(0.1, 2.0).round(6))
    (0.25, 0.57619)
    """
    n = np.maximum(1.0, np.asarray(periods, dtype=float))
    return np.asarray(rate / (1.0 - (1.0 + rate) ** -n) if rate > 0 else 1.0 / n)


def decline(annual_rate: float, years: ArrayLike) -> NDArray[np.float64]:
    """Factor left after ``years`` of a yearly decline: (1 − d)^max(0, years).

    >>> float(decline(0.2, 2.0).round(4)), float(decline(0.2, -1.0))
    (0.64, 1.0)
    """
    return np.asarray((1.0 - annual_rate) ** np.maximum(0.0, np.asarray(years, dtype=float)))


def decline_by_row(annual_rates: ArrayLike, years: ArrayLike) -> NDArray[np.float64]:
    """Return ``decline`` for one rate a row (shape n) and years by row and column (shape n × m)."""
    rates = np.asarray(annual_rates, dtype=float)
    return np.asarray((1.0 - rates[:, None]) ** np.maximum(0.0, np.asarray(years, dtype=float)))


def growth(annual_rate: float, years: ArrayLike) -> NDArray[np.float64]:
    """Factor reached after ``years`` of yearly growth: (1 + g)^max(0, years).

    >>> float(growth(0.1, 2.0).round(4))
    1.21
    """
    return np.asarray((1.0 + annual_rate) ** np.maximum(0.0, np.asarray(years, dtype=float)))


def book_value(price: ArrayLike, age_years: ArrayLike, life_years: ArrayLike) -> NDArray[np.float64]:
    """Straight-line book value at an age: price · max(0, 1 − age / life); a full life ends at exactly 0.

    >>> [float(book_value(600.0, age, 6.0)) for age in (0.0, 1.5, 6.0, 9.0)]
    [600.0, 450.0, 0.0, 0.0]
    """
    share = 1.0 - np.asarray(age_years, dtype=float) / np.asarray(life_years, dtype=float)
    return np.asarray(np.asarray(price, dtype=float) * np.clip(share, 0.0, 1.0))
