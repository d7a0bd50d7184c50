"""Where a user may signal pupils: coordinators for their own sites, case managers anywhere in the
partnership."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from schools.models import Municipality, OrganisationKind, Partnership, SchoolSite


@dataclass(frozen=True)
class Place:
    """Where a pupil is signalled: a site in a partnership, or a partnership alone."""

    partnership: Partnership
    site: SchoolSite | None = None

    @property
    def key(self) -> str:
        return f"{self.site.pk if self.site else 'none'}-{self.partnership.pk}"

    def name(self, *, with_partnership: bool) -> str:
        name = self.site.name if self.site else _("No school: the pupil is enrolled nowhere")
        return f"{name} ({self.partnership.name})" if with_partnership else name


def sites_to_signal_for(user: User) -> QuerySet[SchoolSite]:
    """The sites for which a user may signal, by name."""
    schools: set[int] = set()
    sites: set[int] = set()
    partnerships: set[int] = set()
    for membership in active_memberships(user):
        organisation = membership.organisation
        if organisation is None:
            continue
        if membership.role == Role.CASE_MANAGER:
            partnerships.add(organisation.pk)
        elif membership.role == Role.COORDINATOR:
            (schools if organisation.kind == OrganisationKind.SCHOOL else sites).add(organisation.pk)
    return (
        SchoolSite.objects.filter(Q(pk__in=sites) | Q(school__in=schools) | Q(partnerships__in=partnerships))
        .select_related("organisation", "school__organisation")
        .prefetch_related("partnerships__organisation")
        .order_by("organisation__name", "pk")
        .distinct()
    )


def partnerships_led_by(user: User) -> QuerySet[Partnership]:
    """The partnerships of which a user is case manager: there he may also signal a pupil who is enrolled
    nowhere."""
    led = [m.organisation_id for m in active_memberships(user) if m.role == Role.CASE_MANAGER]
    return (
        Partnership.objects.filter(pk__in=led).select_related("organisation").order_by("organisation__name")
    )


def places_for(user: User) -> list[Place]:
    """Where a user may signal: sites by name, each in the partnerships open to him, then no site at all."""
    led = list(partnerships_led_by(user))
    leads = {partnership.pk for partnership in led}
    of_sites = [
        Place(partnership, site)
        for site in sites_to_signal_for(user)
        for partnership in site.partnerships.all()
        if partnership.pk in leads or _coordinates(user, site)
    ]
    return of_sites + [Place(partnership) for partnership in led]


def municipalities_on(day: dt.date) -> QuerySet[Municipality]:
    """The municipalities that there are on a day, by name."""
    return (
        Municipality.objects.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
        )
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def may_signal(user: User) -> bool:
    """Whether a user may signal pupils at all: what shows the way to that page."""
    return any(m.role in {Role.COORDINATOR, Role.CASE_MANAGER} for m in active_memberships(user))


def may_signal_for(user: User, *, partnership: Partnership, site: SchoolSite | None) -> bool:
    """Whether a user may signal a pupil of that site (or of no site) in that partnership."""
    leads = partnerships_led_by(user).filter(pk=partnership.pk).exists()
    if site is None:
        return leads
    belongs = site.partnerships.filter(pk=partnership.pk).exists()
    return belongs and (leads or _coordinates(user, site))


def _coordinates(user: User, site: SchoolSite) -> bool:
    own = {m.organisation_id for m in active_memberships(user) if m.role == Role.COORDINATOR}
    return bool(own & {site.pk, site.school_id})
