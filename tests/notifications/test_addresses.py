import datetime as dt
import io
import json
import sys
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from accounts.services.profile import (
    ask_notification_address,
    confirm_notification_address,
    try_address_again,
)
from common.errors import Invalid, NotAllowed, NotFound
from notifications.models import Dispatch, FailingAddress, Notice, OutboxMail, StoppedAddress
from notifications.services import bundle, queue_mail
from notifications.services.bounces import record_bounce
from schools.models import CareKind
from tests.factories.accounts import UserFactory, member
from tests.factories.schools import (
    CarePartnerFactory,
    PartnershipFactory,
    SchoolFactory,
    SchoolSiteFactory,
)
from tests.notifications.conftest import DAY, HOUR, NOON, Mailbox, mail_at, person, subject_of, tell_at, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rights")]

NO_SUCH_USER = "550 5.1.1 No such user"


@pytest.fixture
def world() -> SimpleNamespace:
    """A partnership with two administrators, and Karin who coordinates for a site of it."""
    it = SimpleNamespace(swv=PartnershipFactory(), other_swv=PartnershipFactory())
    it.school = SchoolFactory()
    it.site = SchoolSiteFactory(school=it.school, partnerships=[it.swv])
    it.anouk = member(UserFactory(name="Anouk", language="en"), Role.ADMINISTRATOR, it.swv.organisation)
    it.aart = member(UserFactory(name="Aart"), Role.ADMINISTRATOR, it.swv.organisation)
    it.stranger = member(UserFactory(name="Stranger"), Role.ADMINISTRATOR, it.other_swv.organisation)
    it.operator = member(UserFactory(name="Operator"), Role.PLATFORM_OPERATOR, None)
    it.karin = member(
        UserFactory(name="Karin", email="karin@school.example", language="en"),
        Role.COORDINATOR,
        it.site.organisation,
    )
    return it


def told_of(name: str) -> list[str]:
    """Who heard that mail to somebody does not arrive."""
    notices = Notice.objects.filter(kind="address_stopped", context={"name": name})
    return sorted(notices.values_list("user__name", flat=True))


def refuse(user: User, mailbox: Mailbox, number: int = 1, at: dt.datetime = NOON) -> OutboxMail:
    """A mail to somebody that is refused for good."""
    tell_at(at - HOUR, told(user, number))
    mailbox.answer, mailbox.only = NO_SUCH_USER, user.address
    mail_at(at)
    mailbox.answer = "250 OK"
    return OutboxMail.objects.filter(user=user).latest("pk")


# --- Stopping


def test_a_refused_recipient_stops_the_address_at_once(world: SimpleNamespace, mailbox: Mailbox) -> None:
    mail = refuse(world.karin, mailbox)

    stopped = StoppedAddress.objects.get()
    assert (stopped.email, stopped.stopped_at, stopped.failures) == ("karin@school.example", NOON, 1)
    assert "No such user" in stopped.reason
    assert (mail.state, mail.failures) == ("failed", 1)
    assert told_of("Karin") == ["Aart", "Anouk"]
    notice = Notice.objects.filter(user=world.anouk).get()
    assert (notice.text.title, notice.link) == (
        "Mail to Karin does not arrive",
        f"/beheer/mensen/{world.karin.pk}/",
    )


def test_nothing_more_goes_there_but_mails_about_the_account_do(
    world: SimpleNamespace, mailbox: Mailbox
) -> None:
    refuse(world.karin, mailbox)
    tell_at(NOON + HOUR, told(world.karin, 2))
    queue_mail(to="karin@school.example", kind="password_reset", key="reset", context={}, language="en")
    OutboxMail.objects.filter(key="reset").update(next_try_at=NOON)
    mailbox.received.clear()
    mail_at(NOON + 2 * HOUR)

    to_karin = [subject_of(message) for to, message in mailbox.received if to == "karin@school.example"]
    assert to_karin == ["A new password for Terugkeer"]
    assert Dispatch.objects.get(notice__key="new:2").state == "waiting"


def test_a_mail_that_was_bundled_before_waits_while_the_address_is_stopped(
    world: SimpleNamespace, mailbox: Mailbox
) -> None:
    tell_at(NOON - HOUR, told(world.karin))
    StoppedAddress.objects.create(email="elsewhere@school.example", stopped_at=NOON, reason="550")
    mailbox.answer = "451 later"
    mail_at(NOON)
    mailbox.answer = "250 OK"
    world.karin.notification_email = "Elsewhere@school.example"
    world.karin.save()

    assert mail_at(NOON + HOUR) == 0
    mail = OutboxMail.objects.get(user=world.karin)
    assert (mail.state, mail.attempts) == ("queued", 1)
    StoppedAddress.objects.all().delete()
    assert mail_at(NOON + HOUR) == 1


def test_three_mails_given_up_stop_the_address(world: SimpleNamespace, mailbox: Mailbox) -> None:
    for number in range(1, 4):
        assert StoppedAddress.objects.count() == 0
        _give_up(world.karin, mailbox, number)

    stopped = StoppedAddress.objects.get()
    assert (stopped.email, stopped.failures) == ("karin@school.example", 3)
    assert told_of("Karin") == ["Aart", "Anouk"]


def test_a_mail_that_arrives_wipes_out_what_failed_before(world: SimpleNamespace, mailbox: Mailbox) -> None:
    _give_up(world.karin, mailbox, 1)
    _give_up(world.karin, mailbox, 2)
    tell_at(NOON, told(world.karin, 3))
    mail_at(NOON + HOUR)
    _give_up(world.karin, mailbox, 4)

    assert StoppedAddress.objects.count() == 0
    assert FailingAddress.objects.get().failures == 1


def _give_up(user: User, mailbox: Mailbox, number: int) -> None:
    tell_at(NOON - HOUR, told(user, number))
    bundle(at=NOON)
    mailbox.at_data = "554 Looks like spam"
    OutboxMail.objects.update(failures=35)
    mail_at(NOON)
    mailbox.at_data = "250 OK"


def test_stopping_is_told_once(world: SimpleNamespace, mailbox: Mailbox) -> None:
    refuse(world.karin, mailbox)
    queue_mail(to="Karin@School.example", kind="password_reset", key="reset", context={}, language="en")
    OutboxMail.objects.filter(key="reset").update(next_try_at=NOON)
    mailbox.answer = NO_SUCH_USER
    mail_at(NOON + HOUR)

    assert StoppedAddress.objects.filter(email="karin@school.example").count() == 1
    assert Notice.objects.filter(kind="address_stopped", user=world.anouk).count() == 1


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("of the school", ["Aart", "Anouk"]),
        ("of the partnership", ["Aart", "Anouk"]),
        ("of a care partner", ["Aart", "Anouk"]),
        ("an administrator", ["Aart"]),
        ("the only administrator", ["Operator"]),
        ("of a care partner alone", ["Operator"]),
        ("of two partnerships", ["Aart", "Anouk", "Stranger"]),
        ("nobody", ["Operator"]),
    ],
)
def test_who_is_told(world: SimpleNamespace, mailbox: Mailbox, who: str, expected: list[str]) -> None:
    care = CarePartnerFactory(kind=CareKind.YOUTH_CARE, partnerships=[world.swv])
    alone = CarePartnerFactory(kind=CareKind.YOUTH_CARE)
    shared = SchoolSiteFactory(partnerships=[world.swv, world.other_swv])
    ended = member(UserFactory(name="Ended"), Role.ADMINISTRATOR, world.swv.organisation)
    ended.memberships.update(ended_at=NOON)
    gone = UserFactory(name="Gone", is_active=False)
    member(gone, Role.ADMINISTRATOR, world.swv.organisation)
    user = {
        "of the school": lambda: member(None, Role.COORDINATOR, world.school.organisation),
        "of the partnership": lambda: member(None, Role.REPORTER, world.swv.organisation),
        "of a care partner": lambda: member(None, Role.CARE_WORKER, care.organisation),
        "an administrator": lambda: world.anouk,
        "the only administrator": lambda: world.stranger,
        "of a care partner alone": lambda: member(None, Role.CARE_WORKER, alone.organisation),
        "of two partnerships": lambda: member(None, Role.COORDINATOR, shared.organisation),
        "nobody": UserFactory,
    }[who]()
    refuse(user, mailbox)

    assert told_of(user.name) == expected


def test_an_operator_gets_a_link_only_where_he_may_look(world: SimpleNamespace, mailbox: Mailbox) -> None:
    nobody = UserFactory(name="Nobody")
    refuse(world.stranger, mailbox, 1)
    refuse(nobody, mailbox, 2)

    links = dict(Notice.objects.filter(user=world.operator).values_list("context__name", "link"))
    assert links == {"Stranger": f"/beheer/mensen/{world.stranger.pk}/", "Nobody": ""}


# --- Trying again


def test_trying_again_sends_what_was_refused_and_what_waited(
    world: SimpleNamespace, mailbox: Mailbox, client: Client
) -> None:
    mail = refuse(world.karin, mailbox)
    tell_at(NOON, told(world.karin, 2))
    client.force_login(world.karin)
    response = client.post("/profiel/meldingen/opnieuw-proberen/")

    assert (response.status_code, response["Location"]) == (302, "/profiel/meldingen/")
    assert StoppedAddress.objects.count() == 0
    mailbox.received.clear()
    mail_at(NOON + HOUR)
    sent = [
        (subject_of(message), message["Message-ID"] == mail.message_id)
        for to, message in mailbox.received
        if to == "karin@school.example"
    ]
    assert sent == [("News of TZ-2026-00001", True), ("News of TZ-2026-00002", False)]


def test_an_address_that_is_refused_again_is_stopped_and_told_again(
    world: SimpleNamespace, mailbox: Mailbox
) -> None:
    refuse(world.karin, mailbox)
    try_address_again(user=world.karin, by=world.anouk)
    refuse(world.karin, mailbox, 2, at=NOON + HOUR)

    assert StoppedAddress.objects.get().stopped_at == NOON + HOUR
    assert Notice.objects.filter(kind="address_stopped", user=world.anouk).count() == 2


def test_who_manages_a_person_tries_again_and_others_do_not(
    world: SimpleNamespace, mailbox: Mailbox, client: Client
) -> None:
    refuse(world.karin, mailbox)
    for other in (world.stranger, world.operator, UserFactory()):
        with pytest.raises(NotAllowed):
            try_address_again(user=world.karin, by=other)
    client.force_login(world.stranger)
    assert client.post(f"/beheer/mensen/{world.karin.pk}/adres/").status_code == 404
    assert StoppedAddress.objects.count() == 1

    client.force_login(world.anouk)
    page = client.get(f"/beheer/mensen/{world.karin.pk}/").content.decode()
    assert "Mail to this person does not arrive" in page
    assert client.post(f"/beheer/mensen/{world.karin.pk}/adres/").status_code == 302
    assert StoppedAddress.objects.count() == 0
    page = client.get(f"/beheer/mensen/{world.karin.pk}/").content.decode()
    assert "Mail to this person does not arrive" not in page


@pytest.mark.parametrize("path", ["/berichten/", "/profiel/", "/profiel/meldingen/"])
def test_who_gets_no_mail_sees_it(
    world: SimpleNamespace, mailbox: Mailbox, client: Client, path: str
) -> None:
    client.force_login(world.karin)
    assert "Mail to you does not arrive" not in client.get(path).content.decode()
    refuse(world.karin, mailbox)

    page = client.get(path).content.decode()
    assert "Mail to you does not arrive" in page
    assert 'action="/profiel/meldingen/opnieuw-proberen/"' in page


def test_another_address_gets_what_the_old_one_refused(world: SimpleNamespace, mailbox: Mailbox) -> None:
    refuse(world.karin, mailbox)
    ask_notification_address(by=world.karin, email="karin@new.example")
    link = OutboxMail.objects.get(kind="notification_address").context["link"]
    confirm_notification_address(by=world.karin, token=link.split("/")[-2], at=NOON)
    mailbox.received.clear()
    mail_at(NOON + HOUR)

    sent = [subject_of(message) for to, message in mailbox.received if to == "karin@new.example"]
    assert [subject for subject in sent if subject.startswith("News")] == ["News of TZ-2026-00001"]


def test_back_to_the_login_address(world: SimpleNamespace, mailbox: Mailbox) -> None:
    User.objects.filter(pk=world.karin.pk).update(notification_email="karin@old.example")
    world.karin.refresh_from_db()
    refuse(world.karin, mailbox)
    ask_notification_address(by=world.karin, email="")
    mailbox.received.clear()
    mail_at(NOON + HOUR)

    sent = [subject_of(message) for to, message in mailbox.received if to == "karin@school.example"]
    assert sent == ["News of TZ-2026-00001"]


# --- Mails that come back


def notification(
    message_id: str, action: str = "failed", status: str = "5.1.1", *, headers_only: bool = False
) -> bytes:
    """What a mail server sends back (RFC 3464)."""
    returned = "text/rfc822-headers" if headers_only else "message/rfc822"
    return (
        "From: MAILER-DAEMON@mail.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
        "\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mail.example\r\n\r\n"
        "Final-Recipient: rfc822; forwarded@elsewhere.example\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
        f"--b\r\nContent-Type: {returned}\r\n\r\n"
        f"Message-ID: {message_id}\r\nSubject: News\r\n\r\n"
        "--b--\r\n"
    ).encode()


@pytest.fixture
def sent(world: SimpleNamespace, mailbox: Mailbox) -> OutboxMail:
    tell_at(NOON - HOUR, told(world.karin))
    mail_at(NOON)
    return OutboxMail.objects.get(user=world.karin)


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_mail_that_came_back_stops_the_address(
    world: SimpleNamespace, sent: OutboxMail, headers_only: bool
) -> None:
    raw = notification(sent.message_id, headers_only=headers_only)

    assert record_bounce(notification=raw, at=NOON + HOUR) == "stopped"
    stopped = StoppedAddress.objects.get()
    assert (stopped.email, stopped.stopped_at) == ("karin@school.example", NOON + HOUR)
    assert stopped.reason == "5.1.1 smtp; 550 5.1.1 User unknown"
    sent.refresh_from_db()
    assert (sent.state, sent.last_error) == ("failed", stopped.reason)
    assert told_of("Karin") == ["Aart", "Anouk"]


def test_a_mail_that_came_back_is_counted_once(world: SimpleNamespace, sent: OutboxMail) -> None:
    raw = notification(sent.message_id)
    record_bounce(notification=raw, at=NOON + HOUR)

    assert record_bounce(notification=raw, at=NOON + DAY) == "nothing"
    assert StoppedAddress.objects.get().stopped_at == NOON + HOUR
    assert Notice.objects.filter(kind="address_stopped", user=world.anouk).count() == 1


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_mail_that_is_late_or_arrived_stops_nothing(sent: OutboxMail, action: str) -> None:
    assert record_bounce(notification=notification(sent.message_id, action, "4.4.1"), at=NOON) == "nothing"
    sent.refresh_from_db()
    assert (sent.state, StoppedAddress.objects.count()) == ("sent", 0)


def test_a_mail_given_up_by_a_server_on_the_way_counts_as_given_up(sent: OutboxMail) -> None:
    raw = notification(sent.message_id, status="4.4.7")

    assert record_bounce(notification=raw, at=NOON) == "counted"
    assert (StoppedAddress.objects.count(), FailingAddress.objects.get().failures) == (0, 1)


def test_what_is_no_notification_and_what_is_not_ours() -> None:
    with pytest.raises(NotFound):
        record_bounce(notification=notification("<unknown@mail.example>"), at=NOON)
    plain = EmailMessage()
    plain.set_content("Ik ben met vakantie.")
    for raw in (b"", b"\xff\x00nonsense", plain.as_bytes()):
        with pytest.raises(Invalid):
            record_bounce(notification=raw, at=NOON)


def run(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> tuple[int, dict[str, Any]]:
    """The exit code of the command and its one document."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    out = io.StringIO()
    code = 0
    try:
        call_command("record_bounce", "--json", stdout=out)
    except CommandError as error:
        code = error.returncode
    return code, json.loads(out.getvalue())


def test_the_command(monkeypatch: pytest.MonkeyPatch, sent: OutboxMail) -> None:
    assert run(monkeypatch, notification(sent.message_id)) == (0, {"outcome": "stopped"})
    assert run(monkeypatch, notification(sent.message_id)) == (0, {"outcome": "nothing"})
    code, document = run(monkeypatch, notification("<unknown@mail.example>"))
    assert (code, list(document)) == (1, ["error"])
    code, document = run(monkeypatch, b"Hello")
    assert (code, list(document)) == (2, ["error"])
    assert StoppedAddress.objects.count() == 1


def test_people_without_access_are_told_nothing(mailbox: Mailbox) -> None:
    """An invitation to an address that does not exist stops the address; nobody has it."""
    thea = person("Thea")
    queue_mail(to="typo@school.example", kind="invitation", key="1", context={"days": 7}, language="nl")
    OutboxMail.objects.update(next_try_at=NOON)
    mailbox.answer = NO_SUCH_USER
    mail_at(NOON)

    assert StoppedAddress.objects.get().email == "typo@school.example"
    assert Notice.objects.filter(user=thea).count() == 0
