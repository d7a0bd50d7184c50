"""The calendars of a partnership: of each site, and of cases without one."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.calendar import Calendar, school_year_days, school_year_of
from schools.calendars import calendar_of, calendars_of, warnings
from schools.models import Partnership, SchoolSite


class Calendars:
    """By the key of a site; those of sites not met before are asked for together, by `prepare`."""

    def __init__(self, partnership_id: int) -> None:
        self._partnership_id = partnership_id
        self._of_site: dict[int | None, Calendar] = {}

    def prepare(self, site_ids: set[int | None]) -> None:
        missing = [pk for pk in site_ids if pk is not None and pk not in self._of_site]
        if missing:
            for pk, calendar in calendars_of(list(SchoolSite.objects.filter(pk__in=missing))).items():
                self._of_site[pk] = calendar

    def __getitem__(self, site_id: int | None) -> Calendar:
        if site_id is None and None not in self._of_site:
            partnership = Partnership.objects.get(pk=self._partnership_id)
            self._of_site[None] = calendar_of(None, partnership)
        return self._of_site[site_id]


#: So many places are named with a warning.
NAMED = 5


@dataclass(frozen=True)
class CalendarWarning:
    """What somebody must know who counts school days, and the first of the places for which it holds."""

    sentence: str
    places: list[str]
    more: int


def calendar_warnings(partnership: Partnership, *, on: dt.date) -> list[CalendarWarning]:
    """The places of a partnership whose holidays of this school year are not known (contracts/rules.md)."""
    days = school_year_days(school_year_of(on))
    sites = list(
        SchoolSite.objects.filter(partnerships=partnership.pk)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )
    of_site = calendars_of(sites)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for sentence in warnings(calendar_of(None, partnership), *days):
        found[sentence].append(_("cases without a school site"))
    for site in sites:
        for sentence in warnings(of_site[site.pk], *days):
            found[sentence].append(site.name)
    return [
        CalendarWarning(sentence, places[:NAMED], len(places[NAMED:])) for sentence, places in found.items()
    ]
