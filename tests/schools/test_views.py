"""The pages of organisations: who sees what, and what an administrator changes."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from schools.models import FreePeriod, Organisation, Partnership, School, SchoolSite
from tests.factories.accounts import member
from tests.factories.schools import (
    CarePartnerFactory,
    MunicipalityFactory,
    PartnershipFactory,
    SchoolBoardFactory,
    SchoolFactory,
    SchoolSiteFactory,
)

pytestmark = pytest.mark.django_db


class World:
    """Our partnership with a school of two sites, theirs, and a school that reaches into both."""

    def __init__(self) -> None:
        self.ours: Partnership = PartnershipFactory(name="SWV Wij", number="PO9901")
        self.theirs: Partnership = PartnershipFactory(name="SWV Zij", number="PO9902")
        self.school: School = SchoolFactory(
            name="De Éénhoorn", number="99AA", board=SchoolBoardFactory(name="Bestuur Wij")
        )
        self.site: SchoolSite = self._site("99AA01", self.school, self.ours)
        self.second: SchoolSite = self._site("99AA02", self.school, self.ours)
        self.shared_school: School = SchoolFactory(name="De Brug", number="99BB")
        self.our_end: SchoolSite = self._site("99BB01", self.shared_school, self.ours)
        self.their_end: SchoolSite = self._site("99BB02", self.shared_school, self.theirs)
        self.care = CarePartnerFactory(
            name="Jeugdhulp Wij", number="ZP-1", partnerships=[self.ours, self.theirs]
        )
        self.their_care = CarePartnerFactory(name="Jeugdhulp Zij", number="ZP-2", partnerships=[self.theirs])
        self.administrator = member(None, "administrator", self.ours.organisation)
        self.case_manager = member(None, "case_manager", self.ours.organisation)

    @staticmethod
    def _site(number: str, school: School, partnership: Partnership) -> SchoolSite:
        site: SchoolSite = SchoolSiteFactory(
            number=number,
            name=f"Vestiging {number}",
            school=school,
            region="zuid",
            partnerships=[partnership],
            municipality=MunicipalityFactory(name="Voorbeeldstad"),
        )
        return site


@pytest.fixture
def world() -> World:
    return World()


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(client: Client, **asked: Any) -> list[str]:
    response = client.get(reverse("organisations"), asked)
    assert response.status_code == 200
    return [organisation.number for organisation in response.context["page"]]


# --- Who sees what


def test_a_partnership_sees_its_own_organisations(world: World) -> None:
    expected = ["ZP-1", "99AA", "99BB", "PO9901", "99AA01", "99AA02", "99BB01"]
    for user in (world.administrator, world.case_manager):
        assert sorted(listed(as_user(user))) == sorted(expected)


def test_the_page_of_an_organisation_is_there_exactly_when_it_is_in_the_list(world: World) -> None:
    client = as_user(world.case_manager)
    own = {it.number for it in client.get(reverse("organisations")).context["page"]}
    for organisation in Organisation.objects.all():
        response = client.get(reverse("organisation", args=[organisation.pk]))
        assert (organisation.number, response.status_code) == (
            organisation.number,
            200 if organisation.number in own else 404,
        )
    assert client.get(reverse("organisation", args=[0])).status_code == 404


@pytest.mark.parametrize("role", ["reporter", "privacy_officer"])
def test_other_roles_of_the_partnership_see_no_organisations(world: World, role: str) -> None:
    client = as_user(member(None, role, world.ours.organisation))
    assert client.get(reverse("organisations")).status_code == 403
    assert client.get(reverse("organisation", args=[world.site.pk])).status_code == 403


def test_a_coordinator_and_a_care_worker_see_no_organisations(world: World) -> None:
    for role, place in [
        ("coordinator", world.school),
        ("coordinator", world.site),
        ("care_worker", world.care),
    ]:
        client = as_user(member(None, role, place.organisation))
        assert client.get(reverse("organisations")).status_code == 403
        assert client.get(reverse("organisation", args=[world.site.pk])).status_code == 403


def test_who_lost_the_role_sees_nothing_on_the_next_request(world: World) -> None:
    client = as_user(world.case_manager)
    assert client.get(reverse("organisations")).status_code == 200
    world.case_manager.memberships.update(ended_at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC))
    assert client.get(reverse("organisations")).status_code == 403


def test_a_page_names_nothing_of_another_partnership(world: World) -> None:
    client = as_user(world.case_manager)
    school = client.get(reverse("organisation", args=[world.shared_school.pk])).content.decode()
    assert ("99BB01" in school, "99BB02" in school) == (True, False)
    care = client.get(reverse("organisation", args=[world.care.pk])).content.decode()
    assert ("SWV Wij" in care, "SWV Zij" in care) == (True, False)


# --- The list


def test_organisations_are_found_by_part_of_a_name_without_accents_or_by_number(world: World) -> None:
    client = as_user(world.case_manager)
    assert listed(client, text="eenhoorn") == ["99AA"]
    assert listed(client, text="vestiging 99aa") == ["99AA01", "99AA02"]
    assert listed(client, kind="zorgpartner") == ["ZP-1"]
    assert listed(client, text="zij") == []
    assert listed(client, kind="kerk", text="eenhoorn") == listed(client)  # what is no choice filters nothing


def test_the_list_comes_by_page_with_the_same_number_of_queries(world: World) -> None:
    client = as_user(world.case_manager)
    listed(client)
    before = _queries_of(client)
    SchoolSiteFactory.create_batch(40, partnerships=[world.ours])
    assert _queries_of(client) == before
    assert len(listed(client)) == 25
    assert len(listed(client, page=2)) == 25
    assert len(listed(client, page=999)) == len(listed(client, page=4))


def _queries_of(client: Client) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        listed(client)
    return len(captured)


# --- The calendar


def page_of(client: Client, organisation: Any, **asked: Any) -> Any:
    return client.get(reverse("organisation", args=[organisation.pk]), asked)


def test_a_site_shows_the_school_days_of_a_year(world: World) -> None:
    client = as_user(world.case_manager)
    year = page_of(client, world.site, year=2025).context["year"]
    # 18 August 2025 to 10 July 2026 is 47 weeks, less four holidays and three days.
    assert (year.name, year.school_days, year.warnings) == ("2025-2026", 47 * 5 - 28, [])
    assert (year.previous, year.next) == (2024, 2026)
    assert "2040-2041" in page_of(client, world.site, year=2040).context["year"].warnings[0]


@pytest.mark.parametrize(
    ("asked", "shown"), [("1", None), ("x", None), ("٢٠٢٥", None), ("9999", 2090), ("0000", 2000)]
)
def test_a_year_that_makes_no_sense_does_no_harm(
    world: World, asked: str, shown: int | None, time_machine: Any
) -> None:
    time_machine.move_to(dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC))
    response = page_of(as_user(world.administrator), world.site, year=asked)
    assert response.context["year"].year == (shown or 2026)


def test_an_administrator_adds_and_removes_a_free_day(world: World) -> None:
    client = as_user(world.administrator)
    url = reverse("add_free_period", args=[world.site.pk])
    assert client.get(url).status_code == 200
    response = client.post(
        url, {"kind": "vrij", "name": "Studiedag", "first_day": "16-9-2026", "last_day": ""}
    )
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("organisation", args=[world.site.pk]) + "?year=2026",
    )
    period = FreePeriod.objects.get()
    assert (period.organisation_id, period.kind, period.first_day, period.last_day) == (
        world.site.pk, "vrij", dt.date(2026, 9, 16), dt.date(2026, 9, 16),
    )  # fmt: skip
    shown = page_of(client, world.site, year=2026)
    assert list(shown.context["own_periods"]) == [period]
    remove = reverse("remove_free_period", args=[world.site.pk, period.pk])
    assert client.get(remove).status_code == 200
    assert client.post(remove).status_code == 302
    assert FreePeriod.objects.count() == 0
    assert client.post(remove).status_code == 404
    assert list(
        Event.objects.filter(action__startswith="calendar.").order_by("pk").values_list("action", "target")
    ) == [
        ("calendar.period_added", "organisation vestiging 99AA01"),
        ("calendar.period_removed", "organisation vestiging 99AA01"),
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "vrij", "name": "", "first_day": "16-9-2026"}, "name"),
        ({"kind": "feest", "name": "x", "first_day": "16-9-2026"}, "kind"),
        ({"kind": "vrij", "name": "x", "first_day": ""}, "first_day"),
        ({"kind": "vrij", "name": "x", "first_day": "16-9-2026", "last_day": "15-9-2026"}, "last_day"),
        ({"kind": "vrij", "name": "x", "first_day": "16-9-2026", "last_day": "16-9-2027"}, "last_day"),
        ({"kind": "vrij", "name": "x", "first_day": "1-9-2026", "last_day": "1-9-2026"}, "first_day"),
    ],
)
def test_a_free_day_that_cannot_be_is_refused_beside_its_field(
    world: World, values: dict[str, str], field: str
) -> None:
    world.site.organisation.free_periods.create(
        kind="vrij", name="Er al", first_day=dt.date(2026, 9, 1), last_day=dt.date(2026, 9, 1)
    )
    response = as_user(world.administrator).post(reverse("add_free_period", args=[world.site.pk]), values)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert FreePeriod.objects.count() == 1


def test_a_calendar_is_changed_by_who_administers_all_that_it_is_for(world: World) -> None:
    values = {"kind": "vrij", "name": "x", "first_day": "16-9-2026"}
    expected = [
        (world.administrator, world.site, 302),
        (world.administrator, world.school, 302),
        (world.administrator, world.our_end, 302),
        (world.administrator, world.shared_school, 403),  # it reaches into another partnership
        (world.administrator, world.their_end, 404),
        (world.administrator, world.ours, 404),  # has no free days of its own
        (world.administrator, world.care, 404),
        (world.case_manager, world.site, 403),
        (world.case_manager, world.their_end, 404),
    ]
    for user, place, status in expected:
        url = reverse("add_free_period", args=[place.pk])
        assert (str(place), as_user(user).post(url, values).status_code) == (str(place), status)
    assert FreePeriod.objects.count() == 3


def test_a_free_day_is_removed_through_its_own_place_only(world: World) -> None:
    def day_of(place: Any) -> FreePeriod:
        day = dt.date(2026, 9, 1)
        period: FreePeriod = place.organisation.free_periods.create(
            kind="vrij", name="x", first_day=day, last_day=day
        )
        return period

    client, theirs, other = as_user(world.administrator), day_of(world.their_end), day_of(world.second)
    for place, period in [(world.site, theirs), (world.site, other), (world.their_end, theirs)]:
        assert client.post(reverse("remove_free_period", args=[place.pk, period.pk])).status_code == 404
    url = reverse("remove_free_period", args=[world.second.pk, other.pk])
    assert as_user(world.case_manager).post(url).status_code == 403
    assert FreePeriod.objects.count() == 2


# --- The settings

SETTINGS = {
    "threshold_days": "14", "threshold_inclusive": "on", "region": "noord", "sustained_percentage": "80",
    "sustained_weeks": "6",
}  # fmt: skip


def test_an_administrator_changes_the_settings(world: World) -> None:
    client = as_user(world.administrator)
    url = reverse("partnership_settings", args=[world.ours.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, SETTINGS).status_code == 302
    world.ours.refresh_from_db()
    assert (world.ours.threshold_days, world.ours.threshold_inclusive, world.ours.region) == (
        14,
        True,
        "noord",
    )
    assert (world.ours.sustained_percentage, world.ours.sustained_weeks) == (80, 6)
    event = Event.objects.get(action="partnership.settings")
    assert (event.target, event.actor_id, event.details["threshold_days"]) == (
        "organisation swv PO9901", str(world.administrator.pk), 14,
    )  # fmt: skip
    client.post(url, SETTINGS)
    assert Event.objects.filter(action="partnership.settings").count() == 1
    assert client.get(reverse("organisation", args=[world.ours.pk])).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("threshold_days", "0"),
        ("threshold_days", "366"),
        ("threshold_days", ""),
        ("sustained_percentage", "101"),
        ("sustained_weeks", "0"),
        ("region", "oost"),
    ],
)
def test_settings_that_cannot_be_are_refused(world: World, field: str, value: str) -> None:
    url = reverse("partnership_settings", args=[world.ours.pk])
    response = as_user(world.administrator).post(url, {**SETTINGS, field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    world.ours.refresh_from_db()
    assert world.ours.threshold_days == 28


def test_settings_are_for_the_administrator_of_that_partnership(world: World) -> None:
    ours, theirs = (reverse("partnership_settings", args=[it.pk]) for it in (world.ours, world.theirs))
    site = reverse("partnership_settings", args=[world.site.pk])
    assert [as_user(world.case_manager).post(url, SETTINGS).status_code for url in (ours, theirs)] == [
        403,
        404,
    ]
    assert [as_user(world.administrator).post(url, SETTINGS).status_code for url in (theirs, site)] == [
        404,
        404,
    ]
    assert set(Partnership.objects.values_list("threshold_days", flat=True)) == {28}


# --- In both languages


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_opens_in_both_languages_with_a_title_and_a_heading(world: World, language: str) -> None:
    world.administrator.language = language
    world.administrator.save()
    client = as_user(world.administrator)
    world.school.organisation.free_periods.create(
        kind="vrij", name="x", first_day=dt.date(2026, 9, 1), last_day=dt.date(2026, 9, 1)
    )
    period = FreePeriod.objects.get()
    pages = [
        reverse("organisations"),
        *(reverse("organisation", args=[it.pk]) for it in (world.ours, world.school, world.site, world.care)),
        reverse("partnership_settings", args=[world.ours.pk]),
        reverse("add_free_period", args=[world.site.pk]),
        reverse("remove_free_period", args=[world.school.pk, period.pk]),
    ]
    for url in pages:
        response = client.get(url)
        text = response.content.decode()
        assert (url, response.status_code, text.count("<h1"), "<title>" in text) == (url, 200, 1, True)
        assert ("style=" in text, "onclick" in text, "<script>" in text) == (False, False, False)


def test_htmx_gets_the_results_only(world: World) -> None:
    response = as_user(world.case_manager).get(
        reverse("organisations"), {"text": "brug"}, headers={"HX-Request": "true"}
    )
    text = response.content.decode()
    assert ("<html" in text, "De Brug" in text, "Éénhoorn" in text) == (False, True, False)
