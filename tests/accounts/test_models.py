import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.models import Invitation, Membership, User
from accounts.roles import Role
from tests.factories.accounts import SINCE, MembershipFactory, UserFactory


def refused(make: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


@pytest.mark.django_db
def test_a_user_logs_in_with_a_verified_address_in_lower_case() -> None:
    user = User.objects.create_user(" Sanne@Example.ORG ", "secret", name="Sanne")

    assert user.email == "sanne@example.org"
    assert user.check_password("secret")
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("sanne@example.org", True, True)
    refused(lambda: User.objects.create(email="SANNE@example.org"))


@pytest.mark.django_db
def test_notifications_go_to_the_login_address_unless_there_is_another() -> None:
    user = UserFactory(email="a@example.org")

    assert user.address == "a@example.org"
    user.notification_email = "b@example.org"
    assert user.address == "b@example.org"


def test_a_role_is_had_once_at_a_time(world: SimpleNamespace) -> None:
    refused(
        lambda: MembershipFactory(user=world.coordinator, role="coordinator", organisation=world.here.school)
    )
    refused(lambda: MembershipFactory(user=world.operator, role="platform_operator", organisation=None))

    ended = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    Membership.objects.filter(user=world.coordinator).update(ended_at=ended)
    MembershipFactory(user=world.coordinator, role="coordinator", organisation=world.here.school)

    assert Membership.objects.filter(user=world.coordinator).count() == 2


def test_only_an_operator_works_for_no_organisation(world: SimpleNamespace) -> None:
    refused(lambda: MembershipFactory(user=world.coordinator, role="case_manager", organisation=None))
    refused(lambda: MembershipFactory(role="platform_operator", organisation=world.here.partnership))


def test_a_role_ends_after_it_began(world: SimpleNamespace) -> None:
    before = SINCE - dt.timedelta(days=1)
    refused(lambda: Membership.objects.filter(user=world.coordinator).update(ended_at=before))


def test_one_unanswered_invitation_for_an_address_and_role(world: SimpleNamespace) -> None:
    def invite(email: str = "x@example.org", **kwargs: Any) -> Invitation:
        values = {
            "role": Role.PLATFORM_OPERATOR,
            "organisation": None,
            "invited_at": SINCE,
            "expires_at": SINCE,
        }
        token = f"{Invitation.objects.count()}"
        return Invitation.objects.create(email=email, token_hash=token, **{**values, **kwargs})

    first = invite()
    refused(lambda: invite(email="X@example.org"))
    invite(email="y@example.org")
    invite(role=Role.REPORTER, organisation=world.here.partnership)
    first.withdrawn_at = SINCE
    first.save()
    second = invite()
    second.accepted_at = second.withdrawn_at = SINCE
    refused(second.save)
