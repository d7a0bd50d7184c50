"""A small world in which it is known who has to be reminded of what: two partnerships with five schools.

What is due stands here as it follows from contracts/rules.md, worked out by hand: days are counted from the
day of the world, a Tuesday without a public holiday in the weeks around it, and no school has holidays of its
own.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from accounts.models import User
from accounts.roles import Role
from cases.enums import Authorised, Extent, PlanKind, Source, State
from cases.models import Action, Case, Plan
from cases.services.intake import Intake, insert
from common.dates import start_of
from escalations.models import Reminder
from escalations.notices import TOPICS
from notifications.models import Preference
from schools.models import Partnership, Sector
from tests.chaos.smtp import Taken
from tests.factories.accounts import UserFactory, member
from tests.factories.schools import MunicipalityFactory, PartnershipFactory, SchoolFactory, SchoolSiteFactory

DAY = dt.timedelta(days=1)
TUESDAY = dt.date(2026, 11, 17)

COORDINATOR, MANAGER, LEAD = "coordinator", "manager", "lead"
MANAGERS = (MANAGER, LEAD)  # who leads the cases is the second case manager
ALL = (COORDINATOR, MANAGER, LEAD)
DAILY = {"a-lead", "b-lead", "a2-coordinator"}


class Kind(NamedTuple):
    """A case: absent and signalled so many days before the day of the world."""

    absent: int
    signalled: int
    led: bool = True
    action: int | None = None  # the deadline, so many days before
    arranged: bool = False  # in the state arrangement, to be evaluated on the day itself


KINDS = {
    "ten school days": Kind(15, 8),
    "four weeks": Kind(29, 8),
    "unled": Kind(8, 7, led=False),
    "overdue": Kind(8, 7, action=1),
    "standing still": Kind(15, 14),
    "unled for weeks": Kind(22, 21, led=False),
    "arranged": Kind(8, 7, arranged=True),
}


#: What there is where nothing else is said.
ORDINARY = tuple(kind for kind in KINDS if kind != "arranged")


class Due(NamedTuple):
    """A rule that is due for each case of a kind, so many days after that of the world; and who gets it."""

    kind: str
    rule: str
    after: int
    people: tuple[str, ...]


#: On the day itself: of what was missed before, the latest.
DUE = (
    Due("ten school days", "R05", -1, (COORDINATOR,)),
    Due("four weeks", "R05", -15, (COORDINATOR,)),
    Due("four weeks", "R10", 0, ALL),
    Due("unled", "R17", 0, MANAGERS),
    Due("overdue", "R23", 0, (COORDINATOR,)),
    Due("standing still", "R05", -1, (COORDINATOR,)),
    Due("standing still", "R18", 0, (COORDINATOR, LEAD)),
    Due("unled for weeks", "R05", -8, (COORDINATOR,)),
    Due("unled for weeks", "R17", 0, MANAGERS),
    Due("unled for weeks", "R18", 0, ALL),  # nobody leads it: the case managers stand in
    Due("arranged", "R19", 0, (LEAD,)),
)
#: In the week after it.
DUE_IN_A_WEEK = (
    Due("ten school days", "R18", 6, (COORDINATOR, LEAD)),
    Due("four weeks", "R18", 6, (COORDINATOR, LEAD)),
    Due("unled", "R05", 6, (COORDINATOR,)),
    Due("unled", "R17", 7, MANAGERS),
    Due("unled", "R18", 7, ALL),
    Due("overdue", "R05", 6, (COORDINATOR,)),
    Due("overdue", "R18", 7, (COORDINATOR, LEAD)),
    Due("overdue", "R23", 7, (COORDINATOR,)),
    Due("standing still", "R18", 7, (COORDINATOR, LEAD)),
    Due("unled for weeks", "R10", 7, ALL),
    Due("unled for weeks", "R17", 7, MANAGERS),
    Due("unled for weeks", "R18", 7, ALL),
    Due("unled for weeks", "R18x", 7, MANAGERS),
    Due("arranged", "R05", 6, (COORDINATOR,)),
    Due("arranged", "R19", 7, (LEAD,)),
)

ASKS = {
    "R05": "Involve the youth doctor and tell the partnership",
    "R10": "Report to the verzuimloket when unauthorised, hold a conference and name a case lead",
    "R11": "Put the case on the agenda of the thuiszitters' meeting",
    "R13": "Invoke the power to decide (doorzettingsmacht)",
    "R14": "Write down how it goes, or what holds it up",
    "R15": "Confirm the list of your school",
    "R17": "Choose who leads this case",
    "R18": "Agree on an arrangement",
    "R18x": "See to it that there is an arrangement",
    "R19": "Evaluate the arrangement",
    "R23": "Do the action, or say what came of it",
    "R23x": "See to it that the action is done",
}


class Line(NamedTuple):
    """What one person has to read once."""

    to: str
    case: str
    rule: str
    due_on: dt.date


class World:
    """Five schools, at each of which a coordinator has one case of each kind. Some of the people want their
    mail daily, the others at once."""

    def __init__(
        self,
        day: dt.date = TUESDAY,
        *,
        kinds: Collection[str] = ORDINARY,
        schools: Collection[str] = ("a1", "a2", "a3", "b1", "b2"),
    ) -> None:
        self.day = day
        self.people: dict[str, User] = {}
        self.cases: dict[tuple[str, str], Case] = {}  # by school and kind
        self.partnership_of: dict[str, str] = {}
        for name in ("a", "b"):
            self._partnership(name, [school for school in schools if school[0] == name], [*kinds])
        self.daily = {person.email for name, person in self.people.items() if name in DAILY}
        Preference.objects.bulk_create(
            Preference(user=person, topic=topic, frequency="daily")
            for person in self.people.values()
            if person.email in self.daily
            for topic in TOPICS
        )

    def _partnership(self, name: str, schools: list[str], kinds: list[str]) -> None:
        partnership = PartnershipFactory(number=f"VO99{ord(name)}", name=f"SWV {name}", region="")
        for part in MANAGERS:
            self._person(f"{name}-{part}", Role.CASE_MANAGER, partnership.organisation)
        self._person(f"{name}-administrator", Role.ADMINISTRATOR, partnership.organisation)
        for school in schools:
            self.partnership_of[school] = name
            self._school(school, partnership, kinds)

    def _school(self, name: str, partnership: Partnership, kinds: list[str]) -> None:
        school = SchoolFactory(name=f"School {name}")
        site = SchoolSiteFactory(school=school, sector=Sector.VO, region="", partnerships=[partnership])
        owner = self._person(f"{name}-{COORDINATOR}", Role.COORDINATOR, school.organisation)
        intakes = [self._intake(KINDS[kind], kind, partnership, site) for kind in kinds]
        made = insert(intakes, by=None, at=start_of(self.day - 7 * DAY), source=Source.IMPORT)
        for kind, case in zip(kinds, made, strict=True):
            self.cases[name, kind] = case
            if KINDS[kind].led:
                Case.objects.filter(pk=case.pk).update(lead=self.who(name, LEAD))
            if KINDS[kind].arranged:
                Plan.objects.create(
                    case=case,
                    spell=1,
                    kind=PlanKind.ARRANGEMENT,
                    start=self.day - 6 * DAY,
                    evaluate_on=self.day,
                    created_at=start_of(self.day - 6 * DAY),
                    created_by=owner,
                )
            if (deadline := KINDS[kind].action) is not None:
                Action.objects.create(
                    case=case,
                    what="Bellen",
                    owner=owner,
                    deadline=self.day - deadline * DAY,
                    created_at=start_of(self.day - 7 * DAY),
                    created_by=owner,
                )

    def _intake(self, kind: Kind, name: str, partnership: Partnership, site: Any) -> Intake:
        return Intake(
            partnership=partnership,
            site=site,
            sector=Sector.VO,
            first_name=name,
            last_name="Verzonnen",
            birth_date=dt.date(2012, 5, 4),
            municipality_id=MunicipalityFactory().pk,
            enrolled=True,
            first_day_absent=self.day - kind.absent * DAY,
            extent=Extent.FULL,
            authorised=Authorised.NO,
            signalled_on=self.day - kind.signalled * DAY,
            reasons=("KIND-INT",),
            states=((State.ARRANGEMENT, self.day - 6 * DAY),) if kind.arranged else (),
        )

    def _person(self, name: str, role: str, organisation: Any) -> User:
        made = member(
            UserFactory(email=f"{name}@school.example", name=name, language="en"), role, organisation
        )
        self.people[name] = made
        return made

    def who(self, school: str, part: str) -> User:
        """Who has this part in the cases of a school."""
        place = school if part == COORDINATOR else self.partnership_of[school]
        return self.people[f"{place}-{part}"]

    def rows(self, dues: Iterable[Due]) -> set[tuple[str, str, dt.date]]:
        """The reminders that there have to be: case, rule and due date."""
        return {(case, rule, due_on) for _to, case, rule, due_on in self.lines(dues)}

    def lines(self, dues: Iterable[Due]) -> list[Line]:
        return [
            Line(self.who(school, part).email, case.number, due.rule, self.day + due.after * DAY)
            for due in dues
            for (school, kind), case in self.cases.items()
            if kind == due.kind
            for part in due.people
        ]

    def reminder(self, school: str, kind: str, rule: str) -> Reminder:
        return Reminder.objects.get(case=self.cases[school, kind], rule=rule, newest=True)


LINE = re.compile(r"^\* (?P<what>.+)$|/herinneringen/(?P<pk>\d+)/$", re.MULTILINE)


def lines_in(taken: Taken) -> list[Line]:
    """The lines of a mail, by what it says and by where its links lead: both have to be the same."""
    found, said = [], taken.subject
    for match in LINE.finditer(taken.text.replace("\r\n", "\n")):
        if match["what"]:
            said = match["what"]
            continue
        reminder = Reminder.objects.select_related("case").get(pk=match["pk"])
        name = reminder.case.number if reminder.case else said.partition(": ")[0]
        assert said == f"{name}: {ASKS[reminder.rule]}"
        found.append(Line(taken.to, name, reminder.rule, reminder.due_on))
    return found
