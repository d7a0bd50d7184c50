"""Counts a period: the lines of the cases that were members in it; figures are what lines add up to."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case, FittingOffer, ReasonCodes, StateChange
from cases.models import Particulars as ParticularsRow
from cases.rules import Threshold, effective
from common.arrays import among
from reports.queries.histories import facts_of, histories
from reports.rules.figures import Figures, figures_of
from reports.rules.history import History, spell_on, turns_of
from reports.rules.lines import Line, Member, counted
from reports.rules.offers import Offered, Reasons, is_known, is_offered, main_reason, offer_on
from reports.rules.periods import Period
from reports.rules.selection import Selection
from reports.rules.states import Move, ended_in, entered, state_on
from reports.rules.stays import stays_of
from schools.models import Organisation, Partnership


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
    lines, _figures = lines_and_months(cases, period, (), selection, known_at=known_at, thresholds=thresholds)
    return lines


def lines_and_months(
    cases: QuerySet[Case],
    period: Period,
    months: Sequence[Period],
    selection: Selection,
    *,
    known_at: dt.datetime,
    thresholds: Mapping[int, Threshold] | None = None,
    described: Collection[Period] = (),
) -> tuple[list[Line], dict[Period, Figures]]:
    """The lines of a period, and the figures of some months (or other periods) as `figures_by_period` gives
    them; of those that are `described` with reasons, offers and states."""
    found: list[Line] = []
    by_month: dict[Period, list[Line]] = {month: [] for month in months}
    for _selection, members, numbers in _members(
        cases, [period, *months], [selection], known_at=known_at, thresholds=thresholds
    ):
        found += _lines(members, period, numbers, known_at, describe=True)
        for month in months:
            by_month[month] += _lines(members, month, numbers, known_at, describe=month in described)
    return found, {month: figures_of(lines) for month, lines in by_month.items()}


def figures_by_period(
    cases: QuerySet[Case],
    periods: Sequence[Period],
    selections: Sequence[Selection],
    *,
    known_at: dt.datetime,
    thresholds: Mapping[int, Threshold] | None = None,
    described: Collection[Period] = (),
) -> dict[tuple[Selection, Period], Figures]:
    """The figures of each of these periods and selections in one go; without what asks for more than the
    dates of a case, reasons, offers and states, but for the periods that are `described`."""
    lines: dict[tuple[Selection, Period], list[Line]] = {
        (selection, period): [] for selection in selections for period in periods
    }
    for selection, members, numbers in _members(
        cases, periods, selections, known_at=known_at, thresholds=thresholds
    ):
        for period in periods:
            found = _lines(members, period, numbers, known_at, describe=period in described)
            lines[selection, period] += found
    return {which: figures_of(of_period) for which, of_period in lines.items()}


def _members(
    cases: QuerySet[Case],
    periods: Sequence[Period],
    selections: Sequence[Selection],
    *,
    known_at: dt.datetime,
    thresholds: Mapping[int, Threshold] | None,
) -> Iterator[tuple[Selection, list[Member], Mapping[int | None, str]]]:
    """Who can be a member in one of these periods by each selection, with the numbers of their organisations,
    a chunk of cases at a time."""
    if thresholds is None:
        thresholds = thresholds_now()
    whole = Period(min(period.first for period in periods), max(period.last for period in periods))
    for chunk in histories(cases, whole, known_at=known_at, thresholds=thresholds):
        turned = [(history, turns_of(history, whole.last)) for history in chunk]
        found: dict[Selection, list[Member]] = {}
        for selection in selections:
            members = (
                Member(history, turns, stays)
                for history, turns in turned
                if (stays := stays_of(history, selection, turns))
            )
            found[selection] = [member for member in members if member.touches(whole)]
        numbers = numbers_of(member.history for members in found.values() for member in members)
        for selection, some in found.items():
            yield selection, some, numbers


def numbers_of(cases: Iterable[History]) -> dict[int | None, str]:
    """The numbers of the organisations that these cases are about, by key."""
    keys: set[int] = set()
    for history in cases:
        for spell in history.spells:
            for who in spell.particulars:
                keys.add(who.municipality_id)
                if who.school_id is not None and who.site_id is not None:
                    keys |= {who.school_id, who.site_id}
    rows = Organisation.objects.filter(pk__in=among(keys)).order_by().values_list("pk", "number")
    return {**dict(rows), None: ""}


def _lines(
    members: Sequence[Member],
    period: Period,
    numbers: Mapping[int | None, str],
    known_at: dt.datetime,
    *,
    describe: bool,
) -> list[Line]:
    """The lines of a period; without what the dates of a case do not tell where it is not to `describe`."""
    lines = counted(members, period, numbers)
    if describe:
        _describe(lines, {member.history.case_id: member.history for member in members}, period, known_at)
    return lines


def _describe(
    lines: Sequence[Line], known: Mapping[int, History], period: Period, known_at: dt.datetime
) -> None:
    """Fills in reason, offer and states."""
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
