"""The drafts that the timetable makes, and the reminders of those that wait. All of it may run twice and
late."""

import datetime as dt

import structlog
from django.db import IntegrityError, transaction

from common.dates import day_of
from common.errors import DomainError
from notifications.queries import told_users
from reports.enums import Definition
from reports.models import DraftTurn, Version
from reports.queries.notices import READY, WAITS, key_of
from reports.rules.periods import Period
from reports.rules.timetable import periods_to_draft, reminded_on
from reports.services.telling import tell
from reports.services.versions import new_draft
from schools.models import Partnership

logger = structlog.get_logger(__name__)

#: Older drafts are reminded of no more.
REMINDED_FOR = dt.timedelta(days=60)


def make_due(*, at: dt.datetime, on: dt.date) -> int:
    """Makes the drafts that are due, a partnership at a time; answers how many. One that fails is tried again
    by the next run, and does not stop the others."""
    made = 0
    for period in periods_to_draft(on):
        for partnership in _without_turn(period):
            try:
                made += _take_turn(partnership, period, at=at)
            except Exception:
                logger.exception(
                    "report_draft_failed", partnership=partnership.number, first_day=str(period.first)
                )
    return made


def remind_waiting(*, at: dt.datetime, on: dt.date) -> int:
    """Reminds of the drafts that wait for too long, of each once; answers of how many."""
    drafts = Version.objects.drafts().filter(made_at__gt=at - REMINDED_FOR)
    waiting = [
        draft
        for draft in drafts.select_related("partnership__organisation").order_by("pk")
        if on >= reminded_on(day_of(draft.made_at))
    ]
    told = told_users([key_of(WAITS, draft.pk) for draft in waiting])
    untold = [draft for draft in waiting if key_of(WAITS, draft.pk) not in told]
    for draft in untold:
        tell(draft, WAITS)
    return len(untold)


def _without_turn(period: Period) -> list[Partnership]:
    turns = DraftTurn.objects.filter(first_day=period.first, last_day=period.last)
    left = Partnership.objects.exclude(pk__in=turns.values("partnership"))
    return list(left.select_related("organisation").order_by("pk"))


def _take_turn(partnership: Partnership, period: Period, *, at: dt.datetime) -> bool:
    """Whether a draft was made. The row of the turn is the claim: whoever else is at it waits for us, and
    then finds it taken. Where there is a version already, by hand, the turn is over as well."""
    turn = DraftTurn(partnership=partnership, first_day=period.first, last_day=period.last, at=at)
    with transaction.atomic():
        try:
            with transaction.atomic():
                turn.save(force_insert=True)
        except IntegrityError:
            return False
        try:
            with transaction.atomic():
                made = new_draft(partnership=partnership, period=period, definition=Definition.D2, at=at)
        except DomainError:
            return False
        tell(made, READY)
    return True
