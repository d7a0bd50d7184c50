"""When which period is drafted and reminded of."""

import datetime as dt

import pytest

from reports.rules.periods import Period, month_of, quarter_of
from reports.rules.timetable import periods_to_draft, reminded_on

OCTOBER, NOVEMBER, DECEMBER = (month_of(dt.date(2026, month, 1)) for month in (10, 11, 12))
THIRD, FOURTH = quarter_of(dt.date(2026, 9, 1)), quarter_of(dt.date(2026, 12, 1))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 10, 1), [month_of(dt.date(2026, 9, 1)), THIRD]),  # a Thursday
        (dt.date(2026, 11, 1), [THIRD]),  # a Sunday
        (dt.date(2026, 11, 2), [OCTOBER, THIRD]),
        (dt.date(2026, 11, 30), [OCTOBER, THIRD]),
        (dt.date(2027, 1, 1), []),  # a holiday, and a weekend after it
        (dt.date(2027, 1, 3), []),
        (dt.date(2027, 1, 4), [DECEMBER, FOURTH]),
        (dt.date(2027, 2, 1), [month_of(dt.date(2027, 1, 1)), FOURTH]),
    ],
)
def test_the_last_month_and_quarter_from_the_first_working_day_on(
    day: dt.date, expected: list[Period]
) -> None:
    assert periods_to_draft(day) == expected


def test_after_five_working_days_a_draft_is_reminded_of() -> None:
    assert reminded_on(dt.date(2026, 11, 2)) == dt.date(2026, 11, 9)
    assert reminded_on(dt.date(2026, 12, 23)) == dt.date(
        2026, 12, 31
    )  # two days of Christmas, one on Saturday
