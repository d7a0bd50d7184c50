"""Who may be let into a case, and who takes part."""

import datetime as dt

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from cases.enums import ParticipationState
from cases.models import Case, Participation
from cases.permissions import PARTNER_ROLES
from common.errors import NotFound
from schools.models import CareKind, CarePartner


def partners_for(case: Case) -> QuerySet[CarePartner]:
    """The care partners that can be invited: those of the partnership, those of no partnership in particular,
    and the attendance office of the pupil's municipality."""
    return (
        CarePartner.objects.filter(
            Q(partnerships=case.partnership_id)
            | Q(partnerships__isnull=True)
            | Q(kind=CareKind.ATTENDANCE, municipality=case.pupil.municipality_id)
        )
        .select_related("organisation")
        .order_by("organisation__name", "pk")
        .distinct()
    )


def answers_for_partners(user: User) -> bool:
    """Whether a user works for a care partner or an attendance office, and so may be invited."""
    return any(membership.role in PARTNER_ROLES for membership in active_memberships(user))


def invitations_for(user: User, *, on: dt.date) -> QuerySet[Participation]:
    """What a user can answer on a day. It shows nothing of the case but its number and what is asked."""
    return _of_partners_of(user).filter(state=ParticipationState.INVITED, ends_on__gte=on)


def invitation_for(user: User, pk: int) -> Participation:
    """One invitation of an organisation of the user, answered or not; another one is not there."""
    found = _of_partners_of(user).filter(pk=pk).first()
    if found is None:
        raise NotFound("")
    return found


def taking_part(user: User) -> QuerySet[Participation]:
    """What the organisations of a user have accepted; access may have run out since."""
    return _of_partners_of(user).filter(state=ParticipationState.ACCEPTED)


def _of_partners_of(user: User) -> QuerySet[Participation]:
    """Of the care partners and attendance offices where the user works, in the role that goes with each."""
    roles = {(m.organisation_id, m.role) for m in active_memberships(user) if m.role in PARTNER_ROLES}
    offices = [organisation for organisation, role in roles if role == Role.ATTENDANCE_OFFICER]
    others = [organisation for organisation, role in roles if role == Role.CARE_WORKER]
    return (
        Participation.objects.filter(
            Q(partner__in=offices, partner__kind=CareKind.ATTENDANCE)
            | Q(partner__in=others) & ~Q(partner__kind=CareKind.ATTENDANCE)
        )
        .select_related("case__partnership__organisation", "partner__organisation", "invited_by")
        .order_by("invited_at", "pk")
    )
