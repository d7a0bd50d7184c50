"""What attestations put on the start page."""

import datetime as dt

from django.utils.translation import gettext as _

from accounts.models import User
from cases.queries.worklist import MOST, Item, Urgency
from escalations.queries.questions import Question, questions_of


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
            url_name="attestations",
            school=question.school.name,
        )
        for question in unanswered_of(user, on=on)[: MOST + 1]
    ]
