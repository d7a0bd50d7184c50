"""The whole journey: from signal to return, with everybody who has a part in it.

Once in a browser with JavaScript and once without; what is typed goes by the names of the fields, what is
pressed by the words on the screen.
"""

import pytest
from playwright.sync_api import expect

from cases.models import Case, StateChange
from tests.cast import Cast
from tests.e2e.browser import Visitor
from tests.e2e.conftest import Open
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.browser

GOAL = "Rust, en dan weer contact met de klas."
SAID = "Ik wil terug, maar niet in één keer."


def log_in(it: Visitor, person: str) -> None:
    """Through the front door."""
    it.goto("account_login")
    it.page.locator("[name=login]").fill(f"{person}@example.org")
    it.page.locator("[name=password]").fill(PASSWORD)
    it.enter()
    assert it.path == "/"


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_from_signal_to_return(cast: Cast, visit: Open, scripts: bool) -> None:
    case = signals(visit(scripts=scripts), cast)
    manager = visit(scripts=scripts)
    log_in(manager, "case_manager")
    takes_the_lead(manager, case, cast)
    agrees_an_arrangement(manager, case, cast)
    starts_remote_education(manager, case)
    care = visit(scripts=scripts)
    log_in(care, "care_worker")
    sees_nothing(care, case)
    invites(manager, case, cast)
    sees_nothing(care, case)
    takes_part(care, case)
    starts_the_return(manager, case)
    closes(manager, case)
    sees_nothing(care, case)
    moves = StateChange.objects.filter(case=case).order_by("id").values_list("from_state", "to_state")
    assert list(moves) == [
        ("", "signalled"),
        ("signalled", "arrangement"),
        ("arrangement", "remote_education"),
        ("remote_education", "return"),
        ("return", "closed"),
    ]


def signals(it: Visitor, cast: Cast) -> Case:
    """The coordinator of one site, who need not say which school."""
    log_in(it, "site_coordinator")
    it.press("Signal a pupil")
    it.fill(
        first_name="Fatima",
        last_name="Verzonnen-Él",
        birth_date="14-3-2013",
        first_day_absent="5-10-2026",
        authorised="nee",
        main_reason="KIND-INT",
        offer="geen",
    )
    it.fill(municipality=str(cast.municipality.pk))
    it.press("Signal this pupil")
    case = Case.objects.latest("pk")
    assert it.path == f"/dossiers/{case.number}/"
    assert (case.pupil.last_name, case.state, case.site_id) == ("Verzonnen-Él", "signalled", cast.site.pk)
    it.sees("46")  # days at home on 20 November
    return case


def takes_the_lead(it: Visitor, case: Case, cast: Cast) -> None:
    """It stands on the start page under "Nobody leads it", with initials and without the name."""
    it.goto("start")
    expect(it.heading).to_have_text("Werkvoorraad")
    part = it.page.locator("section", has=it.page.get_by_role("heading", name=it.text("Nobody leads it")))
    expect(part).to_contain_text(case.number)
    it.sees_not("Verzonnen")
    part.get_by_role("link", name=case.number).click()
    it.sees("Fatima")
    it.told("Nobody leads this case.")
    it.press("Choose a case lead")
    it.fill(lead=str(cast.people["case_manager"].pk))
    it.press("Save")
    it.told("The case lead was recorded.")
    it.sees_not(it.text("Nobody leads this case."))


def agrees_an_arrangement(it: Visitor, case: Case, cast: Cast) -> None:
    """What stands in the way is said with the form that helps; then the arrangement starts."""
    it.goto("case", case.number)
    it.press("Record an arrangement", within=it.page.locator("#next"))
    it.fill(
        arrangement_kind="maatwerk",
        goal=GOAL,
        responsible=str(cast.school.pk),
        agreed_on="19-11-2026",
        start="20-11-2026",
        evaluate_on="15-1-2027",
    )
    it.fill(**{"heard-heard_on": "18-11-2026", "heard-how": "gesprek", "heard-said": SAID})
    it.press("Save")
    it.sees(GOAL)
    it.sees(SAID)
    moves(it, case, "agree_arrangement")
    it.told("The arrangement has started.")


def starts_remote_education(it: Visitor, case: Case) -> None:
    it.goto("case", case.number)
    it.press("Record a remote education plan", within=it.page.locator("#next"))
    it.fill(
        form="hybride",
        hours_a_week="7,5",
        teacher="meneer Afstand",
        start="20-11-2026",
        evaluate_on="8-1-2027",
    )
    it.fill(**{"heard-why_not": "Was ziek op de dag van het gesprek."})
    it.press("Save")
    it.sees("meneer Afstand")
    moves(it, case, "start_remote_education")
    it.told("Remote education has started.")


def starts_the_return(it: Visitor, case: Case) -> None:
    it.goto("case", case.number)
    it.press("Record a return plan", within=it.page.locator("#next"))
    it.fill(start="20-11-2026", evaluate_on="18-12-2026")
    it.fill(
        **{
            "steps-0-what": "Twee uur in het atelier",
            "steps-0-hours_a_week": "2",
            "steps-1-what": "Halve dagen",
            "steps-1-hours_a_week": "12,5",
            "steps-1-start": "7-12-2026",
        }
    )
    it.fill(**{"heard-heard_on": "20-11-2026", "heard-how": "schriftelijk", "heard-said": SAID})
    it.press("Save")
    it.sees("Halve dagen")
    moves(it, case, "start_return")
    it.told("The return has started.")


def moves(it: Visitor, case: Case, transition: str) -> None:
    """By its button on the page of the case, and once more on the page that asks whether it is meant."""
    it.goto("case", case.number)
    it.page.locator(f"#next a[href$='/stap/{transition}/']").click()
    it.page.wait_for_url(f"**/stap/{transition}/")
    it.page.locator("main form[method=post] button[type=submit]").click()
    it.page.wait_for_url(f"**/dossiers/{case.number}/")


def closes(it: Visitor, case: Case) -> None:
    """Not without saying since when the timetable is met."""
    it.goto("case", case.number)
    it.page.locator("#next a[href$='/stap/close/']").click()
    it.page.wait_for_url("**/stap/close/")
    it.fill(destination="eigen-school", back_on="20-11-2026")
    with it.expecting(422):
        it.page.locator("main form[method=post] button[type=submit]").click()
        expect(it.page.locator("#error-summary")).to_be_visible()
    it.fill(met_since="9-11-2026")
    it.page.locator("main form[method=post] button[type=submit]").click()
    it.page.wait_for_url(f"**/dossiers/{case.number}/")
    it.told("The case is closed.")
    closed = Case.objects.get(pk=case.pk)
    assert (closed.state, closed.destination, str(closed.back_on)) == ("closed", "eigen-school", "2026-11-20")


def sees_nothing(it: Visitor, case: Case) -> None:
    """Not on the start page, not in the list, not by searching, not by the address."""
    it.goto("start")
    it.sees_not("F. V.")
    it.goto("case_list")
    it.sees_not(case.number)
    searches(it, "Verzonnen-El")
    assert it.page.locator("main table a", has_text=case.number).count() == 0
    it.goto("case", case.number, status=404)
    it.sees_not("Fatima")


def searches(it: Visitor, text: str) -> None:
    """The list is found by a POST: what was typed stands in no address."""
    it.goto("case_list")
    box = it.page.locator("[name=q]")
    if not box.is_visible():
        it.page.locator("main summary").first.click()
    box.fill(text)
    box.press("Enter")
    it.page.wait_for_url("**/dossiers/?*zoek=*")
    assert text not in it.page.url


def invites(it: Visitor, case: Case, cast: Cast) -> None:
    it.goto("case_access", case.number)
    it.fill(partner=str(cast.care.pk), purpose="Meedenken over de opbouw.", ends_on="20-2-2027")
    it.press("Invite")
    it.told("The invitation is on its way.")


def takes_part(it: Visitor, case: Case) -> None:
    """After accepting, the case is there without the parts that are not for care workers."""
    it.goto("case_invitations")
    it.sees("Meedenken over de opbouw.")
    card = it.page.locator(".card", has_text=case.number)
    card.get_by_role("button", name=it.text("Accept")).click()
    it.page.wait_for_url(f"**/dossiers/{case.number}/")
    it.sees("Fatima")
    it.sees(GOAL)
    it.sees_not(it.text("Who has access"))
    assert it.page.locator("#next a[href*='/stap/']").count() == 0
    searches(it, "verzonnen")
    it.sees(case.number)
