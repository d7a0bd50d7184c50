"""Each rule: the day on which it is due and the day before, and what makes it hold or not."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from common.calendar import Calendar
from escalations.rules import RULES, first_due
from escalations.rules.facts import ActionFacts, CaseFacts, ExemptionFacts, InvitationFacts, PlanFacts
from schools.calendars import calendar_of
from tests.factories.schools import PartnershipFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
ON = dt.date(2026, 12, 10)
LONG_AGO = dt.date(2026, 8, 31)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def a_case(**facts: Any) -> CaseFacts:
    """An open case of a pupil who is back at school, with an arrangement and somebody who leads."""
    usual: dict[str, Any] = {
        "id": 1,
        "partnership_id": 1,
        "site_id": None,
        "sector": "vo",
        "state": "arrangement",
        "state_since": LONG_AGO,
        "signalled_on": LONG_AGO,
        "first_day_absent": LONG_AGO,
        "back_on": LONG_AGO,
        "offer": "",
        "offer_since": None,
        "lead_id": 7,
        "last_progress_on": dt.date(2099, 1, 1),
    }
    return CaseFacts(**{**usual, **facts})


def plan(**facts: Any) -> PlanFacts:
    usual: dict[str, Any] = {
        "id": 11, "kind": "arrangement", "start": LONG_AGO, "end": None, "evaluate_on": None,
        "ended_on": None, "evaluated_on": None,
    }  # fmt: skip
    return PlanFacts(**{**usual, **facts})


def exemption(first: str, last: str, article: str = "5a", pk: int = 21) -> ExemptionFacts:
    return ExemptionFacts(pk, article, day(first), day(last))


@pytest.fixture
def south() -> Calendar:
    return calendar_of(None, PartnershipFactory.build(region="zuid", organisation=None))


def due(case: CaseFacts, on: dt.date, calendar: Calendar) -> list[str]:
    """The rules of which something is due and holds on a day."""
    return [
        code
        for code, rule in RULES.items()
        for _, _, counts_from in rule.finds(case, on)
        if first_due(rule.threshold, counts_from, calendar) <= on
    ]


def absent_since(first: str, **facts: Any) -> CaseFacts:
    return a_case(first_day_absent=day(first), back_on=None, **facts)


def signalled_on(first: str, **facts: Any) -> CaseFacts:
    return a_case(state="signalled", signalled_on=day(first), **facts)


@pytest.mark.parametrize(
    ("code", "case", "due_on"),
    [
        ("R05", absent_since("2026-09-07"), "2026-09-21"),
        ("R05", absent_since("2026-09-05"), "2026-09-18"),  # a Saturday
        ("R05", absent_since("2026-10-12"), "2026-11-02"),  # over the autumn holiday, 17 to 25 October
        ("R10", absent_since("2026-09-01"), "2026-09-30"),
        ("R11", absent_since("2026-09-01"), "2026-10-13"),
        ("R12", a_case(plans=[plan(start=day("2026-09-01"))]), "2026-10-27"),
        ("R13", absent_since("2026-08-31"), "2026-11-30"),
        ("R13", absent_since("2026-11-30"), "2027-02-28"),
        ("R13", absent_since("2027-11-30"), "2028-02-29"),
        ("R14", a_case(signalled_on=day("2026-09-01"), last_progress_on=None), "2026-10-13"),
        (
            "R14",
            a_case(signalled_on=day("2026-09-01"), last_progress_on=day("2026-09-20")),
            "2026-11-01",
        ),
        ("R16a", a_case(plans=[plan(end=day("2027-03-01"))]), "2026-12-01"),
        ("R16b", a_case(plans=[plan(end=day("2027-03-01"))]), "2027-01-30"),
        ("R16a", a_case(exemptions=[exemption("2026-08-01", "2027-07-31")]), "2027-05-02"),
        ("R16b", a_case(exemptions=[exemption("2026-08-01", "2027-07-31")]), "2027-07-01"),
        ("R17", signalled_on("2026-09-07", lead_id=None), "2026-09-14"),
        ("R18", signalled_on("2026-09-07"), "2026-09-21"),
        ("R18x", signalled_on("2026-09-07"), "2026-10-05"),
        ("R19", a_case(plans=[plan(evaluate_on=day("2026-10-18"))]), "2026-10-18"),  # a Sunday
        (
            "R20",
            a_case(
                state="remote_education",
                state_since=day("2026-10-01"),
                plans=[plan(kind="remote_education", evaluate_on=day("2026-10-18"))],
            ),
            "2026-10-18",
        ),
        ("R21", a_case(state="remote_education", state_since=day("2026-11-30")), "2027-02-28"),
        ("R23", a_case(actions=[ActionFacts(31, day("2026-10-16"))]), "2026-10-26"),
        ("R23", a_case(actions=[ActionFacts(31, day("2026-09-07"))]), "2026-09-08"),
        ("R23x", a_case(actions=[ActionFacts(31, day("2026-10-16"))]), "2026-11-06"),
        ("R24", a_case(invitations=[InvitationFacts(41, day("2026-09-10"), ON)]), "2026-09-17"),
        (
            "R24",  # working days go on in the holiday, but for Christmas
            a_case(invitations=[InvitationFacts(41, day("2026-12-23"), day("2027-02-01"))]),
            "2026-12-31",
        ),
    ],
)
def test_due_on_the_day_and_not_on_the_day_before(
    code: str, case: CaseFacts, due_on: str, south: Calendar
) -> None:
    before, then = day(due_on) - DAY, day(due_on)
    assert (code in due(case, before, south), code in due(case, then, south)) == (False, True)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ["R05", "R10", "R11", "R13"]),
        ({"back_on": ON + DAY}, ["R05", "R10", "R11", "R13"]),
        ({"back_on": ON}, []),
        ({"exemptions": [exemption("2026-09-01", "2026-12-09")]}, ["R05", "R10", "R11", "R13"]),
        ({"exemptions": [exemption("2026-12-11", "2028-01-01")]}, ["R05", "R10", "R11", "R13"]),
        ({"exemptions": [exemption("2026-12-10", "2028-01-01")]}, []),
        ({"exemptions": [ExemptionFacts(21, "15", LONG_AGO, None)]}, []),
        ({"exemptions": [exemption("2026-09-01", "2026-12-10")]}, ["R16a", "R16b"]),  # its last day
        ({"offer": "onderwijs", "offer_since": ON}, ["R05", "R10"]),
        ({"offer": "opbouw", "offer_since": ON}, ["R05", "R10"]),
        ({"offer": "oza", "offer_since": ON}, ["R05", "R10"]),
        ({"offer": "afstand", "offer_since": ON}, ["R05", "R10"]),
        ({"offer": "afstand", "offer_since": ON + DAY}, ["R05", "R10", "R11", "R13"]),
        ({"offer": "afstand"}, ["R05", "R10", "R11", "R13"]),
        ({"offer": "zorg", "offer_since": LONG_AGO}, ["R05", "R10", "R11", "R13"]),
        ({"offer": "gedaan", "offer_since": LONG_AGO}, ["R05", "R10", "R11", "R13"]),
        ({"offer": "geweigerd", "offer_since": LONG_AGO}, ["R05", "R10", "R11", "R13"]),
        ({"state": "signalled"}, ["R05", "R10", "R11", "R13", "R18", "R18x"]),
        ({"state": "signalled", "lead_id": None}, ["R05", "R10", "R11", "R13", "R17", "R18", "R18x"]),
        ({"state": "remote_education"}, ["R05", "R10", "R11", "R13", "R21"]),
        ({"state": "return", "lead_id": None}, ["R05", "R10", "R11", "R13"]),
        ({"last_progress_on": None}, ["R05", "R10", "R11", "R13", "R14"]),
    ],
)
def test_who_is_absent(facts: dict[str, Any], expected: list[str], south: Calendar) -> None:
    case = a_case(**{"back_on": None, **facts})
    assert due(case, ON, south) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ["R12"]),
        ({"kind": "return"}, ["R12"]),
        ({"kind": "remote_education"}, ["R12"]),
        ({"evaluated_on": LONG_AGO}, []),
        ({"evaluated_on": LONG_AGO - DAY}, ["R12"]),
        ({"ended_on": ON}, []),
        ({"ended_on": ON + DAY}, ["R12"]),
        ({"end": ON}, ["R12", "R16a", "R16b"]),
        ({"end": ON - DAY}, []),
        ({"end": ON + 30 * DAY}, ["R12", "R16a", "R16b"]),
        ({"end": ON + 31 * DAY}, ["R12", "R16a"]),
        ({"end": ON + 90 * DAY}, ["R12", "R16a"]),
        ({"end": ON + 91 * DAY}, ["R12"]),
        ({"evaluate_on": ON}, ["R12", "R19"]),
        ({"evaluate_on": ON + DAY}, ["R12"]),
        ({"evaluate_on": ON, "ended_on": ON}, []),
        ({"evaluate_on": ON, "kind": "return"}, ["R12"]),
        ({"evaluate_on": ON, "kind": "remote_education"}, ["R12"]),  # the case is in an arrangement
    ],
)
def test_plans(facts: dict[str, Any], expected: list[str], south: Calendar) -> None:
    assert due(a_case(plans=[plan(**facts)]), ON, south) == expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({}, []),
        ({"kind": "return"}, ["R16a", "R16b"]),
        ({"start": LONG_AGO - DAY}, ["R16a", "R16b"]),
        ({"ended_on": ON}, ["R16a", "R16b"]),
        ({"end": ON - DAY}, ["R16a", "R16b"]),
        ({"start": ON + 20 * DAY}, []),
    ],
)
def test_a_later_plan_of_the_same_kind_takes_the_place(
    later: dict[str, Any], expected: list[str], south: Calendar
) -> None:
    evaluated = plan(end=ON + DAY, evaluated_on=ON)
    follows = plan(**{"id": 12, "start": LONG_AGO + DAY, "evaluated_on": ON + 30 * DAY, **later})
    assert due(a_case(plans=[evaluated, follows]), ON, south) == expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (exemption("2026-12-12", "2027-12-31", pk=22), []),
        (exemption("2026-12-12", "2027-12-31", article="5b", pk=22), ["R16a", "R16b"]),
        (exemption("2026-07-01", "2027-12-31", pk=22), ["R16a", "R16b"]),
        (exemption("2026-10-12", "2026-12-09", pk=22), ["R16a", "R16b"]),  # is past itself
    ],
)
def test_a_later_exemption_of_the_same_article_takes_the_place(
    later: ExemptionFacts, expected: list[str], south: Calendar
) -> None:
    case = a_case(exemptions=[exemption("2026-08-01", "2026-12-11"), later])
    assert due(case, ON, south) == expected


def test_an_invitation_that_nobody_can_answer_any_more(south: Calendar) -> None:
    last_day = InvitationFacts(41, LONG_AGO, ON)
    assert due(a_case(invitations=[last_day]), ON, south) == ["R24"]
    assert due(a_case(invitations=[replace(last_day, ends_on=ON - DAY)]), ON, south) == []


def test_several_of_a_kind_count_each(south: Calendar) -> None:
    case = a_case(actions=[ActionFacts(31, LONG_AGO), ActionFacts(32, ON), ActionFacts(33, ON - DAY)])
    assert due(case, ON, south) == ["R23", "R23", "R23x"]
    assert list(RULES["R23"].finds(case, ON)) == [
        ("action", 31, LONG_AGO),
        ("action", 32, ON),
        ("action", 33, ON - DAY),
    ]


def test_what_is_not_about_a_case_finds_nothing_in_one() -> None:
    case = a_case(back_on=None)
    assert [
        code for code, rule in RULES.items() if code in ("R15", "R22") and list(rule.finds(case, ON))
    ] == []
