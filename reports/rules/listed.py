"""A row of the quarterly list for the Inspectorate: a thuiszitter of a school year, member still or no more.

A case has one row, also after several memberships: it begins with the first of the school year and ends with
the last, and says how many there were. What it tells of the pupil is that of the last day on which the case
was a member, or of the last day of the list: so a row that has ended stays as it is in later quarters.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.enums import Reason
from reports.rules.history import History, spell_on, turns_of
from reports.rules.lines import standing_on
from reports.rules.periods import DAY, Period
from reports.rules.stays import Stay


@dataclass(slots=True)
class Listed:
    """Organisations by number, as in `Standing`. `told_on`: the day of which the row tells. `entered` and
    `left` are the days on which membership began and ended (None: member on the last day of the list), `last`
    that on which the last membership began. `days`: absent until `told_on`."""

    case_id: int
    spell: int
    told_on: dt.date
    category: str
    duration: str
    sector: str
    age: int
    municipality: str
    school: str
    site: str
    first_day: dt.date
    entered: dt.date
    last: dt.date
    memberships: int
    days: int
    left: dt.date | None = None
    ending: str = ""
    reason: str = Reason.UNKNOWN.value
    offered: bool = False
    offer: str = ""
    offer_since: dt.date | None = None


def listed(
    history: History, stays: Sequence[Stay], period: Period, numbers: Mapping[int | None, str]
) -> Listed | None:
    """The row of a case with these memberships; None where it is a member on no day of the period."""
    within = [
        stay
        for stay in stays
        if stay.entered <= period.last and (stay.left is None or stay.left > period.first)
    ]
    if not within:
        return None
    last = within[-1]
    left = last.left if last.left is not None and last.left <= period.last else None
    told_on = left - DAY if left else period.last
    spell, standing = spell_on(history, told_on), standing_on(turns_of(history), told_on, numbers)
    if spell is None or standing is None:
        raise ValueError("A member counts on the last day of its membership.")
    return Listed(
        case_id=history.case_id,
        spell=spell.key,
        told_on=told_on,
        category=standing.category,
        duration=standing.duration,
        sector=standing.sector,
        age=standing.age,
        municipality=standing.municipality,
        school=standing.school,
        site=standing.site,
        first_day=standing.first_day,
        entered=within[0].entered,
        last=last.entered,
        memberships=len(within),
        days=(told_on - standing.first_day).days,
        left=left,
        ending=last.ending if left else "",
    )
