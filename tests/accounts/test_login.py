"""Logging in: with a password, a second factor, a new password; and what guessing gives."""

import datetime as dt
import re
import time
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from common.dates import now
from notifications.models import OutboxMail
from notifications.services import deliver
from tests.factories.accounts import PASSWORD, MembershipFactory, UserFactory, member

LOGIN = reverse("account_login")
NEW_PASSWORD = "heel iets anders 7"


def log_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": user.email, "password": password})


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sent() -> list[Any]:
    """What the outbox has delivered."""
    deliver(clock=now)
    return mail.outbox


def link_in(body: str) -> str:
    found = re.search(r"https?://[^/]+(/\S+)", body)
    assert found
    return found[1]


# --- Password


def test_login_gives_a_new_session(world: SimpleNamespace) -> None:
    client = Client()
    client.get(reverse("invitation"))
    session = client.session
    session["before"] = True
    session.save()
    client.cookies["session"] = session.session_key
    before = session.session_key

    assert log_in(client, world.coordinator).url == "/"

    assert client.session.session_key != before
    assert is_in(client)
    event = Event.objects.get(action="login.ok")
    assert event.actor_id == str(world.coordinator.pk)


def test_the_address_may_be_typed_in_capitals(world: SimpleNamespace, client: Client) -> None:
    client.post(LOGIN, {"login": world.coordinator.email.upper(), "password": PASSWORD})
    assert is_in(client)


def test_unknown_and_wrong_get_the_same_answer(world: SimpleNamespace, client: Client) -> None:
    def answer(login: str) -> str:
        response = client.post(LOGIN, {"login": login, "password": "niet het goede"})
        assert response.status_code == 200
        html = response.content.decode().replace(login, "...")
        return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", html)

    assert answer(world.coordinator.email) == answer("nobody@example.org")
    assert Event.objects.filter(action="login.failed").count() == 2
    assert not is_in(client)


def test_unknown_takes_as_many_hashes_as_wrong(
    world: SimpleNamespace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashes: list[str] = []
    real = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        hashes.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    without = User.objects.create_user("without@example.org", name="No password yet")
    counts = []
    for login in (world.coordinator.email, "nobody@example.org", without.email):
        hashes.clear()
        client.post(LOGIN, {"login": login, "password": "niet het goede"})
        counts.append(len(hashes))
    assert counts == [1, 1, 1]


def test_nobody_signs_up(client: Client, db: Any) -> None:
    path = reverse("account_signup")
    form = {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get(path).templates[0].name == "account/signup_closed.html"
    client.post(path, form)
    assert not User.objects.exists()


@pytest.mark.parametrize("why", ["no role", "ended role", "blocked"])
def test_who_has_no_role_stays_out(client: Client, world: SimpleNamespace, why: str) -> None:
    user = UserFactory(is_active=why != "blocked")
    if why == "ended role":
        ended = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        MembershipFactory(user=user, role=Role.REPORTER, organisation=world.here.partnership, ended_at=ended)
    if why == "blocked":
        member(user, Role.REPORTER, world.here.partnership)

    assert log_in(client, user).url == reverse("account_inactive")
    assert not is_in(client)
    assert not Event.objects.filter(action="login.ok").exists()


def test_five_wrong_passwords_stop_an_account_for_five_minutes(world: SimpleNamespace) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)) as clock:
        for _ in range(5):
            assert log_in(Client(), world.coordinator, "niet het goede").status_code == 200
        blocked = log_in(Client(), world.coordinator)
        assert blocked.status_code == 429
        assert "<h1" in blocked.content.decode()
        assert log_in(Client(), world.case_manager).status_code == 302

        clock.shift(dt.timedelta(minutes=5, seconds=1))
        assert log_in(Client(), world.coordinator).status_code == 302


def test_twenty_wrong_passwords_stop_a_network_address_for_a_minute(world: SimpleNamespace) -> None:
    for number in range(20):
        form = {"login": f"nobody{number}@example.org", "password": "niet het goede"}
        assert Client().post(LOGIN, form).status_code == 200
    assert log_in(Client(), world.coordinator).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.7").post(LOGIN, form).status_code == 200


def test_logout_is_a_post_and_ends_the_session(world: SimpleNamespace, client: Client) -> None:
    log_in(client, world.coordinator)
    key = client.session.session_key
    thief = Client()
    thief.cookies["session"] = key
    assert is_in(thief)

    client.get(reverse("account_logout"))
    assert is_in(client)
    assert client.post(reverse("account_logout")).url == LOGIN

    assert not is_in(client)
    assert not is_in(thief)
    assert not client.session.exists(key)


def test_private_pages_are_not_kept(world: SimpleNamespace, client: Client) -> None:
    log_in(client, world.coordinator)
    assert client.get(reverse("profile"))["Cache-Control"] == "no-store"


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/profiel/"])
def test_login_leads_to_our_own_pages_only(world: SimpleNamespace, client: Client, where: str) -> None:
    form = {"login": world.coordinator.email, "password": PASSWORD, "next": where}
    assert client.post(LOGIN, form).url == ("/profiel/" if where == "/profiel/" else "/")


# --- Second factor


@pytest.fixture
def secret(world: SimpleNamespace) -> str:
    """The coordinator has an authenticator app and recovery codes."""
    secret = generate_totp_secret()
    TOTP.activate(world.coordinator, secret)
    RecoveryCodes.activate(world.coordinator)
    return secret


def test_login_with_a_code(world: SimpleNamespace, secret: str, client: Client) -> None:
    assert log_in(client, world.coordinator).url == reverse("mfa_authenticate")
    assert not is_in(client)

    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert not is_in(client)
    failed = Event.objects.get(action="login.failed")
    assert (failed.target, failed.details) == (f"user {world.coordinator.pk}", {"step": "code"})

    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).url == "/"
    assert is_in(client)


def test_a_code_works_once(world: SimpleNamespace, secret: str) -> None:
    code = code_of(secret)
    for expected in (True, False):
        client = Client()
        log_in(client, world.coordinator)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(client) is expected


def test_a_recovery_code_works_once(world: SimpleNamespace, secret: str) -> None:
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (True, False):
        client = Client()
        log_in(client, world.coordinator)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(client) is expected


def test_guessing_codes_is_limited(world: SimpleNamespace, secret: str, client: Client) -> None:
    log_in(client, world.coordinator)
    answers = [client.post(reverse("mfa_authenticate"), {"code": f"00000{n}"}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert not is_in(client)


# --- A new password


def reset(client: Client, user: User) -> str:
    """Asks for a new password and gives the link in the mail."""
    client.post(reverse("account_reset_password"), {"email": user.email})
    message = sent()[-1]
    assert message.to == [user.email]
    return link_in(message.body)


def choose(client: Client, link: str, password: str = NEW_PASSWORD) -> Any:
    form_url = client.get(link).url
    return client.post(form_url, {"password1": password, "password2": password})


def test_a_new_password_by_mail(world: SimpleNamespace, client: Client) -> None:
    elsewhere = Client()
    log_in(elsewhere, world.coordinator)
    link = reset(client, world.coordinator)

    assert choose(client, link).url == reverse("account_reset_password_from_key_done")

    assert not is_in(client)
    assert not is_in(elsewhere)
    assert log_in(client, world.coordinator).status_code == 200
    assert log_in(client, world.coordinator, NEW_PASSWORD).status_code == 302
    notice = OutboxMail.objects.get(kind="credential_changed")
    assert (notice.to, notice.context["change"]) == (world.coordinator.email, "password")
    assert b"form" not in Client().get(link).content.split(b"<main")[1]


def test_a_new_password_does_not_pass_the_second_factor(
    world: SimpleNamespace, secret: str, client: Client
) -> None:
    choose(client, reset(client, world.coordinator))
    assert not is_in(client)
    assert log_in(client, world.coordinator, NEW_PASSWORD).url == reverse("mfa_authenticate")
    assert not is_in(client)


def test_a_link_for_a_new_password_works_for_an_hour(world: SimpleNamespace) -> None:
    start = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
    with time_machine.travel(start) as clock:
        link = reset(Client(), world.coordinator)
        clock.shift(dt.timedelta(minutes=59))
        assert Client().get(link).status_code == 302
        clock.shift(dt.timedelta(minutes=2))
        assert Client().get(link).status_code == 200


def test_asking_for_a_password_tells_nothing(world: SimpleNamespace, client: Client) -> None:
    path = reverse("account_reset_password")
    known = client.post(path, {"email": world.coordinator.email})
    unknown = client.post(path, {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [(m.to, m.kind) for m in OutboxMail.objects.order_by("pk")] == [
        (world.coordinator.email, "password_reset"),
        ("nobody@example.org", "unknown_account"),
    ]
    assert not re.search(r"/password/reset/key/", sent()[-1].body)


def test_asking_for_a_password_is_limited(world: SimpleNamespace, client: Client) -> None:
    path = reverse("account_reset_password")
    answers = [client.post(path, {"email": world.coordinator.email}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]


@pytest.mark.parametrize("password", ["te kort", "password123456", "z" * 129])
def test_a_weak_password_is_refused(world: SimpleNamespace, client: Client, password: str) -> None:
    answer = choose(client, reset(client, world.coordinator), password)
    assert answer.status_code == 200
    assert User.objects.get(pk=world.coordinator.pk).check_password(PASSWORD)


# --- Changing how somebody logs in


def test_changing_the_password_ends_other_sessions(world: SimpleNamespace, client: Client) -> None:
    other = Client()
    log_in(client, world.coordinator)
    log_in(other, world.coordinator)
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    client.post(reverse("account_change_password"), {**form, "oldpassword": "niet het goede"})
    assert is_in(other)
    client.post(reverse("account_change_password"), form)

    assert (is_in(client), is_in(other)) == (True, False)
    notice = sent()[-1]
    assert notice.to == [world.coordinator.email]
    assert "127.0.0.1" in notice.body


@pytest.mark.parametrize(
    "page", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes", "notification_address"]
)
def test_changing_asks_for_the_password_again(world: SimpleNamespace, client: Client, page: str) -> None:
    log_in(client, world.coordinator)
    assert client.get(reverse(page)).url.startswith(reverse("account_reauthenticate"))
    wrong = client.post(reverse("account_reauthenticate"), {"password": "niet het goede"})
    assert wrong.status_code == 200
    assert client.get(reverse(page)).status_code == 302


def test_an_authenticator_app_is_added_with_a_notice(
    world: SimpleNamespace, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    log_in(client, world.coordinator)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    code = code_of(page.context["form"].secret)

    with django_capture_on_commit_callbacks(execute=True):
        added = client.post(reverse("mfa_activate_totp"), {"code": code})

    assert added.url == reverse("mfa_view_recovery_codes")
    notice = OutboxMail.objects.get()
    assert (notice.to, notice.context["change"]) == (world.coordinator.email, "app_added")
    assert is_in(client)


def test_the_last_factor_stays_where_one_is_required(
    world: SimpleNamespace, secret: str, client: Client, settings: Any
) -> None:
    def remove() -> None:
        client.post(reverse("mfa_deactivate_totp"))

    client.force_login(world.coordinator)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    settings.MFA_REQUIRED = True
    remove()
    assert Authenticator.objects.filter(type="totp").exists()
    settings.MFA_REQUIRED = False
    remove()
    assert not Authenticator.objects.exists()
    assert sent()[-1].to == [world.coordinator.email]


def test_a_new_address_counts_once_its_link_is_followed(world: SimpleNamespace, client: Client) -> None:
    user, old = world.coordinator, world.coordinator.email
    log_in(client, user)
    form = {"email": "New@example.org", "action_add": "1"}
    assert client.post(reverse("account_email"), form).url.startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), form)
    message = sent()[-1]
    assert message.to == ["new@example.org"]
    assert User.objects.get(pk=user.pk).email == old

    client.post(link_in(message.body))

    assert User.objects.get(pk=user.pk).email == "new@example.org"
    assert list(EmailAddress.objects.filter(user=user).values_list("email", "verified")) == [
        ("new@example.org", True)
    ]
    assert old in {address for message in sent() for address in message.to}
    fresh = Client()
    fresh.post(LOGIN, {"login": "new@example.org", "password": PASSWORD})
    assert is_in(fresh)
