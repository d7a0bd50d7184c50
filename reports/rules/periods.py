"""Months, quarters and school years (1 August to 31 July), and the figures' words for them. Pure dates."""

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from dateutil.relativedelta import relativedelta
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.enums import PeriodKind

DAY = dt.timedelta(days=1)
SCHOOL_YEAR_BEGINS = 8


@dataclass(frozen=True, order=True)
class Period:
    """From the first up to and including the last day."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("A period ends on or after its first day.")

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    @property
    def day_before(self) -> dt.date:
        return self.first - DAY

    @property
    def kind(self) -> PeriodKind:
        for kind, of_day in _OF_DAY.items():
            if of_day(self.first) == self:
                return kind
        return PeriodKind.OTHER

    @property
    def months(self) -> list["Period"]:
        """The calendar months that it consists of; empty where it is not made of whole ones."""
        if self.first.day != 1 or (self.last + DAY).day != 1:
            return []
        found = [month_of(self.first)]
        while found[-1].last < self.last:
            found.append(month_of(found[-1].last + DAY))
        return found

    @property
    def before(self) -> "Period":
        """The period of the same kind before it: as many whole months, else as many days."""
        if months := len(self.months):
            return Period(self.first - relativedelta(months=months), self.day_before)
        return Period(self.first - (self.last - self.first) - DAY, self.day_before)

    @property
    def after(self) -> "Period":
        """The period of the same kind after it."""
        begins = self.last + DAY
        if months := len(self.months):
            return Period(begins, begins + relativedelta(months=months) - DAY)
        return Period(begins, begins + (self.last - self.first))

    @property
    def year_before(self) -> "Period":
        """The same period a year earlier."""
        if months := len(self.months):
            first = self.first - relativedelta(years=1)
            return Period(first, first + relativedelta(months=months) - DAY)
        return Period(self.first - relativedelta(years=1), self.last - relativedelta(years=1))

    def __str__(self) -> str:
        """In the language of the reader: "October 2026", "4th quarter of 2026", "school year 2026-2027"."""
        kind, year = self.kind, self.first.year
        if kind == PeriodKind.MONTH:
            return date_format(self.first, "F Y")
        if kind == PeriodKind.QUARTER:
            return _("quarter %(number)s of %(year)s") % {"number": (self.first.month + 2) // 3, "year": year}
        if kind == PeriodKind.SCHOOL_YEAR:
            return _("school year %(first)s-%(last)s") % {"first": year, "last": year + 1}
        return _("%(first)s to %(last)s") % {
            "first": date_format(self.first, "j F Y"),
            "last": date_format(self.last, "j F Y"),
        }


def month_of(day: dt.date) -> Period:
    first = day.replace(day=1)
    return Period(first, first + relativedelta(months=1) - DAY)


def quarter_of(day: dt.date) -> Period:
    first = day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return Period(first, first + relativedelta(months=3) - DAY)


def school_year_of(day: dt.date) -> Period:
    begins = dt.date(day.year - (day.month < SCHOOL_YEAR_BEGINS), SCHOOL_YEAR_BEGINS, 1)
    return Period(begins, begins + relativedelta(years=1) - DAY)


def months_up_to(last: Period, number: int) -> list[Period]:
    """So many months in a row, of which the last holds the last day of this period."""
    end = month_of(last.last)
    firsts = [end.first - relativedelta(months=back) for back in range(number - 1, -2, -1)]
    return [Period(first, following - DAY) for first, following in pairwise(firsts)]


_OF_DAY = {
    PeriodKind.MONTH: month_of,
    PeriodKind.QUARTER: quarter_of,
    PeriodKind.SCHOOL_YEAR: school_year_of,
}
