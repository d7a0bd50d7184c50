"""What stands in somebody's own calendar: days of open cases, without a name and without a text.

The file leaves for a program of somebody else, so it holds the number of the case and what kind of day it is,
and nothing that somebody wrote: an action is called "action", whatever has to be done.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F, Max, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from cases.enums import ActionState, PlanKind
from cases.models import Action, CalendarFeed, Exemption, Plan
from cases.models.case import CaseQuerySet
from cases.permissions import RIGHTS, Section
from cases.queries.listing import seen_with
from cases.queries.partners import taking_part
from cases.queries.visibility import open_cases_visible_to
from common.dates import months_after

#: What lies longer back or further ahead is left out.
BACK = dt.timedelta(days=30)
MONTHS_AHEAD = 12
#: So many days at most; the furthest ones are left out.
MOST = 500

EVALUATE: dict[str, Promise] = {
    PlanKind.ARRANGEMENT: _("%(number)s: evaluate the arrangement"),
    PlanKind.REMOTE: _("%(number)s: review the remote education"),
    PlanKind.RETURN: _("%(number)s: evaluate the return plan"),
}
ENDS: dict[str, Promise] = {
    PlanKind.ARRANGEMENT: _("%(number)s: last day of the arrangement"),
    PlanKind.REMOTE: _("%(number)s: last day of the remote education"),
    PlanKind.RETURN: _("%(number)s: last day of the return plan"),
}
ACTION = _("%(number)s: deadline of an action of yours")
EXEMPTION_ENDS = _("%(number)s: last day of an exemption")
ACCESS_ENDS = _("%(number)s: your last day of access")


@dataclass(frozen=True)
class Entry:
    """A day. `key` stays the same when the day moves; `changed_at`: since when it is as it is."""

    key: str
    day: dt.date
    number: str
    text: Promise
    changed_at: dt.datetime

    @property
    def summary(self) -> str:
        return str(self.text) % {"number": self.number}


def active_feed(user: User) -> CalendarFeed | None:
    """The address that somebody has now."""
    return CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).first()


def feed_with(token_hash: str) -> CalendarFeed | None:
    """The feed of an address, if it still works: not revoked, and its owner still has a role."""
    found = CalendarFeed.objects.filter(token_hash=token_hash, revoked_at__isnull=True)
    feed = found.select_related("user").first()
    return feed if feed and feed.user.is_active and active_memberships(feed.user) else None


def may_have_entries(user: User) -> bool:
    """Whether a calendar of somebody can ever hold anything: he has a role that sees cases."""
    return any(membership.role in RIGHTS for membership in active_memberships(user))


def entries_for(user: User, *, on: dt.date) -> list[Entry]:
    """The days of a user, in order: his own actions; evaluations and last days of plans and exemptions in the
    cases that he sees to; his last day of access where his organisation takes part for a time.

    A number of questions to the database that does not depend on the number of cases.
    """
    seen = open_cases_visible_to(user, on=on)
    cases = _seen_to(user, seen)
    exempt = seen_with(cases, user, Section.EXEMPTION, on)
    days = (on - BACK, months_after(on, MONTHS_AHEAD))
    found = [
        *_actions(user, seen, days),
        *_evaluations(cases, days, on),
        *_ends_of_plans(cases, days),
        *_ends_of_exemptions(exempt, days),
        *_ends_of_access(user, seen, days),
    ]
    return sorted(found, key=lambda entry: (entry.day, entry.number, entry.key))[:MOST]


Days = tuple[dt.date, dt.date]


def _seen_to(user: User, cases: CaseQuerySet) -> CaseQuerySet:
    """Cases whose plans are for the user to keep an eye on: those that he leads, those of his school, and for
    case managers those that nobody leads. Another case manager's cases stay out of his calendar."""
    places: dict[str, list[int | None]] = {}
    for membership in active_memberships(user):
        places.setdefault(membership.role, []).append(membership.organisation_id)
    schools = places.get(Role.COORDINATOR, [])
    return cases.filter(
        Q(lead=user)
        | Q(lead__isnull=True, partnership__in=places.get(Role.CASE_MANAGER, []))
        | Q(school__in=schools)
        | Q(site__in=schools)
    )


def _actions(user: User, cases: CaseQuerySet, days: Days) -> Iterator[Entry]:
    rows = Action.objects.filter(owner=user, state=ActionState.OPEN, deadline__range=days, case__in=cases)
    found = rows.order_by("deadline", "pk").values_list("pk", "deadline", "case__number", "created_at")
    for pk, day, number, changed_at in found[:MOST]:
        yield Entry(f"action-{pk}", day, number, ACTION, changed_at)


def _running(cases: CaseQuerySet) -> QuerySet[Plan]:
    """Plans of the present spell that nobody ended."""
    return Plan.objects.filter(ended_on__isnull=True, spell=F("case__spell"), case__in=cases)


def _evaluations(cases: CaseQuerySet, days: Days, on: dt.date) -> Iterator[Entry]:
    """A plan past its last day needs no evaluation any more (as in the worklist)."""
    rows = _running(cases).filter(Q(end__isnull=True) | Q(end__gte=on), evaluate_on__range=days)
    found = (
        rows.annotate(evaluated_at=Max("evaluations__recorded_at"))
        .order_by("evaluate_on", "pk")
        .values_list("pk", "evaluate_on", "case__number", "kind", "created_at", "evaluated_at")
    )
    for pk, day, number, kind, made_at, evaluated_at in found[:MOST]:
        if day:
            yield Entry(f"evaluation-{pk}", day, number, EVALUATE[kind], evaluated_at or made_at)


def _ends_of_plans(cases: CaseQuerySet, days: Days) -> Iterator[Entry]:
    rows = _running(cases).filter(end__range=days).order_by("end", "pk")
    found = rows.values_list("pk", "end", "case__number", "kind", "created_at")
    for pk, day, number, kind, made_at in found[:MOST]:
        if day:
            yield Entry(f"end-{pk}", day, number, ENDS[kind], made_at)


def _ends_of_exemptions(cases: CaseQuerySet, days: Days) -> Iterator[Entry]:
    """Which article it is stays in the file: it may tell of an illness."""
    rows = Exemption.objects.filter(case__in=cases, known_until__isnull=True, valid_to__range=days)
    found = list(rows.select_related("case").order_by("valid_to", "pk")[:MOST])
    replaced = Exemption.objects.filter(case__in={it.case_id for it in found}, known_until__isnull=False)
    first = _first_rows(found, replaced.order_by("pk"))
    for it in found:
        if it.valid_to:
            yield Entry(
                f"exemption-{first[it.pk]}", it.valid_to, it.case.number, EXEMPTION_ENDS, it.known_from
            )


def _first_rows(current: Iterable[Exemption], replaced: Iterable[Exemption]) -> dict[int, int]:
    """The row with which each exemption began.

    A corrected one is a new row, known from the moment until which the old one counted
    (cases/services/facts.py); to a calendar it is the same thing on another day.
    """
    before = {(it.case_id, it.known_until): it for it in replaced}
    first = {}
    for it in current:
        row = it
        while (earlier := before.get((row.case_id, row.known_from))) and earlier.pk < row.pk:
            row = earlier
        first[it.pk] = row.pk
    return first


def _ends_of_access(user: User, cases: CaseQuerySet, days: Days) -> Iterator[Entry]:
    rows = taking_part(user).filter(ends_on__range=days, case__in=cases).order_by("ends_on", "pk")
    for it in rows[:MOST]:
        yield Entry(
            f"participation-{it.pk}", it.ends_on, it.case.number, ACCESS_ENDS, it.answered_at or it.invited_at
        )
