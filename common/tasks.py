from celery import shared_task

from common.dates import now
from common.pulse import WORKER, beat


@shared_task
def pulse() -> None:
    """Every minute. That it is done at all is what it says."""
    beat(WORKER, now())
