"""What a case counts as on a day (contracts/counting.md), clause by clause."""

import datetime as dt
from typing import Any

import pytest

from cases.rules import Threshold
from reports.rules.history import Exempt, History, category_of, spell_on, turning_points
from tests.reports.making import FIRST, attendance, day, history, spell

DAY = dt.timedelta(days=1)
#: The 28th and the 29th day absent.
AT, OVER = FIRST + 28 * DAY, FIRST + 29 * DAY


def on_edge(known: History, edge: dt.date) -> list[str | None]:
    """As what it counts on the day before and on the day."""
    return [category_of(known, edge - DAY), category_of(known, edge)]


@pytest.mark.parametrize(
    ("born", "begins"),
    [
        ("2021-03-01", "04-01"),
        ("2021-03-14", "04-01"),
        ("2021-03-31", "04-01"),
        ("2020-12-05", "01-01"),
        ("2020-02-29", "2025-04-01"),
        ("2020-02-28", "2025-03-01"),
    ],
)
def test_school_age_begins_in_the_month_after_the_fifth_birthday(born: str, begins: str) -> None:
    known = history(first=day("2024-12-01"), born=day(born), enrolled=False)
    assert on_edge(known, day(begins)) == [None, "absoluut"]


@pytest.mark.parametrize(
    ("born", "ends"),
    [
        ("2008-03-14", "03-14"),
        ("2008-03-01", "03-01"),
        ("2008-02-29", "03-01"),
        ("2008-12-31", "12-31"),
    ],
)
def test_school_age_ends_on_the_eighteenth_birthday(born: str, ends: str) -> None:
    known = history(born=day(born), enrolled=False)
    assert on_edge(known, day(ends)) == ["absoluut", None]


def test_who_was_born_on_29_february_is_eighteen_on_it_in_no_year() -> None:
    """Eighteen years after a leap year is none."""
    known = history(first=day("2030-01-07"), born=day("2012-02-29"), enrolled=False)
    assert on_edge(known, day("2030-03-01")) == ["absoluut", None]


@pytest.mark.parametrize(
    ("number", "inclusive", "over"),
    [
        (28, False, 29),
        (28, True, 28),
        (0, False, 1),
        (0, True, 0),
        (1, True, 1),
        (14, False, 15),
        (90, True, 90),
    ],
)
def test_the_threshold(number: int, inclusive: bool, over: int) -> None:
    known = history(threshold=Threshold(number, inclusive))
    before = None if over == 0 else "dreigend"
    assert on_edge(known, FIRST + over * DAY) == [before, "lrv"]


def test_the_threshold_counts_calendar_days_over_29_february_and_the_clock() -> None:
    known = history(first=day("2028-02-10"))
    assert on_edge(known, day("2028-03-10")) == ["dreigend", "lrv"]
    assert on_edge(history(first=day("2026-03-10")), day("2026-04-08")) == ["dreigend", "lrv"]


@pytest.mark.parametrize(
    ("facts", "at", "over"),
    [
        ({}, "dreigend", "lrv"),
        ({"authorised": "deels"}, "dreigend", "lrv"),
        ({"authorised": "ja"}, "dreigend", "verborgen"),
        ({"authorised": "onbekend"}, "dreigend", "verborgen"),
        ({"enrolled": False}, "absoluut", "absoluut"),
        ({"enrolled": False, "extent": "gedeeltelijk", "authorised": "ja"}, "absoluut", "absoluut"),
        ({"extent": "gedeeltelijk"}, "gedeeltelijk", "gedeeltelijk"),
        ({"authorised": "ja", "ill": True, "can_attend_partly": True}, "dreigend", "ziek-deels"),
        ({"authorised": "onbekend", "ill": True, "can_attend_partly": True}, "dreigend", "ziek-deels"),
        ({"authorised": "nee", "ill": True, "can_attend_partly": True}, "dreigend", "lrv"),
        ({"authorised": "deels", "ill": True, "can_attend_partly": True}, "dreigend", "lrv"),
        ({"authorised": "ja", "ill": True, "can_attend_partly": False}, "dreigend", "verborgen"),
        ({"authorised": "ja", "ill": True}, "dreigend", "verborgen"),
        ({"authorised": "ja", "can_attend_partly": True}, "dreigend", "verborgen"),
        ({"authorised": "ja", "ill": False, "can_attend_partly": True}, "dreigend", "verborgen"),
        (
            {"authorised": "ja", "ill": True, "can_attend_partly": True, "extent": "gedeeltelijk"},
            "gedeeltelijk",
            "gedeeltelijk",
        ),
    ],
)
def test_the_categories_in_their_order(facts: dict[str, Any], at: str, over: str) -> None:
    known = history(**facts)
    assert category_of(known, FIRST - DAY) is None
    assert (category_of(known, AT), category_of(known, OVER)) == (at, over)


@pytest.mark.parametrize("article", ["3a", "3b", "5b", "5c", "15"])
@pytest.mark.parametrize("facts", [{}, {"enrolled": False}, {"extent": "gedeeltelijk"}, {"authorised": "ja"}])
def test_who_is_exempt_counts_nowhere(article: str, facts: dict[str, Any]) -> None:
    known = history(exemptions=[Exempt(article, OVER, OVER + DAY)], **facts)
    free = history(**facts)
    assert [category_of(known, OVER + n * DAY) for n in (-1, 0, 1, 2)] == [
        category_of(free, AT),
        None,
        None,
        category_of(free, OVER + 2 * DAY),
    ]


def test_5a_counts_from_its_first_up_to_and_including_its_last_day() -> None:
    known = history(exemptions=[Exempt("5a", OVER, OVER + DAY)])
    assert [category_of(known, OVER + n * DAY) for n in (-1, 0, 1, 2)] == ["dreigend", "5a", "5a", "lrv"]


def test_5a_counts_whether_absent_or_not_while_the_case_runs() -> None:
    known = history(
        back=day("02-10"), closed=day("03-10"), destination="5a", exemptions=[Exempt("5a", FIRST, None)]
    )
    days = [FIRST - DAY, FIRST, day("02-09"), day("02-10"), day("03-09"), day("03-10")]
    assert [category_of(known, on) for on in days] == [None, "5a", "5a", "5a", "5a", None]


def test_5a_beside_another_exemption_counts() -> None:
    known = history(exemptions=[Exempt("15", FIRST, None), Exempt("5a", FIRST, None)])
    assert category_of(known, OVER) == "5a"


def test_5a_is_for_who_is_of_school_age() -> None:
    known = history(born=day("2008-02-10"), exemptions=[Exempt("5a", FIRST, None)])
    assert on_edge(known, day("02-10")) == ["5a", None]


@pytest.mark.parametrize("facts", [{"back": OVER + DAY}, {"closed": OVER + DAY}])
def test_back_and_closed_end_the_absence_on_their_day(facts: dict[str, Any]) -> None:
    assert on_edge(history(**facts), OVER + DAY) == ["lrv", None]


def test_an_absence_of_one_day() -> None:
    known = history(enrolled=False, back=FIRST + DAY)
    assert [category_of(known, FIRST + n * DAY) for n in (-1, 0, 1)] == [None, "absoluut", None]


def test_closed_on_its_first_day_it_never_counts() -> None:
    known = history(enrolled=False, closed=FIRST, destination="eigen-school", back=FIRST)
    assert [category_of(known, FIRST + n * DAY) for n in (-1, 0, 1)] == [None, None, None]


def test_a_fact_holds_from_its_day() -> None:
    known = history(
        spell(
            attendances=[attendance(), attendance(OVER + 2 * DAY, authorised="ja"), attendance(day("04-01"))]
        )
    )
    assert on_edge(known, OVER + 2 * DAY) == ["lrv", "verborgen"]
    assert on_edge(known, day("04-01")) == ["verborgen", "lrv"]


class TestSpells:
    KNOWN = history(
        spell(key=1, closed=day("03-10"), destination="eigen-school"),
        spell(day("03-20"), key=2, back=day("05-20")),
        spell(day("06-01"), key=3, enrolled=False),
    )

    def test_the_last_spell_begun_counts(self) -> None:
        days = [FIRST - DAY, FIRST, day("03-19"), day("03-20"), day("05-31"), day("06-01")]
        found = [spell_on(self.KNOWN, on) for on in days]
        assert [it and it.key for it in found] == [None, 1, 1, 2, 2, 3]

    def test_days_absent_begin_anew(self) -> None:
        assert on_edge(self.KNOWN, day("03-10")) == ["lrv", None]
        assert on_edge(self.KNOWN, day("03-20")) == [None, "dreigend"]
        assert on_edge(self.KNOWN, day("04-18")) == ["dreigend", "lrv"]
        assert on_edge(self.KNOWN, day("05-20")) == ["lrv", None]
        assert on_edge(self.KNOWN, day("06-01")) == [None, "absoluut"]

    def test_a_spell_that_begins_on_the_day_of_closing(self) -> None:
        known = history(spell(closed=day("03-10"), destination="sbo"), spell(day("03-10"), key=2))
        assert on_edge(known, day("03-10")) == ["lrv", "dreigend"]

    def test_an_exemption_goes_on_in_a_later_spell(self) -> None:
        known = history(*self.KNOWN.spells, exemptions=[Exempt("5a", day("02-01"), None)])
        days = [day("01-31"), day("02-01"), day("03-10"), day("03-20"), day("06-01")]
        assert [category_of(known, on) for on in days] == ["dreigend", "5a", None, "5a", "5a"]


def test_between_turning_points_nothing_changes() -> None:
    known = history(
        spell(
            born=day("2008-07-01"),
            attendances=[attendance(), attendance(day("02-20"), authorised="ja")],
            back=day("05-01"),
            closed=day("05-04"),
        ),
        spell(day("06-01"), key=2, born=day("2008-07-01")),
        exemptions=[Exempt("5b", day("03-01"), day("03-31")), Exempt("15", day("2025-01-01"), None)],
    )
    assert [f"{on:%m-%d}" for on in turning_points(known)] == [
        "01-05",
        "02-03",
        "02-20",
        "03-01",
        "04-01",
        "05-01",
        "05-04",
        "06-01",
        "06-30",
        "07-01",
    ]
