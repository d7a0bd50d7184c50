"""What the templates of a case say about it."""

import datetime as dt
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.models import Event
from cases.enums import ActionState
from cases.models import Action, Case, Plan
from cases.queries.casefile import Reader

register = template.Library()


@register.filter
def age_of_pupil(case: Case, on: dt.date) -> int:
    return case.pupil.age_on(on)


@register.filter
def case_title(case: Case, on: dt.date) -> str:
    """Number, initials and age: "TZ-2026-00001 – J. J. (14)"."""
    return f"{case.number} – {case.pupil.initials} ({case.pupil.age_on(on)})"


@register.filter
def seen_through(reader: Reader) -> str:
    """Through which organisation, for who works for more than one."""
    from accounts.queries import active_memberships

    if len(active_memberships(reader.user)) < 2:
        return ""
    names = ", ".join(f"{m.organisation} ({m.get_role_display()})" for m in reader.memberships)
    return _("You see this case through %(organisations)s") % {"organisations": names}


@register.filter
def parts_of_file(reader: Reader, actions: Any) -> list[dict[str, Any]]:
    """The side navigation: the parts of the page, and the pages beside it."""
    number = reader.case.number
    parts: list[dict[str, Any]] = [
        {"label": _("What next"), "url": "#next"},
        {"label": _("Facts"), "url": "#facts"},
        {"label": _("Plans and agreements"), "url": "#plans"},
        {"label": _("Actions"), "url": "#actions", "count": len(actions)},
        {"label": _("Notes"), "url": "#notes"},
        {"label": _("Timeline"), "url": "#timeline"},
    ]
    if reader.may_contribute:
        parts.insert(5, {"label": _("New note"), "url": "#new-note"})
    if reader.reads_access:
        parts.append({"label": _("Access"), "url": reverse("case_access", args=[number])})
    if reader.reads_log:
        parts.append({"label": _("Access log"), "url": reverse("case_log", args=[number])})
    return parts


@register.filter
def is_over(plan: Plan, on: dt.date) -> bool:
    return plan.is_over_on(on)


@register.filter
def may_end(reader: Reader, action: Action) -> bool:
    """Who does it, or who manages the case."""
    return reader.may_manage or (reader.may_contribute and action.owner_id == reader.user.pk)


@register.inclusion_tag("components/badge.html")
def plan_badge(plan: Plan, on: dt.date) -> dict[str, Any]:
    """Whether a plan holds today."""
    if plan.is_over_on(on):
        return {"label": _("ended"), "kind": "neutral"}
    if plan.detail.is_current_on(on):
        return {"label": _("current"), "kind": "success"}
    return {"label": _("not begun yet"), "kind": "info"}


@register.inclusion_tag("components/badge.html")
def action_badge(action: Action, on: dt.date) -> dict[str, Any]:
    if action.state != ActionState.OPEN:
        kind = "success" if action.state == ActionState.DONE else "neutral"
        return {"label": action.get_state_display(), "kind": kind}
    if action.deadline < on:
        return {"label": _("Overdue"), "kind": "danger"}
    return {"label": _("Open"), "kind": "info"}


@register.filter
def in_words(event: Event) -> str:
    """What a line of the log of reads says."""
    if event.action == "access.refused":
        return _("was refused")
    return PAGES.get(event.details.get("page", ""), lambda: _("opened the case"))()


PAGES = {
    "case_print": lambda: _("opened the whole file to print it"),
    "case_timeline": lambda: _("opened the timeline"),
    "case_notes": lambda: _("opened the notes"),
    "case_actions": lambda: _("opened the actions"),
    "case_access": lambda: _("opened who has access"),
    "case_log": lambda: _("opened this log"),
    "case_facts": lambda: _("opened the form of the facts"),
}
