"""Reminders on the start page, as far as it does not say the same already."""

import datetime as dt

from accounts.models import User
from cases.queries.listing import Row
from cases.queries.visibility import open_cases_visible_to
from cases.queries.worklist import MOST, SOON, Item, Urgency
from escalations.models import Reminder
from escalations.queries.notices import PREFIX
from escalations.queries.reminders import pending_reminders
from escalations.rules import RULES
from escalations.rules.table import ATTESTATION
from notifications.queries import keys_in_inbox

#: So many reminders of somebody are looked at.
LOOKED_AT = 500
#: Of these the start page shows the cause itself: no lead, no progress, an evaluation, an action; and the
#: list of a school has an item of its own.
SHOWN_ALREADY = frozenset({"R14", "R17", "R19", "R20", "R23", ATTESTATION})
#: Shown already to who leads the case.
SHOWN_TO_LEAD = frozenset({"R18"})


def reminders(user: User, *, on: dt.date) -> list[Item]:
    """What I was reminded of and is still open: of each case what stands highest on the ladder."""
    keys = keys_in_inbox(user, prefix=PREFIX, at_most=LOOKED_AT)
    mine = pending_reminders(on=on).filter(
        pk__in=[int(key.removeprefix(PREFIX)) for key in keys], case__in=open_cases_visible_to(user, on=on)
    )
    rows = mine.exclude(rule__in=SHOWN_ALREADY).select_related(
        "case__pupil", "case__site__organisation", "case__partnership__organisation", "case__lead"
    )
    highest: dict[int, Reminder] = {}
    for it in rows.order_by("-level", "by_when", "pk"):
        if it.case and not (it.rule in SHOWN_TO_LEAD and it.case.lead_id == user.pk):
            highest.setdefault(it.case.pk, it)
    found = sorted(highest.values(), key=lambda it: (it.by_when, it.pk))[: MOST + 1]
    return [
        Item(_urgency(it.by_when, on), str(RULES[it.rule].asks), it.by_when, it.case.number, Row(it.case, on))
        for it in found
        if it.case
    ]


def _urgency(by_when: dt.date, on: dt.date) -> Urgency:
    if by_when < on:
        return Urgency.OVERDUE
    return Urgency.SOON if by_when <= on + SOON else Urgency.LATER
