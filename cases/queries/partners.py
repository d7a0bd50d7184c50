"""Who may be let into a case, and who takes part."""

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.queries import active_memberships
from accounts.roles import Role
from cases.enums import ParticipationState
from cases.models import Case, Participation
from cases.permissions import PARTNER_ROLES
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


def invitations_for(user: User) -> QuerySet[Participation]:
    """The invitations that a user can answer. They show nothing of the case but its number and what is
    asked."""
    roles = {(m.organisation_id, m.role) for m in active_memberships(user) if m.role in PARTNER_ROLES}
    offices = [organisation for organisation, role in roles if role == Role.ATTENDANCE_OFFICER]
    others = [organisation for organisation, role in roles if role == Role.CARE_WORKER]
    return (
        Participation.objects.filter(state=ParticipationState.INVITED)
        .filter(
            Q(partner__in=offices, partner__kind=CareKind.ATTENDANCE)
            | Q(partner__in=others) & ~Q(partner__kind=CareKind.ATTENDANCE)
        )
        .select_related("case__partnership__organisation", "partner__organisation", "invited_by")
        .order_by("invited_at", "pk")
    )
