"""When a notice may be mailed. Days and hours are those of Europe/Amsterdam (contracts/rules.md)."""

import datetime as dt

from django.utils import timezone

from common.dates import start_of
from common.holidays import is_working_day, working_day_after
from notifications.enums import Frequency

EIGHT = dt.time(8)


def due_at(frequency: str, created_at: dt.datetime) -> dt.datetime:
    """The moment from which a notice may be mailed: on a working day, at or after it was made.

    At once: there and then, or at the start of the next working day. Daily: the first 08:00. Weekly: the
    first 08:00 of a Monday, or of the first working day after it in a week whose Monday is a holiday.
    """
    day = timezone.localdate(created_at, timezone.get_default_timezone())
    if frequency == Frequency.AT_ONCE:
        return created_at if is_working_day(day) else start_of(working_day_after(day))
    if frequency == Frequency.DAILY:
        first = day if is_working_day(day) else working_day_after(day)
        return _eight(first) if created_at <= _eight(first) else _eight(working_day_after(first))
    if frequency == Frequency.WEEKLY:
        first = _first_working_day_of_week(day)
        while _eight(first) < created_at:
            first = _first_working_day_of_week(first + dt.timedelta(days=7))
        return _eight(first)
    raise ValueError(f"No mail is due with frequency '{frequency}'.")


def _first_working_day_of_week(day: dt.date) -> dt.date:
    """Counted from Monday; in a week without working days the first one after it."""
    return working_day_after(day - dt.timedelta(days=day.weekday() + 1))


def _eight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, EIGHT), timezone.get_default_timezone())
