"""Files of figures as work: asked, made once, kept a day, handed out while one may."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import DatabaseError

from accounts.models import User
from audit.models import Event
from common.errors import DomainError, NotAllowed, NotFound
from reports import tasks
from reports.exports import FORMATS
from reports.models import ReportFile
from reports.queries.files import KEPT, LEASE, file_of, files_of
from reports.services import files
from tests.cast import NOW, Cast
from tests.reports.asking import ask, fresh, leaves, question
from tests.reports.reading import csv_rows

pytestmark = pytest.mark.django_db

State = ReportFile.State
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _at_ten_o_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def work(at: dt.datetime = NOW) -> int:
    return files.work(clock=lambda: at)


def kept() -> list[str]:
    return default_storage.listdir("reports")[1] if default_storage.exists("reports") else []


def content_of(file: ReportFile) -> bytes:
    with fresh(file).file.open("rb") as opened:
        content: bytes = opened.read()
    return content


# --- The way through


def test_from_question_to_file(cast: Cast) -> None:
    file = ask(cast)
    assert (file.state, kept()) == (State.WAITING, [])
    assert work() == 1
    made = fresh(file)
    assert (made.state, made.claimed_at, made.message, made.done, made.total) == (State.READY, None, "", 2, 3)
    assert made.file_name == "thuiszitters-VO9901-2026-10-D2.csv"
    assert [f"reports/{name}" for name in kept()] == [made.file.name]
    rows = csv_rows(content_of(file))
    assert ["figures", "end"] in [row[:2] for row in rows]
    assert work() == 0


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("outside", "suffix"), [(True, ""), (False, "-intern")])
def test_every_format_is_made_for_both(cast: Cast, format: str, outside: bool, suffix: str) -> None:
    file = ask(cast, format=format, outside=outside)
    work()
    assert fresh(file).file_name == f"thuiszitters-VO9901-2026-10-D2{suffix}.{format}"
    assert len(content_of(file)) > 500


def test_small_numbers_are_hidden_in_what_goes_out_only(cast: Cast) -> None:
    outer, inner = ask(cast), ask(cast, outside=False)
    work()
    found = {
        name: {(row[0], row[1]): row[3] for row in csv_rows(content_of(file))}
        for name, file in (("outside", outer), ("inside", inner))
    }
    exact = int(found["inside"]["figures", "end"])
    assert exact > 4
    small = [which for which, value in found["inside"].items() if which[0] == "by_school" and value in "1234"]
    assert len(small) > 0
    assert {found["outside"][which] for which in small} <= {"<5", "x"}


def test_what_is_quick_is_there_at_once(cast: Cast, monkeypatch: Any) -> None:
    file = ask(cast)
    files.make_at_once(file=file, clock=lambda: NOW)
    assert fresh(file).state == State.READY
    monkeypatch.setattr("reports.exports.report_file.QUICK", {False: 2, True: 2})
    slow = ask(cast)
    files.make_at_once(file=slow, clock=lambda: NOW)
    assert fresh(slow).state == State.WAITING
    assert work() == 1
    assert fresh(slow).state == State.READY


def test_the_worker_is_woken_for_what_is_not_quick(
    cast: Cast, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(files.current_app, "send_task", lambda name, **options: sent.append(name))
    with django_capture_on_commit_callbacks(execute=True):
        ask(cast)
    assert sent == []
    monkeypatch.setattr("reports.exports.report_file.QUICK", {False: 2, True: 2})
    with django_capture_on_commit_callbacks(execute=True):
        ask(cast)
    assert sent == ["reports.tasks.make_files"]


def test_a_broker_that_is_down_keeps_nobody_out(
    cast: Cast, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(files.current_app, "send_task", down)
    monkeypatch.setattr("reports.exports.report_file.QUICK", {False: 2, True: 2})
    with django_capture_on_commit_callbacks(execute=True):
        file = ask(cast)
    assert tasks.make_files() == 1
    assert fresh(file).state == State.READY


def test_not_more_than_a_few_wait_at_once(cast: Cast) -> None:
    for _nth in range(files.MOST_WAITING):
        ask(cast)
    with pytest.raises(DomainError):
        ask(cast)
    ask(cast, "case_manager")
    work()
    ask(cast)


# --- Who may

#: Everybody of the cast, and whether he may have the figures of partnership VO9901.
MAY = {
    "reporter": True,
    "case_manager": True,
    "far_case_manager": False,
    "coordinator": False,
    "site_coordinator": False,
    "other_coordinator": False,
    "care_worker": False,
    "other_care_worker": False,
    "attendance_officer": False,
    "administrator": False,
    "privacy_officer": False,
    "platform_operator": False,
    "former": False,
    "two_hats": False,
    "superuser": False,
    "nobody": False,
}


def test_who_may_ask(cast: Cast) -> None:
    assert set(MAY) == set(cast.people)
    for person, may in MAY.items():
        try:
            ask(cast, person)
            found = True
        except NotAllowed:
            found = False
        assert (person, found) == (person, may)
    assert ReportFile.objects.count() == sum(MAY.values())


def made_for(user: User) -> ReportFile:
    """A file as it would be there if somebody had been let have it."""
    path = default_storage.save("reports/abc", files.ContentFile(b"figures"))
    return ReportFile.objects.create(
        user=user,
        kind="report",
        format="csv",
        asked=question(),
        state=State.READY,
        file=path,
        file_name="x.csv",
        asked_at=NOW,
    )


def test_who_may_have_it_at_the_download(cast: Cast) -> None:
    for person, may in MAY.items():
        user = cast.people[person]
        file = made_for(user)
        try:
            files.take_out(file=file, by=user).close()
            found = True
        except NotAllowed:
            found = False
        assert (person, found) == (person, may)
        after = fresh(file)
        assert (person, after.state) == (person, State.READY if may else State.FAILED)
        assert (person, bool(after.file)) == (person, may)
    assert len(kept()) == sum(MAY.values())


def test_somebody_elses_file_is_not_found(cast: Cast) -> None:
    file = made_for(cast.people["reporter"])
    with pytest.raises(NotFound):
        files.take_out(file=file, by=cast.people["case_manager"])
    with pytest.raises(NotFound):
        file_of(cast.people["case_manager"], file.pk, NOW)
    assert list(files_of(cast.people["case_manager"], NOW)) == []
    assert fresh(file).state == State.READY


def test_who_left_does_not_get_what_was_made_and_it_is_destroyed(cast: Cast) -> None:
    file = ask(cast)
    work()
    leaves(cast, "reporter")
    with pytest.raises(NotAllowed):
        files.take_out(file=fresh(file), by=User.objects.get(pk=cast.people["reporter"].pk))
    assert (fresh(file).state, kept()) == (State.FAILED, [])
    with pytest.raises(NotFound):
        files.take_out(file=fresh(file), by=cast.people["reporter"])


def test_for_who_left_nothing_is_made(cast: Cast) -> None:
    file = ask(cast)
    leaves(cast, "reporter")
    assert work() == 1
    assert (fresh(file).state, kept()) == (State.FAILED, [])


def test_for_who_may_not_log_in_any_more_nothing_is_made(cast: Cast) -> None:
    file = ask(cast)
    User.objects.filter(pk=cast.people["reporter"].pk).update(is_active=False)
    work()
    assert (fresh(file).state, kept()) == (State.FAILED, [])


def test_a_part_of_the_pupils_never_goes_out(cast: Cast) -> None:
    part = question(schools=frozenset({cast.school.pk}))
    file = ask(cast, asked=part, outside=True)
    work()
    assert (fresh(file).state, kept()) == (State.FAILED, [])
    inner = ask(cast, asked=part, outside=False)
    work()
    found = {(row[0], row[1]): row[3] for row in csv_rows(content_of(inner))}
    assert found["header", "part"] == "Het Voorbeeld"


# --- The log


def test_what_was_done_stands_in_the_log(cast: Cast) -> None:
    file, reporter = ask(cast, outside=False), cast.people["reporter"]
    work()
    files.take_out(file=fresh(file), by=reporter).close()
    leaves(cast, "reporter")
    with pytest.raises(NotAllowed):
        files.take_out(file=fresh(file), by=User.objects.get(pk=reporter.pk))
    events = Event.objects.filter(action__startswith="report_file.").order_by("pk")
    assert [(event.action, event.result) for event in events] == [
        ("report_file.asked", "ok"),
        ("report_file.made", "ok"),
        ("report_file.downloaded", "ok"),
        ("report_file.refused", "denied"),
    ]
    assert {(event.actor_id, event.target) for event in events} == {
        (str(reporter.pk), f"report file {file.pk}")
    }
    assert events[2].details == {
        "kind": "report",
        "format": "csv",
        "outside": False,
        "partnership": "VO9901",
        "from": "2026-10-01",
        "to": "2026-10-31",
        "definition": "D2",
        "known_at": NOW.isoformat(),
    }


# --- Once, also where a worker dies


def dies(*args: Any, **kwargs: Any) -> Any:
    """As when the process is killed: nothing is written down any more."""
    raise KeyboardInterrupt


def test_a_dead_workers_file_is_made_by_the_next_once(cast: Cast, monkeypatch: Any) -> None:
    file = ask(cast)
    with monkeypatch.context() as patch:
        patch.setattr("reports.exports.report_file.render", dies)
        with pytest.raises(KeyboardInterrupt):
            work()
    assert (fresh(file).state, fresh(file).attempts, fresh(file).done) == (State.WAITING, 1, 2)
    assert work(NOW + LEASE) == 0
    assert work(NOW + LEASE + SECOND) == 1
    assert (fresh(file).state, fresh(file).attempts) == (State.READY, 2)
    assert (len(kept()), work(NOW + 3 * LEASE)) == (1, 0)


def test_who_was_taken_over_keeps_nothing(cast: Cast, monkeypatch: Any) -> None:
    """A worker that was only slow comes back when another has made the file."""
    file = ask(cast)
    real = FORMATS["csv"]

    def slow(document: Any, format: str) -> bytes:
        monkeypatch.setattr("reports.exports.report_file.render", lambda document, format: b"of the second")
        assert work(NOW + LEASE + SECOND) == 1
        return real(document)

    monkeypatch.setattr("reports.exports.report_file.render", slow)
    work()
    assert (fresh(file).state, content_of(file), len(kept())) == (State.READY, b"of the second", 1)
    assert Event.objects.filter(action="report_file.made").count() == 1


def test_a_file_that_kills_every_worker_is_given_up(cast: Cast, monkeypatch: Any) -> None:
    file = ask(cast)
    monkeypatch.setattr("reports.exports.report_file.render", dies)
    at = NOW
    for _attempt in range(files.MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            work(at)
        at += LEASE + SECOND
    assert work(at) == 1
    assert (fresh(file).state, kept()) == (State.FAILED, [])


def test_what_goes_wrong_is_logged_without_names(cast: Cast, monkeypatch: Any, caplog: Any) -> None:
    def fails(*args: Any, **kwargs: Any) -> Any:
        raise DatabaseError("Noor Verzonnen")

    monkeypatch.setattr("reports.exports.report_file.render", fails)
    file = ask(cast)
    work()
    assert fresh(file).state == State.FAILED
    assert "Noor" not in fresh(file).message
    assert "Noor" not in caplog.text
    assert "report_file_failed" in caplog.text


def test_progress_is_told(cast: Cast, monkeypatch: Any) -> None:
    file, seen = ask(cast), []

    def watched(document: Any, format: str) -> bytes:
        seen.append((fresh(file).done, fresh(file).total))
        return b""

    monkeypatch.setattr("reports.exports.report_file.render", watched)
    work()
    assert seen == [(2, 3)]


# --- After a day


def test_after_a_day_it_is_not_found_and_then_destroyed(cast: Cast) -> None:
    file, later = ask(cast), ask(cast, at=NOW + dt.timedelta(hours=2))
    work(NOW + dt.timedelta(hours=2))
    reporter = cast.people["reporter"]
    assert file_of(reporter, file.pk, NOW + KEPT - SECOND) == file
    with pytest.raises(NotFound):
        file_of(reporter, file.pk, NOW + KEPT)
    assert len(kept()) == 2
    assert files.destroy_stale(at=NOW + KEPT - SECOND) == 0
    assert files.destroy_stale(at=NOW + KEPT) == 1
    assert list(ReportFile.objects.all()) == [later]
    assert [f"reports/{name}" for name in kept()] == [fresh(later).file.name]
    assert work(NOW + KEPT) == 0


def test_a_file_of_nobody_is_destroyed_when_it_is_old(cast: Cast) -> None:
    path = default_storage.path(default_storage.save("reports/lost", files.ContentFile(b"figures")))
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert (tasks.destroy_stale_files(), kept()) == (0, ["lost"])
    files.destroy_stale(at=NOW + dt.timedelta(hours=1, seconds=1))
    assert kept() == []


def test_nothing_is_there_yet(db: None) -> None:
    assert (work(), files.destroy_stale(at=NOW)) == (0, 0)


def test_discarding_destroys_the_file(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    file = ask(cast)
    work()
    with django_capture_on_commit_callbacks(execute=True):
        files.discard(file=file, by=cast.people["case_manager"])
    assert len(kept()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        files.discard(file=file, by=cast.people["reporter"])
        files.discard(file=file, by=cast.people["reporter"])
    assert (kept(), ReportFile.objects.count()) == ([], 0)


def test_a_file_that_is_lost_is_not_found(cast: Cast) -> None:
    file = ask(cast)
    work()
    default_storage.delete(fresh(file).file.name)
    with pytest.raises(NotFound):
        files.take_out(file=fresh(file), by=cast.people["reporter"])
    assert Event.objects.filter(action="report_file.downloaded").count() == 0


def test_the_name_of_the_kept_file_tells_nothing(cast: Cast) -> None:
    file = ask(cast)
    work()
    name = Path(fresh(file).file.name).name
    assert (len(name), str(file.pk).replace("-", "") == name, "VO9901" in name) == (32, False, False)
