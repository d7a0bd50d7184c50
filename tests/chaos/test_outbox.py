"""Mail on its way out, while what carries it breaks: all of it arrives, and once.

Once, but for a mail whose sender never heard that the server took it: that one may come twice, with the same
Message-ID. A sender that is killed has one mail in its hands at most, so that is one for each sender killed.
"""

import datetime as dt
import signal
import time
from functools import partial

import pytest
from django.db import transaction
from django.db.models import Q

from common import dates
from notifications.models import OutboxMail
from notifications.queries import due_mails
from notifications.services import queue_mail
from notifications.services.delivering import LEASE
from tests.chaos.clock import Clock
from tests.chaos.ledger import Ledger
from tests.chaos.system import System
from tests.chaos.waiting import until

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

DELIVER = "notifications.tasks.deliver"
CLAIM = "notifications.services.delivering._claim"
SEND = "notifications.services.delivering._send"
YEAR = dt.timedelta(days=365)


def queue(ledger: Ledger, number: int = 10, *, name: str = "person", arrives: bool = True) -> list[str]:
    """So many mails, each to somebody else, in one transaction; they are expected from now on."""
    people = [f"{name}{n}@school.example" for n in range(number)]
    with transaction.atomic():
        for person in people:
            queue_mail(
                to=person,
                kind="invitation",
                key=f"invitation-{person}",
                context={"name": person, "role": "Coordinator", "link": "/", "days": 7},
                language="en",
            )
    if arrives:
        ledger.expect(*people)
    return people


def none_under_way() -> bool:
    return not OutboxMail.objects.filter(state__in=["queued", "claimed"]).exists()


def one_was_put_back() -> bool:
    return OutboxMail.objects.filter(~Q(last_error=""), state="queued").exists()


def nothing_to_do(system: System) -> bool:
    return system.is_idle and not due_mails(at=dates.now(), lease=LEASE).exists()


def all_sent(system: System, *, beating: bool = False) -> None:
    """Until nothing is under way any more; and another lease later nothing is sent again.

    Whenever nobody has anything to do the clock goes on by a lease, to the turn of what was put off and of
    what somebody who died left behind. Not before: that would take a mail from the hands of who sends it.
    """
    look = until if beating else partial(system.until, telling=DELIVER)
    for _ in range(10):
        look(lambda: nothing_to_do(system), f"what was due was sent ({system.folder})")
        if none_under_way():
            break
        system.clock.shift(LEASE)
    assert none_under_way()
    system.clock.shift(LEASE)
    before = system.done(DELIVER)
    look(lambda: system.done(DELIVER) > before + 1, "the outbox was looked at again")


# --- The worker is killed


@pytest.mark.parametrize("pool", ["threads", pytest.param("prefork", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("when", "name", "excused"),
    [
        pytest.param("before", CLAIM, 0, id="before the claim", marks=pytest.mark.long),
        pytest.param("after", CLAIM, 0, id="after the claim"),
        pytest.param("after", SEND, 1, id="between send and mark"),
    ],
)
def test_worker_killed(when: str, name: str, excused: int, pool: str, system: System, ledger: Ledger) -> None:
    worker = system.worker(pool, concurrency=1, kill=system.kill_at(when, name))
    queue(ledger)
    system.until(lambda: system.kills() == 1, "the worker was killed", telling=DELIVER)
    until(lambda: worker.starts == 2 and worker.is_ready, "it was started again")

    all_sent(system)
    ledger.close(excused=excused)


@pytest.mark.long
def test_worker_killed_again_and_again(system: System, ledger: Ledger) -> None:
    """Five times, each with a mail in its hands that the server took."""
    system.worker(concurrency=1, kill=system.kill_at("after", SEND, times=5))
    queue(ledger, 20)
    for times in range(1, 6):
        system.until(lambda times=times: system.kills() >= times, f"killed {times} times", telling=DELIVER)
        system.clock.shift(LEASE)

    all_sent(system)
    ledger.close(excused=5)


@pytest.mark.long
def test_child_of_the_worker_killed(system: System, ledger: Ledger) -> None:
    """Its parent lives on and gives the job to another child."""
    worker = system.worker("prefork", concurrency=1, kill=system.kill_at("after", SEND, whom="one"))
    queue(ledger)
    system.until(lambda: system.kills() == 1, "the child was killed", telling=DELIVER)

    all_sent(system)
    assert worker.starts == 1
    ledger.close(excused=1)


@pytest.mark.long
def test_two_workers_of_two_killed_at_a_moment_of_chance(system: System, ledger: Ledger) -> None:
    """Each has two mails in its hands at most."""
    workers = [system.worker("prefork"), system.worker("threads")]
    queue(ledger, 200)
    system.until(lambda: len(system.mail.taken()) > 40, "they are in full swing", telling=DELIVER)
    for worker in workers:
        worker.end()
    system.worker()

    all_sent(system)
    ledger.close(excused=4)


@pytest.mark.long
def test_worker_stopped_in_order(system: System, ledger: Ledger) -> None:
    """An update of the installation: what is in hand is finished, nothing comes twice."""
    system.mail.behave("slow", seconds=0.2)
    worker = system.worker()
    queue(ledger, 20)
    system.until(lambda: len(system.mail.taken()) > 2, "it is sending", telling=DELIVER)
    worker.end(signal.SIGTERM)
    system.mail.behave()
    system.worker()

    all_sent(system)
    ledger.close()


# --- Redis


def test_redis_flushed(system: System, ledger: Ledger) -> None:
    """All that waits in the queue is gone, and so is the timetable: beat is at work again by itself."""
    system.redis.flush()
    beat = system.beat(wait=False)
    system.worker()
    queue(ledger, name="before")
    until(lambda: not ledger.lost(), "the first mails arrived")
    until(lambda: beat.is_ready, "beat works")
    system.redis.flush()
    queue(ledger, name="after")

    all_sent(system, beating=True)
    ledger.close()


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_redis_stopped_and_started(how: signal.Signals, system: System, ledger: Ledger) -> None:
    """What is queued while it is away is queued all the same, and leaves when it is back."""
    system.beat(wait=False)
    system.worker()
    queue(ledger, name="before")
    until(lambda: not ledger.lost(), "the first mails arrived")
    system.redis.stop(how=how)
    began = time.monotonic()
    queue(ledger, name="meanwhile")
    assert time.monotonic() - began < 5, "who queues mail waits for Redis"
    system.redis.start()

    all_sent(system, beating=True)
    ledger.close()


# --- The mail server


def test_mail_server_down(system: System, ledger: Ledger) -> None:
    system.mail.stop()
    system.worker()
    queue(ledger)
    system.until(one_was_put_back, "one was tried", telling=DELIVER)
    system.mail.start()

    all_sent(system)
    ledger.close()


@pytest.mark.long
def test_mail_server_slow(system: System, ledger: Ledger) -> None:
    system.mail.behave("slow", seconds=1)
    system.worker()
    queue(ledger, 5)

    all_sent(system)
    ledger.close()


@pytest.mark.long
def test_mail_server_slower_than_we_wait(system: System, ledger: Ledger) -> None:
    """It takes the message after we hung up; whether it then delivers is its own affair. Ours drops it."""
    system.mail.behave("slow", seconds=25, times=1)
    system.worker()
    queue(ledger, 3)
    system.until(one_was_put_back, "one was put back", telling=DELIVER)

    all_sent(system)
    ledger.close(excused=1)


def test_mail_server_refuses_some_recipients(system: System, ledger: Ledger) -> None:
    """Who does not exist is given up at once and seen to be so; the others get theirs."""
    system.mail.behave(refused=["gone0@school.example", "gone1@school.example"])
    system.worker()
    queue(ledger, 2, name="gone", arrives=False)
    queue(ledger)

    all_sent(system)
    ledger.close()
    assert set(OutboxMail.objects.filter(state="failed").values_list("to", "attempts")) == {
        ("gone0@school.example", 1),
        ("gone1@school.example", 1),
    }


@pytest.mark.long
def test_mail_server_asks_to_come_back_later(system: System, ledger: Ledger) -> None:
    system.mail.behave("later", times=7)
    system.worker()
    queue(ledger)
    system.until(one_was_put_back, "one was put back", telling=DELIVER)

    all_sent(system)
    ledger.close()


@pytest.mark.parametrize(
    ("answer", "excused"),
    [
        pytest.param("drop", 1, id="takes a message and hangs up before its answer"),
        pytest.param("die", 1, id="takes a message and dies before its answer", marks=pytest.mark.long),
        pytest.param("answer, then die", 0, id="answers and dies", marks=pytest.mark.long),
    ],
)
def test_mail_server(answer: str, excused: int, system: System, ledger: Ledger) -> None:
    system.mail.behave(answer, times=1)
    system.worker()
    queue(ledger)
    system.until(lambda: system.mail.taken(), "it took one", telling=DELIVER)
    if "die" in answer:
        until(lambda: not system.mail.is_up, "it died")
        system.mail.behave()
        system.mail.start()

    all_sent(system)
    ledger.close(excused=excused)


# --- The database


@pytest.mark.parametrize(
    "how",
    [signal.SIGQUIT, pytest.param(signal.SIGINT, marks=pytest.mark.long)],
    ids=["as if the power went", "in order"],
)
def test_database_restarted(how: signal.Signals, system: System, ledger: Ledger) -> None:
    """In the middle of sending: one mail for each sender may have left without being marked."""
    system.mail.behave("slow", seconds=0.05)
    system.worker()
    queue(ledger, 40)
    system.until(lambda: len(system.mail.taken()) > 5, "it is sending", telling=DELIVER)
    system.restart_database(how)

    all_sent(system)
    ledger.close(excused=2)


# --- Several at once


@pytest.mark.long
def test_two_beats_and_two_workers(system: System, ledger: Ledger) -> None:
    """One beat works; when it is killed the other takes over."""
    beats = [system.beat(wait=False), system.beat(wait=False)]
    system.worker("prefork")
    system.worker("threads")
    queue(ledger, 40, name="both")
    until(lambda: not ledger.lost(), "the first mails arrived")
    until(lambda: any(beat.told("Sending due task") for beat in beats), "one beat works")
    next(beat for beat in beats if beat.told("Sending due task")).end()
    queue(ledger, 40, name="other")
    until(lambda: all(beat.told("Sending due task") for beat in beats), "the other beat took over")

    all_sent(system, beating=True)
    ledger.close()


def test_two_deliverers_at_the_same_moment(system: System, ledger: Ledger) -> None:
    """Four senders of two workers, all told at once, again and again."""
    system.worker("prefork")
    system.worker("threads")
    queue(ledger, 100)

    all_sent(system)
    assert system.done(DELIVER) > 4
    ledger.close()


# --- The clock


@pytest.mark.long
def test_worker_whose_clock_is_an_hour_ahead_of_the_other(system: System, ledger: Ledger) -> None:
    """Its lease looks over to it while the other is still sending."""
    ahead = Clock(system.folder / "ahead")
    ahead.shift(dt.timedelta(hours=1))
    system.mail.behave("slow", seconds=0.1)
    system.worker(concurrency=1)
    system.worker(concurrency=1, clock=ahead)
    queue(ledger, 20)

    all_sent(system)
    ledger.close(excused=0)


def test_clock_a_year_forward_and_back(system: System, ledger: Ledger) -> None:
    """What was queued in the year to come has to leave when the clock is right again."""
    system.beat(wait=False)
    system.worker()
    queue(ledger, name="before")
    until(lambda: nothing_to_do(system), "the first mails were sent")
    system.clock.shift(YEAR)
    queue(ledger, name="in-a-year")
    until(lambda: nothing_to_do(system), "those of next year were sent")
    system.mail.stop()
    queue(ledger, name="left-over")
    until(lambda: one_was_put_back() and system.is_idle, "one was tried next year")
    system.clock.shift(-YEAR)
    system.mail.start()
    queue(ledger, name="back")

    all_sent(system, beating=True)
    ledger.close()
