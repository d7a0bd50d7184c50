"""The components of the screen that need more than an include; docs/design-system.md shows each."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet
from django.template.context import Context
from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext

from common import registry
from common.dates import today
from common.forms import error_links, has_errors

register = template.Library()

STATE_KINDS = {
    "signalled": "neutral",
    "arrangement": "info",
    "remote_education": "warning",
    "return": "success",
    "closed": "closed",
}


@register.simple_block_tag(takes_context=True)
def component(context: Context, content: str, component_name: str, **options: Any) -> str:
    """Render `components/<name>.html` around the content of the block, which it shows as `slot`.

    The component sees its own options only, never the variables of the page.
    """
    engine = context.template.engine  # type: ignore[union-attr]
    shared = {key: context[key] for key in ("request", "csrf_token") if key in context}
    inner = context.new({**shared, **options, "slot": content})
    return engine.get_template(f"components/{component_name}.html").render(inner)


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*steps: Any) -> dict[str, Any]:
    """`{% breadcrumbs label url label url ... label %}`: the last label, without address, is this page."""
    pairs = [(steps[i], steps[i + 1] if i + 1 < len(steps) else "") for i in range(0, len(steps), 2)]
    return {"items": [{"label": label, "url": url} for label, url in pairs]}


@register.inclusion_tag("components/badge.html")
def badge(label: Any, kind: str = "neutral") -> dict[str, Any]:
    """A word on a colour; kind is neutral, info, success, warning, danger or closed."""
    return {"label": label, "kind": kind}


@register.inclusion_tag("components/badge.html")
def state_badge(state: str, label: Any) -> dict[str, Any]:
    """The state of a case: its word, on the colour that belongs to its code."""
    return {"label": label, "kind": STATE_KINDS.get(str(state), "neutral")}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: Context, label: Any, field: str, current: str, *, numeric: bool = False, first: str = "ascending"
) -> dict[str, Any]:
    """A column header that sorts: `current` is the order in use, with a minus sign when descending."""
    direction = {field: "ascending", f"-{field}": "descending"}.get(current or "")
    descends = direction == "ascending" if direction else first == "descending"
    order = f"-{field}" if descends else field
    return {
        "label": label,
        "direction": direction,
        "numeric": numeric,
        "url": _address(context["request"], sort=order, page=None),
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Any) -> dict[str, Any]:
    """Previous, page number, next; `page` has `number`, `has_previous`, `has_next`, as in a Paginator."""
    request = context["request"]
    has_previous, has_next = _value(page, "has_previous"), _value(page, "has_next")
    number = int(_value(page, "number"))
    return {
        "number": number,
        "previous_url": _address(request, page=number - 1 if number > 2 else None) if has_previous else "",
        "next_url": _address(request, page=number + 1) if has_next else "",
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet) -> dict[str, Any]:
    """All that is wrong, on top of the page, with links to the fields; nothing where nothing is wrong."""
    return {"links": [link for form in forms if form for link in error_links(form)]}


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> str:
    """ "Error: " in front of the title of a page that shows a form with errors."""
    values: Iterable[Any] = context.flatten().values()
    wrong = any(isinstance(value, BaseForm | BaseFormSet) and has_errors(value) for value in values)
    return f"{gettext('Error:')} " if wrong else ""


@register.inclusion_tag("components/post_button.html", takes_context=True)
def post_button(
    context: Context, url: str, label: Any, kind: str = "secondary", *, about: Any = "", **fields: Any
) -> dict[str, Any]:
    """A button that posts to an address; other keywords become hidden fields.

    `about` is read to who cannot see the row in which the button stands.
    """
    return {
        "csrf_token": context.get("csrf_token"),
        "url": url,
        "label": label,
        "kind": kind,
        "about": about,
        "fields": fields,
    }


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[dict[str, Any]]:
    """The main menu, or nothing where there is no request (the page for error 500)."""
    request: Any = context.get("request")
    user = getattr(request, "user", None)
    return registry.navigation(user, request.path) if user else []


@register.simple_tag
def header_organisations(user: Any) -> list[str]:
    """The organisations that the user works for, from whoever fills the slot `header_organisations`."""
    if not getattr(user, "is_authenticated", False):
        return []
    return [str(name) for names in registry.collect("header_organisations", user) for name in names]


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """27 August 2026, in the language of the reader."""
    return formats.date_format(_date(value), "j F Y") if value else ""


@register.filter
def moment(value: dt.datetime | None) -> str:
    """27 August 2026, 14:10, in local time."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{formats.date_format(local, 'j F Y')}, {local:%H:%M}"


@register.filter
def days_since(value: dt.date | dt.datetime | None, on: dt.date | None = None) -> str:
    """ "87 days": the calendar days from a day to another one, by default to today."""
    if not value:
        return ""
    count = ((on or today()) - _date(value)).days
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": formats.number_format(count)}


@register.filter
def capped(count: int, cap: int = 1000) -> str:
    """A count that was made up to a cap: "12", and "1,000+" where there may be more than the cap."""
    number = formats.number_format(min(count, cap), use_l10n=True, force_grouping=True)
    return f"{number}+" if count > cap else number


def _date(value: dt.date | dt.datetime) -> dt.date:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _value(page: Any, name: str) -> Any:
    value = page[name] if isinstance(page, dict) else getattr(page, name)
    return value() if callable(value) else value


def _address(request: Any, **changes: Any) -> str:
    """This page with other parameters; None takes a parameter out."""
    query = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else request.path
