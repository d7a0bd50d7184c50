from celery import shared_task

from common import dates
from notifications import services


@shared_task
def deliver() -> None:
    """After each commit that queued a mail, and every minute for what was left."""
    services.deliver(clock=dates.now)
