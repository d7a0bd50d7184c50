"""Two workers at the same moment, on connections of their own: each file is made once."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.files.storage import default_storage

from audit.models import Event
from reports.exports import FORMATS
from reports.models import ReportFile
from reports.queries.files import LEASE
from reports.services import files
from tests.at_once import at_once
from tests.cast import NOW, Cast
from tests.reports.asking import ask, fresh

pytestmark = pytest.mark.django_db(transaction=True)

State = ReportFile.State


@pytest.fixture
def db(transactional_db: None) -> None:
    """The cast in a database that commits."""


@pytest.fixture(autouse=True)
def _nobody_is_woken(monkeypatch: Any) -> None:
    monkeypatch.setattr(files.current_app, "send_task", lambda *args, **kwargs: None)


def work() -> int:
    return files.work(clock=lambda: NOW)


def test_two_workers_make_each_file_once(cast: Cast) -> None:
    asked = [ask(cast) for _nth in range(3)]
    results = at_once(work, work)
    assert sum(results) == 3
    assert {fresh(file).state for file in asked} == {State.READY}
    assert {fresh(file).attempts for file in asked} == {1}
    assert len(default_storage.listdir("reports")[1]) == 3
    assert Event.objects.filter(action="report_file.made").count() == 3


def test_a_slow_worker_and_the_one_that_took_over(cast: Cast, monkeypatch: Any) -> None:
    """Both finish; what the first one made is not kept."""
    file, taken_over = ask(cast), threading.Event()
    first = threading.Event()

    def render(document: Any, format: str) -> bytes:
        if not first.is_set():
            first.set()
            taken_over.wait(timeout=20)
            return b"of the first"
        return FORMATS[format](document)

    def second() -> int:
        first.wait(timeout=20)
        made = files.work(clock=lambda: NOW + LEASE + dt.timedelta(seconds=1))
        taken_over.set()
        return made

    monkeypatch.setattr("reports.exports.report_file.render", render)
    assert at_once(work, second) == [1, 1]
    with fresh(file).file.open("rb") as opened:
        assert opened.read() != b"of the first"
    assert len(default_storage.listdir("reports")[1]) == 1
    assert Event.objects.filter(action="report_file.made").count() == 1


def test_discarding_while_it_is_made_leaves_nothing(cast: Cast, monkeypatch: Any) -> None:
    file = ask(cast)
    begun, gone = threading.Event(), threading.Event()

    def render(document: Any, format: str) -> bytes:
        begun.set()
        gone.wait(timeout=20)
        return b"figures"

    def discard() -> None:
        begun.wait(timeout=20)
        files.discard(file=file, by=cast.people["reporter"])
        gone.set()

    monkeypatch.setattr("reports.exports.report_file.render", render)
    assert at_once(work, discard) == [1, None]
    assert ReportFile.objects.count() == 0
    assert default_storage.listdir("reports")[1] == []
