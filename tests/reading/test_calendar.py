from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procure.calendar import LENGTHS, MONTHS, Calendar, parse_label

QUARTERS = Calendar.make("2027Q1", "quarter", 8)


@pytest.mark.parametrize(
    ("start", "length", "labels"),
    [
        ("2026Q4", "quarter", ("2026Q4", "2027Q1", "2027Q2")),
        ("2026-11", "month", ("2026-11", "2026-12", "2027-01")),
        ("2026H2", "half", ("2026H2", "2027H1", "2027H2")),
        (2026, "year", ("2026", "2027", "2028")),
        ("2027", "month", ("2027-01", "2027-02", "2027-03")),
        (dt.date(2027, 5, 31), "quarter", ("2027Q2", "2027Q3", "2027Q4")),
    ],
)
def test_labels_run_on_over_the_turn_of_the_year(start: object, length: str, labels: tuple[str, ...]) -> None:
    calendar = Calendar.make(start, length, 3)
    assert calendar.labels == labels
    assert calendar.start == labels[0]


def test_every_year_has_8760_hours() -> None:
    for length in LENGTHS:
        calendar = Calendar.make("2027", length, 1)
        assert calendar.hours_per_period == pytest.approx(8760 * MONTHS[length] / 12)
        assert calendar.years_per_period == pytest.approx(calendar.months_per_period / 12)


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
        ("2027Q1", 0, 0),
        ("2026Q4", -1, -1),
        ("2029Q1", 8, 8),
        ("2028", 4, 7),  # a coarser label: its first or its last period
        ("2027H2", 2, 3),
        ("2027-05", 1, 1),  # a finer one: the period that contains it
        ("2027 q2", 1, 1),
        ("Q3 2027", 2, 2),
        ("2027-Q4", 3, 3),
        ("Mar 2028", 4, 4),
        ("2027-12-31", 3, 3),
        (2027, 0, 3),
        (2027.0, 0, 3),
        (np.int64(2028), 4, 7),
        (dt.date(2027, 4, 1), 1, 1),
        (pd.Timestamp("2026-12-31"), -1, -1),
    ],
)
def test_index_of_every_kind_of_label(label: object, first: int, last: int) -> None:
    assert QUARTERS.index(label) == first
    assert QUARTERS.index(label, "last") == last


@pytest.mark.parametrize(
    "label",
    [
        "",
        "2027Q5",
        "2027Q0",
        "2027H3",
        "2027-13",
        "2027-00",
        "27Q1",
        "Q1",
        "soon",
        "2027-02-30",
        "1850",
        "2101Q1",
        None,
        True,
        46054,
        1989,
        2101,
        2027.5,
        float("nan"),
        float("inf"),
        pd.NaT,
        b"2027",
        [],
        "2027Q1 2028Q1",
        "２０２７Q9",
    ],
)
def test_anything_else_is_no_label(label: object) -> None:
    with pytest.raises(ValueError):
        QUARTERS.index(label)


def test_labels_reach_beyond_the_horizon() -> None:
    assert QUARTERS.label(-5) == "2025Q4"
    assert QUARTERS.label(8) == "2029Q1"
    assert QUARTERS.first_day(-1) == dt.date(2026, 10, 1)
    assert QUARTERS.first_day(7) == dt.date(2028, 10, 1)


@given(st.sampled_from(LENGTHS), st.integers(2010, 2050), st.integers(1, 12), st.integers(1, 60), st.integers(-20, 50))
def test_label_and_index_are_inverse(length: str, year: int, month: int, periods: int, index: int) -> None:
    calendar = Calendar.make(f"{year}-{month:02d}", length, periods)
    label = calendar.label(index)
    assert calendar.index(label) == index == calendar.index(label, "last")
    assert calendar.index(calendar.first_day(index)) == index
    assert calendar.same_length(label)
    assert parse_label(label)[1] == MONTHS[length]


@pytest.mark.parametrize(("length", "periods"), [("week", 4), ("quarter", 0), ("quarter", -1)])
def test_impossible_calendars_are_refused(length: str, periods: int) -> None:
    with pytest.raises(ValueError):
        Calendar.make("2027Q1", length, periods)
