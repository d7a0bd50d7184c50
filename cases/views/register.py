"""The import of a register on screen, for case managers: upload, preview, confirm, progress, result."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from cases.forms.register import UploadForm
from cases.models import RegisterUpload
from cases.queries.places import partnerships_led_by
from cases.queries.uploads import upload_of, uploads_of
from cases.services.register import uploads
from cases.services.register.columns import COLUMNS, REQUIRED
from cases.views.opening import Request
from common.dates import now
from common.errors import DomainError, NotAllowed
from common.render import render_page, wants_partial
from common.tabular import csv_chunks

State = RegisterUpload.State
View = Callable[..., HttpResponseBase]

PROBLEMS_A_PAGE = 50


def for_case_managers(view: View) -> View:
    """Others have no register to import."""

    @wraps(view)
    def guarded(request: Request, **kwargs: Any) -> HttpResponseBase:
        if not partnerships_led_by(request.user).exists():
            raise NotAllowed(_("A register is imported by the case managers of a partnership."))
        return view(request, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@for_case_managers
def register(request: Request) -> HttpResponse:
    """The form, and the files that are here already."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid() and (upload := _put(request, form)):
        return redirect("register_upload", upload_id=upload.pk)
    context = {
        "form": form,
        "uploads": uploads_of(request.user),
        "partnerships": partnerships_led_by(request.user),
        "required": REQUIRED,
        "optional": [column for column in COLUMNS if column not in REQUIRED],
    }
    return render_page(request, "cases/register/upload.html", context, status=422 if form.is_bound else 200)


@require_safe
@for_case_managers
def register_upload(request: Request, upload_id: uuid.UUID) -> HttpResponse:
    """Where a file is: being checked, ready to go in, going in, or done."""
    upload = upload_of(request.user, upload_id)
    busy = upload.state in (State.CHECKING, State.IMPORTING)
    if wants_partial(request) and not busy:
        return HttpResponseClientRefresh()
    problems = Paginator(_problems(upload), PROBLEMS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "upload": upload,
        "busy": busy,
        "problems": problems,
        "unlisted": _unlisted(upload),
        "goes_in": upload.report.get("created", 0) + upload.report.get("updated", 0),
    }
    return render_page(request, "cases/register/show.html", context, partial="progress")


@require_POST
@for_case_managers
def register_import(request: Request, upload_id: uuid.UUID) -> HttpResponse:
    """Confirms what was previewed."""
    uploads.confirm(upload=upload_of(request.user, upload_id), by=request.user)
    return redirect("register_upload", upload_id=upload_id)


@require_POST
@for_case_managers
def register_discard(request: Request, upload_id: uuid.UUID) -> HttpResponse:
    """Takes the file away."""
    uploads.discard(upload=upload_of(request.user, upload_id), by=request.user)
    messages.success(request, _("The file was destroyed."))
    return redirect("register")


@require_safe
@for_case_managers
def register_refused(request: Request, upload_id: uuid.UUID) -> StreamingHttpResponse:
    """The refused rows as a file, to correct them by."""
    upload = upload_of(request.user, upload_id)
    columns = ("line", "column", "value", "reason")
    rows = [[refusal[name] for name in columns] for refusal in upload.report.get("refusals", [])]
    headers = [_("Line"), _("Column"), _("Value"), _("Reason")]
    response = StreamingHttpResponse(csv_chunks(headers, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused.csv"'
    return response


def _put(request: Request, form: UploadForm) -> RegisterUpload | None:
    file = form.cleaned_data["file"]
    try:
        return uploads.put(file=file, file_name=file.name, by=request.user, at=now())
    except NotAllowed:
        raise
    except DomainError as error:
        form.add_error("file", str(error))
        return None


def _problems(upload: RegisterUpload) -> list[dict[str, Any]]:
    """Refusals first, then what is only odd."""
    return [
        *({**refusal, "refused": True} for refusal in upload.report.get("refusals", [])),
        *({**oddity, "refused": False} for oddity in upload.report.get("oddities", [])),
    ]


def _unlisted(upload: RegisterUpload) -> int:
    """How many problems there are beyond those that are listed."""
    found = upload.report.get("refused", 0) + upload.report.get("warnings", 0)
    return found - len(upload.report.get("refusals", [])) - len(upload.report.get("oddities", []))
