"""Who looks like whom: spelling variants, accents, typing errors, and what is never shown."""

import datetime as dt

import pytest

from cases.models import Case
from cases.queries.lookalike import like_for, others_like
from cases.services import lifecycle
from tests.cast import NOW, TODAY, Cast

BORN = dt.date(2012, 5, 4)


@pytest.mark.parametrize(
    ("first_name", "last_name", "born", "alike"),
    [
        ("Zoë", "van den Bérg", BORN, True),
        ("zoe", "VAN DEN BERG", BORN, True),
        ("Zoey", "v.d. Berg", BORN, True),
        ("Berg", "Zoe van den", BORN, True),
        ("Zoe", "van den Berg", dt.date(2012, 4, 5), True),
        ("Zoe", "van den Berg", dt.date(2013, 5, 4), True),
        ("Zoey", "vanden Bergh", dt.date(2012, 5, 9), False),
        ("Jan", "Pietersen", BORN, False),
        ("Sem", "van den Berg", dt.date(2013, 5, 4), False),
    ],
)
def test_look_alikes(cast: Cast, first_name: str, last_name: str, born: dt.date, alike: bool) -> None:
    there = cast.case(cast.site, first_name="Zoë", last_name="van den Berg")
    found = like_for(cast.people["coordinator"], first_name=first_name, last_name=last_name, birth_date=born)
    assert found == ([there] if alike else [])


def test_of_cases_that_one_does_not_see_nothing_is_shown(cast: Cast) -> None:
    cast.case(cast.other_site, first_name="Zoë", last_name="van den Berg")
    for person, expected in (
        ("coordinator", 0),
        ("other_coordinator", 1),
        ("case_manager", 1),
        ("far_case_manager", 0),
    ):
        found = like_for(cast.people[person], first_name="Zoe", last_name="van den Berg", birth_date=BORN)
        assert (person, len(found)) == (person, expected)


def test_case_managers_hear_of_a_possible_double_and_of_their_own_partnership_only(cast: Cast) -> None:
    there = cast.case(cast.other_site, first_name="Zoë", last_name="van den Berg")
    cast.case(cast.far_site, first_name="Zoë", last_name="van den Berg", partnership=cast.other_swv)
    intake = cast.intake(cast.site, first_name="Zoe", last_name="van den Berg", signalled_on=TODAY)
    made = lifecycle.signal(intake=intake, by=cast.people["coordinator"], at=NOW)
    assert others_like(made) == [there]
    notice = cast.people["case_manager"].notices.get(kind="possible_double")
    assert notice.context == {"number": made.number, "others": there.number}
    assert not cast.people["coordinator"].notices.exists()
    assert not cast.people["far_case_manager"].notices.exists()
    assert Case.objects.filter(pupil__last_name="van den Berg").count() == 3
