"""A real mail server on a port of its own, that can be told to refuse; kinds and people of these tests."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Role
from notifications import kinds
from notifications.kinds import Frequency, Urgency
from notifications.models import Notice
from notifications.services import Told, bundle, deliver, queueing, tell
from tests.factories.accounts import UserFactory, member

NOON = dt.datetime(2026, 11, 3, 12, 0, tzinfo=dt.UTC)  # a Tuesday; 13:00 in Amsterdam
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


class Mailbox:
    """What the server took in. `answer` is what it says to each recipient (or to `only` one), `at_data` to
    each message."""

    def __init__(self) -> None:
        self.received: list[tuple[str, Message]] = []
        self.answer = "250 OK"
        self.only = ""
        self.at_data = "250 OK"
        self.hangs_up_after_data = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.answer if self.only in ("", address.lower()) else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.at_data.startswith("250"):
            self.received += [(to, message_from_bytes(envelope.content)) for to in envelope.rcpt_tos]
        if self.hangs_up_after_data:
            server.transport.close()
        return self.at_data


class Server(Controller):
    """On a port that is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    server = Server(box, hostname="127.0.0.1", port=0)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    settings.EMAIL_TIMEOUT = 5
    try:
        yield box
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that would have gone to the broker."""
    names: list[str] = []
    monkeypatch.setattr(queueing.current_app, "send_task", lambda name, **options: names.append(name))
    return names


class Rights:
    """Who may be told what: everybody everything, until it is taken from them."""

    def __init__(self) -> None:
        self.taken: set[tuple[int, str]] = set()
        self.asked: list[int] = []

    def take(self, user: User, about: str) -> None:
        self.taken.add((user.pk, about))

    def may_get(self, user: Any, notices: Sequence[Notice]) -> set[int]:
        self.asked.append(len(notices))
        return {notice.pk for notice in notices if (user.pk, notice.about) not in self.taken}


@pytest.fixture
def rights(monkeypatch: pytest.MonkeyPatch) -> Rights:
    """Kinds of three topics: news (at once, may be off), weekly (may be off) and duty (daily, required)."""
    it = Rights()
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    monkeypatch.setattr(kinds, "_topics", dict(kinds._topics))
    kinds.register_topic("news", "News", "What is new.", default=Frequency.AT_ONCE)
    kinds.register_topic("letter", "Letter", default=Frequency.WEEKLY)
    kinds.register_topic(
        "duty", gettext_lazy("Duty"), "What must be done.", default=Frequency.DAILY, required=True
    )
    kinds.register("new", "News of %(number)s", "Look at it.", topic="news", may_get=it.may_get)
    kinds.register("letter", "Letter about %(number)s", topic="letter", may_get=it.may_get)
    kinds.register("duty", "Evaluate the plan", "Of %(number)s.", topic="duty", may_get=it.may_get)
    kinds.register("shared", gettext_lazy("Messages"), "Case %(number)s", topic="news")
    return it


def person(name: str = "Karin", **fields: Any) -> User:
    """Somebody who may enter, reads English, and has an address by the name."""
    fields = {"email": f"{name.lower()}@school.example", "language": "en"} | fields
    return member(UserFactory(name=name, **fields), Role.PLATFORM_OPERATOR, None)


def told(user: User, number: int = 1, kind: str = "new", **changes: Any) -> Told:
    case = f"TZ-2026-{number:05}"
    return Told(
        user.pk,
        kind,
        **(
            {
                "key": f"{kind}:{number}",
                "context": {"number": case},
                "link": f"/dossiers/{case}/",
                "about": case,
            }
            | changes
        ),
    )


def duty(user: User, number: int = 1, **changes: Any) -> Told:
    """Something that is asked of somebody."""
    changes = {"urgency": Urgency.TODO, "asks": True, "by_when": dt.date(2026, 11, 20)} | changes
    return told(user, number, "duty", **changes)


def tell_at(at: dt.datetime, *items: Told) -> int:
    with time_machine.travel(at, tick=False):
        return tell(items)


def mail_at(at: dt.datetime, clock: Callable[[], dt.datetime] | None = None) -> int:
    """What the task does each minute; who tells something meanwhile tells it at that moment too."""
    with time_machine.travel(at, tick=False):
        bundle(at=at)
        return deliver(clock=clock or (lambda: at))


def text_in(message: Message) -> str:
    """The plain text of a mail."""
    part = next(it for it in message.walk() if it.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


def subject_of(message: Message) -> str:
    return str(make_header(decode_header(message["Subject"])))
