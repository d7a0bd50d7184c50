"""Pages that belong to no app: is the process alive, is it ready, what a refused or broken request shows."""

import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe
from django_ratelimit.exceptions import Ratelimited

from common.errors import DomainError
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
    """What it needs answers as well. Says which part, never why: this page is open to all."""
    parts = {"database": _database_answers(), "cache": _cache_answers()}
    status = 200 if all(parts.values()) else 503
    return JsonResponse({name: "ok" if up else "down" for name, up in parts.items()}, status=status)


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
