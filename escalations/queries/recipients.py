"""Who gets a reminder, as it is at this moment (contracts/rules.md, "Delivered").

Everybody named is somebody who sees the case now: roles are read from the grants of the case, and who leads
it, does the action or invited is checked against them. A role without a person falls to the case managers of
the partnership.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Membership, User
from accounts.roles import Role
from cases.access import people_who_see
from cases.models import Action, Participation
from escalations.enums import About, Recipient
from escalations.models import EscalationContact, Reminder
from escalations.queries.settings import RulesOfSectors, rules_in_force
from escalations.rules import Rule
from schools.models import SchoolSite

#: The people around a case or school, with the roles through which they see it.
People = dict[int, set[str]]


@dataclass(frozen=True)
class Resolved:
    """Who gets it, and the roles that nobody has: then the case managers stand in (`instead`)."""

    rule: Rule
    user_ids: frozenset[int]
    missing: tuple[Recipient, ...] = ()
    instead: frozenset[int] = frozenset()


def resolve(reminders: Sequence[Reminder], *, on: dt.date) -> dict[int, Resolved]:
    """The recipients of each reminder, by its key; a number of queries that does not depend on how many.

    Reminders come with their `case` (select_related).
    """
    around = _Around(reminders, on=on)
    return {reminder.pk: around.resolve(reminder) for reminder in reminders}


class _Around:
    """What has to be known of many reminders to say who gets each of them."""

    def __init__(self, reminders: Sequence[Reminder], *, on: dt.date) -> None:
        partnerships = {reminder.partnership_id for reminder in reminders}
        self._rules: dict[int, RulesOfSectors] = {pk: rules_in_force(pk) for pk in partnerships}
        self._of_case = people_who_see(
            sorted({reminder.case_id for reminder in reminders if reminder.case_id}), on=on
        )
        self._of_school = people_of_schools(
            {(r.partnership_id, r.object_id) for r in reminders if r.about == About.SCHOOL}
        )
        contacts = EscalationContact.objects.filter(partnership__in=partnerships)
        self._contacts = dict(contacts.values_list("partnership", "user"))
        self._owners = dict(
            Action.objects.filter(pk__in=_ids(reminders, About.ACTION)).values_list("pk", "owner")
        )
        self._inviters = dict(
            Participation.objects.filter(pk__in=_ids(reminders, About.PARTICIPATION)).values_list(
                "pk", "invited_by"
            )
        )

    def resolve(self, reminder: Reminder) -> Resolved:
        case = reminder.case
        rule = self._rules[reminder.partnership_id][case.sector if case else ""][reminder.rule]
        people = (
            self._of_case[case.pk]
            if case
            else self._of_school.get((reminder.partnership_id, reminder.object_id), {})
        )
        if reminder.handed_to_id in people:
            return Resolved(rule, frozenset({reminder.handed_to_id}))
        managers = _having(people, Role.CASE_MANAGER)
        found: set[int] = set()
        missing = []
        for recipient in rule.recipients:
            those = self._those(recipient, reminder, people) or frozenset()
            found |= those
            if not those:
                missing.append(recipient)
        instead = managers - found if missing else frozenset()
        return Resolved(rule, frozenset(found | instead), tuple(missing), instead)

    def _those(self, recipient: Recipient, reminder: Reminder, people: People) -> frozenset[int]:
        managers = _having(people, Role.CASE_MANAGER)
        match recipient:
            case Recipient.COORDINATOR:
                return _having(people, Role.COORDINATOR)
            case Recipient.CASE_MANAGER:
                return managers
            case Recipient.ESCALATION_CONTACT:
                return managers & {self._contacts.get(reminder.partnership_id, 0)} or managers
            case Recipient.CASE_LEAD:
                wanted = reminder.case.lead_id if reminder.case else None
            case Recipient.ACTION_OWNER:
                wanted = self._owners.get(reminder.object_id)
            case Recipient.INVITER:
                wanted = self._inviters.get(reminder.object_id)
        return frozenset({wanted}) if wanted in people else frozenset()


def people_named(user_ids: Iterable[int]) -> list[User]:
    """Who these are, by name."""
    return list(User.objects.filter(pk__in=user_ids).order_by("name", "pk"))


def people_of_schools(asked: Iterable[tuple[int, int]]) -> dict[tuple[int, int], People]:
    """Around a school in a partnership: who coordinates all of it there, and the case managers. Keys of
    partnership and school.

    Who coordinates one site of several does not see the whole list, so he cannot confirm it.
    """
    wanted = set(asked)
    if not wanted:
        return {}
    rows = SchoolSite.objects.filter(school__in={school for _, school in wanted}).values_list(
        "partnerships", "school_id", "pk"
    )
    sites: dict[tuple[int, int], set[int]] = {pair: set() for pair in wanted}
    for partnership_id, school_id, site_id in rows:
        if (partnership_id, school_id) in sites:
            sites[partnership_id, school_id].add(site_id)
    coordinated = _organisations_by_person(
        Role.COORDINATOR, {*{s for _, s in wanted}, *_union(sites.values())}
    )
    managed = _organisations_by_person(Role.CASE_MANAGER, {partnership for partnership, _ in wanted})
    found: dict[tuple[int, int], People] = {}
    for (partnership_id, school_id), there in sites.items():
        people = found.setdefault((partnership_id, school_id), {})
        for user_id, own in coordinated.items():
            if school_id in own or (there and there <= own):
                people.setdefault(user_id, set()).add(Role.COORDINATOR)
        for user_id, own in managed.items():
            if partnership_id in own:
                people.setdefault(user_id, set()).add(Role.CASE_MANAGER)
    return found


def _organisations_by_person(role: Role, organisations: set[int]) -> dict[int, set[int]]:
    """Where people have a role today, of these places."""
    active = Membership.objects.active().filter(
        organisation__in=organisations, role=role, user__is_active=True
    )
    found: dict[int, set[int]] = {}
    for user_id, organisation_id in active.values_list("user", "organisation"):
        if organisation_id is not None:
            found.setdefault(user_id, set()).add(organisation_id)
    return found


def _union(sets: Iterable[set[int]]) -> set[int]:
    return set().union(*sets)


def _ids(reminders: Iterable[Reminder], about: About) -> list[int]:
    return [reminder.object_id for reminder in reminders if reminder.about == about]


def _having(people: People, role: Role) -> frozenset[int]:
    return frozenset(user_id for user_id, roles in people.items() if role in roles)
