"""How often somebody wants to be mailed about what."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import Invalid, NotFound
from notifications.enums import Frequency
from notifications.kinds import OTHER, Topic, kinds_of, topic_of, topics
from notifications.models import Dispatch, Preference
from notifications.rules import due_at

BATCH = 1000


@transaction.atomic
def set_preferences(*, by: Any, frequencies: Mapping[str, str]) -> None:
    """Chooses a frequency for each of these topics (by name), for oneself. What waits already gets its new
    moment; what is turned off is not mailed any more. A required topic cannot be turned off."""
    known = {topic.name: topic for topic in topics()}
    for name, frequency in frequencies.items():
        _check(known.get(name), name, frequency)
    Preference.objects.bulk_create(
        [Preference(user=by, topic=name, frequency=frequency) for name, frequency in frequencies.items()],
        update_conflicts=True,
        unique_fields=["user", "topic"],
        update_fields=["frequency"],
    )
    for name, frequency in frequencies.items():
        _redate(by, name, frequency)


def unsubscribe(*, user: Any, topic_names: Iterable[str]) -> list[Topic]:
    """Turns off those of these topics that may be turned off, for who followed a link in a mail to him."""
    wanted = set(topic_names)
    optional = [topic for topic in topics() if topic.name in wanted and not topic.required]
    set_preferences(by=user, frequencies={topic.name: Frequency.OFF for topic in optional})
    return optional


def _check(topic: Topic | None, name: str, frequency: str) -> None:
    if topic is None:
        raise NotFound(_("This kind of messages does not exist."))
    if frequency not in Frequency.values:
        raise Invalid(_("Choose how often you want mail."), field=name)
    if topic.required and frequency == Frequency.OFF:
        raise Invalid(_("These messages cannot be turned off, only be mailed less often."), field=name)


def _redate(user: Any, name: str, frequency: str) -> None:
    """Counted from when each notice was made, as if this had been chosen before."""
    waiting = Dispatch.objects.filter(user_id=user.pk, state=Dispatch.State.WAITING)
    if name != OTHER:
        waiting = waiting.filter(notice__kind__in=kinds_of(name))
    turns = [
        turn
        for turn in waiting.select_related("notice").order_by("pk")
        if topic_of(turn.notice.kind).name == name
    ]
    if frequency == Frequency.OFF:
        for start in range(0, len(turns), BATCH):
            ids = [turn.pk for turn in turns[start : start + BATCH]]
            still = Dispatch.objects.filter(pk__in=ids, state=Dispatch.State.WAITING)
            still.update(state=Dispatch.State.DROPPED)
        return
    for turn in turns:
        turn.due_at = due_at(frequency, turn.notice.created_at)
    Dispatch.objects.bulk_update(turns, ["due_at"], batch_size=BATCH)
