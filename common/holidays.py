"""The public holidays of the Netherlands, and the working days that they leave."""

import datetime as dt
from functools import lru_cache

from dateutil.easter import easter
from django.utils.translation import get_language
from holidays import country_holidays

from common.calendar import Period, PeriodKind, Weekdays

_YEARS = range(1990, 2100)


@lru_cache(maxsize=2)
def public_holidays(language: str) -> tuple[Period, ...]:
    """The public holidays, without Good Friday: the package has it, schools and offices are open."""
    days = country_holidays("NL", categories=("public",), years=_YEARS, language=language)
    good_fridays = {easter(year) - dt.timedelta(days=2) for year in _YEARS}
    return tuple(
        Period(day, day, PeriodKind.PUBLIC, days[day]) for day in sorted(days) if day not in good_fridays
    )


def language_of_holidays() -> str:
    """The present language, as the package calls it."""
    return "en_US" if (get_language() or "").startswith("en") else "nl"


@lru_cache(maxsize=1)
def _working_days() -> Weekdays:
    return Weekdays(day for holiday in public_holidays("nl") for day in holiday.ordinals())


def is_working_day(day: dt.date) -> bool:
    """Monday to Friday, less public holidays."""
    return day in _working_days()


def working_day_after(day: dt.date) -> dt.date:
    """The next working day, never the day itself."""
    return _working_days().nth_after(day, 1)
