"""Periods by their names in an address."""

import datetime as dt

import pytest

from reports.enums import PeriodKind
from reports.rules.naming import begun, name_of, period_named, so_far
from reports.rules.periods import Period

NAMED = {
    "2026-10": (dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
    "2024-02": (dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
    "2026-Q1": (dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
    "2026-Q4": (dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
    "2026-2027": (dt.date(2026, 8, 1), dt.date(2027, 7, 31)),
}


@pytest.mark.parametrize("name", NAMED)
def test_there_and_back(name: str) -> None:
    period = period_named(name)
    assert period == Period(*NAMED[name])
    assert period is not None
    assert name_of(period) == name


NO_NAMES = [
    "",
    "2026",
    "2026-00",
    "2026-13",
    "2026-1",
    "2026-Q5",
    "2026-2028",
    "1999-12",
    "2091-01",
    "²026-10",
    "2026-10 ",
    "2026-10\n",
    "other",
    "9999-9999",
    "0000-0001",
]


@pytest.mark.parametrize("text", NO_NAMES)
def test_no_name(text: str) -> None:
    assert period_named(text) is None


def test_own_days_have_no_name() -> None:
    assert name_of(Period(dt.date(2026, 10, 2), dt.date(2026, 10, 31))) == ""


def test_what_has_begun_and_what_is_not_in_the_future() -> None:
    on = dt.date(2026, 11, 20)
    assert [name_of(it) for it in begun(PeriodKind.MONTH, 3, on=on)] == ["2026-11", "2026-10", "2026-09"]
    assert [name_of(it) for it in begun(PeriodKind.QUARTER, 2, on=on)] == ["2026-Q4", "2026-Q3"]
    assert [name_of(it) for it in begun(PeriodKind.SCHOOL_YEAR, 2, on=on)] == ["2026-2027", "2025-2026"]
    quarter = Period(dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert so_far(quarter, on) == Period(dt.date(2026, 10, 1), on)
    assert so_far(quarter, dt.date(2027, 1, 1)) == quarter
