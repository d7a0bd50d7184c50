"""The organisations of a partnership, for its case managers and administrators."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.calendar import school_year_of
from common.dates import today
from common.errors import Invalid, NotAllowed
from common.render import render_page
from schools import access, queries
from schools.forms import FindForm, FreePeriodForm, SettingsForm
from schools.services.free_periods import add_free_period, remove_free_period
from schools.services.settings import change_settings

PER_PAGE = 25

View = Callable[..., HttpResponse]
require_form = require_http_methods(["GET", "HEAD", "POST"])


def for_the_partnership(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.sees_organisations(request.user):
            raise NotAllowed(_("Only case managers and administrators of a partnership see this."))
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_the_partnership
def organisations(request: HttpRequest) -> HttpResponse:
    form = FindForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = queries.find_organisations(request.user, **asked)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "searched": any(asked.values())}
    return render_page(request, "schools/organisations.html", context, partial="results")


@require_safe
@for_the_partnership
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.organisation_seen_by(request.user, pk)
    what = queries.details_of(request.user, found)
    year = queries.year_asked(request.GET.get("year"), on=today())
    context = {
        "organisation": found,
        "what": what,
        "year": queries.school_year(queries.calendar_on_page(what), year),
        "own_periods": queries.own_periods(found, year),
        "may_change_settings": access.may_change_settings(request.user, pk),
        "may_change_calendar": access.may_change_calendar(request.user, pk),
    }
    return render_page(request, f"schools/{found.kind}.html", context)


@require_form
@for_the_partnership
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    partnership = queries.partnership_seen_by(request.user, pk)
    if not access.may_change_settings(request.user, pk):
        raise NotAllowed(_("Only an administrator of the partnership changes its settings."))
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=partnership)
    if form.is_valid():
        change_settings(partnership=partnership, by=request.user, **form.cleaned_data)
        messages.success(request, _("The settings have been saved."))
        return redirect("organisation", pk=pk)
    context = {"form": form, "partnership": partnership}
    return render_page(request, "schools/settings.html", context, status=422 if form.is_bound else 200)


@require_form
@for_the_partnership
def add_period(request: HttpRequest, pk: int) -> HttpResponse:
    place = queries.place_seen_by(request.user, pk)
    if not access.may_change_calendar(request.user, pk):
        raise NotAllowed(_("Only an administrator of the partnership changes this calendar."))
    form = FreePeriodForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            period = add_free_period(place=place, by=request.user, **form.cleaned_data)
        except Invalid as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("The free period has been added."))
            return _to_year_of(pk, period.first_day)
    context = {"form": form, "place": place}
    return render_page(request, "schools/add_period.html", context, status=422 if form.is_bound else 200)


@require_form
@for_the_partnership
def remove_period(request: HttpRequest, pk: int, period_pk: int) -> HttpResponse:
    place = queries.place_seen_by(request.user, pk)
    period = queries.free_period_of(place, period_pk)
    if not access.may_change_calendar(request.user, pk):
        raise NotAllowed(_("Only an administrator of the partnership changes this calendar."))
    if request.method == "POST":
        remove_free_period(period=period, place=place, by=request.user)
        messages.success(request, _("The free period has been removed."))
        return _to_year_of(pk, period.first_day)
    context = {
        "place": place,
        "period": period,
        "heading": _("Remove this free period?"),
        "confirm_label": _("Remove"),
        "back_url": reverse("organisation", args=[pk]),
        "danger": True,
    }
    return render_page(request, "schools/remove_period.html", context)


def _to_year_of(pk: int, day: dt.date) -> HttpResponse:
    return redirect(f"{reverse('organisation', args=[pk])}?year={school_year_of(day)}")
