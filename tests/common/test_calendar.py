"""The arithmetic of school days, against counting day by day."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendar import Calendar, Period, PeriodKind, Weekdays, school_year_days, school_year_of

HOLIDAY, FREE, PUBLIC = PeriodKind.HOLIDAY, PeriodKind.FREE, PeriodKind.PUBLIC
DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def period(first: str, last: str, kind: PeriodKind = HOLIDAY) -> Period:
    return Period(day(first), day(last), kind, "x")


AUTUMN = Calendar((period("2025-10-18", "2025-10-26"), period("2025-10-30", "2025-10-30", PUBLIC)))


@pytest.mark.parametrize(
    ("a", "b", "school_days", "working_days"),
    [
        ("2025-10-13", "2025-10-13", 0, 0),  # the day itself does not count
        ("2025-10-13", "2025-10-14", 1, 1),
        ("2025-10-17", "2025-10-18", 0, 0),  # Saturday
        ("2025-10-17", "2025-10-27", 1, 6),  # over the holiday
        ("2025-10-18", "2025-10-26", 0, 5),
        ("2025-10-13", "2025-10-31", 8, 13),
        ("2025-10-31", "2025-10-13", -8, -13),
    ],
)
def test_days_between(a: str, b: str, school_days: int, working_days: int) -> None:
    assert AUTUMN.school_days_between(day(a), day(b)) == school_days
    assert AUTUMN.working_days_between(day(a), day(b)) == working_days


@pytest.mark.parametrize(
    ("start", "n", "school_day", "working_day"),
    [
        ("2025-10-18", 0, "2025-10-18", "2025-10-18"),
        ("2025-10-17", 1, "2025-10-27", "2025-10-20"),
        ("2025-10-18", 1, "2025-10-27", "2025-10-20"),
        ("2025-10-13", 5, "2025-10-27", "2025-10-20"),
        ("2025-10-28", 2, "2025-10-31", "2025-10-31"),  # over the public holiday
        ("2025-10-31", 1, "2025-11-03", "2025-11-03"),
    ],
)
def test_the_nth_day_after(start: str, n: int, school_day: str, working_day: str) -> None:
    assert AUTUMN.nth_school_day_after(day(start), n) == day(school_day)
    assert AUTUMN.nth_working_day_after(day(start), n) == day(working_day)


def test_days_in_a_period_count_both_ends() -> None:
    assert AUTUMN.school_days_in(day("2025-10-13"), day("2025-10-17")) == 5
    assert AUTUMN.school_days_in(day("2025-10-17"), day("2025-10-17")) == 1
    assert AUTUMN.school_days_in(day("2025-10-18"), day("2025-10-26")) == 0


def test_one_day_is_a_school_day_or_a_working_day_or_neither() -> None:
    assert [AUTUMN.is_school_day(day(f"2025-10-{d}")) for d in (17, 18, 20, 27, 30)] == [
        True, False, False, True, False,
    ]  # fmt: skip
    assert [AUTUMN.is_working_day(day(f"2025-10-{d}")) for d in (17, 18, 20, 27, 30)] == [
        True, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "n", "school_day"),
    [
        ("2025-10-17", -1, "2025-10-16"),
        ("2025-10-17", -5, "2025-10-10"),
        ("2025-10-18", -1, "2025-10-16"),  # a Saturday: in (Friday, Saturday] there is no school day
        ("2025-10-27", -1, "2025-10-17"),  # back over the holiday
        ("2025-10-27", -2, "2025-10-16"),
    ],
)
def test_days_before(start: str, n: int, school_day: str) -> None:
    assert AUTUMN.nth_school_day_after(day(start), n) == day(school_day)


def test_a_school_year_runs_from_the_first_of_august() -> None:
    assert school_year_of(day("2026-07-31")) == 2025
    assert school_year_of(day("2026-08-01")) == 2026
    assert school_year_days(2025) == (day("2025-08-01"), day("2026-07-31"))


def test_what_is_left_of_a_period_outside_some_school_years() -> None:
    summer = period("2026-07-11", "2026-08-23")
    assert summer.school_year == 2025
    assert summer.outside({2024, 2027}) == [summer]
    assert summer.outside({2025}) == [period("2026-08-01", "2026-08-23")]
    assert summer.outside({2026}) == [period("2026-07-11", "2026-07-31")]
    assert summer.outside({2025, 2026}) == []
    assert period("2025-07-01", "2027-08-02").outside({2025}) == [
        period("2025-07-01", "2025-07-31"),
        period("2026-08-01", "2027-08-02"),
    ]


def test_periods_and_unknown_years_of_a_range() -> None:
    calendar = Calendar((period("2025-10-18", "2025-10-26"),), "noord", frozenset({2025}))
    assert calendar.periods_in(day("2025-10-26"), day("2025-11-01")) == list(calendar.periods)
    assert calendar.periods_in(day("2025-10-27"), day("2025-11-01")) == []
    assert calendar.unknown_years(day("2025-08-01"), day("2026-07-31")) == []
    assert calendar.unknown_years(day("2025-07-31"), day("2026-08-01")) == [2024, 2026]


DAYS = st.dates(day("2023-12-20"), day("2028-03-10"))  # two leap days


@given(
    st.lists(st.tuples(DAYS, st.integers(0, 60), st.sampled_from(PeriodKind)), max_size=12),
    DAYS,
    st.integers(0, 400),
    st.integers(0, 80),
)
def test_the_arithmetic_agrees_with_counting_day_by_day(
    drawn: list[tuple[dt.date, int, PeriodKind]], start: dt.date, span: int, n: int
) -> None:
    periods = [Period(first, first + length * DAY, kind, "x") for first, length, kind in drawn]
    calendar = Calendar(tuple(periods))

    def is_open(d: dt.date) -> bool:
        return d.weekday() < 5 and not any(p.first_day <= d <= p.last_day for p in periods)

    end = start + span * DAY
    days = [start + k * DAY for k in range(1, span + 1)]
    assert calendar.school_days_between(start, end) == sum(map(is_open, days))
    assert calendar.is_school_day(start) == is_open(start)
    reached, left = start, n
    while left:
        reached += DAY
        left -= is_open(reached)
    assert calendar.nth_school_day_after(start, n) == reached
    assert calendar.school_days_between(start, reached) == n


@given(DAYS, st.integers(1, 500))
def test_the_nth_day_is_the_first_that_has_n_days(start: dt.date, n: int) -> None:
    found = AUTUMN.nth_school_day_after(start, n)
    assert AUTUMN.school_days_between(start, found) == n
    assert AUTUMN.school_days_between(start, found - DAY) == n - 1


@given(DAYS, st.integers(-500, -1))
def test_before_it_the_nth_day_is_the_first_that_has_no_more_days(start: dt.date, n: int) -> None:
    found = AUTUMN.nth_school_day_after(start, n)
    assert AUTUMN.school_days_between(start, found) == n
    assert AUTUMN.school_days_between(start, found - DAY) == n - 1


def test_closed_weekends_and_doubles_take_nothing_off_twice() -> None:
    saturday, monday = day("2025-10-18").toordinal(), day("2025-10-20").toordinal()
    assert Weekdays([saturday, monday, monday]).between(day("2025-10-17"), day("2025-10-24")) == 4
