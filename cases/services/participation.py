"""Letting a care partner or attendance office into one case: invite, accept or decline, revoke, end.

Access follows in the same transaction: grants are written from the participations that are accepted.
"""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import active_memberships, people_with_role
from audit.services import record
from cases import access, permissions
from cases.enums import ParticipationState
from cases.models import Case, Participation
from cases.queries.partners import partners_for
from cases.services.locking import lock, touched
from common.dates import months_after
from common.errors import DomainError, Invalid, NotFound
from notifications.kinds import Urgency
from notifications.services import notify, withdraw
from schools.models import CarePartner

RUNNING = (ParticipationState.INVITED, ParticipationState.ACCEPTED)
MOST_MONTHS = 12


@transaction.atomic
def invite(
    *,
    case: Case,
    partner: CarePartner,
    purpose: str,
    ends_on: dt.date,
    by: User,
    at: dt.datetime,
    on: dt.date,
) -> Participation:
    """Asks a care partner to take part, for a purpose and at most a year. Nothing is seen of the case before
    acceptance."""
    locked = lock(case, by=by, right=permissions.SHARE)
    if not purpose.strip():
        raise Invalid(_("Say what for."), field="purpose")
    if not on <= ends_on <= months_after(on, MOST_MONTHS):
        raise Invalid(_("Choose a day from today up to a year from now."), field="ends_on")
    if not partners_for(locked).filter(pk=partner.pk).exists():
        raise Invalid(_("Choose a care partner of this partnership."), field="partner")
    try:
        with transaction.atomic():
            participation = Participation.objects.create(
                case=locked,
                partner=partner,
                purpose=purpose.strip(),
                ends_on=ends_on,
                invited_at=at,
                invited_on=on,
                invited_by=by,
            )
    except IntegrityError as error:
        raise DomainError(_("This organisation was invited already or takes part.")) from error
    record("participation.invited", by=by, target=f"case {locked.number}", details={"partner": partner.pk})
    notify(
        users=people_with_role(access.partner_role(partner), partner.organisation),
        kind="participation_invited",
        key=_notice_key(participation),
        context={"organisation": str(by_organisation(by, locked))},
        link="/uitnodigingen/",
        about=locked.number,
        urgency=Urgency.TODO,
        asks=True,
    )
    return participation


@transaction.atomic
def accept(*, participation: Participation, by: User, at: dt.datetime, on: dt.date) -> Participation:
    """A member of the partner accepts: its people see the case from this moment."""
    locked = _lock_invited(participation, by=by, on=on)
    _answer(locked, ParticipationState.ACCEPTED, note="", by=by, at=at)
    access.sync(locked.case)
    return locked


@transaction.atomic
def decline(
    *, participation: Participation, note: str, by: User, at: dt.datetime, on: dt.date
) -> Participation:
    """A member of the partner declines, with a note if he likes."""
    locked = _lock_invited(participation, by=by, on=on)
    _answer(locked, ParticipationState.DECLINED, note=note.strip(), by=by, at=at)
    return locked


@transaction.atomic
def revoke(*, participation: Participation, case: Case, by: User, at: dt.datetime) -> Participation:
    """Takes back an invitation or ends access, at once."""
    locked_case = lock(case, by=by, right=permissions.SHARE)
    locked = Participation.objects.select_for_update().filter(pk=participation.pk, case=locked_case).first()
    if locked is None:
        raise NotFound("")
    if locked.state not in RUNNING:
        raise DomainError(_("This participation is over already."))
    _stop([locked], ParticipationState.REVOKED, case=locked_case, by=by, at=at)
    return locked


def end_all(case: Case, *, by: User | None, at: dt.datetime) -> None:
    """Everybody's participation ends with the case. The caller holds the lock on it and writes the grants."""
    running = list(Participation.objects.select_for_update().filter(case=case, state__in=RUNNING))
    _stop(running, ParticipationState.ENDED, case=None, by=by, at=at)


@transaction.atomic
def end_due_of(case: Case, *, at: dt.datetime, on: dt.date) -> int:
    """Ends what has run past its last day in one case (the sweep); access itself lapsed at the day's end
    already."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    touched(locked)
    due = list(
        Participation.objects.select_for_update().filter(case=locked, state__in=RUNNING, ends_on__lt=on)
    )
    _stop(due, ParticipationState.ENDED, case=locked, by=None, at=at)
    return len(due)


def end_due(*, at: dt.datetime, on: dt.date, most: int = 500) -> int:
    """One sweep: ends every participation whose last day is past, case by case; returns how many."""
    ids = (
        Participation.objects.filter(state__in=RUNNING, ends_on__lt=on)
        .values_list("case", flat=True)
        .distinct()
    )
    return sum(end_due_of(Case(pk=case_id), at=at, on=on) for case_id in list(ids[:most]))


def by_organisation(user: User, case: Case) -> object:
    """On behalf of which organisation a user acts on a case."""
    seen_through = access.through(user, case)
    return seen_through[0].organisation if seen_through else user


def _lock_invited(participation: Participation, *, by: User, on: dt.date) -> Participation:
    """The case first, then the participation: the same order everywhere. Refuses who is no member of the
    partner."""
    case = Case.objects.select_for_update().get(pk=participation.case_id)
    locked = (
        Participation.objects.select_for_update()
        .select_related("partner__organisation")
        .get(pk=participation.pk)
    )
    locked.case = case
    role = access.partner_role(locked.partner)
    if not any(m.organisation_id == locked.partner_id and m.role == role for m in active_memberships(by)):
        raise NotFound("")
    if locked.state != ParticipationState.INVITED or not case.is_open:
        raise DomainError(_("This invitation has been answered or withdrawn already."))
    if locked.ends_on < on:
        raise DomainError(_("This invitation has expired."))
    touched(case)
    return locked


def _answer(
    locked: Participation, state: ParticipationState, *, note: str, by: User, at: dt.datetime
) -> None:
    locked.state, locked.answered_at, locked.answered_by, locked.answer_note = state, at, by, note
    locked.save(update_fields=["state", "answered_at", "answered_by", "answer_note"])
    withdraw(keys=[_notice_key(locked)], at=at)
    accepted = state == ParticipationState.ACCEPTED
    record(
        "participation.accepted" if accepted else "participation.declined",
        by=by,
        target=f"case {locked.case.number}",
        details={"partner": locked.partner_id},
    )
    notify(
        users=[locked.invited_by],
        kind="participation_accepted" if accepted else "participation_declined",
        key=f"participation_answered:{locked.pk}",
        context={"number": locked.case.number, "organisation": str(locked.partner)},
        link=f"/dossiers/{locked.case.number}/",
        about=locked.case.number,
    )


def _stop(
    rows: list[Participation],
    state: ParticipationState,
    *,
    case: Case | None,
    by: User | None,
    at: dt.datetime,
) -> None:
    for row in rows:
        row.state, row.stopped_at, row.stopped_by = state, at, by
        row.save(update_fields=["state", "stopped_at", "stopped_by"])
        name = "participation.revoked" if state == ParticipationState.REVOKED else "participation.ended"
        record(name, by=by, target=f"case {row.case.number}", details={"partner": row.partner_id})
    withdraw(keys=[_notice_key(row) for row in rows], at=at)
    if case is not None and rows:
        access.sync(case)


def _notice_key(participation: Participation) -> str:
    return f"participation_invited:{participation.pk}"
