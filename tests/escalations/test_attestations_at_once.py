"""Two people answer for a school at the same moment, on connections of their own."""

import uuid

import pytest
from django.utils import translation

from cases.services.submission import do_once
from common.dates import start_of
from common.errors import AlreadyDone, DomainError
from escalations.models import Attestation
from tests.at_once import at_once
from tests.cast import Cast, cast
from tests.escalations.attesting import ROUND, answer, ask_all

__all__ = ["cast"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def db(transactional_db: None) -> None:
    """The cast in a database that commits."""


def test_two_people_answer_at_once(cast: Cast) -> None:
    ask_all()

    def as_(name: str) -> Attestation:
        with translation.override("en"):
            return answer(cast, cast.people[name], 4)

    results = at_once(lambda: as_("coordinator"), lambda: as_("case_manager"))
    (won,) = [result for result in results if isinstance(result, Attestation)]
    (lost,) = [result for result in results if isinstance(result, DomainError)]
    assert (lost.status, str(lost)) == (409, f"{won.answered_by} has answered already: 4 open cases.")
    assert Attestation.objects.get() == won


def test_a_double_click_answers_once(cast: Cast) -> None:
    ask_all()
    token, by = uuid.uuid4(), cast.people["coordinator"]

    def click() -> Attestation:
        return do_once(
            lambda: answer(cast, by, 4), token=token, url="/bevestigingen/", by=by, at=start_of(ROUND)
        )

    results = at_once(click, click, click)
    assert sorted(type(result).__name__ for result in results) == [
        "AlreadyDone",
        "AlreadyDone",
        "Attestation",
    ]
    assert {result.url for result in results if isinstance(result, AlreadyDone)} == {"/bevestigingen/"}
    assert Attestation.objects.count() == 1
