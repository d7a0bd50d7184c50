"""What escalations put on the start page: reminders, as far as it does not say the same already, and
attestations."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from cases.queries.listing import Row
from cases.queries.visibility import open_cases_visible_to
from cases.queries.worklist import MOST, SOON, Item, Urgency
from escalations.models import Reminder
from escalations.queries.notices import PREFIX
from escalations.queries.questions import Question, questions_of
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
        Item(
            _urgency(it.by_when, on),
            str(RULES[it.rule].asks),
            it.by_when,
            it.case.number,
            Row(it.case, on),
            url=reverse("reminder", args=[it.pk]),
        )
        for it in found
        if it.case
    ]


def _urgency(by_when: dt.date, on: dt.date) -> Urgency:
    if by_when < on:
        return Urgency.OVERDUE
    return Urgency.SOON if by_when <= on + SOON else Urgency.LATER


def unanswered_of(user: User, *, on: dt.date) -> list[Question]:
    """The schools for which somebody still has to answer."""
    return [question for question in questions_of(user, on=on) if question.waits_for_me]


def attestations(user: User, *, on: dt.date) -> list[Item]:
    """An item for each school that has not confirmed its list and for which it is me who answers."""
    return [
        Item(
            Urgency.OVERDUE if question.is_late else Urgency.SOON,
            _("Confirm to %(partnership)s that the list of your school is complete")
            % {"partnership": question.partnership.name},
            question.round,
            "",
            url=reverse("attestations"),
            school=question.school.name,
        )
        for question in unanswered_of(user, on=on)[: MOST + 1]
    ]
