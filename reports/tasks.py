"""Doors for Celery: each is a sweep over rows that may run twice and may run late."""

import structlog
from celery import shared_task

from common import dates
from reports.queries.versions import broken_versions
from reports.services import drafts, files

logger = structlog.get_logger(__name__)


@shared_task
def make_drafts() -> None:
    """Every hour: the drafts that are due, and the reminders of those that wait."""
    at, on = dates.now(), dates.today()
    drafts.make_due(at=at, on=on)
    drafts.remind_waiting(at=at, on=on)


@shared_task
def verify_versions() -> None:
    """Every day. Watch the logs for `report_broken`: an issued report is no longer what was issued."""
    for version in broken_versions():
        logger.critical("report_broken", version=version.pk, digest=version.digest)


@shared_task
def make_files() -> int:
    """Makes the files that wait: every minute, and as soon as there is one."""
    return files.work(clock=dates.now)


@shared_task
def destroy_stale_files() -> int:
    """Destroys files of figures that were asked for a day ago."""
    return files.destroy_stale(at=dates.now())
