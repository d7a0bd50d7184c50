"""The page of a reminder and its forms, the panel on the case, the start page and the escalations page."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from cases.models import Case
from cases.queries.worklist import Urgency, worklist_of
from escalations.enums import About, ReminderState
from escalations.models import Reminder, RuleSetting
from escalations.services import handling
from tests.cases.views import client_of, on_the_day, text_of
from tests.cast import NOW, TODAY, Cast, cast, fresh
from tests.escalations.acting import DAY, again, lead_by, of_school, remind, second_manager, tell, told
from tests.factories.cases import make_case

__all__ = ["cast", "on_the_day"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

BOARD = "/escalaties/"


def page_of(reminder: Reminder, part: str = "") -> str:
    return f"/herinneringen/{reminder.pk}/{part}"


def done(reminder: Reminder, how: str, cast: Cast, by: str = "case_manager", **given: Any) -> None:
    getattr(handling, how)(reminder_id=reminder.pk, by=cast.people[by], at=NOW, on=TODAY, **given)


# --- What the page says


def test_why_it_came(cast: Cast) -> None:
    case = cast.cases["shared"]
    lead_by(cast, case, "site_coordinator")
    reminder = remind(case, "R18", due_on=TODAY - 9 * DAY)
    page = text_of(client_of(cast, "coordinator").get(page_of(reminder)))
    for text in (
        "Agree on an arrangement",
        case.number,
        "Rule Signalled and still no arrangement (R18)",
        "When 10 school days after the day of the signal",
        "Signalled on 14 September 2026",
        "Due on 11 November 2026 (9 days ago)",
        "Answer by 18 November 2026 Late",
        "Level 2: case lead and partnership",
        "Who got it coordinator, site_coordinator",
        "Where the rule comes from Terugkeer's own proposal; no law prescribes it",
        "Record an arrangement – once it is done there, the reminder disappears by itself.",
    ):
        assert (text, text in page) == (text, True)
    assert "Missing" not in page


def test_what_its_page_cannot_see_done_is_said_here(cast: Cast) -> None:
    page = text_of(client_of(cast, "coordinator").get(page_of(remind(cast.cases["own"], "R05"))))
    assert "To the case – when you have done what is asked, say so below." in page


def test_a_role_that_nobody_has_and_the_words_of_the_partnership(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R14")
    RuleSetting.objects.create(
        partnership=cast.swv,
        rule="R14",
        threshold=42,
        repeat=14,
        recipients="case_lead",
        text="Bel ook de leerplicht.",
        changed_at=NOW,
        changed_by=cast.people["administrator"],
    )
    page = text_of(client_of(cast, "case_manager").get(page_of(reminder)))
    assert "Who got it case_manager Missing case lead – the case managers stand in" in page
    assert "Your partnership adds Bel ook de leerplicht." in page


def test_a_reminder_of_a_school(cast: Cast) -> None:
    reminder = Reminder.objects.create(
        partnership=cast.swv,
        rule="R15",
        about=About.SCHOOL,
        object_id=cast.school.pk,
        counts_from=dt.date(2026, 9, 15),
        due_on=dt.date(2026, 9, 15),
        by_when=dt.date(2026, 9, 22),
        level=1,
        made_at=NOW,
    )
    answer = client_of(cast, "coordinator").post(page_of(reminder, "gedaan/"), {"finish-note": ""})
    assert answer.status_code == 409
    assert "This reminder is settled by confirming the list of the school." in text_of(answer)
    for name in ("other_coordinator", "far_case_manager", "care_worker"):
        assert (name, client_of(cast, name).get(page_of(reminder)).status_code) == (name, 404)


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("coordinator", 200),
        ("site_coordinator", 200),
        ("case_manager", 200),  # manages the case
        ("care_worker", 404),  # sees the case, and it is not hers
        ("attendance_officer", 404),
        ("other_coordinator", 404),
        ("far_case_manager", 404),
        ("reporter", 404),
        ("administrator", 404),
        ("superuser", 404),
    ],
)
def test_who_opens_it(cast: Cast, person: str, status: int) -> None:
    reminder = remind(cast.cases["shared"], "R05")
    assert client_of(cast, person).get(page_of(reminder)).status_code == status
    assert Event.objects.filter(action="reminder.opened").count() == (1 if status == 200 else 0)


def test_a_care_worker_opens_what_was_handed_to_her(cast: Cast) -> None:
    case = cast.cases["shared"]
    reminder = remind(case, "R10", handed_to=cast.people["care_worker"])
    page = client_of(cast, "care_worker").get(page_of(reminder))
    assert "Who got it care_worker" in text_of(page)
    assert f'href="/dossiers/{case.number}/"' in page.content.decode()


def test_what_is_postponed_and_by_whom(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R05")
    done(reminder, "postpone", cast, until=TODAY + 3 * DAY, reason="Eerst\nhet gesprek")
    page = text_of(client_of(cast, "coordinator").get(page_of(reminder)))
    assert "Postponed It comes back on 23 November 2026, if it still holds then." in page
    assert "case_manager: postponed until 23 November 2026 Eerst het gesprek" in page
    assert "What you can do" in page


@pytest.mark.parametrize(
    ("how", "given", "heading"),
    [
        ("finish", {"note": "Gebeld"}, "Done Since 20 November 2026, 10:00. Nothing is asked of you."),
        ("set_aside", {"reason": "Gebeld"}, "Not applicable Since 20 November 2026, 10:00."),
    ],
)
def test_what_ended_asks_nothing(cast: Cast, how: str, given: dict[str, str], heading: str) -> None:
    reminder = remind(cast.cases["own"], "R05", due_on=TODAY - 30 * DAY)
    done(reminder, how, cast, **given)
    page = text_of(client_of(cast, "coordinator").get(page_of(reminder)))
    assert heading in page
    assert f"case_manager: {heading.split(' Since')[0].lower()} Gebeld" in page
    for text in ("What you can do", "Late", "To the case –"):
        assert (text, text in page) == (text, False)


def test_what_was_cancelled_says_why(cast: Cast) -> None:
    reminder = remind(
        cast.cases["own"], "R05", state=ReminderState.CANCELLED, cancelled_why="date_moved", ended_at=NOW
    )
    page = text_of(client_of(cast, "coordinator").get(page_of(reminder)))
    assert "No longer needed Cancelled on 20 November 2026, 10:00: the date moved." in page


# --- The forms


@pytest.mark.parametrize(
    ("part", "given", "said", "state"),
    [
        ("gedaan/", {"finish-note": "Besproken"}, "The reminder is done.", "done"),
        (
            "uitstellen/",
            {"postpone-until": "27-11-2026", "postpone-reason": "Eerst gesprek"},
            "The reminder was postponed.",
            "postponed",
        ),
        (
            "overdragen/",
            {"hand_over-to": "care_worker", "hand_over-reason": "Zij spreekt hen"},
            "The reminder was handed over.",
            "open",
        ),
        (
            "niet-van-toepassing/",
            {"set_aside-reason": "Wachtlijst"},
            "The reminder was set aside.",
            "not_applicable",
        ),
    ],
)
def test_each_form_does_what_it_says_and_leads_to_the_case(
    cast: Cast, part: str, given: dict[str, str], said: str, state: str
) -> None:
    case = cast.cases["shared"]
    reminder = remind(case, "R10")
    tell(cast)
    given = {key: str(cast.people[it].pk) if it in cast.people else it for key, it in given.items()}
    client = client_of(cast, "coordinator")
    answer = client.post(page_of(reminder, part), given)
    assert (answer.status_code, answer.url) == (302, f"/dossiers/{case.number}/")
    assert said in text_of(client.get(answer.url))
    assert again(reminder).state == state
    assert told(reminder) == (["care_worker"] if part == "overdragen/" else [])


@pytest.mark.parametrize(
    ("part", "given", "error", "kept"),
    [
        (
            "uitstellen/",
            {"postpone-until": "31-12-2027", "postpone-reason": "Eerst gesprek"},
            "Choose a day after today, and not after 4 December 2026.",
            ["31-12-2027", "Eerst gesprek"],
        ),
        (
            "uitstellen/",
            {"postpone-until": "morgen", "postpone-reason": "Eerst gesprek"},
            "Enter a date as day-month-year, for example 27-8-2026.",
            ["morgen", "Eerst gesprek"],
        ),
        (
            "overdragen/",
            {"hand_over-to": "other_care_worker", "hand_over-reason": "Zij spreekt hen"},
            "Select a valid choice.",
            ["Zij spreekt hen"],
        ),
        ("niet-van-toepassing/", {"set_aside-reason": "  "}, "This field is required.", []),
        ("gedaan/", {"finish-note": "x" * 1001}, "at most 1000 characters", ["x" * 1001]),
    ],
)
def test_a_wrong_form_comes_back_with_all_that_was_typed(
    cast: Cast, part: str, given: dict[str, str], error: str, kept: list[str]
) -> None:
    reminder = remind(cast.cases["shared"], "R10")
    given = {key: str(cast.people[it].pk) if it in cast.people else it for key, it in given.items()}
    answer = client_of(cast, "coordinator").post(page_of(reminder, part), given)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert error in text_of(answer)
    assert 'id="error-summary"' in html
    assert [text for text in kept if text not in html] == []
    name = next(iter(given)).partition("-")[0]
    assert f'<details id="{name}" open>' in html
    assert "<title>Error: Report to the verzuimloket" in html
    assert html.count("<details id=") == 4
    assert html.count(" open>") == 1
    assert again(reminder).state == "open"


def test_each_form_brings_its_token(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R10")
    html = client_of(cast, "coordinator").get(page_of(reminder)).content.decode()
    forms = re.findall(r'<form[^>]*action="(/herinneringen/[^"]*)".*?</form>', html, re.DOTALL)
    parts = ("gedaan/", "uitstellen/", "overdragen/", "niet-van-toepassing/")
    assert forms == [page_of(reminder, part) for part in parts]
    act = html[html.index('id="act"') :]
    assert act.count('name="csrfmiddlewaretoken"') == 4


def test_the_second_hears_who_was_first(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R10")
    done(reminder, "finish", cast, by="coordinator", note="")
    answer = client_of(cast, "case_manager").post(
        page_of(reminder, "niet-van-toepassing/"), {"set_aside-reason": "Wachtlijst"}
    )
    assert answer.status_code == 409
    assert "coordinator was before you: this reminder is “done”." in text_of(answer)


def test_the_number_of_queries_is_the_same_however_many_got_it(cast: Cast) -> None:
    reminder = remind(cast.cases["shared"], "R10")
    client = client_of(cast, "coordinator")
    client.get(page_of(reminder))
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(reminder))
    second_manager(cast)
    for number in range(3):
        for name in ("care_worker", "attendance_officer"):
            done(reminder, "hand_over", cast, to=cast.people[name], reason=f"{number}")
    with CaptureQueriesContext(connection) as more:
        client.get(page_of(reminder))
    assert len(more) == len(few)


# --- On the page of the case


def test_the_case_shows_what_is_asked_highest_first(cast: Cast) -> None:
    case = cast.cases["own"]
    first, third, second = remind(case, "R05"), remind(case, "R18x"), remind(case, "R11")
    done(second, "postpone", cast, until=TODAY + 3 * DAY, reason="Eerst gesprek")
    done(remind(case, "R17"), "finish", cast, note="")
    remind(case, "R14", due_on=TODAY + DAY)
    html = client_of(cast, "case_manager").get(f"/dossiers/{case.number}/").content.decode()
    panel = html[html.index('id="reminders"') :]
    panel = panel[: panel.index("</section>")]
    places = [panel.index(f'href="{page_of(it)}"') for it in (third, second, first)]
    assert places == sorted(places)
    assert panel.count("/herinneringen/") == 3
    assert panel.count("Postponed") == 1


@pytest.mark.parametrize(
    ("person", "rules"),
    [
        ("coordinator", {"R05", "R11"}),  # manages the case too
        ("case_manager", {"R05", "R11"}),
        ("care_worker", set()),
        ("attendance_officer", {"R10"}),  # it was handed over to him
    ],
)
def test_a_partner_sees_there_what_is_asked_of_himself(cast: Cast, person: str, rules: set[str]) -> None:
    case = cast.cases["shared"]
    made = {rule: remind(case, rule) for rule in ("R05", "R11")}
    made["R10"] = remind(case, "R10", handed_to=cast.people["attendance_officer"])
    html = client_of(cast, person).get(f"/dossiers/{case.number}/").content.decode()
    shown = {rule for rule, it in made.items() if f'href="{page_of(it)}"' in html}
    assert shown == (rules | {"R10"} if person in ("coordinator", "case_manager") else rules)


# --- On the start page


def items_of(cast: Cast, person: str, on: dt.date = TODAY) -> set[tuple[str, str]]:
    groups = worklist_of(fresh(cast.people[person]), on=on).groups
    return {
        (group.key, item.why)
        for group in groups
        for item in group.items
        if item.urgency in (Urgency.OVERDUE, Urgency.SOON, Urgency.LATER)
    }


def test_the_start_page_shows_what_was_asked_of_me(cast: Cast) -> None:
    case = cast.cases["own"]
    Case.objects.exclude(pk=case.pk).update(partnership=cast.other_swv)
    late, soon = remind(case, "R05", due_on=TODAY - 8 * DAY), remind(case, "R10", due_on=TODAY - 7 * DAY)
    remind(case, "R17")  # the start page of case managers shows this itself
    tell(cast)
    client = client_of(cast, "coordinator")
    page = text_of(client.get("/"))
    highest = "Report to the verzuimloket when unauthorised, hold a conference and name a case lead"
    assert highest in page
    assert {it for it in items_of(cast, "coordinator") if "arrangement" not in it[1]} == {("soon", highest)}
    done(soon, "postpone", cast, until=TODAY + DAY, reason="Eerst gesprek")
    assert {it for it in items_of(cast, "coordinator") if "arrangement" not in it[1]} == {
        ("overdue", "Involve the youth doctor and tell the partnership")
    }
    done(late, "finish", cast, note="")
    assert {it for it in items_of(cast, "coordinator") if "arrangement" not in it[1]} == set()


def test_start_page_and_case_take_the_same_number_of_queries_for_one_and_for_many(cast: Cast) -> None:
    client, case = client_of(cast, "coordinator"), cast.cases["own"]
    pages = ("/", f"/dossiers/{case.number}/", "/berichten/")

    def queries() -> list[int]:
        tell(cast)
        found = []
        for path in pages:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200
            found.append(len(asked))
        return found

    remind(case, "R05")
    remind(case, "R10")
    queries()
    few = queries()
    for name in ("shared", "invited", "second_site"):
        remind(cast.cases[name], "R05")
        remind(cast.cases[name], "R10")
    for rule in ("R18", "R11", "R18x"):
        remind(case, rule)
    assert queries() == few


def test_who_leads_the_case_is_not_told_twice_of_the_arrangement(cast: Cast) -> None:
    case = cast.cases["own"]
    lead_by(cast, case, "site_coordinator")
    remind(case, "R18")
    tell(cast)
    asks = ("soon", "Agree on an arrangement")
    assert asks in items_of(cast, "coordinator")
    assert asks not in items_of(cast, "site_coordinator")


# --- The escalations page


def rows(answer: Any) -> list[tuple[str, int, int]]:
    """Each case on the page with its level, and how many things are asked."""
    return [
        (line.row.case.number, int(line.standing.level), len(line.reminders))
        for line in answer.context["lines"]
    ]


def test_highest_level_first_and_then_longest(cast: Cast) -> None:
    own, shared, second = (cast.cases[name] for name in ("own", "shared", "second_site"))
    remind(own, "R05", due_on=TODAY - 9 * DAY)
    remind(own, "R11", due_on=TODAY - 2 * DAY)
    remind(shared, "R11", due_on=TODAY - 3 * DAY)
    remind(second, "R18x", due_on=TODAY)
    remind(cast.cases["invited"], "R05", due_on=TODAY - 30 * DAY)
    answer = client_of(cast, "case_manager").get(BOARD)
    assert rows(answer) == [
        (second.number, 3, 1),
        (shared.number, 2, 1),
        (own.number, 2, 2),
        (cast.cases["invited"].number, 1, 1),
    ]
    page = text_of(answer)
    assert "3: escalation contact 1 case 2: case lead and partnership 2 cases 1: who does it 1 case" in page
    assert "and 1 more" in page


@pytest.mark.parametrize("person", ["coordinator", "care_worker", "reporter", "administrator", "superuser"])
def test_the_page_is_for_case_managers(cast: Cast, person: str) -> None:
    client = client_of(cast, person)
    assert client.get(BOARD).status_code == 403
    assert "Escalations" not in text_of(client.get("/"))


def test_each_case_manager_sees_the_cases_of_his_partnership(cast: Cast) -> None:
    own, far = remind(cast.cases["own"], "R11"), remind(cast.cases["far"], "R11")
    mine, theirs = client_of(cast, "case_manager"), client_of(cast, "far_case_manager")
    assert rows(mine.get(BOARD)) == [(cast.cases["own"].number, 2, 1)]
    assert rows(theirs.get(BOARD)) == [(cast.cases["far"].number, 2, 1)]
    assert "Escalations" in text_of(mine.get("/"))
    for client, reminder, status in [(mine, own, 200), (mine, far, 404), (theirs, own, 404)]:
        assert client.get(page_of(reminder)).status_code == status


def test_what_waits_or_ended_is_not_chased(cast: Cast) -> None:
    case = cast.cases["own"]
    done(remind(case, "R05"), "finish", cast, note="")
    done(remind(case, "R10"), "postpone", cast, until=TODAY + DAY, reason="Eerst gesprek")
    remind(case, "R11", due_on=TODAY + DAY)
    client = client_of(cast, "case_manager")
    answer = client.get(BOARD)
    assert rows(answer) == []
    assert "Nothing has to be chased" in text_of(answer)
    remind(case, "R18")
    assert rows(client.get(BOARD)) == [(case.number, 2, 1)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["other_school", "own", "without_site", "second_site"]),
        ("level=3", ["other_school"]),
        ("level=2", ["own", "without_site"]),
        ("school={school}", ["own", "second_site"]),
        ("school={other}", ["other_school"]),
        ("school=0", ["without_site"]),
        ("school={school}&level=1", ["second_site"]),
        ("school={other}&level=1", []),
        ("level=7&school=abc", ["other_school", "own", "without_site", "second_site"]),
        ("page=99", ["other_school", "own", "without_site", "second_site"]),
    ],
)
def test_filters(cast: Cast, query: str, found: list[str]) -> None:
    remind(cast.cases["own"], "R11", due_on=TODAY - 3 * DAY)
    remind(cast.cases["second_site"], "R05")
    remind(cast.cases["other_school"], "R18x")
    remind(cast.cases["without_site"], "R11", due_on=TODAY - 2 * DAY)
    client = client_of(cast, "case_manager")
    query = query.format(school=cast.school.pk, other=cast.other_school.pk)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(f"{BOARD}?{query}", headers=headers)
        shown = re.findall(
            r'<th scope="row"[^>]*><a class="nowrap" href="/dossiers/([^/]+)/', answer.content.decode()
        )
        assert shown == [cast.cases[name].number for name in found]
    if not found:
        assert "Nothing found" in text_of(answer)


def test_by_school(cast: Cast) -> None:
    remind(cast.cases["own"], "R11")
    remind(cast.cases["second_site"], "R05")
    remind(cast.cases["shared"], "R05")
    remind(cast.cases["other_school"], "R18x")
    remind(cast.cases["without_site"], "R05")
    answer = client_of(cast, "case_manager").get(BOARD)
    assert [(it.name, it.counts) for it in answer.context["schools"]] == [
        ("De Buren", (0, 0, 1)),
        ("Het Voorbeeld", (2, 1, 0)),
        ("", (1, 0, 0)),
    ]


def many_on_the_board(cast: Cast, count: int) -> None:
    have = Reminder.objects.values("case").distinct().count()
    for _ in range(count - have):
        case = make_case(site=cast.site, on=TODAY, lead=cast.people["coordinator"])
        for rule in ("R05", "R11"):
            remind(case, rule)


def queries_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(BOARD).status_code == 200
    return len(found)


def test_the_board_takes_the_same_number_of_queries_for_1_3_and_30_cases(cast: Cast) -> None:
    client = client_of(cast, "case_manager")
    client.get(BOARD)
    found = []
    for count in (1, 3, 30):
        many_on_the_board(cast, count)
        found.append(queries_of(client))
    assert found == [found[0]] * 3


def test_page_by_page(cast: Cast) -> None:
    many_on_the_board(cast, 27)
    client = client_of(cast, "case_manager")
    first, second = rows(client.get(BOARD)), rows(client.get(f"{BOARD}?page=2"))
    assert (len(first), len(second)) == (25, 2)
    assert len({number for number, _, _ in first + second}) == 27
    assert rows(client.get(f"{BOARD}?page=2&level=2")) == second


def test_the_page_of_a_school_leads_to_its_list(cast: Cast) -> None:
    reminder = of_school(cast)
    answer = client_of(cast, "coordinator").get(page_of(reminder))
    page = text_of(answer)
    for text in ("Confirm the list of your school", "Het Voorbeeld", "Quarterly date 15 September 2026"):
        assert (text, text in page) == (text, True)
    assert 'href="/bevestigingen/"' in answer.content.decode()
    assert "What you can do" not in page
    assert client_of(cast, "site_coordinator").get(page_of(reminder)).status_code == 404
    assert client_of(cast, "far_case_manager").get(page_of(reminder)).status_code == 404
