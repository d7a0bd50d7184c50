"""How it goes: the sweeps, the mail, and what nobody can receive, for who keeps it running.

A platform operator sees every partnership, an administrator those that he administers, and the mail of the
people whom he manages. Of cases nobody sees more here than their numbers.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min, QuerySet, Sum

from accounts.models import User
from accounts.queries import active_memberships, is_operator, memberships_managed_by
from accounts.roles import Role
from common import dates
from common.metrics import Gauge
from common.pulse import BEAT, WORKER, is_heard, last_heard
from escalations.models import Reminder, SweepState
from escalations.queries.reminders import pending_reminders
from notifications.models import OutboxMail, StoppedAddress
from notifications.queries import Backlog, failed_mails, mail_backlog, people_with_stopped_address
from schools.models import Partnership

#: So many of each kind stand on the page.
MOST = 25
#: A partnership that was not swept for so long is late.
LATE_AFTER = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Process:
    """A process that nobody looks at: since when it was heard from."""

    name: str
    heard_at: dt.datetime | None
    is_heard: bool


@dataclass(frozen=True)
class Unreached:
    """A partnership with reminders that nobody can get, and the numbers of some of the cases."""

    partnership: Partnership
    count: int
    numbers: list[str]


@dataclass(frozen=True)
class Works:
    """What the page shows."""

    processes: list[Process]
    sweeps: list[SweepState]
    late: int
    swept_at: dt.datetime | None
    backlog: Backlog
    failed: list[OutboxMail]
    stopped: list[tuple[StoppedAddress, User]]
    unreached: list[Unreached]


def may_see_works(user: User) -> bool:
    return is_operator(user) or any(m.role == Role.ADMINISTRATOR for m in active_memberships(user))


def works_of(user: User, *, at: dt.datetime) -> Works:
    """How it goes, as far as somebody keeps it running."""
    sweeps = sweeps_seen_by(user)
    return Works(
        processes=[Process(name, last_heard(name), is_heard(name, at=at)) for name in (BEAT, WORKER)],
        sweeps=list(sweeps.select_related("partnership__organisation").order_by("swept_at", "pk")[:MOST]),
        late=late_sweeps(at=at).filter(pk__in=sweeps.values("pk")).count(),
        swept_at=sweeps.aggregate(first=Min("swept_at"))["first"],
        backlog=mail_backlog(at),
        failed=list(failed_mails_seen_by(user)[:MOST]),
        stopped=people_with_stopped_address(_people(user), at_most=MOST),
        unreached=_unreached(sweeps, on=dates.day_of(at)),
    )


def sweeps_seen_by(user: User) -> QuerySet[SweepState]:
    if is_operator(user):
        return SweepState.objects.all()
    own = [m.organisation_id for m in active_memberships(user) if m.role == Role.ADMINISTRATOR]
    return SweepState.objects.filter(partnership__in=own)


def failed_mails_seen_by(user: User) -> QuerySet[OutboxMail]:
    found = failed_mails()
    people = _people(user)
    return found if people is None else found.filter(user__in=people)


def _people(user: User) -> QuerySet[User] | None:
    """Whose mail somebody looks after; None is everybody's."""
    if is_operator(user):
        return None
    return User.objects.filter(pk__in=memberships_managed_by(user).order_by().values("user"))


def late_sweeps(*, at: dt.datetime) -> QuerySet[SweepState]:
    """Partnerships whose last sweep is too long ago, or that were never swept."""
    return SweepState.objects.exclude(swept_at__gt=at - LATE_AFTER)


def _unreached(sweeps: QuerySet[SweepState], *, on: dt.date) -> list[Unreached]:
    untold = pending_reminders(on=on).filter(told_at__isnull=True, partnership__in=sweeps.values("pk"))
    counts = list(
        untold.order_by()
        .values("partnership")
        .annotate(count=Count("pk"))
        .order_by("-count", "partnership")[:MOST]
    )
    partnerships = Partnership.objects.select_related("organisation").in_bulk(
        [row["partnership"] for row in counts]
    )
    return [
        Unreached(partnerships[row["partnership"]], row["count"], _numbers(untold, row["partnership"]))
        for row in counts
    ]


def _numbers(untold: QuerySet[Reminder], partnership_id: int) -> list[str]:
    found = untold.filter(partnership=partnership_id, case__isnull=False).order_by("case__number")
    return list(found.values_list("case__number", flat=True).distinct()[:10])


def metrics(*, at: dt.datetime) -> list[Gauge]:
    """The same as figures: for alarms."""
    backlog = mail_backlog(at)
    totals = SweepState.objects.aggregate(
        first=Min("swept_at"), untold=Sum("untold"), cases=Sum("open_cases"), partnerships=Count("pk")
    )
    oldest = (at - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    age = (at - totals["first"]).total_seconds() if totals["first"] else float("nan")
    return [
        Gauge("terugkeer_sweep_oldest_seconds", "Age of the oldest last sweep of a partnership.", age),
        Gauge("terugkeer_sweeps_late", "Partnerships not swept within the hour.", late_sweeps(at=at).count()),
        Gauge(
            "terugkeer_sweeps_failing",
            "Partnerships whose last sweep failed.",
            SweepState.objects.filter(failures__gt=0).count(),
        ),
        Gauge("terugkeer_open_cases", "Open cases at the last sweeps.", totals["cases"] or 0),
        Gauge("terugkeer_reminders_untold", "Reminders that nobody can get.", totals["untold"] or 0),
        Gauge("terugkeer_mail_waiting", "Notices whose moment to be mailed has come.", backlog.waiting),
        Gauge("terugkeer_mail_queued", "Mails in the queue.", backlog.queued),
        Gauge("terugkeer_mail_failed", "Mails that were given up.", backlog.failed),
        Gauge("terugkeer_mail_oldest_seconds", "How long the oldest unsent mail waits.", oldest),
    ]
