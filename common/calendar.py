"""Counting in school days and working days. Pure arithmetic: where free days come from is not known here.

Counting is over `(a, b]`: the day itself does not count, so between Monday and Tuesday there is one day.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

FIRST_MONTH = 8  # a school year runs from 1 August to 31 July


def school_year_of(day: dt.date) -> int:
    """The school year by the calendar year in which it begins: 2025 is 2025-2026."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def school_year_days(year: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of a school year."""
    return dt.date(year, FIRST_MONTH, 1), dt.date(year + 1, FIRST_MONTH, 1) - dt.timedelta(days=1)


class PeriodKind(StrEnum):
    HOLIDAY = "vakantie"
    FREE = "vrij"
    PUBLIC = "feestdag"


@dataclass(frozen=True, order=True)
class Period:
    """Days without school, the first and the last included."""

    first_day: dt.date
    last_day: dt.date
    kind: PeriodKind
    name: str

    @property
    def school_year(self) -> int:
        """The one in which it begins."""
        return school_year_of(self.first_day)

    def outside(self, years: Container[int]) -> "list[Period]":
        """What is left of it without its days in those school years."""
        last_year = school_year_of(self.last_day)
        pieces: list[Period] = []
        for year in range(self.school_year, last_year + 1):
            if year in years:
                continue
            first, last = school_year_days(year)
            piece = replace(self, first_day=max(first, self.first_day), last_day=min(last, self.last_day))
            if pieces and pieces[-1].school_year == year - 1:
                piece = replace(piece, first_day=pieces.pop().first_day)
            pieces.append(piece)
        return pieces

    def ordinals(self) -> range:
        return range(self.first_day.toordinal(), self.last_day.toordinal() + 1)


class Weekdays:
    """Monday to Friday, less the days that are closed."""

    def __init__(self, closed: Iterable[int] = ()) -> None:
        self._closed = sorted(
            {day for day in closed if day % 7 in range(1, 6)}
        )  # 1 January of year 1: a Monday

    def __contains__(self, day: dt.date) -> bool:
        ordinal = day.toordinal()
        return self._count(ordinal) > self._count(ordinal - 1)

    def between(self, a: dt.date, b: dt.date) -> int:
        """The number of days in (a, b]; below zero where b lies before a."""
        return self._count(b.toordinal()) - self._count(a.toordinal())

    def nth_after(self, day: dt.date, n: int) -> dt.date:
        """The first day on which `between(day, …)` reaches n; for n = 0 the day itself. Below zero it lies
        before."""
        start = day.toordinal()
        reached = self._count(start) + n
        far_enough = abs(n) * 7 // 5 + 7
        while not self._reaches(start, n, far_enough):  # holidays in between
            far_enough *= 2
        days = range(start, start + far_enough + 1) if n >= 0 else range(start - far_enough, start)
        return dt.date.fromordinal(days[bisect_left(days, reached, key=self._count)])

    def _reaches(self, start: int, n: int, far_enough: int) -> bool:
        """Whether so many calendar days from a day, before or after it, hold n of these."""
        if n >= 0:
            return self._count(start + far_enough) >= self._count(start) + n
        return self._count(start - far_enough) < self._count(start) + n

    def _count(self, ordinal: int) -> int:
        """How many of these days there are up to and including that one, counted from year 1."""
        weeks, rest = divmod(ordinal, 7)
        return weeks * 5 + min(rest, 5) - bisect_right(self._closed, ordinal)


@dataclass(frozen=True)
class Calendar:
    """When a school is open.

    `region` is empty where it is not known; `known_years` are the school years whose holidays are known: in
    other years only public holidays and free days are taken off."""

    periods: tuple[Period, ...] = ()
    region: str = ""
    known_years: frozenset[int] = frozenset()
    _school: Weekdays = field(init=False, repr=False, compare=False)
    _working: Weekdays = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        public = [
            day for period in self.periods if period.kind == PeriodKind.PUBLIC for day in period.ordinals()
        ]
        every = [day for period in self.periods for day in period.ordinals()]
        object.__setattr__(self, "_school", Weekdays(every))
        object.__setattr__(self, "_working", Weekdays(public))

    def is_school_day(self, day: dt.date) -> bool:
        return day in self._school

    def school_days_between(self, a: dt.date, b: dt.date) -> int:
        """The number of school days in (a, b]."""
        return self._school.between(a, b)

    def nth_school_day_after(self, day: dt.date, n: int) -> dt.date:
        """The n-th school day after a day: where the number of elapsed school days reaches n."""
        return self._school.nth_after(day, n)

    def is_working_day(self, day: dt.date) -> bool:
        """Monday to Friday, less public holidays."""
        return day in self._working

    def working_days_between(self, a: dt.date, b: dt.date) -> int:
        """The number of working days in (a, b]."""
        return self._working.between(a, b)

    def nth_working_day_after(self, day: dt.date, n: int) -> dt.date:
        return self._working.nth_after(day, n)

    def school_days_in(self, first_day: dt.date, last_day: dt.date) -> int:
        """The number of school days from one day to another, both included."""
        return self._school.between(first_day - dt.timedelta(days=1), last_day)

    def periods_in(self, first_day: dt.date, last_day: dt.date) -> list[Period]:
        """The periods that have a day in common with these days, in order."""
        return [
            period for period in self.periods if period.first_day <= last_day and first_day <= period.last_day
        ]

    def unknown_years(self, first_day: dt.date, last_day: dt.date) -> list[int]:
        """The school years from one day to another of which no holidays are known."""
        years = range(school_year_of(first_day), school_year_of(last_day) + 1)
        return [year for year in years if year not in self.known_years]
