"""What the tests of telling and handling share: reminders that are there, and who was told of them."""

import datetime as dt
from typing import Any

from accounts.models import Membership, User
from accounts.roles import Role
from cases.models import Case
from escalations.enums import About
from escalations.models import Reminder
from escalations.queries.notices import key_of
from escalations.rules import RULES
from escalations.services.sweep import sweep_partnership
from escalations.services.telling import tell_pending
from notifications.models import Notice
from tests.cast import NOW, TODAY, Cast
from tests.factories.accounts import UserFactory, member

DAY = dt.timedelta(days=1)
#: The rules that count from the first day absent; the others here count from the signal.
OF_ABSENCE = ("R05", "R10", "R11", "R13")


def sweep_and_tell(cast: Cast, *, on: dt.date = TODAY, at: dt.datetime = NOW) -> int:
    """What a worker does about the partnership of the cast; answers how many reminders nobody can get."""
    sweep_partnership(cast.swv.pk, on=on, at=at)
    return tell_pending(cast.swv.pk, on=on, at=at, everybody=True)


def tell(cast: Cast, *, on: dt.date = TODAY, at: dt.datetime = NOW) -> int:
    """Only the telling, to whoever is meant by now."""
    return tell_pending(cast.swv.pk, on=on, at=at, everybody=True)


def remind(case: Case, rule: str = "R18", **facts: Any) -> Reminder:
    """A reminder of this rule about the case, due today, as a sweep makes it."""
    given: dict[str, Any] = {
        "partnership_id": case.partnership_id,
        "case": case,
        "about": About.CASE,
        "object_id": case.pk,
        "counts_from": case.first_day_absent if rule in OF_ABSENCE else case.signalled_on,
        "due_on": TODAY,
        "level": RULES[rule].level,
        "made_at": NOW,
        **facts,
    }
    given.setdefault(
        "by_when", RULES[rule].by_when(made_on=given["due_on"], counts_from=given["counts_from"])
    )
    return Reminder.objects.create(rule=rule, **given)


def the(case: Case, rule: str) -> Reminder:
    """The newest reminder of a rule about this case."""
    return Reminder.objects.get(case=case, rule=rule, newest=True)


def again(reminder: Reminder) -> Reminder:
    return Reminder.objects.select_related("case").get(pk=reminder.pk)


def notices_of(reminder: Reminder) -> list[tuple[str, str]]:
    """Who has it in the inbox, by name, with the kind of the notice."""
    there = Notice.objects.filter(key=key_of(reminder.pk), withdrawn_at__isnull=True)
    return sorted(there.values_list("user__name", "kind"))


def told(reminder: Reminder) -> list[str]:
    """The names of who has it in the inbox."""
    return [name for name, _kind in notices_of(reminder)]


def second_manager(cast: Cast) -> User:
    """One more case manager of the partnership, in the cast as "second_manager"."""
    made = member(
        UserFactory(name="second_manager", email="second_manager@example.org"),
        Role.CASE_MANAGER,
        cast.swv.organisation,
    )
    cast.people["second_manager"] = made
    return made


def membership_of(cast: Cast, name: str) -> Membership:
    return cast.people[name].memberships.get()


def lead_by(cast: Cast, case: Case, name: str | None) -> None:
    """Who leads the case, without anything that follows from it."""
    Case.objects.filter(pk=case.pk).update(lead=cast.people[name] if name else None)


def of_school(cast: Cast, school: Any = None) -> Reminder:
    """That the school has to confirm its list."""
    return Reminder.objects.create(
        partnership=cast.swv,
        rule="R15",
        about=About.SCHOOL,
        object_id=(school or cast.school).pk,
        counts_from=dt.date(2026, 9, 15),
        due_on=dt.date(2026, 9, 15),
        by_when=dt.date(2026, 9, 22),
        level=1,
        made_at=NOW,
    )
