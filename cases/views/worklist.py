"""The start page: what needs me today, and why."""

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.queries import active_memberships
from accounts.roles import Role
from cases.queries import worklist
from cases.queries.listing import has_cases, has_more_roles
from cases.queries.places import may_signal
from cases.queries.visibility import count_up_to_cap, open_cases_visible_to
from cases.views.opening import Request
from common.dates import today
from common.render import render_page

#: What people do here who see no cases.
WITHOUT_CASES: dict[str, Promise] = {
    Role.REPORTER: _("As a reporter you work with figures. You do not see the cases of pupils."),
    Role.ADMINISTRATOR: _(
        "As an administrator you give people their role and take it back. You do not see the cases of pupils."
    ),
    Role.PRIVACY_OFFICER: _(
        "As a privacy officer you watch over who looked into which case. You do not see the cases themselves."
    ),
    Role.PLATFORM_OPERATOR: _(
        "As a platform operator you keep the installation running. You do not see the cases of pupils."
    ),
}


@require_safe
def start(request: Request) -> HttpResponse:
    """The worklist; for who sees no cases, what there is to do instead."""
    user, on = request.user, today()
    if not has_cases(user):
        roles = {membership.role: WITHOUT_CASES[membership.role] for membership in active_memberships(user)}
        waiting = worklist.worklist_of(user, on=on).groups
        context = {"sentences": list(roles.values()), "groups": waiting}
        return render_page(request, "cases/start_without_cases.html", context)
    count, more = count_up_to_cap(open_cases_visible_to(user, on=on))
    context = {
        "worklist": worklist.worklist_of(user, on=on),
        "open_count": count + more,
        "leads": worklist.manages_cases(user),
        "may_signal": may_signal(user),
        "shows_through": has_more_roles(user),
        "on": on,
    }
    return render_page(request, "cases/start.html", context)
