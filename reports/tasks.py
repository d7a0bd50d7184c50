"""Doors for Celery: each is a sweep that may run twice and may run late."""

from celery import shared_task

from common.dates import now
from reports.services import files


@shared_task
def make_files() -> int:
    """Makes the files that wait: every minute, and as soon as there is one."""
    return files.work(clock=now)


@shared_task
def destroy_stale_files() -> int:
    """Destroys files of figures that were asked for a day ago."""
    return files.destroy_stale(at=now())
