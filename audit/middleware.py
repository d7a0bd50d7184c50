"""Tells the log where a request comes from, and writes down what was refused to it."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import Error
from django.http import HttpRequest, HttpResponseBase

from audit.origin import WEB, Origin, coming_from, request_id
from audit.services import record
from common.registry import collect

logger = structlog.get_logger(__name__)

ONCE_A_MINUTE = 60


class AuditMiddleware:
    """Stands right after the middleware that numbers requests, so that it sees every answer.

    Recorded are 403 and 429, and 404 of an object that somebody asked for by name: invisible and unknown
    are the same to the asker, but the log says which object it was. Apps say how an address names its
    object with `common.registry.register("audit_target", source)`: it takes the ResolverMatch and answers
    a target or "".
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with coming_from(Origin(channel=WEB, ip=client_ip(request), request_id=request_id())):
            response = self.get_response(request)
            if response.status_code in {403, 404, 429}:
                try:
                    _record_refusal(request, response.status_code)
                except Error:
                    logger.exception("audit_refusal_not_recorded")
        return response


def client_ip(request: HttpRequest) -> str:
    """The address of the browser: what our own proxies saw, nothing that the browser could write itself."""
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    seen_by_proxies = forwarded[-proxies] if 0 < proxies <= len(forwarded) else ""
    return seen_by_proxies or str(request.META.get("REMOTE_ADDR", ""))


def _record_refusal(request: HttpRequest, status: int) -> None:
    target = _target(request)
    if status == 404 and not target:
        return
    # Who is told to slow down must not be able to fill the log instead.
    if status == 429 and not cache.add(f"audit-429:{client_ip(request)}", 1, timeout=ONCE_A_MINUTE):
        return
    user = getattr(request, "user", None)
    record(
        "access.refused",
        by=user if user is not None and user.is_authenticated else None,
        target=target or f"page {_view_name(request)}",
        result="refused",
        details={"status": status, "method": (request.method or "")[:10]},
    )


def _target(request: HttpRequest) -> str:
    match = request.resolver_match
    return next((target for target in collect("audit_target", match) if target), "") if match else ""


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else "-"
