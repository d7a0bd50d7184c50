"""The link of an invitation, from the mail to the first page."""

import datetime as dt
import re
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Membership, User
from accounts.roles import Role
from accounts.services.memberships import end_role, invite, withdraw_invitation
from common.dates import now
from notifications.models import OutboxMail
from notifications.services import deliver
from tests.factories.accounts import PASSWORD, UserFactory

PAGE = reverse("invitation")
ACCOUNT = {"name": "Nienke Nieuw", "password": PASSWORD, "password_again": PASSWORD}


def link_to(world: SimpleNamespace, email: str = "new@example.org") -> str:
    """Invites somebody as coordinator of a site, and gives the link in the mail."""
    invite(email=email, role=Role.COORDINATOR, organisation=world.here.site, by=world.admin, at=now())
    deliver(clock=now)
    message = mail.outbox[-1]
    assert message.to == [email]
    found = re.search(r"https?://[^/\s]+(/uitnodiging/[\w-]+/)", message.body)
    assert found
    return found[1]


def roles_at(world: SimpleNamespace, email: str) -> list[str]:
    return [
        m.role for m in Membership.objects.active().filter(user__email=email, organisation=world.here.site)
    ]


def test_a_newcomer_makes_an_account_and_is_in(world: SimpleNamespace, client: Client) -> None:
    page = client.get(link_to(world), follow=True)
    assert page.request["PATH_INFO"] == PAGE
    text = page.content.decode()
    for fact in ("Anouk Bakker", world.here.site.name, "new@example.org"):
        assert fact in text

    assert client.post(PAGE, ACCOUNT).url == "/"

    user = User.objects.get(email="new@example.org")
    assert (user.name, roles_at(world, user.email)) == ("Nienke Nieuw", ["coordinator"])
    assert client.get(reverse("profile")).status_code == 200
    assert OutboxMail.objects.get(kind="invitation").context == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"password": "te kort", "password_again": "te kort"}, "password"),
        ({"password_again": "iets anders lang"}, "password_again"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    world: SimpleNamespace, client: Client, change: dict[str, str], field: str
) -> None:
    client.get(link_to(world))
    answer = client.post(PAGE, ACCOUNT | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not User.objects.filter(email="new@example.org").exists()
    assert PASSWORD not in answer.content.decode()


def test_who_has_an_account_logs_in_first(world: SimpleNamespace, client: Client) -> None:
    link = link_to(world, world.outsider.email)
    page = client.get(link, follow=True)
    assert "form" not in page.context
    assert client.post(PAGE, ACCOUNT).status_code == 200
    assert roles_at(world, world.outsider.email) == []

    form = {"login": world.outsider.email, "password": PASSWORD, "next": PAGE}
    assert client.post(reverse("account_login"), form).url == PAGE
    assert roles_at(world, world.outsider.email) == []
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE).url == "/"

    assert roles_at(world, world.outsider.email) == ["coordinator"]
    assert Membership.objects.active().filter(user=world.outsider).count() == 2


def test_who_is_logged_in_as_somebody_else_is_told(world: SimpleNamespace, client: Client) -> None:
    client.force_login(world.outsider)
    page = client.get(link_to(world), follow=True)
    assert page.templates[0].name == "accounts/invitation_other_user.html"
    client.post(PAGE, ACCOUNT)
    assert not User.objects.filter(email="new@example.org").exists()


def test_who_had_lost_all_roles_comes_back_in(world: SimpleNamespace, client: Client) -> None:
    end_role(membership=Membership.objects.get(user=world.coordinator), by=world.admin, at=now())
    link = link_to(world, world.coordinator.email)
    form = {"login": world.coordinator.email, "password": PASSWORD, "next": PAGE}
    without_link = Client()
    assert without_link.post(reverse("account_login"), form).url == reverse("account_inactive")

    client.get(link)
    assert client.post(reverse("account_login"), form).url == PAGE
    assert client.get(reverse("profile")).url == PAGE
    assert client.get(PAGE).status_code == 200
    client.post(PAGE)

    assert roles_at(world, world.coordinator.email) == ["coordinator"]
    assert client.get(reverse("profile")).status_code == 200


@pytest.mark.parametrize("why", ["unknown", "expired", "withdrawn", "used", "replaced"])
def test_a_link_that_does_not_work_gives_one_clear_page(world: SimpleNamespace, why: str) -> None:
    link = link_to(world)
    moment = now()
    if why == "unknown":
        link = reverse("open_invitation", args=["a" * 43])
    if why == "withdrawn":
        withdraw_invitation(invitation=Invitation.objects.get(), by=world.admin, at=moment)
    if why == "used":
        earlier = Client()
        earlier.get(link)
        earlier.post(PAGE, ACCOUNT)
    if why == "replaced":
        link_to(world)
    if why == "expired":
        moment += dt.timedelta(days=7)

    with time_machine.travel(moment, tick=False):
        client = Client()
        page = client.get(link, follow=True)
        again = client.post(PAGE, ACCOUNT | {"name": "Second"})

    for answer in (page, again):
        assert answer.status_code == 404
        assert answer.templates[0].name == "accounts/invitation_gone.html"
    assert not User.objects.filter(name="Second").exists()


def test_the_link_can_be_opened_again_until_it_is_accepted(world: SimpleNamespace) -> None:
    link = link_to(world)
    for _ in range(2):
        assert Client().get(link, follow=True).status_code == 200


def test_the_secret_does_not_stay_in_the_address(world: SimpleNamespace, client: Client) -> None:
    link = link_to(world)
    answer = client.get(link)
    assert answer.url == PAGE
    assert link.split("/")[2] not in str(dict(client.session))
    assert "no-store" in answer["Cache-Control"]


def test_an_invitation_speaks_the_language_of_who_has_an_account(world: SimpleNamespace) -> None:
    UserFactory(email="english@example.org", language="en")
    link_to(world, "english@example.org")
    assert OutboxMail.objects.get().language == "en"


def test_where_a_second_factor_is_required_it_comes_after_accepting(
    world: SimpleNamespace, client: Client, settings: Any
) -> None:
    settings.MFA_REQUIRED = True
    client.get(link_to(world))
    assert client.post(PAGE, ACCOUNT).url == "/"
    assert client.get(reverse("profile")).url == reverse("mfa_index")
