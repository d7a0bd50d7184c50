import datetime as dt

import structlog
from celery import shared_task

from audit.services import link_left
from audit.verification import verify
from common import dates

logger = structlog.get_logger(__name__)


@shared_task
def link_events() -> None:
    """Every minute. What is older than its window is found by the daily check."""
    link_left(since=dates.now() - dt.timedelta(days=2))


@shared_task
def verify_log() -> None:
    """Every day. Watch the logs for `audit_broken`; `audit_whole` has the head, to be kept elsewhere."""
    link_left()
    verdict = verify(at=dates.now())
    if verdict.first_break:
        found = verdict.first_break
        logger.critical("audit_broken", kind=found.kind, audit_event=found.event, link=found.link)
    else:
        logger.info("audit_whole", events=verdict.events, head=verdict.head, head_hash=verdict.head_hash)
