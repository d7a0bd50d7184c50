"""School age and category, against the contract word by word and against an obvious implementation."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.enums import Authorised, Category, Extent
from cases.rules import Facts, Threshold, category_on, is_of_school_age, school_age_births

DAY = dt.date(2026, 11, 20)
FAR = dt.timedelta(days=60)


def facts(**given: Any) -> Facts:
    return Facts(
        **{
            "birth_date": dt.date(2012, 5, 4),
            "first_day_absent": DAY - FAR,
            "back_on": None,
            "closed_on": None,
            "enrolled": True,
            "extent": Extent.FULL,
            "authorised": Authorised.NO,
            "ill": None,
            "can_attend_partly": None,
            **given,
        }
    )


@pytest.mark.parametrize(
    ("born", "day", "expected"),
    [
        # Five on 4 May 2026: of school age from 1 June.
        (dt.date(2021, 5, 4), dt.date(2026, 5, 31), False),
        (dt.date(2021, 5, 4), dt.date(2026, 6, 1), True),
        # Five on the first of the month: from the first of the next month all the same.
        (dt.date(2021, 5, 1), dt.date(2026, 5, 1), False),
        (dt.date(2021, 5, 1), dt.date(2026, 6, 1), True),
        (dt.date(2020, 12, 31), dt.date(2025, 12, 31), False),
        (dt.date(2020, 12, 31), dt.date(2026, 1, 1), True),
        # Up to the day before the eighteenth birthday.
        (dt.date(2008, 11, 20), dt.date(2026, 11, 19), True),
        (dt.date(2008, 11, 20), dt.date(2026, 11, 20), False),
        # Born on 29 February: the birthday is on 1 March in other years.
        (dt.date(2020, 2, 29), dt.date(2025, 3, 1), False),
        (dt.date(2020, 2, 29), dt.date(2025, 3, 31), False),
        (dt.date(2020, 2, 29), dt.date(2025, 4, 1), True),
        (dt.date(2008, 2, 29), dt.date(2026, 2, 28), True),
        (dt.date(2008, 2, 29), dt.date(2026, 3, 1), False),
    ],
)
def test_school_age(born: dt.date, day: dt.date, expected: bool) -> None:
    assert is_of_school_age(born, day) is expected


@given(
    day=st.dates(dt.date(2015, 1, 1), dt.date(2045, 12, 31)),
    years=st.integers(4, 19),
    days=st.integers(-40, 40),
)
def test_the_range_of_births_is_the_same_rule(day: dt.date, years: int, days: int) -> None:
    born = dt.date(day.year - years, day.month, min(day.day, 28)) + dt.timedelta(days=days)
    first, last = school_age_births(day)
    assert (first <= born <= last) == is_of_school_age(born, day)


@pytest.mark.parametrize(
    ("given_facts", "expected"),
    [
        ({}, Category.LONG),
        ({"authorised": Authorised.PARTLY}, Category.LONG),
        ({"authorised": Authorised.YES}, Category.HIDDEN),
        ({"authorised": Authorised.UNKNOWN}, Category.HIDDEN),
        ({"authorised": Authorised.YES, "ill": True, "can_attend_partly": True}, Category.ILL_PARTLY),
        ({"authorised": Authorised.YES, "ill": True}, Category.HIDDEN),
        ({"authorised": Authorised.NO, "ill": True, "can_attend_partly": True}, Category.LONG),
        ({"enrolled": False}, Category.ABSOLUTE),
        ({"enrolled": False, "first_day_absent": DAY}, Category.ABSOLUTE),
        ({"enrolled": False, "extent": Extent.PARTIAL}, Category.ABSOLUTE),
        ({"extent": Extent.PARTIAL}, Category.PARTIAL),
        ({"extent": Extent.PARTIAL, "first_day_absent": DAY}, Category.PARTIAL),
        ({"first_day_absent": DAY - dt.timedelta(days=28)}, Category.THREATENING),
        ({"first_day_absent": DAY - dt.timedelta(days=29)}, Category.LONG),
        ({"first_day_absent": DAY + dt.timedelta(days=1)}, None),
        ({"back_on": DAY}, None),
        ({"back_on": DAY + dt.timedelta(days=1)}, Category.LONG),
        ({"closed_on": DAY}, None),
        ({"closed_on": DAY + dt.timedelta(days=1)}, Category.LONG),
        ({"exemptions": frozenset({"5a"})}, Category.EXEMPT_5A),
        ({"exemptions": frozenset({"5a"}), "back_on": DAY}, Category.EXEMPT_5A),
        ({"exemptions": frozenset({"5a"}), "closed_on": DAY}, None),
        ({"exemptions": frozenset({"5a"}), "enrolled": False}, Category.EXEMPT_5A),
        ({"exemptions": frozenset({"5b"})}, None),
        ({"exemptions": frozenset({"15"}), "enrolled": False}, None),
        ({"birth_date": dt.date(2008, 11, 20)}, None),
    ],
)
def test_category(given_facts: dict[str, Any], expected: Category | None) -> None:
    assert category_on(facts(**given_facts), DAY, Threshold()) == expected


def test_the_threshold_of_a_partnership_counts() -> None:
    case = facts(first_day_absent=DAY - dt.timedelta(days=28))
    assert category_on(case, DAY, Threshold(28, inclusive=True)) == Category.LONG
    assert category_on(case, DAY, Threshold(27)) == Category.LONG
    assert category_on(case, DAY, Threshold(42)) == Category.THREATENING
