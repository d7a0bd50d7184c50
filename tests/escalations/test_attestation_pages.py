"""The pages of the quarterly attestation, as each role has them."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.roles import Role
from cases.enums import State
from cases.models import Case
from common.dates import start_of
from escalations.models import Attestation
from schools.models import Organisation
from tests.cases.views import client_of, text_of
from tests.cast import Cast, cast
from tests.escalations.attesting import EARLIER, LATE, ROUND, answer, ask_all
from tests.factories.accounts import member
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolFactory, SchoolSiteFactory

__all__ = ["cast"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(cast: Cast) -> Iterator[Any]:
    ask_all()
    with time_machine.travel(start_of(LATE) + dt.timedelta(hours=10), tick=False) as traveller:
        yield traveller


def page(cast: Cast, name: str, query: str = "") -> Any:
    return client_of(cast, name).get(f"/bevestigingen/{query}")


def address(cast: Cast, school: Any = None) -> str:
    return f"/bevestigingen/{cast.swv.pk}/{(school or cast.school).pk}/"


def send(client: Client, path: str, **changes: Any) -> Any:
    """The form of the school of the cast, ticked, as the browser sends it back; None leaves something out."""
    given = {"complete": "on", "round": "2026-12-15", "counted": "4", "token": str(uuid.uuid4()), **changes}
    return client.post(path, {name: value for name, value in given.items() if value is not None})


# --- Coordinators


def test_the_coordinator_checks_and_confirms_on_one_page(cast: Cast) -> None:
    client = client_of(cast, "coordinator")
    shown = client.get("/bevestigingen/")
    text = text_of(shown)
    assert "On 15 December 2026 SWV Hier asked whether the list of Het Voorbeeld is complete." in text
    assert "That is 3 days ago." in text
    assert "You confirm: checked, 4 open cases, none missing." in text
    for name in ("own", "second_site", "shared", "invited"):
        assert f"/dossiers/{cast.cases[name].number}/" in shown.content.decode()
    for name in ("other_school", "without_site", "far", "closed"):
        assert cast.cases[name].number not in text
    form = shown.context["form"]
    fields = {name: str(form[name].value()) for name in ("round", "counted", "token")}
    sent = send(client, address(cast), **fields)
    assert (sent.status_code, sent.url) == (302, "/bevestigingen/")
    after = text_of(client.get("/bevestigingen/"))
    assert "Het Voorbeeld has confirmed its list: 4 open cases, none missing." in after
    assert "4 open cases, none missing. Answered by coordinator on 18 December 2026, 10:00." in after
    assert "The next question comes on 15 March 2027." in after
    assert "You confirm" not in after


def test_lists_show_initials_and_no_names(cast: Cast) -> None:
    body = page(cast, "coordinator").content.decode()
    assert "Verzonnen" not in body
    assert "Gedeeld" not in body


def test_a_box_that_is_not_ticked_is_said_beside_it_with_the_way_to_signal(cast: Cast) -> None:
    sent = send(client_of(cast, "coordinator"), address(cast), complete=None)
    assert sent.status_code == 422
    assert sent.context["form"].errors == {
        "complete": ["Tick the box once no pupil is missing. Signal a missing pupil first."]
    }
    assert 'Is a pupil missing? <a href="/melden/">Signal the pupil</a>' in sent.content.decode()
    assert "4 open cases" in text_of(sent)
    assert not Attestation.objects.exists()


def test_zero_is_asked_for_and_shown_as_an_answer(cast: Cast) -> None:
    Case.objects.filter(school=cast.school).delete()
    client = client_of(cast, "coordinator")
    shown = text_of(client.get("/bevestigingen/"))
    assert "There are no open cases. When no pupil is at home, that is an answer too: confirm it." in shown
    assert send(client, address(cast), counted="0").status_code == 302
    assert "0 open cases, none missing. Answered by coordinator" in text_of(client.get("/bevestigingen/"))


def test_a_list_that_changed_meanwhile_is_shown_again(cast: Cast) -> None:
    client = client_of(cast, "coordinator")
    client.get("/bevestigingen/")
    new = make_case(site=cast.second_site)
    sent = send(client, address(cast))
    assert sent.status_code == 409
    text = text_of(sent)
    assert "The list has changed meanwhile: it has 5 open cases now. Check it again." in text
    assert new.number in text
    assert sent.context["form"]["counted"].value() == 5
    assert sent.context["form"]["complete"].value() is None
    assert not Attestation.objects.exists()
    assert send(client, address(cast), counted="5").status_code == 302


def test_a_forgotten_tick_and_a_changed_list_ask_about_the_list_of_now(cast: Cast) -> None:
    client = client_of(cast, "coordinator")
    make_case(site=cast.second_site)
    sent = send(client, address(cast), complete=None)
    assert (sent.status_code, sent.context["form"]["counted"].value()) == (422, 5)


def test_the_same_form_twice_answers_once(cast: Cast) -> None:
    client, token = client_of(cast, "coordinator"), str(uuid.uuid4())
    answers = [send(client, address(cast), token=token) for _click in range(2)]
    assert [(it.status_code, it.url) for it in answers] == [(302, "/bevestigingen/")] * 2
    assert Attestation.objects.count() == 1


def test_a_second_answer_is_told_who_was_first(cast: Cast) -> None:
    answer(cast, cast.people["case_manager"], 4, on=LATE)
    sent = send(client_of(cast, "coordinator"), address(cast))
    assert sent.status_code == 409
    text = text_of(sent)
    assert "case_manager has answered already: 4 open cases." in text
    assert "Who answered is a case manager, on behalf of the school." in text
    assert Attestation.objects.count() == 1


def test_one_of_several_site_coordinators_is_told_who_answers(cast: Cast) -> None:
    """Also no number: it would tell of cases of the other site."""
    text = text_of(page(cast, "site_coordinator"))
    assert "A coordinator of the school answers: coordinator." in text
    assert "You confirm" not in text
    assert cast.cases["own"].number not in text
    sent = send(client_of(cast, "site_coordinator"), address(cast), counted="3")
    assert sent.status_code == 403
    answer(cast, cast.people["coordinator"], 4, on=LATE)
    after = text_of(page(cast, "site_coordinator"))
    assert "Answered by coordinator on" in after
    assert "4 open cases" not in after


def test_without_a_coordinator_of_the_school_the_partnership_answers(cast: Cast) -> None:
    cast.people["coordinator"].memberships.update(ended_at=start_of(ROUND))
    text = text_of(page(cast, "site_coordinator"))
    assert "A case manager of SWV Hier answers, after a call with the school." in text


def test_who_has_more_schools_gets_a_table_of_them(cast: Cast) -> None:
    there = SchoolSiteFactory(school=cast.school, partnerships=[cast.other_swv])
    make_case(site=there, partnership=cast.other_swv)
    member(cast.people["coordinator"], Role.COORDINATOR, cast.other_site.organisation)
    answer(cast, cast.people["other_coordinator"], 1, school=cast.other_school, on=LATE)
    shown = page(cast, "coordinator")
    text = text_of(shown)
    assert "Your schools" in text
    assert [(it.school, it.partnership) for it in shown.context["questions"]] == [
        (cast.school, cast.other_swv),
        (cast.school, cast.swv),
        (cast.other_school, cast.swv),
    ]
    assert "1 open case, 18 December 2026, other_coordinator" in text
    assert text.count("3 days late") == 2
    elsewhere = client_of(cast, "coordinator").get(f"/bevestigingen/{cast.other_swv.pk}/{cast.school.pk}/")
    assert elsewhere.context["checklist"].count == 1


def test_a_new_school_hears_when_the_first_question_comes(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.school.pk).update(added_on=LATE)
    text = text_of(page(cast, "coordinator"))
    assert "The first question comes on 15 March 2027." in text
    assert "late" not in text
    assert send(client_of(cast, "coordinator"), address(cast)).status_code == 409


def test_a_school_of_no_partnership_is_asked_nothing(cast: Cast) -> None:
    cast.site.partnerships.clear()
    cast.second_site.partnerships.clear()
    assert "Nothing is asked of your school" in text_of(page(cast, "coordinator"))


def test_more_cases_than_fit_have_a_way_to_all_of_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escalations.queries.questions.MOST_CASES", 2)
    client = client_of(cast, "coordinator")
    shown = client.get("/bevestigingen/")
    assert "These are 2 of 4." in text_of(shown)
    assert len(shown.context["checklist"].rows) == 2
    assert f'href="/dossiers/?school={cast.school.pk}"' in shown.content.decode()
    everything = client.get(f"/dossiers/?school={cast.school.pk}")
    assert (everything.status_code, everything.context["count"]) == (200, 4)


def test_of_a_school_with_one_site_the_way_leads_to_that_site(cast: Cast) -> None:
    client = client_of(cast, "other_coordinator")
    place = client.get("/bevestigingen/").context["checklist"].place
    assert place == cast.other_site.pk
    assert client.get(f"/dossiers/?school={place}").context["count"] == 1


def test_the_menu_counts_what_waits_for_me(cast: Cast) -> None:
    for name, badge in (("coordinator", 1), ("site_coordinator", 0), ("case_manager", 0)):
        menu = client_of(cast, name).get("/bevestigingen/").context["menu"]
        (entry,) = [it for it in menu if it["url"] == "/bevestigingen/"]
        assert (entry["label"], entry["badge"], entry["active"]) == ("Attestations", badge, True)
    menu = client_of(cast, "care_worker").get("/").context["menu"]
    assert "/bevestigingen/" not in [it["url"] for it in menu]


def test_the_start_page_asks_it_too(cast: Cast, clock: Any) -> None:
    client = client_of(cast, "coordinator")
    text = text_of(client.get("/"))
    assert "Confirm to SWV Hier that the list of your school is complete" in text
    assert "15 December 2026 3 days late all open cases – Het Voorbeeld" in text
    answer(cast, cast.people["coordinator"], 4, on=LATE)
    assert "Confirm to SWV Hier" not in text_of(client.get("/"))


# --- Case managers


def test_the_case_manager_sees_who_answered_and_who_did_not(cast: Cast) -> None:
    answer(cast, cast.people["coordinator"], 4, on=LATE)
    make_case(site=cast.site)
    shown = page(cast, "case_manager")
    text = text_of(shown)
    assert "1 of 2 schools answered; 0 say zero." in text
    assert lines(shown) == [("De Buren", None, 1), ("Het Voorbeeld", 4, 5)]
    assert "Het Voorbeeld 90AA 4 5 18 December 2026, coordinator changed since" in text
    assert "De Buren 90AB – 1 3 days late Answer for the school (De Buren)" in text


def lines(shown: Any) -> list[tuple[str, int | None, int | None]]:
    """Of each school on the page its name, the number it confirmed, and that of now."""
    return [
        (it.school.name, it.answer and it.answer.open_cases, it.open_now) for it in shown.context["lines"]
    ]


def test_zero_and_no_answer_are_told_apart(cast: Cast) -> None:
    Case.objects.filter(school=cast.school).delete()
    answer(cast, cast.people["coordinator"], 0, on=LATE)
    shown = page(cast, "case_manager")
    assert "1 of 2 schools answered; 1 says zero." in text_of(shown)
    assert lines(shown) == [("De Buren", None, 1), ("Het Voorbeeld", 0, 0)]


@pytest.mark.parametrize(
    ("show", "schools"),
    [
        ("", ["De Buren", "Het Voorbeeld"]),
        ("answered", ["Het Voorbeeld"]),
        ("unanswered", ["De Buren"]),
        ("nonsense", ["De Buren", "Het Voorbeeld"]),
    ],
)
def test_the_table_can_be_filtered(cast: Cast, show: str, schools: list[str]) -> None:
    answer(cast, cast.people["coordinator"], 4, on=LATE)
    shown = page(cast, "case_manager", f"?show={show}")
    assert [name for name, _answer, _now in lines(shown)] == schools
    assert shown.context["tally"].asked == 2


def test_a_filter_that_finds_no_school_says_so(cast: Cast) -> None:
    assert "No school answers to this filter" in text_of(page(cast, "case_manager", "?show=answered"))


def test_a_case_manager_answers_on_behalf_of_a_school(cast: Cast) -> None:
    client = client_of(cast, "case_manager")
    shown = client.get(address(cast))
    assert "You answer on behalf of Het Voorbeeld." in text_of(shown)
    assert send(client, address(cast)).status_code == 302
    assert "18 December 2026, case_manager (on behalf of the school)" in text_of(page(cast, "case_manager"))


def test_earlier_rounds_can_be_looked_at(cast: Cast) -> None:
    answer(cast, cast.people["coordinator"], 4, round=EARLIER, on=EARLIER)
    latest = page(cast, "case_manager")
    assert 'href="?round=2026-09-15"' in latest.content.decode()
    shown = page(cast, "case_manager", "?round=2026-09-15")
    assert lines(shown) == [("De Buren", None, None), ("Het Voorbeeld", 4, None)]
    text = text_of(shown)
    assert "The question of 15 September 2026" in text
    assert "not answered" in text
    assert "Answer for the school" not in text
    assert 'href="?round=2026-12-15"' in shown.content.decode()
    assert shown.context["round"].previous is None


@pytest.mark.parametrize("asked", ["2026-06-15", "2027-03-15", "2026-12-14", "nonsense", "", "9999-12-31"])
def test_a_round_that_was_not_there_is_the_latest(cast: Cast, asked: str) -> None:
    assert page(cast, "case_manager", f"?round={asked}").context["round"].day == ROUND


def test_a_school_that_left_keeps_its_answer(cast: Cast) -> None:
    answer(cast, cast.people["coordinator"], 4, on=LATE)
    cast.site.partnerships.clear()
    cast.second_site.partnerships.clear()
    shown = page(cast, "case_manager")
    assert lines(shown) == [("De Buren", None, 1), ("Het Voorbeeld", 4, 4)]


def test_before_the_first_round_the_page_says_when_it_is(cast: Cast) -> None:
    Organisation.objects.update(added_on=LATE)
    text = text_of(page(cast, "case_manager"))
    assert "The first question comes on 15 March 2027." in text
    assert "late" not in text


def test_a_partnership_without_schools_says_so(cast: Cast) -> None:
    empty = PartnershipFactory()
    member(cast.people["reporter"], Role.CASE_MANAGER, empty.organisation)
    assert "There are no schools yet" in text_of(page(cast, "reporter"))


def test_nothing_of_another_partnership_is_shown(cast: Cast) -> None:
    there = SchoolSiteFactory(school=cast.school, partnerships=[cast.other_swv])
    make_case(site=there, partnership=cast.other_swv)
    answer(cast, cast.people["coordinator"], 4, on=LATE)
    shown = page(cast, "far_case_manager")
    found = {name: (answered, now) for name, answered, now in lines(shown)}
    assert found == {cast.far_site.school.name: (None, 1), "Het Voorbeeld": (None, 1)}
    client = client_of(cast, "far_case_manager")
    assert client.get(address(cast)).status_code == 404
    assert send(client, address(cast)).status_code == 404


def test_who_manages_two_partnerships_chooses_one(cast: Cast) -> None:
    member(cast.people["case_manager"], Role.CASE_MANAGER, cast.other_swv.organisation)
    first = page(cast, "case_manager")
    assert first.context["partnership"] == cast.other_swv
    second = page(cast, "case_manager", f"?swv={cast.swv.pk}")
    assert second.context["partnership"] == cast.swv
    assert f"?round=2026-09-15&amp;swv={cast.swv.pk}" in second.content.decode()


def test_the_table_has_pages_and_a_fixed_number_of_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = client_of(cast, "case_manager")
    for _count in range(28):
        SchoolSiteFactory(school=SchoolFactory(organisation__added_on=EARLIER), partnerships=[cast.swv])
    with django_assert_max_num_queries(24):
        shown = client.get("/bevestigingen/")
    assert len(shown.context["lines"]) == 25
    assert len(client.get("/bevestigingen/?page=2").context["lines"]) == 5


# --- Everybody else


@pytest.mark.parametrize("name", ["reporter", "administrator", "care_worker", "attendance_officer"])
def test_others_are_refused(cast: Cast, name: str) -> None:
    assert page(cast, name).status_code == 403
    assert client_of(cast, name).get(address(cast)).status_code == 403


def test_a_coordinator_of_another_school_does_not_find_it(cast: Cast) -> None:
    client = client_of(cast, "other_coordinator")
    assert client.get(address(cast)).status_code == 404
    assert client.get(f"/bevestigingen/{cast.swv.pk}/{10**30}/").status_code == 404


def test_a_returned_pupil_who_is_not_closed_still_counts(cast: Cast) -> None:
    Case.objects.filter(pk=cast.cases["own"].pk).update(state=State.RETURN)
    assert page(cast, "coordinator").context["checklist"].count == 4
