"""Arrangement, remote education plan and return plan through their pages, and what is recorded about them."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from cases.models import Arrangement, Case, Evaluation, Hearing, Plan, RemoteEducationPlan, ReturnPlan
from cases.services import lifecycle
from tests.cases.views import (
    YESTERDAY,
    add_arrangement,
    add_return_plan,
    address,
    client_of,
    hidden_of,
    text_of,
)
from tests.cast import NOW, TODAY, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

VOICE = {
    "heard-heard_on": "19-11-2026",
    "heard-how": "gesprek",
    "heard-said": "Ik wil tekenen",
    "heard-done_with": "Tekenles in het rooster",
}
NO_STEPS = {"steps-TOTAL_FORMS": "10", "steps-INITIAL_FORMS": "0"}


def arrangement(cast: Cast, **given: str) -> dict[str, str]:
    return {
        "arrangement_kind": "maatwerk",
        "goal": "Twee ochtenden per week",
        "responsible": str(cast.care.pk),
        "agreed_on": "19-11-2026",
        "start": "20-11-2026",
        "end": "31-1-2027",
        "evaluate_on": "15-1-2027",
        **given,
    }


def remote(**given: str) -> dict[str, str]:
    return {
        "form": "hybride",
        "hours_a_week": "7,5",
        "teacher": "Meester Klaas",
        "start": "20-11-2026",
        "evaluate_on": "15-1-2027",
        **given,
    }


def return_plan(cast: Cast, *steps: tuple[str, str, str], **given: str) -> dict[str, str]:
    rows = {}
    for number, (what, hours, start) in enumerate(steps):
        rows |= {f"steps-{number}-what": what, f"steps-{number}-hours_a_week": hours}
        rows |= {f"steps-{number}-start": start}
    usual = {"receiving_school": str(cast.site.pk), "start": "20-11-2026", "evaluate_on": "15-1-2027"}
    return {**NO_STEPS, **usual, **rows, **given}


def send(client: Client, case: Case, part: str, given: dict[str, str]) -> Any:
    opened = client.get(address(case, part))
    assert opened.status_code == 200, text_of(opened)
    return client.post(address(case, part), {**hidden_of(opened), **given})


# --- Recording a plan


def test_an_arrangement_with_the_pupils_voice_opens_the_way(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")

    answer = send(client, case, "arrangement/nieuw/", {**arrangement(cast), **VOICE})

    assert (answer.status_code, answer.url) == (302, address(case) + "#plans")
    made = Arrangement.objects.get(case=case)
    assert (made.arrangement_kind, made.goal, made.responsible_id) == (
        "maatwerk",
        "Twee ochtenden per week",
        cast.care.pk,
    )
    assert (made.agreed_on, made.start, made.end, made.evaluate_on) == (
        YESTERDAY,
        TODAY,
        dt.date(2027, 1, 31),
        dt.date(2027, 1, 15),
    )
    heard = made.hearings.get()
    assert (heard.heard_on, heard.how, heard.said, heard.done_with, heard.why_not) == (
        YESTERDAY,
        "gesprek",
        "Ik wil tekenen",
        "Tekenles in het rooster",
        "",
    )
    assert f"{address(case)}stap/agree_arrangement/" in client.get(address(case)).content.decode()


def test_a_plan_may_come_before_the_pupils_voice_or_with_the_reason_why_not(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")

    send(client, case, "arrangement/nieuw/", arrangement(cast))
    send(client, case, "arrangement/nieuw/", {**arrangement(cast), "heard-why_not": "Wilde niet praten"})

    told = [list(plan.hearings.values_list("why_not", flat=True)) for plan in case.plans.order_by("pk")]
    assert told == [[], ["Wilde niet praten"]]


def test_a_remote_education_plan_has_its_fields(cast: Cast) -> None:
    case = cast.cases["own"]

    answer = send(client_of(cast, "case_manager"), case, "onderwijs-op-afstand/nieuw/", {**remote(), **VOICE})

    made = RemoteEducationPlan.objects.get(case=case)
    assert answer.status_code == 302
    assert (made.form, made.hours_a_week, made.teacher) == ("hybride", Decimal("7.5"), "Meester Klaas")
    assert (made.start, made.end, made.evaluate_on) == (TODAY, None, dt.date(2027, 1, 15))


def test_a_return_plan_has_ordered_steps_and_ignores_empty_rows(cast: Cast) -> None:
    case = cast.cases["own"]
    given = return_plan(
        cast,
        ("Twee ochtenden", "6", "20-11-2026"),
        ("", "", ""),
        ("Hele week", "28,5", ""),
        receiving_school=str(cast.other_site.pk),
    )

    answer = send(client_of(cast, "coordinator"), case, "terugkeerplan/nieuw/", given)

    assert answer.status_code == 302
    made = ReturnPlan.objects.get(case=case)
    assert made.receiving_school == cast.other_site
    assert list(made.steps.values_list("position", "what", "hours_a_week", "start")) == [
        (1, "Twee ochtenden", Decimal("6.0"), TODAY),
        (2, "Hele week", Decimal("28.5"), None),
    ]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"goal": "  "}, {"goal"}),
        ({"arrangement_kind": "iets"}, {"arrangement_kind"}),
        ({"responsible": ""}, {"responsible"}),
        ({"evaluate_on": ""}, {"evaluate_on"}),
        ({"end": "1-1-2026"}, {"end"}),
        ({"evaluate_on": "1-1-2026"}, {"evaluate_on"}),
        ({"heard-said": "Iets"}, {"heard_on"}),
        ({"heard-heard_on": "19-11-2026"}, {"how", "said"}),
        ({**VOICE, "heard-heard_on": "21-11-2026"}, {"heard_on"}),
        ({**VOICE, "heard-why_not": "Toch niet"}, {"why_not"}),
    ],
)
def test_what_is_wrong_in_an_arrangement_stands_beside_its_field(
    cast: Cast, given: dict[str, str], fields: set[str]
) -> None:
    case = cast.cases["own"]

    answer = send(client_of(cast, "coordinator"), case, "arrangement/nieuw/", {**arrangement(cast), **given})

    wrong = set(answer.context["form"].errors) | set(answer.context["hearing"].errors)
    assert (answer.status_code, wrong) == (422, fields)
    assert text_of(answer).count("not right yet") == 1
    assert not Plan.objects.filter(case=case).exists()


@pytest.mark.parametrize("hours", ["", "-1", "41", "veel", "7,55"])
def test_hours_a_week_are_from_0_to_40(cast: Cast, hours: str) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")

    remote_plan = send(client, case, "onderwijs-op-afstand/nieuw/", remote(hours_a_week=hours))
    steps = send(client, case, "terugkeerplan/nieuw/", return_plan(cast, ("Hele week", hours, "")))

    assert (remote_plan.status_code, set(remote_plan.context["form"].errors)) == (422, {"hours_a_week"})
    assert (steps.status_code, set(steps.context["steps"].forms[0].errors)) == (422, {"hours_a_week"})
    assert not Plan.objects.filter(case=case).exists()


def test_a_return_plan_without_a_step_or_with_steps_out_of_order(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")
    backwards = (("Eerst", "6", "20-12-2026"), ("Dan", "12", "1-12-2026"))

    without = send(client, case, "terugkeerplan/nieuw/", return_plan(cast))
    reversed_steps = send(client, case, "terugkeerplan/nieuw/", return_plan(cast, *backwards))

    assert (without.status_code, reversed_steps.status_code) == (422, 422)
    assert "Give at least one step of the way back." in text_of(without)
    assert "The steps must be in the order of their dates." in text_of(reversed_steps)
    assert not Plan.objects.filter(case=case).exists()


def test_a_plan_sent_twice_is_one_plan(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")
    page = address(case, "arrangement/nieuw/")
    given = {**hidden_of(client.get(page)), **arrangement(cast), **VOICE}

    answers = [client.post(page, given) for _ in range(2)]

    assert [(it.status_code, it.url) for it in answers] == [(302, address(case) + "#plans")] * 2
    assert Plan.objects.filter(case=case).count() == 1


def test_who_can_be_responsible_and_where_a_pupil_can_return_to(cast: Cast) -> None:
    client = client_of(cast, "case_manager")

    own = client.get(address(cast.cases["own"], "arrangement/nieuw/")).context["form"]
    back = client.get(address(cast.cases["own"], "terugkeerplan/nieuw/")).context["form"]

    organisations = set(own.fields["responsible"].queryset.values_list("pk", flat=True))
    assert organisations == {
        cast.site.pk, cast.school.pk, cast.swv.pk, cast.care.pk, cast.other_care.pk, cast.office.pk,
    }  # fmt: skip
    sites = set(back.fields["receiving_school"].queryset.values_list("pk", flat=True))
    assert sites == {cast.site.pk, cast.second_site.pk, cast.other_site.pk}


@pytest.mark.parametrize("what", ["responsible", "receiving_school"])
def test_an_organisation_of_elsewhere_is_no_choice(cast: Cast, what: str) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")

    answer = (
        send(client, case, "arrangement/nieuw/", arrangement(cast, responsible=str(cast.far_site.pk)))
        if what == "responsible"
        else send(
            client, case, "terugkeerplan/nieuw/",
            return_plan(cast, ("Hele week", "28", ""), receiving_school=str(cast.far_site.pk)),
        )
    )  # fmt: skip

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {what})


# --- About a plan


def test_an_arrangement_is_agreed_afterwards(cast: Cast) -> None:
    case = cast.cases["own"]
    plan = add_arrangement(cast, case, agreed_on=None)
    client = client_of(cast, "coordinator")
    part = f"plannen/{plan.pk}/akkoord/"

    future = send(client, case, part, {"agreed_on": "21-11-2026"})
    agreed = send(client, case, part, {"agreed_on": "20-11-2026"})
    again = client.post(address(case, part), {"agreed_on": "19-11-2026"})

    assert [answer.status_code for answer in (future, agreed, again)] == [422, 302, 409]
    assert Arrangement.objects.get(pk=plan.pk).agreed_on == TODAY


def test_the_pupils_voice_is_recorded_afterwards(cast: Cast) -> None:
    case = cast.cases["own"]
    plan = add_return_plan(cast, case, heard=None)
    client = client_of(cast, "coordinator")
    part = f"plannen/{plan.pk}/gehoord/"

    empty = send(client, case, part, {})
    half = send(client, case, part, {"heard_on": "20-11-2026"})
    heard = send(client, case, part, {"heard_on": "20-11-2026", "how": "ouders", "said": "Ja graag"})

    assert [answer.status_code for answer in (empty, half, heard)] == [422, 422, 302]
    assert set(empty.context["form"].errors) == {"heard_on"}
    assert set(half.context["form"].errors) == {"how", "said"}
    assert [(it.heard_on, it.how, it.said) for it in Hearing.objects.filter(plan=plan)] == [
        (TODAY, "ouders", "Ja graag")
    ]


def test_an_evaluation_sets_the_next_date_or_stops_the_plan(cast: Cast) -> None:
    case = cast.cases["own"]
    plan = add_arrangement(cast, case)
    client = client_of(cast, "coordinator")
    part = f"plannen/{plan.pk}/evalueren/"
    usual = {"evaluated_on": "20-11-2026", "note": "Gaat goed"}

    without_next = send(client, case, part, {**usual, "result": "doorgaan"})
    on = send(client, case, part, {**usual, "result": "bijstellen", "next_on": "20-12-2026"})
    stops = send(client, case, part, {**usual, "result": "stoppen", "note": "Werkt niet"})
    over = client.post(address(case, part), {**usual, "result": "doorgaan", "next_on": "20-12-2026"})

    answers = [without_next, on, stops, over]
    assert [answer.status_code for answer in answers] == [422, 302, 302, 409]
    assert set(without_next.context["form"].errors) == {"next_on"}
    written = Evaluation.objects.filter(plan=plan).order_by("pk").values_list("result", "next_on", "note")
    assert list(written) == [
        ("bijstellen", dt.date(2026, 12, 20), "Gaat goed"),
        ("stoppen", None, "Werkt niet"),
    ]
    ended = Plan.objects.get(pk=plan.pk)
    assert (ended.ended_on, ended.ended_reason, ended.evaluate_on) == (TODAY, "Werkt niet", None)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"evaluated_on": "21-11-2026"}, {"evaluated_on"}),
        ({"evaluated_on": "1-1-2026"}, {"evaluated_on"}),
        ({"next_on": "20-11-2026"}, {"next_on"}),
        ({"note": ""}, {"note"}),
        ({"result": ""}, {"result"}),
    ],
)
def test_what_is_wrong_in_an_evaluation(cast: Cast, given: dict[str, str], fields: set[str]) -> None:
    case = cast.cases["own"]
    plan = add_arrangement(cast, case)
    usual = {
        "evaluated_on": "20-11-2026",
        "result": "doorgaan",
        "note": "Goed",
        "next_on": "20-12-2026",
        **given,
    }

    answer = send(client_of(cast, "coordinator"), case, f"plannen/{plan.pk}/evalueren/", usual)

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, fields)
    assert not Evaluation.objects.exists()


def test_a_plan_is_ended_with_a_reason_and_then_holds_no_more(cast: Cast) -> None:
    case = cast.cases["own"]
    plan = add_arrangement(cast, case)
    client = client_of(cast, "coordinator")
    part = f"plannen/{plan.pk}/beeindigen/"

    without = send(client, case, part, {"ended_on": "20-11-2026", "reason": " "})
    ended = send(client, case, part, {"ended_on": "20-11-2026", "reason": "Verhuisd"})

    assert (without.status_code, set(without.context["form"].errors)) == (422, {"reason"})
    assert ended.status_code == 302
    assert client.get(address(case, "stap/agree_arrangement/")).status_code == 409


# --- Whose plan it is

ABOUT = ("gehoord", "evalueren", "beeindigen", "akkoord")


def test_a_plan_of_another_case_is_not_there(cast: Cast) -> None:
    foreign = add_arrangement(cast, cast.cases["second_site"])
    client = client_of(cast, "coordinator")

    part = {what: f"plannen/{foreign.pk}/{what}/" for what in ABOUT}
    through_own = {what: client.get(address(cast.cases["own"], part[what])).status_code for what in ABOUT}
    sent = {what: client.post(address(cast.cases["own"], part[what])).status_code for what in ABOUT}

    assert set(through_own.values()) == {404}
    assert set(sent.values()) == {404}
    assert client.get(address(cast.cases["second_site"], part["gehoord"])).status_code == 200


def test_a_plan_of_an_earlier_spell_is_closed_history(cast: Cast) -> None:
    case = cast.cases["own"]
    plan = add_arrangement(cast, case)
    pressed = {"case": case, "by": cast.people["case_manager"], "at": NOW, "on": TODAY}
    lifecycle.close(closing=lifecycle.Closing(destination="eigen-school"), **pressed)
    lifecycle.reopen(reason="Weer thuis", first_day_absent=TODAY, **pressed)

    answer = client_of(cast, "coordinator").get(address(case, f"plannen/{plan.pk}/evalueren/"))

    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["care_worker", "attendance_officer"])
def test_partners_read_plans_but_make_and_change_none(cast: Cast, name: str) -> None:
    case = cast.cases["shared"]
    plan = add_arrangement(cast, case)
    client = client_of(cast, name)
    pages = [
        "arrangement/nieuw/",
        "onderwijs-op-afstand/nieuw/",
        "terugkeerplan/nieuw/",
        *(f"plannen/{plan.pk}/{what}/" for what in ABOUT),
    ]

    assert {client.get(address(case, page)).status_code for page in pages} == {403}
    assert {client.post(address(case, page), arrangement(cast)).status_code for page in pages} == {403}
    assert Plan.objects.filter(case=case).count() == 1


def test_the_page_of_a_plan_that_ended_offers_no_more_work(cast: Cast) -> None:
    case = cast.cases["own"]
    plan = add_arrangement(cast, case)
    Plan.objects.filter(pk=plan.pk).update(ended_on=YESTERDAY)
    running = add_return_plan(cast, case)

    body = client_of(cast, "coordinator").get(address(case)).content.decode()

    assert f"/plannen/{plan.pk}/" not in body
    assert f"/plannen/{running.pk}/evalueren/" in body
