"""Every page of people, in both languages: it renders, names itself, and has nothing inline."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Membership, User
from accounts.services.memberships import invite
from common.dates import now

PUBLIC = [
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
]
OWN = [
    "profile",
    "account_email",
    "account_change_password",
    "mfa_index",
    "mfa_list_webauthn",
    "usersessions_list",
    "account_reauthenticate",
    "account_logout",
]
AFTER_REAUTHENTICATION = [
    "notification_address",
    "mfa_activate_totp",
    "mfa_add_webauthn",
]
WITH_FACTOR = [
    "mfa_index",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_deactivate_totp",
    "mfa_reauthenticate",
]
MANAGING = ["people", "invite", "invitations"]


def log_in(client: Client, user: User) -> None:
    """With a password just typed, as pages ask that change how somebody logs in."""
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": "Een lange zin 42"})


def assert_is_a_page(response: Any, language: str, status: int = 200) -> None:
    assert response.status_code == status, response
    html = response.content.decode()
    assert f'<html lang="{language}"' in html
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert re.search(r"<title>[^–]*\w[^–]* – Terugkeer</title>", html)
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", html)
    for script in re.findall(r"<script([^>]*)>", html):
        assert " src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.django_db
def test_public_page(client: Client, name: str, language: str) -> None:
    client.cookies["language"] = language
    assert_is_a_page(client.get(reverse(name)), language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_own_pages(client: Client, world: SimpleNamespace, language: str) -> None:
    User.objects.filter(pk=world.coordinator.pk).update(language=language)
    client.force_login(world.coordinator)
    for name in OWN:
        assert_is_a_page(client.get(reverse(name)), language)
    log_in(client, world.coordinator)
    for name in AFTER_REAUTHENTICATION:
        assert_is_a_page(client.get(reverse(name)), language)
    assert_is_a_page(client.get(reverse("confirm_address", args=["x"])), language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_of_the_second_factor(client: Client, world: SimpleNamespace, language: str) -> None:
    user = world.coordinator
    User.objects.filter(pk=user.pk).update(language=language)
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Sleutel", "credential": {}})
    log_in(client, user)
    for name in WITH_FACTOR:
        assert_is_a_page(client.get(reverse(name)), language)
    assert_is_a_page(client.get(reverse("mfa_edit_webauthn", args=[key.pk])), language)
    assert_is_a_page(client.get(reverse("mfa_remove_webauthn", args=[key.pk])), language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_of_managing(client: Client, world: SimpleNamespace, language: str) -> None:
    User.objects.filter(pk=world.admin.pk).update(language=language)
    invite(
        email="x@example.org", role="reporter", organisation=world.here.partnership, by=world.admin, at=now()
    )
    role = Membership.objects.get(user=world.coordinator)
    client.force_login(world.admin)
    for name in MANAGING:
        assert_is_a_page(client.get(reverse(name)), language)
    for name, key in [
        ("person", world.coordinator.pk),
        ("end_role", role.pk),
        ("reset_factor", role.user_id),
    ]:
        assert_is_a_page(client.get(reverse(name, args=[key])), language)
    assert_is_a_page(client.post(reverse("people"), {"text": "niemand"}), language)
    assert_is_a_page(client.post(reverse("invite"), {}), language, status=422)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_of_an_address_to_confirm(client: Client, world: SimpleNamespace, language: str) -> None:
    new = EmailAddress.objects.create(user=world.coordinator, email="new@example.org")
    client.cookies["language"] = language
    good = reverse("account_confirm_email", args=[EmailConfirmationHMAC(new).key])
    assert_is_a_page(client.get(good), language)
    assert_is_a_page(client.get(reverse("account_confirm_email", args=["bad"])), language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_page_of_a_link_that_no_longer_works(client: Client, language: str, db: Any) -> None:
    client.cookies["language"] = language
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "x-y"})
    assert_is_a_page(client.get(path), language)
    assert not Invitation.objects.exists()
    assert_is_a_page(client.get(reverse("invitation")), language, status=404)
