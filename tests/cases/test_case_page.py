"""The page of a case: what each role reads of it, which buttons it has, that opening it is written down."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from cases.models import Case
from cases.queries.casefile import next_steps
from cases.queries.visibility import visible_case
from cases.services import lifecycle, participation
from tests.cases.views import (
    YESTERDAY,
    add_action,
    add_arrangement,
    add_note,
    add_remote_plan,
    add_return_plan,
    address,
    client_of,
    fill,
    text_of,
)
from tests.cast import NOW, TODAY, Cast, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

#: What stands in a full file, and who of the four reads it on the page (contracts/sections.csv, written out).
EVERYBODY = {"coordinator", "case_manager", "care_worker", "attendance_officer"}
OWN_SIDE = {"coordinator", "case_manager"}
READ_BY = {
    "Gedeeld Verzonnen": EVERYBODY,
    "At home since 1 September 2026 (80 days)": EVERYBODY,
    "Doel van het arrangement": EVERYBODY,
    "Evaluation of the plan: Arrangement": EVERYBODY,
    "Stem van de leerling": {"coordinator", "case_manager", "care_worker"},
    "Pupil heard on: Arrangement": {"coordinator", "case_manager", "care_worker"},
    "Reasons family": {"coordinator", "case_manager", "care_worker"},
    "Reasons: pupil: anxiety": {"coordinator", "case_manager", "care_worker"},
    "Extent of the absence: full": EVERYBODY,
    "5 under a": {"coordinator", "case_manager", "attendance_officer"},
    "Counts as exempt under 5a": {"coordinator", "case_manager", "attendance_officer"},
    "Notitie van de school": OWN_SIDE,
    "Gedeelde notitie van de school": EVERYBODY,
    "Notitie van de zorg": {"coordinator", "case_manager", "care_worker"},
    "Zorgnotitie zelf": {"care_worker"},
    "Notitie van leerplicht": {"coordinator", "case_manager", "attendance_officer"},
    "Actie van de school": OWN_SIDE,
    "Actie van de zorg": {"coordinator", "case_manager", "care_worker"},
    "Actie van leerplicht": {"coordinator", "case_manager", "attendance_officer"},
    "Who has access": OWN_SIDE,
    "takes part": OWN_SIDE,
    "Access log": {"case_manager"},
    "Case lead: case_manager": EVERYBODY,
}
#: What the printed page leaves out, and what the page shows behind "earlier" only.
NOT_PRINTED = {"Access log"}
EARLIER = {"Pupil heard on: Arrangement", "takes part"}


@pytest.mark.parametrize("page", ["", "afdrukken/"])
@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role_reads_its_sections_and_no_more(cast: Cast, role: str, page: str) -> None:
    case = cast.cases["shared"]
    fill(cast, case)

    shown = text_of(client_of(cast, role).get(address(case, page)))

    asked = {words for words in READ_BY if words not in (NOT_PRINTED if page else EARLIER)}
    assert {it for it in asked if it in shown} == {it for it in asked if role in READ_BY[it]}


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_the_whole_timeline_tells_no_more_than_the_page(cast: Cast, role: str) -> None:
    case = cast.cases["shared"]
    fill(cast, case)
    client = client_of(cast, role)

    shown = text_of(client.get(address(case, "tijdlijn/")))

    told = {
        "Pupil heard on: Arrangement",
        "Reasons: pupil: anxiety",
        "5 under a",
        "Zorgnotitie zelf",
        "Notitie van de school",
        "Notitie van de zorg",
        "Actie van de school",
        "Actie van leerplicht",
        "takes part",
        "Extent of the absence: full",
    }
    assert {it for it in told if it in shown} == {it for it in told if role in READ_BY[it]}


#: Who may press what from each state, all plans being there: the names that are possible.
PLANS_MADE = {"agree_arrangement", "start_remote_education", "start_return"}
BUTTONS = {
    ("coordinator", "signalled"): PLANS_MADE | {"withdraw"},
    ("coordinator", "arrangement"): {"start_remote_education", "start_return"},
    ("coordinator", "remote_education"): {"agree_arrangement", "start_return"},
    ("coordinator", "return"): {"agree_arrangement", "start_remote_education"},
    ("coordinator", "closed"): set(),
    ("case_manager", "signalled"): PLANS_MADE | {"withdraw", "close"},
    ("case_manager", "arrangement"): {"start_remote_education", "start_return", "close"},
    ("case_manager", "remote_education"): {"agree_arrangement", "start_return", "close"},
    ("case_manager", "return"): {"agree_arrangement", "start_remote_education", "close"},
    ("case_manager", "closed"): {"reopen"},
    ("care_worker", "signalled"): set(),
    ("care_worker", "arrangement"): set(),
    ("care_worker", "remote_education"): set(),
    ("care_worker", "return"): set(),
    ("attendance_officer", "signalled"): set(),
    ("attendance_officer", "arrangement"): set(),
    ("attendance_officer", "remote_education"): set(),
    ("attendance_officer", "return"): set(),
}
DECIDED_ELSEWHERE = "You may not do this: only a case manager of the partnership decides on it."
#: Every transition that leads from a state: what is not possible is shown with the reason.
FROM = {
    "signalled": {"agree_arrangement", "start_remote_education", "start_return", "close", "withdraw"},
    "arrangement": {"start_remote_education", "start_return", "close"},
    "remote_education": {"agree_arrangement", "start_return", "close"},
    "return": {"agree_arrangement", "start_remote_education", "close"},
    "closed": {"reopen"},
}


def in_state(cast: Cast, case: Case, state: str) -> None:
    """Brings a case with all plans to a state."""
    add_arrangement(cast, case)
    add_remote_plan(cast, case)
    add_return_plan(cast, case)
    way = {
        "arrangement": lifecycle.agree_arrangement,
        "remote_education": lifecycle.start_remote_education,
        "return": lifecycle.start_return,
    }
    pressed: dict[str, Any] = {"case": case, "by": cast.people["case_manager"], "at": NOW, "on": TODAY}
    if state in way:
        way[state](**pressed)
    elif state == "closed":
        lifecycle.close(closing=lifecycle.Closing(destination="eigen-school"), **pressed)


@pytest.mark.parametrize(("role", "state"), sorted(BUTTONS))
def test_buttons_come_from_the_machine(cast: Cast, role: str, state: str) -> None:
    case = cast.cases["shared"]
    in_state(cast, case, state)
    user = fresh(cast.people[role])

    steps = next_steps(visible_case(user, case.number), user, on=TODAY)

    assert {step.name for step in steps} == FROM[state]
    assert {step.name for step in steps if step.is_possible} == BUTTONS[role, state]
    shown = client_of(cast, role).get(address(case)).content.decode()
    assert {name for name in FROM[state] if f"/stap/{name}/" in shown} == BUTTONS[role, state]


@pytest.mark.parametrize("role", ["coordinator", "care_worker", "attendance_officer"])
def test_the_step_itself_is_refused_to_whom_it_is_not_offered(cast: Cast, role: str) -> None:
    case = cast.cases["shared"]
    in_state(cast, case, "signalled")
    client = client_of(cast, role)
    given = {"destination": "sbo", "on": "20-11-2026", "reason": "Want het moet"}

    refused = {
        name
        for name in FROM["signalled"]
        if client.get(address(case, f"stap/{name}/")).status_code == 403
        and client.post(address(case, f"stap/{name}/"), given).status_code == 403
    }

    assert refused == FROM["signalled"] - BUTTONS[role, "signalled"]
    assert Case.objects.get(pk=case.pk).state == "signalled"


def test_refused_steps_say_why_and_lead_to_what_is_missing(cast: Cast) -> None:
    case = cast.cases["own"]
    add_return_plan(cast, case, heard=None)
    add_arrangement(cast, case, agreed_on=None)
    plans = {plan.kind: plan.pk for plan in case.plans.all()}

    answer = client_of(cast, "coordinator").get(address(case))

    refusals = {
        step["label"]: [(str(it["sentence"]), it.get("url")) for it in step["refusals"]]
        for step in answer.context["next_steps"]
    }
    assert refusals == {
        "Start the arrangement": [
            (
                "There is no arrangement yet that was agreed on or before today and has not ended.",
                address(case, f"plannen/{plans['arrangement']}/akkoord/"),
            ),
            ("Record how the pupil was heard on the arrangement, or why not.", None),
        ],
        "Start remote education": [
            (
                "There is no remote education plan yet that has started and has not ended.",
                address(case, "onderwijs-op-afstand/nieuw/"),
            ),
            ("Record how the pupil was heard on the remote education plan, or why not.", None),
        ],
        "Start the return": [
            (
                "Record how the pupil was heard on the return plan, or why not.",
                address(case, f"plannen/{plans['return']}/gehoord/"),
            ),
        ],
        "Close the case": [
            ("You may not do this: only a case manager of the partnership decides on it.", None)
        ],
        "Withdraw the signal": [],
    }


def test_unknown_and_invisible_are_the_same_and_lower_case_works(cast: Cast) -> None:
    client = client_of(cast, "coordinator")

    unknown = client.get("/dossiers/TZ-2026-99999/")
    invisible = client.get(address(cast.cases["far"]))

    assert (unknown.status_code, invisible.status_code) == (404, 404)
    assert text_of(unknown) == text_of(invisible)
    assert client.get(address(cast.cases["own"]).lower()).status_code == 200


@pytest.mark.parametrize(
    "name", ["reporter", "administrator", "privacy_officer", "platform_operator", "superuser"]
)
def test_who_sees_no_cases_sees_none_of_its_pages(cast: Cast, name: str) -> None:
    case = cast.cases["own"]
    client = client_of(cast, name)

    answers = {part: client.get(address(case, part)).status_code for part in ("", "gegevens/", "stap/close/")}

    assert answers == {"": 404, "gegevens/": 404, "stap/close/": 404}


def test_every_opening_is_recorded_once_with_its_page(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "case_manager")

    for page in ("", "tijdlijn/", "toegang/", "gegevens/"):
        client.get(address(case, page))

    reads = Event.objects.filter(action="case.read", target=f"case {case.number}").order_by("pk")
    assert [(it.actor_id, it.details["page"]) for it in reads] == [
        (str(cast.people["case_manager"].pk), page)
        for page in ("case", "case_timeline", "case_access", "case_facts")
    ]


def test_refused_access_is_recorded_with_the_case(cast: Cast) -> None:
    case = cast.cases["far"]

    client_of(cast, "coordinator").get(address(case))

    event = Event.objects.get(action="access.refused")
    assert (event.target, event.details["status"]) == (f"case {case.number}", 404)
    assert not Event.objects.filter(action="case.read").exists()


def test_log_of_reads_is_for_the_case_lead_alone(cast: Cast) -> None:
    case = cast.cases["shared"]
    fill(cast, case)
    client_of(cast, "care_worker").get(address(case))

    answers = {name: client_of(cast, name).get(address(case, "logboek/")) for name in sorted(EVERYBODY)}

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "attendance_officer": 403,
        "care_worker": 403,
        "case_manager": 200,
        "coordinator": 403,
    }
    assert "care_worker opened the case" in text_of(answers["case_manager"])


def test_log_of_reads_is_for_the_coordinator_who_leads(cast: Cast) -> None:
    case = cast.cases["own"]
    lead = cast.people["coordinator"]
    lifecycle.assign_lead(case=case, lead=lead, by=lead, at=NOW, on=TODAY)

    assert client_of(cast, "coordinator").get(address(case, "logboek/")).status_code == 200
    assert client_of(cast, "case_manager").get(address(case, "logboek/")).status_code == 403


def test_what_is_overdue_stands_on_top(cast: Cast) -> None:
    case = cast.cases["own"]
    late = add_action(cast, case, "Te late actie", owner="coordinator")
    type(late).objects.filter(pk=late.pk).update(deadline=YESTERDAY)
    add_action(cast, case, "Actie van vandaag", owner="coordinator", deadline=TODAY)
    add_arrangement(cast, case, evaluate_on=YESTERDAY)
    add_return_plan(cast, case)

    answer = client_of(cast, "coordinator").get(address(case))

    assert [(it["what"], it["day"]) for it in answer.context["alerts"]] == [
        ("Te late actie", YESTERDAY),
        ("Evaluation of the plan: Arrangement", YESTERDAY),
    ]


def test_the_stepper_tells_where_the_case_was_and_what_it_skipped(cast: Cast) -> None:
    case = cast.cases["own"]
    in_state(cast, case, "remote_education")

    answer = client_of(cast, "coordinator").get(address(case))

    assert [(str(step["label"]), step["state"], step["date"]) for step in answer.context["steps"]] == [
        ("Signalled", "done", "14 September 2026"),
        ("Arrangement", "skipped", ""),
        ("Remote education", "current", "since 20 November 2026"),
        ("Return", "todo", ""),
        ("Closed", "todo", ""),
    ]


def test_a_new_spell_has_a_stepper_of_its_own_and_keeps_the_old_plans_apart(cast: Cast) -> None:
    case = cast.cases["own"]
    in_state(cast, case, "closed")
    lifecycle.reopen(
        case=case,
        reason="Weer thuis",
        first_day_absent=TODAY,
        on=TODAY,
        by=cast.people["case_manager"],
        at=NOW,
    )

    answer = client_of(cast, "coordinator").get(address(case))

    assert [step["state"] for step in answer.context["steps"]] == ["current", "todo", "todo", "todo", "todo"]
    assert (answer.context["plans"], len(answer.context["earlier_plans"])) == ([], 3)
    assert "3 plans of earlier spells" in text_of(answer)
    assert not [
        step for step in answer.context["next_steps"] if step["is_possible"] and "Start" in str(step["label"])
    ]


def test_a_closed_case_has_no_forms_and_refuses_them(cast: Cast) -> None:
    case = cast.cases["closed"]
    client = client_of(cast, "case_manager")

    page = client.get(address(case)).content.decode()

    parts = ("gegevens/", "notities/nieuw/", "acties/nieuw/", "arrangement/nieuw/", "casusregisseur/")
    assert [part for part in parts if part in page] == []
    answers = [client.get(address(case, part)) for part in parts]
    assert [answer.status_code for answer in answers] == [409] * len(parts)
    assert "The case is closed. Reopen it first." in text_of(answers[0])
    assert f'href="{address(case)}"' in answers[0].content.decode()


def test_the_printed_file_is_whole_and_has_no_forms(cast: Cast) -> None:
    case = cast.cases["shared"]
    fill(cast, case)
    for number in range(30):
        add_note(cast, case, f"Notitie nummer {number}.", by="coordinator")

    body = client_of(cast, "case_manager").get(address(case, "afdrukken/")).content.decode()
    main = body[body.index("<main") : body.index("</main>")]

    assert [number for number in range(30) if f"Notitie nummer {number}." not in main] == []
    assert "<form" not in main
    assert "<details>" not in main


def test_notes_and_actions_beyond_the_first_are_on_pages_of_their_own(cast: Cast) -> None:
    case = cast.cases["own"]
    for number in range(30):
        add_note(cast, case, f"Notitie nummer {number}.", by="coordinator")
        add_action(cast, case, f"Actie nummer {number}.", owner="coordinator")
    client = client_of(cast, "coordinator")

    pages = [
        client.get(address(case, part), {"page": page})
        for part in ("notities/", "acties/")
        for page in (1, 2)
    ]

    assert [len(answer.context["page"].object_list) for answer in pages] == [25, 5, 25, 5]
    assert len(client.get(address(case)).context["notes"]) == 5


def test_who_has_more_roles_is_told_through_which_organisation(cast: Cast) -> None:
    shared = client_of(cast, "two_hats").get(address(cast.cases["shared"]))
    own = client_of(cast, "two_hats").get(address(cast.cases["other_school"]))
    one_role = client_of(cast, "care_worker").get(address(cast.cases["shared"]))

    assert f"You see this case through {cast.care.name} (care worker)" in text_of(shared)
    assert "You see this case through De Buren (school coordinator)" in text_of(own)
    assert "You see this case through" not in text_of(one_role)


def test_access_ends_the_page_too(cast: Cast) -> None:
    case = cast.cases["shared"]
    client = client_of(cast, "care_worker")
    assert client.get(address(case)).status_code == 200
    running = case.participations.get(partner=cast.care)

    participation.revoke(participation=running, case=case, by=cast.people["case_manager"], at=NOW)

    assert client.get(address(case)).status_code == 404


@pytest.mark.parametrize("role", ["case_manager", "care_worker"])
@pytest.mark.parametrize("page", ["", "afdrukken/", "tijdlijn/", "notities/", "acties/"])
def test_the_number_of_queries_does_not_grow_with_the_file(cast: Cast, role: str, page: str) -> None:
    few, many = cast.cases["shared"], cast.case(cast.site, first_name="Vol")
    cast.let_in(many, cast.care, by=cast.people["care_worker"])
    cast.let_in(many, cast.office, by=cast.people["attendance_officer"])
    for case, times in ((few, 1), (many, 12)):
        fill(cast, case)
        for number in range(times):
            add_arrangement(cast, case)
            add_remote_plan(cast, case)
            add_return_plan(cast, case)
            add_note(cast, case, f"Notitie {number}", by="care_worker")
            add_action(cast, case, f"Actie {number}", owner="care_worker")
            done = add_action(cast, case, f"Gedaan {number}", owner="care_worker")
            type(done).objects.filter(pk=done.pk).update(state="gedaan", ended_at=NOW)
    client = client_of(cast, role)
    client.get(address(few, page))

    def counted(case: Case) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address(case, page)).status_code == 200
        return len(
            [query for query in queries if '"audit_' not in query["sql"] and "SAVEPOINT" not in query["sql"]]
        )

    assert counted(few) == counted(many)
    assert counted(many) <= 35
