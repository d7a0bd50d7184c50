import json
from typing import Any

import pytest
from django.core import serializers
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from audit.hashing import address_code
from audit.models import Event
from tests.factories.accounts import PASSWORD, UserFactory, member

pytestmark = pytest.mark.django_db


def log_in(client: Client, email: str, password: str = PASSWORD) -> None:
    client.post(reverse("account_login"), {"login": email, "password": password})


def events() -> list[dict[str, Any]]:
    return list(Event.objects.order_by("pk").values("action", "result", "actor_id", "target", "channel"))


def test_login_and_logout(client: Client) -> None:
    user = member(UserFactory(email="karin@school.example"), Role.PLATFORM_OPERATOR, None)
    log_in(client, "karin@school.example")
    client.post(reverse("account_logout"))

    same = {"result": "ok", "actor_id": str(user.pk), "target": f"user {user.pk}", "channel": "web"}
    assert events() == [{"action": "login.ok"} | same, {"action": "logout"} | same]


@pytest.mark.parametrize("email", ["karin@school.example", "nobody@school.example"])
def test_a_failed_login_is_written_alike_for_known_and_unknown(client: Client, email: str) -> None:
    UserFactory(email="karin@school.example")
    log_in(client, email, "a password that is wrong")

    assert events() == [
        {
            "action": "login.failed",
            "result": "failed",
            "actor_id": "",
            "target": f"address {address_code(email)}",
            "channel": "web",
        }
    ]


def test_neither_what_was_typed_is_in_the_log(client: Client) -> None:
    """People type their password in the field of the address, and the other way round."""
    log_in(client, "MyPassword2026@home.example", "Karin de Wit 1985")

    log = json.dumps(json.loads(serializers.serialize("json", Event.objects.all()))).lower()
    assert "login.failed" in log
    for typed in ("mypassword", "home.example", "karin", "1985"):
        assert typed not in log


def test_the_code_of_an_address_is_the_same_however_it_is_typed(settings: Any) -> None:
    code = address_code("Karin@School.example ")
    assert code == address_code("karin@school.example")
    assert code != address_code("karin@school2.example")
    settings.AUDIT_KEY = "another key"
    assert code != address_code("karin@school.example")
