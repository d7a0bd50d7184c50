"""What a case was on any day, as far as it was known at a moment (contracts/counting.md).

Pure: a `History` holds the facts of a case that were known, each kind in the order of the days from which it
holds; what comes out is the same on every database.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from cases.enums import Article, Category
from cases.rules import Facts, Threshold, category_on, school_age_days


class Dates(NamedTuple):
    """The dates of a spell."""

    first_day: dt.date
    signalled_on: dt.date
    back_on: dt.date | None
    closed_on: dt.date | None
    destination: str


class Attendance(NamedTuple):
    holds_from: dt.date
    enrolled: bool
    extent: str
    authorised: str
    ill: bool | None
    can_attend_partly: bool | None


class Particulars(NamedTuple):
    """Who and where; organisations by their keys."""

    holds_from: dt.date
    birth_date: dt.date
    municipality_id: int
    year_group: int | None
    school_id: int | None
    site_id: int | None
    sector: str


class Exempt(NamedTuple):
    """An exemption from and up to and including a day (None: open end)."""

    article: str
    first: dt.date
    last: dt.date | None


@dataclass(frozen=True, slots=True)
class Spell:
    """One time at home. Facts are in the order of the days from which they hold, and there is at least one of
    each."""

    key: int
    dates: Dates
    attendances: Sequence[Attendance]
    particulars: Sequence[Particulars]


@dataclass(frozen=True, slots=True)
class History:
    """A case by its spells, without those that were signalled by mistake; there is at least one."""

    case_id: int
    threshold: Threshold
    spells: Sequence[Spell]
    exemptions: Sequence[Exempt] = ()


Held = TypeVar("Held", Attendance, Particulars)


def spell_on(history: History, day: dt.date) -> Spell | None:
    """The last spell begun by a day."""
    for spell in reversed(history.spells):
        if spell.dates.first_day <= day:
            return spell
    return None


def held_on(facts: Sequence[Held], day: dt.date) -> Held:
    """The fact that holds on a day; before the first of them, that one."""
    if len(facts) == 1:
        return facts[0]
    return facts[max(bisect_right(facts, day, key=lambda fact: fact.holds_from) - 1, 0)]


def articles_on(history: History, day: dt.date) -> frozenset[str]:
    """The articles under which the pupil is exempt on a day."""
    if not history.exemptions:
        return NOT_EXEMPT
    return frozenset(
        exempt.article
        for exempt in history.exemptions
        if exempt.first <= day and (exempt.last is None or day <= exempt.last)
    )


def category_in(history: History, spell: Spell | None, day: dt.date) -> Category | None:
    """As what the case counts on a day on which this is its last spell begun."""
    if spell is None:
        return None
    dates, at_school = spell.dates, held_on(spell.attendances, day)
    facts = Facts(
        birth_date=held_on(spell.particulars, day).birth_date,
        first_day_absent=dates.first_day,
        back_on=dates.back_on,
        closed_on=dates.closed_on,
        enrolled=at_school.enrolled,
        extent=at_school.extent,
        authorised=at_school.authorised,
        ill=at_school.ill,
        can_attend_partly=at_school.can_attend_partly,
        exemptions=articles_on(history, day),
    )
    return category_on(facts, day, history.threshold)


def category_of(history: History, day: dt.date) -> Category | None:
    return category_in(history, spell_on(history, day), day)


class Turn(NamedTuple):
    """What a case is from a day on, until the next turn. `spell` is the last one begun."""

    day: dt.date
    spell: Spell
    category: Category | None
    who: Particulars


def turns_of(history: History, until: dt.date = dt.date.max) -> list[Turn]:
    """What a case is on every day up to and including `until`; before the first turn it counts as nothing."""
    found = []
    for day in turning_points(history):
        spell = spell_on(history, day)
        if day > until or spell is None:
            break
        found.append(Turn(day, spell, category_in(history, spell, day), held_on(spell.particulars, day)))
    return found


def turn_on(turns: Sequence[Turn], day: dt.date) -> Turn | None:
    """The turn that holds on a day; None before the first."""
    for turn in reversed(turns):
        if turn.day <= day:
            return turn
    return None


def turning_points(history: History) -> list[dt.date]:
    """The days on which what a case is can change, in order; before the first of them it counts as nothing.

    Between two of these days it is the same on every day.
    """
    days: set[dt.date] = set()
    for spell in history.spells:
        dates = spell.dates
        days.add(dates.first_day)
        days.add(dates.first_day + dt.timedelta(days=history.threshold.first_over))
        for day in (dates.back_on, dates.closed_on):
            if day is not None:
                days.add(day)
        for held in spell.attendances:
            days.add(held.holds_from)
        for fact in spell.particulars:
            days.add(fact.holds_from)
            days.update(school_age_days(fact.birth_date))
    for exempt in history.exemptions:
        days.add(exempt.first)
        if exempt.last is not None and exempt.last < dt.date.max:
            days.add(exempt.last + dt.timedelta(days=1))
    begins = min(spell.dates.first_day for spell in history.spells)
    return sorted(day for day in days if day >= begins)


NOT_EXEMPT: frozenset[Article] = frozenset()
