"""Heard from: by real processes, on files and on Redis, and told by what asks."""

import datetime as dt
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from celery.signals import beat_init, before_task_publish
from django.core.cache import cache
from redis import Redis

from common import pulse, tasks
from common.metrics import Gauge
from config.celery import TIMETABLE, hear_beat, listen_to_beat

ROOT = Path(__file__).resolve().parents[2]
NOW = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


# --- What is remembered


def test_never_heard() -> None:
    assert pulse.last_heard(pulse.BEAT) is None
    assert pulse.is_heard(pulse.BEAT, at=NOW) is False


@pytest.mark.parametrize(
    ("later", "heard"),
    [(0 * MINUTE, True), (3 * MINUTE, True), (3 * MINUTE + MINUTE / 60, False)],
)
def test_silent_after_three_minutes(later: dt.timedelta, heard: bool) -> None:
    pulse.beat(pulse.BEAT, NOW)
    assert pulse.last_heard(pulse.BEAT) == NOW
    assert pulse.is_heard(pulse.BEAT, at=NOW + later) is heard
    assert pulse.is_heard(pulse.WORKER, at=NOW + later) is False


def test_an_emptied_cache_is_silence_until_the_next_tick() -> None:
    pulse.beat(pulse.BEAT, NOW)
    cache.delete("pulse:beat")
    assert pulse.is_heard(pulse.BEAT, at=NOW) is False
    pulse.beat(pulse.BEAT, NOW + MINUTE)
    assert pulse.is_heard(pulse.BEAT, at=NOW + MINUTE) is True


def test_the_age_of_each_is_a_figure() -> None:
    pulse.beat(pulse.WORKER, NOW)
    beat, worker = pulse.metrics(at=NOW + MINUTE)
    assert (beat.name, math.isnan(beat.value)) == ("terugkeer_beat_heard_seconds", True)
    assert worker == Gauge(
        "terugkeer_worker_heard_seconds", "Seconds since the worker was heard from; NaN when never.", 60
    )


def test_the_worker_is_asked_every_minute() -> None:
    assert [job.every for job in TIMETABLE if job.task == tasks.pulse.name] == [60]


def test_only_a_beat_is_heard_when_it_publishes() -> None:
    """A web server publishes too: nothing listens there."""
    receivers = [receiver() for _key, receiver in before_task_publish.receivers]
    assert hear_beat not in receivers
    assert listen_to_beat in [receiver() for _key, receiver in beat_init.receivers]


# --- Real processes


def until(condition: Callable[[], bool], seconds: int = 40) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def heard(name: str) -> bool:
    return pulse.is_heard(name, at=dt.datetime.now(dt.UTC))


@contextmanager
def celery(var: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """One process of Celery with its own folder; killed at the end, and its children with it."""
    own = {"VAR_DIR": str(var), "ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "config.settings"}
    if url := os.environ.get("TEST_REDIS_URL"):
        own["REDIS_URL"] = url
    start = [sys.executable, "-m", "celery", "--quiet", "--app", "tests.common.ticking", *command]
    process = subprocess.Popen(
        [*start, "--loglevel", "critical"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONWARNINGS": "ignore", **own},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Without a chance to say goodbye."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


BEAT = ("beat", "--pidfile=")
WORKER = ("worker", "--pool", "threads", "--concurrency", "1", "--without-gossip", "--without-mingle")


@pytest.fixture
def installation(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an installation whose cache the asking test shares; silent after three seconds there."""
    if settings.REDIS_URL:
        backend = settings.CACHES["default"]
        settings.CACHES = {"default": {**backend, "KEY_PREFIX": "terugkeer"}}
    else:
        backend = "django.core.cache.backends.filebased.FileBasedCache"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": tmp_path / "cache"}}
    monkeypatch.setattr(pulse, "SILENT_AFTER", dt.timedelta(seconds=3))
    forget(settings.REDIS_URL)
    yield tmp_path
    forget(settings.REDIS_URL)


def forget(redis_url: str) -> None:
    """What the processes left in Redis: their marks, their queue and the lock of the beat."""
    cache.delete_many(["pulse:beat", "pulse:worker"])
    if redis_url:
        with Redis.from_url(redis_url) as redis:
            left = [*redis.scan_iter("terugkeer-ticking:*"), *redis.scan_iter("*ticking*")]
            redis.delete("unacked", "unacked_index", *left)


def test_beat_and_worker_are_heard_until_they_are_killed(installation: Path) -> None:
    assert (heard("beat"), heard("worker")) == (False, False)
    with celery(installation, *BEAT) as beat, celery(installation, *WORKER) as worker:
        assert until(lambda: heard("beat") and heard("worker"))
        kill(worker)
        assert until(lambda: not heard("worker"))
        assert heard("beat")
        with celery(installation, *WORKER):
            assert until(lambda: heard("worker"))
            kill(beat)
            assert until(lambda: not heard("beat") and not heard("worker"))


def test_a_beat_inside_the_worker_is_heard_too(installation: Path) -> None:
    with celery(installation, *WORKER, "--beat") as both:
        assert until(lambda: heard("beat") and heard("worker"))
        kill(both)
        assert until(lambda: not heard("beat") and not heard("worker"))


@pytest.mark.services
def test_a_second_beat_is_heard_once_it_takes_over(installation: Path) -> None:
    """With RedBeat it waits for the lock of the first."""
    with celery(installation, *BEAT) as first:
        assert until(lambda: heard("beat"))
        with celery(installation, *BEAT):
            kill(first)
            assert until(lambda: not heard("beat"))
            assert until(lambda: heard("beat"))
