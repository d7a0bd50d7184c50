"""The clock, read at the doors only, and the dates that the law and the counting rules ask for.

Days are calendar days in Europe/Amsterdam. Nothing else in the code reads the clock.
"""

import datetime as dt
from calendar import monthrange

from django.utils import timezone

#: Nothing is put off or held for so long: a moment further ahead was written by a clock that was wrong.
LONGER_THAN_ANY_PAUSE = dt.timedelta(hours=5)


def now() -> dt.datetime:
    """The moment, with zone."""
    return timezone.now()


def today() -> dt.date:
    """The calendar day in Europe/Amsterdam."""
    return timezone.localdate()


def day_of(moment: dt.datetime) -> dt.date:
    """The calendar day in Europe/Amsterdam on which a moment falls."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def start_of(day: dt.date) -> dt.datetime:
    """00:00 in Europe/Amsterdam of that day, the moment from which something is "known from a day"."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min), timezone.get_default_timezone())


def end_of(day: dt.date) -> dt.datetime:
    """The last moment of that day: a moment that is given as a date means this one."""
    return start_of(day + dt.timedelta(days=1)) - dt.timedelta(microseconds=1)


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day number so many months on (or back), or the last day of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def birthday(born: dt.date, age: int) -> dt.date:
    """The birthday at that age; who was born on 29 February has it on 1 March in other years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return dt.date(born.year + age, 3, 1)


def age_on(born: dt.date, day: dt.date) -> int:
    """The age in whole years on a day (negative before birth)."""
    age = day.year - born.year
    return age if birthday(born, age) <= day else age - 1
