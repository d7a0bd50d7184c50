"""Which rules hold for which objects on a day, and when they are due: what a sweep writes down."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from common.calendar import Calendar
from escalations.enums import About
from escalations.queries.attestations import schools_unanswered
from escalations.queries.calendars import Calendars
from escalations.queries.settings import RulesOfSectors
from escalations.rules import Rule, first_due
from escalations.rules.deciding import Due
from escalations.rules.facts import CaseFacts
from escalations.rules.table import ATTESTATION

#: A rule and an object: of these at most one reminder is pending.
Pair = tuple[str, str, int]


@dataclass(slots=True)
class Holding:
    """A rule that holds for an object on a day."""

    rule: Rule
    about: About
    object_id: int
    case_id: int | None
    due: Due

    @property
    def pair(self) -> Pair:
        return self.rule.code, self.about.value, self.object_id


class Judge:
    """Judges cases of one partnership on one day. First due dates are remembered: many cases share them."""

    def __init__(self, rules: RulesOfSectors, calendars: Calendars, *, on: dt.date) -> None:
        self._rules = {
            sector: [rule for rule in by_code.values() if rule.active] for sector, by_code in rules.items()
        }
        self._calendars, self._on = calendars, on
        self._first: dict[tuple[int, int, dt.date], dt.date] = {}

    def is_in_force(self, code: str, sector: str) -> bool:
        return any(rule.code == code for rule in self._rules[sector])

    def cases(self, facts: Iterable[CaseFacts]) -> Iterator[Holding]:
        for case in facts:
            calendar = self._calendars[case.site_id]
            for rule in self._rules[case.sector]:
                for about, object_id, counts_from in rule.finds(case, self._on):
                    due = self._due(rule, calendar, counts_from)
                    yield Holding(rule, about, object_id, case.id, due)

    def schools(self, partnership_id: int) -> Iterator[Holding]:
        """The schools that have to confirm their list. A school may have several sectors."""
        for rule in self._rules[""]:
            if rule.code != ATTESTATION:
                continue
            day, schools = schools_unanswered(partnership_id, on=self._on)
            for school_id in schools:
                due = self._due(rule, self._calendars[None], day)
                yield Holding(rule, About.SCHOOL, school_id, None, due)

    def _due(self, rule: Rule, calendar: Calendar, counts_from: dt.date) -> Due:
        key = id(calendar), id(rule), counts_from  # both live as long as the judge
        first = self._first.get(key)
        if first is None:
            first = self._first[key] = first_due(rule.threshold, counts_from, calendar)
        return Due(counts_from, first, rule.repeat, calendar, self._on)
