"""What stands out in a period."""

import datetime as dt

from django.utils import translation

from common.dates import end_of
from reports.rules.lines import Line
from reports.rules.periods import Period
from reports.rules.warnings import of_cases, of_continuity, of_time, standing_out
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


def test_in_words_with_numbers_hidden_outside() -> None:
    found = [("no_reason", [1]), ("over_a_year", [1, 2, 3, 4]), ("no_offer", [1, 2, 3, 4, 5])]
    with translation.override("en"):
        inside = [it.as_json() for it in of_cases(found, outside=False)]
        outside = [it.as_json() for it in of_cases(found, outside=True)]
    assert inside == [
        {"code": "no_reason", "count": 1, "text": "Of 1 pupil no reason is recorded."},
        {"code": "over_a_year", "count": 4, "text": "4 pupils are at home for longer than a year."},
        {
            "code": "no_offer",
            "count": 5,
            "text": "Of 5 pupils it is not known whether there is a fitting offer, or since when.",
        },
    ]
    assert [(it["count"], it["text"]) for it in outside] == [
        ("<5", "Of <5 pupils no reason is recorded."),
        ("<5", "<5 pupils are at home for longer than a year."),
        ("x", "Of x pupils it is not known whether there is a fitting offer, or since when."),
    ]


def test_a_period_that_is_not_over() -> None:
    march = Period(day("03-01"), day("03-31"))
    assert of_time(march, end_of(day("03-31"))) == []
    (warned,) = of_time(march, end_of(day("03-30")) + dt.timedelta(microseconds=0))
    assert (warned.code, warned.count) == ("not_over", 1)


def test_a_start_that_is_not_the_end_that_was_issued() -> None:
    assert of_continuity(None, 3, 3, outside=False) == []
    assert of_continuity(3, 3, 3, outside=False) == []
    with translation.override("en"):
        (warned,) = of_continuity(2768, 2296, 2296, outside=False)
        (hidden,) = of_continuity(7, 3, "<5", outside=True)
    assert warned.as_json() == {
        "code": "continuity",
        "count": 472,
        "previous_end": 2768,
        "start": 2296,
        "difference": -472,
        "text": "The start (2296) is not the end of the period before as it was issued (2768):"
        " a difference of -472.",
    }
    assert hidden.as_json() == {
        "code": "continuity",
        "count": "x",
        "previous_end": "x",
        "start": "<5",
        "difference": "x",
        "text": "The start is not the end of the period before as it was issued.",
    }
