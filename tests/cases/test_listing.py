"""The list of cases: who sees what, filters, search, order, pages, export."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import Event
from cases.enums import Authorised, Destination, Extent, State
from cases.models import Case
from cases.queries import listing
from cases.queries.listing import Wanted
from cases.queries.visibility import COUNT_CAP
from cases.services.intake import ExemptionGiven
from tests.cast import NOW, TODAY, Cast, fresh
from tests.factories.cases import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_ten_o_clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def logged_in(user: User) -> Client:
    """In English: the sentences of the source."""
    User.objects.filter(pk=user.pk).update(language="en")
    client = Client()
    client.force_login(user)
    return client


def numbers(response: Any) -> list[str]:
    """The case numbers of the rows, in their order."""
    return [row.case.number for row in response.context["rows"]]


def names_of(cast: Cast, user: str, **wanted: str) -> set[str]:
    """The cases of the cast that a user finds."""
    found = listing.find(fresh(cast.people[user]), Wanted(**wanted), on=TODAY)
    of_number = {case.number: name for name, case in cast.cases.items()}
    return {of_number[number] for number in found.values_list("number", flat=True)}


def content_of(response: Any) -> bytes:
    """A file, read to its end."""
    return b"".join(response.streaming_content)


def search(client: Client, text: str, **asked: str) -> Any:
    return client.post("/dossiers/zoeken/", {"q": text, **asked}, follow=True)


# --- Who sees what


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        ("coordinator", {"own", "second_site", "shared", "invited"}),
        ("site_coordinator", {"own", "shared", "invited"}),
        ("other_coordinator", {"other_school"}),
        ("case_manager", {"own", "second_site", "other_school", "without_site", "shared", "invited"}),
        ("far_case_manager", {"far"}),
        ("care_worker", {"shared"}),
        ("other_care_worker", set()),
        ("attendance_officer", {"shared"}),
        ("two_hats", {"shared", "other_school"}),
        ("reporter", set()),
        ("administrator", set()),
        ("privacy_officer", set()),
        ("platform_operator", set()),
        ("superuser", set()),
        ("former", set()),
        ("nobody", set()),
    ],
)
def test_a_list_holds_the_open_cases_that_somebody_sees(cast: Cast, user: str, seen: set[str]) -> None:
    assert names_of(cast, user) == seen


def test_closed_cases_are_shown_when_asked_for(cast: Cast) -> None:
    assert names_of(cast, "site_coordinator", state=State.CLOSED) == {"closed"}
    assert names_of(cast, "site_coordinator", state=listing.ALL) == {"own", "shared", "invited", "closed"}


def test_list_export_and_count_are_the_same_cases(cast: Cast) -> None:
    for user, person in cast.people.items():
        if user in {"nobody", "former"}:  # the middleware sends them away
            continue
        client = logged_in(person)
        page = client.get("/dossiers/")
        expected = names_of(cast, user)
        assert len(numbers(page)) == page.context["count"] == len(expected)
        exported = content_of(client.get("/dossiers/export/csv/")).decode()
        held = {name for name, case in cast.cases.items() if case.number in exported}
        assert (user, held) == (user, expected)


def test_a_row_says_through_which_organisation_when_there_are_more(cast: Cast) -> None:
    page = logged_in(cast.people["two_hats"]).get("/dossiers/")
    through = {row.case.number: row.organisations for row in page.context["rows"]}
    assert through == {
        cast.cases["shared"].number: [cast.care.name],
        cast.cases["other_school"].number: [cast.other_school.name],
    }
    assert "You see it through" in page.content.decode()
    assert (
        "You see it through" not in logged_in(cast.people["care_worker"]).get("/dossiers/").content.decode()
    )


def test_no_name_stands_in_the_list(cast: Cast) -> None:
    page = logged_in(cast.people["site_coordinator"]).get("/dossiers/").content.decode()
    assert "O. V. (14)" in page
    assert "Verzonnen" not in page


# --- Filters


def test_filter_by_place(cast: Cast) -> None:
    assert names_of(cast, "case_manager", school=str(cast.site.pk)) == {"own", "shared", "invited"}
    assert names_of(cast, "case_manager", school=str(cast.school.pk)) == {
        "own",
        "second_site",
        "shared",
        "invited",
    }
    assert names_of(cast, "case_manager", school=listing.NO_SCHOOL) == {"without_site"}
    assert names_of(cast, "far_case_manager", school=str(cast.site.pk)) == set()


def test_filter_by_lead(cast: Cast) -> None:
    manager = cast.people["case_manager"]
    led = make_case(site=cast.site, lead=manager, on=TODAY)
    client = logged_in(manager)
    assert numbers(client.get("/dossiers/?lead=me")) == [led.number]
    assert led.number not in numbers(client.get("/dossiers/?lead=none"))
    coordinator = logged_in(cast.people["coordinator"])
    assert numbers(coordinator.get(f"/dossiers/?lead={manager.pk}")) == [led.number]


def test_filter_by_state(cast: Cast) -> None:
    day = TODAY - dt.timedelta(days=2)
    made = make_case(site=cast.site, states=((State.RETURN, day),), on=TODAY)
    client = logged_in(cast.people["coordinator"])
    assert numbers(client.get("/dossiers/?state=return")) == [made.number]


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "0-28"),
        (28, "0-28"),
        (29, "29-91"),
        (91, "29-91"),
        (92, "92-182"),
        (182, "92-182"),
        (183, "183-365"),
        (365, "183-365"),
        (366, "366-"),
        (2000, "366-"),
    ],
)
def test_filter_by_days_at_home(cast: Cast, days: int, bucket: str) -> None:
    first = TODAY - dt.timedelta(days=days)
    case = make_case(site=cast.far_site, first_day_absent=first, signalled_on=TODAY)
    manager = fresh(cast.people["far_case_manager"])
    holding = [
        key
        for key in listing.DAYS
        if listing.find(manager, Wanted(days=key), on=TODAY).filter(pk=case.pk).exists()
    ]
    assert holding == [bucket]


def test_days_at_home_end_with_the_return(cast: Cast) -> None:
    case = make_case(
        site=cast.far_site,
        first_day_absent=TODAY - dt.timedelta(days=200),
        signalled_on=TODAY - dt.timedelta(days=190),
        back_on=TODAY - dt.timedelta(days=180),
        closed_on=TODAY - dt.timedelta(days=100),
        destination=Destination.OWN_SCHOOL,
    )
    wanted = Wanted(days="0-28", state=State.CLOSED)
    assert list(listing.find(fresh(cast.people["far_case_manager"]), wanted, on=TODAY)) == [case]
    page = logged_in(cast.people["far_case_manager"]).get("/dossiers/?state=closed&days=0-28")
    assert [row.days for row in page.context["rows"]] == [20]


@pytest.mark.parametrize("code", ["ZORG", "PLEK", "KIND-INT"])
def test_filter_by_reason_finds_any_of_them(cast: Cast, code: str) -> None:
    case = make_case(site=cast.far_site, reasons=("ZORG", "PLEK", "KIND-INT"))
    manager = fresh(cast.people["far_case_manager"])
    found = set(listing.find(manager, Wanted(reason=code), on=TODAY))
    assert case in found
    assert listing.find(manager, Wanted(reason="GEZIN"), on=TODAY).count() == 0


def test_without_a_reason_the_reason_is_unknown(cast: Cast) -> None:
    case = make_case(site=cast.far_site, reasons=())
    assert list(listing.find(fresh(cast.people["far_case_manager"]), Wanted(reason="ONB"), on=TODAY)) == [
        case
    ]


def test_filter_by_category(cast: Cast) -> None:
    exempt = make_case(site=cast.far_site, exemption=ExemptionGiven("5a"))
    make_case(site=cast.far_site, extent=Extent.PARTIAL)
    ill = make_case(site=cast.far_site, authorised=Authorised.YES, ill=True, can_attend_partly=True)
    client = logged_in(cast.people["far_case_manager"])
    assert numbers(client.get("/dossiers/?category=5a")) == [exempt.number]
    assert numbers(client.get("/dossiers/?category=ziek-deels")) == [ill.number]
    shown = {row.case.number: str(row.category.label) for row in client.get("/dossiers/").context["rows"]}
    assert shown[exempt.number] == "exempt under 5a"


def test_who_does_not_read_a_section_cannot_filter_by_it(cast: Cast) -> None:
    """A care worker may not know of an exemption, an attendance officer not of the reasons."""
    care = logged_in(cast.people["care_worker"]).get("/dossiers/?category=absoluut&reason=PLEK")
    assert "category" not in care.context["form"].fields
    assert "reason" in care.context["form"].fields
    assert numbers(care) == [cast.cases["shared"].number]
    assert [row.category for row in care.context["rows"]] == [None]
    assert "lrv" not in care.content.decode()
    assert "(lrv)" in logged_in(cast.people["coordinator"]).get("/dossiers/").content.decode()
    office = logged_in(cast.people["attendance_officer"]).get("/dossiers/?reason=GEZIN&category=lrv")
    assert "reason" not in office.context["form"].fields
    assert numbers(office) == [cast.cases["shared"].number]
    assert names_of(cast, "care_worker", category="lrv") == set()
    assert names_of(cast, "attendance_officer", reason="PLEK") == set()


def test_with_two_roles_a_filter_looks_only_where_its_section_is_read(cast: Cast) -> None:
    assert names_of(cast, "two_hats") == {"shared", "other_school"}
    assert names_of(cast, "two_hats", category="lrv") == {"other_school"}
    assert names_of(cast, "two_hats", reason="PLEK") == {"shared", "other_school"}
    page = logged_in(cast.people["two_hats"]).get("/dossiers/")
    shown = {row.case.number: row.shows_category for row in page.context["rows"]}
    assert shown == {cast.cases["shared"].number: False, cast.cases["other_school"].number: True}


def test_choices_are_those_of_visible_places_and_people(cast: Cast) -> None:
    manager = cast.people["case_manager"]
    make_case(site=cast.second_site, lead=cast.people["site_coordinator"], on=TODAY)
    make_case(site=cast.far_site, lead=cast.people["far_case_manager"], on=TODAY)

    def offered(user: User, field: str) -> set[str]:
        choices = logged_in(user).get("/dossiers/").context["form"].fields[field].choices
        flat = [
            pair
            for value, label in choices
            for pair in (label if isinstance(label, list) else [(value, label)])
        ]
        return {str(value) for value, _label in flat} - {"", "me", "none"}

    assert offered(manager, "lead") == {str(cast.people["site_coordinator"].pk)}
    assert offered(cast.people["site_coordinator"], "lead") == set()
    assert offered(manager, "school") == {
        str(place.pk) for place in (cast.school, cast.site, cast.second_site, cast.other_site)
    }
    assert offered(cast.people["site_coordinator"], "school") == {str(cast.site.pk)}
    assert offered(cast.people["care_worker"], "school") == {str(cast.site.pk)}
    assert offered(cast.people["other_care_worker"], "school") == set()


@pytest.mark.parametrize(
    "asked",
    ["state=bogus", "school=999999999", "lead=abc", "category=x", "days=1", "reason=%00", "zoek=gone"],
)
def test_what_is_not_offered_is_refused_beside_its_field(cast: Cast, asked: str) -> None:
    page = logged_in(cast.people["case_manager"]).get(f"/dossiers/?{asked}&sort=number")
    assert page.status_code == 422
    field = {"zoek": "q"}.get(asked.partition("=")[0], asked.partition("=")[0])
    assert list(page.context["form"].errors) == [field]
    assert "rows" not in page.context
    assert logged_in(cast.people["case_manager"]).get(f"/dossiers/export/csv/?{asked}").status_code == 422


def test_somebody_elses_school_cannot_be_asked_for(cast: Cast) -> None:
    page = logged_in(cast.people["site_coordinator"]).get(f"/dossiers/?school={cast.far_site.pk}")
    assert page.status_code == 422


# --- Search


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Own", {"own"}),
        ("own verz", {"own"}),
        ("VERZONNEN gedeeld", {"shared"}),
        ("O.V.", {"own"}),
        ("o v", {"own"}),
        ("Ver", {"own", "second_site", "shared", "invited"}),
        ("Buur", set()),
        ("wn", set()),
        ("%", set()),
        ("Own' OR 1=1 --", set()),
    ],
)
def test_search_by_name_or_initials(cast: Cast, text: str, found: set[str]) -> None:
    assert names_of(cast, "coordinator", text=text) == found


def test_search_by_number(cast: Cast) -> None:
    case = cast.cases["own"]
    _tz, year, count = case.number.split("-")
    for text in (
        case.number,
        case.number.lower(),
        f" {year}-{int(count)} ",
        f"{year}-{count}",
        count,
        str(int(count)),
    ):
        assert names_of(cast, "coordinator", text=text) == {"own"}, text
    far = cast.cases["far"].number
    assert names_of(cast, "coordinator", text=far) == set()


def test_what_was_searched_for_is_kept_out_of_the_address(cast: Cast) -> None:
    client = logged_in(cast.people["coordinator"])
    page = search(client, "Gedeeld", state="signalled", sort="-number", page="7", bogus="1")
    address, status = page.redirect_chain[-1]
    assert status == 302
    assert address.startswith("/dossiers/?state=signalled&sort=-number&zoek=")
    assert "Gedeeld" not in address
    assert numbers(page) == [cast.cases["shared"].number]
    assert page.context["form"]["q"].value() == "Gedeeld"
    assert "Gedeeld" not in page.context["csv_url"]
    exported = content_of(client.get(page.context["csv_url"])).decode()
    assert cast.cases["shared"].number in exported
    assert cast.cases["own"].number not in exported
    assert logged_in(cast.people["coordinator"]).get(address).status_code == 422


def test_a_name_in_the_address_is_not_looked_at(cast: Cast) -> None:
    page = logged_in(cast.people["coordinator"]).get("/dossiers/?q=Gedeeld")
    assert len(numbers(page)) == 4
    assert page.context["form"]["q"].value() == ""


def test_nothing_found_shows_the_way_to_closed_cases(cast: Cast) -> None:
    client = logged_in(cast.people["coordinator"])
    page = search(client, "Dicht")
    assert numbers(page) == []
    wider = client.get(page.context["wider_url"])
    assert numbers(wider) == [cast.cases["closed"].number]


def test_a_text_that_cannot_be_searched_for_is_said_to_be_so(cast: Cast) -> None:
    client = logged_in(cast.people["coordinator"])
    for text in ("x" * 150, "a\x00b"):
        page = search(client, text)
        assert page.status_code == 422
        assert list(page.context["form"].errors) == ["q"]


def test_only_the_last_searches_are_kept(cast: Cast) -> None:
    client = logged_in(cast.people["coordinator"])
    for number in range(25):
        search(client, f"Naam {number}")
    assert len(client.session["searches"]) == 20


# --- Order and pages


def make_many(cast: Cast, count: int, **facts: Any) -> list[Case]:
    return [make_case(site=cast.far_site, partnership=cast.other_swv, **facts) for _ in range(count)]


def test_order(cast: Cast) -> None:
    manager = cast.people["far_case_manager"]
    Case.objects.filter(pk=cast.cases["far"].pk).delete()
    cast.far_site.organisation.name = "A-school"
    cast.far_site.organisation.save()
    long, short, led = (
        make_case(site=cast.far_site, first_day_absent=TODAY - dt.timedelta(days=days), signalled_on=TODAY)
        for days in (300, 3, 100)
    )
    led.lead = manager
    led.save()
    nowhere = make_case(partnership=cast.other_swv, site=None, first_day_absent=TODAY, signalled_on=TODAY)
    Case.objects.filter(pk=short.pk).update(number="TZ-2025-100000")
    Case.objects.filter(pk=led.pk).update(number="TZ-2025-99999")
    of_number = {
        long.number: "long",
        "TZ-2025-100000": "short",
        "TZ-2025-99999": "led",
        nowhere.number: "nowhere",
    }
    client = logged_in(manager)

    def order(sort: str) -> list[str]:
        return [of_number[number] for number in numbers(client.get(f"/dossiers/?sort={sort}"))]

    assert order("-days") == order("") == order("bogus") == ["long", "led", "short", "nowhere"]
    assert order("days") == ["nowhere", "short", "led", "long"]
    assert order("number") == ["led", "short", "long", "nowhere"]
    assert order("-number") == ["nowhere", "long", "short", "led"]
    assert order("school") == order("-school") == ["led", "short", "long", "nowhere"]
    assert order("lead")[0] == order("-lead")[0] == "led"
    page = client.get("/dossiers/?sort=-number").content.decode()
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="descending"' in page


def test_states_are_in_the_order_of_the_workflow(cast: Cast) -> None:
    day = TODAY - dt.timedelta(days=2)
    for state in (State.RETURN, State.ARRANGEMENT):
        make_case(site=cast.far_site, states=((state, day),), on=TODAY)
    page = logged_in(cast.people["far_case_manager"]).get("/dossiers/?sort=state")
    assert [row.case.state for row in page.context["rows"]] == ["signalled", "arrangement", "return"]


def test_pages_hold_every_case_once(cast: Cast) -> None:
    make_many(cast, 30, first_day_absent=TODAY - dt.timedelta(days=50), signalled_on=TODAY)
    client = logged_in(cast.people["far_case_manager"])
    first, second = client.get("/dossiers/"), client.get("/dossiers/?page=2")
    assert (len(numbers(first)), len(numbers(second))) == (25, 6)
    assert len({*numbers(first), *numbers(second)}) == 31
    assert (first.context["page"]["has_next"], second.context["page"]["has_next"]) == (True, False)


@pytest.mark.parametrize("page", ["2", "401", "0", "-1", "abc", "1e3", "99999999999999999999", "²", ""])
def test_a_page_that_is_not_there_is_a_clear_page(cast: Cast, page: str) -> None:
    answer = logged_in(cast.people["case_manager"]).get(f"/dossiers/?page={page}&state=signalled")
    assert answer.status_code == 404
    assert 'href="/dossiers/?state=signalled"' in answer.content.decode()


def test_the_number_of_queries_does_not_grow(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = logged_in(cast.people["far_case_manager"])
    client.get("/dossiers/")
    with django_assert_max_num_queries(30) as of_one:
        client.get("/dossiers/")
    make_many(cast, 24, exemption=ExemptionGiven("5a"), reasons=("ZORG",))
    make_case(partnership=cast.other_swv, site=None, lead=cast.people["far_case_manager"])
    with django_assert_max_num_queries(30) as of_many:
        assert len(numbers(client.get("/dossiers/"))) == 25
    assert len(of_many) == len(of_one)


def test_a_count_stops_at_the_cap(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.queries.visibility.COUNT_CAP", 3)
    assert COUNT_CAP == 1000
    page = logged_in(cast.people["case_manager"]).get("/dossiers/")
    assert page.context["count"] == 4


# --- Empty


def test_empty_states_say_why(cast: Cast) -> None:
    def says(user: str, address: str = "/dossiers/") -> str:
        return logged_in(cast.people[user]).get(address).content.decode()

    assert "There are no open cases" in says("other_care_worker")
    assert "Your role does not see cases" in says("reporter")
    assert "Nothing found" in says("case_manager", "/dossiers/?state=return")


# --- Export


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_an_export_is_recorded_without_what_was_searched_for(cast: Cast, file_type: str) -> None:
    client = logged_in(cast.people["coordinator"])
    page = search(client, "Gedeeld", state="signalled")
    assert content_of(client.get(page.context[f"{file_type}_url"]))
    event = Event.objects.get(action="export.cases")
    assert event.details == {
        "format": file_type,
        "cases": 1,
        "searched": True,
        "filter_state": "signalled",
    }


def test_an_export_is_bounded(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.views.listing.EXPORT_CAP", 5)
    answer = logged_in(cast.people["case_manager"]).get("/dossiers/export/csv/")
    assert answer.status_code == 409
    assert Event.objects.filter(action="export.cases").count() == 0


def test_methods(cast: Cast) -> None:
    client = logged_in(cast.people["coordinator"])
    assert client.get("/dossiers/zoeken/").status_code == 405
    assert client.post("/dossiers/").status_code == 405
    assert client.post("/dossiers/export/csv/").status_code == 405
    assert client.get("/dossiers/export/pdf/").status_code == 404
    assert Client().get("/dossiers/").status_code == 302
