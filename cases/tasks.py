"""Doors for Celery: each is a sweep that may run twice and may run late."""

from celery import shared_task

from cases.services import participation, submission
from cases.services.register import uploads
from common.dates import now, today


@shared_task
def end_participations() -> int:
    """Ends what has run past its last day. Access itself lapses at the day's end without this."""
    return participation.end_due(at=now(), on=today())


@shared_task
def forget_submissions() -> int:
    """Removes the tokens of forms that no open page can still hold."""
    return submission.forget_old(at=now())


@shared_task
def work_on_uploads() -> int:
    """Checks and imports the register files that wait: every minute, and as soon as there is one."""
    return uploads.work(clock=now)


@shared_task
def destroy_stale_uploads() -> int:
    """Destroys register files that were left here a day ago."""
    return uploads.destroy_stale(at=now())
