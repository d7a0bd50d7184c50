"""What needs somebody today, and why, most urgent first.

Whatever has something to do for people registers a source: `common.registry.register("worklist", source)`.
A source is a function `(user, *, on) -> list[Item]`; it asks the database a number of times that does not
depend on the number of cases, and answers with a bounded number of items.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from cases.enums import ActionState, State
from cases.models import Action, Case, Plan
from cases.models.case import CaseQuerySet
from cases.queries.listing import DEFAULT_SORT, Row, has_more_roles, in_order, seen_through
from cases.queries.partners import invitations_for
from cases.queries.visibility import open_cases_visible_to
from common import registry
from schools.calendars import calendar_of, calendars_of

#: So many items of one kind are looked at.
MOST = 50
#: So many are shown where the list of cases can show all of them.
FEW = 10
#: What is due within so many days stands under "this week".
SOON = dt.timedelta(days=7)
#: A case without a progress note for so long asks for attention.
STILL = dt.timedelta(weeks=6)
#: School days within which an arrangement is expected.
ARRANGEMENT_WITHIN = 10
#: The least calendar days in which so many school days can have passed: a first sieve for the database.
ARRANGEMENT_SIEVE = dt.timedelta(days=14)
#: So many of the other open cases stand on the start page.
OTHERS = 25


class Urgency(IntEnum):
    """The groups of the worklist, most urgent first."""

    OVERDUE = 1
    SOON = 2
    INVITATION = 3
    NO_LEAD = 4
    STILL = 5
    LATER = 6


HEADINGS: dict[Urgency, Promise] = {
    Urgency.OVERDUE: gettext_lazy("Overdue"),
    Urgency.SOON: gettext_lazy("This week"),
    Urgency.INVITATION: gettext_lazy("Invitations to answer"),
    Urgency.NO_LEAD: gettext_lazy("Nobody leads it"),
    Urgency.STILL: gettext_lazy("No progress for weeks"),
    Urgency.LATER: gettext_lazy("My later actions"),
}


#: What is due; the others wait since a day.
DUE = frozenset({Urgency.OVERDUE, Urgency.SOON, Urgency.LATER})
#: The filter of the list of cases that shows all of a group, where there is one.
ALL_OF: dict[Urgency, str] = {Urgency.NO_LEAD: "lead=none", Urgency.STILL: "lead=me"}


@dataclass(frozen=True)
class Item:
    """Something to do. `when`: due on, or waiting since. `row` is None where only the number may be known.

    `url`: the page where it is done, where that is not the case. `school`: the name of the school that it is
    about, where it is about no case.
    """

    urgency: Urgency
    why: str
    when: dt.date
    number: str
    row: Row | None = None
    url: str = ""
    school: str = ""


@dataclass(frozen=True)
class Group:
    """The items of one urgency that are shown, and how many were found; MOST may be a part of them."""

    urgency: Urgency
    items: list[Item]
    found: int

    @property
    def key(self) -> str:
        return self.urgency.name.lower()

    @property
    def heading(self) -> Promise:
        return HEADINGS[self.urgency]

    @property
    def count(self) -> str:
        return f"{MOST}+" if self.found > MOST else str(self.found)

    @property
    def more(self) -> bool:
        return self.found > len(self.items)

    @property
    def is_due(self) -> bool:
        return self.urgency in DUE

    @property
    def is_late(self) -> bool:
        return self.urgency == Urgency.OVERDUE

    @property
    def all_query(self) -> str:
        return ALL_OF.get(self.urgency, "")


@dataclass(frozen=True)
class Worklist:
    """The groups that are not empty, and other open cases (`more_others`: and more than these)."""

    groups: list[Group]
    others: list[Row]
    more_others: bool


def worklist_of(user: User, *, on: dt.date) -> Worklist:
    """What every source has for a user, most urgent first, then his other open cases."""
    found: dict[Urgency, list[Item]] = {}
    for items in registry.collect("worklist", user, on=on):
        for item in items:
            found.setdefault(item.urgency, []).append(item)
    groups = [_group(urgency, found[urgency]) for urgency in sorted(found)]
    shown = {item.row.case.pk for group in groups for item in group.items if item.row}
    others = _other_cases(user, shown, on=on)
    if has_more_roles(user):
        _say_through(user, groups, others, on=on)
    return Worklist(groups, others[:OTHERS], more_others=len(others) > OTHERS)


def _other_cases(user: User, shown: Iterable[int], *, on: dt.date) -> list[Row]:
    """Longest at home first: for case managers the cases that they lead, for others all that they see."""
    cases = open_cases_visible_to(user, on=on).with_list_facts().exclude(pk__in=shown)
    if _managed_by(user):
        cases = cases.filter(lead=user)
    return [Row(case, on) for case in in_order(cases, DEFAULT_SORT, on=on)[: OTHERS + 1]]


def _say_through(user: User, groups: list[Group], others: list[Row], *, on: dt.date) -> None:
    """Adds through which organisations the user sees each case."""
    rows = [item.row for group in groups for item in group.items if item.row] + others
    through = seen_through(user, {row.case.pk for row in rows}, on=on)
    for row in rows:
        row.through.extend(through.get(row.case.pk, []))


def manages_cases(user: User) -> bool:
    """Whether somebody manages the cases of a partnership: then those that he leads are his."""
    return bool(_managed_by(user))


# --- Sources


def actions(user: User, *, on: dt.date) -> list[Item]:
    """My open actions."""
    mine = Action.objects.filter(
        owner=user, state=ActionState.OPEN, case__in=open_cases_visible_to(user, on=on)
    )
    rows = mine.select_related(*_of_case("case__")).order_by("deadline", "pk")[: 3 * (MOST + 1)]
    return [
        _item(_due(action.deadline, on) or Urgency.LATER, action.what, action.deadline, action.case, on)
        for action in rows
    ]


def evaluations(user: User, *, on: dt.date) -> list[Item]:
    """Plans to look at again, of the cases that I have to see to."""
    plans = (
        Plan.objects.filter(
            Q(end__isnull=True) | Q(end__gte=on),
            ended_on__isnull=True,
            spell=F("case__spell"),
            evaluate_on__lte=on + SOON,
            case__in=_mine(user, open_cases_visible_to(user, on=on)),
        )
        .select_related(*_of_case("case__"))
        .order_by("evaluate_on", "pk")
    )
    return [
        _item(
            _due(day, on) or Urgency.SOON,
            _("Evaluate: %(plan)s") % {"plan": plan.get_kind_display().lower()},
            day,
            plan.case,
            on,
        )
        for plan in plans[: MOST + 1]
        if (day := plan.evaluate_on)
    ]


def without_lead(user: User, *, on: dt.date) -> list[Item]:
    """Open cases of my partnership that nobody leads."""
    managed = _managed_by(user)
    if not managed:
        return []
    cases = open_cases_visible_to(user, on=on).filter(partnership__in=managed, lead__isnull=True)
    rows = cases.select_related(*_of_case()).order_by("signalled_on", "pk")[: MOST + 1]
    return [
        _item(Urgency.NO_LEAD, _("Choose who leads this case"), case.signalled_on, case, on) for case in rows
    ]


def still(user: User, *, on: dt.date) -> list[Item]:
    """Cases that I lead in which nobody wrote of progress for weeks."""
    cases = open_cases_visible_to(user, on=on).filter(lead=user)
    quiet = cases.alias(last=Coalesce("last_progress_on", "signalled_on")).filter(last__lte=on - STILL)
    rows = quiet.select_related(*_of_case()).order_by("last", "pk")[: MOST + 1]
    why = _("Write down how it goes, or what holds it up")
    return [_item(Urgency.STILL, why, _last(case), case, on) for case in rows]


def without_arrangement(user: User, *, on: dt.date) -> list[Item]:
    """Cases that I lead that were signalled more than ten school days ago and still have no arrangement."""
    cases = open_cases_visible_to(user, on=on).filter(
        lead=user, state=State.SIGNALLED, state_since__lte=on - ARRANGEMENT_SIEVE
    )
    rows = list(cases.select_related(*_of_case()).order_by("state_since", "pk")[: MOST + 1])
    calendars = calendars_of([case.site for case in rows if case.site])
    late = []
    for case in rows:
        calendar = calendars[case.site_id] if case.site_id else calendar_of(None, case.partnership)
        due = calendar.nth_school_day_after(case.state_since, ARRANGEMENT_WITHIN)
        if due < on:
            late.append(_item(Urgency.OVERDUE, _("Agree on an arrangement"), due, case, on))
    return late


def invitations(user: User, *, on: dt.date) -> list[Item]:
    """Cases in which my organisation is asked to take part. Of the case only its number may be known."""
    return [
        Item(
            Urgency.INVITATION,
            _("%(who)s asks you to take part: %(purpose)s")
            % {"who": asked.case.partnership.name, "purpose": asked.purpose},
            asked.invited_on,
            asked.case.number,
            url=reverse("case_invitations"),
        )
        for asked in invitations_for(user, on=on)[: MOST + 1]
    ]


def register_sources() -> None:
    """Those of this app; the order is that within a group, where days are equal."""
    for order, source in enumerate(
        (actions, evaluations, without_arrangement, invitations, without_lead, still)
    ):
        registry.register("worklist", source, order=order)


# --- Helpers of the sources


def _group(urgency: Urgency, items: list[Item]) -> Group:
    ordered = sorted(items, key=lambda item: (item.when, item.number, item.school))
    return Group(urgency, ordered[: FEW if urgency in ALL_OF else MOST], found=len(ordered))


def _item(urgency: Urgency, why: str, when: dt.date, case: Case, on: dt.date) -> Item:
    return Item(urgency, why, when, case.number, Row(case, on))


def _due(day: dt.date, on: dt.date) -> Urgency | None:
    if day < on:
        return Urgency.OVERDUE
    return Urgency.SOON if day <= on + SOON else None


def _last(case: Case) -> dt.date:
    return case.last_progress_on or case.signalled_on


def _of_case(prefix: str = "") -> tuple[str, ...]:
    """What a row shows of a case."""
    return tuple(
        prefix + name for name in ("pupil", "site__organisation", "partnership__organisation", "lead")
    )


def _mine(user: User, cases: CaseQuerySet) -> CaseQuerySet:
    """Cases that a user has to see to: he leads them, or nobody does and he is their case manager."""
    return cases.filter(Q(lead=user) | Q(lead__isnull=True, partnership__in=_managed_by(user)))


def _managed_by(user: User) -> list[Any]:
    return [m.organisation_id for m in active_memberships(user) if m.role == Role.CASE_MANAGER]
