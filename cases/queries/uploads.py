"""Register files that were put on screen: everybody finds his own only."""

import datetime as dt
import uuid

from django.db.models import Q, QuerySet

from accounts.models import User
from cases.models import RegisterUpload
from common.errors import NotFound

State = RegisterUpload.State

#: A worker that was not heard of for so long is taken for dead.
LEASE = dt.timedelta(minutes=2)


def uploads_of(user: User) -> QuerySet[RegisterUpload]:
    """Newest first."""
    return RegisterUpload.objects.filter(user=user)


def upload_of(user: User, upload_id: uuid.UUID) -> RegisterUpload:
    """Unknown and somebody else's are the same `NotFound`."""
    upload = uploads_of(user).filter(pk=upload_id).first()
    if upload is None:
        raise NotFound("")
    return upload


def waiting_uploads(at: dt.datetime) -> QuerySet[RegisterUpload]:
    """Those that are to be checked or imported and that no living worker has in hand, oldest first."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - LEASE)
    return RegisterUpload.objects.filter(free, state__in=(State.CHECKING, State.IMPORTING)).order_by(
        "uploaded_at"
    )
