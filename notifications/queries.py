import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Case, Exists, F, Max, Min, OuterRef, Q, QuerySet, When

from common import dates
from notifications.enums import Frequency
from notifications.kinds import Topic, allowed, topics
from notifications.models import Dispatch, Notice, OutboxMail, Preference, StoppedAddress

State = OutboxMail.State

MOST_COUNTED = 99
MOST_TODO = 100

# What comes at once comes together: a mail waits for a pause in what is told to its reader, not for ever.
PAUSE = dt.timedelta(seconds=60)
LONGEST_WAIT = dt.timedelta(minutes=10)
# No turn is further ahead than a week and the holidays behind it; what is, a wrong clock has dated.
LONGEST_WAIT_FOR_TURN = dt.timedelta(days=21)

# --- The inbox


def messages_of(user: Any) -> QuerySet[Notice]:
    """What is good to know, newest first."""
    told = Notice.objects.filter(user_id=user.pk, asks=False, withdrawn_at__isnull=True)
    return told.order_by("-id")


@dataclass(frozen=True)
class ToDo:
    """What is asked about one case, or about one other thing."""

    about: str
    notices: list[Notice]


def todo_of(user: Any, *, at_most: int = MOST_TODO) -> tuple[list[ToDo], bool]:
    """What is asked of somebody, most urgent first and together by what it is about; and whether there is
    more than is shown."""
    asked = Notice.objects.filter(user_id=user.pk, asks=True, withdrawn_at__isnull=True)
    found = list(asked.order_by("urgency", F("by_when").asc(nulls_last=True), "id")[: at_most + 1])
    groups: dict[str, list[Notice]] = {}
    for notice in allowed(user, found[:at_most]):
        groups.setdefault(notice.about or f"notice {notice.pk}", []).append(notice)
    return [ToDo(notices[0].about, notices) for notices in groups.values()], len(found) > at_most


def told_users(keys: Collection[str]) -> dict[str, dict[int, bool]]:
    """Of each key who was told, and whether it still is in the inbox."""
    found: dict[str, dict[int, bool]] = {}
    rows = Notice.objects.filter(key__in=keys).values_list("key", "user_id", "withdrawn_at")
    for key, user_id, withdrawn_at in rows:
        found.setdefault(key, {})[user_id] = withdrawn_at is None
    return found


def keys_in_inbox(user: Any, *, prefix: str, at_most: int) -> list[str]:
    """The keys with this beginning of what is asked of somebody, the newest first."""
    asked = Notice.objects.filter(
        user_id=user.pk, asks=True, withdrawn_at__isnull=True, key__startswith=prefix
    )
    return list(asked.order_by("-id").values_list("key", flat=True)[:at_most])


def _unread(user: Any) -> QuerySet[Notice]:
    return Notice.objects.filter(user_id=user.pk, read_at__isnull=True, withdrawn_at__isnull=True)


def newest_unread_id(user: Any) -> int:
    """The id up to which somebody has seen their inbox; 0 where all of it was read."""
    return _unread(user).order_by("-id").values_list("pk", flat=True).first() or 0


def unread_count(user: Any, *, at_most: int = MOST_COUNTED + 1) -> int:
    return _unread(user)[:at_most].count()


# --- Preferences


def chosen_frequencies(user_ids: Collection[int]) -> dict[tuple[int, str], str]:
    """What these people chose, by user and topic; who chose nothing is not in it."""
    rows = Preference.objects.filter(user_id__in=user_ids).values_list("user_id", "topic", "frequency")
    return {(user_id, topic): frequency for user_id, topic, frequency in rows} if user_ids else {}


def frequency_for(topic: Topic, chosen: str | None) -> str:
    """The default counts for who chose nothing, and for who turned off what has become required since."""
    if chosen is None or (topic.required and chosen == Frequency.OFF):
        return topic.default
    return chosen


def frequencies_of(user: Any) -> list[tuple[Topic, str]]:
    """Every topic with the frequency that counts for somebody."""
    chosen = chosen_frequencies([user.pk])
    return [(topic, frequency_for(topic, chosen.get((user.pk, topic.name)))) for topic in topics()]


def topics_turned_off_by(user: Any) -> set[str]:
    return {topic.name for topic, frequency in frequencies_of(user) if frequency == Frequency.OFF}


def person_with_id(pk: int) -> Any:
    """The person of a link that was mailed; None once gone."""
    return get_user_model().objects.filter(pk=pk, is_active=True).first()


# --- Addresses


def stopped_address_of(user: Any) -> StoppedAddress | None:
    return StoppedAddress.objects.filter(email=user.address.lower()).first()


def people_with_address(email: str) -> QuerySet[Any]:
    """Who gets their notifications at this address."""
    people: QuerySet[Any] = get_user_model().objects.filter(is_active=True)
    return people.alias(current=_address("")).filter(current=email.lower()).order_by("pk")


def people_with_stopped_address(people: QuerySet[Any] | None, *, at_most: int) -> list[tuple[Any, Any]]:
    """Stopped addresses with who uses them, the newest first; of these people only, or of everybody."""
    known = get_user_model().objects.filter(is_active=True) if people is None else people
    reached = known.annotate(current=_address("")).filter(current__in=StoppedAddress.objects.values("email"))
    users = list(reached.order_by("-pk")[:at_most])
    stopped = {it.email: it for it in StoppedAddress.objects.filter(email__in=[it.current for it in users])}
    found = [(stopped[user.current], user) for user in users if user.current in stopped]
    return sorted(found, key=lambda pair: (pair[0].stopped_at, pair[0].pk), reverse=True)


def _address(prefix: str) -> Any:
    return get_user_model().address_in_database(prefix)


def _out_of_reach() -> Q:
    """Of turns and mails: their person is gone, or his address is stopped."""
    return Q(user__is_active=False) | Q(Exists(StoppedAddress.objects.filter(email=OuterRef("current"))))


# --- What is to be mailed


def due_turns(*, at: dt.datetime) -> QuerySet[Dispatch]:
    """Those that wait and whose moment has come."""
    due = Q(due_at__lte=at) | Q(due_at__gt=at + LONGEST_WAIT_FOR_TURN)
    return Dispatch.objects.filter(due, state=Dispatch.State.WAITING)


def people_to_mail(*, at: dt.datetime) -> QuerySet[Dispatch, int]:
    """The ids of who can be mailed what is waiting for them, who waits longest first."""
    reachable = due_turns(at=at).alias(current=_address("user__")).exclude(_out_of_reach())
    by_person = reachable.order_by().values("user_id").annotate(oldest=Min("due_at"), newest=Max("due_at"))
    settled = by_person.filter(
        Q(newest__lte=at - PAUSE)
        | Q(oldest__lte=at - LONGEST_WAIT)
        | Q(newest__gt=at + LONGEST_WAIT_FOR_TURN)
    )
    return settled.order_by("oldest", "user_id").values_list("user_id", flat=True)


def due_mails(*, at: dt.datetime, lease: dt.timedelta) -> QuerySet[OutboxMail]:
    """What is to be sent now: waiting and due, or claimed so long ago that who claimed it must have died.

    Columns of the row itself only: a claim is an update with these conditions. A moment further ahead than we
    ever look was written by a clock that was wrong: that mail is due as well.
    """
    due = Q(next_try_at__lte=at) | Q(next_try_at__gt=at + dates.LONGER_THAN_ANY_PAUSE)
    abandoned = Q(claimed_at__lte=at - lease) | Q(claimed_at__gt=at + dates.LONGER_THAN_ANY_PAUSE)
    return OutboxMail.objects.filter(due, Q(state=State.QUEUED) | Q(state=State.CLAIMED) & abandoned)


def sendable_mails(*, at: dt.datetime, lease: dt.timedelta) -> QuerySet[OutboxMail]:
    """The due ones, without the bundles of people who cannot be reached now: those wait. A new password does
    not stand in line behind the digests of everybody."""
    is_bundle = Case(When(user__isnull=True, then=0), default=1)
    due = due_mails(at=at, lease=lease).alias(current=_address("user__"), is_bundle=is_bundle)
    reachable = due.exclude(_out_of_reach(), user__isnull=False)
    return reachable.order_by("is_bundle", "next_try_at", "pk")


def notices_in(mail: OutboxMail) -> list[Notice]:
    """What a bundle has left to tell, most urgent first."""
    bundled = Notice.objects.filter(dispatch__mail=mail, withdrawn_at__isnull=True)
    return list(bundled.order_by("urgency", F("by_when").asc(nulls_last=True), "id"))


def mail_with_message_id(message_id: str) -> OutboxMail | None:
    return OutboxMail.objects.filter(message_id=message_id).select_related("user").first()


# --- For who keeps it running


@dataclass(frozen=True)
class Backlog:
    """What is not mailed yet: notices whose moment has come, mails in the queue, since when the oldest of
    both waits, and how many mails were given up."""

    waiting: int
    queued: int
    oldest: dt.datetime | None
    failed: int


def mail_backlog(at: dt.datetime) -> Backlog:
    waiting = Dispatch.objects.filter(state=Dispatch.State.WAITING, due_at__lte=at)
    queued = OutboxMail.objects.filter(state__in=[State.QUEUED, State.CLAIMED])
    first = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    oldest = queued.aggregate(oldest=Min("created_at"))["oldest"]
    return Backlog(
        waiting=waiting.count(),
        queued=queued.count(),
        oldest=min((moment for moment in (first, oldest) if moment), default=None),
        failed=failed_mails().count(),
    )


def failed_mails() -> QuerySet[OutboxMail]:
    """The mails that were given up, newest first; `last_error` says why."""
    return OutboxMail.objects.filter(state=State.FAILED).select_related("user").order_by("-id")


def grouped_by_urgency(notices: list[Notice]) -> list[tuple[int, list[Notice]]]:
    """Of notices in the order of their urgency."""
    return [(urgency, list(some)) for urgency, some in groupby(notices, key=lambda notice: notice.urgency)]
