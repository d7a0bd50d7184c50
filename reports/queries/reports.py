"""The report of a partnership over a period: counted now as known at a moment, or as it was issued."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases.rules import Threshold
from reports.enums import Definition
from reports.models import Version
from reports.queries.counting import cases_of_partnership, figures_by_period, lines_and_months
from reports.queries.labels import tables_of
from reports.queries.warnings import end_of_version, warnings_of
from reports.rules.document import Document, Flow
from reports.rules.figures import Figures, figures_of
from reports.rules.frozen import shown_from_json, trend_from_json
from reports.rules.lines import Line
from reports.rules.periods import Period, months_up_to
from reports.rules.selection import Selection
from reports.rules.shown import Shown, exactly
from reports.rules.small_cells import flow_cells, periods_around, protect
from reports.rules.warnings import of_cases, of_cells, of_continuity, of_time
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
    lines, by_month = lines_and_months(
        cases,
        period,
        months_up_to(period, TREND) if trend else [],
        selection,
        known_at=known_at,
        thresholds=thresholds,
    )
    return Result(
        partnership=partnership,
        period=period,
        selection=selection,
        known_at=known_at,
        threshold=threshold,
        lines=lines,
        figures=figures_of(lines),
        months=list(by_month.items()),
    )


def partnership_numbered(number: str) -> Partnership | None:
    """The partnership with this number, as it is stored."""
    found = Partnership.objects.select_related("organisation")
    return found.filter(organisation__number=number).first()


def threshold_of(partnership: Partnership) -> Threshold:
    """What the partnership chose."""
    return Threshold(partnership.threshold_days, partnership.threshold_inclusive)


def around(result: Result) -> Mapping[tuple[str, Period], Figures]:
    """The figures by all definitions of the period, complete, and of the months that hiding small cells has
    to reckon with: those of the trend too."""
    periods = [*periods_around(result.period), *(month for month, _ in result.months)]
    found = figures_by_period(
        cases_of_partnership(result.partnership.pk),
        list(dict.fromkeys(periods)),
        [Selection(definition) for definition in Definition.values],
        known_at=result.known_at,
        thresholds={result.partnership.pk: result.threshold},
        described=[result.period],
    )
    return {(selection.definition, period): figures for (selection, period), figures in found.items()}


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
        warnings=warnings_of(
            partnership_id=result.partnership.pk,
            period=result.period,
            selection=result.selection,
            known_at=result.known_at,
            lines=result.lines,
            shown=shown,
            outside=outside,
        ),
    )


def document_of_version(version: Version, *, outside: bool) -> Document:
    """The report as it was counted for a version, from what is kept with it: nothing is counted again."""
    kept: dict[str, Any] = version.outside
    shown = shown_from_json(kept["figures"]) if outside else exactly(version.counts)
    seam = next((seam for seam in version.joins if not seam.later), None)
    before = Version.objects.filter(pk=seam.version).first() if seam else None
    return Document(
        organisation=version.partnership.number,
        organisation_name=version.partnership.name,
        period=version.period,
        definition=version.definition,
        known_at=version.known_at,
        threshold=version.threshold,
        outside=outside,
        shown=shown,
        tables=tables_of(shown),
        trend=trend_from_json(kept["trend"] if outside else version.trend),
        number=version.number if version.is_issued else 0,
        comment=version.comment,
        issued_at=version.issued_at,
        issued_by=str(version.issued_by) if version.issued_by else "",
        digest=version.digest,
        warnings=[
            *of_time(version.period, version.known_at),
            *of_continuity(end_of_version(before, outside=outside), shown.start),
            *(of_cells(shown) if outside else of_cases(version.standing_out)),
        ],
    )
