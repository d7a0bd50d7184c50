"""What people had to read of reminders in one scenario, what reached them, and the rows behind it."""

import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from django.utils import timezone

from common import dates
from escalations.models import Reminder
from escalations.queries.notices import key_of
from escalations.services.sweeps import due_sweeps
from notifications.models import Dispatch, Notice, OutboxMail
from notifications.queries import people_to_mail, sendable_mails
from notifications.services.delivering import LEASE
from schools.models import Partnership
from tests.chaos import report
from tests.chaos.system import Process, System
from tests.chaos.waiting import until
from tests.chaos.world import Due, Line, World, lines_in

SWEEP, DELIVER = "escalations.tasks.sweep", "notifications.tasks.deliver"


class Reminded:
    """Expects the lines of a world; at the end they are compared with what the mail server took.

    A mail that came again, with the same Message-ID, is one that nobody can exclude: `excused` says how many
    of those there may be. The report counts their lines.
    """

    def __init__(self, system: System, scenario: str) -> None:
        self.system, self.scenario = system, scenario
        self.expected: list[Line] = []
        self.seen: dict[str, list[Line]] = {}  # by Message-ID: the lines of each mail as they first came
        self.again: list[Line] = []
        self.early: list[Line] = []
        self.mails_again = 0
        self.read = 0
        self.began = time.monotonic()

    def expect(self, lines: Iterable[Line]) -> None:
        self.expected += lines

    def look(self) -> None:
        """Reads the mails that came since the last time. Rows say which reminder is meant, so that this is
        done while they are there."""
        for taken in self.system.mail.taken()[self.read :]:
            self.read += 1
            lines = lines_in(taken)
            if taken.message_id in self.seen:
                self.mails_again += 1
                self.again += lines
            else:
                self.seen[taken.message_id] = lines

    def received(self) -> list[Line]:
        """Of mails that came again once."""
        self.look()
        return [line for lines in self.seen.values() for line in lines]

    def lost(self) -> list[Line]:
        return report.lost(self.expected, self.received())

    def count(self) -> report.Count:
        received = report.surplus(self.early, self.received())
        return report.Count(
            scenario=f"reminders, {self.scenario}",
            expected=len(self.expected),
            received=len(received) + len(self.again),
            lost=len(report.lost(self.expected, received)),
            doubled=len(report.surplus(self.expected, received)) + len(self.again),
            excused=len(self.again),
            kills=self.system.kills(),
            seconds=time.monotonic() - self.began,
        )

    def check(self, *, excused: int = 0) -> None:
        received = self.received()
        assert report.lost(self.expected, received) == []
        assert report.surplus(self.expected, received) == []
        assert self.mails_again <= excused
        self.check_mails()

    def check_but_for_early(self, *, until: dt.date) -> None:
        """All came, nothing twice; while a clock was ahead people were told what is due later than `until`.
        The report leaves that out."""
        received = self.received()
        assert [line for line, times in Counter(received).items() if times > 1] == []
        self.early = report.surplus(self.expected, received)
        assert [line for line in self.early if line.due_on <= until] == []
        assert report.lost(self.expected, received) == []
        assert self.mails_again == 0

    @staticmethod
    def check_mails() -> None:
        """Each notice is in one mail, that was sent; nothing waits."""
        assert not OutboxMail.objects.exclude(state__in=["sent", "dropped"]).exists()
        assert not Notice.objects.filter(dispatch__isnull=True).exists()
        assert not Dispatch.objects.filter(state=Dispatch.State.WAITING).exists()


def check_rows(world: World, dues: Iterable[Due], *, told: Iterable[Line] | None = None) -> None:
    """There are exactly these reminders, and of each of them exactly these people have a notice."""
    dues = list(dues)
    assert {(r.case.number, r.rule, r.due_on) for r in reminders()} == world.rows(dues)
    assert Reminder.objects.count() == len(world.rows(dues))
    notices = Counter(
        Line(notice.user.email, reminder.case.number, reminder.rule, reminder.due_on)
        for reminder in reminders()
        for notice in Notice.objects.filter(key=key_of(reminder.pk)).select_related("user")
    )
    assert notices == Counter(world.lines(dues) if told is None else told)


def reminders() -> Iterator[Reminder]:
    yield from Reminder.objects.select_related("case")


# --- Going through a day


def is_idle(process: Process) -> bool:
    """A worker that works, with no job in its hands; or no worker, or one that is gone for good."""
    if "worker" not in process.command or not process.wanted:
        return True
    if process.has_ended:
        return not process.supervised
    if not process.is_ready:
        return False
    *_, life = re.split(process.ready, process.log.read_text())
    begun = life.count(" task_started ")
    return begun == len(re.findall(r" task_(?:succeeded|failed|retrying) ", life))


def nothing_is_due() -> bool:
    """Nothing that a worker could do at this moment. (What somebody who died holds is not free yet.)"""
    at = dates.now()
    return not (
        Partnership.objects.filter(sweep_state__isnull=True).exists()
        or due_sweeps(at=at).exists()
        or people_to_mail(at=at).exists()
        or sendable_mails(at=at, lease=LEASE).exists()
    )


def is_at_rest(system: System) -> bool:
    return nothing_is_due() and all(is_idle(process) for process in system.processes)


def rest(system: System, *, beating: bool = False) -> None:
    """Until all that is due was done and nobody is busy. The clock is moved then only: else it would take
    things from the hands of who has them."""
    until(
        lambda: is_at_rest(system),
        f"all was done ({system.folder})",
        meanwhile=None if beating else lambda: tick(system),
    )


def tick(system: System) -> None:
    """As beat does each minute."""
    system.tell(SWEEP)
    system.tell(DELIVER)


def go_on(system: System, *, times: int = 2, beating: bool = False) -> None:
    """Twice eleven minutes: claims lapse, sweeps and pauses are over, what was put off has its turn."""
    rest(system, beating=beating)
    for _ in range(times):
        system.later(minutes=11)
        rest(system, beating=beating)


def moment(day: dt.date, hour: int, minute: int = 0, second: int = 0) -> dt.datetime:
    """On the clocks of Europe/Amsterdam."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute, second)))


def go_to(system: System, when: dt.datetime, *, beating: bool = False) -> None:
    """On to a moment, and through what is to be done there."""
    rest(system, beating=beating)
    system.clock.set(when)
    go_on(system, beating=beating)
