"""From signal to return: a case begins, changes state, gets a lead, ends, and begins again.

Every change of state passes through `_move`: lock, authorise, change, record, announce.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import people_with_role
from accounts.roles import Role
from audit.services import record
from cases import access, permissions
from cases.enums import BACK_AT_SCHOOL, Source, State
from cases.models import Case, LeadPeriod, Spell, StateChange
from cases.models.conditions import SENTENCES, Given
from cases.queries.lookalike import others_like
from cases.queries.places import may_signal_for
from cases.services import facts, participation, work
from cases.services.intake import Intake, insert
from cases.services.locking import lock, lock_any, touched
from cases.services.submission import once
from common.errors import DomainError, Invalid, NotAllowed
from notifications.services import notify


@dataclass(frozen=True)
class Closing:
    """What the closing form asks. `back_on`: first day back at school; `met_since`: since when the timetable
    is met."""

    destination: str
    reason: str = ""
    met_since: dt.date | None = None
    back_on: dt.date | None = None


@transaction.atomic
def signal(*, intake: Intake, by: User, at: dt.datetime, token: uuid.UUID | None = None) -> Case:
    """A pupil is signalled. Raises NotAllowed outside the places of `by`, DomainError where the pupil has an
    open case at that school already, AlreadyDone for a second click."""
    if not may_signal_for(by, partnership=intake.partnership, site=intake.site):
        raise NotAllowed(_("You may not signal pupils of this school."))
    with once(token, by=by, at=at) as sent:
        try:
            with transaction.atomic():
                (case,) = insert([intake], by=by, at=at)
        except IntegrityError as error:
            raise DomainError(
                _("This pupil cannot be signalled again at this school. Ask the partnership's case manager.")
            ) from error
        record("case.signalled", by=by, target=f"case {case.number}")
        touched(case)
        _warn_of_doubles(case)
        sent.url = f"/dossiers/{case.number}/"
    return case


@transaction.atomic
def assign_lead(*, case: Case, lead: User | None, by: User, at: dt.datetime, on: dt.date) -> Case:
    """Says who leads the case (casusregisseur): somebody with the right to manage it, or nobody."""
    locked = lock(case, by=by, right=permissions.MANAGE)
    if lead is not None and permissions.MANAGE not in access.rights_on(lead, locked):
        raise Invalid(_("Choose somebody who may manage this case."), field="lead")
    if locked.lead_id == (lead.pk if lead else None):
        return locked
    locked.lead = lead
    locked.save(update_fields=["lead"])
    spell = Spell.objects.get(case=locked, number=locked.spell)
    LeadPeriod.objects.create(
        case=locked, spell=spell, lead=lead, holds_from=on, known_from=at, recorded_at=at, recorded_by=by
    )
    record(
        "case.lead_assigned",
        by=by,
        target=f"case {locked.number}",
        details={"lead": lead.pk if lead else None},
    )
    if lead is not None and lead != by:
        _tell([lead], "lead_assigned", locked, key=f"lead_assigned:{locked.number}:{at.isoformat()}")
    return locked


def agree_arrangement(**pressed: Any) -> Case:
    """To arrangement; takes what `_move` takes."""
    return _move(transition="agree_arrangement", **pressed)


def start_remote_education(**pressed: Any) -> Case:
    """To remote education; takes what `_move` takes."""
    return _move(transition="start_remote_education", **pressed)


def start_return(**pressed: Any) -> Case:
    """To return; takes what `_move` takes."""
    return _move(transition="start_return", **pressed)


@transaction.atomic
def close(*, closing: Closing, on: dt.date, **pressed: Any) -> Case:
    """Closes a case with its destination; whoever took part loses access, open actions are dropped."""
    given = Given(reason=closing.reason, destination=closing.destination, met_since=closing.met_since)
    case = _move(transition="close", given=given, on=on, back_on=closing.back_on, **pressed)
    return case


@transaction.atomic
def withdraw(*, reason: str, on: dt.date, by: User, **pressed: Any) -> Case:
    """A signal that was a mistake: closed with destination `onterecht`, counts nowhere; the case managers are
    told."""
    case = _move(transition="withdraw", given=Given(reason=reason), on=on, by=by, **pressed)
    managers = people_with_role(Role.CASE_MANAGER, case.partnership.organisation).exclude(pk=by.pk)
    _tell(managers, "case_withdrawn", case, key=f"case_withdrawn:{case.number}:{case.spell}")
    return case


@transaction.atomic
def reopen(
    *, reason: str, first_day_absent: dt.date, on: dt.date, by: User, at: dt.datetime, **pressed: Any
) -> Case:
    """Begins a new spell of the same case, from its own first day absent (not before the last closing, not
    after `on`)."""
    case = _move(
        transition="reopen",
        given=Given(reason=reason),
        on=on,
        by=by,
        at=at,
        first_day_absent=first_day_absent,
        **pressed,
    )
    return case


@transaction.atomic
def _move(
    *,
    case: Case,
    transition: str,
    by: User,
    at: dt.datetime,
    on: dt.date,
    seen_state: str = "",
    token: uuid.UUID | None = None,
    given: Given | None = None,
    back_on: dt.date | None = None,
    first_day_absent: dt.date | None = None,
) -> Case:
    """Lock, authorise, change, record, announce.

    `seen_state` is the state on the page from which was pressed: where it changed meanwhile the second one is
    refused with the name of the first. `token` makes a double click one transition.
    """
    with once(token, by=by, at=at) as sent:
        sent.url = f"/dossiers/{case.number}/"
        locked = lock_any(case, by=by)
        locked.judged_on, locked.given = on, given or Given()
        before = locked.state
        _refuse(locked, transition, by=by, seen_state=seen_state)
        closed_before = locked.closed_on
        getattr(locked, transition)()
        _set_dates(
            locked, transition, on=on, back_on=back_on, first_day_absent=first_day_absent, after=closed_before
        )
        try:
            with transaction.atomic():
                locked.save()
        except IntegrityError as error:
            raise DomainError(_("This pupil already has an open case at that school.")) from error
        _record_move(locked, transition, before, by=by, at=at, on=on)
        if locked.state == State.CLOSED:
            participation.end_all(locked, by=by, at=at)
            work.drop_all(locked, by=by, at=at)
        if State.CLOSED in (before, locked.state):
            access.sync(locked)
        managers_and_lead = [locked.lead] if locked.lead and locked.lead != by else []
        _tell(managers_and_lead, "case_moved", locked, key=f"case_moved:{locked.number}:{at.isoformat()}")
    return locked


def _refuse(case: Case, transition: str, *, by: User, seen_state: str) -> None:
    """Raises why a transition is impossible now: meanwhile moved, not allowed, not from here, or conditions
    unmet."""
    allowed = case.moves
    if seen_state and seen_state != case.state:
        raise DomainError(_conflict(case))
    if transition not in allowed:
        raise DomainError(
            _("This is not possible in the state “%(state)s”.") % {"state": case.get_state_display()}
        )
    if not allowed[transition].has_perm(case, by):
        raise NotAllowed(_("You may not do this with this case."))
    unmet = [SENTENCES[c.__name__] for c in allowed[transition].conditions if not c(case)]
    if unmet:
        raise DomainError(" ".join(str(sentence) for sentence in unmet))


def _conflict(case: Case) -> str:
    last = StateChange.objects.filter(case=case).select_related("recorded_by").order_by("-id").first()
    who = last.recorded_by if last and last.recorded_by else _("somebody else")
    return _(
        "%(who)s was just before you: the case is now in the state “%(state)s”. Nothing of yours was done."
    ) % {
        "who": who,
        "state": case.get_state_display(),
    }


def _set_dates(
    case: Case,
    transition: str,
    *,
    on: dt.date,
    back_on: dt.date | None,
    first_day_absent: dt.date | None,
    after: dt.date | None,
) -> None:
    if on < case.state_since:
        raise Invalid(
            _("This day lies before the day on which the case came into its present state."), field="on"
        )
    if case.state == State.CLOSED:
        if back_on is not None and not case.first_day_absent < back_on <= on:
            raise Invalid(
                _("The day back at school lies after the first day absent and not after the closing."),
                field="back_on",
            )
        back = back_on or case.back_on or (on if case.destination in BACK_AT_SCHOOL else None)
        case.closed_on, case.back_on = on, back
    elif transition == "reopen":
        begins = first_day_absent or on
        if begins > on or (after is not None and begins < after):
            raise Invalid(
                _("The first day absent of the new spell lies between the last closing and today."),
                field="first_day_absent",
            )
        case.spell += 1
        case.first_day_absent, case.signalled_on = begins, on
        case.closed_on = case.back_on = case.offer_since = case.last_progress_on = None
        case.offer = ""
    case.state_since = on


def _record_move(case: Case, transition: str, before: str, *, by: User, at: dt.datetime, on: dt.date) -> None:
    if transition == "reopen":
        spell = facts.begin_spell(case, by=by, at=at)
    else:
        spell = Spell.objects.get(case=case, number=case.spell)
        if case.state == State.CLOSED:
            facts.record_dates(case, by=by, at=at)
    StateChange.objects.create(
        case=case,
        spell=spell,
        known_from=at,
        recorded_at=at,
        recorded_by=by,
        source=Source.APPLICATION,
        transition=transition,
        from_state=before,
        to_state=case.state,
        on=on,
        reason=case.given.reason.strip(),
        met_since=case.given.met_since,
    )
    record(
        "case.transition",
        by=by,
        target=f"case {case.number}",
        details={"transition": transition, "from": before, "to": case.state, "destination": case.destination},
    )


def _warn_of_doubles(case: Case) -> None:
    """Case managers hear that a pupil may have two cases in their partnership; the one who signals does
    not."""
    doubles = others_like(case)
    if doubles:
        managers = people_with_role(Role.CASE_MANAGER, case.partnership.organisation)
        numbers = ", ".join(double.number for double in doubles)
        _tell(managers, "possible_double", case, key=f"possible_double:{case.number}", others=numbers)


def _tell(users: Any, kind: str, case: Case, *, key: str, **context: str) -> None:
    notify(
        users=users,
        kind=kind,
        key=key,
        context={"number": case.number, **context},
        link=f"/dossiers/{case.number}/",
        about=case.number,
    )
