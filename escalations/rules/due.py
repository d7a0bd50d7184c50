"""The days on which something is due, counted from a date."""

import datetime as dt
from dataclasses import dataclass

from common.calendar import Calendar
from common.dates import months_after
from escalations.enums import Unit

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """So many of a unit. A negative number lies before a date."""

    number: int
    unit: Unit

    def after(self, day: dt.date, calendar: Calendar, *, times: int = 1) -> dt.date:
        """The first day on which so many have elapsed since a day; for none of them the day itself.

        Somebody may have written a deadline in the year 9999: what lies after the last day there is comes on
        that day, which is never.
        """
        try:
            return self._after(day, calendar, self.number * times)
        except (OverflowError, ValueError):
            return dt.date.max if self.number > 0 else dt.date.min

    def _after(self, day: dt.date, calendar: Calendar, number: int) -> dt.date:
        match self.unit:
            case Unit.CALENDAR_MONTHS:
                return months_after(day, number)
            case Unit.SCHOOL_DAYS:
                return calendar.nth_school_day_after(day, number)
            case Unit.WORKING_DAYS:
                return calendar.nth_working_day_after(day, number)
        return day + number * DAY

    def fits(self, first: dt.date, last: dt.date, calendar: Calendar) -> int:
        """How many whole spans have elapsed on the last day since the first one (not before it)."""
        match self.unit:
            case Unit.CALENDAR_MONTHS:
                months = (last.year - first.year) * 12 + last.month - first.month
                return (months if months_after(first, months) <= last else months - 1) // self.number
            case Unit.SCHOOL_DAYS:
                return calendar.school_days_between(first, last) // self.number
            case Unit.WORKING_DAYS:
                return calendar.working_days_between(first, last) // self.number
        return (last - first).days // self.number


def first_due(threshold: Span, counts_from: dt.date, calendar: Calendar) -> dt.date:
    """The first day on which the threshold is reached."""
    return threshold.after(counts_from, calendar)


def latest_due(first: dt.date, repeat: Span | None, calendar: Calendar, on: dt.date) -> dt.date | None:
    """The last day up to `on` on which it is due: missed days are caught up with one. None: not yet."""
    if first > on:
        return None
    if repeat is None:
        return first
    return repeat.after(first, calendar, times=repeat.fits(first, on, calendar))
