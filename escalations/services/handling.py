"""What people do about a reminder: done, postponed, handed over, not applicable. It is then settled for all.

Whoever gets it may act, and who manages the case. Source: contracts/rules.md and the rule's own limits.
"""

import datetime as dt

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from common.errors import DomainError, Invalid, NotAllowed
from escalations.enums import PENDING, ActKind, ReminderState
from escalations.models import Reminder, ReminderAct
from escalations.queries.reminders import Seen, seen_reminder, who_can_take_over
from escalations.services.telling import tell_pending, withdraw_notices

LONGEST_REASON = 1000


@transaction.atomic
def finish(*, reminder_id: int, note: str, by: User, at: dt.datetime, on: dt.date) -> Reminder:
    """What was asked is done. A rule that repeats comes back if its condition still holds then."""
    seen = _lock(reminder_id, by=by, on=on)
    return _end(seen, ReminderState.DONE, ActKind.DONE, reason=note, by=by, at=at)


@transaction.atomic
def postpone(
    *, reminder_id: int, until: dt.date, reason: str, by: User, at: dt.datetime, on: dt.date
) -> Reminder:
    """Comes back on a day, if its condition still holds then. How far away that may be says the rule."""
    seen = _lock(reminder_id, by=by, on=on)
    _needs_reason(reason)
    latest = latest_postponement(seen, on=on)
    if not on < until <= latest:
        raise Invalid(
            _("Choose a day after today, and not after %(latest)s.")
            % {"latest": date_format(latest, "j F Y")},
            field="until",
        )
    reminder = seen.reminder
    reminder.state, reminder.postponed_until = ReminderState.POSTPONED, until
    reminder.save(update_fields=["state", "postponed_until"])
    withdraw_notices([reminder.pk], at=at)
    _remember(seen, ActKind.POSTPONED, reason=reason, by=by, at=at, until=until)
    return reminder


@transaction.atomic
def hand_over(*, reminder_id: int, to: User, reason: str, by: User, at: dt.datetime, on: dt.date) -> Reminder:
    """Somebody else who sees the case takes it over, and is told; for the others it is gone."""
    seen = _lock(reminder_id, by=by, on=on)
    _needs_reason(reason)
    if not who_can_take_over(seen, on=on).filter(pk=to.pk).exists():
        raise Invalid(_("Choose somebody who takes part in this case."), field="to")
    reminder = seen.reminder
    reminder.state, reminder.postponed_until, reminder.handed_to = ReminderState.OPEN, None, to
    reminder.save(update_fields=["state", "postponed_until", "handed_to"])
    _remember(seen, ActKind.HANDED_OVER, reason=reason, by=by, at=at, to=to)
    tell_pending(reminder.partnership_id, on=on, at=at, everybody=True, case_id=reminder.case_id)
    return reminder


@transaction.atomic
def set_aside(*, reminder_id: int, reason: str, by: User, at: dt.datetime, on: dt.date) -> Reminder:
    """It does not apply here: not reminded of again, until the date that it counts from moves."""
    seen = _lock(reminder_id, by=by, on=on)
    _needs_reason(reason)
    return _end(seen, ReminderState.NOT_APPLICABLE, ActKind.NOT_APPLICABLE, reason=reason, by=by, at=at)


def latest_postponement(seen: Seen, *, on: dt.date) -> dt.date:
    """The last day to which it may be postponed; what ends on a day, not past that."""
    latest = on + dt.timedelta(days=seen.rule.postponed_at_most)
    return min(latest, seen.reminder.counts_from) if seen.rule.within is None else latest


def _lock(reminder_id: int, *, by: User, on: dt.date) -> Seen:
    """The reminder as it is now, locked; refuses who may not act, and what was settled meanwhile."""
    locked = Reminder.objects.select_for_update().filter(pk=reminder_id).first()
    seen = seen_reminder(by, reminder_id, on=on)
    if not (seen.mine or seen.manages):
        raise NotAllowed(_("You may not do this with this reminder."))
    if locked is not None and locked.state not in PENDING:
        raise DomainError(_settled_sentence(seen.reminder))
    if seen.reminder.case_id is None:
        raise DomainError(_("This reminder is settled by confirming the list of the school."))
    return seen


def _settled_sentence(reminder: Reminder) -> str:
    act = reminder.acts.select_related("by").last()
    if act is None:
        return _("This reminder was settled already.")
    return _("%(who)s was before you: this reminder is “%(what)s”.") % {
        "who": act.by,
        "what": reminder.get_state_display(),
    }


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")


def _end(
    seen: Seen, state: ReminderState, kind: ActKind, *, reason: str, by: User, at: dt.datetime
) -> Reminder:
    reminder = seen.reminder
    reminder.state, reminder.ended_at, reminder.postponed_until = state, at, None
    reminder.save(update_fields=["state", "ended_at", "postponed_until"])
    withdraw_notices([reminder.pk], at=at)
    _remember(seen, kind, reason=reason, by=by, at=at)
    return reminder


def _remember(
    seen: Seen,
    kind: ActKind,
    *,
    reason: str,
    by: User,
    at: dt.datetime,
    until: dt.date | None = None,
    to: User | None = None,
) -> None:
    ReminderAct.objects.create(
        reminder=seen.reminder, kind=kind, reason=reason.strip(), until=until, to=to, by=by, at=at
    )
    record(
        f"reminder.{kind}",
        by=by,
        target=seen.target,
        details={
            "reminder": seen.reminder.pk,
            "rule": seen.reminder.rule,
            "until": until,
            "to": to and to.pk,
        },
    )
