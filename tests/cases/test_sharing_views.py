"""Letting partners in through the pages: who invites and answers, what is told before, how access ends."""

from typing import Any

import pytest
from django.test import Client

from accounts.roles import Role
from cases.models import Case, Participation
from cases.services import participation
from tests.cases.views import YESTERDAY, address, client_of, hidden_of, text_of
from tests.cast import LATER, NOW, TODAY, Cast
from tests.factories.accounts import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


def invite(client: Client, case: Case, **given: Any) -> Any:
    opened = client.get(address(case, "toegang/"))
    assert opened.status_code == 200, text_of(opened)
    return client.post(address(case, "toegang/"), {**hidden_of(opened), **given})


def invited(cast: Cast) -> Participation:
    return Participation.objects.get(case=cast.cases["invited"], partner=cast.care)


@pytest.mark.parametrize("name", ["coordinator", "case_manager"])
def test_a_partner_is_invited_accepts_and_sees_the_case(cast: Cast, name: str) -> None:
    case = cast.cases["own"]
    partner = client_of(cast, "care_worker")

    answer = invite(
        client_of(cast, name), case, partner=str(cast.care.pk), purpose="Meedenken", ends_on="20-11-2027"
    )
    before = partner.get(address(case)).status_code
    made = Participation.objects.get(case=case)
    accepted = partner.post(f"/uitnodigingen/{made.pk}/aannemen/")

    assert (answer.status_code, answer.url) == (302, address(case, "toegang/"))
    assert (before, accepted.status_code, accepted.url) == (404, 302, address(case))
    assert partner.get(address(case)).status_code == 200


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"purpose": " "}, {"purpose"}),
        ({"ends_on": "19-11-2026"}, {"ends_on"}),
        ({"ends_on": "21-11-2027"}, {"ends_on"}),
        ({"partner": ""}, {"partner"}),
    ],
)
def test_what_is_wrong_in_an_invitation(cast: Cast, given: dict[str, str], fields: set[str]) -> None:
    case = cast.cases["own"]
    usual = {"partner": str(cast.care.pk), "purpose": "Meedenken", "ends_on": "20-11-2027", **given}

    answer = invite(client_of(cast, "case_manager"), case, **usual)

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, fields)
    assert not case.participations.exists()


def test_who_takes_part_already_is_no_choice(cast: Cast) -> None:
    opened = client_of(cast, "case_manager").get(address(cast.cases["shared"], "toegang/"))

    partners = opened.context["form"].fields["partner"].queryset
    assert set(partners.values_list("pk", flat=True)) == {cast.other_care.pk}


def test_the_page_of_access_names_organisations_roles_and_people(cast: Cast) -> None:
    answer = client_of(cast, "coordinator").get(address(cast.cases["shared"], "toegang/"))

    shown = {
        (door.organisation.name, door.role, tuple(str(person) for person in door.people), door.until)
        for door in answer.context["doors"]
    }
    assert shown == {
        ("SWV Hier", "case_manager", ("case_manager",), None),
        ("Het Voorbeeld", "coordinator", ("coordinator",), None),
        (cast.site.name, "coordinator", ("site_coordinator",), None),
        (cast.care.name, "care_worker", ("care_worker", "two_hats"), LATER),
        (cast.office.name, "attendance_officer", ("attendance_officer",), LATER),
    }


@pytest.mark.parametrize("name", ["care_worker", "attendance_officer"])
def test_partners_neither_see_nor_change_who_has_access(cast: Cast, name: str) -> None:
    case = cast.cases["shared"]
    running = case.participations.get(partner=cast.care)
    client = client_of(cast, name)
    given = {"partner": str(cast.other_care.pk), "purpose": "Ook", "ends_on": "20-11-2026"}

    assert client.get(address(case, "toegang/")).status_code == 403
    assert client.post(address(case, "toegang/"), given).status_code == 403
    assert client.get(address(case, f"toegang/{running.pk}/intrekken/")).status_code == 403
    assert client.post(address(case, f"toegang/{running.pk}/intrekken/")).status_code == 403
    assert case.participations.count() == 2


def test_access_is_revoked_at_once_and_once(cast: Cast) -> None:
    case = cast.cases["shared"]
    running = case.participations.get(partner=cast.care)
    manager, partner = client_of(cast, "coordinator"), client_of(cast, "care_worker")
    page = address(case, f"toegang/{running.pk}/intrekken/")

    seen = [partner.get(address(case)).status_code]
    asked = manager.get(page)
    answers = [manager.post(page, hidden_of(asked)).status_code, manager.post(page).status_code]
    seen.append(partner.get(address(case)).status_code)

    assert cast.care.name in text_of(asked)
    assert (answers, seen) == ([302, 409], [200, 404])


def test_a_participation_of_another_case_is_not_there(cast: Cast) -> None:
    foreign = cast.cases["shared"].participations.get(partner=cast.care)
    client = client_of(cast, "coordinator")
    page = address(cast.cases["own"], f"toegang/{foreign.pk}/intrekken/")

    assert [client.get(page).status_code, client.post(page).status_code] == [404, 404]
    assert Participation.objects.get(pk=foreign.pk).state == "geaccepteerd"


# --- Invitations


def test_an_invitation_tells_nothing_of_the_pupil(cast: Cast) -> None:
    case = cast.cases["invited"]

    page = text_of(client_of(cast, "care_worker").get("/uitnodigingen/"))

    told = (case.number, "Meedenken", "case_manager, SWV Hier", cast.care.name, "1 March 2027")
    assert [words for words in told if words not in page] == []
    kept = ("Genodigd", "Verzonnen", "G. V.", "2012", "14)", cast.site.name, "Het Voorbeeld", "Signalled")
    assert [words for words in kept if words in page] == []


#: Who may answer the invitation of the care partner.
ANSWERS = {
    "care_worker": 302,
    "two_hats": 302,
    "other_care_worker": 404,
    "attendance_officer": 404,
    "case_manager": 404,
    "coordinator": 404,
    "administrator": 404,
    "superuser": 404,
}


@pytest.mark.parametrize("answer", ["aannemen", "afwijzen"])
@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_only_people_of_the_partner_answer(cast: Cast, name: str, answer: str) -> None:
    asked = invited(cast)

    status = client_of(cast, name).post(f"/uitnodigingen/{asked.pk}/{answer}/").status_code

    answered = {"aannemen": "geaccepteerd", "afwijzen": "afgewezen"}[answer]
    assert status == ANSWERS[name]
    state = Participation.objects.get(pk=asked.pk).state
    assert state == (answered if ANSWERS[name] == 302 else "uitgenodigd")


def test_a_role_that_does_not_fit_the_partner_answers_nothing(cast: Cast) -> None:
    """An attendance office is asked in the role of its officers; that of a care worker is no second door."""
    case = cast.cases["invited"]
    asked = participation.invite(
        case=case, partner=cast.office, purpose="Meedenken", ends_on=LATER,
        by=cast.people["case_manager"], at=NOW, on=TODAY,
    )  # fmt: skip
    cast.people["misfit"] = member(None, Role.CARE_WORKER, cast.office.organisation)

    assert client_of(cast, "misfit").post(f"/uitnodigingen/{asked.pk}/aannemen/").status_code == 404


def test_an_invitation_is_declined_with_a_note_that_the_case_shows(cast: Cast) -> None:
    asked = invited(cast)
    client = client_of(cast, "care_worker")

    opened = client.get(f"/uitnodigingen/{asked.pk}/afwijzen/")
    declined = client.post(f"/uitnodigingen/{asked.pk}/afwijzen/", {"note": "Geen plek"})
    accepted = client.post(f"/uitnodigingen/{asked.pk}/aannemen/")

    assert [it.status_code for it in (opened, declined, accepted)] == [200, 302, 409]
    assert "Genodigd" not in text_of(opened)
    case = cast.cases["invited"]
    assert client.get(address(case)).status_code == 404
    assert "Geen plek" in text_of(client_of(cast, "coordinator").get(address(case, "toegang/")))
    assert "Geen plek" in text_of(client_of(cast, "coordinator").get(address(case)))


def test_an_invitation_that_expired_or_was_withdrawn_cannot_be_accepted(cast: Cast) -> None:
    asked = invited(cast)
    client = client_of(cast, "care_worker")
    rows = Participation.objects.filter(pk=asked.pk)
    rows.update(invited_on=YESTERDAY, ends_on=YESTERDAY)

    assert cast.cases["invited"].number not in text_of(client.get("/uitnodigingen/"))
    assert client.post(f"/uitnodigingen/{asked.pk}/aannemen/").status_code == 409
    rows.update(ends_on=LATER)
    participation.revoke(
        participation=asked, case=cast.cases["invited"], by=cast.people["case_manager"], at=NOW
    )
    assert client.post(f"/uitnodigingen/{asked.pk}/aannemen/").status_code == 409
    assert client.get(address(cast.cases["invited"])).status_code == 404


def test_accepting_asks_for_a_post(cast: Cast) -> None:
    asked = invited(cast)

    assert client_of(cast, "care_worker").get(f"/uitnodigingen/{asked.pk}/aannemen/").status_code == 405
    assert Participation.objects.get(pk=asked.pk).state == "uitgenodigd"


def test_the_list_of_invitations_may_be_empty(cast: Cast) -> None:
    assert "There are no invitations." in text_of(client_of(cast, "coordinator").get("/uitnodigingen/"))
