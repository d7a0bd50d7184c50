"""The calendars of schools: the holidays of 2025-2027 as published, and what schools change in them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from dateutil.easter import easter
from django.utils import translation
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common.calendar import Calendar
from schools.calendars import calendar_of, calendars_of, warnings
from schools.models import FreePeriod, Organisation
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
REGIONS = ("noord", "midden", "zuid")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def in_region(region: str) -> Calendar:
    return calendar_of(None, PartnershipFactory.build(region=region, organisation=None))


def free(where: str | Organisation, kind: str, first: str, last: str, name: str = "x") -> FreePeriod:
    place: dict[str, Any] = {"region": where} if isinstance(where, str) else {"organisation": where}
    return FreePeriod.objects.create(kind=kind, name=name, first_day=day(first), last_day=day(last), **place)


def holidays_of(calendar: Calendar, first: str, last: str) -> list[tuple[str, str, str]]:
    return [
        (period.name, str(period.first_day), str(period.last_day))
        for period in calendar.periods_in(day(first), day(last))
        if period.kind == "vakantie"
    ]


# --- The holidays of a region


def test_the_holidays_of_2025_2026_are_those_that_schools_publish() -> None:
    assert holidays_of(in_region("zuid"), "2025-09-01", "2026-08-31") == [
        ("Autumn Break", "2025-10-11", "2025-10-19"),
        ("Christmas Break", "2025-12-20", "2026-01-04"),
        ("Spring Break", "2026-02-14", "2026-02-22"),
        ("May Break", "2026-04-25", "2026-05-03"),
        ("Summer Break", "2026-07-11", "2026-08-23"),
    ]
    assert holidays_of(in_region("midden"), "2025-09-01", "2026-08-31") == [
        ("Autumn Break", "2025-10-18", "2025-10-26"),
        ("Christmas Break", "2025-12-20", "2026-01-04"),
        ("Spring Break", "2026-02-14", "2026-02-22"),
        ("May Break", "2026-04-25", "2026-05-03"),
        ("Summer Break", "2026-07-18", "2026-08-30"),
    ]
    assert holidays_of(in_region("noord"), "2026-02-01", "2026-08-31") == [
        ("Spring Break", "2026-02-21", "2026-03-01"),
        ("May Break", "2026-04-25", "2026-05-03"),
        ("Summer Break", "2026-07-04", "2026-08-16"),
    ]


def test_names_of_holidays_follow_the_language() -> None:
    with translation.override("nl"):
        assert holidays_of(in_region("zuid"), "2025-10-11", "2025-10-11") == [
            ("Herfstvakantie", "2025-10-11", "2025-10-19")
        ]


@pytest.mark.parametrize(
    ("region", "first", "last", "school_days"),
    [
        # Whole weeks, less four holidays (25 days), Easter Monday, Ascension and Whit Monday.
        ("zuid", "2025-08-18", "2026-07-10", 47 * 5 - 28),
        ("midden", "2025-09-01", "2026-07-17", 46 * 5 - 28),
        ("noord", "2025-08-25", "2026-07-03", 45 * 5 - 28),
        ("", "2025-09-01", "2026-07-17", 46 * 5 - 7),  # public holidays on weekdays only
    ],
)
def test_school_days_of_a_whole_year(region: str, first: str, last: str, school_days: int) -> None:
    assert in_region(region).school_days_in(day(first), day(last)) == school_days


def test_good_friday_is_a_school_day_and_a_working_day_and_king_s_day_is_neither() -> None:
    calendar = in_region("noord")
    assert [calendar.is_school_day(day(d)) for d in ("2026-04-03", "2026-04-06", "2027-04-27")] == [
        True, False, False,
    ]  # fmt: skip
    assert [calendar.is_working_day(day(d)) for d in ("2026-04-03", "2026-04-06", "2026-04-27")] == [
        True, False, False,
    ]  # fmt: skip


def test_ten_school_days_in_three_regions() -> None:
    start = day("2025-10-10")  # the Friday before the autumn holiday of the south
    assert {region: str(in_region(region).nth_school_day_after(start, 10)) for region in REGIONS} == {
        "noord": "2025-10-31",
        "midden": "2025-10-31",
        "zuid": "2025-10-31",
    }
    start = day("2026-02-13")
    assert {region: str(in_region(region).nth_school_day_after(start, 10)) for region in REGIONS} == {
        "noord": "2026-03-06",
        "midden": "2026-03-06",
        "zuid": "2026-03-06",
    }
    start = day("2026-06-26")
    assert {region: str(in_region(region).nth_school_day_after(start, 10)) for region in REGIONS} == {
        "noord": "2026-08-21",
        "midden": "2026-07-10",
        "zuid": "2026-07-10",
    }


class TestAgainstCountingDayByDay(TestCase):
    @given(
        st.sampled_from(REGIONS),
        st.dates(day("2024-02-01"), day("2028-03-01")),
        st.integers(0, 250),
        st.integers(0, 60),
    )
    @settings(max_examples=60, deadline=None)
    def test_three_regions(self, region: str, start: dt.date, span: int, n: int) -> None:
        calendar = in_region(region)
        school = country_holidays("NL", subdiv=region.title(), categories=("school",))
        public = country_holidays("NL", categories=("public",))

        def is_open(d: dt.date) -> bool:
            good_friday = d == easter(d.year) - 2 * DAY
            return d.weekday() < 5 and d not in school and (good_friday or d not in public)

        end = start + span * DAY
        counted = sum(is_open(start + k * DAY) for k in range(1, span + 1))
        assert calendar.school_days_between(start, end) == counted
        reached, left = start, n
        while left:
            reached += DAY
            left -= is_open(reached)
        assert calendar.nth_school_day_after(start, n) == reached


# --- What a region, a school and a site change


def test_holidays_of_a_school_replace_those_of_its_region_for_that_year_only() -> None:
    site = SchoolSiteFactory(region="zuid")
    free(site.school.organisation, "vakantie", "2026-10-19", "2026-10-23", "Autumn")
    free(site.school.organisation, "vakantie", "2027-02-08", "2027-02-12", "Spring")
    calendar = calendar_of(site)
    assert holidays_of(calendar, "2026-06-01", "2027-11-01") == [
        ("Summer Break", "2026-07-11", "2026-07-31"),  # what lies in the year before stays
        ("Autumn", "2026-10-19", "2026-10-23"),
        ("Spring", "2027-02-08", "2027-02-12"),
        ("Summer Break", "2027-08-01", "2027-09-05"),
        ("Autumn Break", "2027-10-23", "2027-10-31"),
    ]
    assert calendar.is_school_day(day("2026-12-28"))
    assert not calendar.is_school_day(day("2026-12-25"))  # a public holiday all the same


def test_a_holiday_belongs_to_the_year_in_which_it_begins() -> None:
    site = SchoolSiteFactory(region="noord")
    free(site.organisation, "vakantie", "2026-07-11", "2026-08-23", "Summer")
    calendar = calendar_of(site)
    assert not calendar.is_school_day(day("2026-08-21"))
    assert not calendar.is_school_day(day("2026-10-12"))  # autumn of the region: 2026-2027 is not replaced
    assert calendar.is_school_day(day("2025-10-20"))  # autumn of the region in 2025-2026 is


def test_rows_of_the_school_and_of_the_site_both_count() -> None:
    site = SchoolSiteFactory(region="midden")
    other = SchoolSiteFactory(region="midden", school=site.school)
    free(site.school.organisation, "vakantie", "2025-10-13", "2025-10-17")
    free(site.organisation, "vakantie", "2025-11-03", "2025-11-07")
    days = [day("2025-10-13"), day("2025-10-20"), day("2025-11-03")]
    calendars = calendars_of([site, other])
    assert [calendars[site.pk].is_school_day(d) for d in days] == [False, True, False]
    assert [calendars[other.pk].is_school_day(d) for d in days] == [False, True, True]


def test_free_days_add() -> None:
    site = SchoolSiteFactory(region="midden")
    free(site.organisation, "vrij", "2025-10-15", "2025-10-15")
    free(site.school.organisation, "vrij", "2025-10-16", "2025-10-17")
    free("midden", "vrij", "2025-10-13", "2025-10-13")
    free("noord", "vrij", "2025-10-14", "2025-10-14")
    calendar = calendar_of(site)
    assert calendar.school_days_between(day("2025-10-12"), day("2025-10-27")) == 2
    assert calendar.working_days_between(day("2025-10-12"), day("2025-10-27")) == 11


def test_rows_of_a_region_replace_what_the_government_set_and_yield_to_those_of_a_school() -> None:
    plain, own = SchoolSiteFactory(region="midden"), SchoolSiteFactory(region="midden")
    free("midden", "vakantie", "2025-10-13", "2025-10-17")
    free(own.organisation, "vakantie", "2025-10-27", "2025-10-31")
    days = [day("2025-10-13"), day("2025-10-20"), day("2025-10-27")]
    calendars = calendars_of([plain, own])
    assert [calendars[plain.pk].is_school_day(d) for d in days] == [False, True, True]
    assert [calendars[own.pk].is_school_day(d) for d in days] == [True, True, False]
    assert [in_region("midden").is_school_day(d) for d in days] == [False, True, True]


def test_without_a_site_the_region_of_the_partnership_counts() -> None:
    swv = PartnershipFactory(region="zuid")
    assert not calendar_of(None, swv).is_school_day(day("2025-10-13"))
    assert calendar_of(SchoolSiteFactory(region="noord"), swv).is_school_day(day("2025-10-13"))


def test_a_change_is_seen_at_once() -> None:
    site = SchoolSiteFactory(region="midden")
    assert calendar_of(site).is_school_day(day("2025-10-15"))
    row = free(site.organisation, "vrij", "2025-10-15", "2025-10-15")
    assert not calendar_of(site).is_school_day(day("2025-10-15"))
    FreePeriod.objects.filter(pk=row.pk).update(first_day=day("2025-10-14"), last_day=day("2025-10-14"))
    assert calendar_of(site).is_school_day(day("2025-10-15"))
    row.delete()
    assert calendar_of(site).is_school_day(day("2025-10-14"))


@pytest.mark.parametrize("count", [1, 5])
def test_many_calendars_take_one_query(count: int, django_assert_num_queries: Any) -> None:
    sites = SchoolSiteFactory.create_batch(count)
    for site in sites:
        free(site.organisation, "vrij", "2025-10-15", "2025-10-15")
    with django_assert_num_queries(1):
        assert len(calendars_of(sites)) == count


# --- What is not known


def test_years_without_known_holidays_are_told() -> None:
    calendar = in_region("noord")
    assert warnings(calendar, day("2014-08-01"), day("2030-07-31")) == []
    (sentence,) = warnings(calendar, day("2026-08-01"), day("2031-08-01"))
    assert "2030-2031, 2031-2032" in sentence
    assert warnings(calendar, day("2014-07-31"), day("2014-08-01")) != []


def test_a_missing_region_is_told_unless_the_school_has_its_own_holidays() -> None:
    site = SchoolSiteFactory(region="")
    (sentence,) = warnings(calendar_of(site), day("2025-09-01"), day("2026-06-01"))
    assert "No holiday region" in sentence
    free(site.organisation, "vakantie", "2025-10-13", "2025-10-17")
    assert warnings(calendar_of(site), day("2025-09-01"), day("2026-06-01")) == []


def test_own_holidays_make_a_far_year_known() -> None:
    site = SchoolSiteFactory(region="zuid")
    free("zuid", "vakantie", "2030-10-12", "2030-10-20")
    free(site.organisation, "vakantie", "2031-10-12", "2031-10-20")
    assert calendar_of(site).unknown_years(day("2030-08-01"), day("2033-07-31")) == [2032]
