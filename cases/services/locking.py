"""The first steps of every service on a case: lock it, and ask whether this user may."""

from django.utils.translation import gettext as _

from accounts.models import User
from cases import access, permissions
from cases.models import Case
from common.errors import DomainError, NotAllowed, NotFound
from common.registry import collect


def lock(case: Case, *, by: User, right: str) -> Case:
    """The case as it is now, locked until the transaction ends; refuses who may not, and a closed case."""
    locked = lock_any(case, by=by)
    if right not in access.rights_on(by, locked):
        raise NotAllowed(_("You may not do this with this case."))
    if not locked.is_open:
        raise DomainError(_("The case is closed. Reopen it first."))
    return locked


def lock_any(case: Case, *, by: User) -> Case:
    """The case as it is now, locked, open or closed; NotFound for who does not (or no longer) see it."""
    locked = (
        Case.objects.select_for_update(of=("self",))
        .select_related(
            "pupil", "partnership__organisation", "site__organisation", "school__organisation", "lead"
        )
        .get(pk=case.pk)
    )
    if permissions.VIEW not in access.rights_on(by, locked):
        raise NotFound("")
    touched(locked)
    return locked


def touched(case: Case) -> None:
    """Whoever has to look again at a case that somebody is changing hears of it, in the same transaction.

    Slot "case_touched": (key of the case, key of its partnership).
    """
    collect("case_touched", case.pk, case.partnership_id)
