"""A register file on screen: put there, checked, confirmed, imported, destroyed.

The row is the work. A task claims it by a conditional update and holds it by a heartbeat after each chunk of
rows; the sweep finds what nobody holds (any more). Of the file nothing stays after the import or after a day.
"""

import datetime as dt
import traceback
import uuid
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import structlog
from celery import current_app
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from cases.models import RegisterUpload
from cases.queries.places import partnerships_led_by
from cases.queries.uploads import waiting_uploads
from cases.services.register.importing import import_register
from cases.services.register.report import Report
from common.errors import DomainError, NotAllowed
from common.tabular import Unreadable

logger = structlog.get_logger(__name__)

State = RegisterUpload.State
Clock = Callable[[], dt.datetime]

FOLDER = "register"
#: With a sweep every hour a file is gone within 24 hours.
KEPT = dt.timedelta(hours=23)
MOST_AT_ONCE = 5
#: So many refusals and so many warnings are shown; the counts are those of all.
MOST_LISTED = 1000
MOST_ATTEMPTS = 3


class _TakenOver(Exception):
    """Somebody else has the upload in hand, or it was discarded."""


@transaction.atomic
def put(*, file: Any, file_name: str, by: User, at: dt.datetime) -> RegisterUpload:
    """Keeps a file to be checked, under a random name outside of what the web server gives out."""
    _refuse_others(by)
    if RegisterUpload.objects.filter(user=by).exclude(file="").count() >= MOST_AT_ONCE:
        raise DomainError(_("You have other files waiting here. Import or discard those first."))
    kept_as = f"{FOLDER}/{uuid.uuid4().hex}{PurePath(file_name).suffix.lower()}"
    upload = RegisterUpload(user=by, file_name=file_name[-200:], uploaded_at=at)
    upload.file.name = default_storage.save(kept_as, file)
    upload.save(force_insert=True)
    record("register.uploaded", by=by, target=f"register {upload.pk}")
    transaction.on_commit(_wake_worker)
    return upload


@transaction.atomic
def confirm(*, upload: RegisterUpload, by: User) -> None:
    """Lets what was previewed go in. A second time changes nothing."""
    _refuse_others(by)
    ready = RegisterUpload.objects.filter(pk=upload.pk, user=by, state=State.CHECKED)
    if ready.update(state=State.IMPORTING, claimed_at=None, rows_done=0, report={}):
        record("register.confirmed", by=by, target=f"register {upload.pk}")
        transaction.on_commit(_wake_worker)


@transaction.atomic
def discard(*, upload: RegisterUpload, by: User) -> None:
    """Takes a file away with all that was found in it. Not while it goes in."""
    found = RegisterUpload.objects.select_for_update().filter(pk=upload.pk, user=by).first()
    if found is None:
        return
    if found.state == State.IMPORTING:
        raise DomainError(_("This file is being imported. Wait until that is done."))
    found.delete()
    record("register.discarded", by=by, target=f"register {upload.pk}")
    transaction.on_commit(lambda: _destroy(found.file.name))


def work(*, clock: Clock) -> int:
    """One sweep: checks and imports what waits; answers how many. Any number of these may run at once."""
    done = 0
    for upload_id in list(waiting_uploads(clock()).values_list("pk", flat=True)[:50]):
        upload = _claim(upload_id, at=clock())
        if upload is not None:
            with translation.override(upload.user.language):
                _work_on(upload, clock=clock)
            done += 1
    return done


def destroy_stale(*, at: dt.datetime) -> int:
    """Destroys uploads of a day ago with what was found in them, and files that belong to none."""
    stale = RegisterUpload.objects.filter(uploaded_at__lt=at - KEPT)
    busy = RegisterUpload.objects.filter(state=State.IMPORTING, claimed_at__gte=at - dt.timedelta(hours=1))
    count = stale.exclude(pk__in=busy.values("pk")).delete()[0]
    known = set(RegisterUpload.objects.exclude(file="").values_list("file", flat=True))
    for name in _kept_files():
        path = f"{FOLDER}/{name}"
        if path not in known and default_storage.get_modified_time(path) < at - dt.timedelta(hours=1):
            _destroy(path)
    return count


def _refuse_others(user: User) -> None:
    if not partnerships_led_by(user).exists():
        raise NotAllowed(_("A register is imported by the case managers of a partnership."))


def _claim(upload_id: uuid.UUID, *, at: dt.datetime) -> RegisterUpload | None:
    claimed = waiting_uploads(at).filter(pk=upload_id).order_by().update(claimed_at=at)
    return RegisterUpload.objects.select_related("user").get(pk=upload_id) if claimed else None


def _work_on(upload: RegisterUpload, *, clock: Clock) -> None:
    attempts = upload.report.get("attempts", 0) + 1
    try:
        _hold(upload, at=clock(), report={**upload.report, "attempts": attempts})
        if attempts > MOST_ATTEMPTS:
            _end(upload, State.FAILED, message=_("The file could not be worked through."))
            return
        report = _run(upload, clock=clock)
        checked = upload.state == State.CHECKING
        _end(upload, State.CHECKED if checked else State.IMPORTED, report=report, rows=report["rows"])
    except _TakenOver:
        logger.info("register_taken_over", upload=str(upload.pk))
    except DomainError as error:
        _end(upload, State.FAILED, message=str(error))
    except Exception as error:
        # Never the message of the error or a value: it may hold a name.
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.filename}:{frame.lineno}" for frame in frames[-4:]]
        logger.error("register_failed", upload=str(upload.pk), error=type(error).__name__, where=where)
        _end(upload, State.FAILED, message=_("Something went wrong on our side. Try it again later."))


def _run(upload: RegisterUpload, *, clock: Clock) -> dict[str, Any]:
    """Works through the file with the rights that its owner has now; what it found, over all attempts."""
    dry_run = upload.state == State.CHECKING
    before = {name: 0 if dry_run else upload.report.get(name, 0) for name in ("created", "updated")}
    partnerships = set(partnerships_led_by(upload.user).values_list("pk", flat=True))
    _refuse_others(upload.user)

    def counted(report: Report) -> dict[str, Any]:
        went_in = {name: count + before[name] for name, count in report.counts().items() if name in before}
        unchanged = max(0, report.unchanged - sum(before.values()))
        return {**report.counts(), **went_in, "unchanged": unchanged}

    def hold(report: Report, total: int | None) -> None:
        progress = {**counted(report), "attempts": upload.report["attempts"]}
        _hold(
            upload, at=clock(), report=progress, rows_done=report.rows, rows_total=total or upload.rows_total
        )

    at = clock()
    try:
        with upload.file.open("rb") as file:
            report = import_register(
                file,
                by=upload.user,
                at=at,
                on=timezone.localdate(at),
                partnerships=partnerships,
                dry_run=dry_run,
                most=MOST_LISTED,
                progress=hold,
            )
    except FileNotFoundError:
        raise Unreadable(_("The file is gone. Upload it again.")) from None
    lists = {"refusals": report.as_json()["refused"], "oddities": report.as_json()["warnings"]}
    return {**counted(report), **lists}


def _hold(upload: RegisterUpload, *, at: dt.datetime, **values: Any) -> None:
    """The heartbeat: keeps the upload in hand and writes down how far it is."""
    mine = RegisterUpload.objects.filter(pk=upload.pk, state=upload.state, claimed_at=upload.claimed_at)
    if not mine.update(claimed_at=at, **values):
        raise _TakenOver
    upload.claimed_at = at
    for name, value in values.items():
        setattr(upload, name, value)


def _end(
    upload: RegisterUpload,
    state: str,
    *,
    report: dict[str, Any] | None = None,
    rows: int = 0,
    message: str = "",
) -> None:
    """Writes down what came of it; after an import or a failure the file is destroyed."""
    mine = RegisterUpload.objects.filter(pk=upload.pk, state=upload.state, claimed_at=upload.claimed_at)
    values: dict[str, Any] = {"state": state, "claimed_at": None, "message": message, "report": report or {}}
    keeps_file = state == State.CHECKED
    if not keeps_file:
        values["file"] = ""
    if mine.update(**values, rows_done=rows, rows_total=rows) and not keeps_file:
        _destroy(upload.file.name)


def _kept_files() -> list[str]:
    if not default_storage.exists(FOLDER):
        return []
    return default_storage.listdir(FOLDER)[1]


def _destroy(path: str) -> None:
    if path:
        default_storage.delete(path)


def _wake_worker() -> None:
    try:
        current_app.send_task("cases.tasks.work_on_uploads", retry=False, expires=60)
    except Exception as error:  # each broker has its own errors; the sweep does it within a minute
        logger.warning("register_worker_not_woken", error=type(error).__name__)
