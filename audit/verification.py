"""Is the log whole? Walks the chain in its order, a batch at a time, however long it is.

What it cannot see from inside the database: an event that was removed before it was linked (a matter of
milliseconds, a minute at most), and an end that was cut off by somebody who put back an older copy of the
head as well. The daily check therefore logs the head, and those lines are kept elsewhere.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from audit.hashing import GENESIS, event_mac, head_mac, link_hash
from audit.models import Event, Head, Link
from audit.queries import unlinked

BATCH = 1000
GRACE = dt.timedelta(minutes=10)  # the sweep runs every minute

EVENT_CHANGED = "event_changed"  # differs from what was written
EVENT_REMOVED = "event_removed"  # the chain has it, the log has not
EVENT_SWAPPED = "event_swapped"  # a genuine event in the place of another
EVENT_INSERTED = "event_inserted"  # not in the chain and not written by this application
EVENT_UNLINKED = "event_unlinked"  # genuine, but long since due to be linked
LINK_CHANGED = "link_changed"
LINK_REMOVED = "link_removed"
HEAD_CHANGED = "head_changed"
HEAD_REMOVED = "head_removed"
TAIL_REMOVED = "tail_removed"  # the chain was longer


@dataclass(frozen=True)
class Break:
    kind: str
    event: int | None = None
    link: int | None = None


@dataclass(frozen=True)
class Verdict:
    """How many events were looked at, up to which place in the chain, and what is first found wrong."""

    events: int
    head: int
    head_hash: str
    first_break: Break | None

    @property
    def ok(self) -> bool:
        return self.first_break is None


def verify(*, at: dt.datetime) -> Verdict:
    head = Head.objects.first()  # before the walk: the chain may grow during it, never shrink
    walked, number, previous = 0, 0, GENESIS
    for link, event in _links_with_events():
        if found := _break_at(link, event, number + 1, previous):
            return Verdict(walked, number, previous, found)
        walked, number, previous = walked + 1, link.number, link.hash
    if found := _break_of_head(head, number):
        return Verdict(walked, number, previous, found)
    for event in unlinked().order_by("pk").iterator(chunk_size=BATCH):
        if event.mac != event_mac(event):
            return Verdict(walked, number, previous, Break(EVENT_INSERTED, event=event.pk))
        if event.at < at - GRACE:
            return Verdict(walked, number, previous, Break(EVENT_UNLINKED, event=event.pk))
        walked += 1
    return Verdict(walked, number, previous, None)


def _links_with_events() -> Iterator[tuple[Link, Event | None]]:
    last = None
    while True:
        links = Link.objects.order_by("number")
        batch = list((links if last is None else links.filter(number__gt=last))[:BATCH])
        if not batch:
            return
        events = Event.objects.in_bulk([link.event_id for link in batch])
        for link in batch:
            yield link, events.get(link.event_id)
        last = batch[-1].number


def _break_at(link: Link, event: Event | None, number: int, previous: str) -> Break | None:
    if link.number > number:
        return Break(LINK_REMOVED, event=link.event_id, link=number)
    expected = link_hash(number=number, event_id=link.event_id, event_mac=link.event_mac, previous=previous)
    if link.number != number or link.previous != previous or link.hash != expected:
        return Break(LINK_CHANGED, event=link.event_id, link=link.number)
    if event is None:
        return Break(EVENT_REMOVED, event=link.event_id, link=link.number)
    if event.mac != event_mac(event):
        return Break(EVENT_CHANGED, event=event.pk, link=link.number)
    if event.mac != link.event_mac:
        return Break(EVENT_SWAPPED, event=event.pk, link=link.number)
    return None


def _break_of_head(head: Head | None, walked_to: int) -> Break | None:
    if head is None:
        return Break(HEAD_REMOVED, link=walked_to) if walked_to else None
    if head.mac != head_mac(number=head.number, hash=head.hash):
        return Break(HEAD_CHANGED, link=head.number)
    if head.number > walked_to:
        return Break(TAIL_REMOVED, link=walked_to + 1)
    return None
