"""A slow model of the sweep, from the words of contracts/rules.md and the lines of contracts/rules.csv.

`Oracle` reads a partnership row by row, judges each object on each day, and keeps a list of its own of the
reminders that there should be: all of them, looked through from the beginning every time.
"""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cases.models import Case, StateChange
from escalations.models import Attestation, Reminder, RuleSetting
from schools.models import FreePeriod, School
from tests.escalations.slow import Free, SlowCalendar, slow_calendar, slow_dues, slow_first_due

CONTRACT = Path(__file__).parent.parent / "contracts" / "rules.csv"
FITTING = ("onderwijs", "opbouw", "oza", "afstand")

Pair = tuple[str, str, int]


@dataclass(frozen=True)
class Line:
    """A line of rules.csv, or what a partnership made of it."""

    number: int
    unit: str
    repeat: tuple[int, str] | None
    active: bool = True


def lines() -> dict[str, Line]:
    with CONTRACT.open() as file:
        return {
            row["code"]: Line(
                int(row["threshold"]),
                row["unit"],
                (int(row["repeat"].split()[1]), row["repeat"].split(maxsplit=2)[2])
                if row["repeat"].startswith("every")
                else None,
                active=row["code"] != "R22",  # looks at what is not registered yet
            )
            for row in csv.DictReader(file)
        }


LINES = lines()


@dataclass
class Row:
    """A reminder that there should be."""

    counts_from: dt.date
    due_on: dt.date
    state: str = "open"
    anew: bool = False
    postponed_until: dt.date | None = None
    told: bool = False

    @property
    def pending(self) -> bool:
        return self.state in ("open", "postponed")


@dataclass
class Told:
    """What a sweep says."""

    open_cases: int = 0
    due: int = 0
    cancelled: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)


class Oracle:
    """What the reminders of one partnership have to be."""

    def __init__(self, partnership: Any) -> None:
        self.partnership = partnership
        self.rows: dict[Pair, list[Row]] = {}
        self._calendars: dict[Any, SlowCalendar] = {}
        self._lines: dict[tuple[str, str], Line] = {}

    def sweep(self, on: dt.date) -> Told:
        told = Told(open_cases=len(self._open_cases(on)))
        self._lines = self._lines_in_force()
        found = dict(self._found(on))
        for pair in sorted(set(found) | set(self.rows)):
            rows = self.rows.setdefault(pair, [])
            if pair not in found:
                for row in rows:
                    if row.pending:
                        row.state = "cancelled"
                        told.cancelled += 1
                continue
            line, counts_from, slow = found[pair]
            first = slow_first_due(line.number, line.unit, counts_from, slow)
            dues = slow_dues(first, line.repeat, on, slow)
            told.due += bool(dues)
            told.cancelled += self._drop_moved(rows, counts_from, dues, on)
            if dues:
                told.by_rule[pair[0]] += self._add(rows, counts_from, dues, line, slow, on)
        told.by_rule = +told.by_rule
        return told

    def forget_calendars(self) -> None:
        self._calendars.clear()

    def as_rows(self) -> set[tuple[Any, ...]]:
        return {
            (*pair, row.counts_from, row.due_on, row.state, row.anew, row.postponed_until)
            for pair, rows in self.rows.items()
            for row in rows
        }

    def pending(self) -> list[tuple[Pair, Row]]:
        return [(pair, row) for pair, rows in self.rows.items() for row in rows if row.pending]

    # --- One rule and one object

    @staticmethod
    def _drop_moved(rows: list[Row], counts_from: dt.date, dues: list[dt.date], on: dt.date) -> int:
        """What is pending of a date that moved is cancelled, unless it is due on the same day all the same;
        so is what nobody heard of yet and a changed rule has put off."""
        cancelled = 0
        for row in rows:
            if not row.pending:
                continue
            moved = row.counts_from != counts_from
            if moved and dues and row.due_on == dues[-1]:
                continue
            if moved or (not dues and row.due_on <= on and not row.told and not row.anew):
                row.state = "cancelled"
                cancelled += 1
        return cancelled

    def _add(
        self,
        rows: list[Row],
        counts_from: dt.date,
        dues: list[dt.date],
        line: Line,
        slow: SlowCalendar,
        on: dt.date,
    ) -> int:
        """Makes what has to be made: 1 or 0."""
        latest = dues[-1]
        counted = [
            row
            for row in rows
            if row.due_on <= on and (row.counts_from == counts_from or row.due_on == latest)
        ]
        if not counted:
            return self._make(rows, Row(counts_from, latest), on)
        last = max(counted, key=lambda row: row.due_on)
        for row in counted:
            if row.pending and row is not last:
                row.state = "repeated"
        if last.pending:
            last.counts_from = counts_from
        if last.state == "postponed":
            assert last.postponed_until is not None
            back = slow_dues(last.postponed_until, line.repeat, on, slow)
            return self._make(rows, Row(counts_from, back[-1], anew=True), on) if back else 0
        if last.state in ("cancelled", "repeated"):
            if latest <= last.due_on or (last.told and line.repeat is None):
                last.state, last.counts_from = "open", counts_from
                return 0
            if last.told and len(dues) == 1:
                return 0  # its first time was told already
            return self._make(rows, Row(counts_from, latest), on)
        if last.state == "not_applicable" or line.repeat is None:
            return 0
        if last.anew:
            again = slow_dues(last.due_on, line.repeat, on, slow)[1:]
            return self._make(rows, Row(counts_from, again[-1], anew=True), on) if again else 0
        if latest > last.due_on and len(dues) > 1:
            return self._make(rows, Row(counts_from, latest), on)
        return 0

    @staticmethod
    def _make(rows: list[Row], new: Row, on: dt.date) -> int:
        """Once for a due date: one that there was is taken up unless somebody ended it."""
        same = [row for row in rows if row.due_on == new.due_on]
        if same and same[0].state not in ("cancelled", "repeated"):
            return 0
        for row in rows:
            if row.pending and row.due_on <= on:
                row.state = "repeated"
        if same:
            same[0].state, same[0].counts_from = "open", new.counts_from
            return 0
        rows.append(new)
        return 1

    # --- What holds

    def _open_cases(self, on: dt.date) -> list[Case]:
        return [
            case
            for case in Case.objects.filter(partnership=self.partnership).order_by("pk")
            if case.state != "closed" and case.signalled_on <= on
        ]

    def _found(self, on: dt.date) -> Iterator[tuple[Pair, tuple[Line, dt.date, SlowCalendar]]]:
        for case in self._open_cases(on):
            for code, about, object_id, counts_from in holds(case, on):
                line = self._line(code, case.sector)
                if line.active:
                    yield (code, about, object_id), (line, counts_from, self._calendar(case.site))
        line = self._line("R15", "")
        if line.active:
            for school, day in self._unanswered(on):
                yield ("R15", "school", school.pk), (line, day, self._calendar(None))

    def _unanswered(self, on: dt.date) -> Iterator[tuple[School, dt.date]]:
        dates = [dt.date(on.year - back, month, 15) for back in (1, 0) for month in (3, 6, 9, 12)]
        for school in School.objects.filter(sites__partnerships=self.partnership).distinct():
            passed = [day for day in dates if school.organisation.added_on < day <= on]
            asked = [day for day in dates if day <= on][-1]
            if passed and not Attestation.objects.filter(
                school=school, partnership=self.partnership, round=asked
            ):
                yield school, asked

    def _lines_in_force(self) -> dict[tuple[str, str], Line]:
        """What is set for a sector, or else for all, or else the contract."""
        found = {}
        for setting in RuleSetting.objects.filter(partnership=self.partnership, replaced_at=None):
            line = LINES[setting.rule]
            unit = line.repeat[1] if line.repeat else line.unit
            found[setting.rule, setting.sector] = Line(
                setting.threshold,
                line.unit,
                (setting.repeat, unit) if setting.repeat else None,
                setting.active,
            )
        return found

    def _line(self, code: str, sector: str) -> Line:
        return self._lines.get((code, sector)) or self._lines.get((code, "")) or LINES[code]

    def _calendar(self, site: Any) -> SlowCalendar:
        key = site and site.pk
        if key not in self._calendars:
            region = site.region if site else self.partnership.region
            places = [site.pk, site.school_id] if site else []
            self._calendars[key] = slow_calendar(
                region,
                _free(FreePeriod.objects.filter(region=region, organisation=None)) if region else (),
                _free(FreePeriod.objects.filter(organisation__in=places)),
            )
        return self._calendars[key]


def _free(rows: Any) -> list[Free]:
    return [Free(row.kind, row.first_day, row.last_day) for row in rows]


def holds(case: Case, on: dt.date) -> Iterator[tuple[str, str, int, dt.date]]:
    """Rule, kind of object, object and the date that it counts from, of all that holds in an open case."""
    exemptions = [row for row in case.exemption_rows.all() if row.known_until is None]
    spans = [
        (row, row.valid_from or case.first_day_absent, row.valid_to or dt.date.max) for row in exemptions
    ]
    exempt = any(start <= on <= end for _, start, end in spans)
    absent = case.first_day_absent <= on and (case.back_on is None or on < case.back_on)
    fitting = case.offer in FITTING and case.offer_since is not None and case.offer_since <= on
    if absent and not exempt:
        for code in ("R05", "R10", *(() if fitting else ("R11", "R13"))):
            yield code, "case", case.pk, case.first_day_absent
    yield "R14", "case", case.pk, case.last_progress_on or case.signalled_on
    if case.state == "signalled":
        for code in ("R18", "R18x", *(() if case.lead else ("R17",))):
            yield code, "case", case.pk, case.signalled_on
    if case.state == "remote_education":
        entered = StateChange.objects.filter(case=case).order_by("pk").last()
        assert entered is not None
        yield "R21", "case", case.pk, entered.on
    running = [
        plan
        for plan in case.plans.filter(spell=case.spell)
        if (plan.end or dt.date.max) >= on and (plan.ended_on or dt.date.max) > on
    ]
    for plan in running:
        if plan.start <= on and not any(row.on >= plan.start for row in plan.evaluations.all()):
            yield "R12", "plan", plan.pk, plan.start
        if plan.end and not any(
            other.kind == plan.kind and (other.start, other.pk) > (plan.start, plan.pk) for other in running
        ):
            yield "R16a", "plan", plan.pk, plan.end
            yield "R16b", "plan", plan.pk, plan.end
        if plan.evaluate_on and case.state == plan.kind and case.state in ("arrangement", "remote_education"):
            code = "R19" if case.state == "arrangement" else "R20"
            yield code, "plan", plan.pk, plan.evaluate_on
    for row, start, end in spans:
        if row.valid_to and row.valid_to >= on:
            later = [
                other
                for other, begins, ends in spans
                if other.article == row.article and ends >= on and (begins, other.pk) > (start, row.pk)
            ]
            if not later:
                yield "R16a", "exemption", row.pk, end
                yield "R16b", "exemption", row.pk, end
    for action in case.actions.all():
        if action.state == "open":
            yield "R23", "action", action.pk, action.deadline
            yield "R23x", "action", action.pk, action.deadline
    for row in case.participations.all():
        if row.state == "uitgenodigd" and row.ends_on >= on:
            yield "R24", "participation", row.pk, row.invited_on


def in_database(partnership: Any) -> set[tuple[Any, ...]]:
    """The reminders as they are, to be compared with `Oracle.as_rows`."""
    return set(
        Reminder.objects.filter(partnership=partnership).values_list(
            "rule", "about", "object_id", "counts_from", "due_on", "state", "anew", "postponed_until"
        )
    )
