"""The timeline: everything of a case, the newest first, by page, and what it says of each thing."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import translation

from cases.models import Case
from cases.queries.casefile import Reader
from cases.queries.timeline import Entry, timeline
from cases.services import facts, lifecycle, planning, work
from cases.services.intake import ExemptionGiven
from tests.cases.views import YESTERDAY, add_action, add_arrangement, add_note
from tests.cast import NOW, TODAY, Cast, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


LATER_TODAY = NOW + dt.timedelta(hours=1)


def reader(cast: Cast, case: Case, name: str = "case_manager") -> Reader:
    return Reader(user=fresh(cast.people[name]), case=Case.objects.get(pk=case.pk), on=TODAY)


def entries(cast: Cast, case: Case, name: str = "case_manager") -> list[Entry]:
    return timeline(reader(cast, case, name)).entries


def told(cast: Cast, case: Case, name: str = "case_manager") -> list[tuple[str, str]]:
    return [(entry.title, entry.text) for entry in entries(cast, case, name)]


def test_a_new_case_begins_with_its_signal_alone(cast: Cast) -> None:
    (entry,) = entries(cast, cast.cases["own"])

    assert (entry.title, entry.day, entry.kind) == ("Signalled", dt.date(2026, 9, 14), "state")
    assert entry.when == "14 September 2026 (recorded on 20 November 2026)"


def test_changed_facts_are_one_entry_with_what_was_and_what_is(cast: Cast) -> None:
    case = cast.cases["own"]
    locked = Case.objects.get(pk=case.pk)
    changes = {"extent": "gedeeltelijk", "reasons": "GEZIN", "last_name": "Anders"}
    by = cast.people["coordinator"]

    facts.correct(locked, changes, by=by, at=LATER_TODAY, holds_from=YESTERDAY)

    entry = entries(cast, case)[0]
    assert (entry.title, entry.by, entry.when) == (
        "Facts changed",
        "coordinator",
        "20 November 2026, 11:00",
    )
    assert entry.text.split("\n") == [
        "Last name: Verzonnen → Anders",
        "Extent of the absence: full: not at school at all → "
        "partial: some hours at school (from 19 November 2026)",
        "Reasons: pupil: anxiety, gloom, overstimulation, no fitting place, waiting list for education"
        " → family",
    ]


def test_an_offer_that_comes_later_is_told_though_there_was_none_before(cast: Cast) -> None:
    case = cast.cases["own"]
    locked = Case.objects.get(pk=case.pk)

    facts.correct(locked, {"offer": "oza"}, by=cast.people["coordinator"], at=LATER_TODAY)

    assert entries(cast, case)[0].text == "Offer: unknown → education and care arrangement (oza)"


def test_moving_the_first_day_is_told_once(cast: Cast) -> None:
    case = cast.cases["own"]
    locked = Case.objects.get(pk=case.pk)

    facts.correct(
        locked, {"first_day_absent": dt.date(2026, 8, 31)}, by=cast.people["coordinator"], at=LATER_TODAY
    )

    assert told(cast, case)[0] == (
        "Facts changed",
        "First day absent: 1 September 2026 → 31 August 2026",
    )


def test_an_imported_history_stands_on_its_own_days(cast: Cast) -> None:
    found = [(entry.title, entry.day) for entry in entries(cast, cast.cases["closed"])]

    assert found[:3] == [
        ("State: from Arrangement to Closed", dt.date(2026, 10, 1)),
        ("State: from Signalled to Arrangement", dt.date(2026, 9, 20)),
        ("Signalled", dt.date(2026, 9, 14)),
    ]


def test_the_life_of_a_plan_and_an_action(cast: Cast) -> None:
    case = cast.cases["own"]
    by = cast.people["case_manager"]
    plan = add_arrangement(cast, case)
    action = add_action(cast, case, "Bellen", owner="case_manager")
    about = {"case": case, "by": by, "on": TODAY}
    planning.evaluate(
        plan=plan, evaluated_on=TODAY, result="stoppen", note="Werkt niet", next_on=None, at=NOW, **about
    )
    work.finish_action(action=action, case=case, state="gedaan", result="Gebeld", by=by, at=LATER_TODAY)
    lifecycle.assign_lead(lead=by, at=LATER_TODAY, **about)

    assert {(title, text) for title, text in told(cast, case)} == {
        ("Action done: Bellen", "Gebeld"),
        ("Case lead: case_manager", ""),
        ("Action: Bellen", "By case_manager, before or on 21 November 2026."),
        ("Arrangement recorded", "From 19 November 2026."),
        ("Arrangement ended", "Werkt niet"),
        ("Arrangement evaluated: stop", "Werkt niet"),
        ("Pupil heard on: Arrangement", "Stem van de leerling"),
        ("Signalled", ""),
    }


def test_an_exemption_and_that_it_was_taken_back(cast: Cast) -> None:
    case = cast.cases["own"]
    by = cast.people["case_manager"]
    given = ExemptionGiven("5a", YESTERDAY, None)
    exemption = facts.add_exemption(case, given, by=by, at=NOW)
    facts.replace_exemption(exemption, None, case=case, by=by, at=LATER_TODAY)

    assert [title for title, _text in told(cast, case)][:2] == [
        "Exemption 5 under a: physical or psychological grounds corrected or removed",
        "Exemption 5 under a: physical or psychological grounds",
    ]


def test_a_destination_that_is_an_exemption_is_kept_from_care_workers(cast: Cast) -> None:
    case = cast.cases["shared"]
    pressed = {"case": case, "by": cast.people["case_manager"], "at": LATER_TODAY, "on": TODAY}
    lifecycle.close(closing=lifecycle.Closing(destination="5a", reason="Vrijgesteld onder 5a"), **pressed)
    lifecycle.reopen(reason="Weer thuis", first_day_absent=TODAY, **pressed)
    cast.let_in(case, cast.care, by=cast.people["care_worker"])
    cast.let_in(case, cast.office, by=cast.people["attendance_officer"])

    def words(name: str) -> str:
        return " ".join(f"{title} {text}" for title, text in told(cast, case, name))

    assert "Destination: unknown → exempt, 5 under a" in words("case_manager")
    assert "Vrijgesteld onder 5a" in words("case_manager")
    assert "5 under a" in words("attendance_officer")
    assert "5 under a" not in words("care_worker")
    assert "5a" not in words("care_worker")
    assert "Reopened" in words("care_worker")


def test_pages_hold_every_entry_once_in_order(cast: Cast) -> None:
    case = cast.cases["own"]
    for number in range(30):
        add_note(cast, case, f"Notitie {number}", by="coordinator")
        add_action(cast, case, f"Actie {number}", owner="coordinator")

    pages = [timeline(reader(cast, case), page=number, size=25) for number in (1, 2, 3, 4)]

    assert [len(page.entries) for page in pages] == [25, 25, 11, 0]
    assert [page.has_next for page in pages] == [True, True, False, False]
    every = [entry for page in pages for entry in page.entries]
    assert every == sorted(every, reverse=True)
    assert len({(entry.title, entry.text) for entry in every}) == 61


def test_long_notes_are_short_here(cast: Cast) -> None:
    case = cast.cases["own"]
    add_note(cast, case, "woord " * 100, by="coordinator")

    assert len(entries(cast, case)[0].text.split()) == 40
