"""The workflow is contracts/workflow.csv, exactly: every pair of states, right and condition."""

import csv
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.enums import ArrangementKind, HeardHow, PlanKind, RemoteForm, State
from cases.models import Case, Plan, StateChange
from cases.permissions import DECIDE, MANAGE
from cases.services import lifecycle, planning
from common.errors import DomainError, Invalid, NotAllowed, NotFound
from tests.cast import NOW, TODAY, Cast

CONTRACT = Path(__file__).parent.parent / "contracts" / "workflow.csv"
YESTERDAY = TODAY - dt.timedelta(days=1)
HEARD = planning.Heard(heard_on=TODAY, how=HeardHow.TALK, said="Ik wil terug naar mijn klas.")


def lines() -> list[dict[str, str]]:
    with CONTRACT.open() as file:
        return list(csv.DictReader(file))


def in_state(cast: Cast, state: str, **facts: Any) -> Case:
    """A case that a register brought in that state, so without any plan."""
    days = (
        {"states": ((State(state), dt.date(2026, 10, 1)),)}
        if state not in (State.SIGNALLED, State.CLOSED)
        else {}
    )
    if state == State.CLOSED:
        days = {"closed_on": dt.date(2026, 10, 1), "destination": "eigen-school"}
    return cast.case(cast.site, **{**days, **facts})


def arrangement(cast: Cast, case: Case, *, heard: planning.Heard | None = HEARD, **fields: Any) -> Plan:
    given = {
        "arrangement_kind": ArrangementKind.SUPPORT,
        "goal": "Halve dagen naar school",
        "responsible": cast.school.organisation,
        "agreed_on": TODAY,
        "start": TODAY,
        **fields,
    }
    return planning.add_arrangement(
        case=case, fields=given, heard=heard, by=cast.people["case_manager"], at=NOW, on=TODAY
    )


def remote_plan(cast: Cast, case: Case, *, heard: planning.Heard | None = HEARD, **fields: Any) -> Plan:
    given = {
        "form": RemoteForm.HYBRID,
        "hours_a_week": Decimal(10),
        "teacher": "Mevrouw Verzonnen",
        "start": TODAY,
        **fields,
    }
    return planning.add_remote_plan(
        case=case, fields=given, heard=heard, by=cast.people["case_manager"], at=NOW, on=TODAY
    )


def return_plan(cast: Cast, case: Case, *, heard: planning.Heard | None = HEARD, **fields: Any) -> Plan:
    steps = fields.pop("steps", [planning.Step("Twee ochtenden", Decimal(6), TODAY)])
    given = {"receiving_school": cast.site, "start": TODAY, **fields}
    return planning.add_return_plan(
        case=case, fields=given, steps=steps, heard=heard, by=cast.people["case_manager"], at=NOW, on=TODAY
    )


MAKE: dict[str, Callable[..., Plan]] = {
    "agree_arrangement": arrangement,
    "start_remote_education": remote_plan,
    "start_return": return_plan,
}


def press(cast: Cast, case: Case, transition: str, *, by: str = "case_manager", **given: Any) -> Case:
    """Presses a button with everything that it could ask."""
    user = cast.people[by]
    common: dict[str, Any] = {"case": case, "by": user, "at": NOW, "on": TODAY, **given}
    if transition == "close":
        closing = common.pop(
            "closing", lifecycle.Closing(destination="eigen-school", reason="Het gaat goed.")
        )
        return lifecycle.close(closing=closing, **common)
    if transition == "withdraw":
        return lifecycle.withdraw(reason=common.pop("reason", "Dubbel gemeld."), **common)
    if transition == "reopen":
        return lifecycle.reopen(
            reason=common.pop("reason", "Terugval."),
            first_day_absent=common.pop("first", YESTERDAY),
            **common,
        )
    service: Callable[..., Case] = getattr(lifecycle, transition)
    return service(**common)


TRANSITIONS = ("agree_arrangement", "start_remote_education", "start_return", "close", "withdraw", "reopen")
ALLOWED = {(line["transition"], line["from"]): line["to"] for line in lines()}


def test_the_machine_has_these_transitions_rights_and_conditions_and_no_others(cast: Cast) -> None:
    found = {
        (t.name, t.source, t.target): ";".join(c.contract_name for c in t.conditions)
        for t in Case(state=State.SIGNALLED).get_all_state_transitions()
    }
    expected = {(line["transition"], line["from"], line["to"]): line["conditions"] for line in lines()}
    # The condition of a sustained return is asked where the case is in return; elsewhere it always holds.
    without = {key: value.replace(";return_is_sustained", "") for key, value in found.items()}
    assert {k: (found[k] if k[1] == State.RETURN else without[k]) for k in found} == expected
    assert {line["right"] for line in lines()} == {MANAGE, DECIDE}


@pytest.mark.parametrize("transition", TRANSITIONS)
@pytest.mark.parametrize("state", State.values)
def test_every_pair_of_states_is_allowed_or_refused_as_the_contract_says(
    cast: Cast, state: str, transition: str
) -> None:
    case = in_state(cast, state)
    if transition in MAKE and state != State.CLOSED:
        MAKE[transition](cast, case)
    before = StateChange.objects.filter(case=case).count()
    if (transition, state) in ALLOWED:
        moved = press(cast, case, transition)
        assert moved.state == ALLOWED[transition, state]
        assert Case.objects.get(pk=case.pk).state == moved.state
        row = StateChange.objects.filter(case=case).latest("id")
        assert (row.from_state, row.to_state, row.on, row.known_from) == (state, moved.state, TODAY, NOW)
        assert row.recorded_by == cast.people["case_manager"]
    else:
        with pytest.raises(DomainError) as refused:
            press(cast, case, transition)
        assert refused.value.status == 409
        assert Case.objects.get(pk=case.pk).state == state
        assert StateChange.objects.filter(case=case).count() == before


@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line['transition']}-from-{line['from']}")
def test_the_right_of_each_transition(cast: Cast, line: dict[str, str]) -> None:
    case = in_state(cast, line["from"])
    if line["transition"] in MAKE:
        MAKE[line["transition"]](cast, case)
    if line["right"] == "decide_case":
        with pytest.raises(NotAllowed):
            press(cast, case, line["transition"], by="coordinator")
        press(cast, case, line["transition"], by="case_manager")
    else:
        for outsider in ("far_case_manager", "care_worker", "administrator", "superuser"):
            with pytest.raises(NotFound):
                press(cast, case, line["transition"], by=outsider)
        press(cast, case, line["transition"], by="coordinator")


def test_partners_see_and_may_not_move(cast: Cast) -> None:
    arrangement(cast, cast.cases["shared"])
    for partner in ("care_worker", "attendance_officer"):
        for transition in ("agree_arrangement", "close", "withdraw"):
            with pytest.raises(NotAllowed):
                press(cast, cast.cases["shared"], transition, by=partner)


@pytest.mark.parametrize("transition", MAKE)
def test_a_plan_without_the_pupils_voice_is_not_enough(cast: Cast, transition: str) -> None:
    case = in_state(cast, State.SIGNALLED)
    with pytest.raises(DomainError, match=r".+"):
        press(cast, case, transition)
    plan = MAKE[transition](cast, case, heard=None)
    with pytest.raises(DomainError):
        press(cast, case, transition)
    why_not = planning.Heard(why_not="Wilde niet praten, weekend erna opnieuw gevraagd.")
    planning.hear(plan=plan, case=case, heard=why_not, by=cast.people["coordinator"], at=NOW, on=TODAY)
    assert press(cast, case, transition).state == ALLOWED[transition, State.SIGNALLED]


@pytest.mark.parametrize(
    ("transition", "fields"),
    [
        ("agree_arrangement", {"agreed_on": TODAY + dt.timedelta(days=1)}),
        ("agree_arrangement", {"agreed_on": None}),
        ("agree_arrangement", {"start": dt.date(2026, 9, 1), "end": YESTERDAY}),
        ("agree_arrangement", {"ended_on": TODAY}),
        ("start_remote_education", {"start": TODAY + dt.timedelta(days=1)}),
        ("start_remote_education", {"ended_on": YESTERDAY}),
        ("start_return", {"steps": []}),
        ("start_return", {"ended_on": TODAY}),
    ],
)
def test_a_plan_that_does_not_hold_is_not_enough(cast: Cast, transition: str, fields: dict[str, Any]) -> None:
    case = in_state(cast, State.SIGNALLED)
    MAKE[transition](cast, case, **fields)
    with pytest.raises(DomainError):
        press(cast, case, transition)


def test_the_voice_must_belong_to_the_plan_that_holds(cast: Cast) -> None:
    case = in_state(cast, State.SIGNALLED)
    arrangement(cast, case, ended_on=TODAY)
    arrangement(cast, case, heard=None)
    with pytest.raises(DomainError):
        press(cast, case, "agree_arrangement")


def test_a_plan_of_an_earlier_spell_does_not_count(cast: Cast) -> None:
    case = in_state(cast, State.SIGNALLED)
    arrangement(cast, case)
    press(cast, case, "close")
    press(cast, case, "reopen", first=TODAY)
    with pytest.raises(DomainError):
        press(cast, case, "agree_arrangement")


@pytest.mark.parametrize("destination", ["", "onterecht", "thuis"])
def test_closing_takes_a_destination(cast: Cast, destination: str) -> None:
    case = in_state(cast, State.ARRANGEMENT)
    with pytest.raises(DomainError):
        press(cast, case, "close", closing=lifecycle.Closing(destination=destination, reason="Klaar"))


@pytest.mark.parametrize(
    ("closing", "closes"),
    [
        (lifecycle.Closing("eigen-school"), False),
        (lifecycle.Closing("eigen-school", reason="   "), False),
        (lifecycle.Closing("eigen-school", met_since=TODAY + dt.timedelta(days=1)), False),
        (lifecycle.Closing("eigen-school", met_since=TODAY - dt.timedelta(days=35)), True),
        (lifecycle.Closing("eigen-school", reason="De ouders willen het zo."), True),
        (lifecycle.Closing("verhuisd-nl"), True),
        (lifecycle.Closing("5a"), True),
    ],
)
def test_a_return_must_be_sustained_or_explained(
    cast: Cast, closing: lifecycle.Closing, closes: bool
) -> None:
    case = in_state(cast, State.RETURN)
    if closes:
        assert press(cast, case, "close", closing=closing).destination == closing.destination
    else:
        with pytest.raises(DomainError):
            press(cast, case, "close", closing=closing)
        assert Case.objects.get(pk=case.pk).is_open


@pytest.mark.parametrize(("transition", "state"), [("withdraw", State.SIGNALLED), ("reopen", State.CLOSED)])
def test_withdrawing_and_reopening_take_a_reason(cast: Cast, transition: str, state: State) -> None:
    case = in_state(cast, state)
    with pytest.raises(DomainError):
        press(cast, case, transition, reason="  \n ")


def test_withdrawing_is_a_mistake_in_the_books_and_tells_the_case_managers(cast: Cast) -> None:
    moved = press(cast, cast.cases["own"], "withdraw", by="coordinator")
    assert (moved.destination, moved.closed_on) == ("onterecht", TODAY)
    told = set(cast.people["case_manager"].notices.values_list("kind", flat=True))
    assert "case_withdrawn" in told
    assert not cast.people["far_case_manager"].notices.exists()


def test_reopening_begins_a_new_spell_and_keeps_the_first(cast: Cast) -> None:
    case = cast.cases["closed"]
    moved = press(cast, case, "reopen", first=dt.date(2026, 11, 2))
    assert (moved.spell, moved.first_day_absent, moved.signalled_on) == (2, dt.date(2026, 11, 2), TODAY)
    assert (moved.closed_on, moved.back_on, moved.destination, moved.offer) == (None, None, "", "")
    assert moved.number == case.number
    dates = moved.spelldates_rows.order_by("spell__number", "id").values_list(
        "spell__number", "first_day_absent"
    )
    assert set(dates) == {(1, dt.date(2026, 9, 1)), (2, dt.date(2026, 11, 2))}


@pytest.mark.parametrize("first", [dt.date(2026, 9, 30), TODAY + dt.timedelta(days=1)])
def test_a_new_spell_begins_between_the_closing_and_today(cast: Cast, first: dt.date) -> None:
    with pytest.raises(Invalid) as refused:
        press(cast, cast.cases["closed"], "reopen", first=first)
    assert refused.value.field == "first_day_absent"


def test_reopening_is_refused_where_the_pupil_has_another_open_case_at_the_school(cast: Cast) -> None:
    cast.case(cast.second_site, first_name="Dicht")
    with pytest.raises(DomainError):
        press(cast, cast.cases["closed"], "reopen", first=TODAY)
    assert Case.objects.get(pk=cast.cases["closed"].pk).state == State.CLOSED


def test_the_state_on_the_page_must_still_be_the_state(cast: Cast) -> None:
    case = in_state(cast, State.SIGNALLED)
    arrangement(cast, case)
    remote_plan(cast, case)
    press(cast, case, "agree_arrangement", by="coordinator", seen_state=State.SIGNALLED)
    with pytest.raises(DomainError, match="coordinator"):
        press(cast, case, "start_remote_education", seen_state=State.SIGNALLED)
    assert Case.objects.get(pk=case.pk).state == State.ARRANGEMENT


def test_closing_on_a_day_before_the_present_state_is_refused(cast: Cast) -> None:
    case = in_state(cast, State.ARRANGEMENT)
    with pytest.raises(Invalid):
        press(cast, case, "close", on=dt.date(2026, 9, 30))


def test_stopping_a_plan_at_its_evaluation_ends_it(cast: Cast) -> None:
    case = in_state(cast, State.SIGNALLED)
    plan = arrangement(cast, case, evaluate_on=TODAY)
    planning.evaluate(
        plan=plan,
        case=case,
        evaluated_on=TODAY,
        result="stoppen",
        note="Werkt niet.",
        next_on=None,
        by=cast.people["coordinator"],
        at=NOW,
        on=TODAY,
    )
    plan.refresh_from_db()
    assert (plan.ended_on, plan.evaluate_on) == (TODAY, None)
    with pytest.raises(DomainError):
        press(cast, case, "agree_arrangement")


def test_a_plan_of_another_case_cannot_be_reached_through_ones_own(cast: Cast) -> None:
    other = arrangement(cast, cast.cases["other_school"])
    with pytest.raises(NotFound):
        planning.hear(
            plan=other, case=cast.cases["own"], heard=HEARD, by=cast.people["coordinator"], at=NOW, on=TODAY
        )
    assert PlanKind(other.kind) == PlanKind.ARRANGEMENT
