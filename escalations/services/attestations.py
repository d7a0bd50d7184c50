"""A school confirms its list of open cases to a partnership: so many, none missing."""

import datetime as dt
from typing import NoReturn

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.services import record
from common.errors import DomainError, NotAllowed
from escalations.access import Standing
from escalations.models import Attestation
from escalations.queries.questions import Question, cases_to_check, question_for
from schools.models import Partnership, School


@transaction.atomic
def attest(
    *,
    school: School,
    partnership: Partnership,
    round: dt.date,
    counted: int,
    by: User,
    at: dt.datetime,
    on: dt.date,
) -> Attestation:
    """Records the answer of a school in the latest round, once.

    `counted` is the number of open cases that whoever answers had before him; what is recorded is counted
    now, and where that differs he has to look again (409). Answers of a school wait for each other; nobody
    who signals a pupil waits for them.
    """
    School.objects.select_for_update(no_key=True).filter(pk=school.pk).first()
    question = question_for(by, school_id=school.pk, partnership_id=partnership.pk, on=on)
    _refuse(question, round)
    number = cases_to_check(by, question.school, question.partnership, on=on).count()
    if number != counted:
        raise DomainError(_now_counted(number))
    given = Attestation(
        school=question.school,
        partnership=question.partnership,
        round=round,
        open_cases=number,
        answered_at=at,
        answered_by=by,
        on_behalf=question.standing is Standing.ON_BEHALF,
    )
    try:
        with transaction.atomic():
            given.save(force_insert=True)
    except IntegrityError:
        _refuse_second(question_for(by, school_id=school.pk, partnership_id=partnership.pk, on=on))
    details = {
        "partnership": question.partnership.number,
        "round": round,
        "open_cases": number,
        "on_behalf": given.on_behalf,
    }
    record("attestation.given", by=by, target=f"school {question.school.number}", details=details)
    return given


def _refuse(question: Question, round: dt.date) -> None:
    """Says what stands in the way of an answer."""
    if question.standing is Standing.READS:
        raise NotAllowed(
            _(
                "You coordinate a part of the sites of this school. A coordinator of the school, or a case "
                "manager of the partnership, answers for all of them."
            )
        )
    if question.is_off:
        raise DomainError(_("This partnership does not ask its schools to confirm their list."))
    if not question.is_asked:
        raise DomainError(_("The first question comes on %(day)s.") % {"day": _day(question.first_round)})
    if question.answer:
        _refuse_second(question)
    if round != question.round:
        raise DomainError(
            _("Meanwhile the question of %(day)s has come. Check the list again.")
            % {"day": _day(question.round)}
        )


def _refuse_second(question: Question) -> NoReturn:
    """What there is already: who answered, and with which number."""
    answer = question.answer
    if answer is None:
        raise DomainError(_("The answer could not be recorded. Try again."))
    sentence = ngettext(
        "%(who)s has answered already: %(number)s open case.",
        "%(who)s has answered already: %(number)s open cases.",
        answer.open_cases,
    )
    raise DomainError(sentence % {"who": answer.answered_by, "number": answer.open_cases})


def _now_counted(number: int) -> str:
    sentence = ngettext(
        "The list has changed meanwhile: it has %(number)s open case now. Check it again.",
        "The list has changed meanwhile: it has %(number)s open cases now. Check it again.",
        number,
    )
    return sentence % {"number": number}


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y")
