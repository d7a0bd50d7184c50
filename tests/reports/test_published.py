"""Tables that were published, rebuilt as registers and counted (domain notes, section 2.4: T1 to T4)."""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence

import pytest

from cases.enums import Source
from cases.models import Case
from cases.services import facts
from cases.services.intake import Intake, insert
from common.dates import end_of
from reports.queries.reports import count
from reports.rules.figures import Figures, figures_of
from reports.rules.history import Exempt, History, turns_of
from reports.rules.lines import Member, counted
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.rules.stays import stays_of
from schools.models import Partnership, SchoolSite
from tests.factories.cases import make_intake
from tests.factories.register import Import, Places, row
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory
from tests.reports.making import history

DAY = dt.timedelta(days=1)
NUMBERS = {None: "", 1: "0599", 2: "05AB", 3: "05AB01"}


def school_year(begins: int) -> Period:
    return Period(dt.date(begins, 8, 1), dt.date(begins + 1, 7, 31))


def spread(over: Period, number: int) -> list[dt.date]:
    """Days in the first ten months of a school year, one after the other."""
    return [over.first + (nth % 300) * DAY for nth in range(number)]


def counted_in_memory(histories: Iterable[History], period: Period, definition: str) -> Figures:
    selection = Selection(definition)
    members = [
        Member(it, turns, stays)
        for it in histories
        if (stays := stays_of(it, selection, turns := turns_of(it, period.last)))
    ]
    return figures_of(counted(members, period, NUMBERS))


def at_home(first_days: Sequence[dt.date], **facts: object) -> list[History]:
    """Pupils of ten who are at home from these days on."""
    return [history(first=it, born=dt.date(it.year - 10, 1, 1), **facts) for it in first_days]


def a_year(year: int, *, absolute: int, exempt: int, at_start: int, joined: int) -> list[History]:
    """Who was at home in a school year; nobody left."""
    period = school_year(year)
    before = [period.first - 60 * DAY] * at_start
    return [
        *at_home(before),
        *at_home(spread(period, joined)),
        *at_home(spread(period, absolute), enrolled=False),
        *at_home(spread(period, exempt), exemptions=[Exempt("5a", period.first, None)]),
    ]


# --- T2: Utrecht, in six years


@pytest.mark.parametrize(
    ("year", "absolute", "exempt", "long", "at_start", "joined", "all_of_them"),
    [
        (2012, 91, 50, 144, 56, 88, 285),
        (2013, 132, 85, 147, 49, 98, 364),
        (2014, 102, 86, 149, 44, 105, 337),
        (2015, 47, 132, 181, 41, 140, 360),
        (2016, 37, 151, 145, 41, 104, 333),
        (2017, 46, 126, 132, 44, 88, 304),
    ],
)
def test_utrecht(
    year: int, absolute: int, exempt: int, long: int, at_start: int, joined: int, all_of_them: int
) -> None:
    pupils = a_year(year, absolute=absolute, exempt=exempt, at_start=at_start, joined=joined)
    narrow, broad = (counted_in_memory(pupils, school_year(year), it) for it in ("D1", "D4"))
    assert (narrow.start, narrow.inflow, narrow.end) == (at_start, joined, long)
    assert broad.end == all_of_them
    assert broad.breakdowns["by_category"] == {"5a": exempt, "absoluut": absolute, "lrv": long}


@pytest.mark.django_db
def test_utrecht_as_a_register_file(places: Places, bring_in: Import) -> None:
    """2016-2017, as a file of 333 rows."""
    period, names = school_year(2016), itertools.count(1)

    def rows(first_days: Sequence[dt.date], **facts: str) -> list[dict[str, str]]:
        return [
            row(
                dossier=f"U-{(nth := next(names))}",
                achternaam=f"Utrecht {nth}",
                geboortedatum="2006-01-01",
                eerste_verzuimdag=f"{it}",
                gemeld_op=f"{it}",
                **facts,
            )
            for it in first_days
        ]

    report = bring_in(
        *rows([period.first - 60 * DAY] * 41),
        *rows(spread(period, 104)),
        *rows(spread(period, 37), ingeschreven="nee"),
        *rows(spread(period, 151), vrijstelling="5a", vrijstelling_van="2016-08-01"),
    )
    assert report.created == 333
    narrow, usual, broad = (
        count(places.po, period, Selection(it), known_at=end_of(period.last), trend=False).figures
        for it in ("D1", "D2", "D4")
    )
    assert (narrow.start, narrow.inflow, narrow.outflow, narrow.end) == (41, 104, 0, 145)
    assert (usual.start, usual.inflow, usual.end) == (41, 141, 182)
    assert broad.breakdowns["by_category"] == {"5a": 151, "absoluut": 37, "lrv": 145}
    assert broad.end == 333


# --- T3: the country in 2013-2014, two definitions of one register


def test_the_broad_definition() -> None:
    pupils = a_year(2013, absolute=6714, exempt=4444, at_start=0, joined=3966)
    narrow, broad = (counted_in_memory(pupils, school_year(2013), it) for it in ("D1", "D4"))
    assert (narrow.end, broad.end) == (3966, 15124)
    assert broad.breakdowns["by_category"] == {"5a": 4444, "absoluut": 6714, "lrv": 3966}


# --- T1 and T4: the country, one to one in the database


def intakes(site: SchoolSite, first_days: Sequence[dt.date], **facts: object) -> list[Intake]:
    swv = site.partnerships.get()
    return [
        make_intake(
            partnership=swv,
            site=site,
            first_day_absent=it,
            signalled_on=it,
            birth_date=dt.date(it.year - 10, 1, 1),
            **facts,
        )
        for it in first_days
    ]


def figures(swv: Partnership, period: Period, known_at: dt.datetime, definition: str) -> Figures:
    return count(swv, period, Selection(definition), known_at=known_at, trend=False).figures


@pytest.fixture
def site(db: None) -> SchoolSite:
    site: SchoolSite = SchoolSiteFactory(partnerships=[PartnershipFactory()])
    return site


@pytest.mark.services
def test_stock_and_flow_of_2009_2010(site: SchoolSite) -> None:
    """2,269 + 2,913 - 2,414 = 2,768; published for the next year was a start of 2,296."""
    period = school_year(2009)
    back = dt.date(2010, 7, 15)
    closed = {"closed_on": back, "back_on": back, "destination": "eigen-school"}
    stayed = 2269 + 2913 - 2414
    insert(
        [
            *intakes(site, [period.first - 60 * DAY] * (2269 - 1000)),
            *intakes(site, [period.first - 60 * DAY] * 1000, **closed),
            *intakes(site, spread(period, 1414), **closed),
            *intakes(site, spread(period, 2913 - 1414)),
        ],
        by=None,
        at=end_of(period.last),
        source=Source.IMPORT,
    )
    swv, known_at = site.partnerships.get(), end_of(period.last)
    found = figures(swv, period, known_at, "D1")
    assert (found.start, found.inflow, found.outflow, found.end) == (2269, 2913, 2414, 2768)
    assert found.outflow_by == {"eigen-school": 2414}
    assert stayed == found.end == figures(swv, school_year(2010), known_at, "D1").start == 2296 + 472


@pytest.mark.services
def test_longer_than_three_months_published_twice(site: SchoolSite) -> None:
    """4,214 over 2016-2017 as known in 2018, 4,212 as known in 2019: two had been back before."""
    period, known_2018, known_2019 = school_year(2016), dt.date(2018, 2, 19), dt.date(2019, 2, 16)
    long_ago, lately = period.last - 120 * DAY, period.last - 40 * DAY
    made = insert(
        [
            *intakes(site, [long_ago] * 1700, enrolled=False),
            *intakes(site, [long_ago] * 2514),
            *intakes(site, [lately] * 40),
        ],
        by=None,
        at=end_of(period.last),
        source=Source.IMPORT,
    )
    for case in made[1699:1701]:
        corrected = Case.objects.select_related("pupil", "site", "school").get(pk=case.pk)
        facts.correct(corrected, {"back_on": period.last - 10 * DAY}, by=None, at=end_of(dt.date(2018, 9, 1)))

    def longer(known_at: dt.date) -> tuple[int, dict[str, int]]:
        found = figures(site.partnerships.get(), period, end_of(known_at), "D2")
        by_duration = found.breakdowns["by_duration"]
        assert by_duration.pop("4w-3m") == 40
        assert found.end == 40 + sum(by_duration.values())
        return found.end - 40, by_duration

    assert longer(known_2018) == (4214, {"3-6m": 4214})
    assert longer(known_2019) == (4212, {"3-6m": 4212})
