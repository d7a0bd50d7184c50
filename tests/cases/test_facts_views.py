"""Correcting and changing facts through the form: from which day they hold, what is refused, two at once."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from cases.models import AbsencePeriod, Case, Exemption, Particulars
from cases.services import facts
from cases.services.intake import ExemptionGiven
from tests.cases.views import YESTERDAY, address, client_of, hidden_of, text_of
from tests.cast import NOW, TODAY, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


def fields_of(page: Any) -> dict[str, str]:
    """All fields of the form on a page as a browser would send them back untouched."""
    form = page.context["form"]
    values = {field.html_name: field.value() for field in form}
    days = {name: it.strftime("%d-%m-%Y") for name, it in values.items() if isinstance(it, dt.date)}
    return {name: "" if it is None else str(it) for name, it in (values | days).items()}


def change(client: Client, case: Case, **given: str) -> Any:
    opened = client.get(address(case, "gegevens/"))
    assert opened.status_code == 200, text_of(opened)
    return client.post(address(case, "gegevens/"), {**fields_of(opened), **given})


def rows(model: Any, case: Case) -> int:
    return int(model.objects.filter(case=case).count())


def test_what_is_sent_back_untouched_changes_nothing(cast: Cast) -> None:
    case = cast.cases["own"]

    answer = change(client_of(cast, "coordinator"), case)

    assert (answer.status_code, answer.url) == (302, address(case) + "#facts")
    assert (rows(AbsencePeriod, case), rows(Particulars, case)) == (1, 1)
    assert not Event.objects.filter(action="case.corrected").exists()


def test_absence_changes_from_a_day_and_earlier_days_stay(cast: Cast) -> None:
    case = cast.cases["own"]

    change(
        client_of(cast, "coordinator"), case,
        extent="gedeeltelijk", hours_attended="6,5", holds_from="1-11-2026",
    )  # fmt: skip

    written = AbsencePeriod.objects.filter(case=case).order_by("pk").values_list("extent", "holds_from")
    assert list(written) == [("volledig", dt.date(2026, 9, 1)), ("gedeeltelijk", dt.date(2026, 11, 1))]
    event = Event.objects.get(action="case.corrected")
    assert (event.target, event.details) == (
        f"case {case.number}",
        {"fields": ["extent", "hours_attended"]},
    )


def test_the_day_is_today_unless_another_is_given_and_empty_means_from_the_start(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")

    change(client, case, authorised="deels")
    change(client, case, authorised="ja", holds_from="")

    written = AbsencePeriod.objects.filter(case=case).order_by("pk").values_list("authorised", "holds_from")
    assert list(written) == [
        ("nee", dt.date(2026, 9, 1)),
        ("deels", TODAY),
        ("ja", dt.date(2026, 9, 1)),
    ]


def test_a_name_was_so_from_the_start_and_is_found_by_search(cast: Cast) -> None:
    case = cast.cases["own"]

    change(client_of(cast, "coordinator"), case, last_name="van Nieuw", holds_from="20-11-2026")

    row = Particulars.objects.filter(case=case).order_by("-pk")[0]
    assert (row.last_name, row.holds_from) == ("van Nieuw", dt.date(2026, 9, 1))
    assert list(Case.objects.named("nieuw")) == [case]
    assert Event.objects.get(action="case.corrected").details == {"fields": ["last_name"]}


def test_reasons_keep_their_order(cast: Cast) -> None:
    case = cast.cases["own"]

    change(client_of(cast, "coordinator"), case, reason_1="ZORG", reason_2="", reason_3="KIND-INT")

    assert Case.objects.get(pk=case.pk).reasons == "ZORG KIND-INT"


def test_reasons_beyond_the_third_stay(cast: Cast) -> None:
    case = cast.case(cast.site, first_name="Veel", reasons=("ZORG", "PLEK", "GEZIN", "SYS"))

    change(client_of(cast, "coordinator"), case, reason_1="KIND-INT")

    assert Case.objects.get(pk=case.pk).reasons == "KIND-INT PLEK GEZIN SYS"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"first_name": " "}, {"first_name"}),
        ({"birth_date": "1-10-2026"}, {"birth_date"}),
        ({"first_day_absent": "15-9-2026"}, {"first_day_absent"}),
        ({"signalled_on": "21-11-2026"}, {"signalled_on"}),
        ({"back_on": "1-9-2026"}, {"back_on"}),
        ({"back_on": "21-11-2026"}, {"back_on"}),
        ({"offer_since": "21-11-2026"}, {"offer_since"}),
        ({"site": ""}, {"site"}),
        ({"year_group": "9"}, {"year_group"}),
        ({"hours_attended": "41"}, {"hours_attended"}),
        ({"extent": "gedeeltelijk", "holds_from": "31-8-2026"}, {"holds_from"}),
        ({"extent": "gedeeltelijk", "holds_from": "21-11-2026"}, {"holds_from"}),
        ({"reason_1": "PLEK", "reason_2": "PLEK"}, {"reason_1"}),
    ],
)
def test_what_is_wrong_stands_beside_its_field(cast: Cast, given: dict[str, str], fields: set[str]) -> None:
    case = cast.cases["own"]

    answer = change(client_of(cast, "coordinator"), case, **given)

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, fields)
    assert (rows(AbsencePeriod, case), rows(Particulars, case)) == (1, 1)


def test_the_signal_does_not_come_after_a_change_of_state(cast: Cast) -> None:
    states = (("arrangement", dt.date(2026, 9, 20)),)
    case = cast.case(cast.site, first_name="Volgorde", states=states)

    late = change(client_of(cast, "coordinator"), case, signalled_on="21-9-2026")
    on_time = change(client_of(cast, "coordinator"), case, signalled_on="20-9-2026")

    assert (late.status_code, set(late.context["form"].errors)) == (422, {"signalled_on"})
    assert on_time.status_code == 302


def test_somebody_who_was_first_is_not_overwritten(cast: Cast) -> None:
    case = cast.cases["own"]
    second = client_of(cast, "coordinator")
    sent = fields_of(second.get(address(case, "gegevens/")))
    change(client_of(cast, "case_manager"), case, authorised="deels")

    answer = second.post(address(case, "gegevens/"), {**sent, "first_name": "Anders"})

    assert answer.status_code == 409
    assert "Somebody else changed these facts just before you." in text_of(answer)
    now = Case.objects.select_related("pupil").get(pk=case.pk)
    assert (now.authorised, now.pupil.first_name) == ("deels", "Own")


def test_a_second_open_case_of_the_pupil_at_the_school_is_refused(cast: Cast) -> None:
    case = cast.cases["own"]

    answer = change(client_of(cast, "coordinator"), case, first_name="Gedeeld")

    assert answer.status_code == 409
    assert "already has an open case at that school" in text_of(answer)
    assert Case.objects.select_related("pupil").get(pk=case.pk).pupil.first_name == "Own"


# --- Another school


def test_schools_to_choose_are_those_for_which_one_may_signal(cast: Cast) -> None:
    case = cast.cases["own"]

    def sites(name: str) -> set[int]:
        page = client_of(cast, name).get(address(case, "gegevens/"))
        return set(page.context["form"].fields["site"].queryset.values_list("pk", flat=True))

    assert sites("site_coordinator") == {cast.site.pk}
    assert sites("coordinator") == {cast.site.pk, cast.second_site.pk}
    assert sites("case_manager") == {cast.site.pk, cast.second_site.pk, cast.other_site.pk}


def test_a_pupil_who_goes_to_another_school_takes_the_case_along(cast: Cast) -> None:
    case = cast.cases["own"]

    answer = change(client_of(cast, "case_manager"), case, site=str(cast.other_site.pk))

    assert answer.status_code == 302
    assert client_of(cast, "coordinator").get(address(case)).status_code == 404
    assert client_of(cast, "other_coordinator").get(address(case)).status_code == 200


def test_a_coordinator_does_not_give_a_case_away(cast: Cast) -> None:
    case = cast.cases["own"]

    answer = change(client_of(cast, "coordinator"), case, site=str(cast.other_site.pk))

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"site"})


@pytest.mark.parametrize("name", ["care_worker", "attendance_officer"])
def test_partners_change_no_facts(cast: Cast, name: str) -> None:
    case = cast.cases["shared"]
    client = client_of(cast, name)
    pages = ["gegevens/", "vrijstellingen/nieuw/"]

    assert {client.get(address(case, page)).status_code for page in pages} == {403}
    assert {client.post(address(case, page), {"article": "5a"}).status_code for page in pages} == {403}
    assert not Exemption.objects.exists()


# --- Exemptions


def give(cast: Cast, case: Case) -> Exemption:
    given = ExemptionGiven("5a", YESTERDAY, None)
    return facts.add_exemption(Case.objects.get(pk=case.pk), given, by=cast.people["case_manager"], at=NOW)


def test_an_exemption_is_recorded_and_counts(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")
    page = address(case, "vrijstellingen/nieuw/")
    given = {"article": "5a", "valid_from": "1-11-2026", "valid_to": ""}

    answer = client.post(page, {**hidden_of(client.get(page)), **given})

    assert (answer.status_code, answer.url) == (302, address(case) + "#facts")
    assert Exemption.objects.get().valid_from == dt.date(2026, 11, 1)
    assert "Counts as exempt under 5a" in text_of(client.get(address(case)))


def test_an_exemption_is_ended_by_replacing_it(cast: Cast) -> None:
    case = cast.cases["own"]
    exemption = give(cast, case)
    client = client_of(cast, "coordinator")
    page = address(case, f"vrijstellingen/{exemption.pk}/")
    ended = {"article": "5a", "valid_from": "19-11-2026", "valid_to": "31-7-2027"}

    backwards = client.post(page, {**ended, "valid_to": "18-11-2026"})
    answer = client.post(page, ended)
    again = client.post(page, ended)

    assert [it.status_code for it in (backwards, answer, again)] == [422, 302, 404]
    assert set(backwards.context["form"].errors) == {"valid_to"}
    old, new = Exemption.objects.order_by("pk")
    assert (old.valid_to, old.known_until, new.valid_to, new.known_until) == (
        None,
        NOW,
        dt.date(2027, 7, 31),
        None,
    )


def test_an_exemption_recorded_by_mistake_goes_but_stays_in_history(cast: Cast) -> None:
    case = cast.cases["own"]
    exemption = give(cast, case)
    client = client_of(cast, "coordinator")
    page = address(case, f"vrijstellingen/{exemption.pk}/verwijderen/")

    assert client.get(page).status_code == 200
    assert Exemption.objects.get().known_until is None
    answer = client.post(page, {})

    assert answer.status_code == 302
    assert Exemption.objects.get().known_until == NOW


def test_an_exemption_of_another_case_is_not_there(cast: Cast) -> None:
    foreign = give(cast, cast.cases["second_site"])
    client = client_of(cast, "coordinator")

    for part in (f"vrijstellingen/{foreign.pk}/", f"vrijstellingen/{foreign.pk}/verwijderen/"):
        assert client.get(address(cast.cases["own"], part)).status_code == 404
        assert client.post(address(cast.cases["own"], part), {"article": "5a"}).status_code == 404
    assert Exemption.objects.get().known_until is None
