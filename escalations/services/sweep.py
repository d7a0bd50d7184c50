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
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from cases.enums import State
from common.arrays import among
from common.collector import collector_at_rest
from escalations.enums import PENDING, About, ReminderState, Why
from escalations.models import Reminder, SweepState
from escalations.queries.calendars import Calendars
from escalations.queries.facts import facts_of, open_case_ids
from escalations.queries.judging import Holding, Judge, Pair
from escalations.queries.settings import rules_in_force
from escalations.rules.deciding import NOTHING, Decision, Known, decide
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
    known = _known(Reminder.objects.filter(case__in=among(ids)))
    return _settle(judge.cases(facts.values()), known, judge, partnership_id, at, dry_run)


def _sweep_schools(judge: Judge, partnership_id: int, at: dt.datetime, dry_run: bool) -> Tally:
    of_schools = Reminder.objects.filter(partnership=partnership_id, about=About.SCHOOL)
    return _settle(judge.schools(partnership_id), _known(of_schools), judge, partnership_id, at, dry_run)


def _known(reminders: QuerySet[Reminder]) -> dict[Pair, list[Known]]:
    """The newest of each rule and object, and what is pending."""
    found: defaultdict[Pair, list[Known]] = defaultdict(list)
    rows: QuerySet[Any, Any] = reminders.filter(Q(newest=True) | Q(state__in=PENDING)).values_list(
        "rule",
        "about",
        "object_id",
        "pk",
        "counts_from",
        "due_on",
        "state",
        "newest",
        "anew",
        "postponed_until",
        "told_at",
    )
    for rule, about, object_id, *row in rows:
        found[rule, about, object_id].append(Known(*row))
    return found


@dataclass
class _Changes:
    """What is to be written, gathered before anything is."""

    new: list[New] = field(default_factory=list)
    take_up: list[int] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)
    not_newest: list[int] = field(default_factory=list)
    recounted: list[tuple[int, dt.date]] = field(default_factory=list)
    cancelled: dict[Why, list[int]] = field(default_factory=lambda: defaultdict(list))


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
    made: dict[Pair, tuple[New, list[Known], Decision]] = {}
    for it in holding:
        pair = it.pair
        rows = known.pop(pair, [])
        decision = decide(it.due, rows)
        if it.due.first <= it.due.on:
            tally.due += 1
        if decision is NOTHING:
            continue
        for row, why in decision.cancel:
            changes.cancelled[why].append(row.id)
        if decision.take_up:
            changes.take_up.append(decision.take_up.id)
        if decision.recounted:
            changes.recounted.append((decision.recounted.id, it.due.counts_from))
        if decision.make:
            made[pair] = _new(it, decision), rows, decision
    for (code, _about, _object_id), rows in known.items():
        why = Why.NO_LONGER_HOLDS if judge.is_in_force(code) else Why.RULE_OFF
        changes.cancelled[why] += [row.id for row in rows if row.pending]
    _skip_what_exists(made, changes, partnership_id)
    for reminder, rows, decision in made.values():
        changes.new.append(reminder)
        changes.replaced += [row.id for row in decision.replaced]
        changes.not_newest += [row.id for row in rows if row.newest and row.due_on <= reminder.due_on]
    tally.by_rule.update(reminder.rule for reminder in changes.new)
    tally.cancelled += sum(map(len, changes.cancelled.values()))
    if not dry_run:
        _write(changes, partnership_id=partnership_id, at=at)
    return tally


def _new(it: Holding, decision: Decision) -> New:
    due_on, counts_from = decision.make, it.due.counts_from
    assert due_on is not None  # noqa: S101  # the caller asked
    by_when = it.rule.by_when(due_on=due_on, counts_from=counts_from)
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


def _skip_what_exists(
    made: dict[Pair, tuple[New, list[Known], Decision]], changes: _Changes, partnership_id: int
) -> None:
    """A reminder of that due date may have been made before the date moved away and back: it is taken up if
    it was cancelled, and never made again. What has no newest reminder never had one."""
    again = {object_id for (_, _, object_id), (_, rows, _) in made.items() if rows}
    if not again:
        return
    old = Reminder.objects.filter(newest=False, partnership=partnership_id, object_id__in=among(again))
    rows = old.values_list("rule", "about", "object_id", "due_on", "pk", "state")
    for rule, about, object_id, due_on, pk, state in rows:
        pair = rule, about, object_id
        if pair in made and made[pair][0].due_on == due_on:
            if state == ReminderState.CANCELLED:
                changes.take_up.append(pk)
            del made[pair]


def _write(changes: _Changes, *, partnership_id: int, at: dt.datetime) -> None:
    for why, ids in changes.cancelled.items():
        _cancel(ids, why, at=at)
    _end(changes.replaced, at=at)
    _in_batches(changes.not_newest, lambda rows: rows.update(newest=False))
    for pk, counts_from in changes.recounted:
        Reminder.objects.filter(pk=pk).update(counts_from=counts_from)
    _in_batches(
        changes.take_up,
        lambda rows: rows.filter(state=ReminderState.CANCELLED).update(
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
