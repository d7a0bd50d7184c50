"""In through the front door, and out again."""

import pytest
from playwright.sync_api import expect

from tests.cast import Cast
from tests.e2e.conftest import Open
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.browser


def test_log_in_go_somewhere_log_out_and_the_back_button_shows_nothing(cast: Cast, visit: Open) -> None:
    it = visit()
    it.goto("profile")
    assert it.path.startswith("/account/login/?next=")
    it.page.locator("[name=login]").fill("coordinator@example.org")
    it.page.locator("[name=password]").fill(PASSWORD)
    it.enter()
    assert it.path == "/profiel/"
    it.sees("coordinator@example.org")
    it.goto("account_logout")
    it.page.locator("main button[type=submit]").click()
    it.page.wait_for_url("**/account/login/**")
    it.page.go_back()
    it.page.go_back()
    expect(it.page.locator("body")).not_to_contain_text("coordinator@example.org")


def test_a_wrong_password_is_told_without_telling_more(cast: Cast, visit: Open) -> None:
    sentences = []
    for email in ("coordinator@example.org", "nobody-at-all@example.org"):
        it = visit()
        it.goto("account_login")
        it.page.locator("[name=login]").fill(email)
        it.page.locator("[name=password]").fill("Verkeerd wachtwoord")
        with it.expecting(422, 200):
            it.enter()
        expect(it.page.locator("#error-summary")).to_be_focused()
        sentences.append(it.page.locator("#error-summary").inner_text())
    assert sentences[0] == sentences[1]
