"""Files of figures: ask for one, see how far it is, download it while one may."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from cases.views.opening import FORM, Request, sent
from common.dates import now
from common.errors import NotAllowed, NotFound
from common.render import render_page, wants_partial
from reports.access import has_figures
from reports.exports import CONTENT_TYPES
from reports.exports import report_file as exports
from reports.forms.files import FileForm
from reports.forms.report import ReportForm
from reports.models import ReportFile
from reports.queries.files import KEPT, file_of, files_of
from reports.queries.versions import version_for
from reports.services import files
from reports.views.report import for_readers

FILES_A_PAGE = 25


@require_safe
def report_files(request: Request) -> HttpResponse:
    """The files that are here for somebody, newest first."""
    if not has_figures(request.user):
        raise NotAllowed(_("Your role has no figures."))
    page = Paginator(files_of(request.user, now()), FILES_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [_described(file) for file in page]}
    return render_page(request, "reports/files/list.html", context)


@require_http_methods(FORM)
@for_readers
def report_file_new(request: Request, *, form: ReportForm) -> HttpResponse:
    """Asks in which format and for whom the report is, that the address names. Figures of which the counting
    is quick are there at once."""
    asked, back_url = _question(request, form)
    wanted = FileForm(sent(request), is_whole=not any(asked.get(name) for name in exports.FILTERS))
    if wanted.is_valid():
        choice = {"format": wanted.cleaned_data["format"], "outside": wanted.outside}
        file = files.ask(kind=ReportFile.Kind.REPORT, asked=asked, **choice, by=request.user, at=now())
        files.make_at_once(file=file, clock=now)
        return redirect("report_file", file_id=file.pk)
    about = {"title": exports.title(asked), "facts": exports.facts(asked), "back_url": back_url}
    status = 422 if wanted.is_bound else 200
    return render_page(request, "reports/files/new.html", {"form": wanted, **about}, status=status)


@require_safe
def report_file(request: Request, file_id: uuid.UUID) -> HttpResponse:
    """How far a file is, and where it is to be had."""
    file = file_of(request.user, file_id, now())
    busy = file.state == ReportFile.State.WAITING
    if wants_partial(request) and not busy:
        return HttpResponseClientRefresh()
    context = {**_described(file), "busy": busy}
    return render_page(request, "reports/files/show.html", context, partial="progress")


@require_safe
def report_file_download(request: Request, file_id: uuid.UUID) -> HttpResponseBase:
    """The file, for who may have it now."""
    file = file_of(request.user, file_id, now())
    opened = files.take_out(file=file, by=request.user)
    kind = CONTENT_TYPES[file.format]
    return FileResponse(opened, as_attachment=True, filename=file.file_name, content_type=kind)


@require_POST
def report_file_discard(request: Request, file_id: uuid.UUID) -> HttpResponse:
    """Takes the file away before its time."""
    files.discard(file=file_of(request.user, file_id, now()), by=request.user)
    messages.success(request, _("The file was destroyed."))
    return redirect("report_files")


def _question(request: Request, form: ReportForm) -> tuple[dict[str, Any], str]:
    """What the address asks for, and the page that shows it; what cannot be asked is not found."""
    if number := request.GET.get("version"):
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise NotFound("")
        version = version_for(request.user, int(number))
        return exports.of_version(version), reverse("report_version", args=[version.pk])
    if not form.is_valid():
        raise NotFound(_("There is no such report."))
    asked, known_at = form.asked, min(form.asked.known_at, form.at)
    figures = exports.of_figures(asked.partnership.number, asked.period, asked.selection, known_at=known_at)
    return figures, f"{reverse('report')}?{urlencode(asked.query())}"


def _described(file: ReportFile) -> dict[str, Any]:
    return {
        "file": file,
        "title": files.KINDS[file.kind].title(file.asked),
        "expires_at": file.asked_at + KEPT,
    }
