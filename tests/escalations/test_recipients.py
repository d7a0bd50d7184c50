"""Who gets a reminder, by the table of rules (contracts/rules.csv) and the roles of this moment."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from accounts.services.memberships import end_role
from cases.models import Case
from cases.services import lifecycle, participation, work
from escalations.enums import About, Recipient
from escalations.models import EscalationContact, Reminder, RuleSetting
from escalations.queries.recipients import Resolved, resolve
from escalations.rules import RULES
from escalations.services.sweeps import enlist, sweep_due
from tests.cases.views import on_the_day
from tests.cast import LATER, NOW, TODAY, Cast, cast
from tests.escalations.acting import (
    DAY,
    again,
    lead_by,
    membership_of,
    notices_of,
    of_school,
    remind,
    second_manager,
    sweep_and_tell,
    tell,
    the,
    told,
)
from tests.factories.accounts import UserFactory, member

__all__ = ["cast", "on_the_day"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]

CONTRACT = Path(__file__).parent.parent / "contracts" / "rules.csv"

SCHOOL = {"coordinator", "site_coordinator"}
MANAGERS = {"case_manager", "second_manager"}

#: Of the case "shared", that the site coordinator leads, in which the care worker does an action and to which
#: the first case manager invited; the second one is the escalation contact.
EXPECTED: dict[str, set[str]] = {
    "R05": SCHOOL,
    "R10": SCHOOL | MANAGERS,
    "R11": MANAGERS,
    "R12": SCHOOL | MANAGERS,
    "R13": MANAGERS,
    "R14": {"site_coordinator"},
    "R15": {"coordinator"},
    "R16a": SCHOOL | MANAGERS,
    "R16b": SCHOOL | MANAGERS,
    "R17": MANAGERS,
    "R18": SCHOOL,
    "R18x": {"second_manager"},
    "R19": {"site_coordinator"},
    "R20": {"site_coordinator"},
    "R21": MANAGERS,
    "R22": SCHOOL,
    "R23": {"care_worker"},
    "R23x": {"site_coordinator"},
    "R24": {"case_manager"},
}


def resolved(cast: Cast, reminder: Reminder, *, on: dt.date = TODAY) -> Resolved:
    return resolve([again(reminder)], on=on)[reminder.pk]


def names(users: Any) -> set[str]:
    return set(User.objects.filter(pk__in=users).values_list("name", flat=True))


def got(cast: Cast, reminder: Reminder, *, on: dt.date = TODAY) -> set[str]:
    return names(resolved(cast, reminder, on=on).user_ids)


def name_contact(cast: Cast, name: str) -> None:
    EscalationContact.objects.update_or_create(partnership=cast.swv, defaults={"user": cast.people[name]})


def an_action(cast: Cast, case: Case, owner: str) -> Any:
    return work.add_action(
        case=case,
        what="Huisbezoek",
        owner=cast.people[owner],
        deadline=TODAY,
        by=cast.people[owner],
        at=NOW,
        on=TODAY,
    )


def of_action(cast: Cast, case: Case, owner: str, rule: str = "R23") -> Reminder:
    return remind(case, rule, about=About.ACTION, object_id=an_action(cast, case, owner).pk)


# --- The table


def test_the_rules_name_the_recipients_of_the_contract() -> None:
    with CONTRACT.open() as file:
        written = {row["code"]: row["recipients"].split(";") for row in csv.DictReader(file)}
    words = {it.value.replace("_", " "): it.value for it in Recipient} | {
        it.value: it.value for it in Recipient
    }
    assert {code: [words[it] for it in those] for code, those in written.items()} == {
        code: [it.value for it in rule.recipients] for code, rule in RULES.items()
    }


def test_who_gets_each_rule(cast: Cast) -> None:
    case = cast.cases["shared"]
    second_manager(cast)
    lead_by(cast, case, "site_coordinator")
    name_contact(cast, "second_manager")
    action = an_action(cast, case, "care_worker")
    taking_part = case.participations.get(partner=cast.care)
    objects: dict[str, dict[str, Any]] = {
        "R23": {"about": About.ACTION, "object_id": action.pk},
        "R23x": {"about": About.ACTION, "object_id": action.pk},
        "R24": {"about": About.PARTICIPATION, "object_id": taking_part.pk},
    }
    made = {
        code: of_school(cast) if code == "R15" else remind(case, code, **objects.get(code, {}))
        for code in EXPECTED
    }
    found = resolve([again(reminder) for reminder in made.values()], on=TODAY)
    assert {code: names(found[reminder.pk].user_ids) for code, reminder in made.items()} == EXPECTED
    assert {code: found[reminder.pk].missing for code, reminder in made.items()} == dict.fromkeys(
        EXPECTED, ()
    )
    assert EXPECTED.keys() == RULES.keys()


def test_it_takes_the_same_number_of_queries_for_one_and_for_many(cast: Cast) -> None:
    one = [again(remind(cast.cases["own"], "R18"))]
    with CaptureQueriesContext(connection) as few:
        resolve(one, on=TODAY)
    many = [
        again(remind(cast.cases[name], code))
        for name in ("shared", "invited", "second_site", "other_school", "without_site")
        for code in ("R05", "R10", "R13", "R14", "R18", "R18x")
    ]
    with CaptureQueriesContext(connection) as more:
        resolve(many, on=TODAY)
    assert len(more) == len(few)


@pytest.mark.parametrize(
    ("case", "coordinators"),
    [
        ("own", {"coordinator", "site_coordinator"}),
        ("second_site", {"coordinator"}),
        ("other_school", {"other_coordinator", "two_hats"}),
    ],
)
def test_coordinators_of_the_school_and_of_the_site_of_the_case(
    cast: Cast, case: str, coordinators: set[str]
) -> None:
    assert got(cast, remind(cast.cases[case], "R05")) == coordinators


def test_the_case_managers_of_the_partnership_of_the_case(cast: Cast) -> None:
    assert got(cast, remind(cast.cases["own"], "R11")) == {"case_manager"}
    assert got(cast, remind(cast.cases["far"], "R11")) == {"far_case_manager"}


def test_an_unnamed_escalation_contact_is_every_case_manager(cast: Cast) -> None:
    second_manager(cast)
    reminder = remind(cast.cases["own"], "R18x")
    found = resolved(cast, reminder)
    assert (names(found.user_ids), found.missing) == (MANAGERS, ())
    name_contact(cast, "second_manager")
    assert got(cast, reminder) == {"second_manager"}


def test_a_contact_who_is_no_case_manager_any_more_counts_as_unnamed(cast: Cast) -> None:
    second_manager(cast)
    name_contact(cast, "second_manager")
    reminder = remind(cast.cases["own"], "R18x")
    assert got(cast, reminder) == {"second_manager"}
    end_role(membership=membership_of(cast, "second_manager"), by=None, at=NOW)
    assert got(cast, reminder) == {"case_manager"}


def test_who_does_the_action_may_be_a_care_worker(cast: Cast) -> None:
    assert got(cast, of_action(cast, cast.cases["shared"], "care_worker")) == {"care_worker"}
    assert got(cast, of_action(cast, cast.cases["shared"], "coordinator")) == {"coordinator"}


def test_recipients_as_a_partnership_changed_them(cast: Cast) -> None:
    lead_by(cast, cast.cases["own"], "site_coordinator")
    reminder, elsewhere = remind(cast.cases["own"], "R05"), remind(cast.cases["far"], "R11")
    RuleSetting.objects.create(
        partnership=cast.swv,
        rule="R05",
        threshold=10,
        recipients="case_lead case_manager",
        changed_at=NOW,
        changed_by=cast.people["administrator"],
    )
    assert got(cast, reminder) == {"site_coordinator", "case_manager"}
    assert got(cast, elsewhere) == {"far_case_manager"}


# --- A role without a person


@pytest.mark.parametrize(
    ("case", "rule", "missing"),
    [
        ("without_site", "R05", Recipient.COORDINATOR),  # enrolled nowhere
        ("own", "R14", Recipient.CASE_LEAD),  # nobody leads it
    ],
)
def test_a_role_without_a_person_falls_to_the_case_managers_and_says_so(
    cast: Cast, case: str, rule: str, missing: Recipient
) -> None:
    reminder = remind(cast.cases[case], rule)
    found = resolved(cast, reminder)
    assert (names(found.user_ids), names(found.instead)) == ({"case_manager"}, {"case_manager"})
    assert found.missing == (missing,)
    tell(cast)
    assert notices_of(reminder) == [("case_manager", f"reminder_{rule}_instead")]


def test_one_role_of_two_without_a_person(cast: Cast) -> None:
    """R18 goes to the case lead, whom nobody is, and to the coordinators."""
    reminder = remind(cast.cases["own"], "R18")
    tell(cast)
    assert notices_of(reminder) == [
        ("case_manager", "reminder_R18_instead"),
        ("coordinator", "reminder_R18"),
        ("site_coordinator", "reminder_R18"),
    ]


def test_who_gets_it_in_his_own_role_does_not_stand_in(cast: Cast) -> None:
    """R10 goes to the coordinator, whom nobody is, and to the case managers themselves."""
    reminder = remind(cast.cases["without_site"], "R10")
    found = resolved(cast, reminder)
    assert (names(found.user_ids), found.instead) == ({"case_manager"}, frozenset())
    assert found.missing == (Recipient.COORDINATOR,)
    tell(cast)
    assert notices_of(reminder) == [("case_manager", "reminder_R10")]


# --- The right to see it, at this moment


def test_a_lead_whose_role_ended_gets_nothing(cast: Cast) -> None:
    lead_by(cast, cast.cases["own"], "site_coordinator")
    reminder = remind(cast.cases["own"], "R14")
    assert got(cast, reminder) == {"site_coordinator"}
    end_role(membership=membership_of(cast, "site_coordinator"), by=None, at=NOW)
    found = resolved(cast, reminder)
    assert (names(found.user_ids), found.missing) == ({"case_manager"}, (Recipient.CASE_LEAD,))


def test_who_is_not_active_gets_nothing(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R05")
    assert got(cast, reminder) == SCHOOL
    User.objects.filter(name="coordinator").update(is_active=False)
    assert got(cast, reminder) == {"site_coordinator"}


def test_a_partner_whose_part_was_ended_gets_nothing(cast: Cast) -> None:
    case = cast.cases["shared"]
    reminder = of_action(cast, case, "care_worker")
    assert got(cast, reminder) == {"care_worker"}
    participation.revoke(
        participation=case.participations.get(partner=cast.care),
        case=case,
        by=cast.people["case_manager"],
        at=NOW,
    )
    found = resolved(cast, reminder)
    assert (names(found.user_ids), found.missing) == ({"case_manager"}, (Recipient.ACTION_OWNER,))


def test_a_partner_whose_part_ran_out_gets_nothing_from_that_day_on(cast: Cast) -> None:
    reminder = of_action(cast, cast.cases["shared"], "care_worker")
    assert got(cast, reminder, on=LATER) == {"care_worker"}
    assert got(cast, reminder, on=LATER + DAY) == {"case_manager"}


def test_an_inviter_who_left_gets_nothing(cast: Cast) -> None:
    second_manager(cast)
    taking_part = cast.cases["invited"].participations.get()
    reminder = remind(cast.cases["invited"], "R24", about=About.PARTICIPATION, object_id=taking_part.pk)
    assert got(cast, reminder) == {"case_manager"}
    end_role(membership=membership_of(cast, "case_manager"), by=None, at=NOW)
    found = resolved(cast, reminder)
    assert (names(found.user_ids), found.missing) == ({"second_manager"}, (Recipient.INVITER,))


# --- Nobody at all


def test_without_anybody_it_waits_and_goes_out_when_somebody_gets_the_role(cast: Cast) -> None:
    end_role(membership=membership_of(cast, "case_manager"), by=None, at=NOW)
    case = cast.cases["without_site"]
    untold = sweep_and_tell(cast)
    waiting = the(case, "R11")
    assert (waiting.state, waiting.told_at, told(waiting)) == ("open", None, [])
    nobodys = [it.pk for it in Reminder.objects.filter(partnership=cast.swv, told_at__isnull=True)]
    assert untold == len(nobodys) > 1

    later = NOW + dt.timedelta(hours=1)
    newcomer = UserFactory(name="newcomer", email="newcomer@example.org")
    member(newcomer, Role.CASE_MANAGER, cast.swv.organisation)
    enlist(at=later)
    sweep_due(clock=lambda: later)
    waiting = again(waiting)
    assert (waiting.state, waiting.told_at, told(waiting)) == ("open", later, ["newcomer"])
    assert Reminder.objects.filter(partnership=cast.swv, told_at__isnull=True).count() == 0
    assert cast.swv.sweep_state.untold == 0


# --- Handed over


def test_who_took_it_over_gets_it_alone(cast: Cast) -> None:
    reminder = remind(cast.cases["shared"], "R10", handed_to=cast.people["care_worker"])
    found = resolved(cast, reminder)
    assert (names(found.user_ids), found.missing, found.instead) == ({"care_worker"}, (), frozenset())


def test_it_goes_back_to_the_role_when_who_took_it_over_left(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R11", handed_to=cast.people["site_coordinator"])
    assert got(cast, reminder) == {"site_coordinator"}
    end_role(membership=membership_of(cast, "site_coordinator"), by=None, at=NOW)
    assert got(cast, reminder) == {"case_manager"}


# --- Schools


def test_the_attestation_goes_to_who_sees_the_whole_list(cast: Cast) -> None:
    """The coordinator of one site of two cannot confirm it; of the only site he can."""
    assert got(cast, of_school(cast)) == {"coordinator"}
    other = of_school(cast, cast.other_school)
    assert got(cast, other) == {"other_coordinator", "two_hats"}
    member(UserFactory(name="only_site"), Role.COORDINATOR, cast.other_site.organisation)
    assert got(cast, other) == {"other_coordinator", "two_hats", "only_site"}


def test_a_school_without_a_coordinator_is_for_the_case_managers(cast: Cast) -> None:
    reminder = of_school(cast)
    for name in ("coordinator", "site_coordinator"):
        end_role(membership=membership_of(cast, name), by=None, at=NOW)
    found = resolved(cast, reminder)
    assert (names(found.user_ids), names(found.instead)) == ({"case_manager"}, {"case_manager"})
    assert found.missing == (Recipient.COORDINATOR,)


def test_coordinators_of_a_site_in_another_partnership_are_not_asked_by_this_one(cast: Cast) -> None:
    """A school may have sites in two partnerships: each asks who sees all of its own."""
    member(UserFactory(name="second_site_coordinator"), Role.COORDINATOR, cast.second_site.organisation)
    reminder = of_school(cast)
    assert got(cast, reminder) == {"coordinator"}
    cast.second_site.partnerships.set([cast.other_swv])
    assert got(cast, reminder) == {"coordinator", "site_coordinator"}


def test_the_lead_of_the_case_is_who_leads_it_now(cast: Cast) -> None:
    reminder = remind(cast.cases["own"], "R14")
    lifecycle.assign_lead(
        case=cast.cases["own"],
        lead=cast.people["coordinator"],
        by=cast.people["case_manager"],
        at=NOW,
        on=TODAY,
    )
    assert got(cast, reminder) == {"coordinator"}
