"""One process that works in a world of bench/world.py; bench/measuring.py starts it.

It says when it is ready, waits for a line with its share of the work, works, and says how it went in one line
of JSON.
"""

import argparse
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from unittest import mock

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from accounts.models import User  # noqa: E402
from bench.clock import Share, count, counted, milliseconds, server_cpu  # noqa: E402
from bench.report_tasks import report_all, report_all_with_trend, report_times  # noqa: E402
from bench.world import ON  # noqa: E402
from cases.models import Case  # noqa: E402
from escalations.models import Reminder  # noqa: E402
from escalations.queries.board import board_of  # noqa: E402
from escalations.queries.notices import may_get  # noqa: E402
from escalations.services import sweep, sweeps  # noqa: E402
from escalations.services.telling import tell_pending  # noqa: E402
from notifications.models import Notice  # noqa: E402
from schools.models import Partnership  # noqa: E402

TIMES = 40


def nothing(at: dt.datetime, share: Share) -> object:
    """What a process costs that does nothing."""
    return None


def sweep_due(at: dt.datetime, share: Share) -> object:
    """Claims and sweeps partnerships until none is due, and tells nobody."""
    sweeps.enlist(at=at)
    with mock.patch.object(sweeps, "tell_pending", return_value=0):
        return sweeps.sweep_due(clock=lambda: at)


def tell(at: dt.datetime, share: Share) -> object:
    """Tells what is due of every partnership to who was not told yet."""
    for partnership_id in Partnership.objects.order_by("pk").values_list("pk", flat=True):
        tell_pending(partnership_id, on=at.date(), at=at, everybody=True)
    return Notice.objects.count()


def requests(at: dt.datetime, share: Share) -> object:
    """What runs while somebody waits, in milliseconds, in the largest partnership."""
    on = at.date()
    manager = User.objects.filter(memberships__organisation=1, memberships__role="case_manager").earliest(
        "pk"
    )
    cases = list(
        Case.objects.filter(partnership=1).exclude(state="closed").values_list("pk", flat=True)[:TIMES]
    )
    notices = list(Notice.objects.filter(user=manager, asks=True)[:100])
    return {
        "sweep_touched": milliseconds([partial(sweeps.sweep_touched, pk, 1, on=on, at=at) for pk in cases]),
        "board_of": milliseconds([lambda: board_of(User.objects.get(pk=manager.pk), on=on)] * 10),
        f"may_get of {len(notices)} notices": milliseconds(
            [lambda: may_get(User.objects.get(pk=manager.pk), notices)] * 10
        ),
    }


TASKS: dict[str, Callable[[dt.datetime, Share], object]] = {
    task.__name__: task
    for task in (nothing, sweep_due, tell, requests, report_times, report_all, report_all_with_trend)
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--days", type=int, default=0, help="so many after the day of the world")
    parser.add_argument("--minute", type=int, default=0)
    parser.add_argument("--chunk", type=int, default=sweep.CHUNK)
    given = parser.parse_args()
    sweep.CHUNK = given.chunk
    midday = dt.datetime.combine(ON, dt.time(12), tzinfo=dt.UTC)
    at = midday + dt.timedelta(days=given.days, minutes=given.minute)
    before = server_cpu()
    print("ready", flush=True)
    nth, of = map(int, sys.stdin.readline().split())
    with connection.execute_wrapper(count):
        began = time.process_time()
        result = TASKS[given.task](at, Share(nth, of))
        cpu = time.process_time() - began
        queries = counted["queries"]
    after = server_cpu()
    print(
        json.dumps(
            {
                "result": result,
                "cpu": cpu,
                "queries": queries,
                "server": None if before is None or after is None else after - before,
                "reminders": Reminder.objects.count(),
            }
        )
    )


if __name__ == "__main__":
    main()
