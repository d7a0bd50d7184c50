"""Mails that came back: a delivery status notification (RFC 3464) tells of a mail that was sent before."""

import datetime as dt
from email import message_from_bytes, message_from_string
from email.message import Message
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import Invalid, NotFound
from notifications.models import OutboxMail
from notifications.queries import mail_with_message_id
from notifications.services import addresses

State = OutboxMail.State


class Outcome(StrEnum):
    STOPPED = "stopped"  # the address takes no mail: nothing goes there any more
    COUNTED = "counted"  # given up for now; the third such mail stops the address
    NOTHING = "nothing"  # it is only late or did arrive, or this was told before


@transaction.atomic
def record_bounce(*, notification: bytes, at: dt.datetime) -> Outcome:
    """What a notification means for the address that the mail went to. Telling it twice changes nothing."""
    report = message_from_bytes(notification)
    message_id = _message_id_in(report)
    failed = [fields for fields in _recipients_in(report) if _field(fields, "Action").lower() == "failed"]
    mail = mail_with_message_id(message_id)
    if mail is None:
        raise NotFound(_("No mail was sent with this Message-ID."))
    if not failed:
        return Outcome.NOTHING
    reason = _reason(failed[0])
    came_back = OutboxMail.objects.filter(pk=mail.pk, state__in=[State.SENT, State.QUEUED, State.CLAIMED])
    if not came_back.update(state=State.FAILED, context={}, last_error=reason):
        return Outcome.NOTHING
    if _field(failed[0], "Status").startswith("5"):
        addresses.stop(email=mail.to, reason=reason, at=at)
        return Outcome.STOPPED
    addresses.given_up(email=mail.to, reason=reason, at=at)
    return Outcome.COUNTED


def _recipients_in(report: Message) -> list[Message]:
    """The fields of each recipient; the first group of fields is about the whole message."""
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            return [it for it in groups if isinstance(it, Message)][1:] if isinstance(groups, list) else []
    raise Invalid(_("This is not a delivery status notification."))


def _message_id_in(report: Message) -> str:
    """The one of the mail that came back: whole, or its headers."""
    for part in report.walk():
        returned = None
        if part.get_content_type() == "message/rfc822":
            payload = part.get_payload()
            returned = payload[0] if isinstance(payload, list) and payload else None
        elif part.get_content_type() == "text/rfc822-headers":
            returned = message_from_string(str(part.get_payload()))
        if isinstance(returned, Message) and returned["Message-ID"]:
            return _field(returned, "Message-ID")
    raise Invalid(_("This does not say which mail came back."))


def _field(fields: Message, name: str) -> str:
    return str(fields.get(name, "")).strip()


def _reason(fields: Message) -> str:
    said = _field(fields, "Diagnostic-Code") or "came back"
    return " ".join(f"{_field(fields, 'Status')} {said}".split())[:300]
