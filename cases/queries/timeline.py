"""Everything that happened in a case, newest first, as far as the reader may know it (sections.csv).

Each source gives its newest entries up to the end of the page that is asked for, so that the number of
queries is the same for any file.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.utils import formats, timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from cases.enums import ActionState, Destination, NoteKind, Reason, Source, State
from cases.models import (
    AbsencePeriod,
    Evaluation,
    FittingOffer,
    Hearing,
    LeadPeriod,
    Particulars,
    ReasonCodes,
    SpellDates,
    StateChange,
)
from cases.queries.casefile import Reader, actions_for, notes_for, participations_of

PAGE = 25
#: How far back the pages go, and how many changes of facts are compared.
MOST_PAGES = 40
MOST_FACTS = 300
#: A note is here in short; the whole of it stands under the notes.
WORDS = 40


@dataclass(frozen=True, order=True)
class Entry:
    """Something that happened. `kind` is how the timeline marks it (state, contact, note or nothing)."""

    day: dt.date
    at: dt.datetime
    rank: int
    pk: int
    title: str = field(compare=False)
    by: str = field(compare=False, default="")
    text: str = field(compare=False, default="")
    kind: str = field(compare=False, default="")

    @property
    def when(self) -> str:
        """The day, with the time where it was written down on that day, and else the day of writing."""
        local = timezone.localtime(self.at)
        day = formats.date_format(self.day, "j F Y")
        if local.date() != self.day:
            recorded = formats.date_format(local.date(), "j F Y")
            return _("%(day)s (recorded on %(recorded)s)") % {"day": day, "recorded": recorded}
        return day if (local.hour, local.minute) == (0, 0) else f"{day}, {local:%H:%M}"


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def timeline(reader: Reader, *, page: int = 1, size: int = PAGE) -> Page:
    """One page of the timeline of a case."""
    number = min(max(page, 1), MOST_PAGES)
    most = number * size + 1
    sources: tuple[Callable[[Reader, int], Iterable[Entry]], ...] = (
        _moves, _leads, _notes, _actions, _ended_actions, _plans, _hearings, _evaluations, _participations,
        _facts, _exemptions,
    )  # fmt: skip
    entries = sorted((entry for source in sources for entry in source(reader, most)), reverse=True)
    return Page(entries[(number - 1) * size : number * size], number, len(entries) > number * size)


def _moves(reader: Reader, most: int) -> Iterator[Entry]:
    rows = reader.case.statechange_rows.select_related("recorded_by").order_by("-on", "-id")[:most]
    for row in rows:
        text = []
        if row.reason and reader.reads_reasons_of_moves:
            text.append(row.reason)
        if row.met_since:
            text.append(_("Meets the timetable since %(day)s.") % {"day": _day(row.met_since)})
        yield Entry(row.on, row.recorded_at, 9, row.pk, _title(row), _who(row), "\n".join(text), "state")


def _title(row: StateChange) -> str:
    if row.transition == "reopen":
        return _("Reopened: a new spell at home")
    if row.transition == "withdraw":
        return _("Withdrawn: the signal was a mistake")
    if not row.from_state:
        return _("Signalled")
    return _("State: from %(before)s to %(after)s") % {
        "before": State(row.from_state).label,
        "after": State(row.to_state).label,
    }


def _leads(reader: Reader, most: int) -> Iterator[Entry]:
    rows = LeadPeriod.objects.filter(case=reader.case).select_related("lead", "recorded_by")
    for row in rows.order_by("-holds_from", "-id")[:most]:
        title = (
            _("Case lead: %(name)s") % {"name": row.lead} if row.lead else _("Nobody leads the case any more")
        )
        yield Entry(row.holds_from, row.recorded_at, 8, row.pk, title, _who(row))


def _notes(reader: Reader, most: int) -> Iterator[Entry]:
    for note in notes_for(reader)[:most]:
        kind = {NoteKind.CONTACT: "contact"}.get(NoteKind(note.kind), "note")
        title = str(note.get_kind_display()).capitalize()
        if note.kind == NoteKind.CONTACT:
            title = _("Contact with %(whom)s, %(how)s") % {
                "whom": note.with_whom,
                "how": note.get_how_display(),
            }
        elif note.is_progress:
            title = _("Progress note")
        by = f"{note.author}, {note.organisation}"
        yield Entry(note.on, note.created_at, 7, note.pk, title, by, Truncator(note.text).words(WORDS), kind)


def _actions(reader: Reader, most: int) -> Iterator[Entry]:
    for action in actions_for(reader).order_by("-created_at", "-id")[:most]:
        text = _("By %(owner)s, before or on %(day)s.") % {
            "owner": action.owner,
            "day": _day(action.deadline),
        }
        title = _("Action: %(what)s") % {"what": action.what}
        yield _entry(action.created_at, 6, action.pk, title, str(action.created_by), text)


def _ended_actions(reader: Reader, most: int) -> Iterator[Entry]:
    ended = actions_for(reader).exclude(state=ActionState.OPEN).order_by("-ended_at", "-id")
    for action in ended[:most]:
        done = action.state == ActionState.DONE
        title = (_("Action done: %(what)s") if done else _("Action dropped: %(what)s")) % {
            "what": action.what
        }
        by = str(action.ended_by or "")
        yield _entry(action.ended_at or action.created_at, 5, action.pk, title, by, action.result)


def _plans(reader: Reader, most: int) -> Iterator[Entry]:
    for plan in reader.case.plans.select_related("created_by").order_by("-created_at", "-id")[:most]:
        kind = plan.get_kind_display()
        title = _("%(plan)s recorded") % {"plan": kind}
        text = _("From %(day)s.") % {"day": _day(plan.start)}
        yield _entry(plan.created_at, 4, plan.pk, title, str(plan.created_by), text)
        if plan.ended_on:
            title = _("%(plan)s ended") % {"plan": kind}
            at = max(plan.created_at, _noon(plan.ended_on))
            yield Entry(plan.ended_on, at, 3, plan.pk, title, "", plan.ended_reason)


def _hearings(reader: Reader, most: int) -> Iterator[Entry]:
    if not reader.reads_voice:
        return
    rows = Hearing.objects.filter(plan__case=reader.case).select_related("plan", "recorded_by")
    for row in rows.order_by("-recorded_at", "-id")[:most]:
        about = {"plan": row.plan.get_kind_display()}
        title = (_("Pupil heard on: %(plan)s") if row.heard_on else _("Pupil not heard on: %(plan)s")) % about
        text = row.said if row.heard_on else row.why_not
        day = row.heard_on or _local(row.recorded_at)
        short = Truncator(text).words(WORDS)
        yield Entry(day, row.recorded_at, 3, row.pk, title, str(row.recorded_by), short, "contact")


def _evaluations(reader: Reader, most: int) -> Iterator[Entry]:
    rows = Evaluation.objects.filter(plan__case=reader.case).select_related("plan", "recorded_by")
    for row in rows.order_by("-on", "-id")[:most]:
        title = _("%(plan)s evaluated: %(result)s") % {
            "plan": row.plan.get_kind_display(),
            "result": row.get_result_display(),
        }
        yield Entry(row.on, row.recorded_at, 2, row.pk, title, str(row.recorded_by), row.note)


def _participations(reader: Reader, most: int) -> Iterator[Entry]:
    if not reader.reads_access:
        return
    for row in participations_of(reader.case)[:most]:
        name = {"partner": row.partner.name}
        title = _("%(partner)s invited") % name
        yield _entry(row.invited_at, 1, row.pk, title, str(row.invited_by), row.purpose)
        if row.answered_at:
            declined = row.state == "afgewezen"
            title = (_("%(partner)s declined") if declined else _("%(partner)s takes part")) % name
            yield _entry(row.answered_at, 2, row.pk, title, str(row.answered_by or ""), row.answer_note)
        if row.stopped_at:
            title = _("Access of %(partner)s ended") % name
            yield _entry(row.stopped_at, 3, row.pk, title, str(row.stopped_by or ""))


def _exemptions(reader: Reader, most: int) -> Iterator[Entry]:
    if not reader.reads_exemptions:
        return
    rows = reader.case.exemption_rows.select_related("recorded_by").order_by("-known_from", "-id")
    for row in rows[:most]:
        article = {"article": row.get_article_display()}
        title = _("Exemption %(article)s") % article
        yield _known(row, title=title, text=period(row.valid_from, row.valid_to), rank=1)
        if row.known_until:
            title = _("Exemption %(article)s corrected or removed") % article
            yield _entry(row.known_until, 1, row.pk, title, "")


# --- Facts: what changed, compared with what was known before


@dataclass(frozen=True)
class _Change:
    label: str
    before: str
    after: str
    holds_from: dt.date | None

    def __str__(self) -> str:
        line = _("%(label)s: %(before)s → %(after)s") % {
            "label": self.label,
            "before": self.before or _("unknown"),
            "after": self.after or _("unknown"),
        }
        if self.holds_from:
            line += " " + _("(from %(day)s)") % {"day": _day(self.holds_from)}
        return line


def _facts(reader: Reader, most: int) -> Iterator[Entry]:
    """One entry for all facts that were written down together; the first of a spell come with its signal."""
    tables: list[tuple[Any, tuple[str, ...]]] = [
        (
            Particulars,
            ("first_name", "last_name", "birth_date", "municipality", "year_group", "site", "sector"),
        ),
        (AbsencePeriod, ("enrolled", "extent", "hours_attended", "authorised", "ill", "can_attend_partly")),
        (FittingOffer, ("offer", "since")),
        (SpellDates, ("first_day_absent", "signalled_on", "back_on", "destination")),
    ]
    if reader.reads_reasons:
        tables.append((ReasonCodes, ("codes",)))
    together: dict[tuple[dt.datetime, Any], list[tuple[Any, list[_Change]]]] = {}
    begun: dict[int, dt.datetime] = {}
    for model, names in tables:
        for row, changes in _changes(reader, model, names, begun):
            together.setdefault((row.recorded_at, row.source), []).append((row, changes))
    for (_at, source), parts in together.items():
        row = parts[0][0]
        lines = [str(change) for _row, changes in parts for change in changes]
        title = _("Facts changed by the register file") if source == Source.IMPORT else _("Facts changed")
        yield _known(row, title=title, text="\n".join(lines), rank=0)


def _changes(
    reader: Reader, model: Any, names: Sequence[str], begun: dict[int, dt.datetime]
) -> Iterator[tuple[Any, list[_Change]]]:
    """What each later writing changed. `begun`: when the first facts of a spell were written, by its key; an
    offer or reasons may have come for the first time after that."""
    rows = model.objects.filter(case=reader.case).select_related("recorded_by", "spell")
    if model is Particulars:
        rows = rows.select_related("municipality__organisation", "site__organisation")
    newest = list(rows.order_by("-id")[:MOST_FACTS])[::-1]
    before = None
    for (spell, at), written in groupby(newest, key=lambda row: (row.spell_id, row.recorded_at)):
        after = list(written)[-1]
        if before is None or before.spell_id != spell:
            before = model() if begun.setdefault(spell, at) < at else after
        found = [change for name in names if (change := _change(reader, before, after, name))]
        if found:
            yield after, found
        before = after


def _change(reader: Reader, before: Any, after: Any, name: str) -> _Change | None:
    if getattr(before, name) == getattr(after, name):
        return None
    shown = [_shown(row, name) for row in (before, after)]
    if name == "destination" and not all(
        reader.reads_destination(getattr(row, name)) for row in (before, after)
    ):
        shown = ["…", "…"]
    holds = getattr(after, "holds_from", None)
    since = (
        holds if isinstance(after, AbsencePeriod) and holds != getattr(before, "holds_from", None) else None
    )
    label = str(after._meta.get_field(name).verbose_name)
    return _Change(label[:1].upper() + label[1:], shown[0], shown[1], since)


def _shown(row: Any, name: str) -> str:
    value = getattr(row, name)
    if name == "codes":
        return ", ".join(reason_labels(value))
    if name == "destination":
        return str(Destination(value).label) if value else ""
    if hasattr(row, f"get_{name}_display"):
        return str(getattr(row, f"get_{name}_display")() or "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.date):
        return _day(value)
    return "" if value is None else str(value)


def reason_labels(codes: str) -> list[str]:
    """The words for reason codes, a code that is not (or no longer) known as it is."""
    known = dict(Reason.choices)
    return [str(known.get(code, code)) for code in codes.split()]


def period(begin: dt.date | None, end: dt.date | None) -> str:
    """From when to when an exemption is valid, in words."""
    start = _("From %(day)s") % {"day": _day(begin)} if begin else _("From the first day absent")
    if end is None:
        return start + ", " + _("without an end date")
    return start + " " + _("up to and including %(day)s") % {"day": _day(end)}


def _known(row: Any, *, title: str, text: str, rank: int) -> Entry:
    """When it counts as known, and when that is not when it was written down, both."""
    return Entry(_local(row.known_from), row.recorded_at, rank, row.pk, title, _who(row), text)


def _entry(at: dt.datetime, rank: int, pk: int, title: str, by: str, text: str = "") -> Entry:
    return Entry(_local(at), at, rank, pk, title, by, text)


def _who(row: Any) -> str:
    if row.recorded_by:
        return str(row.recorded_by)
    return _("register file") if row.source == Source.IMPORT else ""


def _day(day: dt.date) -> str:
    return formats.date_format(day, "j F Y")


def _local(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()


def _noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)), timezone.get_default_timezone())
