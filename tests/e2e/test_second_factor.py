"""The second factor in a real browser: a security key and an authenticator app, under the strict policy."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.cast import Cast
from tests.e2e.conftest import Open
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.browser


def plug_in_key(it: Any) -> None:
    """A security key that answers each time it is asked."""
    session = it.context.new_cdp_session(it.page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def log_in(it: Any, email: str) -> None:
    it.goto("account_login")
    it.fill(login=email, password=PASSWORD)
    it.page.keyboard.press("Enter")
    it.page.wait_for_url("**/authenticate/")


def test_add_a_security_key_and_log_in_with_it(cast: Cast, visit: Open) -> None:
    user = cast.people["coordinator"]
    it = visit(user, recently=True, language="en")
    plug_in_key(it)
    it.goto("mfa_add_webauthn")
    it.fill(name="Key on my desk")
    it.page.locator("#mfa_webauthn_add").click()
    it.page.wait_for_url("**/recovery-codes/")
    assert it.page.locator("main code").count() == 10
    it.goto("mfa_list_webauthn")
    it.sees("Key on my desk")
    assert Authenticator.objects.filter(user=user).count() == 2

    it.goto("account_logout")
    it.page.locator("main button[type=submit]").click()
    it.page.wait_for_url("**/account/login/**")
    log_in(it, user.email)
    it.page.locator("#mfa_webauthn_authenticate").click()
    it.page.wait_for_url(it.address + "/")
    it.goto("profile")
    it.sees(user.email)


def test_add_an_authenticator_app_and_log_in_with_its_code(cast: Cast, visit: Open) -> None:
    def code() -> str:
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30))

    user = cast.people["case_manager"]
    it = visit(user, recently=True, language="en")
    it.goto("mfa_activate_totp")
    assert it.page.locator("main img").evaluate("it => it.naturalWidth") > 0
    secret = it.page.locator("main dd code").inner_text()
    it.fill(code=code())
    it.page.keyboard.press("Enter")
    it.page.wait_for_url("**/recovery-codes/")
    recovery = it.page.locator("main code").first.inner_text()

    elsewhere = visit(language="en")
    log_in(elsewhere, user.email)
    elsewhere.fill(code="000000")
    elsewhere.page.keyboard.press("Enter")
    elsewhere.sees("This code is not right.")
    elsewhere.fill(code=recovery)
    elsewhere.page.keyboard.press("Enter")
    elsewhere.page.wait_for_url(elsewhere.address + "/")
