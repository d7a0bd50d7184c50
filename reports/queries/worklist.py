"""What reports put on the start page: the drafts that wait for a reporter."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from cases.queries.worklist import MOST, Item, Urgency
from common.dates import day_of
from reports.queries.versions import drafts_to_issue
from reports.rules.timetable import reminded_on


def drafts(user: User, *, on: dt.date) -> list[Item]:
    """An item for each draft; overdue from the day on which reporters are reminded of it."""
    found = []
    for draft in drafts_to_issue(user)[: MOST + 1]:
        by_when = reminded_on(day_of(draft.made_at))
        found.append(
            Item(
                Urgency.OVERDUE if by_when < on else Urgency.SOON,
                _("Check and issue the report: %(period)s") % {"period": draft.period},
                by_when,
                "",
                url=reverse("report_version", args=[draft.pk]),
                school=draft.partnership.name,
            )
        )
    return found
