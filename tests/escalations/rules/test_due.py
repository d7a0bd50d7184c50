"""Due dates: written out where the calendar is awkward, and compared with slow counting for any other."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from common.calendar import Calendar
from escalations.enums import Unit
from escalations.rules import Span, first_due, latest_due
from schools.calendars import calendar_of, calendars_of
from schools.models import FreePeriod, SchoolSite
from tests.escalations.slow import (
    Free,
    SlowCalendar,
    slow_calendar,
    slow_dues,
    slow_first_due,
)
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db

REGIONS = ("noord", "midden", "zuid")
UNITS = tuple(unit.value for unit in Unit)
DAYS = some.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
AWKWARD = some.sampled_from(
    [
        dt.date(2024, 2, 29),
        dt.date(2025, 8, 31),
        dt.date(2025, 11, 30),
        dt.date(2025, 12, 20),
        dt.date(2026, 1, 4),
        dt.date(2026, 4, 27),
        dt.date(2026, 7, 31),
        dt.date(2026, 8, 1),
        dt.date(2027, 11, 29),
    ]
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture
def places() -> dict[str, tuple[Calendar, SlowCalendar]]:
    """Calendars of the three regions, of a school with days of its own, and of nowhere; and the slow ones."""
    found = {
        region: (
            calendar_of(None, PartnershipFactory.build(region=region, organisation=None)),
            slow_calendar(region),
        )
        for region in ("", *REGIONS)
    }
    site = SchoolSiteFactory(region="zuid")
    rows = [
        Free("vakantie", day("2025-10-06"), day("2025-10-10")),
        Free("vakantie", day("2025-12-22"), day("2026-01-09")),
        Free("vakantie", day("2026-07-06"), day("2026-08-21")),
        Free("vrij", day("2026-03-12"), day("2026-03-13")),
        Free("vrij", day("2026-11-21"), day("2026-11-23")),
    ]
    for row in rows:
        FreePeriod.objects.create(
            organisation=site.school.organisation,
            kind=row.kind,
            name="x",
            first_day=row.first_day,
            last_day=row.last_day,
        )
    found["own"] = calendars_of([SchoolSite.objects.get()])[site.pk], slow_calendar("zuid", own=rows)
    of_region = [
        Free("vakantie", day("2026-10-01"), day("2026-10-04")),
        Free("vrij", day("2027-01-18"), day("2027-01-18")),
    ]
    for row in of_region:
        FreePeriod.objects.create(
            region="noord", kind=row.kind, name="x", first_day=row.first_day, last_day=row.last_day
        )
    found["noord, changed"] = (
        calendar_of(None, PartnershipFactory.build(region="noord", organisation=None)),
        slow_calendar("noord", of_region),
    )
    return found


PLACES = ("", *REGIONS, "own", "noord, changed")


def test_the_slow_calendar_knows_the_same_days(places: dict[str, tuple[Calendar, SlowCalendar]]) -> None:
    days = [day("2024-08-01") + dt.timedelta(days=n) for n in range(3 * 365)]
    assert {
        name: [d for d in days if fast.is_school_day(d) != slow.is_school_day(d)]
        for name, (fast, slow) in places.items()
    } == {name: [] for name in PLACES}
    assert [d for d in days if places[""][0].is_working_day(d) != places[""][1].is_working_day(d)] == []


def test_the_first_due_date_is_where_slow_counting_reaches_the_threshold(
    places: dict[str, tuple[Calendar, SlowCalendar]],
) -> None:
    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(
        place=some.sampled_from(PLACES),
        start=DAYS | AWKWARD,
        unit=some.sampled_from(UNITS),
        number=some.integers(-100, 100),
    )
    def holds(place: str, start: dt.date, unit: str, number: int) -> None:
        fast, slow = places[place]
        number = number // 4 if unit != "calendar days" else number
        assert first_due(Span(number, Unit(unit)), start, fast) == slow_first_due(number, unit, start, slow)

    holds()


def test_the_latest_due_date_is_the_last_of_all_that_there_were(
    places: dict[str, tuple[Calendar, SlowCalendar]],
) -> None:
    @settings(max_examples=250, deadline=None, derandomize=True)
    @given(
        place=some.sampled_from(PLACES),
        first=DAYS | AWKWARD,
        repeat=some.none() | some.tuples(some.integers(1, 30), some.sampled_from(UNITS)),
        later=some.integers(-10, 130),
    )
    def holds(place: str, first: dt.date, repeat: tuple[int, str] | None, later: int) -> None:
        fast, slow = places[place]
        on = first + dt.timedelta(days=later)
        dues = slow_dues(first, repeat, on, slow)
        span = Span(repeat[0], Unit(repeat[1])) if repeat else None
        assert latest_due(first, span, fast, on) == (dues[-1] if dues else None)

    holds()


@pytest.mark.parametrize(
    ("start", "number", "unit", "region", "expected"),
    [
        # Months: the same day number, or the last day of the month.
        ("2025-08-31", 3, "calendar months", "zuid", "2025-11-30"),
        ("2025-11-30", 3, "calendar months", "zuid", "2026-02-28"),
        ("2023-11-30", 3, "calendar months", "zuid", "2024-02-29"),
        ("2024-02-29", 12, "calendar months", "zuid", "2025-02-28"),
        ("2025-12-31", 2, "calendar months", "zuid", "2026-02-28"),
        # The day itself does not count.
        ("2026-09-01", 29, "calendar days", "zuid", "2026-09-30"),
        ("2026-10-25", 29, "calendar days", "zuid", "2026-11-23"),  # the clock goes back that day
        ("2026-09-07", 10, "school days", "zuid", "2026-09-21"),
        ("2026-09-05", 10, "school days", "zuid", "2026-09-18"),  # from a Saturday
        # The autumn holiday: 10 to 18 October in the north, 17 to 25 October elsewhere.
        ("2026-10-05", 10, "school days", "midden", "2026-10-26"),
        ("2026-10-05", 10, "school days", "noord", "2026-10-26"),
        ("2026-10-09", 5, "school days", "noord", "2026-10-23"),
        ("2026-10-09", 5, "school days", "midden", "2026-10-16"),
        ("2026-10-05", 10, "school days", "", "2026-10-19"),
        # Over Easter Monday, King's day, the May holiday and Ascension.
        ("2026-04-02", 5, "working days", "zuid", "2026-04-10"),
        ("2026-04-24", 5, "school days", "zuid", "2026-05-08"),
        ("2026-04-24", 5, "working days", "zuid", "2026-05-04"),
        # Nothing elapsed: the day itself, whatever day it is.
        ("2026-07-19", 0, "calendar days", "midden", "2026-07-19"),
        ("2026-07-19", 0, "school days", "midden", "2026-07-19"),
        # Before the date.
        ("2027-03-01", -90, "calendar days", "midden", "2026-12-01"),
        ("2024-03-01", -1, "calendar days", "midden", "2024-02-29"),
        ("2026-09-21", -5, "school days", "zuid", "2026-09-14"),
        ("2026-03-31", -1, "calendar months", "zuid", "2026-02-28"),
    ],
)
def test_first_due_dates(start: str, number: int, unit: str, region: str, expected: str) -> None:
    fast = calendar_of(None, PartnershipFactory.build(region=region, organisation=None))
    slow = slow_calendar(region)
    found = first_due(Span(number, Unit(unit)), day(start), fast)
    assert (str(found), str(slow_first_due(number, unit, day(start), slow))) == (expected, expected)


@pytest.mark.parametrize("unit", UNITS)
def test_what_lies_after_the_last_day_there_is_is_never_due(unit: str) -> None:
    fast = calendar_of(None, PartnershipFactory.build(region="midden", organisation=None))
    assert first_due(Span(20, Unit(unit)), dt.date.max, fast) == dt.date.max
    assert first_due(Span(-20, Unit(unit)), dt.date.min, fast) == dt.date.min
    assert latest_due(dt.date.max, Span(5, Unit(unit)), fast, day("2026-11-22")) is None


def test_repeated_dates_follow_each_other_as_they_come() -> None:
    fast = calendar_of(None, PartnershipFactory.build(region="midden", organisation=None))
    first, span = day("2026-10-02"), Span(5, Unit.SCHOOL_DAYS)
    days = [first + dt.timedelta(days=n) for n in range(-1, 40)]
    found = [latest_due(first, span, fast, on) for on in days]
    assert found[0] is None
    assert sorted({str(due) for due in found[1:]}) == [
        "2026-10-02", "2026-10-09", "2026-10-16", "2026-10-30", "2026-11-06",
    ]  # fmt: skip
    assert all(before is None or (after is not None and before <= after) for before, after in pairwise(found))
