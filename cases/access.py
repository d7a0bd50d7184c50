"""Who sees a case, and through which role: the only place where grants are written and rights are read.

`view_case` is granted to the groups of an organisation and role (guardian, direct foreign key). A
coordinator's group of the
school and of the site, the case managers' group of the partnership, and for each accepted participation the
group of the care
partner. What somebody may do follows from the roles through which he sees the case (cases/permissions.py).
Superusers have no right here, and no global permission counts.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet, Subquery

from accounts.models import Membership, RoleGroup, User
from accounts.queries import active_memberships, role_group
from accounts.roles import Role
from cases import permissions
from cases.enums import ParticipationState
from cases.models import Case, CaseGrant, Participation
from cases.permissions import Reach, Section
from common.dates import today
from schools.models import CareKind, CarePartner, Organisation


def view_permission() -> QuerySet[Permission]:
    """`cases.view_case`, as a query of one row: databases look it up once, whatever it is compared with."""
    return Permission.objects.filter(
        content_type__app_label="cases", content_type__model="case", codename=permissions.VIEW
    )


def partner_role(partner: CarePartner) -> Role:
    """The role in which the people of a care partner take part."""
    return Role.ATTENDANCE_OFFICER if partner.kind == CareKind.ATTENDANCE else Role.CARE_WORKER


def group_ids_of(user: User) -> list[int]:
    """The groups through which a user can see cases at all; one query, kept on the user object as memberships
    are."""
    if not user.is_authenticated or not user.is_active:
        return []
    memberships = active_memberships(user)
    kept: tuple[list[Membership], list[int]] | None = getattr(user, "_case_groups", None)
    if kept is not None and kept[0] is memberships:
        return kept[1]
    held = {(m.organisation_id, m.role) for m in memberships if m.role in permissions.RIGHTS}
    groups = RoleGroup.objects.filter(organisation_id__in={organisation for organisation, _ in held})
    ids = sorted(group.pk for group in groups if (group.organisation_id, group.role) in held)
    user._case_groups = (memberships, ids)  # type: ignore[attr-defined]
    return ids


def valid_on(day: dt.date) -> Q:
    """Grants that hold on a day."""
    return Q(until__isnull=True) | Q(until__gte=day)


def through(user: User, case: Case, *, on: dt.date | None = None) -> list[Membership]:
    """The memberships by which a user sees a case; empty when he does not."""
    seen: dict[tuple[int, dt.date], list[Membership]] = case.__dict__.setdefault("_seen_through", {})
    day = on or today()
    if (user.pk, day) not in seen:
        granted = set(
            CaseGrant.objects.filter(
                valid_on(day), content_object=case, permission=Subquery(view_permission().values("pk"))
            )
            .filter(group_id__in=group_ids_of(user))
            .values_list("group__role_group__organisation_id", "group__role_group__role")
        )
        seen[user.pk, day] = [m for m in active_memberships(user) if (m.organisation_id, m.role) in granted]
    return seen[user.pk, day]


def roles_on(user: User, case: Case) -> frozenset[str]:
    """The roles through which a user sees a case."""
    return frozenset(membership.role for membership in through(user, case))


def rights_on(user: User, case: Case) -> frozenset[str]:
    """What a user may do with a case; empty when he does not see it."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    return permissions.rights_of(roles_on(user, case))


def sections_of(user: User, case: Case) -> dict[Section, Reach]:
    """How far a user reads and writes in each part of a case (contracts/sections.csv)."""
    roles = roles_on(user, case)
    return {section: permissions.reach_of(section, roles) for section in Section}


def people_who_see(case_ids: Sequence[int], *, on: dt.date) -> dict[int, dict[int, set[str]]]:
    """Of each of these cases the users who see it on a day, with the roles through which they do.

    `through` for many cases and everybody at once: two queries.
    """
    granted = CaseGrant.objects.filter(
        valid_on(on), content_object__in=case_ids, permission=Subquery(view_permission().values("pk"))
    ).values_list("content_object", "group__role_group__organisation", "group__role_group__role")
    places = list(granted)
    active = Membership.objects.active().filter(
        organisation__in={organisation for _, organisation, _ in places}, user__is_active=True
    )
    people: dict[tuple[int | None, str], list[int]] = {}
    for user_id, organisation_id, role in active.values_list("user", "organisation", "role"):
        people.setdefault((organisation_id, role), []).append(user_id)
    found: dict[int, dict[int, set[str]]] = {case_id: {} for case_id in case_ids}
    for case_id, organisation_id, role in places:
        for user_id in people.get((organisation_id, role), ()):
            found[case_id].setdefault(user_id, set()).add(role)
    return found


class CaseBackend:
    """Answers `user.has_perm("cases.<right>", case)` from the grants; knows no global permission."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: int) -> None:
        return None

    def has_perm(self, user: Any, perm: str, obj: Any = None) -> bool:
        app, _, right = perm.partition(".")
        return isinstance(obj, Case) and app == "cases" and right in rights_on(user, obj)


def base_groups(cases: Iterable[Case]) -> dict[int, set[int]]:
    """The groups that see cases because of where these belong, by the key of the case; few queries for any
    number."""
    wanted: dict[tuple[int, str], set[int]] = {}
    for case in cases:
        wanted.setdefault((case.partnership_id, Role.CASE_MANAGER), set()).add(case.pk)
        if case.site_id is not None and case.school_id is not None:
            wanted.setdefault((case.school_id, Role.COORDINATOR), set()).add(case.pk)
            wanted.setdefault((case.site_id, Role.COORDINATOR), set()).add(case.pk)
    found: dict[int, set[int]] = {}
    for place, group in role_groups(wanted.keys()).items():
        for case_id in wanted[place]:
            found.setdefault(case_id, set()).add(group)
    return found


def role_groups(places: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The key of the group for each organisation and role; makes the groups that are not there yet."""
    asked = set(places)
    known = {
        (group.organisation_id, group.role): group.pk
        for group in RoleGroup.objects.filter(organisation_id__in={organisation for organisation, _ in asked})
    }
    missing = asked - known.keys()
    organisations = Organisation.objects.in_bulk({organisation for organisation, _ in missing})
    for organisation, role in sorted(missing):
        known[organisation, role] = role_group(organisations[organisation], role).pk
    return {place: known[place] for place in asked}


def grant_base(cases: Sequence[Case]) -> None:
    """The grants of new cases, in bulk."""
    permission = view_permission().values_list("pk", flat=True).get()
    groups = base_groups(cases)
    CaseGrant.objects.bulk_create(
        [
            CaseGrant(permission_id=permission, group_id=group, content_object=case, case_open=case.is_open)
            for case in cases
            for group in sorted(groups[case.pk])
        ],
        batch_size=1000,
    )


def sync(case: Case) -> None:
    """Makes the grants of a case what its place, state and participations say. Call it in the transaction of
    the change."""
    wanted: dict[int, dt.date | None] = dict.fromkeys(base_groups([case])[case.pk])
    running = Participation.objects.filter(case=case, state=ParticipationState.ACCEPTED).select_related(
        "partner__organisation"
    )
    for participation in running:
        group = role_group(participation.partner.organisation, partner_role(participation.partner))
        wanted.setdefault(group.pk, participation.ends_on)
    permission = view_permission().values_list("pk", flat=True).get()
    for grant in CaseGrant.objects.filter(content_object=case):
        if grant.group_id not in wanted or grant.permission_id != permission:
            grant.delete()
            continue
        until = wanted.pop(grant.group_id)
        if (grant.until, grant.case_open) != (until, case.is_open):
            grant.until, grant.case_open = until, case.is_open
            grant.save(update_fields=["until", "case_open"])
    CaseGrant.objects.bulk_create(
        CaseGrant(
            permission_id=permission, group_id=group, content_object=case, case_open=case.is_open, until=until
        )
        for group, until in sorted(wanted.items())
    )
    case.__dict__.pop("_seen_through", None)
