"""Reminders that ask something now, and which of them somebody sees."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases import permissions
from cases.access import people_who_see, rights_on
from cases.models import Case
from cases.queries.visibility import visible_case
from common.errors import NotFound
from escalations.enums import PENDING, About, Recipient, ReminderState
from escalations.models import Reminder
from escalations.queries.recipients import Resolved, people_of_schools, resolve
from escalations.rules import Rule
from schools.models import Organisation


def pending_reminders(*, on: dt.date) -> QuerySet[Reminder]:
    """Those that are open and due by a day. (Made ahead by a sweep of a later day, they wait for it.)"""
    return Reminder.objects.filter(state=ReminderState.OPEN, due_on__lte=on)


@dataclass(frozen=True)
class Seen:
    """A reminder as somebody sees it. `mine`: he is one of who get it. `manages`: he manages the case."""

    reminder: Reminder
    resolved: Resolved
    name: str
    mine: bool
    manages: bool

    @property
    def rule(self) -> Rule:
        return self.resolved.rule

    @property
    def target(self) -> str:
        """Its name in the log."""
        return f"case {self.name}" if self.reminder.case_id else f"reminder {self.reminder.pk}"

    @property
    def may_act(self) -> bool:
        return self.reminder.state in PENDING and (self.mine or self.manages)

    @property
    def missing(self) -> list[str]:
        """The roles that nobody has."""
        return [str(Recipient(recipient).label) for recipient in self.resolved.missing]


def seen_reminder(user: User, pk: int, *, on: dt.date) -> Seen:
    """A reminder of a case (or school) that somebody sees, and that is his or of a case that he manages.
    Unknown and invisible are the same NotFound."""
    reminder = Reminder.objects.filter(pk=pk).select_related("case", "handed_to").first()
    if reminder is None:
        raise NotFound("")
    resolved = resolve([reminder], on=on)[reminder.pk]
    mine = user.pk in resolved.user_ids
    if reminder.case is None:
        around = people_of_schools([(reminder.partnership_id, reminder.object_id)])
        if user.pk not in around[reminder.partnership_id, reminder.object_id]:
            raise NotFound("")
        name = Organisation.objects.get(pk=reminder.object_id).name
        return Seen(reminder, resolved, name, mine, manages=False)
    case = visible_case(user, reminder.case.number, on=on)
    manages = permissions.MANAGE in rights_on(user, case)
    if not mine and not manages:
        raise NotFound("")
    reminder.case = case
    return Seen(reminder, resolved, case.number, mine, manages)


def who_can_take_over(seen: Seen, *, on: dt.date) -> QuerySet[User]:
    """Who sees the case, but for who has the reminder already."""
    if seen.reminder.case_id is None:
        return User.objects.none()
    people = people_who_see([seen.reminder.case_id], on=on)[seen.reminder.case_id]
    having = seen.resolved.user_ids
    return User.objects.filter(pk__in=people.keys() - having).order_by("name", "pk")


def reminders_of_case(user: User, case: Case, *, on: dt.date) -> list[Seen]:
    """The pending ones of a case that somebody sees, that are his or that he manages: highest level first."""
    manages = permissions.MANAGE in rights_on(user, case)
    reminders = list(
        Reminder.objects.filter(case=case, state__in=PENDING, due_on__lte=on)
        .select_related("case")
        .order_by("-level", "due_on", "pk")
    )
    resolved = resolve(reminders, on=on)
    seen = [
        Seen(it, resolved[it.pk], case.number, user.pk in resolved[it.pk].user_ids, manages)
        for it in reminders
    ]
    return [it for it in seen if it.mine or it.manages]


@dataclass(frozen=True)
class Answer:
    """The page where what a reminder asks is done. `settles`: done there, the reminder no longer holds."""

    label: Promise
    url: str
    settles: bool = True


def answer_of(seen: Seen) -> Answer | None:
    """None for a partner: his part of the case is on its page."""
    reminder = seen.reminder
    case = reminder.case
    if case is None:
        return Answer(_("Confirm the list"), reverse("attestations"))
    page = Answer(_("To the case"), reverse("case", args=[case.number]), settles=False)
    if not seen.manages and reminder.about != About.ACTION:
        return page
    match reminder.about, reminder.rule:
        case About.PLAN, "R16a" | "R16b":
            return Answer(_("To the plans of the case"), f"{page.url}#plans")
        case About.PLAN, _rule:
            return Answer(
                _("Evaluate the plan"), reverse("plan_evaluate", args=[case.number, reminder.object_id])
            )
        case About.EXEMPTION, _rule:
            return Answer(_("Add the next exemption"), reverse("exemption_add", args=[case.number]))
        case About.ACTION, _rule:
            return Answer(_("End the action"), reverse("action_end", args=[case.number, reminder.object_id]))
        case About.PARTICIPATION, _rule:
            return Answer(_("To the invitation"), reverse("case_access", args=[case.number]))
        case _about, "R14":
            return Answer(_("Write a progress note"), reverse("note_add", args=[case.number]))
        case _about, "R17":
            return Answer(_("Choose a case lead"), reverse("case_lead", args=[case.number]))
        case _about, "R18" | "R18x":
            return Answer(_("Record an arrangement"), reverse("arrangement_add", args=[case.number]))
    return page
