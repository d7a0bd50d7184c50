"""The calendar file: what a school changes, what is refused, and that twice changes nothing."""

import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from audit.models import Event
from common.tabular import Report, Unreadable
from schools.calendars import calendar_of
from schools.models import FreePeriod, SchoolSite
from schools.services.free_periods import import_calendar
from tests.factories.schools import SchoolFactory, SchoolSiteFactory

pytestmark = pytest.mark.django_db

HEADER = "region_or_school;kind;name;first_day;last_day"

# The list that one school publishes for 2026-2027, in working days.
OWN_2026 = [
    "99AB;vakantie;Herfstvakantie;2026-10-19;2026-10-23",
    "99ab;VAKANTIE;Kerstvakantie;21-12-2026;1-1-2027",
    "99AB;vakantie;Voorjaarsvakantie;8-2-2027;12-2-2027",
    "99AB;vakantie;Meivakantie;2027-04-26;2027-05-07",
    "99AB;vakantie;Zomervakantie;2027-07-19;2027-08-27",
    "99AB;vakantie;Zomervakantie;2026-08-01;2026-08-21",
    "99AB01;vrij;Studiedag;2026-09-16;",
]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def site() -> SchoolSite:
    school = SchoolFactory(number="99AB")
    made: SchoolSite = SchoolSiteFactory(school=school, number="99AB01", region="zuid")
    return made


def load(*lines: str, header: str = HEADER) -> Report:
    return import_calendar(source=io.BytesIO("\n".join([header, *lines]).encode()), by=None)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, len(report.refused)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_calendar_of_a_school_counts_instead_of_that_of_its_region(site: SchoolSite) -> None:
    report = load(*OWN_2026)
    assert (report.rows, counts(report), report.warnings) == (7, (7, 0, 0, 0), [])
    calendar = calendar_of(site)
    # 24 August 2026 up to 16 July 2027: 47 weeks, less 5 + 10 + 5 + 10 days of holidays (with King's Day
    # and Ascension), Easter Monday, Whit Monday and the study day.
    assert calendar.school_days_in(day("2026-08-24"), day("2027-07-16")) == 47 * 5 - 30 - 3
    assert calendar.school_days_in(day("2026-08-01"), day("2027-07-31")) == 47 * 5 - 30 - 3
    assert calendar.is_school_day(day("2027-02-15"))  # the spring holiday of the region
    assert not calendar.is_school_day(day("2026-10-20"))


def test_the_same_file_twice_changes_nothing(site: SchoolSite) -> None:
    load(*OWN_2026)
    before = list(FreePeriod.objects.order_by("pk").values())
    assert counts(load(*OWN_2026)) == (0, 0, 7, 0)
    assert list(FreePeriod.objects.order_by("pk").values()) == before
    assert Event.objects.values_list("action", "details").get() == (
        "calendar.imported",
        {"created": 7, "changed": 0},
    )


def test_a_corrected_holiday_moves_and_a_second_free_day_adds(site: SchoolSite) -> None:
    load(*OWN_2026)
    report = load(
        "99AB;vakantie;herfstvakantie;2026-10-12;2026-10-16",
        "99AB01;vrij;Studiedag;2026-09-17;",
        "99AB01;vrij;Studiedag team;2026-09-16;2026-09-16",
    )
    assert counts(report) == (1, 2, 0, 0)
    assert [(warned.line, warned.column, "2026-10-19" in warned.reason) for warned in report.warnings] == [
        (2, "first_day", True)
    ]
    calendar = calendar_of(site)
    days = ("2026-10-13", "2026-10-20", "2026-09-16", "2026-09-17")
    assert [calendar.is_school_day(day(d)) for d in days] == [False, True, False, False]
    assert FreePeriod.objects.count() == 8


def test_holidays_of_the_same_name_far_apart_are_two(site: SchoolSite) -> None:
    load("99AB;vakantie;Vakantie;2026-10-19;2026-10-23")
    assert counts(load("99AB;vakantie;Vakantie;2026-12-21;2027-01-01")) == (1, 0, 0, 0)
    assert counts(load("99AB;vakantie;Vakantie;2027-10-18;2027-10-22")) == (1, 0, 0, 0)


def test_rows_of_a_region() -> None:
    south: SchoolSite = SchoolSiteFactory(region="zuid")
    north: SchoolSite = SchoolSiteFactory(region="noord")
    report = load("Zuid;vakantie;Herfst;2031-10-11;2031-10-19", "zuid;vrij;Carnaval;2026-02-12;2026-02-13")
    assert counts(report) == (2, 0, 0, 0)
    assert [calendar_of(site).is_school_day(day("2031-10-13")) for site in (south, north)] == [False, True]
    assert [calendar_of(site).is_school_day(day("2026-02-12")) for site in (south, north)] == [False, True]


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (";vrij;x;2026-09-16;2026-09-16", "region_or_school", ""),
        ("oost;vrij;x;2026-09-16;2026-09-16", "region_or_school", "oost"),
        ("99ZZ;vrij;x;2026-09-16;2026-09-16", "region_or_school", "99ZZ"),
        ("99AB02;vrij;x;2026-09-16;2026-09-16", "region_or_school", "99AB02"),
        ("99AB;;x;2026-09-16;2026-09-16", "kind", ""),
        ("99AB;feest;x;2026-09-16;2026-09-16", "kind", "feest"),
        ("99AB;vrij;;2026-09-16;2026-09-16", "name", ""),
        ("99AB;vrij;x;;2026-09-16", "first_day", ""),
        ("99AB;vrij;x;2026-09-31;2026-09-16", "first_day", "2026-09-31"),
        ("99AB;vakantie;x;2026-09-16;", "last_day", ""),
        ("99AB;vrij;x;2026-09-16;2026-09-15", "last_day", "2026-09-15"),
        ("99AB;vrij;x;2026-09-16;2027-09-16", "last_day", "2027-09-16"),
        ("99AB;vrij;Nog eens;2026-09-01;2026-09-01", "first_day", "2026-09-01"),
        ("99AB;vrij;x;2026-09-16;2026-09-16;meer", "", "meer"),
    ],
)
def test_a_row_is_refused_for_its_first_fault(site: SchoolSite, row: str, column: str, value: str) -> None:
    report = load("99AB;vrij;Eerst;2026-09-01;2026-09-01", row, "99AB;vrij;Laatst;2026-09-30;2026-09-30")
    assert [(refused.line, refused.column, refused.value) for refused in report.refused] == [
        (3, column, value)
    ]
    assert counts(report) == (2, 0, 0, 1)


def test_half_a_calendar_is_told(site: SchoolSite) -> None:
    one = load("99AB;vakantie;Herfstvakantie;2026-10-19;2026-10-23")
    assert [(warned.line, "2026-2027 has 1 holiday now" in warned.reason) for warned in one.warnings] == [
        (2, True)
    ]
    rest = load(*OWN_2026[:5])
    assert [(warned.line, "1 August" in warned.reason) for warned in rest.warnings] == [(2, True)]


def test_a_file_without_a_column_is_no_use() -> None:
    with pytest.raises(Unreadable, match="last_day"):
        load("x", header="region_or_school;kind;name;first_day")


def test_the_command_prints_one_document(
    site: SchoolSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "kalender.csv"
    path.write_text("\n".join([HEADER, *OWN_2026, "99AB;vrij;x;;"]))
    with pytest.raises(SystemExit) as stopped:
        call_command("import_calendar", str(path), "--json")
    document = json.loads(capsys.readouterr().out)
    assert (stopped.value.code, document["rows"], document["created"], len(document["refused"])) == (
        1,
        8,
        7,
        1,
    )
