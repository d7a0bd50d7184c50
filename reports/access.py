"""Who may see which figures. Figures show no cases: a line opens only for who may see its case.

Reporters and case managers see the figures of their partnership exactly, reporters issue them, administrators
choose the columns of the Inspectorate's list. An attendance office gets those of its own residents, a school
those of its own pupils.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from common.errors import NotFound
from schools.models import Municipality, OrganisationKind, Partnership, School

READS = frozenset({Role.REPORTER, Role.CASE_MANAGER})


@dataclass(frozen=True)
class OwnSchool:
    """A school of which somebody coordinates all sites, or only these."""

    school: School
    sites: frozenset[int] = field(default=frozenset())


def partnerships_read_by(user: User) -> QuerySet[Partnership]:
    """The partnerships of which somebody reads the figures, by name."""
    return _partnerships(user, READS)


def partnerships_reported_by(user: User) -> QuerySet[Partnership]:
    """The partnerships of which somebody issues the figures, by name."""
    return _partnerships(user, {Role.REPORTER})


def partnerships_administered_by(user: User) -> QuerySet[Partnership]:
    """The partnerships of which somebody chooses the columns of the lists, by name."""
    return _partnerships(user, {Role.ADMINISTRATOR})


def municipalities_of(user: User) -> QuerySet[Municipality]:
    """The municipalities of the attendance offices that somebody works for, by name."""
    offices = _organisations(user, {Role.ATTENDANCE_OFFICER})
    return (
        Municipality.objects.filter(care_partners__in=offices)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
        .distinct()
    )


def schools_of(user: User) -> list[OwnSchool]:
    """The schools that somebody coordinates, by name."""
    whole: set[int] = set()
    sites: dict[int, set[int]] = {}
    for membership in active_memberships(user):
        organisation = membership.organisation
        if membership.role != Role.COORDINATOR or organisation is None:
            continue
        if organisation.kind == OrganisationKind.SCHOOL:
            whole.add(organisation.pk)
        else:
            sites.setdefault(organisation.schoolsite.school_id, set()).add(organisation.pk)
    found = School.objects.filter(pk__in=whole | sites.keys()).select_related("organisation")
    return [
        OwnSchool(school, frozenset() if school.pk in whole else frozenset(sites[school.pk]))
        for school in found.order_by("organisation__name", "pk")
    ]


def has_figures(user: User) -> bool:
    """Whether there are figures for somebody at all: what shows the way to them."""
    roles = {*READS, Role.ADMINISTRATOR, Role.ATTENDANCE_OFFICER, Role.COORDINATOR}
    return any(membership.role in roles for membership in active_memberships(user))


def has_own_figures(user: User) -> bool:
    """Whether somebody has figures of a municipality or a school, and not those of a partnership."""
    held = {membership.role for membership in active_memberships(user)}
    return bool(held & {Role.ATTENDANCE_OFFICER, Role.COORDINATOR}) and not held & READS


def one_of(partnerships: QuerySet[Partnership], key: int) -> Partnership:
    """The one with this key; another is as unknown as one that does not exist (`NotFound`)."""
    found = next((it for it in partnerships if it.pk == key), None)
    if found is None:
        raise NotFound("")
    return found


def _partnerships(user: User, roles: Iterable[str]) -> QuerySet[Partnership]:
    return (
        Partnership.objects.filter(pk__in=_organisations(user, roles))
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def _organisations(user: User, roles: Iterable[str]) -> list[int]:
    wanted = set(roles)
    return [
        membership.organisation_id
        for membership in active_memberships(user)
        if membership.role in wanted and membership.organisation_id is not None
    ]
