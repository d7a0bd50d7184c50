"""What people do on a case from day to day: a note, an action, and what is late."""

import datetime as dt

import pytest
import time_machine
from playwright.sync_api import expect

from cases.enums import NoteKind
from cases.models import Action, Note
from cases.services import work
from tests.addresses import furnish
from tests.cast import NOW, TODAY, Cast
from tests.e2e.conftest import Open

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_contact_moment_is_noted_beside_the_file(cast: Cast, visit: Open, scripts: bool) -> None:
    it = visit(cast.people["coordinator"], scripts=scripts)
    case = cast.cases["own"]
    it.goto("case", case.number)
    note = it.page.locator("#note-form")
    it.fill(**{"note-kind": "contact", "note-text": "Moeder belde: hij slaapt weer."})
    with it.expecting(422):
        note.locator("button[type=submit]").click()
        expect(it.page.locator("#error-summary")).to_contain_text(it.text("Say with whom there was contact."))
    assert Note.objects.count() == 0
    it.fill(**{"note-with_whom": "moeder", "note-how": "telefoon", "note-is_progress": True})
    note.locator("button[type=submit]").click()
    it.told("The note was recorded.")
    expect(it.page.locator("#notes")).to_contain_text("Moeder belde: hij slaapt weer.")
    if scripts:
        assert it.page.locator("#note-form [name=note-text]").input_value() == ""
        expect(it.page.locator("#timeline-part")).to_contain_text("moeder")
    written = Note.objects.get()
    assert (written.kind, written.with_whom, written.is_progress) == ("contact", "moeder", True)
    assert written.author == cast.people["coordinator"]


def test_an_action_is_given_falls_due_and_is_done(cast: Cast, visit: Open) -> None:
    case = cast.cases["own"]
    manager = visit(cast.people["case_manager"])
    manager.goto("action_add", case.number)
    manager.fill(
        what="Gesprek met ouders plannen", owner=str(cast.people["coordinator"].pk), deadline="23-11-2026"
    )
    manager.press("Save")
    manager.sees("Gesprek met ouders plannen")
    it = visit(cast.people["coordinator"])
    it.goto("inbox")
    it.sees(case.number)
    it.goto("start")
    group = it.page.locator("section", has=it.page.get_by_role("heading", name=it.text("This week")))
    expect(group).to_contain_text("Gesprek met ouders plannen")
    with time_machine.travel(NOW.astimezone(dt.UTC) + dt.timedelta(days=5), tick=True):
        later = visit(cast.people["coordinator"])
        later.goto("start")
        late = later.page.locator(
            "section", has=later.page.get_by_role("heading", name=later.text("Overdue"))
        )
        expect(late).to_contain_text("Gesprek met ouders plannen")
        row = late.locator("tr", has_text="Gesprek met ouders plannen")
        row.get_by_role("link", name=case.number).click()
        expect(later.page.locator("main a[href='#actions']", has_text="Gesprek met ouders")).to_be_visible()
        action = Action.objects.get()
        later.page.locator(f"main a[href$='/acties/{action.pk}/afronden/']").click()
        later.fill(state="gedaan", result="Komt dinsdag om vier uur.")
        later.press("Save")
        later.told("There are no open actions.")
        later.goto("start")
        later.sees_not("Gesprek met ouders plannen")
    action.refresh_from_db()
    assert (action.state, action.result) == ("gedaan", "Komt dinsdag om vier uur.")


def test_what_is_of_others_is_not_on_the_page_of_a_care_worker(cast: Cast, visit: Open) -> None:
    """Everything is made first, and the school sees it; then the care worker looks."""
    case = furnish(cast).case
    manager = visit(cast.people["case_manager"])
    manager.goto("case", case.number)
    for text in ("Alleen hier.", "Voor allen.", "maar niet in één keer", "Ouders bellen"):
        manager.sees(text)
    manager.sees_not("Zorg.")
    care = visit(cast.people["care_worker"])
    care.goto("case", case.number)
    for text in ("Voor allen.", "maar niet in één keer", "Zorg.", "Huisbezoek"):
        care.sees(text)
    for text in ("Alleen hier.", "Ouders bellen", care.text("Who has access")):
        care.sees_not(text)
    office = visit(cast.people["attendance_officer"])
    office.goto("case", case.number)
    office.sees("Voor allen.")
    for text in ("Alleen hier.", "maar niet in één keer", "Zorg.", "Ouders bellen", "Huisbezoek"):
        office.sees_not(text)


def test_a_note_of_a_name_with_markup_stays_text(cast: Cast, visit: Open) -> None:
    case = cast.cases["own"]
    work.add_note(
        case=case,
        kind=NoteKind.NOTE,
        noted_on=TODAY,
        text="<script>document.title='weg'</script><img src=x onerror=alert(1)>",
        by=cast.people["coordinator"],
        at=NOW,
        on=TODAY,
    )
    it = visit(cast.people["case_manager"])
    it.goto("case", case.number)
    it.sees("<script>document.title='weg'</script>")
    assert it.page.title() != "weg"
