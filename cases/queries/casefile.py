"""What the page of a case shows to one reader, filtered by contracts/sections.csv.

Everything is asked of a case that came through the gate (cases/queries/visibility.py), in a number of
queries that does not depend on how much is in the file.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from accounts.roles import Role
from cases import access, permissions
from cases.enums import ActionState, Category, NoteKind, State
from cases.models import Action, Case, CaseGrant, Exemption, Note, Participation, Plan, StateChange
from cases.models.conditions import ANSWERED_BY_FORM, SENTENCES
from cases.permissions import PARTNER_ROLES, Reach, Section
from cases.queries.categories import category_with
from cases.queries.register import state_days
from common.errors import NotFound
from schools.models import Organisation, SchoolSite

#: How many people with access, and choices of people, are shown at most.
MOST_PEOPLE = 200


@dataclass(frozen=True)
class Reader:
    """Who has the file open, and how much of it is his to read and do."""

    user: User
    case: Case
    on: dt.date

    @cached_property
    def memberships(self) -> list[Membership]:
        """Through which he sees the case."""
        return access.through(self.user, self.case, on=self.on)

    @cached_property
    def sections(self) -> dict[Section, Reach]:
        return access.sections_of(self.user, self.case)

    @cached_property
    def rights(self) -> frozenset[str]:
        return access.rights_on(self.user, self.case)

    @cached_property
    def is_partner(self) -> bool:
        """Sees the case through a participation only."""
        return access.roles_on(self.user, self.case) <= PARTNER_ROLES

    @property
    def may_manage(self) -> bool:
        return self.case.is_open and permissions.MANAGE in self.rights

    @property
    def may_contribute(self) -> bool:
        return self.case.is_open and permissions.CONTRIBUTE in self.rights

    @property
    def may_share(self) -> bool:
        return self.case.is_open and permissions.SHARE in self.rights

    @property
    def may_write_care_notes(self) -> bool:
        return self.sections[Section.CARE_NOTES] == Reach.OWN

    def reads(self, section: Section) -> bool:
        """The whole of it (what was shared, or is of the own organisation, is asked of the rows)."""
        return self.sections[section] in (Reach.READ, Reach.READ_WRITE)

    @property
    def reads_reasons(self) -> bool:
        return self.reads(Section.REASONS)

    @property
    def reads_voice(self) -> bool:
        return self.reads(Section.VOICE)

    @property
    def reads_exemptions(self) -> bool:
        return self.reads(Section.EXEMPTION)

    @property
    def reads_access(self) -> bool:
        return self.reads(Section.ACCESS)

    @property
    def reads_log(self) -> bool:
        return self.sections[Section.READ_LOG] == Reach.LEAD_ONLY and self.case.lead_id == self.user.pk

    @property
    def reads_reasons_of_moves(self) -> bool:
        """What was written when the state changed may be about anything: not for partners."""
        return not self.is_partner

    def reads_destination(self, destination: str) -> bool:
        """A destination that is an exemption tells of it."""
        return self.reads_exemptions or destination not in EXEMPT_DESTINATIONS


EXEMPT_DESTINATIONS = frozenset({"5a", "5b", "5c", "15"})


# --- Notes and actions


def notes_for(reader: Reader) -> QuerySet[Note]:
    """The notes that a reader may read, newest first: care notes within the own care organisation alone."""
    care = Q(kind=NoteKind.CARE)
    if reader.sections[Section.NOTES] in (Reach.READ, Reach.READ_WRITE):
        seen = ~care
    else:
        seen = ~care & (Q(shared=True) | Q(organisation__in=_own(reader)))
    if reader.sections[Section.CARE_NOTES] == Reach.OWN:
        carers = [m.organisation_id for m in reader.memberships if m.role == Role.CARE_WORKER]
        seen |= care & Q(organisation__in=carers)
    return reader.case.notes.filter(seen).select_related("author", "organisation").order_by("-on", "-id")


def actions_for(reader: Reader) -> QuerySet[Action]:
    """The actions that a reader may read: partners those of their own people (as services/work.py has it)."""
    actions = reader.case.actions.select_related("owner", "ended_by", "created_by")
    if not reader.is_partner:
        return actions
    colleagues = _people_of(reader.memberships).values("user")
    return actions.filter(Q(owner=reader.user) | Q(owner__in=colleagues))


def open_actions(reader: Reader) -> QuerySet[Action]:
    return actions_for(reader).filter(state=ActionState.OPEN).order_by("deadline", "id")


def ended_actions(reader: Reader) -> QuerySet[Action]:
    return actions_for(reader).exclude(state=ActionState.OPEN).order_by("-ended_at", "-id")


def action_of(reader: Reader, pk: int) -> Action:
    """An action asked for through the case; that of another case or organisation is not there."""
    return _found(actions_for(reader).filter(pk=pk).first())


def _own(reader: Reader) -> set[int | None]:
    return {membership.organisation_id for membership in reader.memberships}


# --- Plans


def plans_of(case: Case) -> list[Plan]:
    """All plans with what belongs to them, newest first; the case keeps those of its spell."""
    plans = list(
        case.plans.select_related(
            "arrangement__responsible",
            "remoteeducationplan",
            "returnplan__receiving_school__organisation",
            "created_by",
        )
        .prefetch_related(
            Prefetch("hearings"),
            Prefetch("evaluations"),
            "returnplan__steps",
        )
        .order_by("-spell", "-id")
    )
    for plan in plans:
        plan.case = case
    case.__dict__["spell_plans"] = [plan for plan in plans if plan.spell == case.spell]
    return plans


def plan_of(case: Case, pk: int) -> Plan:
    """A plan of the present spell, asked for through its case."""
    return _found(
        case.plans.filter(pk=pk, spell=case.spell)
        .select_related("arrangement", "remoteeducationplan", "returnplan")
        .first()
    )


# --- What must happen next


@dataclass(frozen=True)
class Refusal:
    """Why a step is impossible now. `condition` names the fact that is missing, empty where the right is."""

    sentence: Any
    condition: str = ""


@dataclass(frozen=True)
class NextStep:
    """One transition that leads from the present state, and whether this user may press it now."""

    name: str
    label: Any
    target: str
    refusals: tuple[Refusal, ...]

    @property
    def is_possible(self) -> bool:
        return not self.refusals


#: Transitions on which the partnership decides; what somebody lacks, in words.
DECISIONS = frozenset({"close", "reopen"})
DECIDED_ELSEWHERE = _("You may not do this: only a case manager of the partnership decides on it.")
MANAGED_ELSEWHERE = _(
    "You may not do this: a coordinator of the school or a case manager of the partnership does."
)


def next_steps(case: Case, user: User, *, on: dt.date) -> list[NextStep]:
    """Every transition from the present state, straight from the machine, with what still stands in its way.

    Who lacks the right hears that alone: the conditions tell of parts of the file that are perhaps not his.
    """
    case.judged_on = on
    found = sorted(
        case.moves.values(), key=lambda t: (State.values.index(str(t.target)), t.name == "withdraw")
    )
    return [
        NextStep(t.name, t.custom["label"], str(t.target), tuple(_refusals(case, t, user))) for t in found
    ]


def _refusals(case: Case, transition: Any, user: User) -> Iterable[Refusal]:
    if not transition.has_perm(case, user):
        yield Refusal(DECIDED_ELSEWHERE if transition.name in DECISIONS else MANAGED_ELSEWHERE)
        return
    for condition in transition.conditions:
        if condition.__name__ not in ANSWERED_BY_FORM and not condition(case):
            yield Refusal(SENTENCES[condition.__name__], condition.__name__)


# --- Where it stands


@dataclass(frozen=True)
class Step:
    """A state in the bar on top of the page."""

    label: Any
    state: str
    day: dt.date | None = None


def steps(case: Case, changes: Sequence[StateChange]) -> list[Step]:
    """The five states of the present spell: been through, here, skipped, or still to come."""
    entered = state_days(change for change in changes if change.spell.number == case.spell)
    entered[State.SIGNALLED] = case.signalled_on
    here = State.values.index(case.state)
    found = []
    for number, state in enumerate(State):
        if number == here:
            found.append(Step(state.label, "current", case.state_since))
        elif state in entered:
            found.append(Step(state.label, "done" if number < here else "todo", entered[state]))
        else:
            found.append(Step(state.label, "skipped" if number < here else "todo"))
    return found


def state_changes(case: Case) -> list[StateChange]:
    """Every change of state of every spell, oldest first."""
    return list(case.statechange_rows.select_related("spell", "recorded_by").order_by("on", "id"))


def exemptions_of(case: Case) -> list[Exemption]:
    """The exemptions that count, the latest first."""
    known = case.exemption_rows.filter(known_until__isnull=True)
    return sorted(known, key=lambda it: (it.valid_from or dt.date.min, it.pk), reverse=True)


def exemption_of(case: Case, pk: int) -> Exemption:
    """An exemption that counts, asked for through its case."""
    return _found(case.exemption_rows.filter(pk=pk, known_until__isnull=True).first())


def category_of(case: Case, exemptions: Iterable[Exemption], *, on: dt.date) -> Category | None:
    """What the case counts as today (contracts/counting.md)."""
    valid = frozenset(
        it.article
        for it in exemptions
        if (it.valid_from or case.first_day_absent) <= on and (it.valid_to is None or on <= it.valid_to)
    )
    return category_with(case, valid, on)


# --- Who has access


@dataclass(frozen=True)
class Door:
    """An organisation through which people see the case, in which role, who they are and until when."""

    organisation: Organisation
    role: str
    role_label: Any
    until: dt.date | None
    people: tuple[User, ...]


def doors(case: Case, *, on: dt.date) -> list[Door]:
    """Who sees the case, by organisation; a bounded number of people."""
    grants = _grants(case, on)
    people: dict[tuple[int | None, str], list[User]] = {}
    for membership in _members(grants).select_related("user").order_by("user__name", "user_id")[:MOST_PEOPLE]:
        people.setdefault((membership.organisation_id, membership.role), []).append(membership.user)
    return [
        Door(
            organisation=group.organisation,
            role=group.role,
            role_label=group.get_role_display(),
            until=grant.until,
            people=tuple(people.get((group.organisation_id, group.role), ())),
        )
        for grant in grants
        if (group := grant.group.role_group)
    ]


def owners_for(reader: Reader) -> QuerySet[User]:
    """Who can be given an action: people who see the case, for partners those of the own organisation."""
    if reader.is_partner:
        memberships = _people_of(reader.memberships)
    else:
        memberships = _members(_grants(reader.case, reader.on))
    return _users(memberships)


def leads_for(case: Case, *, on: dt.date) -> QuerySet[User]:
    """Who can lead the case: the people who may manage it."""
    managing = [
        grant
        for grant in _grants(case, on)
        if permissions.MANAGE in permissions.RIGHTS.get(grant.group.role_group.role, frozenset())
    ]
    return _users(_members(managing))


def participations_of(case: Case) -> QuerySet[Participation]:
    return case.participations.select_related(
        "partner__organisation", "invited_by", "answered_by", "stopped_by"
    ).order_by("-invited_at", "-id")


def participation_of(case: Case, pk: int) -> Participation:
    """A participation asked for through its case."""
    return _found(participations_of(case).filter(pk=pk).first())


def _grants(case: Case, on: dt.date) -> list[CaseGrant]:
    return list(
        case.grants.filter(access.valid_on(on), permission__codename=permissions.VIEW)
        .select_related("group__role_group__organisation")
        .order_by("group__role_group__organisation__name", "pk")
    )


def _members(grants: Iterable[CaseGrant]) -> QuerySet[Membership]:
    return _holding({(g.group.role_group.organisation_id, g.group.role_group.role) for g in grants})


def _people_of(memberships: Iterable[Membership]) -> QuerySet[Membership]:
    return _holding({(m.organisation_id, m.role) for m in memberships})


def _holding(places: Iterable[tuple[int | None, str]]) -> QuerySet[Membership]:
    """The active memberships of these roles in these organisations."""
    wanted = Q(pk__in=[])
    for organisation, role in places:
        wanted |= Q(organisation=organisation, role=role)
    return Membership.objects.active().filter(wanted, user__is_active=True)


def _users(memberships: QuerySet[Membership]) -> QuerySet[User]:
    return User.objects.filter(pk__in=memberships.values("user")).order_by("name", "pk")


# --- Choices of the forms


def responsible_for(case: Case, partners: Iterable[int]) -> QuerySet[Organisation]:
    """Who can be responsible for an arrangement: school, site, partnership and these care partners."""
    own = [pk for pk in (case.site_id, case.school_id, case.partnership_id) if pk]
    return Organisation.objects.filter(pk__in=[*own, *partners]).order_by("name", "pk")


def receiving_schools(case: Case) -> QuerySet[SchoolSite]:
    """Where a pupil can return to: the sites of the partnership."""
    return (
        SchoolSite.objects.filter(partnerships=case.partnership_id)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def _found(row: Any) -> Any:
    if row is None:
        raise NotFound("")
    return row
