"""Reading the log. Every answer is bounded: a log only grows."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from audit.models import Event, Link


def events_about(
    target: str, actions: Collection[str] | None = None, *, limit: int = 50, before: int | None = None
) -> list[Event]:
    """The last events about an object, newest first; the next page is `before` the last id of this one."""
    events = Event.objects.filter(target=target)
    if actions is not None:
        events = events.filter(action__in=actions)
    if before is not None:
        events = events.filter(pk__lt=before)
    return list(events.order_by("-pk")[:limit])


def unlinked() -> QuerySet[Event]:
    """The events that are not in the chain yet."""
    return Event.objects.filter(~Exists(Link.objects.filter(event_id=OuterRef("pk"))))
