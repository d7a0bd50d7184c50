"""The report of a partnership over a period: counted now as known at a moment, or as it was issued."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.rules import Threshold
from reports.enums import Definition
from reports.queries.counting import cases_of_partnership, figures_by_period, lines_of
from reports.queries.labels import tables_of
from reports.rules.document import Document, Flow
from reports.rules.figures import Figures, figures_of
from reports.rules.lines import Line
from reports.rules.periods import Period, months_up_to
from reports.rules.selection import Selection
from reports.rules.shown import Shown, exactly
from reports.rules.small_cells import flow_cells, periods_around, protect
from schools.models import Partnership

#: The months of the trend: a year and the same month of the year before.
TREND = 13


@dataclass(frozen=True)
class Result:
    """What was counted: the lines, their figures, and the months of the trend."""

    partnership: Partnership
    period: Period
    selection: Selection
    known_at: dt.datetime
    threshold: Threshold
    lines: Sequence[Line]
    figures: Figures
    months: Sequence[tuple[Period, Figures]]


def count(
    partnership: Partnership,
    period: Period,
    selection: Selection,
    *,
    known_at: dt.datetime,
    threshold: Threshold | None = None,
    trend: bool = True,
) -> Result:
    """Counts a period of a partnership as known at a moment, by its present threshold or by another one."""
    threshold = threshold or threshold_of(partnership)
    cases, thresholds = cases_of_partnership(partnership.pk), {partnership.pk: threshold}
    lines = lines_of(cases, period, selection, known_at=known_at, thresholds=thresholds)
    months = months_up_to(period, TREND) if trend else []
    by_month = (
        figures_by_period(cases, months, [selection], known_at=known_at, thresholds=thresholds)
        if months
        else {}
    )
    return Result(
        partnership=partnership,
        period=period,
        selection=selection,
        known_at=known_at,
        threshold=threshold,
        lines=lines,
        figures=figures_of(lines),
        months=[(month, by_month[selection, month]) for month in months],
    )


def threshold_of(partnership: Partnership) -> Threshold:
    """What the partnership chose."""
    return Threshold(partnership.threshold_days, partnership.threshold_inclusive)


def around(result: Result) -> Mapping[tuple[str, Period], Figures]:
    """The figures by all definitions of the period, complete, and of the months that hiding small cells has
    to reckon with: those of the trend too."""
    cases, known_at = cases_of_partnership(result.partnership.pk), result.known_at
    thresholds = {result.partnership.pk: result.threshold}
    selections = [Selection(definition) for definition in Definition.values]
    months = dict.fromkeys([*periods_around(result.period)[1:], *(month for month, _ in result.months)])
    months.pop(result.period, None)
    found = {}
    if months:
        counted = figures_by_period(cases, list(months), selections, known_at=known_at, thresholds=thresholds)
        found = {(selection.definition, month): figures for (selection, month), figures in counted.items()}
    for selection in selections:
        lines = lines_of(cases, result.period, selection, known_at=known_at, thresholds=thresholds)
        found[selection.definition, result.period] = figures_of(lines)
    return found


def for_outside(result: Result) -> tuple[Shown, list[Flow]]:
    """The figures and the trend as they may leave the partnership. For a whole definition only: parts of one
    could be subtracted from each other."""
    if not result.selection.is_whole:
        raise ValueError("Figures of a part of the pupils do not leave the partnership.")
    known, definition = around(result), result.selection.definition
    shown = protect(result.figures, period=result.period, definition=definition, around=known)
    months = [
        Flow(month, *flow_cells(period=month, definition=definition, around=known))
        for month, _figures in result.months
    ]
    return shown, months


def document_of(result: Result, *, outside: bool) -> Document:
    """The report of what was counted."""
    if outside:
        shown, trend = for_outside(result)
    else:
        shown = exactly(result.figures)
        trend = [Flow.of(month, figures) for month, figures in result.months]
    return Document(
        organisation=result.partnership.number,
        organisation_name=result.partnership.name,
        period=result.period,
        definition=result.selection.definition,
        known_at=result.known_at,
        threshold=result.threshold,
        outside=outside,
        shown=shown,
        tables=tables_of(shown),
        trend=trend,
    )
