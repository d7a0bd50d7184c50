"""A case grows overdue: the reminder in the inbox and in the mail, what people do about it, and how often
they want mail."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from cases.models import Case
from cases.services import work
from common import dates
from escalations.models import EscalationContact, Reminder
from escalations.services.sweeps import enlist, sweep_due
from notifications.models import Notice
from notifications.services import bundle, deliver
from tests.cast import NOW, TODAY
from tests.e2e.conftest import Open
from tests.factories.accounts import PASSWORD, UserFactory, member
from tests.factories.cases import make_case
from tests.factories.schools import PartnershipFactory, SchoolSiteFactory
from tests.notifications.conftest import Mailbox, mailbox

__all__ = ["mailbox"]

pytestmark = pytest.mark.browser

FIRST, LAST = "Grietje", "Waterdrinker"
MINUTES = dt.timedelta(minutes=1)


@pytest.fixture
def world(transactional_db: None, live_server: Any, mailbox: Mailbox, settings: Any) -> SimpleNamespace:
    """A partnership with one case, that was signalled today and is led by Lea; Karel is the escalation
    contact, and Coen is the coordinator of the school. Their mails lead to the server of the test."""
    settings.BASE_URL = live_server.url
    swv = PartnershipFactory(number="VO9901", name="SWV Hier")
    site = SchoolSiteFactory(partnerships=[swv], number="90AA01")
    places = {
        "lea": (Role.CASE_MANAGER, swv),
        "karel": (Role.CASE_MANAGER, swv),
        "coen": (Role.COORDINATOR, site),
    }
    people = {
        name: member(
            UserFactory(name=name.capitalize(), email=f"{name}@example.org", language="en"),
            role,
            place.organisation,
        )
        for name, (role, place) in places.items()
    }
    EmailAddress.objects.update(verified=True)
    EscalationContact.objects.create(partnership=swv, user=people["karel"])
    case = make_case(
        site=site,
        lead=people["lea"],
        on=TODAY,
        first_name=FIRST,
        last_name=LAST,
        first_day_absent=TODAY,
        signalled_on=TODAY,
    )
    return SimpleNamespace(swv=swv, site=site, case=case, mailbox=mailbox, **people)


@contextmanager
def the_clock_at(day: dt.date, time: dt.time = dt.time(10)) -> Iterator[None]:
    """It is that time of that day in Amsterdam, also for the server; and the workers did their rounds."""
    at = dt.datetime.combine(day, time, NOW.tzinfo)
    with time_machine.travel(at.astimezone(dt.UTC), tick=True):
        rounds()
        yield


def rounds() -> None:
    """What the workers do in a few minutes: sweep, tell, bundle when nothing more comes in, and send."""
    enlist(at=dates.now())
    sweep_due(clock=dates.now)
    later = dates.now() + 2 * MINUTES
    bundle(at=later)
    deliver(clock=lambda: later)


def mails_to(world: SimpleNamespace, user: User) -> list[Message]:
    return [message for to, message in world.mailbox.received if to == user.email]


def text_of(message: Message) -> str:
    """All that a mail says in plain text and in HTML, with its headers."""
    parts = [
        part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for part in message.walk()
        if not part.is_multipart()
    ]
    return unescape("\n".join([*(f"{key}: {value}" for key, value in message.items()), *parts]))


def link_in(message: Message, path: str, address: str) -> str:
    """The path of the link in a mail that begins with this."""
    found = re.search(re.escape(address) + f'(/{path}/[^\\s"<>]+)', text_of(message))
    assert found is not None
    return found[1]


def the(case: Case, rule: str) -> Reminder:
    return Reminder.objects.get(case=case, rule=rule, newest=True)


def test_a_case_grows_overdue_day_by_day(world: SimpleNamespace, visit: Open) -> None:
    """Ten school days after the signal the lead is reminded; she postpones. After twenty the escalation
    contact is asked, who sees it in the escalations and ends it, without JavaScript."""
    number = world.case.number
    with the_clock_at(dt.date(2026, 12, 3)):
        assert (mails_to(world, world.lea), Notice.objects.filter(user=world.lea).count()) == ([], 0)

    with the_clock_at(dt.date(2026, 12, 4)):
        (mail,) = mails_to(world, world.lea)
        assert mail["Subject"] == f"{number}: Agree on an arrangement"
        said = text_of(mail)
        for text in ("Signalled and still no arrangement.", "By when: 11 December 2026", number):
            assert (text, text in said) == (text, True)
        assert (FIRST in said, LAST in said) == (False, False)
        lea = visit(world.lea, language="en")
        lea.goto("inbox")
        todo = lea.page.locator("#todo")
        expect(todo).to_contain_text(number)
        todo.get_by_role("link", name=f"{number}: Agree on an arrangement").click()
        expect(lea.heading).to_have_text("Agree on an arrangement")
        assert lea.path == link_in(mail, "herinneringen", lea.address)
        can_wait = lea.page.locator("#postpone")
        can_wait.locator("summary").click()
        lea.fill(**{"postpone-until": "31-12-2026", "postpone-reason": "Gesprek op dinsdag"})
        with lea.expecting(422):
            can_wait.locator("button[type=submit]").click()
            lea.told("Choose a day after today, and not after %(latest)s.", latest="18 December 2026")
        assert lea.page.locator("[name=postpone-reason]").input_value() == "Gesprek op dinsdag"
        lea.fill(**{"postpone-until": "9-12-2026"})
        can_wait.locator("button[type=submit]").click()
        lea.told("The reminder was postponed.")
        expect(lea.page.locator("#reminders")).to_contain_text("Postponed")
        lea.goto("inbox")
        lea.sees_not(number)

    with the_clock_at(dt.date(2026, 12, 8)):
        assert len(mails_to(world, world.lea)) == 1
    with the_clock_at(dt.date(2026, 12, 9)):
        assert [mail["Subject"] for mail in mails_to(world, world.lea)] == [mail["Subject"]] * 2
        assert mails_to(world, world.karel) == []

    with the_clock_at(dt.date(2026, 12, 18)):
        (escalated,) = mails_to(world, world.karel)
        assert escalated["Subject"] == f"{number}: See to it that there is an arrangement"
        assert LAST not in text_of(escalated)
        karel = visit(world.karel, language="en", scripts=False)
        karel.goto("inbox")
        expect(karel.page.locator("#todo")).to_contain_text("Now")
        karel.goto("escalations")
        row = karel.page.locator("#results tbody tr", has_text=number)
        expect(row).to_contain_text("3")
        row.get_by_role("link", name="See to it that there is an arrangement").click()
        done = karel.page.locator("#finish")
        done.locator("summary").click()
        karel.fill(**{"finish-note": "Tafel belegd op 5 januari"})
        done.locator("button[type=submit]").click()
        karel.told("The reminder is done.")
        karel.goto("inbox")
        karel.sees_not(number)
        karel.goto("escalations")
        expect(karel.page.locator("#results tbody tr", has_text=number)).to_contain_text(
            "Agree on an arrangement"
        )
        karel.goto("reminder", the(world.case, "R18x").pk)
        karel.sees("Tafel belegd op 5 januari")
    ended = the(world.case, "R18x")
    assert (ended.state, ended.acts.get().by) == ("done", world.karel)
    assert the(world.case, "R18").state == "open"


def test_the_link_in_the_mail_asks_to_log_in_and_then_shows_the_reminder(
    world: SimpleNamespace, visit: Open
) -> None:
    with the_clock_at(dt.date(2026, 12, 4)):
        it = visit(language="en")
        (mail,) = mails_to(world, world.lea)
        path = link_in(mail, "herinneringen", it.address)
        it.goto_path(path)
        assert it.path == f"/account/login/?next={path}"
        it.sees_not(world.case.number)
        it.page.locator("[name=login]").fill("lea@example.org")
        it.page.locator("[name=password]").fill(PASSWORD)
        it.enter()
        assert it.path == path
        expect(it.heading).to_have_text("Agree on an arrangement")


@pytest.mark.parametrize(
    ("frequency", "signalled_on", "due", "not_yet", "sent"),
    [
        # Friday: not in the weekend, on Monday not before eight.
        (
            "daily",
            dt.date(2026, 11, 20),
            dt.date(2026, 12, 4),
            [
                (dt.date(2026, 12, 4), dt.time(23)),
                (dt.date(2026, 12, 5), dt.time(9)),
                (dt.date(2026, 12, 7), dt.time(7, 55)),
            ],
            dt.date(2026, 12, 7),
        ),
        # Tuesday: not on Wednesday, on the next Monday not before eight.
        (
            "weekly",
            dt.date(2026, 11, 24),
            dt.date(2026, 12, 8),
            [
                (dt.date(2026, 12, 9), dt.time(9)),
                (dt.date(2026, 12, 11), dt.time(9)),
                (dt.date(2026, 12, 14), dt.time(7, 55)),
            ],
            dt.date(2026, 12, 14),
        ),
    ],
)
def test_mail_as_often_as_one_chooses(
    world: SimpleNamespace,
    visit: Open,
    frequency: str,
    signalled_on: dt.date,
    due: dt.date,
    not_yet: list[tuple[dt.date, dt.time]],
    sent: dt.date,
) -> None:
    Case.objects.filter(pk=world.case.pk).update(signalled_on=signalled_on)
    it = visit(world.lea, language="en", scripts=frequency == "daily")
    it.goto("notification_preferences")
    it.fill(reminders_start=frequency)
    it.press("Save")
    it.told("Your choice was saved.")
    with the_clock_at(due):
        assert Notice.objects.get(user=world.lea).about == world.case.number  # there at once
    for day, time in not_yet:
        with the_clock_at(day, time):
            assert (day, mails_to(world, world.lea)) == (day, [])
    with the_clock_at(sent, dt.time(8, 1)):
        (mail,) = mails_to(world, world.lea)
        assert mail["Subject"] == f"{world.case.number}: Agree on an arrangement"


def an_action(world: SimpleNamespace, what: str, deadline: dt.date) -> None:
    given: dict[str, Any] = {"by": world.coen, "at": dates.now(), "on": dates.today()}
    work.add_action(case=world.case, what=what, owner=world.coen, deadline=deadline, **given)


def test_what_one_turned_off_is_in_the_inbox_and_not_in_the_mail(world: SimpleNamespace, visit: Open) -> None:
    an_action(world, "Ouders bellen", dt.date(2026, 11, 23))
    it = visit(world.coen, language="en")
    it.goto("notification_preferences")
    expect(it.page.locator("[name=reminders_start][value=off]")).to_have_count(0)  # somebody is waiting
    it.fill(reminders_actions="off")
    it.press("Save")
    it.told("Your choice was saved.")
    with the_clock_at(dt.date(2026, 11, 24)):
        later = visit(world.coen, language="en")
        later.goto("inbox")
        later.sees("Do the action, or say what came of it")
    with the_clock_at(dt.date(2026, 11, 25)):
        assert mails_to(world, world.coen) == []


def test_who_is_not_logged_in_turns_mail_off_by_the_link_in_it(world: SimpleNamespace, visit: Open) -> None:
    an_action(world, "Ouders bellen", dt.date(2026, 11, 23))
    with the_clock_at(dt.date(2026, 11, 24)):
        (mail,) = mails_to(world, world.coen)
        it = visit(language="en", scripts=False)
        path = link_in(mail, "afmelden", it.address)
        assert mail["List-Unsubscribe"].strip() == f"<{it.address}{path}>"
        it.goto_path(path)
        it.told("Reminders of actions and invitations")
        it.press("Turn off")
        expect(it.heading).to_have_text("Mail turned off")
        an_action(world, "School bellen", dt.date(2026, 11, 25))
    with the_clock_at(dt.date(2026, 11, 26)):
        assert Notice.objects.filter(user=world.coen, kind="reminder_R23").count() == 2
        assert mails_to(world, world.coen) == [mail]
    with the_clock_at(dt.date(2026, 12, 4)):  # what cannot be turned off comes
        (_first, start) = mails_to(world, world.coen)
        assert "Agree on an arrangement" in text_of(start)
