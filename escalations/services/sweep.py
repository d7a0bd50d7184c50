"""The sweep: what is due gets a reminder, what no longer holds is cancelled, what moved is made anew.

Set-based and idempotent: a second sweep of the same day writes nothing. It goes by partnership, in chunks of
cases of one transaction each, so that memory is bounded and workers can share the work. Two sweeps of a
partnership take turns by the lock on its `SweepState`; that a reminder exists once is a constraint all the
same.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet

from cases.enums import State
from common.arrays import among
from common.collector import collector_at_rest
from escalations.enums import PENDING, About, ReminderState, Why
from escalations.models import Reminder, SweepState
from escalations.queries.calendars import Calendars
from escalations.queries.facts import facts_of, open_case_ids
from escalations.queries.judging import Holding, Judge, Pair
from escalations.queries.known import known_of, older_of
from escalations.queries.settings import rules_in_force
from escalations.rules.deciding import NOTHING, OVER, Decision, Known, decide
from escalations.services.making import BATCH, New, make_reminders
from escalations.services.telling import restore_notices, withdraw_notices

CHUNK = 1000


@dataclass
class Tally:
    """What a sweep found and did; pairs of rule and object, whatever the number of recipients."""

    open_cases: int = 0
    due: int = 0
    cancelled: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)

    @property
    def created(self) -> int:
        return self.by_rule.total()

    def add(self, other: "Tally") -> None:
        self.open_cases += other.open_cases
        self.due += other.due
        self.cancelled += other.cancelled
        self.by_rule.update(other.by_rule)


def sweep_partnership(partnership_id: int, *, on: dt.date, at: dt.datetime, dry_run: bool = False) -> Tally:
    """Judges every open case of a partnership, and its schools, on a day. `dry_run` writes nothing."""
    calendars = Calendars(partnership_id)
    judge = Judge(rules_in_force(partnership_id), calendars, on=on)
    ids = open_case_ids(partnership_id, on=on)
    tally = Tally(open_cases=len(ids))
    for start in range(0, len(ids), CHUNK):
        with collector_at_rest(), _turn(partnership_id, at=at, dry_run=dry_run):
            tally.add(_sweep_cases(ids[start : start + CHUNK], judge, calendars, partnership_id, at, dry_run))
    with _turn(partnership_id, at=at, dry_run=dry_run):
        tally.add(_sweep_schools(judge, partnership_id, at, dry_run))
        tally.cancelled += _cancel_of_closed(partnership_id, at=at, dry_run=dry_run)
    return tally


def sweep_case(case_id: int, partnership_id: int, *, on: dt.date, at: dt.datetime) -> Tally:
    """The same for one case, open or closed: after somebody did something about it."""
    calendars = Calendars(partnership_id)
    judge = Judge(rules_in_force(partnership_id), calendars, on=on)
    with _turn(partnership_id, at=at, dry_run=False):
        tally = _sweep_cases([case_id], judge, calendars, partnership_id, at, False)
        tally.cancelled += _cancel_of_closed(partnership_id, at=at, dry_run=False, case_id=case_id)
    return tally


@contextmanager
def _turn(partnership_id: int, *, at: dt.datetime, dry_run: bool) -> Iterator[None]:
    """A transaction in which no other sweep writes reminders of the partnership."""
    if dry_run:
        yield
        return
    with transaction.atomic():
        mine = SweepState.objects.select_for_update().filter(partnership=partnership_id).values_list("pk")
        if not mine:  # a partnership that is swept for the first time
            state = SweepState(partnership_id=partnership_id, next_at=at)
            SweepState.objects.bulk_create([state], ignore_conflicts=True)
            mine.get()
        yield


def _sweep_cases(
    ids: Sequence[int],
    judge: Judge,
    calendars: Calendars,
    partnership_id: int,
    at: dt.datetime,
    dry_run: bool,
) -> Tally:
    facts = facts_of(ids)
    calendars.prepare({case.site_id for case in facts.values()})
    known = known_of(Reminder.objects.filter(case__in=among(list(facts))))
    return _settle(judge.cases(facts.values()), known, judge, partnership_id, at, dry_run)


def _sweep_schools(judge: Judge, partnership_id: int, at: dt.datetime, dry_run: bool) -> Tally:
    of_schools = Reminder.objects.filter(partnership=partnership_id, about=About.SCHOOL)
    return _settle(judge.schools(partnership_id), known_of(of_schools), judge, partnership_id, at, dry_run)


#: A rule that holds, the reminders of it that there are, and what is to be done about them.
Decided = tuple[Holding, list[Known], Decision]


@dataclass
class _Changes:
    """What is to be written, gathered before anything is."""

    new: list[New] = field(default_factory=list)
    take_up: list[int] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)
    not_newest: list[int] = field(default_factory=list)
    recounted: list[tuple[int, dt.date]] = field(default_factory=list)
    cancelled: dict[Why, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, decided: Decided) -> None:
        it, rows, decision = decided
        for row, why in decision.cancel:
            self.cancelled[why].append(row.id)
        if decision.take_up:
            self.take_up.append(decision.take_up.id)
        if decision.recounted:
            self.recounted.append((decision.recounted.id, it.due.counts_from))
        self.replaced += [row.id for row in decision.replaced]
        if decision.make:
            self.new.append(_new(it, decision))
            self.not_newest += [row.id for row in rows if row.newest and row.due_on <= decision.make]


def _settle(
    holding: Iterable[Holding],
    known: dict[Pair, list[Known]],
    judge: Judge,
    partnership_id: int,
    at: dt.datetime,
    dry_run: bool,
) -> Tally:
    """Compares what holds with the reminders that there are, and writes the difference."""
    tally, changes = Tally(), _Changes()
    to_make: dict[Pair, Decided] = {}
    for it in holding:
        pair = it.pair
        rows = known.pop(pair, [])
        decision = decide(it.due, rows)
        if it.due.first <= it.due.on:
            tally.due += 1
        if decision.make:
            to_make[pair] = it, rows, decision
        elif decision is not NOTHING:
            changes.add((it, rows, decision))
    for decided in _knowing_all(to_make, partnership_id):
        changes.add(decided)
    for (code, _about, _object_id), rows in known.items():
        for row in rows:
            if row.pending:
                in_force = judge.is_in_force(code, row.sector or "")
                changes.cancelled[Why.NO_LONGER_HOLDS if in_force else Why.RULE_OFF].append(row.id)
    tally.by_rule.update(reminder.rule for reminder in changes.new)
    tally.cancelled += sum(map(len, changes.cancelled.values()))
    if not dry_run:
        _write(changes, partnership_id=partnership_id, at=at)
    return tally


def _new(it: Holding, decision: Decision) -> New:
    due_on, counts_from = decision.make, it.due.counts_from
    assert due_on is not None  # noqa: S101  # the caller asked
    by_when = it.rule.by_when(made_on=it.due.on, counts_from=counts_from)
    return New(
        it.rule.code,
        it.about.value,
        it.object_id,
        it.case_id,
        counts_from,
        due_on,
        by_when,
        it.rule.level,
        decision.anew,
    )


def _knowing_all(to_make: dict[Pair, Decided], partnership_id: int) -> Iterator[Decided]:
    """Decides again about what seems to be made, with the older reminders too: the date may have moved away
    and back, or the clock. What has no newest reminder never had one."""
    again = {object_id for (_, _, object_id), (_, rows, _) in to_make.items() if rows}
    older = Reminder.objects.filter(partnership=partnership_id, object_id__in=among(again))
    found = older_of(older) if again else {}
    for pair, (it, rows, decision) in to_make.items():
        every = [*rows, *found.get(pair, [])]
        yield it, rows, decide(it.due, every) if len(every) > len(rows) else decision


def _write(changes: _Changes, *, partnership_id: int, at: dt.datetime) -> None:
    for why, ids in changes.cancelled.items():
        _cancel(ids, why, at=at)
    _end(changes.replaced, at=at)
    _in_batches(changes.not_newest, lambda rows: rows.update(newest=False))
    for pk, counts_from in changes.recounted:
        Reminder.objects.filter(pk=pk).update(counts_from=counts_from)
    _in_batches(
        changes.take_up,
        lambda rows: rows.filter(state__in=OVER).update(
            state=ReminderState.OPEN, cancelled_why="", ended_at=None, newest=True
        ),
    )
    restore_notices(changes.take_up, at=at)
    make_reminders(changes.new, partnership_id=partnership_id, at=at)


def _end(ids: list[int], *, at: dt.datetime) -> None:
    """Another one takes their place."""
    _in_batches(
        ids,
        lambda rows: rows.filter(state__in=PENDING).update(
            state=ReminderState.REPEATED, ended_at=at, newest=False
        ),
    )
    withdraw_notices(ids, at=at)


def _cancel(ids: list[int], why: Why, *, at: dt.datetime) -> None:
    _in_batches(
        ids,
        lambda rows: rows.filter(state__in=PENDING).update(
            state=ReminderState.CANCELLED, cancelled_why=why, ended_at=at
        ),
    )
    withdraw_notices(ids, at=at)


def _in_batches(ids: list[int], update: Callable[[QuerySet[Reminder]], int]) -> None:
    for start in range(0, len(ids), BATCH):
        update(Reminder.objects.filter(pk__in=ids[start : start + BATCH]))


def _cancel_of_closed(
    partnership_id: int, *, at: dt.datetime, dry_run: bool, case_id: int | None = None
) -> int:
    """What was pending of cases that were closed since."""
    pending = Reminder.objects.filter(partnership=partnership_id, state__in=PENDING, case__state=State.CLOSED)
    if case_id is not None:
        pending = pending.filter(case=case_id)
    ids = list(pending.values_list("pk", flat=True))
    if not dry_run:
        _cancel(ids, Why.CASE_CLOSED, at=at)
    return len(ids)
