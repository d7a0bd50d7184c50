"""Signalling a pupil on screen: what is preset, refused, asked about once more, and done once."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.enums import State
from cases.models import Case, Exemption
from notifications.models import Notice
from tests.cast import NOW, TODAY, Cast
from tests.factories.accounts import member
from tests.factories.schools import MunicipalityFactory, SchoolFactory, SchoolSiteFactory

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


def form_of(client: Client) -> dict[str, Any]:
    """The form as it is shown, ready to be sent back."""
    form = client.get("/melden/").context["form"]
    shown = {bound.name: bound.value() for bound in form}
    return {name: value for name, value in shown.items() if value is not None}


def filled_in(client: Client, **answers: Any) -> dict[str, Any]:
    """The form with the least that somebody has to type, and what is given."""
    least = {
        "first_name": "Jesse",
        "last_name": "van Verzonnen",
        "birth_date": "4-5-2012",
        "first_day_absent": "1-9-2026",
    }
    return {**form_of(client), **least, **answers}


@pytest.fixture
def coordinator(cast: Cast) -> Client:
    """Who works at one site: no choice of place."""
    site = cast.site
    site.municipality = cast.municipality
    site.save()
    return logged_in(cast.people["site_coordinator"])


@pytest.fixture
def manager(cast: Cast) -> Client:
    return logged_in(cast.people["case_manager"])


def newest() -> Case:
    return Case.objects.latest("pk")


# --- What is preset


def test_four_answers_are_enough(cast: Cast, coordinator: Client) -> None:
    answer = coordinator.post("/melden/", filled_in(coordinator), follow=True)
    case = newest()
    assert answer.redirect_chain == [(f"/dossiers/{case.number}/", 302)]
    assert f"signalled as {case.number}" in answer.content.decode()
    assert "Jesse" not in "".join(str(message) for message in answer.context["messages"])
    assert (case.site, case.partnership, case.sector, case.state) == (
        cast.site,
        cast.swv,
        cast.site.sector,
        State.SIGNALLED,
    )
    assert (case.pupil.first_name, case.pupil.last_name) == ("Jesse", "van Verzonnen")
    assert (case.pupil.birth_date, case.pupil.municipality) == (dt.date(2012, 5, 4), cast.municipality)
    assert (case.first_day_absent, case.signalled_on) == (dt.date(2026, 9, 1), TODAY)
    assert (case.enrolled, case.extent, case.authorised, case.ill) == (True, "volledig", "onbekend", None)
    assert (case.offer, case.reasons, case.hours_attended) == ("", "", None)
    assert case.entered_by == cast.people["site_coordinator"]
    assert Event.objects.filter(action="case.signalled", target=f"case {case.number}").count() == 1


def test_everything_that_can_be_filled_in(cast: Cast, manager: Client) -> None:
    answers = filled_in(
        manager,
        place=f"{cast.other_site.pk}-{cast.swv.pk}",
        municipality=cast.municipality.pk,
        year_group="2",
        enrolled="nee",
        signalled_on="2026-09-14",
        extent="gedeeltelijk",
        hours_attended="7,5",
        authorised="deels",
        ill="ja",
        can_attend_partly="nee",
        main_reason="PLEK",
        other_reasons=["KIND-INT", "PLEK", "ZORG"],
        offer="afstand",
        offer_since="1/10/2026",
        exemption="5a",
        exemption_from="1-9-2026",
        exemption_to="31-7-2027",
    )
    User.objects.filter(pk=cast.people["case_manager"].pk).update(language="nl")
    assert manager.post("/melden/", answers).status_code == 302
    case = newest()
    assert (case.site, case.enrolled, case.pupil.year_group) == (cast.other_site, False, 2)
    assert (case.extent, case.hours_attended, case.authorised) == ("gedeeltelijk", Decimal("7.5"), "deels")
    assert (case.ill, case.can_attend_partly) == (True, False)
    assert case.reason_codes == ["PLEK", "KIND-INT", "ZORG"]
    assert (case.offer, case.offer_since) == ("afstand", dt.date(2026, 10, 1))
    assert case.signalled_on == dt.date(2026, 9, 14)
    exemption = Exemption.objects.get(case=case)
    assert (exemption.article, exemption.valid_from, exemption.valid_to) == (
        "5a",
        dt.date(2026, 9, 1),
        dt.date(2027, 7, 31),
    )


def test_a_pupil_who_is_enrolled_nowhere(cast: Cast, manager: Client) -> None:
    answers = filled_in(manager, place=f"none-{cast.swv.pk}", municipality=cast.municipality.pk)
    refused = manager.post("/melden/", answers)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["sector"])
    assert manager.post("/melden/", {**answers, "sector": "vo"}).status_code == 302
    case = newest()
    assert (case.site, case.school, case.enrolled, case.sector) == (None, None, False, "vo")


# --- Where


def offered(client: Client) -> set[str]:
    return {key for key, _name in client.get("/melden/").context["form"].fields["place"].choices} - {""}


def test_places_are_those_of_the_user(cast: Cast) -> None:
    swv = cast.swv.pk
    assert offered(logged_in(cast.people["coordinator"])) == {
        f"{cast.site.pk}-{swv}",
        f"{cast.second_site.pk}-{swv}",
    }
    assert offered(logged_in(cast.people["case_manager"])) == {
        f"{cast.site.pk}-{swv}",
        f"{cast.second_site.pk}-{swv}",
        f"{cast.other_site.pk}-{swv}",
        f"none-{swv}",
    }


def test_a_site_in_two_partnerships_is_a_choice_for_its_school_only(cast: Cast) -> None:
    cast.other_site.partnerships.add(cast.other_swv)
    assert offered(logged_in(cast.people["other_coordinator"])) == {
        f"{cast.other_site.pk}-{cast.swv.pk}",
        f"{cast.other_site.pk}-{cast.other_swv.pk}",
    }
    assert f"{cast.other_site.pk}-{cast.other_swv.pk}" not in offered(logged_in(cast.people["case_manager"]))


@pytest.mark.parametrize("place", ["", "nonsense", "{far}-{other_swv}", "{far}-{swv}", "none-{other_swv}"])
def test_another_place_is_refused(cast: Cast, manager: Client, place: str) -> None:
    before = Case.objects.count()
    keys = {"far": cast.far_site.pk, "swv": cast.swv.pk, "other_swv": cast.other_swv.pk}
    answers = filled_in(manager, place=place.format(**keys), municipality=cast.municipality.pk)
    refused = manager.post("/melden/", answers)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["place"])
    assert Case.objects.count() == before


def test_a_place_sent_by_who_has_no_choice_changes_nothing(cast: Cast, coordinator: Client) -> None:
    answers = filled_in(coordinator, place=f"{cast.far_site.pk}-{cast.other_swv.pk}")
    assert coordinator.post("/melden/", answers).status_code == 302
    assert newest().site == cast.site


@pytest.mark.parametrize(
    "user",
    [
        "care_worker",
        "attendance_officer",
        "reporter",
        "administrator",
        "privacy_officer",
        "platform_operator",
        "superuser",
    ],
)
def test_others_signal_nobody(cast: Cast, user: str) -> None:
    client = logged_in(cast.people[user])
    before = Case.objects.count()
    for answer in (client.get("/melden/"), client.post("/melden/", {})):
        assert answer.status_code == 403
        assert "Pupils are signalled by school coordinators and by case managers." in answer.content.decode()
    assert Case.objects.count() == before


def test_a_school_without_sites_is_told_so(cast: Cast) -> None:
    client = logged_in(member(None, Role.COORDINATOR, SchoolFactory().organisation))
    page = client.get("/melden/")
    assert page.status_code == 200
    assert "There is no school to signal for" in page.content.decode()
    assert client.post("/melden/", {}).status_code == 422


# --- Municipality


def test_the_municipality_of_the_school_is_preset(cast: Cast, coordinator: Client) -> None:
    assert coordinator.get("/melden/").context["form"]["municipality"].value() == cast.municipality.pk


def test_left_open_the_municipality_is_that_of_the_school(cast: Cast, manager: Client) -> None:
    assert manager.get("/melden/").context["form"]["municipality"].value() is None
    answers = filled_in(manager, place=f"{cast.other_site.pk}-{cast.swv.pk}")
    assert manager.post("/melden/", answers).status_code == 302
    assert newest().pupil.municipality == cast.other_site.municipality


def test_without_a_school_the_municipality_has_to_be_chosen(cast: Cast, manager: Client) -> None:
    answers = filled_in(manager, place=f"none-{cast.swv.pk}", sector="vo")
    refused = manager.post("/melden/", answers)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["municipality"])


def test_a_school_in_a_municipality_that_is_no_more_asks_for_another(cast: Cast, coordinator: Client) -> None:
    cast.municipality.valid_to = TODAY - dt.timedelta(days=1)
    cast.municipality.save()
    refused = coordinator.post("/melden/", filled_in(coordinator, municipality=""))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["municipality"])


def test_a_municipality_that_is_no_more_is_not_offered(cast: Cast, coordinator: Client) -> None:
    MunicipalityFactory(name="Weleer", valid_to=TODAY - dt.timedelta(days=1))
    MunicipalityFactory(name="Straks", valid_from=TODAY + dt.timedelta(days=1))
    there = MunicipalityFactory(name="Nu nog", valid_from=TODAY, valid_to=TODAY)
    page = coordinator.get("/melden/").content.decode()
    assert there.name in page
    assert "Weleer" not in page
    assert "Straks" not in page


# --- What cannot be


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"first_name": " "}, "first_name"),
        ({"last_name": ""}, "last_name"),
        ({"last_name": "x" * 151}, "last_name"),
        ({"first_name": "a\x00b"}, "first_name"),
        ({"birth_date": ""}, "birth_date"),
        ({"birth_date": "31-2-2012"}, "birth_date"),
        ({"birth_date": "21-11-2026"}, "birth_date"),
        ({"birth_date": "2-9-2026"}, "first_day_absent"),
        ({"first_day_absent": "21-11-2026"}, "first_day_absent"),
        ({"first_day_absent": "gisteren"}, "first_day_absent"),
        ({"signalled_on": "21-11-2026"}, "signalled_on"),
        ({"signalled_on": "31-8-2026"}, "signalled_on"),
        ({"signalled_on": ""}, "signalled_on"),
        ({"extent": "half"}, "extent"),
        ({"extent": ""}, "extent"),
        ({"authorised": "misschien"}, "authorised"),
        ({"hours_attended": "7"}, "extent"),
        ({"extent": "gedeeltelijk", "hours_attended": "41"}, "hours_attended"),
        ({"extent": "gedeeltelijk", "hours_attended": "-1"}, "hours_attended"),
        ({"extent": "gedeeltelijk", "hours_attended": "NaN"}, "hours_attended"),
        ({"year_group": "9"}, "year_group"),
        ({"municipality": "0"}, "municipality"),
        ({"offer": "iets"}, "offer"),
        ({"offer_since": "1-10-2026"}, "offer"),
        ({"offer": "afstand", "offer_since": "1-12-2026"}, "offer_since"),
        ({"other_reasons": ["ZORG"]}, "main_reason"),
        ({"main_reason": "depressie"}, "main_reason"),
        ({"exemption": "6"}, "exemption"),
        ({"exemption_to": "31-7-2027"}, "exemption"),
        ({"exemption": "5a", "exemption_from": "2-9-2026", "exemption_to": "1-9-2026"}, "exemption_to"),
        ({"token": "nonsense"}, "token"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    cast: Cast, coordinator: Client, answers: dict[str, Any], field: str
) -> None:
    before = Case.objects.count()
    refused = coordinator.post("/melden/", filled_in(coordinator, **answers))
    form = refused.context["form"]
    assert (refused.status_code, list(form.errors)) == (422, [field])
    assert Case.objects.count() == before
    page = refused.content.decode()
    assert "<title>Error: " in page
    assert f'href="#id_{field}' in page or field == "token"
    if "first_name" not in answers:
        assert 'value="Jesse"' in page


def test_an_empty_form_names_all_that_is_needed(cast: Cast, manager: Client) -> None:
    refused = manager.post("/melden/", {})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {
        "place",
        "first_name",
        "last_name",
        "birth_date",
        "enrolled",
        "first_day_absent",
        "signalled_on",
        "extent",
        "authorised",
    }


# --- What is odd


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({"birth_date": "21-11-2023"}, "age"),
        ({"birth_date": "20-11-2023"}, ""),
        ({"birth_date": "21-11-2002"}, ""),
        ({"birth_date": "20-11-2002"}, "age"),
        ({"birth_date": "4-5-1912"}, "age"),
        ({"first_day_absent": "19-11-2024"}, "long"),
        ({"first_day_absent": "20-11-2024"}, ""),
    ],
)
def test_the_odd_is_asked_about_once(
    cast: Cast, coordinator: Client, answers: dict[str, str], codes: str
) -> None:
    before = Case.objects.count()
    given = filled_in(coordinator, **answers)
    first = coordinator.post("/melden/", given)
    if not codes:
        assert first.status_code == 302
        return
    assert (first.status_code, first.context["form"].codes) == (422, codes)
    assert "Signal anyway" in first.content.decode()
    assert Case.objects.count() == before
    assert coordinator.post("/melden/", {**given, "confirmed": codes}).status_code == 302
    assert Case.objects.count() == before + 1


def test_a_pupil_who_is_much_alike_is_shown_first(cast: Cast, coordinator: Client) -> None:
    own = cast.cases["own"]
    given = filled_in(coordinator, first_name="Ówn", last_name="Verzonen")
    first = coordinator.post("/melden/", given)
    assert (first.status_code, first.context["form"].codes) == (422, own.number)
    page = first.content.decode()
    assert f'href="/dossiers/{own.number}/" target="_blank"' in page
    assert coordinator.post("/melden/", {**given, "confirmed": "age long"}).status_code == 422
    assert coordinator.post("/melden/", {**given, "confirmed": own.number}).status_code == 302


def test_of_invisible_cases_nothing_is_shown_but_the_managers_hear_of_it(cast: Cast) -> None:
    other = cast.cases["own"]
    client = logged_in(cast.people["other_coordinator"])
    given = filled_in(client, first_name="Own", last_name="Verzonnen", municipality=cast.municipality.pk)
    answer = client.post("/melden/", given, follow=True)
    assert answer.redirect_chain[-1][0] == f"/dossiers/{newest().number}/"
    assert other.number not in answer.content.decode()
    notice = Notice.objects.get(kind="possible_double")
    assert notice.user == cast.people["case_manager"]


# --- Once


def test_a_double_click_is_one_case(cast: Cast, coordinator: Client) -> None:
    given = filled_in(coordinator)
    before = Case.objects.count()
    first = coordinator.post("/melden/", given)
    second = coordinator.post("/melden/", {**given, "confirmed": newest().number})
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"] == f"/dossiers/{newest().number}/"
    assert Case.objects.count() == before + 1


def test_a_double_click_shows_the_first_even_where_a_pupil_is_now_alike(
    cast: Cast, coordinator: Client
) -> None:
    given = filled_in(coordinator)
    first = coordinator.post("/melden/", given)
    second = coordinator.post("/melden/", given)
    assert (second.status_code, second["Location"]) == (302, first["Location"])


def test_each_form_has_its_own_token(coordinator: Client) -> None:
    one, other = (uuid.UUID(str(form_of(coordinator)["token"])) for _ in range(2))
    assert one != other


def test_a_second_open_case_at_the_school_is_refused_and_nothing_is_lost(
    cast: Cast, coordinator: Client
) -> None:
    own = cast.cases["own"]
    given = filled_in(coordinator, first_name="OWN", last_name="verzonnen", confirmed=own.number)
    before = Case.objects.count()
    refused = coordinator.post("/melden/", given)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["__all__"])
    assert 'value="OWN"' in refused.content.decode()
    assert Case.objects.count() == before


def test_the_same_form_works_again_after_a_refusal(cast: Cast, coordinator: Client) -> None:
    own = cast.cases["own"]
    given = filled_in(coordinator, first_name="Own", last_name="Verzonnen", confirmed=own.number)
    assert coordinator.post("/melden/", given).status_code == 422
    assert coordinator.post("/melden/", {**given, "first_name": "Ties"}).status_code == 302


# --- How much it asks of the database


def test_the_number_of_queries_does_not_grow_with_the_schools(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = logged_in(cast.people["far_case_manager"])
    client.get("/melden/")
    with django_assert_max_num_queries(20) as of_one:
        client.get("/melden/")
    for _ in range(5):
        SchoolSiteFactory(partnerships=[cast.other_swv])
    with django_assert_max_num_queries(20) as of_six:
        assert len(offered(client)) == 7
    assert len(of_six) == len(of_one)
