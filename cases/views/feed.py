"""Somebody's own calendar: the page on which he makes and revokes its address, and what stands at it."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from accounts.services.memberships import hash_token
from audit.middleware import client_ip
from cases import calendar_file
from cases.forms.feed import AddressForm, NewFeedForm
from cases.queries import feed as queries
from cases.services import feed as services
from cases.services.submission import do_once
from cases.views.opening import Request, sent
from common import dates
from common.render import render_page

#: Programs ask a few times an hour, from several devices; those in a cloud ask for all users from one place.
OF_ADDRESS, OF_NETWORK_ADDRESS = "10/m", "300/m"


@require_safe
def calendar_feed(request: Request) -> HttpResponse:
    """Whether there is an address, and what one can do with it."""
    return render_page(request, "cases/feed.html", {"feed": queries.active_feed(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def make_calendar_feed(request: Request) -> HttpResponse:
    user, form = request.user, NewFeedForm(sent(request))
    if form.is_valid():
        return _show_new_address(request, form)
    context = {
        "form": form,
        "feed": queries.active_feed(user),
        "heading": _("Make a calendar address"),
        "confirm_label": _("Make the address"),
        "back_url": reverse("calendar_feed"),
    }
    return render_page(request, "cases/feed_make.html", context, status=422 if form.is_bound else 200)


def _show_new_address(request: Request, form: NewFeedForm) -> HttpResponse:
    """In the answer itself: a redirect would have to keep the secret somewhere. Sent again, it is gone."""
    by, at, sent_as = request.user, dates.now(), form.cleaned_data["token"]
    url = reverse("calendar_feed")
    token = do_once(lambda: services.make_feed(by=by, at=at), token=sent_as, url=url, by=by, at=at)
    address = settings.BASE_URL.rstrip("/") + reverse("calendar_file", args=[token])
    shown = AddressForm(initial={"address": address})
    return render_page(request, "cases/feed.html", {"feed": queries.active_feed(by), "address": shown})


@require_POST
def revoke_calendar_feed(request: Request) -> HttpResponse:
    services.revoke_feed(by=request.user, at=dates.now())
    messages.success(request, _("The calendar address no longer works."))
    return redirect("calendar_feed")


def _of_network_address(group: str, request: HttpRequest) -> str:
    return client_ip(request)


def _of_address(group: str, request: HttpRequest) -> str:
    match = request.resolver_match
    return hash_token(match.kwargs["token"]) if match else ""


@login_not_required
@require_safe
@ratelimit(key=_of_network_address, rate=OF_NETWORK_ADDRESS)
@ratelimit(key=_of_address, rate=OF_ADDRESS)
def calendar_content(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs, that do not log in: whoever has the address reads it, as it is now.

    Unknown, revoked and of somebody without a role are the same 404, empty: no person looks at it.
    """
    feed, at = queries.feed_with(hash_token(token)), dates.now()
    if feed is None:
        return HttpResponse(status=404, content_type="text/plain")
    with override(feed.user.language):
        content = calendar_file.write(queries.entries_for(feed.user, on=dates.today()), at=at)
    services.note_read(feed=feed, at=at)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="terugkeer.ics"'
    response["Cache-Control"] = "no-store"
    return response
