"""Tell people: in the application and by mail.

Both write rows, in the transaction of the caller: what is rolled back is not told. Mails leave after commit;
a task that is lost or killed loses nothing, for the sweep of every minute looks at the rows.
"""

import datetime as dt
import smtplib
import socket
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from common import dates
from common.errors import NotFound
from notifications.kinds import text_of
from notifications.mails import message_of
from notifications.models import Notice, OutboxMail
from notifications.queries import due_mails

logger = structlog.get_logger(__name__)

State = OutboxMail.State

MOST_ATTEMPTS = 12  # with the pauses below: some sixteen hours
LONGEST_PAUSE = dt.timedelta(hours=4)
LEASE = dt.timedelta(minutes=10)  # many times as long as sending one mail may take
AT_ONCE = 200
# For a connection that broke since the last time. Without a policy (or retry=False) it asks for six seconds.
ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0}


def notify(*, users: Iterable[Any], kind: str, key: str, context: Mapping[str, Any], link: str = "") -> None:
    """Put a notice in the inbox of each user; one who has a notice with this key gets no second one.

    `context` holds what the words of the kind need, never a pupil's name; `link` is a page of ours, that
    checks itself who may see it.
    """
    text_of(kind, context)  # a kind that nobody registered or a missing value is a mistake of the caller
    if link and not _is_ours(link):
        raise ValueError("The link of a notice is an address within the application.")
    notices = [
        Notice(user_id=user.pk, kind=kind, key=key, context=dict(context), link=link) for user in users
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def mark_read(*, by: Any, notice_id: int, at: dt.datetime) -> None:
    """One of their own notices; the first time counts."""
    if not Notice.objects.filter(user_id=by.pk, pk=notice_id).exists():
        raise NotFound(_("This message does not exist."))
    Notice.objects.filter(user_id=by.pk, pk=notice_id, read_at__isnull=True).update(read_at=at)


def mark_all_read(*, by: Any, up_to: int, at: dt.datetime) -> None:
    """All of their own notices up to an id: what came in since they looked stays unread."""
    Notice.objects.filter(user_id=by.pk, pk__lte=up_to, read_at__isnull=True).update(read_at=at)


def queue_mail(*, to: str, kind: str, key: str, context: Mapping[str, Any], language: str) -> None:
    """Queue one mail; queueing the same key again does nothing.

    `context` goes to templates/notifications/email/<kind>.txt and .html: a `link` is a path of ours, that
    becomes `url` with our address in front; `notice` names a kind of `notifications.kinds`. It is forgotten
    once the mail is sent or given up.
    """
    mail = OutboxMail(
        to=to,
        kind=kind,
        key=key,
        context=dict(context),
        language=language,
        next_try_at=dates.now(),
        message_id=f"<{uuid.uuid4()}@{urlsplit(settings.BASE_URL).hostname}>",
    )
    OutboxMail.objects.bulk_create([mail], ignore_conflicts=True)
    transaction.on_commit(_wake_deliverer)


def deliver(*, clock: Callable[[], dt.datetime], at_most: int = AT_ONCE) -> int:
    """Send what is due; answers how many were sent. Any number of these may run at the same time.

    A mail is claimed by a conditional update, so that one of them has it. Who dies while it has one leaves it
    to another, once the lease is over: the mail may then go out twice, with the same Message-ID.
    """
    _give_up_on_the_deadly(at=clock())
    sent = 0
    due = _due(at=clock()).order_by("next_try_at", "pk")
    for mail_id in list(due.values_list("pk", flat=True)[:at_most]):
        mail = _claim(mail_id, at=clock())
        if mail is None:
            continue
        error = _send(mail)
        if error is None:
            _settle(mail, state=State.SENT, sent_at=clock(), context={}, last_error="")
            sent += 1
            continue
        _put_back_or_give_up(mail, error, at=clock())
        if _is_about_the_server(error):
            break  # the others would only wait for the same server; they keep their turns
    return sent


def _due(*, at: dt.datetime) -> QuerySet[OutboxMail]:
    return due_mails(at=at, lease=LEASE, longest_pause=LONGEST_PAUSE)


def _claim(mail_id: int, *, at: dt.datetime) -> OutboxMail | None:
    claimed = (
        _due(at=at).filter(pk=mail_id).update(state=State.CLAIMED, claimed_at=at, attempts=F("attempts") + 1)
    )
    return OutboxMail.objects.get(pk=mail_id) if claimed else None


def _send(mail: OutboxMail) -> Exception | None:
    try:
        message_of(mail).send()
    except Exception as error:  # whatever it is, the row has to say so and the other mails have to go on
        return error
    return None


def _put_back_or_give_up(mail: OutboxMail, error: Exception, *, at: dt.datetime) -> None:
    final = mail.attempts >= MOST_ATTEMPTS or _is_refused_for_good(error)
    # The text of an error may hold an address: that stays in the row, and out of the log.
    logger.warning(
        "mail_failed",
        mail=mail.pk,
        kind=mail.kind,
        error=type(error).__name__,
        attempt=mail.attempts,
        final=final,
    )
    last_error = f"{type(error).__name__}: {error}"[:300]
    if final:
        _settle(mail, state=State.FAILED, context={}, last_error=last_error)
    else:
        pause = min(dt.timedelta(minutes=2 ** (mail.attempts - 1)), LONGEST_PAUSE)
        _settle(mail, state=State.QUEUED, next_try_at=at + pause, last_error=last_error)


def _settle(mail: OutboxMail, **values: Any) -> None:
    """Only if it is still ours: after the lease another may have it."""
    OutboxMail.objects.filter(pk=mail.pk, state=State.CLAIMED, attempts=mail.attempts).update(**values)


def _give_up_on_the_deadly(*, at: dt.datetime) -> None:
    """A mail during which the deliverer died each time would otherwise be tried for ever."""
    given_up = (
        _due(at=at)
        .filter(state=State.CLAIMED, attempts__gte=MOST_ATTEMPTS)
        .update(state=State.FAILED, context={}, last_error="Each deliverer stopped while sending it.")
    )
    if given_up:
        logger.error("mails_given_up", count=given_up)


def _is_refused_for_good(error: Exception) -> bool:
    """The server knows the address and does not want it (5xx); 4xx asks to come back later."""
    return isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        code >= 500 for code, _text in error.recipients.values()
    )


def _is_about_the_server(error: Exception) -> bool:
    return isinstance(
        error,
        ConnectionError
        | TimeoutError
        | socket.gaierror
        | smtplib.SMTPServerDisconnected
        | smtplib.SMTPConnectError
        | smtplib.SMTPAuthenticationError,
    )


def _is_ours(link: str) -> bool:
    return link.startswith("/") and not link.startswith(("//", "/\\"))


def _wake_deliverer() -> None:
    try:
        current_app.send_task("notifications.tasks.deliver", retry_policy=ONE_MORE_TRY, expires=60)
    except Exception as error:  # each broker has its own errors; the sweep sends it within a minute
        logger.warning("deliverer_not_woken", error=type(error).__name__)
