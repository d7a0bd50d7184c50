"""One row of the file: from cells as people type them to one spelling, with what is wrong with each."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.enums import Article, Authorised, Destination, Extent, Offer, Reason
from cases.models import Case, Particulars
from cases.models.pupil import identity_of
from cases.services.register.columns import COLUMNS, DAYS, PAST_DAYS, REQUIRED, Row, default_back_on
from common.tabular import Cell, as_text, parse_choice, parse_date, parse_yes_no
from schools import numbers
from schools.models import Municipality, Partnership, SchoolSite, Sector

Reader = Callable[[Cell], str]

_BETWEEN_REASONS = re.compile(r"[\s,;|/+]+")
_YEAR_GROUP = re.compile(r"[1-8]")
#: How spreadsheets write "no end".
_FOREVER = ("9999-12-31", "31-12-9999")
_LONGEST_IDENTITY = Case._meta.get_field("pupil_identity").max_length or 0


@dataclass
class Draft:
    """A row on its way in. `row` has the columns that the file has and that could be read, `full` has all."""

    line: int
    cells: Mapping[str, Cell]
    row: Row = field(default_factory=dict)
    full: Row = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)
    partnership: Partnership | None = None
    site: SchoolSite | None = None
    municipality: Municipality | None = None

    @property
    def first_fault(self) -> str | None:
        """The column of the fault that is reported: the first in the order of the table."""
        return next((column for column in COLUMNS if column in self.faults), None)

    def as_typed(self, column: str) -> str:
        return as_text(self.cells.get(column, ""))


def read(line: int, cells: Mapping[str, Cell], *, on: dt.date) -> Draft:
    """Reads every cell by itself; `on` is the day after which a day lies in the future."""
    draft = Draft(line, cells)
    for column in COLUMNS:
        if column in cells:
            _read_cell(draft, column, cells[column], on=on)
    if not draft.row.get("vestiging", "-") and draft.row.get("ingeschreven") != "nee":
        draft.faults["vestiging"] = _("A pupil who is enrolled has a school site.")
    if _identity_is_too_long(draft):
        draft.faults["achternaam"] = _("This name is too long.")
    return draft


def complete(draft: Draft, base: Row | None) -> None:
    """Fills in what the file leaves out. Columns that it does not have say nothing about a known case
    (`base`) and are unknown for a new one; others follow from the rest of the row."""
    row = {**(base or dict.fromkeys(COLUMNS, "")), **draft.row}
    for given, needed in (("afgesloten_op", "bestemming"), ("bestemming", "afgesloten_op")):
        if row[given] and not row[needed] and not draft.faults.keys() & {given, needed}:
            draft.faults[needed] = _("A closed case has both a day of closing and a destination.")
    if not row["vrijstelling"]:
        row["vrijstelling_van"] = row["vrijstelling_tot"] = ""
    if base and "teruggekeerd_op" not in draft.row and base["teruggekeerd_op"] == base["afgesloten_op"]:
        row["teruggekeerd_op"] = ""
    row["teruggekeerd_op"] = row["teruggekeerd_op"] or default_back_on(row)
    draft.full = row


def _read_cell(draft: Draft, column: str, cell: Cell, *, on: dt.date) -> None:
    try:
        value = _READERS[column](cell) if cell else ""
    except ValueError as error:
        draft.faults[column] = error.args[0]
        return
    if not value and column in REQUIRED and column != "vestiging":
        draft.faults[column] = _("This is required.")
    elif column in PAST_DAYS and value > on.isoformat():
        draft.faults[column] = _("This day lies in the future.")
    else:
        draft.row[column] = value


def _identity_is_too_long(draft: Draft) -> bool:
    names = draft.row.get("voornaam"), draft.row.get("achternaam")
    if not names[0] or not names[1]:
        return False
    return len(identity_of(names[0], names[1], dt.date.min)) > _LONGEST_IDENTITY


def _text(longest: int | None) -> Reader:
    def reader(cell: Cell) -> str:
        text = " ".join(as_text(cell).split())
        if len(text) > (longest or 0):
            raise ValueError(_("This text is too long: at most %(most)s characters.") % {"most": longest})
        return text

    return reader


def _number(normalise: Callable[[str], str]) -> Reader:
    return lambda cell: normalise(as_text(cell))


def _choice(codes: Collection[str]) -> Reader:
    return lambda cell: parse_choice(cell, codes)


def _day(cell: Cell) -> str:
    day = parse_date(cell)
    return day.isoformat() if day else ""


def _last_day(cell: Cell) -> str:
    return "" if as_text(cell) in _FOREVER else _day(cell)


def _yes_no(cell: Cell) -> str:
    answer = parse_yes_no(cell)
    return {None: "", True: "ja", False: "nee"}[answer]


def _year_group(cell: Cell) -> str:
    text = as_text(cell)
    if not _YEAR_GROUP.fullmatch(text):
        raise ValueError(_("A year group is a number from 1 to 8."))
    return text


def _reasons(cell: Cell) -> str:
    codes = [parse_choice(code, Reason.values) for code in _BETWEEN_REASONS.split(as_text(cell)) if code]
    return " ".join(dict.fromkeys(codes))


def _length(model: Any, name: str) -> int | None:
    return model._meta.get_field(name).max_length


_READERS: dict[str, Reader] = {
    **dict.fromkeys(DAYS, _day),
    **dict.fromkeys(("ingeschreven", "ziek", "kan_deels"), _yes_no),
    "vrijstelling_tot": _last_day,
    "dossier": _text(_length(Case, "source_reference")),
    "swv": _number(numbers.normalise_partnership),
    "vestiging": _number(numbers.normalise_site),
    "voornaam": _text(_length(Particulars, "first_name")),
    "achternaam": _text(_length(Particulars, "last_name")),
    "woongemeente": _number(numbers.normalise_cbs),
    "sector": _choice(Sector.values),
    "leerjaar": _year_group,
    "omvang": _choice(Extent.values),
    "geoorloofd": _choice(Authorised.values),
    "vrijstelling": _choice(Article.values),
    "aanbod": _choice(Offer.values),
    "reden": _reasons,
    "bestemming": _choice(Destination.values),
}
