"""When a case was a member and why it ceased to be one (contracts/counting.md, "Period figures")."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cases.enums import Authorised, Category
from cases.rules import school_age_days
from reports.enums import Ending
from reports.rules.history import History, Spell, Turn, articles_on, held_on, turns_of
from reports.rules.selection import Selection


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


def stays_of(history: History, selection: Selection, turns: Sequence[Turn] | None = None) -> list[Stay]:
    """All days on which the case is a member, in order. `turns`: those of the history, where they are known;
    what comes after them is left out."""
    found: list[Stay] = []
    entered: dt.date | None = None
    before: Turn | None = None
    for turn in turns_of(history) if turns is None else turns:
        is_member = selection.holds(turn.category, turn.who)
        if is_member and entered is None:
            entered = turn.day
        elif before is not None and entered is not None and not is_member:
            found.append(_ended(history, before.spell, entered, turn))
            entered = None
        before = turn
    if entered is not None:
        found.append(Stay(entered))
    return found


def _ended(history: History, spell: Spell, entered: dt.date, turn: Turn) -> Stay:
    """`spell` is that of the day before the turn at which membership ended."""
    absent = (turn.day - spell.dates.first_day).days
    return Stay(entered, turn.day, _ending(history, spell, turn.day, turn.category), absent)


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
