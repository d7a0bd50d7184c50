"""Periods in an address: "2026-10", "2026-Q4" and "2026-2027" are a month, a quarter and a school year."""

import datetime as dt
import re

from dateutil.relativedelta import relativedelta

from reports.enums import PeriodKind
from reports.rules.periods import Period, month_of, quarter_of, school_year_of

FIRST_YEAR, LAST_YEAR = 2000, 2090

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_SCHOOL_YEAR = re.compile(r"([0-9]{4})-([0-9]{4})")


def period_named(text: str) -> Period | None:
    """The period of a name; None where it is none, or lies in another age."""
    if match := _MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        return month_of(dt.date(year, month, 1)) if _is_ours(year) else None
    if match := _QUARTER.fullmatch(text):
        year, quarter = int(match[1]), int(match[2])
        return quarter_of(dt.date(year, 3 * quarter, 1)) if _is_ours(year) else None
    if match := _SCHOOL_YEAR.fullmatch(text):
        year = int(match[1])
        return school_year_of(dt.date(year, 8, 1)) if _is_ours(year) and int(match[2]) == year + 1 else None
    return None


def _is_ours(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR


def name_of(period: Period) -> str:
    """The name of a period; "" for one that has none."""
    first = period.first
    match period.kind:
        case PeriodKind.MONTH:
            return f"{first:%Y-%m}"
        case PeriodKind.QUARTER:
            return f"{first.year}-Q{(first.month + 2) // 3}"
        case PeriodKind.SCHOOL_YEAR:
            return f"{first.year}-{first.year + 1}"
    return ""


def begun(kind: PeriodKind, number: int, *, on: dt.date) -> list[Period]:
    """So many periods of a kind, from the one that runs on a day back."""
    of_day, months = {
        PeriodKind.MONTH: (month_of, 1),
        PeriodKind.QUARTER: (quarter_of, 3),
        PeriodKind.SCHOOL_YEAR: (school_year_of, 12),
    }[kind]
    first = of_day(on).first
    return [of_day(first - relativedelta(months=months * back)) for back in range(number)]


def so_far(period: Period, on: dt.date) -> Period:
    """The part of a period that is not in the future on a day."""
    return Period(period.first, min(period.last, on))
