"""The escalations page: which cases stand at which level of the ladder, how long, and at which school."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from cases.queries.listing import Row
from cases.queries.visibility import cases_visible_to, open_cases_visible_to
from escalations.enums import Level
from escalations.models import Reminder
from escalations.queries.reminders import pending_reminders
from escalations.rules import RULES
from schools.models import Organisation

PAGE_SIZE = 25
#: So many schools stand in the table of schools.
MOST_SCHOOLS = 25
NO_SCHOOL = 0


@dataclass(frozen=True)
class Standing:
    """Where a case stands: its highest level, and since when it stands there."""

    case_id: int
    school_id: int
    level: Level
    since: dt.date


@dataclass(frozen=True)
class AtSchool:
    """How many cases of a school stand at each level, from the first on."""

    school_id: int
    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    """A case on the board with what it is reminded of, highest level first."""

    row: Row
    standing: Standing
    reminders: list[Reminder]
    on: dt.date

    @property
    def asked(self) -> list[dict[str, object]]:
        return [{"pk": it.pk, "asks": RULES[it.rule].asks} for it in self.reminders]

    @property
    def others(self) -> int:
        """How many more reminders there are than the first."""
        return len(self.reminders) - 1


@dataclass(frozen=True)
class Board:
    """Everything that stands on the ladder, highest and longest first."""

    standings: list[Standing]

    @property
    def levels(self) -> list[tuple[Level, int]]:
        """How many cases stand at each level, the highest first."""
        counts = Counter(standing.level for standing in self.standings)
        return [(level, counts[level]) for level in sorted(Level, reverse=True)]

    def schools(self) -> list[AtSchool]:
        """The schools where most stands highest."""
        counts: dict[int, Counter[Level]] = {}
        for standing in self.standings:
            counts.setdefault(standing.school_id, Counter())[standing.level] += 1
        ordered = sorted(
            counts, key=lambda pk: [counts[pk][level] for level in sorted(Level, reverse=True)], reverse=True
        )[:MOST_SCHOOLS]
        names = dict(Organisation.objects.filter(pk__in=ordered).values_list("pk", "name"))
        return [
            AtSchool(pk, names.get(pk, ""), tuple(counts[pk][level] for level in Level)) for pk in ordered
        ]

    def narrowed(self, *, level: int | None, school: int | None) -> "Board":
        return Board(
            [
                standing
                for standing in self.standings
                if (level is None or standing.level == level)
                and (school is None or standing.school_id == school)
            ]
        )


def board_of(user: User, *, on: dt.date) -> Board:
    """The open cases of the partnerships that somebody manages, of which something is asked."""
    managed = [m.organisation_id for m in active_memberships(user) if m.role == Role.CASE_MANAGER]
    pending = pending_reminders(on=on).filter(
        partnership__in=managed, case__in=open_cases_visible_to(user, on=on)
    )
    found: dict[int, Standing] = {}
    rows = pending.values_list("case", "case__school", "level", "due_on")
    for case_id, school_id, level, since in rows.order_by("-level", "due_on", "case"):
        if case_id is not None and case_id not in found:
            found[case_id] = Standing(case_id, school_id or NO_SCHOOL, Level(level), since)
    return Board(list(found.values()))


def lines(user: User, standings: Sequence[Standing], *, on: dt.date) -> list[Line]:
    """The cases of one page, in their order; the same number of queries for any number."""
    cases = cases_visible_to(user, on=on).with_list_facts().in_bulk([it.case_id for it in standings])
    reminders: dict[int | None, list[Reminder]] = {}
    for reminder in pending_reminders(on=on).filter(case__in=cases).order_by("-level", "due_on", "pk"):
        reminders.setdefault(reminder.case_id, []).append(reminder)
    return [
        Line(Row(cases[it.case_id], on), it, reminders.get(it.case_id, []), on)
        for it in standings
        if it.case_id in cases
    ]
