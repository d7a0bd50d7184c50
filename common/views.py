"""Pages that belong to no app: is the process alive, is it ready, what a refused or broken request shows."""

from itertools import chain

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe
from django_ratelimit.exceptions import Ratelimited

from common import dates, pulse
from common.errors import DomainError
from common.metrics import CONTENT_TYPE, text_of
from common.registry import collect
from common.render import render_page

logger = structlog.get_logger(__name__)


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """What it needs answers as well. Says which part, never why: this page is open to all.

    Whether beat and worker were heard from lately is told, and does not count: a web server that answers must
    not be taken out of service because another process stopped. /metrics is for the alarm about those.
    """
    parts = {"database": _database_answers(), "cache": _cache_answers()}
    told = {name: "ok" if up else "down" for name, up in parts.items()}
    told |= {name: _heard_from(name) for name in (pulse.BEAT, pulse.WORKER)}
    return JsonResponse(told, status=200 if all(parts.values()) else 503)


@never_cache
@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus; with the token where METRICS_TOKEN is set, in production with it only."""
    if not settings.METRICS_TOKEN and not settings.DEMO:
        raise Http404
    if settings.METRICS_TOKEN and not _has_metrics_token(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    gauges = chain.from_iterable(collect("metrics", at=dates.now()))
    return HttpResponse(text_of(gauges), content_type=CONTENT_TYPE)


def _has_metrics_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")


def _heard_from(name: str) -> str:
    try:
        return "ok" if pulse.is_heard(name, at=dates.now()) else "silent"
    except Exception:  # the cache is down, which is told already
        return "silent"


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("readyz_database_down")
        return False
    return True


def _cache_answers() -> bool:
    try:
        cache.set("readyz", "ok", timeout=10)
        return bool(cache.get("readyz") == "ok")
    except Exception:  # each cache has its own errors, and all of them mean the same here
        logger.exception("readyz_cache_down")
        return False


@login_not_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """How accessible this is and what it does with personal data."""
    return render_page(request, "common/about.html")


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render_page(request, "400.html", status=400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 429 if isinstance(exception, Ratelimited) else 403
    return render_page(request, f"{status}.html", status=status)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render_page(request, "403_csrf.html", status=403)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render_page(request, "404.html", status=404)


def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The sentence of a refusal, in the page of its status; what is not found gets none: it may not exist."""
    page = {403: "403.html", 404: "404.html"}.get(error.status, "409.html")
    context = {"sentence": error.message, "back_url": came_from(request)}
    return render_page(request, page, context, status=error.status)


def came_from(request: HttpRequest) -> str:
    """The page of this site that the user was on, empty when it is unknown or the one that is refused."""
    address = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    elsewhere = request.method == "POST" or address != request.build_absolute_uri()
    return address if ours and elsewhere else ""


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the request: what broke may be what the other pages draw with."""
    try:
        page: str = loader.render_to_string("500.html")
    except Exception:
        logger.exception("error_page_failed")
        page = f"<!doctype html><title>500</title><p>{gettext('Something went wrong on our side')}</p>"
    return HttpResponse(page, status=500)
