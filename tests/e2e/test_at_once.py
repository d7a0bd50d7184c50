"""Two people at the same time, and one who presses twice."""

import pytest
from playwright.sync_api import expect

from cases.models import Action, Case, StateChange
from tests.addresses import furnish
from tests.cast import Cast
from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser


def test_two_who_press_at_once_one_gets_a_clear_page(cast: Cast, visit: Open) -> None:
    """The school starts the return, the case manager remote education, from the same page."""
    case = furnish(cast).case
    one, other = visit(cast.people["coordinator"]), visit(cast.people["case_manager"])
    one.goto("case_move", case.number, "start_return")
    other.goto("case_move", case.number, "start_remote_education")
    one.page.locator("main form[method=post] button[type=submit]").click()
    one.page.wait_for_url(f"**/dossiers/{case.number}/")
    one.told("The return has started.")
    with other.expecting(409):
        other.page.locator("main form[method=post] button[type=submit]").click()
        expect(other.page.locator("main")).to_contain_text("coordinator")
    other.told(
        "%(who)s was just before you: the case is now in the state “%(state)s”. Nothing of yours was done.",
        who="coordinator",
        state=other.text("Return"),
    )
    moves = StateChange.objects.filter(case=case).order_by("id").values_list("to_state", flat=True)
    assert list(moves) == ["signalled", "arrangement", "return"]
    other.page.locator("main a", has_text=case.number).or_(
        other.page.locator(f"main a[href*='/dossiers/{case.number}/']")
    ).first.click()
    other.page.wait_for_url(f"**/dossiers/{case.number}/")
    other.told("Return")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_double_click_is_one(cast: Cast, visit: Open, scripts: bool) -> None:
    it = visit(cast.people["coordinator"], scripts=scripts)
    case = cast.cases["own"]
    it.goto("action_add", case.number)
    it.fill(what="Ouders bellen", deadline="24-11-2026")
    it.page.locator("main form[method=post] button[type=submit]").dblclick()
    it.page.wait_for_url(f"**/dossiers/{case.number}/**")
    it.sees("Ouders bellen")
    assert Action.objects.filter(case=case).count() == 1


def test_a_form_sent_again_shows_what_the_first_did(cast: Cast, visit: Open) -> None:
    """Back with the browser, and once more: no second case."""
    it = visit(cast.people["site_coordinator"])
    it.goto("signal")
    it.fill(first_name="Dubbel", last_name="Op", birth_date="1-2-2014", first_day_absent="2-11-2026")
    it.press("Signal this pupil")
    first = it.path
    again = visit(cast.people["site_coordinator"])
    assert Case.objects.filter(pupil__last_name="Op").count() == 1
    it.page.go_back()
    it.fill(first_name="Dubbel", last_name="Op", birth_date="1-2-2014", first_day_absent="2-11-2026")
    with it.expecting(422):
        it.press("Signal this pupil")
    assert (Case.objects.filter(pupil__last_name="Op").count(), first in it.page.content()) == (1, True)
    again.goto_path(first)
    again.sees("Dubbel")
