"""The first people of an installation, from its console: nobody has to be administrator yet."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from accounts.models import Membership, User
from accounts.queries import active_membership, pending_invitation, user_with_address
from accounts.services.memberships import give_role, invite, make_user
from schools.models import Organisation


@dataclass(frozen=True)
class Added:
    """What adding a member came to."""

    user: str  # made, found, or none yet (an invitation is on its way)
    membership: str  # given, invited, or unchanged
    password: str  # set, kept (there was one) or none


@transaction.atomic
def add_member(
    *,
    email: str,
    role: str,
    organisation: Organisation | None,
    name: str,
    password: str | None,
    at: dt.datetime,
) -> Added:
    """Makes the user if new and gives the role; without any password, invites instead. Again changes nothing.

    A password that somebody has already is never replaced.
    """
    user = user_with_address(email)
    has_password = user is not None and user.has_usable_password()
    if password is None and not has_password:
        return _invite(email=email, role=role, organisation=organisation, name=name, at=at)
    found = user is not None
    if user is None or not has_password:
        user = make_user(email=email, name=name, password=password or "")
    before = active_membership(user, role, organisation)
    membership = before or _give(user, role, organisation, at)
    return Added(
        user="found" if found else "made",
        membership="unchanged" if membership == before else "given",
        password="kept" if has_password else "set",
    )


def _give(user: User, role: str, organisation: Organisation | None, at: dt.datetime) -> Membership:
    return give_role(user=user, role=role, organisation=organisation, by=None, at=at)


def _invite(*, email: str, role: str, organisation: Organisation | None, name: str, at: dt.datetime) -> Added:
    if pending_invitation(email, role, organisation, at):
        return Added("none", "unchanged", "none")
    invite(email=email, role=role, organisation=organisation, name=name, by=None, at=at)
    return Added("none", "invited", "none")
