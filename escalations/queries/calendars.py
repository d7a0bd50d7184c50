"""The calendars of a partnership: of each site, and of cases without one."""

from common.calendar import Calendar
from schools.calendars import calendar_of, calendars_of
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
