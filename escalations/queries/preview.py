"""What a rule would do today: how many cases it finds due, and which new reminders a sweep would make.

Writes nothing. Goes through the open cases in chunks, so that memory is bounded and the number of queries
does not grow with each case.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from accounts.models import User
from cases.models import Case
from cases.queries.visibility import cases_visible_to
from escalations.enums import About
from escalations.models import Reminder
from escalations.queries.calendars import Calendars
from escalations.queries.facts import facts_of, open_case_ids
from escalations.queries.judging import Holding, Judge, Pair
from escalations.queries.known import known_of
from escalations.queries.rulebook import sectors_with_own
from escalations.rules import Rule
from escalations.rules.deciding import decide
from escalations.rules.table import ATTESTATION
from schools.models import Organisation, Sector
from schools.queries import organisations_seen_by

CHUNK = 2000
#: So many of what is due are named.
NAMED = 20


@dataclass(frozen=True)
class Named:
    """A case by its number or a school by its name. `visible`: this user may open its page."""

    pk: int
    name: str
    visible: bool


@dataclass
class Preview:
    """`due`: cases (for the attestation: schools) for which something is due on the day. `new`: reminders
    that a sweep would make now. `left_out`: sectors with a setting of their own."""

    rule: Rule
    due: int = 0
    new: int = 0
    first: list[int] = field(default_factory=list)
    left_out: list[Sector] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.due - len(self.first)

    def add(self, found: Iterable[int], new: int) -> None:
        ids = sorted(set(found))
        self.due += len(ids)
        self.new += new
        self.first += ids[: NAMED - len(self.first)]


def preview_rule(partnership_id: int, sector: str, rule: Rule, *, on: dt.date) -> Preview:
    """With the rule in one sector, or in all that have none of their own, on a day."""
    preview = Preview(rule)
    if rule.code != ATTESTATION and not sector:
        preview.left_out = sectors_with_own(partnership_id, rule.code)
    places = {sector} if sector else {"", *Sector.values} - set(preview.left_out)
    rules = {place: {rule.code: rule} if place in places else {} for place in (*Sector.values, "")}
    calendars = Calendars(partnership_id)
    judge = Judge(rules, calendars, on=on)
    if not rule.active:
        return preview
    if rule.code == ATTESTATION:
        reminders = Reminder.objects.filter(partnership=partnership_id, about=About.SCHOOL)
        _judge(preview, judge.schools(partnership_id), reminders, partnership_id)
        return preview
    ids = open_case_ids(partnership_id, on=on)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        facts = facts_of(chunk)
        calendars.prepare({case.site_id for case in facts.values()})
        reminders = Reminder.objects.filter(case__in=chunk)
        _judge(preview, judge.cases(facts.values()), reminders, partnership_id)
    return preview


def _judge(
    preview: Preview, holding: Iterable[Holding], reminders: QuerySet[Reminder], partnership_id: int
) -> None:
    of_rule = reminders.filter(rule=preview.rule.code)
    known = known_of(of_rule)
    due: set[int] = set()
    made: dict[Pair, dt.date] = {}
    for it in holding:
        if it.due.first <= it.due.on:
            due.add(it.object_id if it.case_id is None else it.case_id)
        decision = decide(it.due, known.get(it.pair, []))
        if decision.make:
            made[it.pair] = decision.make
    preview.add(due, len(made) - _made_before(made, of_rule.filter(partnership=partnership_id)))


def _made_before(made: dict[Pair, dt.date], of_rule: QuerySet[Reminder]) -> int:
    """Of these the ones that exist already, from before a date moved away and back: not made again."""
    if not made:
        return 0
    old = of_rule.filter(newest=False).values_list("rule", "about", "object_id", "due_on")
    return sum(made.get((rule, about, pk)) == due_on for rule, about, pk, due_on in old.iterator(CHUNK))


def named_of(preview: Preview, user: User, *, on: dt.date) -> list[Named]:
    """The first of what is due, in order; who may not see a case learns its number only."""
    if preview.rule.code == ATTESTATION:
        rows = Organisation.objects.filter(pk__in=preview.first).order_by("pk").values_list("pk", "name")
        visible = set(organisations_seen_by(user).filter(pk__in=preview.first).values_list("pk", flat=True))
    else:
        rows = Case.objects.filter(pk__in=preview.first).order_by("pk").values_list("pk", "number")
        seen = cases_visible_to(user, on=on).filter(pk__in=preview.first)
        visible = set(seen.values_list("pk", flat=True))
    return [Named(pk, name, pk in visible) for pk, name in rows]
