import datetime as dt
import os
import smtplib
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from structlog.testing import capture_logs

from audit.models import Event
from common.errors import DomainError, NotAllowed, NotFound
from notifications import tasks
from notifications.models import OutboxMail, StoppedAddress
from notifications.queries import failed_mails
from notifications.services import bundle, deliver, queue_mail, queueing, retry, withdraw
from notifications.services import delivering as services
from tests.factories.accounts import UserFactory
from tests.notifications.conftest import DAY, HOUR, MINUTE, NOON, Mailbox, person, subject_of, tell_at, told


def queue(number: int = 1, **changes: Any) -> None:
    arguments = {
        "to": f"person{number}@school.example",
        "kind": "invitation",
        "key": f"invitation-{number}",
        "language": "en",
        "context": {
            "name": "Karin",
            "role": "Coordinator",
            "url": "http://127.0.0.1:8000/uitnodiging/geheim/",
            "days": 7,
        },
    }
    with time_machine.travel(NOON, tick=False):
        queue_mail(**(arguments | changes))


def deliver_at(at: dt.datetime = NOON) -> int:
    return deliver(clock=lambda: at)


def row(number: int = 1) -> OutboxMail:
    return OutboxMail.objects.get(key=f"invitation-{number}")


@pytest.mark.django_db
def test_a_mail_arrives(mailbox: Mailbox) -> None:
    queue()
    message_id = row().message_id

    assert deliver_at(NOON) == 1
    [(to, message)] = mailbox.received
    assert to == "person1@school.example"
    assert message["Subject"] == "Invitation to Terugkeer"
    assert message["Message-ID"] == message_id
    assert message["Auto-Submitted"] == "auto-generated"
    parts = [part.get_content_type() for part in message.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    for part in message.get_payload():
        assert "http://127.0.0.1:8000/uitnodiging/geheim/" in part.get_payload()  # type: ignore[union-attr, operator]


@pytest.mark.django_db
def test_what_was_sent_is_not_sent_again_and_its_secrets_are_forgotten(mailbox: Mailbox) -> None:
    queue()
    deliver_at(NOON)

    assert deliver_at(NOON + dt.timedelta(days=1)) == 0
    assert len(mailbox.received) == 1
    mail = row()
    assert (mail.state, mail.context, mail.sent_at, mail.attempts) == ("sent", {}, NOON, 1)


@pytest.mark.django_db
def test_queueing_a_key_twice_sends_one_mail(mailbox: Mailbox) -> None:
    queue()
    queue(to="somebody.else@school.example")
    deliver_at()
    queue()
    deliver_at()

    assert [to for to, _ in mailbox.received] == ["person1@school.example"]


@pytest.mark.django_db
def test_what_is_rolled_back_is_not_sent(mailbox: Mailbox) -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)

    assert deliver_at() == 0
    assert mailbox.received == []


@pytest.mark.django_db(transaction=True)
def test_the_deliverer_is_woken_after_commit(woken: list[str]) -> None:
    with transaction.atomic():
        queue()
        assert woken == []

    assert woken == [tasks.deliver.name] == ["notifications.tasks.deliver"]


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_mail_is_queued_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(name: str, **options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(queueing.current_app, "send_task", refuses)
    with capture_logs() as logs:
        queue()

    assert row().state == "queued"
    assert [line["event"] for line in logs] == ["deliverer_not_woken"]


@pytest.mark.django_db
def test_the_task_sends(mailbox: Mailbox) -> None:
    queue()
    tasks.deliver()

    assert len(mailbox.received) == 1


@pytest.mark.django_db
def test_an_address_that_does_not_exist_is_given_up_at_once(mailbox: Mailbox) -> None:
    queue()
    mailbox.answer = "550 5.1.1 No such user"

    assert deliver_at() == 0
    mail = row()
    assert (mail.state, mail.attempts, mail.context) == ("failed", 1, {})
    assert mail.last_error.startswith("SMTPRecipientsRefused")
    assert "No such user" in mail.last_error


@pytest.mark.django_db
def test_a_server_that_says_later_is_tried_later_and_less_and_less_often(mailbox: Mailbox) -> None:
    queue()
    mailbox.answer = "451 4.7.1 Greylisted, come back later"

    at, pauses = NOON, []
    while row().state == "queued":
        deliver_at(at)
        pauses.append((row().next_try_at - at) // MINUTE)
        at = row().next_try_at
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, *[240] * 27, 0]
    mail = row()
    assert (mail.state, mail.attempts, mail.failures, mail.context) == ("failed", 36, 36, {})
    assert at - NOON == dt.timedelta(days=4, hours=16, minutes=15)
    assert "Greylisted" in mail.last_error


@pytest.mark.django_db
def test_before_its_time_it_is_not_tried_and_then_it_arrives(mailbox: Mailbox) -> None:
    queue()
    mailbox.answer = "451 later"
    deliver_at(NOON)
    mailbox.answer = "250 OK"

    assert deliver_at(NOON + MINUTE / 2) == 0
    assert deliver_at(NOON + MINUTE) == 1
    mail = row()
    assert (mail.state, mail.attempts, mail.last_error) == ("sent", 2, "")


@pytest.mark.django_db
def test_a_refused_message_is_tried_again(mailbox: Mailbox) -> None:
    queue()
    mailbox.at_data = "554 Looks like spam"
    deliver_at()

    mail = row()
    assert (mail.state, mail.last_error) == ("queued", "SMTPDataError: (554, b'Looks like spam')")


@pytest.mark.django_db
def test_while_the_server_is_down_the_others_keep_their_turns(mailbox: Mailbox, settings: Any) -> None:
    queue(1)
    queue(2)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # where nobody listens
    assert deliver_at(NOON) == 0
    settings.EMAIL_PORT = port

    assert [(mail.state, mail.attempts) for mail in (row(1), row(2))] == [("queued", 1), ("queued", 0)]
    assert deliver_at(NOON + MINUTE) == 2


@pytest.mark.django_db
def test_one_bad_mail_does_not_hold_up_the_others(mailbox: Mailbox) -> None:
    queue(1, kind="no_such_kind")
    queue(2, to="person2@school.example\nBcc: everybody@school.example")
    queue(3)

    assert deliver_at() == 1
    assert [to for to, _ in mailbox.received] == ["person3@school.example"]
    assert row(1).last_error.startswith("TemplateDoesNotExist")
    assert row(2).last_error.startswith("ValueError: Invalid address")


@pytest.mark.django_db
def test_the_log_names_the_row_and_no_person(mailbox: Mailbox) -> None:
    queue()
    mailbox.answer = "550 No such user person1@school.example"
    with capture_logs() as logs:
        deliver_at()

    assert logs == [
        {
            "event": "mail_failed",
            "mail": row().pk,
            "kind": "invitation",
            "error": "SMTPRecipientsRefused",
            "attempt": 1,
            "final": True,
            "log_level": "warning",
        },
        {
            "event": "address_stopped",
            "stopped": StoppedAddress.objects.get().pk,
            "log_level": "warning",
        },
    ]


@pytest.mark.django_db
def test_a_mail_that_somebody_is_sending_is_left_alone_until_the_lease_is_over(mailbox: Mailbox) -> None:
    queue()
    services._claim(row().pk, at=NOON)

    assert deliver_at(NOON + 9 * MINUTE) == 0
    assert deliver_at(NOON + 10 * MINUTE) == 1
    assert row().attempts == 2


@pytest.mark.django_db
def test_what_a_clock_that_was_a_year_ahead_put_off_is_sent_now(mailbox: Mailbox) -> None:
    queue(1)
    queue(2)
    queue(3)
    next_year = NOON + dt.timedelta(days=365)
    OutboxMail.objects.filter(pk=row(1).pk).update(next_try_at=next_year)
    OutboxMail.objects.filter(pk=row(2).pk).update(next_try_at=next_year, attempts=1)
    services._claim(row(2).pk, at=next_year)
    OutboxMail.objects.filter(pk=row(3).pk).update(next_try_at=NOON + services.LONGEST_PAUSE)

    assert deliver_at(NOON) == 2
    assert [row(n).state for n in (1, 2, 3)] == ["sent", "sent", "queued"]


@pytest.mark.django_db
def test_who_comes_back_after_the_lease_changes_nothing_any_more(mailbox: Mailbox) -> None:
    queue()
    late = services._claim(row().pk, at=NOON)
    assert late is not None
    deliver_at(NOON + 11 * MINUTE)

    services._put_back_or_give_up(late, TimeoutError(), at=NOON + 12 * MINUTE)
    assert row().state == "sent"


@pytest.mark.django_db
def test_a_mail_that_kills_its_deliverer_is_given_up_in_the_end(mailbox: Mailbox) -> None:
    queue()
    at = NOON
    for _ in range(36):
        assert services._claim(row().pk, at=at) is not None
        at += 10 * MINUTE

    with capture_logs() as logs:
        assert deliver_at(at) == 0
    mail = row()
    assert (mail.state, mail.context) == ("failed", {})
    assert [line["event"] for line in logs] == ["mails_given_up"]
    assert mailbox.received == []


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_at_once_send_each_mail_once(mailbox: Mailbox) -> None:
    for number in range(20):
        queue(number)

    sent = []

    def work() -> None:
        sent.append(deliver_at())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(to for to, _ in mailbox.received) == sorted(f"person{n}@school.example" for n in range(20))
    assert sum(sent) == 20
    assert set(OutboxMail.objects.values_list("state", "attempts")) == {("sent", 1)}


KILLED_WHILE_SENDING = """
    import sys, time
    from django.conf import settings
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    import django
    django.setup()
    from common import dates
    from notifications.services import delivering as services
    def claimed(mail):
        print("claimed", flush=True)
        time.sleep(60)
    services._send = claimed
    services.deliver(clock=dates.now)
"""


@pytest.mark.django_db(transaction=True)
def test_a_mail_of_a_killed_deliverer_is_sent_by_another(mailbox: Mailbox) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC)) as clock:
        queue_mail(
            to="person1@school.example",
            kind="invitation",
            key="invitation-1",
            context={"days": 7},
            language="nl",
        )
        message_id = row().message_id
        database = str(connection.settings_dict["NAME"])
        script = textwrap.dedent(KILLED_WHILE_SENDING)
        process = subprocess.Popen(
            [sys.executable, "-c", script, database],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        process.kill()
        process.wait()
        process.stdout.close()

        tasks.deliver()
        assert (row().state, mailbox.received) == ("claimed", [])
        clock.shift(services.LEASE)
        tasks.deliver()

    assert [message["Message-ID"] for _, message in mailbox.received] == [message_id]
    assert (row().state, row().attempts) == ("sent", 2)


# --- Whose fault it is


def bundle_for(name: str = "Karin", number: int = 1) -> OutboxMail:
    user = person(name)
    tell_at(NOON - HOUR, told(user, number))
    bundle(at=NOON)
    return OutboxMail.objects.get(user=user)


@pytest.mark.django_db
@pytest.mark.usefixtures("rights")
def test_a_server_that_is_down_for_three_days_loses_nothing(mailbox: Mailbox, settings: Any) -> None:
    queue()
    for number in range(3):
        bundle_for(f"P{number}", number)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # where nobody listens
    at = NOON
    while at < NOON + dt.timedelta(days=3):
        assert deliver_at(at) == 0
        at += 5 * MINUTE
    settings.EMAIL_PORT = port

    assert set(OutboxMail.objects.values_list("state", "failures")) == {("queued", 0)}
    assert StoppedAddress.objects.count() == 0
    assert deliver_at(at) == 4
    assert sorted(to for to, _ in mailbox.received) == [
        "p0@school.example",
        "p1@school.example",
        "p2@school.example",
        "person1@school.example",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (ConnectionRefusedError(), 0),
        (ConnectionResetError(), 0),
        (TimeoutError(), 0),
        (socket.gaierror(), 0),
        (OSError(113, "No route to host"), 0),
        (ssl.SSLError(), 0),
        (smtplib.SMTPServerDisconnected(), 0),
        (smtplib.SMTPConnectError(554, b"no"), 0),
        (smtplib.SMTPHeloError(501, b"no"), 0),
        (smtplib.SMTPAuthenticationError(535, b"no"), 0),
        (smtplib.SMTPSenderRefused(530, b"log in first", "us"), 0),
        (smtplib.SMTPDataError(421, b"closing"), 0),
        (smtplib.SMTPRecipientsRefused({"a": (421, b"closing")}), 0),
        (smtplib.SMTPDataError(451, b"later"), 1),
        (smtplib.SMTPDataError(554, b"spam"), 1),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"later")}), 1),
        (ValueError("no address"), 1),
    ],
)
def test_only_what_is_about_the_mail_counts_against_it(
    monkeypatch: pytest.MonkeyPatch, error: Exception, counts: int
) -> None:
    queue()
    monkeypatch.setattr(services, "_send", lambda mail: (None, error))
    deliver_at()

    mail = row()
    assert (mail.state, mail.attempts, mail.failures) == ("queued", 1, counts)
    assert mail.next_try_at == NOON + MINUTE


@pytest.mark.django_db
def test_a_run_takes_no_more_mails_after_45_seconds(mailbox: Mailbox) -> None:
    for number in range(1, 6):
        queue(number)
    seconds = iter(range(0, 1000, 10))

    assert deliver(clock=lambda: NOON + dt.timedelta(seconds=next(seconds))) == 2
    assert len(mailbox.received) == 2
    assert deliver_at() == 3


@pytest.mark.django_db
def test_a_connection_lost_after_the_mail_may_double_it_with_the_same_id(mailbox: Mailbox) -> None:
    queue()
    mailbox.hangs_up_after_data = True
    assert deliver_at(NOON) == 0
    mailbox.hangs_up_after_data = False
    assert deliver_at(NOON + MINUTE) == 1

    assert [message["Message-ID"] for _, message in mailbox.received] == [row().message_id] * 2
    assert (row().state, row().attempts, row().failures) == ("sent", 2, 0)


@pytest.mark.django_db
@pytest.mark.usefixtures("rights")
def test_a_bundle_that_may_go_twice_keeps_its_id_and_drops_what_was_handled(mailbox: Mailbox) -> None:
    user = person()
    tell_at(NOON - HOUR, told(user, 1), told(user, 2))
    bundle(at=NOON)
    mailbox.hangs_up_after_data = True
    deliver_at(NOON)
    withdraw(keys=["new:1"], at=NOON)
    mailbox.hangs_up_after_data = False
    deliver_at(NOON + MINUTE)

    message_id = OutboxMail.objects.get().message_id
    assert [(subject_of(message), message["Message-ID"]) for _, message in mailbox.received] == [
        ("Terugkeer: 2 messages", message_id),
        ("News of TZ-2026-00002", message_id),
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("rights")
def test_an_invitation_does_not_stand_in_line_behind_digests(mailbox: Mailbox) -> None:
    for number in range(3):
        bundle_for(f"P{number}", number)
    queue()

    assert deliver(clock=lambda: NOON, at_most=1) == 1
    assert [to for to, _ in mailbox.received] == ["person1@school.example"]


# --- Once more


@pytest.mark.django_db
@pytest.mark.usefixtures("rights")
def test_a_bundle_that_was_given_up_can_be_sent_again(mailbox: Mailbox) -> None:
    mail, operator = bundle_for(), person("Thea")
    mailbox.at_data = "554 Looks like spam"
    for _ in range(36):
        deliver_at(OutboxMail.objects.get(pk=mail.pk).next_try_at)
    assert [(it.pk, it.last_error) for it in failed_mails()] == [
        (mail.pk, "SMTPDataError: (554, b'Looks like spam')")
    ]
    mailbox.at_data = "250 OK"

    retry(mail_id=mail.pk, by=operator, at=NOON + DAY)
    assert deliver_at(NOON + DAY) == 1
    assert [message["Message-ID"] for _, message in mailbox.received] == [mail.message_id]
    assert list(failed_mails()) == []
    event = Event.objects.get(action="mail.retried")
    assert (event.target, event.actor_id) == (f"mail {mail.pk}", str(operator.pk))


@pytest.mark.django_db
@pytest.mark.usefixtures("rights")
def test_only_an_operator_sends_again_and_only_a_bundle_that_failed(mailbox: Mailbox) -> None:
    mail, operator, nobody = bundle_for(), person("Thea"), UserFactory()
    with pytest.raises(NotAllowed):
        retry(mail_id=mail.pk, by=nobody, at=NOON)
    with pytest.raises(NotFound):
        retry(mail_id=mail.pk + 1000, by=operator, at=NOON)
    with pytest.raises(DomainError):
        retry(mail_id=mail.pk, by=operator, at=NOON)
    queue()
    mailbox.answer = "550 No"
    deliver_at()
    with pytest.raises(DomainError):
        retry(mail_id=row().pk, by=operator, at=NOON)

    assert row().state == "failed"
