"""One way to answer with a page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    partial: str | None = None,
) -> HttpResponse:
    """Answer with the page, or with its named partial when htmx asks for that part only.

    A partial is a `{% partialdef name %}` inside the page's own template.
    """
    name = f"{template}#{partial}" if partial and wants_partial(request) else template
    response = render(request, name, context, status=status)
    if partial:
        patch_vary_headers(response, ["HX-Request"])
    return response


def wants_partial(request: HttpRequest) -> bool:
    """Whether htmx refreshes a part: not a boosted link, and not the way back through the history."""
    htmx: Any = getattr(request, "htmx", False)
    return bool(htmx) and not (htmx.boosted or htmx.history_restore_request)
