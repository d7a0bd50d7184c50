"""In by a link in a mail, another language, and out when the role ends."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from common.dates import now
from notifications.services import deliver
from tests.cast import Cast
from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser

ADDRESS, NEW_PASSWORD = "nieuw@example.org", "Zeven groene fietsen 9"


def test_invited_by_mail_in_with_an_own_password_and_out_when_the_role_ends(
    cast: Cast, visit: Open, mailoutbox: list[Any]
) -> None:
    administrator = visit(cast.people["administrator"])
    administrator.goto("invite")
    administrator.fill(
        email=ADDRESS, name="Nina Nieuw", role="coordinator", organisation=str(cast.site.organisation.pk)
    )
    administrator.press("Send the invitation")
    administrator.told("The invitation is on its way.")
    assert deliver(clock=now) == 1
    (mail,) = mailoutbox
    assert mail.to == [ADDRESS]
    (link,) = re.findall(r"https?://[^/\s]+(/uitnodiging/\S+)", mail.body)
    it = visit()
    it.goto_path(link)
    assert it.path == "/uitnodiging/"
    it.sees(str(cast.site.organisation))
    it.fill(password=NEW_PASSWORD, password_again=NEW_PASSWORD)
    it.press("Accept the invitation")
    assert it.path == "/"
    it.goto("case_list")
    it.sees(cast.cases["own"].number)
    it.sees_not(cast.cases["second_site"].number)
    late = visit()
    late.goto_path(link, status=404)  # it works once
    user = User.objects.get(email=ADDRESS)
    again = visit()
    again.goto("account_login")
    again.fill(login=ADDRESS, password=NEW_PASSWORD)
    again.enter()
    assert again.path == "/"
    administrator.goto("end_role", user.memberships.get().pk)
    administrator.press("End the role")
    administrator.told("The role has ended.")
    it.goto("case", cast.cases["own"].number, status=403)
    it.sees_not("Verzonnen")
    again.goto("case", cast.cases["own"].number)
    assert again.path.startswith("/account/login/")
    again.goto("account_login")
    again.fill(login=ADDRESS, password=NEW_PASSWORD)
    with again.expecting(403):
        again.enter()
    again.goto("case_list")
    assert again.path.startswith("/account/login/")


def test_the_language_of_the_profile_goes_before_that_of_the_browser(cast: Cast, visit: Open) -> None:
    it = visit(cast.people["coordinator"])
    it.goto("profile")
    it.fill(language="en")
    it.press("Save")
    it.sees("Your profile was saved.")
    expect(it.page.locator("html")).to_have_attribute("lang", "en")
    it.goto("start")
    it.page.get_by_role("button", name="Nederlands").click()
    expect(it.page.locator("html")).to_have_attribute("lang", "nl")
    assert User.objects.get(email="coordinator@example.org").language == "nl"


def test_the_screen_is_dutch_until_english_is_asked_for(cast: Cast, visit: Open) -> None:
    it = visit()
    it.context.clear_cookies()
    it.goto("account_login")
    expect(it.page.locator("html")).to_have_attribute("lang", "nl")
    expect(it.page.locator("h1")).to_have_text("Inloggen")
    it.page.get_by_role("button", name="English").click()
    expect(it.page.locator("html")).to_have_attribute("lang", "en")
