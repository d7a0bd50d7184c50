"""What stands out in a period, for somebody to look at before its figures are handed in. Pure."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from cases.enums import Reason
from common.dates import day_of
from reports.enums import Duration
from reports.rules.lines import Line, Standing
from reports.rules.periods import Period
from reports.rules.shown import Cell, Shown
from reports.rules.small_cells import LEAST

#: Days between the first day absent and the signal that are more than odd: twice the usual threshold.
LATE_SIGNAL = 56

#: What stands out in a member on the last day.
OF_MEMBERS: dict[str, Callable[[Standing], bool]] = {
    "no_reason": lambda one: one.reason == Reason.UNKNOWN,
    "no_offer": lambda one: not one.offer_known,
    "over_a_year": lambda one: one.duration == Duration.LONGER,
    "late_signal": lambda one: one.signalled_after > LATE_SIGNAL,
}
IN_AND_OUT, NOT_OVER, CONTINUITY = "in_and_out", "not_over", "continuity"

#: Where a report says the same in a cell: (breakdown, key).
CELLS = {
    "no_reason": ("by_reason", Reason.UNKNOWN.value),
    "over_a_year": ("by_duration", Duration.LONGER.value),
}

#: Of so many pupils (`number`), as it is shown (`count`).
TEXTS: dict[str, Any] = {
    "no_reason": ngettext_lazy(
        "Of %(count)s pupil no reason is recorded.", "Of %(count)s pupils no reason is recorded.", "number"
    ),
    "no_offer": ngettext_lazy(
        "Of %(count)s pupil it is not known whether there is a fitting offer, or since when.",
        "Of %(count)s pupils it is not known whether there is a fitting offer, or since when.",
        "number",
    ),
    "over_a_year": ngettext_lazy(
        "%(count)s pupil is at home for longer than a year.",
        "%(count)s pupils are at home for longer than a year.",
        "number",
    ),
    "late_signal": ngettext_lazy(
        "%(count)s pupil was signalled more than eight weeks after the first day absent.",
        "%(count)s pupils were signalled more than eight weeks after the first day absent.",
        "number",
    ),
    IN_AND_OUT: ngettext_lazy(
        "%(count)s pupil began to count more than once in this period.",
        "%(count)s pupils began to count more than once in this period.",
        "number",
    ),
}


@dataclass(frozen=True)
class Warned:
    """Something that stands out: `count` is of pupils, for NOT_OVER of days still to come."""

    code: str
    count: Cell
    text: str
    details: Mapping[str, Cell] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "count": self.count, **self.details, "text": self.text}


def standing_out(lines: Iterable[Line]) -> list[tuple[str, list[int]]]:
    """What stands out with the keys of the cases, in a fixed order; what nobody has is left out."""
    found: dict[str, list[int]] = {code: [] for code in (*OF_MEMBERS, IN_AND_OUT)}
    for line in lines:
        if line.end is not None:
            for code, stands_out in OF_MEMBERS.items():
                if stands_out(line.end):
                    found[code].append(line.case_id)
        if len(line.entered) > 1:
            found[IN_AND_OUT].append(line.case_id)
    return [(code, cases) for code, cases in found.items() if cases]


def of_cases(found: Sequence[tuple[str, Sequence[int]]]) -> list[Warned]:
    """These in words."""
    return [_of_pupils(code, len(cases)) for code, cases in found]


def of_cells(shown: Shown) -> list[Warned]:
    """What may be said of the pupils outside the partnership: what the cells of the report say, hidden where
    they are. Whether somebody stands out in another way would tell of a hidden zero."""
    cells = ((code, shown.breakdowns[name].get(key, 0)) for code, (name, key) in CELLS.items())
    return [_of_pupils(code, cell) for code, cell in cells if cell]


def of_time(period: Period, known_at: dt.datetime) -> list[Warned]:
    """A period of which days are still to come at the moment that is asked for."""
    days = (period.last - day_of(known_at)).days
    text = _("This period was not over yet at the moment of the figures.")
    return [Warned(NOT_OVER, days, text)] if days > 0 else []


def of_continuity(previous_end: Cell | None, start: Cell) -> list[Warned]:
    """Where the period before was issued (else None) with another end than the start of this one, as far as
    both are shown."""
    if not isinstance(previous_end, int) or not isinstance(start, int) or previous_end == start:
        return []
    difference = start - previous_end
    text = _(
        "The start (%(start)s) is not the end of the period before as it was issued (%(previous_end)s):"
        " a difference of %(difference)s."
    ) % {"start": start, "previous_end": previous_end, "difference": f"{difference:+d}"}
    details = {"previous_end": previous_end, "start": start, "difference": difference}
    return [Warned(CONTINUITY, abs(difference), text, details)]


def _of_pupils(code: str, count: Cell) -> Warned:
    """A number that is hidden is taken for many: a word in the singular would tell of one."""
    number = count if isinstance(count, int) else LEAST
    return Warned(code, count, str(TEXTS[code] % {"number": number, "count": count}))
