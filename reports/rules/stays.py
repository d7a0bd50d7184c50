"""When a case was a member and why it ceased to be one (contracts/counting.md, "Period figures")."""

import datetime as dt
from dataclasses import dataclass

from cases.enums import Authorised, Category
from cases.rules import school_age_days
from reports.enums import Ending
from reports.rules.history import (
    History,
    Spell,
    articles_on,
    category_in,
    held_on,
    spell_on,
    turning_points,
)
from reports.rules.selection import Selection

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """Days in a row on which a case is a member: from `entered` up to the day before `left` (None: no end).

    `ending`: the destination, or an `Ending`. `absent`: days absent when it ended, 0 without an end.
    """

    entered: dt.date
    left: dt.date | None = None
    ending: str = ""
    absent: int = 0

    def holds_on(self, day: dt.date) -> bool:
        return self.entered <= day and (self.left is None or day < self.left)


def stays_of(history: History, selection: Selection) -> list[Stay]:
    """All days on which the case is a member, in order."""
    found: list[Stay] = []
    entered: dt.date | None = None
    for day in turning_points(history):
        spell = spell_on(history, day)
        if spell is None:
            continue
        category = category_in(history, spell, day)
        member = selection.holds(category, held_on(spell.particulars, day))
        if member and entered is None:
            entered = day
        elif not member and entered is not None:
            before = spell_on(history, day - DAY)
            found.append(_ended(history, before or spell, entered, day, category))
            entered = None
    if entered is not None:
        found.append(Stay(entered))
    return found


def _ended(history: History, spell: Spell, entered: dt.date, day: dt.date, category: Category | None) -> Stay:
    """`spell` is that of the day before."""
    return Stay(
        entered, day, _ending(history, spell, day, category), absent=(day - spell.dates.first_day).days
    )


def _ending(history: History, spell: Spell, day: dt.date, category: Category | None) -> str:
    """The first of these that is so on the day on which membership ended."""
    dates = spell.dates
    if dates.closed_on == day:
        return dates.destination
    if _is_eighteen(spell, day):
        return Ending.EIGHTEEN.value
    if articles_on(history, day):
        return Ending.EXEMPTION.value
    if dates.back_on is not None and dates.back_on <= day:
        return Ending.RETURNED.value
    if category in (Category.HIDDEN, Category.ILL_PARTLY) and _is_authorised(spell, day):
        return Ending.AUTHORISED.value
    return Ending.CORRECTION.value


def _is_eighteen(spell: Spell, day: dt.date) -> bool:
    return day >= school_age_days(held_on(spell.particulars, day).birth_date)[1]


def _is_authorised(spell: Spell, day: dt.date) -> bool:
    return held_on(spell.attendances, day).authorised == Authorised.YES
