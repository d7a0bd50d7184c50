"""Who has which role where."""

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Membership, RoleGroup, User
from schools.models import Organisation


def active_memberships(user: User) -> list[Membership]:
    """What somebody is today, with the organisations: one query for each request, kept on the user object."""
    kept: list[Membership] | None = getattr(user, "_active_memberships", None)
    if kept is None:
        kept = list(
            user.memberships.active().select_related("organisation").order_by("organisation__name", "id")
        )
        user._active_memberships = kept  # type: ignore[attr-defined]
    return kept


def role_group(organisation: Organisation, role: str) -> Group:
    """The group of everybody with this role there; makes it the first time."""
    known = Group.objects.filter(role_group__organisation=organisation, role_group__role=role).first()
    if known:
        return known
    with transaction.atomic():
        group, _ = Group.objects.get_or_create(name=f"{role} of organisation {organisation.pk}")
        RoleGroup.objects.get_or_create(group=group, defaults={"organisation": organisation, "role": role})
    return group


def people_with_role(role: str, organisation: Organisation | None) -> QuerySet[User]:
    """The people who can act in that role today."""
    return User.objects.filter(
        is_active=True,
        memberships__role=role,
        memberships__organisation=organisation,
        memberships__ended_at__isnull=True,
    ).order_by("name", "id")
