import datetime as dt

import pytest

from common.holidays import is_working_day, working_day_after

# The Dutch public holidays of 2026 and 2027. Liberation Day is one in 2025 and 2030, Good Friday never.
HOLIDAYS = [
    "2026-01-01",
    "2026-04-05",
    "2026-04-06",
    "2026-04-27",
    "2026-05-14",
    "2026-05-24",
    "2026-05-25",
    "2026-12-25",
    "2026-12-26",
    "2027-01-01",
    "2027-03-28",
    "2027-03-29",
    "2027-04-27",
    "2027-05-06",
    "2027-05-16",
    "2027-05-17",
    "2027-12-25",
    "2027-12-26",
]


def test_working_days_of_two_years() -> None:
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(730)]

    found = [str(day) for day in days if not is_working_day(day) and day.weekday() < 5]
    assert found == [day for day in HOLIDAYS if dt.date.fromisoformat(day).weekday() < 5]
    assert not any(is_working_day(day) for day in days if day.weekday() >= 5)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-26", "2026-11-27"),
        ("2026-11-27", "2026-11-30"),
        ("2026-11-28", "2026-11-30"),
        ("2026-12-24", "2026-12-28"),
        ("2026-04-03", "2026-04-07"),  # Good Friday is worked, Easter Monday is not
        ("2026-04-02", "2026-04-03"),
    ],
)
def test_the_next_working_day(day: str, expected: str) -> None:
    assert working_day_after(dt.date.fromisoformat(day)) == dt.date.fromisoformat(expected)
