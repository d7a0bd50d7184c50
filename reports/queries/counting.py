"""Counts a period: the lines of the cases that were members in it; figures are what lines add up to."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case, FittingOffer, ReasonCodes, StateChange
from cases.models import Particulars as ParticularsRow
from cases.rules import Threshold, effective
from common.arrays import among
from reports.queries.histories import facts_of, histories
from reports.rules.figures import Figures, figures_of
from reports.rules.history import History, spell_on
from reports.rules.lines import Line, counted
from reports.rules.offers import Offered, Reasons, is_known, is_offered, main_reason, offer_on
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.rules.states import Move, ended_in, entered, state_on
from reports.rules.stays import Stay, stays_of
from schools.models import Organisation, Partnership

#: A case with the days on which it is a member.
Counted = tuple[History, Sequence[Stay]]


def cases_of_partnership(partnership_id: int) -> QuerySet[Case]:
    return Case.objects.filter(partnership=partnership_id)


def cases_of_residents(municipality_id: int) -> QuerySet[Case]:
    """Cases of pupils who live or lived in a municipality, in any partnership."""
    return Case.objects.filter(_ever(municipality=municipality_id))


def cases_of_school(school_id: int, *, sites: Collection[int] = ()) -> QuerySet[Case]:
    """Cases of pupils who are or were at a school (at these sites of it), in any partnership."""
    asked: dict[str, Any] = {"site__in": sites} if sites else {"school": school_id}
    return Case.objects.filter(_ever(**asked))


def _ever(**asked: Any) -> Exists:
    return Exists(ParticularsRow.objects.filter(case=OuterRef("pk"), **asked))


def thresholds_now(partnerships: Collection[int] | None = None) -> dict[int, Threshold]:
    """The thresholds that partnerships chose, of all of them where none are named."""
    found = Partnership.objects.order_by()
    if partnerships is not None:
        found = found.filter(pk__in=partnerships)
    rows = found.values_list("pk", "threshold_days", "threshold_inclusive")
    return {key: Threshold(days, inclusive) for key, days, inclusive in rows}


def lines_of(
    cases: QuerySet[Case],
    period: Period,
    selection: Selection,
    *,
    known_at: dt.datetime,
    thresholds: Mapping[int, Threshold] | None = None,
) -> list[Line]:
    """The lines of the cases that count in a period as known at a moment, by the keys of the cases.

    `thresholds`: of the partnerships of these cases; what they chose now where left out.
    """
    if thresholds is None:
        thresholds = thresholds_now()
    found: list[Line] = []
    for chunk in histories(cases, period, known_at=known_at, thresholds=thresholds):
        members = [(history, stays) for history in chunk if (stays := stays_of(history, selection))]
        lines = counted(members, period, numbers_of(members))
        _describe(lines, {history.case_id: history for history, _ in members}, period, known_at)
        found += lines
    return found


def figures_by_period(
    cases: QuerySet[Case],
    periods: Sequence[Period],
    selections: Sequence[Selection],
    *,
    known_at: dt.datetime,
    thresholds: Mapping[int, Threshold] | None = None,
    described: Collection[Period] = (),
) -> dict[tuple[Selection, Period], Figures]:
    """The figures of each of these periods and selections in one go, without what asks for more than the
    dates of a case, except for the periods that are `described`: reasons, offers and states."""
    if thresholds is None:
        thresholds = thresholds_now()
    whole = Period(min(period.first for period in periods), max(period.last for period in periods))
    lines: dict[tuple[Selection, Period], list[Line]] = {
        (selection, period): [] for selection in selections for period in periods
    }
    for chunk in histories(cases, whole, known_at=known_at, thresholds=thresholds):
        for selection in selections:
            members = [(history, stays) for history in chunk if (stays := stays_of(history, selection))]
            numbers = numbers_of(members)
            for period in periods:
                found = counted(members, period, numbers)
                if period in described:
                    _describe(found, {history.case_id: history for history, _ in members}, period, known_at)
                lines[selection, period] += found
    return {which: figures_of(of_period) for which, of_period in lines.items()}


def numbers_of(members: Iterable[Counted]) -> dict[int | None, str]:
    """The numbers of the organisations that these cases are about, by key."""
    keys: set[int] = set()
    for history, _stays in members:
        for spell in history.spells:
            for who in spell.particulars:
                keys.add(who.municipality_id)
                if who.school_id is not None and who.site_id is not None:
                    keys |= {who.school_id, who.site_id}
    rows = Organisation.objects.filter(pk__in=among(keys)).order_by().values_list("pk", "number")
    return {**dict(rows), None: ""}


def _describe(
    lines: Sequence[Line], known: Mapping[int, History], period: Period, known_at: dt.datetime
) -> None:
    """Fills in what the dates of a case do not tell: reason, offer and states."""
    moves = _moves([line.case_id for line in lines], known_at)
    members = [line.case_id for line in lines if line.end]
    reasons, offers = _reasons(members, known_at), _offers(members, known_at)
    for line in lines:
        history = known[line.case_id]
        entered_in = {
            spell.key: entered(moves.get(spell.key, ()), spell.dates.signalled_on) for spell in history.spells
        }
        for of_spell in entered_in.values():
            line.states += ended_in(of_spell, period)
        spell_now = spell_on(history, period.last)
        if line.end is not None and spell_now is not None:
            line.end.reason = main_reason(reasons.get(spell_now.key, ()), period.last)
            offer = offer_on(offers.get(spell_now.key, ()), period.last)
            line.end.offered, line.end.offer_known = is_offered(offer, period.last), is_known(offer)
            line.end.state = state_on(entered_in[spell_now.key], period.last)


def _moves(cases: Collection[int], known_at: dt.datetime) -> dict[int, list[Move]]:
    columns = ("on", "transition", "from_state", "to_state", "source")
    return facts_of(StateChange, cases, known_at, Move, columns)


def _reasons(cases: Collection[int], known_at: dt.datetime) -> dict[int, list[Reasons]]:
    found = facts_of(ReasonCodes, cases, known_at, Reasons, Reasons._fields)
    return {spell_id: effective(facts) for spell_id, facts in found.items()}


def _offers(cases: Collection[int], known_at: dt.datetime) -> dict[int, list[Offered]]:
    found = facts_of(FittingOffer, cases, known_at, Offered, Offered._fields)
    return {spell_id: effective(facts) for spell_id, facts in found.items()}
