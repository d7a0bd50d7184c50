"""Done, postponed, handed over, not applicable: who may, what becomes of it, and what comes back."""

import datetime as dt
from typing import Any

import pytest
from django.utils.translation import override

from audit.models import Event
from cases.models import Case
from cases.services import participation
from common.errors import DomainError, Invalid, NotAllowed, NotFound
from escalations.models import Reminder, ReminderAct
from escalations.services import handling
from escalations.services.sweep import sweep_partnership
from tests.at_once import at_once
from tests.cases.views import on_the_day
from tests.cast import NOW, TODAY, Cast, cast
from tests.escalations.acting import (
    DAY,
    again,
    lead_by,
    of_school,
    remind,
    sweep_and_tell,
    tell,
    the,
    told,
)

__all__ = ["cast", "on_the_day"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

ACTS = ("finish", "postpone", "hand_over", "set_aside")
SOON = NOW + dt.timedelta(minutes=5)


def act(
    cast: Cast, reminder: Reminder, how: str = "finish", *, by: str, on: dt.date = TODAY, **given: Any
) -> Reminder:
    """One of the four, with something sensible in its form."""
    usual: dict[str, dict[str, Any]] = {
        "finish": {"note": "Besproken"},
        "postpone": {"until": on + 3 * DAY, "reason": "Eerst het gesprek van dinsdag"},
        "hand_over": {"to": cast.people["care_worker"], "reason": "Zij spreekt de ouders"},
        "set_aside": {"reason": "Staat op de wachtlijst"},
    }
    service = getattr(handling, how)
    done: Reminder = service(
        reminder_id=reminder.pk, by=cast.people[by], at=SOON, on=on, **(usual[how] | given)
    )
    return done


def a_told_reminder(cast: Cast, rule: str = "R10") -> Reminder:
    """Of the case "shared", told to the school and the partnership."""
    reminder = remind(cast.cases["shared"], rule)
    tell(cast)
    return reminder


# --- Who may


@pytest.mark.parametrize("how", ACTS)
@pytest.mark.parametrize(
    ("by", "may"),
    [
        ("coordinator", None),  # gets it
        ("site_coordinator", None),
        ("case_manager", None),  # manages the case, and does not get it
        ("care_worker", NotFound),  # sees the case, and does not get it
        ("attendance_officer", NotFound),
        ("other_coordinator", NotFound),
        ("far_case_manager", NotFound),
        ("administrator", NotFound),
        ("superuser", NotFound),
    ],
)
def test_who_gets_it_and_who_manages_the_case(
    cast: Cast, how: str, by: str, may: type[Exception] | None
) -> None:
    reminder = a_told_reminder(cast, "R05")
    assert told(reminder) == ["coordinator", "site_coordinator"]
    if may:
        with pytest.raises(may):
            act(cast, reminder, how, by=by)
        assert (again(reminder).state, ReminderAct.objects.count()) == ("open", 0)
        return
    act(cast, reminder, how, by=by)
    assert ReminderAct.objects.get().by == cast.people[by]


def test_a_care_worker_ends_what_is_asked_of_him(cast: Cast) -> None:
    case = cast.cases["shared"]
    reminder = remind(case, "R05", handed_to=cast.people["care_worker"])
    act(cast, reminder, by="care_worker")
    assert again(reminder).state == "done"


def test_whose_part_in_the_case_was_ended_may_no_more(cast: Cast) -> None:
    case = cast.cases["shared"]
    reminder = remind(case, "R05", handed_to=cast.people["care_worker"])
    participation.revoke(
        participation=case.participations.get(partner=cast.care),
        case=case,
        by=cast.people["case_manager"],
        at=NOW,
    )
    with pytest.raises(NotFound):
        act(cast, reminder, by="care_worker")


def test_a_reminder_that_does_not_exist(cast: Cast) -> None:
    with pytest.raises(NotFound):
        handling.finish(reminder_id=9999, note="", by=cast.people["case_manager"], at=NOW, on=TODAY)


@pytest.mark.parametrize("how", ACTS)
@pytest.mark.parametrize(
    ("by", "refused"),
    [
        ("coordinator", DomainError),  # is asked: confirms the list instead
        ("case_manager", NotAllowed),  # sees that the school is asked
        ("other_coordinator", NotFound),
        ("far_case_manager", NotFound),
        ("care_worker", NotFound),
    ],
)
def test_an_attestation_is_settled_by_confirming_only(
    cast: Cast, how: str, by: str, refused: type[DomainError]
) -> None:
    reminder = of_school(cast)
    with pytest.raises(DomainError) as error:
        act(cast, reminder, how, by=by)
    assert type(error.value) is refused
    assert (again(reminder).state, ReminderAct.objects.count()) == ("open", 0)


# --- What becomes of it


def test_done_is_done_for_everyone(cast: Cast) -> None:
    reminder, other = a_told_reminder(cast), remind(cast.cases["own"], "R10")
    tell(cast)
    everybody = ["case_manager", "coordinator", "site_coordinator"]
    assert told(reminder) == everybody
    act(cast, reminder, by="coordinator", note="  Met ouders besproken ")
    reminder = again(reminder)
    assert (reminder.state, reminder.ended_at) == ("done", SOON)
    assert (told(reminder), told(other)) == ([], everybody)
    (what,) = ReminderAct.objects.all()
    assert (what.kind, what.reason, what.by, what.at) == (
        "done",
        "Met ouders besproken",
        cast.people["coordinator"],
        SOON,
    )
    sweep_and_tell(cast)
    assert (again(reminder).state, told(reminder)) == ("done", [])


def test_set_aside_for_everyone(cast: Cast) -> None:
    reminder = a_told_reminder(cast)
    act(cast, reminder, "set_aside", by="case_manager")
    assert (again(reminder).state, told(reminder)) == ("not_applicable", [])
    assert ReminderAct.objects.get().reason == "Staat op de wachtlijst"


def test_postponed_for_everyone(cast: Cast) -> None:
    reminder = a_told_reminder(cast)
    act(cast, reminder, "postpone", by="coordinator")
    reminder = again(reminder)
    assert (reminder.state, reminder.postponed_until) == ("postponed", TODAY + 3 * DAY)
    assert (reminder.ended_at, told(reminder)) == (None, [])
    tell(cast)
    assert told(reminder) == []


def test_handed_over_it_is_of_one_person(cast: Cast) -> None:
    reminder = a_told_reminder(cast)
    act(cast, reminder, "hand_over", by="coordinator")
    reminder = again(reminder)
    assert (reminder.state, reminder.handed_to) == ("open", cast.people["care_worker"])
    assert told(reminder) == ["care_worker"]
    what = ReminderAct.objects.get()
    assert (what.kind, what.to, what.reason) == (
        "handed_over",
        cast.people["care_worker"],
        "Zij spreekt de ouders",
    )


def test_handed_over_and_handed_back(cast: Cast) -> None:
    reminder = a_told_reminder(cast)
    act(cast, reminder, "hand_over", by="coordinator")
    act(cast, reminder, "hand_over", by="care_worker", to=cast.people["coordinator"])
    assert told(reminder) == ["coordinator"]
    act(cast, reminder, by="coordinator")
    assert [what.kind for what in again(reminder).acts.all()] == ["handed_over", "handed_over", "done"]


def test_who_handed_it_over_and_does_not_manage_the_case_has_no_more_to_do_with_it(cast: Cast) -> None:
    reminder = remind(cast.cases["shared"], "R05", handed_to=cast.people["care_worker"])
    act(cast, reminder, "hand_over", by="care_worker", to=cast.people["coordinator"])
    with pytest.raises(NotFound):
        act(cast, reminder, by="care_worker")


def test_what_is_postponed_may_still_be_done_or_handed_over(cast: Cast) -> None:
    reminder, other = a_told_reminder(cast), remind(cast.cases["shared"], "R05")
    for it in (reminder, other):
        act(cast, it, "postpone", by="coordinator")
    act(cast, reminder, by="case_manager")
    act(cast, other, "hand_over", by="case_manager")
    assert (again(reminder).state, again(reminder).postponed_until) == ("done", None)
    assert (again(other).state, again(other).postponed_until) == ("open", None)
    assert told(other) == ["care_worker"]


@pytest.mark.parametrize("how", ["postpone", "hand_over", "set_aside"])
def test_a_reason_is_needed(cast: Cast, how: str) -> None:
    reminder = a_told_reminder(cast)
    with pytest.raises(Invalid) as error:
        act(cast, reminder, how, by="coordinator", reason="  \n ")
    assert error.value.field == "reason"
    assert (again(reminder).state, ReminderAct.objects.count()) == ("open", 0)


@pytest.mark.parametrize(
    ("to", "may"),
    [
        ("care_worker", True),
        ("attendance_officer", True),
        ("other_care_worker", False),  # of another care partner
        ("far_case_manager", False),
        ("administrator", False),
        ("former", False),
        ("coordinator", False),  # has it already
    ],
)
def test_it_is_handed_to_somebody_who_sees_the_case(cast: Cast, to: str, may: bool) -> None:
    reminder = a_told_reminder(cast)
    if may:
        act(cast, reminder, "hand_over", by="coordinator", to=cast.people[to])
        assert told(reminder) == [to]
        return
    with pytest.raises(Invalid) as error:
        act(cast, reminder, "hand_over", by="coordinator", to=cast.people[to])
    assert error.value.field == "to"


# --- Until when


@pytest.mark.parametrize(
    ("rule", "counts_from", "latest"),
    [
        ("R05", dt.date(2026, 9, 1), dt.date(2026, 12, 4)),
        ("R13", dt.date(2026, 8, 1), dt.date(2026, 11, 27)),
        ("R18", dt.date(2026, 9, 14), dt.date(2026, 12, 4)),
        ("R18x", dt.date(2026, 9, 14), dt.date(2026, 11, 27)),
        ("R16a", dt.date(2027, 1, 31), dt.date(2026, 12, 20)),
        ("R16b", dt.date(2027, 1, 31), dt.date(2026, 12, 4)),
        ("R16b", dt.date(2026, 11, 28), dt.date(2026, 11, 28)),  # not past what ends
    ],
)
def test_the_rule_says_until_when(cast: Cast, rule: str, counts_from: dt.date, latest: dt.date) -> None:
    reminder = remind(cast.cases["shared"], rule, counts_from=counts_from)
    for wrong in (TODAY - DAY, TODAY, latest + DAY):
        with pytest.raises(Invalid) as error:
            act(cast, reminder, "postpone", by="case_manager", until=wrong)
        assert error.value.field == "until"
    assert again(reminder).state == "open"
    act(cast, reminder, "postpone", by="case_manager", until=latest)
    assert again(reminder).postponed_until == latest


# --- Twice


@pytest.mark.parametrize("how", ACTS)
@pytest.mark.parametrize(("first", "word"), [("finish", "done"), ("set_aside", "not applicable")])
def test_what_is_settled_is_not_settled_again_and_says_by_whom(
    cast: Cast, how: str, first: str, word: str
) -> None:
    reminder = a_told_reminder(cast)
    act(cast, reminder, first, by="coordinator")
    with override("en"), pytest.raises(DomainError) as error:
        act(cast, reminder, how, by="case_manager")
    assert error.value.status == 409
    assert str(error.value) == f"coordinator was before you: this reminder is “{word}”."
    assert ReminderAct.objects.count() == 1


def test_what_the_sweep_cancelled_is_not_settled(cast: Cast) -> None:
    lead_by(cast, cast.cases["shared"], None)
    sweep_and_tell(cast)
    reminder = the(cast.cases["shared"], "R17")
    lead_by(cast, cast.cases["shared"], "coordinator")
    sweep_and_tell(cast)
    assert (again(reminder).state, again(reminder).cancelled_why) == ("cancelled", "no_longer_holds")
    with override("en"), pytest.raises(DomainError) as error:
        act(cast, reminder, by="case_manager")
    assert str(error.value) == "This reminder was settled already."


# --- What the log says


@pytest.mark.parametrize(
    ("how", "action", "until", "to"),
    [
        ("finish", "reminder.done", None, None),
        ("postpone", "reminder.postponed", "2026-11-23", None),
        ("hand_over", "reminder.handed_over", None, "care_worker"),
        ("set_aside", "reminder.not_applicable", None, None),
    ],
)
def test_what_was_done_stands_in_the_log_without_the_words(
    cast: Cast, how: str, action: str, until: str | None, to: str | None
) -> None:
    reminder = a_told_reminder(cast)
    act(cast, reminder, how, by="coordinator")
    event = Event.objects.get(action__startswith="reminder.")
    assert (event.action, event.target, event.actor_id) == (
        action,
        f"case {cast.cases['shared'].number}",
        str(cast.people["coordinator"].pk),
    )
    assert event.details == {
        "reminder": reminder.pk,
        "rule": "R10",
        "until": until,
        "to": to and cast.people[to].pk,
    }


# --- What comes back


def states(case: Case, rule: str) -> list[tuple[dt.date, str]]:
    return list(
        Reminder.objects.filter(case=case, rule=rule).order_by("due_on").values_list("due_on", "state")
    )


def swept(cast: Cast, case: Case, rule: str, on: dt.date) -> list[tuple[dt.date, str]]:
    sweep_partnership(cast.swv.pk, on=on, at=NOW + (on - TODAY))
    return states(case, rule)


D9, D27 = dt.date(2026, 11, 9), dt.date(2026, 11, 27)


def test_a_postponed_one_comes_back_on_its_day_and_repeats_from_there(cast: Cast) -> None:
    """R14: since 14 September no progress; due 42 days later, on 26 October, then every 14 days."""
    case = cast.cases["own"]
    assert swept(cast, case, "R14", TODAY) == [(D9, "open")]
    act(cast, the(case, "R14"), "postpone", by="case_manager", until=D27)
    for day in (dt.date(2026, 11, 23), D27 - DAY):  # also on the day on which it would be due again
        assert swept(cast, case, "R14", day) == [(D9, "postponed")]
    back = [(D9, "repeated"), (D27, "open")]
    assert swept(cast, case, "R14", D27) == back
    for day in (D27, dt.date(2026, 12, 7), dt.date(2026, 12, 10)):
        assert swept(cast, case, "R14", day) == back
    assert swept(cast, case, "R14", dt.date(2026, 12, 11)) == [
        (D9, "repeated"),
        (D27, "repeated"),
        (dt.date(2026, 12, 11), "open"),
    ]


def test_a_rule_that_asks_once_comes_back_once(cast: Cast) -> None:
    """R11: six weeks since 1 September, on 13 October."""
    case, due = cast.cases["own"], dt.date(2026, 10, 13)
    assert swept(cast, case, "R11", TODAY) == [(due, "open")]
    act(cast, the(case, "R11"), "postpone", by="case_manager", until=D27)
    back = [(due, "repeated"), (D27, "open")]
    assert swept(cast, case, "R11", D27) == back
    assert swept(cast, case, "R11", D27 + 60 * DAY) == back
    act(cast, the(case, "R11"), by="case_manager", on=D27)
    assert swept(cast, case, "R11", D27 + 61 * DAY) == [(due, "repeated"), (D27, "done")]


def test_a_postponed_one_stays_away_when_it_no_longer_holds(cast: Cast) -> None:
    case = cast.cases["own"]
    swept(cast, case, "R17", TODAY)
    (due, _open), *_ = states(case, "R17")
    act(cast, the(case, "R17"), "postpone", by="case_manager", until=D27)
    lead_by(cast, case, "coordinator")
    assert swept(cast, case, "R17", D27) == [(due, "cancelled")]
    assert the(case, "R17").cancelled_why == "no_longer_holds"


def test_a_postponed_one_of_a_date_that_moved_is_cancelled(cast: Cast) -> None:
    case = cast.cases["own"]
    swept(cast, case, "R14", TODAY)
    act(cast, the(case, "R14"), "postpone", by="case_manager", until=D27)
    Case.objects.filter(pk=case.pk).update(last_progress_on=TODAY)
    assert swept(cast, case, "R14", D27) == [(D9, "cancelled")]
    assert the(case, "R14").cancelled_why == "date_moved"
    assert swept(cast, case, "R14", TODAY + 42 * DAY) == [(D9, "cancelled"), (TODAY + 42 * DAY, "open")]


def test_what_is_done_repeats_as_the_rule_says(cast: Cast) -> None:
    case = cast.cases["own"]
    swept(cast, case, "R14", TODAY)
    act(cast, the(case, "R14"), by="case_manager")
    assert swept(cast, case, "R14", dt.date(2026, 11, 22)) == [(D9, "done")]
    assert swept(cast, case, "R14", dt.date(2026, 11, 23)) == [
        (D9, "done"),
        (dt.date(2026, 11, 23), "open"),
    ]


def test_what_does_not_apply_is_not_repeated_until_its_date_moves(cast: Cast) -> None:
    case = cast.cases["own"]
    swept(cast, case, "R14", TODAY)
    act(cast, the(case, "R14"), "set_aside", by="case_manager")
    assert swept(cast, case, "R14", TODAY + 60 * DAY) == [(D9, "not_applicable")]
    Case.objects.filter(pk=case.pk).update(last_progress_on=TODAY)
    assert swept(cast, case, "R14", TODAY + 60 * DAY) == [
        (D9, "not_applicable"),
        (TODAY + 56 * DAY, "open"),
    ]


def test_what_comes_back_is_of_the_role_again(cast: Cast) -> None:
    """The one that was handed over ended; the next one is told to whom the rule names."""
    case = cast.cases["shared"]
    sweep_and_tell(cast)
    act(cast, the(case, "R14"), "hand_over", by="case_manager")
    assert told(the(case, "R14")) == ["care_worker"]
    sweep_and_tell(cast, on=dt.date(2026, 11, 23), at=NOW + 3 * DAY)
    assert (the(case, "R14").due_on, told(the(case, "R14"))) == (dt.date(2026, 11, 23), ["case_manager"])


# --- Two at once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("mine", "yours"), [("finish", "finish"), ("postpone", "set_aside")])
def test_two_at_once(transactional_db: None, cast: Cast, mine: str, yours: str) -> None:
    """One of them does it; the other hears who was first, unless what was done may be done upon."""
    reminder = a_told_reminder(cast)
    results = at_once(
        lambda: act(cast, reminder, mine, by="coordinator"),
        lambda: act(cast, reminder, yours, by="case_manager"),
    )
    won = [result for result in results if isinstance(result, Reminder)]
    lost = [result for result in results if isinstance(result, DomainError)]
    kinds = [what.kind for what in again(reminder).acts.all()]
    if (mine, yours) == ("finish", "finish"):
        assert (len(won), [error.status for error in lost], kinds) == (1, [409], ["done"])
        return
    assert kinds in (["not_applicable"], ["postponed", "not_applicable"])
    assert (len(won), len(lost)) == (len(kinds), 2 - len(kinds))
    assert again(reminder).state == "not_applicable"
    assert told(reminder) == []
