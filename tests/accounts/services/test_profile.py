import base64
import datetime as dt
from types import SimpleNamespace

import pytest
import time_machine

from accounts.models import User
from accounts.services import profile
from audit.models import Event
from common.errors import DomainError
from notifications.models import OutboxMail

NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)


def ask(user: User, email: str) -> str:
    """Asks for an address and gives the token of the mail."""
    profile.ask_notification_address(by=user, email=email)
    mail = OutboxMail.objects.order_by("-pk")[0]
    assert (mail.to, mail.kind) == (email.lower(), "notification_address")
    return mail.context["link"].split("/")[-2]


def test_change_profile(world: SimpleNamespace) -> None:
    profile.change_profile(by=world.coordinator, name=" Sanne de Vries ", language="en")

    user = User.objects.get(pk=world.coordinator.pk)
    assert (user.name, user.language) == ("Sanne de Vries", "en")
    assert Event.objects.filter(action="profile.changed", actor_id=str(user.pk)).count() == 1


def test_a_new_address_counts_once_confirmed(world: SimpleNamespace) -> None:
    user = world.coordinator
    token = ask(user, "Team@example.org")
    assert User.objects.get(pk=user.pk).address == user.email

    profile.confirm_notification_address(by=user, token=token, at=NOW)

    fresh = User.objects.get(pk=user.pk)
    assert (fresh.address, fresh.notification_email_asked) == ("team@example.org", "")
    notice = OutboxMail.objects.order_by("-pk")[0]
    assert (notice.to, notice.kind, notice.context["change"]) == (
        user.email,
        "credential_changed",
        "notification_address",
    )
    with pytest.raises(DomainError):
        profile.confirm_notification_address(by=user, token=token, at=NOW)


def test_the_link_holds_no_address(world: SimpleNamespace) -> None:
    token = ask(world.coordinator, "team@example.org")
    payload = token.split(":")[0]
    assert b"team" not in base64.urlsafe_b64decode(payload + "===")


def test_a_link_works_for_who_asked_for_the_latest_address_within_a_day(world: SimpleNamespace) -> None:
    def refused(user: User, token: str) -> None:
        with pytest.raises(DomainError):
            profile.confirm_notification_address(by=user, token=token, at=NOW)

    user = world.coordinator
    with time_machine.travel(NOW, tick=False):
        old = ask(user, "old@example.org")
        new = ask(user, "new@example.org")
        refused(user, old)
        refused(world.outsider, new)
        refused(user, new + "x")
    with time_machine.travel(NOW + dt.timedelta(days=1, seconds=1), tick=False):
        refused(user, new)
    with time_machine.travel(NOW + dt.timedelta(hours=23), tick=False):
        profile.confirm_notification_address(by=user, token=new, at=NOW)
    assert User.objects.get(pk=user.pk).address == "new@example.org"


@pytest.mark.parametrize("empty", ["", "own"])
def test_back_to_the_login_address_needs_no_mail(world: SimpleNamespace, empty: str) -> None:
    user = world.coordinator
    User.objects.filter(pk=user.pk).update(notification_email="team@example.org")

    profile.ask_notification_address(by=user, email=user.email.upper() if empty == "own" else "")

    assert User.objects.get(pk=user.pk).address == user.email
    assert not OutboxMail.objects.exists()
