"""What every request of somebody who is logged in goes through."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from accounts.services.memberships import end_role
from accounts.services.sessions import sessions_of
from common.dates import now
from tests.factories.accounts import PASSWORD

START = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
PROFILE = reverse("profile")
LOGIN = reverse("account_login")


def log_in(user: User) -> Client:
    client = Client()
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    return client


# --- How long a session lasts


@pytest.mark.parametrize(("minutes", "inside"), [(59, True), (62, False)])
def test_a_session_ends_after_an_hour_without_requests(
    world: SimpleNamespace, minutes: int, inside: bool
) -> None:
    with time_machine.travel(START) as clock:
        client = log_in(world.coordinator)
        assert client.get(PROFILE).status_code == 200
        clock.shift(dt.timedelta(minutes=minutes))
        answer = client.get(PROFILE)
        assert answer.status_code == (200 if inside else 302)
        if not inside:
            assert answer.url == f"{LOGIN}?next=%2Fprofiel%2F"
            assert client.get(PROFILE).url.startswith(LOGIN)


def test_a_session_ends_twelve_hours_after_login_however_busy(world: SimpleNamespace) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(world.coordinator)
        seen = []
        for _ in range(25):
            seen.append(client.get(PROFILE).status_code)
            clock.shift(dt.timedelta(minutes=30))
        assert seen == [200] * 25
        assert client.get(PROFILE).status_code == 302


def test_a_busy_session_is_written_once_a_minute(world: SimpleNamespace) -> None:
    with time_machine.travel(START, tick=False) as clock:
        client = log_in(world.coordinator)
        client.get(PROFILE)
        seen = client.session["seen"]
        clock.shift(dt.timedelta(seconds=59))
        client.get(PROFILE)
        assert client.session["seen"] == seen
        clock.shift(dt.timedelta(seconds=1))
        client.get(PROFILE)
        assert client.session["seen"] == seen + 60


def test_after_the_end_htmx_gets_the_whole_login_page(world: SimpleNamespace) -> None:
    with time_machine.travel(START) as clock:
        client = log_in(world.coordinator)
        client.get(PROFILE)
        clock.shift(dt.timedelta(hours=2))
        answer = client.get(PROFILE, headers={"hx-request": "true"})
        assert answer["HX-Redirect"].startswith(LOGIN)


# --- The language of the profile


@pytest.mark.parametrize(("profile", "browser"), [("nl", "en"), ("en", "nl")])
def test_the_language_of_the_profile_goes_first(world: SimpleNamespace, profile: str, browser: str) -> None:
    User.objects.filter(pk=world.coordinator.pk).update(language=profile)
    client = Client()
    client.cookies["language"] = browser
    assert f'<html lang="{browser}"' in client.get(LOGIN).content.decode()
    client.force_login(world.coordinator)
    answer = client.get(PROFILE)
    assert f'<html lang="{profile}"' in answer.content.decode()
    assert answer["Content-Language"] == profile


# --- A role


def test_who_loses_the_last_role_is_out_on_the_next_request(world: SimpleNamespace) -> None:
    here, there = log_in(world.coordinator), log_in(world.coordinator)
    assert (here.get(PROFILE).status_code, there.get(PROFILE).status_code) == (200, 200)

    end_role(membership=Membership.objects.get(user=world.coordinator), by=world.admin, at=now())

    out = here.get(PROFILE)
    assert out.status_code == 403
    assert out.templates[0].name == "account/account_inactive.html"
    assert here.get(PROFILE).url.startswith(LOGIN)
    assert there.get(PROFILE).url.startswith(LOGIN)
    assert sessions_of(world.coordinator) == []
    again = here.post(LOGIN, {"login": world.coordinator.email, "password": PASSWORD})
    assert again.url == reverse("account_inactive")


def test_who_keeps_a_role_stays(world: SimpleNamespace) -> None:
    Membership.objects.create(
        user=world.coordinator, role="reporter", organisation=world.here.partnership, since=START
    )
    client = log_in(world.coordinator)
    coordinator = Membership.objects.get(user=world.coordinator, role="coordinator")
    end_role(membership=coordinator, by=world.admin, at=now())
    assert client.get(PROFILE).status_code == 200


def test_who_is_blocked_is_out_on_the_next_request(world: SimpleNamespace) -> None:
    client = log_in(world.coordinator)
    User.objects.filter(pk=world.coordinator.pk).update(is_active=False)
    assert client.get(PROFILE).url.startswith(LOGIN)


def test_a_superuser_needs_no_role(client: Client, db: Any) -> None:
    User.objects.create_superuser("root@example.org", PASSWORD, name="Root")
    client.post(LOGIN, {"login": "root@example.org", "password": PASSWORD})
    assert client.get(PROFILE).status_code == 200
    assert client.get(reverse("people")).status_code == 403


# --- A second factor

SET_UP = [
    "mfa_index",
    "account_reauthenticate",
]
AFTER_REAUTHENTICATION = ["mfa_activate_totp", "mfa_add_webauthn"]
CLOSED = [
    "profile",
    "people",
    "invite",
    "usersessions_list",
    "account_email",
    "account_change_password",
    "mfa_list_webauthn",
    "mfa_generate_recovery_codes",
    "inbox",
]


def test_without_a_second_factor_there_is_only_setting_it_up(
    world: SimpleNamespace, settings: Any, client: Client
) -> None:
    settings.MFA_REQUIRED = True
    client.force_login(world.admin)
    for name in CLOSED:
        assert client.get(reverse(name)).url == reverse("mfa_index"), name
        part = client.get(reverse(name), headers={"hx-request": "true"})
        assert part["HX-Redirect"] == reverse("mfa_index")
    assert client.post(reverse("invite"), {"email": "x@example.org"}).url == reverse("mfa_index")
    for name in SET_UP:
        assert client.get(reverse(name)).status_code == 200
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for name in AFTER_REAUTHENTICATION:
        assert client.get(reverse(name)).status_code == 200
    assert client.post(reverse("set_language"), {"language": "en"}).status_code == 302
    assert client.post(reverse("account_logout")).url == LOGIN


def test_with_a_second_factor_all_is_open(world: SimpleNamespace, settings: Any, client: Client) -> None:
    settings.MFA_REQUIRED = True
    TOTP.activate(world.admin, generate_totp_secret())
    client.force_login(world.admin)
    assert client.get(reverse("people")).status_code == 200


def test_where_it_is_not_required_nobody_is_sent_away(
    world: SimpleNamespace, settings: Any, client: Client
) -> None:
    assert settings.MFA_REQUIRED is False
    client.force_login(world.admin)
    assert client.get(reverse("people")).status_code == 200
