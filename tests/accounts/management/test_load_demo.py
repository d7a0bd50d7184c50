import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.demo import DEMO_PASSWORD, demo_accounts
from accounts.models import Membership, User
from accounts.roles import Role


def load(*args: str) -> str:
    out = io.StringIO()
    call_command("load_demo", *args, stdout=out)
    return out.getvalue()


def test_an_account_for_each_role_in_one_partnership(world: SimpleNamespace) -> None:
    answer = json.loads(load("--json"))

    assert answer["password"] == DEMO_PASSWORD
    assert [row["role"] for row in answer["accounts"]] == Role.values
    for role in Role.values:
        client = Client()
        form = {"login": f"{role}@demo.example", "password": DEMO_PASSWORD}
        assert client.post(reverse("account_login"), form).url == "/"
        assert client.get(reverse("profile")).status_code == 200
        membership = Membership.objects.get(user__email=form["login"])
        assert membership.role == role
    administrator = User.objects.get(email="administrator@demo.example")
    case_manager = Membership.objects.get(user__email="case_manager@demo.example")
    assert [m.organisation for m in administrator.memberships.all()] == [case_manager.organisation]


def test_a_second_time_keeps_what_was_entered(world: SimpleNamespace) -> None:
    first = load()
    coordinator = User.objects.get(email="coordinator@demo.example")
    coordinator.name, coordinator.language = "Somebody Else", "en"
    coordinator.set_password("een ander wachtwoord")
    coordinator.save()
    counts = User.objects.count(), Membership.objects.count()

    assert load() == first

    coordinator.refresh_from_db()
    assert (coordinator.name, coordinator.language) == ("Somebody Else", "en")
    assert coordinator.check_password("een ander wachtwoord")
    assert (User.objects.count(), Membership.objects.count()) == counts


def test_the_table_names_everybody(world: SimpleNamespace) -> None:
    printed = load()
    assert all(account.email in printed for account in demo_accounts())
    assert DEMO_PASSWORD in printed


def test_never_outside_a_demo(world: SimpleNamespace, settings: Any) -> None:
    settings.DEMO = False
    before = User.objects.count()
    with pytest.raises(CommandError):
        load()
    assert User.objects.count() == before


@pytest.mark.django_db
def test_not_without_organisations() -> None:
    with pytest.raises(CommandError):
        load()
    assert not User.objects.exists()
