"""Roles are given by invitation and ended by an administrator.

What somebody may see follows from the groups, which these functions alone fill and empty.
"""

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import Invitation, Membership, RoleGroup, User
from accounts.queries import (
    active_membership,
    forget_memberships,
    may_manage,
    role_group,
    user_with_address,
)
from accounts.roles import BELONGS, Role, role_fits
from audit.services import record
from common.errors import DomainError, Invalid, NotAllowed
from notifications.services import queue_mail
from schools.models import Organisation

INVITATION_DAYS = 7


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def give_role(
    *, user: User, organisation: Organisation | None, role: str, by: User | None, at: dt.datetime
) -> Membership:
    """Gives a role at once, or finds it given already. `by` None is the console of the installation."""
    _check_fit(role, organisation)
    _check_manager(by, role, organisation)
    return _give(user=user, organisation=organisation, role=role, by=by, at=at)


@transaction.atomic
def end_role(*, membership: Membership, by: User | None, at: dt.datetime) -> Membership:
    """Ends a role: its rights are gone with this transaction, on the next request at the latest.

    A partnership keeps one administrator: without, nobody could let the others in.
    """
    if membership.organisation_id:
        # One at a time for each role of an organisation: two last administrators cannot end each other.
        RoleGroup.objects.select_for_update().filter(
            organisation=membership.organisation_id, role=membership.role
        ).first()
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user", "organisation")
        .get(pk=membership.pk)
    )
    _check_manager(by, membership.role, membership.organisation)
    if membership.ended_at is not None:
        raise DomainError(_("This role has ended already."))
    if membership.role == Role.ADMINISTRATOR and not _other_administrators(membership):
        raise DomainError(
            _("This is the last administrator of the partnership. Invite another administrator first.")
        )
    membership.ended_at, membership.ended_by = at, by
    membership.save(update_fields=["ended_at", "ended_by"])
    if membership.organisation:
        membership.user.groups.remove(role_group(membership.organisation, membership.role))
    forget_memberships(membership.user)
    _record("membership.ended", membership.user, membership.role, membership.organisation, by)
    return membership


@transaction.atomic
def invite(
    *,
    email: str,
    role: str,
    organisation: Organisation | None,
    by: User | None,
    at: dt.datetime,
    name: str = "",
) -> Invitation:
    """Mails a link that gives the role to who follows it. An earlier one for the same role is withdrawn."""
    _check_fit(role, organisation)
    _check_manager(by, role, organisation)
    email = email.strip().lower()
    user = user_with_address(email)
    if user and active_membership(user, role, organisation):
        raise Invalid(_("This person has this role here already."), field="email")
    for earlier in Invitation.objects.select_for_update(of=("self",)).filter(
        email=email, role=role, organisation=organisation, accepted_at=None, withdrawn_at=None
    ):
        _withdraw(earlier, by=by, at=at)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        name=name.strip() or (user.name if user else ""),
        organisation=organisation,
        role=role,
        token_hash=hash_token(token),
        invited_by=by,
        invited_at=at,
        expires_at=at + dt.timedelta(days=INVITATION_DAYS),
    )
    language = user.language if user else settings.LANGUAGE_CODE
    with override(language):
        context = {
            "name": invitation.name,
            "invited_by": str(by) if by else "",
            "organisation": str(organisation) if organisation else "",
            "role": str(invitation.get_role_display()),
            "link": reverse("open_invitation", args=[token]),
            "days": INVITATION_DAYS,
        }
    queue_mail(
        to=email,
        kind="invitation",
        key=f"invitation-{invitation.pk}",
        context=context,
        language=language,
    )
    _record_invitation("membership.invited", invitation, by)
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User, at: dt.datetime) -> None:
    """The link in the mail stops working."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    _check_manager(by, invitation.role, invitation.organisation)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise DomainError(_("This invitation has been answered or withdrawn already."))
    _withdraw(invitation, by=by, at=at)


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, by: User | None, at: dt.datetime, name: str = "", password: str = ""
) -> User:
    """Gives the role that was offered.

    Who has no account yet makes one with a name and a password; who has one is logged in with it (`by`).
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if not invitation.is_open_at(at):
        raise DomainError(_("This invitation is no longer valid."))
    user = user_with_address(invitation.email)
    if user and user.has_usable_password():
        if by != user:
            raise NotAllowed(_("Log in with the address that was invited, and open the link again."))
    else:
        user = make_user(email=invitation.email, name=name, password=password)
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    _give(
        user=user, organisation=invitation.organisation, role=invitation.role, by=invitation.invited_by, at=at
    )
    _record_invitation("membership.accepted", invitation, user)
    return user


@transaction.atomic
def make_user(*, email: str, name: str, password: str) -> User:
    """Somebody who can log in at once: makes the account, or gives a password to one that has none."""
    user = user_with_address(email)
    try:
        validate_password(password, user or User(email=email, name=name))
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error
    if user is None:
        return User.objects.create_user(email, password, name=name.strip())
    user.name = name.strip() or user.name
    user.set_password(password)
    user.save(update_fields=["name", "password"])
    return user


def _give(
    *, user: User, organisation: Organisation | None, role: str, by: User | None, at: dt.datetime
) -> Membership:
    membership, is_new = Membership.objects.active().get_or_create(
        user=user,
        organisation=organisation,
        role=role,
        ended_at=None,
        defaults={"since": at, "given_by": by},
    )
    if organisation:
        user.groups.add(role_group(organisation, role))
    forget_memberships(user)
    if is_new:
        _record("membership.given", user, role, organisation, by)
    return membership


def _withdraw(invitation: Invitation, *, by: User | None, at: dt.datetime) -> None:
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    _record_invitation("membership.withdrawn", invitation, by)


def _check_fit(role: str, organisation: Organisation | None) -> None:
    if not role_fits(role, organisation):
        raise Invalid(BELONGS[role], field="organisation")


def _check_manager(by: User | None, role: str, organisation: Organisation | None) -> None:
    if by is not None and not may_manage(by, role, organisation):
        raise NotAllowed(_("You do not manage this role in this organisation."))


def _other_administrators(membership: Membership) -> bool:
    others = Membership.objects.active().filter(
        organisation=membership.organisation, role=membership.role, user__is_active=True
    )
    return others.exclude(pk=membership.pk).exists()


def _record(action: str, user: User, role: str, organisation: Organisation | None, by: User | None) -> None:
    record(action, by=by, target=f"user {user.pk}", details=_what(role, organisation))


def _record_invitation(action: str, invitation: Invitation, by: User | None) -> None:
    details = _what(invitation.role, invitation.organisation)
    record(action, by=by, target=f"invitation {invitation.pk}", details=details)


def _what(role: str, organisation: Organisation | None) -> dict[str, str]:
    number = f"{organisation.kind} {organisation.number}" if organisation else ""
    return {"role": str(role), "organisation": number}
