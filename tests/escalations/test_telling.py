"""Telling: once to each person, as roles are now; and no mail of what asks nothing any more."""

import datetime as dt
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from accounts.models import User
from accounts.services.memberships import end_role
from cases.models import Case, Pupil
from escalations.models import Reminder
from escalations.queries.notices import key_of
from escalations.services import handling
from escalations.services.telling import restore_notices, tell_pending, withdraw_notices
from notifications.models import Dispatch, Notice, OutboxMail
from notifications.services import bundle, deliver
from tests.cases.views import client_of, on_the_day, text_of
from tests.cast import NOW, TODAY, Cast, cast
from tests.escalations.acting import (
    again,
    lead_by,
    membership_of,
    notices_of,
    remind,
    second_manager,
    sweep_and_tell,
    tell,
    told,
)
from tests.notifications.conftest import Mailbox, mailbox

__all__ = ["cast", "mailbox", "on_the_day"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

SOON = NOW + dt.timedelta(minutes=2)


@pytest.fixture(autouse=True)
def _nothing_told_yet(cast: Cast) -> None:
    """What was told while the cast was made, of invitations, is no part of this."""
    Notice.objects.all().delete()


def text_and_html(message: Any) -> str:
    """All that a mail says, headers too."""
    parts = [part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart()]
    return unescape("\n".join([*(f"{key}: {value}" for key, value in message.items()), *parts]))


def rows_of(reminder: Reminder) -> list[tuple[str, int]]:
    notices = Notice.objects.filter(key=key_of(reminder.pk))
    return sorted(notices.values_list("user__name", "pk"))


# --- Once


def test_everybody_is_told_once_however_often_it_is_told(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R10")
    tell(cast)
    first = rows_of(reminder)
    assert [name for name, _ in first] == ["case_manager", "coordinator", "site_coordinator"]
    tell(cast)
    tell(cast, at=SOON)
    tell_pending(cast.swv.pk, on=TODAY, at=SOON, everybody=False)
    assert rows_of(reminder) == first
    assert again(reminder).told_at == NOW


def test_what_a_notice_holds(cast: Cast) -> None:
    case = cast.cases["own"]
    reminder = remind(case, "R18x")
    tell(cast)
    notice = Notice.objects.get(key=key_of(reminder.pk))
    assert notice.context == {"number": case.number, "since": "2026-09-14", "own": ""}
    assert (notice.link, notice.about) == (f"/herinneringen/{reminder.pk}/", case.number)
    assert (notice.asks, notice.by_when, notice.urgency) == (True, TODAY + dt.timedelta(days=7), 1)
    with override("en"):
        assert notice.text.title == f"{case.number}: See to it that there is an arrangement"
        assert notice.text.body == "Signalled for twenty school days. Signalled on: 14 September 2026."


def test_who_stands_in_hears_why(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R14")
    tell(cast)
    with override("en"):
        assert Notice.objects.get(key=key_of(reminder.pk)).text.body == (
            "Six weeks without a progress note. Last progress note, or else signalled on: 14 September 2026. "
            "You get this because nobody has the role that it is meant for."
        )


def test_what_is_due_later_is_not_told_yet(cast: Cast) -> None:
    later = remind(cast.cases["own"], "R11", due_on=TODAY + dt.timedelta(days=1))
    now = remind(cast.cases["shared"], "R11")
    assert (tell(cast), told(later), told(now)) == (0, [], ["case_manager"])


def test_each_partnership_tells_its_own(cast: Cast) -> None:
    own, far = remind(cast.cases["own"], "R11"), remind(cast.cases["far"], "R11")
    tell(cast)
    assert (told(own), told(far)) == (["case_manager"], [])
    tell_pending(cast.other_swv.pk, on=TODAY, at=NOW, everybody=True)
    assert (told(own), told(far)) == (["case_manager"], ["far_case_manager"])


FEW, MANY = ["R14"], ["R14", "R19", "R20", "R23x", "R18"]


def remind_all(cast: Cast, rules: list[str]) -> None:
    """In each case of the partnership, all led by the case manager: 6 reminders or 30."""
    Reminder.objects.all().delete()
    Notice.objects.all().delete()
    for name in ("own", "second_site", "other_school", "without_site", "shared", "invited"):
        lead_by(cast, cast.cases[name], "case_manager")
        for rule in rules:
            remind(cast.cases[name], rule)


def queries_of_telling(cast: Cast) -> int:
    with CaptureQueriesContext(connection) as found:
        tell(cast)
    return len(found)


def test_telling_costs_the_same_for_few_and_for_many(cast: Cast) -> None:
    found = []
    for rules in (FEW, MANY):
        remind_all(cast, rules)
        found.append(queries_of_telling(cast))
    assert found == [found[0]] * 2


def test_taking_back_and_giving_back_cost_the_same_for_few_and_for_many(cast: Cast) -> None:
    second_manager(cast)
    found = []
    for rules in (FEW, MANY):
        remind_all(cast, rules)
        tell(cast)
        costs = []
        for lead in ("second_manager", "case_manager"):
            for case in cast.cases.values():
                lead_by(cast, case, lead)
            costs.append(queries_of_telling(cast))
            there = Notice.objects.filter(withdrawn_at__isnull=True, kind="reminder_R14")
            assert [*there.values_list("user__name", flat=True)] == [lead] * 6
        found.append(costs)
    assert found[0] == found[1]


# --- As roles are now


def test_a_new_lead_is_told_and_the_old_one_has_it_taken_back(cast: Cast) -> None:
    case = cast.cases["own"]
    lead_by(cast, case, "site_coordinator")
    reminder = remind(case, "R14")
    tell(cast)
    assert told(reminder) == ["site_coordinator"]
    lead_by(cast, case, "coordinator")
    tell(cast, at=SOON)
    assert told(reminder) == ["coordinator"]
    taken = Notice.objects.get(key=key_of(reminder.pk), user__name="site_coordinator")
    assert (taken.withdrawn_at, taken.dispatch.state) == (SOON, Dispatch.State.DROPPED)
    lead_by(cast, case, "site_coordinator")
    tell(cast, at=SOON)
    assert told(reminder) == ["site_coordinator"]
    assert Notice.objects.filter(key=key_of(reminder.pk)).count() == 2


def test_who_stood_in_has_it_taken_back_when_somebody_gets_the_role(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R14")
    tell(cast)
    assert notices_of(reminder) == [("case_manager", "reminder_R14_instead")]
    lead_by(cast, cast.cases["own"], "coordinator")
    tell(cast)
    assert notices_of(reminder) == [("coordinator", "reminder_R14")]


def test_between_the_days_only_what_nobody_got_is_looked_at(cast: Cast) -> None:
    case = cast.cases["own"]
    lead_by(cast, case, "site_coordinator")
    old = remind(case, "R14")
    tell(cast)
    lead_by(cast, case, "coordinator")
    new = remind(case, "R18")
    tell_pending(cast.swv.pk, on=TODAY, at=NOW, everybody=False)
    assert (told(old), told(new)) == (["site_coordinator"], ["coordinator", "site_coordinator"])


def test_withdrawn_for_everyone_and_restored(cast: Cast) -> None:
    reminder, other = remind(cast.cases["own"], "R10"), remind(cast.cases["shared"], "R10")
    tell(cast)
    everybody = ["case_manager", "coordinator", "site_coordinator"]
    withdraw_notices([reminder.pk], at=SOON)
    assert (told(reminder), told(other)) == ([], everybody)
    restore_notices([reminder.pk], at=SOON)
    assert (told(reminder), told(other)) == (everybody, everybody)


def test_what_is_restored_is_not_mailed_twice(cast: Cast, mailbox: Mailbox) -> None:
    reminder = remind(cast.cases["own"], "R11")
    tell(cast)
    post(SOON)
    assert len(mailbox.received) == 1
    withdraw_notices([reminder.pk], at=SOON)
    restore_notices([reminder.pk], at=SOON)
    post(SOON + dt.timedelta(hours=1))
    assert (told(reminder), len(mailbox.received)) == (["case_manager"], 1)


# --- Without a name


def test_no_notice_and_no_mail_names_a_pupil(cast: Cast, mailbox: Mailbox) -> None:
    """Of everything that a sweep finds in the cases of the cast, in both languages."""
    Pupil.objects.update(first_name="Hannekees", last_name="Onmiskenbaar")
    client = client_of(cast, "case_manager")
    page = text_of(client.get(f"/dossiers/{cast.cases['own'].number}/"))
    assert "Hannekees Onmiskenbaar" in page  # it is there to be leaked
    sweep_and_tell(cast)
    notices = list(Notice.objects.filter(key__startswith="reminder:"))
    assert len({notice.kind for notice in notices}) >= 6
    User.objects.filter(name="case_manager").update(language="nl")
    post(SOON)
    assert {str(message["To"]) for _, message in mailbox.received} >= {
        "case_manager@example.org",
        "coordinator@example.org",
    }
    said = [text_and_html(message) for _, message in mailbox.received]
    for language in ("nl", "en"):
        with override(language):
            said += [f"{notice.text.title} {notice.text.body} {notice.context}" for notice in notices]
    for text in said:
        assert ("Hannekees" in text, "Onmiskenbaar" in text) == (False, False)
        assert "TZ-2026-" in text or "Het Voorbeeld" in text or "De Buren" in text


# --- What changed between telling and sending


def post(at: dt.datetime) -> int:
    """What a worker of mail does at a moment."""
    with time_machine.travel(at, tick=False):
        bundle(at=at)
        return deliver(clock=lambda: at)


def no_longer_holds(cast: Cast, case: Case, reminder: Reminder) -> None:
    Case.objects.filter(pk=case.pk).update(last_progress_on=TODAY)


def is_closed(cast: Cast, case: Case, reminder: Reminder) -> None:
    Case.objects.filter(pk=case.pk).update(state="closed", closed_on=TODAY, destination="eigen-school")


def loses_the_right(cast: Cast, case: Case, reminder: Reminder) -> None:
    end_role(membership=membership_of(cast, "site_coordinator"), by=None, at=NOW)


def leads_no_more(cast: Cast, case: Case, reminder: Reminder) -> None:
    lead_by(cast, case, "coordinator")


def is_done(cast: Cast, case: Case, reminder: Reminder) -> None:
    handling.finish(reminder_id=reminder.pk, note="", by=cast.people["case_manager"], at=NOW, on=TODAY)


def is_postponed(cast: Cast, case: Case, reminder: Reminder) -> None:
    handling.postpone(
        reminder_id=reminder.pk,
        until=TODAY + dt.timedelta(days=3),
        reason="Morgen gesprek",
        by=cast.people["case_manager"],
        at=NOW,
        on=TODAY,
    )


@pytest.mark.parametrize(
    "meanwhile",
    [no_longer_holds, is_closed, loses_the_right, leads_no_more, is_done, is_postponed],
)
@pytest.mark.parametrize("when", ["before bundling", "before sending"])
def test_what_asks_nothing_any_more_is_not_mailed(
    cast: Cast, mailbox: Mailbox, meanwhile: Callable[[Cast, Case, Reminder], None], when: str
) -> None:
    case, other = cast.cases["own"], cast.cases["shared"]
    for it in (case, other):
        lead_by(cast, it, "site_coordinator")
    reminder, kept = remind(case, "R14"), remind(other, "R14", counts_from=other.signalled_on)
    tell(cast)
    assert told(reminder) == told(kept) == ["site_coordinator"]
    if when == "before sending":
        bundle(at=SOON)
        assert OutboxMail.objects.get(user__name="site_coordinator").kind == "digest"
    meanwhile(cast, case, reminder)
    post(SOON)
    said = {to: text_and_html(message) for to, message in mailbox.received}
    if meanwhile is loses_the_right:
        assert said == {}
        return
    assert list(said) == ["site_coordinator@example.org"]
    assert (case.number in said["site_coordinator@example.org"]) is False
    assert other.number in said["site_coordinator@example.org"]


def test_a_mail_of_which_nothing_is_left_is_not_sent(cast: Cast, mailbox: Mailbox) -> None:
    lead_by(cast, cast.cases["own"], "site_coordinator")
    reminder = remind(cast.cases["own"], "R14")
    tell(cast)
    bundle(at=SOON)
    is_done(cast, cast.cases["own"], reminder)
    assert post(SOON) == 0
    assert OutboxMail.objects.get().state == OutboxMail.State.DROPPED
    assert mailbox.received == []


def test_what_still_asks_is_mailed_with_what_and_when_and_where(cast: Cast, mailbox: Mailbox) -> None:
    User.objects.filter(name="site_coordinator").update(language="en")
    case = cast.cases["own"]
    lead_by(cast, case, "site_coordinator")
    reminder = remind(case, "R14")
    tell(cast)
    assert post(SOON) == 1
    [(to, message)] = mailbox.received
    assert to == "site_coordinator@example.org"
    assert message["Subject"] == f"{case.number}: Write down how it goes, or what holds it up"
    text = message.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "Six weeks without a progress note." in text
    assert "By when: 27 November 2026" in text
    assert f"http://127.0.0.1:8000/herinneringen/{reminder.pk}/" in text
    post(SOON + dt.timedelta(days=3))
    assert len(mailbox.received) == 1


def test_the_inbox_too_shows_only_what_still_asks(cast: Cast) -> None:
    case = cast.cases["own"]
    lead_by(cast, case, "site_coordinator")
    remind(case, "R14")
    tell(cast)
    client = client_of(cast, "site_coordinator")
    assert case.number in text_of(client.get("/berichten/"))
    Case.objects.filter(pk=case.pk).update(last_progress_on=TODAY)
    assert case.number not in text_of(client.get("/berichten/"))


# --- After a change of the case itself


def test_an_import_in_one_go_is_one_mail_for_each_person(cast: Cast, mailbox: Mailbox) -> None:
    """A first sweep finds much: everybody gets one mail about all of it."""
    sweep_and_tell(cast)
    post(SOON)
    receivers = [to for to, _ in mailbox.received]
    assert len(receivers) == len(set(receivers))
    assert Notice.objects.filter(user__name="case_manager").count() > 10
    post(SOON + dt.timedelta(minutes=30))
    assert len(mailbox.received) == len(receivers)


# --- A clock that was ahead


def test_what_was_told_before_its_day_comes_back_on_it(cast: Cast) -> None:
    later = TODAY + dt.timedelta(days=40)
    case = cast.cases["own"]
    sweep_and_tell(cast, on=later, at=NOW + dt.timedelta(days=40))
    early = Reminder.objects.filter(case=case, due_on__gt=TODAY).order_by("pk").first()
    assert early is not None
    assert "case_manager" in told(early)
    assert again(early).told_at is not None

    sweep_and_tell(cast)
    assert (again(early).state, again(early).told_at, told(early)) == ("open", None, [])
    turns = Dispatch.objects.filter(notice__key=key_of(early.pk))
    assert set(turns.values_list("state", flat=True)) == {"dropped"}

    tell(cast, on=early.due_on, at=NOW + (early.due_on - TODAY))
    assert "case_manager" in told(early)
    assert set(turns.values_list("state", flat=True)) == {"waiting"}


def test_who_was_mailed_before_its_day_is_not_mailed_again(cast: Cast) -> None:
    later = TODAY + dt.timedelta(days=40)
    sweep_and_tell(cast, on=later, at=NOW + dt.timedelta(days=40))
    Dispatch.objects.update(state="bundled")
    early = Reminder.objects.filter(case=cast.cases["own"], due_on__gt=TODAY).order_by("pk").first()
    assert early is not None
    sweep_and_tell(cast)
    tell(cast, on=early.due_on, at=NOW + (early.due_on - TODAY))
    assert "case_manager" in told(early)
    states = Dispatch.objects.filter(notice__key=key_of(early.pk)).values_list("state", flat=True)
    assert set(states) == {"bundled"}
