import datetime as dt
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts import queries
from accounts.models import Invitation, Membership, User
from accounts.roles import Role
from accounts.services.memberships import (
    accept_invitation,
    end_role,
    give_role,
    hash_token,
    invite,
    make_user,
    withdraw_invitation,
)
from audit.models import Event
from common.errors import DomainError, Invalid, NotAllowed
from notifications.models import OutboxMail
from tests.factories.accounts import PASSWORD, UserFactory, member

NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)
SECOND = dt.timedelta(seconds=1)


def role_of(user: User) -> Membership:
    return Membership.objects.active().get(user=user)


def groups(user: User) -> set[Group]:
    return set(user.groups.all())


def last_event() -> tuple[str, str, str, dict[str, Any]]:
    event = Event.objects.order_by("-pk")[0]
    return event.action, event.actor_id, event.target, event.details


def token_of(invitation: Invitation) -> str:
    """The secret in the mail: nobody else has it."""
    link = OutboxMail.objects.get(key=f"invitation-{invitation.pk}").context["link"]
    found = re.fullmatch(r"/uitnodiging/([\w-]{43})/", link)
    assert found
    return found[1]


# --- Giving and ending


def test_give_role_fills_the_group_and_the_log(world: SimpleNamespace) -> None:
    user = UserFactory()
    given = give_role(user=user, role=Role.COORDINATOR, organisation=world.here.site, by=world.admin, at=NOW)

    assert (given.since, given.given_by, given.ended_at) == (NOW, world.admin, None)
    assert groups(user) == {queries.role_group(world.here.site, Role.COORDINATOR)}
    number = world.here.site.number
    details = {"role": "coordinator", "organisation": f"vestiging {number}"}
    assert last_event() == ("membership.given", str(world.admin.pk), f"user {user.pk}", details)


def test_give_role_twice_is_one_role(world: SimpleNamespace) -> None:
    first = role_of(world.coordinator)
    events = Event.objects.count()

    again = give_role(
        user=world.coordinator, role=Role.COORDINATOR, organisation=world.here.school, by=None, at=NOW
    )

    assert again == first
    assert Event.objects.count() == events


def test_give_role_asks_that_it_fits(world: SimpleNamespace) -> None:
    with pytest.raises(Invalid) as refused:
        give_role(user=UserFactory(), role=Role.CASE_MANAGER, organisation=world.here.school, by=None, at=NOW)
    assert refused.value.field == "organisation"


@pytest.mark.parametrize("who", ["other_admin", "operator", "coordinator", "case_manager"])
def test_give_end_and_invite_are_for_who_manages(world: SimpleNamespace, who: str) -> None:
    by = getattr(world, who)
    what = {"role": Role.COORDINATOR, "organisation": world.here.school, "by": by, "at": NOW}
    with pytest.raises(NotAllowed):
        give_role(user=UserFactory(), **what)
    with pytest.raises(NotAllowed):
        invite(email="x@example.org", **what)
    with pytest.raises(NotAllowed):
        end_role(membership=role_of(world.coordinator), by=by, at=NOW)
    assert queries.active_membership(world.coordinator, Role.COORDINATOR, world.here.school)
    assert not Invitation.objects.exists()


def test_end_role_empties_the_group_and_stays_in_the_log(world: SimpleNamespace) -> None:
    user = world.coordinator
    member(user, Role.REPORTER, world.here.partnership)
    kept = queries.role_group(world.here.partnership, Role.REPORTER)
    membership = Membership.objects.get(user=user, role=Role.COORDINATOR)

    ended = end_role(membership=membership, by=world.admin, at=NOW)

    assert (ended.ended_at, ended.ended_by) == (NOW, world.admin)
    assert groups(user) == {kept}
    assert [m.role for m in queries.active_memberships(User.objects.get(pk=user.pk))] == ["reporter"]
    assert last_event()[:3] == ("membership.ended", str(world.admin.pk), f"user {user.pk}")
    with pytest.raises(DomainError):
        end_role(membership=membership, by=world.admin, at=NOW)


def test_the_last_administrator_stays(world: SimpleNamespace) -> None:
    own = role_of(world.admin)
    for by in (world.admin, world.operator, None):
        with pytest.raises(DomainError):
            end_role(membership=own, by=by, at=NOW)
    blocked = member(UserFactory(is_active=False), Role.ADMINISTRATOR, world.here.partnership)
    with pytest.raises(DomainError):
        end_role(membership=own, by=world.admin, at=NOW)

    second = member(None, Role.ADMINISTRATOR, world.here.partnership)
    end_role(membership=own, by=world.operator, at=NOW)

    with pytest.raises(DomainError):
        end_role(membership=role_of(second), by=world.operator, at=NOW)
    end_role(membership=role_of(blocked), by=world.operator, at=NOW)


# --- Inviting


def test_invite_mails_a_link_and_keeps_only_its_hash(world: SimpleNamespace) -> None:
    invitation = invite(
        email=" New@Example.org ",
        name="Nienke",
        role=Role.COORDINATOR,
        organisation=world.here.site,
        by=world.admin,
        at=NOW,
    )

    assert (invitation.email, invitation.expires_at) == ("new@example.org", NOW + WEEK)
    token = token_of(invitation)
    assert invitation.token_hash == hash_token(token)
    assert token not in str(Invitation.objects.values().get(pk=invitation.pk))
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.kind, mail.language) == ("new@example.org", "invitation", "nl")
    assert mail.context == {
        "name": "Nienke",
        "invited_by": "Anouk Bakker",
        "organisation": world.here.site.name,
        "role": mail.context["role"],
        "link": f"/uitnodiging/{token}/",
        "days": 7,
    }
    assert not User.objects.filter(email="new@example.org").exists()
    details = {"role": "coordinator", "organisation": f"vestiging {world.here.site.number}"}
    assert last_event() == ("membership.invited", str(world.admin.pk), f"invitation {invitation.pk}", details)


def test_a_new_invitation_withdraws_the_old_one(world: SimpleNamespace) -> None:
    what = {"email": "x@example.org", "role": Role.REPORTER, "organisation": world.here.partnership}
    first = invite(**what, by=world.admin, at=NOW)
    other = invite(**{**what, "role": Role.CASE_MANAGER}, by=world.admin, at=NOW)
    second = invite(**what, by=world.admin, at=NOW + SECOND)

    first.refresh_from_db()
    other.refresh_from_db()
    assert first.withdrawn_at == NOW + SECOND
    assert (other.withdrawn_at, second.withdrawn_at) == (None, None)


def test_invite_refuses_who_has_the_role(world: SimpleNamespace) -> None:
    with pytest.raises(Invalid) as refused:
        invite(
            email=world.coordinator.email.upper(),
            role=Role.COORDINATOR,
            organisation=world.here.school,
            by=world.admin,
            at=NOW,
        )
    assert refused.value.field == "email"


def test_an_operator_invites_administrators_only(world: SimpleNamespace) -> None:
    invite(
        email="x@example.org",
        role=Role.ADMINISTRATOR,
        organisation=world.here.partnership,
        by=world.operator,
        at=NOW,
    )
    with pytest.raises(NotAllowed):
        invite(
            email="x@example.org",
            role=Role.CASE_MANAGER,
            organisation=world.here.partnership,
            by=world.operator,
            at=NOW,
        )


# --- Accepting


@pytest.fixture
def invitation(world: SimpleNamespace) -> Invitation:
    return invite(
        email="new@example.org", role=Role.COORDINATOR, organisation=world.here.site, by=world.admin, at=NOW
    )


def test_accept_makes_an_account_that_can_log_in(world: SimpleNamespace, invitation: Invitation) -> None:
    user = accept_invitation(invitation=invitation, by=None, at=NOW, name="Nienke", password=PASSWORD)

    assert (user.email, user.name, user.check_password(PASSWORD)) == ("new@example.org", "Nienke", True)
    assert groups(user) == {queries.role_group(world.here.site, Role.COORDINATOR)}
    assert role_of(user).given_by == world.admin
    invitation.refresh_from_db()
    assert (invitation.accepted_at, invitation.accepted_by) == (NOW, user)
    assert last_event()[:3] == ("membership.accepted", str(user.pk), f"invitation {invitation.pk}")


def test_accept_works_once(invitation: Invitation) -> None:
    user = accept_invitation(invitation=invitation, by=None, at=NOW, name="Nienke", password=PASSWORD)
    with pytest.raises(DomainError):
        accept_invitation(invitation=invitation, by=user, at=NOW)


@pytest.mark.parametrize(("after", "accepted"), [(WEEK - SECOND, True), (WEEK, False), (WEEK * 2, False)])
def test_accept_within_seven_days(invitation: Invitation, after: dt.timedelta, accepted: bool) -> None:
    def accept() -> User:
        return accept_invitation(
            invitation=invitation, by=None, at=NOW + after, name="Nienke", password=PASSWORD
        )

    if accepted:
        assert accept().email == "new@example.org"
    else:
        with pytest.raises(DomainError):
            accept()
        assert not User.objects.filter(email="new@example.org").exists()


def test_accept_not_after_withdrawal(world: SimpleNamespace, invitation: Invitation) -> None:
    with pytest.raises(NotAllowed):
        withdraw_invitation(invitation=invitation, by=world.other_admin, at=NOW)
    withdraw_invitation(invitation=invitation, by=world.admin, at=NOW)

    with pytest.raises(DomainError):
        accept_invitation(invitation=invitation, by=None, at=NOW, name="Nienke", password=PASSWORD)
    with pytest.raises(DomainError):
        withdraw_invitation(invitation=invitation, by=world.admin, at=NOW)


@pytest.mark.parametrize("password", ["short", "a" * 129, "password123456", "new@example.org", ""])
def test_accept_refuses_a_weak_password(invitation: Invitation, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        accept_invitation(invitation=invitation, by=None, at=NOW, name="Nienke", password=password)
    assert refused.value.field == "password"
    assert not User.objects.filter(email="new@example.org").exists()


def test_who_has_an_account_accepts_with_it_alone(world: SimpleNamespace, invitation: Invitation) -> None:
    user = UserFactory(email="new@example.org", name="Was Here")
    for by in (None, world.outsider):
        with pytest.raises(NotAllowed):
            accept_invitation(invitation=invitation, by=by, at=NOW, name="Thief", password="other long word")

    assert accept_invitation(invitation=invitation, by=user, at=NOW) == user
    user.refresh_from_db()
    assert (user.name, user.check_password(PASSWORD)) == ("Was Here", True)


def test_an_account_without_a_password_gets_one_by_accepting(invitation: Invitation) -> None:
    before = User.objects.create_user("new@example.org", name="Old name")

    user = accept_invitation(invitation=invitation, by=None, at=NOW, name="Nienke", password=PASSWORD)

    assert (user, user.name, user.check_password(PASSWORD)) == (before, "Nienke", True)


@pytest.mark.django_db
def test_make_user_takes_a_password_of_128_characters() -> None:
    assert make_user(email="x@example.org", name="X", password="zin " * 32).check_password("zin " * 32)
