"""Addresses that take no mail: stop them, tell who can do something about it, and try again when asked."""

import datetime as dt
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from audit.services import record
from common.registry import collect
from notifications.models import FailingAddress, OutboxMail, StoppedAddress
from notifications.queries import people_with_address
from notifications.services.telling import Told, tell

logger = structlog.get_logger(__name__)

MOST_GIVEN_UP = 3

# Slot: user -> pairs of an administrator of that user and the page where he sees that user.
ADMINISTRATORS = "administrators_of"


@transaction.atomic
def stop(*, email: str, reason: str, at: dt.datetime, failures: int = 1) -> bool:
    """No notices go to this address any more; mails about an account still do. Answers whether that is new.

    The administrators of who uses it are told, in the application and by mail.
    """
    email = email.lower()
    known = FailingAddress.objects.filter(email=email).values_list("failures", flat=True).first() or 0
    stopped, is_new = StoppedAddress.objects.get_or_create(
        email=email,
        defaults={"stopped_at": at, "reason": reason[:300], "failures": max(known, failures)},
    )
    if not is_new:
        return False
    logger.warning("address_stopped", stopped=stopped.pk)
    for person in people_with_address(email):
        record("address.stopped", by=None, target=f"user {person.pk}")
        tell(
            Told(
                administrator.pk,
                "address_stopped",
                key=f"address_stopped:{stopped.pk}:{person.pk}",
                context={"name": str(person)},
                link=page,
            )
            for found in collect(ADMINISTRATORS, person)
            for administrator, page in found
        )
    return True


@transaction.atomic
def given_up(*, email: str, reason: str, at: dt.datetime) -> None:
    """One more mail to this address was given up; the third since the last that arrived stops it."""
    row, _is_new = FailingAddress.objects.get_or_create(email=email.lower())
    FailingAddress.objects.filter(pk=row.pk).update(failures=F("failures") + 1)
    row.refresh_from_db()
    if row.failures >= MOST_GIVEN_UP:
        stop(email=email, reason=reason, at=at, failures=row.failures)


def arrived(*, email: str) -> None:
    """A mail was taken in: what failed before no longer counts."""
    FailingAddress.objects.filter(email=email.lower()).delete()


@transaction.atomic
def resume(*, user: Any, by: Any) -> None:
    """Tries the address of somebody again: what waited is mailed, and what was given up is sent after all.

    Whether `by` may do this for another is for the caller to know.
    """
    email = user.address.lower()
    StoppedAddress.objects.filter(email=email).delete()
    FailingAddress.objects.filter(email=email).delete()
    OutboxMail.objects.filter(user_id=user.pk, state=OutboxMail.State.FAILED).update(
        state=OutboxMail.State.QUEUED, failures=0
    )
    record("address.resumed", by=by, target=f"user {user.pk}")
