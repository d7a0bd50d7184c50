"""Put notices in inboxes, give each its turn to be mailed, and take them back when they are handled."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from common import dates
from notifications.enums import Frequency, Urgency
from notifications.kinds import text_of, topic_of
from notifications.models import Dispatch, Notice
from notifications.queries import chosen_frequencies, frequency_for
from notifications.rules import due_at

BATCH = 1000


@dataclass(frozen=True)
class Told:
    """One notice for one person. `context` holds what the words of the kind need, never a pupil's name;
    `link` is a page of ours, that checks itself who may see it; `about` is what the inbox groups by, a case
    number.
    """

    user_id: int
    kind: str
    key: str
    context: Mapping[str, Any]
    link: str = ""
    about: str = ""
    urgency: int = Urgency.FYI
    asks: bool = False
    by_when: dt.date | None = None


def notify(
    *,
    users: Iterable[Any],
    kind: str,
    key: str,
    context: Mapping[str, Any],
    link: str = "",
    about: str = "",
    urgency: int = Urgency.FYI,
    asks: bool = False,
    by_when: dt.date | None = None,
) -> None:
    """Tell each user the same; one who has a notice with this key gets no second one."""
    tell(Told(user.pk, kind, key, context, link, about, urgency, asks, by_when) for user in users)


@transaction.atomic
def tell(items: Iterable[Told]) -> int:
    """Put notices in inboxes, each with its turn to be mailed by the preference of who gets it. Who has a
    notice with that key gets no second one, also not while another tells the same. Answers how many were new.
    """
    at = dates.now()
    checked = [_checked(item) for item in items]
    checked.sort(key=lambda item: (item.user_id, item.key))  # the same order for all: no deadlocks
    return sum(_tell(batch, at=at) for batch in _batches(checked))


@transaction.atomic
def withdraw(*, keys: Iterable[str], at: dt.datetime, user_ids: Iterable[int] | None = None) -> None:
    """What these notices asked is handled: they are gone for everyone (or for these users) and wait for no
    mail."""
    users = None if user_ids is None else list(user_ids)
    for some in _batches(sorted(set(keys))):
        notices = Notice.objects.filter(key__in=some, withdrawn_at__isnull=True)
        if users is not None:
            notices = notices.filter(user_id__in=users)
        for ids in _batches(list(notices.order_by("pk").values_list("pk", flat=True))):
            Notice.objects.filter(pk__in=ids, withdrawn_at__isnull=True).update(withdrawn_at=at)
            Dispatch.objects.filter(pk__in=ids, state=Dispatch.State.WAITING).update(
                state=Dispatch.State.DROPPED
            )


@transaction.atomic
def restore(*, keys: Iterable[str], at: dt.datetime, user_ids: Iterable[int] | None = None) -> None:
    """The inverse of `withdraw` for the inbox. What was mailed is not mailed again; what never was, waits
    anew."""
    users = None if user_ids is None else list(user_ids)
    for some in _batches(sorted(set(keys))):
        notices = Notice.objects.filter(key__in=some, withdrawn_at__isnull=False)
        if users is not None:
            notices = notices.filter(user_id__in=users)
        for batch in _batches(list(notices.order_by("pk"))):
            ids = [notice.pk for notice in batch]
            Notice.objects.filter(pk__in=ids).update(withdrawn_at=None)
            unmailed = Dispatch.objects.filter(pk__in=ids, state=Dispatch.State.DROPPED)
            found = set(unmailed.values_list("pk", flat=True))
            again = _turns([notice for notice in batch if notice.pk in found], at=at)
            waiting = [turn for turn in again if turn.state == Dispatch.State.WAITING]
            Dispatch.objects.bulk_update(waiting, ["state", "due_at"])


@transaction.atomic
def redate(*, at: dt.datetime) -> None:
    """After a clock was ahead: nothing waits longer for its mail than if it were told now."""
    later = Dispatch.objects.filter(state=Dispatch.State.WAITING, due_at__gt=at)
    was_due = dict(later.order_by("pk").values_list("pk", "due_at"))
    for ids in _batches(list(was_due)):
        turns = _turns(list(Notice.objects.filter(pk__in=ids).order_by("pk")), at=at)
        waiting = [turn for turn in turns if turn.state == Dispatch.State.WAITING]
        sooner = [turn for turn in waiting if turn.due_at < was_due[turn.pk]]
        Dispatch.objects.bulk_update(sooner, ["due_at"])


def _checked(item: Told) -> Told:
    text_of(
        item.kind, item.context
    )  # a kind that nobody registered or a missing value is a mistake of the caller
    if item.link and not _is_ours(item.link):
        raise ValueError("The link of a notice is an address within the application.")
    return item


def _tell(batch: Sequence[Told], *, at: dt.datetime) -> int:
    newest = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    Notice.objects.bulk_create(
        [
            Notice(
                user_id=item.user_id,
                kind=item.kind,
                key=item.key,
                context=dict(item.context),
                link=item.link,
                about=item.about,
                urgency=item.urgency,
                asks=item.asks,
                by_when=item.by_when,
            )
            for item in batch
        ],
        ignore_conflicts=True,
    )
    # Those of ours are newer than the newest was, and have no turn: a notice gets its turn in the transaction
    # that made it, and who told the same at this moment waited for that transaction, or we did.
    wanted = {(item.user_id, item.key) for item in batch}
    without_turn = Notice.objects.filter(pk__gt=newest, dispatch__isnull=True).order_by("pk")
    new = [notice for notice in without_turn if (notice.user_id, notice.key) in wanted]
    Dispatch.objects.bulk_create(_turns(new, at=at), ignore_conflicts=True)
    return len(new)


def _turns(notices: Sequence[Notice], *, at: dt.datetime) -> list[Dispatch]:
    """The turn of each by the preference of its reader: waiting for its moment, or dropped where he wants no
    mail."""
    chosen = chosen_frequencies({notice.user_id for notice in notices})
    turns = []
    for notice in notices:
        topic = topic_of(notice.kind)
        frequency = frequency_for(topic, chosen.get((notice.user_id, topic.name)))
        is_mailed = frequency != Frequency.OFF
        turns.append(
            Dispatch(
                notice=notice,
                user_id=notice.user_id,
                state=Dispatch.State.WAITING if is_mailed else Dispatch.State.DROPPED,
                due_at=due_at(frequency, at) if is_mailed else at,
            )
        )
    return turns


def _is_ours(link: str) -> bool:
    return link.startswith("/") and not link.startswith(("//", "/\\"))


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
