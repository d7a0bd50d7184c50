"""What a sweep does about one rule and one object, given the reminders that there are.

Source: contracts/rules.md, "Once".

At most one reminder of a rule and object is pending up to the day. Once made, the reminder of a due date is
never made again; a date that moved and moves back takes up the old one.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from common.calendar import Calendar
from escalations.enums import PENDING, ReminderState, Why
from escalations.rules.due import Span, latest_due

#: Nobody ended these: they are taken up where what ended them is gone.
OVER = (ReminderState.CANCELLED, ReminderState.REPEATED)


@dataclass(slots=True)
class Known:
    """A reminder that there is. `anew`: repetition counts from its due date on. `sector`: of its case, None
    for a school."""

    id: int
    counts_from: dt.date
    due_on: dt.date
    state: str
    newest: bool
    anew: bool
    postponed_until: dt.date | None
    told_at: dt.datetime | None
    sector: str | None

    @property
    def told(self) -> bool:
        """Somebody got it."""
        return self.told_at is not None

    @property
    def pending(self) -> bool:
        return self.state in PENDING


@dataclass(slots=True)
class Decision:
    """`make`: the due date of a new reminder. `take_up`: one that was over (`OVER`) and is needed after all.
    `replaced`: pending ones that a later one takes the place of. `recounted`: one whose date moved to another
    from which the same due date follows."""

    make: dt.date | None = None
    anew: bool = False
    take_up: Known | None = None
    recounted: Known | None = None
    cancel: list[tuple[Known, Why]] = field(default_factory=list)
    replaced: list[Known] = field(default_factory=list)


NOTHING = Decision()


@dataclass(slots=True)
class Due:
    """When something is due: counted from a date, on a first day and then repeatedly; judged on a day."""

    counts_from: dt.date
    first: dt.date
    repeat: Span | None
    calendar: Calendar
    on: dt.date

    @property
    def latest(self) -> dt.date | None:
        return latest_due(self.first, self.repeat, self.calendar, self.on)


def decide(due: Due, known: Sequence[Known]) -> Decision:
    """For a rule whose condition holds on the day, given the reminders that there are.

    The newest and the pending ones are enough to see that nothing has to be made; what is made has to be
    decided with every one of them.
    """
    latest = due.latest
    if not known:
        return NOTHING if latest is None else Decision(make=latest)
    if len(known) == 1:
        (only,) = known
        if only.state == ReminderState.OPEN and (only.counts_from, only.due_on) == (due.counts_from, latest):
            return NOTHING
    return _decide(due, latest, known)


def _decide(due: Due, latest: dt.date | None, known: Sequence[Known]) -> Decision:
    decision = Decision()
    kept = [row for row in known if not _is_cancelled(decision, row, due, latest)]
    if latest is None:
        return decision
    counted = [
        row
        for row in kept
        if row.due_on <= due.on and (row.counts_from == due.counts_from or row.due_on == latest)
    ]
    last = max(counted, key=lambda row: row.due_on, default=None)
    if last is None:
        decision.make = latest
    else:
        _go_on(decision, last, due, latest)
    _make_once(decision, known)
    if decision.take_up and decision.take_up.counts_from != due.counts_from:
        decision.recounted = decision.take_up
    stands = None if decision.make or decision.take_up else last
    decision.replaced = [row for row in kept if row.pending and row.due_on <= due.on and row is not stands]
    return decision


def _make_once(decision: Decision, known: Sequence[Known]) -> None:
    """A due date that there was is not made again: its reminder is taken up, unless somebody ended it."""
    same = next((row for row in known if row.due_on == decision.make), None)
    if same is not None:
        decision.make = None
        decision.take_up = same if same.state in OVER else None


def _is_cancelled(decision: Decision, row: Known, due: Due, latest: dt.date | None) -> bool:
    """A pending reminder of a date that moved, or of one that a changed rule has put off."""
    if not row.pending:
        return False
    if row.counts_from != due.counts_from and row.due_on != latest:
        decision.cancel.append((row, Why.DATE_MOVED))
        return True
    if latest is None and row.due_on <= due.on and not row.told and not row.anew:
        decision.cancel.append((row, Why.RULE_CHANGED))
        return True
    return False


def _go_on(decision: Decision, last: Known, due: Due, latest: dt.date) -> None:
    """What follows on the last reminder that counts."""
    if last.pending and last.counts_from != due.counts_from:
        decision.recounted = last
    if last.state == ReminderState.NOT_APPLICABLE:
        return
    if last.state == ReminderState.POSTPONED:
        if last.postponed_until is not None:  # late: the last of those that follow on that day
            decision.make = latest_due(last.postponed_until, due.repeat, due.calendar, due.on)
            decision.anew = True
        return
    if last.state in OVER:
        if latest <= last.due_on or (last.told and due.repeat is None):
            decision.take_up = last
        elif not last.told or latest > due.first:
            decision.make = latest
        return
    if due.repeat is None:
        return
    if last.anew:  # counted anew from the day to which it was postponed
        decision.make = latest_due(
            due.repeat.after(last.due_on, due.calendar), due.repeat, due.calendar, due.on
        )
        decision.anew = True
    elif latest > last.due_on and latest > due.first:
        decision.make = latest
