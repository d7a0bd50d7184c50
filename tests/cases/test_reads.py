"""The privacy officer reads who opened which case, and nothing of the case."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from audit.models import Event
from cases.queries import reads
from tests.cast import Cast
from tests.factories.accounts import UserFactory, member


def browser(cast: Cast, person: str) -> Client:
    client = Client()
    client.force_login(cast.people[person])
    return client


def test_who_opened_a_case_and_nothing_of_the_case(cast: Cast) -> None:
    case = cast.cases["own"]
    browser(cast, "coordinator").get(reverse("case", args=[case.number]))
    browser(cast, "far_case_manager").get(reverse("case", args=[case.number]))
    answer = browser(cast, "privacy_officer").get(reverse("reads"), {"number": f" {case.number.lower()} "})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "coordinator" in html
    assert "far_case_manager" in html
    assert case.pupil.first_name not in html
    assert case.pupil.last_name not in html
    assert Event.objects.filter(action="log.read", target=f"case {case.number}").count() == 1


@pytest.mark.parametrize("number", ["far", "TZ-2026-99999", "TZ-2026-'; --", "", "9" * 40])
def test_of_other_partnerships_and_of_nothing_the_answer_is_the_same(cast: Cast, number: str) -> None:
    asked = cast.cases[number].number if number in cast.cases else number
    answer = browser(cast, "privacy_officer").get(reverse("reads"), {"number": asked})
    assert answer.status_code == 422
    assert not Event.objects.filter(action="log.read").exists()


def test_an_officer_of_another_partnership_reads_nothing(cast: Cast) -> None:
    officer = member(UserFactory(), Role.PRIVACY_OFFICER, cast.other_swv.organisation)
    assert reads.is_watched(officer, cast.cases["far"].number)
    assert not reads.is_watched(officer, cast.cases["own"].number)


@pytest.mark.parametrize(
    "person", ["coordinator", "case_manager", "care_worker", "administrator", "superuser"]
)
def test_it_is_for_privacy_officers(cast: Cast, person: str) -> None:
    assert browser(cast, person).get(reverse("reads")).status_code == 403


def test_pages_of_the_log(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "PAGE", 2)
    case, lead = cast.cases["own"], browser(cast, "coordinator")
    for _ in range(3):
        lead.get(reverse("case", args=[case.number]))
    first, mark = reads.reads_of(case.number)
    second, end = reads.reads_of(case.number, before=mark)
    assert (len(first), len(second), end) == (2, 1, "")
    assert not {event.pk for event in first} & {event.pk for event in second}
    assert len(reads.reads_of(case.number, before="9" * 30)[0]) == 2
