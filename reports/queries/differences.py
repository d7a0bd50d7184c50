"""What differs between two counts and why: between versions, between a version and what is counted now, and
between the end of a period and the start of the next (contracts/counting.md, "Known when", "Continuity")."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.enums import Destination
from cases.models import SpellDates
from common.arrays import among
from reports.models import Version
from reports.queries.labels import tables_of
from reports.queries.warnings import next_issued, previous_issued
from reports.rules.differences import (
    FLOW,
    Differences,
    Learnt,
    Moved,
    Seam,
    changed_cases,
    compare_figures,
    compare_lines,
    compare_seam,
)
from reports.rules.figures import BREAKDOWNS, Figures
from reports.rules.lines import Line
from reports.rules.periods import Period
from reports.rules.shown import exactly
from schools.models import Partnership


def differences_from(
    before: Version, figures: Figures, lines: Sequence[Line], *, known_at: dt.datetime
) -> Differences:
    """What another count of the same period gives otherwise than a version."""
    earlier = before.kept_lines.lines
    learnt = learnt_of(changed_cases(earlier, lines), since=before.known_at, known_at=known_at)
    return Differences(
        compare_figures(before.figures, figures.as_json()), compare_lines(earlier, lines, learnt)
    )


def seams_of(
    partnership: Partnership,
    period: Period,
    definition: str,
    lines: Sequence[Line],
    *,
    known_at: dt.datetime,
) -> list[Seam]:
    """Where these lines meet issued reports of the period before and of the next one."""
    found: list[Seam] = []
    before = previous_issued(partnership.pk, period, definition)
    if before is not None:
        ended = before.kept_lines.lines
        learnt = _learnt_at_seam(ended, lines, since=before.known_at, known_at=known_at)
        found.append(Seam(before.pk, *compare_seam(ended, lines, learnt, begins_is_newer=True)))
    after = next_issued(partnership.pk, period, definition)
    if after is not None:
        begins, (since, until) = after.kept_lines.lines, sorted([after.known_at, known_at])
        learnt = _learnt_at_seam(lines, begins, since=since, known_at=until)
        is_newer = after.known_at > known_at
        parts = compare_seam(lines, begins, learnt, begins_is_newer=is_newer)
        found.append(Seam(after.pk, *parts, later=True))
    return found


def _learnt_at_seam(
    ended: Sequence[Line], begins: Sequence[Line], *, since: dt.datetime, known_at: dt.datetime
) -> dict[int, Learnt]:
    end = {line.case_id for line in ended if line.end}
    start = {line.case_id for line in begins if line.start}
    return learnt_of(end ^ start, since=since, known_at=known_at)


def learnt_of(cases: Collection[int], *, since: dt.datetime, known_at: dt.datetime) -> dict[int, Learnt]:
    """What became known of these cases between two moments.

    A fact that an import dated back, and that was recorded only after `since`, was not known then.
    """
    if not cases:
        return {}
    rows = SpellDates.objects.filter(case__in=among(cases), known_from__lte=known_at)
    by_spell: dict[tuple[int, int], list[SpellDates]] = {}
    for row in rows.order_by("known_from", "id"):
        by_spell.setdefault((row.case_id, row.spell_id), []).append(row)
    found: dict[int, list[Learnt]] = {}
    for (case_id, _spell), known in by_spell.items():
        found.setdefault(case_id, []).append(_learnt_of_spell(known, since))
    return {
        case_id: Learnt(
            *(
                any(getattr(one, name) for one in spells)
                for name in ("new_spell", "withdrawn", "ended_earlier")
            )
        )
        for case_id, spells in found.items()
    }


def _learnt_of_spell(rows: Sequence[SpellDates], since: dt.datetime) -> Learnt:
    """`rows` in the order in which they became known; the last one counts now."""
    now = rows[-1]
    dated = [row for row in rows if row.known_from <= since]
    then = next(reversed([row for row in dated if row.recorded_at <= since]), dated[-1] if dated else None)
    mistaken = now.destination == Destination.MISTAKEN
    is_new = not any(row.known_from <= since and row.recorded_at <= since for row in rows)
    return Learnt(
        new_spell=is_new and not mistaken,
        withdrawn=mistaken and (then is None or then.destination != Destination.MISTAKEN),
        ended_earlier=then is not None and not mistaken and _ended(now) < _ended(then),
    )


def _ended(row: SpellDates) -> dt.date:
    return min((day for day in (row.back_on, row.closed_on) if day), default=dt.date.max)


# --- In words


@dataclass(frozen=True)
class FigureRow:
    """A figure that differs. `kind`: the breakdown that it stands in, "" for a total."""

    kind: str
    label: str
    before: int
    after: int

    @property
    def signed(self) -> str:
        return f"{self.after - self.before:+d}"


def totals() -> dict[str, str]:
    """The words for the figures that stand in no breakdown."""
    return {
        "start": _("At the start"),
        "inflow": _("Inflow"),
        "outflow": _("Outflow"),
        "end": _("At the end"),
        "reentries": _("Came back after an earlier time"),
        "with_offer": _("With a fitting offer"),
        "without_offer": _("Without a fitting offer"),
    }


def figure_rows(figures: Mapping[str, tuple[int, int]]) -> list[FigureRow]:
    """Figures that differ, in words and in the order of the report."""
    words = totals()
    found = [FigureRow("", words[name], *figures[name]) for name in words if name in figures]
    for table in tables_of(exactly(_with_keys(figures))):
        for row in table.rows:
            name = f"{table.name} {row.key}"
            if name in figures:
                found.append(FigureRow(table.heading, row.label, *figures[name]))
    return found


def _with_keys(figures: Mapping[str, Any]) -> Figures:
    """Figures that have nothing but these keys: to find the words for them."""
    counts: dict[str, dict[str, int]] = {"outflow_by": {}, **{name: {} for name in BREAKDOWNS}}
    for name in figures:
        kind, _space, key = name.partition(" ")
        if key and kind in counts:
            counts[kind][key] = 1
    return Figures(outflow_by=counts.pop("outflow_by"), breakdowns=counts)


def moves_of(moved: Moved) -> list[str]:
    """How a case moves the figures: "Start +1", and what is described otherwise."""
    words, described = totals(), _described()
    return [
        *(f"{words[name]} {moved.by[name]:+d}" for name in FLOW if name in moved.by),
        *(described.get(name, name) for name in moved.described),
    ]


def _described() -> dict[str, str]:
    return {
        "category": _("category"),
        "duration": _("duration"),
        "sector": _("sector"),
        "age": _("age"),
        "year_group": _("year group"),
        "municipality": _("municipality"),
        "school": _("school"),
        "site": _("school site"),
        "first_day": _("first day absent"),
        "reason": _("reason"),
        "offered": _("offer"),
        "state": _("state of the case"),
        "days": _("days of entering or leaving"),
        "ending": _("why it ended"),
        "states": _("time in a state"),
    }


def sentence_of(seam: Seam) -> str:
    """Whether the end of a period and the start of the next agree, for within the partnership."""
    return _sentence_of_later(seam) if seam.later else _sentence_of_earlier(seam)


def _sentence_of_earlier(seam: Seam) -> str:
    if not seam.cases:
        sentence = _("The end that was issued for the period before and this start agree: %(start)s.")
        return sentence % {"start": seam.start}
    sentence = ngettext(
        "The end that was issued for the period before is %(end)s, this start %(start)s:"
        " %(number)s case differs.",
        "The end that was issued for the period before is %(end)s, this start %(start)s:"
        " %(number)s cases differ.",
        len(seam.cases),
    )
    return sentence % {"end": seam.end, "start": seam.start, "number": len(seam.cases)}


def _sentence_of_later(seam: Seam) -> str:
    if not seam.cases:
        sentence = _("This end and the start that was issued for the next period agree: %(end)s.")
        return sentence % {"end": seam.end}
    sentence = ngettext(
        "This end is %(end)s, the start that was issued for the next period %(start)s:"
        " %(number)s case differs.",
        "This end is %(end)s, the start that was issued for the next period %(start)s:"
        " %(number)s cases differ.",
        len(seam.cases),
    )
    return sentence % {"end": seam.end, "start": seam.start, "number": len(seam.cases)}
