"""The category in the database is the category of the rules, for any facts and any threshold."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from cases.enums import Article, Authorised, Category, Destination, Extent
from cases.models import Case, Exemption
from cases.queries.categories import categories_on, in_category, thresholds
from cases.rules import Facts, Threshold, category_on
from cases.services.intake import ExemptionGiven
from schools.models import Partnership, SchoolSite
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

DAY = dt.date(2026, 11, 20)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db: None) -> SchoolSite:
    site: SchoolSite = SchoolSiteFactory(partnerships=[PartnershipFactory()])
    return site


def category_in_database(case: Case, day: dt.date) -> list[Category]:
    """The categories of which the case is a member when the database is asked."""
    chosen = thresholds()
    mine = Case.objects.filter(pk=case.pk)
    return [category for category in Category if mine.filter(in_category(category, day, chosen)).exists()]


def days_around(day: dt.date, reach: int) -> some.SearchStrategy[dt.date]:
    return some.integers(-reach, reach).map(lambda days: day + dt.timedelta(days=days))


BORN = some.one_of(
    days_around(DAY.replace(year=DAY.year - 18), 2),
    days_around(dt.date(DAY.year - 5, 10, 31), 2),
    days_around(dt.date(DAY.year - 12, 2, 28), 3),
)
EXEMPTION = some.one_of(
    some.none(),
    some.builds(
        ExemptionGiven,
        article=some.sampled_from(Article.values),
        valid_from=some.none() | days_around(DAY, 1),
        valid_to=some.none() | days_around(DAY, 1),
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=some.integers(26, 31) | some.integers(0, 60),
    threshold=some.sampled_from([(28, False), (28, True), (14, False), (30, True)]),
    born=BORN,
    enrolled=some.booleans(),
    extent=some.sampled_from(Extent.values),
    authorised=some.sampled_from(Authorised.values),
    ill=some.none() | some.booleans(),
    can_attend_partly=some.none() | some.booleans(),
    back=some.none() | days_around(DAY, 1),
    closed=some.none() | days_around(DAY, 1),
    exemption=EXEMPTION,
)
def test_the_database_agrees_with_the_rules(site: SchoolSite, **drawn: Any) -> None:
    days_absent, (number, inclusive) = drawn["days"], drawn["threshold"]
    Partnership.objects.update(threshold_days=number, threshold_inclusive=inclusive)
    first = min(
        DAY - dt.timedelta(days=days_absent), *(d for d in (drawn["back"], drawn["closed"]) if d), DAY
    )
    exemption: ExemptionGiven | None = drawn["exemption"]
    facts = {name: drawn[name] for name in ("enrolled", "extent", "authorised", "ill", "can_attend_partly")}
    case = make_case(
        site=SchoolSite.objects.get(pk=site.pk),
        birth_date=drawn["born"],
        first_day_absent=first,
        signalled_on=first,
        back_on=drawn["back"],
        closed_on=drawn["closed"],
        destination=Destination.OWN_SCHOOL if drawn["closed"] else "",
        exemption=exemption,
        **facts,
    )
    valid = exemption is not None and (
        (exemption.valid_from is None or exemption.valid_from <= DAY)
        and (exemption.valid_to is None or exemption.valid_to >= DAY)
    )
    expected = category_on(
        Facts(
            birth_date=drawn["born"],
            first_day_absent=first,
            back_on=drawn["back"],
            closed_on=drawn["closed"],
            exemptions=frozenset({exemption.article}) if exemption and valid else frozenset(),
            **facts,
        ),
        DAY,
        Threshold(number, inclusive),
    )
    assert category_in_database(case, DAY) == ([expected] if expected else [])
    assert categories_on([Case.objects.get(pk=case.pk)], DAY) == {case.pk: expected}


def test_each_partnership_has_its_own_threshold() -> None:
    strict = PartnershipFactory(threshold_days=28, threshold_inclusive=True)
    usual = PartnershipFactory(threshold_days=28, threshold_inclusive=False)
    first = DAY - dt.timedelta(days=28)
    cases = [
        make_case(
            site=SchoolSiteFactory(partnerships=[partnership]), first_day_absent=first, signalled_on=first
        )
        for partnership in (strict, usual)
    ]
    assert [category_in_database(case, DAY) for case in cases] == [[Category.LONG], [Category.THREATENING]]


def test_an_exemption_that_was_replaced_counts_no_more() -> None:
    first = DAY - dt.timedelta(days=50)
    case = make_case(first_day_absent=first, signalled_on=first, exemption=ExemptionGiven(Article.A5A))
    assert category_in_database(case, DAY) == [Category.EXEMPT_5A]
    Exemption.objects.filter(case=case).update(known_until=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    assert category_in_database(case, DAY) == [Category.LONG]
