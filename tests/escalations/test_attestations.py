"""Who confirms the list of a school, what is recorded, and what the sweep makes of it."""

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from accounts.roles import Role
from audit.models import Event
from cases.models import Case
from cases.queries.worklist import Urgency
from common.dates import start_of
from common.errors import DomainError, NotAllowed, NotFound
from escalations.access import Standing, places_of, standing_of, takes_part
from escalations.enums import About, ReminderState, Why
from escalations.models import Attestation, Reminder, RuleSetting
from escalations.queries.attestations import schools_asked, schools_unanswered
from escalations.queries.questions import checklist_of, question_for, questions_of
from escalations.queries.worklist import attestations, unanswered_of
from escalations.rules.rounds import previous_round
from schools.models import Organisation
from tests.cast import Cast, cast, fresh
from tests.escalations.attesting import EARLIER, LATE, ROUND, answer, ask_all
from tests.factories.accounts import member
from tests.factories.cases import make_case
from tests.factories.schools import SchoolFactory, SchoolSiteFactory

__all__ = ["cast"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked(cast: Cast) -> Any:
    ask_all()
    with translation.override("en"):
        yield


# --- Who answers

STANDING: dict[str, tuple[Standing | None, Standing | None]] = {
    # who: of Het Voorbeeld (two sites), of De Buren (one site)
    "coordinator": (Standing.ANSWERS, None),
    "site_coordinator": (Standing.READS, None),
    "other_coordinator": (None, Standing.ANSWERS),
    "two_hats": (None, Standing.ANSWERS),
    "case_manager": (Standing.ON_BEHALF, Standing.ON_BEHALF),
    "far_case_manager": (None, None),
    "reporter": (None, None),
    "administrator": (None, None),
    "privacy_officer": (None, None),
    "care_worker": (None, None),
    "other_care_worker": (None, None),
    "attendance_officer": (None, None),
    "platform_operator": (None, None),
    "former": (None, None),
    "superuser": (None, None),
    "nobody": (None, None),
}


def test_the_table_names_the_whole_cast(cast: Cast) -> None:
    assert set(STANDING) == set(cast.people)


@pytest.mark.parametrize("name", STANDING)
def test_who_answers_for_which_school(cast: Cast, name: str) -> None:
    user = cast.people[name]
    schools = (cast.school, cast.other_school)
    found = [standing_of(user, school_id=it.pk, partnership_id=cast.swv.pk) for it in schools]
    assert tuple(found) == STANDING[name]


@pytest.mark.parametrize("name", STANDING)
def test_the_service_lets_exactly_these_answer(cast: Cast, name: str) -> None:
    for school, count, standing in zip((cast.school, cast.other_school), (4, 1), STANDING[name], strict=True):
        if standing in {Standing.ANSWERS, Standing.ON_BEHALF}:
            given = answer(cast, cast.people[name], count, school=school)
            assert (given.open_cases, given.on_behalf) == (count, standing is Standing.ON_BEHALF)
        else:
            refusal = NotAllowed if standing is Standing.READS else NotFound
            with pytest.raises(refusal):
                answer(cast, cast.people[name], count, school=school)
            assert not Attestation.objects.filter(school=school).exists()


TAKES_PART = {
    "coordinator",
    "site_coordinator",
    "other_coordinator",
    "two_hats",
    "case_manager",
    "far_case_manager",
}


def test_who_has_to_do_with_attestations(cast: Cast) -> None:
    assert {name for name, user in cast.people.items() if takes_part(user)} == TAKES_PART


def test_a_coordinator_of_the_only_site_answers_for_the_school(cast: Cast) -> None:
    user = member(None, Role.COORDINATOR, cast.other_site.organisation)
    given = answer(cast, user, 1, school=cast.other_school)
    assert (given.open_cases, given.answered_by, given.on_behalf) == (1, user, False)


def test_who_coordinates_each_of_the_sites_answers_for_the_school(cast: Cast) -> None:
    user = member(cast.people["site_coordinator"], Role.COORDINATOR, cast.second_site.organisation)
    assert answer(cast, user, 4).open_cases == 4


def test_a_site_in_another_partnership_does_not_take_the_answer_away(cast: Cast) -> None:
    """The other site of De Buren lies elsewhere: here it has one, and there the coordinator has none."""
    elsewhere = SchoolSiteFactory(school=cast.other_school, partnerships=[cast.other_swv])
    user = member(None, Role.COORDINATOR, cast.other_site.organisation)
    assert places_of(user) == {(cast.other_school.pk, cast.swv.pk): Standing.ANSWERS}
    make_case(site=elsewhere, partnership=cast.other_swv)
    assert answer(cast, user, 1, school=cast.other_school).open_cases == 1
    with pytest.raises(NotFound):
        answer(cast, user, 0, school=cast.other_school, partnership=cast.other_swv)


def test_a_site_without_coordinator_is_answered_for_by_the_school(cast: Cast) -> None:
    site = SchoolSiteFactory(school=cast.school, partnerships=[cast.swv])
    make_case(site=site)
    assert answer(cast, cast.people["coordinator"], 5).open_cases == 5


def test_a_school_of_which_nobody_is_coordinator_is_answered_for_by_the_partnership(cast: Cast) -> None:
    school = SchoolFactory(organisation__added_on=EARLIER)
    SchoolSiteFactory(school=school, partnerships=[cast.swv])
    given = answer(cast, cast.people["case_manager"], 0, school=school)
    assert (given.on_behalf, given.answered_by) == (True, cast.people["case_manager"])


def test_who_coordinates_a_school_and_manages_cases_answers_as_the_school(cast: Cast) -> None:
    user = member(cast.people["coordinator"], Role.CASE_MANAGER, cast.swv.organisation)
    assert answer(cast, user, 4).on_behalf is False


def test_a_school_elsewhere_has_nothing_to_confirm_here(cast: Cast) -> None:
    for school in (cast.far_site.school, SchoolFactory()):
        with pytest.raises(NotFound):
            answer(cast, cast.people["case_manager"], 0, school=school)


# --- What is recorded


def test_an_answer_is_recorded_with_its_numbers(cast: Cast) -> None:
    given = answer(cast, cast.people["coordinator"], 4)
    assert (given.school, given.partnership, given.round) == (cast.school, cast.swv, ROUND)
    assert given.answered_at == start_of(ROUND) + dt.timedelta(hours=9)
    event = Event.objects.get(action="attestation.given")
    assert (event.target, event.actor, event.details) == (
        "school 90AA",
        "coordinator",
        {"partnership": "VO9901", "round": "2026-12-15", "open_cases": 4, "on_behalf": False},
    )


def test_zero_is_an_answer_and_no_row_is_none(cast: Cast) -> None:
    user = cast.people["coordinator"]
    Case.objects.filter(school=cast.school).delete()
    asked = {"school_id": cast.school.pk, "partnership_id": cast.swv.pk, "on": ROUND}
    before = question_for(user, **asked)
    assert (before.is_open, before.answer) == (True, None)
    answer(cast, user, 0)
    after = question_for(user, **asked)
    assert after.answer is not None
    assert (after.is_open, after.answer.open_cases) == (False, 0)


def test_closed_cases_and_those_of_others_do_not_count(cast: Cast) -> None:
    """The cast has eight cases: four open ones are of this school."""
    user = cast.people["coordinator"]
    question = question_for(user, school_id=cast.school.pk, partnership_id=cast.swv.pk, on=ROUND)
    found = checklist_of(user, question)
    names = ("own", "second_site", "shared", "invited")
    assert {row.case.number for row in found.rows} == {cast.cases[name].number for name in names}
    assert (found.count, found.more, found.place) == (4, False, cast.school.pk)


def test_the_number_that_was_shown_has_to_be_that_of_now(cast: Cast) -> None:
    make_case(site=cast.second_site)
    with pytest.raises(DomainError) as refused:
        answer(cast, cast.people["coordinator"], 4)
    assert (refused.value.status, str(refused.value)) == (
        409,
        "The list has changed meanwhile: it has 5 open cases now. Check it again.",
    )
    assert not Attestation.objects.exists()
    assert not Event.objects.filter(action="attestation.given").exists()


def test_a_second_answer_hears_what_there_is(cast: Cast) -> None:
    answer(cast, cast.people["coordinator"], 4)
    with pytest.raises(DomainError) as refused:
        answer(cast, cast.people["case_manager"], 4)
    assert (refused.value.status, str(refused.value)) == (
        409,
        "coordinator has answered already: 4 open cases.",
    )
    assert Attestation.objects.get().answered_by == cast.people["coordinator"]


@pytest.mark.parametrize("day", [EARLIER, dt.date(2027, 3, 15), dt.date(2026, 12, 14)])
def test_only_the_latest_round_is_answered(cast: Cast, day: dt.date) -> None:
    with pytest.raises(DomainError) as refused:
        answer(cast, cast.people["coordinator"], 4, round=day)
    assert str(refused.value) == (
        "Meanwhile the question of 15 December 2026 has come. Check the list again."
    )


def test_a_late_answer_is_one_of_that_round(cast: Cast) -> None:
    given = answer(cast, cast.people["coordinator"], 4, on=dt.date(2027, 3, 14))
    assert given.round == ROUND
    assert answer(cast, cast.people["coordinator"], 4, on=dt.date(2027, 3, 15), round=dt.date(2027, 3, 15))
    assert Attestation.objects.count() == 2


# --- New schools, partnerships that do not ask


@pytest.mark.parametrize(
    ("added_on", "first"),
    [
        (dt.date(2026, 12, 14), dt.date(2026, 12, 15)),
        (dt.date(2026, 12, 15), dt.date(2027, 3, 15)),
        (dt.date(2026, 12, 16), dt.date(2027, 3, 15)),
    ],
)
def test_a_school_is_asked_on_the_first_date_after_it_came(
    cast: Cast, added_on: dt.date, first: dt.date
) -> None:
    Organisation.objects.filter(pk=cast.school.pk).update(added_on=added_on)
    user, is_asked = cast.people["coordinator"], first == ROUND
    (question,) = questions_of(user, on=ROUND)
    assert (question.first_round, question.is_asked, question.may_answer) == (first, is_asked, is_asked)
    assert (cast.school.pk in schools_asked(cast.swv.pk, on=ROUND)[1]) is is_asked
    if not is_asked:
        with pytest.raises(DomainError, match="The first question comes on 15 March 2027"):
            answer(cast, user, 4)


def test_a_partnership_that_switched_it_off_asks_nothing(cast: Cast) -> None:
    user = cast.people["coordinator"]
    assert len(unanswered_of(user, on=ROUND)) == 1
    RuleSetting.objects.create(
        partnership=cast.swv,
        rule="R15",
        active=False,
        threshold=0,
        recipients="coordinator",
        changed_at=start_of(EARLIER),
        changed_by=cast.people["administrator"],
    )
    (question,) = questions_of(fresh(user), on=ROUND)
    assert (question.is_off, question.is_asked, question.may_answer) == (True, False, False)
    assert unanswered_of(fresh(user), on=ROUND) == []
    with pytest.raises(DomainError, match="does not ask its schools"):
        answer(cast, user, 4)


# --- A school in two partnerships


def test_each_partnership_has_its_own_cases_and_answer(cast: Cast) -> None:
    there = SchoolSiteFactory(school=cast.school, partnerships=[cast.other_swv])
    make_case(site=there, partnership=cast.other_swv)
    user, far = cast.people["coordinator"], cast.people["far_case_manager"]
    assert answer(cast, user, 4).open_cases == 4
    here, elsewhere = sorted(questions_of(fresh(user), on=ROUND), key=lambda it: it.partnership.pk)
    assert (here.is_open, elsewhere.is_open) == (False, True)
    assert checklist_of(user, elsewhere).count == 1
    of_far = question_for(far, school_id=cast.school.pk, partnership_id=cast.other_swv.pk, on=ROUND)
    assert (of_far.answer, checklist_of(far, of_far).count) == (None, 1)
    with pytest.raises(NotFound):
        question_for(far, school_id=cast.school.pk, partnership_id=cast.swv.pk, on=ROUND)
    assert answer(cast, far, 1, partnership=cast.other_swv).on_behalf is True
    assert Attestation.objects.filter(round=ROUND).count() == 2


# --- On the start page


def test_an_unanswered_question_is_an_item_of_who_answers(cast: Cast) -> None:
    user = cast.people["coordinator"]
    (today,) = attestations(user, on=ROUND)
    assert (today.urgency, today.when, today.school, today.url, today.row) == (
        Urgency.SOON,
        ROUND,
        "Het Voorbeeld",
        "/bevestigingen/",
        None,
    )
    assert today.why == "Confirm to SWV Hier that the list of your school is complete"
    (late,) = attestations(user, on=LATE)
    assert (late.urgency, late.when) == (Urgency.OVERDUE, ROUND)
    answer(cast, user, 4)
    assert attestations(user, on=LATE) == []


@pytest.mark.parametrize("name", sorted(set(STANDING) - {"coordinator", "other_coordinator", "two_hats"}))
def test_nobody_else_has_such_an_item(cast: Cast, name: str) -> None:
    assert attestations(cast.people[name], on=LATE) == []


# --- The sweep


def test_the_sweep_reminds_who_has_not_answered_each_week_until_he_does(cast: Cast) -> None:
    answer(cast, cast.people["other_coordinator"], 1, school=cast.other_school)
    # Het Voorbeeld, and the school of the other partnership.
    assert [swept(day) for day in (ROUND, ROUND)] == [2, 0]
    assert [swept(ROUND + dt.timedelta(days=days)) for days in (6, 7, 13, 14)] == [0, 2, 0, 2]
    assert reminders(cast) == [
        (dt.date(2026, 12, 15), ReminderState.REPEATED, ""),
        (dt.date(2026, 12, 22), ReminderState.REPEATED, ""),
        (dt.date(2026, 12, 29), ReminderState.OPEN, ""),
    ]
    answer(cast, cast.people["coordinator"], 4, on=dt.date(2026, 12, 30))
    assert swept(dt.date(2026, 12, 30)) == 0
    assert reminders(cast)[-1] == (
        dt.date(2026, 12, 29),
        ReminderState.CANCELLED,
        Why.NO_LONGER_HOLDS,
    )
    assert swept(dt.date(2027, 1, 5)) == 1
    assert len(reminders(cast)) == 3
    assert swept(dt.date(2027, 3, 15)) == 3


def swept(on: dt.date) -> int:
    """How many attestations a sweep of that day reminds of."""
    out = StringIO()
    call_command("escalate", "--on", on.isoformat(), "--json", stdout=out)
    return int(json.loads(out.getvalue())["by_rule"].get("R15", 0))


def reminders(cast: Cast) -> list[tuple[Any, ...]]:
    found = Reminder.objects.filter(about=About.SCHOOL, object_id=cast.school.pk).order_by("due_on")
    return list(found.values_list("due_on", "state", "cancelled_why"))


def test_who_answered_is_not_among_the_unanswered(cast: Cast) -> None:
    both = [cast.school.pk, cast.other_school.pk]
    assert schools_unanswered(cast.swv.pk, on=LATE) == (ROUND, both)
    answer(cast, cast.people["coordinator"], 4)
    assert schools_unanswered(cast.swv.pk, on=LATE) == (ROUND, [cast.other_school.pk])
    assert schools_asked(cast.swv.pk, on=LATE) == (ROUND, both)


# --- Bounded


def test_more_schools_are_not_more_queries(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = fresh(cast.people["coordinator"])
    for more in (0, 3):
        for _count in range(more):
            school = SchoolFactory(organisation__added_on=EARLIER)
            SchoolSiteFactory(school=school, partnerships=[cast.swv, cast.other_swv])
            user = fresh(member(user, Role.COORDINATOR, school.organisation))
        with django_assert_num_queries(6):
            questions = questions_of(user, on=ROUND)
        assert len(questions) == 1 + 2 * more
    with django_assert_num_queries(1):
        schools_unanswered(cast.swv.pk, on=ROUND)


def test_rounds_follow_each_other() -> None:
    assert [previous_round(day) for day in (dt.date(2027, 3, 15), ROUND, LATE)] == [ROUND, EARLIER, ROUND]
