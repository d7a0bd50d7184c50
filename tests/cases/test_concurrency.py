"""Two people at once, on real connections: one succeeds, the other hears so, one row is written."""

import threading
import uuid

import pytest
from django.db import connection, connections, transaction

from cases.enums import ParticipationState, State
from cases.models import Case, CaseGrant, Participation, StateChange, Submission
from cases.services import lifecycle, participation
from cases.services.numbers import take_numbers
from common.errors import AlreadyDone, DomainError
from tests.at_once import at_once
from tests.cases.test_workflow import arrangement, in_state, press, remote_plan
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def db(transactional_db: None) -> None:
    """The cast in a database that commits."""


def test_two_people_press_different_buttons_at_once(cast: Cast) -> None:
    case = in_state(cast, State.SIGNALLED)
    arrangement(cast, case)
    remote_plan(cast, case)
    results = at_once(
        lambda: press(
            cast, case, "agree_arrangement", by="coordinator", seen_state=State.SIGNALLED, token=uuid.uuid4()
        ),
        lambda: press(
            cast,
            case,
            "start_remote_education",
            by="case_manager",
            seen_state=State.SIGNALLED,
            token=uuid.uuid4(),
        ),
    )
    won = [result for result in results if isinstance(result, Case)]
    lost = [result for result in results if isinstance(result, DomainError)]
    assert (len(won), len(lost)) == (1, 1)
    assert lost[0].status == 409
    assert StateChange.objects.filter(case=case).exclude(transition="signal").count() == 1
    assert Case.objects.get(pk=case.pk).state == won[0].state


def test_a_double_click_is_one_transition(cast: Cast) -> None:
    case = in_state(cast, State.SIGNALLED)
    arrangement(cast, case)
    token = uuid.uuid4()

    def click() -> Case:
        return press(
            cast, case, "agree_arrangement", by="coordinator", seen_state=State.SIGNALLED, token=token
        )

    results = at_once(click, click, click)
    assert [type(result) for result in results].count(Case) == 1
    done = [result for result in results if isinstance(result, AlreadyDone)]
    assert [again.url for again in done] == [f"/dossiers/{case.number}/"] * 2
    assert StateChange.objects.filter(case=case).exclude(transition="signal").count() == 1


def test_a_double_click_signals_one_pupil(cast: Cast) -> None:
    token, before = uuid.uuid4(), Case.objects.count()
    intake = cast.intake(cast.site, first_name="Tweemaal", signalled_on=TODAY)

    def click() -> Case:
        return lifecycle.signal(intake=intake, by=cast.people["coordinator"], at=NOW, token=token)

    results = at_once(click, click)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyDone", "Case"]
    assert Case.objects.count() == before + 1
    assert Submission.objects.get(token=token).url == f"/dossiers/{Case.objects.latest('id').number}/"


def test_two_people_signal_the_same_pupil_at_once(cast: Cast) -> None:
    before = Case.objects.count()
    intake = cast.intake(cast.site, first_name="Zelfde")
    results = at_once(
        lambda: lifecycle.signal(intake=intake, by=cast.people["coordinator"], at=NOW, token=uuid.uuid4()),
        lambda: lifecycle.signal(intake=intake, by=cast.people["case_manager"], at=NOW, token=uuid.uuid4()),
    )
    assert sorted(type(result).__name__ for result in results) == ["Case", "DomainError"]
    assert Case.objects.count() == before + 1


def test_revoking_and_accepting_at_once_never_leaves_access_behind(cast: Cast) -> None:
    case = cast.cases["invited"]
    invited = case.participations.get()
    at_once(
        lambda: participation.accept(participation=invited, by=cast.people["care_worker"], at=NOW, on=TODAY),
        lambda: participation.revoke(participation=invited, case=case, by=cast.people["coordinator"], at=NOW),
    )
    state = Participation.objects.get(pk=invited.pk).state
    access = CaseGrant.objects.filter(
        content_object=case, group__role_group__organisation=cast.care.pk
    ).exists()
    assert (state, access) == (ParticipationState.REVOKED, False)


def test_accepting_while_the_case_is_closed_never_leaves_access_behind(cast: Cast) -> None:
    case = cast.cases["invited"]
    invited = case.participations.get()
    at_once(
        lambda: participation.accept(participation=invited, by=cast.people["care_worker"], at=NOW, on=TODAY),
        lambda: press(cast, case, "close"),
    )
    assert Participation.objects.get(pk=invited.pk).state == ParticipationState.ENDED
    assert not CaseGrant.objects.filter(
        content_object=case, group__role_group__organisation=cast.care.pk
    ).exists()


@pytest.mark.services
def test_a_case_number_is_taken_while_another_transaction_holds_one(cast: Cast) -> None:
    assert connection.vendor == "postgresql"
    held, taken = threading.Event(), threading.Event()
    numbers: list[str] = []

    def hold() -> None:
        with transaction.atomic():
            numbers.extend(take_numbers(2026, 3))
            held.set()
            assert taken.wait(timeout=20), "the second transaction waited for the first"
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(timeout=20)
    with transaction.atomic():
        numbers.extend(take_numbers(2026, 2))
    taken.set()
    holder.join(timeout=20)
    assert len(set(numbers)) == 5
