import datetime as dt
import io
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import InvalidToken
from django.core.management import call_command

from accounts import queries
from accounts.models import User
from accounts.roles import Role
from accounts.services import second_factor
from audit.models import Event
from common.errors import NotAllowed
from notifications.models import OutboxMail
from tests.factories.accounts import member

NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)


def give_factor(user: User) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def test_secrets_are_not_readable_in_the_database(world: SimpleNamespace) -> None:
    secret = give_factor(world.coordinator)

    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert secret not in stored
    assert len(codes) == 10
    assert not any(code in stored for code in codes)
    assert second_factor.decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret


def test_secrets_survive_a_change_of_the_secret_key(settings: Any) -> None:
    old = second_factor.encrypt("geheim")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 50

    assert second_factor.decrypt(old) == "geheim"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        second_factor.decrypt(old)


def test_secrets_are_rotated_to_the_new_key(world: SimpleNamespace, settings: Any) -> None:
    secret = give_factor(world.coordinator)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    Authenticator.objects.create(user=world.coordinator, type="webauthn", data={"name": "Key"})
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 50

    out = io.StringIO()
    call_command("rotate_second_factors", stdout=out)

    assert out.getvalue().startswith("2 ")
    settings.SECRET_KEY_FALLBACKS = []
    assert second_factor.decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes


def test_recovery_codes_alone_are_no_second_factor(world: SimpleNamespace) -> None:
    RecoveryCodes.activate(world.coordinator)
    assert not queries.has_second_factor(world.coordinator)
    TOTP.activate(world.coordinator, generate_totp_secret())
    assert queries.has_second_factor(world.coordinator)


def test_the_last_factor_is_one_without_another(world: SimpleNamespace) -> None:
    give_factor(world.coordinator)
    app = Authenticator.objects.get(type="totp")
    assert queries.is_last_factor(app)
    key = Authenticator.objects.create(user=world.coordinator, type="webauthn", data={})
    assert not queries.is_last_factor(app)
    assert not queries.is_last_factor(key)


def test_an_administrator_helps_who_lost_it(world: SimpleNamespace) -> None:
    give_factor(world.coordinator)
    give_factor(world.outsider)

    second_factor.reset_second_factor(user=world.coordinator, by=world.admin, at=NOW)

    assert set(Authenticator.objects.values_list("user", flat=True)) == {world.outsider.pk}
    event = Event.objects.get(action="second_factor.reset")
    assert (event.actor_id, event.target) == (str(world.admin.pk), f"user {world.coordinator.pk}")
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.kind, mail.context["change"]) == (
        world.coordinator.email,
        "credential_changed",
        "second_factor_reset",
    )


def test_only_who_manages_all_roles_of_somebody_resets(world: SimpleNamespace) -> None:
    give_factor(world.coordinator)
    give_factor(world.admin)
    member(world.coordinator, Role.COORDINATOR, world.there.school)

    for user, by in [
        (world.coordinator, world.admin),
        (world.coordinator, world.other_admin),
        (world.coordinator, world.case_manager),
        (world.admin, world.admin),
    ]:
        with pytest.raises(NotAllowed):
            second_factor.reset_second_factor(user=user, by=by, at=NOW)
    assert Authenticator.objects.filter(type="totp").count() == 2

    second_factor.reset_second_factor(user=world.admin, by=world.operator, at=NOW)
    assert not queries.has_second_factor(world.admin)
