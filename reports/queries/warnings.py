"""What stands out in the figures of a partnership, with what was issued before."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import QuerySet

from reports.models import Version
from reports.rules.lines import Line
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.rules.shown import Cell, Shown
from reports.rules.warnings import Warned, of_cases, of_cells, of_continuity, of_time, standing_out


def warnings_of(
    *,
    partnership_id: int,
    period: Period,
    selection: Selection,
    known_at: dt.datetime,
    lines: Sequence[Line],
    shown: Shown,
    outside: bool,
) -> list[Warned]:
    """What stands out in the lines of a period, that are shown so."""
    previous = previous_issued(partnership_id, period, selection.definition) if selection.is_whole else None
    return [
        *of_time(period, known_at),
        *of_continuity(end_of_version(previous, outside=outside), shown.start),
        *(of_cells(shown) if outside else of_cases(standing_out(lines))),
    ]


def end_of_version(version: Version | None, *, outside: bool) -> Cell | None:
    """The end that a version gives, as it may be shown."""
    if version is None:
        return None
    return version.outside.get("figures", {}).get("end") if outside else version.counts.end


def previous_issued(partnership_id: int, period: Period, definition: str) -> Version | None:
    """What was issued last by this definition of the period that ended on the day before: that of the same
    kind, else one of another length."""
    found = _issued(partnership_id, definition).filter(last_day=period.day_before)
    return found.filter(first_day=period.before.first).first() or found.first()


def next_issued(partnership_id: int, period: Period, definition: str) -> Version | None:
    """The same of the period that begins on the day after."""
    found = _issued(partnership_id, definition).filter(first_day=period.after.first)
    return found.filter(last_day=period.after.last).first() or found.first()


def _issued(partnership_id: int, definition: str) -> QuerySet[Version]:
    issued = Version.objects.issued().filter(partnership=partnership_id, definition=definition)
    return issued.order_by("-issued_at", "-number")
