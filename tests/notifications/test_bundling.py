import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from notifications.kinds import Urgency
from notifications.mails import message_of
from notifications.models import Dispatch, OutboxMail, StoppedAddress
from notifications.queries import mail_backlog
from notifications.services import bundle, redate, restore, withdraw
from notifications.services.preferences import set_preferences
from tests.at_once import at_once
from tests.notifications.conftest import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    Mailbox,
    Rights,
    duty,
    mail_at,
    person,
    subject_of,
    tell_at,
    text_in,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rights")]

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def karin() -> User:
    return person()


def states() -> dict[str, str]:
    return dict(Dispatch.objects.values_list("notice__key", "state"))


# --- When


def test_what_comes_at_once_waits_for_a_pause(karin: User) -> None:
    tell_at(NOON, told(karin, 1))
    tell_at(NOON + 40 * SECOND, told(karin, 2))

    assert bundle(at=NOON + 99 * SECOND) == 0
    assert bundle(at=NOON + 100 * SECOND) == 1
    assert set(states().values()) == {"bundled"}
    assert OutboxMail.objects.get().kind == "digest"


def test_who_is_told_something_all_the_time_waits_ten_minutes(karin: User) -> None:
    for second in range(0, 660, 30):
        tell_at(NOON + second * SECOND, told(karin, second))
        made = bundle(at=NOON + second * SECOND)
        assert made == (1 if second == 600 else 0)
    assert list(states().values()).count("waiting") == 1


def test_what_is_due_later_waits_for_its_moment(karin: User) -> None:
    tell_at(NOON, told(karin), duty(karin))

    assert bundle(at=NOON + HOUR) == 1
    assert states() == {"new:1": "bundled", "duty:1": "waiting"}
    assert OutboxMail.objects.get().kind == "notice"
    assert bundle(at=dt.datetime(2026, 11, 4, 7, 0, tzinfo=dt.UTC)) == 0
    assert bundle(at=dt.datetime(2026, 11, 4, 7, 1, tzinfo=dt.UTC)) == 1


def test_what_a_clock_that_was_a_year_ahead_dated_is_bundled_now(karin: User) -> None:
    tell_at(NOON + 365 * DAY, duty(karin))

    assert bundle(at=NOON) == 1
    assert states() == {"duty:1": "bundled"}


def test_after_a_clock_was_ahead_nothing_waits_longer_than_if_it_were_told_now(karin: User) -> None:
    tell_at(NOON, duty(karin, 1))
    tell_at(NOON + 2 * DAY, duty(karin, 2), told(karin, 3))
    with CaptureQueriesContext(connection) as asked:
        redate(at=NOON)

    eight = dt.datetime(2026, 11, 4, 7, 0, tzinfo=dt.UTC)
    assert dict(Dispatch.objects.values_list("notice__key", "due_at")) == {
        "duty:1": eight,
        "duty:2": eight,
        "new:3": NOON,
    }
    assert len(asked) == 6  # with the two of the transaction


def test_nothing_is_mailed_on_days_that_are_not_worked(karin: User, mailbox: Mailbox) -> None:
    saturday = dt.datetime(2026, 11, 7, 9, 0, tzinfo=dt.UTC)
    tell_at(saturday, told(karin, 1), duty(karin, 1))
    tell_at(saturday + DAY, told(karin, 2))

    for hour in range(0, 38):  # until Sunday 23:00 in Amsterdam
        assert mail_at(saturday + hour * HOUR) == 0
    assert mail_at(saturday + 38 * HOUR + MINUTE) == 1
    [(_, message)] = mailbox.received
    assert subject_of(message) == "Terugkeer: 2 messages"


def test_a_night_of_25_hours_mails_once(karin: User, mailbox: Mailbox) -> None:
    friday = dt.datetime(2026, 10, 23, 18, 0, tzinfo=dt.UTC)
    tell_at(friday, duty(karin))

    sent = [friday + n * 15 * MINUTE for n in range(4 * 100) if mail_at(friday + n * 15 * MINUTE)]
    assert sent == [dt.datetime(2026, 10, 26, 7, 15, tzinfo=dt.UTC)]
    assert len(mailbox.received) == 1


# --- Who


def test_who_is_not_active_and_whose_address_is_stopped_keep_what_waits(karin: User) -> None:
    gone = person("Gone", is_active=False)
    stopped = person("Stopped", notification_email="Elsewhere@School.example")
    StoppedAddress.objects.create(email="elsewhere@school.example", stopped_at=NOON, reason="550")
    tell_at(NOON, told(gone), told(stopped), told(karin))

    assert bundle(at=NOON + HOUR) == 1
    assert dict(Dispatch.objects.values_list("user__name", "state")) == {
        "Gone": "waiting",
        "Stopped": "waiting",
        "Karin": "bundled",
    }


def test_those_who_cannot_be_mailed_hold_up_nobody(karin: User) -> None:
    for number in range(5):
        tell_at(NOON, told(person(f"Gone{number}", is_active=False)))
    tell_at(NOON + MINUTE, told(karin))

    assert bundle(at=NOON + HOUR, at_most=2) == 1


def test_at_most_so_many_people_at_once_who_waits_longest_first() -> None:
    for number in range(5):
        tell_at(NOON + (5 - number) * MINUTE, told(person(f"P{number}")))

    assert bundle(at=NOON + HOUR, at_most=2) == 2
    assert sorted(OutboxMail.objects.values_list("user__name", flat=True)) == ["P3", "P4"]
    assert bundle(at=NOON + HOUR) == 3


@pytest.mark.django_db(transaction=True)
def test_bundlers_at_once_mail_each_notice_once() -> None:
    people = [person(f"P{number}") for number in range(10)]
    tell_at(NOON, *(told(user, number) for user in people for number in range(8)))

    found = at_once(*[lambda: bundle(at=NOON + HOUR)] * 3)
    assert sum(found) == 10
    assert OutboxMail.objects.count() == 10
    assert set(states().values()) == {"bundled"}
    for mail in OutboxMail.objects.all():
        assert mail.dispatches.count() == 8
        assert {turn.user_id for turn in mail.dispatches.all()} == {mail.user_id}


@pytest.mark.django_db(transaction=True)
def test_bundling_and_withdrawing_at_once_leave_nothing_between(karin: User) -> None:
    tell_at(NOON, *(told(karin, number) for number in range(200)))
    keys = [f"new:{number}" for number in range(200)]

    at_once(lambda: bundle(at=NOON + HOUR), lambda: withdraw(keys=keys, at=NOON + HOUR))
    in_mail = Dispatch.objects.filter(state="bundled", mail__isnull=False).count()
    assert in_mail + Dispatch.objects.filter(state="dropped", mail__isnull=True).count() == 200


def test_bundling_costs_no_more_for_many_notices(karin: User) -> None:
    tell_at(NOON, told(karin, 1), told(karin, 2))
    with CaptureQueriesContext(connection) as few:
        bundle(at=NOON + HOUR)
    tell_at(NOON + HOUR, *(told(karin, number) for number in range(3, 300)))
    with CaptureQueriesContext(connection) as many:
        bundle(at=NOON + 2 * HOUR)
    assert len(many) == len(few)


# --- What


def test_one_notice_is_a_mail_of_its_own(karin: User, mailbox: Mailbox, settings: Any) -> None:
    settings.BASE_URL = "https://terugkeer.example/"
    tell_at(NOON, duty(karin))
    mail_at(NOON + DAY)

    [(to, message)] = mailbox.received
    assert to == "karin@school.example"
    assert subject_of(message) == "TZ-2026-00001: Evaluate the plan"
    assert text_in(message) == (
        "Of TZ-2026-00001.\n"
        "By when: 20 November 2026\n"
        "\n"
        "Open it in Terugkeer (you may have to log in first):\n"
        "https://terugkeer.example/dossiers/TZ-2026-00001/\n"
        "\n"
        "-- \n"
        "You get this mail because you work with Terugkeer. It is about: duty.\n"
        "How often you get mail, you choose here:\n"
        "https://terugkeer.example/profiel/meldingen/\n"
        "Mail about these reminders cannot be turned off, only come less often.\n"
        "Terugkeer sends this message automatically. You cannot reply to it.\n"
    )
    parts = [part.get_content_type() for part in message.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]


def test_several_are_one_mail_by_urgency(karin: User, mailbox: Mailbox) -> None:
    tell_at(NOON, told(karin, 1), duty(karin, 2), duty(karin, 3, by_when=dt.date(2026, 11, 5)))
    tell_at(NOON, duty(karin, 4, urgency=Urgency.NOW, by_when=None))
    Dispatch.objects.update(due_at=NOON)
    mail_at(NOON + HOUR)

    [(_, message)] = mailbox.received
    assert subject_of(message) == "Terugkeer: 4 messages, 1 needs attention now"
    body = text_in(message).split("-- \n")[0]
    assert body == (
        "You may have to log in before a link opens.\n"
        "\n"
        "Needs attention now\n"
        "\n"
        "* TZ-2026-00004: Evaluate the plan\n"
        "Of TZ-2026-00004.\n"
        "http://127.0.0.1:8000/dossiers/TZ-2026-00004/\n"
        "\n"
        "To do\n"
        "\n"
        "* TZ-2026-00003: Evaluate the plan\n"
        "Of TZ-2026-00003.\n"
        "By when: 5 November 2026\n"
        "http://127.0.0.1:8000/dossiers/TZ-2026-00003/\n"
        "\n"
        "* TZ-2026-00002: Evaluate the plan\n"
        "Of TZ-2026-00002.\n"
        "By when: 20 November 2026\n"
        "http://127.0.0.1:8000/dossiers/TZ-2026-00002/\n"
        "\n"
        "Good to know\n"
        "\n"
        "* News of TZ-2026-00001\n"
        "Look at it.\n"
        "http://127.0.0.1:8000/dossiers/TZ-2026-00001/\n"
        "\n"
    )


def test_a_sweep_of_500_is_one_mail_with_50_lines(karin: User, mailbox: Mailbox) -> None:
    tell_at(NOON, *(told(karin, number, urgency=1 + number % 3) for number in range(500)))
    assert mail_at(NOON + HOUR) == 1

    [(_, message)] = mailbox.received
    assert subject_of(message) == "Terugkeer: 500 messages, 167 need attention now"
    text = text_in(message)
    assert len(re.findall(r"^\* News of TZ-2026-\d{5}$", text, re.MULTILINE)) == 50
    assert "And 450 more in your inbox:\nhttp://127.0.0.1:8000/berichten/\n" in text


def test_composing_costs_no_more_for_many_notices(karin: User, rights: Rights) -> None:
    tell_at(NOON, told(karin, 1), duty(karin, 1))
    tell_at(NOON + 2 * DAY, *(told(karin, number) for number in range(2, 300)))
    queries = []
    for at in (NOON + DAY, NOON + 3 * DAY):
        bundle(at=at)
        mail = OutboxMail.objects.select_related("user").latest("pk")
        with CaptureQueriesContext(connection) as asked:
            message_of(mail)
        queries.append(len(asked))
    assert queries[0] == queries[1]
    assert rights.asked == [2, 298]


def test_the_language_and_the_address_are_those_of_the_moment_of_sending(
    karin: User, mailbox: Mailbox
) -> None:
    tell_at(NOON, told(karin, kind="shared"))
    bundle(at=NOON + HOUR)
    karin.language, karin.notification_email = "nl", "karin@elsewhere.example"
    karin.save()
    mail_at(NOON + HOUR)

    [(to, message)] = mailbox.received
    assert (to, message["To"]) == ("karin@elsewhere.example", "karin@elsewhere.example")
    assert subject_of(message) == "TZ-2026-00001: Berichten"
    assert OutboxMail.objects.get().to == "karin@elsewhere.example"


def test_what_was_handled_between_bundling_and_sending_is_left_out(karin: User, mailbox: Mailbox) -> None:
    tell_at(NOON, told(karin, 1), told(karin, 2))
    bundle(at=NOON + HOUR)
    withdraw(keys=["new:1"], at=NOON + HOUR)
    mail_at(NOON + HOUR)

    [(_, message)] = mailbox.received
    assert subject_of(message) == "News of TZ-2026-00002"
    assert "00001" not in str(message)


def test_who_lost_the_right_between_bundling_and_sending_is_not_told(
    karin: User, mailbox: Mailbox, rights: Rights
) -> None:
    tell_at(NOON, told(karin, 1), told(karin, 2))
    bundle(at=NOON + HOUR)
    rights.take(karin, "TZ-2026-00002")
    mail_at(NOON + HOUR)

    [(_, message)] = mailbox.received
    assert subject_of(message) == "News of TZ-2026-00001"
    assert "00002" not in str(message)


def test_what_was_left_out_of_a_mail_waits_anew_when_it_is_asked_again(karin: User, mailbox: Mailbox) -> None:
    tell_at(NOON, told(karin, 1), told(karin, 2))
    bundle(at=NOON + HOUR)
    withdraw(keys=["new:2"], at=NOON + HOUR)
    mail_at(NOON + HOUR)
    assert states() == {"new:1": "bundled", "new:2": "dropped"}

    restore(keys=["new:1", "new:2"], at=NOON + 2 * HOUR)
    assert states() == {"new:1": "bundled", "new:2": "waiting"}
    mail_at(NOON + 3 * HOUR)
    assert [subject_of(message) for _, message in mailbox.received] == [
        "News of TZ-2026-00001",
        "News of TZ-2026-00002",
    ]


@pytest.mark.parametrize("what", ["handled", "right lost", "turned off"])
def test_with_nothing_left_to_tell_no_mail_is_sent(
    karin: User, mailbox: Mailbox, rights: Rights, what: str
) -> None:
    tell_at(NOON, told(karin))
    bundle(at=NOON + HOUR)
    if what == "handled":
        withdraw(keys=["new:1"], at=NOON + HOUR)
    elif what == "right lost":
        rights.take(karin, "TZ-2026-00001")
    else:
        set_preferences(by=karin, frequencies={"news": "off"})

    assert mail_at(NOON + HOUR) == 0
    mail = OutboxMail.objects.get()
    assert (mail.state, mail.attempts, mail.failures) == ("dropped", 1, 0)
    assert mailbox.received == []
    assert mail_backlog(NOON + DAY).queued == 0


def test_a_mail_never_goes_twice_for_the_same_notice(karin: User, mailbox: Mailbox) -> None:
    tell_at(NOON, told(karin))
    mail_at(NOON + HOUR)
    for day in range(1, 8):
        withdraw(keys=["new:1"], at=NOON + day * DAY)
        restore(keys=["new:1"], at=NOON + day * DAY)
        tell_at(NOON + day * DAY, told(karin))
        mail_at(NOON + day * DAY + HOUR)

    assert len(mailbox.received) == 1


def test_a_mail_leads_who_answers_and_who_wants_no_more(karin: User, mailbox: Mailbox, settings: Any) -> None:
    settings.BASE_URL = "https://terugkeer.example"
    settings.NO_REPLY_EMAIL = "noreply@terugkeer.example"
    tell_at(NOON, told(karin), duty(karin))
    mail_at(NOON + HOUR)
    mail_at(NOON + DAY)

    news, required = (message for _, message in mailbox.received)
    assert news["Reply-To"] == "Replies are not read <noreply@terugkeer.example>"
    assert news["Auto-Submitted"] == "auto-generated"
    link = re.fullmatch(r"<(https://terugkeer\.example/afmelden/[\w:-]+/)>", _unfolded(news))
    assert link is not None
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link[1] in text_in(news)
    assert required["List-Unsubscribe"] is None
    assert required["List-Unsubscribe-Post"] is None
    assert "afmelden" not in text_in(required)


def test_the_address_for_answers_follows_the_sender_unless_another_is_given(
    karin: User, mailbox: Mailbox
) -> None:
    tell_at(NOON, told(karin))
    mail_at(NOON + HOUR)

    [(_, message)] = mailbox.received
    assert message["Reply-To"] == "Replies are not read <terugkeer@demo.example>"


def test_no_mail_names_a_person(karin: User, mailbox: Mailbox) -> None:
    tell_at(NOON, told(karin), duty(karin))
    Dispatch.objects.update(due_at=NOON)
    mail_at(NOON + HOUR)

    [(_, message)] = mailbox.received
    body = "".join(str(part.get_payload(decode=True)) for part in message.walk() if not part.is_multipart())
    assert "Karin" not in body + subject_of(message)
    assert "karin@" not in body


# --- For who keeps it running


def test_what_is_not_mailed_yet(karin: User) -> None:
    empty = mail_backlog(NOON)
    assert (empty.waiting, empty.queued, empty.oldest, empty.failed) == (0, 0, None, 0)
    tell_at(NOON, told(karin, 1), duty(karin, 1))
    tell_at(NOON + HOUR, told(karin, 2))

    backlog = mail_backlog(NOON + HOUR)
    assert (backlog.waiting, backlog.queued, backlog.oldest, backlog.failed) == (2, 0, NOON, 0)
    bundle(at=NOON + 2 * HOUR)
    OutboxMail.objects.update(created_at=NOON + 2 * HOUR)
    backlog = mail_backlog(NOON + 2 * HOUR)
    assert (backlog.waiting, backlog.queued, backlog.oldest) == (0, 1, NOON + 2 * HOUR)


def _unfolded(message: Any) -> str:
    return re.sub(r"\s+", "", message["List-Unsubscribe"])
