"""Writes what rows bring: new cases in bulk, changes one by one through the services that people use."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from django_fsm import FSMField

from accounts.models import User
from audit.services import Entry, record_many
from cases import access
from cases.enums import BACK_AT_SCHOOL, TAKEN_BACK, Destination, Source, State
from cases.models import (
    AbsencePeriod,
    Case,
    Exemption,
    FittingOffer,
    ImportedRow,
    Particulars,
    ReasonCodes,
    Spell,
    SpellDates,
    StateChange,
)
from cases.services import facts, participation, work
from cases.services.intake import ENTERED_BY, ExemptionGiven, Intake, insert
from cases.services.register.columns import OF_STATE, STATE_DAYS, Row
from cases.services.register.judging import moves
from cases.services.register.reading import Draft
from common.dates import start_of
from schools.models import Municipality, SchoolSite

BATCH = 1000

#: The facts of a case (the names of cases/services/facts.py) that each column says something about.
FACTS: dict[str, tuple[str, ...]] = {
    "vestiging": ("site",),
    "voornaam": ("first_name",),
    "achternaam": ("last_name",),
    "geboortedatum": ("birth_date",),
    "woongemeente": ("municipality",),
    "sector": ("sector",),
    "leerjaar": ("year_group",),
    "ingeschreven": ("enrolled",),
    "eerste_verzuimdag": ("first_day_absent",),
    "omvang": ("extent",),
    "geoorloofd": ("authorised",),
    "ziek": ("ill",),
    "kan_deels": ("can_attend_partly",),
    "vrijstelling": ("exemption",),
    "vrijstelling_van": ("exemption",),
    "vrijstelling_tot": ("exemption",),
    "aanbod": ("offer",),
    "aanbod_sinds": ("offer_since",),
    "reden": ("reasons",),
    "gemeld_op": ("signalled_on",),
    "afgesloten_op": ("closed_on", "back_on"),
    "bestemming": ("destination", "back_on"),
    "teruggekeerd_op": ("back_on",),
}
OF_SPELL = ("first_day_absent", "signalled_on", "back_on", "closed_on", "destination")


@dataclass
class Change:
    """A row that changes a case: `before` is the case as a row now, `row` as it will be, `columns` what is
    new."""

    case: Case
    draft: Draft
    before: Row
    row: Row
    columns: Sequence[str]

    @property
    def begins_again(self) -> bool:
        """Whether the row tells of a next time at home, after the closing that was known."""
        closed = self.before["afgesloten_op"]
        return "eerste_verzuimdag" in self.columns and "" < closed <= self.row["eerste_verzuimdag"]

    @property
    def site(self) -> SchoolSite | None:
        return self.draft.site if "vestiging" in self.columns else self.case.site

    @property
    def municipality(self) -> Municipality:
        new = "woongemeente" in self.columns and self.draft.municipality
        return new or self.case.pupil.municipality


def create(drafts: Sequence[Draft], *, by: User | None, at: dt.datetime) -> None:
    """New cases with their history."""
    cases = insert([_intake(draft) for draft in drafts], by=by, at=at, source=Source.IMPORT)
    imported = [
        ImportedRow(case=case, values=draft.full, imported_at=at)
        for case, draft in zip(cases, drafts, strict=True)
    ]
    ImportedRow.objects.bulk_create(imported, batch_size=BATCH)
    record_many([Entry("case.imported", f"case {case.number}") for case in cases], by=by)


def change(found: Sequence[Change], *, by: User | None, at: dt.datetime, on: dt.date) -> None:
    """Changes of cases that are locked, known from the start of the day of import."""
    known_later = _known_after(start_of(on), found)
    for one in found:
        known_from = at if one.case.pk in known_later else start_of(on)
        _change(one, by=by, at=at, on=on, known_from=known_from)
    entries = [
        Entry("case.import_changed", f"case {one.case.number}", details={"columns": list(one.columns)})
        for one in found
    ]
    record_many(entries, by=by)


def remember(found: Iterable[tuple[int, Row]], *, at: dt.datetime) -> None:
    """The rows as last imported, of cases that were imported before."""
    rows = [ImportedRow(case_id=case_id, values=row, imported_at=at) for case_id, row in found]
    ImportedRow.objects.bulk_update(rows, ["values", "imported_at"], batch_size=BATCH)


def _intake(draft: Draft) -> Intake:
    partnership, municipality = draft.partnership, draft.municipality
    if partnership is None or municipality is None:
        raise ValueError("A row with faults cannot go in.")
    given = _facts(draft.full, site=draft.site, municipality=municipality)
    del given["municipality"]
    given["reasons"] = tuple(given["reasons"].split())
    states = tuple((state, day) for state, day in moves(draft.full) if state in STATE_DAYS.values())
    return Intake(
        partnership=partnership,
        municipality_id=municipality.pk,
        states=states,
        reference=draft.full["dossier"],
        **given,
    )


def _facts(row: Row, *, site: SchoolSite | None, municipality: Municipality) -> dict[str, Any]:
    """What a row says, by the names of the facts."""
    closed = _day(row["afgesloten_op"])
    means_back = row["bestemming"] in BACK_AT_SCHOOL
    return {
        "site": site,
        "municipality": municipality,
        "sector": row["sector"],
        "first_name": row["voornaam"],
        "last_name": row["achternaam"],
        "birth_date": _day(row["geboortedatum"]),
        "year_group": int(row["leerjaar"]) if row["leerjaar"] else None,
        "enrolled": _answer(row["ingeschreven"]),
        "extent": row["omvang"],
        "authorised": row["geoorloofd"],
        "ill": _answer(row["ziek"]),
        "can_attend_partly": _answer(row["kan_deels"]),
        "exemption": _exemption(row),
        "offer": row["aanbod"],
        "offer_since": _day(row["aanbod_sinds"]),
        "reasons": row["reden"],
        "first_day_absent": _day(row["eerste_verzuimdag"]),
        "signalled_on": _day(row["gemeld_op"]),
        "closed_on": closed,
        "destination": row["bestemming"],
        "back_on": _day(row["teruggekeerd_op"]) or (closed if means_back else None),
    }


def _exemption(row: Row) -> ExemptionGiven | None:
    if not row["vrijstelling"]:
        return None
    return ExemptionGiven(row["vrijstelling"], _day(row["vrijstelling_van"]), _day(row["vrijstelling_tot"]))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _answer(text: str) -> bool | None:
    return text == "ja" if text else None


def _change(one: Change, *, by: User | None, at: dt.datetime, on: dt.date, known_from: dt.datetime) -> None:
    case, was_open = one.case, one.case.is_open
    told = _facts(one.row, site=one.site, municipality=one.municipality)
    names = {name for column in one.columns for name in FACTS.get(column, ())}
    moved = _set_state(one)
    if one.begins_again:
        for name in OF_SPELL:
            setattr(case, name, told[name])
        case.spell += 1
        case.save()
        facts.begin_spell(case, by=by, at=at, known_from=known_from, source=Source.IMPORT)
    facts.correct(
        case,
        {name: told[name] for name in names},
        by=by,
        at=at,
        known_from=known_from,
        source=Source.IMPORT,
    )
    if moved:
        case.save(update_fields=["state", "state_since"])
        StateChange.objects.bulk_create(_state_changes(one, by=by, at=at, on=on, known_from=known_from))
    if was_open and not case.is_open:
        participation.end_all(case, by=by, at=at)
        work.drop_all(case, by=by, at=at)
    if was_open != case.is_open:
        access.sync(case)


def _set_state(one: Change) -> bool:
    """The state that the row tells of, and whether it tells of one. Not by a transition: those are for what
    people do, this is history."""
    state, since = moves(one.row)[-1]
    if one.begins_again or set(one.columns) & set(OF_STATE):
        cast(FSMField, Case._meta.get_field("state")).set_state(one.case, state)
        one.case.state_since = since
        return True
    if "gemeld_op" in one.columns and one.case.state == State.SIGNALLED:
        one.case.state_since = since
        return True
    return False


def _state_changes(
    one: Change, *, by: User | None, at: dt.datetime, on: dt.date, known_from: dt.datetime
) -> list[StateChange]:
    """What a row tells of states that was not known: entered on a day, or not entered after all."""
    about = {
        "case": one.case,
        "spell": Spell.objects.get(case=one.case, number=one.case.spell),
        "known_from": known_from,
        "recorded_at": at,
        "recorded_by": by,
        "source": Source.IMPORT,
    }
    entered = moves(one.row)
    found: list[StateChange] = []
    known = {} if one.begins_again else dict(moves(one.before))
    if one.begins_again:
        _state, day = entered[0]
        found.append(
            StateChange(
                **about,
                transition="reopen",
                from_state=State.CLOSED,
                to_state=State.SIGNALLED,
                on=day,
            )
        )
    now, _since = entered[-1]
    for state in [state for state in known if state not in dict(entered)]:
        found.append(StateChange(**about, transition=TAKEN_BACK, from_state=state, to_state=now, on=on))
    for (before, _), (state, day) in pairwise(entered):
        if known.get(state) != day:
            mistaken = state == State.CLOSED and one.row["bestemming"] == Destination.MISTAKEN
            name = "withdraw" if mistaken else ENTERED_BY[state]
            found.append(StateChange(**about, transition=name, from_state=before, to_state=state, on=day))
    return found


def _known_after(moment: dt.datetime, found: Sequence[Change]) -> set[int]:
    """The cases of which something became known after a moment: what comes now has to count after that."""
    tables: tuple[Any, ...] = (
        SpellDates,
        Particulars,
        AbsencePeriod,
        FittingOffer,
        ReasonCodes,
        Exemption,
        StateChange,
    )
    ids = [one.case.pk for one in found]
    later: set[int] = set()
    for table in tables:
        rows = table.objects.filter(case__in=ids, known_from__gt=moment)
        later.update(rows.values_list("case_id", flat=True))
    return later
