"""Mails on their way out: those about an account or an invitation, that ask no preference."""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction

from common import dates
from notifications.models import OutboxMail

logger = structlog.get_logger(__name__)

# For a connection that broke since the last time. Without a policy (or retry=False) it asks for six seconds.
ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0}


def queue_mail(*, to: str, kind: str, key: str, context: Mapping[str, Any], language: str) -> None:
    """Queue one mail; queueing the same key again does nothing.

    `context` goes to templates/notifications/email/<kind>.txt and .html: a `link` is a path of ours, that
    becomes `url` with our address in front. It is forgotten once the mail is sent or given up.
    """
    mail = OutboxMail(
        to=to,
        kind=kind,
        key=key,
        context=dict(context),
        language=language,
        next_try_at=dates.now(),
        message_id=new_message_id(),
    )
    OutboxMail.objects.bulk_create([mail], ignore_conflicts=True)
    transaction.on_commit(_wake_deliverer)


def new_message_id() -> str:
    return f"<{uuid.uuid4()}@{urlsplit(settings.BASE_URL).hostname}>"


def _wake_deliverer() -> None:
    try:
        current_app.send_task("notifications.tasks.deliver", retry_policy=ONE_MORE_TRY, expires=60)
    except Exception as error:  # each broker has its own errors; the sweep sends it within a minute
        logger.warning("deliverer_not_woken", error=type(error).__name__)
