"""Doors for Celery: each is a sweep that may run twice and may run late."""

from celery import shared_task

from cases.services import participation, submission
from common.dates import now, today


@shared_task
def end_participations() -> int:
    """Ends what has run past its last day. Access itself lapses at the day's end without this."""
    return participation.end_due(at=now(), on=today())


@shared_task
def forget_submissions() -> int:
    """Removes the tokens of forms that no open page can still hold."""
    return submission.forget_old(at=now())
