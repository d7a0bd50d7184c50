"""How a case comes into being, whether a person signals a pupil or a register file brings thousands.

`insert` writes a whole case (pupil, facts in two times, states, grants) in a handful of statements for any
number of cases.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.models import User
from cases import access
from cases.enums import Destination, Source, State
from cases.models import (
    AbsencePeriod,
    Case,
    Exemption,
    FittingOffer,
    NameWord,
    Particulars,
    Pupil,
    ReasonCodes,
    Spell,
    SpellDates,
    StateChange,
)
from cases.models.pupil import search_words
from cases.services.numbers import take_numbers
from common.dates import start_of
from schools.models import Partnership, SchoolSite

#: The transition by which a state is entered, for history that an import brings.
ENTERED_BY = {
    State.SIGNALLED: "signal",
    State.ARRANGEMENT: "agree_arrangement",
    State.REMOTE_EDUCATION: "start_remote_education",
    State.RETURN: "start_return",
    State.CLOSED: "close",
}

BATCH = 1000


@dataclass(frozen=True)
class ExemptionGiven:
    """An exemption: its article, and from and up to and including which day (None: first day absent, open
    end)."""

    article: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True)
class Intake:
    """All that is known of a pupil at home when the case comes in.

    `states`: what an import knows of the history, days on which states were entered, in order. `reference`:
    that of the source, unique in the partnership. `earlier`: the spells before this one, that were closed.
    """

    partnership: Partnership
    site: SchoolSite | None
    sector: str
    first_name: str
    last_name: str
    birth_date: dt.date
    municipality_id: int
    enrolled: bool
    first_day_absent: dt.date
    extent: str
    authorised: str
    signalled_on: dt.date
    year_group: int | None = None
    hours_attended: Decimal | None = None
    ill: bool | None = None
    can_attend_partly: bool | None = None
    exemption: ExemptionGiven | None = None
    offer: str = ""
    offer_since: dt.date | None = None
    reasons: tuple[str, ...] = ()
    states: tuple[tuple[State, dt.date], ...] = ()
    closed_on: dt.date | None = None
    destination: str = ""
    back_on: dt.date | None = None
    reference: str | None = None
    earlier: tuple["Intake", ...] = ()

    @property
    def moves(self) -> list[tuple[State, dt.date]]:
        """Every state with the day on which it was entered, in order, from the signal on."""
        closing = [(State.CLOSED, self.closed_on)] if self.closed_on else []
        return [(State.SIGNALLED, self.signalled_on), *self.states, *closing]


@dataclass
class _Rows:
    """What `insert` gathers before it writes, one list for each table."""

    words: list[NameWord] = field(default_factory=list)
    dates: list[SpellDates] = field(default_factory=list)
    absences: list[AbsencePeriod] = field(default_factory=list)
    particulars: list[Particulars] = field(default_factory=list)
    offers: list[FittingOffer] = field(default_factory=list)
    reasons: list[ReasonCodes] = field(default_factory=list)
    exemptions: list[Exemption] = field(default_factory=list)
    moves: list[StateChange] = field(default_factory=list)


def insert(
    intakes: Sequence[Intake], *, by: User | None, at: dt.datetime, source: Source = Source.APPLICATION
) -> list[Case]:
    """Writes new cases with their history and grants, in the caller's transaction.

    What an import brings counts as known from the day that it carries, what a person enters from `at`
    (contracts/counting.md, "Known when"). Raises IntegrityError for a second open case of a pupil at a
    school.
    """
    numbers = take_numbers(at.year, len(intakes))
    pupils = Pupil.objects.bulk_create([_pupil(intake) for intake in intakes], batch_size=BATCH)
    cases = Case.objects.bulk_create(
        [
            _case(intake, pupil=pupil, number=number, by=by, at=at)
            for intake, pupil, number in zip(intakes, pupils, numbers, strict=True)
        ],
        batch_size=BATCH,
    )
    in_order = [
        (case, number, of_spell)
        for intake, case in zip(intakes, cases, strict=True)
        for number, of_spell in enumerate((*intake.earlier, intake), 1)
    ]
    spells = Spell.objects.bulk_create(
        [Spell(case=case, number=number) for case, number, _ in in_order], batch_size=BATCH
    )
    rows = _Rows()
    for case in cases:
        rows.words += name_words(case.pupil)
    for (case, _, intake), spell in zip(in_order, spells, strict=True):
        _gather(rows, intake, case=case, spell=spell, by=by, at=at, source=source)
    NameWord.objects.bulk_create(rows.words, batch_size=BATCH)
    SpellDates.objects.bulk_create(rows.dates, batch_size=BATCH)
    AbsencePeriod.objects.bulk_create(rows.absences, batch_size=BATCH)
    Particulars.objects.bulk_create(rows.particulars, batch_size=BATCH)
    FittingOffer.objects.bulk_create(rows.offers, batch_size=BATCH)
    ReasonCodes.objects.bulk_create(rows.reasons, batch_size=BATCH)
    Exemption.objects.bulk_create(rows.exemptions, batch_size=BATCH)
    StateChange.objects.bulk_create(rows.moves, batch_size=BATCH)
    access.grant_base(cases)
    return cases


def name_words(pupil: Pupil) -> list[NameWord]:
    """The search words of a pupil, unsaved."""
    return [
        NameWord(pupil=pupil, word=word) for word in sorted(search_words(pupil.first_name, pupil.last_name))
    ]


def _pupil(intake: Intake) -> Pupil:
    return Pupil(
        first_name=intake.first_name,
        last_name=intake.last_name,
        birth_date=intake.birth_date,
        municipality_id=intake.municipality_id,
        year_group=intake.year_group,
    )


def _case(intake: Intake, *, pupil: Pupil, number: str, by: User | None, at: dt.datetime) -> Case:
    state, since = intake.moves[-1]
    return Case(
        number=number,
        pupil=pupil,
        pupil_identity=pupil.identity,
        partnership=intake.partnership,
        site=intake.site,
        school_id=intake.site.school_id if intake.site else None,
        sector=intake.sector,
        state=state,
        state_since=since,
        destination=intake.destination,
        signalled_on=intake.signalled_on,
        first_day_absent=intake.first_day_absent,
        back_on=intake.back_on,
        closed_on=intake.closed_on,
        enrolled=intake.enrolled,
        extent=intake.extent,
        hours_attended=intake.hours_attended,
        authorised=intake.authorised,
        ill=intake.ill,
        can_attend_partly=intake.can_attend_partly,
        offer=intake.offer,
        offer_since=intake.offer_since,
        reasons=" ".join(intake.reasons),
        spell=len(intake.earlier) + 1,
        source_reference=intake.reference,
        entered_at=at,
        entered_by=by,
    )


def _gather(
    rows: _Rows, intake: Intake, *, case: Case, spell: Spell, by: User | None, at: dt.datetime, source: Source
) -> None:
    def known(day: dt.date) -> dt.datetime:
        """When what happened on a day counts as known; never before the case itself."""
        return max(start_of(day), start_of(intake.signalled_on)) if source == Source.IMPORT else at

    about: dict[str, Any] = {
        "case": case,
        "spell": spell,
        "recorded_at": at,
        "recorded_by": by,
        "source": source,
    }
    first = {**about, "known_from": known(intake.signalled_on), "holds_from": intake.first_day_absent}

    rows.absences.append(
        AbsencePeriod(
            **first,
            extent=intake.extent,
            hours_attended=intake.hours_attended,
            authorised=intake.authorised,
            ill=intake.ill,
            can_attend_partly=intake.can_attend_partly,
            enrolled=intake.enrolled,
        )
    )
    rows.particulars.append(
        Particulars(
            **first,
            first_name=intake.first_name,
            last_name=intake.last_name,
            birth_date=intake.birth_date,
            municipality_id=intake.municipality_id,
            year_group=intake.year_group,
            school_id=case.school_id,
            site=intake.site,
            sector=intake.sector,
        )
    )
    if intake.offer or intake.offer_since:
        holds = intake.offer_since or intake.first_day_absent
        rows.offers.append(
            FittingOffer(**{**first, "holds_from": holds}, offer=intake.offer, since=intake.offer_since)
        )
    if intake.reasons:
        rows.reasons.append(ReasonCodes(**first, codes=" ".join(intake.reasons)))
    if intake.exemption:
        rows.exemptions.append(
            Exemption(
                **about,
                known_from=first["known_from"],
                article=intake.exemption.article,
                valid_from=intake.exemption.valid_from,
                valid_to=intake.exemption.valid_to,
            )
        )
    before = State.CLOSED.value if spell.number > 1 else ""
    for state, day in intake.moves:
        name = (
            "withdraw"
            if state == State.CLOSED and intake.destination == Destination.MISTAKEN
            else "reopen"
            if before == State.CLOSED
            else ENTERED_BY[state]
        )
        rows.moves.append(
            StateChange(
                **about, known_from=known(day), transition=name, from_state=before, to_state=state, on=day
            )
        )
        before = state
    rows.dates += _dates(intake, about, known)


def _dates(
    intake: Intake, about: dict[str, Any], known: Callable[[dt.date], dt.datetime]
) -> list[SpellDates]:
    """The dates of the spell, as they became known: the signal, then the return, then the closing."""
    base: dict[str, Any] = {"first_day_absent": intake.first_day_absent, "signalled_on": intake.signalled_on}
    found = [SpellDates(**about, **base, known_from=known(intake.signalled_on))]
    if intake.back_on:
        found.append(SpellDates(**about, **base, known_from=known(intake.back_on), back_on=intake.back_on))
    if intake.closed_on:
        found.append(
            SpellDates(
                **about,
                **base,
                known_from=known(intake.closed_on),
                back_on=intake.back_on,
                closed_on=intake.closed_on,
                destination=intake.destination,
            )
        )
    return found
