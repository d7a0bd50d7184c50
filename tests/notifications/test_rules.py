"""When a notice may be mailed, written out, and against a slow search through the clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.kinds import Frequency
from notifications.rules import due_at
from tests.common.test_holidays import HOLIDAYS

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FREE = {dt.date.fromisoformat(day) for day in HOLIDAYS}
QUARTER = dt.timedelta(minutes=15)


def local(text: str) -> dt.datetime:
    """A moment of Amsterdam; "+1" behind it is the second time that the clock shows it."""
    text, _, again = text.partition("+")
    return dt.datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=int(again or 0))


@pytest.mark.parametrize(
    ("made", "at_once", "daily", "weekly"),
    [
        # An ordinary week: 16 November 2026 is a Monday.
        ("2026-11-16 00:00", "2026-11-16 00:00", "2026-11-16 08:00", "2026-11-16 08:00"),
        ("2026-11-16 07:59:59", "2026-11-16 07:59:59", "2026-11-16 08:00", "2026-11-16 08:00"),
        ("2026-11-16 08:00", "2026-11-16 08:00", "2026-11-16 08:00", "2026-11-16 08:00"),
        ("2026-11-16 08:00:01", "2026-11-16 08:00:01", "2026-11-17 08:00", "2026-11-23 08:00"),
        ("2026-11-18 14:00", "2026-11-18 14:00", "2026-11-19 08:00", "2026-11-23 08:00"),
        ("2026-11-20 23:59:59", "2026-11-20 23:59:59", "2026-11-23 08:00", "2026-11-23 08:00"),
        # The weekend.
        ("2026-11-21 00:00", "2026-11-23 00:00", "2026-11-23 08:00", "2026-11-23 08:00"),
        ("2026-11-22 23:59:59", "2026-11-23 00:00", "2026-11-23 08:00", "2026-11-23 08:00"),
        # Christmas 2026: Friday and Saturday.
        ("2026-12-24 09:00", "2026-12-24 09:00", "2026-12-28 08:00", "2026-12-28 08:00"),
        ("2026-12-25 09:00", "2026-12-28 00:00", "2026-12-28 08:00", "2026-12-28 08:00"),
        # Easter Monday, King's Day on a Monday, Whit Monday: the week begins on Tuesday.
        ("2026-04-02 12:00", "2026-04-02 12:00", "2026-04-03 08:00", "2026-04-07 08:00"),
        ("2026-04-03 12:00", "2026-04-03 12:00", "2026-04-07 08:00", "2026-04-07 08:00"),
        ("2026-04-06 12:00", "2026-04-07 00:00", "2026-04-07 08:00", "2026-04-07 08:00"),
        ("2026-04-07 08:00:01", "2026-04-07 08:00:01", "2026-04-08 08:00", "2026-04-13 08:00"),
        ("2026-04-24 12:00", "2026-04-24 12:00", "2026-04-28 08:00", "2026-04-28 08:00"),
        ("2026-05-25 07:00", "2026-05-26 00:00", "2026-05-26 08:00", "2026-05-26 08:00"),
        # Ascension Day is a Thursday; New Year 2027 a Friday.
        ("2026-05-14 10:00", "2026-05-15 00:00", "2026-05-15 08:00", "2026-05-18 08:00"),
        ("2026-12-31 23:30", "2026-12-31 23:30", "2027-01-04 08:00", "2027-01-04 08:00"),
        # The night to summer time (29 March 2026) and the one back (25 October 2026) are Sundays.
        ("2026-03-27 08:00:01", "2026-03-27 08:00:01", "2026-03-30 08:00", "2026-03-30 08:00"),
        ("2026-03-29 01:59:59", "2026-03-30 00:00", "2026-03-30 08:00", "2026-03-30 08:00"),
        ("2026-03-29 03:00", "2026-03-30 00:00", "2026-03-30 08:00", "2026-03-30 08:00"),
        ("2026-10-23 17:00", "2026-10-23 17:00", "2026-10-26 08:00", "2026-10-26 08:00"),
        ("2026-10-25 02:30", "2026-10-26 00:00", "2026-10-26 08:00", "2026-10-26 08:00"),
        ("2026-10-25 02:30+1", "2026-10-26 00:00", "2026-10-26 08:00", "2026-10-26 08:00"),
    ],
)
def test_when_a_notice_may_be_mailed(made: str, at_once: str, daily: str, weekly: str) -> None:
    assert due_at(Frequency.AT_ONCE, local(made)) == local(at_once)
    assert due_at(Frequency.DAILY, local(made)) == local(daily)
    assert due_at(Frequency.WEEKLY, local(made)) == local(weekly)


def test_eight_o_clock_is_another_moment_in_summer_and_in_winter() -> None:
    before = dt.datetime(2026, 3, 27, 12, tzinfo=dt.UTC)
    after = dt.datetime(2026, 10, 23, 12, tzinfo=dt.UTC)

    assert due_at(Frequency.DAILY, before) == dt.datetime(2026, 3, 30, 6, tzinfo=dt.UTC)
    assert due_at(Frequency.DAILY, after) == dt.datetime(2026, 10, 26, 7, tzinfo=dt.UTC)


def test_the_day_is_that_of_amsterdam() -> None:
    """Friday evening in Greenwich is Saturday in Amsterdam."""
    made = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)

    assert due_at(Frequency.AT_ONCE, made) == local("2026-11-23 00:00")


def test_no_mail_has_no_moment() -> None:
    with pytest.raises(ValueError, match="off"):
        due_at(Frequency.OFF, local("2026-11-16 12:00"))


MOMENTS = st.datetimes(
    min_value=dt.datetime(2026, 1, 1), max_value=dt.datetime(2027, 11, 30), timezones=st.just(dt.UTC)
)


@given(made=MOMENTS)
def test_it_is_what_a_search_through_the_clock_finds(made: dt.datetime) -> None:
    assert due_at(Frequency.AT_ONCE, made) == _search(made, _any_time)
    assert due_at(Frequency.DAILY, made) == _search(made, _is_eight)
    assert due_at(Frequency.WEEKLY, made) == _search(made, _is_eight_of_the_first_day)


@given(made=MOMENTS, later=st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=20)))
def test_what_was_made_earlier_is_due_no_later(made: dt.datetime, later: dt.timedelta) -> None:
    for frequency in (Frequency.AT_ONCE, Frequency.DAILY, Frequency.WEEKLY):
        assert made <= due_at(frequency, made) <= due_at(frequency, made + later)


def _search(made: dt.datetime, fits: object) -> dt.datetime:
    """The moment itself or else the first quarter of an hour after it at which a mail may leave."""
    if fits(made.astimezone(AMSTERDAM)):  # type: ignore[operator]
        return made
    moment = dt.datetime.fromtimestamp((made.timestamp() // 900 + 1) * 900, tz=dt.UTC)
    while not fits(moment.astimezone(AMSTERDAM)):  # type: ignore[operator]
        moment += QUARTER
    return moment


def _any_time(moment: dt.datetime) -> bool:
    return _works(moment.date())


def _is_eight(moment: dt.datetime) -> bool:
    return _works(moment.date()) and moment.time() == dt.time(8)


def _is_eight_of_the_first_day(moment: dt.datetime) -> bool:
    monday = moment.date() - dt.timedelta(days=moment.weekday())
    earlier = [monday + dt.timedelta(days=n) for n in range(moment.weekday())]
    return _is_eight(moment) and not any(_works(day) for day in earlier)


def _works(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in FREE
