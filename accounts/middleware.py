"""What is asked at every request of who is logged in: a session not too old, a role, a second factor."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.queries import has_second_factor, is_invited, may_enter
from accounts.services.sessions import end_sessions
from common import dates
from common.render import render_page

GetResponse = Callable[[HttpRequest], HttpResponseBase]

ALWAYS = {"account_logout", "set_language"}
TO_ACCEPT = ALWAYS | {"invitation", "open_invitation"}
TO_SET_UP = TO_ACCEPT | {
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
}
# How exact the idle limit is: the session is written at most once in so many seconds.
STEP = 60


class SessionLimitMiddleware:
    """A session ends after a while without requests, and a while after login however busy (ASVS 7.3)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = int(dates.now().timestamp())
            if _is_over(request.session, now):
                logout(request)
                messages.info(request, _("You were logged out because your session was over. Log in again."))
                query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
                return _redirect(request, f"{reverse('account_login')}?{query}".rstrip("?"))
            request.session.setdefault("began", now)
            if now - request.session.get("seen", 0) >= STEP:
                request.session["seen"] = now
        return self.get_response(request)


class LanguageMiddleware:
    """The language in somebody's profile goes before that of the browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class MembershipMiddleware:
    """Who has no role any more is out on the next request, in every browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        user = request.user
        if not user.is_authenticated or may_enter(user) or _url_name(request) in ALWAYS:
            return None
        if is_invited(user, request.session.get("invitation"), dates.now()):
            wanted = _url_name(request) in TO_ACCEPT
            return None if wanted else _redirect(request, reverse("invitation"))
        end_sessions(user=user, by=user)
        logout(request)
        return render_page(request, "account/account_inactive.html", status=403)


class SecondFactorMiddleware:
    """Where a second factor is required, who has none gets to setting it up and nowhere else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not settings.MFA_REQUIRED or not request.user.is_authenticated:
            return None
        if _url_name(request) in TO_SET_UP or has_second_factor(request.user):
            return None
        return _redirect(request, reverse("mfa_index"))


def _is_over(session: Any, now: int) -> bool:
    idle = now - session.get("seen", now)
    age = now - session.get("began", now)
    return idle > settings.SESSION_IDLE_SECONDS or age > settings.SESSION_ABSOLUTE_SECONDS


def _url_name(request: HttpRequest) -> str:
    return (request.resolver_match and request.resolver_match.url_name) or ""


def _redirect(request: HttpRequest, url: str) -> HttpResponse:
    """The whole page goes there, also when htmx asked for a part."""
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else HttpResponseRedirect(url)
