"""When something is due, worked out slowly: day by day, from the words of contracts/rules.md and the raw
lists of free days. What the product computes is compared with it; nothing is taken from the code that it
checks.
"""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from dateutil.easter import easter
from holidays import country_holidays

DAY = dt.timedelta(days=1)
YEARS = range(2018, 2036)


@dataclass(frozen=True)
class Free:
    """A row of a calendar file: `vakantie` or `vrij`, the first and the last day included."""

    kind: str
    first_day: dt.date
    last_day: dt.date


@dataclass(frozen=True)
class SlowCalendar:
    """The days on which a school is closed, and the days on which everything is."""

    closed: frozenset[dt.date]
    public: frozenset[dt.date]

    def is_school_day(self, day: dt.date) -> bool:
        return self.is_working_day(day) and day not in self.closed

    def is_working_day(self, day: dt.date) -> bool:
        return day.isoweekday() <= 5 and day not in self.public


def slow_calendar(region: str, of_region: Iterable[Free] = (), own: Iterable[Free] = ()) -> SlowCalendar:
    """Holidays of the region as the government set them; those imported for the region and then those of the
    school itself replace what lies in a school year in which one of them begins; free days add."""
    holidays = set(_government(region)) if region else set()
    extra: set[dt.date] = set()
    for rows in (list(of_region), list(own)):
        replaced = {_school_year(row.first_day) for row in rows if row.kind == "vakantie"}
        holidays = {day for day in holidays if _school_year(day) not in replaced}
        holidays |= {day for row in rows if row.kind == "vakantie" for day in _days(row)}
        extra |= {day for row in rows if row.kind == "vrij" for day in _days(row)}
    return SlowCalendar(frozenset(holidays | extra), _public())


def elapses(unit: str, day: dt.date, slow: SlowCalendar) -> bool:
    """Whether one more has elapsed on that day."""
    if unit == "school days":
        return slow.is_school_day(day)
    return unit == "calendar days" or slow.is_working_day(day)


def month_later(start: dt.date, months: int) -> dt.date:
    """The same day number so many months on (or back), or the last day of that month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@cache
def slow_first_due(number: int, unit: str, start: dt.date, slow: SlowCalendar) -> dt.date:
    """The first day on which elapsed reaches the number; with a number below zero that day lies before."""
    if unit == "calendar months":
        return month_later(start, number)
    day, found = start, 0
    while found < number:
        day += DAY
        found += elapses(unit, day, slow)
    while number < 0 and found - elapses(unit, day, slow) >= number:
        found -= elapses(unit, day, slow)
        day -= DAY
    return day


@cache
def slow_dues(
    first: dt.date, repeat: tuple[int, str] | None, until: dt.date, slow: SlowCalendar
) -> list[dt.date]:
    """Every due date up to and including a day, in order."""
    if first > until:
        return []
    found = [first]
    if repeat is None:
        return found
    number, unit = repeat
    day, count = first, 0
    while day < until:
        day += DAY
        if unit == "calendar months":
            if month_later(first, number * len(found)) == day:
                found.append(day)
        else:
            count += elapses(unit, day, slow)
            if count >= number * len(found):
                found.append(day)
    return found


def _days(row: Free) -> list[dt.date]:
    found, day = [], row.first_day
    while day <= row.last_day:
        found.append(day)
        day += DAY
    return found


def _school_year(day: dt.date) -> int:
    return day.year if day >= dt.date(day.year, 8, 1) else day.year - 1


@lru_cache
def _government(region: str) -> frozenset[dt.date]:
    """Each day of the school holidays of a region."""
    return frozenset(
        country_holidays("NL", subdiv=region.capitalize(), categories=("school",), years=YEARS, language="nl")
    )


@lru_cache
def _public() -> frozenset[dt.date]:
    """Public holidays; Good Friday is not one."""
    days = set(country_holidays("NL", categories=("public",), years=YEARS, language="nl"))
    return frozenset(days - {easter(year) - dt.timedelta(days=2) for year in YEARS})
