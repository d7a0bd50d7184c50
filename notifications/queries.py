import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from notifications.models import Notice, OutboxMail

State = OutboxMail.State

MOST_COUNTED = 99


def notices_of(user: Any) -> QuerySet[Notice]:
    return Notice.objects.filter(user_id=user.pk).order_by("-id")


def newest_notice_id(user: Any) -> int:
    """The id up to which somebody has seen their inbox; 0 where it is empty."""
    return notices_of(user).values_list("pk", flat=True).first() or 0


def unread_count(user: Any, *, at_most: int = MOST_COUNTED + 1) -> int:
    return Notice.objects.filter(user_id=user.pk, read_at__isnull=True)[:at_most].count()


def due_mails(*, at: dt.datetime, lease: dt.timedelta, longest_pause: dt.timedelta) -> QuerySet[OutboxMail]:
    """What is to be sent now: waiting and due, or claimed so long ago that who claimed it must have died.

    A moment further ahead than we ever look was written by a clock that was wrong: that mail is due as well.
    """
    due = Q(next_try_at__lte=at) | Q(next_try_at__gt=at + longest_pause)
    abandoned = Q(claimed_at__lte=at - lease) | Q(claimed_at__gt=at + longest_pause)
    return OutboxMail.objects.filter(due, Q(state=State.QUEUED) | Q(state=State.CLAIMED) & abandoned)
