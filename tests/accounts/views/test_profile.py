from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services.sessions import sessions_of
from notifications.models import OutboxMail
from tests.factories.accounts import PASSWORD

PROFILE = reverse("profile")


def log_in(user: User) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


@pytest.mark.parametrize("name", ["profile", "notification_address", "usersessions_list"])
def test_a_profile_is_for_who_is_logged_in(client: Client, db: Any, name: str) -> None:
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


def test_profile_shows_the_roles_and_where(world: SimpleNamespace) -> None:
    page = log_in(world.coordinator).get(PROFILE)
    assert [m.role for m in page.context["memberships"]] == ["coordinator"]
    assert world.here.school.name in page.content.decode()


def test_save_name_and_language(world: SimpleNamespace) -> None:
    client = log_in(world.coordinator)
    assert client.post(PROFILE, {"name": "Sanne de Vries", "language": "en"}).url == PROFILE
    page = client.get(PROFILE)
    assert '<html lang="en"' in page.content.decode()
    assert page.context["user"].name == "Sanne de Vries"


@pytest.mark.parametrize("form", [{"name": "", "language": "nl"}, {"name": "Sanne", "language": "fr"}])
def test_refuse_an_empty_name_and_an_unknown_language(world: SimpleNamespace, form: dict[str, str]) -> None:
    assert log_in(world.coordinator).post(PROFILE, form).status_code == 422
    user = User.objects.get(pk=world.coordinator.pk)
    assert (user.name, user.language) == ("Sanne Visser", "nl")


def test_nothing_else_can_be_changed_with_the_profile(world: SimpleNamespace) -> None:
    form = {"name": "Sanne", "language": "nl", "is_superuser": "on", "email": "x@example.org"}
    log_in(world.coordinator).post(PROFILE, form)
    user = User.objects.get(pk=world.coordinator.pk)
    assert (user.name, user.is_superuser, user.email) == ("Sanne", False, world.coordinator.email)


def test_the_switch_of_language_stays_with_the_user(world: SimpleNamespace) -> None:
    client = log_in(world.coordinator)
    answer = client.post(reverse("set_language"), {"language": "en", "next": PROFILE})
    assert answer.url == PROFILE
    assert User.objects.get(pk=world.coordinator.pk).language == "en"
    assert '<html lang="en"' in client.get(PROFILE).content.decode()


def test_the_switch_of_language_before_login(client: Client, db: Any) -> None:
    login = reverse("account_login")
    client.post(reverse("set_language"), {"language": "en", "next": login})
    assert '<html lang="en"' in client.get(login).content.decode()
    assert client.get(reverse("set_language")).status_code == 405
    outside = client.post(reverse("set_language"), {"language": "nl", "next": "https://evil.example/"})
    assert outside.url == "/"


def test_another_address_for_notifications(world: SimpleNamespace) -> None:
    client = log_in(world.coordinator)
    page = reverse("notification_address")
    assert client.get(page).status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(page, {"email": "no address"}).status_code == 422
    assert client.post(page, {"email": "team@example.org"}).url == PROFILE
    link = OutboxMail.objects.get(kind="notification_address").context["link"]

    assert log_in(world.outsider).post(link).status_code == 409
    assert client.get(link).status_code == 200
    assert User.objects.get(pk=world.coordinator.pk).notification_email == ""
    assert client.post(link).url == PROFILE
    assert User.objects.get(pk=world.coordinator.pk).notification_email == "team@example.org"
    assert client.post(link).status_code == 409


def test_see_and_end_the_own_sessions(world: SimpleNamespace) -> None:
    here, there = log_in(world.coordinator), log_in(world.coordinator)
    page = here.get(reverse("usersessions_list"))
    assert len(page.context["sessions"]) == 2
    other = next(s for s in page.context["sessions"] if s.session_key == there.session.session_key)
    end = reverse("end_own_session", args=[other.pk])

    log_in(world.outsider).post(end)
    assert there.get(PROFILE).status_code == 200
    assert here.get(end).status_code == 405
    here.post(end)

    assert there.get(PROFILE).status_code == 302
    assert [s.session_key for s in sessions_of(world.coordinator)] == [here.session.session_key]


def test_end_all_other_sessions_at_once(world: SimpleNamespace) -> None:
    clients = [log_in(world.coordinator) for _ in range(3)]
    clients[0].post(reverse("usersessions_list"))
    assert [client.get(PROFILE).status_code for client in clients] == [200, 302, 302]
