"""The pages of the lists: who gets which, what they say, and the files that they ask for."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from reports.models import ReportFile
from reports.rules.columns import Column
from reports.services.templates import save_template
from tests.cases.views import client_of, text_of
from tests.cast import Cast, fresh
from tests.factories.schools import MunicipalityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

START = "/rapportages/lijsten/"
MUNICIPALITY, SCHOOL, FAR_SCHOOL = f"{START}gemeente/9901/", f"{START}school/90AA/", f"{START}school/90AC/"


def list_of(cast: Cast, swv: str = "swv") -> str:
    return f"{START}inspectie/{getattr(cast, swv).pk}/"


# --- Who gets what

PAGES = {
    "start": lambda cast: START,
    "own list": lambda cast: list_of(cast),
    "far list": lambda cast: list_of(cast, "other_swv"),
    "municipality": lambda cast: MUNICIPALITY,
    "other municipality": lambda cast: f"{START}gemeente/9902/",
    "school": lambda cast: SCHOOL,
    "other school": lambda cast: f"{START}school/90AB/",
    "unknown school": lambda cast: f"{START}school/99ZZ/",
}

#: The statuses in the order of PAGES.
SEES = {
    "coordinator": (200, 404, 404, 404, 404, 200, 404, 404),
    "site_coordinator": (200, 404, 404, 404, 404, 200, 404, 404),
    "other_coordinator": (200, 404, 404, 404, 404, 404, 200, 404),
    "case_manager": (200, 200, 404, 404, 404, 404, 404, 404),
    "far_case_manager": (200, 404, 200, 404, 404, 404, 404, 404),
    "reporter": (200, 200, 404, 404, 404, 404, 404, 404),
    "administrator": (200, 404, 404, 404, 404, 404, 404, 404),
    "privacy_officer": (403, 404, 404, 404, 404, 404, 404, 404),
    "care_worker": (403, 404, 404, 404, 404, 404, 404, 404),
    "other_care_worker": (403, 404, 404, 404, 404, 404, 404, 404),
    "attendance_officer": (200, 404, 404, 200, 404, 404, 404, 404),
    "platform_operator": (403, 404, 404, 404, 404, 404, 404, 404),
    "two_hats": (200, 404, 404, 404, 404, 404, 200, 404),
    "superuser": (403, 404, 404, 404, 404, 404, 404, 404),
    "nobody": (403, 403, 403, 403, 403, 403, 403, 403),
    "former": (403, 403, 403, 403, 403, 403, 403, 403),
}


def test_who_gets_which_page(cast: Cast) -> None:
    MunicipalityFactory(number="9902")
    assert set(SEES) == set(cast.people)
    found = {}
    for name in SEES:
        found[name] = tuple(client_of(cast, name).get(it(cast)).status_code for it in PAGES.values())
    assert found == SEES


def test_who_may_not_see_a_page_cannot_ask_for_its_file(cast: Cast) -> None:
    for name, statuses in SEES.items():
        for address, status in zip(list(PAGES.values())[1:], statuses[1:], strict=True):
            if status == 404:
                assert client_of(cast, name).post(address(cast), {"format": "csv"}).status_code == 404
    assert ReportFile.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        ("reporter", ["SWV Hier (VO9901)"], ["SWV Elders", "Voorbeeldstad", "Het Voorbeeld", "sjabloon"]),
        ("administrator", ["Template of the quarterly list", "SWV Hier"], ["Figures of a school"]),
        ("attendance_officer", ["Voorbeeldstad"], ["SWV Hier (VO9901)", "Het Voorbeeld"]),
        ("coordinator", ["Het Voorbeeld (90AA)"], ["De Buren", "Voorbeeldstad", "SWV Hier (VO9901)"]),
    ],
)
def test_the_start_page_names_the_lists_of_somebody(
    cast: Cast, name: str, shown: list[str], hidden: list[str]
) -> None:
    page = client_of(cast, name).get(START)
    main = page.content.decode().split("<main", 1)[1]
    assert [word for word in shown if word not in main] == []
    assert [word for word in hidden if word in main] == []


MENU = {
    "coordinator": ["Figures"],
    "attendance_officer": ["Figures"],
    "two_hats": ["Figures"],
    "case_manager": [],
    "reporter": [],
    "administrator": ["Quarterly list"],
    "care_worker": [],
}


def test_the_menu_shows_the_way(cast: Cast) -> None:
    found = {}
    for name in MENU:
        menu = client_of(cast, name).get("/").content.decode().split("<main")[0]
        found[name] = [label for label in ("Figures", "Quarterly list") if f">{label}<" in menu]
    assert found == MENU


# --- The list for the Inspectorate


def test_the_page_of_the_quarterly_list(cast: Cast) -> None:
    """The running quarter has five thuiszitters of this partnership at a school and one without, and one who
    is back."""
    page = client_of(cast, "reporter").get(list_of(cast), {"last": "2026-12-31"})
    assert page.context["check"].rows == 7
    assert (page.context["check"].members, page.context["check"].ended) == (6, 1)
    text = text_of(page)
    assert "Rows 7 Thuiszitter on the last day 6 Ended before that 1" in text
    assert "This period has not ended yet" in text
    assert "hand the list to the Inspectorate only" in text
    assert "TZ-" not in text


def test_the_latest_quarter_that_has_ended_comes_first(cast: Cast) -> None:
    page = client_of(cast, "case_manager").get(list_of(cast))
    assert page.context["wanted"].last == dt.date(2026, 9, 30)
    assert (page.context["check"].rows, page.context["check"].ended) == (7, 0)
    assert "This period has not ended yet" not in text_of(page)


def test_the_choice_of_5a(cast: Cast) -> None:
    by = fresh(cast.people["administrator"])
    save_template(partnership=cast.swv, columns=[Column("number", "as-is", "Nr")], with_5a=True, by=by)
    client = client_of(cast, "reporter")
    found = {asked: client.get(list_of(cast), {"with_5a": asked}).context["wanted"].with_5a
             for asked in ("", "ja", "nee")}  # fmt: skip
    assert found == {"": True, "ja": True, "nee": False}


@pytest.mark.parametrize(
    "asked",
    [
        {"last": "2026-12-30"},
        {"last": "niets"},
        {"last": "\x00"},
        {"known_at": "morgen"},
        {"known_at": "1-1-2027"},
        {"known_at": "9" * 30},
        {"with_5a": "misschien"},
    ],
)
def test_what_cannot_be_is_refused_at_the_field(cast: Cast, asked: dict[str, str]) -> None:
    client = client_of(cast, "reporter")
    page = client.get(list_of(cast), asked)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == set(asked)
    assert client.post(list_of(cast), {**asked, "format": "csv"}).status_code == 422
    assert ReportFile.objects.count() == 0


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_a_file_is_asked_for_made_and_downloaded(cast: Cast, format: str) -> None:
    client = client_of(cast, "reporter")
    given = {"last": "2026-12-31", "known_at": "19-11-2026", "with_5a": "", "format": format}
    answer = client.post(list_of(cast), given)
    file = ReportFile.objects.get()
    assert answer.headers["Location"] == f"/rapportages/bestanden/{file.pk}/"
    assert (file.kind, file.state, file.format) == ("inspectorate", "ready", format)
    assert file.file_name == f"thuiszitters-VO9901-2026-12-31.{format}"
    page = text_of(client.get(answer.headers["Location"]))
    assert "hand it to the Inspectorate only" in page
    content = b"".join(client.get(f"{answer.headers['Location']}download/"))
    assert len(content) > 100
    assert list(
        Event.objects.filter(action__startswith="report_file").order_by("pk").values_list("action", flat=True)
    ) == ["report_file.asked", "report_file.made", "report_file.downloaded"]
    details = Event.objects.get(action="report_file.downloaded").details
    assert (details["kind"], details["partnership"], details["last"]) == (
        "inspectorate", "VO9901", "2026-12-31",
    )  # fmt: skip


# --- A municipality


def test_the_page_of_a_municipality_hides_small_numbers_and_lists_shared_cases(cast: Cast) -> None:
    page = client_of(cast, "attendance_officer").get(MUNICIPALITY)
    assert page.context["document"].shown.end == 7
    assert page.context["document"].shown.outflow == "<5"
    assert [row.case.number for row in page.context["rows"]] == [cast.cases["shared"].number]
    text = text_of(page)
    assert "1 case is shared with you" in text
    assert f'href="/dossiers/{cast.cases["shared"].number}/"' in page.content.decode()
    for name in ("own", "far", "invited", "other_school"):
        assert cast.cases[name].number not in text


def test_an_office_with_nothing_shared_sees_no_case(cast: Cast) -> None:
    town = MunicipalityFactory(number="9905")
    type(cast.office).objects.filter(pk=cast.office.pk).update(municipality=town)
    text = text_of(client_of(cast, "attendance_officer").get(f"{START}gemeente/9905/"))
    assert "None of these cases is shared with you" in text
    assert "At the end 0" in text


# --- A school


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ("coordinator", ["own", "second_site", "shared", "invited"]),
        ("site_coordinator", ["own", "shared", "invited"]),
    ],
)
def test_the_page_of_a_school_shows_its_pupils_exactly(cast: Cast, person: str, names: list[str]) -> None:
    page = client_of(cast, person).get(SCHOOL)
    assert page.context["document"].shown.end == len(names)
    assert page.context["out_of_sight"] == 0
    listed = {row.case.number for row in page.context["rows"]}
    assert listed == {cast.cases[name].number for name in names}


def test_a_school_is_told_of_pupils_whose_case_it_does_not_see(cast: Cast) -> None:
    from cases.models import CaseGrant

    CaseGrant.objects.filter(content_object=cast.cases["own"]).delete()
    page = client_of(cast, "coordinator").get(SCHOOL)
    assert (page.context["document"].shown.end, page.context["out_of_sight"]) == (4, 1)
    assert cast.cases["own"].number not in text_of(page)
    assert "1 pupil counts here whose case you do not see" in text_of(page)


def test_a_school_without_pupils_at_home(cast: Cast) -> None:
    page = client_of(cast, "coordinator").get(SCHOOL, {"period": "2025-10-01..2025-10-31"})
    assert page.status_code == 200
    assert "Nobody is at home" in text_of(page)


@pytest.mark.parametrize(
    "asked", [{"period": "2026-10-01..2026-10-30"}, {"period": "x"}, {"definition": "D9"}, {"period": "\x00"}]
)
def test_odd_questions_about_a_school_are_refused(cast: Cast, asked: dict[str, str]) -> None:
    page = client_of(cast, "coordinator").get(SCHOOL, asked)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == set(asked)


@pytest.mark.parametrize(
    ("person", "address", "outside"),
    [("coordinator", SCHOOL, False), ("attendance_officer", MUNICIPALITY, True)],
)
@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_the_file_of_ones_own(cast: Cast, person: str, address: str, outside: bool, format: str) -> None:
    client = client_of(cast, person)
    answer = client.post(address, {"period": "", "definition": "D4", "format": format})
    file = ReportFile.objects.get()
    assert (file.state, file.outside, file.format) == ("ready", outside, format)
    assert file.asked["definition"] == "D4"
    assert client.get(answer.headers["Location"]).status_code == 200
    assert b"".join(client.get(f"{answer.headers['Location']}download/"))


def test_the_view_of_cases_is_recorded(cast: Cast) -> None:
    client_of(cast, "coordinator").get(SCHOOL)
    client_of(cast, "attendance_officer").get(MUNICIPALITY)
    events = Event.objects.filter(action="list.read").order_by("pk")
    assert [(event.target, event.details) for event in events] == [
        ("organisation 90AA", {"kind": "school", "cases": 4}),
        ("organisation 9901", {"kind": "municipality", "cases": 1}),
    ]


def test_as_many_statements_for_few_as_for_many(cast: Cast) -> None:
    pages = {"coordinator": SCHOOL, "attendance_officer": MUNICIPALITY, "reporter": list_of(cast)}
    clients = {name: client_of(cast, name) for name in pages}

    def statements() -> dict[str, int]:
        found = {}
        for name, address in pages.items():
            with CaptureQueriesContext(connection) as seen:
                assert clients[name].get(address).status_code == 200
            found[name] = len(seen)
        return found

    statements()
    few = statements()
    for number in range(5):
        cast.case(cast.site, first_name=f"Meer {'x' * number}")
    assert statements() == few


@pytest.mark.parametrize("person", ["reporter", "coordinator", "attendance_officer"])
def test_a_file_is_asked_for_with_what_is_on_the_page(cast: Cast, person: str) -> None:
    """The form carries its token and all that the filter asked for."""
    address = {"reporter": list_of(cast), "coordinator": SCHOOL, "attendance_officer": MUNICIPALITY}[person]
    asked = {"last": "2026-12-31", "known_at": "19-11-2026"} if person == "reporter" else {"definition": "D3"}
    client = client_of(cast, person)
    client.handler.enforce_csrf_checks = True
    page = client.get(address, asked).content.decode()
    form = next(it for it in page.split("<form")[1:] if 'name="format"' in it)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    assert client.post(address, {**fields, "format": "csv"}).status_code == 302
    made = ReportFile.objects.get().asked
    if person == "reporter":
        assert (made["last"], made["known_at"][:10]) == ("2026-12-31", "2026-11-19")
    else:
        assert made["definition"] == "D3"
