"""Mails about the account itself."""

import datetime as dt
import uuid

from django.utils import timezone

from accounts.models import User
from notifications.services import queue_mail


def notify_of_change(*, user: User, change: str, at: dt.datetime, to: str = "", ip: str = "") -> None:
    """Tells somebody that their password, address or second factor was changed (OWASP ASVS 6.3.6).

    `change` is one of those in templates/notifications/email/credential_changed.txt.
    """
    queue_mail(
        to=to or user.email,
        kind="credential_changed",
        key=f"credential-changed-{uuid.uuid4()}",
        context={
            "name": user.name,
            "change": change,
            "when": f"{timezone.localtime(at):%d-%m-%Y %H:%M}",
            "ip": ip,
        },
        language=user.language,
    )
