"""The cases behind a figure: how many there are is the figure, whose they are only for who may see them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from cases.enums import Category
from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.permissions import Section
from cases.queries.listing import seen_with
from cases.queries.visibility import cases_visible_to
from common.arrays import among
from common.errors import NotFound
from reports.enums import Duration
from reports.queries.asked import Asked
from reports.queries.labels import ending_label, names_of, tables_of
from reports.queries.page import lines_asked
from reports.rules.behind import FIGURES, Entry, behind, behind_row
from reports.rules.figures import Figures, figures_of
from reports.rules.shown import exactly
from schools.models import OrganisationKind

PAGE_SIZE = 25


@dataclass(frozen=True)
class Behind:
    """What stands behind a figure: in words what it counts, how often, and the entries in sight."""

    words: str
    count: int
    entries: Sequence[Entry]

    @property
    def hidden(self) -> int:
        """How many are out of the reader's sight."""
        return self.count - len(self.entries)


@dataclass(frozen=True)
class DrillRow:
    """An entry of which the reader sees the case."""

    entry: Entry
    case: Case
    school: str
    first_day: dt.date
    category: str = ""
    duration: str = ""
    ending: str = ""


def cases_behind(user: User, asked: Asked, *, figure: str, table: str, key: str, on: dt.date) -> Behind:
    """What stands behind one of FIGURES, or behind a row of a table. Raises NotFound where there is no such
    figure."""
    lines = lines_asked(asked)
    if table:
        words = _words_of_row(figures_of(lines), table, key)
        entries = behind_row(lines, table, key)
    elif figure in FIGURES:
        entries, words = behind(lines, figure), str(_words_of(figure))
    else:
        raise _unknown()
    seen = _in_sight(user, entries, table, on=on)
    return Behind(words, len(entries), sorted((e for e in entries if e.case_id in seen), key=_order))


def rows(user: User, entries: Sequence[Entry], *, on: dt.date) -> list[DrillRow]:
    """The rows of a page; the same number of queries for any number."""
    cases = cases_visible_to(user, on=on).with_list_facts().in_bulk([entry.case_id for entry in entries])
    schools = {entry.standing.school for entry in entries if entry.standing}
    names = names_of(OrganisationKind.SCHOOL, schools)
    return [_row(entry, cases[entry.case_id], names) for entry in entries if entry.case_id in cases]


def _row(entry: Entry, case: Case, names: dict[str, str]) -> DrillRow:
    one = entry.standing
    if one is None:
        school, first_day = case.site.name if case.site else "", case.first_day_absent
    else:
        school, first_day = names.get(one.school, ""), one.first_day
    return DrillRow(
        entry,
        case,
        school,
        first_day,
        category=str(Category(one.category).label) if one else "",
        duration=str(Duration(one.duration).label) if one else "",
        ending=ending_label(entry.leaving.ending) if entry.leaving else "",
    )


def _in_sight(user: User, entries: Sequence[Entry], table: str, *, on: dt.date) -> set[int]:
    """The cases that somebody may see behind a figure.

    That a case is in a figure tells whether the pupil is exempt, and in a row by reason why he is at home: so
    it is for who reads that of the case (contracts/sections.csv).
    """
    keys = among(list({entry.case_id for entry in entries}))
    cases: CaseQuerySet = cases_visible_to(user, on=on).filter(pk__in=keys)
    cases = seen_with(cases, user, Section.EXEMPTION, on)
    if table == "by_reason":
        cases = seen_with(cases, user, Section.REASONS, on)
    return set(cases.order_by().values_list("pk", flat=True))


def _order(entry: Entry) -> tuple[dt.date, dt.date, int]:
    """By day, then the longest absent first."""
    first_day = entry.standing.first_day if entry.standing else dt.date.max
    return entry.on or dt.date.min, first_day, entry.case_id


def _words_of(figure: str) -> str:
    return {
        "start": _("Members on the day before the period"),
        "inflow": _("Entered in the period"),
        "outflow": _("Left in the period"),
        "end": _("Members on the last day"),
        "reentries": _("Came back in in the period"),
        "longer": _("Members longer than three months absent"),
        "returned": _("Went back to school in the period"),
    }[figure]


def _words_of_row(figures: Figures, table: str, key: str) -> str:
    for one in tables_of(exactly(figures)):
        for row in one.rows:
            if (one.name, row.key) == (table, key):
                return f"{one.heading}: {row.label}"
    raise _unknown()


def _unknown() -> NotFound:
    return NotFound(_("There is no such figure in this report."))
