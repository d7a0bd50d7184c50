"""What a readable row says as a whole: its days in order, the states that it tells of, what is odd."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.enums import Article, State
from cases.rules import is_of_school_age
from cases.services.register.columns import STATE_DAYS, Row
from cases.services.register.reading import Draft
from common.dates import age_on
from common.tabular import EXTRA
from schools.models import Municipality, SchoolSite, Sector

PRIMARY = (Sector.BO, Sector.SBO)
SECONDARY = (Sector.VO, Sector.PRO, Sector.MBO)

Problem = tuple[str, Any]


def moves(row: Row) -> list[tuple[State, dt.date]]:
    """The states with the days on which they were entered: by day, equal days in the order of the columns."""
    day = dt.date.fromisoformat
    given = [(state, day(row[column])) for column, state in STATE_DAYS.items() if row[column]]
    closing = [(State.CLOSED, day(row["afgesloten_op"]))] if row["afgesloten_op"] else []
    return [(State.SIGNALLED, day(row["gemeld_op"])), *sorted(given, key=lambda move: move[1]), *closing]


def out_of_order(row: Row) -> Problem | None:
    """The first day that does not fit the others, and why."""
    signalled, closed, back = row["gemeld_op"], row["afgesloten_op"], row["teruggekeerd_op"]
    if signalled < row["eerste_verzuimdag"]:
        return "gemeld_op", _("The pupil was signalled before the first day absent.")
    for column in STATE_DAYS:
        if row[column] and row[column] < signalled:
            return column, _("This state was entered before the pupil was signalled.")
    if closed and closed < max(signalled, *(row[column] for column in STATE_DAYS)):
        return "afgesloten_op", _("The case was closed before an earlier step was taken.")
    if back and back <= row["eerste_verzuimdag"]:
        return "teruggekeerd_op", _("The pupil is back before or on the first day absent.")
    if back and closed and back > closed:
        return "teruggekeerd_op", _("The pupil is back after the case was closed.")
    return None


def oddities(draft: Draft) -> Iterator[Problem]:
    """What is possible and yet may be a mistake."""
    row = draft.full
    if draft.cells.get(EXTRA):
        yield EXTRA, _("There are values beyond the last column; they are ignored.")
    yield from _odd_place(row, draft.site, draft.municipality)
    yield from _odd_age(row)
    yield from _odd_exemption(draft)
    if row["ingeschreven"] == "nee" and row["omvang"] == "gedeeltelijk":
        yield "omvang", _("A pupil who is enrolled nowhere is said to be absent in part only.")
    if row["aanbod_sinds"] and not row["aanbod"]:
        yield "aanbod_sinds", _("There is a day, but no offer.")
    if row["afgesloten_op"] and row["aanbod_sinds"] > row["afgesloten_op"]:
        yield "aanbod_sinds", _("The offer is of after the closing.")


def _odd_place(row: Row, site: SchoolSite | None, municipality: Municipality | None) -> Iterator[Problem]:
    signalled = dt.date.fromisoformat(row["gemeld_op"])
    if municipality is not None and not municipality.is_valid_on(signalled):
        yield "woongemeente", _("This municipality did not exist on the day of the signal.")
    if site is not None and row["sector"] != site.sector:
        yield "sector", _("The school site is of another sector (%(sector)s).") % {"sector": site.sector}


def _odd_age(row: Row) -> Iterator[Problem]:
    born, signalled = dt.date.fromisoformat(row["geboortedatum"]), dt.date.fromisoformat(row["gemeld_op"])
    age = age_on(born, signalled)
    if not is_of_school_age(born, signalled):
        yield (
            "geboortedatum",
            _("The pupil was not of school age on the day of the signal (%(age)s).") % {"age": age},
        )
    elif (row["sector"] in PRIMARY and age >= 15) or (row["sector"] in SECONDARY and age < 10):
        yield "sector", _("Unusual for a pupil of %(age)s.") % {"age": age}


def _odd_exemption(draft: Draft) -> Iterator[Problem]:
    row = draft.full
    for column in ("vrijstelling_van", "vrijstelling_tot"):
        if draft.row.get(column) and not row["vrijstelling"]:
            yield column, _("There is a day, but no exemption; it is ignored.")
    begins = row["vrijstelling_van"] or row["eerste_verzuimdag"]
    born = dt.date.fromisoformat(row["geboortedatum"])
    if row["vrijstelling"] == Article.A3A and age_on(born, dt.date.fromisoformat(begins)) < 14:
        yield "vrijstelling", _("A substitute programme (3a) is for pupils from 14 years.")
    if row["vrijstelling_tot"] and row["vrijstelling_tot"] < begins:
        yield "vrijstelling_tot", _("The exemption ends before it begins.")
