"""Pages that belong to no app: is the process alive, is it ready, and what a refused or broken request shows."""

import structlog
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_safe
from django_ratelimit.exceptions import Ratelimited

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


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 429 if isinstance(exception, Ratelimited) else 403
    return render(request, f"{status}.html", status=status)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the request: what broke may be what the other pages draw with."""
    return HttpResponse(loader.render_to_string("500.html"), status=500)
