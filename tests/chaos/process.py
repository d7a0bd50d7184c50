"""Starts Celery as the installation does, with a clock and a timetable of the tests, and a sudden end.

The product knows nothing of it: a function is wrapped from outside, and the process is killed at that point.

    python -m tests.chaos.process '{"clock": FILE, "every": 1, "kill": {...}}' worker --pool threads
"""

import fcntl
import functools
import importlib
import itertools
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.clock import Clock, follow


@dataclass(frozen=True)
class Kill:
    """SIGKILL `when` ("before" or "after") the function with this name, `times` in all.

    `whom`: "all" processes of this worker, as when the machine stops, or "one", its child that does the job.
    `file` counts: a line for each kill, over all processes that were given it. `skip`: so many times each
    process comes by unharmed first.
    """

    when: str
    name: str
    file: str
    times: int = 1
    whom: str = "all"
    skip: int = 0

    def arm(self) -> None:
        module_name, _, function_name = self.name.rpartition(".")
        module = importlib.import_module(module_name)
        function = getattr(module, function_name)
        passed = itertools.count()

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            harmed = next(passed) >= self.skip
            if harmed and self.when == "before":
                self.strike()
            result = function(*args, **kwargs)
            if harmed and self.when == "after":
                self.strike()
            return result

        setattr(module, function_name, wrapped)

    def strike(self) -> None:
        with Path(self.file).open("a+") as counted:
            fcntl.flock(counted, fcntl.LOCK_EX)
            counted.seek(0)
            if len(counted.readlines()) >= self.times:
                return
            counted.write(f"{os.getpid()}\n")
            counted.flush()
            if self.whom == "all":
                os.killpg(0, signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)


def hurry(seconds: float) -> None:
    """What the timetable does every minute, each `seconds`; and a beat that falls silent is missed sooner."""
    from celery.schedules import schedule

    from config.celery import MINUTE, TIMETABLE, app

    for job in TIMETABLE:
        if job.every == MINUTE:
            app.conf.beat_schedule[job.task]["schedule"] = schedule(seconds)
    app.conf.beat_max_loop_interval = seconds / 2
    app.conf.redbeat_lock_timeout = 3


def main(world: dict[str, Any], arguments: list[str]) -> None:
    follow(Clock(Path(world["clock"])))
    import django
    from celery.__main__ import main as celery

    import config  # noqa: F401  # makes the app of the installation the current one

    django.setup()
    for name, value in world["constants"].items():
        module_name, _, constant = name.rpartition(".")
        setattr(importlib.import_module(module_name), constant, value)
    if world["every"]:
        hurry(world["every"])
    if world["kill"]:
        Kill(**world["kill"]).arm()
    sys.argv = ["celery", "--app", "config", *arguments]
    celery()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
