"""Days as an iCalendar file (RFC 5545), as calendar programs subscribe to it."""

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, Timezone

from cases.queries.feed import Entry

#: How often we would like to be asked; each program decides for itself.
ASK_AGAIN = dt.timedelta(hours=1)
#: Changes are numbered by the minutes since this moment: later ones get a higher number without a counter.
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def write(entries: Iterable[Entry], *, at: dt.datetime) -> bytes:
    """All-day events, each with the address of its case. `at`: the moment of asking."""
    calendar = Calendar()
    calendar.add("prodid", "-//Terugkeer//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Terugkeer")
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(_zone(at.date()))
    for entry in entries:
        calendar.add_component(_event(entry, at))
    return calendar.to_ical()


def _zone(day: dt.date) -> Timezone:
    """Days have no zone; it is here because a calendar without any component is not a valid one."""
    year = dt.timedelta(days=366)
    return Timezone.from_tzid(settings.TIME_ZONE, first_date=day - year, last_date=day + 2 * year)


def _event(entry: Entry, at: dt.datetime) -> Event:
    address = settings.BASE_URL.rstrip("/") + reverse("case", args=[entry.number])
    event = Event()
    event.add("uid", f"{entry.key}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", at.astimezone(dt.UTC).replace(microsecond=0))
    event.add("last-modified", entry.changed_at.astimezone(dt.UTC).replace(microsecond=0))
    event.add("sequence", max(0, (entry.changed_at - FIRST) // dt.timedelta(minutes=1)))
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + dt.timedelta(days=1))
    event.add("summary", entry.summary)
    event.add("description", address)  # some programs show no URL
    event.add("url", address)
    event.add("class", "PRIVATE")  # who shares the calendar with colleagues shares this no further
    event.add("transp", "TRANSPARENT")  # the day stays free for appointments
    return event
