"""The lists: for the Inspectorate, and for who works with the pupils of a municipality or a school."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.services import record
from cases.models.case import CaseQuerySet
from cases.queries import listing
from cases.queries.visibility import cases_visible_to
from cases.views.opening import FORM, Request
from common import dates
from common.arrays import among
from common.errors import NotAllowed, NotFound
from common.render import render_page
from reports import access
from reports.access import OwnSchool
from reports.forms.lists import InspectorateForm, OwnForm, WantedFigures
from reports.models import ReportFile
from reports.queries.inspectorate import check_of, cumulative, definition_of_list, listed_cases, template_of
from reports.queries.own import Own, of_residents, of_school
from reports.services import files
from schools.models import Municipality, Partnership

PER_PAGE = 25
Kind = ReportFile.Kind


@require_safe
def lists(request: Request) -> HttpResponse:
    """Which lists there are for somebody."""
    user = request.user
    if not access.has_figures(user):
        raise NotAllowed(_("There are no lists of figures for your role."))
    context = {
        "partnerships": access.partnerships_read_by(user),
        "administered": access.partnerships_administered_by(user),
        "municipalities": access.municipalities_of(user),
        "schools": access.schools_of(user),
    }
    return render_page(request, "reports/lists/index.html", context)


@require_http_methods(FORM)
def inspectorate_list(request: Request, partnership: int) -> HttpResponse:
    """The quarterly list: what would be in it, and the files. A file is asked for by a POST."""
    found = _partnership(request, partnership)
    template = template_of(found.pk)
    form = InspectorateForm(_asked(request), on=dates.today(), with_5a=template.with_5a)
    context: dict[str, Any] = {"partnership": found, "form": form, "template": template}
    if not form.is_valid():
        return render_page(request, "reports/lists/inspectorate.html", context, status=422)
    wanted = form.wanted(dates.now())
    if request.method == "POST":
        asked = {
            "partnership": found.number,
            "last": wanted.last.isoformat(),
            "known_at": wanted.known_at.isoformat(),
            "with_5a": wanted.with_5a,
        }
        return _ask(request, Kind.INSPECTORATE, asked, outside=False)
    rows = listed_cases(found, wanted.last, with_5a=wanted.with_5a, known_at=wanted.known_at)
    context |= {
        "wanted": wanted,
        "period": cumulative(wanted.last),
        "definition": definition_of_list(with_5a=wanted.with_5a),
        "check": check_of(rows),
        "is_running": wanted.last >= dates.today(),
        "given": {name: request.GET.get(name, "") for name in form.fields},
    }
    return render_page(request, "reports/lists/inspectorate.html", context)


@require_http_methods(FORM)
def municipality_list(request: Request, number: str) -> HttpResponse:
    """An attendance office: figures of its residents, and the cases among them that are shared with it."""
    municipality = access.municipalities_of(request.user).filter(organisation__number=number).first()
    if municipality is None:
        raise NotFound("")
    return _own(request, Kind.MUNICIPALITY, municipality, "reports/lists/municipality.html")


@require_http_methods(FORM)
def school_list(request: Request, number: str) -> HttpResponse:
    """A coordinator: figures of the own pupils, and their cases."""
    school = next((own for own in access.schools_of(request.user) if own.school.number == number), None)
    if school is None:
        raise NotFound("")
    return _own(request, Kind.SCHOOL, school, "reports/lists/school.html")


def _own(request: Request, kind: Kind, place: Municipality | OwnSchool, template: str) -> HttpResponse:
    """The page of an organisation about its own, or the file of it that a POST asks for."""
    form = OwnForm(_asked(request), on=dates.today())
    context: dict[str, Any] = {"place": place, "form": form}
    if not form.is_valid():
        return render_page(request, template, context, status=422)
    wanted, at = form.wanted, dates.now()
    if request.method == "POST":
        asked = {
            **_keys(place),
            "from": wanted.period.first.isoformat(),
            "to": wanted.period.last.isoformat(),
            "definition": str(wanted.definition),
            "known_at": at.isoformat(),
        }
        return _ask(request, kind, asked, outside=kind == Kind.MUNICIPALITY)
    own = _count(place, wanted, at)
    context |= {"wanted": wanted, "document": own.document, **_cases(request, own)}
    context["given"] = {name: request.GET.get(name, "") for name in form.fields}
    details = {"kind": str(kind), "cases": len(context["rows"])}
    record("list.read", by=request.user, target=f"organisation {own.document.organisation}", details=details)
    return render_page(request, template, context)


def _count(place: Municipality | OwnSchool, wanted: WantedFigures, at: dt.datetime) -> Own:
    if isinstance(place, OwnSchool):
        return of_school(place, wanted.period, wanted.definition, known_at=at)
    return of_residents(place, wanted.period, wanted.definition, known_at=at)


def _keys(place: Municipality | OwnSchool) -> dict[str, Any]:
    if isinstance(place, OwnSchool):
        return {"school": place.school.number, "sites": sorted(place.sites)}
    return {"municipality": place.number}


def _cases(request: Request, own: Own) -> dict[str, Any]:
    """The cases behind the members on the last day that this user sees, and how many he does not."""
    seen: CaseQuerySet = cases_visible_to(request.user, on=dates.today()).filter(pk__in=among(own.members))
    page = Paginator(seen.order_by("first_day_absent", "pk").values_list("pk", flat=True), PER_PAGE)
    shown = page.get_page(request.GET.get("page"))
    return {
        "rows": listing.rows(request.user, list(shown.object_list), on=dates.today()),
        "page": shown,
        "visible": page.count,
        "out_of_sight": len(own.members) - page.count,
    }


def _partnership(request: Request, pk: int) -> Partnership:
    """A partnership whose figures somebody does not read is not found."""
    return access.one_of(access.partnerships_read_by(request.user), pk)


def _asked(request: Request) -> Any:
    return request.POST if request.method == "POST" else request.GET


def _ask(request: Request, kind: Kind, asked: dict[str, Any], *, outside: bool) -> HttpResponse:
    """Asks for a file and leads to where it will be."""
    format = "csv" if request.POST.get("format") == "csv" else "xlsx"
    file = files.ask(kind=kind, asked=asked, format=format, outside=outside, by=request.user, at=dates.now())
    files.make_at_once(file=file, clock=dates.now)
    return redirect("report_file", file.pk)
