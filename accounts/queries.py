"""Who has which role where, and who may give and end roles."""

import datetime as dt
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, Membership, RoleGroup, User
from accounts.roles import KINDS, Role, role_fits
from common.errors import NotFound
from common.names import fold, words
from schools import numbers
from schools.models import CarePartner, Organisation, OrganisationKind, Partnership, School, SchoolSite


def active_memberships(user: Any) -> list[Membership]:
    """What somebody is today, with the organisations: one query for each request, kept on the user object."""
    if not user.is_authenticated:
        return []
    kept: list[Membership] | None = getattr(user, "_active_memberships", None)
    if kept is None:
        active = user.memberships.active().select_related("organisation")
        kept = list(active.order_by("organisation__name", "id"))
        user._active_memberships = kept
    return kept


def forget_memberships(user: User) -> None:
    """After a change within the request: the next question asks the database again."""
    user._active_memberships = None  # type: ignore[attr-defined]


def may_enter(user: User) -> bool:
    """Whether somebody may use the application: with a role, or as the technical administration."""
    return user.is_active and (user.is_superuser or bool(active_memberships(user)))


def role_group(organisation: Organisation, role: str) -> Group:
    """The group of everybody with this role there; makes it the first time."""
    known = Group.objects.filter(role_group__organisation=organisation, role_group__role=role).first()
    if known:
        return known
    with transaction.atomic():
        group, _made = Group.objects.get_or_create(name=f"{role} of organisation {organisation.pk}")
        RoleGroup.objects.get_or_create(group=group, defaults={"organisation": organisation, "role": role})
    return group


def people_with_role(role: str, organisation: Organisation | None) -> QuerySet[User]:
    """The people who can act in that role today."""
    having = Membership.objects.active().filter(role=role, organisation=organisation)
    return User.objects.filter(is_active=True, pk__in=having.values("user")).order_by("name", "id")


def active_membership(user: User, role: str, organisation: Organisation | None) -> Membership | None:
    return user.memberships.active().filter(role=role, organisation=organisation).first()


def user_with_address(email: str) -> User | None:
    return User.objects.filter(email=email.strip().lower()).first()


def pending_invitation(
    email: str, role: str, organisation: Organisation | None, at: dt.datetime
) -> Invitation | None:
    offers = Invitation.objects.open_at(at).filter(role=role, organisation=organisation)
    return offers.filter(email=email.strip().lower()).first()


def organisation_for_role(role: str, number: str) -> Organisation | None:
    """The organisation with that number, in any spelling, among the kinds that have such people."""
    found: list[Organisation] = []
    for kind in KINDS[role]:
        try:
            normalised = numbers.normalise(kind, number)
        except ValueError:
            continue
        found += Organisation.objects.filter(kind=kind, number=normalised)
    return next((organisation for organisation in found if role_fits(role, organisation)), None)


# --- Whom an administrator manages


def is_manager(user: Any) -> bool:
    """Whether somebody manages people at all: as administrator or as platform operator."""
    return any(m.role in {Role.ADMINISTRATOR, Role.PLATFORM_OPERATOR} for m in active_memberships(user))


def is_operator(user: Any) -> bool:
    return any(m.role == Role.PLATFORM_OPERATOR for m in active_memberships(user))


def organisations_managed_by(user: Any) -> QuerySet[Organisation]:
    """Where somebody may give roles: see `administered_by`; a platform operator in every partnership."""
    if is_operator(user):
        partnerships = Organisation.objects.filter(kind=OrganisationKind.PARTNERSHIP)
        return (administered_by(user) | partnerships).order_by("name", "id")
    return administered_by(user)


def administered_by(user: Any) -> QuerySet[Organisation]:
    """What somebody administers: the partnership, its school sites, its care partners and its schools.

    A coordinator of a school sees every site of it. So a school counts when all of its sites belong to the
    partnership; of one that reaches into another partnership only the sites do.
    """
    own = [m.organisation_id for m in active_memberships(user) if m.role == Role.ADMINISTRATOR]
    sites = SchoolSite.objects.filter(partnerships__in=own)
    schools = _schools_within(sites)
    partners = CarePartner.objects.filter(partnerships__in=own)
    scope = Q(pk__in=own)
    for bodies in (sites, schools, partners):
        scope |= Q(pk__in=bodies.values("pk"))
    return Organisation.objects.filter(scope).order_by("name", "id")


def _schools_within(sites: QuerySet[SchoolSite]) -> QuerySet[School]:
    """The schools that have no site but these."""
    elsewhere = SchoolSite.objects.exclude(pk__in=sites.values("pk"))
    return School.objects.filter(sites__in=sites).exclude(sites__in=elsewhere)


def may_manage(by: User, role: str, organisation: Organisation | None) -> bool:
    """Whether somebody may give and end this role there. Roles of no organisation come from the console."""
    if organisation is None:
        return False
    if role == Role.ADMINISTRATOR and is_operator(by):
        return True
    return administered_by(by).filter(pk=organisation.pk).exists()


def _managed(user: Any) -> Q:
    """Of memberships and invitations: those that somebody manages."""
    managed = Q(organisation__in=administered_by(user))
    return managed | Q(role=Role.ADMINISTRATOR) if is_operator(user) else managed


def memberships_managed_by(user: Any) -> QuerySet[Membership]:
    """The active roles that somebody may end, with person and organisation, by name."""
    managed = Membership.objects.active().filter(_managed(user)).select_related("user", "organisation")
    return managed.order_by("user__name", "user_id", "organisation__name", "id")


def invitations_managed_by(user: Any) -> QuerySet[Invitation]:
    """The unanswered invitations that somebody may withdraw or send again, newest first."""
    managed = Invitation.objects.unanswered().filter(_managed(user))
    return managed.select_related("organisation", "invited_by")


def manages_all_of(by: User, user: User) -> bool:
    """Whether every role of a person is one that somebody manages."""
    ours = memberships_managed_by(by).filter(user=user)
    return ours.exists() and not user.memberships.active().exclude(pk__in=ours.values("pk")).exists()


def managed_membership(by: Any, pk: int) -> Membership:
    found = memberships_managed_by(by).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("This role does not exist or is not yours to manage."))
    return found


def managed_roles_of(by: Any, person_id: int) -> list[Membership]:
    """The roles of one person that somebody manages; somebody without any is unknown to them."""
    found = list(memberships_managed_by(by).filter(user=person_id))
    if not found:
        raise NotFound(_("This person does not exist or is not yours to manage."))
    return found


def manages(by: User, user: User) -> bool:
    """Whether some role of a person is one that somebody manages."""
    return memberships_managed_by(by).filter(user=user).exists()


def administrators_of(user: User) -> list[User]:
    """Who administers the partnerships around somebody: his own, that of his site or school, that of his care
    partner. Without any (he himself does not count), the platform operators."""
    places = [m.organisation_id for m in active_memberships(user) if m.organisation_id]
    partnerships = Partnership.objects.filter(
        Q(pk__in=places) | Q(sites__in=places) | Q(sites__school__in=places) | Q(care_partners__in=places)
    )
    active = Membership.objects.active().exclude(user=user)
    administrators = active.filter(role=Role.ADMINISTRATOR, organisation__in=partnerships.values("pk"))
    operators = active.filter(role=Role.PLATFORM_OPERATOR)
    people = User.objects.filter(is_active=True).order_by("name", "id")
    found = list(people.filter(pk__in=administrators.values("user")))
    return found or list(people.filter(pk__in=operators.values("user")))


def managed_invitation(by: Any, pk: int) -> Invitation:
    found = invitations_managed_by(by).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("This invitation does not exist or is not yours to manage."))
    return found


def find_people(by: Any, text: str = "", role: str = "") -> list[Membership]:
    """The managed roles of people whose name or address has all the words typed, accents and case aside."""
    managed = memberships_managed_by(by)
    if role:
        managed = managed.filter(role=role)
    wanted = words(text)
    return [m for m in managed if all(word in fold(f"{m.user.name} {m.user.email}") for word in wanted)]


def has_second_factor(user: User) -> bool:
    """Recovery codes alone are no factor: they come with one."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


def is_last_factor(authenticator: Authenticator) -> bool:
    """Whether somebody has no second factor left without this one."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    others = Authenticator.objects.filter(user=authenticator.user_id, type__in=kinds)
    return not others.exclude(pk=authenticator.pk).exists()


# --- Invitations seen by who got them


def invited_account(invitation: Invitation) -> User | None:
    """Who has to log in to accept; None where accepting makes the account."""
    user = user_with_address(invitation.email)
    return user if user and user.has_usable_password() else None


def is_invited(user: User, token_hash: str | None, at: dt.datetime) -> bool:
    """Whether the link opened in this session is one for this user: then they may come in as far as that."""
    invitation = open_invitation(token_hash, at) if token_hash else None
    return invitation is not None and invitation.email == user.email


def open_invitation(token_hash: str, at: dt.datetime) -> Invitation | None:
    """The invitation of a link, if it can still be accepted."""
    found = Invitation.objects.open_at(at).filter(token_hash=token_hash)
    return found.select_related("organisation", "invited_by").first()


# --- The demo


def demo_organisations() -> dict[Role, Organisation | None]:
    """Where the people of the demo work: in and around one partnership, a vo one if there is one.

    Roles without a place are left out.
    """
    partnerships = Organisation.objects.filter(kind=OrganisationKind.PARTNERSHIP).order_by("number")
    partnership = partnerships.filter(number__startswith="VO").first() or partnerships.first()
    if partnership is None:
        return {}
    sites = SchoolSite.objects.filter(partnerships=partnership.pk)
    around = Organisation.objects.filter(
        Q(pk=partnership.pk)
        | Q(pk__in=_schools_within(sites).values("pk"))
        | Q(carepartner__partnerships=partnership.pk)
        | Q(carepartner__municipality__in=sites.values("municipality"))
    ).distinct()
    places: dict[Role, Organisation | None] = {Role.PLATFORM_OPERATOR: None}
    for organisation in around.order_by("number"):
        for role in Role:
            if role_fits(role, organisation):
                places.setdefault(role, organisation)
    return places
