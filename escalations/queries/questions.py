"""The question of this quarter as somebody has it before him: of which schools, and what there is to check.

The number of queries does not depend on the number of schools.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.models import Membership, User
from accounts.roles import Role
from cases.models.case import CaseQuerySet
from cases.queries.listing import DEFAULT_SORT, Row, in_order
from cases.queries.places import sites_to_signal_for
from cases.queries.visibility import open_cases_visible_to
from common.errors import NotFound
from escalations.access import Place, Standing, places_of, standing_of
from escalations.models import Attestation
from escalations.queries.attestations import not_asking
from escalations.rules.rounds import latest_round, next_round
from schools.models import Partnership, School

#: So many cases stand on the page to be checked; the list of cases shows all of them.
MOST_CASES = 100


@dataclass(frozen=True)
class Question:
    """Whether the list of a school is complete, asked by a partnership on the latest quarterly date.

    `is_off`: the partnership does not ask its schools. `coordinators`: who answers, where the reader may not.
    """

    school: School
    partnership: Partnership
    standing: Standing
    round: dt.date
    on: dt.date
    is_off: bool = False
    answer: Attestation | None = None
    coordinators: list[str] = field(default_factory=list)

    @property
    def first_round(self) -> dt.date:
        """The first date after the school was added (contracts/rules.md)."""
        return next_round(self.school.organisation.added_on)

    @property
    def is_asked(self) -> bool:
        return not self.is_off and self.first_round <= self.round

    @property
    def is_open(self) -> bool:
        """Asked, and not answered: late from the day after."""
        return self.is_asked and self.answer is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.on > self.round

    @property
    def may_answer(self) -> bool:
        return self.is_open and self.standing is not Standing.READS

    @property
    def waits_for_me(self) -> bool:
        """It is the reader who has to answer: a case manager may, and need not."""
        return self.is_open and self.standing is Standing.ANSWERS

    @property
    def shows_number(self) -> bool:
        return self.standing is not Standing.READS

    @property
    def next_round(self) -> dt.date:
        return next_round(self.on)


@dataclass(frozen=True)
class Checklist:
    """The open cases of a school in a partnership that somebody sees. `place` filters the list of cases."""

    count: int
    rows: list[Row]
    place: int

    @property
    def more(self) -> bool:
        return self.count > len(self.rows)


def questions_of(user: User, *, on: dt.date) -> list[Question]:
    """Those of the schools for which somebody is coordinator: what waits for him first, then by name."""
    found = _questions(places_of(user), on=on)
    return sorted(found, key=lambda it: (not it.waits_for_me, it.school.name, it.partnership.name))


def question_for(user: User, *, school_id: int, partnership_id: int, on: dt.date) -> Question:
    """One of those, or one that a case manager may answer; NotFound for who has nothing to do with it."""
    standing = standing_of(user, school_id=school_id, partnership_id=partnership_id)
    if standing is None:
        raise NotFound("")
    (question,) = _questions({(school_id, partnership_id): standing}, on=on)
    return question


def cases_to_check(user: User, school: School, partnership: Partnership, *, on: dt.date) -> CaseQuerySet:
    """The open cases of a school in a partnership, through the gate: what is listed is what is counted."""
    return open_cases_visible_to(user, on=on).filter(school=school.pk, partnership=partnership.pk)


def checklist_of(user: User, question: Question) -> Checklist:
    """What there is to check, longest at home first."""
    on = question.on
    cases = cases_to_check(user, question.school, question.partnership, on=on)
    rows = [Row(case, on) for case in in_order(cases.with_list_facts(), DEFAULT_SORT, on=on)[:MOST_CASES]]
    sites = list(sites_to_signal_for(user).filter(school=question.school.pk).values_list("pk", flat=True))
    place = sites[0] if len(sites) == 1 else question.school.pk
    return Checklist(cases.count(), rows, place)


def _questions(places: Mapping[Place, Standing], *, on: dt.date) -> list[Question]:
    day = latest_round(on)
    school_ids, partnership_ids = {place[0] for place in places}, {place[1] for place in places}
    schools = School.objects.select_related("organisation").in_bulk(school_ids)
    partnerships = Partnership.objects.select_related("organisation").in_bulk(partnership_ids)
    off = not_asking(partnership_ids)
    given = Attestation.objects.filter(school__in=school_ids, partnership__in=partnership_ids, round=day)
    answers = {(it.school_id, it.partnership_id): it for it in given.select_related("answered_by")}
    coordinators = _coordinators_of({place[0] for place, it in places.items() if it is Standing.READS})
    return [
        Question(
            schools[place[0]],
            partnerships[place[1]],
            standing,
            day,
            on,
            is_off=place[1] in off,
            answer=answers.get(place),
            coordinators=coordinators.get(place[0], []),
        )
        for place, standing in places.items()
    ]


def _coordinators_of(school_ids: set[int]) -> dict[int, list[str]]:
    """The names of the coordinators of schools themselves."""
    if not school_ids:
        return {}
    held = Membership.objects.active().filter(
        role=Role.COORDINATOR, organisation__in=school_ids, user__is_active=True
    )
    names: dict[int, list[str]] = {}
    for membership in held.select_related("user").order_by("user__name", "user_id"):
        names.setdefault(membership.organisation_id or 0, []).append(str(membership.user))
    return names
