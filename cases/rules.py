"""When a pupil counts, and as what (contracts/counting.md). Pure: dates and facts in, an answer out."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from cases.enums import Article, Authorised, Category, Extent
from common.dates import birthday

SCHOOL_AGE_FROM = 5
SCHOOL_AGE_TO = 18


@dataclass(frozen=True)
class Threshold:
    """Days absent from which a pupil counts as thuiszitter: `> days`, or `>= days` where inclusive."""

    days: int = 28
    inclusive: bool = False

    @property
    def first_over(self) -> int:
        """The least number of days absent that is over the threshold."""
        return self.days if self.inclusive else self.days + 1


@lru_cache(maxsize=8192)
def school_age_days(born: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of school age, that of the month after the fifth birthday, and the first day after it,
    the eighteenth birthday."""
    five = birthday(born, SCHOOL_AGE_FROM)
    return dt.date(five.year + five.month // 12, five.month % 12 + 1, 1), birthday(born, SCHOOL_AGE_TO)


def is_of_school_age(born: dt.date, day: dt.date) -> bool:
    """From the first day of the month after the fifth birthday up to the day before the eighteenth."""
    begins, ends = school_age_days(born)
    return begins <= day < ends


def school_age_births(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last date of birth of those who are of school age on a day: the same rule, for an
    index."""
    month = day.replace(day=1)
    last = month.replace(year=month.year - SCHOOL_AGE_FROM) - dt.timedelta(days=1)
    if birthday(last, SCHOOL_AGE_FROM) >= month:
        last -= dt.timedelta(days=1)
    back = day.year - SCHOOL_AGE_TO
    first = (
        dt.date(back, 3, 1)
        if (day.month, day.day) == (2, 29)
        else day.replace(year=back) + dt.timedelta(days=1)
    )
    return first, last


class Holding(Protocol):
    """Something that holds from a day on."""

    @property
    def holds_from(self) -> dt.date: ...


HoldingT = TypeVar("HoldingT", bound=Holding)


def effective(rows: Iterable[HoldingT]) -> list[HoldingT]:
    """What holds from which day, of rows in the order in which they became known: a later row replaces the
    days after it."""
    found: list[HoldingT] = []
    for row in rows:
        while found and found[-1].holds_from >= row.holds_from:
            found.pop()
        found.append(row)
    return found


@dataclass(frozen=True)
class Facts:
    """What holds for a case on a day. `exemptions` are the articles that are valid on it."""

    birth_date: dt.date
    first_day_absent: dt.date
    back_on: dt.date | None
    closed_on: dt.date | None
    enrolled: bool
    extent: str
    authorised: str
    ill: bool | None
    can_attend_partly: bool | None
    exemptions: frozenset[str] = frozenset()


def category_on(facts: Facts, day: dt.date, threshold: Threshold) -> Category | None:
    """The one category of a case on a day, in the order of precedence of the contract; None counts
    nowhere."""
    running = facts.first_day_absent <= day and (facts.closed_on is None or day < facts.closed_on)
    if not running or not is_of_school_age(facts.birth_date, day):
        return None
    if facts.exemptions:
        return Category.EXEMPT_5A if Article.A5A in facts.exemptions else None
    if facts.back_on is not None and facts.back_on <= day:
        return None
    if not facts.enrolled:
        return Category.ABSOLUTE
    if facts.extent == Extent.PARTIAL:
        return Category.PARTIAL
    if (day - facts.first_day_absent).days < threshold.first_over:
        return Category.THREATENING
    if facts.authorised in (Authorised.NO, Authorised.PARTLY):
        return Category.LONG
    if facts.ill and facts.can_attend_partly:
        return Category.ILL_PARTLY
    return Category.HIDDEN
