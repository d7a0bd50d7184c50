"""What somebody has read."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import NotFound
from notifications.models import Notice


def mark_read(*, by: Any, notice_id: int, at: dt.datetime) -> None:
    """One of their own notices; the first time counts."""
    if not Notice.objects.filter(user_id=by.pk, pk=notice_id).exists():
        raise NotFound(_("This message does not exist."))
    Notice.objects.filter(user_id=by.pk, pk=notice_id, read_at__isnull=True).update(read_at=at)


def mark_all_read(*, by: Any, up_to: int, at: dt.datetime) -> None:
    """All of their own notices up to an id: what came in since they looked stays unread."""
    Notice.objects.filter(user_id=by.pk, pk__lte=up_to, read_at__isnull=True).update(read_at=at)
