"""Two people at once, on real connections: one succeeds, the other hears so."""

import datetime as dt
from types import SimpleNamespace

import pytest

from accounts.models import Membership, User
from accounts.roles import Role
from accounts.services.memberships import accept_invitation, end_role, give_role, invite
from common.errors import DomainError
from tests.at_once import at_once
from tests.factories.accounts import PASSWORD, UserFactory, member

pytestmark = pytest.mark.django_db(transaction=True)

NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def db(transactional_db: None) -> None:
    """The world in a database that commits."""


def test_two_last_administrators_cannot_end_each_other(world: SimpleNamespace) -> None:
    second = member(UserFactory(), Role.ADMINISTRATOR, world.here.partnership)
    roles = {user: Membership.objects.get(user=user) for user in (world.admin, second)}

    results = at_once(
        lambda: end_role(membership=roles[second], by=User.objects.get(pk=world.admin.pk), at=NOW),
        lambda: end_role(membership=roles[world.admin], by=User.objects.get(pk=second.pk), at=NOW),
    )

    assert sum(isinstance(it, DomainError) for it in results) == 1
    left = Membership.objects.active().filter(organisation=world.here.partnership, role="administrator")
    assert left.count() == 1


def test_an_invitation_is_accepted_once(world: SimpleNamespace) -> None:
    invitation = invite(
        email="new@example.org", role=Role.COORDINATOR, organisation=world.here.site, by=world.admin, at=NOW
    )

    def accept(name: str) -> User:
        return accept_invitation(invitation=invitation, by=None, at=NOW, name=name, password=PASSWORD)

    results = at_once(lambda: accept("First"), lambda: accept("Second"))

    assert sum(isinstance(it, DomainError) for it in results) == 1
    assert User.objects.filter(email="new@example.org").count() == 1
    assert Membership.objects.filter(organisation=world.here.site).count() == 1


def test_a_role_is_given_once(world: SimpleNamespace) -> None:
    user = UserFactory()

    def give() -> Membership:
        return give_role(user=user, role=Role.COORDINATOR, organisation=world.here.site, by=None, at=NOW)

    first, second = at_once(give, give)

    assert first == second == Membership.objects.get(user=user)
    assert user.groups.count() == 1
