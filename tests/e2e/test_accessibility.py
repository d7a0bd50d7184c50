"""Every page in both languages: nothing that axe finds, no sideways scrolling at 320 pixels, and what a page
must have.

Which pages there are says tests/contracts/pages.csv: what answers 200 there to somebody is a page, but for
the few of NO_PAGES. So a new address is walked as soon as it is in that table.
"""

import csv
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import include, path, reverse
from playwright.sync_api import expect

from accounts.models import Invitation
from accounts.services.memberships import hash_token
from config import urls as config_urls
from tests.addresses import furnish, path_of
from tests.cast import Cast
from tests.common.pages import refuse
from tests.e2e.browser import NARROW, WIDE, Visitor, axe_violations, scrolls_sideways, wide_elements
from tests.e2e.conftest import Open
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.browser

CONTRACT = Path(__file__).parent.parent / "contracts" / "pages.csv"

#: Answers that are no page but a file or a word for a machine.
NO_PAGES = {
    "healthz",
    "readyz",
    "metrics",
    "calendar_file",
    "case_export",
    "register_refused",
    "report_file_download",
}

#: Who looks at a page, the first of these that may.
LOOKERS = [
    "case_manager",
    "coordinator",
    "administrator",
    "reporter",
    "privacy_officer",
    "attendance_officer",
    "care_worker",
    "anonymous",
]

#: So many tests share the pages of one language.
SHARES = 4

LANGUAGES = pytest.mark.parametrize("language", ["nl", "en"])


def pages() -> list[tuple[str, str]]:
    """The name of each page with who looks at it."""
    found = []
    with CONTRACT.open() as file:
        for line in csv.DictReader(file):
            lookers = [looker for looker in LOOKERS if line[looker] == "200"]
            if line["method"] == "GET" and lookers and line["name"] not in NO_PAGES:
                found.append((line["name"], lookers[0]))
    return sorted(found, key=lambda it: LOOKERS.index(it[1]))


def faults(it: Visitor) -> list[str]:
    """What is wrong with the page that stands open. Axe looks at Dutch (long words) at 320 pixels and at
    English on a wide screen; nothing scrolls sideways in either."""
    page = it.page
    found = []
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings of the first level")
    if page.locator("html").get_attribute("lang") != it.language:
        found.append("another language")
    if not page.title().removesuffix(" – Terugkeer").strip():
        found.append("no title")
    if it.language == "en":
        found += axe_violations(page)
    page.set_viewport_size(NARROW)
    if scrolls_sideways(page):
        found.append(f"scrolls sideways: {wide_elements(page)}")
    if it.language == "nl":
        found += axe_violations(page)
    page.set_viewport_size(WIDE)
    return found


@LANGUAGES
@pytest.mark.parametrize("share", range(SHARES))
def test_pages(cast: Cast, visit: Open, language: str, share: int) -> None:
    things = furnish(cast)
    visitors: dict[str, Visitor] = {}
    found: dict[str, list[str]] = {}
    for name, looker in pages()[share::SHARES]:
        if looker not in visitors:
            visitors[looker] = visit(cast.people.get(looker), language=language)
        visitors[looker].goto_path(path_of(name, things))
        if wrong := faults(visitors[looker]):
            found[name] = wrong
    assert found == {}


@LANGUAGES
def test_pages_of_the_second_factor(cast: Cast, visit: Open, language: str) -> None:
    new, user = cast.people["case_manager"], cast.people["coordinator"]
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Sleutel", "credential": {}})
    without = visit(new, language=language, recently=True)
    with_factor = visit(user, language=language, recently=True)
    walk(without, ["notification_address", "calendar_feed_make", "mfa_activate_totp", "mfa_add_webauthn"])
    walk(
        with_factor,
        [
            "mfa_index",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_deactivate_totp",
            "mfa_list_webauthn",
            "mfa_reauthenticate",
            ("mfa_edit_webauthn", key.pk),
            ("mfa_remove_webauthn", key.pk),
        ],
    )
    key.delete()
    it = visit(language=language)
    it.goto("account_login")
    it.fill(login=user.email, password=PASSWORD)
    it.enter()
    assert it.path == reverse("mfa_authenticate")
    assert faults(it) == []


def walk(it: Visitor, names: list[Any]) -> None:
    found = {}
    for name in names:
        it.goto(*(name if isinstance(name, tuple) else (name,)))
        if wrong := faults(it):
            found[name] = wrong
    assert found == {}


@LANGUAGES
def test_pages_of_invitations_and_links(cast: Cast, visit: Open, language: str) -> None:
    furnish(cast)
    Invitation.objects.filter(email="new@example.org").update(token_hash=hash_token("open-sesame"))
    new_address = EmailAddress.objects.create(user=cast.people["coordinator"], email="other@example.org")
    it = visit(language=language)
    it.goto("invitation", status=404)
    found = {"gone": faults(it)}
    it.goto("open_invitation", "open-sesame")
    assert it.path == reverse("invitation")
    found["new account"] = faults(it)
    it.goto("account_confirm_email", EmailConfirmationHMAC(new_address).key)
    found["confirm"] = faults(it)
    other = visit(cast.people["coordinator"], language=language)
    other.goto("open_invitation", "open-sesame")
    found["of another"] = faults(other)
    assert [fault for faults_of_one in found.values() for fault in faults_of_one] == []


@LANGUAGES
def test_pages_of_roles_without_cases(cast: Cast, visit: Open, language: str) -> None:
    found = {}
    for person in ("reporter", "administrator", "privacy_officer", "platform_operator", "other_care_worker"):
        it = visit(cast.people[person], language=language)
        for name in ("start", "case_list"):
            it.goto(name)
            if wrong := faults(it):
                found[person, name] = wrong
    assert found == {}


@LANGUAGES
def test_forms_with_errors_and_empty_lists(cast: Cast, visit: Open, language: str) -> None:
    """What a form looks like when everything in it is wrong, and a list in which nothing is."""
    things = furnish(cast)
    it = visit(cast.people["case_manager"], language=language)
    found = {}
    for name in (
        "signal",
        "arrangement_add",
        "return_plan_add",
        "plan_hear",
        "plan_evaluate",
        "action_add",
        "note_add",
        "case_access",
        "register",
    ):
        it.goto_path(path_of(name, things))
        clear(it)
        with it.expecting(422):
            it.page.locator("main form[method=post] button[type=submit]").last.click()
            expect(it.page.locator("#error-summary")).to_be_focused()
        if wrong := faults(it):
            found[name] = wrong
    it.goto("case_list")
    it.page.locator("[name=q]").fill("Niemand")
    it.page.locator("main form button[type=submit]").first.click()
    it.page.wait_for_url("**/dossiers/?zoek=*")
    if wrong := faults(it):
        found["nothing found"] = wrong
    assert found == {}


def clear(it: Visitor) -> None:
    """Empties what was filled in beforehand."""
    for box in it.page.locator("main form[method=post] input:is([type=text], :not([type]))").all():
        if box.is_visible():
            box.fill("")


#: Our addresses, and beside them pages that refuse or break.
urlpatterns = [path("", include(config_urls)), path("refuse/<str:kind>/", refuse, name="refuse")]
handler400 = config_urls.handler400
handler403 = config_urls.handler403
handler404 = config_urls.handler404
handler500 = config_urls.handler500


@LANGUAGES
def test_pages_of_refusals(cast: Cast, visit: Open, settings: Any, language: str) -> None:
    settings.ROOT_URLCONF = __name__
    found = {}
    for person in (None, cast.people["coordinator"]):
        it = visit(person, language=language)
        for kind, status in REFUSALS.items():
            it.goto_path(f"/refuse/{kind}/", status=status)
            if wrong := faults(it):
                found[kind] = wrong
    nobody = visit(cast.people["nobody"], language=language)
    nobody.goto("start", status=403)
    if wrong := faults(nobody):
        found["no role"] = wrong
    expired = visit(language=language)
    expired.goto("account_login")
    expired.context.clear_cookies(name="csrf")
    with expired.expecting(403):
        expired.fill(login="x@example.org", password="x")
        expired.enter()
    if wrong := faults(expired):
        found["expired"] = wrong
    assert found == {}


REFUSALS = {
    "suspicious": 400,
    "denied": 403,
    "not-allowed": 403,
    "not-found": 404,
    "conflict": 409,
    "limited": 429,
    "broken": 500,
}


def test_all_pages_are_walked_by_somebody(cast: Cast) -> None:
    """Pages that answer 200 only in a state of their own are walked by the tests above."""
    with CONTRACT.open() as file:
        lines = [line for line in csv.DictReader(file) if line["method"] == "GET"]
    answered = {line["name"] for line in lines if "200" in line.values()}
    assert answered - NO_PAGES == {name for name, _ in pages()}


def test_the_walk_sees_what_is_wrong(cast: Cast, visit: Open) -> None:
    it = visit(cast.people["coordinator"])
    it.goto("profile")
    assert faults(it) == []
    it.page.evaluate(
        "() => { const wide = document.createElement('img'); wide.width = 500; wide.height = 20;"
        " document.querySelector('main').append(wide); }"
    )
    wrong = " ".join(faults(it))
    assert "image-alt" in wrong
    assert "scrolls sideways" in wrong


def test_a_printed_file_is_the_file_alone(cast: Cast, visit: Open) -> None:
    case = furnish(cast).case
    it = visit(cast.people["case_manager"])
    it.goto("case_print", case.number)
    it.page.emulate_media(media="print")
    for frame in (".site-nav", ".user-menu", "main button"):
        assert (frame, it.page.locator(frame).locator("visible=true").count()) == (frame, 0)
    for text in ("Rust, en dan weer contact", "maar niet in één keer", "Halve dagen", "Alleen hier."):
        expect(it.page.get_by_text(text).first).to_be_visible()
    assert len(it.page.pdf()) > 10_000
