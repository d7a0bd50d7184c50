"""What stands out in a period."""

import datetime as dt
from typing import Any

import pytest
from django.utils import translation

from common.dates import end_of
from reports.rules.figures import Figures
from reports.rules.lines import Line
from reports.rules.periods import Period
from reports.rules.shown import exactly
from reports.rules.warnings import of_cases, of_cells, of_continuity, of_time, standing_out
from tests.reports.making import day
from tests.reports.rules.test_figures import standing

FINE = {"reason": "PLEK", "offer_known": True}


def test_what_stands_out() -> None:
    lines = [
        Line(1, True, end=standing(**FINE)),
        Line(2, True, end=standing(**FINE | {"reason": "ONB"})),
        Line(3, True, end=standing(**FINE | {"offer_known": False})),
        Line(4, True, end=standing(**FINE | {"duration": ">12m", "reason": "ONB"})),
        Line(5, True, end=standing(**FINE | {"signalled_after": 56})),
        Line(6, True, end=standing(**FINE | {"signalled_after": 57})),
        Line(7, False, [day("03-01"), day("03-20")]),
        Line(8, True),
    ]
    assert standing_out(lines) == [
        ("no_reason", [2, 4]),
        ("no_offer", [3]),
        ("over_a_year", [4]),
        ("late_signal", [6]),
        ("in_and_out", [7]),
    ]
    assert standing_out(lines[:1]) == []


def test_in_words() -> None:
    found = [("no_reason", [1]), ("over_a_year", [1, 2, 3, 4])]
    with translation.override("en"):
        warned = [it.as_json() for it in of_cases(found)]
    assert warned == [
        {"code": "no_reason", "count": 1, "text": "Of 1 pupil no reason is recorded."},
        {"code": "over_a_year", "count": 4, "text": "4 pupils are at home for longer than a year."},
    ]


@pytest.mark.parametrize(
    ("reasons", "durations", "expected"),
    [
        ({"PLEK": 9}, {"4w-3m": 9}, []),
        ({"ONB": "<5"}, {">12m": "x"}, [("no_reason", "<5"), ("over_a_year", "x")]),
        ({"ONB": 0, "PLEK": 9}, {">12m": 12}, [("over_a_year", 12)]),
    ],
)
def test_outside_nothing_is_said_but_what_the_cells_say(
    reasons: Any, durations: Any, expected: list[tuple[str, Any]]
) -> None:
    shown = exactly(Figures())
    shown.breakdowns.update(by_reason=reasons, by_duration=durations)
    assert [(it.code, it.count) for it in of_cells(shown)] == expected


def test_a_hidden_number_is_of_many() -> None:
    shown = exactly(Figures())
    shown.breakdowns.update(by_reason={"ONB": "<5"}, by_duration={">12m": "x"})
    with translation.override("en"):
        assert [it.text for it in of_cells(shown)] == [
            "Of <5 pupils no reason is recorded.",
            "x pupils are at home for longer than a year.",
        ]


def test_a_period_that_is_not_over() -> None:
    march = Period(day("03-01"), day("03-31"))
    assert of_time(march, end_of(day("03-31"))) == []
    (warned,) = of_time(march, end_of(day("03-30")) + dt.timedelta(microseconds=0))
    assert (warned.code, warned.count) == ("not_over", 1)


def test_a_start_that_is_not_the_end_that_was_issued() -> None:
    with translation.override("en"):
        (warned,) = of_continuity(2768, 2296)
    assert warned.as_json() == {
        "code": "continuity",
        "count": 472,
        "previous_end": 2768,
        "start": 2296,
        "difference": -472,
        "text": "The start (2296) is not the end of the period before as it was issued (2768):"
        " a difference of -472.",
    }


@pytest.mark.parametrize(("previous_end", "start"), [(None, 3), (3, 3), ("<5", 9), (9, "x"), ("<5", "<5")])
def test_nothing_to_say_of_the_period_before(previous_end: Any, start: Any) -> None:
    assert of_continuity(previous_end, start) == []
