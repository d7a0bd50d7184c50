"""Files of figures: asked for, made, downloaded, destroyed.

The row is the work. Whoever makes it claims it by a conditional update and holds it by a heartbeat; the sweep
finds what nobody holds (any more). What is quickly made is made at once, in the request that asks for it.
Whether somebody may have a file is judged when it is asked for, when it is made, and at each download.

What can be made is registered by kind (`register`, called from the app's `ready`).
"""

import datetime as dt
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from common.errors import DomainError, NotAllowed, NotFound
from reports.models import ReportFile
from reports.queries.files import KEPT, State, waiting_files

logger = structlog.get_logger(__name__)

Asked = Mapping[str, Any]
Clock = Callable[[], dt.datetime]
#: Told how many steps of how many are done; holds the file in hand.
Progress = Callable[[int, int], None]

FOLDER = "reports"
MOST_WAITING = 5
MOST_ATTEMPTS = 3


class Make(Protocol):
    """Makes the file: its bytes, and its name as the reader keeps it. Refuses with a `DomainError`."""

    def __call__(
        self, asked: Asked, user: User, *, format: str, outside: bool, progress: Progress
    ) -> tuple[bytes, str]: ...


@dataclass(frozen=True)
class Maker:
    """What one kind of file can do. `asked` holds codes, numbers and days as JSON has them, never a name:
    it stands in the log.

    `may`: whether somebody may have it now. `title`: what it is, in words. `is_quick`: whether it is made
    (for outside or not) within a second, so that nobody need wait for a worker.
    """

    may: Callable[[User, Asked], bool]
    make: Make
    title: Callable[[Asked], str]
    is_quick: Callable[[Asked, bool], bool]


KINDS: dict[str, Maker] = {}


def register(kind: str, maker: Maker) -> None:
    KINDS[kind] = maker


class _TakenOver(Exception):
    """Somebody else has the file in hand, or it was destroyed."""


@transaction.atomic
def ask(*, kind: str, asked: Asked, format: str, outside: bool, by: User, at: dt.datetime) -> ReportFile:
    """Asks for a file; somebody who may not have it cannot ask for it."""
    if not KINDS[kind].may(by, asked):
        raise NotAllowed(_("You may not have these figures."))
    waiting = ReportFile.objects.filter(user=by, state=State.WAITING, asked_at__gt=at - KEPT)
    if waiting.count() >= MOST_WAITING:
        raise DomainError(_("Other files of yours are still being made. Wait until those are ready."))
    file = ReportFile.objects.create(
        user=by, kind=kind, format=format, outside=outside, asked=dict(asked), asked_at=at
    )
    _note("report_file.asked", file, by=by)
    if not KINDS[kind].is_quick(asked, outside):
        transaction.on_commit(_wake_worker)
    return file


def make_at_once(*, file: ReportFile, clock: Clock) -> None:
    """Makes a file within the request where that is quickly done, and nobody has it in hand."""
    if KINDS[file.kind].is_quick(file.asked, file.outside):
        _take(file.pk, clock=clock)


def work(*, clock: Clock) -> int:
    """One sweep: makes what waits; answers how many. Any number of these may run at once."""
    found = list(waiting_files(clock()).values_list("pk", flat=True)[:50])
    return sum(_take(file_id, clock=clock) for file_id in found)


def take_out(*, file: ReportFile, by: User) -> Any:
    """The opened file, for who may have it at this moment; it is noted in the log.

    Where the right has ended the file is destroyed.
    """
    if file.user_id != by.pk or file.state != State.READY:
        raise NotFound("")
    if not KINDS[file.kind].may(by, file.asked):
        _note("report_file.refused", file, by=by, result="denied")
        _end(file, State.FAILED, message=_("You may no longer have this file. It was destroyed."))
        raise NotAllowed(_("You may no longer have this file. It was destroyed."))
    try:
        opened = file.file.open("rb")
    except FileNotFoundError:
        raise NotFound("") from None
    _note("report_file.downloaded", file, by=by)
    return opened


@transaction.atomic
def discard(*, file: ReportFile, by: User) -> None:
    """Takes a file away before its time. A worker that has it in hand finds it gone."""
    found = ReportFile.objects.select_for_update().filter(pk=file.pk, user=by).first()
    if found is None:
        return
    _note("report_file.discarded", found, by=by)
    found.delete()
    transaction.on_commit(lambda: _destroy(found.file.name))


def destroy_stale(*, at: dt.datetime) -> int:
    """Destroys what was asked for a day ago, and files that belong to none; answers how many of the first."""
    stale = ReportFile.objects.filter(asked_at__lte=at - KEPT)
    paths = list(stale.values_list("file", flat=True))
    count = stale.delete()[0]
    for path in paths:
        _destroy(path)
    known = set(ReportFile.objects.exclude(file="").values_list("file", flat=True))
    for name in _kept_files():
        path = f"{FOLDER}/{name}"
        if path not in known and default_storage.get_modified_time(path) < at - dt.timedelta(hours=1):
            _destroy(path)
    return count


def _take(file_id: uuid.UUID, *, clock: Clock) -> bool:
    """Makes a file if nobody else does; whether it was taken in hand."""
    at = clock()
    if not waiting_files(at).filter(pk=file_id).order_by().update(claimed_at=at):
        return False
    file = ReportFile.objects.select_related("user").get(pk=file_id)
    with translation.override(file.user.language):
        _work_on(file, clock=clock)
    return True


def _work_on(file: ReportFile, *, clock: Clock) -> None:
    try:
        _hold(file, at=clock(), attempts=file.attempts + 1)
        if file.attempts > MOST_ATTEMPTS:
            _end(file, State.FAILED, message=_("The file could not be made."))
            return
        content, file_name = _make(file, clock=clock)
        _keep(file, content, file_name)
    except _TakenOver:
        logger.info("report_file_taken_over", file=str(file.pk))
    except DomainError as error:
        _end(file, State.FAILED, message=str(error))
    except Exception as error:
        # Never the message of the error or a value: it may hold a name.
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.filename}:{frame.lineno}" for frame in frames[-4:]]
        logger.error("report_file_failed", file=str(file.pk), error=type(error).__name__, where=where)
        _end(file, State.FAILED, message=_("Something went wrong on our side. Try it again later."))


def _make(file: ReportFile, *, clock: Clock) -> tuple[bytes, str]:
    """By the rights that its owner has now."""
    maker = KINDS[file.kind]
    if not file.user.is_active or not maker.may(file.user, file.asked):
        raise NotAllowed(_("You may not have these figures."))

    def progress(done: int, total: int) -> None:
        _hold(file, at=clock(), done=done, total=total)

    return maker.make(file.asked, file.user, format=file.format, outside=file.outside, progress=progress)


def _keep(file: ReportFile, content: bytes, file_name: str) -> None:
    """Keeps the file under a random name outside of what the web server gives out; where somebody else was
    first it is not kept."""
    path = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}", ContentFile(content))
    ready = {"state": State.READY, "claimed_at": None, "file": path, "file_name": file_name[-200:]}
    with transaction.atomic():
        kept = _mine(file).update(**ready, message="")
        if kept:
            _note("report_file.made", file, by=file.user)
    if not kept:
        _destroy(path)
        raise _TakenOver


def _hold(file: ReportFile, *, at: dt.datetime, **values: Any) -> None:
    """The heartbeat: keeps the file in hand and writes down how far it is."""
    if not _mine(file).update(claimed_at=at, **values):
        raise _TakenOver
    file.claimed_at = at
    for name, value in values.items():
        setattr(file, name, value)


def _end(file: ReportFile, state: str, *, message: str) -> None:
    """Writes down why there is no file (any more), and destroys what there is of it."""
    if _mine(file).update(state=state, claimed_at=None, message=message, file=""):
        _destroy(file.file.name)


def _mine(file: ReportFile) -> Any:
    """The row while it is as this worker left it."""
    return ReportFile.objects.filter(pk=file.pk, state=file.state, claimed_at=file.claimed_at)


def _note(action: str, file: ReportFile, *, by: User, result: str = "ok") -> None:
    codes = {name: value for name, value in file.asked.items() if not isinstance(value, list | dict)}
    details = {**codes, "kind": file.kind, "format": file.format, "outside": file.outside}
    record(action, by=by, target=f"report file {file.pk}", result=result, details=details)


def _kept_files() -> list[str]:
    if not default_storage.exists(FOLDER):
        return []
    return default_storage.listdir(FOLDER)[1]


def _destroy(path: str | None) -> None:
    if path:
        default_storage.delete(path)


def _wake_worker() -> None:
    try:
        current_app.send_task("reports.tasks.make_files", retry=False, expires=60)
    except Exception as error:  # each broker has its own errors; the sweep does it within a minute
        logger.warning("report_worker_not_woken", error=type(error).__name__)
