"""Reminders from the rule to the mail, while what carries them breaks: each person has each line once.

What has to come stands in tests/chaos/world.py; what came is read from the mails that the server took.
"""

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from cases.services.planning import evaluate
from cases.services.work import finish_action
from common import dates
from escalations.models import Reminder, SweepState
from escalations.services.handling import finish, postpone
from escalations.services.sweeps import enlist
from notifications.models import Notice, StoppedAddress
from notifications.services.addresses import resume
from tests.chaos import plugin
from tests.chaos.process import Kill
from tests.chaos.reminded import Reminded, check_rows, go_on, go_to, is_at_rest, moment, rest, tick
from tests.chaos.servers import ROOT
from tests.chaos.system import System
from tests.chaos.waiting import until
from tests.chaos.world import DAY, DUE, DUE_IN_A_WEEK, KINDS, TUESDAY, Due, World, lines_in

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

SERVICES = "escalations.services"
DELIVERING = "notifications.services.delivering"
BUNDLING = "notifications.services.bundling"
YEAR = dt.timedelta(days=365)
#: So that five schools are several chunks.
SMALL = {f"{SERVICES}.sweep.CHUNK": 5, f"{SERVICES}.telling.CHUNK": 7}

long = pytest.mark.long


@pytest.fixture
def reminded(system: System, request: pytest.FixtureRequest) -> Iterator[Reminded]:
    """Goes into the report at the end, also when the scenario broke off. The day is that of the world."""
    system.clock.set(moment(TUESDAY, 7))
    scenario = request.node.name.removeprefix("test_").replace("_", " ").replace("[", ": ").rstrip("]")
    reminded = Reminded(system, scenario)
    yield reminded
    request.config.stash[plugin.COUNTS].append(reminded.count())


def through_the_morning(system: System, *, beating: bool = False) -> None:
    """From seven until after eight, when who wants it daily gets his mail."""
    go_on(system, beating=beating)
    go_to(system, moment(TUESDAY, 8, 2), beating=beating)


def all_came(reminded: Reminded, world: World, *, excused: int = 0) -> None:
    """What is due on the day of the world: told once, mailed once."""
    through_the_morning(reminded.system)
    reminded.expect(world.lines(DUE))
    reminded.check(excused=excused)
    check_rows(world, DUE)


# --- The worker is killed


KILLS = [
    pytest.param("after", f"{SERVICES}.sweeps._claim", 0, 0, id="after the claim of a sweep"),
    pytest.param("before", f"{SERVICES}.sweep._sweep_cases", 1, 0, id="between chunks of a sweep"),
    pytest.param("after", f"{SERVICES}.sweep.make_reminders", 1, 0, id="in a chunk of a sweep"),
    pytest.param("after", f"{SERVICES}.sweeps.sweep_partnership", 0, 0, id="between sweep and telling"),
    pytest.param("after", f"{SERVICES}.telling.tell", 1, 0, id="in a chunk of telling"),
    pytest.param("after", f"{SERVICES}.telling._tell_chunk", 0, 0, id="between chunks of telling"),
    pytest.param("after", f"{BUNDLING}._take_turns", 1, 0, id="bundling, before the commit"),
    pytest.param("after", f"{BUNDLING}._bundle_of", 1, 0, id="bundling, after the commit"),
    pytest.param("before", f"{DELIVERING}._claim", 1, 0, id="before the claim of a mail"),
    pytest.param("after", f"{DELIVERING}._claim", 1, 0, id="after the claim of a mail"),
    pytest.param("after", f"{DELIVERING}._send", 1, 1, id="between send and mark"),
]
SHORT = {"in a chunk of telling", "between send and mark"}


@pytest.mark.parametrize(
    ("when", "name", "skip", "excused"),
    [kill if kill.id in SHORT else pytest.param(*kill.values, id=kill.id, marks=long) for kill in KILLS],
)
def test_killed(when: str, name: str, skip: int, excused: int, system: System, reminded: Reminded) -> None:
    kill = replace(system.kill_at(when, name), skip=skip)
    worker = system.worker(concurrency=1, kill=kill, constants=SMALL)
    world = World()
    until_killed(system, kill)
    until(lambda: worker.starts == 2 and worker.is_ready, "it was started again")

    all_came(reminded, world, excused=excused)


def until_killed(system: System, kill: Kill) -> None:
    """At the moment of now, or after the pause in which mail waits for more."""
    file = Path(kill.file)
    for minutes in (0, 2):
        system.later(minutes=minutes)
        until(
            lambda: file.exists() or is_at_rest(system),
            f"the worker was killed, or has done all ({system.folder})",
            meanwhile=lambda: tick(system),
        )
        if file.exists():
            return
    raise AssertionError(f"The worker never came to {kill.name}.")


@long
@pytest.mark.parametrize(
    ("when", "name", "skip", "excused"),
    [
        kill
        for kill in KILLS
        if kill.id in SHORT | {"between sweep and telling", "bundling, before the commit"}
    ],
)
def test_killed_another_finishes(
    when: str, name: str, skip: int, excused: int, system: System, reminded: Reminded
) -> None:
    """Processes with children, as compose.yml starts them; the one that was killed stays away."""
    kill = replace(system.kill_at(when, name), skip=skip)
    system.worker("prefork", concurrency=1, kill=kill, constants=SMALL, supervised=False)
    world = World()
    until_killed(system, kill)
    system.worker("prefork", constants=SMALL)

    all_came(reminded, world, excused=excused)


@long
def test_killed_again_and_again(system: System, reminded: Reminded) -> None:
    """At five points of the way, one after the other."""
    world = World()
    for number, (when, name, skip) in enumerate(
        [
            ("after", f"{SERVICES}.sweep.make_reminders", 1),
            ("after", f"{SERVICES}.telling.tell", 0),
            ("after", f"{BUNDLING}._bundle_of", 0),
            ("after", f"{DELIVERING}._send", 0),
            ("after", f"{DELIVERING}._send", 1),
        ],
        start=1,
    ):
        kill = system.kill_at(when, name)
        kill = replace(kill, skip=skip, file=f"{kill.file}-{number}")
        system.worker(concurrency=1, kill=kill, constants=SMALL, supervised=False)
        until_killed(system, kill)
        system.later(minutes=11)  # its claim lapses
    system.worker()

    all_came(reminded, world, excused=2)


# --- Redis


@long
def test_redis_flushed_in_the_morning(system: System, reminded: Reminded) -> None:
    """Twice: when all is due, and when mail is on its way."""
    system.beat(wait=False)
    system.worker(constants=SMALL)
    world = World()
    until(Reminder.objects.exists, "the first reminders are there")
    system.redis.flush()
    rest(system, beating=True)
    system.later(minutes=2)
    until(system.mail.taken, "the first mails arrived")
    system.redis.flush()

    through_the_morning(system, beating=True)
    reminded.expect(world.lines(DUE))
    reminded.check()
    check_rows(world, DUE)


@long
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_redis_away_in_the_morning(how: signal.Signals, system: System, reminded: Reminded) -> None:
    system.mail.behave("slow", seconds=0.3)
    system.beat(wait=False)
    system.worker(constants=SMALL)
    world = World()
    rest(system, beating=True)
    system.later(minutes=2)
    until(system.mail.taken, "the first mails arrived")
    system.redis.stop(how=how)
    system.clock.set(moment(TUESDAY, 8, 2))
    system.redis.start()

    through_the_morning(system, beating=True)
    reminded.expect(world.lines(DUE))
    reminded.check(excused=2)
    check_rows(world, DUE)


# --- The mail server


@long
def test_mail_server_down_over_midnight(system: System, reminded: Reminded) -> None:
    system.mail.stop()
    system.worker()
    world = World()
    through_the_morning(system)
    go_to(system, moment(TUESDAY, 23, 55))
    go_to(system, moment(TUESDAY + DAY, 7))
    assert system.mail.taken() == []
    system.mail.start()

    go_on(system, times=3)
    reminded.expect(world.lines(DUE))
    reminded.check()
    check_rows(world, DUE)


@long
def test_mail_server_slow(system: System, reminded: Reminded) -> None:
    system.mail.behave("slow", seconds=1)
    system.worker()
    world = World()
    all_came(reminded, world)


@long
def test_mail_server_refuses_some(system: System, reminded: Reminded) -> None:
    """Their addresses are stopped and their administrators told. When they are tried again a week later, all
    that waited comes: what was refused, and what has become due since."""
    gone = ["a1-coordinator@school.example", "b-manager@school.example"]
    system.mail.behave(refused=gone)
    system.worker()
    world = World()
    through_the_morning(system)
    monday = TUESDAY + 6 * DAY
    go_to(system, moment(monday, 7))
    go_to(system, moment(monday, 8, 2))
    dues = [*DUE, *(due for due in DUE_IN_A_WEEK if due.after <= 6)]
    lines = world.lines(dues)
    reminded.expect(line for line in lines if line.to not in gone)
    assert (reminded.lost(), len(reminded.received())) == ([], len(reminded.expected))
    assert sorted(StoppedAddress.objects.values_list("email", flat=True)) == gone
    told = Notice.objects.filter(kind="address_stopped").values_list("user__name", flat=True)
    assert set(told) == {"a-administrator", "b-administrator"}

    system.mail.behave()
    for name in ("a1-coordinator", "b-manager"):
        with transaction.atomic():
            resume(user=world.people[name], by=world.people[name])
    go_on(system)
    reminded.expect(line for line in lines if line.to in gone)
    reminded.check()
    check_rows(world, dues)


@long
@pytest.mark.parametrize("answer", ["drop", "die"])
def test_mail_server_takes_a_mail_and_says_nothing(answer: str, system: System, reminded: Reminded) -> None:
    system.mail.behave(answer, times=1)
    system.worker()
    world = World()
    rest(system)
    system.later(minutes=2)
    until(system.mail.taken, "it took one", meanwhile=lambda: tick(system))
    if answer == "die":
        until(lambda: not system.mail.is_up, "it died")
        system.mail.behave()
        system.mail.start()

    all_came(reminded, world, excused=1)


# --- The database


def held(system: System, table: str) -> Any:
    """A connection that lets nobody write to a table until it is closed."""
    database = f"postgres://postgres@127.0.0.1:{system.postgres.port}/{connection.settings_dict['NAME']}"
    holding = psycopg.connect(database)
    holding.execute(f"LOCK TABLE {table} IN SHARE MODE")
    return holding


def waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        (count,) = cursor.fetchone() or (0,)
        return int(count)


@long
@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGINT], ids=["as if the power went", "in order"])
@pytest.mark.parametrize("table", ["escalations_reminder", "notifications_notice"], ids=["sweep", "telling"])
def test_database_restarted_in_the_middle_of(
    table: str, how: signal.Signals, system: System, reminded: Reminded
) -> None:
    world = World()
    system.worker(constants=SMALL)
    holding = held(system, table)
    until(waiting_for_a_lock, "a worker is in the middle of it", meanwhile=lambda: tick(system))
    system.restart_database(how)
    holding.close()

    all_came(reminded, world)


@long
@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGINT], ids=["as if the power went", "in order"])
def test_database_restarted_in_the_middle_of_delivery(
    how: signal.Signals, system: System, reminded: Reminded
) -> None:
    world = World()
    system.mail.behave("slow", seconds=0.3)
    system.worker()
    rest(system)
    system.later(minutes=2)
    until(lambda: len(system.mail.taken()) > 1, "it is sending", meanwhile=lambda: tick(system))
    system.restart_database(how)
    system.mail.behave()

    all_came(reminded, world, excused=2)


# --- Several at once


@long
def test_two_beats(system: System, reminded: Reminded) -> None:
    """One beat works; when it is killed the other takes over."""
    beats = [system.beat(wait=False), system.beat(wait=False)]
    system.worker("prefork")
    system.worker("threads")
    world = World()
    rest(system, beating=True)
    until(lambda: any(beat.told("Sending due task") for beat in beats), "one beat works")
    next(beat for beat in beats if beat.told("Sending due task")).end()
    until(lambda: all(beat.told("Sending due task") for beat in beats), "the other beat took over")

    through_the_morning(system, beating=True)
    reminded.expect(world.lines(DUE))
    reminded.check()
    check_rows(world, DUE)


def test_sweeps_at_the_same_moment(system: System, reminded: Reminded) -> None:
    """Two workers and two commands stand at the same door when it opens."""
    world = World()
    enlist(at=dates.now())
    system.worker("prefork", constants=SMALL)
    system.worker("threads", constants=SMALL)
    with closing(held(system, "escalations_reminder")):
        until(lambda: waiting_for_a_lock() >= 2, "workers sweep", meanwhile=lambda: tick(system))
        commands = [escalate(system) for _ in range(2)]
        until(lambda: waiting_for_a_lock() >= 4, "commands sweep too")
    assert [command.wait(timeout=60) for command in commands] == [0, 0]

    all_came(reminded, world)


def escalate(system: System) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "escalate", "--on", f"{TUESDAY}"],
        cwd=ROOT,
        env=system.environment,
        stdout=subprocess.DEVNULL,
    )


# --- The clock


@pytest.mark.parametrize(
    ("by", "right_before", "mail_works", "beating"),
    [
        pytest.param(YEAR, False, True, False, id="a year, wrong from the start"),
        pytest.param(YEAR, True, True, True, id="a year, with a beat", marks=long),
        pytest.param(YEAR, True, True, False, id="a year", marks=long),
        pytest.param(YEAR, True, False, False, id="a year, without mail", marks=long),
        pytest.param(YEAR, False, False, False, id="a year, wrong from the start, without mail", marks=long),
        pytest.param(dt.timedelta(days=30), True, True, False, id="thirty days", marks=long),
        pytest.param(dt.timedelta(days=3), False, False, False, id="three days, without mail", marks=long),
        pytest.param(dt.timedelta(hours=20), False, True, False, id="twenty hours", marks=long),
    ],
)
def test_clock_forward_and_back(
    by: dt.timedelta, right_before: bool, mail_works: bool, beating: bool, system: System, reminded: Reminded
) -> None:
    """All that is due comes on its day, unless it came before; nothing comes twice."""
    world = World(kinds=("four weeks", "unled", "overdue"), schools=("a1", "a2", "b1"))
    system.worker()
    if beating:
        system.beat()
    if right_before:
        rest(system, beating=beating)
    if not mail_works:
        system.mail.stop()
    system.clock.shift(by)
    go_on(system, beating=beating)
    system.clock.shift(-by)
    if not mail_works:
        system.mail.start()

    go_to(system, moment(TUESDAY, 8, 2), beating=beating)
    reminded.expect(world.lines(DUE))
    assert reminded.lost() == []
    for day in (3, 6, 7):
        go_to(system, moment(TUESDAY + day * DAY, 7), beating=beating)
        go_to(system, moment(TUESDAY + day * DAY, 8, 2), beating=beating)
    reminded.expect(world.lines(DUE_IN_A_WEEK))
    reminded.check_but_for_early(until=TUESDAY + 7 * DAY)
    reminded.check_mails()


@long
@pytest.mark.parametrize(
    ("sunday", "first_working_day"),
    [
        pytest.param(dt.date(2026, 10, 25), dt.date(2026, 10, 26), id="an hour more"),
        pytest.param(dt.date(2027, 3, 28), dt.date(2027, 3, 30), id="an hour less"),
    ],
)
def test_night_of(sunday: dt.date, first_working_day: dt.date, system: System, reminded: Reminded) -> None:
    """The Sunday on which summer time begins or ends; in 2027 that is Easter, and Monday is a holiday too."""
    due = [Due("four weeks", "R05", -16, ("coordinator",)), *(it for it in DUE if it.rule == "R10")]
    system.clock.set(moment(sunday - DAY, 22))
    world = World(sunday, kinds=("four weeks",))
    system.worker()
    for _ in range(18):
        rest(system)
        system.later(minutes=30)
    rest(system)
    check_rows(world, due)
    assert {dates.day_of(it.made_at) for it in Reminder.objects.filter(rule="R10")} == {sunday}
    assert {state.swept_on for state in SweepState.objects.all()} == {sunday}
    for day in range((first_working_day - sunday).days):
        go_to(system, moment(sunday + day * DAY, 23, 30))
    assert system.mail.taken() == []

    lines = world.lines(due)
    go_to(system, moment(first_working_day, 0, 2))
    reminded.expect(line for line in lines if line.to not in world.daily)
    assert reminded.lost() == []
    go_to(system, moment(first_working_day, 7, 37))  # and 22 minutes more
    assert len(reminded.received()) == len(reminded.expected)
    system.clock.set(moment(first_working_day, 8, 1))
    rest(system)
    reminded.expect(line for line in lines if line.to in world.daily)
    reminded.check()


@long
def test_three_days_without_any_process(system: System, reminded: Reminded) -> None:
    """From Saturday to Tuesday: each person has one mail of all that became due, of each rule the latest."""
    worker = system.worker()
    world = World()
    through_the_morning(system)
    go_to(system, moment(TUESDAY + 3 * DAY, 12))
    worker.end(signal.SIGTERM)
    reminded.expect(world.lines(DUE))
    assert reminded.lost() == []
    before = len(system.mail.taken())

    system.clock.set(moment(TUESDAY + 7 * DAY, 7))
    system.worker()
    go_on(system)
    go_to(system, moment(TUESDAY + 7 * DAY, 8, 2))
    lines = world.lines(DUE_IN_A_WEEK)
    reminded.expect(lines)
    reminded.check()
    check_rows(world, [*DUE, *DUE_IN_A_WEEK])
    assert sorted(mail.to for mail in system.mail.taken()[before:]) == sorted({line.to for line in lines})


# --- Somebody acts


def test_somebody_acts_while_workers_are_killed(system: System, reminded: Reminded) -> None:
    """What is settled is in no mail that is made afterwards: one may be in a worker's hands."""
    world = World(kinds=KINDS)
    by, at, on = world.people["a-manager"], dates.now(), TUESDAY
    system.mail.behave("slow", seconds=0.5)
    kill = replace(system.kill_at("after", f"{DELIVERING}._send"), skip=2)
    worker = system.worker(concurrency=1, kill=kill)
    rest(system)
    system.later(minutes=2)
    until(lambda: len(system.mail.taken()) > 1, "it is sending", meanwhile=lambda: tick(system))

    done = world.reminder("a3", "standing still", "R18")
    put_off = world.reminder("a3", "four weeks", "R10")
    case = world.cases["a3", "overdue"]
    finish(reminder_id=done.pk, note="", by=by, at=at, on=on)
    postpone(reminder_id=put_off.pk, until=on + 3 * DAY, reason="Ziek", by=by, at=at, on=on)
    finish_action(action=case.actions.get(), case=case, state="done", result="Gebeld", by=by, at=at)
    arranged = world.cases["a3", "arranged"]
    evaluate(
        plan=arranged.plans.get(),
        case=arranged,
        evaluated_on=on,
        result="doorgaan",
        note="",
        next_on=on + 56 * DAY,
        by=by,
        at=at,
        on=on,
    )
    in_time = len(system.mail.taken()) + 1  # and the one that is in hand
    until(lambda: system.kills() == 1, "the worker was killed", meanwhile=lambda: tick(system))
    until(lambda: worker.starts == 2 and worker.is_ready, "it was started again")

    through_the_morning(system)
    settled = {
        (done.case.number, "R18"),
        (put_off.case.number, "R10"),
        (case.number, "R23"),
        (arranged.number, "R19"),
    }
    early = {line for mail in system.mail.taken()[:in_time] for line in lines_in(mail)}
    reminded.expect(
        line for line in world.lines(DUE) if (line.case, line.rule) not in settled or line in early
    )
    reminded.check(excused=1)
    go_to(system, moment(on + 3 * DAY, 7))
    go_to(system, moment(on + 3 * DAY, 8, 2))
    again = world.lines([Due("four weeks", "R10", 3, ("coordinator", "manager", "lead"))])
    reminded.expect(line for line in again if line.case == put_off.case.number)
    reminded.check(excused=1)
