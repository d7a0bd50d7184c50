"""Reports as they are handed in: drafts, issuing, and corrections."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.views.opening import FORM, Request, once, picked
from common import dates
from common.errors import DomainError, NotAllowed, NotFound
from common.render import render_page
from reports import access
from reports.forms.versions import CommentForm, IssueForm, NewVersionForm
from reports.models import Version
from reports.queries import version_pages
from reports.queries.reports import document_of_version
from reports.queries.versions import (
    differences_from_now,
    is_whole,
    may_issue,
    seal_of,
    series,
    series_of,
    version_for,
    versions_listed,
)
from reports.rules.periods import month_of
from reports.services import versions as services

View = Callable[..., HttpResponseBase]

PER_PAGE = 25


def for_readers(view: View) -> View:
    """Others have no reports of a partnership."""

    @wraps(view)
    def guarded(request: Request, **kwargs: Any) -> HttpResponseBase:
        if not access.partnerships_read_by(request.user).exists():
            raise NotAllowed(_("Reports are for the reporters and case managers of a partnership."))
        return view(request, **kwargs)

    return guarded


def of_version(view: View) -> View:
    """The view gets the version instead of its key; unknown and invisible are the same 404."""

    @wraps(view)
    def opened(request: Request, pk: int) -> HttpResponseBase:
        return view(request, version_for(request.user, pk))

    return opened


@require_safe
@for_readers
def versions(request: Request) -> HttpResponse:
    """The reports of my partnerships, the newest period first."""
    page = Paginator(versions_listed(request.user), PER_PAGE).get_page(request.GET.get("page"))
    reported = access.partnerships_reported_by(request.user)
    context = {
        "page": page,
        "may_make": reported.exists(),
        "several": access.partnerships_read_by(request.user).count() > 1,
    }
    return render_page(request, "reports/versions.html", context)


@require_http_methods(FORM)
@for_readers
def new_version(request: Request) -> HttpResponse:
    """The form for a report by hand. Where there is one already, that is shown."""
    reported = list(access.partnerships_reported_by(request.user))
    if not reported:
        raise NotAllowed(_("Reports are made and issued by the reporters of the partnership."))
    last = month_of(dates.today()).before.first
    form = NewVersionForm(
        request.POST if request.method == "POST" else None,
        partnerships=reported,
        initial={"month": last.month, "year": last.year},
    )
    if form.is_valid() and (address := _make(request, form)):
        return redirect(address)
    return render_page(
        request, "reports/version_new.html", {"form": form}, status=422 if form.is_bound else 200
    )


@require_safe
@of_version
def version(request: Request, version: Version) -> HttpResponse:
    """A draft with what is to be checked and the form, or what was issued."""
    return _page(request, version)


@require_POST
@of_version
def issue(request: Request, version: Version) -> HttpResponse:
    """Issues the draft that stood on the page."""
    form = IssueForm(request.POST)
    address = _address(version)
    given = {"version_id": version.pk, "at": dates.now()}
    return _with_form(
        request,
        version,
        form,
        lambda: once(request, form, address, services.issue, **given, **picked(form, "mark", "comment")),
        _("The report was issued. It stays as it is from now on."),
    )


@require_POST
@of_version
def comment(request: Request, version: Version) -> HttpResponse:
    """Keeps the comment with the draft."""
    form = CommentForm(request.POST)
    return _with_form(
        request,
        version,
        form,
        lambda: services.write_comment(
            version_id=version.pk, by=request.user, **picked(form, "mark", "comment")
        ),
        _("The comment was saved."),
    )


@require_POST
@of_version
def recount(request: Request, version: Version) -> HttpResponse:
    """Counts the draft again."""
    services.recount(version_id=version.pk, by=request.user, at=dates.now())
    messages.success(request, _("The draft was counted again, with what is known now."))
    return redirect(_address(version))


@require_POST
@of_version
def discard(request: Request, version: Version) -> HttpResponse:
    """Takes the draft away."""
    services.discard(version_id=version.pk, by=request.user, at=dates.now())
    messages.success(request, _("The draft was discarded."))
    return redirect("report_versions")


@require_POST
@of_version
def correct(request: Request, version: Version) -> HttpResponse:
    """Opens the draft of the next version."""
    made = services.correct(version_id=version.pk, by=request.user, at=dates.now())
    return redirect(_address(made))


@require_safe
@of_version
def version_now(request: Request, version: Version) -> HttpResponse:
    """What a count of this moment gives otherwise than an issued version."""
    if not version.is_issued:
        raise NotFound("")
    at = dates.now()
    differences = differences_from_now(version, at=at)
    context = {
        "version": version,
        "at": at,
        "changed": version_pages.changed(differences, request.user, on=dates.today()),
        "differs": bool(differences),
        "may_issue": may_issue(request.user, version),
        "draft": series_of(version).drafts().first(),
    }
    return render_page(request, "reports/version_now.html", context)


def _address(version: Version) -> str:
    return reverse("report_version", args=[version.pk])


def _make(request: Request, form: NewVersionForm) -> str:
    """The address of the report that was made, or that was there; empty where it cannot be made."""
    asked = form.asked()
    try:
        if not series(**asked).exists():
            work = {"at": dates.now(), "on": dates.today(), **asked}
            once(request, form, reverse("report_versions"), services.make_draft, **work)
    except NotAllowed:
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return ""
    return _address(series(**asked)[0])


def _with_form(
    request: Request, version: Version, form: CommentForm, work: Callable[[], object], done: str
) -> HttpResponse:
    """Does the work of a form on the page of a draft; what is refused stands on that page, with the draft as
    it is now and the comment as it was typed."""
    if not may_issue(request.user, version):
        raise NotAllowed(_("Reports are made and issued by the reporters of the partnership."))
    if not form.is_valid():
        return _page(request, version, form=form, status=422)
    try:
        work()
    except NotAllowed:
        raise
    except DomainError as error:
        return _page(
            request,
            version_for(request.user, version.pk),
            typed=form.cleaned_data["comment"],
            refused=str(error),
            status=error.status,
        )
    messages.success(request, done)
    return redirect(_address(version))


def _page(
    request: Request,
    version: Version,
    *,
    form: CommentForm | None = None,
    typed: str | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    user, on = request.user, dates.today()
    outside = "outside" in request.GET
    context: dict[str, Any] = {
        "version": version,
        "document": document_of_version(version, outside=outside),
        "outside": outside,
        "may_issue": may_issue(user, version),
        "standing_out": version_pages.standing_out_in(version, user, on=on),
        "joins": version_pages.joins_of(version, user, on=on),
        "others": series_of(version).exclude(pk=version.pk),
        "refused": refused,
    }
    if version.changes is not None:
        context["changed"] = version_pages.changed(version.changes, user, on=on)
    if version.is_issued:
        context["is_whole"] = is_whole(version)
    elif context["may_issue"]:
        seen = {"comment": version.comment if typed is None else typed, "mark": seal_of(version)}
        context["form"] = form or IssueForm(initial=seen)
    return render_page(request, "reports/version.html", context, status=status)
