"""The line of a case: what it adds to the figures of a period, and what it counts as on the last day."""

import datetime as dt
from typing import Any

import pytest

from reports.rules.history import Exempt, History, turns_of
from reports.rules.lines import Leaving, Line, Member, duration_of, line_from_json, line_of
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.rules.stays import stays_of
from tests.reports.making import day, history, particulars, spell

NUMBERS = {None: "", 1: "0599", 2: "05AB", 3: "05AB01", 9: "0363"}
MARCH = Period(day("03-01"), day("03-31"))


def line(known: History, period: Period = MARCH, definition: str = "D2") -> Line | None:
    member = Member(known, turns_of(known), stays_of(known, Selection(definition)))
    return line_of(member, period, NUMBERS) if member.stays and member.touches(period) else None


def flow(known: History, period: Period = MARCH) -> tuple[int, int, int, int, int] | None:
    """Start, inflow, outflow, end, reentries."""
    found = line(known, period)
    if found is None:
        return None
    return (found.start, len(found.entered), len(found.left), int(found.end is not None), found.returns)


# --- A usual pupil is at home from 5 January and a member from 3 February.


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("01-01", "02-02", None),
        ("01-01", "02-03", (0, 1, 0, 1, 0)),
        ("02-03", "02-03", (0, 1, 0, 1, 0)),
        ("02-04", "02-04", (1, 0, 0, 1, 0)),
        ("02-04", "03-09", (1, 0, 0, 1, 0)),
        ("02-04", "03-10", (1, 0, 1, 0, 0)),
        ("03-10", "03-10", (1, 0, 1, 0, 0)),
        ("02-03", "03-10", (0, 1, 1, 0, 0)),
        ("03-11", "03-31", None),
    ],
)
def test_the_edges_of_a_period(first: str, last: str, expected: Any) -> None:
    known = history(closed=day("03-10"), destination="vso")
    assert flow(known, Period(day(first), day(last))) == expected


def test_in_and_out_again_within_a_period() -> None:
    known = history(
        spell(closed=day("02-10"), destination="vso"),
        spell(day("02-10"), key=2, back=day("03-20")),
        spell(day("03-22"), key=3, enrolled=False, back=day("03-25")),
    )
    assert flow(known) == (0, 2, 2, 0, 2)
    assert flow(known, Period(day("01-01"), day("12-31"))) == (0, 3, 3, 0, 2)
    found = line(known)
    assert found is not None
    assert found.entered == [day("03-11"), day("03-22")]
    assert found.left == [
        Leaving(day("03-20"), "returned", 38),
        Leaving(day("03-25"), "returned", 3),
    ]


def test_a_reentry_is_of_who_was_a_member_on_any_earlier_day() -> None:
    known = history(exemptions=[Exempt("5b", day("02-05"), day("03-09"))])
    assert flow(known) == (0, 1, 0, 1, 1)
    never = history(exemptions=[Exempt("5b", day("01-05"), day("03-09"))])
    assert flow(never) == (0, 1, 0, 1, 0)


def test_a_member_of_another_definition_before_is_no_reentry() -> None:
    known = history(exemptions=[Exempt("5a", day("01-05"), day("03-09"))])
    assert flow(known) == (0, 1, 0, 1, 0)
    broad = line(known, definition="D4")
    assert broad is not None
    assert (broad.start, broad.entered, broad.left) == (True, [], [])


def test_what_a_member_counts_as() -> None:
    who = [
        particulars(birth_date=day("2013-03-31")),
        particulars(
            day("03-20"), birth_date=day("2013-03-31"), municipality_id=9, year_group=None, sector="vo"
        ),
    ]
    found = line(history(spell(who=who, signalled=day("01-15"))))
    assert found is not None
    assert found.end is not None
    assert {name: getattr(found.end, name) for name in found.end.__slots__} == {
        "category": "lrv",
        "duration": "4w-3m",
        "sector": "vo",
        "age": 13,
        "year_group": None,
        "municipality": "0363",
        "school": "05AB",
        "site": "05AB01",
        "first_day": day("01-05"),
        "reason": "ONB",
        "offered": False,
        "state": "",
        "offer_known": False,
        "signalled_after": 10,
    }


def test_a_line_is_the_same_when_read_back() -> None:
    known = history(spell(closed=day("03-02"), destination="vso"), spell(day("03-02"), key=2, enrolled=False))
    found = line(known)
    assert found is not None
    found.states = [("signalled", 3)]
    again = line_from_json({**found.as_json(), **_as_text(found)})
    assert again == found


def _as_text(line: Line) -> dict[str, Any]:
    """Days as JSON has them."""
    values = line.as_json()
    left = [{**one, "on": str(one["on"])} for one in values["left"]]
    end = {**values["end"], "first_day": str(values["end"]["first_day"])}
    return {
        "entered": [str(it) for it in line.entered],
        "left": left,
        "end": end,
        "states": [["signalled", 3]],
    }


@pytest.mark.parametrize(
    ("first", "on", "expected"),
    [
        ("2026-01-05", "2026-01-05", "<4w"),
        ("2026-01-05", "2026-02-02", "<4w"),
        ("2026-01-05", "2026-02-03", "4w-3m"),
        ("2026-01-05", "2026-04-04", "4w-3m"),
        ("2026-01-05", "2026-04-05", "3-6m"),
        ("2026-01-05", "2026-07-04", "3-6m"),
        ("2026-01-05", "2026-07-05", "6-12m"),
        ("2026-01-05", "2027-01-04", "6-12m"),
        ("2026-01-05", "2027-01-05", ">12m"),
        ("2026-01-05", "2031-01-05", ">12m"),
        # The last day of a shorter month.
        ("2025-11-30", "2026-02-27", "4w-3m"),
        ("2025-11-30", "2026-02-28", "3-6m"),
        ("2025-11-29", "2026-02-28", "3-6m"),
        ("2025-11-28", "2026-02-28", "3-6m"),
        ("2025-11-28", "2026-02-27", "4w-3m"),
        ("2023-11-30", "2024-02-28", "4w-3m"),
        ("2023-11-30", "2024-02-29", "3-6m"),
        ("2026-08-31", "2027-02-27", "3-6m"),
        ("2026-08-31", "2027-02-28", "6-12m"),
        ("2026-03-31", "2026-06-29", "4w-3m"),
        ("2026-03-31", "2026-06-30", "3-6m"),
        ("2024-02-29", "2025-02-27", "6-12m"),
        ("2024-02-29", "2025-02-28", ">12m"),
        # 28 days beat the month: in February they are one.
        ("2026-02-01", "2026-03-01", "<4w"),
        ("2026-02-01", "2026-03-02", "4w-3m"),
    ],
)
def test_durations(first: str, on: str, expected: str) -> None:
    assert duration_of(dt.date.fromisoformat(first), dt.date.fromisoformat(on)) == expected
