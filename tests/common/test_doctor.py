"""The doctor says in words what is wrong, and goes on where one part breaks."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from audit.services import record
from common import pulse
from common.dates import now
from common.doctor import Finding, Level, examine

pytestmark = pytest.mark.django_db

Settings = Any


@pytest.fixture
def about(settings: Settings, tmp_path: Path) -> Callable[[str], list[Finding]]:
    """What is found about something, in an installation that is well otherwise."""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir(mode=0o700)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for name in (pulse.BEAT, pulse.WORKER):
        pulse.beat(name, now())

    def about(what: str) -> list[Finding]:
        return [one for one in examine(at=now()) if one.about == what]

    return about


def test_what_is_well_is_said_too(about: Callable[[str], list[Finding]]) -> None:
    for what in ("database", "migrations", "cache", "beat", "worker", "uploads", "mail", "log of events"):
        assert {one.level for one in about(what)} == {Level.WELL}, what


def test_a_silent_worker_is_bad(about: Callable[[str], list[Finding]]) -> None:
    cache.delete(f"pulse:{pulse.WORKER}")

    (found,) = about("worker")

    assert (found.level, "no reminder is sent" in found.says) == (Level.ERROR, True)
    assert about("beat")[0].level is Level.WELL


def test_a_migration_that_was_not_applied_is_bad(about: Callable[[str], list[Finding]]) -> None:
    MigrationRecorder(connection).record_unapplied("escalations", "0001_initial")
    try:
        (found,) = about("migrations")
    finally:
        MigrationRecorder(connection).record_applied("escalations", "0001_initial")

    assert (found.level, found.advice) == (Level.ERROR, "Run `manage.py migrate`.")


def test_a_mail_server_that_is_not_there_is_bad(
    about: Callable[[str], list[Finding]], settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2

    assert [one.level for one in about("mail")] == [Level.ERROR]


def test_a_cache_that_breaks_does_not_end_the_round(
    about: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("a secret")

    monkeypatch.setattr(type(cache._connections["default"]), "set", broken)  # type: ignore[attr-defined]

    (found,) = about("cache")

    assert (found.level, found.says) == (Level.ERROR, "does not answer: ConnectionError")
    assert about("disk") != []


def test_a_folder_that_others_can_read_is_told(
    about: Callable[[str], list[Finding]], settings: Settings
) -> None:
    settings.VAR_DIR.chmod(0o755)

    assert "others on this machine" in " ".join(one.says for one in about("disk"))
    assert stat.S_IMODE(settings.VAR_DIR.stat().st_mode) == 0o755


def test_events_that_were_never_linked_are_told(
    about: Callable[[str], list[Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.doctor.LONG", -pulse.SILENT_AFTER)
    record("case.signalled", by=None, target="case TZ-2026-00001")

    (found,) = about("log of events")

    assert (found.level, found.says) == (Level.ERROR, "1 events are not in the chain yet")


def test_the_command_prints_all_of_it_and_says_by_its_exit_whether_something_is_bad(
    about: Callable[[str], list[Finding]], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("doctor")
    assert "ok    database: " in capsys.readouterr().out

    cache.delete(f"pulse:{pulse.BEAT}")
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", json=True)

    answer = json.loads(capsys.readouterr().out)
    assert (ended.value.code, answer["well"]) == (1, False)
    bad = [one["about"] for one in answer["findings"] if one["level"] == "error"]
    assert bad == ["beat"]
