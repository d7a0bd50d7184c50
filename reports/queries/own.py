"""The figures of an attendance office about its residents, and of a school about its pupils."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from cases.models import Case
from cases.rules import Threshold
from common.arrays import among
from reports.access import OwnSchool
from reports.enums import Definition
from reports.queries.counting import (
    cases_of_residents,
    cases_of_school,
    lines_and_months,
    thresholds_now,
)
from reports.queries.labels import tables_of
from reports.queries.reports import TREND
from reports.rules.document import Document, Flow
from reports.rules.figures import Figures, figures_of
from reports.rules.lines import Line
from reports.rules.periods import Period, months_up_to
from reports.rules.selection import Selection
from reports.rules.shown import Shown, exactly
from reports.rules.small_cells import flow_cells, periods_around, protect
from schools.models import Municipality, SchoolSite


@dataclass(frozen=True)
class Own:
    """What is shown, and the keys of the cases of the members on the last day."""

    document: Document
    members: Sequence[int]


def of_residents(
    municipality: Municipality, period: Period, definition: str, *, known_at: dt.datetime
) -> Own:
    """The figures of who live in a municipality, over all partnerships; small numbers are hidden."""
    cases, thresholds = cases_of_residents(municipality.pk), thresholds_now()
    months = months_up_to(period, TREND)
    spans = [span for span in dict.fromkeys([*periods_around(period), *months]) if span != period]
    around: dict[tuple[str, Period], Figures] = {}
    lines: list[Line] = []
    for one in Definition.values:
        found, by_month = lines_and_months(
            cases,
            period,
            spans,
            Selection(one, municipalities=frozenset({municipality.pk})),
            known_at=known_at,
            thresholds=thresholds,
        )
        around |= {(one, span): figures for span, figures in by_month.items()}
        around[one, period] = figures_of(found)
        if one == definition:
            lines = found
    shown = protect(around[definition, period], period=period, definition=definition, around=around)
    trend = [Flow(month, *flow_cells(period=month, definition=definition, around=around)) for month in months]
    document = _document(period, definition, known_at, lines, thresholds, shown, trend)
    document = replace(
        document,
        organisation=municipality.number,
        organisation_name=municipality.name,
        kind=_("Municipality"),
        outside=True,
        tables=[table for table in document.tables if table.name != "by_municipality"],
    )
    return Own(document, members_of(lines))


def of_school(own: OwnSchool, period: Period, definition: str, *, known_at: dt.datetime) -> Own:
    """The figures of the pupils of a school, or of the sites of it that somebody coordinates, exactly."""
    school = own.school
    selection = (
        Selection(definition, sites=own.sites)
        if own.sites
        else Selection(definition, schools=frozenset({school.pk}))
    )
    cases, thresholds = cases_of_school(school.pk, sites=own.sites), thresholds_now()
    lines, by_month = lines_and_months(
        cases, period, months_up_to(period, TREND), selection, known_at=known_at, thresholds=thresholds
    )
    trend = [Flow.of(month, figures) for month, figures in by_month.items()]
    shown = exactly(figures_of(lines))
    document = _document(period, definition, known_at, lines, thresholds, shown, trend)
    document = replace(
        document,
        organisation=school.number,
        organisation_name=_name_of(own),
        kind=_("School"),
        tables=[table for table in document.tables if table.name != "by_school"],
    )
    return Own(document, members_of(lines))


def members_of(lines: Sequence[Line]) -> list[int]:
    """The cases that are members on the last day."""
    return [line.case_id for line in lines if line.end is not None]


def _document(
    period: Period,
    definition: str,
    known_at: dt.datetime,
    lines: Sequence[Line],
    thresholds: Mapping[int, Threshold],
    shown: Shown,
    trend: Sequence[Flow],
) -> Document:
    return Document(
        organisation="",
        organisation_name="",
        period=period,
        definition=definition,
        known_at=known_at,
        threshold=_threshold(lines, thresholds),
        outside=False,
        shown=shown,
        tables=tables_of(shown),
        trend=trend,
    )


def _threshold(lines: Sequence[Line], thresholds: Mapping[int, Threshold]) -> Threshold | None:
    """What the partnerships of these cases chose; None where they differ. Without cases the usual one."""
    cases = Case.objects.filter(pk__in=among([line.case_id for line in lines])).order_by()
    used = {thresholds[key] for key in cases.values_list("partnership_id", flat=True).distinct()}
    return Threshold() if not used else used.pop() if len(used) == 1 else None


def _name_of(own: OwnSchool) -> str:
    """The school, and the sites where it is not about all."""
    if not own.sites:
        return own.school.name
    names = SchoolSite.objects.filter(pk__in=own.sites).order_by("organisation__number")
    return ", ".join(names.values_list("organisation__name", flat=True))
