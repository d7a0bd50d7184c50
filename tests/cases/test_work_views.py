"""Actions, notes and the case lead through their pages: whose they are, who ends them, once and in words."""

from typing import Any

import pytest
from django.test import Client

from cases.models import Action, Case, Note
from tests.cases.views import (
    add_action,
    address,
    client_of,
    hidden_of,
    text_of,
)
from tests.cast import TODAY, Cast, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

CONTACT = {
    "note-kind": "contact",
    "note-noted_on": "20-11-2026",
    "note-with_whom": "ouders",
    "note-how": "telefoon",
    "note-text": "Ouders gesproken",
}


def send(client: Client, case: Case, part: str, given: dict[str, Any]) -> Any:
    opened = client.get(address(case, part))
    assert opened.status_code == 200, text_of(opened)
    form = opened.context["form"]
    return client.post(address(case, part), {**hidden_of(opened), **_prefixed(form, opened), **given})


def _prefixed(form: Any, opened: Any) -> dict[str, str]:
    return {form.add_prefix(name): value for name, value in hidden_of(opened).items()} if form.prefix else {}


# --- Notes


def test_a_contact_moment_is_written_on_behalf_of_the_organisation(cast: Cast) -> None:
    case = cast.cases["shared"]

    answers = [
        send(client_of(cast, name), case, "notities/nieuw/", {**CONTACT, "note-text": name})
        for name in ("coordinator", "case_manager", "care_worker", "attendance_officer")
    ]

    assert [(answer.status_code, answer.url) for answer in answers] == [(302, address(case) + "#notes")] * 4
    written = Note.objects.order_by("pk").values_list("text", "kind", "with_whom", "how", "organisation")
    assert list(written) == [
        ("coordinator", "contact", "ouders", "telefoon", cast.school.pk),
        ("case_manager", "contact", "ouders", "telefoon", cast.swv.pk),
        ("care_worker", "contact", "ouders", "telefoon", cast.care.pk),
        ("attendance_officer", "contact", "ouders", "telefoon", cast.office.pk),
    ]


def test_marks_of_progress_and_sharing(cast: Cast) -> None:
    case = cast.cases["own"]

    send(
        client_of(cast, "coordinator"), case, "notities/nieuw/",
        {**CONTACT, "note-is_progress": "on", "note-shared": "on"},
    )  # fmt: skip

    note = Note.objects.get()
    assert (note.is_progress, note.shared, Case.objects.get(pk=case.pk).last_progress_on) == (
        True,
        True,
        TODAY,
    )


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"note-text": "  "}, {"text"}),
        ({"note-noted_on": "21-11-2026"}, {"noted_on"}),
        ({"note-noted_on": "gisteren"}, {"noted_on"}),
        ({"note-with_whom": "", "note-how": ""}, {"with_whom", "how"}),
        ({"note-kind": "zorg"}, {"kind"}),
        ({"note-kind": ""}, {"kind"}),
    ],
)
def test_what_is_wrong_in_a_note(cast: Cast, given: dict[str, str], fields: set[str]) -> None:
    case = cast.cases["own"]

    answer = send(client_of(cast, "coordinator"), case, "notities/nieuw/", {**CONTACT, **given})

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, fields)
    assert not Note.objects.exists()


def test_care_notes_are_for_care_workers_and_never_shared(cast: Cast) -> None:
    case = cast.cases["shared"]
    note = {**CONTACT, "note-kind": "zorg"}

    officer = send(client_of(cast, "attendance_officer"), case, "notities/nieuw/", note)
    shared = send(client_of(cast, "care_worker"), case, "notities/nieuw/", {**note, "note-shared": "on"})
    own = send(client_of(cast, "care_worker"), case, "notities/nieuw/", note)

    assert [answer.status_code for answer in (officer, shared, own)] == [422, 422, 302]
    assert [(it.kind, it.organisation_id) for it in Note.objects.all()] == [("zorg", cast.care.pk)]


def test_a_note_sent_twice_is_one_note(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")
    opened = client.get(address(case))
    form = opened.context["note_form"]
    given = {**CONTACT, "note-token": str(form["token"].value())}

    answers = [client.post(address(case, "notities/nieuw/"), given) for _ in range(2)]

    assert [(it.status_code, it.url) for it in answers] == [(302, address(case) + "#notes")] * 2
    assert Note.objects.count() == 1


def test_htmx_gets_a_clean_form_with_fresh_notes_and_timeline(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")
    page = address(case, "notities/nieuw/")
    htmx = {"HX-Request": "true"}
    token = str(client.get(address(case)).context["note_form"]["token"].value())

    wrong = client.post(page, {**CONTACT, "note-text": ""}, headers=htmx)
    saved = client.post(page, {**CONTACT, "note-token": token}, headers=htmx)
    again = client.post(page, {**CONTACT, "note-token": token}, headers=htmx)

    assert [answer.status_code for answer in (wrong, saved, again)] == [422, 200, 200]
    assert "<html" not in wrong.content.decode() + saved.content.decode()
    assert 'id="error-summary"' in wrong.content.decode()
    body = saved.content.decode()
    assert body.count('hx-swap-oob="true"') == 2
    assert body.count("Ouders gesproken") == 2
    assert token not in body
    assert Note.objects.count() == 1


# --- Actions


def test_an_action_is_given_and_its_owner_told(cast: Cast) -> None:
    case = cast.cases["shared"]
    owner = cast.people["care_worker"]
    given = {"what": "Intake plannen", "owner": str(owner.pk), "deadline": "27-11-2026"}

    answer = send(client_of(cast, "coordinator"), case, "acties/nieuw/", given)

    assert (answer.status_code, answer.url) == (302, address(case) + "#actions")
    action = Action.objects.get()
    assert (action.what, action.owner, action.state) == ("Intake plannen", owner, "open")


#: Whom each of them can give an action in the shared case.
OWN_SIDE = {"coordinator", "site_coordinator", "case_manager"}
OWNERS = {
    "coordinator": OWN_SIDE | {"care_worker", "two_hats", "attendance_officer"},
    "case_manager": OWN_SIDE | {"care_worker", "two_hats", "attendance_officer"},
    "care_worker": {"care_worker", "two_hats"},
    "attendance_officer": {"attendance_officer"},
}


@pytest.mark.parametrize("name", sorted(OWNERS))
def test_who_can_be_given_an_action(cast: Cast, name: str) -> None:
    opened = client_of(cast, name).get(address(cast.cases["shared"], "acties/nieuw/"))

    people = opened.context["form"].fields["owner"].queryset
    assert {person.name for person in people} == OWNERS[name]


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("care_worker", "coordinator"),
        ("attendance_officer", "care_worker"),
        ("coordinator", "other_coordinator"),
        ("coordinator", "far_case_manager"),
        ("coordinator", "former"),
    ],
)
def test_nobody_else_can_be_given_an_action(cast: Cast, name: str, owner: str) -> None:
    case = cast.cases["shared"]
    given = {"what": "Iets", "owner": str(cast.people[owner].pk), "deadline": "27-11-2026"}

    answer = send(client_of(cast, name), case, "acties/nieuw/", given)

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"owner"})
    assert not Action.objects.exists()


def test_a_deadline_is_not_in_the_past(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")
    given = {"what": "Iets", "owner": str(cast.people["coordinator"].pk)}

    late = send(client, case, "acties/nieuw/", {**given, "deadline": "19-11-2026"})
    today = send(client, case, "acties/nieuw/", {**given, "deadline": "20-11-2026"})

    assert (late.status_code, set(late.context["form"].errors), today.status_code) == (422, {"deadline"}, 302)


#: Who ends an action of the care worker in the shared case: 404 where it is not even seen.
ENDS = {
    "coordinator": 302,
    "case_manager": 302,
    "care_worker": 302,
    "two_hats": 403,
    "attendance_officer": 404,
}


@pytest.mark.parametrize("name", sorted(ENDS))
def test_who_ends_an_action(cast: Cast, name: str) -> None:
    case = cast.cases["shared"]
    action = add_action(cast, case, "Intake", owner="care_worker")

    answer = client_of(cast, name).post(
        address(case, f"acties/{action.pk}/afronden/"), {"state": "gedaan", "result": "Gelukt"}
    )

    assert answer.status_code == ENDS[name]
    assert Action.objects.get(pk=action.pk).state == ("gedaan" if ENDS[name] == 302 else "open")


def test_an_action_ends_with_a_result_and_once(cast: Cast) -> None:
    case = cast.cases["own"]
    action = add_action(cast, case, "Bellen", owner="coordinator")
    client = client_of(cast, "coordinator")
    part = f"acties/{action.pk}/afronden/"

    without = send(client, case, part, {"state": "gedaan", "result": " "})
    dropped = send(client, case, part, {"state": "vervallen", "result": "Niet meer nodig"})
    again = client.post(address(case, part), {"state": "gedaan", "result": "Toch"})

    assert [answer.status_code for answer in (without, dropped, again)] == [422, 302, 409]
    ended = Action.objects.get(pk=action.pk)
    assert (ended.state, ended.result, ended.ended_by) == (
        "vervallen",
        "Niet meer nodig",
        cast.people["coordinator"],
    )


def test_an_action_of_another_case_is_not_there(cast: Cast) -> None:
    foreign = add_action(cast, cast.cases["second_site"], "Elders", owner="coordinator")
    client = client_of(cast, "coordinator")
    part = f"acties/{foreign.pk}/afronden/"
    sent = {"state": "gedaan", "result": "Gelukt"}

    assert client.get(address(cast.cases["own"], part)).status_code == 404
    assert client.post(address(cast.cases["own"], part), sent).status_code == 404
    assert client.get(address(cast.cases["second_site"], part)).status_code == 200


# --- The case lead


def test_who_can_lead(cast: Cast) -> None:
    own = client_of(cast, "coordinator").get(address(cast.cases["shared"], "casusregisseur/"))
    without_site = client_of(cast, "case_manager").get(address(cast.cases["without_site"], "casusregisseur/"))

    def names(page: Any) -> set[str]:
        return {person.name for person in page.context["form"].fields["lead"].queryset}

    assert names(own) == {"coordinator", "site_coordinator", "case_manager"}
    assert names(without_site) == {"case_manager"}


def test_a_lead_is_chosen_and_taken_back(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")
    manager = cast.people["case_manager"]

    chosen = send(client, case, "casusregisseur/", {"lead": str(manager.pk)})
    led_by = Case.objects.get(pk=case.pk).lead
    nobody = send(client, case, "casusregisseur/", {"lead": ""})

    assert (chosen.status_code, nobody.status_code, led_by) == (302, 302, manager)
    assert Case.objects.get(pk=case.pk).lead is None
    assert "Nobody leads this case." in text_of(client.get(address(case)))


@pytest.mark.parametrize(
    "somebody", ["care_worker", "other_coordinator", "far_case_manager", "administrator"]
)
def test_who_may_not_manage_cannot_lead(cast: Cast, somebody: str) -> None:
    case = cast.cases["shared"]

    answer = send(
        client_of(cast, "case_manager"), case, "casusregisseur/", {"lead": str(cast.people[somebody].pk)}
    )

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"lead"})


@pytest.mark.parametrize("name", ["care_worker", "attendance_officer"])
def test_partners_choose_no_lead(cast: Cast, name: str) -> None:
    case = cast.cases["shared"]
    client = client_of(cast, name)

    answers = [client.get(address(case, "casusregisseur/")), client.post(address(case, "casusregisseur/"))]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert fresh(cast.people[name]).led_cases.count() == 0
