"""Actions, notes and contact moments of a case."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from cases import access, permissions
from cases.enums import ActionState, NoteKind
from cases.models import Action, Case, Note
from cases.permissions import PARTNER_ROLES, Reach, Section
from cases.services.locking import lock
from common.errors import DomainError, Invalid, NotAllowed, NotFound
from notifications.kinds import Urgency
from notifications.services import notify, withdraw
from schools.models import Organisation


@transaction.atomic
def add_action(
    *, case: Case, what: str, owner: User, deadline: dt.date, by: User, at: dt.datetime, on: dt.date
) -> Action:
    """Somebody who sees the case does something before a day. Partners give actions within their own
    organisation."""
    locked = lock(case, by=by, right=permissions.CONTRIBUTE)
    if deadline < on:
        raise Invalid(_("The deadline lies in the past."), field="deadline")
    if not access.through(owner, locked) or not _may_give(by, owner, locked):
        raise Invalid(_("Choose somebody who takes part in this case."), field="owner")
    action = Action.objects.create(
        case=locked, what=what.strip(), owner=owner, deadline=deadline, created_at=at, created_by=by
    )
    record("action.added", by=by, target=f"case {locked.number}", details={"action": action.pk})
    if owner != by:
        notify(
            users=[owner],
            kind="action_given",
            key=_notice_key(action.pk),
            context={"number": locked.number, "deadline": deadline.isoformat()},
            link=f"/dossiers/{locked.number}/",
            about=locked.number,
            urgency=Urgency.TODO,
            asks=True,
            by_when=deadline,
        )
    return action


@transaction.atomic
def finish_action(
    *, action: Action, case: Case, state: str, result: str, by: User, at: dt.datetime
) -> Action:
    """An action is done or dropped, with a result. By its owner, or by who manages the case."""
    locked = lock(case, by=by, right=permissions.CONTRIBUTE)
    own = Action.objects.select_for_update().filter(pk=action.pk, case=locked).first()
    if own is None or not may_see_action(by, own, locked):
        raise NotFound("")
    if own.owner_id != by.pk and permissions.MANAGE not in access.rights_on(by, locked):
        raise NotAllowed(_("Only who does it, or who manages the case, can end this action."))
    if own.state != ActionState.OPEN:
        raise DomainError(_("This action was ended already."))
    if not result.strip():
        raise Invalid(_("Write down the result."), field="result")
    own.state, own.result, own.ended_at, own.ended_by = state, result.strip(), at, by
    own.save(update_fields=["state", "result", "ended_at", "ended_by"])
    withdraw(keys=[_notice_key(own.pk)], at=at)
    record(
        "action.ended", by=by, target=f"case {locked.number}", details={"action": own.pk, "state": str(state)}
    )
    return own


def drop_all(case: Case, *, by: User | None, at: dt.datetime) -> None:
    """Open actions of a closed case are dropped. The caller holds the lock."""
    dropped = list(Action.objects.filter(case=case, state=ActionState.OPEN).values_list("pk", flat=True))
    if not dropped:
        return
    Action.objects.filter(pk__in=dropped).update(
        state=ActionState.DROPPED, result=_("The case was closed."), ended_at=at, ended_by=by
    )
    withdraw(keys=[_notice_key(action_id) for action_id in dropped], at=at)


def _notice_key(action_id: int) -> str:
    return f"action_given:{action_id}"


@transaction.atomic
def add_note(
    *,
    case: Case,
    kind: str,
    noted_on: dt.date,
    text: str,
    by: User,
    at: dt.datetime,
    on: dt.date,
    with_whom: str = "",
    how: str = "",
    is_progress: bool = False,
    shared: bool = False,
) -> Note:
    """A note, contact moment or care note, on behalf of the organisation through which the author sees the
    case."""
    locked = lock(case, by=by, right=permissions.CONTRIBUTE)
    if noted_on > on:
        raise Invalid(_("This day lies in the future."), field="noted_on")
    is_care = kind == NoteKind.CARE
    if is_care and access.sections_of(by, locked)[Section.CARE_NOTES] != Reach.OWN:
        raise NotAllowed(_("Care notes are for care workers."))
    if kind == NoteKind.CONTACT and not (with_whom.strip() and how):
        raise Invalid(_("Say with whom and how."), field="with_whom")
    note = Note.objects.create(
        case=locked,
        kind=kind,
        on=noted_on,
        with_whom=with_whom.strip() if kind == NoteKind.CONTACT else "",
        how=how if kind == NoteKind.CONTACT else "",
        text=text.strip(),
        is_progress=is_progress and not is_care,
        shared=shared and not is_care,
        organisation=acting_for(by, locked, care=is_care),
        author=by,
        created_at=at,
    )
    if note.is_progress and (locked.last_progress_on is None or locked.last_progress_on < noted_on):
        locked.last_progress_on = noted_on
        locked.save(update_fields=["last_progress_on"])
    record("note.added", by=by, target=f"case {locked.number}", details={"note": note.pk, "kind": str(kind)})
    return note


def acting_for(user: User, case: Case, *, care: bool = False) -> Organisation:
    """The organisation on whose behalf a user writes; a care note belongs to the care partner."""
    memberships = access.through(user, case)
    if care:
        memberships = [m for m in memberships if m.role == Role.CARE_WORKER]
    return next(m.organisation for m in memberships if m.organisation is not None)


def may_see_action(user: User, action: Action, case: Case) -> bool:
    """Partners see the actions of their own people only."""
    if not access.roles_on(user, case) <= PARTNER_ROLES:
        return True
    return action.owner_id == user.pk or _colleagues(user, action.owner, case)


def _may_give(by: User, owner: User, case: Case) -> bool:
    if not access.roles_on(by, case) <= PARTNER_ROLES:
        return True
    return by == owner or _colleagues(by, owner, case)


def _colleagues(one: User, other: User, case: Case) -> bool:
    mine = {m.organisation_id for m in access.through(one, case)}
    return bool(mine & {m.organisation_id for m in access.through(other, case)})
