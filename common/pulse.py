"""Whether the processes that nobody looks at are at work: when beat and worker were heard from last.

Kept in the cache, that all processes share and that may be emptied: then both are silent until the next tick.
The beat is heard when it publishes something, the worker when it does the task of every minute. So a beat
that stops silences the worker too.
"""

import datetime as dt
import math

from django.core.cache import cache

from common.metrics import Gauge

BEAT, WORKER = "beat", "worker"
#: Both tick every minute; longer than this is no delay any more.
SILENT_AFTER = dt.timedelta(minutes=3)
#: How long it is remembered since when somebody is silent.
REMEMBERED = dt.timedelta(days=7)


def beat(name: str, at: dt.datetime) -> None:
    """Writes down that a process was heard from."""
    cache.set(_key(name), at.timestamp(), timeout=int(REMEMBERED.total_seconds()))


def last_heard(name: str) -> dt.datetime | None:
    """The moment, None when it was never heard or that was forgotten."""
    heard = cache.get(_key(name))
    return None if heard is None else dt.datetime.fromtimestamp(heard, dt.UTC)


def is_heard(name: str, *, at: dt.datetime) -> bool:
    """Heard from lately."""
    heard = last_heard(name)
    return heard is not None and at - heard <= SILENT_AFTER


def metrics(*, at: dt.datetime) -> list[Gauge]:
    """Seconds since each was heard from."""
    return [
        Gauge(
            f"terugkeer_{name}_heard_seconds",
            f"Seconds since the {name} was heard from; NaN when never.",
            _age(name, at),
        )
        for name in (BEAT, WORKER)
    ]


def _age(name: str, at: dt.datetime) -> float:
    heard = last_heard(name)
    return math.nan if heard is None else (at - heard).total_seconds()


def _key(name: str) -> str:
    return f"pulse:{name}"
