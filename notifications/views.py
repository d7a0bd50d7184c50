from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.dates import now
from common.errors import NotFound
from common.render import render_page
from notifications import queries
from notifications.forms import PreferencesForm
from notifications.kinds import allowed, topics
from notifications.links import read_token
from notifications.services import addresses, mark_all_read, mark_read
from notifications.services import preferences as services

PER_PAGE = 25


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.messages_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = allowed(request.user, page.object_list)
    todo, more = queries.todo_of(request.user) if page.number == 1 else ([], False)
    context = {
        "page": page,
        "todo": todo,
        "more": more,
        "unread": queries.unread_count(request.user),
        "newest": queries.newest_unread_id(request.user),
        "stopped": queries.stopped_address_of(request.user),
    }
    return render_page(request, "notifications/inbox.html", context)


@require_POST
def read(request: HttpRequest, notice_id: int) -> HttpResponse:
    mark_read(by=request.user, notice_id=notice_id, at=now())
    page = request.POST.get("page", "")
    return redirect(f"{reverse('inbox')}?page={page}" if page.isdecimal() and page != "1" else "inbox")


@require_POST
def read_all(request: HttpRequest, up_to: int) -> HttpResponse:
    mark_all_read(by=request.user, up_to=up_to, at=now())
    return redirect("inbox")


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = PreferencesForm(posted, frequencies=queries.frequencies_of(request.user))
    if form.is_valid():
        services.set_preferences(by=request.user, frequencies=form.cleaned_data)
        messages.success(request, _("Your choice was saved."))
        return redirect("notification_preferences")
    context = {"form": form, "stopped": queries.stopped_address_of(request.user)}
    return render_page(
        request, "notifications/preferences.html", context, status=422 if form.is_bound else 200
    )


@require_POST
def try_again(request: HttpRequest) -> HttpResponse:
    addresses.resume(user=request.user, by=request.user)
    messages.success(request, _("We try your address again."))
    return redirect("notification_preferences")


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the link is the proof
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    user_id, names = read_token(token)
    person = queries.person_with_id(user_id)
    if person is None:
        raise NotFound("")
    with override(_language(request, person)):
        if request.method == "POST":
            done = services.unsubscribe(user=person, topic_names=names)
            return render_page(request, "notifications/unsubscribed.html", {"topics": done})
        return render_page(request, "notifications/unsubscribe.html", _what_is_turned_off(names))


def _language(request: HttpRequest, person: Any) -> str | None:
    """What was chosen in this browser goes before the language of whom the mail was for."""
    has_chosen = request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    return get_language() if has_chosen else str(person.language)


def _what_is_turned_off(names: list[str]) -> dict[str, Any]:
    return {
        "topics": [topic for topic in topics() if topic.name in names and not topic.required],
        "heading": _("Turn off these mails?"),
        "confirm_label": _("Turn off"),
        "back_url": reverse("notification_preferences"),
    }
