"""What is wrong with an installation, in words: for who keeps it running (`manage.py doctor`).

Each app hangs what it knows in the slot "doctor" of `common.registry`: a function `(*, at) -> list[Finding]`.
A finding says what was looked at and, unless it is well, what to do. Nothing about a person.
"""

import datetime as dt
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from common import pulse
from common.registry import collect


class Level(StrEnum):
    WELL = "well"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do where it is not well."""

    level: Level
    about: str
    says: str
    advice: str = ""


#: Less than this is left on the disk: soon nothing can be written any more.
LEAST_FREE = 1 << 30
LEAST_SHARE = 0.1
#: PostgreSQL 14, as it numbers itself.
OLDEST = 140000
#: A clock that differs by more makes reminders early or late.
CLOCKS_DIFFER = dt.timedelta(seconds=5)


def examine(*, at: dt.datetime) -> list[Finding]:
    """Everything, in the order in which one thing needs another. A part that breaks is a finding itself."""
    found = [*_tried("settings", _settings)]
    database = _tried("database", lambda: _database(at))
    found += database
    if all(one.level is not Level.ERROR for one in database):
        found += _tried("migrations", _migrations)
    found += _tried("cache", _cache)
    found += _tried("queue", _queue)
    found += _tried("processes", lambda: _processes(at))
    found += _tried("disk", _disk)
    found += _tried("uploads", _uploads)
    found += _tried("static files", _static_files)
    if all(one.level is not Level.ERROR for one in found if one.about in {"database", "migrations"}):
        for findings in collect("doctor", at=at):
            found += findings
    return found


def _tried(about: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except Exception as error:  # whatever it is, it is told, and the rest is looked at
        return [
            Finding(Level.ERROR, about, f"does not answer: {type(error).__name__}", ADVICE.get(about, ""))
        ]


ADVICE = {
    "database": "Is PostgreSQL running, and does DATABASE_URL name it?",
    "cache": "Is Redis running, and does REDIS_URL name it? Pages are slow or refused without it.",
    "queue": "Is Redis running, and does REDIS_URL name it? Jobs wait until it is back; nothing is lost.",
    "uploads": "Can the application's own user write in VAR_DIR?",
}


def _settings() -> list[Finding]:
    problems = checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    found = [
        Finding(
            Level.ERROR if problem.level >= checks.ERROR else Level.WARNING,
            "settings",
            f"{problem.id}: {str(problem.msg).splitlines()[0]}",
            str(problem.hint or ""),
        )
        for problem in problems
        if problem.level >= checks.WARNING and not problem.is_silenced()
    ]
    if settings.DEMO:
        says = "this is a demo: its accounts have a password that everybody knows"
        found.append(Finding(Level.WARNING, "settings", says, "Set ENVIRONMENT=production for real use."))
    return found or [Finding(Level.WELL, "settings", "nothing is missing")]


def _database(at: dt.datetime) -> list[Finding]:
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("PRAGMA quick_check(1)")
            (verdict,) = cursor.fetchone()
            if verdict != "ok":
                says = "SQLite says that its file is damaged"
                return [Finding(Level.ERROR, "database", says, "Stop the application and restore a backup.")]
            return [Finding(Level.WELL, "database", "SQLite answers; it takes one writer at a time")]
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_version_num')::int,"
            " clock_timestamp()"
        )
        version, number, clock = cursor.fetchone()
    found = [Finding(Level.WELL, "database", f"PostgreSQL {version} answers")]
    if number < OLDEST:
        found.append(Finding(Level.ERROR, "database", f"PostgreSQL {version} is too old", "Use 14 or newer."))
    if abs(clock - at) > CLOCKS_DIFFER:
        seconds = abs(clock - at).total_seconds()
        says = f"the clock of the database differs from ours by {seconds:.0f} seconds"
        found.append(Finding(Level.WARNING, "database", says, "Let both machines keep time by NTP."))
    return found


def _migrations() -> list[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting:
        return [Finding(Level.WELL, "migrations", "the database is up to date")]
    first = waiting[0][0]
    says = f"{len(waiting)} were not applied, {first} for one"
    return [Finding(Level.ERROR, "migrations", says, "Run `manage.py migrate`.")]


def _cache() -> list[Finding]:
    cache.set("doctor", "well", timeout=10)
    if cache.get("doctor") != "well":
        return [Finding(Level.ERROR, "cache", "forgets at once what it is given", ADVICE["cache"])]
    return [Finding(Level.WELL, "cache", "Redis answers" if settings.REDIS_URL else "is kept in files")]


def _queue() -> list[Finding]:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=3)
    return [Finding(Level.WELL, "queue", "takes jobs")]


def _processes(at: dt.datetime) -> list[Finding]:
    found = []
    for name in (pulse.BEAT, pulse.WORKER):
        if pulse.is_heard(name, at=at):
            found.append(Finding(Level.WELL, name, "was heard from lately"))
            continue
        heard = pulse.last_heard(name)
        since = f"since {heard:%Y-%m-%d %H:%M} UTC" if heard else "as far as is known"
        advice = f"Start it, and let it be started again when it ends; its log says why it stopped ({name})."
        found.append(Finding(Level.ERROR, name, f"is silent {since}: no reminder is sent", advice))
    return found


def _disk() -> list[Finding]:
    usage = shutil.disk_usage(settings.VAR_DIR)
    says = f"{usage.free / (1 << 30):.1f} GB of {usage.total / (1 << 30):.1f} GB is free in VAR_DIR"
    found = [Finding(Level.WELL, "disk", says)]
    if usage.free < LEAST_FREE or usage.free < LEAST_SHARE * usage.total:
        found = [Finding(Level.WARNING, "disk", says, "Make room before nothing can be written any more.")]
    open_to = stat.S_IMODE(Path(settings.VAR_DIR).stat().st_mode) & 0o077
    if open_to:
        says = "others on this machine can look into VAR_DIR"
        found.append(Finding(Level.WARNING, "disk", says, "chmod 700 that folder: it holds personal data."))
    return found


def _uploads() -> list[Finding]:
    name = default_storage.save(f"doctor/{os.getpid()}", ContentFile(b"well"))
    try:
        with default_storage.open(name) as file:
            kept = file.read()
    finally:
        default_storage.delete(name)
    if kept != b"well":
        return [Finding(Level.ERROR, "uploads", "what is written does not come back", ADVICE["uploads"])]
    with tempfile.TemporaryFile() as file:
        file.write(b"well")
    return [Finding(Level.WELL, "uploads", "files can be kept and read")]


def _static_files() -> list[Finding]:
    manifest = getattr(staticfiles_storage, "hashed_files", None)
    if manifest == {}:
        return [Finding(Level.ERROR, "static files", "were not collected", "Run `make setup`.")]
    return [Finding(Level.WELL, "static files", "are there")]
