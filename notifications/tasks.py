from celery import shared_task

from common import dates
from notifications import services


@shared_task
def deliver() -> None:
    """After each commit that queued a mail, and every minute for what was left and for what is due now."""
    services.bundle(at=dates.now())
    services.deliver(clock=dates.now)
