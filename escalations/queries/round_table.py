"""The schools of a partnership in a round, for its case managers: who answered, and who did not."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet

from accounts.models import User
from cases.queries.visibility import open_cases_visible_to
from escalations.models import Attestation
from escalations.queries.attestations import asked_in, has_answered
from escalations.rules.rounds import latest_round, next_round, previous_round
from schools.models import Partnership, School

ALL, ANSWERED, UNANSWERED = "", "answered", "unanswered"


@dataclass(frozen=True)
class Round:
    """A round that a partnership can look at: from the first in which it asked a school up to the latest."""

    day: dt.date
    first: dt.date
    latest: dt.date

    @property
    def is_latest(self) -> bool:
        return self.day == self.latest

    @property
    def previous(self) -> dt.date | None:
        return previous_round(self.day) if self.day > self.first else None

    @property
    def next(self) -> dt.date | None:
        return None if self.is_latest else next_round(self.day)


@dataclass(frozen=True)
class Tally:
    asked: int
    answered: int
    zero: int


@dataclass(frozen=True)
class Line:
    """A school in a round. `open_now`: its open cases today, None where that is not compared."""

    school: School
    answer: Attestation | None
    open_now: int | None
    may_answer: bool

    @property
    def differs(self) -> bool:
        return (
            self.answer is not None and self.open_now is not None and self.answer.open_cases != self.open_now
        )


def first_round_of(partnership: Partnership) -> dt.date | None:
    """The first date after one of its schools was added; None where it has no schools."""
    schools = School.objects.filter(sites__partnerships=partnership.pk)
    added_on: dt.date | None = schools.aggregate(day=Min("organisation__added_on"))["day"]
    return next_round(added_on) if added_on else None


def round_asked(first: dt.date | None, text: str, *, on: dt.date) -> Round | None:
    """The round that an address asks for, the latest when it asks for none that there was; None before the
    first."""
    latest = latest_round(on)
    if first is None or first > latest:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = latest
    known = first <= day <= latest and latest_round(day) == day
    return Round(day if known else latest, first, latest)


def schools_in(partnership_id: int, day: dt.date, show: str = ALL) -> QuerySet[School]:
    """The schools that were asked in a round by name, and those that answered and have left since."""
    answered = has_answered(partnership_id, day)
    asked = asked_in(partnership_id, day).values("pk")
    schools = School.objects.filter(Q(pk__in=asked) | Q(answered))
    if show == ANSWERED:
        schools = schools.filter(answered)
    elif show == UNANSWERED:
        schools = schools.exclude(answered)
    return schools.select_related("organisation").order_by("organisation__name", "pk")


def tally_of(partnership_id: int, day: dt.date) -> Tally:
    """How many schools were asked, answered, and said zero."""
    answers = Attestation.objects.filter(partnership=partnership_id, round=day)
    found = answers.aggregate(answered=Count("pk"), zero=Count("pk", filter=Q(open_cases=0)))
    return Tally(schools_in(partnership_id, day).count(), **found)


def lines_of(
    user: User, partnership_id: int, it: Round, schools: Iterable[School], *, on: dt.date
) -> list[Line]:
    """A page of the table; two queries for any number of schools."""
    found = list(schools)
    ids = [school.pk for school in found]
    given = Attestation.objects.filter(partnership=partnership_id, round=it.day, school__in=ids)
    answers = {answer.school_id: answer for answer in given.select_related("answered_by")}
    now = _open_now(user, partnership_id, ids, on=on) if it.is_latest else {}
    return [
        Line(
            school,
            answers.get(school.pk),
            now.get(school.pk, 0) if it.is_latest else None,
            may_answer=it.is_latest and school.pk not in answers,
        )
        for school in found
    ]


def _open_now(user: User, partnership_id: int, school_ids: list[int], *, on: dt.date) -> dict[int, int]:
    cases = open_cases_visible_to(user, on=on).filter(partnership=partnership_id, school__in=school_ids)
    counted = cases.order_by().values("school").annotate(number=Count("pk"))
    return {row["school"]: row["number"] for row in counted}
