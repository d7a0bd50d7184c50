"""Where a user may signal pupils: coordinators for their own sites, case managers anywhere in the
partnership."""

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from schools.models import OrganisationKind, Partnership, SchoolSite


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
