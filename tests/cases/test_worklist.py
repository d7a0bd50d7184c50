"""The start page: what needs whom, why, how urgent, and that it holds nothing that somebody may not see."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.roles import Role
from cases.enums import ActionState, PlanKind, State
from cases.models import Action, Case, Plan
from cases.queries import worklist
from cases.queries.worklist import Urgency, worklist_of
from tests.cast import NOW, TODAY, Cast, fresh
from tests.factories.accounts import member
from tests.factories.cases import make_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_ten_o_clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def logged_in(user: User) -> Client:
    """In English: the sentences of the source."""
    User.objects.filter(pk=user.pk).update(language="en")
    client = Client()
    client.force_login(user)
    return client


def days(count: int) -> dt.date:
    """So many days from today."""
    return TODAY + dt.timedelta(days=count)


def an_action(case: Case, owner: User, deadline: dt.date, **facts: Any) -> Action:
    given = {"what": "Ouders bellen", "created_at": NOW, "created_by": owner, **facts}
    return Action.objects.create(case=case, owner=owner, deadline=deadline, **given)


def a_plan(case: Case, evaluate_on: dt.date | None, **facts: Any) -> Plan:
    given = {
        "kind": PlanKind.ARRANGEMENT,
        "spell": case.spell,
        "start": days(-30),
        "created_at": NOW,
        "created_by": User.objects.first(),
        **facts,
    }
    return Plan.objects.create(case=case, evaluate_on=evaluate_on, **given)


def found(user: User, on: dt.date = TODAY) -> dict[str, list[str]]:
    """The groups of the worklist with the case numbers in them."""
    groups = worklist_of(fresh(user), on=on).groups
    return {group.key: [item.number for item in group.items] for group in groups}


def fresh_case(cast: Cast, lead: User | None = None, **facts: Any) -> Case:
    """A case in which nothing has to be done: just signalled, and somebody leads it."""
    facts = {"signalled_on": TODAY, "on": TODAY, **facts}
    return make_case(site=cast.site, lead=lead or cast.people["site_coordinator"], **facts)


# --- My actions


@pytest.mark.parametrize(
    ("deadline", "group"),
    [(-1, "overdue"), (0, "soon"), (7, "soon"), (8, "later"), (400, "later")],
)
def test_my_actions_by_deadline(cast: Cast, deadline: int, group: str) -> None:
    user = cast.people["site_coordinator"]
    case = fresh_case(cast)
    an_action(case, user, days(deadline))
    assert found(user) == {group: [case.number]}


def test_actions_of_others_done_or_of_closed_and_invisible_cases_are_not_mine(cast: Cast) -> None:
    user, other = cast.people["site_coordinator"], cast.people["coordinator"]
    case = fresh_case(cast)
    an_action(case, other, days(-1))
    an_action(case, user, days(-1), state=ActionState.DONE, ended_at=NOW, ended_by=user)
    an_action(cast.cases["closed"], user, days(-1))
    an_action(cast.cases["second_site"], user, days(-1))
    assert found(user) == {}
    assert found(other)["overdue"] == [case.number]


def test_the_longest_overdue_comes_first(cast: Cast) -> None:
    user = cast.people["site_coordinator"]
    one, other = fresh_case(cast), fresh_case(cast)
    an_action(one, user, days(-1))
    an_action(other, user, days(-9))
    a_plan(one, days(-5))
    assert found(user) == {"overdue": [other.number, one.number, one.number]}
    page = logged_in(user).get("/").content.decode()
    assert page.index("9 days late") < page.index("5 days late") < page.index("1 day late")


# --- Evaluations


@pytest.mark.parametrize(
    ("evaluate_on", "group"), [(-1, "overdue"), (0, "soon"), (7, "soon"), (8, None), (None, None)]
)
def test_plans_to_evaluate(cast: Cast, evaluate_on: int | None, group: str | None) -> None:
    user = cast.people["site_coordinator"]
    case = fresh_case(cast)
    a_plan(case, None if evaluate_on is None else days(evaluate_on))
    assert found(user) == ({group: [case.number]} if group else {})


def test_plans_that_are_over_or_of_an_earlier_spell_are_not_evaluated(cast: Cast) -> None:
    case = fresh_case(cast)
    a_plan(case, days(-1), ended_on=days(-2))
    a_plan(case, days(-3), end=days(-1))
    Case.objects.filter(pk=case.pk).update(spell=2)
    a_plan(case, days(-1))
    assert found(cast.people["site_coordinator"]) == {}


def test_without_a_lead_the_case_managers_evaluate(cast: Cast) -> None:
    case = cast.cases["own"]
    a_plan(case, days(1))
    assert found(cast.people["case_manager"])["soon"] == [case.number]
    assert "soon" not in found(cast.people["site_coordinator"])
    assert "soon" not in found(cast.people["far_case_manager"])


# --- Nobody leads it


def test_case_managers_see_which_cases_nobody_leads(cast: Cast) -> None:
    fresh_case(cast)
    expected = [
        cast.cases[name].number
        for name in ("own", "second_site", "other_school", "without_site", "shared", "invited")
    ]
    assert found(cast.people["case_manager"]) == {"no_lead": expected}
    assert found(cast.people["far_case_manager"]) == {"no_lead": [cast.cases["far"].number]}
    assert found(cast.people["coordinator"]) == {}


# --- No progress, no arrangement


@pytest.mark.parametrize(
    ("signalled", "progress", "is_still"),
    [(-42, None, True), (-41, None, False), (-90, -42, True), (-90, -41, False)],
)
def test_no_progress_for_six_weeks(cast: Cast, signalled: int, progress: int | None, is_still: bool) -> None:
    manager = cast.people["case_manager"]
    case = fresh_case(
        cast,
        manager,
        first_day_absent=days(-100),
        signalled_on=days(signalled),
        states=((State.ARRANGEMENT, days(signalled)),),
    )
    Case.objects.filter(pk=case.pk).update(last_progress_on=None if progress is None else days(progress))
    assert found(manager).get("still", []) == ([case.number] if is_still else [])
    assert "still" not in found(cast.people["site_coordinator"])


@pytest.mark.parametrize(
    ("signalled_on", "due", "late_on"),
    [
        # Ten school days after Friday 2 October are over on Friday 16 October.
        (dt.date(2026, 10, 2), dt.date(2026, 10, 16), dt.date(2026, 10, 17)),
        # The autumn holiday of the middle of the country (17 to 25 October 2026) is between.
        (dt.date(2026, 10, 9), dt.date(2026, 10, 30), dt.date(2026, 10, 31)),
    ],
)
def test_no_arrangement_after_ten_school_days(
    cast: Cast, signalled_on: dt.date, due: dt.date, late_on: dt.date
) -> None:
    manager = cast.people["case_manager"]
    case = fresh_case(cast, manager, first_day_absent=signalled_on, signalled_on=signalled_on)
    agreed = fresh_case(
        cast,
        manager,
        first_day_absent=signalled_on,
        signalled_on=signalled_on,
        states=((State.ARRANGEMENT, signalled_on),),
    )
    assert "overdue" not in found(manager, on=due)
    assert found(manager, on=late_on)["overdue"] == [case.number]
    assert agreed.number not in found(manager, on=late_on)["overdue"]


# --- Invitations


def test_an_invitation_shows_only_the_number(cast: Cast) -> None:
    case = cast.cases["invited"]
    assert found(cast.people["care_worker"]) == {"invitation": [case.number]}
    assert found(cast.people["other_care_worker"]) == {}
    page = logged_in(cast.people["care_worker"]).get("/").content.decode()
    assert case.number in page
    assert f"/dossiers/{case.number}/" not in page
    assert "G. V." in page  # the case that is shared
    assert cast.site.name in page
    item = worklist_of(fresh(cast.people["care_worker"]), on=TODAY).groups[0].items[0]
    assert item.row is None


# --- The whole page


def test_urgent_things_come_first(cast: Cast) -> None:
    manager = cast.people["case_manager"]
    case = fresh_case(cast, manager)
    quiet = fresh_case(
        cast,
        manager,
        first_day_absent=days(-60),
        signalled_on=days(-60),
        states=((State.ARRANGEMENT, days(-50)),),
    )
    an_action(case, manager, days(30))
    an_action(case, manager, days(3))
    an_action(case, manager, days(-3))
    assert list(found(manager)) == ["overdue", "soon", "no_lead", "still", "later"]
    page = logged_in(manager).get("/").content.decode()
    headings = ["Overdue", "This week", "Nobody leads it", "No progress for weeks", "My later actions"]
    places = [page.index(f">{heading} <span") for heading in headings]
    assert places == sorted(places)
    assert quiet.number in page


@pytest.mark.parametrize(
    ("user", "others"),
    [
        ("coordinator", {"own", "second_site", "shared", "invited"}),
        ("site_coordinator", {"own", "shared", "invited"}),
        ("care_worker", {"shared"}),
        ("attendance_officer", {"shared"}),
        ("case_manager", set()),
        ("other_care_worker", set()),
    ],
)
def test_other_open_cases(cast: Cast, user: str, others: set[str]) -> None:
    rows = worklist_of(fresh(cast.people[user]), on=TODAY).others
    assert {row.case.number for row in rows} == {cast.cases[name].number for name in others}


def test_case_managers_have_the_other_cases_that_they_lead(cast: Cast) -> None:
    manager = cast.people["case_manager"]
    case, busy = fresh_case(cast, manager), fresh_case(cast, manager)
    an_action(busy, manager, days(1))
    assert [row.case for row in worklist_of(fresh(manager), on=TODAY).others] == [case]


def test_the_number_on_the_page_is_that_of_the_list(cast: Cast) -> None:
    for user, person in cast.people.items():
        if user in {"nobody", "former"}:  # the middleware sends them away
            continue
        client = logged_in(person)
        shown = client.get("/").context.get("open_count", 0)
        assert (user, shown) == (user, client.get("/dossiers/").context["count"])


def test_more_than_fit_are_named_and_lead_to_the_list(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist, "MOST", 5)
    monkeypatch.setattr(worklist, "FEW", 3)
    page = logged_in(cast.people["case_manager"]).get("/")
    (group,) = page.context["worklist"].groups
    assert (group.urgency, len(group.items), group.count, group.more) == (Urgency.NO_LEAD, 3, "5+", True)
    assert 'href="/dossiers/?lead=none"' in page.content.decode()
    linked = logged_in(cast.people["case_manager"]).get("/dossiers/?lead=none")
    assert linked.context["count"] == 6


def test_more_other_cases_than_fit_lead_to_the_list(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist, "OTHERS", 3)
    page = logged_in(cast.people["coordinator"]).get("/")
    assert len(page.context["worklist"].others) == 3
    assert "Show all open cases" in page.content.decode()


def test_two_roles_are_one_worklist_that_says_through_which(cast: Cast) -> None:
    user = cast.people["two_hats"]
    an_action(cast.cases["other_school"], user, days(-1))
    page = logged_in(user).get("/")
    lists = page.context["worklist"]
    through = {item.number: item.row.organisations for item in lists.groups[0].items if item.row}
    assert through == {cast.cases["other_school"].number: [cast.other_school.name]}
    assert [row.organisations for row in lists.others] == [[cast.care.name]]
    assert "You see it through" in page.content.decode()


def test_nothing_to_do_is_said(cast: Cast) -> None:
    page = logged_in(cast.people["other_care_worker"]).get("/").content.decode()
    assert "Nothing is waiting for you" in page
    assert "You see a case as soon as your organisation takes part in it." in page


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        ("reporter", "As a reporter you work with figures."),
        ("administrator", "As an administrator you give people their role"),
        ("privacy_officer", "As a privacy officer you watch over who looked"),
        ("platform_operator", "As a platform operator you keep the installation running."),
        ("superuser", "You have no role in an organisation"),
    ],
)
def test_who_sees_no_cases_has_a_start_page_too(cast: Cast, user: str, sentence: str) -> None:
    page = logged_in(cast.people[user]).get("/")
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not any(case.number in page.content.decode() for case in cast.cases.values())


def test_no_name_stands_in_the_worklist(cast: Cast) -> None:
    user = cast.people["site_coordinator"]
    an_action(cast.cases["own"], user, days(-1))
    page = logged_in(user).get("/").content.decode()
    assert "O. V. (14)" in page
    assert "Verzonnen" not in page


def test_the_number_of_queries_does_not_grow(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    manager = member(None, Role.CASE_MANAGER, cast.other_swv.organisation)

    def one_more() -> None:
        old = {"first_day_absent": days(-90), "signalled_on": days(-60), "on": TODAY}
        case = make_case(site=cast.far_site, lead=manager, **old)
        an_action(case, manager, days(-1))
        a_plan(case, days(-1))
        make_case(site=cast.far_site, lead=manager, signalled_on=TODAY, on=TODAY)

    client = logged_in(manager)
    one_more()
    client.get("/")
    with django_assert_max_num_queries(25) as of_one:
        client.get("/")
    for _ in range(4):
        one_more()
    with django_assert_max_num_queries(25) as of_five:
        page = client.get("/")
    assert {group.key: len(group.items) for group in page.context["worklist"].groups} == {
        "overdue": 15,
        "no_lead": 1,
        "still": 5,
    }
    assert len(of_five) == len(of_one)


def test_nobody_is_sent_to_the_login(db: None) -> None:
    answer = Client().get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/")
