"""The organisations that somebody may see. Everything on screen is found through here."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from common.calendar import Calendar, Period, school_year_days, school_year_of
from common.errors import NotFound
from common.names import fold, words
from schools.access import partnerships_seen_by
from schools.calendars import calendar_of, warnings
from schools.models import (
    CarePartner,
    FreePeriod,
    Organisation,
    OrganisationKind,
    Partnership,
    School,
    SchoolSite,
)

FIRST_YEAR, LAST_YEAR = 2000, 2090


def organisations_seen_by(user: Any) -> QuerySet[Organisation]:
    """The partnerships of somebody with their sites, the schools of these, and their care partners."""
    own = partnerships_seen_by(user)
    sites = SchoolSite.objects.filter(partnerships__in=own)
    partners = CarePartner.objects.filter(partnerships__in=own)
    return Organisation.objects.filter(
        Q(pk__in=own)
        | Q(pk__in=sites.values("pk"))
        | Q(pk__in=sites.values("school"))
        | Q(pk__in=partners.values("pk"))
    ).order_by("name", "id")


def organisation_seen_by(user: Any, pk: int) -> Organisation:
    """One of them; what somebody may not see is as unknown as what does not exist."""
    found = organisations_seen_by(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("This organisation does not exist or is not yours to see."))
    return found


def find_organisations(user: Any, *, text: str = "", kind: str = "") -> list[Organisation]:
    """Those whose name or number has all the words typed, accents and case aside: hundreds at most."""
    found = organisations_seen_by(user).select_related("schoolsite", "carepartner")
    if kind:
        found = found.filter(kind=kind)
    wanted = words(text)
    return [it for it in found if all(word in fold(f"{it.name} {it.number}") for word in wanted)]


def partnership_seen_by(user: Any, pk: int) -> Partnership:
    organisation = organisation_seen_by(user, pk)
    if organisation.kind != OrganisationKind.PARTNERSHIP:
        raise NotFound(_("This organisation does not exist or is not yours to see."))
    return Partnership.objects.select_related("organisation").get(pk=pk)


def place_seen_by(user: Any, pk: int) -> Organisation:
    """A school or site: what has free days of its own."""
    organisation = organisation_seen_by(user, pk)
    if organisation.kind not in {OrganisationKind.SCHOOL, OrganisationKind.SITE}:
        raise NotFound(_("This organisation does not exist or is not yours to see."))
    return organisation


def free_period_of(place: Organisation, pk: int) -> FreePeriod:
    found = place.free_periods.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("This free period does not exist (any more)."))
    return found


def details_of(user: Any, organisation: Organisation) -> Any:
    """What the organisation is, with what its page shows of it; of other partnerships nothing."""
    seen = organisations_seen_by(user).values("pk")
    ours = Prefetch("partnerships", Partnership.objects.filter(pk__in=seen).select_related("organisation"))
    match organisation.kind:
        case OrganisationKind.PARTNERSHIP:
            return Partnership.objects.get(pk=organisation.pk)
        case OrganisationKind.SCHOOL:
            sites = SchoolSite.objects.filter(pk__in=seen).select_related("organisation")
            visible = Prefetch("sites", sites.order_by("organisation__name", "pk"))
            schools = School.objects.select_related("board__organisation").prefetch_related(visible)
            return schools.get(pk=organisation.pk)
        case OrganisationKind.SITE:
            found = SchoolSite.objects.select_related("school__organisation", "municipality__organisation")
            return found.prefetch_related(ours).get(pk=organisation.pk)
    partners = CarePartner.objects.select_related("municipality__organisation")
    return partners.prefetch_related(ours).get(pk=organisation.pk)


# --- A school year on screen


@dataclass(frozen=True)
class SchoolYear:
    year: int
    school_days: int
    periods: list[Period]
    warnings: list[str]

    @property
    def name(self) -> str:
        return f"{self.year}-{self.year + 1}"

    @property
    def previous(self) -> int | None:
        return self.year - 1 if self.year > FIRST_YEAR else None

    @property
    def next(self) -> int | None:
        return self.year + 1 if self.year < LAST_YEAR else None


def year_asked(text: str | None, *, on: dt.date) -> int:
    """The school year that an address asks for; the present one when it asks for none or for nonsense."""
    if text and text.isascii() and text.isdigit() and len(text) == 4:
        return min(max(int(text), FIRST_YEAR), LAST_YEAR)
    return school_year_of(on)


def school_year(calendar: Calendar, year: int) -> SchoolYear:
    first, last = school_year_days(year)
    return SchoolYear(
        year,
        calendar.school_days_in(first, last),
        calendar.periods_in(first, last),
        warnings(calendar, first, last),
    )


def calendar_on_page(what: Any) -> Calendar:
    """The calendar of a site, and of a partnership for cases without a site; others show none."""
    if isinstance(what, SchoolSite):
        return calendar_of(what)
    if isinstance(what, Partnership):
        return calendar_of(None, what)
    return Calendar()


def own_periods(organisation: Organisation, year: int) -> QuerySet[FreePeriod]:
    """The free periods of a school or site itself that lie in a school year."""
    first, last = school_year_days(year)
    return organisation.free_periods.filter(first_day__lte=last, last_day__gte=first)
