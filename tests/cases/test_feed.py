"""The calendar feed: what stands in whose calendar, that no name does, and when the address works."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries
from structlog.testing import capture_logs

from accounts.models import Membership, User
from accounts.roles import Role
from accounts.services.memberships import end_role, hash_token
from audit.models import Event
from cases.enums import ActionState, Article, PlanKind, Source
from cases.models import Action, CalendarFeed, Case, Exemption, Plan
from cases.queries import feed as queries
from cases.services import correction, planning
from cases.services.feed import make_feed, note_read, revoke_feed
from cases.services.intake import ExemptionGiven
from config.logs import mask_tokens
from tests.addresses import furnish
from tests.cast import LATER, NOW, TODAY, Cast, fresh
from tests.factories.accounts import PASSWORD, member
from tests.factories.cases import make_case

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_ten_o_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


def an_action(case: Case, owner: User, deadline: dt.date, **facts: Any) -> Action:
    given = {"what": "Noor Verzonnen bellen", "created_at": NOW, "created_by": owner, **facts}
    return Action.objects.create(case=case, owner=owner, deadline=deadline, **given)


def a_plan(case: Case, **facts: Any) -> Plan:
    given = {
        "kind": PlanKind.ARRANGEMENT,
        "spell": case.spell,
        "start": days(-30),
        "created_at": NOW,
        "created_by": User.objects.first(),
        **facts,
    }
    return Plan.objects.create(case=case, **given)


def an_exemption(case: Case, valid_to: dt.date | None, article: str = Article.A5A) -> Exemption:
    return Exemption.objects.create(
        case=case,
        spell=case.spells.get(),
        article=article,
        valid_to=valid_to,
        known_from=NOW,
        recorded_at=NOW,
        source=Source.APPLICATION,
    )


def address_of(user: User) -> str:
    return reverse("calendar_file", args=[make_feed(by=user, at=NOW)])


def calendar_of(user: User) -> Calendar:
    """What a calendar program reads at a new address of somebody, in English."""
    User.objects.filter(pk=user.pk).update(language="en")
    return read(address_of(user))


def read(address: str) -> Calendar:
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(answer.content)  # type: ignore[return-value]


def events(calendar: Calendar) -> dict[str, dt.date]:
    """The day of each summary."""
    return {str(event["summary"]): event.decoded("dtstart") for event in calendar.walk("VEVENT")}


def keys(user: User, on: dt.date = TODAY) -> set[str]:
    return {entry.key for entry in queries.entries_for(fresh(user), on=on)}


# --- Who has what


def test_what_stands_in_whose_calendar(cast: Cast) -> None:
    """The whole table: everybody of the cast, with one of everything in each case."""
    people = cast.people
    cases = {name: cast.cases[name] for name in ("own", "other_school", "shared", "far", "closed")}
    Case.objects.filter(pk=cases["shared"].pk).update(lead=people["case_manager"])
    expected: dict[str, set[str]] = {name: set() for name in people}
    # Who sees to the plans of which case, and who takes part in it.
    sees_to = {
        "own": {"coordinator", "site_coordinator", "case_manager"},
        "other_school": {"other_coordinator", "two_hats", "case_manager"},
        "shared": {"coordinator", "site_coordinator", "case_manager"},
        "far": {"far_case_manager"},
        "closed": set(),
    }
    sees = {
        **sees_to,
        "shared": sees_to["shared"] | {"care_worker", "attendance_officer", "two_hats"},
    }
    for name, case in cases.items():
        evaluated, ending = a_plan(case, evaluate_on=days(5)), a_plan(case, end=days(20))
        exemption = an_exemption(case, days(60))
        for person, user in people.items():
            action = an_action(case, user, days(3))
            if person in sees[name]:
                expected[person].add(f"action-{action.pk}")
            if person in sees_to[name]:
                expected[person] |= {
                    f"evaluation-{evaluated.pk}",
                    f"end-{ending.pk}",
                    f"exemption-{exemption.pk}",
                }
    for person, partner in {
        "care_worker": cast.care,
        "two_hats": cast.care,
        "attendance_officer": cast.office,
    }.items():
        expected[person].add(f"participation-{cases['shared'].participations.get(partner=partner).pk}")

    assert {person: keys(user) for person, user in people.items()} == expected
    assert [len(expected[it]) for it in ("coordinator", "case_manager", "care_worker")] == [8, 12, 2]
    assert expected["former"] == expected["reporter"] == expected["superuser"] == set()


def test_a_case_of_another_lead_stays_out_of_the_calendar_of_a_case_manager(cast: Cast) -> None:
    case, colleague = cast.cases["own"], member(None, Role.CASE_MANAGER, cast.swv.organisation)
    plan = a_plan(case, evaluate_on=days(5))
    assert keys(cast.people["case_manager"]) == {f"evaluation-{plan.pk}"} == keys(colleague)
    Case.objects.filter(pk=case.pk).update(lead=colleague)
    assert keys(colleague) == {f"evaluation-{plan.pk}"}
    assert keys(cast.people["case_manager"]) == set()


def test_a_lead_who_sees_the_case_as_a_care_worker_only_reads_of_no_exemption(cast: Cast) -> None:
    case, worker = cast.cases["shared"], cast.people["care_worker"]
    Case.objects.filter(pk=case.pk).update(lead=worker)
    plan = a_plan(case, evaluate_on=days(5))
    an_exemption(case, days(60))
    access = case.participations.get(partner=cast.care)
    assert keys(worker) == {f"evaluation-{plan.pk}", f"participation-{access.pk}"}


def test_what_is_over_done_of_somebody_else_or_of_an_earlier_spell_is_left_out(cast: Cast) -> None:
    case, user = cast.cases["own"], cast.people["coordinator"]
    an_action(case, cast.people["site_coordinator"], days(3))
    an_action(case, user, days(3), state=ActionState.DONE, ended_at=NOW, ended_by=user)
    a_plan(case, evaluate_on=days(5), end=days(9), ended_on=days(-1))
    over = a_plan(case, evaluate_on=days(-5), end=days(-1))
    Exemption.objects.filter(pk=an_exemption(case, days(60)).pk).update(known_until=NOW)
    an_exemption(case, None)
    assert keys(user) == {f"end-{over.pk}"}
    Case.objects.filter(pk=case.pk).update(spell=2)
    assert keys(user) == set()


def test_access_that_ends_takes_its_days_along(cast: Cast) -> None:
    worker = cast.people["care_worker"]
    action = an_action(cast.cases["shared"], worker, LATER)
    taking_part = cast.cases["shared"].participations.get(partner=cast.care)
    both = {f"action-{action.pk}", f"participation-{taking_part.pk}"}
    assert keys(worker, on=LATER) == both
    assert keys(worker, on=LATER + dt.timedelta(days=1)) == set()


@pytest.mark.parametrize(
    ("deadline", "is_in"),
    [
        (dt.date(2026, 10, 20), False),
        (dt.date(2026, 10, 21), True),  # 30 days back
        (dt.date(2027, 11, 20), True),  # twelve months ahead
        (dt.date(2027, 11, 21), False),
    ],
)
def test_from_thirty_days_back_to_a_year_ahead(cast: Cast, deadline: dt.date, is_in: bool) -> None:
    user = cast.people["coordinator"]
    action = an_action(cast.cases["own"], user, deadline)
    assert keys(user) == ({f"action-{action.pk}"} if is_in else set())


def test_the_first_days_of_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 3)
    user, case = cast.people["coordinator"], cast.cases["own"]
    actions = [an_action(case, user, days(9 - number)) for number in range(4)]
    plan = a_plan(case, evaluate_on=days(1))
    assert keys(user) == {f"evaluation-{plan.pk}", f"action-{actions[3].pk}", f"action-{actions[2].pk}"}


# --- The file


def test_the_file(cast: Cast) -> None:
    user, case = cast.people["coordinator"], cast.cases["own"]
    action = an_action(case, user, days(3))
    calendar = calendar_of(user)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert (event["summary"], event["uid"]) == (
        f"{case.number}: deadline of an action of yours",
        f"action-{action.pk}@127.0.0.1",
    )
    assert event["url"] == event["description"] == f"http://127.0.0.1:8000/dossiers/{case.number}/"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (days(3), days(4))
    assert (event["class"], event["transp"]) == ("PRIVATE", "TRANSPARENT")
    assert event.decoded("dtstamp") == NOW


def test_the_words_of_each_kind_of_day(cast: Cast) -> None:
    case, user = cast.cases["own"], cast.people["coordinator"]
    for number, kind in enumerate(PlanKind):
        a_plan(case, kind=kind, evaluate_on=days(1 + number), end=days(11 + number))
    an_exemption(case, days(30))
    assert events(calendar_of(user)) == {
        f"{case.number}: evaluate the arrangement": days(1),
        f"{case.number}: review the remote education": days(2),
        f"{case.number}: evaluate the return plan": days(3),
        f"{case.number}: last day of the arrangement": days(11),
        f"{case.number}: last day of the remote education": days(12),
        f"{case.number}: last day of the return plan": days(13),
        f"{case.number}: last day of an exemption": days(30),
    }
    shared = cast.cases["shared"].number
    assert events(calendar_of(cast.people["care_worker"])) == {f"{shared}: your last day of access": LATER}


def test_it_speaks_the_language_of_its_reader(cast: Cast) -> None:
    an_action(cast.cases["own"], cast.people["coordinator"], days(3))
    address = address_of(cast.people["coordinator"])
    User.objects.update(language="en")
    assert b"deadline of an action" in Client(headers={"Accept-Language": "nl"}).get(address).content


def test_no_name_and_no_text_is_in_it(cast: Cast) -> None:
    """Everything that a case can have, for everybody who sees it."""
    case = furnish(cast).case
    an_exemption(case, days(30))
    secrets = [
        *("Gedeeld", "Verzonnen", "G. V.", "Ouders bellen", "Huisbezoek", "Meedenken", "mevrouw Voorbeeld"),
        *("Rust, en dan", "5a", cast.site.name, cast.school.name, cast.swv.name, cast.care.name),
        *("case_manager", "care_worker"),
    ]
    seen = 0
    for name in ("coordinator", "case_manager", "care_worker", "attendance_officer"):
        content = Client().get(address_of(cast.people[name])).content.decode().replace("\r\n ", "")
        seen += content.count("BEGIN:VEVENT")
        assert (name, [secret for secret in secrets if secret in content]) == (name, [])
    assert seen > 10


def test_a_calendar_without_days_is_a_valid_one(cast: Cast) -> None:
    calendar = calendar_of(cast.people["reporter"])
    assert events(calendar) == {}
    assert [component.name for component in calendar.subcomponents] == ["VTIMEZONE"]


def test_nothing_is_kept_on_the_way(cast: Cast) -> None:
    answer = Client().get(address_of(cast.people["coordinator"]))
    assert answer["Cache-Control"] == "no-store"
    assert answer.cookies == {}


# --- What moves stays the same thing


def the_event(user: User) -> Any:
    (event,) = calendar_of(user).walk("VEVENT")
    return event


def test_an_evaluation_that_moves_keeps_its_uid(cast: Cast) -> None:
    case, user = cast.cases["own"], cast.people["coordinator"]
    plan = a_plan(case, evaluate_on=TODAY)
    before = the_event(user)
    planning.evaluate(
        plan=plan,
        case=case,
        evaluated_on=TODAY,
        result="doorgaan",
        note="",
        next_on=days(40),
        by=user,
        at=NOW + 2 * HOUR,
        on=TODAY,
    )
    after = the_event(user)
    assert (before.decoded("dtstart"), after.decoded("dtstart")) == (TODAY, days(40))
    assert before["uid"] == after["uid"] == f"evaluation-{plan.pk}@127.0.0.1"
    assert (before.decoded("last-modified"), after.decoded("last-modified")) == (NOW, NOW + 2 * HOUR)
    assert after["sequence"] - before["sequence"] == 120


def test_a_deadline_that_moves_keeps_its_uid(cast: Cast) -> None:
    user = cast.people["coordinator"]
    action = an_action(cast.cases["own"], user, days(3))
    before = the_event(user)
    Action.objects.filter(pk=action.pk).update(deadline=days(6))
    after = the_event(user)
    assert (after["uid"], after.decoded("dtstart")) == (before["uid"], days(6))


def test_an_exemption_that_is_corrected_twice_keeps_its_uid(cast: Cast) -> None:
    case, user = cast.cases["own"], cast.people["coordinator"]
    manager = cast.people["case_manager"]
    first = correction.add_exemption(
        case=case, given=ExemptionGiven("5a", TODAY, days(60)), by=manager, at=NOW
    )
    for hours in (1, 2):
        correction.change_exemption(
            exemption=case.exemption_rows.get(known_until=None),
            given=ExemptionGiven("5a", TODAY, days(60 + hours)),
            case=case,
            by=manager,
            at=NOW + hours * HOUR,
        )
    event = the_event(user)
    assert Exemption.objects.count() == 3
    assert (event["uid"], event.decoded("dtstart")) == (f"exemption-{first.pk}@127.0.0.1", days(62))
    assert event.decoded("last-modified") == NOW + 2 * HOUR


# --- When the address works


def test_a_closed_case_leaves_the_calendar(cast: Cast) -> None:
    user = cast.people["coordinator"]
    action = an_action(cast.cases["closed"], user, days(3))
    assert (action.state, keys(user)) == (ActionState.OPEN, set())


def gone(address: str) -> bool:
    """The answer of an address that never was, to the letter."""
    answer, unknown = Client().get(address), Client().get("/agenda/no-such-token.ics")
    assert (unknown.status_code, unknown.content) == (404, b"")
    return (answer.status_code, answer.content) == (404, b"") and ({**answer.headers} == {**unknown.headers})


def test_a_revoked_address_is_as_unknown_as_any(cast: Cast) -> None:
    user = cast.people["coordinator"]
    address = address_of(user)
    assert not gone(address)
    assert revoke_feed(by=user, at=NOW) is True
    assert gone(address)
    assert revoke_feed(by=user, at=NOW) is False


def test_a_new_address_replaces_the_old_one(cast: Cast) -> None:
    user = cast.people["coordinator"]
    old, new = address_of(user), address_of(user)
    assert (gone(old), gone(new)) == (True, False)
    assert list(CalendarFeed.objects.order_by("pk").values_list("revoked_at", flat=True)) == [NOW, None]


def test_the_address_of_who_has_no_role_any_more_does_not_work(cast: Cast) -> None:
    user = cast.people["coordinator"]
    address = address_of(user)
    assert not gone(address)
    end_role(membership=Membership.objects.get(user=user), by=cast.people["administrator"], at=NOW)
    assert gone(address)


def test_the_address_of_who_is_not_active_does_not_work(cast: Cast) -> None:
    user = cast.people["coordinator"]
    address = address_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert gone(address)


def test_only_a_hash_is_kept(cast: Cast) -> None:
    token = make_feed(by=cast.people["coordinator"], at=NOW)
    (row,) = CalendarFeed.objects.values()
    assert len(token) == 43
    assert row["token_hash"] == hash_token(token)
    assert token not in str(row)
    assert token not in str(list(Event.objects.values()))


def test_one_address_at_a_time_for_each_person(cast: Cast) -> None:
    user = cast.people["coordinator"]
    make_feed(by=user, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarFeed.objects.create(user=user, token_hash="x", created_at=NOW)


def test_making_and_revoking_are_recorded(cast: Cast) -> None:
    user = cast.people["coordinator"]
    make_feed(by=user, at=NOW)
    make_feed(by=user, at=NOW)
    revoke_feed(by=user, at=NOW)
    recorded = Event.objects.filter(action__startswith="feed.").order_by("pk")
    assert list(recorded.values_list("action", "actor_id", "target")) == [
        (action, str(user.pk), f"user {user.pk}")
        for action in ("feed.made", "feed.revoked", "feed.made", "feed.revoked")
    ]


def test_reading_is_remembered_once_an_hour(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_feed(by=cast.people["coordinator"], at=NOW)

    def read_at(at: dt.datetime, *, queries: int) -> dt.datetime | None:
        with django_assert_num_queries(queries):
            note_read(feed=feed, at=at)
        feed.refresh_from_db()
        return feed.last_read_at

    feed = CalendarFeed.objects.get()
    assert read_at(NOW, queries=1) == NOW
    assert read_at(NOW + HOUR - dt.timedelta(seconds=1), queries=0) == NOW
    assert read_at(NOW + HOUR, queries=1) == NOW + HOUR


def test_who_asks_too_often_is_told_so(cast: Cast) -> None:
    address = address_of(cast.people["coordinator"])
    other = address_of(cast.people["site_coordinator"])
    assert {Client().get(address).status_code for _ in range(10)} == {200}
    assert Client().get(address).status_code == 429
    assert Client().get(other).status_code == 200


def test_the_address_stands_in_no_log(cast: Cast) -> None:
    token = make_feed(by=cast.people["coordinator"], at=NOW)
    with capture_logs() as logs:
        Client().get(f"/agenda/{token}.ics")
        Client().get(f"/agenda/{token}x.ics")
    lines = [mask_tokens(None, "info", dict(line)) for line in logs]
    requests = [line["request"] for line in lines if line["event"] == "request_started"]
    assert requests == ["GET /agenda/***.ics"] * 2
    assert token not in str(lines)


def test_the_number_of_queries_does_not_grow(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = member(None, Role.CASE_MANAGER, cast.other_swv.organisation)

    def one_more() -> None:
        case = make_case(site=cast.far_site, lead=user, signalled_on=TODAY, on=TODAY)
        an_action(case, user, days(1))
        a_plan(case, evaluate_on=days(2), end=days(50))
        an_exemption(case, days(30))

    address = address_of(user)
    one_more()
    Client().get(address)
    with django_assert_max_num_queries(12) as of_one:
        assert len(events(read(address))) == 4
    one_more()
    one_more()
    with django_assert_max_num_queries(12) as of_three:
        assert len(events(read(address))) == 12
    assert len(of_three) == len(of_one)


# --- The page


def logged_in(user: User) -> Client:
    """Somebody who has just typed the password, in English."""
    User.objects.filter(pk=user.pk).update(language="en")
    client = Client()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def make_on_the_page(client: Client) -> tuple[Any, str]:
    """The answer with the new address, and that address."""
    form = client.get("/profiel/agenda/nieuw/").context["form"]
    answer = client.post("/profiel/agenda/nieuw/", {"token": form["token"].value()})
    return answer, answer.context["address"]["address"].value()


def test_the_page_from_none_to_an_address_to_none(cast: Cast) -> None:
    client = logged_in(cast.people["coordinator"])
    assert "You have no calendar address." in client.get("/profiel/agenda/").content.decode()

    answer, address = make_on_the_page(client)
    page = answer.content.decode()
    assert (answer.status_code, address in page, answer["Cache-Control"]) == (200, True, "no-store")
    path = address.removeprefix("http://127.0.0.1:8000")
    assert events(read(path)) == {}

    later = client.get("/profiel/agenda/").content.decode()
    assert address not in later
    assert "The address itself is not kept" in later
    assert "Not yet" not in later

    assert client.post("/profiel/agenda/intrekken/")["Location"] == "/profiel/agenda/"
    page = client.get("/profiel/agenda/").content.decode()
    assert "The calendar address no longer works." in page
    assert "You have no calendar address." in page
    assert gone(path)


def test_a_new_address_is_said_to_replace_the_old_one(cast: Cast) -> None:
    client = logged_in(cast.people["coordinator"])
    warning = "The address that you have now stops working."
    assert warning not in client.get("/profiel/agenda/nieuw/").content.decode()
    make_on_the_page(client)
    assert warning in client.get("/profiel/agenda/nieuw/").content.decode()


def test_the_same_form_twice_leaves_the_address_as_it_was_shown(cast: Cast) -> None:
    client = logged_in(cast.people["coordinator"])
    form = client.get("/profiel/agenda/nieuw/").context["form"]
    sent = {"token": form["token"].value()}
    first = client.post("/profiel/agenda/nieuw/", sent).context["address"]["address"].value()
    again = client.post("/profiel/agenda/nieuw/", sent)
    assert (again.status_code, again["Location"]) == (302, "/profiel/agenda/")
    assert not gone(first.removeprefix("http://127.0.0.1:8000"))


def test_making_an_address_asks_for_the_password(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.people["coordinator"])
    answer = client.post("/profiel/agenda/nieuw/")
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert CalendarFeed.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "is_there"),
    [
        ("coordinator", True),
        ("case_manager", True),
        ("care_worker", True),
        ("attendance_officer", True),
        ("reporter", False),
        ("administrator", False),
        ("privacy_officer", False),
        ("platform_operator", False),
        ("superuser", False),
    ],
)
def test_the_profile_leads_to_it_for_who_sees_cases(cast: Cast, name: str, is_there: bool) -> None:
    page = logged_in(cast.people[name]).get(reverse("profile")).content.decode()
    assert ('href="/profiel/agenda/"' in page) is is_there
