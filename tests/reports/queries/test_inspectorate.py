"""Who stands in the quarterly list, with what, and how it stays from quarter to quarter."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.enums import Authorised, Destination
from cases.models import Case
from cases.services.intake import ExemptionGiven
from common.dates import end_of
from reports.enums import Definition
from reports.queries.counting import cases_of_partnership, lines_of
from reports.queries.inspectorate import check_of, listed_cases
from reports.rules.figures import figures_of
from reports.rules.listed import Listed
from reports.rules.periods import Period
from reports.rules.selection import Selection
from schools.models import Partnership
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db

SEPTEMBER, DECEMBER = dt.date(2026, 9, 30), dt.date(2026, 12, 31)
LATER = end_of(dt.date(2027, 2, 1))


@pytest.fixture
def swv() -> Partnership:
    return PartnershipFactory(number="VO9901")


def at_home(swv: Partnership, first: dt.date, **facts: Any) -> Case:
    """Long unauthorised absence: a member from the 29th day after the first."""
    given = {"site": SchoolSiteFactory(partnerships=[swv]), "signalled_on": first, **facts}
    return make_case(partnership=swv, on=dt.date(2026, 12, 1), first_day_absent=first, **given)


def listed(
    swv: Partnership, last: dt.date, *, with_5a: bool = False, known_at: dt.datetime = LATER
) -> dict[int, Listed]:
    rows = listed_cases(swv, last, with_5a=with_5a, known_at=known_at)
    assert len({row.case_id for row in rows}) == len(rows)
    return {row.case_id: row for row in rows}


def test_a_member_has_a_row_without_an_end(swv: Partnership) -> None:
    site = SchoolSiteFactory(partnerships=[swv], number="05AB01", sector="vo")
    case = at_home(
        swv,
        dt.date(2026, 9, 1),
        site=site,
        birth_date=dt.date(2012, 12, 31),
        reasons=("PLEK", "GEZIN"),
        offer="opbouw",
        offer_since=dt.date(2026, 11, 2),
    )
    row = listed(swv, DECEMBER)[case.pk]
    assert (row.site, row.school, row.sector, row.age) == ("05AB01", site.school.number, "vo", 14)
    assert (row.category, row.duration, row.days) == ("lrv", "3-6m", 121)
    assert (row.first_day, row.entered, row.last) == (
        dt.date(2026, 9, 1), dt.date(2026, 9, 30), dt.date(2026, 9, 30),
    )  # fmt: skip
    assert (row.left, row.ending, row.memberships, row.told_on) == (None, "", 1, DECEMBER)
    assert (row.reason, row.offered, row.offer, row.offer_since) == (
        "PLEK", True, "opbouw", dt.date(2026, 11, 2),
    )  # fmt: skip


def test_a_row_that_ended_stays_in_and_stays_the_same(swv: Partnership) -> None:
    case = at_home(
        swv,
        dt.date(2026, 8, 3),
        birth_date=dt.date(2012, 12, 1),
        closed_on=dt.date(2026, 9, 14),
        back_on=dt.date(2026, 9, 14),
        destination=Destination.OTHER_SCHOOL,
    )
    rows = [
        listed(swv, last)[case.pk]
        for last in (SEPTEMBER, DECEMBER, dt.date(2027, 3, 31), dt.date(2027, 6, 30), dt.date(2027, 7, 31))
    ]
    assert rows == [rows[0]] * 5
    assert (rows[0].left, rows[0].ending) == (dt.date(2026, 9, 14), "andere-school")
    assert (rows[0].told_on, rows[0].age, rows[0].days) == (dt.date(2026, 9, 13), 13, 41)


def test_the_next_school_year_begins_without_those_that_ended(swv: Partnership) -> None:
    ended = at_home(
        swv, dt.date(2026, 8, 3), closed_on=dt.date(2026, 9, 14), destination=Destination.MOVED_NL
    )
    stays = at_home(swv, dt.date(2026, 8, 3))
    assert set(listed(swv, dt.date(2027, 9, 30))) == {stays.pk}
    assert set(listed(swv, DECEMBER)) == {ended.pk, stays.pk}


@pytest.mark.parametrize(("closed_on", "is_in"), [(dt.date(2026, 8, 1), False), (dt.date(2026, 8, 2), True)])
def test_one_day_in_the_school_year_is_enough(swv: Partnership, closed_on: dt.date, is_in: bool) -> None:
    case = at_home(swv, dt.date(2026, 5, 1), closed_on=closed_on, destination=Destination.MOVED_NL)
    assert (case.pk in listed(swv, SEPTEMBER)) is is_in


def test_what_ends_after_the_last_day_has_no_end_yet(swv: Partnership) -> None:
    case = at_home(swv, dt.date(2026, 8, 3), closed_on=dt.date(2026, 10, 1), destination=Destination.MOVED_NL)
    assert listed(swv, SEPTEMBER)[case.pk].left is None
    assert listed(swv, DECEMBER)[case.pk].left == dt.date(2026, 10, 1)


def test_who_becomes_a_member_after_the_last_day_is_not_in_it(swv: Partnership) -> None:
    case = at_home(swv, dt.date(2026, 9, 3))
    assert case.pk not in listed(swv, SEPTEMBER)
    assert listed(swv, DECEMBER)[case.pk].entered == dt.date(2026, 10, 2)


def test_who_is_authorised_or_signalled_by_mistake_is_not_in_it(swv: Partnership) -> None:
    at_home(swv, dt.date(2026, 8, 3), authorised=Authorised.YES)
    at_home(swv, dt.date(2026, 8, 3), closed_on=dt.date(2026, 10, 1), destination=Destination.MISTAKEN)
    assert listed(swv, DECEMBER) == {}


def test_another_partnership_is_not_in_it(swv: Partnership) -> None:
    at_home(PartnershipFactory(), dt.date(2026, 8, 3))
    assert listed(swv, DECEMBER) == {}


def test_without_5a_an_exemption_ends_the_row_and_with_5a_it_goes_on(swv: Partnership) -> None:
    case = at_home(
        swv,
        dt.date(2026, 8, 3),
        exemption=ExemptionGiven("5a", dt.date(2026, 10, 12), None),
    )
    only_exempt = at_home(
        swv,
        dt.date(2026, 8, 3),
        authorised=Authorised.YES,
        exemption=ExemptionGiven("5a", dt.date(2026, 8, 10), dt.date(2026, 10, 31)),
    )
    without, with_5a = listed(swv, DECEMBER), listed(swv, DECEMBER, with_5a=True)
    assert set(without) == {case.pk}
    assert (without[case.pk].left, without[case.pk].ending, without[case.pk].category) == (
        dt.date(2026, 10, 12), "exemption", "lrv",
    )  # fmt: skip
    assert set(with_5a) == {case.pk, only_exempt.pk}
    assert (with_5a[case.pk].left, with_5a[case.pk].category) == (None, "5a")
    assert with_5a[only_exempt.pk].left == dt.date(2026, 11, 1)
    assert with_5a[only_exempt.pk].category == "5a"


def test_a_case_that_is_a_member_twice_has_one_row(swv: Partnership) -> None:
    """Exempt in between: from the first time in the school year to the end of the last."""
    case = at_home(
        swv,
        dt.date(2026, 7, 1),
        exemption=ExemptionGiven("5b", dt.date(2026, 9, 1), dt.date(2026, 9, 30)),
        closed_on=dt.date(2026, 11, 20),
        destination=Destination.SBO,
    )
    row = listed(swv, DECEMBER)[case.pk]
    assert (row.memberships, row.entered, row.last) == (2, dt.date(2026, 7, 30), dt.date(2026, 10, 1))
    assert (row.left, row.ending) == (dt.date(2026, 11, 20), "sbo")
    earlier = listed(swv, SEPTEMBER)[case.pk]
    assert (earlier.memberships, earlier.left, earlier.ending) == (1, dt.date(2026, 9, 1), "exemption")


def test_as_known_at_a_moment(swv: Partnership) -> None:
    case = make_case(
        partnership=swv,
        on=dt.date(2026, 12, 1),
        site=SchoolSiteFactory(partnerships=[swv]),
        first_day_absent=dt.date(2026, 8, 3),
        signalled_on=dt.date(2026, 10, 10),
    )
    assert listed(swv, SEPTEMBER, known_at=end_of(dt.date(2026, 10, 5))) == {}
    assert set(listed(swv, SEPTEMBER)) == {case.pk}


def test_rows_without_an_end_are_the_figure_of_the_report(swv: Partnership) -> None:
    for day in (3, 10, 17, 24):
        at_home(swv, dt.date(2026, 8, day))
        at_home(
            swv,
            dt.date(2026, 8, day),
            closed_on=dt.date(2026, 10, day),
            destination=Destination.OTHER_SCHOOL,
        )
        at_home(swv, dt.date(2026, 8, day), exemption=ExemptionGiven("5a", dt.date(2026, 10, day), None))
    for last in (SEPTEMBER, DECEMBER):
        for with_5a, definition in ((False, Definition.D2), (True, Definition.D4)):
            period = Period(dt.date(2026, 8, 1), last)
            lines = lines_of(cases_of_partnership(swv.pk), period, Selection(definition), known_at=LATER)
            rows = listed_cases(swv, last, with_5a=with_5a, known_at=LATER)
            check = check_of(rows)
            assert check.members == figures_of(lines).end
            assert check.rows == check.members + check.ended
            assert {row.case_id for row in rows} == {line.case_id for line in lines}


def test_the_check_says_what_is_missing(swv: Partnership) -> None:
    at_home(swv, dt.date(2026, 8, 3), reasons=("PLEK",), offer="oza", offer_since=dt.date(2026, 9, 1))
    at_home(swv, dt.date(2026, 8, 3))
    make_case(
        partnership=swv,
        site=None,
        on=dt.date(2026, 12, 1),
        first_day_absent=dt.date(2026, 8, 3),
        signalled_on=dt.date(2026, 8, 3),
    )
    check = check_of(listed_cases(swv, DECEMBER, with_5a=False, known_at=LATER))
    assert (check.rows, check.members, check.ended, check.more_than_once) == (3, 3, 0, 0)
    assert (check.without_reason, check.without_site, check.without_offer) == (2, 1, 2)
    assert list(check.by_category.values()) == [1, 2]


def test_as_many_statements_for_one_case_as_for_many(swv: Partnership) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            listed_cases(swv, DECEMBER, with_5a=True, known_at=LATER)
        return len(seen)

    at_home(swv, dt.date(2026, 8, 3))
    one = statements()
    for day in range(4, 14):
        at_home(swv, dt.date(2026, 8, day))
    assert statements() == one
    assert one <= 10
