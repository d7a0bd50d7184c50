"""The report page: who reads it, that its numbers are those of the engine, what is asked and refused."""

import datetime as dt
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from cases.enums import Source
from cases.services.intake import ExemptionGiven, insert
from common.dates import start_of
from reports.models import SchoolAgePopulation, Version
from reports.queries.reports import count
from reports.rules.figures import Figures
from reports.rules.periods import Period, month_of
from reports.rules.selection import Selection
from tests.cases.views import client_of, text_of
from tests.cast import NOW, Cast
from tests.factories.accounts import member
from tests.factories.cases import make_case
from tests.factories.schools import MunicipalityFactory, PartnershipFactory, SchoolSiteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

OCTOBER = month_of(dt.date(2026, 10, 1))
REPORT, CASES = "/rapportages/", "/rapportages/dossiers/"
TABLE, DEFINITIONS = "/rapportages/tabel/by_category/", "/rapportages/definities/"

#: Who gets which status of the four pages.
ACCESS = {
    "coordinator": (403, 403, 403, 200),
    "site_coordinator": (403, 403, 403, 200),
    "case_manager": (200, 200, 200, 200),
    "far_case_manager": (200, 200, 200, 200),
    "reporter": (200, 200, 200, 200),
    "administrator": (403, 403, 403, 200),
    "privacy_officer": (403, 403, 403, 403),
    "care_worker": (403, 403, 403, 403),
    "attendance_officer": (403, 403, 403, 200),
    "platform_operator": (403, 403, 403, 403),
    "former": (403, 403, 403, 403),
    "two_hats": (403, 403, 403, 200),
    "superuser": (403, 403, 403, 403),
    "nobody": (403, 403, 403, 403),
}


@pytest.mark.parametrize("person", ACCESS)
def test_who_gets_which_page(cast: Cast, person: str) -> None:
    pages = (REPORT, CASES, TABLE, DEFINITIONS)
    found = tuple(client_of(cast, person).get(path).status_code for path in pages)
    assert found == ACCESS[person]


def test_the_figures_of_another_partnership_are_not_found(cast: Cast) -> None:
    for person in ("case_manager", "reporter"):
        client = client_of(cast, person)
        for number in (cast.other_swv.number, "VO0000", "", "\x00"):
            for path in (REPORT, CASES, TABLE):
                response = client.get(path, {"partnership": number})
                assert (person, number, path, response.status_code) == (person, number, path, 404)
        assert client.get(REPORT, {"partnership": cast.swv.number}).status_code == 200


def test_who_reads_more_than_one_partnership_chooses(cast: Cast) -> None:
    reader = member(cast.people["reporter"], Role.REPORTER, cast.other_swv.organisation)
    client = client_of(cast, reader.name)
    first = client.get(REPORT)
    assert [name for name, _label in first.context["form"].fields["partnership"].choices] == [
        cast.other_swv.number,
        cast.swv.number,
    ]
    assert first.context["asked"].partnership == cast.other_swv
    chosen = client.get(REPORT, {"partnership": cast.swv.number})
    assert chosen.context["asked"].partnership == cast.swv
    assert chosen.context["page"].figures.end == 6


# --- The numbers


def engine(cast: Cast, period: Period = OCTOBER, **narrowed: Any) -> Figures:
    return count(cast.swv, period, Selection(**narrowed), known_at=NOW, trend=False).figures


def test_the_numbers_are_those_of_the_engine(cast: Cast) -> None:
    response = client_of(cast, "reporter").get(REPORT)
    page, figures = response.context["page"], engine(cast)
    assert page.figures == figures
    assert (figures.start, figures.inflow, figures.outflow, figures.end) == (7, 0, 1, 6)
    assert {it.name: it.count for it in page.key_figures} == {
        "end": 6,
        "inflow": 0,
        "outflow": 1,
        "reentries": 0,
        "longer": 0,
        "offer": 0,
        "returned": 30.0,
    }
    assert "7 at the start + 0 entered − 1 left = 6 on the last day" in text_of(response)
    for month in page.months[-3:]:
        whole = engine(cast, month.period)
        assert (month.figures.inflow, month.figures.outflow) == (whole.inflow, whole.outflow)
        assert month.figures.end == whole.end
    assert [month.figures.end for month in page.months[-3:]] == [0, 7, 6]


def test_each_figure_says_how_it_differs_from_before_and_from_last_year(cast: Cast) -> None:
    page = client_of(cast, "reporter").get(REPORT).context["page"]
    told = {it.name: list(it.differences) for it in page.key_figures}
    assert told["end"] == ["1 fewer than in September 2026", "6 more than in October 2025"]
    assert told["outflow"] == ["1 more than in September 2026", "1 more than in October 2025"]
    assert told["reentries"] == ["as many as in September 2026", "as many as in October 2025"]
    assert told["returned"] == []


def test_the_page_says_from_which_day_on_somebody_counts(cast: Cast) -> None:
    assert "Long absence Longer than 28 calendar days" in text_of(client_of(cast, "reporter").get(REPORT))
    cast.swv.threshold_days, cast.swv.threshold_inclusive = 21, True
    cast.swv.save()
    for path in (REPORT, CASES, TABLE):
        assert "Long absence 21 calendar days or longer" in text_of(client_of(cast, "reporter").get(path))


def test_each_figure_names_its_definition(cast: Cast) -> None:
    response = client_of(cast, "reporter").get(REPORT, {"definition": "D4"})
    body = response.content.decode()
    assert body.count('class="key-figure"') == body.count('<abbr class="definition"')
    captions = re.findall(r"<caption[^>]*>(.*?)</caption>", body)
    assert len(captions) > 5
    assert [caption for caption in captions if "(D4)" not in caption] == []


# --- What is asked

PERIODS = {
    "2026-09": Period(dt.date(2026, 9, 1), dt.date(2026, 9, 30)),
    "2026-Q3": Period(dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
    "2025-2026": Period(dt.date(2025, 8, 1), dt.date(2026, 7, 31)),
    "2019-02": Period(dt.date(2019, 2, 1), dt.date(2019, 2, 28)),
    "2026-2027": Period(dt.date(2026, 8, 1), dt.date(2026, 11, 20)),
    "2026-11": Period(dt.date(2026, 11, 1), dt.date(2026, 11, 20)),
}


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_by_its_name(cast: Cast, name: str) -> None:
    response = client_of(cast, "reporter").get(REPORT, {"period": name})
    assert response.status_code == 200
    assert response.context["asked"].period == PERIODS[name]
    assert response.context["page"].figures == engine(cast, PERIODS[name])
    assert f'<option value="{name}" selected>' in response.content.decode()


def test_a_period_that_has_not_ended_runs_up_to_today_and_is_compared_with_as_many_days(cast: Cast) -> None:
    response = client_of(cast, "reporter").get(REPORT, {"period": "2026-11"})
    asked = response.context["asked"]
    assert asked.before == Period(dt.date(2026, 10, 1), dt.date(2026, 10, 20))
    assert asked.year_before == Period(dt.date(2025, 11, 1), dt.date(2025, 11, 20))
    assert "November 2026 has not ended. These figures run up to and including 20 November 2026." in text_of(
        response
    )
    assert response.context["page"].months[-1].period == asked.period


def test_days_that_are_filled_in_make_an_own_period(cast: Cast) -> None:
    client = client_of(cast, "reporter")
    days = {"first": "5-10-2026", "last": "12-10-2026"}
    own = Period(dt.date(2026, 10, 5), dt.date(2026, 10, 12))
    for asked in (days, {**days, "period": "other"}, {**days, "period": "2026-09", "shown": "2026-09"}):
        assert client.get(REPORT, asked).context["asked"].period == own
    back_to_a_month = client.get(REPORT, {**days, "period": "2026-09", "shown": "other"})
    assert back_to_a_month.context["asked"].period == PERIODS["2026-09"]


def test_filters_count_a_part(cast: Cast) -> None:
    client = client_of(cast, "reporter")
    narrowed: list[tuple[dict[str, Any], dict[str, Any], int]] = [
        ({"sector": "vo"}, {"sectors": frozenset({"vo"})}, 6),
        ({"sector": "bo"}, {"sectors": frozenset({"bo"})}, 0),
        ({"school": cast.school.pk}, {"schools": frozenset({cast.school.pk})}, 4),
        ({"municipality": cast.municipality.pk}, {"municipalities": frozenset({cast.municipality.pk})}, 6),
        ({"category": "absoluut"}, {"categories": frozenset({"absoluut"})}, 1),
        ({"definition": "D1"}, {"definition": "D1"}, 5),
    ]
    for asked, selection, end in narrowed:
        response = client.get(REPORT, asked)
        assert (asked, response.status_code) == (asked, 200)
        assert (asked, response.context["page"].figures) == (asked, engine(cast, **selection))
        assert (asked, response.context["page"].figures.end) == (asked, end)
    narrow = client.get(REPORT, {"school": cast.school.pk})
    assert "School Het Voorbeeld" in text_of(narrow)


def test_as_known_at_the_end_of_a_day(cast: Cast) -> None:
    make_case(partnership=cast.swv, site=cast.site, first_day_absent=dt.date(2026, 9, 1), at=NOW)
    client = client_of(cast, "reporter")
    assert client.get(REPORT).context["page"].figures.end == 7
    then = client.get(REPORT, {"known_at": "19-11-2026"})
    assert then.context["page"].figures.end == 6
    assert "19 November 2026, 23:59" in text_of(then)


ODD = {
    "period": [
        ("abc", "Choose a period"),
        ("2026-13", "Choose a period"),
        ("9" * 30, "Choose a period"),
        ("2026-2028", "Choose a period"),
        ("2027-01", "has not begun"),
        ("other", "a first and a last day"),
    ],
    "definition": [("D5", "Choose one of the list"), ("é" * 3000, "Choose one of the list")],
    "sector": [("xo", "Choose one of the list")],
    "school": [("0", "Choose one of the list"), ("9" * 30, "Choose one of the list"), ("²", "Choose one")],
    "municipality": [("' OR 1=1 --", "Choose one of the list")],
    "category": [("verborgen", "Choose one of the list"), ("5a", "Definition D2 does not count this")],
    "known_at": [("31-02-2026", "Enter a date"), ("21-11-2026", "not come yet"), ("\x00x", "Enter a date")],
    "first": [("32-1-2026", "Enter a date"), ("1-10-2026", "a first and a last day")],
    "last": [("2026-13-45", "Enter a date"), ("31-12-9999", "Enter a year")],
}


@pytest.mark.parametrize(("field", "value", "sentence"), [(f, v, s) for f in ODD for v, s in ODD[f]])
def test_what_cannot_be_is_said_at_its_field_beside_the_figures_of_the_default(
    cast: Cast, field: str, value: str, sentence: str
) -> None:
    response = client_of(cast, "reporter").get(REPORT, {field: value, "sector": "bo"} | {field: value})
    assert response.status_code == 422
    assert any(
        sentence in str(error) for errors in response.context["form"].errors.values() for error in errors
    )
    assert response.context["asked"].period == OCTOBER
    assert response.context["page"].figures == engine(cast)
    assert "What was asked cannot be counted." in text_of(response)


@pytest.mark.parametrize(
    "days", [("12-10-2026", "5-10-2026"), ("1-1-2020", "1-2-2026"), ("1-12-2026", "2-12-2026")]
)
def test_days_that_make_no_period(cast: Cast, days: tuple[str, str]) -> None:
    first, last = days
    assert client_of(cast, "reporter").get(REPORT, {"first": first, "last": last}).status_code == 422


def test_what_is_wrong_behind_a_figure_is_said_by_the_report(cast: Cast) -> None:
    response = client_of(cast, "reporter").get(CASES, {"period": "abc", "figure": "end", "page": "2"})
    assert (response.status_code, response["Location"]) == (302, "/rapportages/?period=abc")
    response = client_of(cast, "reporter").get(TABLE, {"known_at": "abc"})
    assert (response.status_code, response["Location"]) == (302, "/rapportages/?known_at=abc")


# --- Behind the figures


def links(body: str) -> Iterator[tuple[str, int]]:
    """The addresses behind figures on a page, and the number that stands there."""
    for href, shown in re.findall(r'<a href="(/rapportages/dossiers/\?[^"]*)">([\d.,]+)', body):
        yield unescape(href), int(shown.replace(",", ""))


@pytest.fixture
def varied(cast: Cast) -> Cast:
    """More kinds of cases, so that every table has rows: exempt, back and back again, with an offer."""
    day = dt.date(2026, 6, 1)
    intakes = [
        cast.intake(
            cast.site,
            first_name="Vrij",
            exemption=ExemptionGiven(article="5a", valid_from=day, valid_to=None),
            first_day_absent=day,
            signalled_on=day,
        ),
        cast.intake(
            cast.other_site,
            offer="opbouw",
            offer_since=dt.date(2026, 9, 1),
            first_day_absent=day,
            signalled_on=day,
            reasons=("GEZIN",),
        ),
        cast.intake(
            cast.second_site,
            first_day_absent=day,
            signalled_on=day,
            back_on=dt.date(2026, 10, 8),
            closed_on=dt.date(2026, 10, 20),
            destination="eigen-school",
            states=(("arrangement", dt.date(2026, 7, 1)),),
        ),
    ]
    insert(intakes, by=None, at=NOW, source=Source.IMPORT)
    return cast


READERS = ["reporter", "case_manager", "also_coordinator", "also_care_worker", "far_case_manager"]


def reader_of(cast: Cast, name: str) -> str:
    if name == "also_coordinator":
        member(cast.people["coordinator"], Role.REPORTER, cast.swv.organisation)
        return "coordinator"
    if name == "also_care_worker":
        member(cast.people["care_worker"], Role.REPORTER, cast.swv.organisation)
        return "care_worker"
    return name


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("definition", ["D2", "D4"])
def test_behind_each_figure_stand_as_many_as_it_says(varied: Cast, name: str, definition: str) -> None:
    client = client_of(varied, reader_of(varied, name))
    body = client.get(REPORT, {"definition": definition, "period": "2026-2027"}).content.decode()
    found = list(links(body))
    assert len(found) > 10
    for href, number in found:
        response = client.get(href)
        assert (href, response.status_code) == (href, 200)
        behind = response.context["found"]
        assert (href, behind.count) == (href, number)
        assert (href, behind.hidden + len(behind.entries)) == (href, number)
        assert len(response.context["rows"]) == min(len(behind.entries), 25)
        text = text_of(response)
        if name == "reporter":
            assert (behind.hidden, "TZ-2026" in text) == (number, False)
            assert f"{number} of {number} are out of your sight" in text
        elif behind.hidden:
            assert f"{behind.hidden} of {number} are out of your sight" in text
        else:
            assert "You may see all of them." in text


def test_what_is_known_later_does_not_change_the_number_behind(cast: Cast) -> None:
    client = client_of(cast, "case_manager")
    hrefs = {number: href for href, number in links(client.get(REPORT).content.decode())}
    with time_machine.travel(NOW + dt.timedelta(minutes=5), tick=False):
        make_case(
            partnership=cast.swv,
            site=cast.site,
            first_day_absent=dt.date(2026, 9, 1),
            at=NOW + dt.timedelta(minutes=1),
        )
        assert client.get(REPORT).context["page"].figures.end == 7
        assert client.get(hrefs[6]).context["found"].count == 6


def test_who_sees_a_part_of_the_cases_sees_those(varied: Cast) -> None:
    name = reader_of(varied, "also_coordinator")
    response = client_of(varied, name).get(CASES, {"figure": "end"})
    shown = {row.case.number for row in response.context["rows"]}
    assert shown == {varied.cases[key].number for key in ("own", "second_site", "shared", "invited")}
    assert response.context["found"].hidden == 3


def test_that_a_pupil_is_in_a_figure_is_for_who_reads_the_exemption(varied: Cast) -> None:
    """A care worker sees the shared case, and reads nothing of exemptions: a figure would tell that."""
    client = client_of(varied, reader_of(varied, "also_care_worker"))
    assert client.get(f"/dossiers/{varied.cases['shared'].number}/").status_code == 200
    response = client.get(CASES, {"figure": "end"})
    assert (response.context["found"].count, response.context["rows"]) == (7, [])


def test_what_is_no_figure_is_not_found(cast: Cast) -> None:
    client = client_of(cast, "case_manager")
    for odd in (
        {"figure": "abc"},
        {"figure": ""},
        {"table": "abc", "key": "x"},
        {"table": "by_reason", "key": ""},
        {"table": "by_reason"},
        {"table": "outflow_by", "key": "\x00"},
        {"table": "by_age", "key": "²"},
        {"table": "by_school", "key": "9" * 30},
    ):
        assert (odd, client.get(CASES, odd).status_code) == (odd, 404)
    assert client.get("/rapportages/tabel/abc/").status_code == 404
    for page in ("0", "abc", "9" * 30):
        assert client.get(CASES, {"page": page}).status_code == 200


def test_a_list_behind_a_figure_has_pages(cast: Cast) -> None:
    for _nth in range(26):
        make_case(partnership=cast.swv, site=cast.site, first_day_absent=dt.date(2026, 9, 1))
    client = client_of(cast, "case_manager")
    asked = {"figure": "end", "period": "2026-11"}
    first, second = client.get(CASES, asked), client.get(CASES, {**asked, "page": "2"})
    assert (len(first.context["rows"]), len(second.context["rows"])) == (25, 7)
    assert len({row.case.pk for it in (first, second) for row in it.context["rows"]}) == 32


# --- Charts and tables


def test_a_chart_says_in_words_what_it_shows(cast: Cast) -> None:
    body = client_of(cast, "reporter").get(REPORT).content.decode()
    drawings = re.findall(r"(?s)<svg class=\"chart.*?</svg>", body)
    assert len(drawings) > 5
    for drawing in drawings:
        assert 'role="img"' in drawing
        (named,) = re.findall(r'aria-labelledby="([^"]*)"', drawing)
        assert re.findall(r'<(?:title|desc) id="([^"]*)">', drawing) == named.split()
        assert "style=" not in drawing
    ids = re.findall(r' id="([^"]+)"', body)
    assert len(ids) == len(set(ids))
    assert (
        "Members: highest in September 2026 (7), lowest in October 2025 (0), last in October 2026 (6)."
        in body
    )
    assert "<pattern" in body
    assert "Of 6 the most, 5, are" in body


def test_nobody_at_all(db: None, cast: Cast) -> None:
    empty = PartnershipFactory(number="VO9903")
    member(cast.people["reporter"], Role.REPORTER, empty.organisation)
    response = client_of(cast, "reporter").get(REPORT, {"partnership": "VO9903"})
    assert (response.status_code, response.context["page"].figures) == (200, Figures())
    text = text_of(response)
    assert "Nobody counts in this period" in text
    assert "There is nothing to draw: every number is zero." in text
    assert "0 at the start + 0 entered − 0 left = 0 on the last day (none at the start)." in text


def test_one_case(cast: Cast) -> None:
    one = PartnershipFactory(number="VO9903")
    make_case(
        partnership=one, site=SchoolSiteFactory(partnerships=[one]), first_day_absent=dt.date(2026, 9, 1)
    )
    member(cast.people["reporter"], Role.REPORTER, one.organisation)
    response = client_of(cast, "reporter").get(REPORT, {"partnership": "VO9903", "known_at": ""})
    assert response.context["page"].figures.end == 1
    assert "All 1: " in response.content.decode()


def many_schools(cast: Cast, number: int) -> None:
    for _nth in range(number):
        site = SchoolSiteFactory(partnerships=[cast.swv])
        make_case(partnership=cast.swv, site=site, first_day_absent=dt.date(2026, 9, 1))


def test_of_many_schools_the_biggest_are_on_the_page_and_all_on_their_own(cast: Cast) -> None:
    many_schools(cast, 60)
    client = client_of(cast, "reporter")
    page = client.get(REPORT).context["page"]
    (schools,) = [it for it in page.breakdowns if it.table.name == "by_school"]
    assert (len(schools.rows), schools.more, schools.rows[0].cell) == (25, 38, 4)
    assert (len(schools.chart.labels), schools.chart.labels[-1]) == (26, "38 others together")
    assert sum(schools.chart.series[0].values) == page.figures.end == 66
    whole = [client.get("/rapportages/tabel/by_school/", {"page": n}) for n in (1, 2)]
    rows = [row for it in whole for row in it.context["page"].object_list]
    assert (len(rows), sum(row.cell for row in rows)) == (63, 66)


@pytest.mark.parametrize("path", [REPORT, f"{CASES}?figure=end", "/rapportages/tabel/by_school/"])
@pytest.mark.parametrize("person", ["reporter", "case_manager"])
def test_more_schools_ask_no_more_of_the_database(cast: Cast, person: str, path: str) -> None:
    client = client_of(cast, person)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    many_schools(cast, 3)
    with CaptureQueriesContext(connection) as more:
        assert client.get(path).status_code == 200
    assert len(more) == len(few)


# --- Issued versions, the region, the rate


def issue(cast: Cast, partnership: Any, figures: Figures, *, number: int = 1) -> Version:
    issued: Version = Version.objects.create(
        partnership=partnership,
        first_day=OCTOBER.first,
        last_day=OCTOBER.last,
        number=number,
        threshold_days=28,
        threshold_inclusive=False,
        known_at=start_of(dt.date(2026, 11, 2)),
        figures=figures.as_json(),
        made_at=NOW,
        issued_at=NOW,
        issued_by=cast.people["reporter"],
        digest="x",
    )
    return issued


def test_a_version_that_was_issued_is_named_with_whether_it_differs(cast: Cast) -> None:
    client = client_of(cast, "case_manager")
    assert "was issued on" not in text_of(client.get(REPORT))
    issue(cast, cast.swv, engine(cast))
    text = text_of(client.get(REPORT))
    assert "Version 1 of this report by D2 was issued on 20 November 2026 by reporter." in text
    assert "Counted now, the figures are the same." in text
    make_case(partnership=cast.swv, site=cast.site, first_day_absent=dt.date(2026, 9, 1))
    text = text_of(client.get(REPORT))
    assert "not the same as in it. Members on the last day: 6 then, 7 now." in text
    for other in ({"definition": "D1"}, {"period": "2026-09"}, {"sector": "vo"}):
        assert "was issued on" not in text_of(client.get(REPORT, other))


def test_the_region_is_shown_of_three_others_or_more(cast: Cast) -> None:
    client = client_of(cast, "case_manager")
    others = [PartnershipFactory() for _nth in range(3)]
    issue(cast, cast.swv, Figures(end=1000))
    for other in others[:2]:
        issue(cast, other, Figures(end=10, inflow=1))
    assert "2 other partnerships of the same holiday region issued figures" in text_of(client.get(REPORT))
    issue(cast, others[2], Figures(end=99))
    issue(cast, others[2], Figures(end=21, inflow=1), number=2)
    region = client.get(REPORT).context["page"].region
    assert [(it.name, it.total, it.mean) for it in region.figures] == [
        ("end", 41, 13.7),
        ("inflow", "<5", None),
        ("outflow", 0, 0.0),
    ]
    assert client.get(REPORT, {"sector": "vo"}).context["page"].region.lacking == "part"
    cast.swv.region = ""
    cast.swv.save()
    assert "No holiday region is chosen" in text_of(client.get(REPORT))


def test_the_rate_is_shown_where_the_pupils_of_all_municipalities_are_counted(cast: Cast) -> None:
    client = client_of(cast, "case_manager")
    town = MunicipalityFactory(number="9902", name="Kanaaldorp")
    for site in (cast.site, cast.second_site):
        site.municipality = cast.municipality
        site.save()
    cast.other_site.municipality = town
    cast.other_site.save()
    make_case(
        partnership=cast.swv, site=cast.site, first_day_absent=dt.date(2026, 9, 1), municipality_id=town.pk
    )
    SchoolAgePopulation.objects.create(municipality=cast.municipality, year=2026, pupils=4000)
    SchoolAgePopulation.objects.create(municipality=town, year=2025, pupils=100)
    response = client.get(REPORT)
    assert response.context["page"].rates.whole is None
    assert response.context["page"].rates.by_municipality == {"9901": 1.5}
    assert "the number of pupils of school age on 1 October 2026 is missing of Kanaaldorp" in text_of(
        response
    )
    SchoolAgePopulation.objects.create(municipality=town, year=2026, pupils=3000)
    response = client.get(REPORT)
    assert response.context["page"].rates.whole == 1.0
    assert response.context["page"].rates.by_municipality == {"9901": 1.5, "9902": 0.3}
    assert "Voorbeeldstad 6 (the cases behind it: Voorbeeldstad) 1.5" in text_of(response)
    assert client.get(REPORT, {"sector": "vo"}).context["page"].rates is None


def test_the_definitions_are_explained(cast: Cast) -> None:
    text = text_of(client_of(cast, "coordinator").get(DEFINITIONS))
    assert "1,084" in text
    assert "15,124" in text
    assert "Counted by D1, D2, D3, D4." in text
    report = text_of(client_of(cast, "reporter").get(REPORT))
    assert "The same school year, 2013-2014, gave 1,084 or 15,124 pupils at home" in report


def test_the_menu_shows_the_way_to_readers_only(cast: Cast) -> None:
    home = reverse("about")
    for person in ("reporter", "case_manager"):
        assert 'href="/rapportages/"' in client_of(cast, person).get(home).content.decode()
    for person in ("coordinator", "care_worker", "administrator"):
        assert 'href="/rapportages/"' not in client_of(cast, person).get(home).content.decode()
