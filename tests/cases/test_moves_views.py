"""Pressing the buttons: each change of state by its own page, once, and told clearly where it is refused."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client

from cases.models import Action, Case, SpellDates, StateChange
from cases.services import lifecycle
from tests.cases.views import (
    add_action,
    add_arrangement,
    add_remote_plan,
    add_return_plan,
    address,
    client_of,
    hidden_of,
    text_of,
)
from tests.cast import NOW, TODAY, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

MOVES = {
    "agree_arrangement": "arrangement",
    "start_remote_education": "remote_education",
    "start_return": "return",
}


def press(client: Client, case: Case, transition: str, **given: Any) -> Any:
    """Opens the page of a step and sends its form as a browser would."""
    page = address(case, f"stap/{transition}/")
    opened = client.get(page)
    assert opened.status_code == 200, text_of(opened)
    return client.post(page, {**hidden_of(opened), **given})


def changes(case: Case) -> list[tuple[str, str, str]]:
    """What was written of the case after it came in."""
    rows = StateChange.objects.filter(case=case).exclude(from_state="").order_by("pk")
    return [(row.transition, row.from_state, row.to_state) for row in rows]


def with_plans(cast: Cast) -> Case:
    case = cast.cases["own"]
    add_arrangement(cast, case)
    add_remote_plan(cast, case)
    add_return_plan(cast, case)
    return case


def in_return(cast: Cast) -> Case:
    case = cast.cases["own"]
    add_return_plan(cast, case)
    lifecycle.start_return(case=case, by=cast.people["case_manager"], at=NOW, on=TODAY)
    return case


@pytest.mark.parametrize("name", ["coordinator", "case_manager"])
def test_the_way_from_signal_to_return(cast: Cast, name: str) -> None:
    case = with_plans(cast)
    client = client_of(cast, name)

    answers = [press(client, case, transition) for transition in MOVES]

    assert [(answer.status_code, answer.url) for answer in answers] == [(302, address(case))] * 3
    assert changes(case) == [
        ("agree_arrangement", "signalled", "arrangement"),
        ("start_remote_education", "arrangement", "remote_education"),
        ("start_return", "remote_education", "return"),
    ]
    assert "The return has started." in text_of(client.get(address(case)))


def test_a_form_that_is_sent_twice_moves_once(cast: Cast) -> None:
    case = with_plans(cast)
    client = client_of(cast, "coordinator")
    page = address(case, "stap/agree_arrangement/")
    sent = hidden_of(client.get(page))

    first, second = client.post(page, sent), client.post(page, sent)

    assert [(answer.status_code, answer.url) for answer in (first, second)] == [(302, address(case))] * 2
    assert changes(case) == [("agree_arrangement", "signalled", "arrangement")]


def test_who_comes_second_is_told_what_happened_meanwhile(cast: Cast) -> None:
    case = with_plans(cast)
    first, second = client_of(cast, "case_manager"), client_of(cast, "coordinator")
    page = address(case, "stap/start_return/")
    seen = hidden_of(second.get(page))
    press(first, case, "agree_arrangement")

    answer = second.post(page, seen)

    assert answer.status_code == 409
    assert (
        "case_manager was just before you: the case is now in the state “Arrangement”. "
        "Nothing of yours was done." in text_of(answer)
    )
    assert f'href="{address(case)}"' in answer.content.decode()
    assert changes(case) == [("agree_arrangement", "signalled", "arrangement")]


def test_what_is_missing_is_told_in_words(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")
    page = address(case, "stap/agree_arrangement/")

    opened, sent = client.get(page), client.post(page, {"seen_state": "signalled"})

    assert (opened.status_code, sent.status_code) == (409, 409)
    for answer in (opened, sent):
        assert "There is no arrangement yet" in text_of(answer)
        assert "Record how the pupil was heard on the arrangement" in text_of(answer)
    assert changes(case) == []


def test_steps_that_do_not_exist_or_do_not_lead_from_here(cast: Cast) -> None:
    case = with_plans(cast)
    client = client_of(cast, "case_manager")

    def asked(name: str) -> tuple[int, int]:
        page = address(case, f"stap/{name}/")
        sent = client.post(page, {"reason": "Want", "first_day_absent": "20-11-2026"})
        return client.get(page).status_code, sent.status_code

    answers = {name: asked(name) for name in ("reopen", "delete", "signal", "_move", "save")}

    assert answers == {
        "reopen": (409, 409),
        "delete": (404, 404),
        "signal": (404, 404),
        "_move": (404, 404),
        "save": (404, 404),
    }
    assert changes(case) == []


# --- Closing


def test_closing_ends_actions_and_access_and_says_so_before(cast: Cast) -> None:
    case = cast.cases["shared"]
    add_action(cast, case, "Nog te doen", owner="coordinator")
    client, partner = client_of(cast, "case_manager"), client_of(cast, "care_worker")
    assert partner.get(address(case)).status_code == 200
    page = text_of(client.get(address(case, "stap/close/")))
    assert "A closed case counts in no figure" in page
    assert "also not with an exemption under 5a as destination" in page
    assert "lose access at once" in page
    assert "Open actions are dropped" in page

    answer = press(client, case, "close", destination="5a", on="20-11-2026", reason="Vrijgesteld")

    assert (answer.status_code, answer.url) == (302, address(case))
    closed = Case.objects.get(pk=case.pk)
    assert (closed.state, closed.destination, closed.closed_on) == ("closed", "5a", TODAY)
    assert partner.get(address(case)).status_code == 404
    assert list(Action.objects.filter(case=case).values_list("state", flat=True)) == ["vervallen"]


def test_onterecht_is_no_destination_of_closing(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "case_manager")

    answer = client.post(address(case, "stap/close/"), {"destination": "onterecht", "on": "20-11-2026"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"destination"}
    assert "onterecht" not in client.get(address(case, "stap/close/")).content.decode()


WRONG = [
    ({"destination": ""}, {"destination"}),
    ({"on": ""}, {"on"}),
    ({"on": "21-11-2026"}, {"on"}),
    ({"on": "1-9-2026"}, {"on"}),
    ({"on": "31-2-2026"}, {"on"}),
    ({"destination": "achttien", "back_on": "19-11-2026"}, {"back_on"}),
    ({"back_on": "1-9-2026"}, {"back_on"}),
    ({"back_on": "21-11-2026"}, {"back_on"}),
]


@pytest.mark.parametrize(("given", "fields"), WRONG)
def test_what_is_wrong_in_the_closing_stands_beside_its_field(
    cast: Cast, given: dict[str, str], fields: set[str]
) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "case_manager")

    answer = press(client, case, "close", **{"destination": "eigen-school", "on": "20-11-2026", **given})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == fields
    assert 'id="error-summary"' in answer.content.decode()
    assert Case.objects.get(pk=case.pk).state == "signalled"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"reason": "   "}, 422),
        ({"met_since": "21-11-2026"}, 422),
        ({"met_since": "19-10-2026"}, 302),
        ({"reason": "Verhuist volgende week"}, 302),
        ({"destination": "verhuisd-nl"}, 302),
    ],
)
def test_a_return_is_closed_as_sustained_or_with_a_reason(
    cast: Cast, given: dict[str, str], status: int
) -> None:
    case = in_return(cast)
    client = client_of(cast, "case_manager")

    answer = press(client, case, "close", **{"destination": "eigen-school", "on": "20-11-2026", **given})

    assert answer.status_code == status
    if status == 422:
        assert set(answer.context["form"].errors) == {"met_since"}


def test_the_norm_of_the_partnership_stands_on_the_closing_of_a_return(cast: Cast) -> None:
    case = in_return(cast)
    cast.swv.sustained_percentage, cast.swv.sustained_weeks = 85, 6
    cast.swv.save()

    page = text_of(client_of(cast, "case_manager").get(address(case, "stap/close/")))

    assert "when 85% of the timetable is met for 6 school weeks" in page


def test_met_since_and_back_at_school_are_written(cast: Cast) -> None:
    case = in_return(cast)

    press(
        client_of(cast, "case_manager"), case, "close",
        destination="eigen-school", on="20-11-2026", met_since="19-10-2026", back_on="2-11-2026",
    )  # fmt: skip

    change = StateChange.objects.filter(case=case, transition="close").get()
    dates = SpellDates.objects.filter(case=case).order_by("-pk")[0]
    assert (change.met_since, change.recorded_by) == (dt.date(2026, 10, 19), cast.people["case_manager"])
    assert (dates.back_on, dates.closed_on) == (dt.date(2026, 11, 2), TODAY)


# --- Withdrawing and reopening


def test_withdrawing_takes_a_reason_and_counts_nowhere(cast: Cast) -> None:
    case = cast.cases["own"]
    client = client_of(cast, "coordinator")

    without = press(client, case, "withdraw", reason="  ")
    with_reason = press(client, case, "withdraw", reason="Verkeerde leerling")

    assert (without.status_code, set(without.context["form"].errors)) == (422, {"reason"})
    assert with_reason.status_code == 302
    withdrawn = Case.objects.get(pk=case.pk)
    assert (withdrawn.state, withdrawn.destination) == ("closed", "onterecht")
    assert changes(case) == [("withdraw", "signalled", "closed")]


@pytest.mark.parametrize(
    ("first_day", "status"),
    [("30-9-2026", 422), ("1-10-2026", 302), ("20-11-2026", 302), ("21-11-2026", 422)],
)
def test_reopening_begins_a_spell_after_the_last_closing(cast: Cast, first_day: str, status: int) -> None:
    case = cast.cases["closed"]
    client = client_of(cast, "case_manager")

    answer = press(client, case, "reopen", reason="Weer thuis", first_day_absent=first_day)

    assert answer.status_code == status
    if status == 422:
        assert set(answer.context["form"].errors) == {"first_day_absent"}
    else:
        again = Case.objects.get(pk=case.pk)
        assert (again.state, again.spell, again.destination) == ("signalled", 2, "")


def test_a_coordinator_does_not_reopen(cast: Cast) -> None:
    case = cast.cases["closed"]
    client = client_of(cast, "coordinator")

    answer = client.post(
        address(case, "stap/reopen/"), {"reason": "Weer thuis", "first_day_absent": "20-11-2026"}
    )

    assert answer.status_code == 403
    assert Case.objects.get(pk=case.pk).state == "closed"


def test_a_token_of_somebody_else_does_nothing(cast: Cast) -> None:
    case = with_plans(cast)
    token = str(uuid.uuid4())
    page = address(case, "stap/agree_arrangement/")
    client_of(cast, "case_manager").post(page, {"token": token})

    answer = client_of(cast, "coordinator").post(address(case, "stap/start_return/"), {"token": token})

    assert answer.status_code == 409
    assert changes(case) == [("agree_arrangement", "signalled", "arrangement")]
