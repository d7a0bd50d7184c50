"""What is known of a case that was counted in a period: the line list behind the figures.

Figures are sums over lines, and nothing else: so a figure and the cases behind it cannot differ. Lines hold
no name and no date of birth.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from cases.enums import Reason
from common.dates import age_on, months_after
from reports.enums import Duration
from reports.rules.history import History, Turn, turn_on
from reports.rules.periods import Period
from reports.rules.stays import Stay

#: Calendar days that are "up to 4 weeks", whatever the partnership's threshold is.
FOUR_WEEKS = 28


@dataclass(slots=True)
class Standing:
    """What a member counts as on the last day. Organisations by number: the CBS code, the BRIN ("" without a
    school), BRIN and site. `signalled_after`: calendar days from the first day absent to the signal."""

    category: str
    duration: str
    sector: str
    age: int
    year_group: int | None
    municipality: str
    school: str
    site: str
    first_day: dt.date
    reason: str = Reason.UNKNOWN.value
    offered: bool = False
    state: str = ""
    offer_known: bool = False
    signalled_after: int = 0


@dataclass(slots=True)
class Leaving:
    """A membership that ended in the period: its destination or reason, and the days absent until then."""

    on: dt.date
    ending: str
    absent: int


@dataclass(slots=True)
class Line:
    """A case that was a member on the day before the period, or on a day of it.

    `returns` is how many of `entered` came after an earlier membership. `states`: days that it was in a state
    that ended in the period.
    """

    case_id: int
    start: bool
    entered: list[dt.date] = field(default_factory=list)
    left: list[Leaving] = field(default_factory=list)
    returns: int = 0
    end: Standing | None = None
    states: list[tuple[str, int]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Member(NamedTuple):
    """A case with its turns and the days on which it is a member, at least one stay."""

    history: History
    turns: Sequence[Turn]
    stays: Sequence[Stay]

    def touches(self, period: Period) -> bool:
        """Whether it can be a member on the day before the period or in it."""
        left = self.stays[-1].left
        return self.stays[0].entered <= period.last and (left is None or left >= period.first)


def line_of(member: Member, period: Period, numbers: Mapping[int | None, str]) -> Line | None:
    """The line of a case; None where it does not count in the period. `numbers` are those of organisations by
    their keys."""
    line = Line(member.history.case_id, start=False)
    for nth, stay in enumerate(member.stays):
        if stay.holds_on(period.day_before):
            line.start = True
        elif stay.entered in period:
            line.entered.append(stay.entered)
            line.returns += nth > 0
        if stay.left is not None and stay.left in period:
            line.left.append(Leaving(stay.left, stay.ending, stay.absent))
        elif stay.holds_on(period.last):
            line.end = standing_on(member.turns, period.last, numbers)
    return line if line.start or line.entered else None


def standing_on(turns: Sequence[Turn], day: dt.date, numbers: Mapping[int | None, str]) -> Standing | None:
    turn = turn_on(turns, day)
    if turn is None or turn.category is None:
        return None
    who, dates = turn.who, turn.spell.dates
    return Standing(
        category=turn.category.value,
        duration=duration_of(dates.first_day, day).value,
        sector=who.sector,
        age=age_on(who.birth_date, day),
        year_group=who.year_group,
        municipality=numbers[who.municipality_id],
        school=numbers[who.school_id],
        site=numbers[who.site_id],
        first_day=dates.first_day,
        signalled_after=(dates.signalled_on - dates.first_day).days,
    )


def duration_of(first_day: dt.date, day: dt.date) -> Duration:
    """How long somebody is absent on a day, in the contract's classes."""
    if (day - first_day).days <= FOUR_WEEKS:
        return Duration.WEEKS_4
    months = (day.year - first_day.year) * 12 + day.month - first_day.month
    if day < months_after(first_day, months):
        months -= 1
    for most, duration in ((3, Duration.MONTHS_3), (6, Duration.MONTHS_6), (12, Duration.MONTHS_12)):
        if months < most:
            return duration
    return Duration.LONGER


def counted(members: Iterable[Member], period: Period, numbers: Mapping[int | None, str]) -> list[Line]:
    """The lines of a period, in the order of the members."""
    found = (line_of(member, period, numbers) for member in members if member.touches(period))
    return [line for line in found if line is not None]


def line_from_json(values: Mapping[str, Any]) -> Line:
    """A line as it was written by `Line.as_json`."""
    end = values["end"]
    return Line(
        case_id=values["case_id"],
        start=values["start"],
        entered=[dt.date.fromisoformat(day) for day in values["entered"]],
        left=[
            Leaving(dt.date.fromisoformat(one["on"]), one["ending"], one["absent"]) for one in values["left"]
        ],
        returns=values["returns"],
        end=Standing(**{**end, "first_day": dt.date.fromisoformat(end["first_day"])}) if end else None,
        states=[(state, days) for state, days in values["states"]],
    )
