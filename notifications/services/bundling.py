"""What is waiting for one person and due becomes one mail."""

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from notifications.models import Dispatch, OutboxMail
from notifications.queries import due_turns, people_to_mail
from notifications.services.queueing import new_message_id

PEOPLE_AT_ONCE = 500

ONE, SEVERAL = "notice", "digest"


def bundle(*, at: dt.datetime, at_most: int = PEOPLE_AT_ONCE) -> int:
    """Makes the mails that are due; answers how many. Any number of these may run at the same time.

    Whose address is stopped, and who is not active, keeps what waits for him.
    """
    ids = list(people_to_mail(at=at)[:at_most])
    people = get_user_model().objects.in_bulk(ids)
    return sum(_bundle_of(people[user_id], at=at) for user_id in ids if user_id in people)


def _bundle_of(user: Any, *, at: dt.datetime) -> bool:
    """A turn is taken by a conditional update, so that it is in one mail, whoever else is bundling."""
    with transaction.atomic():
        mail = OutboxMail.objects.create(
            key=(message_id := new_message_id()),
            message_id=message_id,
            kind=SEVERAL,
            user=user,
            to=user.address,
            language=user.language,
            next_try_at=at,
        )
        taken = _take_turns(user, mail, at=at)
        if taken == 1:
            OutboxMail.objects.filter(pk=mail.pk).update(kind=ONE)
        elif not taken:
            transaction.set_rollback(True)
    return bool(taken)


def _take_turns(user: Any, mail: OutboxMail, *, at: dt.datetime) -> int:
    """How many were taken."""
    return due_turns(at=at).filter(user_id=user.pk).update(state=Dispatch.State.BUNDLED, mail=mail)
