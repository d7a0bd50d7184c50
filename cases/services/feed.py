"""The secret address of somebody's calendar: made, replaced, revoked, read."""

import datetime as dt
import secrets

from django.db import transaction

from accounts.models import User
from accounts.services.memberships import hash_token
from audit.services import record
from cases.models import CalendarFeed

#: How exact "last read" is: programs ask all day, and each time would be a write.
READ_STEP = dt.timedelta(hours=1)


@transaction.atomic
def make_feed(*, by: User, at: dt.datetime) -> str:
    """A new address; the one before it stops working. Answers the secret, which is kept nowhere."""
    _revoke(by=by, at=at)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user=by, token_hash=hash_token(token), created_at=at)
    record("feed.made", by=by, target=f"user {by.pk}", details={"feed": feed.pk})
    return token


@transaction.atomic
def revoke_feed(*, by: User, at: dt.datetime) -> bool:
    """The address stops working. Answers whether there was one."""
    return _revoke(by=by, at=at)


def note_read(*, feed: CalendarFeed, at: dt.datetime) -> None:
    """Remembers that the address is in use, once in an hour."""
    if feed.last_read_at is None or feed.last_read_at <= at - READ_STEP:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=at)


def _revoke(*, by: User, at: dt.datetime) -> bool:
    User.objects.select_for_update().get(pk=by.pk)  # one at a time: two new addresses would be one too many
    feed = CalendarFeed.objects.filter(user=by, revoked_at__isnull=True).first()
    if feed is None:
        return False
    feed.revoked_at = at
    feed.save(update_fields=["revoked_at"])
    record("feed.revoked", by=by, target=f"user {by.pk}", details={"feed": feed.pk})
    return True
