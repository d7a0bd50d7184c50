"""The page of a reminder: why it came, and what can be done about it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from audit.services import record
from common import dates
from common.errors import Invalid
from common.render import render_page
from escalations.forms.handling import FinishForm, HandOverForm, PostponeForm, SetAsideForm
from escalations.queries.recipients import people_named
from escalations.queries.reminders import Seen, answer_of, seen_reminder
from escalations.rules import words
from escalations.services import handling


class Request(HttpRequest):
    """A request of somebody who is logged in (the middleware sees to that)."""

    user: User


@require_safe
def reminder(request: Request, pk: int) -> HttpResponse:
    return _page(request, seen_reminder(request.user, pk, on=dates.today()))


@require_http_methods(["POST"])
def finish(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, "finish", handling.finish, _("The reminder is done."))


@require_http_methods(["POST"])
def postpone(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, "postpone", handling.postpone, _("The reminder was postponed."))


@require_http_methods(["POST"])
def hand_over(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, "hand_over", handling.hand_over, _("The reminder was handed over."))


@require_http_methods(["POST"])
def set_aside(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, "set_aside", handling.set_aside, _("The reminder was set aside."))


def _forms(seen: Seen) -> dict[str, Callable[..., forms.Form]]:
    """The form of each act, in the order of the page."""
    on = dates.today()
    return {
        "finish": lambda data=None: FinishForm(data, prefix="finish"),
        "postpone": lambda data=None: PostponeForm(data, prefix="postpone", seen=seen, on=on),
        "hand_over": lambda data=None: HandOverForm(data, prefix="hand_over", seen=seen, on=on),
        "set_aside": lambda data=None: SetAsideForm(data, prefix="set_aside"),
    }


def _act(request: Request, pk: int, name: str, service: Callable[..., Any], told: str) -> HttpResponse:
    """Does what the form asks; what is wrong with it stands beside its field, with all that was typed."""
    on = dates.today()
    seen = seen_reminder(request.user, pk, on=on)
    form = _forms(seen)[name](request.POST)
    if not form.is_valid():
        return _page(request, seen, **{name: form})
    try:
        service(reminder_id=pk, by=request.user, at=dates.now(), on=on, **form.cleaned_data)
    except Invalid as error:
        form.add_error(error.field, str(error))
        return _page(request, seen, **{name: form})
    messages.success(request, told)
    return redirect(_back_to(seen))


def _back_to(seen: Seen) -> str:
    case = seen.reminder.case
    return reverse("case", args=[case.number]) if case else reverse("inbox")


def _page(request: Request, seen: Seen, **bound: forms.Form) -> HttpResponse:
    record("reminder.opened", by=request.user, target=seen.target, details={"reminder": seen.reminder.pk})
    context = {
        "seen": seen,
        "reminder": seen.reminder,
        "rule": seen.rule,
        "threshold": words.threshold(seen.rule),
        "answer": answer_of(seen),
        "recipients": people_named(seen.resolved.user_ids),
        "acts": seen.reminder.acts.select_related("by", "to"),
        "forms": {name: bound.get(name) or make() for name, make in _forms(seen).items()},
        "form": next(iter(bound.values()), None),  # what is wrong with it stands on top
        "on": dates.today(),
    }
    return render_page(request, "escalations/reminder.html", context, status=422 if bound else 200)
