"""Workers that share the sweeps of partnerships, and the sweep of a case that somebody changed."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from structlog.testing import capture_logs

from cases.services import lifecycle, locking, work
from common.dates import start_of
from escalations import tasks
from escalations.models import Reminder, SweepState
from escalations.services import sweep as sweep_module
from escalations.services import sweeps
from escalations.services.sweeps import LEASE, enlist, sweep_due
from schools.models import Partnership
from tests.at_once import at_once
from tests.cases.views import client_of, on_the_day
from tests.cast import NOW, TODAY, Cast, cast
from tests.escalations.acting import DAY, again, lead_by, sweep_and_tell, the, told
from tests.factories.schools import PartnershipFactory

__all__ = ["cast", "on_the_day"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

MINUTE = dt.timedelta(minutes=1)


def sweep_at(at: dt.datetime = NOW) -> int:
    return sweep_due(clock=lambda: at)


def state_of(partnership: Partnership) -> SweepState:
    return SweepState.objects.get(pk=partnership.pk)


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The partnerships that are swept, in order."""
    found: list[int] = []
    real = sweeps.sweep_partnership

    def noted(partnership_id: int, **given: Any) -> Any:
        found.append(partnership_id)
        return real(partnership_id, **given)

    monkeypatch.setattr(sweeps, "sweep_partnership", noted)
    return found


# --- Which, and when


def test_what_was_swept_in_a_time_to_come_is_swept_now(cast: Cast, swept: list[int]) -> None:
    for hours in (20, 2):
        enlist(at=NOW)
        sweep_at(NOW + hours * 60 * MINUTE)
        swept.clear()
        assert sweep_at(NOW) == 2
        assert sorted(swept) == sorted([cast.swv.pk, cast.other_swv.pk])
        assert sweep_at(NOW + MINUTE) == 0


def test_each_partnership_is_enlisted_once_and_new_ones_too(cast: Cast) -> None:
    enlist(at=NOW)
    both = {cast.swv.pk, cast.other_swv.pk}
    assert set(SweepState.objects.values_list("pk", "next_at")) == {(pk, NOW) for pk in both}
    new = PartnershipFactory()
    enlist(at=NOW + MINUTE)
    assert dict(SweepState.objects.values_list("pk", "next_at")) == {
        **dict.fromkeys(both, NOW),
        new.pk: NOW + MINUTE,
    }


def test_a_sweep_makes_tells_and_says_what_it_did(cast: Cast) -> None:
    enlist(at=NOW)
    assert sweep_at() == 2
    state = state_of(cast.swv)
    made = Reminder.objects.filter(partnership=cast.swv)
    assert (state.swept_on, state.swept_at, state.next_at) == (TODAY, NOW, NOW + 15 * MINUTE)
    assert (state.open_cases, state.created, state.cancelled) == (6, made.count(), 0)
    assert (state.untold, state.failures, state.last_error, state.claimed_at) == (0, 0, "", None)
    assert told(the(cast.cases["own"], "R11")) == ["case_manager"]
    assert told(the(cast.cases["far"], "R11")) == ["far_case_manager"]


def test_not_again_within_a_quarter_of_an_hour(cast: Cast, swept: list[int]) -> None:
    enlist(at=NOW)
    assert [sweep_at(at) for at in (NOW, NOW, NOW + 14 * MINUTE, NOW + 15 * MINUTE)] == [2, 0, 0, 2]
    assert sorted(swept) == sorted([cast.swv.pk, cast.other_swv.pk] * 2)


def test_a_new_day_is_swept_as_soon_as_it_has_begun(cast: Cast) -> None:
    """Midnight in Amsterdam is 23:00 in Greenwich: what is due on a day is told from then on."""
    midnight = start_of(TODAY + DAY)
    enlist(at=NOW)
    assert sweep_at(midnight - 2 * MINUTE) == 2
    assert state_of(cast.swv).next_at == midnight + 13 * MINUTE
    assert sweep_at(midnight - dt.timedelta(seconds=1)) == 0
    assert sweep_at(midnight) == 2
    assert (state_of(cast.swv).swept_on, state_of(cast.swv).swept_at) == (TODAY + DAY, midnight)


# --- Claims


def test_what_a_worker_has_is_left_alone_until_its_lease_is_over(cast: Cast, swept: list[int]) -> None:
    enlist(at=NOW)
    SweepState.objects.filter(pk=cast.swv.pk).update(claimed_at=NOW)  # and that worker died
    assert sweep_at() == 1
    assert sweep_at(NOW + LEASE - MINUTE) == 0
    assert swept == [cast.other_swv.pk]
    assert sweep_at(NOW + LEASE) == 1
    assert (swept, state_of(cast.swv).claimed_at) == ([cast.other_swv.pk, cast.swv.pk], None)


def test_who_comes_back_after_the_lease_writes_nothing_about_it(cast: Cast) -> None:
    enlist(at=NOW)
    late = sweeps._claim(at=NOW)
    assert late is not None
    taken_over = NOW + LEASE
    SweepState.objects.filter(pk=late.pk).update(claimed_at=taken_over)
    sweeps._sweep_claimed(late, clock=lambda: taken_over + MINUTE)
    state = SweepState.objects.get(pk=late.pk)
    assert (state.claimed_at, state.swept_on, state.open_cases) == (taken_over, None, 0)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_sweep_each_partnership_once(
    transactional_db: None, cast: Cast, swept: list[int]
) -> None:
    for _ in range(8):
        PartnershipFactory()
    enlist(at=NOW)
    first, second = at_once(sweep_at, sweep_at)
    assert first + second == 10
    assert sorted(swept) == sorted(Partnership.objects.values_list("pk", flat=True))
    assert set(SweepState.objects.values_list("claimed_at", "failures")) == {(None, 0)}
    made = Reminder.objects.values_list("rule", "about", "object_id", "due_on")
    assert len(made) == len(set(made)) > 10


# --- Failures


def test_what_fails_says_so_waits_longer_each_time_and_stops_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, broken = sweep_module.rules_in_force, True

    def rules(partnership_id: int) -> Any:
        if broken and partnership_id == cast.swv.pk:
            raise ValueError("recipients of nobody")
        return real(partnership_id)

    monkeypatch.setattr(sweep_module, "rules_in_force", rules)
    enlist(at=NOW)
    at, waits = NOW, []
    for _ in range(8):
        with capture_logs() as logs:
            sweep_at(at)
        state = state_of(cast.swv)
        assert [(it["event"], it["partnership"]) for it in logs] == [("sweep_failed", cast.swv.pk)]
        assert state.last_error == "ValueError: recipients of nobody"
        assert sweep_at(state.next_at - dt.timedelta(seconds=1)) in (0, 1)  # at most the other one
        waits.append((state.next_at - at) // MINUTE)
        at = state.next_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (state.failures, state.claimed_at, state.swept_on) == (8, None, None)
    assert state_of(cast.other_swv).failures == 0
    assert told(the(cast.cases["far"], "R11")) == ["far_case_manager"]

    broken = False
    sweep_at(at)
    state = state_of(cast.swv)
    assert (state.failures, state.last_error, state.swept_at) == (0, "", at)


# --- The tasks


def test_each_minute_calls_as_many_helpers_as_there_is_work(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        tasks.current_app, "send_task", lambda name, **given: called.append((name, given["expires"]))
    )
    helper = ("escalations.tasks.help_sweeping", 60)
    tasks.sweep()
    assert called == [helper] * 2
    assert tasks.help_sweeping() == 2
    assert tasks.help_sweeping() == 0
    tasks.sweep()
    assert called == [helper] * 2
    for _ in range(12):
        PartnershipFactory()
    tasks.sweep()
    assert called == [helper] * (2 + 8)


# --- A case that somebody changes


@pytest.fixture
def touched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The cases that are swept because somebody changed them, in order."""
    found: list[int] = []
    monkeypatch.setattr(
        sweeps, "sweep_touched", lambda case_id, partnership_id, **given: found.append(case_id)
    )
    return found


@pytest.mark.django_db(transaction=True)
def test_what_was_settled_is_gone_without_any_worker(transactional_db: None, cast: Cast) -> None:
    sweep_and_tell(cast)
    case, other = cast.cases["own"], cast.cases["shared"]
    reminder = the(case, "R17")
    assert (told(reminder), told(the(case, "R14"))) == (["case_manager"], ["case_manager"])
    lifecycle.assign_lead(
        case=case, lead=cast.people["coordinator"], by=cast.people["case_manager"], at=NOW, on=TODAY
    )
    assert (again(reminder).state, again(reminder).cancelled_why) == ("cancelled", "no_longer_holds")
    assert told(reminder) == []
    assert told(the(case, "R14")) == ["coordinator"]  # who leads it now
    assert told(the(other, "R17")) == ["case_manager"]


@pytest.mark.django_db(transaction=True)
def test_what_a_note_settles_is_gone_from_the_inbox_at_once(transactional_db: None, cast: Cast) -> None:
    """Through the pages: the form of a note, and then the messages."""
    case = cast.cases["own"]
    lead_by(cast, case, "coordinator")
    sweep_and_tell(cast)
    client = client_of(cast, "coordinator")
    asked = f'href="/herinneringen/{the(case, "R14").pk}/"'
    assert asked in client.get("/berichten/").content.decode()
    work.add_note(
        case=case,
        kind="notitie",
        noted_on=TODAY,
        text="Het gaat beter.",
        is_progress=True,
        by=cast.people["coordinator"],
        at=NOW,
        on=TODAY,
    )
    assert asked not in client.get("/berichten/").content.decode()
    assert the(case, "R14").cancelled_why == "date_moved"


@pytest.mark.django_db(transaction=True)
def test_a_case_is_swept_once_for_each_transaction(
    transactional_db: None, cast: Cast, touched: list[int]
) -> None:
    case, other = cast.cases["own"], cast.cases["shared"]
    with transaction.atomic():
        for it in (case, case, other, case):
            locking.touched(it)
        assert touched == []
    assert touched == [case.pk, other.pk]
    with transaction.atomic():
        locking.touched(case)
    assert touched == [case.pk, other.pk, case.pk]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_swept_and_hides_nothing_later(
    transactional_db: None, cast: Cast, touched: list[int]
) -> None:
    case = cast.cases["own"]
    with transaction.atomic():
        locking.touched(case)
        transaction.set_rollback(True)
    assert touched == []
    with transaction.atomic():
        locking.touched(case)
    assert touched == [case.pk]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_who_change_a_case_are_both_followed_by_a_sweep(
    transactional_db: None, cast: Cast, touched: list[int]
) -> None:
    """Each in a transaction of his own, the second of which ends when the first has been followed."""
    case, both_began, first_ended = cast.cases["own"], threading.Barrier(2), threading.Event()

    def first() -> None:
        with transaction.atomic():
            locking.touched(case)
            both_began.wait(timeout=20)
        first_ended.set()

    def second() -> None:
        with transaction.atomic():
            locking.touched(case)
            both_began.wait(timeout=20)
            assert first_ended.wait(timeout=20)

    assert at_once(first, second) == [None, None]
    assert touched == [case.pk, case.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [DatabaseError("gone"), ValueError("odd")])
def test_a_sweep_that_fails_breaks_nothing_of_what_was_done(
    transactional_db: None, cast: Cast, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*args: Any, **given: Any) -> None:
        raise error

    monkeypatch.setattr(sweeps, "sweep_case", fails)
    case = cast.cases["own"]
    with capture_logs() as logs:
        lifecycle.assign_lead(
            case=case, lead=cast.people["coordinator"], by=cast.people["case_manager"], at=NOW, on=TODAY
        )
    case.refresh_from_db()
    assert case.lead == cast.people["coordinator"]
    assert [(it["event"], it["case"]) for it in logs if it["log_level"] == "error"] == [
        ("case_not_swept", case.pk)
    ]
