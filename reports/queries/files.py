"""Files of figures that somebody asked for: everybody finds his own only, for a day."""

import datetime as dt
import uuid

from django.db.models import Q, QuerySet

from accounts.models import User
from common.errors import NotFound
from reports.models import ReportFile

State = ReportFile.State

#: So long after it was asked for a file can be downloaded; then it is destroyed.
KEPT = dt.timedelta(hours=24)
#: A worker that was not heard of for so long is taken for dead.
LEASE = dt.timedelta(minutes=5)


def files_of(user: User, at: dt.datetime) -> QuerySet[ReportFile]:
    """Newest first."""
    return ReportFile.objects.filter(user=user, asked_at__gt=at - KEPT)


def file_of(user: User, file_id: uuid.UUID, at: dt.datetime) -> ReportFile:
    """Unknown, expired and somebody else's are the same `NotFound`."""
    file = files_of(user, at).filter(pk=file_id).first()
    if file is None:
        raise NotFound("")
    return file


def waiting_files(at: dt.datetime) -> QuerySet[ReportFile]:
    """Those that are to be made and that no living worker has in hand, oldest first."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - LEASE)
    return ReportFile.objects.filter(free, state=State.WAITING, asked_at__gt=at - KEPT).order_by("asked_at")
