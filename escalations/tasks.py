"""Doors for Celery: each is a sweep over rows that may run twice and may run late."""

from celery import current_app, shared_task

from common.dates import now
from escalations.services import sweeps

#: So many workers at most help with the sweeps of one minute.
MOST_HELPERS = 8


@shared_task
def sweep() -> None:
    """Every minute: calls as many helpers as there are partnerships to sweep."""
    at = now()
    sweeps.enlist(at=at)
    waiting = sweeps.due_sweeps(at=at)[:MOST_HELPERS].count()
    for _ in range(waiting):
        current_app.send_task("escalations.tasks.help_sweeping", expires=60)


@shared_task
def help_sweeping() -> int:
    """Sweeps whichever partnership is due, until none is left."""
    return sweeps.sweep_due(clock=now)
