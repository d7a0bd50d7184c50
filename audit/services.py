"""Write down what happened, and link it into the chain.

Writing is one insert that waits for nobody. Linking needs an order, so linkers take turns: it happens in a
short transaction of its own right after commit, and what is left then (somebody else was linking, the process
died) is picked up by the sweep.
"""

import datetime as dt
import decimal
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import Error, transaction

from audit.hashing import GENESIS, event_mac, head_mac, link_hash
from audit.models import Event, Head, Link
from audit.origin import Origin, current_origin
from audit.queries import unlinked
from common import dates

logger = structlog.get_logger(__name__)

BATCH = 500
LONGEST_DETAIL = 100
MOST_VALUES = 100


@dataclass(frozen=True)
class Entry:
    """One event of many."""

    action: str
    target: str = ""
    result: str = "ok"
    details: Mapping[str, Any] = field(default_factory=dict)


def record(
    action: str,
    *,
    by: Any,
    target: str = "",
    result: str = "ok",
    details: Mapping[str, Any] | None = None,
) -> Event:
    """Write one event, in the transaction of the caller: what is rolled back did not happen.

    `by` is a user or None. `target` names the object in words ("case TZ-2026-00001"). `details` holds codes,
    numbers, days and identifiers, or lists of them; never a name or a text that somebody wrote: what looks
    like that is a ValueError. The moment is the clock's: an event cannot be dated back.
    """
    event = _event(Entry(action, target, result, details or {}), by, current_origin(), dates.now())
    event.save(force_insert=True)
    _link_after_commit([event.pk])
    return event


def record_many(entries: Iterable[Entry], *, by: Any) -> int:
    """Write thousands of events with few statements, for imports. Answers how many."""
    origin, at = current_origin(), dates.now()
    events = [_event(entry, by, origin, at) for entry in entries]
    Event.objects.bulk_create(events, batch_size=BATCH)
    _link_after_commit([event.pk for event in events])
    return len(events)


def link(event_ids: Sequence[int]) -> int:
    """Put these events at the end of the chain, those that are not in it yet. Answers how many were.

    Does nothing while another linker is at work, and refuses to build on a chain whose end was tampered with:
    that would hide it.
    """
    with transaction.atomic():
        head = _locked_head()
        if head is None:
            return 0
        links, number, previous = [], head.number, head.hash
        for event_id, mac in unlinked().filter(pk__in=event_ids).order_by("pk").values_list("pk", "mac"):
            number += 1
            hash = link_hash(number=number, event_id=event_id, event_mac=mac, previous=previous)
            links.append(Link(number=number, event_id=event_id, event_mac=mac, previous=previous, hash=hash))
            previous = hash
        if links:
            Link.objects.bulk_create(links)
            Head.objects.update(number=number, hash=previous, mac=head_mac(number=number, hash=previous))
    return len(links)


def link_left(*, since: dt.datetime | None = None) -> int:
    """The sweep: link what was left, of all events or of those from a moment on. Answers how many."""
    left = unlinked() if since is None else unlinked().filter(at__gte=since)
    total = 0
    while ids := list(left.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        linked = link(ids)
        total += linked
        if not linked:
            break
    return total


def _event(entry: Entry, by: Any, origin: Origin, at: dt.datetime) -> Event:
    somebody = by is not None and by.pk is not None
    event = Event(
        uid=uuid.uuid4(),
        at=at,
        action=entry.action,
        result=entry.result,
        actor=_line(str(by), 200) if somebody else "",
        actor_id=str(by.pk) if somebody else "",
        target=_line(entry.target, 120),
        ip=_line(origin.ip, 45),
        channel=origin.channel,
        request_id=_line(origin.request_id, 64),
        details={name: _detail(name, value) for name, value in entry.details.items()},
    )
    event.mac = event_mac(event)
    return event


def _line(text: str, length: int) -> str:
    """On one line and of a length that fits, whatever somebody sent."""
    return "".join(char if char.isprintable() else "?" for char in text[:length])


def _detail(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, str):
        if len(value) > LONGEST_DETAIL or not value.isprintable():
            raise ValueError(f"Detail {name!r} of an event looks like a text: record a code or a number.")
        return str(value)
    if isinstance(value, list | tuple | set | frozenset) and len(value) <= MOST_VALUES:
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [_detail(name, item) for item in items]
    raise ValueError(f"Detail {name!r} of an event is a {type(value).__name__}: record a code or a number.")


def _link_after_commit(event_ids: Sequence[int]) -> None:
    def link_quietly() -> None:
        """What was done is done: if linking fails now, the sweep does it."""
        try:
            for start in range(0, len(event_ids), BATCH):
                link(event_ids[start : start + BATCH])
        except Error:
            logger.exception("audit_link_failed", events=len(event_ids))

    transaction.on_commit(link_quietly)


def _locked_head() -> Head | None:
    """The end of the chain, for this transaction alone; None if another has it or it is not to be trusted.

    SQLite knows no row locks: there, its one write transaction at a time is the lock.
    """
    head = Head.objects.select_for_update(skip_locked=True).first()
    if head is None:
        if Head.objects.exists():
            return None
        if Link.objects.exists():
            logger.error("audit_head_removed")
            return None
        start = Head(number=0, hash=GENESIS, mac=head_mac(number=0, hash=GENESIS))
        Head.objects.bulk_create([start], ignore_conflicts=True)
        head = Head.objects.select_for_update(skip_locked=True).first()
    if head and head.mac != head_mac(number=head.number, hash=head.hash):
        logger.error("audit_head_changed")
        return None
    return head
