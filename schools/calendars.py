"""The calendar of a school: the holidays of its region, public holidays, and what was imported over them.

Holidays come, for each school year, from the closest that has them: the rows of the site and its school
together, the rows of the region, the holidays that the government has set. A row is of the school year in
which it begins and replaces what lies between 1 August and 31 July of it. Free days add to whatever there is.
Nothing of the database is remembered between two calls; what was computed of the same rows is.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.db.models import Q
from django.utils.translation import gettext as _
from holidays import country_holidays

from common.calendar import Calendar, Period, PeriodKind
from common.holidays import language_of_holidays, public_holidays
from schools.models import FreePeriod, Partnership, SchoolSite

_SCHOOL_YEARS = range(2010, 2060)
_MOST_IDS = 1000  # in one query; for more places it is better to read all rows
_HOLIDAYS_IN_A_YEAR = 5  # autumn, Christmas, spring, May, summer

Periods = tuple[Period, ...]


def calendar_of(site: SchoolSite | None, partnership: Partnership | None = None) -> Calendar:
    """The calendar of a site; without a site that of the region in the settings of the partnership."""
    if site is not None:
        return calendars_of([site])[site.pk]
    region = partnership.region if partnership else ""
    return _calendar(region, _stored([]).get(region, ()), (), language_of_holidays())


def calendars_of(sites: Sequence[SchoolSite]) -> dict[int, Calendar]:
    """The calendars of many sites by their id, in one query."""
    stored = _stored([pk for site in sites for pk in (site.pk, site.school_id)])
    language = language_of_holidays()
    return {
        site.pk: _calendar(
            site.region,
            stored.get(site.region, ()),
            (*stored.get(site.school_id, ()), *stored.get(site.pk, ())),
            language,
        )
        for site in sites
    }


def warnings(calendar: Calendar, first_day: dt.date, last_day: dt.date) -> list[str]:
    """What somebody must know who counts school days between these two days."""
    years = calendar.unknown_years(first_day, last_day)
    if not years:
        return []
    names = ", ".join(f"{year}-{year + 1}" for year in years)
    if not calendar.region:
        return [
            _("No holiday region is known: in school year %(years)s all days from Monday to Friday count.")
            % {"years": names}
        ]
    return [
        _("No school holidays are known for school year %(years)s: holidays are counted as school days.")
        % {"years": names}
    ]


def _stored(organisations: Iterable[int]) -> dict[str | int, Periods]:
    """The imported periods by region and by id of the school or site."""
    found: defaultdict[str | int, list[Period]] = defaultdict(list)
    ids = set(organisations)
    rows = FreePeriod.objects.all()
    if len(ids) <= _MOST_IDS:
        rows = rows.filter(Q(organisation=None) | Q(organisation__in=ids))
    for row in rows.order_by("first_day", "id"):
        period = Period(row.first_day, row.last_day, PeriodKind(row.kind), row.name)
        found[row.organisation_id or row.region].append(period)
    return {key: tuple(periods) for key, periods in found.items()}


@lru_cache(maxsize=1024)
def _calendar(region: str, of_region: Periods, own: Periods, language: str) -> Calendar:
    """Depends on nothing but its arguments, so that what is remembered cannot go stale."""
    government = _government_holidays(region, language) if region else ()
    begun = Counter(period.school_year for period in government)
    known = {year for year, count in begun.items() if count >= _HOLIDAYS_IN_A_YEAR}
    taken: list[Period] = list(government)
    for rows in (of_region, own):
        theirs = {period.school_year for period in rows if period.kind == PeriodKind.HOLIDAY}
        taken = [piece for period in taken for piece in _outside(period, theirs)] + list(rows)
        known |= theirs
    return Calendar(tuple(sorted((*taken, *public_holidays(language)))), region, frozenset(known))


def _outside(period: Period, years: set[int]) -> list[Period]:
    return period.outside(years) if period.kind == PeriodKind.HOLIDAY else [period]


@lru_cache(maxsize=8)
def _government_holidays(region: str, language: str) -> Periods:
    """The school holidays of a region, each from its first Saturday to its last Sunday."""
    days = country_holidays(
        "NL", subdiv=region.capitalize(), categories=("school",), years=_SCHOOL_YEARS, language=language
    )
    found: list[Period] = []
    for day in sorted(days):
        last = found[-1] if found else None
        if last and last.name == days[day] and day - last.last_day == dt.timedelta(days=1):
            found[-1] = Period(last.first_day, day, PeriodKind.HOLIDAY, last.name)
        else:
            found.append(Period(day, day, PeriodKind.HOLIDAY, days[day]))
    return tuple(found)
