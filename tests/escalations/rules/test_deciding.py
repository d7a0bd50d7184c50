"""What is decided about one rule and one object, over any course of events, against the slow model."""

import datetime as dt
from dataclasses import dataclass, field
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as some

from common.calendar import Calendar
from escalations.enums import Unit
from escalations.rules import Span, first_due
from escalations.rules.deciding import Due, Known, decide
from tests.escalations.oracle import Line, Oracle, Row
from tests.escalations.slow import SlowCalendar, slow_dues, slow_first_due

DAY = dt.timedelta(days=1)
START = dt.date(2026, 9, 1)
AT = dt.datetime(2026, 9, 1, 6, tzinfo=dt.UTC)
FAST = Calendar()
SLOW = SlowCalendar(frozenset(), frozenset())


@dataclass
class Kept:
    """The reminders of one rule and object, kept as the sweep keeps them; and beside them the model's."""

    rows: list[Known] = field(default_factory=list)
    model: list[Row] = field(default_factory=list)
    ids: count = field(default_factory=count)

    def sweep(self, line: Line, counts_from: dt.date, *, holds: bool, on: dt.date) -> int:
        """Both, and what was made."""
        made = self._decided(line, counts_from, on) if holds else self._let_go()
        assert self.of_rows() == self.of_model(line, counts_from, holds=holds, on=on)
        return made

    def _decided(self, line: Line, counts_from: dt.date, on: dt.date) -> int:
        threshold, repeat = Span(line.number, Unit(line.unit)), line.repeat
        due = Due(
            counts_from,
            first_due(threshold, counts_from, FAST),
            Span(repeat[0], Unit(repeat[1])) if repeat else None,
            FAST,
            on,
        )
        known = [row for row in self.rows if row.newest or row.pending]
        decision = decide(due, known)
        if decision.make:
            decision = decide(due, self.rows)
        for row, _why in decision.cancel:
            row.state = "cancelled"
        for row in decision.replaced:
            row.state, row.newest = "repeated", False
        if decision.recounted:
            decision.recounted.counts_from = counts_from
        if decision.take_up:
            decision.take_up.state, decision.take_up.newest = "open", True
        if decision.make is None:
            return 0
        for row in known:
            row.newest = row.newest and row.due_on > decision.make
        self.rows.append(
            Known(next(self.ids), counts_from, decision.make, "open", True, decision.anew, None, None, "vo")
        )
        return 1

    def _let_go(self) -> int:
        for row in self.rows:
            row.state = "cancelled" if row.pending else row.state
        return 0

    def of_rows(self) -> set[tuple[dt.date, dt.date, str, bool]]:
        found = {(row.due_on, row.counts_from, str(row.state), row.anew) for row in self.rows}
        assert len({row.due_on for row in self.rows}) == len(self.rows)
        return found

    def of_model(
        self, line: Line, counts_from: dt.date, *, holds: bool, on: dt.date
    ) -> set[tuple[dt.date, dt.date, str, bool]]:
        if holds:
            first = slow_first_due(line.number, line.unit, counts_from, SLOW)
            dues = slow_dues(first, line.repeat, on, SLOW)
            Oracle._drop_moved(self.model, counts_from, dues, on)
            if dues:
                Oracle(None)._add(self.model, counts_from, dues, line, SLOW, on)
        else:
            for row in self.model:
                row.state = "cancelled" if row.pending else row.state
        return {(row.due_on, row.counts_from, row.state, row.anew) for row in self.model}

    def act(self, what: str, on: dt.date, days: int) -> None:
        """Somebody is told of what is pending, and answers."""
        for row in self.rows:
            if not row.pending or row.due_on > on:
                continue
            (same,) = (each for each in self.model if each.due_on == row.due_on)
            row.told_at, same.told = AT, True
            if what != "told":
                row.state = same.state = what
            if what == "postponed":
                row.postponed_until = same.postponed_until = on + days * DAY


STEPS = some.lists(
    some.tuples(some.just("days"), some.integers(0, 12))
    | some.tuples(some.just("days"), some.integers(0, 3))
    | some.tuples(some.just("ahead"), some.integers(1, 60))
    | some.tuples(some.just("move"), some.integers(-4, 4))
    | some.tuples(some.just("there and back"), some.integers(-4, 4))
    | some.tuples(some.just("threshold"), some.integers(2, 40))
    | some.tuples(some.just("repeat"), some.sampled_from([0, 0, 3, 7]))
    | some.tuples(some.just("holds"), some.integers(0, 1))
    | some.tuples(some.sampled_from(["told", "postponed", "done", "not_applicable"]), some.integers(1, 9)),
    min_size=4,
    max_size=30,
)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(
    unit=some.sampled_from(["calendar days", "school days"]), repeat=some.sampled_from([0, 5]), steps=STEPS
)
def test_any_course_of_events(unit: str, repeat: int, steps: list[tuple[str, int]]) -> None:
    kept, on, counts_from, threshold, holds = Kept(), START, START, 10, True
    for what, number in [("days", 11), *steps]:
        line = Line(threshold, unit, (repeat, unit) if repeat else None)
        match what:
            case "days":
                on += number * DAY
            case "ahead":
                kept.sweep(line, counts_from, holds=holds, on=on + number * DAY)
            case "move":
                counts_from += number * DAY
            case "there and back":
                kept.sweep(line, counts_from + number * DAY, holds=holds, on=on)
            case "threshold":
                threshold = number
            case "repeat":
                repeat = number
            case "holds":
                holds = bool(number)
            case _:
                kept.act(what, on, number)
        line = Line(threshold, unit, (repeat, unit) if repeat else None)
        kept.sweep(line, counts_from, holds=holds, on=on)
        before = kept.of_rows()
        assert kept.sweep(line, counts_from, holds=holds, on=on) == 0
        assert kept.of_rows() == before
        pending = [row for row in kept.rows if row.pending and row.due_on <= on]
        assert len(pending) <= int(holds)


def test_a_day_on_which_it_was_due_for_another_date_is_not_made_twice() -> None:
    """Postponed to a day of which there is a reminder already, cancelled when its date moved."""
    kept = [
        Known(1, START, START + 10 * DAY, "postponed", False, False, START + 15 * DAY, AT, "vo"),
        Known(2, START + 5 * DAY, START + 15 * DAY, "cancelled", True, False, None, None, "vo"),
    ]
    due = Due(START, START + 10 * DAY, None, FAST, START + 15 * DAY)
    decision = decide(due, kept)
    assert (decision.make, decision.take_up, decision.recounted) == (None, kept[1], kept[1])
    assert (decision.cancel, decision.replaced) == ([], [kept[0]])
    kept[1].state = "done"
    decision = decide(due, kept)
    assert (decision.make, decision.take_up, decision.replaced) == (None, None, [])
