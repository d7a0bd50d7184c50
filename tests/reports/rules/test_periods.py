"""Months, quarters, school years, and other periods."""

import datetime as dt

import pytest
from django.utils import translation

from reports.rules.periods import Period, month_of, months_up_to, quarter_of, school_year_of

Days = tuple[str, str]


def period(first: str, last: str) -> Period:
    return Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_a_period_may_be_a_day_but_not_less() -> None:
    assert period("2026-03-01", "2026-03-01").day_before == dt.date(2026, 2, 28)
    with pytest.raises(ValueError, match="ends on or after"):
        period("2026-03-02", "2026-03-01")


@pytest.mark.parametrize(
    ("on", "month", "quarter", "year"),
    [
        (
            "2026-01-01",
            ("2026-01-01", "2026-01-31"),
            ("2026-01-01", "2026-03-31"),
            ("2025-08-01", "2026-07-31"),
        ),
        (
            "2024-02-29",
            ("2024-02-01", "2024-02-29"),
            ("2024-01-01", "2024-03-31"),
            ("2023-08-01", "2024-07-31"),
        ),
        (
            "2026-07-31",
            ("2026-07-01", "2026-07-31"),
            ("2026-07-01", "2026-09-30"),
            ("2025-08-01", "2026-07-31"),
        ),
        (
            "2026-08-01",
            ("2026-08-01", "2026-08-31"),
            ("2026-07-01", "2026-09-30"),
            ("2026-08-01", "2027-07-31"),
        ),
        (
            "2026-12-31",
            ("2026-12-01", "2026-12-31"),
            ("2026-10-01", "2026-12-31"),
            ("2026-08-01", "2027-07-31"),
        ),
    ],
)
def test_of_a_day(on: str, month: Days, quarter: Days, year: Days) -> None:
    day = dt.date.fromisoformat(on)
    assert [month_of(day), quarter_of(day), school_year_of(day)] == [
        period(*month),
        period(*quarter),
        period(*year),
    ]
    assert [it.kind for it in (month_of(day), quarter_of(day), school_year_of(day))] == [
        "month",
        "quarter",
        "school_year",
    ]


@pytest.mark.parametrize(
    ("days", "before", "after"),
    [
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28"), ("2026-04-01", "2026-04-30")),
        (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31"), ("2026-04-01", "2026-06-30")),
        (("2025-08-01", "2026-07-31"), ("2024-08-01", "2025-07-31"), ("2026-08-01", "2027-07-31")),
        (("2026-03-02", "2026-03-08"), ("2026-02-23", "2026-03-01"), ("2026-03-09", "2026-03-15")),
        (("2026-03-01", "2026-03-01"), ("2026-02-28", "2026-02-28"), ("2026-03-02", "2026-03-02")),
    ],
)
def test_its_neighbours_join(days: Days, before: Days, after: Days) -> None:
    it = period(*days)
    assert (it.before, it.after) == (period(*before), period(*after))
    assert (it.before.last, it.after.day_before) == (it.day_before, it.last)


def test_other_periods() -> None:
    assert period("2026-03-02", "2026-03-31").kind == "other"
    assert period("2026-02-01", "2026-04-30").kind == "other"
    assert period("2026-02-01", "2026-04-30").months == [
        period("2026-02-01", "2026-02-28"),
        period("2026-03-01", "2026-03-31"),
        period("2026-04-01", "2026-04-30"),
    ]
    assert period("2026-02-01", "2026-04-29").months == []


def test_a_year_before() -> None:
    assert period("2024-02-01", "2024-02-29").year_before == period("2023-02-01", "2023-02-28")
    assert period("2025-02-01", "2025-02-28").year_before == period("2024-02-01", "2024-02-29")
    assert period("2024-02-29", "2024-03-05").year_before == period("2023-02-28", "2023-03-05")


def test_the_months_of_a_trend() -> None:
    found = months_up_to(period("2026-01-01", "2026-03-31"), 3)
    assert found == [
        period("2026-01-01", "2026-01-31"),
        period("2026-02-01", "2026-02-28"),
        period("2026-03-01", "2026-03-31"),
    ]


def test_in_words() -> None:
    with translation.override("en"):
        found = [
            str(period("2026-10-01", "2026-10-31")),
            str(period("2026-10-01", "2026-12-31")),
            str(period("2026-08-01", "2027-07-31")),
            str(period("2026-10-05", "2026-10-06")),
        ]
    assert found == [
        "October 2026",
        "quarter 4 of 2026",
        "school year 2026-2027",
        "5 October 2026 to 6 October 2026",
    ]
