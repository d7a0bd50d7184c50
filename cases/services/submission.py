"""A form sent twice does its work once: the second sending is answered with what the first one did."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from cases.models import Submission
from common.errors import AlreadyDone, DomainError

Done = TypeVar("Done")

#: How long a token is remembered; longer than any page stays open.
REMEMBERED = dt.timedelta(days=7)


@contextmanager
def once(token: uuid.UUID | None, *, by: User, at: dt.datetime) -> Iterator[Submission]:
    """Claims the token of a form within the transaction of its work; the work writes `url` on what it is
    given.

    The same token waits for the first transaction and then raises AlreadyDone with its result. Without a
    token (commands, tests of services) nothing is remembered.
    """
    claim = Submission(token=token or uuid.uuid4(), user=by, at=at)
    if token is not None:
        try:
            with transaction.atomic():
                claim.save(force_insert=True)
        except IntegrityError:
            first = Submission.objects.get(token=token)
            if first.user_id != by.pk:
                raise DomainError(_("This form was already sent by somebody else.")) from None
            raise AlreadyDone(first.url) from None
    yield claim
    if token is not None:
        claim.save(update_fields=["url"])


@transaction.atomic
def do_once(
    work: Callable[[], Done], *, token: uuid.UUID | None, url: str, by: User, at: dt.datetime
) -> Done:
    """Does the work of a form whose service keeps no token; a second sending raises AlreadyDone(url)."""
    with once(token, by=by, at=at) as sent:
        sent.url = url
        return work()


def was_sent(token: uuid.UUID | None, *, by: User) -> bool:
    """Whether this form did its work before: then its questions need no second answer."""
    return token is not None and Submission.objects.filter(token=token, user=by).exists()


def forget_old(*, at: dt.datetime) -> int:
    """Removes tokens that no open page can still hold; returns how many."""
    return Submission.objects.filter(at__lt=at - REMEMBERED).delete()[0]
