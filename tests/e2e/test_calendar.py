"""A calendar address: made, copied, read by a program, stopped."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.cast import Cast
from tests.e2e.conftest import Open
from tests.e2e.test_accessibility import LANGUAGES, faults

pytestmark = pytest.mark.browser


@LANGUAGES
def test_an_address_is_made_copied_and_stopped(cast: Cast, visit: Open, language: str) -> None:
    it = visit(cast.people["coordinator"], language=language, recently=True)
    it.context.grant_permissions(["clipboard-read", "clipboard-write"])
    it.goto("calendar_feed")
    assert faults(it) == []
    it.page.locator("main a.nl-button--primary").click()
    it.page.locator("main button[type=submit]").click()

    field = it.page.locator("#id_address")
    expect(field).to_be_visible()
    assert faults(it) == []
    it.page.locator("[data-copy]").click()
    expect(it.page.locator("[data-copy] + [role=status]")).not_to_be_empty()
    address = field.input_value()
    assert it.page.evaluate("navigator.clipboard.readText()") == address
    path = address.removeprefix("http://127.0.0.1:8000")
    assert Client().get(path).status_code == 200

    it.goto("calendar_feed")
    assert faults(it) == []
    assert it.page.locator("#id_address").count() == 0
    it.page.locator("main .nl-button--negative").click()
    expect(it.page.locator("main a.nl-button--primary")).to_be_visible()
    assert Client().get(path).status_code == 404


def test_without_scripts_the_address_can_still_be_selected(cast: Cast, visit: Open) -> None:
    it = visit(cast.people["coordinator"], recently=True, scripts=False)
    it.goto("calendar_feed_make")
    it.page.locator("main button[type=submit]").click()
    expect(it.page.locator("#id_address")).to_be_visible()
    expect(it.page.locator("[data-copy]")).to_be_hidden()
