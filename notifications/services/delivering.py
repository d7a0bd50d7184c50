"""Send what is in the outbox."""

import datetime as dt
import smtplib
from collections.abc import Callable, Collection
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_lazy as _

from audit.services import record
from common.errors import DomainError, NotAllowed, NotFound
from notifications.access import may_operate
from notifications.enums import Frequency
from notifications.mails import Message, message_of
from notifications.models import Dispatch, OutboxMail
from notifications.queries import due_mails, sendable_mails
from notifications.rules import due_at
from notifications.services import addresses

logger = structlog.get_logger(__name__)

State = OutboxMail.State

MOST_FAILURES = 36  # with the pauses below: over four days, as RFC 5321 4.5.4.1 advises
LONGEST_PAUSE = dt.timedelta(hours=4)
SERVER_PAUSE = dt.timedelta(minutes=1)
LEFT_OUT_PAUSE = dt.timedelta(hours=1)
LEASE = dt.timedelta(minutes=10)  # many times as long as sending one mail may take
AT_ONCE = 200
LONGEST_RUN = dt.timedelta(seconds=45)  # before the next one begins


def deliver(*, clock: Callable[[], dt.datetime], at_most: int = AT_ONCE) -> int:
    """Send what is due; answers how many were sent. Any number of these may run at the same time.

    A mail is claimed by a conditional update, so that one of them has it. Who dies while it has one leaves it
    to another, once the lease is over: the mail may then go out twice, with the same Message-ID.
    """
    began = clock()
    _give_up_on_the_deadly(at=began)
    sent = 0
    for mail_id in list(sendable_mails(at=began, lease=LEASE).values_list("pk", flat=True)[:at_most]):
        if clock() - began > LONGEST_RUN:
            break
        mail = _claim(mail_id, at=clock())
        if mail is None:
            continue
        message, error = _send(mail)
        if error is not None:
            _put_back_or_give_up(mail, error, at=clock())
            if _is_about_the_server(error):
                break  # the others would only wait for the same server; they keep their turns
        elif message is None:
            _close(mail, frozenset(), at=clock(), state=State.DROPPED)
        else:
            sent_at = clock()
            _close(mail, message.notices, at=sent_at, state=State.SENT, sent_at=sent_at)
            addresses.arrived(email=mail.to)
            sent += 1
    return sent


def retry(*, mail_id: int, by: Any, at: dt.datetime) -> None:
    """Puts a bundle that was given up back in the queue. Of other mails the text is gone."""
    if not may_operate(by):
        raise NotAllowed(_("Only a platform operator sends mails again."))
    if not OutboxMail.objects.filter(pk=mail_id).exists():
        raise NotFound(_("This mail does not exist."))
    again = OutboxMail.objects.filter(pk=mail_id, state=State.FAILED, user__isnull=False)
    if not again.update(state=State.QUEUED, failures=0, next_try_at=at):
        raise DomainError(_("This mail cannot be sent again."))
    record("mail.retried", by=by, target=f"mail {mail_id}")


def _claim(mail_id: int, *, at: dt.datetime) -> OutboxMail | None:
    """Who finds it claimed takes over from one that died with it, which counts against the mail."""
    died = Case(When(state=State.CLAIMED, then=Value(1)), default=Value(0))
    claimed = (
        due_mails(at=at, lease=LEASE)
        .filter(pk=mail_id)
        .update(
            state=State.CLAIMED,
            claimed_at=at,
            attempts=F("attempts") + 1,
            failures=F("failures") + died,
        )
    )
    if not claimed:
        return None
    mail = OutboxMail.objects.select_related("user").get(pk=mail_id)
    if mail.user:
        mail.to = mail.user.address
    return mail


def _send(mail: OutboxMail) -> tuple[Message | None, Exception | None]:
    """What was sent, None of a bundle with nothing left to tell; and what went wrong."""
    message = None
    try:
        message = message_of(mail)
        if message is not None:
            message.send()
    except Exception as error:  # whatever it is, the row has to say so and the other mails have to go on
        return message, error
    return message, None


@transaction.atomic
def _close(mail: OutboxMail, told: Collection[int], *, at: dt.datetime, **values: Any) -> None:
    """It is done with. What was bundled and is not told in it after all has had no mail: taken back, it waits
    anew should it be asked again (`restore`); still asked in the inbox, it is tried again a while later."""
    if _settle(mail, context={}, last_error="", **values) and mail.user_id:
        left_out = Dispatch.objects.filter(mail=mail).exclude(pk__in=told)
        again = due_at(Frequency.AT_ONCE, at + LEFT_OUT_PAUSE)
        left_out.filter(notice__asks=True, notice__withdrawn_at__isnull=True).update(
            state=Dispatch.State.WAITING, due_at=again, mail=None
        )
        left_out.update(state=Dispatch.State.DROPPED, mail=None)


def _put_back_or_give_up(mail: OutboxMail, error: Exception, *, at: dt.datetime) -> None:
    """Only what is about this mail counts against it: a server that is down loses nothing."""
    refused = _is_refused_for_good(error)
    about_server = _is_about_the_server(error)
    failures = mail.failures if about_server else mail.failures + 1
    final = refused or failures >= MOST_FAILURES
    # The text of an error may hold an address: that stays in the row, and out of the log.
    logger.warning(
        "mail_failed",
        mail=mail.pk,
        kind=mail.kind,
        error=type(error).__name__,
        attempt=mail.attempts,
        final=final,
    )
    reason = f"{type(error).__name__}: {error}"[:300]
    if not final:
        pause = SERVER_PAUSE if about_server else _pause_after(failures)
        _settle(mail, state=State.QUEUED, next_try_at=at + pause, failures=failures, last_error=reason)
        return
    if _settle(mail, state=State.FAILED, context={}, failures=failures, last_error=reason):
        if refused:
            addresses.stop(email=mail.to, reason=reason, at=at)
        else:
            addresses.given_up(email=mail.to, reason=reason, at=at)


def _pause_after(failures: int) -> dt.timedelta:
    return min(dt.timedelta(minutes=2 ** min(failures - 1, 10)), LONGEST_PAUSE)


def _settle(mail: OutboxMail, **values: Any) -> bool:
    """Only if it is still ours: after the lease another may have it."""
    ours = OutboxMail.objects.filter(pk=mail.pk, state=State.CLAIMED, attempts=mail.attempts)
    return bool(ours.update(to=mail.to, **values))


def _give_up_on_the_deadly(*, at: dt.datetime) -> None:
    """A mail during which the deliverer died each time would otherwise be tried for ever."""
    given_up = (
        due_mails(at=at, lease=LEASE)
        .filter(state=State.CLAIMED, failures__gte=MOST_FAILURES - 1)
        .update(state=State.FAILED, context={}, last_error="Each deliverer stopped while sending it.")
    )
    if given_up:
        logger.error("mails_given_up", count=given_up)


def _codes(error: Exception) -> list[int]:
    """What the server answered, where it did."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _text in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _is_refused_for_good(error: Exception) -> bool:
    """The server knows the address and does not want it (5xx); 4xx asks to come back later."""
    return isinstance(error, smtplib.SMTPRecipientsRefused) and all(code >= 500 for code in _codes(error))


def _is_about_the_server(error: Exception) -> bool:
    """Not reached, not let in, or about to close (421); a full disk where mail goes to a folder."""
    if isinstance(error, smtplib.SMTPException):
        return 421 in _codes(error) or isinstance(
            error,
            smtplib.SMTPServerDisconnected
            | smtplib.SMTPConnectError
            | smtplib.SMTPHeloError
            | smtplib.SMTPAuthenticationError
            | smtplib.SMTPNotSupportedError
            | smtplib.SMTPSenderRefused,
        )
    return isinstance(error, OSError)
