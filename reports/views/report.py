"""The report page, the whole of one of its tables, the cases behind a figure, and what the figures mean."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.views.opening import Request
from common.dates import day_of, now
from common.errors import NotAllowed, NotFound
from common.render import render_page
from reports.access import has_figures, partnerships_read_by
from reports.enums import Definition
from reports.exports.content import threshold_words
from reports.forms.report import IN_ADDRESS, ReportForm
from reports.queries import drill
from reports.queries.asked import Asked, municipalities_to_choose, schools_to_choose
from reports.queries.explained import categories_explained
from reports.queries.page import breakdowns_of, lines_asked, rates_asked, report_page
from reports.queries.reports import threshold_of
from reports.rules.figures import figures_of
from schools.models import Partnership

View = Callable[..., HttpResponseBase]

ROWS_A_PAGE = 50


def for_readers(view: View) -> View:
    """For reporters and case managers. The view gets the partnerships of which they read the figures; one in
    the address that is not theirs is as unknown as what does not exist."""

    @wraps(view)
    def guarded(request: Request, **kwargs: Any) -> HttpResponseBase:
        partnerships = list(partnerships_read_by(request.user))
        if not partnerships:
            raise NotAllowed(_("The figures of a partnership are for its reporters and case managers."))
        number = request.GET.get("partnership")
        chosen = next((one for one in partnerships if number in (None, one.number)), None)
        if chosen is None:
            raise NotFound(_("There is no such partnership among those of which you read the figures."))
        return view(request, form=_form(request, chosen, partnerships), **kwargs)

    return guarded


def _form(request: Request, chosen: Partnership, partnerships: list[Partnership]) -> ReportForm:
    return ReportForm(
        request.GET,
        partnership=chosen,
        partnerships=partnerships,
        schools=schools_to_choose(chosen),
        municipalities=municipalities_to_choose(chosen),
        at=now(),
    )


@require_safe
@for_readers
def report(request: Request, *, form: ReportForm) -> HttpResponse:
    """The figures that the address asks for; those of the default where it asks what cannot be."""
    asked = form.asked
    context = {"form": form, "page": report_page(asked), **_frame(asked)}
    return render_page(request, "reports/report.html", context, status=200 if form.is_valid() else 422)


@require_safe
@for_readers
def report_table(request: Request, *, form: ReportForm, name: str) -> HttpResponseBase:
    """All rows of a table of which the report shows the biggest."""
    if not form.is_valid():
        return _to_report(request)
    asked = form.asked
    figures = figures_of(lines_asked(asked))
    breakdown = next((it for it in breakdowns_of(figures) if it.table.name == name), None)
    if breakdown is None:
        raise NotFound(_("There is no such table in this report."))
    context = {
        "breakdown": breakdown,
        "rates": rates_asked(asked, figures) if name == "by_municipality" else None,
        "page": Paginator(breakdown.table.rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        **_frame(asked),
    }
    return render_page(request, "reports/table.html", context)


@require_safe
@for_readers
def report_cases(request: Request, *, form: ReportForm) -> HttpResponseBase:
    """The cases behind a figure."""
    if not form.is_valid():
        return _to_report(request)
    asked, on = form.asked, day_of(form.at)
    found = drill.cases_behind(
        request.user,
        asked,
        figure=request.GET.get("figure", "end"),
        table=request.GET.get("table", ""),
        key=request.GET.get("key", ""),
        on=on,
    )
    page = Paginator(found.entries, drill.PAGE_SIZE).get_page(request.GET.get("page"))
    rows = drill.rows(request.user, list(page.object_list), on=on)
    context = {
        "found": found,
        "page": page,
        "rows": rows,
        "shows_day": any(row.entry.on for row in rows),
        "shows_ending": any(row.ending for row in rows),
        **_frame(asked),
    }
    return render_page(request, "reports/cases.html", context)


@require_safe
def report_definitions(request: Request) -> HttpResponse:
    """What the figures mean, in plain words."""
    if not has_figures(request.user):
        raise NotAllowed(_("Your role has no figures."))
    context = {
        "definitions": list(Definition),
        "categories": categories_explained(),
        "reads_figures": partnerships_read_by(request.user).exists(),
    }
    return render_page(request, "reports/definitions.html", context)


def _to_report(request: Request) -> HttpResponse:
    """The report says what is wrong with what is asked."""
    asked = {name: request.GET[name] for name in IN_ADDRESS if name in request.GET}
    return redirect(f"{reverse('report')}?{urlencode(asked)}")


def _frame(asked: Asked) -> dict[str, Any]:
    """What every page of the report shows: what was asked, its address, and that of the same as a file."""
    query = urlencode(asked.query())
    return {
        "asked": asked,
        "threshold": threshold_words(threshold_of(asked.partnership)),
        "report_url": f"{reverse('report')}?{query}",
        "file_url": f"{reverse('report_file_new')}?{query}",
    }
