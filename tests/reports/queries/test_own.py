"""The figures of a municipality and of a school: whom they are about, exactly or with small ones hidden."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.dates import end_of
from reports.access import municipalities_of, schools_of
from reports.queries.own import Own, of_residents, of_school
from reports.rules.periods import Period
from tests.cast import Cast, fresh
from tests.factories.schools import MunicipalityFactory

pytestmark = pytest.mark.django_db

OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 10, 31))
KNOWN = end_of(dt.date(2026, 12, 31))


def residents(cast: Cast, definition: str = "D2") -> Own:
    (municipality,) = municipalities_of(fresh(cast.people["attendance_officer"]))
    return of_residents(municipality, OCTOBER, definition, known_at=KNOWN)


def pupils(cast: Cast, name: str) -> Own:
    (own,) = schools_of(fresh(cast.people[name]))
    return of_school(own, OCTOBER, "D2", known_at=KNOWN)


def cases(cast: Cast, *names: str) -> list[int]:
    return sorted(cast.cases[name].pk for name in names)


def test_a_municipality_counts_its_residents_over_all_partnerships(cast: Cast) -> None:
    elsewhere = MunicipalityFactory()
    intake = cast.intake(cast.site, first_name="Elders")
    own = residents(cast)
    assert intake.municipality_id != elsewhere.pk
    assert sorted(own.members) == cases(
        cast, "own", "second_site", "other_school", "without_site", "far", "shared", "invited"
    )
    assert own.document.outside
    assert own.document.shown.end == 7
    assert (own.document.organisation, own.document.organisation_name) == ("9901", "Voorbeeldstad")
    assert "by_municipality" not in [table.name for table in own.document.tables]
    assert len(own.document.trend) == 13


def test_small_numbers_of_a_municipality_are_hidden(cast: Cast) -> None:
    sectors = next(table for table in residents(cast).document.tables if table.name == "by_category")
    assert {row.key for row in sectors.rows} == {"lrv", "absoluut"}
    for table in residents(cast).document.tables:
        for cell in [row.cell for row in table.rows]:
            assert not (isinstance(cell, int) and 0 < cell < 5)


def test_a_threshold_is_told_where_all_partnerships_have_the_same(cast: Cast) -> None:
    threshold = residents(cast).document.threshold
    assert threshold is not None
    assert threshold.days == 28
    type(cast.swv).objects.filter(pk=cast.other_swv.pk).update(threshold_days=40)
    own = residents(cast)
    assert own.document.threshold is None
    assert cast.cases["far"].pk in own.members
    type(cast.swv).objects.filter(pk=cast.other_swv.pk).update(threshold_days=90)
    assert cast.cases["far"].pk not in residents(cast).members


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("coordinator", ("own", "second_site", "shared", "invited")),
        ("site_coordinator", ("own", "shared", "invited")),
        ("other_coordinator", ("other_school",)),
        ("two_hats", ("other_school",)),
    ],
)
def test_a_school_counts_its_own_pupils_exactly(cast: Cast, name: str, expected: tuple[str, ...]) -> None:
    own = pupils(cast, name)
    assert sorted(own.members) == cases(cast, *expected)
    assert own.document.shown.end == len(expected)
    assert not own.document.outside
    assert "by_school" not in [table.name for table in own.document.tables]


def test_the_pupil_who_went_back_left_in_the_period(cast: Cast) -> None:
    own = pupils(cast, "coordinator")
    assert (own.document.shown.start, own.document.shown.outflow) == (5, 1)


def test_as_many_statements_for_few_as_for_many(cast: Cast) -> None:
    def statements() -> list[int]:
        found = []
        for count in (lambda: residents(cast), lambda: pupils(cast, "coordinator")):
            with CaptureQueriesContext(connection) as seen:
                count()
            found.append(len(seen))
        return found

    few = statements()
    for number in range(6):
        cast.case(cast.site, first_name=f"Meer {'x' * number}")
    assert statements() == few
    assert max(few) <= 60
